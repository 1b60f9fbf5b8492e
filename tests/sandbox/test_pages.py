"""The pages that clients read tokens from, and login, by raw requests (dossier 1, sections 4, 7; dossier 4)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request, Response

BOT, DAN = "100000000000001", "100000000000005"


def get(core: Core, path: str, cookie: str = "", host: str = "www.facebook.com") -> Response:
    path, _, query = path.partition("?")
    return core.handle(Request("GET", host, path, query, {"cookie": cookie}))


def log_in(core: Core, url: str, **fields: str) -> Response:
    host, _, path = url.partition("/")
    path, _, query = path.partition("?")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return core.handle(Request("POST", host, f"/{path}", query, headers, urlencode(fields).encode()))


def header(response: Response, name: str) -> list[str]:
    return [value for key, value in response.headers if key == name]


@pytest.mark.parametrize(
    "pattern",
    [
        r'name="fb_dtsg" value="NA[^"]+"',
        r'name="jazoest" value="2\d+"',
        r'<input [^>]*name="h" value="[^"]+"',
        r'revision":\d+,',
        r'client_revision":\d+',
        r'DTSGInitialData",\[\],\{"token":"NA[^"]+"',
        r'DTSGInitData",\[\],\{"token":"NA[^"]+","async_get_token":"[^"]+"',
        r'LSD",\[\],\{"token":"[^"]+"',
        r"jazoest=\d+",
        r'"actorID":"100000000000001"',
        r'sessionId":"[^"]+"',
        r'hash":"[^"]+"',
        r'"NAME":"Bot"',
        r'"USER_ID":"100000000000001"',
        r'MqttWebConfig",\[\],\{.*?"endpoint":"wss:\\/\\/edge-chat\.facebook\.com\\/chat\?region=[a-z]+"',
        r'MqttWebDeviceID",\[\],\{"clientID":"[0-9a-f]{8}-[0-9a-f-]{27}"\}',
        r'CurrentUserInitialData",\[\],\{"ACCOUNT_ID"',
        r'irisSeqID:"\d+",appID:219994525426954,endpoint:"wss://edge-chat\.facebook\.com/chat\?region=[a-z]+"',
        r'\{"app_id":"219994525426954","endpoint":"wss:\\/\\/[^"]+","iris_seq_id":"\d+"\}',
    ],
)
def test_home_page_marker(bot: Any, pattern: str) -> None:
    """Everything that some client looks for stands on one line of the home page."""
    assert re.search(pattern, bot.get("/").body.decode())


@pytest.mark.parametrize(
    "path", ["/", "/home.php", "/messages", "/messages/", "/messages/t/7000000000000001/", "/profile.php"]
)
def test_paths_of_the_home_page(bot: Any, path: str) -> None:
    """Each of these is the page with the tokens."""
    assert "DTSGInitialData" in bot.get(path).body.decode()


def test_json_scripts_can_be_parsed(bot: Any) -> None:
    """The define lists come out of the JSON scripts, as a bridge reads them (dossier 1, section 4.2)."""
    html = bot.get("/").body.decode()
    scripts = [json.loads(text) for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html)]
    define = scripts[0]["require"][0][3][0]["__bbox"]["define"]
    modules = {name: data for name, _, data, _ in define}
    assert modules["CurrentUserInitialData"]["USER_ID"] == BOT
    assert modules["MqttWebConfig"]["appID"] == 219994525426954


def test_page_gives_the_current_position(bot: Any) -> None:
    """The sequence id of the page moves with the account's log."""
    before = bot.position()
    bot.send("one", thread_fbid="7000000000000001")
    assert bot.position() == before + 1


def test_tokens_stay_the_same_for_a_session(bot: Any) -> None:
    """Loading the page again does not make the former page's token stale."""
    bot.get("/")
    assert f'value="{bot.dtsg}"' in bot.get("/messages").body.decode()


def test_login_page_of_nobody(core: Core) -> None:
    """Without a session the page has an empty token, user 0, and the login form."""
    html = get(core, "/").body.decode()
    assert 'DTSGInitialData",[],{"token":""}' in html
    assert '"USER_ID":"0"' in html
    assert re.search(r'<form id="login_form".*name="lsd" value="[^"]+".*name="email".*</form>', html)
    assert re.search(r'name="lgnrnd" value="[^"]+"', html)


@pytest.mark.parametrize(
    "url",
    [
        "www.facebook.com/login/device-based/regular/login/?login_attempt=1&lwv=110",
        "www.facebook.com/login/device-based/regular/login/",
        "www.facebook.com/login.php?login_attempt=1&lwv=110",
        "m.facebook.com/login.php?login_attempt=1",
    ],
)
def test_right_password(core: Core, url: str) -> None:
    """Every login URL leads home with the session's cookies, which open the page."""
    response = log_in(core, url, email="bot@sandbox.test", **{"pass": "bot-sandbox"})
    assert response.status == 302
    assert re.search(r"^https://(www|m)\.facebook\.com/(home\.php)?$", header(response, "Location")[0])
    cookies = [value.split("; ") for value in header(response, "Set-Cookie")]
    assert [cookie[0].partition("=")[0] for cookie in cookies] == ["c_user", "xs", "datr", "sb", "fr"]
    assert all({"domain=.facebook.com", "path=/", "secure"} <= set(cookie) for cookie in cookies)
    page = get(core, "/", "; ".join(cookie[0] for cookie in cookies))
    assert '"NAME":"Bot"' in page.body.decode()


def test_password_in_the_unencrypted_variant(core: Core) -> None:
    """`encpass` of variant 0 is taken, colons in the password included."""
    url = "www.facebook.com/login/device-based/regular/login/"
    assert log_in(core, url, email="ann@sandbox.test", encpass="#PWD_BROWSER:0:1767225600:ann-sandbox").status == 302
    assert log_in(core, url, email="ann@sandbox.test", encpass="#PWD_BROWSER:5:1767225600:ann-sandbox").status == 200


@pytest.mark.parametrize("fields", [{"email": "bot@sandbox.test", "pass": "x"}, {"email": "x", "pass": "x"}, {}])
def test_wrong_password(core: Core, fields: dict[str, str]) -> None:
    """A wrong login is the page again: no Location, no session."""
    response = log_in(core, "www.facebook.com/login.php", **fields)
    assert (response.status, header(response, "Location"), header(response, "Set-Cookie")) == (200, [], [])


def test_locked_account_cannot_log_in(core: Core) -> None:
    """The right password of a locked account leads to a checkpoint that wants an identity proof."""
    response = log_in(core, "www.facebook.com/login.php", email="dan@sandbox.test", **{"pass": "dan-sandbox"})
    location = header(response, "Location")[0]
    assert location.startswith("https://www.facebook.com/checkpoint/?next=https%3A%2F%2Fwww.facebook.com%2Fhome.php")
    assert header(response, "Set-Cookie") == []
    assert 'name="verification_method"' in get(core, "/checkpoint/?next=x").body.decode()


def test_session_of_a_locked_account(core: Core, bot: Any) -> None:
    """Its pages redirect to the checkpoint, and its calls are not logged in."""
    state = bot.control("POST", "app-state", {"as": "Dan"})["app_state"]
    cookie = "; ".join(f"{part['key']}={part['value']}" for part in state)
    response = get(core, "/", cookie)
    assert response.status == 302
    assert header(response, "Location") == ["https://www.facebook.com/checkpoint/1000000000000/"]
    bot.cookie = cookie
    assert bot.post("/ajax/mercury/mark_seen.php", {})["error"] == 1357001


def test_mobile_login_page_with_a_session(bot: Any) -> None:
    """One client takes this redirect as proof of the session (dossier 4)."""
    response = bot.get("/login.php", "login_attempt=1", host="m.facebook.com")
    assert response.status == 302
    assert "home" in header(response, "Location")[0]


def test_mobile_login_page_without_a_session(core: Core) -> None:
    """Without a session it is the form, as is the front page."""
    assert get(core, "/login.php?login_attempt=1", host="m.facebook.com").status == 200
    assert 'name="lsd"' in get(core, "/", host="m.facebook.com").body.decode()


def test_unknown_paths(core: Core, bot: Any) -> None:
    """What does not exist is 404, with a session and without."""
    assert get(core, "/nothing").status == 404
    assert bot.get("/nothing").status == 404
    assert bot.raw_post("/nothing", {}).status == 404


def test_picture_of_a_person(bot: Any) -> None:
    """The address of a profile picture leads to a picture."""
    assert bot.get("/sandbox/picture/100000000000002").body.startswith(b"<svg")
    assert bot.get("/sandbox/picture/9").status == 404


def test_cookies_with_attributes(core: Core, bot: Any) -> None:
    """JavaScript clients send cookies with their attributes; the session is found all the same (dossier 4)."""
    expires = "Expires=Fri, 01 Jan 2038 00:00:00 GMT; Domain=facebook.com; Path=/"
    cookie = "; ".join(f"{part}; {expires}" for part in bot.cookie.split("; "))
    assert '"NAME":"Bot"' in get(core, "/", cookie).body.decode()


def test_session_of_somebody_else(core: Core, bot: Any, ann: Any) -> None:
    """A secret opens only its own account."""
    cookie = bot.cookie.replace("c_user=100000000000001", "c_user=100000000000002")
    assert '"USER_ID":"0"' in get(core, "/", cookie).body.decode()


def test_unknown_host(core: Core) -> None:
    """Neither a Messenger name nor loopback: misdirected."""
    assert get(core, "/", host="example.test").status == 421


def test_messenger_host(bot: Any) -> None:
    """The page is served under Messenger's own name too."""
    assert '"NAME":"Bot"' in bot.get("/t/7000000000000001/", host="www.messenger.com").body.decode()
