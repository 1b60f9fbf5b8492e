"""What a message may hold, as fields of the form and of the task: dossier 1, sections 10.5, 12 and 13.4."""

import io
from typing import Any

import pytest

from botkit.messenger import Api, BadArgument, SentMessage

pytestmark = pytest.mark.usefixtures("people")
ANN = "100000000000002"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
OTID = 7412281402983798101
SEND = "/messaging/send/"
SCRAPE = "/message_share_attachment/fromURI/"


def sent(site: Any, thread: str) -> Any:
    actions = [{"thread_fbid": thread, "message_id": MID, "timestamp": 1767225600000}]
    return site.envelope({"actions": actions})


def content_fields(site: Any) -> dict[str, str]:
    """What the only send says beyond the core fields."""
    (asked,) = site.to(SEND)
    names = ("sticker", "tags", "replied", "location", "profile", "shareable", "image", "video", "file", "has_attach")
    return {name: value for name, value in asked.form.items() if name.startswith(names)}


def test_a_sticker(api: Api, site: Any) -> None:
    """Its id may be a number; the text stays empty."""
    site.on(SEND, sent(site, GROUP))
    api.send_message({"sticker": 369239263222822}, GROUP)
    assert content_fields(site) == {"sticker_id": "369239263222822", "has_attachment": "true"}
    assert site.to(SEND)[0].form["body"] == ""


@pytest.mark.parametrize(("size", "tag"), [(None, "medium"), ("large", "large")])
def test_a_big_emoji(api: Api, site: Any, size: str | None, tag: str) -> None:
    """The emoji is the text, its size a tag; the documented name is understood."""
    site.on(SEND, sent(site, GROUP))
    api.send_message({"emoji": "🐍", "emojiSize": size}, GROUP)
    assert content_fields(site) == {"tags[0]": f"hot_emoji_size:{tag}", "has_attachment": "false"}
    assert site.to(SEND)[0].form["body"] == "🐍"


def test_mentions_count_utf16_units(api: Api, site: Any) -> None:
    """An emoji outside the basic plane is two; each tag is looked for from its own start on."""
    site.on(SEND, sent(site, GROUP))
    mentions = [{"tag": "@Bea", "id": ANN}, {"tag": "@Bea", "id": 5, "fromIndex": 3}]
    api.send_message({"body": "🐍@Bea and @Bea", "mentions": mentions}, GROUP)
    assert content_fields(site) == {
        "profile_xmd[0][offset]": "2",
        "profile_xmd[0][length]": "4",
        "profile_xmd[0][id]": ANN,
        "profile_xmd[0][type]": "p",
        "profile_xmd[1][offset]": "11",
        "profile_xmd[1][length]": "4",
        "profile_xmd[1][id]": "5",
        "profile_xmd[1][type]": "p",
        "has_attachment": "false",
    }


def test_a_place(api: Api, site: Any) -> None:
    """Zero is a coordinate, too."""
    site.on(SEND, sent(site, GROUP))
    api.send_message({"location": {"latitude": 0, "longitude": -4.5, "current": True}}, GROUP)
    assert content_fields(site) == {
        "location_attachment[coordinates][latitude]": "0.0",
        "location_attachment[coordinates][longitude]": "-4.5",
        "location_attachment[is_current_location]": "true",
        "has_attachment": "false",
    }


@pytest.mark.parametrize("key", [None, "reply_to", "replyToMessage"])
def test_an_answer_to_a_message(api: Api, site: Any, key: str | None) -> None:
    """As an argument, or within the message."""
    site.on(SEND, sent(site, GROUP))
    if key is None:
        api.send_message("yes", GROUP, reply_to=MID)
    else:
        api.send_message({"body": "yes", key: MID}, GROUP)
    assert content_fields(site) == {"replied_to_message_id": MID, "has_attachment": "false"}


SHARE = {"urlInfo": {"canonical": "https://example.invalid/x"}, "images": ["a", "b"], "good": True, "none": None}


def test_a_shared_address(api: Api, site: Any) -> None:
    """Looked up first; what came is copied with nested brackets."""
    site.on(SCRAPE, site.envelope({"share_data": {"share_type": 100, "share_params": SHARE}}))
    site.on(SEND, sent(site, GROUP))
    api.send_message({"body": "look", "url": "https://example.invalid/x"}, GROUP)
    asked = {"image_height": "960", "image_width": "960", "uri": "https://example.invalid/x"}
    assert asked.items() <= site.to(SCRAPE)[0].form.items()
    assert content_fields(site) == {
        "shareable_attachment[share_type]": "100",
        "shareable_attachment[share_params][urlInfo][canonical]": "https://example.invalid/x",
        "shareable_attachment[share_params][images][0]": "a",
        "shareable_attachment[share_params][images][1]": "b",
        "shareable_attachment[share_params][good]": "true",
        "has_attachment": "true",
    }


@pytest.mark.parametrize("fault", ["refused", "empty", "down"])
def test_an_address_without_a_preview_goes_as_text(api: Api, site: Any, fault: str) -> None:
    """Below the text, and without an attachment."""
    answers = {
        "refused": site.envelope(None, error=1357031),
        "empty": site.envelope(None),
        "down": site.respond(status=500),
    }
    site.on(SCRAPE, answers[fault])
    site.on(SEND, sent(site, GROUP))
    api.send_message({"body": "look", "url": "https://example.invalid/x"}, GROUP)
    assert content_fields(site) == {"has_attachment": "false"}
    assert site.to(SEND)[0].form["body"] == "look\nhttps://example.invalid/x"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"sticker": "1", "url": "https://example.invalid"}, "holds sticker and url; it may hold one of"),
        ({"attachment": ("a", b"x"), "sticker": "1"}, "holds attachment and sticker"),
        ({"body": "a", "emoji": "b"}, "holds body and emoji"),
        ({"body": "a", "emoji_size": "small"}, "emoji_size needs the key emoji"),
        ({"emoji": "a", "emoji_size": "huge"}, "one of small, medium, large"),
        ({"emoji": "a", "emoji_size": "small", "emojiSize": "small"}, "given twice"),
        ({"emoji": ""}, "emoji must be a str that is not empty"),
        ({"sticker": "thumb"}, "sticker must be made of digits"),
        ({"url": " "}, "url must be a str that is not empty"),
        ({"body": 5}, "body must be a str, not int"),
        ({"body": "\ud83d"}, "half a character"),
        ({"location": {"latitude": 91, "longitude": 0}}, "latitude must be a number of degrees from -90 to 90"),
        ({"location": {"latitude": float("nan"), "longitude": 0}}, "latitude must be"),
        ({"location": {"latitude": 1}}, "longitude must be"),
        ({"location": {"latitude": 1, "longitude": 1, "current": 1}}, "current must be a bool"),
        ({"location": "here"}, "location must be a mapping"),
        ({"body": "a", "mentions": "@a"}, "mentions must be a list"),
        ({"body": "a", "mentions": [{"tag": "@b", "id": 1}]}, "mention 0: the body does not hold its tag"),
        ({"body": "@a", "mentions": [{"tag": "@a", "id": 1, "from_index": 1}]}, "from character 1 on"),
        ({"body": "@a", "mentions": [{"tag": "@a", "id": 1, "from_index": -1}]}, "from_index must be an int"),
        ({"body": "@a", "mentions": [{"tag": "@a"}]}, "mention 0: id must be"),
        ({"body": "@a", "mentions": [{"id": 1}]}, "mention 0: tag must be"),
        ({"body": "a", "reply_to": 5}, "reply_to must be a str"),
        ({"body": "a", "reply_to": ""}, "reply_to must be a message id"),
        ({"attachment": []}, "attachment must hold at least one file"),
        ({"attachment": "/nowhere/at all"}, "attachment cannot be read: /nowhere/at all"),
        ({"attachment": "a\0b"}, "attachment cannot be read"),
        ({"attachment": [("a.png", b"")]}, "attachment 0 must not be empty"),
        ({"attachment": io.StringIO("text")}, "must be a binary stream"),
        ({"attachment": 5}, "attachment must be a path, a pair"),
    ],
)
def test_wrong_contents_never_reach_the_network(api: Api, site: Any, message: Any, said: str) -> None:
    """One line that says what would be right."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        api.send_message(message, GROUP)
    assert site.asked == []


def test_a_reply_is_given_once(api: Api) -> None:
    """Two would be a riddle."""
    with pytest.raises(BadArgument, match="reply_to is given twice"):
        api.send_message({"body": "a", "reply_to": MID}, GROUP, reply_to=MID)


def by_socket(api: Api, link: Any, message: Any, **more: Any) -> dict[str, Any]:
    """The payload of the task by which the message goes."""
    api.set_options(send_via="socket")
    link.answer_tasks([5, "replaceOptimsiticMessage", "$O", MID])
    assert api.send_message(message, GROUP, **more) == SentMessage(GROUP, MID, 1767225600000)
    ((label, queue, payload),) = link.tasks()
    assert (label, queue) == ("46", GROUP)
    found: dict[str, Any] = payload
    return found


def test_a_text_by_the_socket(api: Api, site: Any, link: Any) -> None:
    """Every field of dossier 1, section 13.4, and nothing by HTTP."""
    site.asked.clear()
    assert by_socket(api, link, "Hello", offline_threading_id=OTID) == {
        "thread_id": int(GROUP),
        "otid": str(OTID),
        "source": 65537,
        "send_type": 1,
        "sync_group": 1,
        "text": "Hello",
        "initiating_source": 1,
        "skip_url_preview_gen": 0,
        "text_has_links": 0,
        "multitab_env": 0,
    }
    assert site.asked == []


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ({"sticker": 7}, {"send_type": 2, "sticker_id": 7, "text": None}),
        ({"emoji": "🐍", "emoji_size": "large"}, {"send_type": 1, "hot_emoji_size": 3, "text": "🐍"}),
        (
            {"body": "look", "url": "https://example.invalid"},
            {"send_type": 1, "text": "look\nhttps://example.invalid", "text_has_links": 1},
        ),
        (
            {"body": "a", "reply_to": MID},
            {"reply_metadata": {"reply_source_id": MID, "reply_source_type": 1, "reply_type": 0}},
        ),
        (
            {"body": "🐍@a @b", "mentions": [{"tag": "@a", "id": 1}, {"tag": "@b", "id": 2}]},
            {
                "mention_data": {
                    "mention_ids": "1,2",
                    "mention_offsets": "2,5",
                    "mention_lengths": "2,2",
                    "mention_types": "p,p",
                }
            },
        ),
        (
            {"location": {"latitude": 1, "longitude": 2}},
            {
                "location_data": {
                    "coordinates": {"latitude": 1.0, "longitude": 2.0},
                    "is_current_location": False,
                    "is_live_location": False,
                }
            },
        ),
    ],
)
def test_contents_by_the_socket(api: Api, link: Any, message: Any, fields: dict[str, Any]) -> None:
    """The fields that each kind adds or changes."""
    payload = by_socket(api, link, message)
    assert {name: payload.get(name) for name in fields} == fields
