"""Conditions under which a plugin's function is called besides hooks and commands.

    @keyword("pizza")
    def hungry(ctx: ChatContext, message: Message) -> str:
        return "Did somebody say pizza?"

The function asks by name for what it uses: `ctx`, `message` (or `reaction`), and of `@matches` also `match`. It is
called in its plugin's place among the `on_message` (or `on_reaction`) hooks, after the plugin's own hook, in the order
in which the functions stand in the file; what it returns counts as there: a text is the reply, `STOP` ends the walk.
Several conditions on one function: one of them is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from botkit.messenger.errors import PluginError

if TYPE_CHECKING:
    from botkit.messenger import Event

Function = TypeVar("Function", bound=Callable[..., Any])

_MARK = "__botkit_matchers__"
# Emoji come with and without the sign that asks for their coloured form.
_COLOURED = "\ufe0f"

Find = Callable[["Event", str], Mapping[str, Any] | None]
"""(event, the bot's own id) → what was found, as further arguments for the function, or None."""


@dataclass(frozen=True)
class Matcher:
    """A condition on the events of one hook.

    text: what was written behind the @. arguments: what a function with it may ask for. may_be_slow: a pattern of
    somebody's own can take for ever, so it is tried inside the guard of the call.
    """

    hook: str
    text: str
    arguments: tuple[str, ...]
    find: Find = field(repr=False, compare=False)
    may_be_slow: bool = False


def matches(pattern: str, flags: int = 0) -> Callable[[Function], Function]:
    """Call the function for a message in which the regular expression is found anywhere; letter case counts unless
    `re.IGNORECASE` is among the `flags`. `match` is the `re.Match`. Raises PluginError for a pattern that is none."""
    try:
        found = re.compile(pattern, flags)
    except (re.error, TypeError) as error:
        raise PluginError(f"@matches({pattern!r}): is no regular expression: {error}") from error

    def find(event: Any, _own_id: str) -> Mapping[str, Any] | None:
        match = found.search(event.body)
        return None if match is None else {"match": match}

    return conditioned(
        Matcher("on_message", f"matches({pattern!r})", ("ctx", "message", "match"), find, may_be_slow=True)
    )


def keyword(*words: str) -> Callable[[Function], Function]:
    """Call the function for a message with one of these words or phrases in it, as whole words; letter case does not
    matter. Raises PluginError when there is none."""
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise PluginError("@keyword: name at least one word, as in @keyword('pizza')")
    one_of = "|".join(re.escape(word.strip()) for word in words)
    found = re.compile(rf"(?<!\w)(?:{one_of})(?!\w)", re.IGNORECASE)

    def find(event: Any, _own_id: str) -> Mapping[str, Any] | None:
        return {} if found.search(event.body) else None

    text = f"keyword({', '.join(map(repr, words))})"
    return conditioned(Matcher("on_message", text, ("ctx", "message"), find))


def mentioned(function: Function) -> Function:
    """Call the function for a message that mentions the bot (@ and its name)."""

    def find(event: Any, own_id: str) -> Mapping[str, Any] | None:
        return {} if own_id in event.mentions else None

    return conditioned(Matcher("on_message", "mentioned", ("ctx", "message"), find))(function)


def replied_to_bot(function: Function) -> Function:
    """Call the function for a message that answers one of the bot's; where the network does not say whose message was
    answered, it is not called."""

    def find(event: Any, own_id: str) -> Mapping[str, Any] | None:
        return {} if event.reply_to is not None and event.reply_to.sender_id == own_id else None

    return conditioned(Matcher("on_message", "replied_to_bot", ("ctx", "message"), find))(function)


def reacted(*emojis: str) -> Callable[[Function], Function]:
    """Call the function when somebody puts one of these emoji on a message; with none named, any emoji.

    Taking a reaction back is no match. Raises PluginError for what is no text.
    """
    if not all(isinstance(emoji, str) and emoji for emoji in emojis):
        raise PluginError("@reacted: name emoji, as in @reacted('❤'), or none for any: @reacted()")
    wanted = {emoji.replace(_COLOURED, "") for emoji in emojis}

    def find(event: Any, _own_id: str) -> Mapping[str, Any] | None:
        given = event.reaction
        return {} if given and (not wanted or given.replace(_COLOURED, "") in wanted) else None

    text = f"reacted({', '.join(map(repr, emojis))})"
    return conditioned(Matcher("on_reaction", text, ("ctx", "reaction"), find))


def matchers_of(candidate: Any) -> tuple[Matcher, ...]:
    """The conditions on a function, the uppermost first; none for what is no function with conditions."""
    return tuple(getattr(candidate, _MARK, ())) if callable(candidate) else ()


def conditioned(matcher: Matcher) -> Callable[[Function], Function]:
    """Have the function called for the events that the matcher fits."""

    def mark(function: Function) -> Function:
        if not isinstance(function, FunctionType):
            raise PluginError(f"@{matcher.text}: write it above a function")
        others: tuple[Matcher, ...] = getattr(function, _MARK, ())
        setattr(function, _MARK, (matcher, *others))
        return function

    return mark
