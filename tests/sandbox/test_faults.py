"""Faults on command, ordered by the people's API and seen by raw requests (dossier 1, sections 6 and 20)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request

BOT, ANN = "100000000000001", "100000000000002"
FRIENDS = "7000000000000001"
SEEN = "/ajax/mercury/mark_seen.php"


def order(account: Any, kind: str, **more: object) -> dict[str, Any]:
    answer: dict[str, Any] = account.control("POST", "fault", {"as": "Bot", "kind": kind, **more})
    return answer


def texts(account: Any) -> list[str]:
    messages = account.control("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"]
    return [message["text"] for message in messages]


@pytest.mark.parametrize("status", [500, 429, 404])
def test_status(bot: Any, ann: Any, status: int) -> None:
    """So many calls of this account are answered with the status and do nothing; then all is well."""
    order(bot, "status", status=status, times=2)
    form = bot.send_form("once", thread_fbid=FRIENDS)
    assert [bot.raw_post("/messaging/send/", form).status for _ in range(3)] == [status, status, 200]
    assert texts(bot).count("once") == 1
    assert ann.raw_post(SEEN, {}).status == 200


def test_status_of_a_page(bot: Any) -> None:
    """A page load fails with the status as well."""
    order(bot, "status", status=503)
    assert [bot.get("/").status, bot.get("/").status] == [503, 200]


def test_please_refresh(bot: Any) -> None:
    """One call is refused as if its token were stale, the same one is good afterwards."""
    order(bot, "please_refresh")
    assert bot.post(SEEN, {})["error"] == 1357004
    assert "error" not in bot.post(SEEN, {})


def test_rotated_token(bot: Any) -> None:
    """The new token comes through jsmods, the old one is stale, and the page has the new one (section 6.4)."""
    order(bot, "rotate_dtsg")
    answer = bot.send("hi", thread_fbid=FRIENDS)
    (entry,) = answer["jsmods"]["require"]
    assert entry[:3] == ["DTSG", "setToken", []]
    (token,) = entry[3]
    assert answer["payload"]["actions"]
    assert bot.post(SEEN, {})["error"] == 1357004
    assert "error" not in bot.post(SEEN, {}, dtsg=token)
    assert f'value="{token}"' in bot.get("/").body.decode()


def test_rotated_token_beside_other_modules(bot: Any) -> None:
    """What an answer has in its jsmods stays there."""
    order(bot, "rotate_dtsg")
    answer = bot.post("/bluebar/modern_settings_menu/", {"pmid": "0"})
    assert {"instances", "markup", "require"} <= set(answer["jsmods"])


def test_two_objects(bot: Any) -> None:
    """A second object follows the answer, parted as JavaScript clients split it."""
    order(bot, "two_objects")
    first, second = bot.raw_post(SEEN, {}).body.removeprefix(b"for (;;);").split(b"}\r\n{")
    assert json.loads(first + b"}")["__ar"] == 1
    assert json.loads(b"{" + second)["payload"] is None


def test_batches_are_left_alone(bot: Any) -> None:
    """A query batch has no envelope to be spoiled; the fault waits for the next call that has."""
    order(bot, "two_objects")
    body = bot.raw_post("/api/graphqlbatch/", {"queries": "{}"}).body
    assert json.loads(body) == {"successful_results": 0, "error_results": 0, "skipped_results": 0}
    assert b"}\r\n{" in bot.raw_post(SEEN, {}).body


def test_dropped_send(bot: Any) -> None:
    """The message is there, the answer is not; a repeat with the same id gets it and says nothing twice."""
    order(bot, "drop_send")
    form = bot.send_form("kept", thread_fbid=FRIENDS)
    assert "error" not in bot.post(SEEN, {})
    assert bot.raw_post("/messaging/send/", form).cut
    assert bot.post("/messaging/send/", form)["payload"]["actions"]
    assert texts(bot).count("kept") == 1


def test_dropped_send_on_the_socket(bot: Any) -> None:
    """On the socket the connection ends in place of the answer."""
    order(bot, "drop_send")
    socket = bot.socket("/t_ms")
    fields = {"thread_id": int(FRIENDS), "otid": "7412281402983950000", "send_type": 1, "text": "kept", "source": 65537}
    task = {"label": "46", "payload": json.dumps(fields), "queue_name": FRIENDS, "task_id": 0}
    payload = json.dumps({"epoch_id": 1, "tasks": [task], "version_id": "1"})
    socket.publish("/ls_req", {"app_id": "1", "request_id": 7, "type": 3, "payload": payload})
    assert socket.closed
    assert socket.messages("/ls_resp") == []
    assert texts(bot).count("kept") == 1


@pytest.mark.parametrize(
    ("kind", "location"),
    [
        ("login_page", "https://www.facebook.com/login.php"),
        ("checkpoint_page", "https://www.facebook.com/checkpoint/1000000000000/"),
        ("consent_page", "https://www.facebook.com/privacy/consent/"),
    ],
)
def test_page_leads_elsewhere(bot: Any, kind: str, location: str) -> None:
    """One page load is a redirect; only the one to the login page deletes the cookies (section 4.3)."""
    order(bot, kind)
    response = bot.get("/")
    assert response.status == 302
    assert dict(response.headers)["Location"].startswith(location)
    deleted = [value for name, value in response.headers if name == "Set-Cookie" and "Max-Age=-1" in value]
    assert [value.partition("=")[0] for value in deleted] == (["c_user", "xs"] if kind == "login_page" else [])
    assert "DTSGInitialData" in bot.get("/").body.decode()


def test_page_that_says_to_load_it_again(bot: Any) -> None:
    """The HTML form of a redirect, with its address escaped (section 4.1)."""
    order(bot, "refresh_page")
    page = bot.get("/messages").body.decode()
    assert '<meta http-equiv="refresh" content="0;url=https://www.facebook.com/messages?' in page
    assert "&amp;" in page


def test_expired_session(bot: Any) -> None:
    """Sessions and sockets end at once; what the browser has left is nobody's."""
    socket = bot.socket("/t_ms")
    assert order(bot, "expire") == {"closed": 1}
    assert socket.closed
    assert bot.post(SEEN, {})["error"] == 1357001
    assert '"USER_ID":"0"' in bot.get("/").body.decode()


def test_fault_taken_back(bot: Any) -> None:
    """Zero times takes back what was ordered before."""
    order(bot, "please_refresh", times=3)
    order(bot, "please_refresh", times=0)
    assert "error" not in bot.post(SEEN, {})


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "earthquake"},
        {"kind": 1},
        {"kind": "status"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": "500"},
        {"kind": "please_refresh", "times": -1},
        {"kind": "please_refresh", "times": True},
    ],
)
def test_fault_that_is_none(core: Core, arguments: dict[str, object]) -> None:
    """A wrong order is refused with a line that says what would be right."""
    headers = {"host": "127.0.0.1:1", "x-botkit-token": core.token, "content-type": "application/json"}
    body = json.dumps({"as": "Bot", **arguments}).encode()
    response = core.handle(Request("POST", "127.0.0.1", "/sandbox/api/fault", "", headers, body))
    assert response.status == 400
    assert json.loads(response.body)["error"]
