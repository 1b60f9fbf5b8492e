"""A plugin's values as a test reads and sets them, beside the bot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from botkit.storage import Scope, apply, open_store
from botkit.store import Database
from botkit.testing.chats import Chat, Participant


class PluginStore(MutableMapping[str, Any]):
    """What a plugin has as `ctx.store`, as of now; what a test sets is kept at once.

    A list or dict that was read is a copy: to change it, set it.
    """

    def __init__(self, database: Callable[[], Database], plugin: str, scope: str = "") -> None:
        """`database` gives the bot's file when all has come to rest."""
        self._database = database
        self._plugin = plugin
        self._scope = scope

    def thread(self, chat: Chat) -> PluginStore:
        """`ctx.store.thread` of a chat."""
        return PluginStore(self._database, self._plugin, f"thread:{chat.id}")

    def user(self, person: Participant) -> PluginStore:
        """`ctx.store.user` of a person."""
        return PluginStore(self._database, self._plugin, f"user:{person.id}")

    def member(self, person: Participant) -> PluginStore:
        """`ctx.store.member` of a person in the chat that `person` was taken from."""
        return PluginStore(self._database, self._plugin, f"member:{person.chat.id}:{person.id}")

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        def put(scope: Scope) -> None:
            scope[key] = value

        self._change(put)

    def __delitem__(self, key: str) -> None:
        def drop(scope: Scope) -> None:
            del scope[key]

        self._change(drop)

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return f"<{self._plugin}'s store {self._scope or 'for all'}: {', '.join(self)}>"

    def _read(self) -> dict[str, Any]:
        return dict(open_store(self._database().read, self._plugin, None, None).scope(self._scope))

    def _change(self, change: Callable[[Scope], None]) -> None:
        database = self._database()
        store = open_store(database.read, self._plugin, None, None)
        change(store.scope(self._scope))
        changes = store.changes()
        database.write(lambda connection: apply(connection, changes))
