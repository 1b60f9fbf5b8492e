"""Uploads by raw multipart forms, and getting the bytes back (dossier 1, section 11; dossier 3, 5.7 and 5.8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from botkit.sandbox import uploads
from botkit.sandbox.core import Core, open_core
from botkit.sandbox.wire import Request, Response

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0\0"
GIF = b"GIF89a\x40\x01\xf0\0\0\0\0;"


def fetch(core: Core, url: str, host: str | None = None) -> Response:
    """A GET without any cookie, as of a picture's address."""
    parts = urlsplit(url)
    return core.handle(Request("GET", host or parts.netloc, parts.path, parts.query))


def headers(response: Response) -> dict[str, str]:
    return dict(response.headers)


def test_picture(bot: Any, core: Core) -> None:
    """A picture's metadata is a list of one, with numbers for ids; its bytes come back whole under `src`."""
    payload = bot.upload(("farr", "a.png", "image/png", PNG))["payload"]
    (entry,) = payload["metadata"]
    assert isinstance(entry["image_id"], int)
    assert entry["fbid"] == entry["image_id"]
    assert (entry["filename"], entry["filetype"]) == ("a.png", "image/png")
    assert entry["src"].startswith("https://www.facebook.com/")
    response = fetch(core, entry["src"])
    assert (response.status, response.body) == (200, PNG)
    assert headers(response)["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("name", "kind", "data", "key", "filetype"),
    [
        ("a.gif", "image/gif", GIF, "gif_id", "image/gif"),
        ("a.mp3", "audio/mpeg", b"ID3", "audio_id", "audio/mpeg"),
        ("a.txt", "text/plain", b"hi", "file_id", "text/plain"),
        ("a.bin", "application/octet-stream", b"hi", "file_id", "application/octet-stream"),
        ("a.svg", "image/svg+xml", b"<svg/>", "file_id", "application/octet-stream"),
        ("a.txt", "", b"hi", "file_id", "text/plain"),
        ("a.bin", "application/octet-stream", PNG, "image_id", "image/png"),
    ],
)
def test_kinds(bot: Any, name: str, kind: str, data: bytes, key: str, filetype: str) -> None:
    """The id's key tells the kind (dossier 1, section 11.3)."""
    (entry,) = bot.upload(("upload_1024", name, kind, data), host="upload.facebook.com")["payload"]["metadata"]
    assert [name for name in entry if name.endswith("_id")] == [key]
    assert entry["filetype"] == filetype


def test_video(bot: Any, core: Core) -> None:
    """A video's metadata is an object, with a text for the id and a still."""
    metadata = bot.upload(("farr", "a.mp4", "video/mp4", b"film"))["payload"]["metadata"]
    assert list(metadata) == ["0"]
    assert metadata["0"]["video_id"].isdecimal()
    assert fetch(core, metadata["0"]["thumbnail_src"]).body.startswith(b"<svg")


def test_several_files(bot: Any) -> None:
    """Several files are an object by number; the one that is refused is null."""
    files = [
        ("upload_0", "a.png", "image/png", PNG),
        ("upload_1", "b.exe", "application/octet-stream", b"MZ"),
        ("upload_2", "c.txt", "text/plain", b"c"),
    ]
    metadata = bot.upload(*files)["payload"]["metadata"]
    assert metadata["1"] is None
    assert "image_id" in metadata["0"]
    assert "file_id" in metadata["2"]


@pytest.mark.parametrize(
    ("part", "name", "kind", "data"),
    [
        ("farr", "virus.exe", "application/octet-stream", b"MZ"),
        ("farr", "a.png", "image/png", b"no picture"),
        ("farr", "empty.txt", "text/plain", b""),
        ("elsewhere", "a.txt", "text/plain", b"hi"),
    ],
)
def test_refused_files(bot: Any, part: str, name: str, kind: str, data: bytes) -> None:
    """Programs, false pictures, empty files and files in the wrong part are refused with 1545026."""
    answer = bot.upload((part, name, kind, data))
    assert (answer["error"], answer["errorSummary"]) == (1545026, "Unable to Attach File")


def test_too_large(bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the bound is refused, one of exactly that size is not."""
    monkeypatch.setattr(uploads, "LARGEST_FILE", 10)
    assert bot.upload(("farr", "a.txt", "text/plain", b"x" * 11))["error"] == 1545026
    assert "error" not in bot.upload(("farr", "a.txt", "text/plain", b"x" * 10))


def test_upload_needs_session_and_token(bot: Any) -> None:
    """An upload is an AJAX call like the others."""
    bot.dtsg = "NAwrong"
    assert bot.upload(("farr", "a.png", "image/png", PNG))["error"] == 1357004
    bot.cookie = ""
    assert bot.upload(("farr", "a.png", "image/png", PNG))["error"] == 1357001


def test_every_byte_comes_back(bot: Any, core: Core) -> None:
    """Whatever the bytes, and whatever the name."""
    data = bytes(range(256)) * 400 + b"\r\n--Xy \r\n"
    (entry,) = bot.upload(("farr", "Käse & Brot/100%?.bin", "application/x-thing", data))["payload"]["metadata"]
    assert entry["filename"] == "100%?.bin"
    response = fetch(core, entry["src"])
    assert response.body == data
    assert headers(response)["Content-Type"] == "application/x-thing"


@pytest.mark.parametrize("host", ["www.facebook.com", "127.0.0.1"])
@pytest.mark.parametrize(
    ("name", "kind", "data", "way"),
    [
        ("a.png", "image/png", PNG, "inline"),
        ("a.html", "text/html", b"<script>1</script>", "attachment"),
        ("a.svg", "image/svg+xml", b"<svg/>", "attachment"),
        ("a.pdf", "application/pdf", b"%PDF", "attachment"),
    ],
)
def test_nothing_but_pictures_is_shown(
    bot: Any, core: Core, host: str, name: str, kind: str, data: bytes, way: str
) -> None:
    """What a browser could run is saved instead, and types are never guessed; so on the page's own server."""
    (entry,) = bot.upload(("farr", name, kind, data))["payload"]["metadata"]
    found = headers(fetch(core, entry["src"], host))
    assert found["Content-Disposition"].split(";")[0] == way
    assert found["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found["Content-Security-Policy"]


def test_address_cannot_be_guessed(bot: Any, core: Core) -> None:
    """Without the right key in the address there is no file."""
    (entry,) = bot.upload(("farr", "a.png", "image/png", PNG))["payload"]["metadata"]
    bare = entry["src"].partition("?")[0]
    assert fetch(core, bare).status == 404
    assert fetch(core, f"{bare}?oh=guess").status == 404
    assert fetch(core, entry["src"].replace(str(entry["fbid"]), str(entry["fbid"] + 1))).status == 404


def test_files_survive_a_restart(bot: Any, core: Core, tmp_path: Path, clock: Any) -> None:
    """An upload is there after the sandbox was closed and opened again."""
    (entry,) = bot.upload(("farr", "a.png", "image/png", PNG))["payload"]["metadata"]
    core.close()
    again = open_core(tmp_path / "data", None, clock, core.engine.chance)
    try:
        assert fetch(again, entry["src"]).body == PNG
    finally:
        again.close()


def test_full_size_photo(bot: Any, ann: Any, chloe: Any, core: Core) -> None:
    """The sender and the members of the thread get the photo's address, nobody else does."""
    photo = bot.uploaded("a.png", "image/png", PNG)
    assert ann.post("/mercury/attachments/photo/", {"photo_id": photo})["error"] == 1357031
    bot.send("look", thread_fbid=STANDUP, **{"image_ids[0]": photo})
    for account in (bot, ann):
        (entry,) = account.post("/mercury/attachments/photo/", {"photo_id": photo})["jsmods"]["require"]
        assert entry[:2] == ["ServerRedirect", "redirectPageTo"]
        assert fetch(core, entry[3][0]).body == PNG
    assert b'"ServerRedirect"' in bot.get("/mercury/attachments/photo", f"photo_id={photo}").body
    assert chloe.post("/mercury/attachments/photo/", {"photo_id": photo})["error"] == 1357031
    assert bot.post("/mercury/attachments/photo/", {"photo_id": "abc"})["error"] == 1357031


def test_shared_photos(bot: Any, ann: Any, chloe: Any) -> None:
    """First the ids, newest first and by page; then one photo at a time (dossier 3, section 5.7)."""
    photos = [bot.uploaded(f"{n}.png", "image/png", PNG) for n in range(3)]
    for photo in photos:
        bot.send("", thread_fbid=STANDUP, **{"image_ids[0]": photo})
    path = "/ajax/messaging/attachments/sharedphotos.php"
    page = ann.post(path, {"thread_id": STANDUP, "offset": "1", "limit": "2"})["payload"]["imagesData"]
    assert [entry["fbid"] for entry in page] == [photos[1], photos[0]]
    answer = ann.post(path, {"thread_id": STANDUP, "image_id": photos[0]})
    results = answer["jsmods"]["require"][0][3][1]
    key = results["query_metadata"]["query_path"][0]["message_thread"]
    image = results["query_results"][key]["message_images"]["edges"][0]["node"]["image2"]
    assert (image["width"], image["height"]) == (800, 600)
    assert ann.post(path, {"thread_id": STANDUP, "image_id": "1"})["error"] == 1357031
    assert ann.post(path, {"thread_id": STANDUP, "offset": "x"})["error"] == 1357031
    assert chloe.post(path, {"thread_id": STANDUP, "offset": "0", "limit": "2"})["error"] == 1545012


def test_outward_link(core: Core) -> None:
    """The link that leads away redirects, and to web addresses only."""
    response = fetch(core, "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.test%2Fa%3Fb")
    assert (response.status, headers(response)["Location"]) == (302, "https://example.test/a?b")
    other = fetch(core, "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.test%2Fk%C3%A4se%23x")
    assert headers(other)["Location"] == "https://example.test/k%C3%A4se#x"
    for bad in ("javascript:1", "https://a%0d%0aSet-Cookie:x", ""):
        assert fetch(core, f"https://l.facebook.com/l.php?u={bad}").status == 404
