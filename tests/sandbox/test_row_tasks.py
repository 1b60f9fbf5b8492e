"""Tasks that fetch rows: threads, one thread, older messages (dossier 3, sections 3.1 to 3.3 and 6.4)."""

from __future__ import annotations

import json
from typing import Any

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
T = int(FRIENDS)


def page(ts: int = 9999999999999, key: int = 0, group: int = 1) -> tuple[str, dict[str, object]]:
    payload = {
        "is_after": 0,
        "parent_thread_key": -1,
        "reference_thread_key": key,
        "reference_activity_timestamp": ts,
        "additional_pages_to_fetch": 0,
        "cursor": None,
        "messaging_tag": None,
        "sync_group": group,
    }
    return "145", payload


def rows(calls: list[list[Any]], name: str) -> list[list[Any]]:
    return [call[1:] for call in calls if call[0] == name]


def test_threads(bot: Any, ann: Any) -> None:
    """Rows of threads, their members and the people; the range says where the next page begins."""
    ann.send("ping", other_user_fbid=BOT)
    bot.post(
        "/messaging/save_thread_nickname/", {"participant_id": BEN, "thread_or_other_fbid": FRIENDS, "nickname": "B"}
    )
    calls = bot.socket().ask(page())
    group, direct = rows(calls, "deleteThenInsertThread")
    assert (group[3], group[7], group[9], group[10], group[77]) == ("Friends", T, 2, "inbox", 4)
    assert (direct[2], direct[3], direct[7], direct[9], direct[89]) == ("ping", "Ann", int(ANN), 1, 1)
    members = {row[1]: (row[5], row[6]) for row in rows(calls, "addParticipantIdToGroupThread") if row[0] == T}
    assert (members[int(BEN)], members[int(BOT)]) == (("B", False), (None, True))
    people = {row[0]: (row[3], row[18], row[19]) for row in rows(calls, "verifyContactRowExists")}
    assert people[int(ANN)] == ("Ann", 1, 3)
    (span,) = rows(calls, "upsertSyncGroupThreadsRange")
    assert span == [1, -1, direct[0], False, False, int(ANN)]
    assert rows(bot.socket().ask(page(span[2], span[5])), "deleteThenInsertThread") == []


def test_pages_of_threads(bot: Any, core: Any) -> None:
    """Twenty at a time, each once."""
    for _ in range(25):
        form = {
            "specific_to_list[0]": f"fbid:{ANN}",
            "specific_to_list[1]": f"fbid:{BOT}",
            "client_thread_id": "root:1",
        }
        bot.send("new", **form)
    first = bot.socket().ask(page())
    (span,) = rows(first, "upsertSyncGroupThreadsRange")
    assert (len(rows(first, "deleteThenInsertThread")), span[3]) == (20, True)
    second = bot.socket().ask(page(span[2], span[5]))
    keys = [row[7] for calls in (first, second) for row in rows(calls, "deleteThenInsertThread")]
    assert len(keys) == len(set(keys)) == 26


def test_requests(bot: Any, chloe: Any) -> None:
    """Sync group 95 is the message requests."""
    chloe.send("do you know me?", other_user_fbid=BOT)
    (row,) = rows(bot.socket().ask(page(group=95)), "deleteThenInsertThread")
    assert (row[7], row[10], row[66]) == (int(CHLOE), "pending", 95)


def test_one_thread(bot: Any) -> None:
    """Task 209 sends the rows of one thread."""
    (row,) = rows(bot.socket().ask(("209", {"thread_fbid": T, "force_upsert": 0})), "deleteThenInsertThread")
    assert row[7] == T
    assert bot.socket().ask(("209", {"thread_fbid": 55}))[0][2] == 1357031


def older(bot: Any, socket: Any, before_ms: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """The answer of task 228, and the push that follows it."""
    payload = {"thread_key": T, "direction": 0, "reference_timestamp_ms": before_ms, "reference_message_id": "m"}
    task = {"label": "228", "payload": json.dumps(payload), "queue_name": f"mrq.{T}", "task_id": 0}
    socket.publish("/ls_req", {"request_id": 7, "type": 3, "payload": json.dumps({"tasks": [task]})})
    answer, push = socket.messages("/ls_resp")
    assert (answer["request_id"], push["request_id"]) == (7, None)
    return socket.procedures(answer), socket.procedures(push)


def test_older_messages(bot: Any, ann: Any) -> None:
    """Older messages come as a push of their own, with what happened to them."""
    mids = [ann.sent(f"message {n}", thread_fbid=FRIENDS) for n in range(22)]
    bot.socket().ask(("29", {"thread_key": T, "message_id": mids[20], "reaction": "👍"}))
    newest = int(bot.thread(FRIENDS)["updated_time_precise"])
    answer, push = older(bot, bot.socket(), newest)
    assert answer[-1] == ["removeTask", 0]
    (span,) = rows(push, "insertNewMessageRange")
    messages = rows(push, "upsertMessage")
    assert [message[8] for message in messages] == mids[1:21]
    assert (span[0], span[3], span[4], span[7], span[8]) == (T, mids[1], mids[20], True, True)
    assert (messages[0][0], messages[0][3], messages[0][10]) == ("message 1", T, int(ANN))
    assert rows(push, "upsertReaction")[0][2:5] == [mids[20], int(BOT), "👍"]
    _, push = older(bot, bot.socket(), span[1])
    assert [message[8] for message in rows(push, "upsertMessage")][-1] == mids[0]
    assert rows(push, "insertNewMessageRange")[0][7] is False


def test_no_older_messages(bot: Any) -> None:
    """At the beginning the range says that there is nothing more."""
    _, push = older(bot, bot.socket(), 5)
    assert push == [["updateExistingMessageRange", T, 5, True, False]]
