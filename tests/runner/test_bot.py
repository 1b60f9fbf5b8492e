"""A whole bot: what it keeps over a restart, how it ends, and what it says of itself."""

from __future__ import annotations

import json
import sqlite3
import threading
from random import Random

import pytest

from botkit import command
from botkit.messenger import Checkpoint, NotLoggedIn, OutcomeUnknown, RateLimited
from botkit.own_events import AccountTrouble
from botkit.runner import at_rest, loader, steps
from botkit.runner.bot import Bot
from botkit.runner.in_hand import InHand
from botkit.store import _SCHEMA, Database

ANN, FRIENDS, STAND_UP = "100000000000002", "7000000000000001", "7000000000000002"
HOUR = 3600.0


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


@pytest.fixture
def say(plugin):
    """A plugin that answers every message with its name and the text."""
    return lambda name="say": plugin(on_message=lambda message: f"{name}: {message.body}")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bots" / "Bot"


@pytest.fixture
def database(folder):
    """The bot's own file, for a look or a change while no bot runs on it."""

    def ask(sql, *parameters):
        opened = Database(folder / "bot.db")
        found = opened.write(lambda c: c.execute(sql, parameters).fetchall())
        opened.close()
        return found

    return ask


class Dice:
    @command("roll")
    def roll(self, ctx):
        return "rolled"


def texts(person):
    return [text for _, text in person.heard()]


def test_what_is_written_while_it_is_away_is_answered_later(stage, ann, say):
    """From the kept position, in order, nothing twice."""
    stage.start_bot(things={"say": say()}).stop()
    ann.says("Friends", "one")
    ann.says("Friends", "two")
    stage.start_bot(things={"say": say()})
    ann.says("Friends", "three")
    assert texts(ann) == ["say: one", "say: two", "say: three"]


def test_the_very_first_start_begins_at_now(stage, ann, say):
    """What was written before the bot was there is not for it."""
    ann.says("Friends", "before")
    stage.start_bot(things={"say": say()})
    ann.says("Friends", "after")
    assert texts(ann) == ["say: after"]


def test_an_event_that_was_kept_and_not_handled_is_handled_at_the_next_start(stage, ann, say, database):
    """Handlers that had committed are left out."""
    stage.start_bot().stop()
    ann.says("Friends", "hello")
    stage.start_bot().stop()
    database("UPDATE journal SET state = 'open'")
    database("INSERT INTO calls SELECT id, 'first:on_message' FROM journal")
    stage.start_bot(things={"first": say("first"), "second": say("second")})
    assert texts(ann) == ["second: hello"]


def test_a_message_that_was_queued_and_not_sent_is_sent_at_the_next_start(stage, ann, database):
    """After the bot has caught up: one whose echo was missed is known by then."""
    bot = stage.start_bot()
    sent = bot.api.send_message("arrived", FRIENDS, offline_threading_id=42)
    stage.settle()
    bot.stop()
    database("DELETE FROM journal WHERE key = ?", f"message:{sent.message_id}")
    for number, body in ((42, "arrived"), (43, "lost")):
        database(
            "INSERT INTO outbox (thread_id, plugin, body, offline_threading_id, created_ms) VALUES (?, 'p', ?, ?, 0)",
            FRIENDS,
            body,
            str(number),
        )
    database("UPDATE position SET cursor = cursor - 1")
    stage.start_bot()
    assert texts(ann) == ["arrived", "lost"]
    stage.settle()


def test_a_file_of_the_first_version_is_brought_up_and_its_open_rows_are_handled(stage, ann, say, folder, delta):
    """Whoever upgrades botkit loses nothing."""
    folder.mkdir(parents=True)
    old = sqlite3.connect(folder / "bot.db")
    old.executescript(_SCHEMA[0])
    old.execute("PRAGMA user_version = 1")
    old.execute(
        "INSERT INTO journal (key, thread_id, kind, payload, received_ms)"
        " VALUES ('message:mid.$g1', ?, 'message', ?, ?)",
        (FRIENDS, json.dumps(delta("mid.$g1", "from before")), stage.clock.time_ms()),
    )
    old.execute(
        "INSERT INTO outbox (thread_id, plugin, body, offline_threading_id, created_ms)"
        " VALUES (?, 'p', 'left', '77', 0)",
        (FRIENDS,),
    )
    old.commit()
    old.close()
    stage.start_bot(things={"say": say()})
    assert sorted(texts(ann)) == ["left", "say: from before"]


def test_an_event_that_ends_the_process_three_times_is_set_aside(stage, ann, say, folder, database, caplog):
    """The owner is told; on request it is tried again, without those who have done their part."""
    stage.start_bot().stop()
    ann.says("Friends", "hello")
    stage.start_bot().stop()
    ((row_id,),) = database("UPDATE journal SET state = 'open' RETURNING id")
    database("INSERT INTO calls VALUES (?, 'first:on_message')", row_id)
    database("UPDATE journal SET starts = 2")
    InHand(folder / "in-hand").take(row_id, "bad:on_message")
    bot = stage.start_bot(things={"first": say("first"), "bad": say("bad")})
    assert texts(ann) == []
    assert f"row {row_id} was in hand of bad:on_message when the process ended" in caplog.text
    assert (bot.status().dead_rows, bot.status().open_rows) == (1, 0)
    ((dead),) = bot.rows(["dead"])
    assert (dead.id, dead.thread_id, dead.kind, dead.starts) == (row_id, FRIENDS, "message", 3)
    assert bot.retry(row_id)
    assert texts(ann) == ["bad: hello"]
    assert not bot.retry(row_id)


def test_a_command_that_ends_the_process_three_times_is_set_aside(stage, ann, say, folder, database):
    """The command is, not the router that finds it: who listens as well still answers."""
    stage.start_bot().stop()
    ann.says("Friends", "!roll")
    things = {"dice": Dice(), "ear": say("ear")}
    stage.start_bot().stop()
    ((row_id,),) = database("UPDATE journal SET state = 'open', starts = 2 RETURNING id")
    InHand(folder / "in-hand").take(row_id, "dice:!roll")
    bot = stage.start_bot(things=things)
    assert texts(ann) == ["ear: !roll"]
    assert (bot.status().dead_rows, bot.status().open_rows) == (1, 0)


def test_a_late_command_is_not_run_until_it_is_asked_for(stage, ann, plugin, caplog):
    """Hooks see that the message is late; what they have answered is not answered again."""
    seen = []

    def on_message(message):
        seen.append(message.is_late)
        return f"heard {message.body}"

    things = {"ear": plugin(on_message=on_message), "dice": Dice()}
    stage.start_bot(things=things).stop()
    ann.says("Friends", "!roll")
    stage.advance(HOUR + 1)
    bot = stage.start_bot(things=things)
    assert texts(ann) == ["heard !roll"]
    assert seen == [True]
    assert "command roll: older than answer_within" in caplog.text
    ((late),) = bot.rows(["late"])
    assert late.note == "command roll: older than answer_within"
    assert bot.retry(late.id)
    assert texts(ann) == ["rolled"]
    assert bot.status().late_rows == 0


def test_how_late_is_too_late_stands_in_the_bot_file(stage, ann):
    """answer_within."""
    stage.start_bot(things={"dice": Dice()}).stop()
    ann.says("Friends", "!roll")
    stage.advance(HOUR + 1)
    stage.start_bot("answer_within: 2h", {"dice": Dice()})
    assert texts(ann) == ["rolled"]


def test_an_error_is_answered_as_the_bot_file_says(stage, ann, plugin):
    """One fixed sentence."""

    def bad():
        raise ValueError("private")

    stage.start_bot("error_reply: Something went wrong.", {"bad": plugin(on_message=bad)})
    ann.says("Friends", "hi")
    assert texts(ann) == ["Something went wrong."]


def test_a_handle_tells_a_later_call_what_its_message_was_sent_as(stage, ann, plugin):
    """So a plugin can react to its own message, or unsend it."""

    def on_message(ctx, message):
        if message.body == "ask":
            ctx.store["asked"] = ctx.reply("What do you think?")
        else:
            ctx.react("❤", ctx.sent(ctx.store["asked"]))

    stage.start_bot(things={"poll": plugin(on_message=on_message)})
    ann.says("Friends", "ask")
    stage.settle()
    ann.says("Friends", "I like it")
    question = next(one for one in ann.messages("Friends") if one["text"] == "What do you think?")
    assert question["reactions"]


def test_files_are_sent_by_their_path(stage, ann, plugin, tmp_path):
    """They are read when their message is sent."""
    file = tmp_path / "minutes.txt"
    file.write_text("We met.")

    def on_message(ctx):
        ctx.reply({"body": "look", "attachment": str(file)})

    stage.start_bot(things={"minutes": plugin(on_message=on_message)})
    ann.says("Friends", "hi")
    sent = ann.messages("Friends")[-1]
    assert sent["text"] == "look"
    assert sent["attachments"]


def test_on_start_and_on_stop_frame_everything(stage, ann, plugin):
    """What on_stop queues leaves at once if it can, or at the next start."""

    def on_start(ctx):
        ctx.store.increment("starts")
        ctx.send(FRIENDS, f"start {ctx.store['starts']}")

    life = plugin(on_start=on_start, on_stop=lambda ctx: ctx.send(FRIENDS, "bye") and None)
    stage.start_bot(things={"life": life}).stop()
    stage.start_bot(things={"life": life})
    assert texts(ann) == ["start 1", "bye", "start 2"]


def test_a_stop_waits_a_moment_for_what_is_in_hand(stage, ann, plugin):
    """1.2 seconds at most; what is not through by then is handled again at the next start, and has said nothing."""
    waits = []

    def slow(ctx, message):
        waits.append(message.body)
        ctx.clock.wait(threading.Event(), float(message.body) if len(waits) < 3 else 0)
        return f"waited {message.body}"

    bot = stage.start_bot(things={"slow": plugin(on_message=slow)})
    ann.says("Friends", "1")
    stage.settle()
    bot.stop()
    assert texts(ann) == ["waited 1"]
    bot = stage.start_bot(things={"slow": plugin(on_message=slow)})
    ann.says("Friends", "9")
    stage.settle()
    before_s = stage.clock.monotonic()
    bot.stop()
    assert stage.clock.monotonic() - before_s <= 2.0
    stage.advance(20)
    assert texts(ann) == []
    stage.start_bot(things={"slow": plugin(on_message=slow)})
    assert texts(ann) == ["waited 9"]
    assert waits == ["1", "9", "9"]


def test_a_dead_session_ends_the_bot_with_its_reason(stage, ann, plugin, caplog):
    """on_account is told first; what is queued waits for a start with a session that lives."""
    told = []
    ears = plugin(
        on_account=lambda ctx, trouble: told.append(trouble),
        on_message=lambda message: f"re: {message.body}",
    )
    bot = stage.start_bot(things={"ears": ears})
    stage.fault("login_page", times=1_000)
    ann.says("Friends", "hello")
    with pytest.raises(NotLoggedIn):
        bot.wait(120)
    ((trouble),) = told
    assert (type(trouble), trouble.kind, trouble.url) == (AccountTrouble, "logged_out", None)
    assert "the bot has ended" in caplog.text
    bot.stop()
    stage.fault("login_page", times=0)
    stage.start_bot(things={"ears": ears})
    assert texts(ann) == ["re: hello"]


def test_a_checkpoint_ends_the_bot_and_nothing_more_is_asked(stage, ann, plugin):
    """Its address is told to the owner and to the plugins; a direct call raises it."""
    told, refused = [], []

    def on_account(ctx, trouble):
        told.append(trouble)
        try:
            ctx.api.set_title("help", FRIENDS)
        except Checkpoint as error:
            refused.append(error)

    bot = stage.start_bot(things={"ears": plugin(on_account=on_account, on_message=lambda message: "hi")})
    stage.fault("checkpoint_page", times=1_000)
    ann.says("Friends", "hello")
    with pytest.raises(Checkpoint):
        bot.wait(120)
    ((trouble),) = told
    assert trouble.kind == "checkpoint"
    assert "checkpoint" in trouble.url
    assert len(refused) == 1
    with pytest.raises(Checkpoint):
        bot.call("get_thread_info", {"thread_id": FRIENDS}, "key")


def test_a_full_disk_loses_nothing(stage, ann, say, caplog):
    """It is told in clear words; when there is room again everything is answered, once and in order."""
    bot = stage.start_bot(things={"say": say()})
    ann.says("Friends", "before")
    stage.settle()
    writer = bot._database._writer._connection
    writer.execute("PRAGMA max_page_count = 1")
    for number in range(40):
        ann.says("Friends", f"{number} " + "x" * 2000)
    stage.advance(30)
    writer.execute("PRAGMA max_page_count = 1000000")
    stage.advance(120)
    assert [text[:8].strip(" x") for text in texts(ann)] == ["say: bef", *(f"say: {number}" for number in range(40))]
    assert "cannot be written: database or disk is full" in caplog.text


def test_it_says_how_it_is_doing(stage, ann, say):
    """Connection, age of the last event, rows, and what each plugin has cost."""
    bot = stage.start_bot(things={"say": say()})
    started_ms = stage.clock.time_ms()
    stage.advance(10)
    ann.says("Friends", "hello")
    stage.settle()
    status = bot.status()
    assert (status.state, status.own_id, status.started_ms) == ("live", "100000000000001", started_ms)
    assert status.last_event_ms == started_ms + 10_000
    assert (status.open_rows, status.lanes_waiting, status.background_waiting) == (0, 0, 0)
    ((plugin), _) = status.plugins
    assert (plugin.name, plugin.calls, plugin.errors) == ("say", 1, 0)
    used = {(one.kind, one.limit): one.used for one in status.budgets}
    assert used["message", "hourly"] == 1


def test_a_call_from_outside_is_done_once_for_its_key(stage, ann):
    """Also after a restart; its moment is told before the answer leaves."""
    told = []
    bot = stage.start_bot(step=told.append)
    arguments = {"message": "from outside", "thread_id": FRIENDS}
    sent = bot.call("send_message", arguments, "abc")
    assert bot.call("send_message", arguments, "abc") == sent
    assert told.count(steps.CONTROL_CALL) == 2
    assert told.count(steps.ONCE_BEGUN) == 1
    bot.stop()
    assert stage.start_bot().call("send_message", arguments, "abc") == sent
    assert texts(ann) == ["from outside"]


def test_a_call_from_outside_keeps_the_limits(stage, ann):
    """It counts with everything else that the bot does."""
    bot = stage.start_bot("limits: {message: {overall: 1 per 60s}}", {"dice": Dice()})
    ann.says("Friends", "!roll")
    stage.settle()
    with pytest.raises(RateLimited):
        bot.call("send_message", {"message": "x", "thread_id": FRIENDS}, "abc")
    stage.advance(60)
    bot.call("send_message", {"message": "x", "thread_id": FRIENDS}, "abc")
    assert texts(ann) == ["rolled", "x"]


def test_a_call_from_outside_whose_end_nobody_knows_is_not_repeated(stage, ann, database):
    """The bot was killed in the midst of it."""
    bot = stage.start_bot()
    bot.call("create_poll", {"title": "Lunch?", "thread_id": FRIENDS, "options": ["yes"]}, "abc")
    bot.stop()
    database("UPDATE effects SET ended_ms = NULL")
    bot = stage.start_bot()
    with pytest.raises(OutcomeUnknown):
        bot.call("create_poll", {"title": "Lunch?", "thread_id": FRIENDS, "options": ["yes"]}, "abc")


def test_in_shadow_it_handles_everything_and_does_nothing(stage, ann, plugin):
    """Events go through the plugins, their store is kept; nobody notices."""
    seen = []

    def on_message(ctx, message):
        seen.append((message.body, ctx.store.get("n", 0)))
        ctx.store.increment("n")
        ctx.api.set_title("x", FRIENDS)
        ctx.api.send_message("now", FRIENDS)
        return "later"

    stage.start_bot(things={"p": plugin(on_message=on_message)}, shadow=True)
    ann.says("Friends", "one")
    ann.says("Friends", "two")
    assert texts(ann) == []
    assert seen == [("one", 0), ("two", 1)]


def test_each_row_is_handed_on_as_it_was_received(stage, ann, plugin):
    """For a record: own messages too, in order, each once."""
    rows = []
    stage.start_bot(
        things={"p": plugin(on_message=lambda message: "re")}, on_raw=lambda event, received_ms: rows.append(event.text)
    )
    ann.says("Friends", "one")
    stage.settle()
    assert rows == ["one", "re"]


def test_what_is_old_is_forgotten_while_it_runs(stage, ann, say, plugin):
    """Four times a day; the file does not grow for ever."""
    bot = stage.start_bot(things={"say": say()})
    ann.says("Friends", "hello")
    stage.settle()

    def left():
        bot._database.flush()
        counts = "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM outbox)"
        return bot._database.read(counts)[0]

    assert left() == (2, 1)
    stage.advance(days=13.9)
    assert left() == (2, 1)
    stage.advance(days=0.4)
    assert left() == (0, 0)


def test_the_moments_of_a_message_come_in_order(stage, ann, say):
    """A test of crashes ends the process at each of them."""
    told = []
    bot = stage.start_bot(things={"say": say()}, step=told.append)
    ann.says("Friends", "hello")
    stage.settle()
    # What was sent is ticked off along with the next commit.
    bot._database.flush()
    first = [
        steps.JOURNAL_COMMITTED,
        steps.CALL_BEGUN,
        steps.CALL_COMMITTED,
        steps.ANSWER_READ,
        steps.ROW_TICKED_OFF,
    ]
    assert [told.index(name) for name in first] == sorted(told.index(name) for name in first)


def test_a_stop_is_not_taken_twice(stage):
    """`wait` returns, and everything is closed once."""
    bot = stage.start_bot()
    bot.request_stop()
    assert bot.wait(0)
    bot.stop()
    bot.stop()


def test_a_checkpoint_that_a_handler_meets_ends_the_bot(stage, ann, plugin):
    """Whoever meets it first: nobody has to send or listen for it."""

    def on_message(ctx):
        ctx.api.get_thread_list()

    bot = stage.start_bot(things={"p": plugin(on_message=on_message)})
    stage.fault("checkpoint_page", times=1_000)
    ann.says("Friends", "look")
    with pytest.raises(Checkpoint):
        bot.wait(60)


def test_what_reply_gives_may_be_returned(stage, ann, plugin):
    """`return ctx.reply(…)` says it once."""
    stage.start_bot(things={"p": plugin(on_message=lambda ctx: ctx.reply("once"))})
    ann.says("Friends", "hello")
    assert ann.heard() == [("Bot", "once")]


def test_who_waits_for_it_to_listen_learns_at_once_that_it_will_not(stage, tmp_path):
    """A session that the socket refuses, or somebody who wants it to end meanwhile."""
    for fault, wish in (({"kind": "refuse_connect", "code": 5}, "none"), ({"kind": "stall"}, "stop")):
        stage.fault(**fault)
        bot = Bot(stage.login("Bot"), loader.build([]), tmp_path / wish, stage.clock, Random(1), sync="off")
        bot.start()
        if wish == "stop":
            bot.request_stop()
        began_s = stage.clock.monotonic()
        assert not bot.wait_live(HOUR)
        assert stage.clock.monotonic() - began_s < HOUR
        bot.stop()


def test_why_it_ended_is_known_when_nobody_is_there_any_more(stage, ann, say, folder):
    """`botkit status` of a bot whose account was locked says so, until the next start."""
    bot = stage.start_bot(things={"say": say()})
    stage.fault("checkpoint_page", times=1_000)
    ann.says("Friends", "hello")
    with pytest.raises(Checkpoint) as ended:
        bot.wait(120)
    bot.stop()
    found = at_rest.status(folder / "bot.db", "sandbox", "")
    assert (found.state, found.reason) == ("checkpoint", str(ended.value))
    stage.fault("checkpoint_page", times=0)
    stage.start_bot(things={"say": say()}).stop()
    assert at_rest.status(folder / "bot.db", "sandbox", "").state == "stopped"
