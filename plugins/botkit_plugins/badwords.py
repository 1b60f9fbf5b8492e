"""Shows people that a word is not welcome here, without hitting the words that only contain it."""

import functools
import unicodedata
from typing import Annotated, Literal

from botkit import ChatContext, CommandError, Field, Message, MessengerError, Rest, Settings, command, hookimpl

_EXEMPT = ("owner", "admin", "mod")
_CALM_MS = 600_000
_DAY_MS = 86_400_000
_MOST = 200
_MOST_REMOVED = 20
_LONGEST = 50
_WORDS = "words"
_REMOVED = "removed"
_NAME = "name"
_FOUND = "found"
_SAID = "said_ms"

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
    if not message.is_group or message.is_late or not _has_bad_word(ctx, message.body) or _is_exempt(ctx):
        return None
    now_ms = message.timestamp_ms
    if ctx.settings.then == "react":
        ctx.react("🤐")
        return None
    if ctx.settings.then == "remove":
        found = [at_ms for at_ms in ctx.store.member.get(_FOUND, []) if now_ms - at_ms < _DAY_MS]
        ctx.store.member[_FOUND] = [*found, now_ms][-ctx.settings.remove_after :]
        if len(found) + 1 >= ctx.settings.remove_after and _may_remove(ctx):
            return _remove(ctx)
    if now_ms - ctx.store.member.get(_SAID, 0) < _CALM_MS:
        return None
    ctx.store.member[_SAID] = now_ms
    return ctx.t("please", name=_name(ctx))


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
    general = [f"– {_masked(word)}" for word in ctx.settings.words[:_MOST]]
    return "\n".join([*lines, *general]) or ctx.t("none")


@command("badwords undo", role="admin", examples=[("!badwords undo", "I have removed nobody here.")])
def undo(ctx: ChatContext) -> str:
    """Add whom it has removed last again: !badwords undo"""
    removed: list[str] = ctx.store.thread.get(_REMOVED, [])
    if not removed:
        raise CommandError(ctx.t("nobody"))
    user_id = removed.pop()
    name = str(ctx.store.for_member(user_id).get(_NAME) or ctx.t("somebody"))
    try:
        # Asked afresh: ctx.thread may not know yet what the bot itself has done.
        if user_id not in ctx.api.get_thread_info(ctx.thread_id).participant_ids:
            ctx.api.add_user_to_group(user_id, ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("user %s was not added to chat %s again: %s", user_id, ctx.thread_id, error)
        raise CommandError(ctx.t("not_added", name=name)) from error
    ctx.store.for_member(user_id).clear()
    return ctx.t("added", name=name)


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


def _is_exempt(ctx: ChatContext) -> bool:
    return ctx.role in _EXEMPT or ctx.sender_id == ctx.api.get_current_user_id()


def _may_remove(ctx: ChatContext) -> bool:
    """In a group without an admin everybody may remove people."""
    thread = ctx.thread
    return thread is not None and (not thread.admin_ids or ctx.api.get_current_user_id() in thread.admin_ids)


def _remove(ctx: ChatContext) -> str:
    user_id = str(ctx.sender_id)
    removed = [one for one in ctx.store.thread.get(_REMOVED, []) if one != user_id]
    for forgotten in removed[: 1 - _MOST_REMOVED]:
        ctx.store.for_member(forgotten).clear()
    ctx.store.thread[_REMOVED] = [*removed[1 - _MOST_REMOVED :], user_id]
    ctx.store.member[_NAME] = _name(ctx)
    ctx.queue("remove_user_from_group", user_id)
    ctx.log.info("user %s is removed from chat %s for unwelcome words", user_id, ctx.thread_id)
    return ctx.t("removed", name=_name(ctx), prefix=ctx.prefix)


def _name(ctx: ChatContext) -> str:
    sender = ctx.sender
    return (sender and (sender.nickname or sender.name)) or ctx.t("somebody")
