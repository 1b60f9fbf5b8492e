"""A turn as a call: committed whole, run again after a conflict, and ended with its conversation when it fails."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from botkit import Conversation, Invocation, ask, command, hookimpl
from botkit.messenger import Message
from botkit.runner import loader
from botkit.runner.call import Call
from botkit.runner.conversation_rows import TIMEOUT, add_timeout
from botkit.runner.journal_table import Row
from botkit.runner.loader import command_handler
from botkit.storage import Changes, apply, open_store

ANN, GROUP = "100000000000002", "7000000000000001"


def message(body):
    return Message(
        thread_id=GROUP, sender_id=ANN, message_id=f"mid.{body}", body=body, timestamp_ms=1767225600000, is_group=True
    )


class Talk:
    """Ann and one command, on the calls of a host."""

    def __init__(self, host, database, function):
        self._host = host
        self._database = database
        self.load(function)

    def load(self, function):
        """Have the command be this function."""

        @hookimpl
        def on_message(ctx):
            return Invocation(ctx.commands.find("talk"))

        self.table = loader.build([loader.plugin_of("p", SimpleNamespace(talk=function, on_message=on_message))])

    def begins(self):
        """She types the command."""
        handler = self.table.handlers("on_message")[0]
        return self._host.calls.run(Call(handler, self.table, message("!talk"), self._row(), last=True))

    def says(self, body):
        """She answers."""
        event, row_id = message(body), self._row()
        opened = self._host.conversations.waiting_for(event)
        answer = self._host.conversations.answer_of(opened, event, self.table, row_id)
        handler = command_handler(answer.command, self.table)
        return self._host.calls.run(Call(handler, self.table, event, row_id, last=True, answer=answer))

    def asked(self):
        """Whether her next message is an answer."""
        return self._host.conversations.waiting_for(message("?")) is not None

    def _row(self):
        insert = "INSERT INTO journal (topic, kind, payload, received_ms) VALUES ('/t_ms', 'm', '{}', 0) RETURNING id"
        return self._database.write(lambda c: c.execute(insert).fetchone()[0])


@pytest.fixture
def talk(host, database):
    return lambda function: Talk(host, database, function)


@pytest.fixture
def said(database):
    return lambda: [body for (body,) in database.read("SELECT body FROM outbox ORDER BY id")]


@pytest.fixture
def stored(database):
    return lambda: dict(open_store(database.read, "p", None, None))


@pytest.fixture
def meddle(database):
    """Changes a value as another call of the plugin would."""

    def put(key, text):
        database.write(lambda c: apply(c, Changes("p", writes={("", key): text})))

    return put


def rows_of(database):
    return [database.read(f"SELECT count(*) FROM {table}")[0][0] for table in ("conversations", "turns", "calls")]


def test_question_store_row_and_mark_are_committed_together(talk, said, stored, database):
    """The turn is in the file once its question is."""

    @command("talk")
    def function(ctx) -> Conversation:
        ctx.store["begun"] = True
        yield "One?"

    result = talk(function).begins()
    assert (result.error, result.is_over) == (None, True)
    assert (said(), stored()) == (["One?"], {"begun": True})
    assert rows_of(database) == [1, 1, 0]
    assert database.read("SELECT state FROM journal") == [("done",)]


def test_a_turn_whose_commit_has_met_a_conflict_is_run_again_from_the_rows(talk, said, stored, meddle):
    """The turns before it are replayed, it reads what is there now, and nothing counts twice."""
    seen = []

    @command("talk")
    def function(ctx) -> Conversation:
        ctx.store.increment("begun")
        drawn = ctx.random.random()
        yield "One?"
        ctx.store.increment("answered")
        seen.append((drawn, ctx.store.get("shared")))
        if len(seen) == 1:
            meddle("shared", '"changed"')
        ctx.store["mine"] = ctx.store.get("shared")
        yield "Two?"
        return "The end."

    ann = talk(function)
    ann.begins()
    ann.says("one")
    ann.says("two")
    assert [shared for _, shared in seen] == [None, "changed"]
    assert seen[0][0] == seen[1][0]
    assert said() == ["One?", "Two?", "The end."]
    assert stored() == {"begun": 1, "answered": 1, "shared": "changed", "mine": "changed"}


def test_a_first_turn_that_has_met_a_conflict_begins_again(talk, said, stored, meddle, database):
    """With one conversation and one question left."""
    seen = []

    @command("talk")
    def function(ctx) -> Conversation:
        seen.append(ctx.store.get("shared"))
        if len(seen) == 1:
            meddle("shared", "1")
        ctx.store.increment("begun")
        yield f"{seen[-1]}?"

    talk(function).begins()
    assert (seen, said(), stored()["begun"]) == ([None, 1], ["1?"], 1)
    assert rows_of(database)[:2] == [1, 1]


def test_a_run_that_was_not_kept_is_let_go(talk, said, meddle):
    """What it does at its end has no effect, and does no harm."""
    ended = [threading.Event(), threading.Event()]

    @command("talk")
    def function(ctx) -> Conversation:
        shared = ctx.store.get("shared", 0)
        if shared == 0:
            meddle("shared", "1")
        try:
            yield "One?"
        finally:
            ended[shared].set()
            ctx.reply("Too late.")

    talk(function).begins()
    assert ended[0].wait(5)
    assert not ended[1].is_set()
    assert said() == ["One?"]


def test_a_turn_that_always_meets_a_conflict_gets_the_plugin_to_itself(talk, said, meddle):
    """And is committed then, whatever it took."""
    seen = []

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"
        seen.append(ctx.store.get("shared"))
        if len(seen) <= 4:
            meddle("shared", str(len(seen)))
        yield "Two?"

    ann = talk(function)
    ann.begins()
    ann.says("one")
    assert (seen, said()) == ([None, 1, 2, 3, 4], ["One?", "Two?"])


def test_an_operation_that_does_not_fit_ends_it(talk, said, stored, meddle, database):
    """It is found at the commit, and is the turn's own fault."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"
        ctx.store.increment("text")
        yield "Two?"

    ann = talk(function)
    ann.begins()
    meddle("text", '"no number"')
    assert ann.says("one").error is not None
    assert (said(), ann.asked(), rows_of(database)[:2]) == (["One?"], False, [0, 0])


def test_a_question_that_cannot_be_sent_ends_it(talk, said, database):
    """It is too long for the network."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"
        yield "x" * 30_000

    ann = talk(function)
    ann.begins()
    assert ann.says("one").error is not None
    assert (said(), ann.asked(), rows_of(database)[:2]) == (["One?"], False, [0, 0])


def test_one_without_an_end_is_ended_after_a_hundred_questions(talk, said, database):
    """With a sentence and an error."""

    @command("talk")
    def function(ctx) -> Conversation:
        while True:
            yield "And then?"

    ann = talk(function)
    ann.begins()
    results = [ann.says(str(number)) for number in range(100)]
    assert [result.error is not None for result in results] == [False] * 99 + [True]
    assert said() == ["And then?"] * 100 + ["After 100 questions I give up on !talk."]
    assert (ann.asked(), rows_of(database)[:2]) == (False, [0, 0])


def test_a_repeated_question_is_no_turn(talk, said, database):
    """The row is as it was, but for its time."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield ask("How many?", int, again="A number, please.")

    ann = talk(function)
    ann.begins()
    ann.says("many")
    assert said() == ["How many?", "A number, please.\nHow many?"]
    assert database.read("SELECT turns FROM conversations") == [(1,)]


def test_nothing_is_left_of_a_conversation_that_has_ended(talk, database):
    """Neither rows nor a question."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"

    ann = talk(function)
    ann.begins()
    ann.says("one")
    assert (rows_of(database), ann.asked()) == ([0, 0, 0], False)


def test_one_that_asks_nothing_is_a_command_like_any(talk, said, database):
    """It opens nothing."""

    @command("talk")
    def function(ctx) -> Conversation:
        if ctx.event is None:
            yield "One?"
        return "Nothing to ask."

    ann = talk(function)
    ann.begins()
    assert (said(), ann.asked(), rows_of(database)[:2]) == (["Nothing to ask."], False, [0, 0])


def test_one_that_asks_nothing_leaves_an_open_question_open(talk, said):
    """It takes nothing's place."""

    @command("talk")
    def function(ctx) -> Conversation:
        if ctx.store.thread.setdefault("begun", False):
            return "Once is enough."
        ctx.store.thread["begun"] = True
        stars = yield ask("How many?", int)
        return f"{stars}."

    ann = talk(function)
    ann.begins()
    ann.begins()
    ann.says("4")
    assert said() == ["How many?", "Once is enough.", "4."]


def test_it_goes_on_with_the_same_code_loaded_anew(talk, said, stored):
    """The old code is not run any more."""

    def loaded(seen):
        @command("talk")
        def function(ctx) -> Conversation:
            seen.append("begun")
            ctx.store.increment("begun")
            yield "One?"
            seen.append("answered")
            return "The end."

        return function

    old, new = [], []
    ann = talk(loaded(old))
    ann.begins()
    ann.load(loaded(new))
    ann.says("one")
    assert (old, new) == (["begun"], ["begun", "answered"])
    assert (said(), stored()) == (["One?", "The end."], {"begun": 1})


def test_in_shadow_nobody_is_asked(make_host, database):
    """Nobody hears the question, so nothing is an answer."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"

    ann = Talk(make_host(shadow=True), database, function)
    assert ann.begins().error is None
    assert (ann.asked(), rows_of(database)[:2]) == (False, [0, 0])


def test_an_answer_that_comes_late_is_one_all_the_same(talk, host):
    """The question has waited while the bot was down; a command would not have."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"

    talk(function).begins()
    late = Message(
        thread_id=GROUP, sender_id=ANN, message_id="m", body="one", timestamp_ms=0, is_group=True, is_late=True
    )
    assert host.conversations.waiting_for(late) is not None


def timeout_row(database, opened):
    row_id = database.write(lambda c: add_timeout(c, opened, 0))
    payload = {"thread_id": opened.thread_id, "person_id": opened.person_id, "until_ms": opened.until_ms}
    return Row(row_id, opened.thread_id, TIMEOUT, payload, 0)


def test_a_time_out_of_an_earlier_question_is_of_no_account(talk, host, said, database, clock):
    """The answer was quicker."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"
        yield "Two?"

    ann = talk(function)
    ann.begins()
    row = timeout_row(database, host.conversations.waiting_for(message("?")))
    clock.advance(1)
    ann.says("one")
    host.conversations.time_out(row)
    assert (said(), ann.asked()) == (["One?", "Two?"], True)
    assert database.read("SELECT state FROM journal WHERE id = ?", (row.id,)) == [("done",)]


def test_a_time_out_is_journalled_once(talk, host, database):
    """However often it is noticed."""

    @command("talk")
    def function(ctx) -> Conversation:
        yield "One?"

    talk(function).begins()
    opened = host.conversations.waiting_for(message("?"))
    timeout_row(database, opened)
    assert database.write(lambda c: add_timeout(c, opened, 0)) is None
