"""Sends with files, stickers and links, and what everybody sees of them (dossier 1, 10.5, 12, 13.4; dossier 2, 8)."""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0"
GIF = b"GIF89a\x40\x01\xf0\0\0\0\0;"
LINK = "https://example.test/news/a-good-day.html"
FILES = {
    "image_ids": ("a.png", "image/png", PNG),
    "gif_ids": ("a.gif", "image/gif", GIF),
    "video_ids": ("a.mp4", "video/mp4", b"film"),
    "audio_ids": ("a.mp3", "audio/mpeg", b"ID3"),
    "file_ids": ("a.txt", "text/plain", b"hello"),
}
_otids = itertools.count(7412281402983900000)


def fetch(core: Core, url: str) -> bytes:
    """The bytes at an address, over one redirect."""
    parts = urlsplit(url)
    response = core.handle(Request("GET", parts.netloc, parts.path, parts.query))
    location = dict(response.headers).get("Location")
    return fetch(core, location) if location else response.body


def message(socket: Any) -> dict[str, Any]:
    """The one new message on a listener's socket."""
    (found,) = [delta for delta in socket.deltas() if delta["class"] == "NewMessage"]
    return found


def ls_send(account: Any, **payload: object) -> list[list[Any]]:
    """The procedures that answer one task 46."""
    fields = {"thread_id": int(FRIENDS), "otid": str(next(_otids)), "source": 65537, "sync_group": 1, **payload}
    answer: list[list[Any]] = account.socket().ask(("46", fields))
    return answer


def test_photo(bot: Any, ann: Any, core: Core) -> None:
    """A photo reaches the others with its wrapper and its blob, and arrives whole."""
    socket = ann.listen()
    photo = bot.uploaded("holiday.png", "image/png", PNG)
    answer = bot.send("look", thread_fbid=FRIENDS, has_attachment="true", **{"image_ids[0]": photo})
    delta = message(socket)
    assert delta["body"] == "look"
    assert delta["messageMetadata"]["messageId"] == answer["payload"]["actions"][0]["message_id"]
    (wrapper,) = delta["attachments"]
    assert (wrapper["id"], wrapper["fbid"], wrapper["filename"]) == (photo, photo, "holiday.png")
    assert (wrapper["fileSize"], wrapper["mimeType"]) == (str(len(PNG)), "image/png")
    assert wrapper["imageMetadata"] == {"width": 800, "height": 600}
    blob = wrapper["mercury"]["blob_attachment"]
    assert (blob["__typename"], blob["legacy_attachment_id"]) == ("MessageImage", photo)
    assert (blob["filename"], blob["original_extension"]) == (f"image-{photo}", "png")
    assert blob["original_dimensions"] == {"x": 800, "y": 600}
    assert fetch(core, blob["large_preview"]["uri"]) == PNG
    assert fetch(core, blob["thumbnail"]["uri"]) == PNG


@pytest.mark.parametrize(
    ("field", "typename", "keys", "url"),
    [
        ("gif_ids", "MessageAnimatedImage", {"animated_image", "preview_image"}, ("animated_image", "uri")),
        ("video_ids", "MessageVideo", {"chat_image", "large_image", "inbox_image", "video_type"}, ("playable_url",)),
        ("audio_ids", "MessageAudio", {"is_voicemail", "audio_type", "url_shimhash"}, ("playable_url",)),
        ("file_ids", "MessageFile", {"message_file_fbid", "content_type", "is_malicious"}, ("url",)),
    ],
)
def test_other_files(
    bot: Any, ann: Any, core: Core, field: str, typename: str, keys: set[str], url: tuple[str, ...]
) -> None:
    """Each kind has its own shape; the address in it leads to the bytes (dossier 2, section 8.2)."""
    socket = ann.listen()
    bot.send("", thread_fbid=FRIENDS, has_attachment="true", **{f"{field}[0]": bot.uploaded(*FILES[field])})
    delta = message(socket)
    assert delta["body"] == ""
    blob = delta["attachments"][0]["mercury"]["blob_attachment"]
    assert blob["__typename"] == typename
    assert keys | {"filename"} <= set(blob)
    value = blob
    for key in url:
        value = value[key]
    assert fetch(core, str(value)) == FILES[field][2]


def test_outward_file_address(bot: Any, ann: Any) -> None:
    """A plain file's address is the redirect that leads away from Messenger."""
    socket = ann.listen()
    bot.send("", thread_fbid=FRIENDS, **{"file_ids[0]": bot.uploaded(*FILES["file_ids"])})
    blob = message(socket)["attachments"][0]["mercury"]["blob_attachment"]
    assert blob["url"].startswith("https://l.facebook.com/l.php?u=https%3A%2F%2F")
    assert (blob["filename"], blob["content_type"]) == ("a.txt", "attach:text")


def test_all_kinds_in_one_message(bot: Any, ann: Any) -> None:
    """Kinds may be mixed, and several of one kind come in the order of their numbers."""
    fields = {f"{field}[0]": bot.uploaded(*FILES[field]) for field in FILES}
    second = bot.uploaded("b.png", "image/png", PNG)
    socket = ann.listen()
    bot.send("all", thread_fbid=FRIENDS, has_attachment="true", **fields, **{"image_ids[1]": second})
    names = [wrapper["filename"] for wrapper in message(socket)["attachments"]]
    assert names == ["a.png", "b.png", "a.gif", "a.mp4", "a.mp3", "a.txt"]


def test_joined_ids(bot: Any, ann: Any) -> None:
    """One client sends the ids of a kind as one text with commas, and the other kinds empty."""
    photos = [bot.uploaded(f"{n}.png", "image/png", PNG) for n in range(2)]
    socket = ann.listen()
    bot.send("two", thread_fbid=FRIENDS, has_attachment="true", image_ids=",".join(photos), gif_ids="", file_ids="")
    assert [wrapper["id"] for wrapper in message(socket)["attachments"]] == photos


def test_foreign_uploads(bot: Any, ann: Any) -> None:
    """Somebody else's upload, an unknown one, and one of another kind cannot be sent."""
    photo = ann.uploaded("a.png", "image/png", PNG)
    assert bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": photo})["error"] == 1357031
    assert bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": "9000000000000099"})["error"] == 1357031
    assert bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": "0"})["error"] == 1357031
    assert ann.send("", thread_fbid=FRIENDS, **{"video_ids[0]": photo})["error"] == 1545026


def test_repeat_of_a_send_with_a_file(bot: Any, ann: Any) -> None:
    """A repeat gives the first message back and is not sent twice."""
    fields = {"image_ids[0]": bot.uploaded("a.png", "image/png", PNG)}
    socket = ann.listen()
    first = bot.send("", "7412281402983999999", thread_fbid=FRIENDS, **fields)["payload"]
    assert bot.send("", "7412281402983999999", thread_fbid=FRIENDS, **fields)["payload"] == first
    message(socket)


@pytest.mark.parametrize(
    ("sticker", "side"), [("369239263222822", 60), ("369239343222814", 90), ("369239383222810", 120)]
)
def test_like_thumbs(bot: Any, ann: Any, core: Core, sticker: str, side: int) -> None:
    """The three thumbs exist (dossier 2, section 8.2)."""
    socket = ann.listen()
    bot.send("", thread_fbid=FRIENDS, has_attachment="true", sticker_id=sticker)
    (wrapper,) = message(socket)["attachments"]
    shape = wrapper["mercury"]["sticker_attachment"]
    assert (shape["id"], shape["width"], shape["height"]) == (sticker, side, side)
    assert {"url", "label", "pack", "frame_count", "frame_rate", "frames_per_row", "frames_per_column"} <= set(shape)
    assert {"sprite_image", "sprite_image_2x"} <= set(shape)
    assert fetch(core, shape["url"]).startswith(b"<svg")


def test_unknown_sticker(bot: Any) -> None:
    """Stickers that do not exist are refused."""
    assert bot.send("", thread_fbid=FRIENDS, has_attachment="true", sticker_id="42")["error"] == 1357031


def test_shared_link(bot: Any, ann: Any) -> None:
    """The preview of a link goes into the send as nested brackets, and comes out as an extensible attachment."""
    answer = bot.post("/message_share_attachment/fromURI/", {"image_height": "960", "image_width": "960", "uri": LINK})
    share = answer["payload"]["share_data"]
    assert share["share_type"] == 100
    params = share["share_params"]
    assert params["urlInfo"] == {"canonical": LINK, "final": LINK}
    fields = {
        "shareable_attachment[share_type]": "100",
        "shareable_attachment[share_params][urlInfo][canonical]": params["urlInfo"]["canonical"],
        "shareable_attachment[share_params][urlInfo][final]": params["urlInfo"]["final"],
        "shareable_attachment[share_params][title]": params["title"],
        "shareable_attachment[share_params][summary]": params["summary"],
    }
    socket = ann.listen()
    bot.send("read this", thread_fbid=FRIENDS, has_attachment="true", **fields)
    delta = message(socket)
    assert delta["body"] == "read this"
    (wrapper,) = delta["attachments"]
    shape = wrapper["mercury"]["extensible_attachment"]
    story = shape["story_attachment"]
    assert shape["legacy_attachment_id"] == wrapper["id"]
    assert parse_qs(urlsplit(story["url"]).query)["u"] == [LINK]
    assert (story["title_with_entities"]["text"], story["source"]["text"]) == ("A good day", "example.test")
    assert story["target"] == {"__typename": "ExternalUrl"}


@pytest.mark.parametrize("uri", ["", "example.test", "javascript:alert(1)", "https://", "https://[x"])
def test_link_that_is_none(bot: Any, uri: str) -> None:
    """What is no web address has no preview."""
    answer = bot.post("/message_share_attachment/fromURI/", {"uri": uri})
    assert (answer["error"], answer["payload"]) == (1357031, None)


def test_history(bot: Any, ann: Any) -> None:
    """The history and the thread's last message show the same shapes, without the wrapper."""
    photo = bot.uploaded("a.png", "image/png", PNG)
    bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": photo})
    for node in (ann.history(FRIENDS)[-1], ann.thread(FRIENDS)["last_message"]["nodes"][0]):
        assert node["blob_attachments"][0]["legacy_attachment_id"] == photo
        assert (node["sticker"], node["extensible_attachment"]) == (None, None)
        assert node["snippet"] == "Bot sent a photo."
    bot.send("", thread_fbid=FRIENDS, sticker_id="369239263222822")
    for node in (ann.history(FRIENDS)[-1], ann.thread(FRIENDS)["last_message"]["nodes"][0]):
        assert node["sticker"]["id"] == "369239263222822"
        assert node["blob_attachments"] == []


def test_sends_from_the_socket(bot: Any, ann: Any) -> None:
    """Task 46 takes media, stickers and links (dossier 1, section 13.4)."""
    photo = bot.uploaded("a.png", "image/png", PNG)
    socket = ann.listen()
    answer = ls_send(bot, send_type=3, attachment_fbids=[int(photo)], text="caption")
    (replaced,) = [call for call in answer if call[0] == "replaceOptimsiticMessage"]
    assert replaced[2].startswith("mid.$g")
    assert [wrapper["id"] for wrapper in message(socket)["attachments"]] == [photo]
    ls_send(bot, send_type=2, sticker_id=369239263222822)
    assert "sticker_attachment" in message(socket)["attachments"][0]["mercury"]
    ls_send(bot, send_type=6, url=LINK, text="read this")
    delta = message(socket)
    assert delta["body"] == "read this"
    assert "extensible_attachment" in delta["attachments"][0]["mercury"]


def test_reply_to_a_photo(bot: Any, ann: Any) -> None:
    """Inside a reply the shapes are texts of JSON (dossier 2, section 6)."""
    photo = bot.uploaded("a.png", "image/png", PNG)
    first = bot.sent("", thread_fbid=FRIENDS, **{"image_ids[0]": photo})
    socket = ann.listen()
    bot.send("", thread_fbid=FRIENDS, sticker_id="369239263222822", replied_to_message_id=first)
    (inner,) = socket.inner_deltas()
    reply = inner["deltaMessageReply"]
    (mine,), (answered,) = (reply[key]["attachments"] for key in ("message", "repliedToMessage"))
    assert "mercury" not in mine
    assert json.loads(mine["mercuryJSON"])["sticker_attachment"]["id"] == "369239263222822"
    assert json.loads(answered["mercuryJSON"])["blob_attachment"]["legacy_attachment_id"] == photo


def test_the_page_shows_attachments(bot: Any, core: Core) -> None:
    """People's messages name kind, size and an address on the page's own server; links lead out."""
    bot.send("", thread_fbid=FRIENDS, **{"image_ids[0]": bot.uploaded("a.png", "image/png", PNG)})
    bot.send("", thread_fbid=FRIENDS, sticker_id="369239383222810")
    ls_send(bot, send_type=6, url=LINK, text="")
    messages = bot.control("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"]
    photo, sticker, share = (entry["attachments"][0] for entry in messages[-3:])
    assert (photo["kind"], photo["name"], photo["width"], photo["height"]) == ("photo", "a.png", 800, 600)
    path, _, query = photo["url"].partition("?")
    assert core.handle(Request("GET", "127.0.0.1", path, query)).body == PNG
    assert core.handle(Request("GET", "127.0.0.1", sticker["url"])).body.startswith(b"<svg")
    assert (share["kind"], share["url"]) == ("share", LINK)
    snippet = bot.control("GET", "threads", {"as": "Ann"})["threads"][0]["snippet"]
    assert snippet == "Bot sent a link."


def page_upload(core: Core, query: str, body: bytes, **headers: str) -> Any:
    known = {"host": "127.0.0.1:1", "x-botkit-token": core.token, "content-type": "image/png"}
    return core.handle(Request("POST", "127.0.0.1", "/sandbox/api/upload", query, {**known, **headers}, body))


def test_upload_from_the_page(core: Core, bot: Any) -> None:
    """A person on the page sends a file as the raw body; a repeat with the same mark sends nothing."""
    socket = bot.listen()
    query = "as=Ann&thread=Friends&name=lake.png&client_id=1"
    answer = page_upload(core, query, PNG)
    assert answer.status == 200
    (shown,) = json.loads(answer.body)["message"]["attachments"]
    assert (shown["kind"], shown["name"]) == ("photo", "lake.png")
    assert page_upload(core, query, PNG).status == 200
    assert message(socket)["attachments"][0]["filename"] == "lake.png"


def test_upload_from_elsewhere(core: Core) -> None:
    """The page's upload needs the token, the right origin, a person and a chat, and a file that is taken."""
    query = "as=Ann&thread=Friends&name=a.png"
    assert page_upload(core, query, PNG, **{"x-botkit-token": "x"}).status == 401
    assert page_upload(core, query, PNG, origin="http://evil.test").status == 403
    assert page_upload(core, "as=Nobody&thread=Friends", PNG).status == 404
    assert page_upload(core, "as=Ann&thread=Nowhere", PNG).status == 404
    refused = page_upload(core, query, b"no picture")
    assert (refused.status, json.loads(refused.body)["error"]) == (
        400,
        "a.png says to be image/png, but it is no such picture.",
    )
