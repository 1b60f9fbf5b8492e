"""The table of who is there."""

import threading
from typing import Any

from botkit.messenger._presence import PresenceTable

WAIT_S = 5.0


def full(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"list_type": "full", "list": list(entries)}


def change(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"list_type": "inc", "list": list(entries)}


def known(table: PresenceTable) -> dict[str, tuple[str, int | None]]:
    return {one.user_id: (one.statuses["status"], one.timestamp_ms) for one in table.known()}


def test_a_full_list_replaces_everything(clock: Any) -> None:
    """Who is not in it is not known any more."""
    table = PresenceTable(clock)
    table.take(full({"u": 2, "p": 2}, {"u": 3, "p": 0}), 5)
    table.take(full({"u": 3, "p": 2}), 6)
    assert known(table) == {"3": ("active", 6)}


def test_a_change_updates(clock: Any) -> None:
    """The others stay."""
    table = PresenceTable(clock)
    table.take(full({"u": 2, "p": 2, "l": 7}, {"u": 3, "p": 0}), 5)
    table.take(change({"u": 3, "p": 1}, {"u": 4, "p": 2}), 6)
    assert known(table) == {"2": ("active", 7000), "3": ("idle", 6), "4": ("active", 6)}


def test_who_goes_away_keeps_the_last_time_known(clock: Any) -> None:
    """The wire often tells none."""
    table = PresenceTable(clock)
    table.take(full({"u": 2, "p": 2}), 5)
    table.take(change({"u": 2, "p": 0}), 9)
    assert known(table) == {"2": ("offline", 5)}


def test_an_entry_that_cannot_be_read_is_left_out(clock: Any) -> None:
    """Its neighbours are taken."""
    table = PresenceTable(clock)
    table.take(full({"u": 2, "p": "x"}, 5, {"u": 3, "p": 2}), 5)  # type: ignore[arg-type]
    assert known(table) == {"3": ("active", 5)}


def test_waiting_ends_with_the_full_list_of_the_connection(clock: Any) -> None:
    """A change alone is not enough, nor the list of the connection before."""
    table = PresenceTable(clock)
    table.take(full(), 5)
    table.begin()
    table.take(change({"u": 2, "p": 2}), 5)
    assert not table.is_told
    waited: list[bool] = []
    thread = threading.Thread(target=lambda: waited.append(table.wait(60)))
    thread.start()
    table.take(full({"u": 2, "p": 2}), 6)
    thread.join(WAIT_S)
    assert waited == [True] and table.is_told
