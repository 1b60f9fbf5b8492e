"""Answers messages that have certain words in them; admins say which, and with what."""

import functools
import unicodedata
from typing import Annotated

from botkit import ChatContext, CommandError, Duration, Field, Message, Rest, Settings, command, hookimpl

_MOST = 100
_MOST_LISTED = 150
_LONGEST_WORDS = 100
_LONGEST = 2_000
_LONGEST_LISTED = 50
_WORDS = "words"
_TEXT = "text."
_SAID = "said"
# What has no letter, digit or symbol in it would fit no message.
_Keyword = Annotated[str, Field(max_length=_LONGEST_WORDS, pattern=r"[\p{L}\p{N}\p{S}]")]


class AnswersSettings(Settings):
    keywords: dict[_Keyword, Annotated[str, Field(min_length=1, max_length=_LONGEST)]] = Field(default={})
    """What is answered to which words in every chat; | stands between several answers, of which one is said."""
    cooldown: Duration = 60
    """For so long the same words are not answered again in a chat."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if message.is_late or message.body.startswith(ctx.prefix) or message.sender_id == ctx.api.get_current_user_id():
        return None
    own: list[str] = ctx.store.thread.get(_WORDS, [])
    general = {_keyword(words): text for words, text in ctx.settings.keywords.items()}
    if not own and not general:
        return None
    written = f" {_plain(message.body)} "
    found = [words for words in (*own, *general) if words and f" {words} " in written]
    if not found:
        return None
    # Who says more means something narrower: `opening hours` goes before `hours`.
    words = max(found, key=len)
    if not _may_say(ctx, words):
        return None
    return ctx.random.choice(_answers(ctx.store.thread[_TEXT + words] if words in own else general[words]))


@command("answer add", role="admin", examples=[("!answer add wifi = tulips | Ask Ann.", "I answer wifi from now on.")])
def add(ctx: ChatContext, text: Rest) -> str:
    """Have words answered: !answer add opening hours = From 9 to 5. | Nine to five.
    Of several answers, with | between them, one is said."""
    written, _, answer = text.partition("=")
    words = _plain(written)
    if not words or not answer.strip(" |"):
        raise CommandError(ctx.t("how", prefix=ctx.prefix))
    if len(words) > _LONGEST_WORDS or len(answer) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST_WORDS, longest=_LONGEST))
    own = ctx.store.thread.setdefault(_WORDS, [])
    before = ctx.store.thread.get(_TEXT + words)
    if before is None:
        if len(own) >= _MOST:
            raise CommandError(ctx.t("full", most=_MOST))
        own.append(words)
    ctx.store.thread[_TEXT + words] = answer.strip()
    return ctx.t("added", words=words) if before is None else ctx.t("replaced", words=words, text=before)


@command("answer list", role="mod", examples=[("!answer list", "There are no words here that I answer.")])
def list_(ctx: ChatContext) -> str:
    """Which words are answered here? !answer list"""
    own = ctx.store.thread.get(_WORDS, [])
    lines = [f"{n}. {_short(words)} = {_short(ctx.store.thread[_TEXT + words])}" for n, words in enumerate(own, 1)]
    general = {_keyword(words): text for words, text in ctx.settings.keywords.items()}
    lines += [f"– {_short(words)} = {_short(text)}" for words, text in general.items() if words not in own]
    if len(lines) > _MOST_LISTED:
        lines[_MOST_LISTED:] = [ctx.t("more", count=len(lines) - _MOST_LISTED)]
    return "\n".join(lines) or ctx.t("nothing")


@command("answer remove", role="admin")
def remove(ctx: ChatContext, number: int) -> str:
    """Have words answered no more, by their number in the list: !answer remove 2"""
    own = ctx.store.thread.get(_WORDS, [])
    if not 1 <= number <= len(own):
        raise CommandError(ctx.t("none", number=number, prefix=ctx.prefix))
    words = own.pop(number - 1)
    return ctx.t("removed", words=words, text=ctx.store.thread.pop(_TEXT + words))


def _may_say(ctx: ChatContext, words: str) -> bool:
    """Whether these words have rested, which is noted; those that have rested long enough are forgotten."""
    now_ms, rest_ms = ctx.clock.time_ms(), 1000 * ctx.settings.cooldown
    resting = {known: at_ms for known, at_ms in ctx.store.thread.get(_SAID, {}).items() if now_ms - at_ms < rest_ms}
    if words in resting:
        return False
    ctx.store.thread[_SAID] = {**resting, words: now_ms}
    return True


def _answers(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()] or [text]


@functools.lru_cache(maxsize=1_000)
def _keyword(words: str) -> str:
    """Those of the bot file are wanted for every message."""
    return _plain(words)


def _plain(text: str) -> str:
    """The words of a text with a space between them, without letter case and punctuation; each emoji and symbol, as in
    <3 and C++, is a word."""
    return " ".join("".join(map(_piece, unicodedata.normalize("NFC", text.casefold()))).split())


def _piece(character: str) -> str:
    kind = unicodedata.category(character)
    # The invisible signs that phones put around names, and the one that makes an emoji a coloured one.
    if kind == "Cf" or character == "\ufe0f":
        return ""
    if kind[0] == "S":
        return f" {character} "
    return character if kind[0] in "LMN" else " "


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LISTED else f"{line[: _LONGEST_LISTED - 1]}…"
