"""Listening with a position: numbered batches go to a sink, and the position moves only when the sink returns.

`Listener.run` keeps one socket open: it connects, waits, backs off and connects again until it is stopped or the
server says that the session is dead.
"""

from __future__ import annotations

import threading
from typing import Literal

from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._connection import Connection, Ending
from botkit.messenger._doors import SocketConnect
from botkit.messenger._queue import Batch, Position, SyncQueue
from botkit.messenger._relay import Relay
from botkit.messenger._sink import ConnectionState, Sink
from botkit.messenger._socket import (
    CLIENT_ID,
    HIGHEST_SESSION_ID,
    KEEPALIVE_S,
    socket_headers,
    socket_url,
    socket_username,
)
from botkit.messenger.errors import BadArgument, Checkpoint, MessengerError, NetworkError, NotLoggedIn

__all__ = ["Batch", "ConnectionState", "Listener", "Position", "Sink"]

_log = get_logger(__name__)
_LONG_LIFE_S = 120.0
_LONGEST_PAUSE_S = 60.0
_FAILURES_TO_RELOAD = 5
_GOODBYE_S = 1.0
PROBE_AFTER_S = 600.0
"""So long a queue may say nothing before it is asked."""
# dossier 2, section 2.7.
_DEAD_CODES = frozenset({4, 5, 21})
_RELOAD_CODES = frozenset({3, 24})

_StateName = Literal["connecting", "live", "stalled", "backing_off", "logged_out", "checkpoint", "stopped"]


class Listener:
    """Hears what happens on an account; made by `Api.listener`, used once."""

    def __init__(
        self, client: Client, sink: Sink, position: Position | None = None, *, probe_after_s: float = PROBE_AFTER_S
    ) -> None:
        """`position` is where an earlier listener of the account stood; None begins at now.

        A queue that says nothing for `probe_after_s` seconds is asked whether it still is.
        """
        own_id = client.acting_id
        if position is not None and position.entity_id != own_id:
            raise BadArgument(f"position belongs to account {position.entity_id}, not to {own_id}")
        self._client = client
        self._clock = client.clock
        self._sink = Relay(client, sink)
        self._position = position
        self._resumable = position is not None and position.sync_token is not None
        self._state = ConnectionState("stopped", "not started", self._clock.time_ms())
        self._connection: Connection | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._runner: int | None = None
        self._lost: str | None = None
        self._probe_after_s = probe_after_s
        self._has_reloaded = False

    @property
    def state(self) -> ConnectionState:
        return self._state

    @property
    def position(self) -> Position | None:
        """The position that the sink has taken last; None before the first connection of a new one."""
        connection = self._connection
        return connection.position if connection is not None else self._position

    def run(self) -> None:
        """Listen until `stop`, blocking the calling thread.

        Raises NotLoggedIn or Checkpoint when the session turns out to be dead. Other troubles lead to a new attempt, or
        raise NetworkError when the option `auto_reconnect` is off.
        """
        self._runner = threading.get_ident()
        reason = "the listener was stopped"
        name: _StateName = "stopped"
        try:
            with self._client.web.ringing(self._wake):
                self._keep_connected()
        except (NotLoggedIn, Checkpoint) as error:
            name, reason = "checkpoint" if isinstance(error, Checkpoint) else "logged_out", str(error)
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, MessengerError) else f"failed with {type(error).__name__}"
            raise
        finally:
            self._say(name, reason)
            self._over.set()

    def ask(self) -> None:
        """Ask the server what has come: `Sink.caught_up` follows when it has answered, at the latest after the next
        connection. Any thread; does nothing while there is no connection."""
        connection = self._connection
        if connection is not None:
            connection.ask()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Say goodbye, close, and wait up to `timeout_s` seconds until `run` has returned. Any thread; again is fine.

        Called from inside the sink it does not wait.
        """
        connection = self._connection
        if not self._stopping.is_set():
            self._stopping.set()
            if connection is not None:
                connection.say_goodbye()
                connection.end(Ending("stopped"))
        self._wake.set()
        if self._runner is None or threading.get_ident() == self._runner:
            return
        if connection is None or not connection.is_own_thread():
            self._clock.wait(self._over, timeout_s)

    def _keep_connected(self) -> None:
        failures = 0
        reason = "the listener has started"
        while not self._stopping.is_set():
            self._say("connecting", reason)
            ending = self._live()
            if self._stopping.is_set():
                return
            self._raise_if_dead()
            failures = 0 if self._has_lived_long() else failures + 1
            reason = f"again after: {ending.reason}"
            _log.info("listener: connection ended: %s", ending.reason)
            if ending.is_stalled:
                self._say("stalled", ending.reason)
            if not (self._client.options.auto_reconnect or ending.code in _DEAD_CODES):
                raise NetworkError(f"listening has ended, as auto_reconnect is off: {ending.reason}")
            self._recover(ending, failures)
            self._pause(ending, failures)

    def _live(self) -> Ending:
        """Connect once and stay until the end of the connection."""
        self._connection = None
        try:
            connection = self._connect()
        except (NotLoggedIn, Checkpoint):
            raise
        except MessengerError as error:
            return Ending(str(error))
        while connection.ending is None:
            if self._stopping.is_set():
                connection.end(Ending("stopped"))
                break
            if (dead := self._client.web.dead) is not None:
                connection.end(Ending(str(dead)))
                break
            self._clock.wait(self._wake)
            self._wake.clear()
            connection.look()
        self._wait_closed(connection)
        assert connection.ending is not None
        self._position, self._lost = connection.position, connection.lost
        self._resumable = connection.queue.resumable and not connection.ending.unanswered
        return connection.ending

    def _wait_closed(self, connection: Connection) -> None:
        """Never two sockets: the next one waits for the end of this one, however long that takes."""
        if connection.wait_closed(_GOODBYE_S):
            return
        _log.warning("listener: the old socket does not close; no new one is opened meanwhile")
        while not (connection.wait_closed(_GOODBYE_S) or self._stopping.is_set()):
            pass

    def _connect(self) -> Connection:
        session, chance = self._client.session, self._client.chance
        fresh = self._position is None
        position = self._position or self._start()
        session_id = chance.randint(1, HIGHEST_SESSION_ID)
        url = socket_url(session.page, session_id, session.device_id)
        online, is_page = self._client.options.online, self._client.options.page_id is not None
        username = socket_username(
            session.page,
            user_id=session.user_id,
            session_id=session_id,
            device_id=session.device_id,
            user_agent=session.user_agent,
            online=online,
        )
        connection = Connection(
            SyncQueue(position, fresh=fresh, resumable=self._resumable, is_page=is_page),
            self._sink,
            self._client.link,
            clock=self._clock,
            wake=self._wake,
            online=online,
            on_live=self._on_live,
            lost=self._lost,
            probe_after_s=self._probe_after_s,
        )
        self._position, self._connection = position, connection
        headers = socket_headers(session.cookie_header("www.facebook.com"), session.user_agent)
        connect = SocketConnect(CLIENT_ID, username, keepalive_s=KEEPALIVE_S)
        connection.opened(self._client.socket_door.open(url, headers=headers, connect=connect, handler=connection))
        return connection

    def _on_live(self) -> None:
        self._has_reloaded = False
        self._say("live", "the queue has answered")

    def _start(self) -> Position:
        """The position "now"; after a lost queue the page's number may be as old as the queue."""
        cursor = self._client.sequence_id(newest=self._lost is not None)
        return Position(self._client.acting_id, None, cursor)

    def _has_lived_long(self) -> bool:
        since = self._connection.live_since if self._connection is not None else None
        return since is not None and self._clock.monotonic() - since > _LONG_LIFE_S

    def _recover(self, ending: Ending, failures: int) -> None:
        """Do what must be done before the next attempt. Raises NotLoggedIn or Checkpoint."""
        if ending.code in _DEAD_CODES:
            error = NotLoggedIn(f"the socket refused the session with code {ending.code}; log in again")
            self._client.web.give_up(error)
            raise error
        if ending.queue_lost:
            self._position, self._resumable, self._lost = None, False, ending.reason
        asked = ending.code in _RELOAD_CODES and not self._has_reloaded
        if asked or (failures and failures % _FAILURES_TO_RELOAD == 0):
            self._has_reloaded = True
            self._reload()

    def _reload(self) -> None:
        try:
            self._client.web.load_tokens()
        except (NotLoggedIn, Checkpoint):
            raise
        except MessengerError as error:
            _log.warning("listener: the page could not be loaded again: %s", error)

    def _pause(self, ending: Ending, failures: int) -> None:
        """Wait 1, 2, 4 … 60 s, a little more or less; not at all after a long life or a queue just lost."""
        if failures == 0 or (ending.queue_lost and failures == 1):
            return
        delay_s = min(_LONGEST_PAUSE_S, 2.0 ** (failures - 1)) * self._client.chance.uniform(0.8, 1.2)
        due = threading.Event()

        def ring() -> None:
            due.set()
            self._wake.set()

        timer = self._clock.call_later(delay_s, ring)
        self._say("backing_off", ending.reason)
        while not (due.is_set() or self._stopping.is_set() or self._client.web.dead is not None):
            self._clock.wait(self._wake)
            self._wake.clear()
        timer.cancel()
        self._raise_if_dead()

    def _raise_if_dead(self) -> None:
        """Somebody else may have found out by a request that the session is dead. Raises NotLoggedIn or Checkpoint."""
        dead = self._client.web.dead
        if dead is not None:
            raise dead.with_traceback(None)

    def _say(self, name: _StateName, reason: str) -> None:
        self._state = ConnectionState(name, reason, self._clock.time_ms())
        try:
            self._sink.state(self._state)
        except Exception:
            # It was only told: listening goes on.
            _log.exception("listener: the sink could not take the state %s", name)
