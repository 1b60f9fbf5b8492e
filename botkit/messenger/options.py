"""What a user may choose about a session."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from botkit.messenger.errors import BadArgument

# The page depends on it: an unknown browser may get one without tokens (dossier 1, section 5.2).
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_LOGIN_ONLY = frozenset({"network", "user_agent", "force_login"})


@dataclass(frozen=True)
class Options:
    """The options of `login` and `set_options`.

    network: "facebook", or the address of a sandbox such as "http://127.0.0.1:8642". Login only.
    user_agent: the browser that the session says it is. Login only.
    force_login: confirm a recent login of the owner's when the login form asks about it. Login only.
    self_listen: deliver what the account itself does, too.
    listen_events: deliver events, typing, receipts, reactions and unsends, not only messages.
    update_presence: deliver presence.
    online: show the account as active while it listens.
    """

    network: str = "facebook"
    user_agent: str = _BROWSER
    force_login: bool = False
    self_listen: bool = False
    listen_events: bool = False
    update_presence: bool = False
    online: bool = True


def options_from(given: Options | Mapping[str, Any] | None) -> Options:
    """Options from what `login` was given. Raises BadArgument for an unknown name or a value of a wrong type."""
    if given is None:
        return Options()
    if isinstance(given, Options):
        return given
    if not isinstance(given, Mapping):
        raise BadArgument(f"options must be a mapping or Options, not {type(given).__name__}")
    return _changed(Options(), given)


def with_changes(options: Options, changes: Mapping[str, Any]) -> Options:
    """The same options with some changed during a session. Raises BadArgument, also for those of the login only."""
    for name in sorted(_LOGIN_ONLY & changes.keys()):
        raise BadArgument(f"option {name} can only be set at login")
    return _changed(options, changes)


def _changed(options: Options, changes: Mapping[str, Any]) -> Options:
    types = {field.name: type(getattr(options, field.name)) for field in fields(Options)}
    for name, value in changes.items():
        if name not in types:
            raise BadArgument(f"option {name} is unknown{_nearest(str(name), list(types))}")
        if type(value) is not types[name]:
            raise BadArgument(f"option {name} must be a {types[name].__name__}, not {type(value).__name__}")
    return replace(options, **changes)


def _nearest(name: str, known: list[str]) -> str:
    plain = {word.replace("_", ""): word for word in known}
    found = difflib.get_close_matches(name.replace("_", "").lower(), plain, n=1)
    return f"; the nearest is {plain[found[0]]}" if found else f"; known are {', '.join(known)}"
