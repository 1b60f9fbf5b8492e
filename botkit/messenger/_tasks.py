"""Lightspeed: tasks and the envelopes around them, and the small programs that answer them. Pure.

Facts: dossier 1, section 13; dossier 3, sections 2.7 and 2.8.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger._answers import refusal
from botkit.messenger._wire import STRANGE, code_of, json_in
from botkit.messenger.errors import BadAnswer, MessengerError, Refused

_COMPLETION = "mailboxTaskCompletionApiOnTaskCompletion"


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


class TaskNotDone(Refused):
    """The server has neither done a task nor said why; it may not know this kind."""


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
        program = json_in(answer["payload"])["step"]
        return tuple(_Walker().run(program))
    except STRANGE as error:
        raise BadAnswer(f"the answer to a task cannot be read ({type(error).__name__})") from error


def refusal_in(calls: Sequence[Call], what: str) -> MessengerError | None:
    """The server's no, if one of the calls says it; `what` names the task in the message.

    The call that says most counts, wherever it stands (dossier 3, section 2.8).
    """
    by_name = {call.name: call.arguments for call in reversed(calls)}
    if (error := by_name.get("issueNewError")) is not None:
        _task, code, title, text = (*map(str, error), "", "", "", "")[:4]
        return refusal(code_of(code), title, text, what)
    for name in ("handleFailedTask", "markOptimisticMessageFailed"):
        if name in by_name:
            return refusal(0, str(by_name[name][-1]) if by_name[name] else "", "", what)
    if any(call.name == _COMPLETION and call.arguments[1:] == (False,) for call in calls):
        return TaskNotDone(f"{what}: the task was not completed", reason="other", code=0)
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
