"""Shows people that a word is not welcome here, without hitting the words that only contain it."""

import functools
import unicodedata
from typing import Annotated, Literal

from botkit import ChatContext, CommandError, Field, Message, Rest, Settings, command, hookimpl
from botkit_plugins._removing import add_again, ask_or_remove, is_exempt

_MOST = 200
_MOST_SHOWN = 300
_LONGEST = 50
_WORDS = "words"

_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")


class BadwordsSettings(Settings):
    words: list[Annotated[str, Field(min_length=2, max_length=_LONGEST)]] = Field(default=[])
    """Words, or several in a row, that are not welcome in any chat. A word without accents is found with them, too."""
    then: Literal["react", "reply", "remove"] = "react"
    """What is done: `react` shows 🤐 on the message, `reply` asks for other words, once per person in ten minutes, and
    `remove` replies and puts out whoever goes on, which admins can take back. A bot cannot delete what others write."""
    remove_after: int = Field(default=5, ge=2, le=50)
    """With `remove`: at so many such messages within a day."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if not message.is_group or message.is_late or not _has_bad_word(ctx, message.body) or is_exempt(ctx):
        return None
    if ctx.settings.then == "react":
        ctx.react("🤐")
        return None
    return ask_or_remove(ctx, message.timestamp_ms, "unwelcome words")


@command("badwords add", role="admin", examples=[("!badwords add heck", "h**k is not welcome here from now on.")])
def add(ctx: ChatContext, text: Rest) -> str:
    """Have a word, or several in a row, be unwelcome here: !badwords add heck
    It is found in any letter case, and with 0 for o, 3 for e and the like, but not within another word. A bot cannot
    delete what others write."""
    word = " ".join(text.casefold().split())
    if not 2 <= len(word) <= _LONGEST or not _pieces(word)[0].strip():
        raise CommandError(ctx.t("how", most=_LONGEST, prefix=ctx.prefix))
    words = ctx.store.thread.setdefault(_WORDS, [])
    if len(words) >= _MOST:
        raise CommandError(ctx.t("full", most=_MOST))
    if word not in words:
        words.append(word)
    return ctx.t("added_word", word=_masked(word))


@command("badwords remove", role="admin")
def remove(ctx: ChatContext, word: Rest) -> str:
    """Have a word be welcome again, by itself or its number in the list: !badwords remove 2"""
    words: list[str] = ctx.store.thread.get(_WORDS, [])
    wanted = " ".join(word.casefold().split())
    if wanted not in words and wanted.isdecimal() and 1 <= int(wanted) <= len(words):
        wanted = words[int(wanted) - 1]
    if wanted not in words:
        raise CommandError(ctx.t("unknown", prefix=ctx.prefix))
    words.remove(wanted)
    return ctx.t("removed_word", word=_masked(wanted))


@command("badwords list", role="mod", examples=[("!badwords list", "Every word is welcome here.")])
def list_(ctx: ChatContext) -> str:
    """Which words are not welcome here? !badwords list
    They are half hidden; those without a number are in the bot file."""
    lines = [f"{number}. {_masked(word)}" for number, word in enumerate(ctx.store.thread.get(_WORDS, []), 1)]
    lines += [f"– {_masked(word)}" for word in ctx.settings.words]
    return "\n".join([*lines[:_MOST_SHOWN], *(["…"] if len(lines) > _MOST_SHOWN else [])]) or ctx.t("none")


@command("badwords undo", role="admin", examples=[("!badwords undo", "I have removed nobody here.")])
def undo(ctx: ChatContext) -> str:
    """Add whom it has removed last again: !badwords undo"""
    return add_again(ctx)


def _has_bad_word(ctx: ChatContext, text: str) -> bool:
    words = [*ctx.settings.words, *ctx.store.thread.get(_WORDS, [])]
    if not words or not text:
        return False
    exact, plain = _pieces(text)
    # A word with accents is meant with them: in some languages it is quite another word without.
    return any(own.strip() and own in (exact if own != bare else plain) for own, bare in map(_word, words))


@functools.lru_cache(maxsize=2_000)
def _word(word: str) -> tuple[str, str]:
    return _pieces(word)


def _pieces(text: str) -> tuple[str, str]:
    """The words of a text in a row, with a space on either side of each; and the same without accents."""
    signs = map(_sign, unicodedata.normalize("NFKC", text.casefold()))
    pieces = filter(None, (piece.strip("!") for piece in "".join(signs).split()))
    # Numbers are numbers, and not words in disguise.
    words = [piece.translate(_LOOKALIKES) if any(map(str.isalpha, piece)) else piece for piece in pieces]
    exact = unicodedata.normalize("NFC", f" {' '.join(words)} ")
    bare = "".join(sign for sign in unicodedata.normalize("NFD", exact) if unicodedata.category(sign) != "Mn")
    return exact, unicodedata.normalize("NFC", bare)


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    # The invisible ones hide a word, or come from phones.
    if kind == "Cf":
        return ""
    return sign if kind[0] in "LMN" or sign in "@$!" else " "


def _masked(word: str) -> str:
    """Enough of it for those who know it."""
    return " ".join(one[0] + "*" * (len(one) - 2) + one[-1] if len(one) > 2 else one[0] + "*" for one in word.split())
