"""When something is to happen, and what that comes to in a time zone with its changes of the clock. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from botkit.crontab import Crontab, parse
from botkit.times import read_duration

Missed = Literal["run_once", "skip", "run_all"]
"""What becomes of runs that fell due while the bot was not there: the last of them, none, or each."""

MISSED: tuple[Missed, ...] = ("run_once", "skip", "run_all")

WITHIN_S = 6 * 3600.0
"""A missed run that is older is dropped, unless the job says otherwise."""

ON_TIME_S = 60.0
"""A run that is later counts as missed."""

MOST_MISSED = 100
"""So many missed runs of a job are made up for at most, the last ones."""

SHORTEST_S = 1.0
"""Of the times between two runs."""

_FIRST_YEAR, _LAST_YEAR = 1970, 9000
# No bot was away for longer, and a moment so long ago is still one.
_LONGEST_WITHIN_S = 100 * 366 * 86_400.0
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """One time at which a job is due. key: what it is known by, so that it is not run twice."""

    at: datetime
    key: str


@dataclass(frozen=True)
class Cron:
    """Whenever clocks and calendars show what a crontab expression says.

    With fixed hours each time of day comes once: one that clocks show twice at its first coming, one that they leave
    out when they go on; several that they leave out together are one run. Where the hour is `*` or a step, it is every
    moment at which clocks show a time that fits.
    """

    kind: ClassVar[str] = "cron"
    text: str

    def __post_init__(self) -> None:
        parse(self.text)

    @property
    def crontab(self) -> Crontab:
        """The expression as it was read."""
        return parse(self.text)

    def next_run(self, after: datetime, since: datetime, zone: ZoneInfo) -> Run | None:
        """The first run after a moment; None when there is none any more. `since` is when the job was made."""
        return self._next_shown(after, zone) if self.crontab.is_open else self._next_of_day(after, zone)

    def _next_of_day(self, after: datetime, zone: ZoneInfo) -> Run | None:
        shown: datetime | None = _shown(after, zone)
        while shown is not None and (shown := self.crontab.next_after(shown)) is not None:
            at = moment_of(shown.replace(tzinfo=None), zone)
            # What is shown for the second time has been there.
            if at > after:
                return Run(at, f"{shown:%Y-%m-%dT%H:%M} {zone.key}")
        return None

    def _next_shown(self, after: datetime, zone: ZoneInfo) -> Run | None:
        begin, is_change = after, False
        while True:
            offset = _offset(begin, zone)
            shown = self.crontab.next_after(begin + offset, inclusive=is_change)
            if shown is None:
                return None
            at = shown - offset
            change = _first_change(begin, at, zone)
            if change is None:
                return _run_at(at)
            begin, is_change = change, True


@dataclass(frozen=True)
class Every:
    """Again and again after so many seconds, from when the job was made; whatever clocks show."""

    kind: ClassVar[str] = "every"
    text: str

    def __post_init__(self) -> None:
        if self.interval.total_seconds() < SHORTEST_S:
            raise ValueError(f"{self.text!r} is too short; wanted is {SHORTEST_S:.0f}s or more")

    @property
    def interval(self) -> timedelta:
        try:
            return read_duration(self.text)
        except ValueError:
            raise ValueError(f"{self.text!r} is no length of time; write it like 90s, 2h30m or 1 day") from None

    def next_run(self, after: datetime, since: datetime, zone: ZoneInfo) -> Run | None:
        """See `Cron.next_run`."""
        number = max(1, (after - since) // self.interval + 1)
        try:
            return _run_at(since + number * self.interval)
        except OverflowError:
            return None


@dataclass(frozen=True)
class At:
    """Once. `text` is a date and a time such as `2026-12-24 18:00`, with an offset from UTC behind it, or else meant as
    what clocks show."""

    kind: ClassVar[str] = "at"
    text: str

    def __post_init__(self) -> None:
        self._given()

    def moment(self, zone: ZoneInfo) -> datetime:
        """When that is, in UTC."""
        given = self._given()
        return given.astimezone(UTC) if given.tzinfo is not None else moment_of(given, zone)

    def next_run(self, after: datetime, since: datetime, zone: ZoneInfo) -> Run | None:
        """See `Cron.next_run`."""
        at, given = self.moment(zone), self._given()
        if at <= after:
            return None
        # Where clocks are set to another zone, what they show comes again; this does not.
        return _run_at(at) if given.tzinfo is not None else Run(at, f"{given:%Y-%m-%dT%H:%M:%S.%f}")

    def _given(self) -> datetime:
        try:
            given = datetime.fromisoformat(self.text)
        except ValueError:
            raise ValueError(f"{self.text!r} is no date and time; write it like 2026-12-24 18:00") from None
        if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
            raise ValueError(f"{self.text!r} is too far away; wanted is a year from {_FIRST_YEAR} to {_LAST_YEAR}")
        return given


When = Cron | Every | At

_KINDS: dict[str, type[Cron] | type[Every] | type[At]] = {one.kind: one for one in (Cron, Every, At)}


def when_of(kind: str, text: str) -> When:
    """The schedule that has this kind and text."""
    return _KINDS[kind](text)


@dataclass(frozen=True)
class Catching:
    """What a job does about runs that it has missed, if they are not older than `within_s` seconds."""

    missed: Missed = "run_once"
    within_s: float = WITHIN_S

    def due(self, when: When, after: datetime, now: datetime, since: datetime, zone: ZoneInfo) -> tuple[Run, ...]:
        """The runs to be made at `now` of those that fell due after `after`, oldest first."""
        within_s = min(max(self.within_s, ON_TIME_S), _LONGEST_WITHIN_S)
        earliest = now - timedelta(seconds=ON_TIME_S if self.missed == "skip" else within_s)
        # A run at the limit itself still counts.
        begin = max(after, earliest - timedelta(microseconds=1))
        wanted = 1 if self.missed != "run_all" else MOST_MISSED
        return _last_runs(when, begin, now, since, zone, wanted)


def runs(when: When, after: datetime, since: datetime, zone: ZoneInfo) -> Iterator[Run]:
    """All runs after a moment."""
    run = when.next_run(after, since, zone)
    while run is not None:
        yield run
        run = when.next_run(run.at, since, zone)


def _last_runs(
    when: When, begin: datetime, now: datetime, since: datetime, zone: ZoneInfo, wanted: int
) -> tuple[Run, ...]:
    """Of the runs after `begin` and not after `now` the last ones, so many as are wanted."""
    back = timedelta(minutes=1)
    while True:
        first = max(begin, now - back)
        found = tuple(itertools.takewhile(lambda run: run.at <= now, runs(when, first, since, zone)))
        if len(found) >= wanted or first == begin:
            return found[-wanted:]
        back *= 4


def moment_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which clocks show `shown`, which has no zone: the first one if there are two; if they never
    do, the moment at which they go past it."""
    found = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown(found, zone).replace(tzinfo=None) == shown:
        return found
    change = _first_change(shown.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)
    return found if change is None else change


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show at a moment, written as if in UTC."""
    return moment + _offset(moment, zone)


def _first_change(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment after `begin` and not after `end` from which clocks show another offset than at `begin`."""
    offset = _offset(begin, zone)
    low = begin
    while low < end:
        high = min(low + _DAY, end)
        if _offset(high, zone) != offset:
            return _change_between(low, high, zone)
        low = high
    return None


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The one change, which comes at a full second."""
    offset = _offset(low, zone)
    low = low.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        if _offset(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _run_at(at: datetime) -> Run:
    return Run(at, f"{at:%Y-%m-%dT%H:%M:%S.%fZ}")


def moment(time_ms: int) -> datetime:
    """A time in milliseconds since 1970 as a datetime in UTC."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def to_ms(at: datetime) -> int:
    """The first full millisecond since 1970 at which an aware datetime is not ahead any more."""
    return -((_EPOCH - at) // _MILLISECOND)
