"""One event and the plugins that want it."""

from __future__ import annotations

import threading

import pytest

from botkit import STOP, Gap, command
from botkit.messenger import Message, ThreadEvent
from botkit.messenger.errors import WorkersLost
from botkit.runner.router import MOST_LOST
from botkit.testing.chats import PIXEL

ANN = "100000000000002"
FRIENDS, STAND_UP = "7000000000000001", "7000000000000002"


class Hang:
    """Does not come back from the messages "hang" until it is let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.contexts = []

    def on(self, ctx, message):
        if message.body == "hang":
            self.contexts.append(ctx)
            ctx.clock.wait(self.let_go)
            ctx.reply("I am back.")


@pytest.fixture
def hang():
    made = Hang()
    yield made
    made.let_go.set()


@pytest.fixture
def hanging(plugin, hang):
    """Makes a plugin that hangs."""
    return lambda: plugin(on_message=lambda ctx, message: hang.on(ctx, message))


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def say(plugin):
    """A plugin that answers every message with its name and the text."""
    return lambda name: plugin(on_message=lambda message: f"{name}: {message.body}")


class Dice:
    @command("roll")
    def roll(self, ctx):
        return "rolled"


def test_plugins_are_asked_in_their_order_and_commands_last(stage, ann, say):
    """Each in a call of its own."""
    stage.start_bot(things={"a": say("a"), "dice": Dice(), "b": say("b")})
    ann.says("Friends", "!roll")
    assert ann.heard() == [("Bot", "a: !roll"), ("Bot", "b: !roll"), ("Bot", "rolled")]


def test_stop_ends_the_walk(stage, ann, plugin, say):
    """Commands too."""
    stop = plugin(on_message=lambda message: STOP if "stop" in message.body else None)
    bot = stage.start_bot(things={"stop": stop, "dice": Dice(), "b": say("b")})
    ann.says("Friends", "!roll stop")
    assert ann.heard() == []
    assert bot.rows(["open"]) == []


def test_changes_of_a_chat_go_to_on_event(stage, ann, plugin):
    """With the chat and who did it."""
    seen = []
    stage.start_bot(things={"e": plugin(on_event=lambda ctx, event: seen.append((ctx.sender_id, event)))})
    ann.does("Friends", "title", text="Best friends")
    stage.settle()
    ((sender_id, event),) = seen
    assert (type(event), event.log_message_type, sender_id) == (ThreadEvent, "log:thread-name", "100000000000002")


def test_what_no_plugin_wants_is_done_at_once(stage, ann):
    """Nobody asks for reactions; the row does not stay open."""
    bot = stage.start_bot()
    sent = ann.says("Friends", "hello")
    ann.reacts("Friends", sent, "❤")
    stage.settle()
    assert (bot.status().open_rows, bot.status().lanes_waiting) == (0, 0)


def test_a_handler_that_hangs_is_written_off_after_a_minute(stage, ann, hanging, say, caplog):
    """The walk goes on with the next handler; the log has warned before."""
    bot = stage.start_bot(things={"hang": hanging(), "say": say("say")})
    ann.says("Friends", "hang")
    stage.advance(59)
    assert ann.heard() == []
    assert "plugin hang: hang:on_message has been at work for 5 s" in caplog.text
    stage.advance(2)
    assert ann.heard() == [("Bot", "say: hang")]
    assert "plugin hang: hang:on_message failed" in caplog.text
    assert bot.status().lost_workers == 1


def test_what_a_lost_handler_says_later_is_dropped(stage, ann, hang, hanging, say):
    """Its outcome was decided without it, and its context is dead."""
    bot = stage.start_bot(things={"hang": hanging(), "say": say("say")})
    ann.says("Friends", "hang")
    stage.advance(61)
    with pytest.raises(Exception, match="a call that has ended"):
        hang.contexts[0].reply("hello")
    hang.let_go.set()
    ann.says("Friends", "more")
    assert ann.heard() == [("Bot", "say: hang"), ("Bot", "say: more")]
    assert bot.rows(["open"]) == []


def test_a_lost_handler_pauses_its_plugin(stage, ann, hang, plugin, say, caplog):
    """At once, and the owner is told; after a minute it gets another chance."""
    both = plugin(on_message=lambda ctx, message: hang.on(ctx, message) or f"both: {message.body}")
    bot = stage.start_bot(things={"both": both, "say": say("say")})
    ann.says("Friends", "hang")
    stage.advance(61)
    ann.says("Friends", "one")
    assert ann.heard() == [("Bot", "say: hang"), ("Bot", "say: one")]
    status = next(one for one in bot.status().plugins if one.name == "both")
    assert (status.missed, status.errors, status.last_error) == (1, 1, f"PluginError in {__file__}")
    assert "plugin both is paused, as a call did not come back; next try in 1 min" in caplog.text
    stage.advance(60)
    ann.says("Friends", "two")
    assert ann.heard() == [("Bot", "both: two"), ("Bot", "say: two")]


def test_other_chats_are_answered_while_a_handler_hangs(stage, ann, hanging, say):
    """The same plugin too: it is not known yet that it will not come back."""
    stage.start_bot(things={"hang": hanging(), "say": say("say")})
    ann.says("Friends", "hang")
    ann.says("Stand-up", "quick")
    ann.says("Friends", "waits")
    assert ann.heard() == [("Bot", "say: quick")]
    stage.advance(61)
    assert ann.heard() == [("Bot", "say: hang"), ("Bot", "say: waits")]


def test_a_command_that_hangs_is_its_own_plugins_fault(stage, ann, say):
    """Not the router's: other commands go on."""
    never = threading.Event()

    class Slow:
        @command("slow")
        def slow(self, ctx):
            ctx.clock.wait(never)

    bot = stage.start_bot(things={"slow": Slow(), "dice": Dice()})
    ann.says("Friends", "!slow")
    stage.advance(61)
    ann.says("Friends", "!slow")
    ann.says("Friends", "!roll")
    assert ann.heard() == [("Bot", "rolled")]
    assert {one.name: one.missed for one in bot.status().plugins} == {"slow": 1, "dice": 0, "commands": 0}
    never.set()


def test_thirty_two_lost_workers_end_the_bot(stage, ann, hanging):
    """With a reason; the process is to be started anew."""
    things = {f"p{number}": hanging() for number in range(MOST_LOST)}
    bot = stage.start_bot(things=things)
    ann.says("Friends", "hang")
    stage.advance(61 * (MOST_LOST - 1))
    assert not bot.wait(0)
    stage.advance(61)
    with pytest.raises(WorkersLost, match="32 handlers of plugins did not come back"):
        bot.wait(0)


def test_the_other_plugins_are_told_of_a_failure(stage, ann, plugin):
    """Which plugin, what it raised, and about which event; the plugin itself is not."""
    told = []

    def bad(ctx, message):
        raise ValueError("oops")

    def tell(name):
        return lambda ctx, plugin, error: told.append((name, plugin, type(error), ctx.event.body))

    stage.start_bot(
        things={
            "bad": plugin(on_message=bad, on_plugin_error=tell("bad")),
            "a": plugin(on_plugin_error=tell("a")),
            "b": plugin(on_plugin_error=tell("b")),
        }
    )
    ann.says("Friends", "hi")
    stage.settle()
    assert told == [("a", "bad", ValueError, "hi"), ("b", "bad", ValueError, "hi")]


def test_they_are_told_of_a_lost_handler_however_long_the_chat_waits(stage, ann, hanging, plugin):
    """Another handler of the same message hangs too."""
    told = []
    watcher = plugin(on_plugin_error=lambda plugin, error: told.append((plugin, type(error).__name__)))
    things = {"one": hanging(), "two": hanging(), "w": watcher}
    stage.start_bot(things=things)
    ann.says("Friends", "hang")
    stage.advance(61)
    assert told == []
    stage.advance(61)
    assert told == [("one", "PluginError"), ("two", "PluginError")]


def test_a_failure_on_being_told_is_only_logged(stage, ann, plugin, caplog):
    """Else two plugins could tell each other for ever."""

    def bad(*_):
        raise ValueError

    def on_message():
        bad()

    def on_plugin_error():
        bad()

    stage.start_bot(
        things={
            "a": plugin(on_message=on_message, on_plugin_error=on_plugin_error),
            "b": plugin(on_plugin_error=on_plugin_error),
        }
    )
    ann.says("Friends", "hi")
    stage.settle()
    assert caplog.text.count("on_plugin_error failed") == 1


def test_typing_that_has_waited_for_too_long_is_dropped(stage, ann, plugin):
    """Nobody cares who was typing half a minute ago."""
    typed = []
    wait = plugin(
        on_message=lambda ctx, message: ctx.clock.wait(threading.Event(), float(message.body)) or None,
        on_typing=lambda typing: typed.append(typing.is_typing),
    )
    stage.start_bot(things={"wait": wait})
    for seconds in ("31", "29"):
        ann.says("Friends", seconds)
        stage.settle()
        ann.types("Friends")
        stage.advance(32)
    assert typed == [True]


@pytest.mark.parametrize(("chat", "heard"), [(STAND_UP, [("Bot", "Sorry.")]), (None, [])])
def test_a_gap_in_one_chat_is_handled_there(stage, ann, plugin, caplog, chat, heard):
    """A text goes to that chat; where it may be any there is none, and the log says so."""
    bot = stage.start_bot(things={"sorry": plugin(on_gap=lambda gap: "Sorry.")})
    bot._router.put_passing("on_gap", Gap("lost", chat))
    assert ann.heard() == heard
    assert ("this call has no chat" in caplog.text) == (not heard)


def test_states_of_the_connection_come_with_their_reasons(stage, ann, plugin):
    """From the first attempt to the stop; each in a call that has no chat."""
    told = []
    watcher = plugin(on_connection=lambda ctx, state: told.append((type(ctx).__name__, state.name, state.reason)))
    bot = stage.start_bot(things={"watcher": watcher})
    stage.fault("cut")
    stage.advance(60)
    bot.stop()
    assert {kind for kind, _, _ in told} == {"Context"}
    names = [name for _, name, _ in told]
    assert names[:2] == ["connecting", "live"]
    assert names[-1] == "stopped"
    assert "backing_off" in names
    assert all(reason for _, _, reason in told)


def test_presence_comes_in_no_chat(stage, plugin):
    """Nobody can say where a friend has come to."""
    told = []
    bot = plugin(on_presence=lambda ctx, presence: told.append((type(ctx).__name__, presence.user_id, presence.p)))
    stage.start_bot(things={"watcher": bot})
    stage.person("Ben")
    stage.settle()
    assert ("Context", "100000000000003", 2) in told


def test_typing_is_dropped_when_its_lane_is_full(stage, ann, plugin):
    """A hundred events wait there already; what is journalled is never dropped."""
    typed, heard = [], []

    def wait(ctx, message):
        heard.append(message.body)
        ctx.clock.wait(threading.Event(), 20)

    stage.start_bot(things={"wait": plugin(on_message=wait, on_typing=lambda typing: typed.append(1))})
    for _ in range(99):
        ann.says("Friends", "x")
    ann.types("Friends")
    ann.types("Friends", False)
    stage.advance(20 * 99)
    assert (len(heard), len(typed)) == (99, 0)
    ann.types("Friends")
    stage.settle()
    assert typed == [1]


def test_a_chat_rests_while_the_store_cannot_be_written(stage, ann, plugin, caplog):
    """Its row is tried again, later and later, and nothing is said twice; other plugins' marks stay."""
    tries = []

    def fragile(ctx, message):
        tries.append(ctx.clock.monotonic())
        if len(tries) < 4:
            bot._database.write(lambda c: c.execute("PRAGMA query_only = 1"))
            ctx.clock.call_later(0.5, heal)
        return f"after {len(tries)}"

    def heal():
        bot._database._writer._connection.execute("PRAGMA query_only = 0")

    first = plugin(on_message=lambda message: f"first: {message.body}")
    bot = stage.start_bot(things={"first": first, "fragile": plugin(on_message=fragile)})
    ann.says("Friends", "hi")
    stage.advance(20)
    assert ann.heard() == [("Bot", "first: hi"), ("Bot", "after 4")]
    assert [round(later - tries[0]) for later in tries] == [0, 1, 3, 7]
    assert "next try in 4 s: " in caplog.text


def test_a_message_of_the_bots_own_account_is_heard_with_self_listen(stage, ann, plugin):
    """From another device of its own; without, it is nobody's."""
    heard = []
    stage.start_bot("options: {self_listen: true}", {"h": plugin(on_message=lambda message: heard.append(message))})
    stage.login("Bot").send_message("from my phone", FRIENDS)
    stage.settle()
    assert [(type(one), one.body) for one in heard] == [(Message, "from my phone")]


@pytest.fixture
def hang_up(stage):
    """Makes a picture the group's, as whom it is given."""

    def make(who):
        sent = stage.upload(who, "Friends", "lake.png", "image/png", PIXEL)
        stage.control("POST", "do", **{"as": who, "thread": "Friends", "action": "picture", "message": sent})
        stage.settle()

    return make


def test_what_is_remembered_of_a_chat_ends_with_its_picture(stage, plugin, hang_up):
    """Which the network does not tell with the event; it has to be fetched."""
    seen = []
    stage.start_bot(
        things={"p": plugin(on_event=lambda ctx, event: seen.append((ctx.thread.image_src, event.log_message_data)))}
    )
    for _ in range(2):
        hang_up("Ann")
    addresses = [address for address, _ in seen]
    assert len(set(addresses)) == 2
    assert addresses == [data["url"] for _, data in seen]


@pytest.mark.parametrize(("options", "heard"), [("", 0), ("options: {self_listen: true}", 1)])
def test_the_bots_own_picture_is_heard_with_self_listen(stage, plugin, hang_up, options, heard):
    """As all that it does; who has hung it up is known only when it was fetched."""
    seen = []
    bot = stage.start_bot(options, {"p": plugin(on_event=lambda event: seen.append(event))})
    hang_up("Bot")
    assert [one.log_message_type for one in seen] == heard * ["log:thread-image"]
    assert bot.rows(["open"]) == []


def test_a_picture_of_an_ignored_person_is_not_heard(stage, ann, plugin, hang_up):
    """Whose event it is, is asked for before the gates."""
    seen = []
    stage.start_bot(
        f"owners: ['{ANN}']\nplugins: {{gatekeeper: {{}}}}", {"p": plugin(on_event=lambda event: seen.append(event))}
    )
    ann.says("Friends", "!ignore Ben")
    assert "Ben" in ann.heard()[-1][1]
    hang_up("Ben")
    assert seen == []


def test_what_cannot_be_fetched_at_the_moment_is_not_lost(stage, ann, plugin, hang_up, say):
    """The chat waits for it."""
    seen = []
    stage.start_bot(things={"p": plugin(on_event=lambda event: seen.append(event)), "a": say("a")})
    stage.fault("status", status=500, path="/api/graphqlbatch/", times=99)
    hang_up("Ann")
    assert ann.heard() == [("Bot", "a: ")]
    ann.says("Friends", "nice")
    assert (seen, ann.heard()) == ([], [])
    stage.fault("none")
    stage.advance(2)
    assert [one.log_message_type for one in seen] == ["log:thread-image"]
    assert ann.heard() == [("Bot", "a: nice")]


def test_what_cannot_be_fetched_is_set_aside(stage, ann, plugin, hang_up, say, caplog):
    """After ten seconds, for the owner to try again; the chat goes on."""
    seen = []
    bot = stage.start_bot(things={"p": plugin(on_event=lambda event: seen.append(event)), "a": say("a")})
    stage.fault("status", status=500, path="/api/graphqlbatch/", times=99)
    for _ in range(2):
        hang_up("Ann")
    ann.heard()
    ann.says("Friends", "nice")
    stage.advance(9)
    assert "is set aside" not in caplog.text
    stage.advance(1)
    assert "is set aside: message mid." in caplog.text
    assert ann.heard() == [("Bot", "a: ")]
    stage.advance(10)
    assert (seen, ann.heard()) == ([], [("Bot", "a: nice")])
    first, _ = bot.rows(["dead"])
    stage.fault("none")
    assert bot.retry(first.id)
    stage.settle()
    assert [one.log_message_type for one in seen] == ["log:thread-image"]


def test_an_account_that_repeats_the_bot_is_left_alone(stage, ann, plugin, caplog):
    """The loop guard: after six rounds the plugins are not asked about it any more."""
    bot = stage.start_bot(things={"parrot": plugin(on_message=lambda message: message.body)})
    said = 0
    for _ in range(10):
        ann.says("Stand-up", "you too")
        said += len(ann.heard())
        stage.advance(1)
    assert 6 <= said < 10
    assert "answers the bot like a bot; quiet for 10 min" in caplog.text
    assert bot.status().open_rows == 0
    ann.says("Friends", "hello")
    assert ann.heard() == [("Bot", "hello")]
