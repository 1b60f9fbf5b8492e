"""Jobs: functions of a plugin that are called by the clock.

    @cron("0 9 * * mon", each="thread")
    def standup(ctx: ChatContext) -> str:
        return "Stand-up in ten minutes."

A schedule may also be told from the plugin's settings: `@cron(lambda settings: f"0 {settings.hour} * * *")`.

With `each="thread"` there is a run in each chat where the plugin is switched on for schedules: those under `threads:`
at its line of the bot file, and those where somebody said `!enable`. It goes by the chat's own time zone, and a
returned text is written there. Without it there is one run, in no chat.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, TypeVar

from botkit.messenger.errors import PluginError
from botkit.schedule import MISSED, WITHIN_S, At, Catching, Cron, Every, Missed, When, when_of
from botkit.times import read_duration

Function = TypeVar("Function", bound=Callable[..., Any])
Length = float | str | timedelta
"""A length of time: a number of seconds, or a text such as `2h30m`."""

Told = Callable[[Any], Any]
"""What tells a schedule from a plugin's settings: it gives what the marker would have been given."""

_MARK = "__botkit_job__"


@dataclass(frozen=True)
class Plan:
    """What a marker says of its function. when: told from the settings where that is a function. name: None for that
    of the function."""

    kind: str
    when: When | Told
    catching: Catching
    is_each: bool
    name: str | None


@dataclass(frozen=True)
class Chats:
    """Chats that are named by id or name, or every group that the bot is in."""

    names: tuple[str, ...] = ()
    all_groups: bool = False


@dataclass(frozen=True)
class Job:
    """A function with a marker. is_each: it runs in each chat where its plugin is switched on for schedules, or in
    `chats` of its own. told: what tells `when` from the settings, None where the marker says it."""

    plugin: str
    name: str
    function: Callable[..., Any] = field(repr=False)
    when: When
    catching: Catching
    is_each: bool
    told: Told | None = field(default=None, repr=False)
    chats: Chats | None = None

    @property
    def id(self) -> str:
        """Its name among those of all plugins."""
        return f"{self.plugin}:{self.name}"

    def with_settings(self, settings: Any) -> Job:
        """The same with the schedule that these settings make; raises PluginError when they make none."""
        if self.told is None:
            return self
        return replace(self, when=_told(self.told, self.when.kind, settings, self.id))


@dataclass(frozen=True)
class MadeJob:
    """A job that a call has made: a module-level function of the plugin, by its name, with arguments that are JSON
    values. `thread_id` and `sender_id` are those of the call; `since_ms` is when that was."""

    plugin: str
    name: str
    thread_id: str | None
    sender_id: str | None
    function: str
    arguments: tuple[Any, ...] = field(repr=False)
    when: When
    catching: Catching
    since_ms: int


@dataclass(frozen=True)
class CancelledJob:
    """That a call wants to have a made job no more."""

    plugin: str
    name: str
    thread_id: str | None


@dataclass(frozen=True)
class AskedRun:
    """That a call wants to have a job run, whatever its schedule says."""

    plugin: str
    name: str
    thread_id: str | None


JobChange = MadeJob | CancelledJob | AskedRun


@dataclass(frozen=True)
class JobRun:
    """One run of a job: the event of its call.

    job: `plugin:name`. due_ms: when it was to be; a missed run comes later. thread_id and sender_id: None in no chat,
    and unless a call of somebody has made the job. is_asked: an owner wants it, whatever its schedule says.
    """

    type: ClassVar[str] = "job"

    job: str
    plugin: str
    function: str | None
    arguments: tuple[Any, ...] = field(repr=False)
    due_ms: int
    thread_id: str | None = None
    sender_id: str | None = None
    is_asked: bool = False


@dataclass(frozen=True)
class JobInfo:
    """What owners are told of a job in a chat (thread_id None: in no chat).

    when: in words, in the language of the chat. next_at: its next runs, at most three, in the zone that it goes by.
    """

    plugin: str
    name: str
    thread_id: str | None
    when: str
    next_at: tuple[datetime, ...] = ()
    is_paused: bool = False

    @property
    def id(self) -> str:
        """Its name among those of all plugins."""
        return f"{self.plugin}:{self.name}"


def cron(
    expression: str | Callable[[Any], str],
    *,
    each: Literal["thread"] | None = None,
    name: str | None = None,
    missed: Missed = "run_once",
    within: Length = WITHIN_S,
) -> Callable[[Function], Function]:
    """Call the function when clocks show what a crontab expression says: minute, hour, day of the month, month, day of
    the week, as in `0 9 * * mon`; also `L`, `5#2`, `L5`, `last fri`. A function in its place tells the expression from
    the plugin's settings, and anew whenever they are changed.

    each: "thread" for a run in each chat, None for one in no chat. name: what the job is called (default: as the
    function). missed: what becomes of runs that fell due while the bot was not there: `run_once`, the last of them;
    `skip`; `run_all`. within: how old a missed run may be, in seconds or as `6h`. Raises PluginError.
    """
    return _marker("cron", expression, each, name, missed, within)


def every(
    interval: Length | Callable[[Any], Length],
    *,
    each: Literal["thread"] | None = None,
    name: str | None = None,
    missed: Missed = "run_once",
    within: Length = WITHIN_S,
) -> Callable[[Function], Function]:
    """Call the function again and again, so long after each other; `2h30m`, seconds, or a function that tells it from
    the settings. The rest as for `cron`."""
    return _marker("every", interval, each, name, missed, within)


def at(
    moment: str | Callable[[Any], str],
    *,
    each: Literal["thread"] | None = None,
    name: str | None = None,
    missed: Missed = "run_once",
    within: Length = WITHIN_S,
) -> Callable[[Function], Function]:
    """Call the function once, when clocks show a date and time such as `2026-12-24 18:00`; or a function that tells it
    from the settings. The rest as for `cron`."""
    return _marker("at", moment, each, name, missed, within)


def plan_of(candidate: Any) -> Plan | None:
    """What the marker on a function says, or None when there is none."""
    found = getattr(candidate, _MARK, None) if callable(candidate) else None
    return found if isinstance(found, Plan) else None


def is_job(candidate: Any) -> bool:
    """Whether something is marked with `@cron`, `@every` or `@at`."""
    return plan_of(candidate) is not None


def is_told(function: Callable[..., Any]) -> bool:
    """Whether the settings tell the schedule of a marked function."""
    plan = plan_of(function)
    return plan is not None and callable(plan.when)


def build(function: Callable[..., Any], plugin: str, settings: Any) -> Job:
    """The job of a marked function under these settings; raises PluginError when the function cannot be called as one,
    and when the settings make no schedule."""
    plan = plan_of(function)
    assert plan is not None, "only marked functions are built"
    fault = _fault(function)
    if fault is not None:
        raise PluginError(f"{function.__name__}: {fault}")
    name = plan.name or function.__name__
    told = plan.when if callable(plan.when) else None
    when = plan.when if not callable(plan.when) else _told(plan.when, plan.kind, settings, name)
    return Job(plugin, name, function, when, plan.catching, plan.is_each, told)


def is_name(name: Any) -> bool:
    """Whether a job may be called so, in one line. A colon stands between plugin and job; numbers are the names of
    those that have none."""
    if not isinstance(name, str) or not name.strip() or name.strip().isdecimal():
        return False
    return not any(one in name for one in ":\r\n")


def seconds_of(length: Length) -> float:
    """A length of time in seconds; raises ValueError for what is none."""
    try:
        found = read_duration(length) if isinstance(length, str) else length
    except ValueError:
        raise ValueError(f"{length!r} is no length of time; write it like 90s, 2h30m or 1 day") from None
    if isinstance(found, timedelta):
        found = found.total_seconds()
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < float("inf"):
        raise ValueError(f"{length!r} is no length of time; give seconds, or a text such as '2h30m'")
    return float(found)


def schedule_of(kind: str, given: Any) -> When:
    """The schedule of a kind (`cron`, `every`, `at`) as plugins write it. Raises ValueError."""
    if kind == Every.kind:
        return Every(given if isinstance(given, str) else f"{seconds_of(given):f}".rstrip("0").rstrip(".") + "s")
    if kind == At.kind and isinstance(given, datetime):
        return At(given.isoformat(sep=" "))
    if not isinstance(given, str):
        raise ValueError(f"{given!r} is no text such as {_SAMPLES[kind]!r}")
    return when_of(kind, given)


def catching_of(missed: str, within: Length) -> Catching:
    """What a job does about runs that it has missed, as plugins write it. Raises ValueError."""
    if missed not in MISSED:
        raise ValueError(f"missed must be one of {', '.join(MISSED)}, not {missed!r}")
    return Catching(missed, seconds_of(within))


_SAMPLES: Mapping[str, str] = {Cron.kind: "0 9 * * mon", At.kind: "2026-12-24 18:00"}


def _marker(
    kind: str, given: Any, each: str | None, name: str | None, missed: str, within: Length
) -> Callable[[Function], Function]:
    where = f"@{kind}({'…' if callable(given) else repr(given)})"
    if each not in (None, "thread"):
        raise PluginError(f"{where}: each must be 'thread' or None, not {each!r}")
    if name is not None and not is_name(name):
        raise PluginError(f"{where}: name must be a text without a colon, and no number, not {name!r}")
    try:
        when = given if callable(given) else schedule_of(kind, given)
        plan = Plan(kind, when, catching_of(missed, within), each == "thread", name)
    except ValueError as error:
        raise PluginError(f"{where}: {error}") from error

    def mark(function: Function) -> Function:
        if not callable(function):
            raise PluginError(f"{where}: write it above a function")
        if is_job(function):
            raise PluginError(f"{where}: {function.__name__} has a schedule already; one function has one")
        setattr(function, _MARK, plan)
        return function

    return mark


def _told(told: Told, kind: str, settings: Any, name: str) -> When:
    try:
        return schedule_of(kind, told(settings))
    except Exception as error:
        raise PluginError(f"{name}: its settings make no schedule: {error}") from error


def _fault(function: Callable[..., Any]) -> str | None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "plugins are sync Python; write def instead of async def"
    if inspect.isgeneratorfunction(function):
        return "only a command can be a conversation; write return instead of yield"
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) == 1 and parameters[0].kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        return None
    names = ", ".join(map(str, parameters)) or "nothing"
    return f"a job takes one argument, ctx, not {names}"
