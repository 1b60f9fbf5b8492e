"""Why a bot has ended by itself: kept for `botkit status`, which is asked when nobody is there any more."""

from __future__ import annotations

from botkit.logs import get_logger
from botkit.messenger import Checkpoint, NotLoggedIn
from botkit.messenger.errors import StoreError
from botkit.store import Database

log = get_logger(__name__)

_STATES = ((Checkpoint, "checkpoint"), (NotLoggedIn, "logged_out"))


def forget(database: Database) -> None:
    """A bot starts: the last ending holds no more. Raises StoreError."""
    database.write(lambda c: c.execute("DELETE FROM ending"))


def keep(database: Database, error: Exception, now_ms: int) -> None:
    """The bot ends because of `error`. Never raises: it ends anyhow."""
    state = next((name for kind, name in _STATES if isinstance(error, kind)), "stopped")
    row = (state, str(error), now_ms)
    try:
        database.write(
            lambda c: c.execute("INSERT OR REPLACE INTO ending (id, state, reason, ended_ms) VALUES (1, ?, ?, ?)", row)
        )
    except StoreError as trouble:
        log.error("why the bot has ended cannot be kept: %s", trouble)
