"""`listen`: gates, threads, stopping and endings."""

import json
import threading
from typing import Any

import pytest

from botkit.messenger import Api, BotkitError, NotLoggedIn, ThreadEvent

OWN = "100000000000001"
ANN = "100000000000002"
WAIT_S = 5.0


def message(body: str, number: int, sender: str = ANN) -> dict[str, Any]:
    metadata = {
        "actorFbId": sender,
        "messageId": f"mid.{number}",
        "timestamp": "5",
        "threadKey": {"otherUserFbId": ANN},
    }
    return {"class": "NewMessage", "body": body, "messageMetadata": metadata}


def title(number: int, author: str = ANN) -> dict[str, Any]:
    metadata = {"actorFbId": author, "messageId": f"mid.{number}", "timestamp": "5", "threadKey": {"threadFbId": "9"}}
    return {"class": "ThreadName", "name": "x", "messageMetadata": metadata}


@pytest.fixture(autouse=True)
def nobody(site: Any) -> None:
    site.on("/chat/user_info/", site.envelope({"profiles": {ANN: {"id": ANN, "name": "Bea Sample"}}}))


def live(sockets: Any) -> Any:
    wire = sockets.next()
    wire.accept()
    wire.create()
    return wire


def test_messages_come_with_names_on_a_thread_of_their_own(api: Api, sockets: Any) -> None:
    """Never on the socket's: the callback may ask the api."""
    heard: list[Any] = []
    done = threading.Event()

    def callback(event: Any) -> None:
        heard.append((event.body, event.sender_name, threading.current_thread().name, api.get_user_info(ANN)[ANN].name))
        done.set()

    api.listen(callback)
    live(sockets).batch(4322, message("hello", 1))
    assert done.wait(WAIT_S)
    assert heard == [("hello", "Bea Sample", "botkit-listen", "Bea Sample")]


def collect(api: Api, sockets: Any, **options: bool) -> list[str]:
    """What an iterator gives of one of everything, with these options."""
    api.set_options(**options)
    listening = api.listen()
    wire = live(sockets)
    wire.push("/thread_typing", {"sender_fbid": int(ANN), "state": 1, "thread": "9"})
    wire.push("/orca_presence", {"list_type": "full", "list": [{"u": int(ANN), "p": 2}]})
    wire.batch(4322, message("own", 1, OWN), title(2), title(3, OWN), message("last", 4))
    found = []
    for event in listening:
        found.append(event.type if event.type != "message" else event.body)  # type: ignore[union-attr]
        if found[-1] == "last":
            listening.stop()
    return found


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ["last"]),
        ({"self_listen": True}, ["own", "last"]),
        ({"listen_events": True}, ["typ", "event", "last"]),
        ({"update_presence": True}, ["presence", "last"]),
        (
            {"self_listen": True, "listen_events": True, "update_presence": True},
            ["typ", "presence", "own", "event", "event", "last"],
        ),
    ],
)
def test_the_options_are_gates(api: Api, sockets: Any, options: dict[str, bool], wanted: list[str]) -> None:
    """Messages of others always; the rest on demand."""
    assert collect(api, sockets, **options) == wanted


def test_the_same_message_comes_once(api: Api, sockets: Any) -> None:
    """Even under two numbers."""
    listening = api.listen()
    live(sockets).batch(4322, message("a", 1), message("a", 1), message("b", 2))
    events = iter(listening)
    assert [next(events).body, next(events).body] == ["a", "b"]  # type: ignore[union-attr]
    listening.stop()


def test_a_callback_that_raises_is_no_end(api: Api, sockets: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged without what the exception quotes, and the next event comes."""
    done = threading.Event()

    def callback(event: Any) -> None:
        if event.body == "bad":
            raise ValueError("quoted: bad")
        done.set()

    api.listen(callback)
    live(sockets).batch(4322, message("bad", 1), message("good", 2))
    assert done.wait(WAIT_S)
    assert "ValueError" in caplog.text and "quoted" not in caplog.text


def test_a_delta_between_two_good_ones_may_be_broken(api: Api, sockets: Any) -> None:
    """The neighbours come; `on_error` is told."""
    heard: list[str] = []
    errors: list[BotkitError] = []
    done = threading.Event()

    def callback(event: Any) -> None:
        heard.append(event.body)
        if event.body == "b":
            done.set()

    api.listen(callback, on_error=errors.append)
    live(sockets).batch(4322, message("a", 1), {"class": "NewMessage", "messageMetadata": {}}, message("b", 2))
    assert done.wait(WAIT_S)
    assert heard == ["a", "b"] and len(errors) == 1


def test_stopping_inside_the_callback_makes_it_the_last(api: Api, sockets: Any) -> None:
    """What has been heard already is not delivered."""
    heard: list[str] = []
    done = threading.Event()

    def callback(event: Any) -> None:
        heard.append(event.body)
        listening()
        done.set()

    listening = api.listen(callback)
    wire = live(sockets)
    wire.batch(4322, message("a", 1), message("b", 2), message("c", 3))
    assert done.wait(WAIT_S)
    listening.stop()
    assert heard == ["a"] and wire.is_closed and listening.error is None


def test_a_dead_session_ends_the_iteration(api: Api, sockets: Any) -> None:
    """By raising its reason, which is kept."""
    errors: list[BotkitError] = []
    listening = api.listen(on_error=errors.append)
    sockets.next().accept(5)
    with pytest.raises(NotLoggedIn):
        next(iter(listening))
    assert isinstance(listening.error, NotLoggedIn) and errors == [listening.error]


def test_a_gap_is_told(api: Api, sockets: Any) -> None:
    """As an error for `on_error`."""
    told = threading.Event()
    api.listen(lambda event: None, on_error=lambda error: told.set())
    wire = live(sockets)
    wire.batch(4322, message("a", 1))
    for _ in range(3):
        wire.batch(4330, message("b", 2))
    assert told.wait(WAIT_S)


def test_after_stopping_no_callback_runs(api: Api, sockets: Any) -> None:
    """Stopping waits for the one that runs; what was heard meanwhile is not delivered, to neither callback."""
    began, go_on = threading.Event(), threading.Event()
    ended: list[str] = []

    def callback(event: Any) -> None:
        began.set()
        go_on.wait(WAIT_S)
        ended.append(event.body)

    listening = api.listen(callback, on_error=lambda error: ended.append(str(error)))
    wire = live(sockets)
    wire.batch(4322, message("a", 1), {"class": "NewMessage", "messageMetadata": {}}, message("b", 2))
    assert began.wait(WAIT_S)
    stopping = threading.Thread(target=listening.stop)
    stopping.start()
    assert wire.closing.wait(WAIT_S)
    go_on.set()
    stopping.join(WAIT_S)
    assert ended == ["a"]


def test_on_error_is_silent_after_stopping_inside_it(api: Api, sockets: Any) -> None:
    """The guarantee holds for both callbacks."""
    told: list[BotkitError] = []
    done = threading.Event()

    def on_error(error: BotkitError) -> None:
        told.append(error)
        listening()
        done.set()

    listening = api.listen(lambda event: None, on_error=on_error)
    bad: dict[str, Any] = {"class": "NewMessage", "messageMetadata": {}}
    live(sockets).batch(4322, bad, bad, bad)
    assert done.wait(WAIT_S)
    listening.stop()
    assert len(told) == 1


def test_iterating_ends_with_stopping(api: Api, sockets: Any) -> None:
    """Also when more has been heard, when it was stopped before, and a second time."""
    listening = api.listen()
    live(sockets).batch(4322, message("a", 1), message("b", 2), message("c", 3))
    heard = []
    for event in listening:
        heard.append(event.body)  # type: ignore[union-attr]
        listening.stop()
    assert heard == ["a"] and list(listening) == []


def test_iterating_in_another_thread_is_woken_by_stopping(api: Api, sockets: Any) -> None:
    """It does not wait for one more event."""
    listening = api.listen()
    live(sockets)
    rest: list[Any] = []
    thread = threading.Thread(target=lambda: rest.extend(listening))
    thread.start()
    listening.stop()
    thread.join(WAIT_S)
    assert not thread.is_alive() and rest == []


def test_a_new_group_picture_comes_as_an_event(api: Api, sockets: Any, site: Any) -> None:
    """What the server says to fetch is fetched first, then the options decide."""
    node = {
        "__typename": "ThreadImageMessage",
        "message_id": "mid.8",
        "message_sender": {"id": ANN},
        "snippet": "Bea changed the photo.",
        "timestamp_precise": "5",
        "image_with_metadata": None,
    }
    site.on("/api/graphqlbatch/", site.respond(json.dumps({"o0": {"data": {"message": node}}})))
    pointer = {"class": "ForcedFetch", "threadKey": {"threadFbId": "9"}, "messageId": "mid.8", "forceInsert": False}
    api.set_options(listen_events=True)
    listening = api.listen()
    live(sockets).batch(4322, pointer)
    event = next(iter(listening))
    assert isinstance(event, ThreadEvent) and event.log_message_type == "log:thread-image"


def test_what_cannot_be_fetched_is_an_error(api: Api, sockets: Any) -> None:
    """It names the message; the next event comes."""
    errors: list[BotkitError] = []
    listening = api.listen(on_error=errors.append)
    pointer = {"class": "ForcedFetch", "threadKey": {"threadFbId": "9"}, "messageId": "mid.8", "forceInsert": False}
    live(sockets).batch(4322, pointer, message("b", 2))
    assert next(iter(listening)).body == "b"  # type: ignore[union-attr]
    assert [str(error) for error in errors] == ["message mid.8 of thread 9 could not be fetched"]
