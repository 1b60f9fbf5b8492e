"""The own messages whose coming back is news."""

from __future__ import annotations

from botkit.outgoing import Outgoing
from botkit.runner import outbox
from botkit.runner.awaited import Awaited

GROUP = "7000000000000001"


def test_a_row_is_awaited_from_its_commit_on(database, awaited):
    """Until it has been ticked off; ids of others are nothing."""
    (row,) = database.write(lambda c: outbox.add(c, "p", [Outgoing(GROUP, "hi", number=1)], 5, None, int, awaited))
    otid = str(row.offline_threading_id)
    assert otid in awaited
    assert "42" not in awaited
    awaited.discard(otid)
    awaited.discard(otid)
    assert otid not in awaited


def test_after_a_restart_everything_open_is_awaited(database, awaited):
    """Rows of the outbox and effects that were begun, and nothing that has ended."""
    rows = [Outgoing(GROUP, "open", number=1), Outgoing(GROUP, "sent", number=2)]
    first, second = database.write(lambda c: outbox.add(c, "p", rows, 5, None, int, awaited))
    database.write(lambda c: c.execute("UPDATE outbox SET state = 'sent' WHERE id = 2"))
    for otid, ended_ms in (("40", None), ("41", 6)):
        database.write(
            lambda c, otid=otid, ended_ms=ended_ms: c.execute(
                "INSERT INTO effects (call, number, digest, function, kind, offline_threading_id, begun_ms, ended_ms,"
                " result) VALUES ('1:p', 0, ?, 'send_message', 'message', ?, 5, ?, 'null')",
                (otid, otid, ended_ms),
            )
        )
    again = Awaited(database)
    ids = (str(first.offline_threading_id), str(second.offline_threading_id), "40", "41")
    assert [otid in again for otid in ids] == [True, False, True, False]
