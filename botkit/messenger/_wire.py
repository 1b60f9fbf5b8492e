"""Values off the wire, checked: JSON, ids and times. Whatever else comes raises ValueError.

Two kinds of harmless-looking JSON would go off much later: half a surrogate pair, which no file or database takes, and
a number too large for a float.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

Wire = Mapping[str, Any]

_MOST = 2**63 - 1
# What reading a strange value can raise; RecursionError comes from JSON nested a thousand deep.
STRANGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def json_in(text: str | bytes) -> Any:
    """The value of a JSON text, `repaired`, with None for numbers too large. Raises ValueError for no JSON."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    try:
        value = _DECODER.decode(text)
        return repaired(value) if may_need_repair(text) else value
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def may_need_repair(text: str) -> bool:
    """Whether a JSON text could hold half a surrogate pair, which only an escape or a character beyond ASCII can be.

    Looking once through the text is much cheaper than through its values.
    """
    return "\\u" in text or not text.isascii()


def repaired(value: Any) -> Any:
    """A value of JSON, with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [repaired(inner) for inner in value]
    if isinstance(value, dict):
        return {repaired(name): repaired(inner) for name, inner in value.items()}
    return value


def id_of(value: Any) -> str:
    """An id, which the wire writes as text or as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError("no id")
    return str(value)


def optional_id(value: Any) -> str | None:
    """An id that may be missing."""
    return None if value is None else id_of(value)


def int_of(value: Any) -> int:
    """A whole number of at most 63 bits, not negative, written as a number or as text: times and positions."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("no number")
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("no whole number")
    number = int(value)
    if not 0 <= number <= _MOST:
        raise ValueError("number out of range")
    return number


def code_of(value: Any) -> int:
    """An error code, which the wire writes as a number or as text; 0 for what is none."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def mapping(value: Any) -> Wire:
    """The object, or an empty one for anything else."""
    # JSON makes dicts, and a look at the abstract class costs ten times as much.
    return value if isinstance(value, (dict, Mapping)) else {}


def items(value: Any) -> list[Any]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
