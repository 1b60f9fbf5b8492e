"""A listener that is left alone for long: silence, stalls, endings of all kinds, and what they leave behind."""

import gc
import random
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from botkit.messenger import Api, Position, ServerError
from botkit.testing import ManualClock

OWN = "100000000000001"
CREATE = "/messenger_sync_create_queue"
DIFFS = "/messenger_sync_get_diffs"
WAIT_S = 5.0


class CountingClock(ManualClock):
    """Knows how many timers are pending."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[Any] = []

    def call_later(self, delay_s: float, function: Callable[[], None]) -> Any:
        self._made.append(super().call_later(delay_s, function))
        return self._made[-1]

    @property
    def pending(self) -> int:
        self._made = [due for due in self._made if not due.cancelled and due.at > self.monotonic()]
        return len(self._made)


@pytest.fixture
def clock() -> CountingClock:
    return CountingClock()


@pytest.fixture
def newest(site: Any) -> None:
    """The server says that delta 10 is the newest."""
    site.on(
        "/api/graphqlbatch/",
        site.respond('{"o0":{"data":{"viewer":{"message_threads":{"sync_sequence_id":"10"}}}}}'),
    )


@pytest.fixture
def start(api: Api, ear: Any) -> Iterator[Callable[..., Any]]:
    """Starts a listener on a thread of its own; all are stopped in the end."""
    running = []

    def begin(position: Position | None = None, sink: Any = None, **options: Any) -> Any:
        listener = api.listener(sink or ear, position, **options)
        thread = threading.Thread(target=listener.run)
        thread.start()
        running.append((listener, thread))
        return listener

    yield begin
    for listener, thread in running:
        listener.stop()
        thread.join(WAIT_S)
        assert not thread.is_alive()


def delta(body: str) -> dict[str, Any]:
    return {"class": "NewMessage", "body": body}


def resumed(sockets: Any) -> Any:
    """The next connection, once its old queue has answered."""
    wire = sockets.next()
    wire.accept()
    wire.batch(11, last=10)
    return wire


def states(ear: Any) -> list[tuple[str, str]]:
    """(name, reason) of the states told so far."""
    found = []
    while not ear.states.empty():
        state = ear.states.get()
        found.append((state.name, state.reason))
    return found


def test_a_quiet_queue_is_asked_after_ten_minutes(start: Any, sockets: Any, clock: Any, ear: Any) -> None:
    """At the cursor, on the same socket; the empty batch is the answer, and the next question ten minutes later."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    wire.batch(11, delta("a"))
    for asked in (1, 2):
        clock.advance(599)
        assert len(wire.spoken(DIFFS)) == asked
        clock.advance(2)
        assert wire.spoken(DIFFS)[-1]["last_seq_id"] == "11" and len(wire.spoken(DIFFS)) == asked + 1
        wire.batch(12, last=11)
    clock.advance(60)
    assert not wire.is_closed and ear.bodies == ["a"] and sockets.is_idle()


def test_a_busy_queue_is_not_asked(start: Any, sockets: Any, clock: Any) -> None:
    """Every word on /t_ms puts it off; typing does not."""
    start(Position(OWN, "t", 10), probe_after_s=30)
    wire = resumed(sockets)
    for number in range(11, 21):
        clock.advance(20)
        wire.batch(number, delta("a"))
    assert len(wire.spoken(DIFFS)) == 1
    for _ in range(4):
        clock.advance(9)
        wire.push("/thread_typing", {"sender_fbid": 2, "state": 1})
    assert len(wire.spoken(DIFFS)) == 2


def test_a_queue_that_does_not_answer_is_left(start: Any, sockets: Any, clock: Any, ear: Any) -> None:
    """Stalled, with a reason; a new socket at once, which makes a queue from the cursor; nothing is lost."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    states(ear)
    clock.advance(600)
    clock.advance(9.9)
    assert not wire.is_closed
    clock.advance(0.2)
    again = sockets.next()
    assert wire.is_closed
    again.accept()
    assert again.spoken(CREATE)[0]["initial_titan_sequence_id"] == "10"
    again.create("u")
    again.batch(11, delta("a"))
    assert ear.bodies == ["a"] and ear.gaps == []
    told = states(ear)
    assert [name for name, _ in told] == ["stalled", "connecting", "live"]
    assert told[0][1] == "nothing on /t_ms within 10 s after asking for news"


def test_a_queue_that_answers_that_it_is_gone_is_made_anew(
    start: Any, sockets: Any, clock: Any, ear: Any, newest: None
) -> None:
    """The probe finds that too."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    clock.advance(601)
    wire.push("/t_ms", {"errorCode": "ERROR_QUEUE_NOT_FOUND"})
    again = sockets.next()
    again.accept()
    again.create("2")
    assert len(ear.gaps) == 1


def test_a_host_can_ask_whether_all_is_in(start: Any, sockets: Any, ear: Any) -> None:
    """`caught_up` is said again when the queue has answered, and not when something else comes first."""
    listener = start(Position(OWN, "t", 10))
    listener.ask()
    wire = resumed(sockets)
    assert ear.caught == 1
    listener.ask()
    wire.batch(11, delta("a"))
    assert len(wire.spoken(DIFFS)) == 2 and ear.caught == 1
    wire.batch(11, delta("a"))
    assert ear.caught == 2 and ear.bodies == ["a"]


def test_a_host_that_gets_no_answer_gets_a_new_connection(start: Any, sockets: Any, clock: Any, ear: Any) -> None:
    """And is told when that has caught up."""
    listener = start(Position(OWN, "t", 10))
    resumed(sockets)
    listener.ask()
    clock.advance(10.1)
    ear.wait_for("stalled")
    ear.wait_for("backing_off")
    clock.advance(2)
    wire = sockets.next()
    wire.accept()
    wire.create("u")
    assert ear.caught == 1
    wire.batch(11, last=10)
    assert ear.caught == 2


def test_a_silent_socket_is_stalled(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """The door has found it; the old queue is asked on the next one."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    states(ear)
    wire.fall_silent()
    assert ear.wait_for("stalled").reason == "no answer to a ping"
    ear.wait_for("backing_off")
    clock.advance(2)
    again = sockets.next()
    again.accept()
    assert again.spoken(DIFFS)[0]["last_seq_id"] == "10"


def test_the_reasons_of_a_life(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """From the start to the end."""
    listener = start(Position(OWN, "t", 10))
    resumed(sockets).cut()
    waited = ear.wait_for("backing_off")
    assert waited.reason == "cut"
    clock.advance(2)
    wire = sockets.next()
    assert ear.wait_for("connecting").reason == "again after: cut"
    wire.accept()
    wire.batch(11, last=10)
    assert ear.wait_for("live").reason == "the queue has answered"
    listener.stop()
    assert ear.wait_for("stopped").reason == "the listener was stopped"


def test_never_two_sockets(start: Any, sockets: Any, clock: Any, newest: None) -> None:
    """Through fifty random endings, seen from the door."""
    chance = random.Random(1)
    sockets_seen: list[Any] = []
    start(Position(OWN, "t", 10))
    for _ in range(50):
        sockets_seen.append(next_socket(sockets, clock))
        assert [one for one in sockets_seen if not one.is_closed] == sockets_seen[-1:]
        end_somehow(sockets_seen[-1], chance, clock)


def next_socket(sockets: Any, clock: Any) -> Any:
    """The next connection, however long the pause before it."""
    for _ in range(1000):
        if not sockets.is_idle():
            break
        clock.advance(1)
        threading.Event().wait(0.001)
    return sockets.next()


def end_somehow(wire: Any, chance: random.Random, clock: Any) -> None:
    """One of the ways in which a connection ends."""
    way = chance.choice(["refused", "unanswered", "cut", "silent", "hole", "lost", "late", "probe"])
    if way == "refused":
        wire.accept(chance.choice([3, 24, 99]))
        return
    wire.accept()
    if way == "unanswered":
        clock.advance(10.1)
        return
    if wire.spoken(CREATE):
        wire.create("t")
    else:
        wire.batch(11, last=10)
    if way == "hole":
        wire.batch(19, delta("a"))
        clock.advance(10.1)
    elif way == "probe":
        clock.advance(600)
        clock.advance(10.1)
    elif way == "lost":
        wire.push("/t_ms", {"errorCode": "ERROR_QUEUE_NOT_FOUND"})
    elif way == "silent":
        wire.fall_silent()
    else:
        clock.advance(125 if way == "late" else 0)
        wire.cut()


def test_a_socket_that_closes_slowly_is_waited_for(start: Any, sockets: Any, clock: Any, newest: None) -> None:
    """No new one before, however long it takes."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    wire.close = lambda: None
    clock.advance(300)
    wire.push("/t_ms", {"errorCode": "ERROR_QUEUE_NOT_FOUND"})
    for _ in range(20):
        clock.advance(1)
        threading.Event().wait(0.001)
    assert sockets.is_idle()
    wire.cut()
    assert sockets.next() is not wire


def test_after_a_lost_queue_a_pause_follows_each_failure(
    start: Any, sockets: Any, ear: Any, site: Any, clock: Any
) -> None:
    """Also when the connection before had lived for long and no socket was tried since."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    clock.advance(300)

    def fail(_form: dict[str, str]) -> Any:
        raise ServerError("the server is down", 404)

    site.on("/api/graphqlbatch/", fail)
    wire.push("/t_ms", {"errorCode": "ERROR_QUEUE_NOT_FOUND"})
    assert ear.wait_for("backing_off").reason == "the server is down"


class Fragile:
    """Raises once in the method named, and then hears like an `Ear`."""

    def __init__(self, ear: Any, method: str) -> None:
        self._ear = ear
        self._method: str | None = method

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._ear, name)
        self._method = None

        def fail(*_arguments: Any) -> None:
            raise RuntimeError("the sink is broken")

        return fail


@pytest.mark.parametrize("method", ["batch", "gap", "caught_up", "transient", "queue_lost"])
def test_whatever_the_sink_raises_the_old_position_holds(
    start: Any, sockets: Any, ear: Any, clock: Any, newest: None, method: str
) -> None:
    """The socket closes, the next one begins where the sink had stood, and it is all said again."""
    start(Position(OWN, "t", 10), Fragile(ear, method))
    wire = sockets.next()
    wire.accept()
    if method == "queue_lost":
        wire.push("/t_ms", {"errorCode": "ERROR_QUEUE_NOT_FOUND"})
        wire = sockets.next()
        wire.accept()
    with pytest.raises(RuntimeError):
        provoke(wire, method)
    assert wire.is_closed and ear.order == []
    assert "could not be taken (RuntimeError)" in ear.wait_for("backing_off").reason
    clock.advance(5)
    again = sockets.next()
    again.accept()
    assert again.said[0][0] == (CREATE if method == "queue_lost" else DIFFS)
    provoke(again, method)
    told = {"batch": ear.bodies, "gap": ear.gaps, "transient": ear.transients, "queue_lost": ear.gaps}
    assert len(told.get(method, [ear.caught])) == 1 and ear.caught <= 1


def provoke(wire: Any, method: str) -> None:
    """Have the sink's method called."""
    if method == "queue_lost":
        wire.create("2")
    elif method == "batch":
        wire.batch(11, delta("a"))
    elif method == "gap":
        for _ in range(3):
            wire.batch(15, delta("a"))
    elif method == "transient":
        wire.push("/thread_typing", {"sender_fbid": 2, "state": 1})
    else:
        wire.batch(11, last=10)


def test_a_state_that_the_sink_cannot_take_is_only_logged(start: Any, sockets: Any, ear: Any) -> None:
    """Listening goes on."""
    start(Position(OWN, "t", 10), Fragile(ear, "state"))
    resumed(sockets).batch(11, delta("a"))
    assert ear.bodies == ["a"]


def test_two_thousand_reconnects_leave_nothing_behind(start: Any, sockets: Any, ear: Any, clock: Any) -> None:
    """No thread, no timer, no socket."""
    start(Position(OWN, "t", 10))
    wire = resumed(sockets)
    before = threading.active_count(), clock.pending
    wires = weakref.WeakSet([wire])
    for number in range(11, 2011):
        wire.batch(number, delta("a"))
        clock.advance(121)
        wire.cut()
        wire = sockets.next()
        wires.add(wire)
        wire.accept()
        wire.batch(number + 1, last=number)
    assert len(ear.batches) == 2000
    assert (threading.active_count(), clock.pending) == before and clock.pending == 1
    gc.collect()
    assert list(wires) == [wire]
