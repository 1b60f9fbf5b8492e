"""The uploaded files of the world, kept byte for byte in sandbox.db."""

from __future__ import annotations

import sqlite3
from urllib.parse import quote

from botkit.sandbox.attachments import SITE, Attachment

# Upload ids have 16 digits, as in dossier 1, section 11.3.
_FIRST_ID = 9_000_000_000_000_000
_COLUMNS = "number, key, kind, name, mime, length(data), width, height"


class Files:
    """Every file has an owner, who uploaded it, and in its address a key that cannot be guessed.

    Writes belong inside a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(
        self, owner: str, key: str, kind: str, name: str, mime: str, data: bytes, *, width: int = 0, height: int = 0
    ) -> Attachment:
        """Keep a new file; what can be attached to a message then."""
        cursor = self._db.execute(
            "insert into file(owner, key, kind, name, mime, width, height, data) values(?, ?, ?, ?, ?, ?, ?, ?)",
            (owner, key, kind, name, mime, width, height, data),
        )
        return _attachment((cursor.lastrowid or 0, key, kind, name, mime, len(data), width, height))

    def find(self, file_id: str) -> Attachment | None:
        """The file with this id."""
        row = self._db.execute(
            f"select {_COLUMNS} from file where number = ?",  # noqa: S608 - a constant
            (_number(file_id),),
        ).fetchone()
        return _attachment(row) if row else None

    def owner(self, file_id: str) -> str | None:
        """Who uploaded the file."""
        row = self._db.execute("select owner from file where number = ?", (_number(file_id),)).fetchone()
        return str(row[0]) if row else None

    def read(self, file_id: str, key: str) -> bytes | None:
        """The bytes of the file, for who knows the key."""
        row = self._db.execute("select data from file where number = ? and key = ?", (_number(file_id), key)).fetchone()
        return bytes(row[0]) if row else None

    def attach(self, file_id: str, thread: str) -> None:
        """Keep that the file was sent into a thread, whose members may then look it up."""
        self._db.execute("insert or ignore into attached values(?, ?)", (_number(file_id), thread))

    def threads(self, file_id: str) -> list[str]:
        """The keys of the threads that the file was sent into."""
        rows = self._db.execute("select thread from attached where file = ?", (_number(file_id),))
        return [str(thread) for (thread,) in rows]


def _number(file_id: str) -> int:
    """The row of an id; 0, which no row has, for what is no id."""
    is_id = file_id.isascii() and file_id.isdecimal() and len(file_id) == len(str(_FIRST_ID))
    return max(0, int(file_id) - _FIRST_ID) if is_id else 0


def _attachment(row: tuple[int, str, str, str, str, int, int, int]) -> Attachment:
    number, key, kind, name, mime, size, width, height = row
    file_id = str(_FIRST_ID + number)
    url = f"{SITE}/sandbox/file/{file_id}/{quote(name, safe='')}?oh={key}"
    return Attachment(kind, file_id, name, url, mime, size, width, height)
