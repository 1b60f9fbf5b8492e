"""The governor: no limit is ever passed, nothing waits longer than it must, and trouble slows everything down."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.limits import DEFAULTS, KINDS, KindLimits, Rate
from botkit.messenger.errors import BadArgument, NetworkError, RateLimited, Refused
from botkit.runner.governor import Governor
from botkit.testing import ManualClock

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def nothing(_kind, _since_ms):
    return []


def limits(**given):
    return {kind: given.get(kind, KindLimits()) for kind in KINDS}


@pytest.fixture
def govern(clock):
    """Makes a governor: `govern(message=KindLimits(…))`."""

    def make(spent=nothing, **given):
        return Governor(limits(**given), clock, spent)

    return make


def refused():
    return Refused("chat 7: refused", reason="other", code=1)


def used(governor, kind, limit):
    """(used, of, until in ms) of one line of the budget."""
    (one,) = [one for one in governor.budget() if (one.kind, one.limit) == (kind, limit)]
    return one.used, one.of, one.until_ms


def granted(governor, kind, thread_id, tries=100):
    """How many of so many requests are granted at once."""
    return sum(governor.wait_s(kind, thread_id) == 0 for _ in range(tries))


def test_without_limits_everything_is_granted_and_counted(govern):
    """That is the sandbox."""
    governor = govern()
    assert granted(governor, "message", "7", 1000) == 1000
    assert used(governor, "message", "hourly") == (1000, None, None)
    assert used(governor, "message", "daily") == (1000, None, None)
    assert used(governor, "small", "hourly") == (0, None, None)


def test_a_chats_rate_holds_that_chat_only(govern, clock):
    """Another chat goes on; the answer tells when the first token is back."""
    governor = govern(message=KindLimits(per_chat=Rate(2, 10.0)))
    assert granted(governor, "message", "7") == 2
    clock.advance(4)
    assert governor.wait_s("message", "7") == 6.0
    assert granted(governor, "message", "8") == 2
    clock.advance(6)
    assert granted(governor, "message", "7") == 2


def test_the_overall_rate_holds_all_chats(govern):
    """Also what belongs to no chat."""
    governor = govern(read=KindLimits(overall=Rate(3, 10.0)))
    assert governor.wait_s("read", None) == governor.wait_s("read", "7") == governor.wait_s("read", "8") == 0
    assert governor.wait_s("read", None) == 10.0


def test_kinds_do_not_take_from_each_other(govern):
    """Each has limits of its own."""
    governor = govern(message=KindLimits(overall=Rate(1, 10.0)), small=KindLimits(overall=Rate(1, 10.0)))
    assert granted(governor, "message", "7") == 1
    assert granted(governor, "small", "7") == 1
    assert granted(governor, "change", "7") == 100


def test_what_asks_nobody_is_never_limited(govern):
    """Not even while everything is held."""
    governor = govern()
    governor.trouble(RateLimited("429"), None)
    assert governor.wait_s("local", None) == 0
    governor.check("local", None)


def test_what_is_not_granted_is_not_counted(govern, clock):
    """Asking often does not push the turn away."""
    governor = govern(message=KindLimits(overall=Rate(1, 10.0)))
    assert granted(governor, "message", "7") == 1
    assert used(governor, "message", "overall")[:2] == (1, 1)
    clock.advance(10)
    assert governor.wait_s("message", "7") == 0


def test_a_wait_can_always_be_told_from_none(govern, clock):
    """A clock that rounds would not get beyond a shorter one."""
    governor = govern(message=KindLimits(overall=Rate(1, 10.0)))
    governor.wait_s("message", "7")
    clock.advance(9.9999999)
    assert governor.wait_s("message", "7") == 0.001


def test_the_longest_of_several_waits_is_told(govern):
    """Before that it is not worth asking."""
    governor = govern(message=KindLimits(Rate(1, 10.0), Rate(1, 20.0), hourly=1, daily=5))
    assert granted(governor, "message", "7") == 1
    assert governor.wait_s("message", "7") == HOUR


def test_check_names_the_limit_and_the_seconds(govern, clock):
    """A direct call is told, and does not wait."""
    governor = govern(change=KindLimits(per_chat=Rate(1, 30.0)))
    governor.check("change", "7")
    clock.advance(0.5)
    with pytest.raises(RateLimited) as caught:
        governor.check("change", "7")
    assert str(caught.value) == "change: the limit of 1 per 30s in chat 7 is reached; ask again in 30 s"
    assert caught.value.retry_after_s == 29.5


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (KindLimits(overall=Rate(1, 5.0)), "1 per 5s in all chats"),
        (KindLimits(hourly=1), "1 an hour"),
        (KindLimits(daily=1), "1 a day"),
    ],
)
def test_each_limit_has_words(govern, limit, words):
    """The reader knows which key of the bot file it is."""
    governor = govern(message=limit)
    governor.check("message", "7")
    with pytest.raises(RateLimited, match=f"message: the limit of {words} is reached"):
        governor.check("message", "7")


def test_budgets_survive_a_restart(clock):
    """What the rows tell of the last hour and day counts; what is older does not."""
    now_ms = clock.time_ms()
    rows = [now_ms - 10 * 60_000, now_ms - 2 * 3600_000, now_ms - 30 * 60_000]
    asked = []

    def spent(kind, since_ms):
        asked.append((kind, since_ms))
        return rows if kind == "message" else []

    governor = Governor(limits(message=KindLimits(hourly=3, daily=5)), clock, spent)
    assert asked == [(kind, now_ms - 86400_000) for kind in KINDS]
    assert used(governor, "message", "hourly")[:2] == (2, 3)
    assert used(governor, "message", "daily")[:2] == (3, 5)
    assert granted(governor, "message", "7") == 1
    assert governor.wait_s("message", "7") == 30 * MINUTE


def test_after_a_restart_the_past_counts_for_every_chat(clock):
    """Nobody knows which chat it was; a bot that starts again and again does not send faster for it."""
    now_ms = clock.time_ms()
    given = limits(message=KindLimits(Rate(2, 10.0), Rate(3, 10.0)))
    governor = Governor(given, clock, lambda kind, _: [now_ms - 4000, now_ms - 1000] * (kind == "message"))
    assert governor.wait_s("message", "7") == 6.0
    clock.advance(6)
    assert granted(governor, "message", "7") == 1
    assert granted(governor, "message", "8") == 1
    clock.advance(10)
    assert granted(governor, "message", "9") == 2


def test_a_clock_that_was_set_back_neither_locks_nor_frees(clock):
    """Rows from its future count as now: the window's length at most."""
    rows = [clock.time_ms() + 7 * 86400_000]
    governor = Governor(limits(message=KindLimits(hourly=1)), clock, lambda kind, _: rows * (kind == "message"))
    assert governor.wait_s("message", "7") == HOUR
    clock.advance(HOUR)
    assert governor.wait_s("message", "7") == 0


class Jumping(ManualClock):
    """A clock whose time of day can be set."""

    off_ms = 0

    def time_ms(self):
        return super().time_ms() + self.off_ms


@pytest.mark.parametrize("off_ms", [-86400_000, 86400_000])
def test_setting_the_clock_changes_nothing_in_a_running_bot(off_ms):
    """Waits are counted by a clock that cannot be set."""
    clock = Jumping()
    governor = Governor(limits(message=KindLimits(hourly=1)), clock, nothing)
    assert governor.wait_s("message", "7") == 0
    clock.off_ms = off_ms
    assert governor.wait_s("message", "7") == HOUR
    assert used(governor, "message", "hourly") == (1, 1, clock.time_ms() + 3600_000)


def test_too_many_requests_hold_everything_and_halve_the_rates(govern, clock):
    """All kinds and chats, for 30 s at first."""
    governor = govern(message=KindLimits(Rate(4, 10.0)), read=KindLimits(overall=Rate(4, 10.0)))
    clock.advance(1)
    governor.trouble(RateLimited("429"), "7")
    for kind in KINDS:
        assert governor.wait_s(kind, "8") == 30.0
    with pytest.raises(RateLimited, match="the network has asked for less haste; ask again in 30 s"):
        governor.check("message", "7")
    clock.advance(30)
    assert granted(governor, "message", "8") == 2
    assert granted(governor, "read", None) == 2
    assert granted(governor, "small", None) == 100


def test_the_networks_wish_is_kept(govern):
    """The error has its Retry-After."""
    governor = govern()
    governor.trouble(RateLimited("429", retry_after_s=5.0), "7")
    assert governor.wait_s("message", "7") == 5.0


def test_budgets_are_not_halved(govern, clock):
    """They are for the account's sake, whatever the pace."""
    governor = govern(message=KindLimits(hourly=4))
    governor.trouble(RateLimited("429", retry_after_s=1.0), "7")
    clock.advance(1)
    assert granted(governor, "message", "7") == 4


def test_it_goes_well_again_step_by_step(govern, clock):
    """A minute after the hold, by the next thing that is done."""
    governor = govern(message=KindLimits(Rate(4, 10.0)))
    governor.trouble(RateLimited("429"), "7")
    clock.advance(89)
    governor.went_well()
    assert granted(governor, "message", "7") == 2
    clock.advance(10)
    governor.went_well()
    assert granted(governor, "message", "7") == 4


def test_a_refusal_slows_its_chat(govern, clock):
    """For ten minutes, and no other chat."""
    governor = govern(message=KindLimits(Rate(4, 10.0)))
    governor.trouble(refused(), "7")
    assert granted(governor, "message", "7") == 2
    assert granted(governor, "message", "8") == 4
    clock.advance(600)
    assert granted(governor, "message", "7") == 4


def test_refusals_of_three_chats_slow_all(govern, clock):
    """The fourth has refused nothing, and is slower too."""
    governor = govern(message=KindLimits(Rate(4, 10.0)))
    for chat in ("1", "2", "3"):
        governor.trouble(refused(), chat)
    assert granted(governor, "message", "4") == 2


def test_other_errors_change_nothing(govern):
    """A broken line is no reproach, and a refusal without a chat nobody's."""
    governor = govern(message=KindLimits(Rate(4, 10.0)))
    governor.trouble(NetworkError("no connection"), "7")
    governor.trouble(refused(), None)
    assert granted(governor, "message", "7") == 4


def test_the_budget_tells_of_every_limit(govern, clock):
    """The fullest chat stands for the rate per chat; what is full says until when."""
    governor = govern(message=KindLimits(Rate(2, 10.0), Rate(9, 10.0), hourly=100, daily=200))
    granted(governor, "message", "7", 1)
    granted(governor, "message", "8", 2)
    message = [one for one in governor.budget() if one.kind == "message"]
    now_ms = clock.time_ms()
    assert [(one.limit, one.used, one.of, one.until_ms) for one in message] == [
        ("per chat", 2, 2, now_ms + 10_000),
        ("overall", 3, 9, None),
        ("hourly", 3, 100, None),
        ("daily", 3, 200, None),
    ]


def test_the_budget_of_a_bot_at_rest_names_the_limits_all_the_same(govern):
    """Nothing is used of them."""
    assert used(govern(message=KindLimits(Rate(2, 10.0))), "message", "per chat") == (0, 2, None)


def test_while_all_is_held_the_budget_says_until_when(govern, clock):
    """On every line."""
    governor = govern()
    governor.trouble(RateLimited("429"), None)
    assert {one.until_ms for one in governor.budget()} == {clock.time_ms() + 30_000}


def test_a_budget_that_is_used_up_is_told_once_in_its_own_time(clock):
    """A rate that is reached is nothing to tell of."""
    told = []
    given = limits(message=KindLimits(per_chat=Rate(1, MINUTE), hourly=2, daily=3))
    governor = Governor(given, clock, nothing, told.append)
    assert granted(governor, "message", "7") == 1
    assert told == []
    assert granted(governor, "message", "8") == 1
    assert granted(governor, "message", "9") == 0
    assert told == ["message: the limit of 2 an hour is reached; the next in 3600 s"]
    clock.advance(HOUR)
    assert granted(governor, "message", "9") == 1
    assert granted(governor, "message", "10") == 0
    assert told[1:] == ["message: the limit of 3 a day is reached; the next in 82800 s"]
    clock.advance(DAY)
    assert [granted(governor, "message", str(chat)) for chat in range(3)] == [1, 1, 0]
    assert len(told) == 3


def test_idle_chats_are_forgotten(govern, clock):
    """Memory follows the chats of one window, not those of a year."""
    governor = govern(message=KindLimits(Rate(2, 10.0)))
    for number in range(5000):
        assert governor.wait_s("message", str(number)) == 0
        clock.advance(1)
    assert len(governor._books["message"]._chats) <= 11


def test_a_busy_chat_keeps_no_idle_one_in_memory(govern, clock):
    """However long it has been known."""
    governor = govern(message=KindLimits(Rate(2, 10.0)))
    for number in range(1000):
        assert governor.wait_s("message", "busy") == 0
        assert governor.wait_s("message", str(number)) == 0
        clock.advance(5)
    assert len(governor._books["message"]._chats) <= 4


def test_chats_that_only_ask_are_forgotten_too(govern, clock):
    """A budget that is full for long does not fill the memory with those who wait for it."""
    governor = govern(message=KindLimits(Rate(2, 10.0), hourly=1))
    granted(governor, "message", "0", 1)
    clock.advance(10)
    for number in range(5000):
        assert governor.wait_s("message", str(number)) > 0
    assert len(governor._books["message"]._chats) <= 2


def test_the_kind_of_a_call_is_that_of_the_table(govern):
    """With its arguments by name."""
    assert govern().kind_of("send_message", {"thread_id": ["7", "8"]}) == "change"
    with pytest.raises(BadArgument):
        govern().kind_of("logout", {})


def test_many_threads_get_no_more_than_the_limit(govern):
    """Asking and counting are one step."""
    governor = govern(message=KindLimits(overall=Rate(500, 10.0)))
    counts = []

    def ask():
        counts.append(granted(governor, "message", "7", 400))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert sum(counts) == 500


RATES = st.none() | st.builds(Rate, st.integers(1, 4), st.sampled_from([0.7, 3.0, 10.0, 60.0]))
BUDGETS = st.none() | st.integers(1, 8)
LIMITS = st.fixed_dictionaries(dict.fromkeys(KINDS, st.builds(KindLimits, RATES, RATES, BUDGETS, BUDGETS)))
ASKS = st.tuples(
    st.sampled_from(["ask", "ask", "ask", "wait for it", "restart", "429", "refused", "well"]),
    st.sampled_from([0.0, 0.0, 0.1, 0.7, 1.0, 9.9, 60.0, 1200.0, 3600.0]),
    st.sampled_from(KINDS),
    st.sampled_from(["7", "8", "9", None]),
)


def fullest(times, window_s):
    """The most that any window of this length holds."""
    return max((sum(at <= other < at + window_s for other in times) for at in times), default=0)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(given_limits=LIMITS, asks=st.lists(ASKS, max_size=60))
def test_no_window_of_any_mix_holds_more_than_its_limit(given_limits, asks):
    """Whoever asks, for whichever chat, with trouble and restarts in between; and after the told wait, asking is worth
    it."""
    clock = ManualClock()
    done = {kind: [] for kind in KINDS}

    def spent(kind, since_ms):
        start_ms = clock.time_ms() - round(clock.monotonic() * 1000)
        times = [start_ms + int(at * 1000) + 1 for at, _ in done[kind]]
        return [at_ms for at_ms in times if at_ms >= since_ms]

    governor = Governor(given_limits, clock, spent)
    for what, pause_s, kind, chat in asks:
        clock.advance(pause_s)
        if what == "restart":
            governor = Governor(given_limits, clock, spent)
        elif what == "429":
            governor.trouble(RateLimited("429"), chat)
        elif what == "refused":
            governor.trouble(refused(), chat)
        elif what == "well":
            governor.went_well()
        else:
            wait_s = governor.wait_s(kind, chat)
            for _ in range(10):
                if wait_s == 0:
                    done[kind].append((clock.monotonic(), chat))
                    break
                if what == "ask":
                    break
                clock.advance(wait_s)
                wait_s = governor.wait_s(kind, chat)
            else:
                pytest.fail("the told waits had no end")
    for kind, limit in given_limits.items():
        times = [at for at, _ in done[kind]]
        assert limit.overall is None or fullest(times, limit.overall.window_s) <= limit.overall.most
        assert limit.hourly is None or fullest(times, HOUR) <= limit.hourly
        assert limit.daily is None or fullest(times, DAY) <= limit.daily
        for chat in ("7", "8", "9"):
            own = [at for at, where in done[kind] if where == chat]
            assert limit.per_chat is None or fullest(own, limit.per_chat.window_s) <= limit.per_chat.most


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rate=st.builds(Rate, st.integers(1, 5), st.sampled_from([1.0, 10.0, 60.0])), pauses=st.lists(st.integers(0, 30)))
def test_what_stays_within_its_limits_never_waits(rate, pauses):
    """The governor is no stricter than it says."""
    clock = ManualClock()
    governor = Governor(limits(message=KindLimits(rate, rate)), clock, nothing)
    done = []
    for pause in pauses:
        clock.advance(pause)
        now = clock.monotonic()
        has_room = sum(at > now - rate.window_s for at in done) < rate.most
        assert (governor.wait_s("message", "7") == 0) == has_room
        if has_room:
            done.append(now)


def test_the_defaults_of_every_network_can_be_governed_by(clock):
    """They have all the kinds."""
    for given_limits in DEFAULTS.values():
        governor = Governor(given_limits, clock, nothing)
        for kind in KINDS:
            assert governor.wait_s(kind, "7") == 0
