"""Cookies as values, and the many shapes in which people bring them along (dossier 1, sections 3.3 and 3.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botkit.messenger.errors import BadArgument

_DOMAIN = "facebook.com"
_NETSCAPE_COLUMNS = 7


@dataclass(frozen=True)
class Cookie:
    """One cookie; `domain` has no leading dot, `expires` is None for one that lasts as long as the session."""

    name: str
    value: str = field(repr=False)
    domain: str = _DOMAIN
    path: str = "/"
    expires: datetime | None = None
    secure: bool = True
    http_only: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """What a newer cookie must share to replace this one."""
        return (self.name, self.domain, self.path)

    def fits(self, host: str) -> bool:
        return host == self.domain or host.endswith(f".{self.domain}")


def cookies_from(app_state: object) -> tuple[Cookie, ...]:
    """The cookies in an app state of any known shape; the last of one place wins.

    Raises BadArgument when the shape is unknown, or when no cookie names the account or holds its secret.
    """
    cookies = {cookie.place: cookie for cookie in _read(app_state)}
    names = {cookie.name for cookie in cookies.values()}
    missing = [name for name in ("c_user", "xs") if name not in names]
    if "i_user" in names and "c_user" in missing:
        missing.remove("c_user")
    if missing:
        raise BadArgument(f"app state lacks the cookie{'s' if len(missing) > 1 else ''} {' and '.join(missing)}")
    return tuple(cookies.values())


def app_state_from(cookies: Iterable[Cookie], now: datetime) -> list[dict[str, Any]]:
    """The documented app state; keys that would hold a default are absent."""
    return [_entry(cookie, _iso(now)) for cookie in cookies]


def cookie_from_header(line: str, host: str, now: datetime) -> tuple[Cookie, bool] | None:
    """The cookie in a line of Set-Cookie from `host`, and whether it is to be deleted; None when it is none."""
    first, *rest = line.split(";")
    name, equals, value = first.partition("=")
    if not equals or not name.strip():
        return None
    attributes = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
    expires = _http_date(attributes.get("expires"))
    age = attributes.get("max-age", "")
    gone = int(age) <= 0 if age.lstrip("-").isdigit() else expires is not None and expires <= now
    cookie = Cookie(
        name=name.strip(),
        value=value.strip(),
        domain=(attributes.get("domain") or host).lstrip(".").lower(),
        path=attributes.get("path") or "/",
        expires=expires,
        secure="secure" in attributes,
        http_only="httponly" in attributes,
    )
    return cookie, gone


def _read(state: object) -> Iterable[Cookie]:
    if isinstance(state, bytes):
        state = state.decode("utf-8", "replace")
    if isinstance(state, str):
        return _read_text(state.strip())
    if isinstance(state, Mapping):
        inner = state.get("cookies")
        return _read_list(inner) if isinstance(inner, list | tuple) else _read_pairs(state.items())
    if isinstance(state, Iterable):
        return _read_list(state)
    raise BadArgument(f"app state must be a list, a mapping or a text, not {type(state).__name__}")


def _read_text(text: str) -> Iterable[Cookie]:
    if text.startswith(("[", "{")):
        try:
            return _read(json.loads(text))
        except ValueError as error:
            raise BadArgument("app state looks like JSON but is not") from error
    if "\t" in text:
        return _read_netscape(text)
    return _read_pairs(part.partition("=")[::2] for part in text.split(";"))


def _read_pairs(pairs: Iterable[tuple[object, object]]) -> Iterable[Cookie]:
    cookies = [Cookie(str(name).strip(), str(value).strip()) for name, value in pairs if name and value]
    return [cookie for cookie in cookies if cookie.name and cookie.value]


def _read_list(entries: Iterable[object]) -> Iterable[Cookie]:
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise BadArgument(f"app state must list objects, not {type(entry).__name__}")
        name, value = entry.get("key") or entry.get("name"), entry.get("value")
        if name and value:
            yield Cookie(
                name=str(name),
                value=str(value),
                domain=str(entry.get("domain") or _DOMAIN).lstrip(".").lower(),
                path=str(entry.get("path") or "/"),
                expires=_expiry(entry),
                secure=bool(entry.get("secure", True)),
                http_only=bool(entry.get("httpOnly", False)),
            )


def _read_netscape(text: str) -> Iterable[Cookie]:
    for line in text.splitlines():
        # Browsers mark HttpOnly cookies by this prefix; other lines with a hash are comments.
        http_only = line.startswith("#HttpOnly_")
        columns = line.removeprefix("#HttpOnly_").split("\t")
        if len(columns) != _NETSCAPE_COLUMNS or (line.startswith("#") and not http_only):
            continue
        domain, _subdomains, path, secure, expiry, name, value = columns
        if name and value:
            expires = _unix_date(int(expiry)) if expiry.isdigit() and int(expiry) else None
            yield Cookie(name, value.strip(), domain.lstrip(".").lower(), path, expires, secure == "TRUE", http_only)


def _expiry(entry: Mapping[str, Any]) -> datetime | None:
    """When a listed cookie ends; a date that cannot be read counts as none, for the server decides anyway."""
    stamp = entry.get("expirationDate")
    if isinstance(stamp, int | float):
        return _unix_date(stamp)
    text = entry.get("expires")
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _unix_date(stamp: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _http_date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _entry(cookie: Cookie, now: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": cookie.name, "value": cookie.value}
    if cookie.expires is not None:
        entry["expires"] = _iso(cookie.expires)
    entry |= {"domain": cookie.domain, "path": cookie.path}
    if cookie.secure:
        entry["secure"] = True
    if cookie.http_only:
        entry["httpOnly"] = True
    return entry | {"hostOnly": False, "creation": now, "lastAccessed": now}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
