"""What the bot keeps about chats and people, as the gates ask for it with every event: from memory, once read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from botkit.host import HOST, ChatSettings, chat_settings, is_on
from botkit.storage import Changes, apply, to_json
from botkit.store import Database

# So many scopes are remembered; then all are forgotten, as each is soon read again.
_MOST = 10_000


class Book:
    """Any thread."""

    def __init__(self, database: Database, defaults: ChatSettings) -> None:
        """`defaults` is what the bot file says for all chats."""
        self._database = database
        self._defaults = defaults
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[str, Any]] = {}
        # Grows with every change, so that what was read before a change is not remembered after it.
        self._edition = 0

    @property
    def defaults(self) -> ChatSettings:
        """What holds in a chat of which nothing is kept."""
        return self._defaults

    def chat(self, thread_id: str) -> ChatSettings:
        """What holds in a chat."""
        return chat_settings(self.scope(f"thread:{thread_id}"), self._defaults)

    def is_muted(self, thread_id: str) -> bool:
        """Whether the bot is silent in a chat."""
        return bool(self.scope(f"thread:{thread_id}").get("muted"))

    def is_enabled(self, plugin: str, thread_id: str) -> bool:
        """Whether a plugin is on in a chat."""
        return is_on(self.scope(f"thread:{thread_id}"), plugin)

    def is_ignored(self, user_id: str) -> bool:
        """Whether nothing that a person does is to reach a plugin."""
        return bool(self.scope(f"user:{user_id}").get("ignored"))

    def given_role(self, thread_id: str, user_id: str) -> str | None:
        """The role that somebody was given in a chat."""
        role = self.scope(f"member:{thread_id}:{user_id}").get("role")
        return str(role) if role else None

    def scope(self, scope: str) -> Mapping[str, Any]:
        """All that is kept in a scope, as of the last commit."""
        known = self._known.get(scope)
        if known is not None:
            return known
        edition = self._edition
        rows = self._database.read("SELECT key, value FROM store WHERE plugin = ? AND scope = ?", (HOST, scope))
        found = {key: json.loads(value) for key, value in rows}
        with self._lock:
            if edition == self._edition:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[scope] = found
        return found

    def holding(self, key: str) -> dict[str, Any]:
        """The scopes in which something is kept under a key: {scope: value}."""
        rows = self._database.read("SELECT scope, value FROM store WHERE plugin = ? AND key = ?", (HOST, key))
        return {scope: json.loads(value) for scope, value in rows}

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value of the bot's own that belongs to no chat, in a commit of its own."""
        changes = Changes(HOST, writes={("", key): to_json(value, key)})
        self._database.write(lambda connection: apply(connection, changes))
        self.committed([changes])

    def committed(self, changes: Iterable[Changes]) -> None:
        """These changes are in the store now."""
        for one in changes:
            if one and one.plugin == HOST:
                touched = {*(s for s, _ in one.writes), *(s for s, _ in one.deletions)}
                touched |= {scope for _, scope, _, _ in one.operations}
                with self._lock:
                    self._edition += 1
                    for scope in touched:
                        self._known.pop(scope, None)
