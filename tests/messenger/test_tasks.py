"""Lightspeed: tasks, envelopes and the programs that answer."""

import json
from typing import Any

import pytest

from botkit.messenger import _message_tasks, _tasks
from botkit.messenger._content import Content
from botkit.messenger.errors import BadAnswer, Refused

MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"


def answer(*steps: Any) -> dict[str, Any]:
    return {"request_id": 7, "payload": json.dumps({"name": None, "step": [1, *steps]}), "sp": [], "target": 3}


def test_a_batch_envelope_is_json_in_json_in_json() -> None:
    """The shape of dossier 1, section 13.1, with the send task of 13.4."""
    task = _message_tasks.send_task("7000000000000001", 7412281402983798101, Content("Hello"), ())
    outer = json.loads(
        _tasks.batch_envelope(task, app_id="2220391788200892", version="27", request_id=7, epoch_id=42, task_id=3)
    )
    assert (outer["app_id"], outer["request_id"], outer["type"]) == ("2220391788200892", 7, 3)
    inner = json.loads(outer["payload"])
    assert (inner["epoch_id"], inner["version_id"], inner["data_trace_id"]) == (42, "27", None)
    (sent,) = inner["tasks"]
    payload = json.loads(sent.pop("payload"))
    assert sent == {"failure_count": None, "label": "46", "queue_name": "7000000000000001", "task_id": 3}
    assert payload == {
        "thread_id": 7000000000000001,
        "otid": "7412281402983798101",
        "source": 65537,
        "send_type": 1,
        "sync_group": 1,
        "text": "Hello",
        "initiating_source": 1,
        "skip_url_preview_gen": 0,
        "text_has_links": 0,
        "multitab_env": 0,
    }


def test_a_stateless_envelope_has_no_task_list() -> None:
    """Typing: type 4 with label and version as texts."""
    task = _message_tasks.typing_task("7000000000000001", is_group=True, is_typing=True)
    outer = json.loads(_tasks.stateless_envelope(task, app_id="a", version="27", request_id=1))
    inner = json.loads(outer["payload"])
    assert outer["type"] == 4 and (inner["label"], inner["version"]) == ("3", "27")
    assert json.loads(inner["payload"]) == {
        "thread_key": 7000000000000001,
        "is_group_thread": 1,
        "is_typing": 1,
        "attribution": 0,
        "sync_group": 1,
        "thread_type": 2,
    }


def test_marking_and_making() -> None:
    """Labels 21, 49 and 130 (dossier 1, section 13.3; dossier 3, section 4.10)."""
    assert _message_tasks.read_task("70", 5) == _tasks.Task(
        21, "70", {"thread_id": 70, "last_read_watermark_ts": 5, "sync_group": 1}
    )
    assert _message_tasks.unread_task("70", 5) == _tasks.Task(
        49, "70", {"thread_key": 70, "last_read_watermark_timestamp_ms": 5, "sync_group": 1}
    )
    send = {"thread_id": 900, "otid": "901", "source": 0, "send_type": 8}
    made = _message_tasks.create_group_task(["2", "3"], 900, 901)
    assert made == _tasks.Task(130, "900", {"participants": [2, 3], "send_payload": send})


def test_calls_are_collected_in_order() -> None:
    """The success example of dossier 1, section 13.5."""
    calls = _tasks.calls_in(
        answer(
            [5, "taskExists", [19, "0"]],
            [5, "replaceOptimsiticMessage", "7412281402983798101", MID],
            [5, "removeTask", [19, "0"]],
        )
    )
    assert [call.name for call in calls] == ["taskExists", "replaceOptimsiticMessage", "removeTask"]
    found = _tasks.argument_of(calls, "replaceOptimsiticMessage", 1, where=7412281402983798101)
    assert found == MID
    assert _tasks.argument_of(calls, "replaceOptimsiticMessage", 1, where=1) is None


def test_slots_and_conditions_are_followed() -> None:
    """Store, load, if, not, is-null, bytes."""
    calls = _tasks.calls_in(
        answer(
            [3, 1, [19, "5"]],
            [4, 2, "two", 3, [9]],
            [23, [27, [2, 3]], [5, "yes", [2, 1], [2, 2], [16, "YWI="]], [5, "no"]],
            [23, [26, True], [5, "no"], [1, [5, "else"]]],
        )
    )
    assert [(call.name, call.arguments) for call in calls] == [("yes", (5, "two", b"ab")), ("else", ())]


@pytest.mark.parametrize("broken", [{}, {"payload": "{"}, {"payload": "{}"}, {"payload": None}])
def test_an_answer_without_a_program_is_bad(broken: dict[str, Any]) -> None:
    """It says so in one class."""
    with pytest.raises(BadAnswer):
        _tasks.calls_in(broken)


@pytest.mark.parametrize(
    ("call", "reason", "code"),
    [
        ([5, "issueNewError", [19, "5"], [19, "1545012"], "Not allowed", "You are not in."], "not-in-thread", 1545012),
        ([5, "markOptimisticMessageFailed", "74", "Couldn't send"], "other", 0),
        ([5, "handleFailedTask", [19, "5"], "74", "no"], "other", 0),
        ([5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "4"], False], "other", 0),
    ],
)
def test_refusals_are_recognised(call: list[Any], reason: str, code: int) -> None:
    """The four ways of dossier 3, section 2.8."""
    error = _tasks.refusal_in(_tasks.calls_in(answer(call)), "task")
    assert isinstance(error, Refused) and (error.reason, error.code) == (reason, code)


def test_the_call_that_says_most_counts() -> None:
    """Wherever it stands; a task that was only not completed may be unknown to the server."""
    undone = [5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "4"], False]
    failed, issued = [5, "handleFailedTask", [19, "4"], "", "no"], [5, "issueNewError", [19, "4"], [19, "1976004"]]
    found = [
        _tasks.refusal_in(_tasks.calls_in(answer(*calls)), "task")
        for calls in ([undone, failed, issued], [undone, failed], [undone])
    ]
    assert [isinstance(error, _tasks.TaskNotDone) for error in found] == [False, False, True]
    assert [error.reason for error in found if isinstance(error, Refused)] == ["not-an-admin", "other", "other"]


def test_success_is_no_refusal() -> None:
    """A task that was completed."""
    calls = _tasks.calls_in(answer([5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "4"], True]))
    assert _tasks.refusal_in(calls, "task") is None
