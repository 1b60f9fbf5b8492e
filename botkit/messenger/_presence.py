"""Who is there: presence as the socket tells it, and the table that it is folded into."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botkit.clock import Clock
from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, items
from botkit.messenger.events import Presence, Unparsed

# dossier 2, section 13.3: `p` to (status, webStatus, messengerStatus).
_WORDS = {
    0: ("offline", "offline", "offline"),
    1: ("idle", "idle", "offline"),
    2: ("active", "active", "offline"),
    3: ("active", "offline", "active"),
}


def presences_in(payload: Wire, received_ms: int) -> tuple[Presence | Unparsed, ...]:
    """The entries of a payload of `/orca_presence`, in order. Never raises."""
    return tuple(_presence(entry, received_ms) for entry in items(payload.get("list")))


def _presence(entry: Any, received_ms: int) -> Presence | Unparsed:
    try:
        return _read(entry, received_ms)
    except STRANGE as error:
        return Unparsed(f"presence: {type(error).__name__}", entry if isinstance(entry, Mapping) else {})


def _read(entry: Wire, received_ms: int) -> Presence:
    p = int_of(entry["p"])
    status, web, messenger = _WORDS.get(p, _WORDS[2])
    last_active_s = entry.get("l")
    active_ms = received_ms if p > 0 else None
    return Presence(
        user_id=id_of(entry["u"]),
        timestamp_ms=int_of(last_active_s) * 1000 if last_active_s else active_ms,
        statuses={
            "status": status,
            "webStatus": web,
            "fbAppStatus": "offline",
            "messengerStatus": messenger,
            "otherStatus": "offline",
        },
        p=p,
    )


class PresenceTable:
    """The last word about each person; any thread may call it.

    After each connection the server sends a full list, which replaces all; later lists hold what has changed (dossier
    2, section 13.1).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._people: dict[str, Presence] = {}
        self._told = threading.Event()

    @property
    def is_told(self) -> bool:
        """Whether a full list has come on the present connection."""
        return self._told.is_set()

    def known(self) -> tuple[Presence, ...]:
        """Everybody whom the last full list and the changes since have named, also those who are away."""
        with self._lock:
            return tuple(self._people.values())

    def wait(self, timeout_s: float) -> bool:
        """Wait for the full list of a connection; False when none has come in time. Never on the socket's thread."""
        return self._clock.wait(self._told, timeout_s)

    def begin(self) -> None:
        """A new connection: what is kept may be old until its full list comes."""
        self._told.clear()

    def take(self, payload: Wire, received_ms: int) -> None:
        """Fold in a payload of `/orca_presence`; an entry that cannot be read is left out."""
        told = [entry for entry in presences_in(payload, received_ms) if isinstance(entry, Presence)]
        is_full = payload.get("list_type") == "full"
        with self._lock:
            before = self._people
            self._people = {} if is_full else dict(before)
            for entry in told:
                self._people[entry.user_id] = _with_time(entry, before.get(entry.user_id))
        if is_full:
            self._told.set()


def _with_time(entry: Presence, before: Presence | None) -> Presence:
    """Who goes away is often told without a time: the last one known stands."""
    if entry.timestamp_ms is None and before is not None:
        return replace(entry, timestamp_ms=before.timestamp_ms)
    return entry
