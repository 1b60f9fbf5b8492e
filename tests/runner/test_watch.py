"""One that takes long is warned of, one that takes too long is given up."""

from __future__ import annotations

import logging
import threading

import pytest

from botkit.runner.watch import Watch

SOON_S = 5


@pytest.fixture
def watch(virtual):
    made = Watch(virtual, soft_s=5.0, hard_s=60.0)
    yield made
    made.stop()


@pytest.fixture
def lost():
    return []


@pytest.fixture
def begin(watch, lost):
    return lambda what: watch.begin(lambda: what, lambda: lost.append(what))


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_a_quick_call_is_not_spoken_of(watch, begin, lost, virtual, caplog):
    """It ended itself, and decides about its outcome."""
    lease = begin("plugin p: p:on_message")
    virtual.advance(4.9)
    assert watch.end(lease)
    virtual.advance(100)
    assert (lost, warnings(caplog)) == ([], [])


def test_a_call_is_warned_of_once_after_the_soft_limit(watch, begin, virtual, caplog):
    """By its name, with what will come."""
    lease = begin("plugin p: p:on_message")
    virtual.advance(4.9)
    assert warnings(caplog) == []
    virtual.advance(50)
    assert warnings(caplog) == ["plugin p: p:on_message has been at work for 5 s; it is given up after 60 s"]
    assert watch.end(lease)


def test_each_is_warned_of_in_its_own_time(watch, begin, virtual, caplog):
    """Also one that begins after another was warned of."""
    leases = [begin("first")]
    virtual.advance(10)
    leases.append(begin("second"))
    virtual.advance(4.9)
    assert len(warnings(caplog)) == 1
    virtual.advance(0.1)
    assert [line.split()[0] for line in warnings(caplog)] == ["first", "second"]
    for lease in leases:
        watch.end(lease)


def test_a_call_is_given_up_after_the_hard_limit(watch, begin, lost, virtual):
    """Should it come back later, it is told that it is not wanted."""
    lease = begin("first")
    virtual.advance(30)
    other = begin("second")
    virtual.advance(29.9)
    assert lost == []
    virtual.advance(0.1)
    assert lost == ["first"]
    assert not watch.end(lease)
    assert watch.end(other)
    virtual.advance(100)
    assert lost == ["first"]


def test_who_ends_a_lease_first_decides(begin, virtual):
    """However many try at the same moment."""
    lease = begin("p")
    start, won = threading.Barrier(8), []

    def try_it():
        start.wait(SOON_S)
        if lease.end():
            won.append(threading.current_thread())

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_one_that_cannot_be_given_up_does_not_end_the_watch(watch, begin, lost, virtual, caplog):
    """The store may be locked at that moment; it is logged, and the others are still looked after."""

    def fails():
        raise ValueError

    watch.begin(lambda: "bad", fails)
    begin("good")
    virtual.advance(60)
    assert lost == ["good"]
    assert "bad is given up, and that could not be told" in caplog.text
    begin("later")
    virtual.advance(60)
    assert lost == ["good", "later"]


def test_after_the_stop_nothing_is_given_up(watch, begin, lost, virtual):
    """Its thread ends."""
    # The thread of another test may be just about to end.
    others = set(threading.enumerate())
    begin("p")
    virtual.settle()
    (thread,) = [one for one in threading.enumerate() if one.name == "botkit-watch" and one not in others]
    watch.stop()
    thread.join(SOON_S)
    assert not thread.is_alive()
    begin("q")
    virtual.advance(100)
    assert lost == []
