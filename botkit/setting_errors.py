"""What pydantic found wrong, in the words of a bot file: what was wanted, what was found, and the nearest right key."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from botkit import values
from botkit.values import nearest
from botkit.yaml_source import Place


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, and where: keys and positions below what was checked. `message` has no capital and no
    full stop."""

    place: Place
    message: str


def mistakes(
    error: ValidationError,
    model: type[BaseModel],
    data: Any,
    is_private: Callable[[Place], bool] = lambda _place: False,
) -> list[Mistake]:
    """What is wrong with `data`, which `model` has refused. Of a value at a private place only the kind is told."""
    found: dict[Place, list[Mapping[str, Any]]] = {}
    for one in error.errors(include_url=False):
        found.setdefault(_place(one, data), []).append(one)
    told = []
    for place, ones in found.items():
        if len(place) < len(ones[0]["loc"]) and any(len(p) > len(place) and p[: len(place)] == place for p in found):
            # Of several forms that a value may have, another one fits it better.
            continue
        hidden = is_private(place) or is_secret(model, place)
        told.append(Mistake(place, _message(place, ones, model, hidden)))
    return told


def is_secret(model: type[BaseModel], place: Place) -> bool:
    """Whether what stands there is a secret by its type."""
    return any(kind in (SecretStr, SecretBytes) for kind in kinds_at(model, place))


def holds_secret(kind: Any, above: frozenset[Any] = frozenset()) -> bool:
    """Whether a value of this type is a secret or may have one somewhere inside. `above`: models that it stands in."""
    if kind in (SecretStr, SecretBytes):
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        inner = [] if kind in above else [field.annotation for field in kind.model_fields.values()]
        return any(holds_secret(one, above | {kind}) for one in inner)
    return any(holds_secret(one, above) for one in get_args(kind))


def kinds_of(hint: Any) -> list[Any]:
    """The types that a hint allows, out of `X | None`, `Annotated[X, …]` and the like."""
    if get_origin(hint) is Annotated:
        return kinds_of(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [kind for one in get_args(hint) for kind in kinds_of(one)]
    return [hint]


def kinds_at(model: type[BaseModel], place: Place) -> list[Any]:
    """The types that may stand at a place below a model; none where it has no such place."""
    kinds: list[Any] = [model]
    for part in place:
        kinds = [inner for kind in kinds for inner in _inner(kind, part)]
    return kinds


def _inner(kind: Any, part: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return [] if field is None else kinds_of(field.annotation)
    arguments = [one for one in get_args(kind) if one is not Ellipsis]
    origin = get_origin(kind)
    if not arguments or not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping):
        return kinds_of(arguments[-1])
    if issubclass(origin, tuple) and isinstance(part, int) and part < len(arguments):
        return kinds_of(arguments[part])
    return kinds_of(arguments[0])


def _place(one: Mapping[str, Any], data: Any) -> Place:
    """Where it stands in the data: pydantic's own path names the forms that a value may have as well."""
    place: list[str | int] = []
    last = len(one["loc"]) - 1
    for number, part in enumerate(one["loc"]):
        is_key = isinstance(data, Mapping) and part in data
        is_position = isinstance(data, list) and type(part) is int and part < len(data)
        if is_key or is_position:
            data = data[part]
        elif number > 0 and not (one["type"] == "missing" and number == last):
            continue
        place.append(part)
    return tuple(place)


def _message(place: Place, ones: Sequence[Mapping[str, Any]], model: type[BaseModel], hidden: bool) -> str:
    one = ones[0]
    error = one.get("ctx", {}).get("error")
    if one["type"] == "extra_forbidden":
        return "there is no such key" + nearest(str(place[-1]), _keys_at(model, place[:-1]))
    if isinstance(error, values.Wanted):
        hint = f"; {error.hint}" if error.hint else ""
        return f"{error}{_found(one, hidden)}{hint}"
    if one["type"] in ("value_error", "assertion_error"):
        return str(error)
    if one["type"] == "missing":
        return "is missing"
    phrases = [_wanted(each) for each in ones]
    wanted = " or ".join([phrases[0], *(phrase.removeprefix("should be ") for phrase in phrases[1:])])
    return wanted + _found(one, hidden) + ("" if hidden else _near_choice(ones))


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    models = [kind for kind in kinds_at(model, place) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _wanted(one: Mapping[str, Any]) -> str:
    phrase = _WANTED.get(one["type"])
    if phrase is not None:
        return phrase.format(**one.get("ctx", {}))
    message = str(one["msg"]).removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _near_choice(ones: Sequence[Mapping[str, Any]]) -> str:
    expected = ", ".join(str(one.get("ctx", {}).get("expected", "")) for one in ones)
    choices = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    near = difflib.get_close_matches(str(ones[0]["input"]), choices, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _found(one: Mapping[str, Any], hidden: bool) -> str:
    """`, not 'x'`; of what may be a secret only its kind, where that is what is wrong."""
    value = one["input"]
    if one["type"] in ("too_short", "too_long"):
        return f", not of {len(value)}"
    if not hidden:
        return f", not {values.shown(value)}"
    if not one["type"].endswith("_type"):
        return ""
    return f", not {'a number' if type(value) in (int, float) else values.kind(value)}"


# pydantic's words for these are for programmers.
_NUMBER = dict.fromkeys(
    ("float_parsing", "float_type", "decimal_parsing", "decimal_type"),
    "should be a number",
)
_WHOLE = dict.fromkeys(
    ("int_from_float", "int_parsing", "int_parsing_size", "int_type"),
    "should be a whole number",
)
_LIST = dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), "should be a list")
_KEYS = dict.fromkeys(
    ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
    "should be keys and values",
)
TIME = "should be a time of day such as 09:00"
DATE = "should be a date such as 2027-05-31"
DATETIME = "should be a date and a time such as 2027-05-31 09:00"
LENGTH = "should be a length of time such as 90s, 10m or 2h30m"
_TIMES = {
    **dict.fromkeys(("time_parsing", "time_type"), TIME),
    **dict.fromkeys(("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"), DATE),
    **dict.fromkeys(
        ("datetime_parsing", "datetime_type", "datetime_from_date_parsing", "datetime_object_invalid"), DATETIME
    ),
    **dict.fromkeys(("time_delta_parsing", "time_delta_type"), LENGTH),
}
_WANTED = {
    **_NUMBER,
    **_WHOLE,
    **_LIST,
    **_KEYS,
    **_TIMES,
    **dict.fromkeys(("bool_parsing", "bool_type"), "should be true or false"),
    **dict.fromkeys(("url_parsing", "url_type", "url_scheme"), "should be an address such as https://example.org"),
    "finite_number": "should be a number that is not infinite",
    "path_type": "should be a path",
    "string_type": "should be a text",
    "string_pattern_mismatch": "should match the pattern {pattern}",
    "string_too_short": "should be a text of {min_length} characters or more",
    "string_too_long": "should be a text of {max_length} characters or fewer",
    "too_short": "should be a list of {min_length} or more",
    "too_long": "should be a list of {max_length} or fewer",
}
