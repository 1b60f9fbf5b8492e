"""The listener: connecting, recovering, and handing on, with a scripted socket and a clock held still."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from botkit.messenger import BadArgument, Checkpoint, NotLoggedIn, Position

OWN = "100000000000001"
CREATE = "/messenger_sync_create_queue"
DIFFS = "/messenger_sync_get_diffs"
WAIT_S = 5.0


class Running:
    """A listener whose `run` goes on a thread of its own."""

    def __init__(self, listener: Any) -> None:
        self.listener = listener
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.listener.run()
        except Exception as error:
            self.error = error

    def join(self) -> None:
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()


@pytest.fixture
def start(api: Any, ear: Any) -> Iterator[Any]:
    """Starts a listener at a position; all are stopped in the end."""
    running = []

    def begin(position: Position | None = None) -> Running:
        running.append(Running(api.listener(ear, position)))
        return running[-1]

    yield begin
    for one in running:
        one.listener.stop()
        one.join()


def graphql_sequence(site: Any, number: int) -> Any:
    answer = {"o0": {"data": {"viewer": {"message_threads": {"sync_sequence_id": str(number), "nodes": []}}}}}
    tally = {"successful_results": 1, "error_results": 0, "skipped_results": 0}
    return site.respond(f"{json.dumps(answer)}\r\n{json.dumps(tally)}")


def delta(body: str) -> dict[str, Any]:
    return {"class": "NewMessage", "body": body}


def test_the_opening_says_what_the_dossier_wants(start: Any, sockets: Any, ear: Any) -> None:
    """URL, headers, user name, topics and the first messages (dossier 2, sections 2.3 to 2.9)."""
    start()
    wire = sockets.next()
    query = parse_qs(urlsplit(wire.url).query)
    name = json.loads(wire.connect.username)
    assert wire.url.startswith("wss://edge-chat.facebook.com/chat?region=atn&sid=")
    assert query["sid"] == [str(name["s"])] and query["cid"] == [name["d"]] == ["6f1b2c3d-0000-4000-8000-000000000001"]
    assert list(name) == [
        "u", "s", "cp", "ecp", "chat_on", "fg", "d", "ct", "mqtt_sid", "aid", "st", "pm", "dc", "no_auto_fg", "gas",
        "pack", "php_override", "p", "a", "aids",
    ]  # fmt: skip
    assert (name["u"], name["cp"], name["ecp"], name["chat_on"], name["aid"]) == (OWN, 3, 10, True, 219994525426954)
    assert wire.headers["Cookie"] == f"c_user={OWN}; xs=synthetic-secret"
    assert (
        wire.headers["Origin"] == "https://www.facebook.com" and wire.headers["Referer"] == "https://www.facebook.com/"
    )
    assert (wire.connect.client_id, wire.connect.keepalive_s) == ("mqttwsclient", 10)
    wire.accept()
    assert "/t_ms" in wire.topics and "/ls_resp" in wire.topics and wire.topics == name["st"]
    assert [(topic, qos) for topic, _, qos in wire.said] == [
        (CREATE, 1),
        ("/foreground_state", 1),
        ("/set_client_settings", 1),
    ]
    assert wire.said[0][1] == {
        "sync_api_version": 10,
        "max_deltas_able_to_process": 1000,
        "delta_batch_size": 500,
        "encoding": "JSON",
        "entity_fbid": OWN,
        "initial_titan_sequence_id": "4321",
        "device_params": None,
    }


def test_a_fresh_start_is_live_and_caught_up_at_the_answer(start: Any, sockets: Any, ear: Any) -> None:
    """The first word on /t_ms means ready; nothing can have waited."""
    running = start()
    wire = sockets.next()
    wire.accept()
    assert running.listener.state.name == "connecting"
    wire.create()
    assert running.listener.state.name == "live"
    assert ear.positions == [Position(OWN, "1", 4321)] and ear.caught == 1


def test_the_position_moves_after_the_sink_has_taken_the_batch(start: Any, sockets: Any, ear: Any) -> None:
    """The batch comes with the position that then holds."""
    running = start()
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.batch(4322, delta("a"), delta("b"))
    assert ear.bodies == ["a", "b"] and ear.batches[0].first == 4322
    assert running.listener.position == ear.positions[-1] == Position(OWN, "1", 4323)


def test_a_sink_that_raises_gets_the_batch_again(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """The socket is closed without an acknowledgement, the position stays, and the next connection asks from it."""
    running = start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    ear.fault = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        wire.batch(11, delta("a"))
    assert wire.is_closed and running.listener.position == Position(OWN, "t", 10)
    ear.fault = None
    ear.wait_for("backing_off")
    clock.advance(2)
    again = sockets.next()
    again.accept()
    assert again.spoken(DIFFS)[0]["last_seq_id"] == "10"
    again.batch(11, delta("a"))
    assert ear.bodies == ["a"]


def test_after_a_cut_the_old_queue_is_asked(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """A new sid, the same cid, get_diffs with token and cursor."""
    start()
    first = sockets.next()
    first.accept()
    first.create("7")
    first.batch(4322, delta("a"))
    first.cut()
    ear.wait_for("backing_off")
    clock.advance(2)
    second = sockets.next()
    second.accept()
    asked = second.spoken(DIFFS)[0]
    assert (asked["last_seq_id"], asked["sync_token"]) == ("4322", "7")
    queries = [parse_qs(urlsplit(wire.url).query) for wire in (first, second)]
    assert queries[0]["sid"] != queries[1]["sid"] and queries[0]["cid"] == queries[1]["cid"]
    second.batch(4322, delta("a"), delta("b"))
    assert ear.bodies == ["a", "b"] and ear.caught == 2


def test_a_queue_that_served_nothing_is_made_again(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """A token without a batch is not trusted; a barrier then proves the end."""
    start()
    first = sockets.next()
    first.accept()
    first.create()
    first.cut()
    ear.wait_for("backing_off")
    clock.advance(2)
    second = sockets.next()
    second.accept()
    assert second.spoken(CREATE)[0]["initial_titan_sequence_id"] == "4321"
    second.create("2")
    assert second.spoken(DIFFS)[0]["sync_token"] == "2" and ear.caught == 1
    second.batch(4322, last=4321)
    assert ear.caught == 2


def test_a_hole_is_asked_about_on_the_same_socket(start: Any, sockets: Any, ear: Any) -> None:
    """Then accepted with a gap when the same comes again."""
    start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    wire.batch(13, delta("c"))
    wire.batch(13, delta("c"))
    assert [asked["last_seq_id"] for asked in wire.spoken(DIFFS)] == ["10", "10", "10"] and ear.batches == []
    wire.batch(13, delta("c"))
    assert ear.bodies == ["c"] and len(ear.gaps) == 1 and ear.order[-3:-1] == ["gap", "batch"]


def test_a_hole_without_an_answer_ends_the_connection(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """After 10 s; the next one makes a new queue from the cursor."""
    start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    wire.batch(13, delta("c"))
    clock.advance(10)
    assert wire.is_closed
    ear.wait_for("backing_off")
    clock.advance(2)
    again = sockets.next()
    again.accept()
    assert again.spoken(CREATE)[0]["initial_titan_sequence_id"] == "10"


def test_silence_after_connecting_ends_the_connection(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """No word on /t_ms within 10 s of get_diffs: next time a new queue."""
    start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    clock.advance(9.9)
    assert not wire.is_closed
    clock.advance(0.2)
    assert wire.is_closed
    assert "10 s" in ear.wait_for("backing_off").reason
    clock.advance(2)
    again = sockets.next()
    again.accept()
    assert again.spoken(CREATE) and not again.spoken(DIFFS)


@pytest.mark.parametrize("code", ["ERROR_QUEUE_OVERFLOW", "ERROR_QUEUE_NOT_FOUND", 100])
def test_a_lost_queue_begins_anew_with_a_gap(start: Any, sockets: Any, ear: Any, site: Any, code: Any) -> None:
    """At once, from the newest number; the gap is told when the new queue stands."""
    site.on("/api/graphqlbatch/", graphql_sequence(site, 9000))
    start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    wire.push("/t_ms", {"errorCode": code})
    again = sockets.next()
    again.accept()
    assert again.spoken(CREATE)[0]["initial_titan_sequence_id"] == "9000" and ear.gaps == []
    again.create("2")
    assert ear.order == ["position", "gap", "caught_up"]
    assert ear.positions == [Position(OWN, "2", 9000)] and str(code) in ear.gaps[0]


@pytest.mark.parametrize("code", [4, 5, 21])
def test_a_refused_session_ends_listening(start: Any, sockets: Any, ear: Any, code: int) -> None:
    """NotLoggedIn, and no second attempt."""
    running = start()
    sockets.next().accept(code)
    running.join()
    assert isinstance(running.error, NotLoggedIn)
    assert ear.wait_for("logged_out") and sockets.is_idle()


def test_a_request_that_finds_the_session_dead_ends_the_listener(
    start: Any, sockets: Any, ear: Any, api: Any, site: Any
) -> None:
    """Whoever has asked: the socket is closed, and no other is opened."""
    running = start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    wire.batch(11, delta("c"))
    site.on("/chat/user_info/", site.respond(status=302, location="/checkpoint/1/"))
    with pytest.raises(Checkpoint):
        api.get_user_info("5")
    running.join()
    assert isinstance(running.error, Checkpoint)
    assert ear.wait_for("checkpoint") and sockets.is_idle()


@pytest.mark.parametrize("code", [3, 24])
def test_an_unavailable_server_means_a_new_page_once(
    start: Any, sockets: Any, ear: Any, clock: Any, site: Any, code: int
) -> None:
    """The page is loaded again after the first refusal, not after the second."""
    start()
    for pages in (2, 2):
        sockets.next().accept(code)
        ear.wait_for("backing_off")
        assert len(site.to("/")) == pages
        clock.advance(5)


def test_a_checkpoint_found_while_reloading_ends_listening(start: Any, sockets: Any, ear: Any, site: Any) -> None:
    """It is raised with its address."""
    running = start()
    site.on("/", site.respond(status=302, location="/checkpoint/1000000000000/"))
    sockets.next().accept(24)
    running.join()
    assert isinstance(running.error, Checkpoint)
    assert running.error.url == "https://www.facebook.com/checkpoint/1000000000000/"
    assert ear.wait_for("checkpoint")


def test_pauses_double_and_the_page_is_loaded_anew_after_five(
    start: Any, sockets: Any, ear: Any, clock: Any, site: Any
) -> None:
    """1, 2, 4 … at most 60 s, a fifth more or less."""
    sockets.refusals = 8
    start()
    pauses = []
    for count in range(8):
        ear.wait_for("backing_off")
        began = clock.monotonic()
        assert len(site.to("/")) == (1 if count < 4 else 2)
        step = min(60, 2**count)
        clock.advance(step * 0.79)
        assert sockets.is_idle()
        clock.advance(step * 0.42)
        pauses.append(clock.monotonic() - began)
    assert sockets.next() is not None


def test_after_a_long_life_it_comes_back_at_once(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """Over two minutes: no pause."""
    start()
    wire = sockets.next()
    wire.accept()
    wire.create()
    clock.advance(121)
    wire.cut()
    assert sockets.next() is not wire


def test_waiting_for_the_proof_has_an_end(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """10 s after the first word it is called caught up."""
    start(Position(OWN, "t", 10))
    wire = sockets.next()
    wire.accept()
    wire.batch(11, delta("a"), last=50)
    assert ear.caught == 0
    clock.advance(10)
    assert ear.caught_events.get(timeout=WAIT_S) == 1


def test_typing_and_presence_pass_without_a_number(start: Any, sockets: Any, ear: Any) -> None:
    """Other topics are ignored, and so is what is no JSON."""
    start()
    wire = sockets.next()
    wire.accept()
    wire.push("/thread_typing", {"sender_fbid": 2, "state": 1})
    wire.push("/orca_presence", {"list": []})
    wire.push("/inbox", {"unread": 1})
    wire.handler.received("/t_ms", b"\xff\x00")
    assert [topic for topic, _ in ear.transients] == ["/thread_typing", "/orca_presence"]


def test_stop_says_goodbye_and_ends_run(start: Any, sockets: Any, ear: Any) -> None:
    """/browser_close, then DISCONNECT; again is fine."""
    running = start()
    wire = sockets.next()
    wire.accept()
    wire.create()
    running.listener.stop()
    running.join()
    assert running.error is None and wire.is_closed
    assert wire.said[-1] == ("/browser_close", {}, 1)
    assert running.listener.state.name == "stopped"
    running.listener.stop()


def test_stop_ends_a_pause(start: Any, sockets: Any, ear: Any) -> None:
    """Without the clock moving."""
    sockets.refusals = 1
    running = start()
    ear.wait_for("backing_off")
    running.listener.stop()
    running.join()


def test_a_position_of_another_account_is_refused(api: Any, ear: Any) -> None:
    """Before anything is connected."""
    with pytest.raises(BadArgument, match="account 5"):
        api.listener(ear, Position("5", None, 1))
