"""What the sandbox answers to forms and tasks against what the protocol documents show (tests/payloads).

As in test_payloads.py: every key of an entry, of the same JSON type, and the same values but for the server's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.wire import Request, Response

BOT, BEA, CAL, DAN = (f"10000000000000{n}" for n in "1234")
SHIFT = "7000000000000001"
OTID = "7412281402983798101"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0"
BATCH = "/api/graphqlbatch/"
PAYLOADS = Path(__file__).parents[1] / "payloads"

Answer = Callable[["Desk"], Response]
Tasks = Callable[["Desk"], dict[str, Any]]

# The names of people and chats, words for people, and the counts and scores of a world of its own.
NAMES = "name short_name username gender errorSummary errorDescription"
THREADS = f"{NAMES} is_viewer_friend message_count messages_count unread_count thread_id former_participants"


class Desk:
    """The bot's requests, and what Bea did before."""

    def __init__(self, bot: Any, bea: Any) -> None:
        self.bot, self.bea = bot, bea

    def form(self, path: str, **fields: str) -> Response:
        """The answer to a form of the bot's."""
        response: Response = self.bot.raw_post(path, fields)
        return response

    def send(self, text: str = "Hello Bo", **fields: str) -> Response:
        """The answer to a send."""
        return self.form("/messaging/send/", **self.bot.send_form(text, OTID, **fields))

    def query(self, **queries: tuple[str, dict[str, object]]) -> Response:
        """The answer to a batch of queries, each a doc_id with its parameters."""
        asked = {key: {"doc_id": doc_id, "query_params": params} for key, (doc_id, params) in queries.items()}
        return self.form(BATCH, queries=json.dumps(asked))

    def upload(self, name: str, kind: str, data: bytes) -> Response:
        """The answer to an upload of one file."""
        head = (
            f'--XyZ\r\nContent-Disposition: form-data; name="farr"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        )
        headers = {"cookie": self.bot.cookie, "content-type": "multipart/form-data; boundary=XyZ"}
        query = urlencode({"__user": BOT, "__a": "1", "fb_dtsg": self.bot.dtsg})
        body = head.encode() + data + b"\r\n--XyZ--\r\n"
        path = "/ajax/mercury/upload.php"
        response: Response = self.bot.core.handle(Request("POST", "www.facebook.com", path, query, headers, body))
        return response

    def ask(self, label: str, task_id: int = 0, **fields: object) -> dict[str, Any]:
        """What comes on /ls_resp for one task."""
        task = {"label": label, "payload": json.dumps(fields), "queue_name": "q", "task_id": task_id}
        socket = self.bot.socket("/ls_resp")
        socket.publish("/ls_req", {"request_id": 7, "type": 3, "payload": json.dumps({"tasks": [task]})})
        (answer,) = socket.messages("/ls_resp")
        return dict(answer)

    def group_in_use(self, **look: str) -> None:
        """The group as a chat with an orange look, a nickname, and messages read and unread."""
        look = {"title": "Night shift", "color": "#ff7e29", **look}
        for action, text in look.items():
            self.bot.control("POST", "do", {"as": BOT, "thread": SHIFT, "action": action, "text": text})
        nickname = {"action": "nickname", "person": BEA, "text": "Bee"}
        self.bot.control("POST", "do", {"as": BOT, "thread": SHIFT, **nickname})
        self.bea.sent("still awake?", thread_fbid=SHIFT)
        self.form("/ajax/mercury/change_read_status.php", **{f"ids[{SHIFT}]": "true"})
        self.greeting()

    def greeting(self) -> None:
        """Bea greets the bot by name, who likes it."""
        row = {"id": BOT, "offset": "6", "length": "3", "type": "p"}
        mention = {f"profile_xmd[0][{name}]": value for name, value in row.items()}
        mid = self.bea.sent("hello @Al", thread_fbid=SHIFT, **mention)
        react = {"action": "react", "message": mid, "text": "👍"}
        self.bot.control("POST", "do", {"as": BOT, "thread": SHIFT, **react})


@pytest.fixture
def world_file() -> Path:
    return Path(__file__).with_name("payloads.yaml")


@pytest.fixture
def desk(bot: Any, ann: Any) -> Desk:
    return Desk(bot, ann)


def refreshed(desk: Desk) -> Response:
    desk.bot.control("POST", "fault", {"as": BOT, "kind": "please_refresh"})
    return desk.form("/ajax/presence/reconnect.php")


def without_login(desk: Desk) -> Response:
    desk.bot.control("POST", "fault", {"as": BOT, "kind": "expire"})
    return desk.form("/ajax/presence/reconnect.php")


def photo(desk: Desk) -> Response:
    image = desk.bot.uploaded("a.png", "image/png", PNG)
    response: Response = desk.bot.get("/mercury/attachments/photo/", urlencode({"photo_id": image, "__a": "1"}))
    return response


def forwarded(desk: Desk) -> Response:
    image = desk.bot.uploaded("a.png", "image/png", PNG)
    return desk.form("/mercury/attachments/forward/", attachment_id=image, **{"recipient_map[5]": SHIFT})


def found_person(desk: Desk) -> Response:
    response: Response = desk.bot.get("/ajax/typeahead/search.php", urlencode({"value": "bea", "__a": "1"}))
    return response


def two_chats(desk: Desk) -> Response:
    """One that is none, and one."""
    desk.group_in_use()
    return desk.query(o1=("3449967031715030", {"id": "5"}), o0=("3449967031715030", {"id": SHIFT}))


def found_chat(desk: Desk) -> Response:
    desk.group_in_use()
    return desk.form("/ajax/mercury/search_threads.php", query="night", limit="1")


def chat(desk: Desk) -> Response:
    desk.group_in_use(emoji="🦊")
    return desk.query(o0=("3449967031715030", {"id": SHIFT, "message_limit": 0, "load_messages": False}))


def chats(desk: Desk) -> Response:
    desk.group_in_use(emoji="🦊")
    return desk.query(o0=("3426149104143726", {"limit": 1, "tags": ["INBOX"], "includeSeqID": True}))


def past(desk: Desk) -> Response:
    desk.bot.control("POST", "do", {"as": BOT, "thread": SHIFT, "action": "title", "text": "Night shift"})
    desk.greeting()
    return desk.query(o0=("1860982147341344", {"id": SHIFT, "message_limit": 2, "load_messages": True}))


ANSWERS: dict[str, tuple[Answer, str]] = {
    "a send is taken": (lambda d: d.send(thread_fbid=SHIFT), ""),
    "nothing to say": (lambda d: d.form("/ajax/presence/reconnect.php"), ""),
    "refused with 1545012": (lambda d: d.send(thread_fbid="5"), NAMES),
    "refused with 1545116": (lambda d: d.send(other_user_fbid=DAN), NAMES),
    "refused with 1545026": (lambda d: d.upload("a.exe", "application/x-msdownload", b"MZ"), NAMES),
    "refused with 1357031": (lambda d: d.send("", thread_fbid=SHIFT), NAMES),
    "refused with 1545003": (lambda d: d.send(thread_fbid=SHIFT, author="fbid:5"), NAMES),
    "refused with 1357004": (refreshed, NAMES),
    "not logged in": (without_login, NAMES),
    "a batch": (two_chats, ""),
    "a batch that fails": (
        lambda d: d.query(o0=("3426149104143726", {"limit": "x"})),
        "errors.message description",
    ),
    "a photo": (photo, "require"),
    "people": (lambda d: d.form("/chat/user_info/", **{"ids[0]": BEA}), "searchTokens"),
    "friends": (lambda d: d.form("/chat/user_info_all/", viewer=BOT), "searchTokens"),
    "a person found": (found_person, "index_rank score"),
    "a chat found": (found_chat, THREADS),
    "a picture taken in": (lambda d: d.upload("a.png", "image/png", PNG), ""),
    "a video taken in": (lambda d: d.upload("a.mp4", "video/mp4", b"film"), ""),
    "a page to share": (
        lambda d: d.form("/message_share_attachment/fromURI/", uri="https://example.invalid/x"),
        "summary",
    ),
    "forwarded": (forwarded, ""),
    "a chat": (chat, THREADS),
    "the list of chats": (chats, THREADS),
    "the past of a chat": (past, NAMES),
}


def send_task(desk: Desk) -> dict[str, Any]:
    return desk.ask("46", thread_id=int(SHIFT), otid=OTID, send_type=1, text="Hello Bo")


def new_group(desk: Desk) -> dict[str, Any]:
    first = {"thread_id": 7412281402983798200, "otid": OTID, "send_type": 8}
    return desk.ask("130", participants=[int(BEA), int(CAL)], send_payload=first)


LS_ANSWERS: dict[str, Tasks] = {
    "a send is taken": send_task,
    "a send is refused": lambda d: d.ask("46", otid="7412281402983798102", thread_id=5, send_type=1, text="x"),
    "a title is set": lambda d: d.ask("32", 4, thread_key=int(SHIFT), thread_name="Night shift"),
    "a task is refused": lambda d: d.ask("32", 5, thread_key=5, thread_name="x"),
    "a task has failed": lambda d: d.ask("99999", 6, otid="7412281402983798103"),
    "a task is not completed": lambda d: d.ask("32", 7, thread_key=5, thread_name="x"),
    "a group is made": new_group,
}

# Who hears of each form, and what: a topic, the class of a delta, or the key of one inside a ClientPayload.
FORMS: dict[str, tuple[str, str]] = {
    "a text to a group": (BEA, "NewMessage"),
    "a text to a person": (BEA, "NewMessage"),
    "a text to a new group": (BEA, "NewMessage"),
    "read": (BOT, "MarkRead"),
    "delivered": (BEA, "DeliveryReceipt"),
    "unsent": (BEA, "deltaRecallMessageData"),
    "deleted": (BOT, "deltaRemoveMessage"),
    "typing in a group": (BEA, "/thread_typing"),
    "typing to a person": (BEA, "/orca_typing_notifications"),
}

UNWRITTEN: dict[str, dict[str, str]] = {
    "answers": {
        "nobody": "the map without anybody is {} in the sandbox, the other of the two ways in dossier 3, section 3.6",
        "friends, one level deeper": "the sandbox answers as all sources up to 2025 have it (dossier 3, section 3.7)",
    },
    "ls_answers": {"values of every kind": "it is made up to show every kind of value, not an answer to a task"},
    "forms": {},
}
SCENES: dict[str, dict[str, Any]] = {"answers": ANSWERS, "ls_answers": LS_ANSWERS, "forms": FORMS}


@pytest.mark.parametrize("name", SCENES)
def test_every_entry(name: str) -> None:
    """Each entry of a file is asked for, or has a reason why it cannot be, and nothing is both."""
    entries = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    assert sorted([*SCENES[name], *UNWRITTEN[name]]) == sorted(entries)


def objects(text: str) -> dict[str, Any]:
    """The objects of an answer, guarded or not, as one."""
    found: dict[str, Any] = {}
    rest = text.removeprefix("for (;;);")
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.update(value)
        rest = rest[end:].lstrip()
    return found


@pytest.mark.payloads("answers", ANSWERS)
def test_answers(payload: dict[str, Any], scene: tuple[Answer, str], desk: Desk, hold: Callable[..., None]) -> None:
    """The envelope with what is in it, its errors, and batches of queries."""
    ask, varies = scene
    hold(objects(ask(desk).body.decode()), objects(payload["text"]), varies)


@pytest.mark.payloads("ls_answers", LS_ANSWERS)
def test_ls_answers(payload: dict[str, Any], scene: Tasks, desk: Desk, hold: Callable[..., None]) -> None:
    """Each call of a program is among those of the sandbox's, with arguments of the same kinds."""
    written, shown = scene(desk), payload["wire"]
    assert set(shown["sp"]) <= set(written["sp"])
    calls = {step[1]: step for step in json.loads(written["payload"])["step"][1:]}
    for step in json.loads(shown["payload"])["step"][1:]:
        assert [kind(word) for word in calls[step[1]][: len(step)]] == [kind(word) for word in step]
        hold(calls[step[1]][1], step[1])
    hold({key: written[key] for key in ("request_id", "target")}, {key: shown[key] for key in ("request_id", "target")})


def kind(word: Any) -> object:
    """What a word of a call is: a number's opcode, or the JSON type."""
    return word[0] if isinstance(word, list) else type(word)


@pytest.mark.payloads("forms", FORMS)
def test_forms(payload: dict[str, Any], scene: tuple[str, str], desk: Desk) -> None:
    """Each form that the documents show is taken, and who is concerned hears of it."""
    person, what = scene
    author = desk.bot if "unsend" in payload["path"] else desk.bea
    mid = author.sent("before", thread_fbid=SHIFT)
    socket = (desk.bot if person == BOT else desk.bea).listen()
    socket.subscribe("/thread_typing", "/orca_typing_notifications")
    fields = {name: mid if word.startswith("mid.") else word for name, word in payload["fields"].items()}
    # The later entries of sends show only what differs from the first.
    common = desk.bot.send_form("") if "body" in fields else {}
    assert "error" not in desk.bot.post(payload["path"], {**common, **fields})
    heard = told(socket.messages())
    assert [kind for kind, _ in heard][-1] == what
    value = heard[-1][1]
    assert value.get("body") == fields.get("body")
    assert value.get("state") == (int(fields["typ"]) if "typ" in fields else None)


def told(messages: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """What came, under the name by which `FORMS` calls it."""
    found: list[tuple[str, Any]] = [message for message in messages if message[0] != "/t_ms"]
    for delta in (delta for topic, batch in messages if topic == "/t_ms" for delta in batch.get("deltas", ())):
        if delta["class"] == "ClientPayload":
            found += [pair for inner in json.loads(bytes(delta["payload"]))["deltas"] for pair in inner.items()]
        else:
            found.append((delta["class"], delta))
    return found
