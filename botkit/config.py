"""The bot file: YAML with line numbers in, frozen settings out, and every mistake told at once.

Each problem is one line with file, line, key, what was wanted, what was found and the nearest right key.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from botkit import values
from botkit.limits import DEFAULTS, KINDS, Limits, Rate
from botkit.messenger.errors import BadArgument, ConfigError
from botkit.messenger.options import options_from
from botkit.yaml_source import Place, Source, load


class Settings(BaseModel):
    """Base of a plugin's settings: subclass it in the plugin and name the fields with types and defaults.

    A plugin has at most one such class; the values under its line in the bot file are checked by it before the bot
    logs in, and `ctx.settings` is an instance of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and info.field_name is not None:
            field = cls.model_fields[info.field_name]
            kinds = set(_kinds_of(field.annotation))
            reads_itself = any(isinstance(one, BeforeValidator) for one in field.metadata)
            if kinds & {int, float} and bool not in kinds and not reads_itself:
                raise values.Wanted(_WANTED["int_type" if int in kinds else "float_type"])
        return value


class _Part(Settings):
    pass


def _kinds_of(hint: Any) -> Iterable[Any]:
    """The types that a field takes, out of `X | None` and the like."""
    if get_origin(hint) is Annotated:
        return _kinds_of(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [kind for one in get_args(hint) for kind in _kinds_of(one)]
    return [hint]


Duration = Annotated[float, BeforeValidator(values.seconds)]
"""Seconds; in the file a number of them, or a text such as `90s`, `10m`, `2h30m`."""

RateOrNone = Annotated[Rate | None, BeforeValidator(values.rate)]
BudgetOrNone = Annotated[int | None, BeforeValidator(values.budget)]


class Login(_Part):
    """How to log in: an app state file, or e-mail address and password (or the session that `botkit login` saved)."""

    app_state: Path | None = None
    email: str | None = None
    password: str | None = Field(default=None, repr=False)

    @field_validator("email")
    @classmethod
    def _not_both(cls, email: str | None, info: ValidationInfo) -> str | None:
        if email is not None and info.data.get("app_state") is not None:
            raise ValueError("stands beside app_state; give one of the two")
        return email

    @model_validator(mode="after")
    def _one_way(self) -> Login:
        if self.app_state is None and self.email is None:
            raise ValueError("give either app_state, or email and (unless botkit login has asked for it) password")
        if self.password is not None and self.email is None:
            raise ValueError("a password needs its email")
        return self


class SandboxSettings(_Part):
    """Which sandbox to use: one that runs already (`url`), or how to start one."""

    url: Annotated[str, AfterValidator(values.sandbox_address)] | None = None
    port: int | None = Field(default=None, ge=0, le=65535)
    world: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SandboxSettings:
        if self.url is not None and (self.port is not None or self.world is not None):
            raise ValueError("url names a running sandbox; port and world are for one that is started here")
        return self


class ReadLimits(_Part):
    """Limits of what belongs to no chat."""

    overall: RateOrNone = None


class PaceLimits(ReadLimits):
    """Limits of what is done to chats."""

    per_chat: RateOrNone = None


class BudgetLimits(PaceLimits):
    """Limits of what is counted by the hour and the day as well."""

    hourly: BudgetOrNone = None
    daily: BudgetOrNone = None


class LimitsPart(_Part):
    """The limits that the file sets; the others are those of the network."""

    message: BudgetLimits = BudgetLimits()
    small: PaceLimits = PaceLimits()
    change: BudgetLimits = BudgetLimits()
    read: ReadLimits = ReadLimits()


class Notify(_Part):
    """How the owner is told that the bot needs a person."""

    command: list[str] = Field(default=[], repr=False)
    webhook: Annotated[str, AfterValidator(values.web_address)] | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _some_way(self) -> Notify:
        if not self.command and self.webhook is None:
            raise ValueError("give a command (a list of words), or a webhook, or both")
        return self


class BotFile(_Part):
    """What a bot file may hold."""

    network: Literal["sandbox", "facebook"] = "sandbox"
    data: Path = Path(".botkit")
    login: Login | None = Field(default=None, validate_default=True)
    sandbox: SandboxSettings = SandboxSettings()
    options: dict[str, Any] = {}
    prefix: str = Field(default="!", min_length=1, max_length=5, pattern=r"^\S+$")
    timezone: Annotated[str, AfterValidator(values.time_zone)] = "UTC"
    owners: Annotated[list[Annotated[str, AfterValidator(values.an_id)]], BeforeValidator(values.one_or_many)] = []
    plugin_dirs: Annotated[list[Path], BeforeValidator(values.one_or_many)] = []
    plugins: dict[str, dict[str, Any]] = {}
    answer_within: Duration = 3600.0
    error_reply: Annotated[str, Field(max_length=1000), AfterValidator(values.sentence)] | None = None
    limits: LimitsPart = LimitsPart()
    notify: Notify | None = None
    metrics: int | None = Field(default=None, ge=0, le=65535)
    log_file: Path | None = None
    log_format: Literal["text", "json"] = "text"
    durability: Literal["normal", "full"] = "normal"

    def limits_in_force(self) -> Limits:
        """The network's limits, with those that the file sets in their place."""
        given = {kind: getattr(self.limits, kind) for kind in KINDS}
        return {
            kind: replace(usual, **{name: getattr(given[kind], name) for name in given[kind].model_fields_set})
            for kind, usual in DEFAULTS[self.network].items()
        }

    @field_validator("login")
    @classmethod
    def _login_for_network(cls, login: Login | None, info: ValidationInfo) -> Login | None:
        if login is None and info.data.get("network") == "facebook":
            raise ValueError("is missing; network facebook needs an app_state, or an email")
        return login


@dataclass(frozen=True)
class BotConfig:
    """A bot file that has been read and checked. Relative paths in it are relative to the file's folder."""

    file: BotFile
    source: Source

    def path(self, relative: Path) -> Path:
        """`relative` as seen from the bot file's folder."""
        return self.source.path.parent / relative.expanduser()

    @property
    def data(self) -> Path:
        return self.path(self.file.data)


def read(path: Path, environment: Mapping[str, str] | None = None) -> BotConfig:
    """Read and check a bot file; raises ConfigError with all its problems.

    `environment` serves `${NAME}` (default: the process's own).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: there is no such file; name a bot file, or make one with the line `plugins: {{help: , echo: }}`"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError([f"{path}: cannot be read: {reason}"]) from error
    return parse(text, path, os.environ if environment is None else environment)


def parse(text: str, path: Path, environment: Mapping[str, str]) -> BotConfig:
    """The settings in `text`; `path` is used for messages and as the base of relative paths."""
    data, source, problems = load(text, path, environment)
    if not problems or data is not None:
        if not isinstance(data, dict):
            raise ConfigError(
                [*problems, source.problem((), f"must hold keys such as plugins:, not {values.kind(data)}")]
            )
        # A plugin without settings may be written with nothing behind its name.
        plugins = data.get("plugins")
        if isinstance(plugins, dict):
            data["plugins"] = {name: {} if value is None else value for name, value in plugins.items()}
        problems += _option_problems(data.get("options"), source)
        try:
            file = BotFile.model_validate(data)
        except ValidationError as error:
            problems += explain(error, source, BotFile)
        else:
            if not problems:
                return BotConfig(file, source)
    raise ConfigError(sorted(problems, key=_line_of), _plugins_of(data, source))


def _option_problems(options: Any, source: Source) -> list[str]:
    """What is wrong with each option of the client, and with all of them together."""
    if not isinstance(options, dict):
        return []
    problems = []
    for name, value in options.items():
        place: Place = ("options", name)
        if name == "network":
            problems.append(source.problem(place, "network is a key of its own, outside of options"))
        elif place not in source.told:
            problems += _refusal({name: value}, place, source)
    return problems or _refusal(options, ("options",), source)


def _refusal(options: dict[str, Any], place: Place, source: Source) -> list[str]:
    try:
        options_from(options)
    except BadArgument as error:
        return [source.problem(place, str(error))]
    return []


def _plugins_of(data: Any, source: Source) -> BotConfig | None:
    """As much of a wrong file as is needed to look at its plugins as well, if that much is right."""
    if not isinstance(data, dict):
        return None
    try:
        return BotConfig(BotFile.model_validate({k: data[k] for k in ("plugins", "plugin_dirs") if k in data}), source)
    except ValidationError:
        return None


def _line_of(problem: str) -> int:
    found = re.search(r":(\d+): ", problem)
    return int(found.group(1)) if found else 0


def settings_of(
    model: type[Settings] | None, values: Mapping[str, Any], plugin: str, source: Source
) -> Settings | ConfigError:
    """The checked settings of one plugin, or the error that lists what is wrong with them."""
    place: Place = ("plugins", plugin)
    try:
        return (model or Settings).model_validate(dict(values))
    except ValidationError as error:
        return ConfigError(explain(error, source, model or Settings, place))


def explain(error: ValidationError, source: Source, model: type[BaseModel], base: Place = ()) -> list[str]:
    """One line for each mistake that pydantic found below `base`."""
    found = [(_place_of(one, base), dict(one)) for one in error.errors(include_url=False)]
    return [_explain_one(place, one, source, model) for place, one in found if place not in source.told]


def _place_of(one: Mapping[str, Any], base: Place) -> Place:
    return base + tuple(p for p in one["loc"] if not str(p).startswith("function-"))


def _explain_one(place: Place, one: dict[str, Any], source: Source, model: type[BaseModel]) -> str:
    error = one.get("ctx", {}).get("error")
    if one["type"] == "extra_forbidden":
        message = "there is no such key" + nearest(str(place[-1]), _keys_at(model, one["loc"][:-1]))
    elif isinstance(error, values.Wanted):
        message = f"{error}{_found(place, one, source)}{'; ' if error.hint else ''}{error.hint}"
    elif one["type"] == "value_error":
        message = str(error)
    elif one["type"] == "missing":
        message = "is missing"
    else:
        message = (_WANTED.get(one["type"]) or one["msg"].removeprefix("Input ")) + _found(place, one, source)
    return source.problem(place, message)


def _found(place: Place, one: Mapping[str, Any], source: Source) -> str:
    """`, not 'x'`; of what may be a secret only its kind, where that is what is wrong."""
    value = one["input"]
    if place not in source.private and place[:1] not in (("login",), ("notify",)) and place[-1:] != ("password",):
        return f", not {values.shown(value)}"
    if not one["type"].endswith("_type"):
        return ""
    return f", not {'a number' if type(value) in (int, float) else values.kind(value)}"


# pydantic's words for these are for programmers.
_WANTED = {
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "int_from_float": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_parsing_size": "should be a whole number",
    "int_type": "should be a whole number",
    "dict_type": "should be keys and values",
    "list_type": "should be a list",
    "model_type": "should be keys and values",
    "path_type": "should be a path",
    "string_type": "should be a text",
    "string_pattern_mismatch": "should have no spaces in it",
    "string_too_short": "should not be empty",
}


def _keys_at(model: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    for part in place:
        field = model.model_fields.get(str(part))
        kinds = [] if field is None else [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or the list of what there is, to end a sentence about an unknown word."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(known)}" if known else ""
