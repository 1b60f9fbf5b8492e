"""Lightspeed: tasks and the envelopes around them, and the small programs that answer them. Pure.

Facts: dossier 1, sections 13 and 14; dossier 3, sections 2.7, 2.8 and 4.10.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger._answers import refusal
from botkit.messenger.errors import BadAnswer, MessengerError

_INBOX = 65537


@dataclass(frozen=True)
class Task:
    """One thing asked of the server; tasks of one queue are done in order."""

    label: int
    queue: str
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Call:
    """A procedure that an answer calls, with its arguments evaluated."""

    name: str
    arguments: tuple[Any, ...] = field(repr=False)


def send_task(thread_id: str, otid: int, text: str) -> Task:
    """Send a text (label 46)."""
    payload = {
        "thread_id": int(thread_id),
        "otid": str(otid),
        "source": _INBOX,
        "send_type": 1,
        "sync_group": 1,
        "text": text,
        "initiating_source": 1,
        "skip_url_preview_gen": 0,
        "text_has_links": 0,
        "multitab_env": 0,
    }
    return Task(46, thread_id, payload)


def create_group_task(user_ids: Sequence[str], temporary_id: int, otid: int) -> Task:
    """Make a group with these people and the account itself (label 130)."""
    send = {"thread_id": temporary_id, "otid": str(otid), "source": 0, "send_type": 8}
    return Task(130, str(temporary_id), {"participants": [int(user) for user in user_ids], "send_payload": send})


def read_task(thread_id: str, time_ms: int) -> Task:
    """Mark a chat as read up to a time (label 21)."""
    payload = {"thread_id": int(thread_id), "last_read_watermark_ts": time_ms, "sync_group": 1}
    return Task(21, thread_id, payload)


def unread_task(thread_id: str, time_ms: int) -> Task:
    """Mark a chat as unread (label 49)."""
    payload = {"thread_key": int(thread_id), "last_read_watermark_timestamp_ms": time_ms, "sync_group": 1}
    return Task(49, thread_id, payload)


def typing_task(thread_id: str, *, is_group: bool, is_typing: bool) -> Task:
    """Show or hide that the account is typing (label 3, without an answer or a queue)."""
    payload = {
        "thread_key": int(thread_id),
        "is_group_thread": int(is_group),
        "is_typing": int(is_typing),
        "attribution": 0,
        "sync_group": 1,
        "thread_type": 2 if is_group else 1,
    }
    return Task(3, "", payload)


def batch_envelope(task: Task, *, app_id: str, version: str, request_id: int, epoch_id: int, task_id: int) -> str:
    """The text to publish for a task that is answered."""
    inner = {
        "epoch_id": epoch_id,
        "tasks": [
            {
                "failure_count": None,
                "label": str(task.label),
                "payload": _json(task.payload),
                "queue_name": task.queue,
                "task_id": task_id,
            }
        ],
        "version_id": version,
        "data_trace_id": None,
    }
    return _json({"app_id": app_id, "payload": _json(inner), "request_id": request_id, "type": 3})


def stateless_envelope(task: Task, *, app_id: str, version: str, request_id: int) -> str:
    """The text to publish for a task without an answer."""
    inner = {"label": str(task.label), "payload": _json(task.payload), "version": version}
    return _json({"app_id": app_id, "payload": _json(inner), "request_id": request_id, "type": 4})


def calls_in(answer: Mapping[str, Any]) -> tuple[Call, ...]:
    """The procedure calls of an answer, in order. Raises BadAnswer when it holds no program."""
    try:
        program = json.loads(answer["payload"])["step"]
        return tuple(_Walker().run(program))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadAnswer(f"the answer to a task cannot be read ({type(error).__name__})") from error


def refusal_in(calls: Sequence[Call], what: str) -> MessengerError | None:
    """The server's no, if one of the calls says it; `what` names the task in the message."""
    for call in calls:
        words = [str(argument) for argument in call.arguments]
        if call.name == "issueNewError":
            _task, code, title, text = (*words, "", "", "", "")[:4]
            return refusal(int(code) if code.isdigit() else 0, title, text, what)
        if call.name in ("handleFailedTask", "markOptimisticMessageFailed"):
            return refusal(0, words[-1] if words else "", "", what)
        if call.name == "mailboxTaskCompletionApiOnTaskCompletion" and call.arguments[1:] == (False,):
            return refusal(0, "the task was not completed", "", what)
    return None


def argument_of(calls: Sequence[Call], name: str, position: int, *, where: Any, at: int = 0) -> str | None:
    """The argument at `position` of the call `name` whose argument `at` is `where`, as text; None without one."""
    for call in calls:
        if call.name == name and len(call.arguments) > max(position, at) and str(call.arguments[at]) == str(where):
            return str(call.arguments[position])
    return None


class _Walker:
    """Runs the few kinds of steps that lead to calls; other kinds have no value (None)."""

    def __init__(self) -> None:
        self._slots: dict[int, Any] = {}

    def run(self, step: Any) -> Iterator[Call]:
        match step:
            case [1, *steps]:
                for inner in steps:
                    yield from self.run(inner)
            case [3, int(slot), value]:
                self._slots[slot] = self._value(value)
            case [4, *pairs]:
                for slot, value in zip(pairs[::2], pairs[1::2], strict=True):
                    self._slots[int(slot)] = self._value(value)
            case [5, str(name), *arguments]:
                yield Call(name, tuple(self._value(argument) for argument in arguments))
            case [23, condition, then, *otherwise]:
                for branch in (then,) if self._value(condition) else otherwise:
                    yield from self.run(branch)

    def _value(self, expression: Any) -> Any:
        match expression:
            case [2, int(slot)]:
                return self._slots.get(slot)
            case [16, str(text)]:
                return base64.b64decode(text)
            case [19, number]:
                return int(number)
            case [26, inner]:
                return not self._value(inner)
            case [27, inner]:
                return self._value(inner) is None
            case list():
                return None
        return expression


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
