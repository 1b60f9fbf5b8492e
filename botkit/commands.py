"""From the text of a message to a command and its typed arguments; help and did-you-mean. Pure: nothing is sent here.

A command is a function whose first parameter is the context and whose other parameters are its arguments:

    @command("roll", aliases=["dice"])
    def roll(ctx: ChatContext, sides: int = 6) -> str:
        \"\"\"Roll a die: !roll 20\"\"\"

Arguments are words; quotes make several words one. A last parameter annotated `Rest` takes the rest of the line as it
was written.
"""

from __future__ import annotations

import difflib
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from botkit.messenger.errors import CommandError, PluginError

Function = TypeVar("Function", bound=Callable[..., Any])

ROLES = ("member", "owner")
_MARK = "__botkit_command__"
_NAME = re.compile(r"[^\W_][\w-]*", re.UNICODE)
_WORD = re.compile(r'\s*(?:"([^"]*)"|“([^”]*)”|(\S+))')
_REST = "botkit.rest"

Rest = Annotated[str, _REST]
"""Annotation of a last parameter that takes the rest of the line, with its spaces and quotes."""

_TRUE = frozenset({"yes", "true", "on", "1"})
_FALSE = frozenset({"no", "false", "off", "0"})


def _to_bool(word: str) -> bool:
    lowered = word.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(word)
    return lowered in _TRUE


# type → (reader of one word, what to call it in a sentence)
_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    str: (str, "a text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (_to_bool, "yes or no"),
}


@dataclass(frozen=True)
class Parameter:
    """One argument of a command. `type` is str, int, float or bool; `rest` takes the remaining line."""

    name: str
    type: Any
    required: bool
    rest: bool
    default: Any = None

    @property
    def usage(self) -> str:
        shown = f"{self.name}…" if self.rest else self.name
        return f"<{shown}>" if self.required else f"[{shown}]"


@dataclass(frozen=True)
class Command:
    """A command as the host knows it. `plugin` is filled in when the plugin is loaded."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()
    help: str = ""
    plugin: str = ""
    role: str = "member"

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.partition("\n")[0]

    def usage(self, prefix: str) -> str:
        """How to call it: `!roll [sides]`."""
        return " ".join([prefix + self.name, *(p.usage for p in self.parameters)])


@dataclass(frozen=True)
class Invocation:
    """A command to be run with these arguments.

    Returned by a hook (as the command router does), it makes the host run the command as a call of the command's own
    plugin, in the place of the call that returned it.
    """

    command: Command
    arguments: tuple[Any, ...] = ()


def command(
    name: str | None = None, *, aliases: Sequence[str] = (), role: str = "member"
) -> Callable[[Function], Function]:
    """Make a function a command.

    `name` is what people type after the prefix (default: the function's name); `aliases` are other words for it. The
    docstring is the help text, its first line the summary. `role` says who may use it: `member` (everybody in the
    chat) or `owner` (the ids under `owners` in the bot file). The function gets the `ChatContext` and its arguments,
    runs on a worker thread of the chat, and may return the answer as text.
    """
    if callable(name):
        raise PluginError(f"@command on {getattr(name, '__name__', name)}: write @command() or @command('name')")

    def mark(function: Function) -> Function:
        setattr(function, _MARK, (name or function.__name__, tuple(aliases), role))
        return function

    return mark


def is_command(candidate: Any) -> bool:
    """Whether `candidate` was marked with `@command`."""
    return callable(candidate) and hasattr(candidate, _MARK)


def build(function: Callable[..., Any], plugin: str) -> Command:
    """The `Command` of a function marked with `@command`; raises PluginError when it cannot be one."""
    name, aliases, role = getattr(function, _MARK)
    where = f"plugin {plugin}, command {name!r}"
    if role not in ROLES:
        raise PluginError(f"{where}: there is no role {role!r}; there are {', '.join(ROLES)}")
    for word in (name, *aliases):
        if not isinstance(word, str) or not _NAME.fullmatch(word):
            raise PluginError(f"{where}: {word!r} cannot be typed after a prefix; use letters, digits and '-'")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise PluginError(f"{where}: plugins are sync Python; write def instead of async def")
    help_ = inspect.getdoc(function) or ""
    return Command(name, function, _parameters(function, where), tuple(aliases), help_, plugin, role)


def _parameters(function: Callable[..., Any], where: str) -> tuple[Parameter, ...]:
    given = list(inspect.signature(function).parameters.values())
    if not given or given[0].kind not in (given[0].POSITIONAL_ONLY, given[0].POSITIONAL_OR_KEYWORD):
        raise PluginError(f"{where}: the first parameter must take the context, as in def {function.__name__}(ctx)")
    # The context's annotation may name a type that exists for type checkers only, so it is not resolved.
    wanted = {k: v for k, v in getattr(function, "__annotations__", {}).items() if k not in (given[0].name, "return")}
    hints = _resolve(function, wanted, where)
    parameters = tuple(_parameter(p, hints.get(p.name, str), where) for p in given[1:])
    for parameter in parameters[:-1]:
        if parameter.rest:
            raise PluginError(f"{where}: {parameter.name} takes the rest of the line, so it must come last")
    return parameters


def _resolve(function: Callable[..., Any], wanted: dict[str, Any], where: str) -> dict[str, Any]:
    scope = getattr(inspect.unwrap(function), "__globals__", {})
    holder = type("holder", (), {"__annotations__": wanted})
    try:
        return typing.get_type_hints(holder, scope, include_extras=True)
    except Exception as error:
        raise PluginError(f"{where}: an annotation cannot be resolved: {error}") from error


def _parameter(parameter: inspect.Parameter, hint: Any, where: str) -> Parameter:
    if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
        raise PluginError(f"{where}: {parameter.name} must be a plain parameter; for the rest of the line use Rest")
    rest = typing.get_origin(hint) is Annotated and _REST in hint.__metadata__
    kind = str if rest else hint
    if kind not in _READERS:
        known = ", ".join(t.__name__ for t in _READERS)
        raise PluginError(f"{where}: {parameter.name} has a type that cannot be typed in a chat; use {known} or Rest")
    required = parameter.default is parameter.empty
    return Parameter(parameter.name, kind, required, rest, None if required else parameter.default)


def words(text: str) -> Iterator[tuple[str, int]]:
    """The words of `text`, quoted ones whole, each with the place where it begins."""
    place = 0
    while found := _WORD.match(text, place):
        value = next(group for group in found.groups() if group is not None)
        yield value, found.end() - len(found.group().lstrip())
        place = found.end()


def arguments(command_: Command, text: str, prefix: str) -> tuple[Any, ...]:
    """The values for the command's parameters, read from `text`; raises CommandError with what was wrong and usage."""
    found = list(words(text))
    values: list[Any] = []
    for number, parameter in enumerate(command_.parameters):
        if number >= len(found):
            if parameter.required:
                raise CommandError(f"{parameter.name} is missing. Usage: {command_.usage(prefix)}")
            values.append(parameter.default)
        elif parameter.rest:
            values.append(text[found[number][1] :].strip())
        else:
            values.append(_value(parameter, found[number][0], command_, prefix))
    if len(found) > len(values) and not any(p.rest for p in command_.parameters):
        raise CommandError(f"{found[len(values)][0]!r} is too much. Usage: {command_.usage(prefix)}")
    return tuple(values)


def _value(parameter: Parameter, word: str, command_: Command, prefix: str) -> Any:
    reader, wanted = _READERS[parameter.type]
    try:
        return reader(word)
    except ValueError:
        usage = command_.usage(prefix)
        raise CommandError(f"{parameter.name} must be {wanted}, not {word!r}. Usage: {usage}") from None


def clashes(commands: Iterable[Command]) -> list[str]:
    """A line for each word that two commands want, naming both plugins."""
    problems = []
    by_word: dict[str, Command] = {}
    for one in commands:
        for word in (one.name, *one.aliases):
            other = by_word.setdefault(word.casefold(), one)
            if other is not one:
                problems.append(f"plugins {other.plugin} and {one.plugin} both have a command {word!r}; rename one")
    return problems


@dataclass(frozen=True)
class CommandTable:
    """All commands of the loaded plugins, by name and alias (letter case does not matter)."""

    commands: tuple[Command, ...] = ()
    _by_word: dict[str, Command] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, commands: Iterable[Command]) -> CommandTable:
        """Build the table; raises PluginError when two commands want one word, naming both plugins."""
        found = tuple(commands)
        problems = clashes(found)
        if problems:
            raise PluginError("; ".join(problems))
        return cls(found, {word.casefold(): one for one in found for word in (one.name, *one.aliases)})

    def find(self, word: str) -> Command | None:
        """The command with this name or alias, or None."""
        return self._by_word.get(word.casefold())

    def nearest(self, word: str) -> str | None:
        """The name or alias that looks most like `word`, or None when nothing is near."""
        near = difflib.get_close_matches(word.casefold(), self._by_word, n=1, cutoff=0.6)
        return near[0] if near else None

    def split(self, text: str, prefix: str) -> tuple[str, str] | None:
        """The command word and the rest of a message, or None when it does not begin with the prefix and a word."""
        if not text.startswith(prefix):
            return None
        word = _NAME.match(text, len(prefix))
        if word is None or (word.end() < len(text) and not text[word.end()].isspace()):
            return None
        return word.group(), text[word.end() :]

    def invocation(self, command_: Command, text: str, prefix: str) -> Invocation:
        """`command_` with the arguments in `text`; raises CommandError with what was wrong and the usage."""
        return Invocation(command_, arguments(command_, text, prefix))
