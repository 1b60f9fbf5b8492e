"""Keeps notes that everybody in the chat can read: the Wi-Fi password, the address, what is for dinner."""

import difflib
import unicodedata
from collections.abc import Iterator
from typing import Any

from botkit import ChatContext, CommandError, Field, Rest, Settings, command

_LONGEST = 4_000
_LONGEST_NAME = 40
_NOTE = "note."
# Behind `!note` these words are commands.
_TAKEN = ("set", "list", "delete", "undo")


class NotesSettings(Settings):
    most: int = Field(default=200, ge=1, le=400)
    """How many notes a chat may have."""
    shared: bool = False
    """Whether everybody may change and delete what others have written, as in a wiki."""


@command("note")
def note(ctx: ChatContext, name: Rest = "") -> str:
    """Read a note: !note wifi"""
    return str(_found(ctx, name)["text"]) if name else list_(ctx)


@command("note list", examples=[("!note list", "There are no notes here yet.")])
def list_(ctx: ChatContext) -> str:
    """Which notes are there? !note list"""
    names = [kept["name"] for _, kept in _notes(ctx) if kept["text"]]
    return ctx.t("list", count=len(names), names=", ".join(names)) if names else ctx.t("none_yet")


@command("note set", examples=[("!note set wifi tulips2026", "The note wifi is written.")])
def set_(ctx: ChatContext, name: str, text: Rest) -> str:
    """Write a note, or write it anew: !note set wifi tulips2026
    A name of several words stands in quotes: !note set "dinner on Friday" soup"""
    name = " ".join(name.split())
    if not _plain(name) or len(name) > _LONGEST_NAME or _plain(name).split()[0] in _TAKEN:
        raise CommandError(ctx.t("name", most=_LONGEST_NAME))
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    kept = ctx.store.thread.get(_NOTE + _plain(name))
    if kept is None or not kept["text"]:
        _make_room(ctx, name)
        _write(ctx, name, text, {"by": ctx.sender_id, "text": ""})
        return ctx.t("written", name=name)
    _check_may_change(ctx, kept)
    _write(ctx, name, text, kept)
    return ctx.t("changed", name=name, prefix=ctx.prefix)


@command("note delete")
def delete(ctx: ChatContext, name: Rest) -> str:
    """Delete a note: !note delete wifi"""
    kept = _found(ctx, name)
    _check_may_change(ctx, kept)
    _write(ctx, kept["name"], "", kept)
    return ctx.t("deleted", name=kept["name"], prefix=ctx.prefix)


@command("note undo")
def undo(ctx: ChatContext, name: Rest) -> str:
    """Take back the last change of a note, or its deletion: !note undo wifi"""
    kept = ctx.store.thread.get(_NOTE + _plain(name))
    if kept is None:
        raise CommandError(ctx.t("none", name=_short(name)))
    _check_may_change(ctx, kept)
    if not kept["text"]:
        _make_room(ctx, name)
    before = kept["before"]
    _write(ctx, kept["name"], before, kept)
    return ctx.t("restored", name=kept["name"], text=before) if before else ctx.t("gone", name=kept["name"])


def _write(ctx: ChatContext, name: str, text: str, old: dict[str, Any]) -> None:
    """A deleted note has no text; what it said before is kept, so that it can be undone."""
    ctx.store.thread[_NOTE + _plain(name)] = {
        "name": name,
        "text": text,
        "by": old["by"],
        "before": old["text"],
        "at_ms": ctx.clock.time_ms(),
    }


def _make_room(ctx: ChatContext, name: str) -> None:
    """The limit counts what can be read; of what is deleted so much is kept as there is room for."""
    others = {known: kept for known, kept in _notes(ctx) if known != _plain(name)}
    if sum(bool(kept["text"]) for kept in others.values()) >= ctx.settings.most:
        raise CommandError(ctx.t("full", most=ctx.settings.most))
    deleted = sorted((kept["at_ms"], known) for known, kept in others.items() if not kept["text"])
    for _, known in deleted[: max(0, len(others) + 1 - ctx.settings.most)]:
        del ctx.store.thread[_NOTE + known]


def _found(ctx: ChatContext, name: str) -> dict[str, Any]:
    """The note of that name; raises CommandError with the nearest when there is none."""
    kept: dict[str, Any] | None = ctx.store.thread.get(_NOTE + _plain(name))
    if kept is not None and kept["text"]:
        return kept
    names = {known: other["name"] for known, other in _notes(ctx) if other["text"]}
    near = difflib.get_close_matches(_plain(name)[:_LONGEST_NAME], names, n=1)
    if near:
        raise CommandError(ctx.t("did_you_mean", name=_short(name), near=names[near[0]]))
    raise CommandError(ctx.t("none", name=_short(name)))


def _notes(ctx: ChatContext) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name in its plain form, what is kept), deleted ones too, in the order of the names."""
    for key, kept in ctx.store.thread.items():
        yield key.removeprefix(_NOTE), kept


def _check_may_change(ctx: ChatContext, kept: dict[str, Any]) -> None:
    if not ctx.settings.shared and kept["by"] != ctx.sender_id and ctx.role == "member":
        raise CommandError(ctx.t("not_yours"))


def _plain(name: str) -> str:
    """For comparing: one name may be typed in several ways, and phones put signs into it that nobody sees."""
    seen = "".join(sign for sign in name if sign != "\ufe0f" and unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen.casefold()).split())


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
