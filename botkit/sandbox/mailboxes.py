"""What of a thread is one account's own: folder, archive, mute, what was deleted or delivered; and whom it blocks."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass

INBOX, PENDING, OTHER = "INBOX", "PENDING", "OTHER"
FOREVER = -1


@dataclass(frozen=True)
class Mailbox:
    """An account's own state of one thread.

    The mute times are milliseconds since 1970, `FOREVER`, or 0 for not muted. What is not newer than `cleared_ms` the
    account has deleted with the thread.
    """

    folder: str = INBOX
    archived: bool = False
    pinned: bool = False
    mute_until_ms: int = 0
    calls_mute_until_ms: int = 0
    reactions_muted: bool = False
    mentions_muted: bool = False
    cleared_ms: int = 0


class Mailboxes:
    """The part of the file that differs between the members of a thread. Writes belong inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, account: str, thread: str) -> Mailbox:
        """The account's state of a thread, as it was at the beginning when nothing happened."""
        row = self._db.execute(
            "select data from mailbox where account = ? and thread = ?", (account, thread)
        ).fetchone()
        return Mailbox(**json.loads(row[0])) if row else Mailbox()

    def put(self, account: str, thread: str, mailbox: Mailbox) -> None:
        """Keep the account's state of a thread."""
        data = json.dumps(asdict(mailbox))
        self._db.execute("insert or replace into mailbox values(?, ?, ?)", (account, thread, data))

    def hide(self, account: str, message_id: str) -> None:
        """Keep that the account has deleted a message for itself."""
        self._db.execute("insert or ignore into hidden values(?, ?)", (account, message_id))

    def is_hidden(self, account: str, message_id: str) -> bool:
        """Whether the account has deleted the message for itself."""
        query = "select 1 from hidden where account = ? and message = ?"
        return self._db.execute(query, (account, message_id)).fetchone() is not None

    def delivered_ms(self, account: str, thread: str) -> int:
        """Up to which message, by its time, the account's devices have said to have received; 0 for none."""
        row = self._db.execute(
            "select time_ms from delivered where account = ? and thread = ?", (account, thread)
        ).fetchone()
        return int(row[0]) if row else 0

    def set_delivered(self, account: str, thread: str, time_ms: int) -> None:
        """Move the account's mark of what was delivered."""
        self._db.execute("insert or replace into delivered values(?, ?, ?)", (account, thread, time_ms))

    def set_blocked(self, account: str, other: str, blocked: bool) -> None:
        """Keep whether the account blocks the other's messages."""
        if blocked:
            self._db.execute("insert or ignore into block values(?, ?)", (account, other))
        else:
            self._db.execute("delete from block where account = ? and blocked = ?", (account, other))

    def is_blocked(self, account: str, other: str) -> bool:
        """Whether the account blocks the other's messages."""
        query = "select 1 from block where account = ? and blocked = ?"
        return self._db.execute(query, (account, other)).fetchone() is not None
