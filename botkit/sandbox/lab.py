"""The calls for tests: trouble to order, people, many groups and messages at once, and the whole truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botkit.sandbox import arguments
from botkit.sandbox.arguments import Json
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ControlError
from botkit.sandbox.faults import fault_from
from botkit.sandbox.orders import NONE, Orders
from botkit.sandbox.world import Content, Message, Person

Call = Callable[[Json], Json]

_MOST_GROUPS = 1000
_MOST_MESSAGES = 5000
_LARGEST_PAGE = 10_000


class Lab:
    """The calls by method and name, for the control API."""

    def __init__(self, engine: Engine, orders: Orders) -> None:
        self._engine = engine
        self._orders = orders
        self.calls: dict[tuple[str, str], Call] = {
            ("POST", "fault"): self._fault,
            ("GET", "faults"): self._faults,
            ("POST", "cut"): self._cut,
            ("POST", "deduplicate"): self._deduplicate,
            ("POST", "person"): self._person,
            ("POST", "group"): self._group,
            ("POST", "groups"): self._groups,
            ("POST", "messages"): self._messages,
            ("GET", "history"): self._history,
            ("GET", "position"): self._position,
        }

    def _fault(self, given: Json) -> Json:
        """Order something to go wrong (orders.py), or with `none` and nobody's name take everything back."""
        if given == {"kind": NONE}:
            self._orders.faults.clear()
            return {"closed": 0}
        account = arguments.person(self._engine.world, given.get("as")).id
        return {"closed": self._orders.order(fault_from(account, given))}

    def _faults(self, given: Json) -> Json:
        return {"faults": self._orders.faults.listed()}

    def _cut(self, given: Json) -> Json:
        account = arguments.person(self._engine.world, given.get("as")).id
        return {"closed": self._orders.sessions.close_account(account)}

    def _deduplicate(self, given: Json) -> Json:
        """From now on a repeated send counts as a repeat for so many `seconds`: null for ever, 0 never."""
        seconds = given.get("seconds", "")
        if seconds is not None and (type(seconds) not in (int, float) or not seconds >= 0):
            raise ControlError(400, "`seconds` is null for ever, 0 for never, or a number of seconds")
        self._engine.deduplicate_s = seconds
        return {}

    def _person(self, given: Json) -> Json:
        """Let somebody called `name` come to the world, with a `birthday` (MM-DD) if it is given; the id."""
        world, name, birthday = self._engine.world, arguments.text(given, "name"), given.get("birthday")
        if not name.strip() or world.person_called(name) is not None:
            raise ControlError(400, f"`name` is a name that nobody has yet, not {name[:40]!r}")
        if birthday is not None and not (isinstance(birthday, str) and re.fullmatch(r"\d\d-\d\d", birthday)):
            raise ControlError(400, "`birthday` is like 03-14: month and day")
        new_id = str(max(map(int, world.people)) + 1)
        email = f"{new_id}@sandbox.test"
        person = Person(new_id, name, name.split()[0], "", "unknown", birthday, email, f"{new_id}-sandbox")
        with self._engine.storage.transaction():
            self._engine.storage.add_person(person)
        world.people[new_id] = person
        return {"id": new_id}

    def _group(self, given: Json) -> Json:
        """Make one group of `as`, its admin, and `people`, called `name`; its id."""
        world = self._engine.world
        creator = arguments.person(world, given.get("as")).id
        people = [arguments.person(world, word).id for word in arguments.texts(given, "people")]
        line = self._engine.start_group(creator, people, None, name=arguments.text(given, "name"))
        return {"thread": line.thread}

    def _groups(self, given: Json) -> Json:
        """Make `count` groups of `as`, their admin, and `people`, called `name` 1, `name` 2, …; their ids."""
        world = self._engine.world
        creator, count = arguments.person(world, given.get("as")).id, given.get("count")
        people = [arguments.person(world, word).id for word in arguments.texts(given, "people")]
        name = arguments.text(given, "name")
        if type(count) is not int or not 1 <= count <= _MOST_GROUPS:
            raise ControlError(400, f"`count` is a whole number of 1 to {_MOST_GROUPS}")
        lines = [self._engine.start_group(creator, people, None, name=f"{name} {n + 1}") for n in range(count)]
        return {"threads": [line.thread for line in lines]}

    def _messages(self, given: Json) -> Json:
        """Write `messages`, each with `as`, `thread` and `text`, in one transaction; their ids in the same order."""
        entries = given.get("messages")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ControlError(400, "`messages` is a list of objects")
        if len(entries) > _MOST_MESSAGES:
            raise ControlError(400, f"`messages` has at most {_MOST_MESSAGES} entries")
        with self._engine.together():
            return {"ids": [self._message(entry).id for entry in entries]}

    def _message(self, entry: Json) -> Message:
        sender, thread = arguments.place(self._engine, entry)
        return self._engine.send(sender, thread, Content(arguments.text(entry)))

    def _history(self, given: Json) -> Json:
        """What was written after the message with the number `since`, in all chats or in the group `thread`.

        At most 10,000 messages; `next` is the `since` that goes on.
        """
        since = arguments.number(given, "since") or 0
        found = self._engine.storage.numbered(since, _LARGEST_PAGE, self._key(given.get("thread")))
        messages = [{"number": number, **_truth(message)} for number, message in found]
        return {"messages": messages, "next": found[-1][0] if found else since}

    def _position(self, given: Json) -> Json:
        """The number of the newest delta of `as`: a client that stands there has been told everything."""
        return {
            "position": self._engine.storage.last_sequence(arguments.person(self._engine.world, given.get("as")).id)
        }

    def _key(self, word: str | None) -> str | None:
        """The key of the thread that a query names by key or, a group, by name."""
        if word is None or word in self._engine.world.threads:
            return word
        keys = [t.key for t in self._engine.world.threads.values() if (t.name or "").casefold() == word.casefold()]
        if len(keys) != 1:
            raise ControlError(404, f"there is no group, or more than one, called {word[:40]!r}; name it by its id")
        return keys[0]


def _truth(message: Message) -> dict[str, Any]:
    """A message as it is kept; `thread` is a group's id, or the ids of the two with a colon between."""
    return {
        "id": message.id,
        "thread": message.thread,
        "sender": message.sender,
        "kind": message.kind,
        "text": message.text,
        "timestamp_ms": message.timestamp_ms,
        "otid": message.otid,
        "reply_to": message.content.reply_to,
        "attachments": len(message.content.attachments),
        "unsent": message.unsent,
        "edits": message.edits,
    }
