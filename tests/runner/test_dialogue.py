"""The code of a conversation: asked, answered, and run again with what it read then."""

from __future__ import annotations

import pytest

from botkit import Conversation, ask
from botkit.messenger import Message, NetworkError
from botkit.messenger.errors import ContextError, PluginError
from botkit.runner import loader
from botkit.runner.dialogue import Dialogue, digest_of
from botkit.runner.tape import Astray

ANN, GROUP = "100000000000002", "7000000000000001"


def message(body="hello"):
    return Message(
        thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body=body, timestamp_ms=1767225600000, is_group=True
    )


@pytest.fixture
def new(host, plugin):
    """Makes the context of a turn."""
    table = loader.build([loader.plugin_of("p", plugin(on_message=lambda: None))])

    def make(tape, body="hello", act=None):
        return host.contexts.new(table.plugin("p"), table, message(body), act or (lambda *what: None), tape)

    return make


def test_it_runs_from_question_to_question(new):
    """What it queues comes before each of them."""

    def talk(ctx, name) -> Conversation:
        ctx.reply(f"Hello {name}.")
        stars = yield ask("Stars?", int)
        return f"{stars} stars."

    dialogue = Dialogue(talk, ("Ann",))
    first = dialogue.go_on(new, None)
    assert first.question == ask("Stars?", int)
    assert [one.body for one in first.queued.outgoing] == ["Hello Ann.", "Stars?"]
    last = dialogue.go_on(new, 4)
    assert (last.question, [one.body for one in last.queued.outgoing]) == (None, ["4 stars."])


def test_the_context_is_the_same_object_in_every_turn_and_dead_between(new):
    """A use in between is told as such."""
    held = []

    def talk(ctx) -> Conversation:
        held.append((ctx, ctx.event.body))
        yield "One?"
        held.append((ctx, ctx.event.body))

    dialogue = Dialogue(talk, ())
    dialogue.go_on(new, None)
    with pytest.raises(ContextError, match="ended"):
        held[0][0].reply("now")
    dialogue.go_on(lambda tape: new(tape, "one"), "one")
    assert held[0][0] is held[1][0]
    assert [body for _, body in held] == ["hello", "one"]


def test_a_replay_gives_what_was_read_and_leaves_nothing(new, clock, database):
    """Time, chance, the store, the api; nothing is asked for anew."""
    seen, asked = [], []

    def act(function, args, kwargs):
        asked.append(function)
        raise NetworkError("no way")

    def talk(ctx) -> Conversation:
        drawn = ctx.random.sample(range(100), 5)
        ctx.store["n"] = ctx.store.get("n", 0) + 1
        try:
            ctx.api.get_user_info("1")
        except NetworkError as error:
            seen.append((drawn, ctx.clock.time_ms(), ctx.store["n"], str(error)))
        yield "One?"

    said = Dialogue(talk, ()).go_on(lambda tape: new(tape, act=act), None)
    assert said.changes.writes == {("", "n"): "1"}
    clock.advance(5)
    again = Dialogue(talk, ())
    again.replay(lambda tape: new(tape, act=act), None, said.reads)
    assert seen[0] == seen[1]
    assert (asked, again.question) == (["get_user_info"], ask("One?"))
    assert database.read("SELECT * FROM store") == []


def test_code_that_reads_something_else_is_astray(new):
    """Too much, too little, or something else; also when it catches what it gets then."""

    def reads(*names):
        def talk(ctx) -> Conversation:
            for name in names:
                try:
                    ctx.store.get(name)
                except Exception:
                    continue
            yield "One?"

        return Dialogue(talk, ())

    recorded = reads("a", "b").go_on(new, None).reads
    reads("a", "b").replay(new, None, recorded)
    for other in (("a",), ("a", "b", "c"), ("b", "a"), ()):
        with pytest.raises(Astray):
            reads(*other).replay(new, None, recorded)


def test_a_log_line_is_not_written_again(new, caplog):
    """A replay is nobody's news."""

    def talk(ctx) -> Conversation:
        ctx.log.warning("first turn")
        yield "One?"

    said = Dialogue(talk, ()).go_on(new, None)
    Dialogue(talk, ()).replay(new, None, said.reads)
    assert caplog.messages == ["first turn"]


def test_what_is_no_question_is_raised_at_the_yield(new):
    """The code may still tidy up, but not go on."""
    tidied = []

    def talk(ctx) -> Conversation:
        try:
            yield 5
        finally:
            tidied.append(True)

    with pytest.raises(PluginError, match=r"yields a text or ask\(…\), not int"):
        Dialogue(talk, ()).go_on(new, None)
    assert tidied == [True]


def test_code_that_catches_it_does_not_go_on_either(new):
    """It would be at a question that nobody asked for."""

    def talk(ctx) -> Conversation:
        try:
            yield 5
        except PluginError:
            yield "One?"

    with pytest.raises(PluginError, match="not int"):
        Dialogue(talk, ()).go_on(new, None)


def test_last_words_that_fail_are_of_no_account(new):
    """The conversation is over anyway."""

    def talk(ctx) -> Conversation:
        try:
            yield "One?"
        finally:
            ctx.reply("too late")

    dialogue = Dialogue(talk, ())
    dialogue.go_on(new, None)
    dialogue.close()


def of(source):
    names = {}
    exec(source, names)
    return names["talk"]


def test_the_digest_is_of_the_code_and_not_of_its_place():
    """Comments and other functions may change; what it does may not."""
    code = "def talk(ctx):\n    if ctx in {'a', 'b', 'c'}:\n        yield 'One?'\n"
    same = "import math\n\n" + code.replace("    if", "    # why\n    if")
    assert digest_of(of(code)) == digest_of(of(same))
    others = (code.replace("One", "Two"), code.replace("'b'", "'d'"), code + "    yield 'Two?'\n")
    assert len({digest_of(of(one)) for one in (code, *others)}) == 4
