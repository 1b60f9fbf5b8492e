"""What the sandbox pushes, and how it shows messages, against what the protocol documents show (tests/payloads).

A scene makes the sandbox write the kind of an entry by a real action. What it wrote has every key of the entry, of the
same JSON type, and the same value but for what is the server's own to choose.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOT, BEA, CAL, DAN = (f"10000000000000{n}" for n in "1234")
CREW = "200000000000009"
STICKER = "369239263222822"
JPEG = b"\xff\xd8\xff\xc0\0\x11\x08\x02\x58\x03\x20"
GIF = b"GIF89a\xc8\0\x64\0\0\0\0;"
LINK = "https://example.test/a-page"
PAYLOADS = Path(__file__).parents[1] / "payloads"

Scene = Callable[["Stage"], Any]

# Besides `SERVERS_OWN`. The sandbox says `MARK_UNREAD` to who has to read, and keeps texts about themes of its own.
DELTAS_VARY = (
    "threadReadStateEffect isLazy folder question_id question_json.id options.id added_option_ids "
    "gradient thread_quick_reaction_emoji_url actionTimestampMs"
)
SIZES = " ".join(
    f"{picture}.{side}"
    for picture in ("preview", "large_preview", "preview_image", "chat_image", "large_image", "inbox_image")
    for side in ("width", "height")
)
LOG = "unread message_unsendability_status"
STICKER_VARIES = (
    "sticker_attachment.id sticker.id pack.id width height label frame_count frames_per_row frames_per_column"
)


class Stage:
    """The bot, who listens, and Bea, Cal and Dan, who act."""

    def __init__(self, bot: Any, bea: Any, cal: Any, dan: Any) -> None:
        self.bot, self.bea, self.cal, self.dan = bot, bea, cal, dan
        self.socket = bot.listen()
        self.socket.subscribe("/thread_typing", "/orca_typing_notifications", "/orca_presence")

    def do(self, action: str, **given: object) -> None:
        """What Bea does to the group on the page."""
        self.bea.control("POST", "do", {"as": BEA, "thread": CREW, "action": action, **given})

    def task(self, label: str, **fields: object) -> None:
        """A Lightspeed task of Bea's."""
        self.bea.socket().ask((label, fields))

    def says(self, text: str = "", **fields: str) -> str:
        """The id of Bea's new message to the group."""
        return str(self.bea.sent(text, thread_fbid=CREW, **fields))

    def written(self, kind: str) -> Any:
        """The last delta of this class, or of this key inside a ClientPayload."""
        deltas = self.socket.deltas()
        payloads = [delta["payload"] for delta in deltas if delta["class"] == "ClientPayload"]
        inner = [one for payload in payloads for one in json.loads(bytes(payload))["deltas"]]
        return [one for one in (*deltas, *inner) if one.get("class") == kind or kind in one][-1]


@pytest.fixture
def world_file() -> Path:
    return Path(__file__).with_name("payloads.yaml")


@pytest.fixture
def stage(bot: Any, ann: Any, ben: Any, chloe: Any) -> Stage:
    return Stage(bot, ann, ben, chloe)


def mention(person: str, offset: int, length: int) -> dict[str, str]:
    """The fields of a send that mention somebody (dossier 1, section 10.5)."""
    row = {"id": person, "offset": str(offset), "length": str(length), "type": "p"}
    return {f"profile_xmd[0][{name}]": value for name, value in row.items()}


def mark_own(path: str, **fields: str) -> Scene:
    """The bot changes something of its own about the group, in which something stands."""

    def scene(stage: Stage) -> None:
        stage.says("hi")
        stage.bot.post(path, fields)

    return scene


def file(field: str, name: str, kind: str, data: bytes, text: str = "") -> Scene:
    """Bea sends an upload to the group."""
    return lambda s: s.says(text, **{f"{field}[0]": s.bea.uploaded(name, kind, data)})


def share(stage: Stage) -> None:
    """Bea shares a link."""
    fields = {"[share_type]": "100", "[share_params][urlInfo][canonical]": LINK, "[share_params][title]": "A page"}
    more = {"[share_params][summary]": "About it"}
    stage.says("", **{f"shareable_attachment{name}": value for name, value in {**fields, **more}.items()})


def place(stage: Stage) -> None:
    """Bea sends a place."""
    where = {"latitude": "55.4", "longitude": "12.4322"}
    stage.says("", **{f"location_attachment[coordinates][{name}]": value for name, value in where.items()})


def set_aside(stage: Stage) -> None:
    """Bea writes to the group, which the bot has not accepted."""
    mark_own("/ajax/mercury/move_thread.php", **{"other[0]": CREW})(stage)
    stage.says("still there?")


def member_gone(stage: Stage) -> None:
    stage.do("add", people=[DAN])
    stage.do("remove", person=DAN)


def admin_removed(stage: Stage) -> None:
    stage.do("add", people=[DAN])
    stage.do("admin", person=DAN)
    stage.do("admin", person=DAN, on=False)


def named(stage: Stage, action: str, **given: object) -> None:
    """Something that Bea does about Dan, who is in the group for it."""
    stage.do("add", people=[DAN])
    stage.do(action, person=DAN, **given)


def picture(stage: Stage) -> None:
    image = stage.bea.uploaded("group.jpg", "image/jpeg", JPEG)
    stage.bea.post("/messaging/set_thread_image/", {"thread_id": CREW, "thread_image_id": image})


def unpinned(stage: Stage) -> None:
    pin = {"thread_key": int(CREW), "message_id": stage.says("rules")}
    stage.task("430", **pin)
    stage.task("431", **pin)


def asked_to_join(stage: Stage) -> None:
    """Bea, who is no admin any more, adds somebody where admins have to agree."""
    stage.bot.socket().ask(("28", {"thread_key": int(CREW), "enabled": 1}))
    stage.bot.post("/messaging/save_admins/", {"thread_fbid": CREW, "admin_ids[0]": BEA, "add": "false"})
    stage.do("add", people=[DAN])


def delivered(stage: Stage) -> None:
    mid = stage.bot.sent("ping", other_user_fbid=BEA)
    stage.bea.post("/ajax/mercury/delivery_receipts.php", {"message_ids[0]": mid})


def bea_reads(stage: Stage, thread: str, **address: str) -> None:
    stage.bot.sent("read this", **address)
    stage.bea.post("/ajax/mercury/change_read_status.php", {f"ids[{thread}]": "true"})


def marked_unread(stage: Stage) -> None:
    stage.says("hi")
    for mark in ("true", "false"):
        stage.bot.post("/ajax/mercury/change_read_status.php", {f"ids[{CREW}]": mark})


def react(stage: Stage, *emojis: str) -> None:
    """Cal reacts to a message of Bea's; an empty text takes the reaction back."""
    mid = stage.says("nice?")
    for emoji in emojis:
        stage.cal.control("POST", "do", {"as": CAL, "thread": CREW, "action": "react", "message": mid, "text": emoji})


def friends_after(stage: Stage) -> None:
    """The bot connects anew: Bea is there, Cal was there, Dan never was."""
    stage.bea.socket()
    stage.cal.socket().session.feed(b"\xe0\0")
    stage.socket = stage.bot.socket("/x")
    stage.socket.subscribe("/orca_presence")


def photo_with_reaction(stage: Stage) -> None:
    photo = {"image_ids[0]": stage.bea.uploaded("photo.jpg", "image/jpeg", JPEG)}
    mid = stage.says("hello @Al", **mention(BOT, 6, 3), **photo)
    stage.bot.control("POST", "do", {"as": BOT, "thread": CREW, "action": "react", "message": mid, "text": "👍"})


def sticker_in_reply(stage: Stage) -> None:
    mid = stage.bot.sent("shall we?", thread_fbid=CREW)
    stage.says("yes", replied_to_message_id=mid, sticker_id=STICKER)


def unsent(stage: Stage) -> None:
    stage.do("unsend", message=stage.says("oops"))


def reply(stage: Stage) -> None:
    mid = stage.bot.sent("shall we?", other_user_fbid=BEA)
    plan = stage.bea.uploaded("plan.txt", "text/plain", b"first, second")
    stage.bea.sent("yes", other_user_fbid=BOT, replied_to_message_id=mid, **{"file_ids[0]": plan})


def removed(stage: Stage) -> None:
    stage.bot.post("/ajax/mercury/delete_messages.php", {"message_ids[0]": stage.says("oops")})


DELTAS: dict[str, Scene] = {
    "message": lambda s: s.says("😀 @Ann", **mention(CAL, 3, 4)),
    "message with everything around it": lambda s: s.cal.sent("hello @Ann", thread_fbid=CREW, **mention(BEA, 6, 4)),
    "message in a chat of two": lambda s: s.bea.sent("hi", other_user_fbid=BOT),
    "message without body and attachments": lambda s: s.says(sticker_id=STICKER),
    "title": lambda s: s.do("title", text="Crew"),
    "title taken away": lambda s: s.do("title", text=""),
    "people added": lambda s: s.do("add", people=[DAN]),
    "people added, in full": lambda s: s.do("add", people=[DAN]),
    "somebody left": member_gone,
    "colour": lambda s: s.do("color", text="#ff5ca1"),
    "colour, with a theme": lambda s: s.do("color", text="724096885023603"),
    "nickname": lambda s: named(s, "nickname", text="Dee"),
    "nickname taken away": lambda s: named(s, "nickname", text=""),
    "admin added": lambda s: named(s, "admin"),
    "admin removed": admin_removed,
    "approval mode": lambda s: s.task("28", thread_key=int(CREW), enabled=1),
    "poll": lambda s: s.do("poll", text="When?", options=["Mon"]),
    "pin": lambda s: s.task("430", thread_key=int(CREW), message_id=s.says("rules")),
    "unpin": unpinned,
    "quick reaction": lambda s: s.do("emoji", text="🦊"),
    "approval queue": asked_to_join,
    "forced fetch": picture,
    "forced fetch of a new chat": set_aside,
    "read receipt": lambda s: bea_reads(s, CREW, thread_fbid=CREW),
    "read receipt in a chat of two": lambda s: bea_reads(s, BOT, other_user_fbid=BEA),
    "read": mark_own("/ajax/mercury/change_read_status.php", **{f"ids[{CREW}]": "true"}),
    "folder": mark_own("/ajax/mercury/move_thread.php", **{"other[0]": CREW}),
    "chat deleted": mark_own("/ajax/mercury/delete_thread.php", **{"ids[0]": CREW}),
    "chat archived": mark_own("/ajax/mercury/change_archived_status.php", **{f"ids[{CREW}]": "true"}),
    "chat muted": mark_own("/ajax/mercury/change_mute_thread.php", thread_fbid=CREW, mute_settings="-1"),
    "unread": marked_unread,
    "delivered": delivered,
    "folder seen": mark_own("/ajax/mercury/mark_seen.php", seen_timestamp="1767225600000"),
}

INNER_DELTAS: dict[str, Scene] = {
    "unsend": unsent,
    "reaction taken back": lambda s: react(s, "👍", ""),
    "reaction": lambda s: react(s, "👍"),
    "reply": reply,
    "deleted for oneself": removed,
    "blocked": lambda s: s.bea.post("/messaging/block_messages/", {"fbid": BOT}),
}

TRANSIENTS: dict[str, Scene] = {
    "typing in a group": lambda s: s.bea.control("POST", "typing", {"as": BEA, "thread": CREW, "typing": True}),
    "typing in a chat of two": lambda s: s.bea.control("POST", "typing", {"as": BEA, "thread": BOT, "typing": False}),
    "presence, all": friends_after,
    "presence, a change": lambda s: s.bea.socket().session.feed(b"\xe0\0"),
}

ATTACHMENTS: dict[str, tuple[Scene, str]] = {
    "photo": (
        file("image_ids", "photo.jpg", "image/jpeg", JPEG),
        f"id fileSize blob_attachment.filename otherUserFbIds {SIZES}",
    ),
    "animated image": (file("gif_ids", "a.gif", "image/gif", GIF), f"id filename {SIZES}"),
    "file": (file("file_ids", "plan.txt", "text/plain", b"hello, hello"), "id"),
    "video": (file("video_ids", "a.mp4", "video/mp4", b"film"), f"id filename playable_duration_in_ms {SIZES}"),
    "audio": (file("audio_ids", "clip.mp3", "audio/mpeg", b"ID3"), "id is_voicemail audio_type"),
    "sticker": (lambda s: s.says(sticker_id=STICKER), f"id {STICKER_VARIES}"),
    "share": (share, "id source.text"),
    "location": (place, "id title_with_entities.text style_list"),
}

MESSAGE_NODES: dict[str, tuple[Scene, str]] = {
    "message": (photo_with_reaction, f"filename original_extension message_unsendability_status unread {SIZES}"),
    "message that answers": (sticker_in_reply, f"message_unsendability_status unread {STICKER_VARIES}"),
    "title": (lambda s: s.do("title", text="Crew"), LOG),
    "picture": (picture, f"{LOG} original_dimensions.x original_dimensions.y"),
    "people added": (lambda s: s.do("add", people=[DAN]), LOG),
    "people gone": (member_gone, LOG),
    "colour": (lambda s: s.do("color", text="#ff5ca1"), LOG),
    "quick reaction": (lambda s: s.do("emoji", text="🦊"), LOG),
    "nickname": (lambda s: named(s, "nickname", text="Dee"), LOG),
    "poll": (lambda s: s.do("poll", text="When?", options=["Mon"]), f"{LOG} question.id"),
}

NO_CALLS = "nobody calls anybody in the sandbox"
ONE_FORM = "the sandbox writes mentions as data.prng, which comes first in dossier 2, section 5.1"
TWICE = "says again what an AdminTextMessage says"
NO_ACTION = "no action of the sandbox makes it"
ALWAYS_WHOLE = "what the entry leaves out is always there in the sandbox"

# What no scene can make the sandbox write, and why.
UNWRITTEN: dict[str, dict[str, str]] = {
    "deltas": {
        "mentions as lists in data": ONE_FORM,
        "mentions as lists in the delta": ONE_FORM,
        "mentions as ranges": ONE_FORM,
        "mentions as profile ranges": ONE_FORM,
        "mentions as a map": ONE_FORM,
        "emoji": "today's name for the change is change_thread_quick_reaction, which is written",
        "call": NO_CALLS,
        "call, older name": NO_CALLS,
        "call joined": NO_CALLS,
        "call data": NO_CALLS,
        "link mode": NO_ACTION,
        "link reset": NO_ACTION,
        "magic words": NO_ACTION,
        "limited sharing": NO_ACTION,
        "plan": NO_ACTION,
        "game": NO_ACTION,
        "nothing": "every number of the sandbox's log has something to say",
        "read, two chats": "each chat that is read is a delta of its own, with the other names of the two times",
        "approval mode, its own class": TWICE,
        "link mode, its own class": NO_ACTION,
        "admin removed, its own class": TWICE,
    },
    "inner_deltas": {
        "reaction without an author": "the author of a message is always known",
        "reply without what it answers": "a reply is refused when what it answers is not there",
        "reply in the forks' form": "the sandbox names what is answered where dossier 2, section 6 shows it",
        "live location moves": NO_ACTION,
        "emoji, said again": TWICE,
    },
    "transients": {
        "friend request": NO_ACTION,
        "counters": "clients ignore the topic",
    },
    "attachments": {
        "photo, all optional parts missing": ALWAYS_WHOLE,
        "photo, only the wrapper": ALWAYS_WHOLE,
        "sticker, all optional parts missing": ALWAYS_WHOLE,
        "share, all optional parts missing": ALWAYS_WHOLE,
        "location by address": "a place is sent as coordinates",
        "live location": NO_ACTION,
        "live location that has ended": NO_ACTION,
        "unknown kind": "it stands for what nobody knows",
    },
    "message_nodes": {
        "message without text": ALWAYS_WHOLE,
        "picture taken away": NO_ACTION,
        "call": NO_CALLS,
        "call log": NO_CALLS,
        "emoji": "today's name for the change is CHANGE_THREAD_QUICK_REACTION, which is written",
        "new kind": "it stands for what nobody knows",
    },
}
SCENES: dict[str, dict[str, Any]] = {
    "deltas": DELTAS,
    "inner_deltas": INNER_DELTAS,
    "transients": TRANSIENTS,
    "attachments": ATTACHMENTS,
    "message_nodes": MESSAGE_NODES,
}


@pytest.mark.parametrize("name", SCENES)
def test_every_entry(name: str) -> None:
    """Each entry of a file has a scene or a reason why there is none, and nothing has both."""
    entries = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    assert sorted([*SCENES[name], *UNWRITTEN[name]]) == sorted(entries)


def test_every_file() -> None:
    """Each file is held against the sandbox, here or in test_payloads_of_answers.py."""
    answers = {"answers", "forms", "ls_answers"}
    assert {path.stem for path in PAYLOADS.glob("*.json")} == answers | SCENES.keys()


@pytest.mark.payloads("deltas", DELTAS)
def test_deltas(payload: dict[str, Any], scene: Scene, stage: Stage, hold: Callable[..., None]) -> None:
    """Each delta of /t_ms."""
    scene(stage)
    shown = payload["wire"]
    if shown["class"] == "NewMessage":
        # Dossier 2, section 9 abbreviates: what it calls META has the words that only log entries have.
        shown["messageMetadata"].pop("adminText", None)
    hold(stage.written(shown["class"]), shown, DELTAS_VARY)


@pytest.mark.payloads("inner_deltas", INNER_DELTAS)
def test_inner_deltas(payload: dict[str, Any], scene: Scene, stage: Stage, hold: Callable[..., None]) -> None:
    """The same inside a ClientPayload, where ids are numbers."""
    scene(stage)
    (key,) = payload["wire"]
    hold(stage.written(key), payload["wire"], "threadReadStateEffect")


@pytest.mark.payloads("transients", TRANSIENTS)
def test_transients(payload: dict[str, Any], scene: Scene, stage: Stage, hold: Callable[..., None]) -> None:
    """Typing and presence, each on its topic."""
    scene(stage)
    hold(stage.socket.messages(payload["topic"])[-1], payload["wire"], "list.l list.p")


@pytest.mark.payloads("attachments", ATTACHMENTS)
def test_attachments(
    payload: dict[str, Any], scene: tuple[Scene, str], stage: Stage, hold: Callable[..., None]
) -> None:
    """Every kind that can be sent, as NewMessage carries it."""
    send, varies = scene
    send(stage)
    (written,) = stage.written("NewMessage")["attachments"]
    hold(written, payload["wire"], varies)


@pytest.mark.payloads("message_nodes", MESSAGE_NODES)
def test_message_nodes(
    payload: dict[str, Any], scene: tuple[Scene, str], stage: Stage, hold: Callable[..., None]
) -> None:
    """A message or log entry as the history has it."""
    act, varies = scene
    act(stage)
    hold(stage.bot.history(CREW)[-1], payload["wire"], varies)
