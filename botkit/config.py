"""The bot file: YAML with line numbers in, frozen settings out, and every mistake told at once.

Scalars are read as YAML 1.2 does (`on` and `no` are words, `18:30` is a text). Each problem is one line with file,
line, key, what was wanted, what was found and the nearest right key.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from botkit.messenger.errors import BadArgument, ConfigError
from botkit.messenger.options import options_from

Place = tuple[str | int, ...]
"""Where a value stands: its keys and list positions from the top of the file."""

# The first error of a cyclic or absurdly deep document is enough; nobody writes a bot file this deep.
_DEEPEST = 20

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Settings(BaseModel):
    """Base of a plugin's settings: subclass it in the plugin and name the fields with types and defaults.

    A plugin has at most one such class; the values under its line in the bot file are checked by it before the bot
    logs in, and `ctx.settings` is an instance of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class _Part(Settings):
    pass


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is not a time zone; write one like Europe/Amsterdam or UTC") from None
    return name


def _loopback(url: str) -> str:
    if not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?/?", url):
        raise ValueError(f"{url!r} is not a sandbox's address; write one like http://127.0.0.1:8642")
    return url.rstrip("/")


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


class Login(_Part):
    """How to log in: an app state file, or e-mail address and password (or the session that `botkit login` saved)."""

    app_state: Path | None = None
    email: str | None = None
    password: str | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one_way(self) -> Login:
        if (self.app_state is None) == (self.email is None):
            raise ValueError("give either app_state, or email and (unless botkit login has asked for it) password")
        if self.password is not None and self.email is None:
            raise ValueError("a password needs its email")
        return self


class SandboxSettings(_Part):
    """Which sandbox to use: one that runs already (`url`), or how to start one."""

    url: Annotated[str, AfterValidator(_loopback)] | None = None
    port: int | None = Field(default=None, ge=0, le=65535)
    world: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SandboxSettings:
        if self.url is not None and (self.port is not None or self.world is not None):
            raise ValueError("url names a running sandbox; port and world are for one that is started here")
        return self


class BotFile(_Part):
    """What a bot file may hold."""

    network: Literal["sandbox", "facebook"] = "sandbox"
    data: Path = Path(".botkit")
    login: Login | None = None
    sandbox: SandboxSettings = SandboxSettings()
    options: dict[str, Any] = {}
    prefix: str = Field(default="!", min_length=1, max_length=5, pattern=r"^\S+$")
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    owners: Annotated[list[str], BeforeValidator(_one_or_many)] = []
    plugin_dirs: Annotated[list[Path], BeforeValidator(_one_or_many)] = []
    plugins: dict[str, dict[str, Any]] = {}

    @model_validator(mode="after")
    def _login_for_network(self) -> BotFile:
        if self.network == "facebook" and self.login is None:
            raise ValueError("network facebook needs login: an app_state, or an email")
        return self


@dataclass(frozen=True)
class Source:
    """The text that settings came from: finds the line of a key, to word a problem."""

    path: Path
    lines: Mapping[Place, int]
    told: set[Place] = field(default_factory=set)
    """Places that a problem was told of already."""
    private: set[Place] = field(default_factory=set)
    """Places whose values came from the environment, and are not shown."""

    def problem(self, place: Place, message: str) -> str:
        """One line: `bot.yaml:12: plugins.echo.prefx: message`."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        return f"{self.path}:{line}: {key + ': ' if key else ''}{message}"


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
    data, source, problems = _load(text, path, environment)
    if not problems or data is not None:
        if not isinstance(data, dict):
            raise ConfigError([*problems, source.problem((), f"must hold keys such as plugins:, not {_kind(data)}")])
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
    if one["type"] == "extra_forbidden":
        message = "there is no such key" + nearest(str(place[-1]), _keys_at(model, one["loc"][:-1]))
    elif one["type"] == "value_error":
        message = str(one["ctx"]["error"])
    elif one["type"] == "missing":
        message = "is missing"
    else:
        wanted = _WANTED.get(one["type"]) or one["msg"].removeprefix("Input ")
        hidden = place in source.private or place[:1] == ("login",) or place[-1:] == ("password",)
        message = wanted if hidden else f"{wanted}, not {_shown(one['input'])}"
    return source.problem(place, message)


# pydantic's words for these are for programmers.
_WANTED = {
    "dict_type": "should be keys and values",
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


def _shown(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return _kind(value)
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {"dict": "keys and values", "list": "a list", "str": "a text"}.get(type(value).__name__, repr(value))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Composes nodes only; without implicit resolvers every plain scalar comes as text, for `_scalar` to read."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


def _load(text: str, path: Path, environment: Mapping[str, str]) -> tuple[Any, Source, list[str]]:
    lines: dict[Place, int] = {}
    source = Source(path, lines)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        lines[()] = mark.line + 1 if mark else 1
        return None, source, [source.problem((), f"is not valid YAML: {error.problem or error.context}")]
    except yaml.YAMLError as error:
        return None, source, [source.problem((), f"is not valid YAML: {str(error).splitlines()[0]}")]
    finally:
        loader.dispose()
    if node is None:
        return {}, source, []
    reader = _Reader(source, lines, environment)
    return reader.value(node, ()), source, reader.problems


class _Reader:
    """Turns composed nodes into plain data, noting lines and collecting problems."""

    def __init__(self, source: Source, lines: dict[Place, int], environment: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._source = source
        self._lines = lines
        self._environment = environment

    def value(self, node: yaml.Node, place: Place) -> Any:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > _DEEPEST:
            self._say(place, "is nested too deep")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "a composed node is a mapping, a sequence or a scalar"
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._lines[(*place, "?")] = line
                self._say((*place, "?"), "a key must be a word")
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in found:
                first = self._lines[here]
                self._lines[here] = line
                self._say(here, f"stands twice; the first is on line {first}")
                continue
            self._lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        text = str(node.value)
        if node.tag not in ("tag:yaml.org,2002:str", "!"):
            self._say(place, f"has the tag {node.tag}, which a bot file does not use")
            return text
        if not node.style:
            plain = plain_scalar(text)
            if not isinstance(plain, str):
                return plain
        if "${" in text:
            self._source.private.add(place)
            if _VARIABLE.sub("", text).count("${"):
                self._say(place, "has a ${ without its }; write ${NAME}")
        return _VARIABLE.sub(lambda found: self._variable(found, place), text)

    def _variable(self, found: re.Match[str], place: Place) -> str:
        name = found.group(1)
        if not _VARIABLE_NAME.fullmatch(name):
            self._say(place, f"{found.group()} is not a variable; write ${{NAME}}")
        elif name not in self._environment:
            self._say(place, f"the environment variable {name} is not set")
        else:
            return self._environment[name]
        return ""

    def _say(self, place: Place, message: str) -> None:
        self._source.told.add(place)
        self.problems.append(self._source.problem(place, message))


def plain_scalar(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2 (core schema): None, bool, int, float or the text itself."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
