"""When jobs run in twelve time zones, through the clock changes of three years, against a walk minute by minute."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from botkit.schedule import At, Catching, Cron, Every, moment, moment_of, runs, to_ms

ZONES = (
    "Africa/Cairo",  # clocks go on at midnight
    "Africa/Casablanca",  # two changes around Ramadan
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",  # at midnight, in the south
    "Antarctica/Troll",  # by two hours
    "Asia/Ho_Chi_Minh",  # never
    "Asia/Kolkata",  # never, half an hour off
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Amsterdam",
    "Europe/Lisbon",
    "Pacific/Chatham",  # a quarter off
)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# What clocks show → whether it fits. Those with an open hour run whenever clocks show what fits, the others once a day.
OPEN = [
    ("30 * * * *", lambda t: t.minute == 30),
    ("0 */2 * * *", lambda t: t.minute == 0 and t.hour % 2 == 0),
    ("*/20 * * * sun", lambda t: t.minute % 20 == 0 and t.weekday() == 6),
]
FIXED = [
    ("0 0 * * *", lambda t: (t.hour, t.minute) == (0, 0)),
    ("30 0 * * *", lambda t: (t.hour, t.minute) == (0, 30)),
    ("15 1 * * *", lambda t: (t.hour, t.minute) == (1, 15)),
    ("30 2 * * *", lambda t: (t.hour, t.minute) == (2, 30)),
    ("0 3 * * *", lambda t: (t.hour, t.minute) == (3, 0)),
    ("*/10 1-3 * * *", lambda t: t.hour in (1, 2, 3) and t.minute % 10 == 0),
    ("45 0-23 * * *", lambda t: t.minute == 45),
    ("30 2 * * 7", lambda t: (t.hour, t.minute) == (2, 30) and t.weekday() == 6),
    ("0 9 * * mon", lambda t: (t.hour, t.minute) == (9, 0) and t.weekday() == 0),
]


def shown(moment, zone):
    """What clocks show."""
    return moment.astimezone(zone).replace(tzinfo=None)


@cache
def walks(zone):
    """Of a quiet day, and of the days around each change of the clock, minute by minute: [(minute, what clocks show,
    what they show for the first time or go past)]."""
    days = [BEGIN + number * DAY for number in range((END - BEGIN).days)]
    changes = [after for before, after in itertools.pairwise(days) if shown(after, zone) - shown(before, zone) != DAY]
    return [walk(begin, zone) for begin in [datetime(2026, 6, 1, tzinfo=UTC), *(day - 1.5 * DAY for day in changes)]]


def walk(begin, zone):
    """Two and a half days."""
    found, furthest = [], shown(begin, zone) - MINUTE
    for number in range(int(2.5 * DAY / MINUTE)):
        minute = begin + number * MINUTE
        now = shown(minute, zone)
        passed = [furthest + number * MINUTE for number in range(1, int((now - furthest) / MINUTE) + 1)]
        found.append((minute, now, passed))
        furthest = max(furthest, now)
    return found


def until(end, endless):
    """Of runs those up to a moment."""
    return list(itertools.takewhile(lambda run: run.at <= end, endless))


def open_runs(steps, fits):
    """Each minute at which clocks show what fits."""
    return [minute for minute, now, _ in steps if fits(now)]


def fixed_runs(steps, fits):
    """Each minute at which clocks show for the first time, or go past, what fits."""
    return [minute for minute, _, passed in steps if any(map(fits, passed))]


@pytest.mark.parametrize("name", ZONES)
def test_crontabs_run_when_they_are_to(name):
    """Through every change of the clock from 2026 to 2028."""
    zone = ZoneInfo(name)
    for steps in walks(zone):
        for expected, table in ((open_runs, OPEN), (fixed_runs, FIXED)):
            for text, fits in table:
                begin, end = steps[0][0] - timedelta(seconds=1), steps[-1][0]
                found = until(end, runs(Cron(text), begin, BEGIN, zone))
                assert [run.at for run in found] == expected(steps, fits), f"{text} from {begin}"
                assert len({run.key for run in found}) == len(found)


@pytest.mark.parametrize("name", ZONES)
def test_an_interval_does_not_mind_the_clock(name):
    """It is the same time between all runs."""
    zone = ZoneInfo(name)
    found = until(END, runs(Every("8h"), BEGIN, BEGIN, zone))
    assert [run.at for run in found] == [BEGIN + timedelta(hours=8 * n) for n in range(1, 3 * 1096 + 1)]


@pytest.mark.parametrize("name", ZONES)
def test_a_moment_is_the_first_at_which_clocks_show_it_or_go_past_it(name):
    """Around each change, for each ten minutes that clocks might show."""
    zone = ZoneInfo(name)
    for steps in walks(zone):
        expected = {time: minute for minute, _, passed in steps for time in passed}
        for wanted in list(expected)[::10]:
            assert moment_of(wanted, zone) == expected[wanted]
            assert At(str(wanted)).next_run(BEGIN, BEGIN, zone).at == expected[wanted]


def test_a_walk_has_changes_to_go_through():
    """The zones have what they are chosen for."""
    counts = {name: len(walks(ZoneInfo(name))) - 1 for name in ZONES}
    assert counts == {
        **dict.fromkeys(ZONES, 6),
        "Asia/Ho_Chi_Minh": 0,
        "Asia/Kolkata": 0,
    }


AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def keys(text, begin, count):
    """The keys of the first runs after a moment in Amsterdam."""
    return [run.key for run in itertools.islice(runs(Cron(text), begin, BEGIN, AMSTERDAM), count)]


def test_the_key_of_a_time_of_day_is_what_clocks_show():
    """With the zone; so it comes once in the night that has it twice."""
    night = datetime(2026, 10, 24, 20, tzinfo=UTC)
    assert keys("30 2 * * *", night, 2) == ["2026-10-25T02:30 Europe/Amsterdam", "2026-10-26T02:30 Europe/Amsterdam"]
    night = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert keys("30 2 * * *", night, 1) == ["2026-03-29T02:30 Europe/Amsterdam"]


def test_the_key_of_an_open_hour_is_the_moment():
    """So an hourly job runs twenty-five times on the day that has so many hours, and twenty-three in spring."""
    for day, hours in ((datetime(2026, 10, 25), 25), (datetime(2026, 3, 29), 23)):
        begin, end = moment_of(day, AMSTERDAM), moment_of(day + DAY, AMSTERDAM)
        found = until(end, runs(Cron("30 * * * *"), begin, BEGIN, AMSTERDAM))
        assert len({run.key for run in found}) == len(found) == hours
        assert found[0].key == f"{begin + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S.%fZ}"


def test_a_moment_with_an_offset_is_that_of_everybody():
    """Wherever the chat is."""
    at = At("2026-12-24T18:00:00-05:00")
    assert at.next_run(BEGIN, BEGIN, AMSTERDAM).at == datetime(2026, 12, 24, 23, tzinfo=UTC)
    assert at.next_run(datetime(2026, 12, 24, 23, tzinfo=UTC), BEGIN, AMSTERDAM) is None


@pytest.mark.parametrize(
    "make,text,problem",
    [
        (Cron, "0 9 * *", "wanted are five fields, not 4"),
        (Every, "tea", "'tea' is no length of time; write it like 90s, 2h30m or 1 day"),
        (Every, "0s", "'0s' is too short; wanted is 1s or more"),
        (At, "tomorrow", "'tomorrow' is no date and time; write it like 2026-12-24 18:00"),
        (At, "0001-01-01 00:00", "'0001-01-01 00:00' is too far away; wanted is a year from 1970 to 9000"),
    ],
)
def test_what_is_wrong_is_told(make, text, problem):
    """With what would be right."""
    with pytest.raises(ValueError) as raised:
        make(text)
    assert problem in str(raised.value)


def test_what_comes_after_the_end_of_time_does_not_come():
    """Calendars end with the year 9999."""
    assert Every("3000000 days").next_run(BEGIN, BEGIN, AMSTERDAM) is None


NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def due(catching, when, after=LONG_AGO, now=NOON):
    """The times of the runs that are made at noon."""
    return [f"{run.at:%d %H:%M}" for run in catching.due(when, after, now, LONG_AGO, UTC_ZONE)]


@pytest.mark.parametrize(
    "catching,expected",
    [
        (Catching(), ["10 12:00"]),
        (Catching("skip"), ["10 12:00"]),
        (Catching("run_all", 2 * 3600), ["10 10:00", "10 11:00", "10 12:00"]),
    ],
)
def test_what_is_due_now_is_run(catching, expected):
    """Whatever is done about what was missed before."""
    assert due(catching, Cron("0 * * * *")) == expected


@pytest.mark.parametrize(
    "catching,expected",
    [
        (Catching(), ["10 11:30"]),
        (Catching("skip"), []),
        (Catching("run_all", 3 * 3600), ["10 09:30", "10 10:30", "10 11:30"]),
        (Catching("run_all", 0), []),
        (Catching("run_once", 1799), []),
        (Catching("run_once", 1800), ["10 11:30"]),
    ],
)
def test_what_was_missed_is_run_once_or_each_or_not(catching, expected):
    """As long as it is not too old."""
    assert due(catching, Cron("30 * * * *")) == expected


def test_what_is_settled_is_not_due_again():
    """A job is looked at from where it was left."""
    assert due(Catching("run_all"), Cron("30 * * * *"), after=NOON - timedelta(hours=2)) == ["10 10:30", "10 11:30"]
    assert due(Catching("run_all"), Cron("30 * * * *"), after=NOON - timedelta(minutes=30)) == []


def test_a_run_that_is_a_little_late_is_on_time():
    """A busy machine does not lose one."""
    assert due(Catching("skip"), Cron("0 12 * * *"), now=NOON + timedelta(seconds=59)) == ["10 12:00"]
    assert due(Catching("skip"), Cron("0 12 * * *"), now=NOON + timedelta(seconds=61)) == []


def test_of_very_many_missed_runs_the_last_hundred_are_made_up_for():
    """A job each second does not flood the chat after a night."""
    found = Catching("run_all").due(Every("1s"), LONG_AGO, NOON, LONG_AGO, UTC_ZONE)
    assert len(found) == 100
    assert found[-1].at == NOON


def test_a_moment_long_gone_is_dropped():
    """And one that was missed by an hour is not."""
    assert due(Catching(), At("2026-01-10 11:00")) == ["10 11:00"]
    assert due(Catching(), At("2026-01-09 11:00")) == []


@pytest.mark.parametrize("microseconds,expected_ms", [(0, 5), (1, 6), (400, 6), (999, 6), (1000, 6)])
def test_a_moment_is_waited_for_until_it_has_come(microseconds, expected_ms):
    """The clock is read in milliseconds: one that is reached too early would be looked at again and again."""
    at = moment(1_767_225_600_005) + timedelta(microseconds=microseconds)
    assert to_ms(at) == 1_767_225_600_000 + expected_ms
    assert moment(to_ms(at)) >= at
