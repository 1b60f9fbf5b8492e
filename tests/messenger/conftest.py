"""An imaginary Messenger without sockets: doors that implement the client's protocols and remember what was said."""

from __future__ import annotations

import json
import queue
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from botkit.messenger import Api, HttpRequest, HttpResponse, NetworkError, Position, Sink, SocketConnect, login
from botkit.testing import ManualClock

OWN = "100000000000001"
WAIT_S = 5.0

# The synthetic page of dossier 1, section 4.2.
PAGE = (Path(__file__).parent / "page.html").read_text()

# The profile of dossier 3, section 3.6.
BEA = {
    "id": "100000000000002",
    "name": "Bea Sample",
    "firstName": "Bea",
    "vanity": "bea.sample",
    "thumbSrc": "https://cdn.test/b50.jpg",
    "uri": "https://www.facebook.com/bea.sample",
    "gender": 1,
    "type": "friend",
    "is_friend": True,
    "is_birthday": False,
    "searchTokens": ["Sample", "Bea"],
    "alternateName": "",
}

# An answer, or a function of the form fields that gives or raises one.
Answer = HttpResponse | Callable[[dict[str, str]], HttpResponse]


def respond(
    text: str = "", *, status: int = 200, location: str | None = None, cookies: Sequence[str] = ()
) -> HttpResponse:
    """An answer; its URL is filled in by the site."""
    return HttpResponse(status, "", text, location, tuple(cookies))


def envelope(payload: Any = None, **more: Any) -> HttpResponse:
    """An answer of an AJAX address."""
    return respond("for (;;);" + json.dumps({"__ar": 1, "payload": payload, **more}))


@dataclass
class Asked:
    """One request that the site got."""

    method: str
    url: str
    headers: Mapping[str, str]
    form: dict[str, str]
    body: bytes
    part: tuple[str, str, str, bytes] | None = None
    """Of a form of several parts: name, file name, content type and content of its only one."""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


def only_part(content_type: str, body: bytes) -> tuple[str, str, str, bytes]:
    """Name, file name, content type and content of a form's one part, read by the standard library."""
    message: Any = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    (part,) = message.iter_parts()
    name, filename = (part["Content-Disposition"].params[key] for key in ("name", "filename"))
    return name, filename, part.get_content_type(), part.get_payload(decode=True)


class Site:
    """An HttpDoor: a page at each path; several answers for a path are given one after another, the last for ever."""

    respond = staticmethod(respond)
    envelope = staticmethod(envelope)

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.closed = False
        self._answers: dict[str, list[Answer]] = {}
        self.on("/", respond(PAGE))

    def on(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def request(self, request: HttpRequest, *, timeout_s: float) -> HttpResponse:
        body = request.body or b""
        part, form = None, {}
        if "multipart" in request.headers.get("Content-Type", ""):
            part = only_part(request.headers["Content-Type"], body)
        else:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body)))
        asked = Asked(request.method, request.url, request.headers, form, body, part)
        self.asked.append(asked)
        answers = self._answers.get(asked.path)
        if not answers:
            return HttpResponse(404, request.url, "")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        found = answer if isinstance(answer, HttpResponse) else answer(form)
        return replace(found, url=request.url)

    def close(self) -> None:
        self.closed = True

    def to(self, path: str) -> list[Asked]:
        """The requests that went to a path."""
        return [asked for asked in self.asked if asked.path == path]


class Wire:
    """A Socket as the server sees it: what was published, and ways to answer."""

    def __init__(self, url: str, headers: Mapping[str, str], connect: SocketConnect, handler: Any) -> None:
        self.url = url
        self.headers = headers
        self.connect = connect
        self.handler = handler
        self.topics: list[str] = []
        self.said: list[tuple[str, Any, int]] = []
        self.is_closed = False
        self.closing = threading.Event()
        self._spoken = threading.Condition()

    def subscribe(self, topics: Sequence[str]) -> None:
        self.topics.extend(topics)

    def publish(self, topic: str, payload: str, *, qos: int) -> None:
        with self._spoken:
            self.said.append((topic, json.loads(payload), qos))
            self._spoken.notify_all()

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.closing.set()
            self.handler.closed("closed by us")

    def join(self, timeout_s: float) -> None:
        """There is no thread to wait for."""

    def accept(self, code: int = 0) -> None:
        self.handler.connected(self, code)

    def push(self, topic: str, payload: Any) -> None:
        self.handler.received(topic, json.dumps(payload).encode())

    def create(self, token: str = "1", first: int = 0) -> None:
        """Answer the request for a new queue."""
        self.push("/t_ms", {"firstDeltaSeqId": first, "queueEntityId": int(OWN), "syncToken": token})

    def batch(self, first: int, *deltas: Mapping[str, Any], last: int | None = None) -> None:
        last = first + len(deltas) - 1 if last is None else last
        self.push(
            "/t_ms", {"deltas": list(deltas), "firstDeltaSeqId": first, "lastIssuedSeqId": last, "queueEntityId": 1}
        )

    def cut(self) -> None:
        self.is_closed = True
        self.handler.closed("cut")

    def fall_silent(self) -> None:
        """What the door does when nothing has come for too long."""
        self.is_closed = True
        self.handler.closed("no answer to a ping", silent=True)

    def spoken(self, topic: str) -> list[Any]:
        return [payload for said, payload, _ in self.said if said == topic]

    def answer_tasks(self, *steps: Any) -> None:
        """Answer each batch of tasks at once with these steps; "$T" is the task's queue, "$O" its offline id."""

        def publish(topic: str, payload: str, *, qos: int) -> None:
            value = json.loads(payload)
            self.said.append((topic, value, qos))
            if topic == "/ls_req" and value["type"] == 3:
                (task,) = json.loads(value["payload"])["tasks"]
                otid = json.loads(task["payload"]).get("otid", "")
                text = json.dumps({"name": None, "step": [1, *steps]})
                text = text.replace("$T", task["queue_name"]).replace("$O", otid)
                self.push("/ls_resp", {"request_id": value["request_id"], "payload": text, "sp": [], "target": 3})

        self.publish = publish  # type: ignore[method-assign]

    def wait_tasks(self, count: int) -> None:
        """Wait until so many tasks were published, by whatever thread."""
        with self._spoken:
            assert self._spoken.wait_for(lambda: len(self.tasks()) >= count, WAIT_S), self.tasks()

    def tasks(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Label, queue and payload of each task that was published."""
        found = []
        for value in self.spoken("/ls_req"):
            inner = json.loads(value["payload"])
            for task in inner.get("tasks", [inner]):
                found.append((task["label"], task.get("queue_name", ""), json.loads(task["payload"])))
        return found


class Sockets:
    """A SocketDoor whose connections the test takes one by one."""

    def __init__(self) -> None:
        self._opened: queue.Queue[Wire] = queue.Queue()
        self.refusals = 0

    def open(self, url: str, *, headers: Mapping[str, str], connect: SocketConnect, handler: Any) -> Wire:
        if self.refusals:
            self.refusals -= 1
            raise NetworkError("socket: no connection")
        wire = Wire(url, headers, connect, handler)
        self._opened.put(wire)
        return wire

    def next(self) -> Wire:
        """The next connection, waited for."""
        return self._opened.get(timeout=WAIT_S)

    def is_idle(self) -> bool:
        return self._opened.empty()


@dataclass
class Ear(Sink):
    """A sink that keeps everything."""

    batches: list[Any] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    transients: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    caught: int = 0
    fault: Exception | None = None
    order: list[str] = field(default_factory=list)
    states: queue.Queue[Any] = field(default_factory=queue.Queue)
    caught_events: queue.Queue[int] = field(default_factory=queue.Queue)

    def batch(self, batch: Any, position: Position) -> None:
        if self.fault is not None:
            raise self.fault
        self.order.append("batch")
        self.batches.append(batch)
        self.positions.append(position)

    def position(self, position: Position) -> None:
        self.order.append("position")
        self.positions.append(position)

    def transient(self, topic: str, payload: Mapping[str, Any], received_ms: int) -> None:
        self.transients.append((topic, payload))

    def state(self, state: Any) -> None:
        self.states.put(state)

    def gap(self, reason: str) -> None:
        self.order.append("gap")
        self.gaps.append(reason)

    def caught_up(self) -> None:
        self.order.append("caught_up")
        self.caught += 1
        self.caught_events.put(self.caught)

    def wait_for(self, name: str) -> Any:
        """The next state of this name; others before it are passed over."""
        while (state := self.states.get(timeout=WAIT_S)).name != name:
            pass
        return state

    @property
    def bodies(self) -> list[str]:
        return [delta["body"] for batch in self.batches for delta in batch.deltas]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def sockets() -> Sockets:
    return Sockets()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def page() -> str:
    """The synthetic page of dossier 1, section 4.2."""
    return PAGE


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def enter_as(site: Site, sockets: Sockets, clock: ManualClock) -> Iterator[Callable[..., Api]]:
    """Logs in to the imaginary Messenger with these options."""
    entered: list[Api] = []

    def enter(**options: Any) -> Api:
        entered.append(
            login(
                {"c_user": OWN, "xs": "synthetic-secret"},
                options,
                clock=clock,
                random=random.Random(1),
                http_door=site,
                socket_door=sockets,
            )
        )
        return entered[-1]

    yield enter
    for api in entered:
        api.close()


@pytest.fixture
def api(enter_as: Callable[..., Api]) -> Api:
    """A logged-in api on the imaginary Messenger."""
    return enter_as()


@pytest.fixture
def in_time(clock: ManualClock) -> Callable[[Callable[[], Any]], Any]:
    """Makes a call while a clock runs that it waits for, and gives what it gave or raised."""

    def make(call: Callable[[], Any]) -> Any:
        done: list[Any] = []

        def run() -> None:
            try:
                done.append(call())
            except Exception as error:
                done.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive():
            clock.advance(1)
            thread.join(0.005)
        return done[0]

    return make


@pytest.fixture
def people(site: Site) -> None:
    """Bea, 100000000000002, has a profile; others are nobody."""

    def answer(form: dict[str, str]) -> HttpResponse:
        asked = [value for name, value in form.items() if name.startswith("ids[")]
        return envelope({"profiles": {BEA["id"]: BEA} if BEA["id"] in asked else []})

    site.on("/chat/user_info/", answer)


@pytest.fixture
def link(api: Any, sockets: Sockets, ear: Ear) -> Iterator[Wire]:
    """An open socket beside the api."""
    listener = api.listener(ear)
    thread = threading.Thread(target=listener.run)
    thread.start()
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.said.clear()
    yield wire
    listener.stop()
    thread.join(WAIT_S)
