"""Queries and mutations of `/api/graphql/`, one at a time (dossier 3, sections 2.5, 3.7, 4.5, 4.10 and 5.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.sandbox import profiles
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, QUERY_ERROR, Refusal
from botkit.sandbox.graphql import error_of
from botkit.sandbox.mailbox_actions import MailboxActions
from botkit.sandbox.themes import THEMES, Theme
from botkit.sandbox.wire import read_json

Json = dict[str, Any]


class SingleQueries:
    """The queries by doc_id."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._calls: dict[str, Callable[[str, Json], Json]] = {
            "577041672419534": self._create_group,
            "24474714052117636": self._themes,
            "9734829906576883": self._theme,
            "6305880099497989": self._block,
            "6009824239038988": self._unblock,
            "24492266383698794": self._friends,
        }

    def answer(self, viewer: str, doc_id: str, variables: str) -> Json:
        """The answer to one query; a refusal stands in its `errors`."""
        try:
            if doc_id not in self._calls:
                raise Refusal(QUERY_ERROR, f"No query has the doc_id {doc_id[:40]!r}.")
            return {"data": self._calls[doc_id](viewer, _object(variables)), "extensions": {"is_final": True}}
        except Refusal as refusal:
            return {"data": None, "errors": [error_of(refusal)], "extensions": {"is_final": True}}

    def _create_group(self, viewer: str, variables: Json) -> Json:
        """At least two others; oneself stands in the list too."""
        given = variables.get("input")
        given = given if isinstance(given, dict) else {}
        settings = given.get("thread_settings")
        listed = given.get("participants")
        people = [str(p.get("fbid")) for p in (listed if isinstance(listed, list) else ()) if isinstance(p, dict)]
        others = [person for person in people if person != viewer]
        if len(others) < 2:
            raise Refusal(BAD_PARAMETERS, "A new group has at least two other people.")
        name = settings.get("name") if isinstance(settings, dict) else None
        line = self._engine.start_group(viewer, others, None, name=str(name) if name else None)
        return {"messenger_group_thread_create": {"thread": {"thread_key": {"thread_fbid": line.thread}}}}

    def _themes(self, viewer: str, variables: Json) -> Json:
        return {"messenger_thread_themes": [_theme_node(theme) for theme in THEMES.values()]}

    def _theme(self, viewer: str, variables: Json) -> Json:
        theme = THEMES.get(str(variables.get("id")))
        return {"messenger_thread_theme": _theme_node(theme) if theme else None}

    def _friends(self, viewer: str, variables: Json) -> Json:
        if str(variables.get("userID")) != viewer:
            raise Refusal(BAD_PARAMETERS, "userID is the own id.")
        return profiles.friends_section(self._engine, viewer)

    def _block(self, viewer: str, variables: Json) -> Json:
        return self._set_blocked(viewer, variables, "user_id", blocked=True)

    def _unblock(self, viewer: str, variables: Json) -> Json:
        return self._set_blocked(viewer, variables, "target_id", blocked=False)

    def _set_blocked(self, viewer: str, variables: Json, field: str, *, blocked: bool) -> Json:
        given = variables.get("input")
        person = str(given.get(field)) if isinstance(given, dict) else ""
        MailboxActions(self._engine).block(viewer, person, blocked)
        return {"actor_block_user" if blocked else "block_user_setting": {"person": {"id": person}}}


def _theme_node(theme: Theme) -> Json:
    return {
        "id": theme.id,
        "accessibility_label": theme.name,
        "description": theme.name,
        "app_color_mode": "LIGHT",
        "fallback_color": theme.color or "FF0084FF",
        "gradient_colors": [f"FF{color.removeprefix('#').upper()}" for color in theme.gradient],
        "is_deprecated": False,
        "icon_asset": None,
        "background_asset": None,
        "normal_theme_id": theme.id,
        "alternative_themes": [],
    }


def _object(text: str) -> Json:
    try:
        value = read_json(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refusal(BAD_PARAMETERS, "The field variables is a JSON object.")
    return value
