"""The people's side without sockets: the page's files, the control API, and the stream of events for one person.

Everything here is reached by loopback names only. Event-loop thread only.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from importlib import resources
from urllib.parse import parse_qsl

from botkit.sandbox import arguments, uploads
from botkit.sandbox.arguments import place
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
from botkit.sandbox.lab import Call, Lab
from botkit.sandbox.logins import Logins
from botkit.sandbox.orders import Orders
from botkit.sandbox.people import Json, message_view, person_view, thread_view
from botkit.sandbox.serving import serve
from botkit.sandbox.wire import Request, Response, compact, read_json
from botkit.sandbox.world import Content, Person

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


class Control:
    """Answers the page and its calls; `token` is what the page's calls have to carry."""

    def __init__(self, engine: Engine, logins: Logins, orders: Orders, world_id: str, token: str) -> None:
        self._engine = engine
        self._deeds = Deeds(engine)
        self._logins = logins
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
            **Lab(engine, orders).calls,
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
        return arguments.person(self._engine.world, word)

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
            given = read_json(request.body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise ControlError(400, "the body is a JSON object")
        return call(given)

    def _world(self, given: Json) -> Json:
        people = list(self._engine.world.people.values())
        default = next((person for person in people if not person.bot), people[0])
        return {
            "world": self._world_id,
            "now_ms": self._engine.clock.time_ms(),
            "people": [person_view(self._engine, person) for person in people],
            "default_as": default.id,
        }

    def _threads(self, given: Json) -> Json:
        viewer = self.person(given.get("as")).id
        threads = [thread_view(self._engine, thread, viewer) for thread in self._engine.threads_of(viewer)]
        return {"threads": sorted(threads, key=lambda thread: thread["timestamp_ms"], reverse=True)}

    def _messages(self, given: Json) -> Json:
        viewer, thread = place(self._engine, given)
        limit = min(arguments.number(given, "limit") or _PAGE_SIZE, _LARGEST_PAGE)
        before = arguments.number(given, "before_ms")
        messages = self._engine.history(viewer, thread, limit, None if before is None else before - 1)
        return {"messages": [message_view(self._engine, thread, message, viewer) for message in messages]}

    def _send(self, given: Json) -> Json:
        sender, thread = place(self._engine, given)
        text, client_id = arguments.text(given), arguments.client_id(given)
        reply_to = given.get("reply_to")
        if reply_to is not None and not isinstance(reply_to, str):
            raise ControlError(400, "`reply_to` is the id of a message")
        content = Content(text, reply_to, arguments.mentions(self._engine.world, given))
        message = self._engine.send(sender, thread, content, client_id=client_id)
        where = self._engine.world.by_key(message.thread)
        return {"message": message_view(self._engine, where, message, sender)}

    def _typing(self, given: Json) -> Json:
        sender, thread = place(self._engine, given)
        if not isinstance(given.get("typing"), bool):
            raise ControlError(400, "`typing` is true or false")
        self._engine.set_typing(sender, thread, given["typing"])
        return {}

    def _do(self, given: Json) -> Json:
        who, thread = place(self._engine, given)
        self._deeds.do(who, thread, given)
        return {}

    def _read(self, given: Json) -> Json:
        reader, thread = place(self._engine, given)
        self._engine.mark_read(reader, thread)
        return {}

    def _app_state(self, given: Json) -> Json:
        login = self._logins.begin(self.person(given.get("as")).id)
        return {"app_state": self._logins.app_state(login)}

    def _upload(self, request: Request) -> Json:
        """Send a file: the body is its bytes, its type the Content-Type, `name` its name."""
        given = dict(parse_qsl(request.query))
        sender, thread = place(self._engine, given)
        kind, client_id = request.headers.get("content-type", ""), arguments.client_id(given)
        file = uploads.store(self._engine, sender, given.get("name", ""), kind, request.body)
        message = self._engine.send(sender, thread, Content(attachments=(file,)), client_id=client_id)
        return {"message": message_view(self._engine, self._engine.world.by_key(message.thread), message, sender)}


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


def _json(status: int, value: Json) -> Response:
    headers = (
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response(status, compact(value).encode(), headers)
