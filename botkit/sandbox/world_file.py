"""Reads a world from a YAML file, and names file and line of whatever is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import yaml

from botkit.sandbox.errors import SandboxError
from botkit.sandbox.themes import BY_COLOR
from botkit.sandbox.world import Content, Message, Person, Thread, World, direct_key, new_message

_MINUTE_MS = 60_000
_OTID_SHIFT = 22
# The keys that groups and chats of two share.
_LOOK = ("emoji", "color", "nicknames")


@dataclass(frozen=True)
class Beginning:
    """A world before its first day: who and what there is, and what was already said, oldest first."""

    world: World
    messages: tuple[Message, ...]


def read_world(path: Path | None, now: datetime) -> Beginning:
    """The world of the file at `path`, or of the package when None; `now` decides what `today` and `minutes_ago` mean.

    Raises:
        SandboxError: the file cannot be read or is not a world; names file and line.
    """
    if path is None:
        text = resources.files("botkit.sandbox").joinpath("world.yaml").read_text(encoding="utf-8")
        return _Reader("world.yaml", now).read(text)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"{path}: cannot be read as a world file ({error.__class__.__name__})") from error
    return _Reader(str(path), now).read(text)


class _Reader:
    """Walks composed YAML nodes, which know their lines; scalars stay the text that was written."""

    def __init__(self, name: str, now: datetime) -> None:
        self._name = name
        self._now = now
        self._ids: dict[str, str] = {}
        self._keys: dict[yaml.Node, str] = {}

    def read(self, text: str) -> Beginning:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise SandboxError(f"{self._name}:{line}: is not YAML: {error.problem}") from error
        if root is None:
            raise SandboxError(f"{self._name}:1: is empty; a world needs `people`")
        top = self._mapping(root, {"people"}, {"groups", "chats", "friends"})
        people = [self._person(node) for node in self._items(top["people"])]
        threads: list[Thread] = []
        messages: list[Message] = []
        for kind in ("groups", "chats"):
            for node in self._items(top.get(kind)):
                thread, history = self._group(node) if kind == "groups" else self._chat(node)
                if any(thread.key == other.key for other in threads):
                    self._fail(node, "describes a thread that is already there")
                threads.append(thread)
                messages += history
        friends = [self._pair(node) for node in self._items(top["friends"])] if "friends" in top else None
        return Beginning(World(people, threads, friends), tuple(sorted(messages, key=lambda m: m.timestamp_ms)))

    def _person(self, node: yaml.Node) -> Person:
        flags = {"bot", "checkpoint", "page", "consent", "review_login"}
        more = {"first_name", "vanity", "gender", "birthday", "two_factor"}
        fields = self._mapping(node, {"id", "name", "email", "password"}, more | flags)
        words = {key: self._word(value) for key, value in fields.items() if key not in flags}
        gender = words.get("gender", "unknown")
        if gender not in ("female", "male", "unknown"):
            self._fail(fields["gender"], f"gender {gender!r} is not one of female, male, unknown")
        person = Person(
            id=self._id(fields["id"]),
            name=words["name"],
            first_name=words.get("first_name", words["name"].split()[0]),
            vanity=words.get("vanity", ""),
            gender=gender,
            birthday=self._birthday(fields["birthday"]) if "birthday" in fields else None,
            email=words["email"],
            password=words["password"],
            two_factor=self._code(fields["two_factor"]) if "two_factor" in fields else "",
            **{flag: self._flag(fields.get(flag)) for flag in flags},
        )
        if person.name.casefold() in self._ids or person.id in self._ids.values():
            self._fail(node, f"a second person has the name {person.name!r} or the id {person.id}")
        self._ids[person.name.casefold()] = person.id
        return person

    def _group(self, node: yaml.Node) -> tuple[Thread, list[Message]]:
        fields = self._mapping(node, {"id", "name", "members"}, {"messages", "admins", "approval", *_LOOK})
        members = tuple(self._member(item) for item in self._items(fields["members"]))
        thread = Thread(
            key=self._id(fields["id"]),
            members=members,
            name=self._word(fields["name"]),
            admins=self._among(members, fields["admins"]) if "admins" in fields else members[:1],
            approval=self._flag(fields.get("approval")),
            **self._look(members, fields),
        )
        if thread.key in self._ids.values():
            self._fail(fields["id"], f"{thread.key} is already a person's id")
        return thread, self._history(thread, fields.get("messages"))

    def _chat(self, node: yaml.Node) -> tuple[Thread, list[Message]]:
        fields = self._mapping(node, {"members"}, {"messages", "encrypted", *_LOOK})
        pair = self._pair(fields["members"])
        key = direct_key(*pair)
        thread = Thread(
            key=key,
            members=tuple(key.split(":")),
            group=False,
            encrypted=self._flag(fields.get("encrypted")),
            **self._look(pair, fields),
        )
        return thread, self._history(thread, fields.get("messages"))

    def _look(self, members: tuple[str, ...], fields: dict[str, yaml.Node]) -> dict[str, Any]:
        """What a thread looks like to all its members."""
        look: dict[str, Any] = {}
        if "emoji" in fields:
            look["emoji"] = self._word(fields["emoji"])
        if "color" in fields:
            look["theme"] = self._theme(fields["color"])
        if "nicknames" in fields:
            look["nicknames"] = self._nicknames(members, fields["nicknames"])
        return look

    def _theme(self, node: yaml.Node) -> str:
        theme = BY_COLOR.get(self._word(node).lower().removeprefix("#"))
        if theme is None:
            self._fail(node, f"color {self._word(node)!r} is not that of a theme; '#ff7e29' is one")
        return theme.id

    def _nicknames(self, members: tuple[str, ...], node: yaml.Node) -> dict[str, str]:
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"{self._called(node)} has to be a mapping from members to nicknames, like {{Ann: Bee}}")
        people = self._among(members, yaml.SequenceNode(node.tag, [key for key, _ in node.value], node.start_mark))
        return {person: self._word(name) for person, (_, name) in zip(people, node.value, strict=True)}

    def _among(self, members: tuple[str, ...], node: yaml.Node) -> tuple[str, ...]:
        """People who have to be members of the thread."""
        people = [(self._member(item), item) for item in self._items(node)]
        for person, item in people:
            if person not in members:
                self._fail(item, f"{self._word(item)!r} is not a member of this thread")
        return tuple(person for person, _ in people)

    def _history(self, thread: Thread, node: yaml.Node | None) -> list[Message]:
        messages: list[Message] = []
        for number, item in enumerate(self._items(node)):
            fields = self._mapping(item, {"from", "text", "minutes_ago"}, set())
            sender = self._member(fields["from"])
            if sender not in thread.members:
                self._fail(fields["from"], f"{self._word(fields['from'])!r} is not a member of this thread")
            minutes = self._word(fields["minutes_ago"])
            if not re.fullmatch(r"\d{1,6}", minutes):
                self._fail(fields["minutes_ago"], f"minutes_ago is a whole number of at most 6 digits, not {minutes!r}")
            at_ms = round(self._now.timestamp() * 1000) - int(minutes) * _MINUTE_MS + number
            otid = str((at_ms << _OTID_SHIFT) | number)
            messages.append(new_message(thread, sender, Content(self._word(fields["text"])), at_ms, otid))
        return messages

    def _pair(self, node: yaml.Node) -> tuple[str, str]:
        members = [self._member(item) for item in self._items(node)]
        if len(set(members)) != 2:
            self._fail(node, f"{self._called(node)} has to name two different people, like [Ann, Ben]")
        return members[0], members[1]

    def _member(self, node: yaml.Node) -> str:
        word = self._word(node)
        if word in self._ids.values():
            return word
        if word.casefold() not in self._ids:
            self._fail(node, f"{word!r} is nobody under `people`")
        return self._ids[word.casefold()]

    def _birthday(self, node: yaml.Node) -> str:
        word = self._word(node)
        if word == "today":
            return self._now.strftime("%m-%d")
        try:
            # A leap year, so that the 29th of February is a birthday too.
            return date.fromisoformat(f"2000-{word[-5:]}").strftime("%m-%d")
        except ValueError:
            self._fail(node, f"birthday {word!r} is not MM-DD, YYYY-MM-DD or today")

    def _code(self, node: yaml.Node) -> str:
        word = self._word(node)
        if not re.fullmatch(r"\d{6,8}", word):
            self._fail(node, f"two_factor {word!r} is not a code of 6 to 8 digits")
        return word

    def _id(self, node: yaml.Node) -> str:
        word = self._word(node)
        if not re.fullmatch(r"[1-9]\d{0,18}", word):
            self._fail(node, f"id {word!r} is not a number of at most 19 digits")
        return word

    def _flag(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        word = self._word(node)
        if word not in ("true", "false"):
            self._fail(node, f"{word!r} is not true or false")
        return word == "true"

    def _word(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._fail(node, f"{self._called(node)} has to be a text, not a list, a mapping or nothing")
        assert isinstance(node.value, str)
        return node.value

    def _items(self, node: yaml.Node | None) -> Iterator[yaml.Node]:
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self._fail(node, f"{self._called(node)} has to be a list")
        yield from node.value

    def _mapping(self, node: yaml.Node, needed: set[str], allowed: set[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"{self._called(node)} has to be a mapping with {', '.join(sorted(needed))}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self._word(key)
            if name not in needed | allowed:
                self._fail(key, f"unknown key {name!r}; known are {', '.join(sorted(needed | allowed))}")
            if name in found:
                self._fail(key, f"key {name!r} stands here twice")
            found[name] = value
            self._keys[value] = name
        if missing := sorted(needed - found.keys()):
            self._fail(node, f"{missing[0]!r} is missing")
        return found

    def _called(self, node: yaml.Node) -> str:
        """A part of the file by the key before it."""
        return repr(self._keys[node]) if node in self._keys else "what stands here"

    def _fail(self, node: yaml.Node, what: str) -> NoReturn:
        raise SandboxError(f"{self._name}:{node.start_mark.line + 1}: {what}")
