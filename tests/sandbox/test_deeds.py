"""What people do to chats through the control API, and what their pages hear of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.wire import Request

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0"


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"action": "title", "text": "Night shift"}, "ThreadName"),
        ({"action": "emoji", "text": "⭐"}, "change_thread_quick_reaction"),
        ({"action": "color", "text": "#ff7e29"}, "change_thread_theme"),
        ({"action": "color", "text": "orange"}, "change_thread_theme"),
        ({"action": "color", "text": "175615189761153"}, "change_thread_theme"),
        ({"action": "color", "text": ""}, "change_thread_theme"),
        ({"action": "nickname", "person": "Ben", "text": "Bee"}, "change_thread_nickname"),
        ({"action": "admin", "person": "Ben"}, "change_thread_admins"),
        ({"action": "admin", "person": "Bot", "on": False}, "change_thread_admins"),
        ({"action": "remove", "person": BEN}, "ParticipantLeftGroupThread"),
        ({"action": "leave"}, "ParticipantLeftGroupThread"),
        ({"action": "poll", "text": "Pizza?", "options": ["Yes", "No"]}, "group_poll"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_deed(bot: Any, ann: Any, action: dict[str, object], kind: str) -> None:
    """Each action reaches the others' logs, and leaves a grey line."""
    socket = ann.listen()
    assert bot.control("POST", "do", {"as": "Bot", "thread": "Friends", **action}) == {}
    (delta,) = socket.deltas()
    assert kind in (delta["class"], delta.get("type"))
    assert delta["messageMetadata"]["actorFbId"] == BOT
    line = bot.control("GET", "messages", {"as": "Ann", "thread": FRIENDS})["messages"][-1]
    assert (line["kind"], line["text"]) == ("log", delta["messageMetadata"]["adminText"])


def test_add(bot: Any, chloe: Any) -> None:
    """People are added by name."""
    bot.control("POST", "do", {"as": "Ann", "thread": "Stand-up", "action": "add", "people": ["Chloe"]})
    assert chloe.thread(STANDUP)["name"] == "Stand-up"


def test_react_reply_and_unsend(ann: Any, core: Any) -> None:
    """Reactions, replies and unsent messages stand in the messages; a change comes as an event of its own."""
    told: list[dict[str, Any]] = []
    core.stream(ANN, lambda text: told.append(json.loads(text)))
    place = {"thread": "Friends"}
    first = ann.control("POST", "send", {"as": "Ben", **place, "text": "cake?"})["message"]
    reply = ann.control("POST", "send", {"as": "Ann", **place, "text": "yes", "reply_to": first["id"]})["message"]
    assert (first["reactions"], first["unsent"], first["reply_to"]) == ({}, False, None)
    assert reply["reply_to"] == first["id"]
    told.clear()
    ann.control("POST", "do", {"as": "Chloe", **place, "action": "react", "message": first["id"], "text": "😍"})
    (event,) = told
    assert (event["type"], event["message"]["id"]) == ("changed", first["id"])
    assert event["message"]["reactions"] == {CHLOE: "😍"}
    ann.control("POST", "do", {"as": "Ben", **place, "action": "unsend", "message": first["id"]})
    assert [event["type"] for event in told[1:]] == ["changed", "thread"]
    shown = ann.control("GET", "messages", {"as": "Ann", **place})["messages"][-2]
    assert (shown["text"], shown["unsent"], shown["reactions"]) == ("", True, {})


def image_of_last(ann: Any, socket: Any) -> tuple[Any, Any]:
    """What the newest delta leads to, and the group's picture."""
    asked = {"thread_id": FRIENDS, "message_id": socket.deltas()[-1]["messageId"]}
    node = ann.batch("2848441488556444", thread_and_message_id=asked)["message"]
    assert (node["__typename"], node["message_sender"]) == ("ThreadImageMessage", {"id": BEN})
    return node["image_with_metadata"], ann.thread(FRIENDS)["image"]


def test_picture(ben: Any, ann: Any) -> None:
    """One that was sent becomes the group's, and is taken away again; both come as from a client."""
    sent = ben.send("", thread_fbid=FRIENDS, **{"image_ids[0]": ben.uploaded("lake.png", "image/png", PNG)})
    place = {"as": "Ben", "thread": "Friends", "action": "picture"}
    socket = ann.listen()
    ben.control("POST", "do", {**place, "message": sent["payload"]["actions"][0]["message_id"]})
    told, image = image_of_last(ann, socket)
    assert told["preview"] == image
    ben.control("POST", "do", {**place, "message": ""})
    assert image_of_last(ann, socket) == (None, None)
    lines = ben.control("GET", "messages", {"as": "Ann", "thread": FRIENDS})["messages"][-2:]
    assert [one["text"] for one in lines] == ["Ben changed the group photo.", "Ben removed the group photo."]


def test_a_picture_that_is_none_or_somebody_elses(bot: Any, ann: Any, core: Any) -> None:
    """Is refused in one line."""
    text = ann.send("hi", thread_fbid=FRIENDS)["payload"]["actions"][0]["message_id"]
    photo = bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": bot.uploaded("lake.png", "image/png", PNG)})
    others = photo["payload"]["actions"][0]["message_id"]
    assert refusal(core, action="picture", message=text)[1] == "`message` is the id of one with a picture, or empty"
    assert refusal(core, action="picture", message=others)[1] == "There is no such uploaded picture of yours."
    assert ann.thread(FRIENDS)["image"] is None


def refusal(core: Any, **arguments: object) -> tuple[int, str]:
    """Status and error of a deed of Ann's."""
    headers = {"host": "127.0.0.1:1", "x-botkit-token": core.token, "content-type": "application/json"}
    body = json.dumps({"as": "Ann", "thread": "Friends", **arguments}).encode()
    response = core.handle(Request("POST", "127.0.0.1", "/sandbox/api/do", "", headers, body))
    return response.status, json.loads(response.body).get("error")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ({"action": "dance"}, 400, "`action` is one of add, remove"),
        ({"action": "title"}, 400, "`text` is a text"),
        ({"action": "add", "people": "Ben"}, 400, "`people` is a list"),
        ({"action": "add", "people": ["Zoe"]}, 404, "nobody called 'Zoe'"),
        ({"action": "admin", "person": "Ben", "on": 1}, 400, "`on` is true or false"),
        ({"action": "color", "text": "#123456"}, 400, "no theme is called"),
        ({"action": "react", "message": "mid.$gNo", "text": "x"}, 400, "no such message"),
        ({"action": "remove", "person": "Ben"}, 400, "Only admins"),
        ({"thread": "Bot", "action": "title", "text": "x"}, 400, "conversation of two"),
    ],
)
def test_refused(ann: Any, core: Any, arguments: dict[str, object], status: int, told: str) -> None:
    """What is not an action, or not allowed, is told in one line."""
    found, error = refusal(core, **arguments)
    assert found == status
    assert told in error
