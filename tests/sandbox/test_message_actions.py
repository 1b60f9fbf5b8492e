"""What happens to messages that are there: reactions, unsending, edits, own deletion, delivery, pins, forwards.

Dossier 1, sections 15 to 19; dossier 2, sections 5.7 and 6; dossier 3, sections 5.6 and 5.10 to 5.13.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.wire import Request

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
T = int(FRIENDS)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0"


def reaction_form(account: Any, message: str, emoji: str, action: str = "ADD_REACTION") -> dict[str, str]:
    data = {"client_mutation_id": 0, "actor_id": account.id, "action": action, "message_id": message, "reaction": emoji}
    return {"doc_id": "1491398900900362", "dpr": "1", "variables": json.dumps({"data": data})}


def reactions(account: Any, message: str, thread: str = FRIENDS) -> dict[str, str]:
    """Who reacted with what, as the history says."""
    (node,) = [node for node in account.history(thread) if node["message_id"] == message]
    return {entry["user"]["id"]: entry["reaction"] for entry in node["message_reactions"]}


def test_reaction(bot: Any, ann: Any) -> None:
    """A reaction reaches everybody as a delta inside a ClientPayload, with numbers; taken away, without the emoji."""
    mid = ann.sent("nice?", thread_fbid=FRIENDS)
    sockets = [bot.listen(), ann.listen()]
    answer = bot.post("/webgraphql/mutation/", reaction_form(bot, mid, "👍"))
    assert answer["payload"]["data"]["message_reaction"]["message"]["id"] == mid
    for socket in sockets:
        (delta,) = socket.inner_deltas()
        found = delta["deltaMessageReaction"]
        assert (found["threadKey"], found["messageId"]) == ({"threadFbId": T}, mid)
        assert (found["action"], found["reaction"]) == (0, "👍")
        assert (found["userId"], found["senderId"]) == (int(BOT), int(ANN))
    assert reactions(ann, mid) == {BOT: "👍"}
    bot.post("/webgraphql/mutation", reaction_form(bot, mid, "👍", "REMOVE_REACTION"))
    found = sockets[1].inner_deltas()[0]["deltaMessageReaction"]
    assert found["action"] == 1
    assert "reaction" not in found
    assert reactions(ann, mid) == {}


def test_one_reaction_each(bot: Any, ann: Any) -> None:
    """A second reaction takes the first one's place; the same one again says nothing."""
    mid = ann.sent("nice?", thread_fbid=FRIENDS)
    for emoji in ("👍", "😮"):
        bot.post("/webgraphql/mutation/", reaction_form(bot, mid, emoji))
    ann.post("/webgraphql/mutation/", reaction_form(ann, mid, "❤"))
    socket = ann.listen()
    bot.post("/webgraphql/mutation/", reaction_form(bot, mid, "😮"))
    assert socket.deltas() == []
    assert reactions(ann, mid) == {BOT: "😮", ANN: "❤"}


def test_reaction_in_the_query_string(bot: Any, ann: Any, core: Any) -> None:
    """Some clients put query and variables into the address and the common fields into a multipart body."""
    mid = ann.sent("nice?", thread_fbid=FRIENDS)
    body = f'--X\r\nContent-Disposition: form-data; name="fb_dtsg"\r\n\r\n{bot.dtsg}\r\n--X--\r\n'
    headers = {"cookie": bot.cookie, "content-type": "multipart/form-data; boundary=X"}
    query = urlencode(reaction_form(bot, mid, "👍"))
    core.handle(Request("POST", "www.facebook.com", "/webgraphql/mutation/", query, headers, body.encode()))
    assert reactions(bot, mid) == {BOT: "👍"}


def test_reaction_by_task(bot: Any, ann: Any) -> None:
    """Task 29; an empty reaction takes it away."""
    mid = ann.sent("nice?", thread_fbid=FRIENDS)
    payload = {"thread_key": T, "timestamp_ms": 1, "message_id": mid, "actor_id": int(BOT), "sync_group": 1}
    calls = bot.socket().ask(("29", {**payload, "reaction": "👍", "reaction_style": None, "send_attribution": 65537}))
    assert calls[0] == ["replaceOptimisticReaction", T, int(BOT), mid]
    assert (calls[1][0], calls[1][3:6]) == ("upsertReaction", [mid, int(BOT), "👍"])
    calls = bot.socket().ask(("29", {**payload, "reaction": ""}))
    assert calls[1] == ["deleteReaction", T, mid, int(BOT)]
    assert reactions(ann, mid) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"doc_id": "1"},
        {"variables": "x"},
        {"variables": json.dumps({"data": {"action": "LIKE", "message_id": "m", "reaction": "x"}})},
        {"variables": json.dumps({"data": {"action": "ADD_REACTION", "message_id": "m", "reaction": "x"}})},
    ],
)
def test_wrong_reaction(bot: Any, changed: dict[str, str]) -> None:
    """Anything malformed or unknown: 1357031."""
    assert bot.post("/webgraphql/mutation/", {**reaction_form(bot, "m", "x"), **changed})["error"] == 1357031


def test_unsend(bot: Any, ann: Any) -> None:
    """Taken back for everybody: a delta with its own capitals, and a tombstone in the history."""
    mid = bot.sent("oops", thread_fbid=FRIENDS)
    ann.post("/webgraphql/mutation/", reaction_form(ann, mid, "😮"))
    sockets = [bot.listen(), ann.listen()]
    assert bot.post("/messaging/unsend_message/", {"message_id": mid})["payload"] is None
    for socket in sockets:
        recall = socket.inner_deltas()[0]["deltaRecallMessageData"]
        assert (recall["threadKey"], recall["messageID"]) == ({"threadFbId": T}, mid)
        assert recall["senderID"] == int(BOT)
        assert isinstance(recall["deletionTimestamp"], int)
    node = ann.history(FRIENDS)[-1]
    assert (node["message_id"], node["message"]["text"], node["message_reactions"]) == (mid, "", [])
    story = node["extensible_attachment"]["story_attachment"]
    assert story["target"] is None
    assert "globally_deleted_message_placeholder" in story["style_list"]
    last = ann.thread(FRIENDS)["last_message"]["nodes"][0]
    assert last["snippet"] == "Bot unsent a message."


def test_unsend_twice(bot: Any) -> None:
    """The second time nothing happens."""
    mid = bot.sent("oops", thread_fbid=FRIENDS)
    bot.post("/messaging/unsend_message/", {"message_id": mid})
    socket = bot.listen()
    assert bot.post("/messaging/unsend_message/", {"message_id": mid})["payload"] is None
    assert socket.deltas() == []


def test_unsend_by_task(bot: Any, ann: Any) -> None:
    """Task 33, with the thread or without it."""
    for more in ({}, {"thread_key": T, "sync_group": 1}):
        mid, socket = bot.sent("oops", thread_fbid=FRIENDS), ann.listen()
        assert bot.socket().ask(("33", {"message_id": mid, **more}))[0] == ["deleteMessage", T, mid]
        assert socket.inner_deltas()[0]["deltaRecallMessageData"]["messageID"] == mid


def test_unsend_of_others(bot: Any, ann: Any, chloe: Any) -> None:
    """Somebody else's message or a grey line: 1545003; unknown, or in a group of others: 1357031."""
    mid = ann.sent("mine", thread_fbid=STANDUP)
    assert bot.post("/messaging/unsend_message/", {"message_id": mid})["error"] == 1545003
    assert chloe.post("/messaging/unsend_message/", {"message_id": mid})["error"] == 1357031
    assert bot.post("/messaging/unsend_message/", {"message_id": "mid.$gNo"})["error"] == 1357031
    bot.post("/messaging/set_thread_name/", {"thread_id": STANDUP, "thread_name": "x"})
    line = bot.history(STANDUP)[-1]["message_id"]
    assert bot.post("/messaging/unsend_message/", {"message_id": line})["error"] == 1545003


def test_edit(bot: Any, ann: Any) -> None:
    """The answer has the text at the depth at which one client reads it; the history has it too."""
    mid, socket = bot.sent("helo", thread_fbid=FRIENDS), bot.socket("/ls_resp")
    payload = json.dumps({"message_id": mid, "text": "hello"})
    tasks = [{"label": "742", "payload": payload, "queue_name": "edit_message", "task_id": 0, "failure_count": None}]
    socket.publish("/ls_req", {"request_id": 3, "type": 3, "payload": json.dumps({"tasks": tasks})})
    (answer,) = socket.messages("/ls_resp")
    call = json.loads(answer["payload"])["step"][1][2][2][1]
    assert (call[1], call[2], call[4], call[5]) == ("editMessage", mid, "hello", [19, "1"])
    assert "editMessage" in answer["sp"]
    assert ann.history(FRIENDS)[-1]["message"]["text"] == "hello"


def test_refused_edit(bot: Any, ann: Any, clock: Any) -> None:
    """Somebody else's message, an empty text, or after 15 minutes: the old text comes back."""
    mine, hers = bot.sent("mine", thread_fbid=FRIENDS), ann.sent("hers", thread_fbid=FRIENDS)
    socket = bot.socket()
    assert socket.ask(("742", {"message_id": hers, "text": "x"}))[0][1:4:2] == [hers, "hers"]
    assert socket.ask(("742", {"message_id": mine, "text": " "}))[0][1:4:2] == [mine, "mine"]
    clock.advance(15 * 60 + 1)
    assert bot.socket().ask(("742", {"message_id": mine, "text": "x"}))[0][1:4:2] == [mine, "mine"]
    assert socket.ask(("742", {"message_id": "mid.$gNo", "text": "x"}))[0][:3] == ["issueNewError", 0, 1357031]


def test_delete_for_me(bot: Any, ann: Any) -> None:
    """Deleted for oneself: the own sockets hear of it, the others keep the message."""
    first, second = (bot.sent(text, thread_fbid=FRIENDS) for text in ("one", "two"))
    mine, hers = bot.listen(), ann.listen()
    form = {"client": "mercury", "message_ids[0]": first, "message_ids[1]": second}
    assert bot.post("/ajax/mercury/delete_messages.php", form)["payload"] is None
    removal = mine.inner_deltas()[0]["deltaRemoveMessage"]
    assert (removal["threadKey"], removal["messageIds"]) == ({"threadFbId": T}, [first, second])
    assert hers.deltas() == []
    assert [node["snippet"] for node in bot.history(FRIENDS)] == ["old news"]
    assert [node["snippet"] for node in ann.history(FRIENDS)] == ["old news", "one", "two"]
    assert bot.thread(FRIENDS)["messages_count"] == 1
    assert bot.post("/ajax/mercury/delete_messages.php", form)["error"] == 1357031


def test_delete_for_me_by_task(bot: Any, ann: Any) -> None:
    """Task 155; what was deleted is not unread any more."""
    mid = ann.sent("one", thread_fbid=FRIENDS)
    assert bot.thread(FRIENDS)["unread_count"] == 1
    assert bot.socket().ask(("155", {"thread_key": T, "message_id": mid}))[0] == ["deleteMessage", T, mid]
    assert bot.thread(FRIENDS)["unread_count"] == 0


def test_delivery(bot: Any, ann: Any, ben: Any) -> None:
    """The author hears, once, that a message arrived; in a group also at whom."""
    mid = ann.sent("ping", thread_fbid=FRIENDS)
    hers, his = ann.listen(), ben.listen()
    form = {"message_ids[0]": mid, f"thread_ids[{FRIENDS}][0]": mid}
    assert bot.post("/ajax/mercury/delivery_receipts.php", form)["payload"] is None
    (delta,) = hers.deltas()
    assert (delta["class"], delta["threadKey"], delta["messageIds"]) == (
        "DeliveryReceipt",
        {"threadFbId": FRIENDS},
        [mid],
    )
    assert delta["actorFbId"] == BOT
    assert delta["deliveredWatermarkTimestampMs"].isdecimal()
    assert his.deltas() == []
    bot.post("/ajax/mercury/delivery_receipts.php", form)
    assert hers.deltas() == []
    direct = ann.sent("ping", other_user_fbid=BOT)
    bot.post("/ajax/mercury/delivery_receipts.php", {"message_ids[0]": direct})
    delta = hers.deltas()[-1]
    assert (delta["threadKey"], "actorFbId" in delta) == ({"otherUserFbId": BOT}, False)


def test_delivery_receipts_of_a_list(bot: Any, ann: Any) -> None:
    """The list says how far messages have arrived, when it is asked to."""
    mid = ann.sent("ping", thread_fbid=FRIENDS)
    bot.post("/ajax/mercury/delivery_receipts.php", {"message_ids[0]": mid})
    params = {"limit": 1, "before": None, "tags": ["INBOX"], "includeDeliveryReceipts": True}
    (node,) = ann.batch("3426149104143726", **params)["viewer"]["message_threads"]["nodes"]
    (receipt,) = node["delivery_receipts"]["nodes"]
    assert (receipt["actor"]["id"], receipt["watermark"]) == (BOT, node["updated_time_precise"])


def test_pin(bot: Any, ann: Any) -> None:
    """Pins come as admin texts; 751 alone, or beside the others, does no more than they."""
    mid, socket = ann.sent("rules", thread_fbid=FRIENDS), ann.listen()
    payload = {"thread_key": T, "message_id": mid, "timestamp_ms": 1785500000000}
    search = {"thread_key": T, "message_id": mid}
    calls = bot.socket().ask(("430", payload), ("751", {**search, "pinned_message_state": 1}))
    assert calls[0][:3] == ["setPinnedMessage", T, mid]
    (delta,) = socket.deltas()
    assert (delta["type"], delta["untypedData"]) == ("pin_messages_v2", {"pinned_message_id": mid})
    calls = bot.socket().ask(("751", {**search, "pinned_message_state": 0}), ("431", payload))
    assert calls[0] == ["clearPinnedMessages", T]
    (delta,) = socket.deltas()
    assert delta["type"] == "unpin_messages_v2"


def test_forward_of_a_message(bot: Any, ann: Any) -> None:
    """Task 46 with send_type 5 sends a message's content on; a repeat does not."""
    mid, socket = ann.sent("look", thread_fbid=FRIENDS), ann.listen()
    payload = {
        "thread_id": int(STANDUP),
        "otid": "7412281402983798777",
        "source": 65537,
        "send_type": 5,
        "sync_group": 1,
        "forwarded_msg_id": mid,
        "strip_forwarded_msg_caption": 0,
        "text": None,
    }
    first = bot.socket().ask(("46", payload))[0]
    assert bot.socket().ask(("46", payload))[0] == first
    (delta,) = socket.deltas()
    assert (delta["body"], delta["messageMetadata"]["threadKey"]) == ("look", {"threadFbId": STANDUP})
    assert "source:chat:forward" in delta["messageMetadata"]["tags"]
    assert first == ["replaceOptimsiticMessage", "7412281402983798777", delta["messageMetadata"]["messageId"]]
    assert bot.socket().ask(("46", {**payload, "otid": "7", "forwarded_msg_id": "mid.$gNo"}))[0][2] == 1357031


def test_forward_of_an_attachment(bot: Any, ann: Any) -> None:
    """A file goes to people and groups; only who can see it can forward it."""
    image = bot.uploaded("a.png", "image/png", PNG)
    form = {"attachment_id": image, "recipient_map[1767225600]": FRIENDS, "recipient_map[1767225601]": ANN}
    assert ann.post("/mercury/attachments/forward/", form)["error"] == 1357031
    socket = ann.listen()
    assert bot.post("/mercury/attachments/forward/", form)["payload"] == {"success": True}
    assert [delta["attachments"][0]["fbid"] for delta in socket.deltas()] == [image, image]
    assert bot.post("/mercury/attachments/forward/", form)["payload"] == {"success": True}
    assert socket.deltas() == []


def test_encrypted(ann: Any) -> None:
    """Nothing can be done to the messages of an encrypted chat: 1545116."""
    ann.control("POST", "send", {"as": "Chloe", "thread": "Ann", "text": "secret"})
    (message,) = ann.control("GET", "messages", {"as": "Ann", "thread": "Chloe"})["messages"]
    assert ann.post("/webgraphql/mutation/", reaction_form(ann, message["id"], "x"))["error"] == 1545116
    assert ann.socket().ask(("742", {"message_id": message["id"], "text": "x"}))[0][2] == 1545116
