"""Automations: scheduled group work, and answers to events, that are written in the bot file without code.

    automations:
      - name: monday stand-up
        cron: "0 9 * * mon"
        threads: ["Stand-up"]
        do:
          - send_message: "Good morning {thread.name}, week {now|%V}!"
          - set_title: "Stand-up, week {now|%V}"

Here they are read and checked; what runs them is a plugin of the host.
"""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from botkit import happenings, schedule_words
from botkit.automation_steps import Do, Step, StepReader
from botkit.config import AutomationPart
from botkit.jobs import catching_of, schedule_of
from botkit.messenger.errors import ConfigError
from botkit.schedule import Catching, When
from botkit.templates import CHAT_NAMES
from botkit.texts import ENGLISH, listed
from botkit.values import nearest, shown
from botkit.yaml_source import Place, Source

TRUSTED = ("admin", "owner")
"""Who may have a group changed by what they do in it; ids of people are trusted too, as the bot file names them."""

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: _is_same(value, wanted),
    "not": lambda value, wanted: not _is_same(value, wanted),
    "contains": lambda value, wanted: _plain(wanted) in _plain(value),
    "matches": lambda value, wanted: wanted.search(str(value or "")) is not None,
}
"""What stands behind a field's name, as in `body_contains` → whether a value is as wanted."""


_TRUTH = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What else people write where true or false is meant."""


@dataclass(frozen=True)
class Condition:
    """A field of an event, and what it has to be: one of `wanted`, or with `not` none of them."""

    field: str
    operator: str
    wanted: tuple[Any, ...]

    def fits(self, values: Sequence[Any]) -> bool:
        """Whether one of an event's values of this field is as wanted; no value is an empty one."""
        tried = (OPERATORS[self.operator](one, wanted) for one in values or (None,) for wanted in self.wanted)
        return all(tried) if self.operator == "not" else any(tried)


@dataclass(frozen=True)
class Automation:
    """One automation: when (a schedule, or `on` an event), where, and what.

    threads: chats by id or name; all_groups: every group that the bot is in. Of a schedule they say where it runs, and
    without either it runs in no chat; of an event, where it is heard, and without either everywhere.
    allow: roles, and ids of people, who may start it; nothing: everybody. cooldown_s: for so long it does not start
    again in a chat.
    """

    name: str
    steps: tuple[Step, ...] = field(repr=False)
    when: When | None = None
    catching: Catching = field(default_factory=Catching)
    on: str | None = None
    conditions: tuple[Condition, ...] = field(default=(), repr=False)
    threads: tuple[str, ...] = ()
    all_groups: bool = False
    allow: tuple[str, ...] = ()
    cooldown_s: float | None = None

    @property
    def has_chat(self) -> bool:
        """Whether its runs are in a chat."""
        if self.on is not None:
            return self.on not in happenings.WITHOUT_CHAT
        return self.all_groups or bool(self.threads)

    def words(self, zone: ZoneInfo) -> str:
        """When it does what and where, in a line; in a time zone."""
        when = f"on {self.on}" if self.when is None else schedule_words.words(self.when, zone)
        where = "all groups" if self.all_groups else listed(self.threads, ENGLISH)
        here = f" in {where}" if where else "" if self.has_chat else " in no chat"
        return f"{self.name}: {when}{here}: {', '.join(map(str, self.steps))}"


def read(parts: Sequence[AutomationPart], source: Source, folder: Path) -> tuple[Automation, ...]:
    """The automations of a bot file; `folder` is that of the file. Raises ConfigError with all that is wrong."""
    reader = _Reader(source, folder)
    found = [reader.automation(part, ("automations", number)) for number, part in enumerate(parts)]
    if reader.problems:
        raise ConfigError(reader.problems)
    return tuple(found)


class _Reader:
    def __init__(self, source: Source, folder: Path) -> None:
        self.problems: list[str] = []
        self._source = source
        self._folder = folder
        self._names: set[str] = set()

    def automation(self, part: AutomationPart, place: Place) -> Automation:
        if part.name in self._names:
            self._tell((*place, "name"), f"there are two automations {part.name!r}; give one another name")
        self._names.add(part.name)
        on = self._event(part, place)
        found = Automation(
            name=part.name,
            steps=(),
            when=self._when(part, place),
            catching=catching_of(part.missed, part.within),
            on=on,
            conditions=tuple(self._conditions(on, part.conditions, (*place, "if"))) if on is not None else (),
            threads=tuple(part.threads),
            all_groups=part.all_groups,
            allow=tuple(part.allow),
            cooldown_s=part.cooldown,
        )
        # Of an event that is not known, neither are its fields.
        is_known = on == part.on
        steps = StepReader(
            self._tell, self._folder, _template_names(found) if is_known else None, on if is_known else "message"
        )
        read_steps = tuple(steps.read(part.do, (*place, "do"), has_chat=found.has_chat or not is_known))
        self._check_trust(found, read_steps)
        return replace(found, steps=read_steps)

    def _event(self, part: AutomationPart, place: Place) -> str | None:
        if part.on is not None and part.on not in happenings.FIELDS:
            self._tell((*place, "on"), f"there is no event {part.on!r}{nearest(part.on, happenings.FIELDS)}")
            return None
        if part.on in happenings.WITHOUT_CHAT:
            for key in ("threads", "all_groups", "this"):
                if getattr(part, key):
                    self._tell((*place, key), f"{part.on} happens in no chat; leave it out")
        return part.on

    def _when(self, part: AutomationPart, place: Place) -> When | None:
        for kind in ("cron", "every", "at"):
            given = getattr(part, kind)
            if given is not None:
                try:
                    return schedule_of(kind, given)
                except ValueError as error:
                    self._tell((*place, kind), str(error))
        return None

    def _conditions(self, on: str, given: Mapping[str, Any], place: Place) -> Iterator[Condition]:
        known = happenings.fields_of(on)
        for key, value in given.items():
            name, operator = next(
                ((key.removesuffix(f"_{one}"), one) for one in OPERATORS if key.endswith(f"_{one}")), (key, "is")
            )
            name, operator = (key, "is") if key in known else (name, operator)
            if name not in known:
                # Where no operator was found behind it, that may be what is misspelled.
                meant = [f"{one}_{operator}" for one in known for operator in OPERATORS if name == key]
                near = difflib.get_close_matches(name, [*known, *meant], n=1)
                self._tell((*place, key), f"an event {on} has no field {name!r}{nearest(name, near or known)}")
                continue
            wanted = value if isinstance(value, list) else [value]
            if any(isinstance(one, list | dict) for one in wanted) or not wanted:
                self._tell((*place, key), "should be a value or a list of values", value)
            elif operator == "matches":
                patterns = [self._pattern(one, (*place, key)) for one in wanted]
                yield Condition(name, operator, tuple(one for one in patterns if one is not None))
            else:
                yield Condition(name, operator, tuple(wanted))

    def _pattern(self, text: Any, place: Place) -> re.Pattern[str] | None:
        try:
            with warnings.catch_warnings():
                # What will mean something else in a later Python.
                warnings.simplefilter("error", FutureWarning)
                return re.compile(str(text))
        except RecursionError:
            self._tell(place, "is no regular expression: too many parentheses in each other")
        except (re.error, OverflowError, FutureWarning) as error:
            self._tell(place, f"is no regular expression: {error}")
        return None

    def _check_trust(self, automation: Automation, steps: Sequence[Step]) -> None:
        """What anybody can start must not change a group or its people."""
        trusted = automation.allow and all(one in TRUSTED or one.isdecimal() for one in automation.allow)
        if automation.on is None or trusted:
            return
        for step in steps:
            if isinstance(step, Do) and step.kind == "change":
                self._tell(
                    step.place,
                    f"{step.function} changes a group, and an event may come from anybody: say who may have it done, "
                    "allow: [admin, owner], or the ids of people",
                )

    def _tell(self, place: Place, message: str, *found: Any) -> None:
        """What is wrong, and what was found where it may be shown."""
        is_private = any(place[:length] in self._source.private for length in range(1, len(place) + 1))
        told = f", not {shown(found[0])}" if found and not is_private else ""
        self.problems.append(self._source.problem(place, message + told))


def _template_names(automation: Automation) -> tuple[str, ...]:
    """What its templates may ask for."""
    if automation.on is None:
        # Nobody has caused what the clock does.
        return tuple(one for one in CHAT_NAMES if one == "now" or (automation.has_chat and one.startswith("thread.")))
    return (*(CHAT_NAMES if automation.has_chat else ("now",)), *happenings.template_names(automation.on))


def _is_same(value: Any, wanted: Any) -> bool:
    found = _plain(wanted)
    return _plain(value) == (_TRUTH.get(found, found) if isinstance(value, bool) else found)


def _plain(value: Any) -> str:
    """A value as it is compared: in any case, and without blanks around it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip().casefold()
