"""The people's side by raw requests: who may ask, and what is answered."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request, Response

BOT, ANN, BEN, CHLOE, DAN = (f"10000000000000{n}" for n in "12345")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"


def call(core: Core, method: str, name: str, body: object = None, **headers: str) -> Response:
    name, _, query = name.partition("?")
    headers = {"host": "127.0.0.1:8642", "x-botkit-token": core.token, "content-type": "application/json", **headers}
    data = b"" if body is None else json.dumps(body).encode()
    return core.handle(Request(method, "127.0.0.1", f"/sandbox/api/{name}", query, headers, data))


def get(core: Core, name: str, **arguments: str) -> Any:
    response = call(core, "GET", f"{name}?{urlencode(arguments)}")
    assert response.status == 200, response.body
    return json.loads(response.body)


def post(core: Core, name: str, **arguments: object) -> Any:
    response = call(core, "POST", name, arguments)
    assert response.status == 200, response.body
    return json.loads(response.body)


def listen(core: Core, who: str) -> list[Any]:
    """A list that fills with the person's events."""
    events: list[Any] = []
    core.stream(who, lambda text: events.append(json.loads(text)))
    return events


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_page(core: Core, host: str) -> None:
    """The page comes under every loopback name, with the token in it and strict headers."""
    response = core.handle(Request("GET", host, "/"))
    assert response.status == 200
    assert f'<meta name="botkit-token" content="{core.token}">'.encode() in response.body
    headers = dict(response.headers)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; connect-src 'self' ws://127.0.0.1:*")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("path", "status"), [("/page.css", 200), ("/page.js", 200), ("/home.php", 404)])
def test_files_of_the_page(core: Core, path: str, status: int) -> None:
    """Three files and nothing else; the protocol's pages are not under loopback names."""
    assert core.handle(Request("GET", "localhost", path)).status == status
    if status == 200:
        assert core.handle(Request("POST", "localhost", path)).status == 405


def test_page_is_not_under_messenger_names(core: Core) -> None:
    """The control API is reached by loopback names only."""
    headers = {"x-botkit-token": core.token}
    assert core.handle(Request("GET", "www.facebook.com", "/sandbox/api/world", "", headers)).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-botkit-token": ""}, 401),
        ({"x-botkit-token": "ü"}, 401),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "https://127.0.0.1:8642"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
def test_who_may_not_ask(core: Core, headers: dict[str, str], status: int) -> None:
    """Token, origin and content type are checked, each with its status and one line."""
    response = call(core, "POST", "typing", {"as": "Ann", "thread": "Friends", "typing": True}, **headers)
    assert response.status == status
    assert list(json.loads(response.body)) == ["error"]


def test_own_origin(core: Core) -> None:
    """The page's own origin is welcome, and a charset beside the type."""
    headers = {"origin": "http://127.0.0.1:8642", "content-type": "application/json; charset=utf-8"}
    assert call(core, "POST", "read", {"as": "Ann", "thread": "Friends"}, **headers).status == 200


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("POST", "world", {}, 404),
        ("GET", "threads", None, 400),
        ("GET", "threads?as=Zoe", None, 404),
        ("GET", "messages?as=Ann&thread=Nowhere", None, 404),
        ("GET", "messages?as=Chloe&thread=Stand-up", None, 404),
        ("GET", "messages?as=Ann&thread=Friends&limit=x", None, 400),
        ("POST", "send", {"as": "Ann", "thread": "Friends"}, 400),
        ("POST", "send", {"as": "Ann", "thread": "Friends", "text": " "}, 400),
        ("POST", "send", {"as": "Ann", "thread": "Friends", "text": "x", "client_id": 5}, 400),
        ("POST", "send", {"as": "Ann", "text": "x"}, 400),
        ("POST", "typing", {"as": "Ann", "thread": "Friends", "typing": 1}, 400),
        ("POST", "read", [], 400),
        ("POST", "read", None, 400),
        ("POST", "cut", {"as": 5}, 400),
    ],
)
def test_wrong_calls(core: Core, method: str, name: str, body: object, status: int) -> None:
    """A wrong call says in one line what would be right."""
    response = call(core, method, name, body)
    assert response.status == status
    assert "\n" not in json.loads(response.body)["error"]


def test_world(core: Core) -> None:
    """Who is there, who has a birthday, who is online, and whom to be."""
    core.stream(BEN, lambda text: None)
    answer = get(core, "world")
    assert (answer["world"], answer["default_as"]) == (core.world_id, ANN)
    assert answer["now_ms"] == core.engine.clock.time_ms()
    people = {person["name"]: person for person in answer["people"]}
    assert list(people) == ["Bot", "Ann", "Ben", "Chloe", "Dan"]
    assert people["Bot"] == {
        "id": BOT,
        "name": "Bot",
        "first_name": "Bot",
        "bot": True,
        "birthday_today": False,
        "online": False,
    }
    assert (people["Chloe"]["birthday_today"], people["Ben"]["online"]) == (True, True)


def test_threads(core: Core) -> None:
    """Newest first; one-to-one chats with everybody, also without a message."""
    post(core, "send", **{"as": "ben"}, thread="STAND-UP", text="done")
    threads = get(core, "threads", **{"as": ANN})["threads"]
    assert [thread["name"] for thread in threads[:2]] == ["Stand-up", "Friends"]
    assert {thread["id"] for thread in threads[2:]} == {BOT, BEN, CHLOE, DAN}
    assert {**threads[0], "timestamp_ms": 0} == {
        "id": STANDUP,
        "name": "Stand-up",
        "group": True,
        "participants": [BOT, ANN, BEN],
        "snippet": "done",
        "snippet_sender": BEN,
        "timestamp_ms": 0,
        "unread": 1,
    }


def test_send_and_read_messages(core: Core) -> None:
    """A message is answered as it is shown; one-to-one threads bear the other's id."""
    sent = post(core, "send", **{"as": "Ann"}, thread="Bot", text="hi")["message"]
    assert (sent["thread"], sent["sender"], sent["sender_name"], sent["kind"]) == (BOT, ANN, "Ann", "text")
    (seen,) = get(core, "messages", **{"as": "Bot"}, thread=ANN)["messages"]
    assert seen == {**sent, "thread": ANN}


def test_messages_by_pages(core: Core) -> None:
    """`limit` takes the newest, `before_ms` those before a time; oldest first."""
    for number in range(4):
        post(core, "send", **{"as": "Ann"}, thread="Bot", text=str(number))
    page = get(core, "messages", **{"as": "Ann"}, thread="Bot", limit="2")["messages"]
    assert [message["text"] for message in page] == ["2", "3"]
    before = str(page[0]["timestamp_ms"])
    page = get(core, "messages", **{"as": "Ann"}, thread="Bot", before_ms=before)["messages"]
    assert [message["text"] for message in page] == ["0", "1"]


def test_times_in_a_thread_rise(core: Core) -> None:
    """While the clock stands still, messages still have different times, so that they can be paged."""
    times = [post(core, "send", **{"as": "Ann"}, thread="Bot", text="x")["message"]["timestamp_ms"] for _ in range(3)]
    assert times == sorted(set(times))


def test_client_id(core: Core) -> None:
    """A repeat returns the first's message and sends nothing; another person's id is another send."""
    first = post(core, "send", **{"as": "Ann"}, thread="Friends", text="x", client_id="1")
    events = listen(core, ANN)
    assert post(core, "send", **{"as": "Ann"}, thread="Friends", text="x", client_id="1") == first
    assert events == []
    assert post(core, "send", **{"as": "Ben"}, thread="Friends", text="x", client_id="1") != first


def test_message_event(core: Core) -> None:
    """A message goes to every member, its writer too, each with the thread's id as they see it."""
    anns, bens = listen(core, ANN), listen(core, BEN)
    listen(core, BOT)
    anns.clear()
    bens.clear()
    sent = post(core, "send", **{"as": "Ann"}, thread="Ben", text="hi")["message"]
    assert anns[0] == {"type": "message", "message": sent}
    assert bens[0] == {"type": "message", "message": {**sent, "thread": ANN}}
    assert (bens[1]["type"], bens[1]["thread"]["unread"], bens[1]["thread"]["snippet"]) == ("thread", 1, "hi")


def test_message_of_the_bot(bot: Any, core: Core) -> None:
    """What the bot sends by the protocol shows on the page."""
    events = listen(core, ANN)
    bot.send("echo", thread_fbid=FRIENDS)
    assert (events[0]["message"]["text"], events[0]["message"]["sender_name"]) == ("echo", "Bot")


def test_typing_event(core: Core, bot: Any) -> None:
    """Typing reaches the others and the protocol, never the typist."""
    bens, anns, socket = listen(core, BEN), listen(core, ANN), bot.socket("/thread_typing")
    bens.clear()
    anns.clear()
    assert post(core, "typing", **{"as": "Ann"}, thread="Friends", typing=True) == {}
    typing = {"type": "typing", "thread": FRIENDS, "sender": ANN, "sender_name": "Ann", "typing": True}
    assert (bens, anns) == ([typing], [])
    assert socket.messages("/thread_typing")[0]["sender_fbid"] == int(ANN)


def test_read_event(core: Core) -> None:
    """Reading tells the watermark to all, and the reader that nothing is unread."""
    sent = post(core, "send", **{"as": "Ann"}, thread="Ben", text="hi")["message"]
    anns, bens = listen(core, ANN), listen(core, BEN)
    anns.clear()
    assert post(core, "read", **{"as": "Ben"}, thread="Ann") == {}
    assert anns == [{"type": "read", "thread": BEN, "reader": BEN, "watermark_ms": sent["timestamp_ms"]}]
    assert bens[-1]["thread"]["unread"] == 0


def test_presence_event(core: Core, bot: Any) -> None:
    """Everybody on the page sees who comes and goes."""
    events = listen(core, CHLOE)
    socket = bot.socket("/t_ms")
    socket.session.feed(b"\xe0\x00")
    assert events == [{"type": "presence", "person": BOT, "online": online} for online in (True, False)]


def test_app_state(core: Core) -> None:
    """A fresh session in the shape of dossier 1, section 3.3."""
    state = post(core, "app-state", **{"as": "Bot"})["app_state"]
    assert [cookie["key"] for cookie in state] == ["c_user", "xs", "datr", "sb", "fr"]
    assert state[0]["value"] == BOT
    expected = {"domain": "facebook.com", "path": "/", "secure": True, "hostOnly": False}
    assert all(expected.items() <= cookie.items() for cookie in state)
    assert state[1]["expires"] == "2027-01-01T00:00:00.000Z"
    assert post(core, "app-state", **{"as": "Bot"})["app_state"][1]["value"] != state[1]["value"]


def test_cut(core: Core, bot: Any) -> None:
    """An account's sockets are cut, the others' are not, and it counts as gone."""
    one, two, other = bot.listen(), bot.listen(), type(bot)(core, ANN).listen()
    assert post(core, "cut", **{"as": "Bot"}) == {"closed": 2}
    assert (one.closed, two.closed, other.closed) == (True, True, False)
    assert not core.engine.audience.is_online(BOT)
    assert post(core, "cut", **{"as": "Bot"}) == {"closed": 0}
