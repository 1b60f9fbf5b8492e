"""Settings of plugins: a class of named fields, by which what the bot file or a chat says is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationInfo, WithJsonSchema, field_validator
from pydantic import Field as Field
from pydantic.fields import FieldInfo

from botkit import values
from botkit.logs import hide
from botkit.setting_errors import DATE, DATETIME, TIME, kinds_of

HIDDEN = "(secret)"
"""What is shown in the place of a secret."""

Secret = SecretStr
"""A text that is never shown: `ctx.settings.token.get_secret_value()` gives it."""

DURATION_SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$|^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"},
    ]
}

Duration = Annotated[float, BeforeValidator(values.seconds), WithJsonSchema({**DURATION_SCHEMA})]
"""Seconds; in the file a number of them, or a text such as `90s`, `10m`, `2h30m`."""

_NO_NUMBER: tuple[tuple[type, str], ...] = ((time, TIME), (datetime, DATETIME), (date, DATE))


class Settings(BaseModel):
    """Base of a plugin's settings: subclass it in the plugin and name the fields with types and defaults.

    A text under a field is its description. A plugin has at most one such class; the values under its line in the bot
    file are checked by it before the bot logs in, and `ctx.settings` is an instance of it. A `timedelta` is written as
    `90s`, `10m` or `2h30m`.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _as_people_write(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields.get(info.field_name or "")
        if field is None or any(isinstance(one, BeforeValidator) for one in field.metadata):
            return value
        return _reread(value, set(kinds_of(field.annotation)))

    def model_post_init(self, _context: Any) -> None:
        for value in vars(self).values():
            if isinstance(value, SecretStr):
                hide(value.get_secret_value(), lasting=True)


def _reread(value: Any, kinds: set[Any]) -> Any:
    """True is no number, a number is no time of day, and `2h30m` is a length of time."""
    if isinstance(value, bool) and kinds & {int, float} and bool not in kinds:
        raise values.Wanted("should be a whole number" if int in kinds else "should be a number")
    if isinstance(value, str | int | float) and timedelta in kinds:
        return timedelta(seconds=values.seconds(value))
    if isinstance(value, int | float) and not kinds & {int, float, bool, str}:
        for kind, wanted in _NO_NUMBER:
            if kind in kinds:
                raise values.Wanted(wanted)
    return value


def flat(settings: BaseModel, above: str = "") -> dict[str, Any]:
    """{`welcome.text`: value}: what is in force, as JSON values, with secrets hidden and lengths of time as one writes
    them."""
    found: dict[str, Any] = {}
    for name, value in settings:
        if isinstance(value, BaseModel):
            found |= flat(value, f"{above}{name}.")
        elif value is not None and is_duration(type(settings).model_fields[name]):
            found[above + name] = values.duration(value)
        else:
            found[above + name] = _plain(value)
    return found


def is_duration(field: FieldInfo) -> bool:
    """Whether a setting is a `Duration`, or one or nothing."""
    said = (*field.metadata, *(note for one in get_args(field.annotation) for note in get_args(one)))
    return get_args(Duration)[1] in said


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """{`welcome.text`: description}: of every setting that has one."""
    return {key: " ".join(field.description.split()) for key, field, _ in _fields(model) if field.description}


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of all settings that hold a value themselves, such as `welcome.text`."""
    return [key for key, _, models in _fields(model) if not models]


def _fields(
    model: type[BaseModel], above: str = "", within: tuple[Any, ...] = ()
) -> Iterator[tuple[str, FieldInfo, list[type[BaseModel]]]]:
    """(key, field, the models that may stand there) of all settings; of a model that holds itself once."""
    for name, field in model.model_fields.items():
        kinds = [kind for kind in kinds_of(field.annotation) if isinstance(kind, type)]
        models = [kind for kind in kinds if issubclass(kind, BaseModel)]
        yield above + name, field, models
        for inner in models:
            if inner not in (*within, model):
                yield from _fields(inner, f"{above}{name}.", (*within, model))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _plain(one) for name, one in value}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return _text(value)


def _text(value: Any) -> str:
    """As one would write it in the bot file."""
    if isinstance(value, timedelta):
        return values.duration(value.total_seconds())
    if isinstance(value, time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    if hasattr(value, "get_secret_value"):
        return HIDDEN
    return str(value)
