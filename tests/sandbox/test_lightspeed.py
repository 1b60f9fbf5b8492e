"""Tasks on `/ls_req` by raw JSON (dossier 1, section 13; dossier 3, sections 3.4, 4.10, 6.4, 6.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"


def task(label: str, payload: dict[str, object], task_id: int = 0) -> dict[str, object]:
    return {
        "failure_count": None,
        "label": label,
        "payload": json.dumps(payload),
        "queue_name": "q",
        "task_id": task_id,
    }


def request(*tasks: dict[str, object], request_id: int = 7) -> dict[str, object]:
    payload = {"epoch_id": 7412281402983796778, "tasks": tasks, "version_id": "27000000000000001"}
    return {"app_id": "2220391788200892", "request_id": request_id, "type": 3, "payload": json.dumps(payload)}


def text(thread: object, body: str, otid: str, **more: object) -> dict[str, object]:
    return {"thread_id": thread, "otid": otid, "source": 65537, "send_type": 1, "sync_group": 1, "text": body, **more}


def calls(answer: dict[str, Any]) -> dict[str, list[Any]]:
    """The procedures of an answer, with their arguments; each has to be listed in `sp`."""
    program = json.loads(answer["payload"])
    assert program["step"][0] == 1
    assert {step[1] for step in program["step"][1:]} == set(answer["sp"])
    return {step[1]: step[2:] for step in program["step"][1:]}


def ask(socket: Any, *tasks: dict[str, object]) -> dict[str, list[Any]]:
    socket.publish("/ls_req", request(*tasks))
    (answer,) = socket.messages("/ls_resp")
    assert (answer["request_id"], answer["target"]) == (7, 3)
    return calls(answer)


def test_send(bot: Any, ann: Any) -> None:
    """The answer replaces the otid by the message id; the message comes as a delta too."""
    socket, hers = bot.socket("/ls_resp"), ann.listen()
    found = ask(socket, task("46", text(int(FRIENDS), "hello", "7412281402983798101")))
    (batch,) = hers.messages("/t_ms")
    metadata = batch["deltas"][0]["messageMetadata"]
    assert found["replaceOptimsiticMessage"] == ["7412281402983798101", metadata["messageId"]]
    assert found["removeTask"] == [[19, "0"]]
    assert metadata["offlineThreadingId"] == "7412281402983798101"


def test_send_and_read_in_one_batch(bot: Any) -> None:
    """Several tasks are answered once, also without subscribing to `/ls_resp`, with ids as texts."""
    socket = bot.socket()
    read = {"thread_id": FRIENDS, "last_read_watermark_ts": 1, "sync_group": 1}
    found = ask(socket, task("46", text(FRIENDS, "a", "7412281402983798101")), task("21", read, 1))
    assert {"replaceOptimsiticMessage", "markThreadReadV2"} <= found.keys()


def test_repeat_by_the_other_carrier(bot: Any) -> None:
    """The socket and the form share the offline threading ids."""
    sent = bot.send("once", "7412281402983798101", thread_fbid=FRIENDS)["payload"]["actions"][0]
    found = ask(bot.socket(), task("46", text(FRIENDS, "once", "7412281402983798101")))
    assert found["replaceOptimsiticMessage"][1] == sent["message_id"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (text("7000000000000099", "x", "1"), "1545012"),
        (text(FRIENDS, "x", "abc"), "1357031"),
        (text(FRIENDS, "", "1"), "1357031"),
        (text(FRIENDS, "x", "1", send_type=2, sticker_id=1), "1357031"),
        (text(FRIENDS, "x", "1", send_type=3, attachment_fbids=[9000000000000099]), "1357031"),
        (text(FRIENDS, "x", "1", attachment_fbids=[9000000000000099]), "1357031"),
        (text(FRIENDS, "x", "1", send_type=7, url="https://example.test/a.gif"), "1545026"),
        (text(FRIENDS, "x", "1", reply_metadata={"reply_source_id": "mid.$x"}), "1357031"),
    ],
)
def test_refused_send(bot: Any, payload: dict[str, object], code: str) -> None:
    """A refusal carries the code, and the words that one client looks for."""
    found = ask(bot.socket(), task("46", payload, 4))
    assert found["issueNewError"][:2] == [[19, "4"], [19, code]]
    assert found["markOptimisticMessageFailed"][1].startswith("Couldn't send")
    assert found["mailboxTaskCompletionApiOnTaskCompletion"] == [[19, "4"], False]


def test_send_into_an_encrypted_chat(ann: Any) -> None:
    """An encrypted chat is refused with its own code."""
    found = ask(ann.socket(), task("46", text(int(CHLOE), "x", "1")))
    assert found["issueNewError"][1] == [19, "1545116"]


def test_read_and_unread(bot: Any, ann: Any) -> None:
    """Tasks 21 and 49 move the watermark."""
    ann.send("hello", thread_fbid=FRIENDS)
    socket = bot.listen()
    found = ask(socket, task("21", {"thread_id": int(FRIENDS), "last_read_watermark_ts": 9999999999999}))
    assert found["markThreadReadV2"][0] == [19, FRIENDS]
    socket.publish("/ls_req", request(task("49", {"thread_key": FRIENDS})))
    (batch,) = socket.messages("/t_ms")
    assert batch["deltas"][0]["class"] == "MarkUnread"


def test_typing(bot: Any, ann: Any) -> None:
    """The stateless task 3 has no answer and the effect of the form; a wrong one has none at all."""
    hers, socket = ann.socket("/thread_typing"), bot.socket("/ls_resp")
    for thread in (int(FRIENDS), 42):
        payload = {"thread_key": thread, "is_group_thread": 1, "is_typing": 1, "attribution": 0}
        inner = {"label": "3", "payload": json.dumps(payload), "version": "27000000000000001"}
        socket.publish("/ls_req", {"app_id": "1", "request_id": 1, "type": 4, "payload": json.dumps(inner)})
    assert socket.messages() == []
    assert [(note["thread"], note["state"]) for note in hers.messages("/thread_typing")] == [(FRIENDS, 1)]


def group_task(participants: list[object], otid: str = "7488929792004194346") -> dict[str, object]:
    first = {"thread_id": 7488929792000000042, "otid": otid, "source": 0, "send_type": 8}
    return task("130", {"participants": participants, "send_payload": first})


def test_new_group(bot: Any, ann: Any) -> None:
    """The answer puts the real group in the place of the temporary one; a repeat makes no second."""
    socket, hers = bot.socket(), ann.listen()
    found = ask(socket, group_task([int(ANN), int(BEN)]))
    assert found["replaceOptimisticThread"] == [[19, "7488929792000000042"], [19, "7000000000000003"]]
    assert found["applyNewGroupThread"][:2] == ["7488929792004194346", [19, "7000000000000003"]]
    assert ask(socket, group_task([int(ANN), int(BEN)])) == found
    (batch,) = hers.messages("/t_ms")
    assert batch["deltas"][0]["class"] == "ParticipantsAddedToGroupThread"


def test_new_group_of_two(bot: Any) -> None:
    """With fewer than two others there is no group by this way."""
    found = ask(bot.socket(), group_task([int(ANN)]))
    assert found["issueNewError"][1] == [19, "1357031"]
    assert "replaceOptimisticThread" not in found


def test_contact(bot: Any) -> None:
    """Task 207 gives one contact's row (argument places: dossier 3, section 6.4)."""
    row = ask(bot.socket(), task("207", {"contact_id": int(ANN)}))["deleteThenInsertContact"]
    assert (row[0], row[9], row[18], row[39], row[40], row[43]) == (
        [19, ANN],
        "Ann",
        "Ann",
        [19, "3"],
        [19, "1"],
        "ann",
    )
    assert row[1] == [9]
    assert "issueNewError" in ask(bot.socket(), task("207", {"contact_id": 42}))


def test_search(bot: Any) -> None:
    """Task 30 finds people, friends as type 1 and others as type 2, and groups by a part of their name."""
    socket = bot.socket()
    socket.publish("/ls_req", request(task("30", {"query": "N"})))
    (answer,) = socket.messages("/ls_resp")
    steps = json.loads(answer["payload"])["step"][1:]
    rows = [step[2:] for step in steps if step[1] == "insertSearchResult"]
    assert [(row[1], row[3][1], row[5]) for row in rows] == [
        (ANN, "1", "Ann"),
        (BEN, "1", "Ben"),
        ("100000000000005", "2", "Dan"),
        (FRIENDS, "3", "Friends"),
        (STANDUP, "3", "Stand-up"),
    ]
    assert [row[2] for row in rows] == [[19, str(n)] for n in range(5)]
    assert [row[23] for row in rows[:3]] == [[19, person] for person in (ANN, BEN, "100000000000005")]
    (status,) = [step[2:] for step in steps if step[1] == "updateSearchQueryStatus"]
    assert status[-1] == [19, "5"]


def test_search_by_type(bot: Any) -> None:
    """Only the types that were asked for are found, and a blank query finds nothing."""
    socket = bot.socket()
    for query, types, expected in (("n", [3], {FRIENDS, STANDUP}), ("n", [1], {ANN, BEN}), ("  ", [1, 2, 3], set())):
        socket.publish("/ls_req", request(task("30", {"query": query, "supported_types": types})))
        (answer,) = socket.messages("/ls_resp")
        steps = json.loads(answer["payload"])["step"][1:]
        assert {step[3] for step in steps if step[1] == "insertSearchResult"} == expected


def test_unknown_label(bot: Any) -> None:
    """A task that is not there yet fails by name."""
    found = ask(bot.socket(), task("9999", {"otid": "5"}, 3))
    assert found["handleFailedTask"][:2] == [[19, "3"], "5"]


@pytest.mark.parametrize("label", ["31", "123", "153"])
def test_companion_tasks(bot: Any, label: str) -> None:
    """Second halves of other requests are done without doing anything."""
    found = ask(bot.socket(), task(label, {}))
    assert found == {"mailboxTaskCompletionApiOnTaskCompletion": [[19, "0"], True]}


@pytest.mark.parametrize("kind", [1, 2])
def test_database_sync(bot: Any, kind: int) -> None:
    """A sync request has an empty program for an answer."""
    socket = bot.socket()
    socket.publish("/ls_req", {"app_id": "1", "request_id": 9, "type": kind, "payload": '{"database":1}'})
    (answer,) = socket.messages("/ls_resp")
    assert (answer["request_id"], calls(answer)) == (9, {})


def test_unknown_type(bot: Any) -> None:
    """Another type of request has no answer."""
    socket = bot.socket()
    socket.publish("/ls_req", {"request_id": 9, "type": 5, "payload": "{}"})
    assert socket.messages() == []


@pytest.mark.parametrize("payload", ['{"otid":"1","text":"\\ud800"}', '{"otid":', "5"])
@pytest.mark.parametrize("label", ["46", "29", "32", "130", "163", "145", "228"])
def test_payloads_that_nothing_can_be_made_of(bot: Any, label: str, payload: str) -> None:
    """Half characters and what is no object are refused, and the socket lives on."""
    socket = bot.socket()
    broken = {"label": label, "payload": payload, "queue_name": "q", "task_id": 0}
    socket.publish("/ls_req", request(broken))
    (answer,) = socket.messages("/ls_resp")
    assert "removeTask" not in answer["sp"] or label == "145"
    assert ask(socket, task("32", {"thread_key": int(FRIENDS), "thread_name": "x"}))["removeTask"]
