"""Values as JSON and back: what a conversation has read is kept, so that its code can be given the same again.

Beside JSON's own kinds these are tuples, sets, bytes, times, members of enums, errors, and botkit's dataclasses. Of
anything else only that it was there is kept; in its place stands an object that does nothing.
"""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

_KIND = "~"
_SCALARS = (str, bool, int, float)
_OWN = "botkit."


class Nothing:
    """Stands for what cannot be kept, such as the end of a typing indicator: whatever is done with it does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Nothing:
        return self


def dump(value: Any) -> str:
    """A value as JSON text."""
    return json.dumps(to_plain(value), separators=(",", ":"))


def load(text: str, scope: Mapping[str, Any]) -> Any:
    """The value of a JSON text; `scope` is where the names of enums are looked up. Raises ValueError, LookupError,
    AttributeError, TypeError or ImportError when it was kept by other code."""
    return from_plain(json.loads(text), scope)


def to_plain(value: Any) -> Any:
    """A value in JSON's own kinds."""
    if isinstance(value, Enum):
        return _tagged("enum", [type(value).__qualname__, value.name])
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, list):
        return [to_plain(one) for one in value]
    if isinstance(value, Mapping):
        return _tagged("dict", [[to_plain(key), to_plain(one)] for key, one in value.items()])
    if isinstance(value, Exception):
        told = [value.args, {name: one for name, one in vars(value).items() if not name.startswith("_")}]
        return _tagged("error", [_place(type(value)), to_plain(told)])
    if is_dataclass(value) and type(value).__module__.startswith(_OWN):
        held = {one.name: getattr(value, one.name) for one in fields(value)}
        return _tagged("object", [_place(type(value)), to_plain(held)])
    return _to_plain_kind(value)


def _to_plain_kind(value: Any) -> Any:
    if isinstance(value, datetime):
        return _tagged("datetime", [value.isoformat(), getattr(value.tzinfo, "key", None), value.fold])
    if isinstance(value, date):
        return _tagged("date", value.isoformat())
    if isinstance(value, timedelta):
        return _tagged("timedelta", [value.days, value.seconds, value.microseconds])
    if isinstance(value, bytes):
        return _tagged("bytes", base64.b64encode(value).decode("ascii"))
    for kind in (tuple, frozenset, set):
        if isinstance(value, kind):
            return _tagged(kind.__name__, [to_plain(one) for one in value])
    return _tagged("nothing", None)


def from_plain(plain: Any, scope: Mapping[str, Any]) -> Any:
    """The value of something that `to_plain` has given."""
    if isinstance(plain, list):
        return [from_plain(one, scope) for one in plain]
    if not isinstance(plain, dict):
        return plain
    kind, held = plain[_KIND], plain["is"]
    if kind == "enum":
        return _by_path(scope, held[0])[held[1]]
    if kind in ("object", "error"):
        place, inner = held
        return _MAKERS[kind](_found(place), from_plain(inner, scope))
    if kind in ("tuple", "set", "frozenset", "dict"):
        return _MAKERS[kind](from_plain(held, scope))
    return _MAKERS[kind](held)


def _tagged(kind: str, held: Any) -> dict[str, Any]:
    return {_KIND: kind, "is": held}


def _place(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _found(place: str) -> Any:
    """A class of botkit's or an error of Python's own, by its place."""
    module, _, path = place.partition(":")
    if module != "builtins" and not module.startswith(_OWN):
        raise ValueError(f"{place}: is no class of botkit")
    return _by_path(vars(importlib.import_module(module)), path)


def _by_path(scope: Mapping[str, Any], path: str) -> Any:
    first, *others = path.split(".")
    found = scope[first]
    for name in others:
        found = getattr(found, name)
    return found


def _object(kind: type, held: Mapping[str, Any]) -> Any:
    # Its fields as they were, without what its __init__ makes of them.
    made: Any = object.__new__(kind)
    for name, value in held.items():
        object.__setattr__(made, name, value)
    return made


def _error(kind: type[Exception], held: tuple[Any, Mapping[str, Any]]) -> Exception:
    args, more = held
    made = kind.__new__(kind)
    made.args = args
    vars(made).update(more)
    return made


def _datetime(held: list[Any]) -> datetime:
    text, zone, fold = held
    made = datetime.fromisoformat(text)
    return made.replace(tzinfo=ZoneInfo(zone), fold=fold) if zone else made.replace(fold=fold)


_MAKERS: dict[str, Callable[..., Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
    "object": _object,
    "error": _error,
    "datetime": _datetime,
    "date": date.fromisoformat,
    "timedelta": lambda held: timedelta(*held),
    "bytes": base64.b64decode,
    "nothing": lambda held: Nothing(),
}
