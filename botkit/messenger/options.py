"""What a user may choose about a session."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from botkit.messenger._ids import id_text
from botkit.messenger.errors import BadArgument

LOG_LEVELS: Mapping[str, int] = MappingProxyType(
    {
        "silly": logging.DEBUG,
        "verbose": logging.DEBUG,
        "debug": logging.DEBUG,
        "http": logging.INFO,
        "info": logging.INFO,
        "warn": logging.WARNING,
        "warning": logging.WARNING,
        "error": logging.ERROR,
        "silent": logging.CRITICAL + 1,
    }
)
"""The documented names of `log_level` and Python's, as levels of `logging`."""
CARRIERS = ("auto", "http", "socket")

# The page depends on it: an unknown browser may get one without tokens (dossier 1, section 5.2).
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_LOGIN_ONLY = frozenset({"network", "user_agent", "force_login", "page_id", "proxy"})


@dataclass(frozen=True)
class Options:
    """The options of `login` and `set_options` (dossier 1, section 8.4).

    network: "facebook", or the address of a sandbox such as "http://127.0.0.1:8642". Login only.
    user_agent: the browser that the session says it is. Login only.
    force_login: confirm a recent login of the owner's when the login form asks about it. Login only.
    page_id: act as this page, which the account manages; None acts as the account. Login only.
    proxy: the HTTP proxy for requests and sockets, such as "http://127.0.0.1:3128"; None goes straight. Login only.
    log_level: one of `LOG_LEVELS`, for the logger of botkit.messenger; None leaves it as it is.
    self_listen: deliver what the account itself does, too.
    listen_events: deliver events, typing, receipts, reactions and unsends, not only messages.
    update_presence: deliver presence.
    online: show the account as active while it listens.
    auto_mark_delivery: tell that a message has come as soon as it is delivered.
    auto_mark_read: mark a chat as read as soon as a message of it is delivered.
    auto_reconnect: open a new socket when the old one is lost; False ends listening with an error instead.
    send_via: how messages go: "http", "socket", or "auto": by HTTP, and by an open socket when HTTP fails.
    """

    network: str = "facebook"
    user_agent: str = _BROWSER
    force_login: bool = False
    page_id: str | None = None
    proxy: str | None = field(default=None, repr=False)
    log_level: str | None = None
    self_listen: bool = False
    listen_events: bool = False
    update_presence: bool = False
    online: bool = True
    auto_mark_delivery: bool = True
    auto_mark_read: bool = False
    auto_reconnect: bool = True
    send_via: str = "auto"


def options_from(given: Options | Mapping[str, Any] | None) -> Options:
    """Options from what `login` was given. Raises BadArgument for an unknown name or a wrong value."""
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
    names = [option.name for option in fields(Options)]
    checked: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in names:
            raise BadArgument(f"option {name} is unknown{_nearest(str(name), names)}")
        checked[name] = _CHECKS[name](name, value) if name in _CHECKS else _of_its_type(name, value)
    return _consistent(replace(options, **checked))


def _consistent(options: Options) -> Options:
    if options.page_id is not None and options.send_via == "socket":
        raise BadArgument("option send_via must not be socket with a page_id; pages send by HTTP")
    return options


def _of_its_type(name: str, value: object) -> object:
    """A value of exactly the type that the option's default has."""
    wanted = type(getattr(Options, name))
    if type(value) is not wanted:
        raise BadArgument(f"option {name} must be a {wanted.__name__}, not {type(value).__name__}")
    return value


def _page_id(name: str, value: object) -> str | None:
    return None if value is None else id_text(value, f"option {name}")


def _proxy(name: str, value: object) -> str | None:
    """A proxy's address; it may hold a password, so the message never shows it."""
    if value is None:
        return None
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        is_right = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0 and not parts.path.strip("/")
    except ValueError:
        is_right = False
    if not is_right:
        raise BadArgument(f"option {name} must be the address of an HTTP proxy, http://HOST:PORT, or None")
    return str(value)


def _one_of(known: tuple[str, ...]) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise BadArgument(f"option {name} must be one of {', '.join(known)}, not {value!r}")
        return value

    return check


def _log_level(name: str, value: object) -> str | None:
    return None if value is None else _one_of(tuple(LOG_LEVELS))(name, value)


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {"page_id": _page_id, "proxy": _proxy, "log_level": _log_level, "send_via": _one_of(CARRIERS)}
)


def _nearest(name: str, known: list[str]) -> str:
    plain = {word.replace("_", ""): word for word in known}
    found = difflib.get_close_matches(name.replace("_", "").lower(), plain, n=1)
    return f"; the nearest is {plain[found[0]]}" if found else f"; known are {', '.join(known)}"
