"""The bot file: YAML with line numbers in, frozen settings out, and every mistake told at once.

Each problem is one line with file, line, key, what was wanted, what was found and the nearest right key.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from botkit import happenings, values
from botkit.commands import ROLES
from botkit.limits import DEFAULTS, KINDS, Limits, Rate
from botkit.messenger.errors import BadArgument, ConfigError
from botkit.messenger.options import Options, options_from
from botkit.schedule import WITHIN_S
from botkit.setting_errors import mistakes
from botkit.settings import Duration
from botkit.settings import Settings as Settings
from botkit.yaml_source import Place, Source, load


class _Part(Settings):
    # None stands for what the file does not say, also where it could not be said.
    model_config = ConfigDict(validate_default=False)


_VARIABLE = r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"
RateOrNone = Annotated[
    Rate | None,
    BeforeValidator(values.rate),
    WithJsonSchema({"type": "string", "pattern": rf"^[1-9]\d* per \S+$|^unlimited$|{_VARIABLE}"}),
]
BudgetOrNone = Annotated[
    int | None,
    BeforeValidator(values.budget),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]}),
]
_ID_SCHEMA: Mapping[str, Any] = {"type": ["string", "integer"], "pattern": rf"^[0-9]+$|{_VARIABLE}"}
_PREFIX_SCHEMA = {"type": ["string", "number"], "pattern": rf"^\S{{1,5}}$|{_VARIABLE}"}
Id = Annotated[str, BeforeValidator(values.an_id), WithJsonSchema({**_ID_SCHEMA})]
_PATH_SCHEMA: Mapping[str, Any] = {"type": "string"}


def _one_or_many(item: Mapping[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


class Login(_Part):
    """How to log in: an app state file, or e-mail address and password (or the session that `botkit login` saved)."""

    app_state: Path | None = None
    """File with the cookies of a session."""
    email: str | None = None
    """E-mail address of the account."""
    password: str | None = Field(default=None, repr=False)
    """Password of the account; best as a variable of the environment: "${BOTKIT_PASSWORD}"."""

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
    """Address of a sandbox that runs, such as http://127.0.0.1:8642."""
    port: int | None = Field(default=None, ge=0, le=65535)
    """Port of the sandbox that is started; 0 takes a free one."""
    world: Path | None = None
    """YAML file with the people and chats that a new sandbox begins with."""

    @model_validator(mode="after")
    def _one_way(self) -> SandboxSettings:
        if self.url is not None and (self.port is not None or self.world is not None):
            raise ValueError("url names a running sandbox; port and world are for one that is started here")
        return self


class ReadLimits(_Part):
    """Limits of what belongs to no chat."""

    overall: RateOrNone = None
    """In all chats together, such as `20 per 60s`, or `unlimited`."""


class PaceLimits(ReadLimits):
    """Limits of what is done to chats."""

    per_chat: RateOrNone = None
    """In one chat, such as `5 per 15s`, or `unlimited`."""


class BudgetLimits(PaceLimits):
    """Limits of what is counted by the hour and the day as well."""

    hourly: BudgetOrNone = None
    """So many in the last 60 minutes, or `unlimited`."""
    daily: BudgetOrNone = None
    """So many in the last 24 hours, or `unlimited`."""


class LimitsPart(_Part):
    """The limits that the file sets; the others are those of the network."""

    message: BudgetLimits = BudgetLimits()
    """What people get to read: sending, forwarding, editing and taking back messages."""
    small: PaceLimits = PaceLimits()
    """Reactions, typing, marks."""
    change: BudgetLimits = BudgetLimits()
    """Changes of groups and people."""
    read: ReadLimits = ReadLimits()
    """Look-ups."""


class Notify(_Part):
    """How the owner is told that the bot needs a person."""

    command: list[str] = Field(default=[], repr=False)
    """Words of a command that is run without a shell; the sentence comes last."""
    webhook: Annotated[str, AfterValidator(values.web_address)] | None = Field(default=None, repr=False)
    """Address that the sentence is posted to."""

    @model_validator(mode="after")
    def _some_way(self) -> Notify:
        if not self.command and self.webhook is None:
            raise ValueError("give a command (a list of words), or a webhook, or both")
        return self


class HostKeys(_Part):
    """The keys under a plugin's line that are the host's, whatever the plugin's own settings are."""

    threads: Annotated[
        list[Annotated[str, AfterValidator(values.chat)]],
        BeforeValidator(values.one_or_many),
        _one_or_many({"type": ["string", "integer"]}),
    ] = Field(default_factory=list)
    """Chats, by id or name, in which the plugin's schedules for each chat run."""


def _role_or_id(text: str) -> str:
    if text not in ROLES and not text.isdecimal():
        raise values.Wanted(f"should be {', '.join(ROLES)} or the id of a person")
    return text


class AutomationPart(_Part):
    """What shall happen by itself: when, where and what."""

    name: Annotated[str, Field(max_length=60), AfterValidator(values.job_name)]
    """What it is called, in lists and in the log."""
    cron: str | None = None
    """When, as a crontab expression such as `0 9 * * mon`."""
    every: Duration | None = None
    """Again and again, so long after each other."""
    at: str | None = None
    """Once, at a date and time such as `2026-12-24 18:00`."""
    on: Annotated[str, WithJsonSchema({"enum": list(happenings.FIELDS)})] | None = None
    """On an event, such as `message` or `log:subscribe`."""
    conditions: dict[str, Any] = Field(default_factory=dict, alias="if")
    """What the fields of the event have to be, such as `body_contains: tea`."""
    threads: Annotated[
        list[Annotated[str, AfterValidator(values.chat)]],
        BeforeValidator(values.one_or_many),
        _one_or_many({"type": ["string", "integer"]}),
    ] = Field(default_factory=list)
    """Chats, by id or name."""
    all_groups: bool = False
    """Every group that the bot is in."""
    this: bool = False
    """The chat of the event; so it is without the key."""
    do: list[Any]
    """The steps, one after the other."""
    allow: Annotated[
        list[Annotated[str, AfterValidator(_role_or_id)]],
        BeforeValidator(values.one_or_many),
        _one_or_many({"anyOf": [{"enum": list(ROLES)}, {"type": "integer"}, {"type": "string", "pattern": r"^\d+$"}]}),
    ] = Field(default_factory=list)
    """Who may start it: member, mod, admin, owner, or ids of people."""
    cooldown: Duration | None = None
    """For so long it does not start again in a chat."""
    missed: Literal["run_once", "skip", "run_all"] = "run_once"
    """What becomes of runs that fell due while the bot was not there."""
    within: Duration = WITHIN_S
    """A missed run that is older is dropped."""

    @model_validator(mode="after")
    def _one_when(self) -> AutomationPart:
        given = [kind for kind in ("cron", "every", "at", "on") if getattr(self, kind) is not None]
        if len(given) != 1:
            found = f"not {' and '.join(given)}" if given else "there is none"
            raise ValueError(f"give one of cron, every, at and on; {found}")
        return self

    @model_validator(mode="after")
    def _one_where(self) -> AutomationPart:
        given = [key for key in ("threads", "all_groups", "this") if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"give one of threads, all_groups and this, not {' and '.join(given)}")
        if self.this and self.on is None:
            raise ValueError("this is the chat of an event, and a schedule has none; give threads or all_groups")
        return self

    @model_validator(mode="after")
    def _fitting_keys(self) -> AutomationPart:
        if self.on is None:
            wrong, kind = [key for key in ("conditions", "allow", "cooldown") if getattr(self, key)], "an event"
        else:
            wrong, kind = [key for key in ("missed", "within") if key in self.model_fields_set], "a schedule"
        if wrong:
            raise ValueError(f"{'if' if wrong[0] == 'conditions' else wrong[0]} is for {kind}")
        return self


class BotFile(_Part):
    """What a bot file may hold."""

    network: Literal["sandbox", "facebook"] = "sandbox"
    """Where the bot lives: `sandbox`, a Messenger of its own on this machine, or `facebook`."""
    data: Path = Path(".botkit")
    """Folder of everything that is kept; one bot at a time may use it."""
    login: Login | None = Field(default=None, validate_default=True)
    """How to log in; needed for facebook, the sandbox lends its bot account."""
    sandbox: SandboxSettings = SandboxSettings()
    """Which sandbox to use, or how to start one."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the client, such as self_listen or send_via."""
    prefix: Annotated[str, AfterValidator(values.prefix), WithJsonSchema({**_PREFIX_SCHEMA})] = "!"
    """What a command begins with, 1 to 5 characters; a chat may have another."""
    language: Annotated[str, AfterValidator(values.language)] = "en"
    """The language that the bot speaks, by its tag (en, nl, vi, es); a chat may have another."""
    timezone: Annotated[str, AfterValidator(values.time_zone), WithJsonSchema({"type": "string"})] = "UTC"
    """The bot's time zone, such as Europe/Amsterdam; a chat may have another."""
    owners: Annotated[list[Id], BeforeValidator(values.one_or_many), _one_or_many(_ID_SCHEMA)] = Field(
        default_factory=list
    )
    """Ids of the bot's owners."""
    plugin_dirs: Annotated[list[Path], BeforeValidator(values.one_or_many), _one_or_many(_PATH_SCHEMA)] = Field(
        default_factory=list
    )
    """Folders with plugins of your own."""
    plugins: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """The plugins to load, with their settings, in the order in which they see an event."""
    automations: list[AutomationPart] = Field(default_factory=list)
    """What happens by itself, at a time or on an event, without code."""
    answer_within: Duration = 3600.0
    """A command that comes later than so long after it was written is not run."""
    error_reply: Annotated[str, Field(max_length=1000), AfterValidator(values.sentence)] | None = None
    """One sentence for the chat when a plugin has failed; without it the chat is told nothing."""
    limits: LimitsPart = LimitsPart()
    """How much the bot may do in what time; what is not said is as the network's defaults say."""
    notify: Notify | None = None
    """How the owner is told that the bot needs a person."""
    metrics: int | None = Field(default=None, ge=0, le=65535)
    """Port on 127.0.0.1 where figures for monitoring are served; 0 takes a free one."""
    log_file: Path | None = None
    """File for the log, in addition to stderr."""
    log_format: Literal["text", "json"] = "text"
    """Lines for the eye, or one JSON object a line."""
    durability: Literal["normal", "full"] = "normal"
    """`full` makes each commit safe from a power cut as well, and several times slower."""

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
            problems += explain(error, source, BotFile, data)
        else:
            if not problems:
                return BotConfig(file, source)
    raise ConfigError(in_order(problems, path), _plugins_of(data, source))


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
            problems += _wrong_switch(name, value, place, source) or _refusal({name: value}, place, source)
    return problems or _refusal(options, ("options",), source)


def _wrong_switch(name: str, value: Any, place: Place, source: Source) -> list[str]:
    """The client's own words for this are for programmers."""
    if not isinstance(getattr(Options, name, None), bool) or isinstance(value, bool):
        return []
    told = "" if place in source.private else f", not {values.shown(value)}"
    return [source.problem(place, f"should be true or false{told}")]


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
    plugins = data.get("plugins")
    if isinstance(plugins, dict):
        # One of a wrong shape is told already; the others can be looked at.
        plugins = {name: values for name, values in plugins.items() if isinstance(values, dict)}
    automations = data.get("automations")
    readable = {
        "plugin_dirs": data.get("plugin_dirs", []),
        "plugins": plugins or {},
        "automations": list(map(_readable, automations, itertools.count())) if isinstance(automations, list) else [],
    }
    try:
        return BotConfig(BotFile.model_validate(readable), source)
    except ValidationError:
        return None


def _readable(automation: Any, number: int) -> Any:
    """An automation, or a right one in the place of one of a wrong shape: the others keep their numbers by it."""
    try:
        return AutomationPart.model_validate(automation)
    except ValidationError:
        return {"name": f"#{number}", "on": "message", "do": [{"mark_as_read": None}]}


def in_order(problems: Iterable[str], path: Path) -> list[str]:
    """Each problem once: those of the bot file by their lines, then those of other files as they came."""

    def line(problem: str) -> float:
        found = re.match(rf"{re.escape(str(path))}:(\d+): ", problem)
        return int(found.group(1)) if found else float("inf")

    return sorted(dict.fromkeys(problems), key=line)


def settings_of(
    model: type[Settings] | None, values: Mapping[str, Any], plugin: str, source: Source
) -> Settings | ConfigError:
    """The checked settings of one plugin, or the error that lists what is wrong with them. `values` are those under its
    line in the bot file; the keys of the host among them are checked too, and left out."""
    base: Place = ("plugins", plugin)
    own = own_values(values)
    problems: list[str] = []
    settings: Settings | None = None
    try:
        _host_keys(values)
    except ValidationError as error:
        problems += explain(error, source, HostKeys, values, base)
    try:
        settings = (model or Settings).model_validate(own)
    except ValidationError as error:
        problems += explain(error, source, model or Settings, own, base)
    return ConfigError(problems) if problems or settings is None else settings


def own_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under a plugin's line without the keys of the host."""
    return {key: value for key, value in values.items() if key not in HostKeys.model_fields}


def threads_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The chats, by id or name, that stand under a plugin's line, which was checked."""
    return tuple(_host_keys(values).threads)


def _host_keys(values: Mapping[str, Any]) -> HostKeys:
    return HostKeys.model_validate({key: value for key, value in values.items() if key in HostKeys.model_fields})


def explain(error: ValidationError, source: Source, model: type[BaseModel], data: Any, base: Place = ()) -> list[str]:
    """One line for each mistake that pydantic found in `data`, which stands at `base`."""

    def is_private(place: Place) -> bool:
        full = base + place
        return full in source.private or full[:1] in (("login",), ("notify",)) or full[-1:] == ("password",)

    found = mistakes(error, model, data, is_private)
    told = [(base + one.place, one.message) for one in found]
    return [source.problem(place, message) for place, message in told if place not in source.told]
