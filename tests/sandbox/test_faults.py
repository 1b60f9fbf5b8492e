"""Faults of requests, ordered by the people's API and seen by raw requests (dossier 1, sections 6 and 20)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.errors import ControlError
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


@pytest.mark.parametrize("retry_after", [None, 7])
def test_too_many_requests(bot: Any, retry_after: int | None) -> None:
    """A 429 says when to come back only if that was ordered."""
    order(bot, "status", status=429, **({"retry_after": retry_after} if retry_after else {}))
    response = bot.raw_post(SEEN, {})
    assert response.status == 429
    assert dict(response.headers).get("Retry-After") == (str(retry_after) if retry_after else None)


@pytest.mark.parametrize("kind", ["login_page", "checkpoint_page"])
def test_call_leads_elsewhere(bot: Any, kind: str) -> None:
    """These two strike calls as well, which are not carried out then."""
    order(bot, kind)
    assert bot.raw_post("/messaging/send/", bot.send_form("never", thread_fbid=FRIENDS)).status == 302
    assert "never" not in texts(bot)


def test_path(bot: Any) -> None:
    """A fault with a path lets everything else pass, with or without the slash at the end."""
    order(bot, "status", status=502, path="/messaging/send")
    form = bot.send_form("x", thread_fbid=FRIENDS)
    assert bot.raw_post(SEEN, {}).status == 200
    assert bot.get("/").status == 200
    assert bot.raw_post("/messaging/send/", form).status == 502


def test_after(bot: Any) -> None:
    """So many chances are let pass first."""
    order(bot, "status", status=500, after=2)
    assert [bot.raw_post(SEEN, {}).status for _ in range(4)] == [200, 200, 500, 200]


def test_probability(bot: Any) -> None:
    """Each chance is a draw of the sandbox's own lots, until the fault has struck as often as ordered."""
    order(bot, "status", status=500, probability=0.5, times=20)
    failed = [bot.raw_post(SEEN, {}).status == 500 for _ in range(100)]
    assert sum(failed) == 20
    assert not all(failed[:20])


def test_slow(bot: Any) -> None:
    """The answer is good, and says how long it has to be held."""
    order(bot, "slow", seconds=0.25)
    response = bot.raw_post(SEEN, {})
    assert (response.status, response.hold_s, response.cut) == (200, 0.25, False)
    assert bot.raw_post(SEEN, {}).hold_s == 0


def test_garbage(bot: Any) -> None:
    """The call is carried out and its answer is half a JSON text."""
    order(bot, "garbage")
    body = bot.raw_post("/messaging/send/", bot.send_form("kept", thread_fbid=FRIENDS)).body
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(body.removeprefix(b"for (;;);"))
    assert "kept" in texts(bot)


def test_held_send(bot: Any) -> None:
    """The send is taken, and the connection ends without an answer after a while; other calls are not touched."""
    order(bot, "hold_send", seconds=30)
    assert not bot.raw_post(SEEN, {}).cut
    response = bot.raw_post("/messaging/send/", bot.send_form("kept", thread_fbid=FRIENDS))
    assert (response.cut, response.hold_s) == (True, 30)
    assert "kept" in texts(bot)


@pytest.mark.parametrize(("kind", "hold_s"), [("drop_answer", 0), ("hold_answer", 90)])
def test_lost_answer_of_any_call(bot: Any, kind: str, hold_s: int) -> None:
    """What is not a send can lose its answer too."""
    order(bot, kind, path="/messaging/set_thread_name/")
    fields = {"thread_name": "Night shift", "thread_id": FRIENDS}
    response = bot.raw_post("/messaging/set_thread_name/", fields)
    assert (response.cut, response.hold_s) == (True, hold_s)
    assert bot.thread(FRIENDS)["name"] == "Night shift"


def test_refused_send(bot: Any) -> None:
    """A send is refused with the code of the order and not taken; a code without words is one too."""
    order(bot, "refuse_send", code=1545116)
    assert bot.send("never", thread_fbid=FRIENDS)["error"] == 1545116
    order(bot, "refuse_send", code=3252001)
    assert bot.send("never", thread_fbid=FRIENDS)["error"] == 3252001
    assert "never" not in texts(bot)


def test_refused_send_on_the_socket(bot: Any) -> None:
    """The task fails with the code, as one that is refused for a reason does."""
    order(bot, "refuse_send", code=1545012)
    fields = {"thread_id": int(FRIENDS), "otid": "7412281402983950001", "send_type": 1, "text": "never"}
    calls = bot.socket().ask(("46", fields))
    assert calls[0][:3] == ["issueNewError", 0, 1545012]
    assert calls[1][:2] == ["markOptimisticMessageFailed", "7412281402983950001"]
    assert "never" not in texts(bot)


@pytest.mark.parametrize("kind", ["hold_send", "hold_answer"])
def test_held_send_on_the_socket(bot: Any, kind: str) -> None:
    """The task is carried out and never answered; the connection lives."""
    order(bot, kind)
    socket = bot.socket("/t_ms")
    fields = {"thread_id": int(FRIENDS), "otid": "7412281402983950002", "send_type": 1, "text": "kept"}
    task = {"label": "46", "payload": json.dumps(fields), "queue_name": FRIENDS, "task_id": 0}
    payload = json.dumps({"epoch_id": 1, "tasks": [task], "version_id": "1"})
    socket.publish("/ls_req", {"app_id": "1", "request_id": 7, "type": 3, "payload": payload})
    assert (socket.messages("/ls_resp"), socket.closed) == ([], False)
    assert "kept" in texts(bot)


def test_list_of_faults(bot: Any) -> None:
    """It tells what was ordered and how often each has struck, also when it is used up."""
    order(bot, "status", status=500, times=2, path=SEEN)
    order(bot, "twice", after=1, probability=0.5)
    bot.raw_post(SEEN, {})
    common = {"as": BOT, "times": 2, "after": 0, "probability": 1.0}
    assert bot.control("GET", "faults", {})["faults"] == [
        {**common, "kind": "status", "path": SEEN, "status": 500, "struck": 1},
        {"as": BOT, "kind": "twice", "times": 1, "after": 1, "probability": 0.5, "struck": 0},
    ]


def test_everything_taken_back(bot: Any, ann: Any) -> None:
    """`none` takes back an account's faults, or without a name all."""
    for person in ("Bot", "Ann"):
        bot.control("POST", "fault", {"as": person, "kind": "status", "status": 500, "times": 5})
    bot.control("POST", "fault", {"as": "Bot", "kind": "none"})
    assert (bot.raw_post(SEEN, {}).status, ann.raw_post(SEEN, {}).status) == (200, 500)
    bot.control("POST", "fault", {"kind": "none"})
    assert ann.raw_post(SEEN, {}).status == 200
    assert bot.control("GET", "faults", {}) == {"faults": []}


def test_order_without_a_socket(core: Core, bot: Any) -> None:
    """The core takes orders by a plain method, from whoever drives it."""
    assert core.order("Bot", "status", status=500) == 0
    assert bot.raw_post(SEEN, {}).status == 500
    with pytest.raises(ControlError, match="nobody called 'Zoe'"):
        core.order("Zoe", "cut")


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "earthquake"},
        {"kind": 1},
        {"kind": "cut", "status": 500},
        {"kind": "cut", "path": "/"},
        {"kind": "cut", "colour": "red"},
        {"kind": "slow"},
        {"kind": "slow", "seconds": 4000},
        {"kind": "status", "status": 500, "path": 5},
        {"kind": "status", "status": 500.5},
        {"kind": "refuse_connect", "code": 0},
        {"kind": "hole", "after": -1},
        {"kind": "hole", "probability": 2},
        {"kind": "hole", "probability": True},
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
