"""Commands: functions that people call by a message, and the table that finds them by name. Pure: nothing is sent here.

A command is a function whose first parameter is the context and whose other parameters are its arguments:

    @command("roll", aliases=["dice"], examples=[("!roll 1", "1")])
    def roll(ctx: ChatContext, sides: int = 6) -> str:
        \"\"\"Roll a die: !roll 20\"\"\"

A name of several words is a subcommand: `@command("birthday add")`.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from botkit import arguments
from botkit.argument_types import Rest as Rest
from botkit.arguments import Parameter as Parameter
from botkit.messenger.errors import CommandError, PluginError
from botkit.people import Lookup as Lookup
from botkit.people import Member as Member
from botkit.texts import Phrase
from botkit.values import duration, seconds

Function = TypeVar("Function", bound=Callable[..., Any])

ROLES = ("member", "mod", "admin", "owner")
"""What somebody may do, from little to much: who has a role may do what the ones before it may."""
EXAMPLE_PREFIX = "!"
"""What commands begin with in examples; people are shown the prefix of their chat instead."""

_MARK = "__botkit_command__"
_WORD = re.compile(r"[^\W_][\w-]*")
_NAME = re.compile(r"[^\W_][\w-]*(?: [^\W_][\w-]*)*")
_NEXT_WORD = re.compile(r"\s+([^\W_][\w-]*)(?!\S)")
_PER = ("user", "chat", "member", "all")
_LONGEST_WORD = 50


@dataclass(frozen=True)
class Cooldown:
    """So many seconds must pass until a command is run again: for the same `user` in any chat, in the same `chat`, for
    the same `member` (a user in a chat), or for `all`."""

    seconds: float
    per: Literal["user", "chat", "member", "all"] = "user"

    @property
    def length(self) -> str:
        """As one would write it: `2h30m`."""
        return duration(self.seconds)


def allows(role: str, needed: str) -> bool:
    """Whether somebody with `role` may do what needs `needed`."""
    return ROLES.index(role) >= ROLES.index(needed)


@dataclass(frozen=True)
class Command:
    """A command as the host knows it. `plugin` is the one that it belongs to; `examples` are pairs of what is typed,
    with "!" as the prefix, and what is answered; `is_conversation`: its function yields questions."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()
    help: str = ""
    plugin: str = ""
    role: str = "member"
    cooldown: Cooldown | None = None
    confirm: bool = False
    examples: tuple[tuple[str, str], ...] = ()
    is_conversation: bool = False

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
    plugin, in the place of the call that returned it. `text` is what the arguments were read from; `confirmed` is set
    when the person was asked whether it is meant, and said yes.
    """

    command: Command
    arguments: tuple[Any, ...] = ()
    text: str = field(default="", repr=False)
    confirmed: bool = False


def command(
    name: str | None = None,
    *,
    aliases: Sequence[str] = (),
    role: str = "member",
    cooldown: Cooldown | float | str | None = None,
    confirm: bool = False,
    examples: Sequence[tuple[str, str]] = (),
) -> Callable[[Function], Function]:
    """Make a function a command.

    `name` is what people type after the prefix (default: the function's name), of several words for a subcommand;
    each of `aliases` takes the place of the whole name. The docstring is the help text, its first line the summary.
    `role` is the least that one must be to use it: `member` (anybody in the chat), `mod`, `admin` (of the group), or
    `owner` (of the bot). `cooldown` is a `Cooldown`, or seconds or a text such as "2h" for each user. With `confirm`
    the person is asked first whether it is meant. `examples` are pairs of what is typed, beginning with "!", and what
    is answered: shown by `!help`, and tested by the kit.

    The function gets the `ChatContext` and its arguments, runs on a worker thread of the chat, and may return the
    answer as text, or be a conversation, which yields questions. What is wrong is told when the plugin is loaded.
    """
    if callable(name):
        raise PluginError(f"@command on {getattr(name, '__name__', name)}: write @command() or @command('name')")

    def mark(function: Function) -> Function:
        setattr(function, _MARK, _Given(name or function.__name__, aliases, role, cooldown, confirm, examples))
        return function

    return mark


@dataclass(frozen=True)
class _Given:
    """What `@command` was given, not looked at yet."""

    name: Any
    aliases: Any
    role: Any
    cooldown: Any
    confirm: Any
    examples: Any

    def faults(self) -> Iterator[str]:
        if self.role not in ROLES:
            yield f"there is no role {self.role!r}; there are {', '.join(ROLES)}"
        if not _is_list(self.aliases):
            yield f"aliases must be a list of names, not {self.aliases!r}"
        for word in self.names:
            if not isinstance(word, str) or not _NAME.fullmatch(word):
                yield f"{word!r} cannot be typed after a prefix; use letters, digits, '-', and one space between words"
        try:
            _cooldown(self.cooldown)
        except ValueError as error:
            yield f"cooldown: {error}"
        if not isinstance(self.confirm, bool):
            yield f"confirm must be True or False, not {self.confirm!r}"
        if not _is_list(self.examples) or not all(map(_is_pair, self.examples)):
            yield "examples must be a list of pairs of texts, as in [('!roll 1', '1')]"
            return
        for typed, _ in self.examples:
            if not any(_begins_with(typed, f"{EXAMPLE_PREFIX}{name}") for name in self.names):
                yield f"example {typed!r} must begin with {EXAMPLE_PREFIX}{self.name}"

    @property
    def names(self) -> tuple[Any, ...]:
        return (self.name, *(self.aliases if _is_list(self.aliases) else ()))


def _is_list(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str)


def _is_pair(given: Any) -> bool:
    return _is_list(given) and len(given) == 2 and all(isinstance(one, str) for one in given)


def _begins_with(typed: str, name: str) -> bool:
    return f"{typed} ".casefold().startswith(f"{name} ".casefold())


def _cooldown(given: Any) -> Cooldown | None:
    """Raises ValueError when it is none."""
    if given is None:
        return None
    made = given if isinstance(given, Cooldown) else Cooldown(given)
    if made.per not in _PER:
        raise ValueError(f"{made.per!r} is not what it can be per; there are {', '.join(_PER)}")
    return Cooldown(seconds(made.seconds), made.per)


def is_command(candidate: Any) -> bool:
    """Whether `candidate` was marked with `@command`."""
    return callable(candidate) and hasattr(candidate, _MARK)


def build(function: Callable[..., Any], plugin: str) -> Command:
    """The `Command` of a function marked with `@command`; raises PluginError with everything that is wrong with it."""
    given: _Given = getattr(function, _MARK)
    parameters, faults = arguments.parameters(function)
    faults = [*given.faults(), *faults]
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        faults.append("plugins are sync Python; write def instead of async def")
    if faults:
        raise PluginError(f"plugin {plugin}, command {given.name!r}: {'; '.join(faults)}")
    return Command(
        name=given.name,
        function=function,
        parameters=parameters,
        aliases=tuple(given.aliases),
        help=inspect.getdoc(function) or "",
        plugin=plugin,
        role=given.role,
        cooldown=_cooldown(given.cooldown),
        confirm=given.confirm,
        examples=tuple((typed, answer) for typed, answer in given.examples),
        is_conversation=inspect.isgeneratorfunction(inspect.unwrap(function)),
    )


def clashes(commands: Iterable[Command]) -> list[str]:
    """A line for each name that two commands want, naming both plugins."""
    problems = []
    by_name: dict[str, Command] = {}
    for one in commands:
        for name in (one.name, *one.aliases):
            other = by_name.setdefault(name.casefold(), one)
            if other is not one:
                problems.append(f"plugins {other.plugin} and {one.plugin} both have a command {name!r}; rename one")
    return problems


@dataclass(frozen=True)
class CommandTable:
    """All commands of the loaded plugins, by name and alias (letter case does not matter)."""

    commands: tuple[Command, ...] = ()
    _by_name: Mapping[str, Command] = field(default_factory=dict, repr=False, compare=False)
    _next_words: Mapping[str, Mapping[str, None]] = field(default_factory=dict, repr=False, compare=False)
    """Beginning of a name, "" at first → the words that may follow, in order."""

    @classmethod
    def of(cls, commands: Iterable[Command]) -> CommandTable:
        """Build the table; raises PluginError when two commands want one name, naming both plugins."""
        found = tuple(commands)
        problems = clashes(found)
        if problems:
            raise PluginError("; ".join(problems))
        by_name = {name.casefold(): one for one in found for name in (one.name, *one.aliases)}
        next_words: dict[str, dict[str, None]] = {}
        for name in by_name:
            words = name.split(" ")
            for number, word in enumerate(words):
                next_words.setdefault(" ".join(words[:number]), {})[word] = None
        return cls(found, by_name, next_words)

    def usable(self, role: str, plugins: Iterable[str]) -> CommandTable:
        """The table of what somebody with this role may use, of these plugins."""
        among = frozenset(plugins)
        return CommandTable.of(one for one in self.commands if one.plugin in among and allows(role, one.role))

    def find(self, name: str) -> Command | None:
        """The command with this name or alias, or None."""
        return self._by_name.get(name.casefold())

    def subcommands(self, name: str) -> tuple[Command, ...]:
        """The commands whose name, or an alias, is `name` and a word or more behind it."""
        beginning = f"{name} ".casefold()
        if beginning.strip() not in self._next_words:
            return ()
        return tuple(c for c in self.commands if any(n.casefold().startswith(beginning) for n in (c.name, *c.aliases)))

    def nearest(self, text: str) -> str | None:
        """The name or alias, or the beginning of several, that looks most like what `text` begins with; None when
        nothing is near."""
        name = ""
        for word in text.casefold().split():
            known = self._next_words.get(name, {})
            near = [word] if word in known else difflib.get_close_matches(word[:_LONGEST_WORD], known, n=1, cutoff=0.6)
            if not near:
                break
            name = f"{name} {near[0]}".strip()
        return name or None

    def split(self, text: str, prefix: str) -> tuple[str, str] | None:
        """The command's name and the rest of a message, or None when it does not begin with the prefix and a word.

        The name is the longest that there is a command of, else the longest that commands begin with, else one word.
        """
        if not text.startswith(prefix):
            return None
        word = _WORD.match(text, len(prefix))
        if word is None or (word.end() < len(text) and not text[word.end()].isspace()):
            return None
        name, end = known, known_end = word.group(), word.end()
        while (words := self._next_words.get(name.casefold())) and (word := _NEXT_WORD.match(text, end)):
            if word[1].casefold() not in words:
                break
            name, end = f"{name} {word[1]}", word.end()
            if name.casefold() in self._by_name or known.casefold() not in self._by_name:
                known, known_end = name, end
        return known, text[known_end:]

    def invocation(self, command_: Command, text: str, prefix: str, lookup: Lookup) -> Invocation:
        """`command_` with the arguments in `text`; raises CommandError with what was wrong and the usage."""
        try:
            return Invocation(command_, arguments.read(command_.parameters, text, lookup), text)
        except CommandError as error:
            raise CommandError(
                Phrase.of("argument.usage", fault=error.args[0], usage=command_.usage(prefix))
            ) from error
