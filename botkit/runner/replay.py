"""A replay: a record is run through the plugins, on a clock that stands at each row's arrival, and nothing leaves.

Journal, lanes, calls and outbox are the real ones, on a store that begins empty. The api is not: what a plugin reads
fails as without a network, and what it does is written down. Each row is handled to its end before the next one comes,
whatever their chats, so that the outcome does not hang on which thread was faster.
"""

from __future__ import annotations

import inspect
import json
import random as random_module
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

from botkit.clock import Clock
from botkit.config import BotFile, LimitsPart
from botkit.messenger import (
    FUNCTION_CLASSES,
    Api,
    Batch,
    ConnectionState,
    Event,
    NetworkError,
    Position,
    SentMessage,
    Sink,
    raw_events,
)
from botkit.messenger.errors import PluginError
from botkit.messenger.options import Options, options_from
from botkit.outgoing import CALL
from botkit.runner.bot import Bot
from botkit.runner.effects import acting_plugin
from botkit.runner.loader import HookTable
from botkit.runner.record import Record, RecordedRow
from botkit.status import Status

_WHAT = {"send_message": "message", "set_message_reaction": "reaction"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_S = 1.0
"""How far the clock is moved at a time until slow calls have ended."""
_MOST_S = 3600.0
"""After so long a row is left behind; calls and background work are given up much earlier."""


class MovableClock(Clock, Protocol):
    """A clock that stands still until it is moved."""

    def advance(self, seconds: float = 0.0) -> None:
        """Move on, when all work has come to rest, and let what falls due on the way come to rest.

        Raises AssertionError when that takes too long.
        """

    def jump(self, seconds: float) -> None:
        """Set the time of day, without that anything falls due."""


@dataclass(frozen=True)
class Deed:
    """Something that the bot would have done.

    what: `message`, `reaction`, or another function of the api that the plugin called.
    text: of a message or a reaction. details: what it has beside that, or the function's arguments, as JSON values.
    thread_id: of a message to several people their ids, with commas.
    """

    time_ms: int
    thread_id: str | None
    plugin: str
    what: str
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values, under the names of the fields."""
        return asdict(self)


def replay(
    record: Record, table: HookTable, file: BotFile, folder: Path, clock: MovableClock, random: random_module.Random
) -> Iterator[Deed]:
    """Run `record` through the plugins of `table`; gives what they would have done, row by row, as it comes about.

    `folder` is empty and of no use afterwards. The limits of the bot file are not applied: they say when something is
    done, not what. Must be called on the thread that moves `clock`. Raises BadArgument when the record has a line that
    is none, and PluginError, naming the event, when a plugin does not come to rest; its thread is left behind then.
    """
    api = _ReplayApi(record.head.own_id, replace(options_from(file.options), network="replay"), clock)
    quiet = file.model_copy(update={"network": "sandbox", "limits": LimitsPart(), "notify": None})
    bot = Bot(cast(Api, api), table, folder, clock, random, quiet, name="replay")
    deeds, stage = _Deeds(folder / "bot.db", api), "at the start"
    try:
        bot.start()
        _rest(bot, clock)
        for number, row in enumerate(record.rows(), start=1):
            _stand_at(row.received_ms, clock)
            stage = _event_of(row)
            api.sink.batch(Batch(number, (row.delta,), row.received_ms), Position(record.head.own_id, None, number))
            _rest(bot, clock)
            yield from deeds.new()
        stage = "at the end"
        bot.stop()
    except AssertionError as error:
        # Stopping would wait for the same plugin once more.
        raise PluginError(f"{stage}: a plugin does not come to rest: {error}") from error
    except BaseException:
        bot.stop()
        raise
    yield from deeds.new()


def _event_of(row: RecordedRow) -> str:
    """`event of 2026-01-01 09:00:00.000 in chat 7000…`"""
    time = (_EPOCH + timedelta(milliseconds=row.received_ms)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    chats = {event.thread_id for event in raw_events(row.delta) if event.thread_id}
    return f"event of {time}{' in chat ' if chats else ''}{', '.join(sorted(chats))}"


def _rest(bot: Bot, clock: MovableClock) -> None:
    """Let everything that is under way come to its end, also what waits for the clock."""
    clock.advance()
    until_s = clock.monotonic() + _MOST_S
    while _is_at_work(bot.status()) and clock.monotonic() < until_s:
        clock.advance(_STEP_S)


def _is_at_work(status: Status) -> bool:
    return bool(status.lanes_waiting or status.outbox_waiting or status.background_waiting)


def _stand_at(time_ms: int, clock: MovableClock) -> None:
    """Move on to this time, or back if a slow call has led beyond it."""
    ahead_s = (time_ms - clock.time_ms()) / 1000
    if ahead_s > 0:
        clock.advance(ahead_s)
    elif ahead_s < 0:
        clock.jump(ahead_s)


class _Deeds:
    """What the bot has done since it was last asked: the outbox's rows and the direct calls."""

    def __init__(self, path: Path, api: _ReplayApi) -> None:
        self._path = path
        self._api = api
        self._last_row = 0

    def new(self) -> list[Deed]:
        """In order of time; of what happened at the same moment the direct calls first, each kind in its own order."""
        with closing(sqlite3.connect(self._path)) as connection:
            rows = connection.execute(
                "SELECT id, ended_ms, thread_id, plugin, kind, body, extras FROM outbox"
                " WHERE id > ? AND state != 'open' ORDER BY id",
                (self._last_row,),
            ).fetchall()
        sent = [_deed(row[1:]) for row in rows]
        self._last_row = max([self._last_row, *(row[0] for row in rows)])
        return sorted(self._api.take() + sent, key=lambda deed: deed.time_ms)


def _deed(row: tuple[int, str, str, str, str, str | None]) -> Deed:
    ended_ms, thread_id, plugin, kind, body, extras = row
    details = json.loads(extras) if extras else {}
    if kind == CALL:
        return _direct_deed(ended_ms, plugin, body, details)
    return Deed(ended_ms, thread_id, plugin, kind, body, details)


class _ReplayApi:
    """Stands in for the `Api`: any function of it, called from any thread."""

    def __init__(self, own_id: str, options: Options, clock: Clock) -> None:
        self.options = options
        self.sink = Sink()
        self._own_id = own_id
        self._clock = clock
        self._deeds: list[Deed] = []
        self._acts = 0
        self._lock = threading.Lock()

    def take(self) -> list[Deed]:
        """What was done directly since it was last asked."""
        with self._lock:
            taken, self._deeds = self._deeds, []
            return taken

    def get_current_user_id(self) -> str:
        """See `Api`."""
        return self._own_id

    def get_app_state(self) -> list[dict[str, Any]]:
        """See `Api`: there is no session."""
        return []

    def complete(self, event: Event) -> Event:
        """See `Api`: nothing can be found out."""
        return event

    def listener(self, sink: Sink, position: Position | None, *, probe_after_s: float) -> _ReplayListener:
        """See `Api`; a record has no silence."""
        self.sink = sink
        return _ReplayListener(sink, self._clock)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kind = FUNCTION_CLASSES.get(name)
        if kind is None:
            raise AttributeError(f"the api has no function {name!r}")
        if kind == "read":
            return lambda *_args, **_kwargs: _no_network(name)
        signature = inspect.signature(getattr(Api, name))

        def act(*args: Any, **kwargs: Any) -> Any:
            arguments = dict(signature.bind(self, *args, **kwargs).arguments)
            return self._act(name, {key: value for key, value in arguments.items() if key != "self"})

        return act

    def _act(self, name: str, arguments: dict[str, Any]) -> Any:
        otid, thread_id = arguments.pop("offline_threading_id", None), arguments.get("thread_id")
        plugin = acting_plugin.get()
        with self._lock:
            if plugin is not None:
                # What the sender does is in the outbox, with the plugin that queued it.
                self._deeds.append(_direct_deed(self._clock.time_ms(), plugin, name, arguments))
            self._acts += plugin is not None
            # By its row, where it has one: threads of the sender may be faster or slower.
            number = self._acts if otid is None else otid
        if name in ("send_message", "forward_message"):
            thread = str(thread_id) if isinstance(thread_id, str | int) else f"replay.{number}"
            return SentMessage(thread, f"mid.replay.{number}", self._clock.time_ms())
        if name == "create_group":
            return f"replay.{number}"
        return (lambda: None) if name == "send_typing_indicator" else None


def _no_network(name: str) -> NoReturn:
    raise NetworkError(f"{name}: a replay has no network")


def _direct_deed(time_ms: int, plugin: str, name: str, arguments: dict[str, Any]) -> Deed:
    details = dict(arguments)
    thread_id = details.pop("thread_id", None)
    if not isinstance(thread_id, str | int):
        thread_id = None if thread_id is None else ",".join(map(str, thread_id))
    text = ""
    if name == "send_message":
        message = details.pop("message")
        body = {"body": message} if isinstance(message, str) else dict(message)
        text, details = str(body.pop("body", "")), {**body, **details}
    elif name == "set_message_reaction":
        text = details.pop("reaction")
    thread = None if thread_id is None else str(thread_id)
    return Deed(time_ms, thread, plugin, _WHAT.get(name, name), text, _plain(details))


def _plain(value: Any) -> Any:
    """A JSON value; a file or bytes by the name of its kind."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else type(value).__name__


class _ReplayListener:
    """Says that all is well, and waits; the rows are handed over by the replay itself."""

    def __init__(self, sink: Sink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._stopping = threading.Event()

    def run(self) -> None:
        """See `Listener`."""
        self._sink.state(ConnectionState("live", "a replay", self._clock.time_ms()))
        self._sink.caught_up()
        self._clock.wait(self._stopping)

    def stop(self, timeout_s: float) -> None:
        """See `Listener`."""
        self._stopping.set()
