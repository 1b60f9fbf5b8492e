"""Everything the sandbox remembers, in one SQLite file; what is committed here survives a killed process.

Used by one thread at a time: the server's event loop.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from botkit.sandbox import records
from botkit.sandbox.attachments import KINDS
from botkit.sandbox.errors import DatabaseInUse, SandboxError
from botkit.sandbox.files import Files
from botkit.sandbox.mailboxes import Mailboxes
from botkit.sandbox.schema import VERSION, upgrade_script
from botkit.sandbox.world import Message, Person, Poll, Thread, World
from botkit.sandbox.world_file import Beginning

# A client reads 0 as "not logged in" (dossier 2, section 2.2), so the log's numbers begin higher.
FIRST_SEQUENCE = 1000
# How many deltas an account's log keeps; older ones are an overflow of the queue (dossier 2, section 14).
KEPT_DELTAS = 5000
# In place of a delta: of one that was lost on command, and of the last one before the log was truncated.
NO_DELTA, _FORGOTTEN = "", "-"
# Trimming at each delta would double the writes.
_TRIM_EVERY = 100

# SQLite's largest integer.
_MAX_MS = (1 << 63) - 1
_MESSAGE = "id, thread, sender, text, time_ms, otid, data"
# Which messages a viewer sees: not what they have deleted for themselves.
_SHOWN = "id not in (select message from hidden where account = ?)"


@dataclass(frozen=True)
class Login:
    """One session of an account: its secret cookie and the tokens of its pages."""

    xs: str = field(repr=False)
    account: str
    dtsg: str = field(repr=False)
    async_dtsg: str = field(repr=False)
    lsd: str = field(repr=False)
    logout_h: str = field(repr=False)
    device_id: str


class Storage:
    """The open file. Methods that write belong inside `transaction()`."""

    def __init__(self, path: Path, *, lasting: bool = True) -> None:
        """Open or make the file and lock it. Unless it is `lasting`, nobody waits for the disk: for tests.

        Raises:
            SandboxError: another process has it open, it is no sandbox's, or a newer botkit wrote it.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the files beside it the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("pragma locking_mode = exclusive")
            self._db.execute("pragma journal_mode = wal")
            self._db.execute(f"pragma synchronous = {'normal' if lasting else 'off'}")
            # Four times the usual, 16 MB: each message touches many pages, and copying them home was half its cost.
            self._db.execute("pragma wal_autocheckpoint = 4000")
            version = int(self._db.execute("pragma user_version").fetchone()[0])
            self._db.executescript(upgrade_script(version))
        except sqlite3.DatabaseError as error:
            self._db.close()
            if "locked" in str(error):
                raise DatabaseInUse(f"{path} is in use by another sandbox") from error
            raise SandboxError(f"{path} is not a sandbox's file; delete it to start anew") from error
        if version > VERSION:
            self._db.close()
            raise SandboxError(f"{path} was written by a newer botkit; update botkit or delete it to start anew")
        self.mailboxes = Mailboxes(self._db)
        self.files = Files(self._db)
        self._last: dict[str, int] = dict(self._db.execute("select account, max(number) from delta group by account"))

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, or none of it; inside another block it is part of that."""
        if self._db.in_transaction:
            yield
            return
        last = dict(self._last)
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            self._last = last
            self._db.execute("rollback")
            raise

    def world_id(self) -> str | None:
        """The id of the world kept here; None before `begin_world`."""
        row = self._db.execute("select value from meta where key = 'world'").fetchone()
        return str(row[0]) if row else None

    def begin_world(self, world_id: str, beginning: Beginning) -> None:
        """Fill an empty file."""
        world = beginning.world
        with self.transaction():
            self._db.execute("insert into meta values('world', ?)", (world_id,))
            self._db.execute("insert into meta values('all_friends', ?)", (json.dumps(world.friendships is None),))
            for person in world.people.values():
                self.add_person(person)
            pairs = [tuple(key.split(":")) for key in world.friendships or ()]
            self._db.executemany("insert into friendship values(?, ?)", pairs)
            for thread in world.threads.values():
                self.save_thread(thread)
            for message in beginning.messages:
                self.add_message(message)
                for member in world.by_key(message.thread).members:
                    self.set_watermark(member, message.thread, message.timestamp_ms)

    def load_world(self) -> World:
        """The people, threads and friendships."""
        people = [Person(**json.loads(data)) for (data,) in self._db.execute("select data from person order by rowid")]
        rows = self._db.execute("select data from thread order by rowid")
        threads = [records.thread_from(data) for (data,) in rows]
        everybody = json.loads(self._db.execute("select value from meta where key = 'all_friends'").fetchone()[0])
        return World(people, threads, None if everybody else self._db.execute("select one, other from friendship"))

    def add_person(self, person: Person) -> None:
        """Keep a new account."""
        self._db.execute("insert into person values(?, ?)", (person.id, json.dumps(asdict(person))))

    def save_thread(self, thread: Thread) -> None:
        """Keep a new group, a one-to-one thread of which something special is known, or what changed of either."""
        self._db.execute(
            "insert into thread values(?, ?) on conflict(key) do update set data = excluded.data",
            (thread.key, records.thread_data(thread)),
        )

    def add_message(self, message: Message) -> None:
        """Append to the history."""
        self._db.execute(
            f"insert into message({_MESSAGE}) values(?, ?, ?, ?, ?, ?, ?)",
            (
                message.id,
                message.thread,
                message.sender,
                message.text,
                message.timestamp_ms,
                message.otid,
                records.message_data(message),
            ),
        )
        for attachment in message.content.attachments:
            if attachment.kind in KINDS:
                self.files.attach(attachment.id, message.thread)

    def change_message(self, message: Message) -> None:
        """Put other content into a message that is there."""
        self._db.execute(
            "update message set text = ?, data = ? where id = ?",
            (message.text, records.message_data(message), message.id),
        )

    def message(self, message_id: str) -> Message | None:
        """One message."""
        row = self._db.execute(f"select {_MESSAGE} from message where id = ?", (message_id,)).fetchone()  # noqa: S608
        return records.message_from(row) if row else None

    def history(
        self, thread: str, limit: int, before_ms: int | None = None, *, after_ms: int = 0, viewer: str = ""
    ) -> list[Message]:
        """The newest `limit` messages at or before `before_ms` (None: all) and later than `after_ms`, oldest first.

        With `viewer`, without those that this account has deleted for itself.
        """
        rows = self._db.execute(
            f"select {_MESSAGE} from message where thread = ? and time_ms > ? and time_ms <= ? and {_SHOWN} "  # noqa: S608 - constants
            "order by time_ms desc limit ?",
            (thread, after_ms, _MAX_MS if before_ms is None else min(before_ms, _MAX_MS), viewer, limit),
        ).fetchall()
        return [records.message_from(row) for row in reversed(rows)]

    def numbered(self, after: int, limit: int, thread: str | None = None) -> list[tuple[int, Message]]:
        """Up to `limit` messages of all threads, or of one, in the order in which they came, with rising numbers.

        `after` is the number to begin behind.
        """
        rows = self._db.execute(
            f"select number, {_MESSAGE} from message where number > ? and thread = ifnull(?, thread) "  # noqa: S608
            "order by number limit ?",
            (after, thread, limit),
        )
        return [(number, records.message_from(row)) for number, *row in rows]

    def message_count(self, thread: str, after_ms: int, before_ms: int, viewer: str) -> int:
        """How many messages of a thread the viewer sees in this span, its end included."""
        row = self._db.execute(
            f"select count(*) from message where thread = ? and time_ms > ? and time_ms <= ? and {_SHOWN}",  # noqa: S608
            (thread, after_ms, before_ms, viewer),
        ).fetchone()
        return int(row[0])

    def unread_count(self, account: str, thread: str, after_ms: int) -> int:
        """How many messages of others are later than this, but for those that the account has deleted."""
        row = self._db.execute(
            "select count(*) from message where thread = ? and time_ms > ? and sender <> ? "  # noqa: S608
            f"and {_SHOWN}",
            (thread, after_ms, account, account),
        ).fetchone()
        return int(row[0])

    def newest_of_others(self, account: str, thread: str, after_ms: int = 0) -> int | None:
        """The time of the newest message later than `after_ms` that the account did not write itself."""
        row = self._db.execute(
            "select max(time_ms) from message where thread = ? and sender <> ? and time_ms > ?",
            (thread, account, after_ms),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def reactions(self, message_id: str) -> dict[str, str]:
        """Who reacted to a message, and with which emoji; the earliest first."""
        rows = self._db.execute("select person, emoji from reaction where message = ? order by time_ms", (message_id,))
        return dict(rows.fetchall())

    def set_reaction(self, message_id: str, person: str, emoji: str | None, time_ms: int) -> None:
        """Keep a person's one reaction to a message, or with None forget it."""
        self._db.execute("delete from reaction where message = ? and person = ?", (message_id, person))
        if emoji:
            self._db.execute("insert into reaction values(?, ?, ?, ?)", (message_id, person, emoji, time_ms))

    def drop_reactions(self, message_id: str) -> None:
        """Forget all reactions to a message."""
        self._db.execute("delete from reaction where message = ?", (message_id,))

    def save_poll(self, poll: Poll) -> None:
        """Keep a new poll, or what changed of one."""
        self._db.execute("insert or replace into poll values(?, ?)", (poll.id, records.poll_data(poll)))

    def poll(self, poll_id: str) -> Poll | None:
        """One poll."""
        row = self._db.execute("select data from poll where id = ?", (poll_id,)).fetchone()
        return records.poll_from(row[0]) if row else None

    def add_send(self, sender: str, key: str, message_id: str) -> None:
        """Remember which message a send made; the newest when the same was sent again on purpose."""
        self._db.execute("insert or replace into send values(?, ?, ?)", (sender, key, message_id))

    def sent(self, sender: str, key: str) -> Message | None:
        """The message that an earlier send with this key made."""
        row = self._db.execute("select message from send where sender = ? and key = ?", (sender, key)).fetchone()
        return self.message(row[0]) if row else None

    def watermark(self, account: str, thread: str) -> int:
        """Up to which time, in milliseconds, the account has read; 0 when never."""
        row = self._db.execute(
            "select time_ms from watermark where account = ? and thread = ?", (account, thread)
        ).fetchone()
        return int(row[0]) if row else 0

    def set_watermark(self, account: str, thread: str, time_ms: int) -> None:
        """Move the account's watermark."""
        self._db.execute("insert or replace into watermark values(?, ?, ?)", (account, thread, time_ms))

    def last_sequence(self, account: str) -> int:
        """The number of the newest delta in the account's log."""
        return self._last.get(account, FIRST_SEQUENCE)

    def add_delta(self, account: str, body: str) -> int:
        """Append one delta, as JSON text, to an account's log; its number. `NO_DELTA` only takes the number."""
        number = self.last_sequence(account) + 1
        self._db.execute("insert into delta values(?, ?, ?)", (account, number, body))
        self._last[account] = number
        if number % _TRIM_EVERY == 0:
            self._db.execute("delete from delta where account = ? and number <= ?", (account, number - KEPT_DELTAS))
        return number

    def truncate_log(self, account: str) -> None:
        """Forget all deltas of an account; the number of the newest stays taken."""
        last = self.last_sequence(account)
        self._db.execute("delete from delta where account = ? and number < ?", (account, last))
        self._db.execute("update delta set body = ? where account = ?", (_FORGOTTEN, account))

    def oldest_position(self, account: str) -> int:
        """The lowest position from which the log can still be continued without a hole."""
        number, body = self._db.execute("select min(number), body from delta where account = ?", (account,)).fetchone()
        begin = FIRST_SEQUENCE if number is None else number if body == _FORGOTTEN else number - 1
        return max(begin, self.last_sequence(account) - KEPT_DELTAS)

    def deltas(self, account: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Up to `limit` deltas with their numbers, as JSON texts, from number `after` + 1 on."""
        return self._db.execute(
            "select number, body from delta where account = ? and number > ? and body not in (?, ?) "
            "order by number limit ?",
            (account, after, NO_DELTA, _FORGOTTEN, limit),
        ).fetchall()

    def new_sync_token(self, account: str) -> str:
        """Mint the account's next queue token."""
        row = self._db.execute("select max(token) from sync_token where account = ?", (account,)).fetchone()
        token = int(row[0] or 0) + 1
        self._db.execute("insert into sync_token values(?, ?)", (account, token))
        return str(token)

    def forget_sync_tokens(self, account: str) -> None:
        """Know none of the account's queue tokens any more, nor mint one of them again."""
        # The highest stays as a number that nobody was told.
        token = self.new_sync_token(account)
        self._db.execute("delete from sync_token where account = ? and token < ?", (account, int(token)))

    def knows_sync_token(self, account: str, token: str) -> bool:
        """Whether the account's queue token was minted here."""
        row = self._db.execute(
            "select 1 from sync_token where account = ? and cast(token as text) = ?", (account, token)
        ).fetchone()
        return row is not None

    def save_login(self, login: Login) -> None:
        """Keep a new session, or what changed of one."""
        row = (login.xs, login.account, json.dumps(asdict(login)))
        self._db.execute("insert or replace into login values(?, ?, ?)", row)

    def login(self, xs: str) -> Login | None:
        """The session with this secret."""
        row = self._db.execute("select data from login where xs = ?", (xs,)).fetchone()
        return Login(**json.loads(row[0])) if row else None

    def end_login(self, xs: str) -> None:
        """Forget a session."""
        self._db.execute("delete from login where xs = ?", (xs,))

    def end_logins(self, account: str) -> None:
        """Forget all sessions of an account."""
        self._db.execute("delete from login where account = ?", (account,))
