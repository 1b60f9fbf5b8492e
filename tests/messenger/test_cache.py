"""The cache of look-ups."""

import threading

import pytest

from botkit.messenger._cache import Cache
from botkit.testing import ManualClock

WAIT_S = 5.0


def test_all_that_is_missing_is_asked_for_at_once(clock: ManualClock) -> None:
    """What is kept is not; what is not found is known to be unknown."""
    cache: Cache[str] = Cache(clock)
    cache.put("a", "A")
    asked: list[tuple[str, ...]] = []

    def fetch(keys: tuple[str, ...]) -> dict[str, str]:
        asked.append(keys)
        return {"b": "B"}

    for _ in range(2):
        cache.fill(["a", "b", "c", "b"], fetch, 1)
    assert asked == [("b", "c")]
    assert (cache.get("a"), cache.get("b"), cache.get("c"), "c" in cache) == ("A", "B", None, True)


def test_a_failed_look_up_is_not_remembered(clock: ManualClock) -> None:
    """The next one asks again."""
    cache: Cache[str] = Cache(clock)

    def fail(keys: tuple[str, ...]) -> dict[str, str]:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        cache.fill(["a"], fail, 1)
    cache.fill(["a"], lambda keys: {"a": "A"}, 1)
    assert cache.get("a") == "A"


def test_entries_grow_old_and_make_room(clock: ManualClock) -> None:
    """After their life, and when there are too many."""
    cache: Cache[str] = Cache(clock, most=2, lifetime_s=10)
    for key in "abc":
        cache.put(key, key)
    assert [key in cache for key in "abc"] == [False, True, True]
    clock.advance(10)
    assert "c" not in cache


def test_the_same_key_is_asked_for_once_at_a_time(clock: ManualClock) -> None:
    """A second thread waits for the first one's answer."""
    cache: Cache[str] = Cache(clock)
    asking, release = threading.Event(), threading.Event()
    calls: list[tuple[str, ...]] = []

    def slow(keys: tuple[str, ...]) -> dict[str, str]:
        calls.append(keys)
        asking.set()
        release.wait(WAIT_S)
        return {"a": "A"}

    first = threading.Thread(target=cache.fill, args=(["a"], slow, 5))
    first.start()
    assert asking.wait(WAIT_S)
    second = threading.Thread(target=cache.fill, args=(["a"], slow, 5))
    second.start()
    release.set()
    first.join(WAIT_S)
    second.join(WAIT_S)
    assert calls == [("a",)] and cache.get("a") == "A"
