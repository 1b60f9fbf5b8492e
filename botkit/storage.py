"""What a plugin sees as `ctx.store`: a mapping of JSON values in four scopes, and the overlay of one call on it.

Reads give the last commit plus the call's own changes. At the end of the call `changes` says what is to be written
and what the call has relied on; `apply` does it inside the commit, or raises `Conflict` when a shared value that was
read has changed meanwhile, and the call is run again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Self

from botkit.messenger.errors import ContextError, StoreError

_MISSING = object()

Read = Callable[[str, str], tuple[str, int] | None]
"""(scope, key) → (JSON text, version) as of the last commit, or None."""

ReadKeys = Callable[[str], frozenset[str]]
"""scope → its keys as of the last commit."""


class Conflict(Exception):
    """A shared value that the call has read was changed by another call; the call must be run again."""


@dataclass(frozen=True)
class Changes:
    """What one call leaves behind: writes, deletions, operations, and the versions that it relied on."""

    plugin: str
    writes: dict[tuple[str, str], str] = field(default_factory=dict)
    deletions: frozenset[tuple[str, str]] = frozenset()
    operations: tuple[tuple[str, str, str, Any], ...] = ()
    relied: dict[tuple[str, str], int] = field(default_factory=dict)
    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    after: Changes | None = field(default=None, repr=False, compare=False)
    """What an earlier part of the same call has left, which is contained in these."""

    def __bool__(self) -> bool:
        return bool(self.writes or self.deletions or self.operations)


def to_json(value: Any, key: str) -> str:
    """`value` as JSON text; raises StoreError naming `key` when it is not a JSON value."""
    _check(value, key)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()  # UnicodeEncodeError, a ValueError, for half a character
    except (ValueError, RecursionError) as error:
        raise StoreError(f"store key {key!r}: not a JSON value: {error}") from error
    return text


def _check(value: Any, key: str, depth: int = 0) -> None:
    if value is None or isinstance(value, str | bool | int | float):
        return
    if depth > 100:
        raise StoreError(f"store key {key!r}: nested too deep for JSON")
    if isinstance(value, list):
        for item in value:
            _check(item, key, depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str):
                raise StoreError(f"store key {key!r}: a JSON object has texts as keys, not {type(name).__name__}")
            _check(item, key, depth + 1)
    else:
        raise StoreError(
            f"store key {key!r}: {type(value).__name__} is not JSON; use text, numbers, True, None, list and dict"
        )


class Scope(MutableMapping[str, Any]):
    """One scope of a plugin's store, as one call sees it. Not for use after the call."""

    def __init__(self, scope: str, read: Read, read_keys: ReadKeys) -> None:
        self._scope = scope
        self._read = read
        self._read_keys = read_keys
        self._values: dict[str, Any] = {}
        self._as_read: dict[str, str | None] = {}
        self._versions: dict[str, int] = {}
        self._operations: list[tuple[str, str, Any]] = []
        self._written: set[str] = set()
        self._listed: frozenset[str] | None = None
        self._dead = False

    def __getitem__(self, key: str) -> Any:
        self._alive(key)
        value = self._load(key)
        if value is _MISSING:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self._alive(key)
        # A copy, so that later changes of the caller's own object are not taken for changes of the store.
        self._values[key] = json.loads(to_json(value, key))
        self._forget_operations(key)
        self._written.add(key)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of `key`, set to `default` first when it is missing; changing it in place is kept."""
        if key not in self:
            self[key] = default
        return self[key]

    def __delitem__(self, key: str) -> None:
        self[key]
        self._values[key] = _MISSING
        self._forget_operations(key)
        self._written.add(key)

    def __iter__(self) -> Iterator[str]:
        self._alive("")
        stored = self._read_keys(self._scope)
        if self._listed is None:
            self._listed = stored
        for key in sorted(stored | self._values.keys() | {key for _, key, _ in self._operations}):
            if self._load(key) is not _MISSING:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __ior__(self, other: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Self:
        """`store |= {…}`: the same as `update`."""
        self.update(other)
        return self

    def clear(self) -> None:
        """Delete every key of this scope."""
        for key in list(self):
            del self[key]

    def increment(self, key: str, by: int | float = 1) -> None:
        """Add `by` to a number (a missing one counts as 0). Never conflicts: it is applied when the call commits."""
        self._alive(key)
        if isinstance(by, bool) or not isinstance(by, int | float):
            raise StoreError(f"store key {key!r}: can be raised by a number, not by {type(by).__name__}")
        self._operate("increment", key, by)

    def append(self, key: str, value: Any) -> None:
        """Add `value` to a list (a missing one counts as empty). Never conflicts, like `increment`."""
        self._alive(key)
        self._operate("append", key, json.loads(to_json(value, key)))

    def _begin(self, key: str, value: Any) -> None:
        """Take a value for written, or for deleted, by an earlier part of the call."""
        self._values[key] = value
        self._as_read[key] = None
        self._written.add(key)

    def _operate(self, operation: str, key: str, operand: Any) -> None:
        if key not in self._values:
            self._operations.append((operation, key, operand))
            return
        changed = key in self._written or self._changed_in_place(key)
        self._values[key] = _applied(operation, self._value_or_none(key), operand, key)
        if changed:
            self._forget_operations(key)
            self._written.add(key)
        else:
            self._operations.append((operation, key, operand))
            self._as_read[key] = to_json(self._values[key], key)

    def _changed_in_place(self, key: str) -> bool:
        value = self._values[key]
        return value is not _MISSING and to_json(value, key) != self._as_read[key]

    def _value_or_none(self, key: str) -> Any:
        value = self._values[key]
        return None if value is _MISSING else value

    def _forget_operations(self, key: str) -> None:
        self._operations = [one for one in self._operations if one[1] != key]

    def _load(self, key: str) -> Any:
        if key not in self._values:
            found = self._read(self._scope, key)
            # What an earlier part of the call has relied on counts.
            self._versions.setdefault(key, found[1] if found else 0)
            value = json.loads(found[0]) if found else None
            pending = [(operation, operand) for operation, k, operand in self._operations if k == key]
            for operation, operand in pending:
                value = _applied(operation, value, operand, key)
            self._values[key] = value if found or pending else _MISSING
            self._as_read[key] = to_json(value, key) if found or pending else None
        return self._values[key]

    def _alive(self, key: str) -> None:
        if self._dead:
            raise ContextError("this store belongs to a call that has ended; use the ctx of the present call")
        if not isinstance(key, str):
            raise StoreError(f"store key {key!r}: a key is a text")

    def end(self, shared: bool) -> tuple[dict[str, str], set[str], list[tuple[str, str, Any]], dict[str, int]]:
        """(writes, deletions, operations, versions relied on), comparing what was handed out in place."""
        self._dead = True
        writes: dict[str, str] = {}
        deletions: set[str] = set()
        for key, value in self._values.items():
            if value is _MISSING:
                if key in self._written:
                    deletions.add(key)
                continue
            if key in self._written or self._changed_in_place(key):
                writes[key] = to_json(value, key)
        operations = [one for one in self._operations if one[1] not in writes]
        return writes, deletions, operations, self._versions if shared else {}

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was read, written or operated on."""
        return not (self._values or self._operations or self._listed is not None)

    @property
    def listed(self) -> frozenset[str] | None:
        """The stored keys that the call has walked over, or None."""
        return self._listed


class Store(Scope):
    """`ctx.store`: the global scope itself, and `.thread`, `.user` and `.member` (of the call's chat and sender)."""

    def __init__(
        self,
        plugin: str,
        thread_id: str | None,
        user_id: str | None,
        read: Read,
        read_keys: ReadKeys,
        *,
        all_shared: bool = False,
    ) -> None:
        """`all_shared`: calls of other chats may change the narrower scopes too."""
        super().__init__("", read, read_keys)
        self._plugin = plugin
        self._all_shared = all_shared
        self._thread_id = thread_id
        self._user_id = user_id
        self._scopes: dict[str, Scope] = {"": self}
        self._after: Changes | None = None

    @property
    def thread(self) -> Scope:
        """Values of this plugin for this chat."""
        if self._thread_id is None:
            raise ContextError("store.thread: there is no chat in this call; use store itself, or store.user")
        return self.scope(f"thread:{self._thread_id}")

    @thread.setter
    def thread(self, scope: Scope) -> None:
        """`store.thread |= {…}` sets it to itself; nothing else may be set."""
        _only_itself(scope, self.thread, "store.thread")

    @property
    def user(self) -> Scope:
        """Values of this plugin for the person who caused the call, the same in every chat."""
        if self._user_id is None:
            raise ContextError("store.user: nobody caused this call; use store itself, or store.thread")
        return self.scope(f"user:{self._user_id}")

    @user.setter
    def user(self, scope: Scope) -> None:
        """`store.user |= {…}` sets it to itself; nothing else may be set."""
        _only_itself(scope, self.user, "store.user")

    @property
    def member(self) -> Scope:
        """Values of this plugin for this person in this chat."""
        if self._thread_id is None or self._user_id is None:
            raise ContextError("store.member: this call has no chat or nobody caused it; use store itself")
        return self.for_member(self._user_id)

    @member.setter
    def member(self, scope: Scope) -> None:
        """`store.member |= {…}` sets it to itself; nothing else may be set."""
        _only_itself(scope, self.member, "store.member")

    def for_member(self, user_id: str) -> Scope:
        """Values of this plugin for another person in this chat: what is `.member` when they cause a call."""
        if self._thread_id is None:
            raise ContextError("store.for_member: there is no chat in this call; use store itself")
        return self.scope(f"member:{self._thread_id}:{user_id}")

    def scope(self, scope: str) -> Scope:
        """For the host: any scope, by the name that it has in the table."""
        self._alive(scope)
        if scope not in self._scopes:
            self._scopes[scope] = Scope(scope, self._read, self._read_keys)
        return self._scopes[scope]

    def go_on(self, after: Changes) -> None:
        """For the host: begin where an earlier part of the same call has left off; `changes` contains that then."""
        self._after = after
        for (scope, key), text in after.writes.items():
            self.scope(scope)._begin(key, json.loads(text))
        for scope, key in after.deletions:
            self.scope(scope)._begin(key, _MISSING)
        for operation, scope, key, operand in after.operations:
            self.scope(scope)._operations.append((operation, key, operand))
        for (scope, key), version in after.relied.items():
            self.scope(scope)._versions[key] = version
        for scope, keys in after.listed.items():
            self.scope(scope)._listed = keys

    def changes(self) -> Changes:
        """End the call: what it has changed and relied on. Raises StoreError for a value changed into no JSON."""
        if len(self._scopes) == 1 and self.is_untouched and self._after is None:
            self._dead = True
            return Changes(self._plugin)
        writes: dict[tuple[str, str], str] = {}
        deletions: set[tuple[str, str]] = set()
        operations: list[tuple[str, str, str, Any]] = []
        relied: dict[tuple[str, str], int] = {}
        listed: dict[str, frozenset[str]] = {}
        for name, scope in self._scopes.items():
            # One lane handles all of a chat, so only what chats share can change under a call.
            shared = self._all_shared or name == "" or name.startswith("user:")
            changed, deleted, operated, versions = scope.end(shared)
            writes |= {(name, key): text for key, text in changed.items()}
            deletions |= {(name, key) for key in deleted}
            operations += [(operation, name, key, operand) for operation, key, operand in operated]
            relied |= {(name, key): version for key, version in versions.items()}
            if shared and scope.listed is not None:
                listed[name] = scope.listed
        return Changes(self._plugin, writes, frozenset(deletions), tuple(operations), relied, listed, self._after)


def _only_itself(given: Scope, own: Scope, name: str) -> None:
    if given is not own:
        raise StoreError(f"{name} cannot be replaced; change it with update or |=")


def _applied(operation: str, value: Any, operand: Any, key: str) -> Any:
    if operation == "increment":
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise StoreError(f"store key {key!r}: only a number can be raised, and this is {type(value).__name__}")
        return (value or 0) + operand
    if value is not None and not isinstance(value, list):
        raise StoreError(f"store key {key!r}: only a list can be appended to, and this is {type(value).__name__}")
    # In place, so that a list which the call has in hand stays the one that is kept.
    value = [] if value is None else value
    value.append(operand)
    return value


def apply(connection: sqlite3.Connection, *every: Changes) -> None:
    """Write changes inside the caller's transaction; raises Conflict when a value that one of them relies on has
    changed before. What an earlier part of a call has left is written with the later part that contains it."""
    contained = {id(changes.after) for changes in every}
    for changes in every:
        _check_relied(connection, changes)
    for changes in every:
        if id(changes) not in contained:
            _write(connection, changes)


def _check_relied(connection: sqlite3.Connection, changes: Changes) -> None:
    plugin = changes.plugin
    for (scope, key), version in changes.relied.items():
        if _version(connection, plugin, scope, key) != version:
            raise Conflict(f"{plugin}: {scope}/{key}")
    for scope, keys in changes.listed.items():
        if keys != {key for (key,) in connection.execute(_KEYS, (plugin, scope))}:
            raise Conflict(f"{plugin}: {scope}")


def _write(connection: sqlite3.Connection, changes: Changes) -> None:
    if not changes:
        return
    plugin = changes.plugin
    (version,) = connection.execute(
        "UPDATE counters SET value = value + 1 WHERE name = 'version' RETURNING value"
    ).fetchone()
    for (scope, key), text in changes.writes.items():
        connection.execute(_PUT, (plugin, scope, key, text, version))
    for scope, key in changes.deletions:
        connection.execute("DELETE FROM store WHERE plugin = ? AND scope = ? AND key = ?", (plugin, scope, key))
    for operation, scope, key, operand in changes.operations:
        row = connection.execute(_GET, (plugin, scope, key)).fetchone()
        value = _applied(operation, json.loads(row[0]) if row else None, operand, key)
        connection.execute(_PUT, (plugin, scope, key, to_json(value, key), version))


_GET = "SELECT value, version FROM store WHERE plugin = ? AND scope = ? AND key = ?"
_KEYS = "SELECT key FROM store WHERE plugin = ? AND scope = ?"
_PUT = "INSERT OR REPLACE INTO store (plugin, scope, key, value, version) VALUES (?, ?, ?, ?, ?)"


def _version(connection: sqlite3.Connection, plugin: str, scope: str, key: str) -> int:
    row = connection.execute(_GET, (plugin, scope, key)).fetchone()
    return int(row[1]) if row else 0


def open_store(
    read_rows: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]],
    plugin: str,
    thread_id: str | None,
    user_id: str | None,
    *,
    all_shared: bool = False,
) -> Store:
    """The store of `plugin` for one call; `read_rows` is `Database.read`. `all_shared` as in `Store`."""
    read, read_keys = read_with(read_rows, plugin)
    return Store(plugin, thread_id, user_id, read, read_keys, all_shared=all_shared)


def read_with(read_rows: Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]], plugin: str) -> tuple[Read, ReadKeys]:
    """What a store of `plugin` reads by."""

    def read(scope: str, key: str) -> tuple[str, int] | None:
        rows = read_rows(_GET, (plugin, scope, key))
        return (rows[0][0], rows[0][1]) if rows else None

    def read_keys(scope: str) -> frozenset[str]:
        return frozenset(row[0] for row in read_rows(_KEYS, (plugin, scope)))

    return read, read_keys
