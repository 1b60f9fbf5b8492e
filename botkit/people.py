"""Members and chats as people name them: by mention, name, a part of it, nickname or id. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from botkit.messenger.errors import CommandError
from botkit.texts import Phrase

if TYPE_CHECKING:
    from botkit.messenger import Thread

_LONGEST_ID = 20
_SHORTEST_ID = 6


@dataclass(frozen=True)
class Member:
    """Somebody in a chat. `name` is None when it is not known, `nickname` when there is none."""

    id: str
    name: str | None = None
    nickname: str | None = None


class Lookup(Protocol):
    """What the arguments of a command are looked up in: the chat that it was typed in. Nothing raises."""

    def now(self) -> datetime:
        """The time, aware, in the chat's zone."""
        ...

    def members(self) -> Sequence[Member]:
        """The people of the chat, the bot too."""
        ...

    def threads(self) -> Sequence[Thread]:
        """The bot's chats."""
        ...

    def mentions(self) -> Mapping[str, str]:
        """Who is mentioned in the message: {user id: the text that was written for it}."""
        ...


class Directory:
    """Finds whom and what a text names. The lookup is asked only for what is needed, and once."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    @cached_property
    def now(self) -> datetime:
        """The time, aware, in the chat's zone."""
        return self._lookup.now()

    def member(self, text: str) -> Member:
        """The member that is meant: by mention, else by id, by name, by first name or nickname, or by the last word of
        either.

        An id may also be that of somebody who is not in the chat. Raises ValueError when nobody is meant, CommandError
        when it could be several.
        """
        wanted = _called(text)
        for register in (self._mentioned, self._ids, self._names, self._short_names, self._last_words):
            if found := register.get(wanted) if wanted else None:
                return _the_one(found, text)
        if wanted.isascii() and wanted.isdecimal() and _SHORTEST_ID <= len(wanted) <= _LONGEST_ID:
            return Member(wanted)
        raise ValueError("nobody")

    def thread(self, text: str) -> Thread:
        """The chat with this id or name; raises ValueError when there is none, CommandError when there are several."""
        wanted = _plain(text)
        found = [one for one in self._threads if wanted and wanted in (one.thread_id, _plain(one.name))]
        if not found:
            raise ValueError("no chat")
        if len(found) > 1:
            raise CommandError(Phrase.of("argument.several_chats", number=len(found), text=text.strip()))
        return found[0]

    @cached_property
    def _members(self) -> Sequence[Member]:
        return self._lookup.members()

    @cached_property
    def _threads(self) -> Sequence[Thread]:
        return self._lookup.threads()

    @cached_property
    def _ids(self) -> Mapping[str, list[Member]]:
        return {one.id: [one] for one in self._members}

    @cached_property
    def _mentioned(self) -> Mapping[str, list[Member]]:
        """The text of a mention without its @ → whom it means."""
        written = {user_id: _called(text) for user_id, text in self._lookup.mentions().items()}
        return _by_text((text, self._ids.get(user_id, [Member(user_id)])[0]) for user_id, text in written.items())

    @cached_property
    def _names(self) -> Mapping[str, list[Member]]:
        return _by_text((_called(one.name), one) for one in self._members if one.name)

    @cached_property
    def _short_names(self) -> Mapping[str, list[Member]]:
        first = [(_called(one.name).partition(" ")[0], one) for one in self._members if one.name]
        return _by_text(first + [(_called(one.nickname), one) for one in self._members if one.nickname])

    @cached_property
    def _last_words(self) -> Mapping[str, list[Member]]:
        """In Vietnam somebody is called by the last word of the name, and elsewhere a family by it."""
        called = ((_called(text), one) for one in self._members for text in (one.name, one.nickname) if text)
        return _by_text((text.rpartition(" ")[2], one) for text, one in called)


def either(choices: Sequence[str]) -> Phrase | str:
    """`a, b or c`."""
    if len(choices) < 2:
        return "".join(choices)
    return Phrase.of("list.either", others=", ".join(choices[:-1]), last=choices[-1])


def _plain(text: str) -> str:
    """For comparing: without letter case, superfluous spaces, and the invisible signs that phones put around names."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).casefold()
        text = unicodedata.normalize("NFC", "".join(c for c in text if not _is_invisible(c)))
    return " ".join(text.lower().split())


def _called(text: str) -> str:
    return _plain(text).removeprefix("@")


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or character == "\ufe0f"


def _by_text(pairs: Iterable[tuple[str, Member]]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    for text, member in pairs:
        listed = found.setdefault(text, [])
        if member not in listed:
            listed.append(member)
    return found


def _the_one(found: Sequence[Member], text: str) -> Member:
    if len(found) == 1:
        return found[0]
    names = [one.name or "" for one in found]
    shown = [n if n and names.count(n) == 1 else f"{n} ({one.id})".strip() for n, one in zip(names, found, strict=True)]
    raise CommandError(Phrase.of("argument.several_people", text=text.strip(), people=either(shown)))
