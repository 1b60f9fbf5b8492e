"""A chat as a test sees it: its people do things in it, and the test says what the bot is to answer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol, Self

from botkit.sandbox.errors import ControlError
from botkit.testing.sides import Json
from botkit.testing.stage import Stage

Expected = str | re.Pattern[str] | Callable[[str], object]
"""What an answer is to be: exactly this text, a text in which the pattern is found, or one for which the function gives
something true."""

# The smallest picture there is: one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f0ca5f0a"
    "000265015fb09680700000000049454e44ae426082"
)
_LAST_LINES = 8
# An emoji may end with a mark that asks for the coloured form.
_COLOURED = "\ufe0f"


class Host(Protocol):
    """The bot under test, as its chats need it."""

    name: str

    def stage(self) -> Stage:
        """The stage, with the bot running on it."""

    def newcomer(self, name: str) -> str:
        """The name of a person, who comes to the world when they are new."""

    def reasons(self, said: Said | None) -> Sequence[str]:
        """What may explain that the bot did not do as expected, after `said` where that is known: lines for the message
        of a failed test."""


@dataclass(frozen=True)
class Shown:
    """A message as people see it. `at` is when it came, aware and in UTC; `reactions` goes from the person's name to
    the emoji; `kind` is "text", or "log" for a grey line; `attachments` are mappings with `kind`, `name` and `url`."""

    id: str
    sender: str
    text: str
    at: datetime
    kind: str = "text"
    reply_to: str | None = None
    is_unsent: bool = False
    reactions: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Json, ...] = ()


class Chat:
    """A group, or a chat of two with the bot. A person in it is `chat.ann`, or `chat["Ann 🌷"]`."""

    def __init__(self, host: Host, thread: str, title: str, names: Sequence[str]) -> None:
        self._host = host
        self._thread = thread
        self._title = title
        self._people = {name: Participant(self, host, name) for name in names}
        self._taken: set[str] = set()

    def __getitem__(self, name: str) -> Participant:
        """The person of that name, in any case; raises KeyError."""
        found = next((one for known, one in self._people.items() if known.casefold() == name.casefold()), None)
        if found is None:
            raise KeyError(f"nobody in {self._title!r} is called {name!r}; there are {', '.join(self._people)}")
        return found

    def __getattr__(self, name: str) -> Participant:
        try:
            return self[name.replace("_", " ")] if not name.startswith("_") else self.__dict__[name]
        except KeyError as error:
            raise AttributeError(f"{error.args[0]}") from None

    @property
    def id(self) -> str:
        """The chat's id as the bot knows it: of the group, or of the other person."""
        return self._thread if self.is_group else next(iter(self._people.values())).id

    @property
    def is_group(self) -> bool:
        """Whether it is a group."""
        return self._thread != self._host.name

    @property
    def title(self) -> str:
        """The chat's name as its people see it now."""
        return str(self._view()["name"])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those who are in it now, the bot's among them."""
        names = self._names()
        return tuple(names[one] for one in self._view()["participants"])

    @property
    def messages(self) -> tuple[Shown, ...]:
        """The newest 500 messages, oldest first, when all has come to rest; grey lines too."""
        names = self._names()
        return tuple(_shown(one, names) for one in self._history())

    @property
    def answers(self) -> tuple[str, ...]:
        """The texts of all that the bot has written here, oldest first, when all has come to rest."""
        return tuple(one.text for one in self.messages if self._is_bots(one))

    def add(self, name: str) -> Participant:
        """Have the first person of the group add somebody, who comes to the world when they are new."""
        return next(iter(self._people.values())).adds(name)

    def expect(self, expected: Expected) -> Self:
        """The bot has written this here, after what the test has asked about so far; else the test fails."""
        __tracebackhide__ = True
        fresh = self._fresh()
        found = next((number for number, one in enumerate(fresh) if _fits(expected, one.text)), None)
        if found is None:
            self._fail(f"{self._title}: the bot was to write {_told(expected)}", fresh)
        self._taken.update(one.id for one in fresh[: found + 1])
        return self

    def silent(self) -> Self:
        """The bot has written nothing here, after what the test has asked about so far; else the test fails."""
        __tracebackhide__ = True
        if fresh := self._fresh():
            self._fail(f"{self._title}: the bot was to be silent", fresh)
        return self

    def forget(self) -> Self:
        """Take all that the bot has written here so far as asked about."""
        self._taken.update(one.id for one in self._fresh())
        return self

    def _fresh(self, after: str | None = None) -> list[Shown]:
        """What the bot has written, after the message of that id, that the test has not asked about."""
        messages = self.messages
        ids = [one.id for one in messages]
        begin = ids.index(after) + 1 if after in ids else 0
        return [one for one in messages[begin:] if self._is_bots(one) and one.id not in self._taken]

    def _is_bots(self, message: Shown) -> bool:
        return message.sender == self._host.name and message.kind == "text" and not message.is_unsent

    def _take(self, message: Shown) -> None:
        self._taken.add(message.id)

    def _viewers(self) -> tuple[str, ...]:
        """Who may be asked what the chat looks like; some may have left it."""
        return (*self._people, self._host.name)

    def _view(self) -> Json:
        """The chat in its people's list of chats."""
        stage = self._host.stage()
        stage.settle()
        for name in self._viewers():
            for one in stage.control("GET", "threads", **{"as": name})["threads"]:
                if self._thread in (one["id"], one["name"]):
                    return dict(one)
        raise ControlError(404, f"nobody is left in {self._title!r}")

    def _history(self) -> list[Json]:
        stage = self._host.stage()
        stage.settle()
        for name in self._viewers():
            with suppress(ControlError):
                arguments = {"as": name, "thread": self._thread, "limit": "500"}
                return list(stage.control("GET", "messages", **arguments)["messages"])
        raise ControlError(404, f"nobody is left in {self._title!r}")

    def _names(self) -> dict[str, str]:
        """Everybody's name by id."""
        return {one["id"]: one["name"] for one in self._host.stage().control("GET", "world")["people"]}

    def _fail(self, what: str, written: Sequence[Shown], said: Said | None = None) -> NoReturn:
        __tracebackhide__ = True
        lines = [what, f"  it wrote: {' | '.join(repr(one.text) for one in written) or 'nothing'}", "  the chat:"]
        lines += [f"    {_line(one)}" for one in self.messages[-_LAST_LINES:]]
        lines += [textwrap.indent(reason, "  ") for reason in self._host.reasons(said)]
        raise AssertionError("\n".join(lines))


class Participant:
    """A person in a chat. What the sandbox refuses raises ControlError."""

    def __init__(self, chat: Chat, host: Host, name: str) -> None:
        self.name = name
        self.chat = chat
        self._host = host

    @property
    def id(self) -> str:
        """The person's id, as plugins see it."""
        people = self._host.stage().control("GET", "world")["people"]
        return str(next(one["id"] for one in people if one["name"] == self.name))

    def says(self, text: str, *, reply_to: Said | Shown | None = None, mentions: str | Sequence[str] = ()) -> Said:
        """Write; each name of `mentions` stands in the text, after an `@`."""
        named = [mentions] if isinstance(mentions, str) else list(mentions)
        more: Json = {**({"mentions": named} if named else {}), **({"reply_to": reply_to.id} if reply_to else {})}
        sent = self._post("send", text=text, **more)["message"]
        return Said(self.chat, self, str(sent["id"]), text)

    def sends_picture(self, name: str = "picture.png") -> Said:
        """Send a picture of one pixel."""
        return self.sends_file(name, PIXEL, "image/png")

    def sends_file(self, name: str, data: bytes, kind: str = "application/octet-stream") -> Said:
        """Send a file of the media type `kind`."""
        stage = self._host.stage()
        stage.settle()
        sent = stage.upload(self.name, self.chat._thread, name, kind, data)
        return Said(self.chat, self, sent, f"[{name}]")

    def types(self, typing: bool = True) -> None:
        """Show the dots, or hide them."""
        self._post("typing", typing=typing)

    def reads(self) -> None:
        """Look at the chat."""
        self._post("read")

    def reacts(self, message: Said | Shown, emoji: str) -> None:
        """React to a message; with "" take the reaction away."""
        self.does("react", message=message.id, text=emoji)

    def unsends(self, message: Said | Shown) -> None:
        """Take a message back for everybody."""
        self.does("unsend", message=message.id)

    def adds(self, name: str) -> Participant:
        """Add somebody to the group, who comes to the world when they are new."""
        newcomer = self._host.newcomer(name)
        self.does("add", people=[newcomer])
        return self.chat._people.setdefault(newcomer, Participant(self.chat, self._host, newcomer))

    def removes(self, name: str) -> None:
        """Put somebody out of the group."""
        self.does("remove", person=name)

    def leaves(self) -> None:
        """Leave the group."""
        self.does("leave")

    def renames(self, title: str) -> None:
        """Give the group another name."""
        self.does("title", text=title)

    def does(self, action: str, **arguments: Any) -> None:
        """Any other action on the chat, such as `nickname` or `poll`: those of the sandbox's `do`, in its words."""
        self._post("do", action=action, **arguments)

    def _post(self, call: str, **arguments: Any) -> Json:
        stage = self._host.stage()
        # Otherwise it would be left to the machine whether the bot answers what came before now or afterwards.
        stage.settle()
        return stage.control("POST", call, **{"as": self.name, "thread": self.chat._thread, **arguments})


class Said:
    """What a person has written, and what the bot makes of it."""

    def __init__(self, chat: Chat, who: Participant, message_id: str, text: str) -> None:
        self.id = message_id
        self.chat = chat
        self.who = who
        self._text = text

    @property
    def answers(self) -> tuple[str, ...]:
        """The texts of all that the bot has written in the chat since, when all has come to rest."""
        return tuple(one.text for one in self.chat._fresh(self.id))

    def replies(self, expected: Expected = lambda text: True) -> Self:
        """The next thing that the bot writes in the chat is this; else the test fails."""
        __tracebackhide__ = True
        fresh = self.chat._fresh(self.id)
        if not fresh or not _fits(expected, fresh[0].text):
            self._fail(f"the bot was to answer {_told(expected)}", fresh)
        self.chat._take(fresh[0])
        return self

    def reacts(self, emoji: str) -> Self:
        """The bot has this reaction on the message; else the test fails."""
        __tracebackhide__ = True
        message = next(one for one in self.chat.messages if one.id == self.id)
        found = message.reactions.get(self.chat._host.name, "")
        if found.rstrip(_COLOURED) != emoji.rstrip(_COLOURED):
            seen = f"its reaction is {found}" if found else "it has not reacted"
            self._fail(f"the bot was to react with {emoji}, but {seen}", self.chat._fresh(self.id))
        return self

    def silent(self) -> Self:
        """The bot writes nothing more in the chat; else the test fails."""
        __tracebackhide__ = True
        if fresh := self.chat._fresh(self.id):
            self._fail("the bot was to be silent", fresh)
        return self

    def _fail(self, what: str, written: Sequence[Shown]) -> NoReturn:
        __tracebackhide__ = True
        self.chat._fail(f"{self.who.name} wrote {self._text!r}, {what}", written, self)


def _shown(given: Json, names: Mapping[str, str]) -> Shown:
    return Shown(
        id=given["id"],
        sender=given["sender_name"],
        text=given["text"],
        at=datetime.fromtimestamp(given["timestamp_ms"] / 1000, UTC),
        kind=given["kind"],
        reply_to=given["reply_to"],
        is_unsent=given["unsent"],
        reactions={names[person]: emoji for person, emoji in given["reactions"].items()},
        attachments=tuple(given["attachments"]),
    )


def _fits(expected: Expected, text: str) -> bool:
    if isinstance(expected, str):
        return text == expected
    if isinstance(expected, re.Pattern):
        return expected.search(text) is not None
    return bool(expected(text))


def _told(expected: Expected) -> str:
    if isinstance(expected, str):
        return repr(expected)
    if isinstance(expected, re.Pattern):
        return f"something with /{expected.pattern}/ in it"
    name = getattr(expected, "__name__", "")
    return "something" if name in ("", "<lambda>") else f"something that {name} takes"


def _line(message: Shown) -> str:
    who = f"{message.sender}: " if message.kind == "text" else "· "
    files = " ".join(f"[{one['kind']}]" for one in message.attachments)
    marks = "".join(f" {emoji}{name}" for name, emoji in message.reactions.items())
    return f"{who}{'(unsent)' if message.is_unsent else message.text}{files}{marks}"
