"""What a call does at once through `ctx.api`: in the bot's pace, and not twice what must not be done twice.

Sends and functions of class `once` are written to a ledger before their request leaves and when their result is there,
under (call, how manieth effect, digest of the arguments). A call that is run again gets the result of an ended one
without a request; one that was begun and whose end nobody knows is looked up, or told as OutcomeUnknown.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import random as random_module
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from botkit.clock import Clock
from botkit.limits import Kind
from botkit.logs import get_logger
from botkit.messenger import (
    FUNCTION_CLASSES,
    Api,
    BadAnswer,
    Checkpoint,
    MessengerError,
    NetworkError,
    NotLoggedIn,
    OutcomeUnknown,
    SentMessage,
    ServerError,
)
from botkit.runner import steps
from botkit.runner.awaited import Awaited
from botkit.runner.governor import Governor
from botkit.store import Database

log = get_logger(__name__)

_UNKNOWN = (NetworkError, ServerError, BadAnswer, OutcomeUnknown)
# How long the look-up of an effect waits until what had happened meanwhile is in.
_CAUGHT_UP_S = 10.0

acting_plugin: ContextVar[str | None] = ContextVar("acting_plugin", default=None)
"""The plugin whose direct call of the api is under way on this thread; None for what the host does of its own."""

Act = Callable[[str, tuple[Any, ...], dict[str, Any]], Any]


@dataclass(frozen=True)
class _Deed:
    """One function with its arguments, as the ledger names it."""

    call: str
    number: int
    function: str
    digest: str
    thread_id: str | None
    kind: Kind

    @property
    def key(self) -> tuple[str, int, str]:
        return self.call, self.number, self.digest


class Effects:
    """Does functions of the API for calls; any thread."""

    def __init__(
        self,
        database: Database,
        api: Api,
        governor: Governor,
        clock: Clock,
        random: random_module.Random,
        awaited: Awaited,
        on_fatal: Callable[[MessengerError], None],
        *,
        on_changed: Callable[[str], None] = lambda thread_id: None,
        shadow: bool = False,
        step: steps.Step = steps.no_step,
    ) -> None:
        """`on_fatal` is told, on the thread of the call, that the session is dead. `on_changed` is told the id of a
        chat that was changed: of its own deeds the bot hears nothing. `shadow`: nothing is done but
        reading; what a call would have done is a line in the log."""
        self._on_fatal = on_fatal
        self._on_changed = on_changed
        self._shadow = shadow
        self._database = database
        self._api = api
        self._governor = governor
        self._clock = clock
        self._random = random
        self._awaited = awaited
        self._step = step
        self._caught_up = threading.Event()
        self._begun_s = clock.monotonic()
        self._dead: MessengerError | None = None

    def caught_up(self) -> None:
        """What had happened while the bot was away is in, so an own message that is not known now never arrived."""
        self._caught_up.set()

    @property
    def is_settled(self) -> bool:
        """Whether all is known that can be known of what was begun before this start."""
        return self._caught_up.is_set() or self._clock.monotonic() - self._begun_s > _CAUGHT_UP_S

    def unsettled_rows(self) -> frozenset[int]:
        """The journal rows that have begun something, before this start, whose end is not known."""
        calls = self._database.read("SELECT call FROM effects WHERE ended_ms IS NULL")
        names = (call.partition(":")[0] for (call,) in calls)
        return frozenset(int(name) for name in names if name.isdecimal())

    def end(self, error: MessengerError) -> None:
        """The session is dead: whatever is asked for from now on raises `error`, and nothing leaves."""
        self._dead = error
        self._caught_up.set()

    def of_call(self, call: str) -> Act:
        """What `ctx.api` does in this call; `call` is the same when the call is run again."""
        numbers = itertools.count()
        return lambda function, args, kwargs: self._act(call, next(numbers), function, args, kwargs)

    def _act(self, call: str, number: int, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bound = inspect.signature(getattr(Api, function)).bind(self._api, *args, **kwargs)
        arguments = {name: value for name, value in bound.arguments.items() if name != "self"}
        deed = self._deed(call, number, function, arguments)
        kind = FUNCTION_CLASSES[function]
        if self._shadow and kind != "read":
            return self._shadow_of(deed)
        if self._dead is not None:
            raise self._dead.with_traceback(None)
        if kind not in ("send", "once"):
            self._governor.check(deed.kind, deed.thread_id)
            self._count(deed)
            return self._ask(deed, arguments)
        return self._do_once(deed, arguments, self._ask, check=lambda: self._governor.check(deed.kind, deed.thread_id))

    def do_row(self, row_id: int, function: str, arguments: dict[str, Any]) -> Any:
        """Do what a row of the outbox is about; `arguments` are by name. Its sender has asked the governor, and sees to
        whatever this raises: what the function does, and OutcomeUnknown for one of class once whose end nobody knows.
        Any thread."""
        deed = self._deed(f"outbox:{row_id}", 0, function, arguments)
        if FUNCTION_CLASSES[function] in ("send", "once"):
            return self._do_once(deed, arguments, self._run, check=lambda: None)
        self._count(deed)
        return self._run(deed, arguments)

    def _shadow_of(self, deed: _Deed) -> Any:
        """What a call gets in place of a result that nothing stands behind."""
        extra = {"plugin": acting_plugin.get(), "thread_id": deed.thread_id}
        log.info(
            "shadow     plugin %s would do %s in chat %s",
            acting_plugin.get(),
            deed.function,
            deed.thread_id,
            extra=extra,
        )
        name = f"shadow:{deed.call}:{deed.number}"
        if deed.function in ("send_message", "forward_message"):
            return SentMessage(deed.thread_id or name, name, self._clock.time_ms())
        if deed.function == "send_typing_indicator":
            return lambda: None
        return name if deed.function == "create_group" else None

    def _deed(self, call: str, number: int, function: str, arguments: dict[str, Any]) -> _Deed:
        kind = self._governor.kind_of(function, arguments)
        return _Deed(call, number, function, _digest(arguments), _thread_of(arguments), kind)

    def _count(self, deed: _Deed) -> None:
        """Keep that it was done, for the limits of the next start."""
        if deed.kind in ("message", "change"):
            now_ms = self._clock.time_ms()
            self._database.submit(lambda c: _begin(c, deed, None, now_ms, now_ms))

    def _do_once(
        self,
        deed: _Deed,
        arguments: dict[str, Any],
        ask: Callable[[_Deed, dict[str, Any]], Any],
        check: Callable[[], None],
    ) -> Any:
        known = self._known(deed)
        if known is not None:
            return known[0]
        check()
        if deed.function == "send_message" and isinstance(arguments["thread_id"], str | int):
            arguments.setdefault("offline_threading_id", self._new_otid())
        otid, now_ms = arguments.get("offline_threading_id"), self._clock.time_ms()
        if otid is not None:
            self._awaited.add(str(otid))
        self._database.write(lambda c: _begin(c, deed, otid, now_ms, None))
        self._step(steps.ONCE_BEGUN)
        try:
            result = ask(deed, arguments)
        except _UNKNOWN:
            raise
        except Exception:
            # It was refused, or never asked for: nothing has happened, and another try is another matter.
            self._database.write(lambda c: _forget(c, deed))
            raise
        ended_ms, text = self._clock.time_ms(), _to_json(result)
        self._database.write(lambda c: _end(c, deed, ended_ms, text))
        if otid is not None:
            self._awaited.discard(str(otid))
        return result

    def _ask(self, deed: _Deed, arguments: dict[str, Any]) -> Any:
        try:
            result = self._run(deed, arguments)
        except (NotLoggedIn, Checkpoint) as error:
            self._on_fatal(error)
            raise
        except MessengerError as error:
            # A look-up of a chat that is unknown, or a change that is not allowed, says nothing about its messages.
            self._governor.trouble(error, deed.thread_id if deed.kind == "message" else None)
            raise
        self._governor.went_well()
        return result

    def _run(self, deed: _Deed, arguments: dict[str, Any]) -> Any:
        result = getattr(self._api, deed.function)(**arguments)
        if deed.kind == "change" and deed.thread_id is not None:
            self._on_changed(deed.thread_id)
        return result

    def _known(self, deed: _Deed) -> tuple[Any] | None:
        """The result of an earlier run of the same call, or None when there was none."""
        found = self._find(deed)
        if found is None:
            return None
        if found[0] is None and not self.is_settled:
            self._clock.wait(self._caught_up, _CAUGHT_UP_S)
            found = self._find(deed)
        if found is None or found[0] is None:
            raise OutcomeUnknown(
                f"{deed.function}: begun before, and whether it was done is unknown; look, then decide"
            )
        return (_from_json(found[1]),)

    def _find(self, deed: _Deed) -> tuple[int | None, str] | None:
        rows = self._database.read(
            "SELECT ended_ms, result FROM effects WHERE call = ? AND number = ? AND digest = ?", deed.key
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def _new_otid(self) -> int:
        return (self._clock.time_ms() << 22) | self._random.getrandbits(22)


def spent(database: Database, kind: Kind, since_ms: int) -> list[int]:
    """When things of this kind were done since then, in ms: what the ledger and the outbox know."""
    found = database.read("SELECT begun_ms FROM effects WHERE kind = ? AND begun_ms >= ?", (kind, since_ms))
    outbox_kind = {"message": "message", "small": "reaction"}.get(kind)
    if outbox_kind is not None:
        found += database.read(
            "SELECT ended_ms FROM outbox WHERE kind = ? AND state = 'sent' AND ended_ms >= ?", (outbox_kind, since_ms)
        )
    return [row[0] for row in found]


def tick_off(connection: sqlite3.Connection, offline_threading_id: str, sent: SentMessage, now_ms: int) -> None:
    """Inside a commit: an own message has come back, so the effect that was to send it is through."""
    connection.execute(
        "UPDATE effects SET ended_ms = ?, result = ? WHERE offline_threading_id = ? AND ended_ms IS NULL",
        (now_ms, _to_json(sent), offline_threading_id),
    )


def _begin(connection: sqlite3.Connection, deed: _Deed, otid: object, begun_ms: int, ended_ms: int | None) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO effects (call, number, digest, function, kind, thread_id, offline_threading_id,"
        " begun_ms, ended_ms, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'null')",
        (*deed.key, deed.function, deed.kind, deed.thread_id, None if otid is None else str(otid), begun_ms, ended_ms),
    )


def _end(connection: sqlite3.Connection, deed: _Deed, ended_ms: int, result: str) -> None:
    connection.execute(
        "UPDATE effects SET ended_ms = ?, result = ? WHERE call = ? AND number = ? AND digest = ?",
        (ended_ms, result, *deed.key),
    )


def _forget(connection: sqlite3.Connection, deed: _Deed) -> None:
    connection.execute("DELETE FROM effects WHERE call = ? AND number = ? AND digest = ?", deed.key)


def _thread_of(arguments: Mapping[str, Any]) -> str | None:
    found = arguments.get("thread_id")
    return str(found) if isinstance(found, str | int) else None


def _digest(arguments: Mapping[str, Any]) -> str:
    """The same for the same arguments in another run; a stream counts by its name, as reading it would use it up."""
    return hashlib.sha256(json.dumps(arguments, sort_keys=True, default=_as_text).encode()).hexdigest()


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    name = getattr(value, "name", None)
    return str(name) if callable(getattr(value, "read", None)) else str(value)


def _to_json(result: Any) -> str:
    """A result of a send or of a function of class `once`: a SentMessage, an id, or nothing."""
    return json.dumps({"sent": asdict(result)} if isinstance(result, SentMessage) else result)


def _from_json(text: str) -> Any:
    value = json.loads(text)
    return SentMessage(**value["sent"]) if isinstance(value, dict) else value
