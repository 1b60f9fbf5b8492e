"""What a call does at once through `ctx.api`: in the bot's pace, and not twice what must not be done twice."""

from __future__ import annotations

import io
import random

import pytest

from botkit.limits import KINDS, KindLimits, Rate
from botkit.messenger import (
    BadAnswer,
    BadArgument,
    NetworkError,
    NotLoggedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SentMessage,
    ServerError,
)
from botkit.outgoing import Outgoing
from botkit.runner import outbox, steps
from botkit.runner.effects import Effects, spent, tick_off
from botkit.runner.governor import Governor

GROUP = "7000000000000001"
SENT = SentMessage(GROUP, "mid.$9", 1767225600000)


@pytest.fixture
def make(database, network, clock, awaited):
    """Makes effects, with limits of one kind if asked for."""

    def effects(limits=None, **options):
        governor = Governor({kind: KindLimits() for kind in KINDS} | (limits or {}), clock, lambda kind, since_ms: [])
        return Effects(database, network, governor, clock, random.Random(1), awaited, lambda error: None, **options)

    return effects


@pytest.fixture
def effects(make):
    return make()


@pytest.fixture
def act(effects):
    """Does a function as a first call does: `act("set_title", "x", GROUP)`."""
    return lambda function, *args, **kwargs: effects.of_call("1:p:on_message")(function, args, kwargs)


@pytest.fixture
def ledger(database):
    return lambda: database.read("SELECT function, call, number, ended_ms IS NULL FROM effects ORDER BY number")


def again(effects, function, *args, call="1:p:on_message", **kwargs):
    """The same call is run once more."""
    return effects.of_call(call)(function, args, kwargs)


def test_a_read_is_asked_and_not_written_down(act, network, ledger):
    """It may be done as often as one likes."""
    network.answers = ["info", "info"]
    assert act("get_thread_info", GROUP) == act("get_thread_info", GROUP) == "info"
    assert network.asked == [("get_thread_info", {"thread_id": GROUP})] * 2
    assert ledger() == []


@pytest.mark.parametrize(
    ("function", "args", "result"),
    [
        ("send_message", ("hello", GROUP), SENT),
        ("send_message", ("hello", ["1", "2"]), SENT),
        ("create_poll", ("Lunch?", GROUP, ["yes"]), None),
        ("create_group", ("Lunch", ["1", "2"]), "7000000000000009"),
        ("forward_message", ("mid.$1", GROUP), SENT),
        ("add_user_to_group", ("100000000000003", GROUP), None),
    ],
)
def test_what_must_not_be_done_twice_is_written_down_before_and_after(
    make, network, ledger, function, args, result, database
):
    """A rerun of the call gets the same result without a request, as often as it comes."""
    at_the_time = []
    effects = make(step=lambda name: at_the_time.append((name, ledger()[0][3], len(network.asked))))
    network.answers = [result]
    assert again(effects, function, *args) == result
    assert at_the_time == [(steps.ONCE_BEGUN, True, 0)]
    assert [row[0] for row in ledger()] == [function]
    for _ in range(2):
        assert again(make(), function, *args) == result
    assert len(network.asked) == 1


def test_the_next_effect_of_a_call_is_another_one(effects, network, ledger):
    """Though it is the same function with the same arguments."""
    network.answers = [SENT, SENT]
    act = effects.of_call("1:p:on_message")
    act("send_message", ("hello", GROUP), {})
    act("send_message", ("hello", GROUP), {})
    assert len(network.asked) == 2
    assert [row[2] for row in ledger()] == [0, 1]


def test_another_call_does_it_anew(effects, network):
    """Another event, or another handler of the same one."""
    network.answers = [SENT] * 3
    for call in ("1:p:on_message", "2:p:on_message", "1:q:on_message"):
        again(effects, "send_message", "hello", GROUP, call=call)
    assert len(network.asked) == 3


def test_other_arguments_are_another_effect(effects, network):
    """A rerun that has thrown other dice does what it now wants."""
    network.answers = [SENT, SENT]
    again(effects, "send_message", "3", GROUP)
    again(effects, "send_message", "4", GROUP)
    assert len(network.asked) == 2


def test_files_count_by_their_content_and_streams_by_their_name(effects, network):
    """A stream is not used up by looking at it."""
    network.answers = [SENT, SENT]
    again(effects, "send_message", {"attachment": b"cat"}, GROUP)
    again(effects, "send_message", {"attachment": b"cat"}, GROUP)
    assert len(network.asked) == 1
    stream = io.BytesIO(b"dog")
    stream.name = "dog.png"
    again(effects, "send_message", {"attachment": stream}, GROUP)
    assert stream.tell() == 0
    assert len(network.asked) == 2


def test_a_send_gets_an_offline_threading_id_that_is_kept(act, network, database):
    """By which its echo is known; one that the plugin gives is left as it is."""
    network.answers = [SENT, SENT]
    act("send_message", "hello", GROUP)
    act("send_message", "hello", GROUP, offline_threading_id=42)
    first, second = (arguments["offline_threading_id"] for _, arguments in network.asked)
    kept = {row[0] for row in database.read("SELECT offline_threading_id FROM effects")}
    assert kept == {str(first), "42"}
    assert second == 42


def test_what_was_refused_is_forgotten(act, network, ledger):
    """Nothing has happened, and another try is another matter."""
    network.answers = [Refused("no", reason="other", code=1), SENT]
    with pytest.raises(Refused):
        act("send_message", "hello", GROUP)
    assert ledger() == []
    assert act("send_message", "hello", GROUP) == SENT


@pytest.mark.parametrize(
    "error", [NetworkError("time-out"), ServerError("500", 500), BadAnswer("?"), OutcomeUnknown("who knows")]
)
def test_what_nobody_knows_the_end_of_is_not_done_again(effects, act, network, error):
    """The call hears of it; so does its rerun, without a request."""
    network.answers = [error]
    with pytest.raises(type(error)):
        act("create_poll", "Lunch?", GROUP, ["yes"])
    effects.caught_up()
    with pytest.raises(OutcomeUnknown, match="create_poll: begun before"):
        again(effects, "create_poll", "Lunch?", GROUP, ["yes"])
    assert len(network.asked) == 1


def test_what_was_begun_before_a_crash_is_looked_up(make, network, database, virtual):
    """Its echo has come while the bot was catching up: the rerun gets the message's id."""
    network.answers = [NetworkError("killed")]
    with pytest.raises(NetworkError):
        again(make(), "send_message", "hello", GROUP)
    (otid,) = database.read("SELECT offline_threading_id FROM effects")[0]
    effects = make()
    database.write(lambda c: tick_off(c, otid, SENT, 1767225600000))
    assert again(effects, "send_message", "hello", GROUP) == SENT
    assert len(network.asked) == 1


def test_the_look_up_waits_until_what_had_happened_meanwhile_is_in(database, network, virtual, awaited):
    """Before that nobody can know; it waits ten seconds at most."""
    governor = Governor({kind: KindLimits() for kind in KINDS}, virtual, lambda kind, since_ms: [])
    first, second, third = (
        Effects(database, network, governor, virtual, random.Random(n), awaited, lambda error: None) for n in range(3)
    )
    network.answers = [NetworkError("killed")]
    with pytest.raises(NetworkError):
        again(first, "send_message", "hello", GROUP)
    (otid,) = database.read("SELECT offline_threading_id FROM effects")[0]

    def news():
        database.write(lambda c: tick_off(c, otid, SENT, virtual.time_ms()))
        second.caught_up()

    with pytest.raises(OutcomeUnknown):
        again(third, "send_message", "hello", GROUP)
    assert virtual.monotonic() == 10
    virtual.call_later(3.0, news)
    assert again(second, "send_message", "hello", GROUP) == SENT
    assert virtual.monotonic() == 13


def test_an_echo_ends_no_effect_that_has_ended(effects, act, network, database):
    """The answer was there first; its result stays."""
    network.answers = [SENT]
    act("send_message", "hello", GROUP)
    (otid,) = database.read("SELECT offline_threading_id FROM effects")[0]
    database.write(lambda c: tick_off(c, otid, SentMessage(GROUP, "mid.$8", 0), 0))
    assert again(effects, "send_message", "hello", GROUP) == SENT


def test_over_its_limit_a_function_is_not_begun(make, network, ledger):
    """The call is told at once, with the seconds."""
    effects = make({"message": KindLimits(overall=Rate(1, 10.0)), "change": KindLimits(overall=Rate(1, 20.0))})
    network.answers = [SENT, None]
    again(effects, "send_message", "one", GROUP)
    with pytest.raises(RateLimited, match="message: the limit of 1 per 10s"):
        again(effects, "send_message", "two", GROUP)
    again(effects, "set_title", "one", GROUP)
    with pytest.raises(RateLimited, match="change: the limit"):
        again(effects, "set_title", "two", GROUP)
    assert len(network.asked) == len(ledger()) == 2


def test_trouble_with_the_network_slows_everything_down(act, network):
    """The governor hears of it, as it does from the sender."""
    network.answers = [RateLimited("429", retry_after_s=30.0)]
    with pytest.raises(RateLimited, match="429"):
        act("set_title", "one", GROUP)
    with pytest.raises(RateLimited, match="less haste"):
        act("set_title", "two", GROUP)


def test_changes_and_sends_are_counted_over_a_restart(act, network, database, clock, awaited):
    """Whatever is in the ledger, and what the outbox has sent; small things and reads are not kept."""
    network.answers = [SENT]
    for _ in range(2):
        act("set_title", "one", GROUP)
    act("send_message", "one", GROUP)
    act("mark_as_read", GROUP)
    act("get_thread_info", GROUP)
    row = [Outgoing(GROUP, "queued", number=1), Outgoing(GROUP, "❤", "reaction", {"message_id": "m"}, 2)]
    database.write(lambda c: outbox.add(c, "p", row, clock.time_ms(), None, lambda: 0, awaited))
    now_ms = clock.time_ms()
    database.write(lambda c: c.execute("UPDATE outbox SET state = 'sent', ended_ms = ?", (now_ms,)))
    found = {kind: len(spent(database, kind, now_ms - 1)) for kind in KINDS}
    assert found == {"message": 2, "small": 1, "change": 1, "read": 0}
    assert spent(database, "message", now_ms + 1) == []


def test_after_the_session_has_died_nothing_leaves(effects, network):
    """Not even a read; the plugin hears why."""
    effects.end(NotLoggedIn("log in again"))
    for function, args in (
        ("get_thread_info", (GROUP,)),
        ("send_message", ("hello", GROUP)),
        ("set_title", ("", GROUP)),
    ):
        with pytest.raises(NotLoggedIn, match="log in again"):
            again(effects, function, *args)
    assert network.asked == []


def test_in_shadow_reads_are_done_and_nothing_else(make, network, ledger, caplog):
    """What a plugin gets in place of a result is of the right kind."""
    caplog.set_level("INFO", logger="botkit")
    effects = make(shadow=True)
    network.answers = ["info"]
    assert again(effects, "get_thread_info", GROUP) == "info"
    sent = again(effects, "send_message", "very private", GROUP)
    assert (type(sent), sent.thread_id) == (SentMessage, GROUP)
    assert isinstance(again(effects, "create_group", "Lunch", ["1", "2"]), str)
    assert again(effects, "set_title", "very private", GROUP) is None
    assert again(effects, "send_typing_indicator", GROUP)() is None
    assert [function for function, _ in network.asked] == ["get_thread_info"]
    assert ledger() == []
    assert f"would do set_title in chat {GROUP}" in caplog.text
    assert "very private" not in caplog.text


def test_wrong_arguments_are_an_error_of_the_plugins(act, network, ledger):
    """Before anything is counted or asked."""
    with pytest.raises(TypeError, match="nonsense"):
        act("send_message", "hello", GROUP, nonsense=1)
    assert network.asked == ledger() == []


def test_the_session_belongs_to_the_bot(act, network):
    """`ctx.api` refuses it by its own words; a control call gets here."""
    with pytest.raises(BadArgument, match="logout"):
        act("logout")
    assert network.asked == []


def test_what_is_done_for_a_name_is_done_once(effects, network):
    """A control call comes with a key of its own: asked again, it gives the former result."""
    network.answers = [SENT]
    for _ in range(3):
        assert again(effects, "send_message", "hello", GROUP, call="control:abc") == SENT
    assert len(network.asked) == 1
