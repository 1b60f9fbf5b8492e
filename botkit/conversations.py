"""Questions that a command asks: `yield ask("How many?", int)` in a command that is a generator function.

@command("feedback")
def feedback(ctx: ChatContext) -> Conversation:
    stars = yield ask("How many stars?", int)
    why = yield "And why?"
    ctx.store.thread.append("feedback", {"stars": stars, "why": why})
    return "Thank you."
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from botkit import arguments
from botkit.argument_types import read_annotation
from botkit.arguments import Parameter
from botkit.messenger import Message
from botkit.messenger.errors import CommandError, PluginError
from botkit.people import Directory, Lookup
from botkit.texts import Phrase
from botkit.times import read_duration

ANSWER_WITHIN_S = 600.0
"""How long a question waits for its answer, unless it says otherwise."""

Conversation = Generator["Ask | str", Any, "str | None"]
"""What a command gives that asks questions: it yields them, and may return a last text."""


@dataclass(frozen=True)
class Ask:
    """A question, and what its answer has to be; made by `ask`."""

    question: str = field(repr=False)
    type: Any = str
    again: str | None = field(default=None, repr=False)
    timeout_s: float = ANSWER_WITHIN_S

    def read(self, message: Message, lookup: Lookup) -> Any:
        """The answer that a message gives; raises CommandError with what is wrong with it."""
        if self.type is Message:
            return message
        text = message.body.strip()
        if not text:
            raise CommandError(Phrase.of("conversation.wordless"))
        annotation = read_annotation(self.type)
        if annotation.amount == "rest" or self.type is str:
            return text
        if annotation.amount == "list":
            return arguments.read([Parameter("answer", annotation, required=True)], text, lookup)[0]
        try:
            return annotation.type.read(" ".join(text.split()), Directory(lookup))
        except ValueError:
            raise CommandError(Phrase.of("conversation.unfit", wanted=annotation.type.wanted)) from None


def ask(
    question: str,
    type: Any = str,
    *,
    choices: Sequence[Any] | None = None,
    again: str | None = None,
    timeout: float | str | timedelta | None = None,
) -> Ask:
    """A question to `yield` in a command: the yield gives the answer, once there is one that fits.

    `type` is what the arguments of a command may be: `int`, `datetime`, `Member`, `Literal["a", "b"]` …; or `Message`,
    which every message fits, a picture too. `choices` are the only answers there are, instead of a type. To an answer
    that does not fit the question is repeated, after `again` or else what is wrong. `timeout` is how long the question
    waits, in seconds or as "2h" (10 minutes by default); then the conversation is over. Raises PluginError.
    """
    if not isinstance(question, str) or not question.strip():
        raise PluginError("ask: the question must be a text with something in it")
    if choices is not None:
        if isinstance(choices, str) or not choices or type is not str:
            raise PluginError("ask: choices must be a list of answers with something in it, without a type")
        type = Literal[tuple(choices)]
    if type is not Message:
        try:
            read_annotation(type)
        except (ValueError, TypeError):
            raise PluginError("ask: the type must be one that an argument of a command may have, or Message") from None
    return Ask(question, type, again, ANSWER_WITHIN_S if timeout is None else _seconds(timeout))


def asked(value: object) -> Ask:
    """The question that a conversation has yielded; raises PluginError when it is none."""
    if isinstance(value, Ask):
        return value
    if isinstance(value, str):
        return ask(value)
    raise PluginError(f"a conversation yields a text or ask(…), not {value.__class__.__name__}")


def _seconds(timeout: float | str | timedelta) -> float:
    try:
        length = read_duration(timeout) if isinstance(timeout, str) else timeout
        found = length.total_seconds() if isinstance(length, timedelta) else float(length)
    except (ValueError, TypeError):
        found = 0.0
    if not 0 < found < float("inf"):
        raise PluginError("ask: the timeout must be a number of seconds or a text such as '2h', and more than nothing")
    return found
