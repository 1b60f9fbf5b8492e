"""The arguments of the people's calls, read or refused with a line that says what would be right."""

from __future__ import annotations

from typing import Any

from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ControlError
from botkit.sandbox.world import Mention, Person, Thread, World

Json = dict[str, Any]

_LONGEST_CLIENT_ID = 200


def person(world: World, word: object) -> Person:
    """The person that an `as` names."""
    if not isinstance(word, str) or not word:
        raise ControlError(400, "`as` is a person's name or id")
    found = world.person_called(word)
    if found is None:
        names = ", ".join(person.name for person in world.people.values())
        raise ControlError(404, f"there is nobody called {word[:40]!r}; there are {names}")
    return found


def place(engine: Engine, given: Json) -> tuple[str, Thread]:
    """Who acts, and in which thread: `as` and `thread`."""
    viewer, word = person(engine.world, given.get("as")).id, given.get("thread")
    if not isinstance(word, str) or not word:
        raise ControlError(400, "`thread` is a thread's name or id")
    thread = engine.world.thread_called(viewer, word)
    if thread is None:
        names = ", ".join(engine.world.name_of(thread, viewer) for thread in engine.threads_of(viewer))
        raise ControlError(404, f"there is no chat called {word[:40]!r}; there are {names}")
    return viewer, thread


def text(given: Json, name: str = "text") -> str:
    """A text, which may be empty."""
    value = given.get(name)
    if not isinstance(value, str):
        raise ControlError(400, f"`{name}` is a text")
    return value


def texts(given: Json, name: str) -> list[str]:
    """A list of texts, at least one."""
    value = given.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise ControlError(400, f"`{name}` is a list of texts")
    return value


def mentions(world: World, given: Json) -> tuple[Mention, ...]:
    """The people of the list `mentions`, which may be left out; each stands in `text` as `@` and the name."""
    named = [person(world, word) for word in texts(given, "mentions")] if "mentions" in given else []
    return tuple(_mention(one, text(given)) for one in named)


def _mention(who: Person, written: str) -> Mention:
    forms = (f"@{who.name}", f"@{who.first_name}")
    found = next((form for form in forms if form in written), None)
    if found is None:
        raise ControlError(400, f"`text` has no @{who.name} in it to mention")
    before = written[: written.index(found)]
    return Mention(who.id, _utf16_length(before), _utf16_length(found))


def _utf16_length(written: str) -> int:
    return len(written.encode("utf-16-le")) // 2


def number(given: Json, name: str) -> int | None:
    """A whole number of a query; None when it is not there."""
    word = given.get(name)
    if word is None:
        return None
    if not word.isascii() or not word.isdecimal():
        raise ControlError(400, f"`{name}` is a whole number")
    return int(word)


def client_id(given: Json) -> str | None:
    """The page's own mark for repeats of a send."""
    value = given.get("client_id")
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= _LONGEST_CLIENT_ID):
        raise ControlError(400, f"`client_id` is a text of 1 to {_LONGEST_CLIENT_ID} characters")
    return value
