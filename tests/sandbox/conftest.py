"""A sandbox core on a new folder, and hand-made clients of it: raw requests and raw MQTT bytes, from the dossiers."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.core import Core, open_core
from botkit.sandbox.wire import Request, Response
from botkit.testing import ManualClock

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"

WORLD = """
people:
  - {id: 100000000000001, name: Bot, bot: true, email: bot@sandbox.test, password: bot-sandbox}
  - {id: 100000000000002, name: Ann, vanity: ann, gender: female, email: ann@sandbox.test, password: ann-sandbox}
  - {id: 100000000000003, name: Ben, gender: male, email: ben@sandbox.test, password: ben-sandbox}
  - {id: 100000000000004, name: Chloe, birthday: today, email: chloe@sandbox.test, password: chloe-sandbox}
  - {id: 100000000000005, name: Dan, email: dan@sandbox.test, password: dan-sandbox, checkpoint: true}
groups:
  - id: 7000000000000001
    name: Friends
    members: [Bot, Ann, Ben, Chloe]
    messages: [{from: Ben, minutes_ago: 5, text: "old news"}]
  - {id: 7000000000000002, name: Stand-up, members: [Bot, Ann, Ben]}
chats:
  - {members: [Ann, Chloe], encrypted: true}
friends: [[Bot, Ann], [Bot, Ben], [Ann, Ben], [Ann, Chloe]]
"""

_otids = itertools.count(7412281402983798101)

# What the server alone chooses, wherever it stands: ids, times and addresses.
SERVERS_OWN = set(
    "messageId messageID message_id messageIds replyToMessageId.id pinned_message_id last_message_id "
    "offlineThreadingId offline_threading_id irisSeqId tqSeqId sync_sequence_id request_id lid "
    "timestamp timestamp_precise server_timestamp last_message_timestamp last_read_timestamp updated_time_precise "
    "requestTimestamp actionTimestamp actionTimestampMs watermarkTimestampMs deletionTimestamp reactionTimestamp "
    "deliveredWatermarkTimestampMs fbid legacy_attachment_id message_file_fbid attachments.id image_id video_id "
    "uri url playable_url src thumbnail_src thumbSrc photo url_shimhash deduplication_key "
    "adminText snippet tags_list participants".split()
)
# What may be null, absent or empty by the documents (dossier 2, sections 7, 8.2 and 13.1; dossier 3, 6.1 and 6.2).
OR_NULL = set("description source media sprite_image sprite_image_2x thread_theme outgoing_bubble_color url".split())
OR_ABSENT = {"list.c", "list.vc"}
OR_EMPTY = {"properties", "images", "errors.path", "theme_color", "theme_emoji"}


def ajax(response: Response) -> dict[str, Any]:
    """The object behind the guard of an AJAX answer."""
    assert response.status == 200
    assert response.body.startswith(b"for (;;);{")
    answer: dict[str, Any] = json.loads(response.body[len(b"for (;;);") :])
    return answer


def found(pattern: str, text: str) -> str:
    """The first group of a pattern that has to be there."""
    match = re.search(pattern, text)
    assert match is not None
    return match[1]


def mqtt_packet(first: int, body: bytes) -> bytes:
    """One MQTT packet with its length as a varint."""
    length, digits = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        digits += bytes([digit | 128 if length else digit])
        if not length:
            return bytes([first]) + digits + body


def mqtt_text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


class Socket:
    """A client's end of an MQTT connection, byte by byte."""

    def __init__(self, core: Core, cookie: str, sid: str = "5") -> None:
        self.out = bytearray()
        self.frames: list[bytes] = []
        self.closed = False
        headers = {"cookie": cookie}
        upgrade = Request("GET", "edge-chat.facebook.com", "/chat", f"region=atn&sid={sid}", headers)
        self.session = core.connect(upgrade, self._take, self._close, self._close)
        self._core = core

    def _take(self, frame: bytes) -> None:
        self.out += frame
        self.frames.append(frame)

    def _close(self) -> None:
        self.closed = True
        self._core.sessions.discard(self.session)

    def connect(self, user: str, *, s: int = 5, st: object = (), keepalive_s: int = 10) -> Socket:
        name = json.dumps({"u": user, "s": s, "cp": 3, "ecp": 10, "st": st, "aid": 219994525426954})
        head = mqtt_text("MQIsdp") + bytes([3, 0x82]) + keepalive_s.to_bytes(2, "big")
        self.session.feed(mqtt_packet(0x10, head + mqtt_text("mqttwsclient") + mqtt_text(name)))
        return self

    def subscribe(self, *topics: str) -> None:
        body = b"\0\x09" + b"".join(mqtt_text(topic) + b"\0" for topic in topics)
        self.session.feed(mqtt_packet(0x82, body))

    def publish(self, topic: str, value: object) -> None:
        body = mqtt_text(topic) + b"\0\x07" + json.dumps(value).encode()
        self.session.feed(mqtt_packet(0x32, body))

    def packets(self) -> list[tuple[int, bytes]]:
        """Everything that came since the last call: first byte and body."""
        packets, data = [], bytes(self.out)
        self.out.clear()
        while data:
            length, at = 0, 1
            while True:
                length |= (data[at] & 127) << (7 * (at - 1))
                at += 1
                if data[at - 1] < 128:
                    break
            packets.append((data[0], data[at : at + length]))
            data = data[at + length :]
        return packets

    def messages(self, topic: str | None = None) -> list[Any]:
        """What was published since the last call, as (topic, value), or the values of one topic."""
        messages = []
        for first, body in self.packets():
            if first >> 4 == 3:
                end = 2 + int.from_bytes(body[:2], "big")
                name = body[2:end].decode()
                value = json.loads(body[end + (2 if first & 2 else 0) :])
                messages.append((name, value))
        return [value for name, value in messages if name == topic] if topic else messages

    def deltas(self) -> list[dict[str, Any]]:
        """The deltas that came on `/t_ms` since the last call."""
        return [delta for batch in self.messages("/t_ms") for delta in batch["deltas"]]

    def inner_deltas(self) -> list[dict[str, Any]]:
        """The deltas inside the ClientPayloads that came since the last call; nothing else may have come."""
        deltas = self.deltas()
        assert {delta["class"] for delta in deltas} <= {"ClientPayload"}
        return [found for delta in deltas for found in json.loads(bytes(delta["payload"]))["deltas"]]

    def ask(self, *tasks: tuple[str, dict[str, object]]) -> list[list[Any]]:
        """Send Lightspeed tasks; the procedures of the answer with their arguments, integers and undefined decoded."""
        entries = [
            {
                "failure_count": None,
                "label": label,
                "payload": json.dumps(payload),
                "queue_name": "q",
                "task_id": number,
            }
            for number, (label, payload) in enumerate(tasks)
        ]
        payload = json.dumps({"epoch_id": 7412281402983796778, "tasks": entries, "version_id": "27000000000000001"})
        self.publish("/ls_req", {"app_id": "2220391788200892", "request_id": 7, "type": 3, "payload": payload})
        (answer,) = (found for found in self.messages("/ls_resp") if found["request_id"] == 7)
        return self.procedures(answer)

    def procedures(self, answer: dict[str, Any]) -> list[list[Any]]:
        """The procedure calls of a Lightspeed program, each as [name, argument, …]; all have to be listed in `sp`."""
        calls: list[list[Any]] = []

        def walk(step: list[Any]) -> None:
            if step[0] == 1:
                for inner in step[1:]:
                    walk(inner)
            else:
                assert step[0] == 5
                calls.append([step[1], *map(decoded, step[2:])])

        walk(json.loads(answer["payload"])["step"])
        assert {call[0] for call in calls} == set(answer["sp"])
        return calls


def differences(written: Any, shown: Any, varies: set[str], path: str = "") -> Iterator[str]:
    """Where what the sandbox wrote is not as a document shows it; it may have more keys, and longer lists.

    A path is the keys with dots between; a name in `varies` covers the paths that end with it. A JSON text is read.
    """

    def is_one_of(names: set[str]) -> bool:
        return any(f".{path}".endswith(f".{name}") for name in names)

    if is_one_of(OR_NULL) and None in (written, shown):
        return
    if is_one_of(OR_EMPTY) and type(written) is type(shown) and not (written and shown):
        return
    if type(written) is not type(shown):
        yield f"{path} is {written!r}, where {shown!r} is shown"
    elif isinstance(shown, dict):
        for key, value in shown.items():
            place = f"{path}.{key}".lstrip(".")
            if key in written:
                yield from differences(written[key], value, varies, place)
            elif not any(f".{place}".endswith(f".{name}") for name in OR_ABSENT):
                yield f"{place} is missing"
    elif isinstance(shown, list):
        if shown and not written:
            yield f"{path} is empty, where {shown!r} is shown"
        for index, item in enumerate(written if shown else ()):
            yield from differences(item, shown[min(index, len(shown) - 1)], varies, path)
    elif isinstance(shown, str) and shown[:1] in ("[", "{"):
        yield from differences(json.loads(written), json.loads(shown), varies, path)
    elif isinstance(shown, str) and shown.isdecimal() and not written.isdecimal():
        yield f"{path} is {written!r}, where a number as text is shown"
    elif not is_one_of(varies) and written != shown:
        yield f"{path} is {written!r}, not {shown!r}"


def decoded(argument: Any) -> Any:
    """An argument of a procedure call: a 64-bit integer as a number, undefined as None."""
    if isinstance(argument, list):
        return int(argument[1]) if argument[0] == 19 else None
    return argument


class Account:
    """A logged-in account's raw requests."""

    def __init__(self, core: Core, person: str) -> None:
        self.core = core
        self.id = person
        state = self.control("POST", "app-state", {"as": person})["app_state"]
        self.cookie = "; ".join(f"{cookie['key']}={cookie['value']}" for cookie in state)
        home = self.get("/").body.decode()
        self.dtsg = found(r'name="fb_dtsg" value="(.*?)"', home)

    def control(self, method: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        headers = {"host": "127.0.0.1:1", "x-botkit-token": self.core.token, "content-type": "application/json"}
        query = urlencode(arguments) if method == "GET" else ""
        body = b"" if method == "GET" else json.dumps(arguments).encode()
        request = Request(method, "127.0.0.1", f"/sandbox/api/{name}", query, headers, body)
        response = self.core.handle(request)
        assert response.status == 200, response.body
        answer: dict[str, Any] = json.loads(response.body)
        return answer

    def get(self, path: str, query: str = "", host: str = "www.facebook.com") -> Response:
        return self.core.handle(Request("GET", host, path, query, {"cookie": self.cookie}))

    def post(self, path: str, fields: dict[str, str], *, dtsg: str | None = None) -> dict[str, Any]:
        return ajax(self.raw_post(path, fields, dtsg=dtsg))

    def raw_post(self, path: str, fields: dict[str, str], *, dtsg: str | None = None) -> Response:
        form = {**fields, "__user": self.id, "__a": "1", "__req": "1", "fb_dtsg": dtsg or self.dtsg, "jazoest": "2958"}
        headers = {"cookie": self.cookie, "content-type": "application/x-www-form-urlencoded"}
        return self.core.handle(Request("POST", "www.facebook.com", path, "", headers, urlencode(form).encode()))

    def batch(self, doc_id: str, **params: object) -> dict[str, Any]:
        """The data of one query of the batch."""
        queries = json.dumps({"o0": {"doc_id": doc_id, "query_params": params}})
        answer, tally = self.raw_post("/api/graphqlbatch/", {"queries": queries}).body.split(b"\r\n")
        assert json.loads(tally)["error_results"] == 0, answer
        return dict(json.loads(answer)["o0"]["data"])

    def thread(self, thread: str) -> dict[str, Any]:
        """The node of one thread (dossier 3, section 3.2)."""
        return dict(self.batch("3449967031715030", id=thread, message_limit=0, load_messages=False)["message_thread"])

    def history(self, thread: str, limit: int = 20) -> list[dict[str, Any]]:
        """The nodes of a thread's messages, oldest first (dossier 3, section 3.3)."""
        params = {"id": thread, "message_limit": limit, "load_messages": 1, "before": None}
        node = self.batch("1498317363570230", **params)["message_thread"]
        return list(node["messages"]["nodes"]) if node else []

    def sent(self, text: str, **address: str) -> str:
        """The id of a message sent now."""
        return str(self.send(text, **address)["payload"]["actions"][0]["message_id"])

    def upload(self, *files: tuple[str, str, str, bytes], host: str = "www.facebook.com") -> dict[str, Any]:
        """An upload of files as (part, name, type, bytes), the common fields in the query (dossier 1, section 11.1)."""
        body = b"".join(
            f'--XyZ\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n".encode()
            + data
            + b"\r\n"
            for part, name, kind, data in files
        )
        headers = {"cookie": self.cookie, "content-type": "multipart/form-data; boundary=XyZ"}
        query = urlencode({"__user": self.id, "__a": "1", "fb_dtsg": self.dtsg})
        request = Request("POST", host, "/ajax/mercury/upload.php", query, headers, body + b"--XyZ--\r\n")
        return ajax(self.core.handle(request))

    def uploaded(self, name: str, kind: str, data: bytes) -> str:
        """The id of a fresh upload of one file."""
        metadata = self.upload(("farr", name, kind, data))["payload"]["metadata"]
        (entry,) = metadata if isinstance(metadata, list) else metadata.values()
        return str(next(value for key, value in entry.items() if key.endswith("_id")))

    def send_form(self, text: str, otid: str | None = None, **address: str) -> dict[str, str]:
        """The form of dossier 1, section 10.6."""
        otid = otid or str(next(_otids))
        return {
            "client": "mercury",
            "action_type": "ma-type:user-generated-message",
            "author": f"fbid:{self.id}",
            "timestamp": "1767225600000",
            "source": "source:chat:web",
            "body": text,
            "offline_threading_id": otid,
            "message_id": otid,
            "threading_id": "<1767225600000:436049368-3e8f0a1b@mail.projektitan.com>",
            "has_attachment": "false",
            **address,
        }

    def send(self, text: str, otid: str | None = None, **address: str) -> dict[str, Any]:
        return self.post("/messaging/send/", self.send_form(text, otid, **address))

    def position(self) -> int:
        """The account's place in its delta log, as the page tells it."""
        return int(found(r'irisSeqID:"(\d+)"', self.get("/").body.decode()))

    def socket(self, *topics: str) -> Socket:
        socket = Socket(self.core, self.cookie).connect(self.id, st=list(topics))
        socket.packets()
        return socket

    def open(self, cookie: str | None = None, sid: str = "5") -> Socket:
        """A socket on which nothing was said yet."""
        return Socket(self.core, self.cookie if cookie is None else cookie, sid)

    def listen(self) -> Socket:
        """A socket with a fresh queue that follows from now on."""
        socket = self.socket("/t_ms")
        request = {"initial_titan_sequence_id": str(self.position()), "entity_fbid": self.id}
        socket.publish("/messenger_sync_create_queue", {"delta_batch_size": 500, **request})
        socket.packets()
        return socket


@pytest.fixture
def hold() -> Callable[..., None]:
    """Holds what the sandbox wrote against what a document shows; the words of `varies` are what may differ besides."""

    def holds(written: Any, shown: Any, varies: str = "") -> None:
        assert list(differences(written, shown, SERVERS_OWN | set(varies.split()))) == []

    return holds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    path = tmp_path / "world.yaml"
    path.write_text(WORLD, encoding="utf-8")
    return path


@pytest.fixture
def core(tmp_path: Path, world_file: Path, clock: ManualClock) -> Iterator[Core]:
    core = open_core(tmp_path / "data", world_file, clock, random.Random(1))
    yield core
    core.close()


@pytest.fixture
def bot(core: Core) -> Account:
    return Account(core, BOT)


@pytest.fixture
def ann(core: Core) -> Account:
    return Account(core, ANN)


@pytest.fixture
def ben(core: Core) -> Account:
    return Account(core, BEN)


@pytest.fixture
def chloe(core: Core) -> Account:
    return Account(core, CHLOE)
