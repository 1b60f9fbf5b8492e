"""Results for the eye: columns for lists of objects, lines for one, a word for nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

_COLUMN = 40
# What a person looks for first in a row.
_FIRST = ("", "threadID", "userID", "messageID", "key", "name", "fullName", "unreadCount", "snippet", "body")


def table(value: Any) -> str:
    """A result for the eye: a list of objects as columns, an object as lines, else the value itself."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return _columns(value)
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        return _columns([{"": key, **one} for key, one in value.items()])
    if isinstance(value, dict):
        width = max((len(key) for key in value), default=0)
        return "\n".join(f"{key:<{width}}  {_cell(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "\n".join(_cell(one) for one in value)
    return "done" if value is None else _cell(value)


def _columns(rows: list[dict[str, Any]]) -> str:
    """The columns that tell something: those that are not the same nothing in every row."""
    keys = [key for key in rows[0] if any(row.get(key) not in (None, "", [], {}, False) for row in rows)]
    keys.sort(key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    cells = [keys, *([_cell(row.get(key))[:_COLUMN] for key in keys] for row in rows)]
    widths = [max(len(line[number]) for line in cells) for number in range(len(keys))]
    shown = _that_fit(widths)
    lines = ["  ".join(line[n].ljust(widths[n]) for n in shown).rstrip() for line in cells]
    left_out = [keys[n] for n in range(len(keys)) if n not in shown]
    return "\n".join(lines + ([f"(more with --json: {', '.join(left_out)})"] if left_out else []))


def _that_fit(widths: list[int]) -> list[int]:
    """The first columns that fit the terminal; all of them when the output is no terminal."""
    from shutil import get_terminal_size

    room = get_terminal_size().columns if sys.stdout.isatty() else 100
    shown: list[int] = []
    used = 0
    for number, width in enumerate(widths):
        if used + width > room and shown:
            break
        shown.append(number)
        used += width + 2
    return shown


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text.replace("\n", "⏎")
