"""The people's side without sockets: the page's files, the control API, and the stream of events for one person.

Everything here is reached by loopback names only. Event-loop thread only.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl

from botkit.sandbox import uploads
from botkit.sandbox.audience import (
    Event,
    MessageAdded,
    MessageChanged,
    PresenceChanged,
    ThreadChanged,
    Typing,
    WatermarkMoved,
)
from botkit.sandbox.deeds import Deeds
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ControlError, Refusal
from botkit.sandbox.faults import Fault, Faults
from botkit.sandbox.logins import Logins
from botkit.sandbox.people import Json, message_view, person_view, thread_view
from botkit.sandbox.serving import serve
from botkit.sandbox.session import Sessions
from botkit.sandbox.wire import Request, Response, compact, read_json
from botkit.sandbox.world import Content, Person, Thread

_API = "/sandbox/api/"
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_PAGE_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; img-src 'self' data:",
    ),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)
_TOKEN_PLACE = "__BOTKIT_TOKEN__"  # noqa: S105 - the place for one
_PAGE_SIZE = 50
_LARGEST_PAGE = 500
_LONGEST_CLIENT_ID = 200

Call = Callable[[dict[str, Any]], Json]


class Control:
    """Answers the page and its calls; `token` is what the page's calls have to carry."""

    def __init__(
        self, engine: Engine, logins: Logins, sessions: Sessions, faults: Faults, world_id: str, token: str
    ) -> None:
        self._engine = engine
        self._deeds = Deeds(engine)
        self._logins = logins
        self._sessions = sessions
        self._faults = faults
        self._world_id = world_id
        self._token = token
        self._calls: dict[tuple[str, str], Call] = {
            ("GET", "world"): self._world,
            ("GET", "threads"): self._threads,
            ("GET", "messages"): self._messages,
            ("POST", "send"): self._send,
            ("POST", "typing"): self._typing,
            ("POST", "read"): self._read,
            ("POST", "do"): self._do,
            ("POST", "app-state"): self._app_state,
            ("POST", "cut"): self._cut,
            ("POST", "fault"): self._fault,
        }

    def handle(self, request: Request) -> Response:
        """Answer a request under a loopback name."""
        if not request.path.startswith(_API):
            return self._file(request)
        try:
            return _json(200, self._call(request))
        except ControlError as error:
            return _json(error.status, {"error": str(error)})
        except Refusal as refusal:
            return _json(400, {"error": refusal.description})

    def check_origin(self, request: Request) -> None:
        """Refuse what another site's page asks for."""
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers.get('host', '')}":
            raise ControlError(403, "the Origin is not this page's")

    def check_token(self, token: str) -> None:
        """Refuse who does not know this start's token."""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise ControlError(401, "the token is not this server's; load the page again")

    def person(self, word: object) -> Person:
        """The person that an `as` names."""
        if not isinstance(word, str) or not word:
            raise ControlError(400, "`as` is a person's name or id")
        person = self._engine.world.person_called(word)
        if person is None:
            names = ", ".join(person.name for person in self._engine.world.people.values())
            raise ControlError(404, f"there is nobody called {word[:40]!r}; there are {names}")
        return person

    def _file(self, request: Request) -> Response:
        name, kind = _FILES.get(request.path, ("", ""))
        if not name and request.method in ("GET", "HEAD") and (found := serve(self._engine, request)) is not None:
            return found
        if not name:
            return Response(404, b"not found", (("Content-Type", "text/plain"), *_PAGE_HEADERS))
        if request.method not in ("GET", "HEAD"):
            return Response(405, b"only GET", (("Content-Type", "text/plain"), *_PAGE_HEADERS))
        text = resources.files("botkit.sandbox").joinpath("page", name).read_text(encoding="utf-8")
        if name == "index.html":
            text = text.replace(_TOKEN_PLACE, self._token)
        return Response(200, text.encode(), (("Content-Type", kind), *_PAGE_HEADERS))

    def _call(self, request: Request) -> Json:
        self.check_origin(request)
        self.check_token(request.headers.get("x-botkit-token", ""))
        name = request.path.removeprefix(_API)
        if (request.method, name) == ("POST", "upload"):
            return self._upload(request)
        call = self._calls.get((request.method, name))
        if call is None:
            raise ControlError(404, f"there is no {request.method} {request.path[:80]}")
        if request.method == "GET":
            return call(dict(request.fields))
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            raise ControlError(415, "a POST is of the type application/json")
        try:
            arguments = read_json(request.body)
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise ControlError(400, "the body is a JSON object")
        return call(arguments)

    def _world(self, arguments: Json) -> Json:
        people = list(self._engine.world.people.values())
        default = next((person for person in people if not person.bot), people[0])
        return {
            "world": self._world_id,
            "now_ms": self._engine.clock.time_ms(),
            "people": [person_view(self._engine, person) for person in people],
            "default_as": default.id,
        }

    def _threads(self, arguments: Json) -> Json:
        viewer = self.person(arguments.get("as")).id
        threads = [thread_view(self._engine, thread, viewer) for thread in self._engine.threads_of(viewer)]
        return {"threads": sorted(threads, key=lambda thread: thread["timestamp_ms"], reverse=True)}

    def _messages(self, arguments: Json) -> Json:
        viewer, thread = self._place(arguments)
        limit = min(_number(arguments, "limit") or _PAGE_SIZE, _LARGEST_PAGE)
        before = _number(arguments, "before_ms")
        messages = self._engine.history(viewer, thread, limit, None if before is None else before - 1)
        return {"messages": [message_view(self._engine, thread, message, viewer) for message in messages]}

    def _send(self, arguments: Json) -> Json:
        sender, thread = self._place(arguments)
        text, client_id = arguments.get("text"), _client_id(arguments)
        if not isinstance(text, str):
            raise ControlError(400, "`text` is a text")
        reply_to = arguments.get("reply_to")
        if reply_to is not None and not isinstance(reply_to, str):
            raise ControlError(400, "`reply_to` is the id of a message")
        message = self._engine.send(sender, thread, Content(text, reply_to), client_id=client_id)
        where = self._engine.world.by_key(message.thread)
        return {"message": message_view(self._engine, where, message, sender)}

    def _typing(self, arguments: Json) -> Json:
        sender, thread = self._place(arguments)
        if not isinstance(arguments.get("typing"), bool):
            raise ControlError(400, "`typing` is true or false")
        self._engine.set_typing(sender, thread, arguments["typing"])
        return {}

    def _do(self, arguments: Json) -> Json:
        who, thread = self._place(arguments)
        self._deeds.do(who, thread, arguments)
        return {}

    def _read(self, arguments: Json) -> Json:
        reader, thread = self._place(arguments)
        self._engine.mark_read(reader, thread)
        return {}

    def _app_state(self, arguments: Json) -> Json:
        login = self._logins.begin(self.person(arguments.get("as")).id)
        return {"app_state": self._logins.app_state(login)}

    def _cut(self, arguments: Json) -> Json:
        return {"closed": self._sessions.close_account(self.person(arguments.get("as")).id)}

    def _fault(self, arguments: Json) -> Json:
        """Order something to go wrong (faults.py)."""
        account, kind = self.person(arguments.get("as")).id, arguments.get("kind")
        times, status = arguments.get("times", 1), arguments.get("status", 0)
        if not isinstance(kind, str) or type(times) is not int or type(status) is not int:
            raise ControlError(400, "`kind` is a text, `times` and `status` are whole numbers")
        if kind == "expire":
            self._logins.expire(account)
            return {"closed": self._sessions.close_account(account)}
        self._faults.order(Fault(account, kind, times, status))
        return {}

    def _upload(self, request: Request) -> Json:
        """Send a file: the body is its bytes, its type the Content-Type, `name` its name."""
        arguments = dict(parse_qsl(request.query))
        sender, thread = self._place(arguments)
        kind, client_id = request.headers.get("content-type", ""), _client_id(arguments)
        file = uploads.store(self._engine, sender, arguments.get("name", ""), kind, request.body)
        message = self._engine.send(sender, thread, Content(attachments=(file,)), client_id=client_id)
        return {"message": message_view(self._engine, self._engine.world.by_key(message.thread), message, sender)}

    def _place(self, arguments: Json) -> tuple[str, Thread]:
        """Who acts, and in which thread."""
        viewer, word = self.person(arguments.get("as")).id, arguments.get("thread")
        if not isinstance(word, str) or not word:
            raise ControlError(400, "`thread` is a thread's name or id")
        thread = self._engine.world.thread_called(viewer, word)
        if thread is None:
            names = ", ".join(self._engine.world.name_of(t, viewer) for t in self._engine.threads_of(viewer))
            raise ControlError(404, f"there is no chat called {word[:40]!r}; there are {names}")
        return viewer, thread


class PersonStream:
    """One person's events, as JSON texts to `send`."""

    def __init__(self, engine: Engine, account: str, send: Callable[[str], None]) -> None:
        self.account = account
        self._engine = engine
        self._send = send

    def hear(self, event: Event) -> None:
        """Pass an event on in the page's words."""
        if (view := self._view(event)) is not None:
            self._send(compact(view))

    def _view(self, event: Event) -> Json | None:
        engine, viewer = self._engine, self.account
        if isinstance(event, MessageAdded):
            return {"type": "message", "message": message_view(engine, event.thread, event.message, viewer)}
        if isinstance(event, MessageChanged):
            return {"type": "changed", "message": message_view(engine, event.thread, event.message, viewer)}
        if isinstance(event, ThreadChanged):
            return {"type": "thread", "thread": thread_view(engine, event.thread, viewer)}
        if isinstance(event, Typing):
            return {
                "type": "typing",
                "thread": event.thread.id_for(viewer),
                "sender": event.sender,
                "sender_name": engine.world.people[event.sender].name,
                "typing": event.typing,
            }
        if isinstance(event, WatermarkMoved):
            thread = event.thread.id_for(viewer)
            return {"type": "read", "thread": thread, "reader": event.reader, "watermark_ms": event.watermark_ms}
        if isinstance(event, PresenceChanged):
            return {"type": "presence", "person": event.person, "online": event.online}
        return None


def _client_id(arguments: Json) -> str | None:
    """The page's own mark for repeats of a send."""
    client_id = arguments.get("client_id")
    if client_id is not None and not (isinstance(client_id, str) and 0 < len(client_id) <= _LONGEST_CLIENT_ID):
        raise ControlError(400, f"`client_id` is a text of 1 to {_LONGEST_CLIENT_ID} characters")
    return client_id


def _number(arguments: Json, name: str) -> int | None:
    text = arguments.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal():
        raise ControlError(400, f"`{name}` is a whole number")
    return int(text)


def _json(status: int, value: Json) -> Response:
    headers = (
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response(status, compact(value).encode(), headers)
