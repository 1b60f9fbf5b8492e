"""The client's doors and the sandbox's core, joined without sockets."""

from __future__ import annotations

import threading

import pytest

from botkit.messenger.errors import NetworkError, ServerError
from botkit.sandbox import mqtt
from botkit.sandbox.session import Session

FRIENDS = "7000000000000001"


def fault(side, kind, **more):
    side.ask("POST", "fault", {"as": "Bot", "kind": kind, **more})


def texts(side):
    messages = side.ask("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"]
    return [one["text"] for one in messages]


def test_requests_are_answered(side, api):
    """On the calling thread, by the core."""
    sent = api.send_message("hello", FRIENDS)
    assert sent.thread_id == FRIENDS
    assert texts(side)[-1] == "hello"


def test_the_listener_hears(side, api, listen, says):
    """What people write comes as deltas, in order."""
    ear = listen(api)
    assert ear.states == ["connecting", "live"]
    for number in range(20):
        says(f"number {number}")
    side.clock.settle()
    assert ear.texts == [f"number {number}" for number in range(20)]


def test_typing_comes_over_both_ways(side, api, listen):
    """The dots of a person reach the client, and those of the client the person."""
    ear, seen = listen(api), []
    side.listen("Ann", lambda event: seen.append((event["type"], event.get("typing"))))
    side.ask("POST", "typing", {"as": "Ann", "thread": "Friends", "typing": True})
    end = api.send_typing_indicator(FRIENDS)
    side.clock.settle()
    end()
    assert ear.typing == [1]
    assert [shown for kind, shown in seen if kind == "typing"] == [True, False]


def test_a_batch_is_acknowledged_after_it_was_taken(side, api, listen, says, monkeypatch):
    """Until the handler returns the packet is open, so that a host can keep what it heard before."""
    ear, said, said_before = listen(api), [], []
    feed = Session.feed

    def listen_in(session, data):
        said.append(data)
        feed(session, data)

    monkeypatch.setattr(Session, "feed", listen_in)
    ear.on_text = lambda message: said_before.extend(said)
    says("one")
    side.clock.settle()
    assert said_before == []
    assert said == [mqtt.puback(2)]


def test_a_handler_that_raises_closes_the_socket(side, api, listen, says):
    """What it could not take is not lost: it comes again on the next connection."""
    ear, refused = listen(api), []

    def refuse(message):
        if not refused:
            refused.append(message.body)
            raise RuntimeError

    ear.on_text = refuse
    says("one")
    says("two")
    side.clock.settle()
    assert (ear.texts, ear.states[-1]) == ([], "backing_off")
    side.clock.advance(5)
    assert ear.texts == ["one", "two"]
    assert ear.states[-1] == "live"


def test_a_cut_connection_goes_on_where_it_was(side, api, listen, says):
    """After the back-off the client asks for what has come since."""
    ear = listen(api)
    says("before")
    side.clock.settle()
    assert side.ask("POST", "cut", {"as": "Bot"}) == {"closed": 1}
    says("meanwhile")
    side.clock.settle()
    assert ear.states[-1] == "backing_off"
    side.clock.advance(5)
    says("after")
    side.clock.settle()
    assert ear.texts == ["before", "meanwhile", "after"]


def test_a_deaf_server_is_found_out(side, api, listen, says):
    """Within three keepalives, without pings; what was written meanwhile comes on the next connection."""
    ear = listen(api)
    fault(side, "stall")
    says("into the void")
    side.clock.advance(19)
    assert ear.states[-1] == "live"
    side.clock.advance(11)
    assert "stalled" in ear.states
    side.clock.advance(10)
    assert ear.states[-1] == "live"
    assert ear.texts == ["into the void"]


def test_a_server_that_was_deaf_for_a_moment_keeps_its_sockets(side, api, listen):
    """Shorter than two keepalives nobody notices."""
    ear = listen(api)
    fault(side, "stall", seconds=5)
    side.clock.advance(60)
    assert ear.states == ["connecting", "live"]


@pytest.mark.parametrize("kind", ["split", "cut_batch", "duplicate"])
def test_packets_come_in_pieces_and_twice(side, api, listen, says, kind):
    """Pieces are put together, half a packet is none, and a repeat is heard once."""
    ear = listen(api)
    fault(side, kind)
    says("one")
    says("two")
    side.clock.advance(5)
    assert ear.texts == ["one", "two"]


def test_a_refused_socket_is_no_connection(side, api, listen):
    """The client backs off and tries again."""
    fault(side, "refuse_upgrade", status=503)
    ear = listen(api)
    assert ear.states == ["connecting", "backing_off"]
    side.clock.advance(5)
    assert ear.states[-1] == "live"


def test_a_status_is_an_error_and_a_lost_answer_too(side, api):
    """As over sockets: the one tells what the server said, the other that nobody knows."""
    fault(side, "status", status=500, times=10)
    with pytest.raises(ServerError):
        api.set_title("New", FRIENDS)
    fault(side, "none")
    fault(side, "drop_answer", times=10)
    with pytest.raises(NetworkError, match="no connection"):
        api.set_title("Newer", FRIENDS)


def test_a_late_answer_takes_virtual_time(side, api):
    """It is waited for, at most as long as the client's limit is."""
    fault(side, "slow", seconds=3)
    api.set_title("Slow", FRIENDS)
    assert side.clock.monotonic() == 3
    fault(side, "slow", seconds=3600, times=10)
    with pytest.raises(NetworkError, match="time-out"):
        api.set_title("Slower", FRIENDS)
    assert side.clock.monotonic() < 600


def test_logging_out_ends_everything(side, api, listen):
    """The socket is closed with a goodbye, and its thread is gone."""
    listen(api)
    api.close()
    side.clock.settle()
    assert not side.junction.sockets
    assert "botkit-socket" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(NetworkError, match="closed"):
        api.set_title("Late", FRIENDS)
