"""What a person can do to a chat besides writing, for the page and for tests: `POST /sandbox/api/do`.

The body is `{"as", "thread", "action", …}`; persons are named by id or name. The actions and what else they take:

- `add`: `people`, a list. `remove`, `nickname`, `admin`: `person`. `leave`: nothing.
- `title`, `emoji`, `color`, `nickname`: `text`, which may be empty. A color is `#rrggbb`, a theme's id or its name.
- `admin`: `on`, true unless it is given.
- `react`: `message`, an id, and `text`, the emoji, or empty to take it away. `unsend`: `message`.
- `poll`: `text` and `options`, a list.
- `picture`: `message`, the id of one of one's own that has a picture in it, or empty to take the group's away.

The answer is `{}`; what happened comes as a grey line or as a `changed` event.
"""

from __future__ import annotations

from collections.abc import Callable

from botkit.sandbox.administration import Administration
from botkit.sandbox.arguments import Json, person, text, texts
from botkit.sandbox.checks import changed_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ControlError
from botkit.sandbox.message_actions import MessageActions
from botkit.sandbox.polls import Polls
from botkit.sandbox.themes import BY_COLOR, DEFAULT, THEMES
from botkit.sandbox.world import Thread


class Deeds:
    """The actions by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._change = Administration(engine)
        self._messages = MessageActions(engine)
        self._actions: dict[str, Callable[[str, Thread, Json], object]] = {
            "add": lambda who, thread, given: self._change.add(who, thread, self._people(given)),
            "remove": lambda who, thread, given: self._change.remove(who, thread, self._person(given)),
            "leave": lambda who, thread, given: self._change.remove(who, thread, who),
            "title": lambda who, thread, given: self._change.set_title(who, thread, text(given)),
            "emoji": lambda who, thread, given: self._change.set_emoji(who, thread, text(given)),
            "color": lambda who, thread, given: self._change.set_theme(who, thread, _theme(text(given))),
            "nickname": self._nickname,
            "admin": self._admin,
            "react": lambda who, thread, given: self._messages.react(who, text(given, "message"), text(given)),
            "unsend": lambda who, thread, given: self._messages.unsend(who, text(given, "message")),
            "poll": self._poll,
            "picture": self._picture,
        }

    def do(self, who: str, thread: Thread, given: Json) -> None:
        """Carry out the action that `given` names.

        Raises:
            ControlError: the action or an argument of it is not one.
            Refusal: it is not allowed; a client would get the same one.
        """
        action = given.get("action")
        if not isinstance(action, str) or action not in self._actions:
            raise ControlError(400, f"`action` is one of {', '.join(self._actions)}")
        changed_thread(self._engine.world, who, thread.id_for(who))
        self._actions[action](who, thread, given)

    def _nickname(self, who: str, thread: Thread, given: Json) -> None:
        self._change.set_nickname(who, thread, self._person(given), text(given))

    def _admin(self, who: str, thread: Thread, given: Json) -> None:
        on = given.get("on", True)
        if not isinstance(on, bool):
            raise ControlError(400, "`on` is true or false")
        self._change.set_admin(who, thread, self._person(given), on)

    def _poll(self, who: str, thread: Thread, given: Json) -> None:
        Polls(self._engine).create(who, thread, text(given), texts(given, "options"))

    def _picture(self, who: str, thread: Thread, given: Json) -> None:
        message_id = text(given, "message")
        if not message_id:
            self._change.remove_image(who, thread)
            return
        _, message = self._engine.shown_message(who, message_id)
        picture = next((one for one in message.content.attachments if one.kind in ("photo", "animated_image")), None)
        if picture is None:
            raise ControlError(400, "`message` is the id of one with a picture, or empty")
        self._change.set_image(who, thread, picture.id)

    def _person(self, given: Json) -> str:
        return person(self._engine.world, text(given, "person")).id

    def _people(self, given: Json) -> list[str]:
        return [person(self._engine.world, word).id for word in texts(given, "people")]


def _theme(color: str) -> str:
    """The id of the theme that is meant."""
    by_name = {theme.name.casefold(): theme for theme in reversed(THEMES.values())}
    found = THEMES.get(color) or BY_COLOR.get(color.lower().removeprefix("#")) or by_name.get(color.casefold())
    if color and found is None:
        raise ControlError(400, f"no theme is called {color[:40]!r} or has that color; #ff7e29 is one")
    return found.id if found else DEFAULT
