"""The own messages whose coming back is news: sent or about to be sent, and not ticked off yet.

Every own message comes back on the socket, and most were ticked off by the answer to their request. Asking the file
about each of them would be the larger part of the work.
"""

from __future__ import annotations

import threading

from botkit.store import Database


class Awaited:
    """A set of offline threading ids; any thread."""

    def __init__(self, database: Database) -> None:
        """Begins with what the last run left open."""
        rows = database.read(
            "SELECT offline_threading_id FROM outbox WHERE state = 'open' UNION ALL"
            " SELECT offline_threading_id FROM effects WHERE ended_ms IS NULL"
        )
        self._ids = {row[0] for row in rows}
        self._lock = threading.Lock()

    def __contains__(self, offline_threading_id: str) -> bool:
        return offline_threading_id in self._ids

    def add(self, offline_threading_id: str) -> None:
        """It is about to be sent. Before the commit that says so: an echo can be quick."""
        with self._lock:
            self._ids.add(offline_threading_id)

    def discard(self, offline_threading_id: str) -> None:
        """It has been ticked off."""
        with self._lock:
            self._ids.discard(offline_threading_id)
