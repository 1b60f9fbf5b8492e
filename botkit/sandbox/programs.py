"""The programs that answer Lightspeed tasks, and how the fields of a task are read (dossier 3, 2.7, 2.8). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.wire import compact, read_json

Json = dict[str, Any]
Step = list[Any]
# From a task's payload to the steps of its answer; a `Refusal` becomes an `issueNewError`.
Task = Callable[[Json], list[Step]]

_BLOCK, _CALL, _UNDEFINED, _INTEGER = 1, 5, 9, 19


def program(request_id: Any, steps: list[Step]) -> Json:
    """What goes on `/ls_resp`: a block of steps, and the names of the procedures in it. A push has no `request_id`."""
    return {
        "request_id": request_id,
        "payload": compact({"name": None, "step": [_BLOCK, *steps]}),
        "sp": list(dict.fromkeys(name for step in steps for name in _procedures(step))),
        "target": 3,
    }


def call(procedure: str, *arguments: Any) -> Step:
    """A procedure call; numbers among the arguments become 64-bit integers, None becomes "undefined"."""
    return [_CALL, procedure, *map(_argument, arguments)]


def row(procedure: str, values: dict[int, Any]) -> Step:
    """A call with arguments at these positions and "undefined" in the gaps."""
    return call(procedure, *(values.get(position) for position in range(max(values) + 1)))


def block(*steps: Step) -> Step:
    """Steps as one step."""
    return [_BLOCK, *steps]


def whole(value: Any) -> int | None:
    """A number that came as a number or as its text; None when it is neither."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else None


def word(fields: Json, name: str) -> str:
    """A field that has to be there: an id as number or text, or a name; else a `Refusal`."""
    value = fields.get(name)
    if value is None or value == "" or isinstance(value, bool | list | dict):
        raise Refusal(BAD_PARAMETERS, f"The task needs {name}.")
    return str(value)


def text(fields: Json, name: str) -> str:
    """A text, empty when it is absent or null."""
    value = fields.get(name)
    return "" if value is None else str(value)


def flag(fields: Json, name: str) -> bool:
    """A switch that came as true, 1 or "1"; else a `Refusal`."""
    value = fields.get(name)
    if value not in (True, False, "1", "0", "true", "false"):
        raise Refusal(BAD_PARAMETERS, f"{name} is 1 or 0.")
    return value in (True, "1", "true")


def listed(fields: Json, name: str) -> list[Any]:
    """A list, empty when it is absent."""
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise Refusal(BAD_PARAMETERS, f"{name} is a list.")
    return value or []


def json_object(value: Any) -> Json:
    """A JSON object that may have come as text; empty when it is none."""
    try:
        found = read_json(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _argument(value: Any) -> Any:
    if value is None:
        return [_UNDEFINED]
    return [_INTEGER, str(value)] if type(value) is int else value


def _procedures(step: Step) -> list[str]:
    if step[0] == _CALL:
        return [step[1]]
    return [name for inner in step[1:] for name in _procedures(inner)]
