"""Downloading: which addresses, how much, and under what name."""

from typing import Any

import pytest

from botkit.messenger import Api, Attachment, BadAnswer, BadArgument, HttpResponse, NotLoggedIn, ServerError

URL = "https://scontent.xx.fbcdn.net/v/a.jpg?oh=signature"


def file(data: bytes = b"content", **more: Any) -> HttpResponse:
    return HttpResponse(200, "", "", data=data, **more)


def test_the_content_of_an_attachment(api: Api, site: Any) -> None:
    """Its name is the sender's, with a suffix for its type; the session's cookies go to their own domain only."""
    site.on("/v/a.jpg", file(content_type="Image/JPEG; charset=x"))
    found = api.download(Attachment("photo", {"ID": "7", "filename": "image-301", "url": URL}))
    assert (found.file_name, found.content_type, found.data) == ("image-301.jpg", "image/jpeg", b"content")
    (asked,) = site.to("/v/a.jpg")
    assert (asked.method, asked.url) == ("GET", URL) and "Cookie" not in asked.headers
    assert "b'content'" not in repr(found)


def test_an_address_alone(api: Api, site: Any) -> None:
    """The name is the server's, else the last part of the address; both are made harmless."""
    site.on("/d/x", file(content_disposition='attachment; filename="../../b.txt"'), file(content_type="text/plain"))
    first, second = (api.download("https://cdn.fbsbx.com/d/x?dl=1") for _ in range(2))
    assert (first.file_name, first.content_type) == ("_.._b.txt", "application/octet-stream")
    assert second.file_name == "x.txt"
    site.on("/..%2fevil", file(content_disposition="\r\n;;=\x00"))
    assert api.download("https://cdn.fbsbx.com/..%2fevil").file_name == "_evil"


def test_a_webp_is_called_one(api: Api, site: Any) -> None:
    """On every version of Python."""
    site.on("/d/x", file(content_type="image/webp"))
    assert api.download("https://cdn.fbsbx.com/d/x").file_name == "x.webp"


def test_a_photo_without_an_address_is_looked_up(api: Api, site: Any) -> None:
    """Of others without one there is nothing to download."""
    redirect = [["ServerRedirect", "redirectPageTo", [], [URL, False, False]]]
    site.on("/mercury/attachments/photo", site.envelope(jsmods={"require": redirect}))
    site.on("/v/a.jpg", file())
    assert api.download(Attachment("photo", {"ID": "7", "url": None})).data == b"content"
    with pytest.raises(BadArgument, match="type audio without an address"):
        api.download(Attachment("audio", {"ID": "7", "url": None}))


def test_the_warning_of_strange_links_is_left_out(api: Api, site: Any) -> None:
    """Files come with an address inside an address."""
    site.on("/d/x", file())
    wrapped = "https://l.facebook.com/l.php?u=https%3A%2F%2Fcdn.fbsbx.com%2Fd%2Fx%3Fdl%3D1&h=AT0"
    assert api.download(wrapped).file_name == "x"
    assert [asked.url for asked in site.to("/d/x")] == ["https://cdn.fbsbx.com/d/x?dl=1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://scontent.fbcdn.net/a",
        "https://example.com/a",
        "https://fbcdn.net.example.com/a",
        "https://evilfbcdn.net/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://user@scontent.fbcdn.net/a",
        "https://example.com\\@scontent.fbcdn.net/a",
        "https://scontent.fbcdn.net:8080/a",
        "https://scontent.fbcdn.net:x/a",
        "https://scontent.fbcdn.net/a b\n",
        "https://[::1/a",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa",
        "file:///etc/passwd",
        "//scontent.fbcdn.net/a",
        "",
    ],
)
def test_other_places_are_not_asked(api: Api, site: Any, url: str) -> None:
    """Before the network is touched; the message names no more of the address than its place."""
    site.asked.clear()
    with pytest.raises(BadArgument, match="is not to be downloaded: only https addresses of facebook"):
        api.download(url)
    assert site.asked == []


@pytest.mark.parametrize("url", ["https://facebook.com/a", "https://www.messenger.com:443/a", "https://x.fbsbx.com/a"])
def test_the_networks_own_places_are(api: Api, site: Any, url: str) -> None:
    """All four domains, with what is below them."""
    site.on("/a", file())
    assert api.download(url).data == b"content"


def test_redirects_stay_within_the_network(api: Api, site: Any) -> None:
    """Each is looked at like the first; there are five at most."""
    site.on("/a", site.respond(status=302, location="https://cdn.fbsbx.com/b"))
    site.on("/b", site.respond(status=302, location="/c"))
    site.on("/c", file())
    assert api.download("https://www.facebook.com/a?secret=1").data == b"content"
    site.on("/c", site.respond(status=302, location="https://169.254.169.254/latest?token=2"))
    with pytest.raises(
        BadAnswer, match=r"facebook\.com/a: it leads on to https://169\.254\.169\.254/latest, "
    ) as caught:
        api.download("https://www.facebook.com/a?secret=1")
    assert "secret" not in str(caught.value) and "token" not in str(caught.value)
    assert {asked.path for asked in site.asked} == {"/", "/a", "/b", "/c"}
    site.on("/c", site.respond(status=302, location="/c"))
    with pytest.raises(BadAnswer, match="more than 5 redirects"):
        api.download("https://www.facebook.com/a")


def test_a_redirect_to_the_login_page_is_a_dead_session(api: Api, site: Any) -> None:
    """And a bad status is an error of the server."""
    site.on("/a", site.respond(status=302, location="https://www.facebook.com/login.php?next=x"))
    with pytest.raises(NotLoggedIn):
        api.download("https://www.facebook.com/a")
    with pytest.raises(ServerError):
        api.download("https://www.facebook.com/nothing")


def test_the_door_is_told_how_much(api: Api, site: Any) -> None:
    """25 MiB unless asked otherwise."""
    limits = []
    asked = site.request

    def request(request: Any, *, timeout_s: float) -> Any:
        limits.append((request.limit_bytes, request.binary))
        return asked(request, timeout_s=timeout_s)

    site.request = request
    site.on("/v/a.jpg", file())
    api.download(URL)
    api.download(URL, limit_bytes=10)
    assert limits == [(25 * 2**20, True), (10, True)]


@pytest.mark.parametrize("source", [5, None, b"https://x.fbcdn.net/a", ["https://x.fbcdn.net/a"]])
def test_what_is_no_attachment_and_no_address(api: Api, source: Any) -> None:
    """BadArgument, as for a limit that allows nothing."""
    with pytest.raises(BadArgument, match="must be an Attachment or an address"):
        api.download(source)
    with pytest.raises(BadArgument, match="limit_bytes must be an int of at least 1"):
        api.download(URL, limit_bytes=0)
