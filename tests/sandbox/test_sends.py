"""Replies, mentions, places, big emoji of a send, by form and by task (dossier 1, 10.5 and 13.4; dossier 2, 5, 6)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"


def task(text: str, **more: object) -> tuple[str, dict[str, object]]:
    base = {"thread_id": int(FRIENDS), "otid": "7412281402983798778", "source": 65537, "send_type": 1, "sync_group": 1}
    return "46", {**base, "text": text, **more}


MENTIONS_FORM = {
    "profile_xmd[0][offset]": "3",
    "profile_xmd[0][length]": "4",
    "profile_xmd[0][id]": ANN,
    "profile_xmd[0][type]": "p",
    "profile_xmd[1][offset]": "8",
    "profile_xmd[1][length]": "4",
    "profile_xmd[1][id]": BEN,
    "profile_xmd[1][type]": "p",
}
MENTIONS_TASK = {
    "mention_ids": f"{ANN},{BEN}",
    "mention_offsets": "3,8",
    "mention_lengths": "4,4",
    "mention_types": "p,p",
}
PLACE_FORM = {
    "location_attachment[coordinates][latitude]": "0",
    "location_attachment[coordinates][longitude]": "12.4322",
    "location_attachment[is_current_location]": "true",
}
PLACE_TASK = {
    "coordinates": {"latitude": 0, "longitude": 12.4322},
    "is_current_location": False,
    "is_live_location": False,
}


@pytest.mark.parametrize("by_task", [False, True])
def test_mentions(bot: Any, ann: Any, by_task: bool) -> None:
    """Mentions come in `data.prng`, counted in UTF-16 units, and as ranges in the history."""
    socket, text = ann.listen(), "😀 @Ann @Ben"
    if by_task:
        bot.socket().ask(task(text, mention_data=MENTIONS_TASK))
    else:
        bot.send(text, thread_fbid=FRIENDS, **MENTIONS_FORM)
    (delta,) = socket.deltas()
    assert json.loads(delta["data"]["prng"]) == [{"i": ANN, "o": 3, "l": 4}, {"i": BEN, "o": 8, "l": 4}]
    node = ann.history(FRIENDS)[-1]["message"]
    assert node["text"] == text
    found = [(entry["offset"], entry["length"], entry["entity"]["id"]) for entry in node["ranges"]]
    assert found == [(3, 4, ANN), (8, 4, BEN)]


@pytest.mark.parametrize("by_task", [False, True])
def test_reply(bot: Any, ann: Any, by_task: bool) -> None:
    """A reply comes inside a ClientPayload only, with numbers, and brings what it replies to."""
    answered = ann.sent("shall we?", thread_fbid=FRIENDS)
    sockets = [bot.listen(), ann.listen()]
    if by_task:
        metadata = {"reply_source_id": answered, "reply_source_type": 1, "reply_type": 0}
        mid = bot.socket().ask(task("yes", reply_metadata=metadata))[0][2]
    else:
        mid = bot.sent("yes", thread_fbid=FRIENDS, replied_to_message_id=answered)
    for socket in sockets:
        reply = socket.inner_deltas()[0]["deltaMessageReply"]
        message, original = reply["message"], reply["repliedToMessage"]
        assert (message["body"], message["messageMetadata"]["messageId"]) == ("yes", mid)
        assert message["messageMetadata"]["actorFbId"] == int(BOT)
        assert message["messageMetadata"]["threadKey"] == {"threadFbId": int(FRIENDS)}
        assert message["participants"] == [int(person) for person in (BOT, ANN, BEN, CHLOE)]
        assert message["messageReply"] == {"replyToMessageId": {"id": answered}, "status": 0}
        assert (original["body"], original["messageMetadata"]["messageId"]) == ("shall we?", answered)
        assert original["messageMetadata"]["actorFbId"] == int(ANN)
    node = ann.history(FRIENDS)[-1]
    assert node["replied_to_message"]["message"]["message_id"] == answered


def test_reply_to_nothing(bot: Any, ann: Any) -> None:
    """What is answered has to be a message of the same thread."""
    other = ann.sent("elsewhere", thread_fbid=STANDUP)
    assert bot.send("yes", thread_fbid=FRIENDS, replied_to_message_id=other)["error"] == 1357031


@pytest.mark.parametrize("by_task", [False, True])
def test_place(bot: Any, ann: Any, by_task: bool) -> None:
    """A place is an extensible attachment, whose link leads to a map of it; 0 is a coordinate."""
    socket = ann.listen()
    if by_task:
        bot.socket().ask(task("", location_data=PLACE_TASK))
    else:
        bot.send("", thread_fbid=FRIENDS, **PLACE_FORM)
    (wrapper,) = socket.deltas()[0]["attachments"]
    story = wrapper["mercury"]["extensible_attachment"]["story_attachment"]
    assert story["target"]["__typename"] == "MessageLocation"
    (map_url,) = parse_qs(urlsplit(story["url"]).query)["u"]
    assert parse_qs(urlsplit(map_url).query)["where1"] == ["0.0, 12.4322"]
    assert ann.history(FRIENDS)[-1]["extensible_attachment"]["story_attachment"]["url"] == story["url"]
    last = ann.thread(FRIENDS)["last_message"]["nodes"][0]
    assert last["snippet"] == "Bot sent a location."


@pytest.mark.parametrize(("size", "number"), [("small", 1), ("medium", 2), ("large", 3)])
def test_big_emoji(bot: Any, ann: Any, size: str, number: int) -> None:
    """The size of an emoji is a tag."""
    socket = ann.listen()
    bot.send("🍕", thread_fbid=FRIENDS, **{"tags[0]": f"hot_emoji_size:{size}"})
    bot.socket().ask(task("🍕", hot_emoji_size=number))
    for delta in socket.deltas():
        assert (delta["body"], f"hot_emoji_size:{size}" in delta["messageMetadata"]["tags"]) == ("🍕", True)
    assert f"hot_emoji_size:{size}" in ann.history(FRIENDS)[-1]["tags_list"]


@pytest.mark.parametrize(
    "more",
    [
        {"mention_data": {"mention_ids": "1,2", "mention_offsets": "0", "mention_lengths": "1,1"}},
        {"mention_data": {"mention_ids": "x", "mention_offsets": "0", "mention_lengths": "1"}},
        {"hot_emoji_size": 4},
        {"location_data": {"coordinates": {"latitude": 91, "longitude": 0}}},
        {"location_data": {"coordinates": {"latitude": "x", "longitude": 0}}},
        {"location_data": {"coordinates": None}},
        {"reply_metadata": {"reply_source_id": "mid.$gNo"}},
    ],
)
def test_malformed(bot: Any, more: dict[str, object]) -> None:
    """Malformed parts are refused, and nothing is said."""
    socket = bot.listen()
    calls = bot.socket().ask(task("x", **more))
    assert calls[0][2] == 1357031
    assert calls[1][0] == "markOptimisticMessageFailed"
    assert socket.deltas() == []


def test_content_survives(bot: Any, ann: Any, core: Any) -> None:
    """A message read back from the file is what was written."""
    answered = ann.sent("where?", thread_fbid=FRIENDS)
    mid = bot.sent("@Ann here", thread_fbid=FRIENDS, replied_to_message_id=answered, **MENTIONS_FORM, **PLACE_FORM)
    content = core.engine.storage.message(mid).content
    assert (content.reply_to, content.place.longitude, content.place.is_current) == (answered, 12.4322, True)
    assert [(mention.person, mention.offset) for mention in content.mentions] == [(ANN, 3), (BEN, 8)]
