"""What the code of a conversation reads in a turn, recorded; and given to it again when the turn is replayed.

Whatever a context can be asked goes through the tape: time, chance, the store, the api, people. While it is played
nothing of that is asked for, so nothing that the code does has an effect.
"""

from __future__ import annotations

import functools
import logging
import random as random_module
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, cast

from botkit.clock import Clock
from botkit.commands import Lookup
from botkit.context import People, Services
from botkit.host import Desk
from botkit.runner.effects import Act
from botkit.runner.recorded import from_plain, to_plain
from botkit.scheduling import JobDesk

ReadRows = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
"""`Database.read`."""

Entry = list[Any]
"""[what was asked for, the answer or None, the error or None], as JSON values."""

_SILENT = logging.Logger("botkit.replayed", logging.CRITICAL + 1)


class Astray(Exception):
    """The code asks for something else than what was recorded."""


class Tape:
    """Used by the thread of the turn. It is off, and lets everything pass, until `record` or `play`."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        """`scope` is where the names of the plugin's enums are looked up."""
        self._scope = scope
        self._recorded: list[Entry] | None = None
        self._played: list[Entry] | None = None
        self._is_astray = False

    @property
    def is_playing(self) -> bool:
        """Whether what was recorded is given."""
        return self._played is not None

    def record(self) -> None:
        """Keep what is read from now on."""
        self._recorded = []

    def play(self, entries: list[Entry]) -> None:
        """Give what was recorded from now on."""
        self._played, self._is_astray = entries[::-1], False

    def stop(self) -> list[Entry]:
        """Be off again; what was recorded. Raises Astray when not all was asked for of what was to be played, or
        something else."""
        recorded, left, is_astray = self._recorded, self._played, self._is_astray
        self._recorded = self._played = None
        self._is_astray = False
        if left or is_astray:
            raise Astray
        return recorded or []

    def read(self, name: str, ask: Callable[[], Any]) -> Any:
        """What `ask` gives or raises, or did when it was recorded."""
        if self._played is not None:
            return self._next(name)
        if self._recorded is None:
            return ask()
        try:
            value = ask()
        except Exception as error:
            self._recorded.append([name, None, to_plain(error)])
            raise
        self._recorded.append([name, to_plain(value), None])
        return value

    def act(self, act: Act) -> Act:
        """What `ctx.api` does, asked through the tape."""
        return lambda function, args, kwargs: self.read(f"api {function}", lambda: act(function, args, kwargs))

    def rows(self, read: ReadRows) -> ReadRows:
        """`Database.read`, asked through the tape."""
        return lambda sql, parameters: [
            tuple(row) for row in self.read(f"rows {parameters}", lambda: read(sql, parameters))
        ]

    def _next(self, name: str) -> Any:
        entry = self._played.pop() if self._played else None
        if entry is None or entry[0] != name:
            # The code may catch it.
            self._is_astray = True
            raise Astray
        if entry[2] is not None:
            raise from_plain(entry[2], self._scope)
        return from_plain(entry[1], self._scope)


def taped(services: Services, tape: Tape) -> Services:
    """Services that are asked through the tape; without a host, which has a store of its own."""
    return replace(
        services,
        clock=cast(Clock, _Taped("clock", services.clock, tape)),
        random=TapedRandom(services.random, tape),
        people=cast(People, _Taped("people", services.people, tape)),
        desk=_taped_desk(services.desk, tape),
        jobs=cast(JobDesk, _Taped("jobs", services.jobs, tape)),
        new_lookup=lambda *who: cast(Lookup, _Taped("lookup", services.new_lookup(*who), tape)),
        next_row=through(tape, "row", services.next_row),
        message_id_of=through(tape, "sent", services.message_id_of),
        status=through(tape, "status", services.status),
        log=_SILENT if tape.is_playing else services.log,
    )


def through(tape: Tape, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, asked through the tape under this name and the first of its arguments."""

    def asked(*args: Any, **kwargs: Any) -> Any:
        return tape.read(" ".join([name, *map(str, args[:1])]), lambda: function(*args, **kwargs))

    return asked


def _taped_desk(desk: Desk, tape: Tape) -> Desk:
    asked = {one.name: getattr(desk, one.name) for one in fields(desk) if callable(getattr(desk, one.name))}
    through_tape: dict[str, Any] = {name: through(tape, f"host.{name}", one) for name, one in asked.items()}
    return replace(desk, **through_tape)


class _Taped:
    """A thing whose every method is asked through a tape."""

    def __init__(self, name: str, thing: Any, tape: Tape) -> None:
        self._name = name
        self._thing = thing
        self._tape = tape

    def __getattr__(self, attribute: str) -> Any:
        function = getattr(self._thing, attribute)

        @functools.wraps(function)
        def asked(*args: Any, **kwargs: Any) -> Any:
            return self._tape.read(f"{self._name}.{attribute}", lambda: function(*args, **kwargs))

        return asked


class TapedRandom(random_module.Random):
    """All that a Random does comes down to these two."""

    def __new__(cls, *args: object) -> TapedRandom:
        return random_module.Random.__new__(cls)

    def __init__(self, source: random_module.Random, tape: Tape) -> None:
        self._source = source
        self._tape = tape
        # What `gauss` keeps from one call for the next.
        self.gauss_next = None

    def random(self) -> float:
        return float(self._tape.read("random", self._source.random))

    def getrandbits(self, k: int, /) -> int:
        return int(self._tape.read("random bits", lambda: self._source.getrandbits(k)))
