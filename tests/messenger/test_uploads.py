"""Files: how they are read, uploaded and named, against dossier 1, section 11."""

import io
from pathlib import Path
from typing import Any

import pytest

from botkit.messenger import (
    Api,
    BadArgument,
    Checkpoint,
    NetworkError,
    Refused,
)

pytestmark = pytest.mark.usefixtures("people")
OWN = "100000000000001"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
SEND = "/messaging/send/"
UPLOAD = "/ajax/mercury/upload.php"


def sent(site: Any, thread: str) -> Any:
    actions = [{"thread_fbid": thread, "message_id": MID, "timestamp": 1767225600000}]
    return site.envelope({"actions": actions})


def uploaded(site: Any, **ids: Any) -> Any:
    return site.envelope({"uploadID": None, "metadata": [ids]})


def test_files_of_several_kinds(api: Api, site: Any, tmp_path: Path) -> None:
    """A path, a name with bytes and a stream: one upload each, then their ids by kind; the stream stays open."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG one")
    stream = io.BytesIO(b"skipped\x89PNG\r\n\x1a\n two")
    stream.seek(7)
    answers = [uploaded(site, image_id=11), uploaded(site, file_id="12"), uploaded(site, image_id=13)]
    site.on(UPLOAD, *answers)
    site.on(SEND, sent(site, GROUP))
    files = [tmp_path / "a.png", ("notes.txt", b"\x00\xffthree"), stream]
    api.send_message({"body": "see", "attachment": files}, GROUP)
    assert [asked.part for asked in site.to(UPLOAD)] == [
        ("farr", "a.png", "image/png", b"\x89PNG one"),
        ("farr", "notes.txt", "text/plain", b"\x00\xffthree"),
        ("farr", "file", "image/png", b"\x89PNG\r\n\x1a\n two"),
    ]
    named = {"image_ids[0]": "11", "file_ids[0]": "12", "image_ids[1]": "13", "has_attachment": "true"}
    assert named.items() <= site.to(SEND)[0].form.items()
    assert not stream.closed


def test_an_upload_has_the_common_fields_in_its_query(api: Api, site: Any) -> None:
    """And the headers of every request, with a content type of its own."""
    site.on(UPLOAD, site.envelope({"metadata": {"0": {"video_id": "9", "image_id": 1}}}))
    site.on(SEND, sent(site, GROUP))
    api.send_message({"attachment": ("a.mp4", b"film")}, GROUP)
    (asked,) = site.to(UPLOAD)
    assert {"__user": OWN, "__a": "1", "fb_dtsg": "NAcAbCdEf:1:2", "jazoest": "2958"}.items() <= asked.query.items()
    assert asked.url.startswith("https://www.facebook.com/")
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert (asked.headers["X-ASBD-ID"], asked.headers["Sec-Fetch-Site"]) == ("359341", "same-origin")
    assert site.to(SEND)[0].form["video_ids[0]"] == "9" and "image_ids[0]" not in site.to(SEND)[0].form


@pytest.mark.parametrize("fault", ["down", "hasty", "empty", "garbage", "lost"])
def test_the_other_host_takes_what_the_first_cannot(api: Api, site: Any, fault: str) -> None:
    """With the part name that it wants."""

    def lose(_form: dict[str, str]) -> Any:
        raise NetworkError("lost")

    answers = {
        "down": site.respond(status=503),
        "hasty": site.respond(status=429),
        "empty": site.envelope({"metadata": []}),
        "garbage": site.respond("<html>"),
        "lost": lose,
    }
    site.on(UPLOAD, answers[fault], uploaded(site, image_id=11))
    site.on(SEND, sent(site, GROUP))
    api.send_message({"attachment": ("a.png", b"x")}, GROUP)
    first, second = site.to(UPLOAD)
    assert second.url.startswith("https://upload.facebook.com/") and "Cookie" in second.headers
    assert (first.part[0], second.part[0]) == ("farr", "upload_1024") and first.part[1:] == second.part[1:]


@pytest.mark.parametrize("fault", [{"metadata": [None]}, 1545026])
def test_a_refused_file_is_not_sent(api: Api, site: Any, fault: Any) -> None:
    """Neither by the other host nor without it."""
    site.on(UPLOAD, site.envelope(None, error=fault) if isinstance(fault, int) else site.envelope(fault))
    with pytest.raises(Refused) as caught:
        api.send_message({"body": "see", "attachment": ("a.exe", b"x")}, GROUP)
    assert caught.value.reason == "attachment-refused"
    assert len(site.to(UPLOAD)) == 1 and site.to(SEND) == []


def test_a_stale_token_renews_before_the_upload(api: Api, site: Any, page: str) -> None:
    """1357004: the page is loaded again, and the same file posted with the new token."""
    site.on("/", site.respond(page.replace("NAcAbCdEf:1:2", "NEWTOKEN:1:2")))
    site.on(UPLOAD, site.envelope(None, error=1357004), uploaded(site, image_id=11))
    site.on(SEND, sent(site, GROUP))
    api.send_message({"attachment": ("a.png", b"x")}, GROUP)
    assert [asked.query["fb_dtsg"] for asked in site.to(UPLOAD)] == ["NAcAbCdEf:1:2", "NEWTOKEN:1:2"]


def test_a_consent_screen_stops(api: Api, site: Any) -> None:
    """It is for the account's holder, with its address."""
    site.on(UPLOAD, site.envelope(None, redirect="/privacy/consent/?flow=x"))
    with pytest.raises(Checkpoint, match="consent"):
        api.send_message({"attachment": ("a.png", b"x")}, GROUP)


class Endless(io.RawIOBase):
    """A stream that never ends."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.given += size
        return bytes(size)


def test_a_file_is_never_read_beyond_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an endless stream one byte more is taken than may be sent."""
    monkeypatch.setattr("botkit.messenger._files.LARGEST_FILE", 1000)
    with Endless() as stream:
        with pytest.raises(BadArgument, match="must not be larger than 1000 bytes"):
            api.send_message({"attachment": stream}, GROUP)
        assert stream.given == 1001


def test_files_by_the_socket(api: Api, site: Any, link: Any) -> None:
    """Uploaded by HTTP, named by the task."""
    site.on(UPLOAD, uploaded(site, image_id="11"))
    api.set_options(send_via="socket")
    link.answer_tasks([5, "replaceOptimsiticMessage", "$O", MID])
    api.send_message({"body": "see", "attachment": ("a.png", b"x")}, GROUP)
    ((_, _, payload),) = link.tasks()
    assert (payload["send_type"], payload["attachment_fbids"], payload["text"]) == (3, [11], "see")
