"""The queries that came before GraphQL, which some clients keep as a last resort (dossier 3, sections 3.1 to 3.3)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox import mercury
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.graphql import thread_page
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

_FOLDERS = {"inbox": "INBOX", "pending": "PENDING", "other": "OTHER", "action:archived": "ARCHIVED"}
# How a field names a thread: a one-to-one chat by the other person.
_PLACES = ("user_ids", "thread_fbids")
_MOST = 1000
_FEW = 20


class LegacyEndpoints:
    """Calls by path, to be offered beside the others."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers
        self.posts: dict[str, Call] = {
            "/ajax/mercury/threadlist_info.php": self._list,
            "/ajax/mercury/thread_info.php": self._info,
        }

    def _list(self, request: Request, login: Login) -> Response:
        """A slice of a folder; without a thread in it the key `threads` is missing."""
        folder = next((name for name in _FOLDERS if request.nested(name)), None)
        if folder is None:
            raise Refusal(BAD_PARAMETERS, "inbox[offset] and inbox[limit] are whole numbers.")
        span = request.nested(folder)
        offset, limit = _whole(span, "offset", 0), _whole(span, "limit", _FEW)
        found = thread_page(self._engine, login.account, [_FOLDERS[folder]], None, _MOST)[offset : offset + limit]
        threads = [mercury.thread_object(self._engine, login.account, thread) for thread in found]
        return self._answers.ok({"threads": threads} if threads else {})

    def _info(self, request: Request, login: Login) -> Response:
        """Threads by id, or messages of one."""
        asked, wanted = request.nested("threads"), request.nested("messages")
        threads = [thread for place in _PLACES for thread in _mapping(asked, place).values()]
        actions = [
            action
            for place in _PLACES
            for thread in _mapping(wanted, place)
            for action in self._messages(login.account, thread, _mapping(wanted[place], thread))
        ]
        found = [self._engine.world.readable(login.account, str(thread)) for thread in threads]
        shown = [
            mercury.thread_object(self._engine, login.account, thread)
            for thread in found
            if thread and self._engine.history(login.account, thread, 1)
        ]
        return self._answers.ok({**({"threads": shown} if shown else {}), **({"actions": actions} if actions else {})})

    def _messages(self, viewer: str, thread_id: str, span: dict[str, Any]) -> list[dict[str, Any]]:
        """`limit` messages at or before `timestamp`, after the newest `offset` were skipped, oldest first."""
        thread = self._engine.world.readable(viewer, thread_id)
        if thread is None or thread.encrypted:
            return []
        offset, limit = _whole(span, "offset", 0), _whole(span, "limit", _FEW)
        before = span.get("timestamp")
        before_ms = None if before in (None, "", "null", "undefined") else _whole(span, "timestamp", 0)
        messages = self._engine.history(viewer, thread, offset + limit, before_ms)
        kept = messages[: len(messages) - offset] if offset else messages
        return [mercury.message_object(self._engine, viewer, thread, message) for message in kept[-limit:]]


def _whole(span: dict[str, Any], name: str, default: int) -> int:
    text = str(span.get(name, default))
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(BAD_PARAMETERS, f"{name} is a whole number.")
    return min(int(text), _MOST) if name != "timestamp" else int(text)


def _mapping(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
