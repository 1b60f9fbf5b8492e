"""A bot on the sandbox, from a message to the answer."""

from __future__ import annotations

import threading

import pytest

from botkit import STOP, hookimpl
from botkit.messenger import NotLoggedIn, login
from botkit.messenger.errors import AlreadyRunning, StoreError
from botkit.runner.data_lock import data_lock
from botkit.runner.in_hand import InHand
from botkit.runner.supervisor import write_private
from botkit.sandbox import client
from botkit.store import Database
from botkit.testing import ManualClock


def plugin(**hooks):
    """A plugin of these functions."""
    return type("Plugin", (), {name: staticmethod(hookimpl(function)) for name, function in hooks.items()})()


def echo(ctx, message):
    return f"{message.sender_name} in {message.thread_name}: {message.body}"


def test_it_answers_in_a_group_and_in_a_chat_of_two(start_bot, ann):
    """With the names filled in."""
    start_bot(things={"say": plugin(on_message=echo)})
    ann.says("Friends", "one 😀")
    assert ann.hears() == ("Bot", "Ann in Friends: one 😀")
    ann.says("Bot", "two")
    assert ann.hears() == ("Bot", "Ann in Ann: two")


def test_messages_of_a_chat_are_answered_in_order(start_bot, ann):
    """Each exactly once."""
    start_bot("plugins: {echo: }")
    for number in range(40):
        ann.says("Friends", f"!echo {number}")
    assert [ann.hears()[1] for _ in range(40)] == [str(number) for number in range(40)]


def test_a_slow_handler_delays_its_own_chat_only(start_bot, ann, ben):
    """Ben is answered in his chat while Ann's waits."""
    release = threading.Event()

    def slow(ctx, message):
        if message.body == "wait":
            release.wait(5)
        return message.body

    start_bot(things={"slow": plugin(on_message=slow)})
    ann.says("Bot", "wait")
    ann.says("Bot", "then")
    ben.says("Bot", "quick")
    assert ben.hears() == ("Bot", "quick")
    release.set()
    assert [ann.hears()[1], ann.hears()[1]] == ["wait", "then"]


def test_a_plugin_that_raises_does_not_stop_the_others(start_bot, ann):
    """They answer, and are told of it."""

    def bad(ctx, message):
        raise ValueError("oops")

    def told(ctx, plugin, error):
        ctx.send(ctx.event.thread_id, f"{plugin}: {type(error).__name__}")

    start_bot(things={"bad": plugin(on_message=bad), "good": plugin(on_message=echo, on_plugin_error=told)})
    ann.says("Friends", "hi")
    assert sorted([ann.hears()[1], ann.hears()[1]]) == ["Ann in Friends: hi", "bad: ValueError"]


def test_stop_ends_the_walk(start_bot, ann):
    """Later plugins do not see the event."""
    first = plugin(on_message=lambda message: STOP if "spam" in message.body else None)
    start_bot(things={"first": first, "second": plugin(on_message=echo)})
    ann.says("Friends", "spam")
    ann.says("Friends", "ham")
    assert ann.hears() == ("Bot", "Ann in Friends: ham")


def test_the_bots_own_messages_are_not_events(start_bot, ann):
    """A bot that answers everything does not answer itself; with self_listen it is on its own."""
    start_bot(things={"say": plugin(on_message=lambda message: f"re: {message.body}")})
    ann.says("Friends", "a")
    ann.says("Friends", "b")
    assert [ann.hears()[1], ann.hears()[1]] == ["re: a", "re: b"]


def test_typing_reaches_on_typing(start_bot, ann):
    """With who and where."""

    def seen(ctx, typing):
        if typing.is_typing:
            return f"{typing.sender_id} types"
        return None

    start_bot(things={"t": plugin(on_typing=seen)})
    ann.types("Friends")
    assert ann.hears() == ("Bot", "100000000000002 types")


def test_a_new_group_reaches_on_event(start_bot, account):
    """The bot is added to a group that somebody makes."""
    seen = threading.Event()
    events = []

    def note(event):
        events.append(event)
        seen.set()

    start_bot(things={"e": plugin(on_event=note)})
    account("Ann").send_message("welcome", ["100000000000001", "100000000000003"])
    assert seen.wait(5)
    assert events[0].log_message_type == "log:subscribe"


def test_start_and_stop_hooks_can_send_and_store(start_bot, ann, tmp_path):
    """What on_stop queues leaves at the next start."""

    def started(ctx):
        ctx.store.increment("starts")
        ctx.send("7000000000000001", f"start {ctx.store['starts']}")

    def stopped(ctx):
        ctx.send("7000000000000001", "bye")

    life = plugin(on_start=started, on_stop=stopped)
    bot = start_bot(things={"life": life})
    assert ann.hears()[1] == "start 1"
    bot.stop()
    assert ann.hears()[1] == "bye"
    start_bot(things={"life": life})
    assert ann.hears()[1] == "start 2"


def test_what_is_written_while_the_bot_is_away_is_answered_later(start_bot, ann):
    """The kept position is where it goes on; nothing is answered twice."""
    first = start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo one")
    assert ann.hears()[1] == "one"
    first.stop()
    ann.says("Friends", "!echo two")
    ann.says("Friends", "!echo three")
    start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo four")
    assert [ann.hears()[1] for _ in range(3)] == ["two", "three", "four"]


def test_a_cut_connection_comes_back_and_nothing_is_lost(start_bot, ann, sandbox):
    """After a pause; what was written meanwhile is answered once."""
    start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo before")
    assert ann.hears()[1] == "before"
    assert client._call(sandbox.url, sandbox.token, "cut", {"as": "Bot"})["closed"] == 1
    ann.says("Friends", "!echo after")
    assert ann.hears()[1] == "after"


def test_a_dead_session_ends_the_bot_with_its_reason(start_bot, sandbox):
    """Logged out elsewhere: `wait` raises; nothing is retried."""
    bot = start_bot("plugins: {echo: }")
    elsewhere = login(bot.api.get_app_state(), {"network": sandbox.url})
    assert elsewhere.logout()
    with pytest.raises(NotLoggedIn):
        bot.wait(5)


def test_the_session_is_saved_for_its_owner_only(start_bot, tmp_path):
    """Mode 0600."""
    start_bot()
    assert (tmp_path / "bot" / "appstate.json").stat().st_mode & 0o777 == 0o600


def test_no_log_line_holds_what_people_write_or_a_secret(start_bot, ann, caplog, account):
    """At info level; bodies are for debug."""
    caplog.set_level("INFO", logger="botkit")
    bot = start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo my-private-words")
    assert ann.hears()[1] == "my-private-words"
    bot.stop()
    assert "message    Ann in Friends: 22 characters" in caplog.text
    assert "my-private-words" not in caplog.text
    for cookie in account("Bot").get_app_state():
        if cookie["key"] in ("xs", "datr"):
            assert cookie["value"] not in caplog.text


def test_threads_end_with_the_bot(start_bot, ann):
    """A stop leaves nothing running."""
    before = set(threading.enumerate())
    bot = start_bot("plugins: {echo: }")
    ann.says("Friends", "!echo hi")
    ann.hears()
    bot.stop()
    left = [t for t in set(threading.enumerate()) - before if t.name.startswith("botkit") and t.is_alive()]
    for thread in left:
        thread.join(5)
    assert not [t for t in left if t.is_alive()]


def test_a_second_bot_on_the_same_data_is_refused_by_name(tmp_path):
    """The message tells whose lock it is; afterwards the data is free again."""
    with data_lock(tmp_path / "data", "bots/first.yaml"):
        with pytest.raises(AlreadyRunning, match=r"bots/first\.yaml, process \d+"):
            with data_lock(tmp_path / "data", "bots/second.yaml"):
                pass
    with data_lock(tmp_path / "data", "bots/second.yaml"):
        pass


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    """One line, of our tree."""
    write_private(tmp_path / "file", "x")
    with pytest.raises(StoreError, match="cannot be used as data directory"):
        with data_lock(tmp_path / "file" / "data", "bot.yaml"):
            pass


def test_the_bot_waits_on_its_own_clock(start_bot, ann):
    """A clock that stands still does not keep a message from being answered."""
    start_bot("plugins: {echo: }", clock=ManualClock())
    ann.says("Friends", "!echo hi")
    assert ann.hears()[1] == "hi"


def double(number):
    """What a plugin puts into the background."""
    return number * 2


def test_slow_work_comes_back_to_the_chat(start_bot, ann):
    """While the chat goes on."""
    work = plugin(
        on_message=lambda ctx, message: ctx.background(double, len(message.body)),
        on_background=lambda result: f"{result.arguments[0]} twice is {result.value}",
    )
    type(work).__module__ = __name__
    start_bot(things={"work": work})
    ann.says("Friends", "hello")
    assert ann.hears() == ("Bot", "5 twice is 10")


def test_a_call_from_outside_is_done_once_for_its_key(start_bot, ann):
    """Over a restart too."""
    arguments = {"message": "from outside", "thread_id": "7000000000000001"}
    bot = start_bot()
    sent = bot.call("send_message", arguments, "key")
    assert ann.hears() == ("Bot", "from outside")
    bot.stop()
    assert start_bot("plugins: {ping: }").call("send_message", arguments, "key") == sent
    ann.says("Friends", "!ping")
    assert ann.hears()[1] != "from outside"


def test_an_event_that_was_in_hand_of_a_dying_process_three_times_is_set_aside(start_bot, ann, tmp_path):
    """The bot comes up without it, and handles it when the owner says so."""
    say = plugin(on_message=lambda message: f"re: {message.body}")
    start_bot(things={"say": say}).stop()
    ann.says("Friends", "one")
    start_bot().stop()
    database = Database(tmp_path / "bot" / "bot.db")
    ((row_id,),) = database.write(
        lambda c: c.execute("UPDATE journal SET state = 'open', starts = 2 RETURNING id").fetchall()
    )
    database.close()
    InHand(tmp_path / "bot" / "in-hand").take(row_id, "say:on_message")
    bot = start_bot(things={"say": say})
    ann.says("Friends", "two")
    assert ann.hears() == ("Bot", "re: two")
    assert bot.status().dead_rows == 1
    assert bot.retry(row_id)
    assert ann.hears() == ("Bot", "re: one")
