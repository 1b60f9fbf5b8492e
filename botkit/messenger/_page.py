"""A page's HTML read for tokens, for forms, and for signs of a dead or restricted session. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from botkit.messenger._ids import jazoest
from botkit.messenger.errors import BadAnswer

# dossier 1, section 13.1: what others send when the page names no version.
_LS_VERSION = "6120284488008082"
_LS_APP_ID = "2220391788200892"
_MQTT_APP_ID = 219994525426954
_SEQUENCE_FORMS = (r'irisSeqID\s*:\s*"(\d+)"', r'"iris_seq_id"\s*:\s*"(\d+)"')
_REPLACED = re.compile(r'window\.location\.replace\("(https:\\/\\/www\.facebook\.com\\/[^"\s]*)"\)')
_META_REFRESH = re.compile(r'<meta[^>]+http-equiv="?refresh"?[^>]+content="\d+;\s*url=([^"]+)"', re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What the home page tells a client (dossier 1, section 4.2). Empty or None where it does not."""

    user_id: str
    name: str
    dtsg: str = field(repr=False)
    lsd: str = field(repr=False)
    jazoest: str
    revision: str
    device_id: str | None
    endpoint: str | None
    mqtt_app_id: int
    capabilities: int
    client_capabilities: int
    ls_app_id: str
    ls_version: str
    sequence_id: int | None


@dataclass(frozen=True)
class Sign:
    """That the session is dead or restricted: `kind` is not-logged-in, checkpoint, consent or suspended."""

    kind: str
    url: str


@dataclass(frozen=True)
class Form:
    """A form on a page: its inputs that have a value, and the names of all its inputs and buttons."""

    id: str
    values: Mapping[str, str] = field(repr=False)
    names: frozenset[str]


def read_page(html: str) -> Page:
    """The tokens of a page. Raises BadAnswer that names the missing token when the page lacks one that is needed."""
    defines = dict(_defines(html))
    user = defines.get("CurrentUserInitialData", {})
    socket = defines.get("MqttWebConfig", {})
    hidden = {name: value for form in read_forms(html) for name, value in form.values.items()}
    dtsg = _dtsg(html, defines, hidden)
    if not dtsg:
        raise BadAnswer("the page holds no fb_dtsg; an unusual user_agent can be the reason")
    endpoint = socket.get("endpoint") or _first(html, r'"?endpoint"?\s*:\s*"(wss:[^"]+)"').replace("\\/", "/")
    return Page(
        user_id=str(user.get("USER_ID") or user.get("ACCOUNT_ID") or ""),
        name=str(user.get("NAME") or ""),
        dtsg=dtsg,
        lsd=str(defines.get("LSD", {}).get("token") or hidden.get("lsd") or ""),
        jazoest=_first(html, r"jazoest=(\d+)") or hidden.get("jazoest") or jazoest(dtsg),
        revision=_revision(html, defines),
        device_id=defines.get("MqttWebDeviceID", {}).get("clientID"),
        endpoint=endpoint or None,
        mqtt_app_id=int(socket.get("appID") or _MQTT_APP_ID),
        capabilities=int(socket.get("capabilities", 10)),
        client_capabilities=int(socket.get("clientCapabilities", 3)),
        ls_app_id=str(user.get("APP_ID") or _LS_APP_ID),
        ls_version=_ls_version(html),
        sequence_id=next((int(found) for form in _SEQUENCE_FORMS if (found := _first(html, form))), None),
    )


def sign_in_url(url: str) -> Sign | None:
    """What being sent to `url` means (dossier 1, section 4.3); None when nothing bad."""
    path = urlsplit(url).path
    if path == "/login.php" or path.startswith("/login/"):
        return Sign("not-logged-in", url)
    if path.startswith(("/checkpoint/", "/two_step_verification/")) or path == "/checkpoint":
        return Sign("checkpoint", url)
    if path.startswith(("/consent/", "/privacy/consent/")):
        return Sign("consent", url)
    if path.startswith(("/accounts/suspended/", "/challenge/")):
        return Sign("suspended", url)
    return None


def sign_in_page(url: str, html: str) -> Sign | None:
    """What the page at `url` says about the session; None when nothing bad."""
    if "/checkpoint/block/?next" in html:
        return Sign("checkpoint", url)
    defines = dict(_defines(html))
    user = defines.get("CurrentUserInitialData", {})
    logged_out = str(user.get("USER_ID", "")) == "0" or '"USER_ID":"0"' in html
    empty_token = "DTSGInitialData" in defines and not defines["DTSGInitialData"].get("token")
    return Sign("not-logged-in", url) if logged_out or empty_token else None


def replaced_url(text: str) -> str | None:
    """Where a page's script goes at once (dossier 1, section 4.1), if that is a page of the same site."""
    found = _REPLACED.search(text)
    return found[1].replace("\\/", "/") if found else None


def refresh_url(url: str, html: str) -> str | None:
    """Where the page sends the browser on by itself, if it does."""
    found = _META_REFRESH.search(html)
    return urljoin(url, found[1].replace("&amp;", "&")) if found else None


def read_forms(html: str) -> tuple[Form, ...]:
    """The forms of a page, in order; inputs outside any form make one without id at the end."""
    parser = _FormParser()
    parser.feed(html)
    parser.close()
    return (*parser.forms, parser.loose())


def _defines(html: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and data of every entry of every `define` list in the page's JSON scripts."""
    for script in re.findall(r'<script[^>]+type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL):
        try:
            value = json.loads(script)
        except ValueError:
            continue
        for node in _objects(value):
            for entry in node.get("define") or ():
                if isinstance(entry, list) and len(entry) > 2 and isinstance(entry[2], Mapping):
                    yield str(entry[0]), entry[2]


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _dtsg(html: str, defines: Mapping[str, Mapping[str, Any]], hidden: Mapping[str, str]) -> str:
    named = (defines.get(name, {}).get("token") for name in ("DTSGInitialData", "DTSGInitData"))
    found = next((token for token in named if token), None)
    return str(found or hidden.get("fb_dtsg") or _first(html, r'id="__eqmc"[^>]*>.*?"f":"([^"]+)"'))


def _revision(html: str, defines: Mapping[str, Mapping[str, Any]]) -> str:
    site = defines.get("SiteData", {})
    found = site.get("client_revision") or site.get("server_revision")
    return str(found or _first(html, r'client_revision"?:(\d+)') or "1")


def _ls_version(html: str) -> str:
    """The version in the variables of the preloader of the task database (JSON text inside JSON)."""
    start = html.find("adp_LSPlatformGraphQLLightspeedRequest")
    return (start >= 0 and _first(html[start:], r'\\*"version\\*"\s*:\s*\\*"?(\d+)')) or _LS_VERSION


def _first(html: str, pattern: str) -> str:
    found = re.search(pattern, html)
    return found[1] if found else ""


class _FormParser(HTMLParser):
    """Collects inputs and buttons by the form they stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: tuple[str, dict[str, str], set[str]] | None = None
        self._outside: tuple[str, dict[str, str], set[str]] = ("", {}, set())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._finish()
            self._open = (attributes.get("id") or "", {}, set())
        elif tag in ("input", "button") and (name := attributes.get("name")):
            _, values, names = self._open or self._outside
            names.add(name)
            if tag == "input" and attributes.get("value"):
                values[name] = attributes["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._finish()

    def close(self) -> None:
        super().close()
        self._finish()

    def loose(self) -> Form:
        form_id, values, names = self._outside
        return Form(form_id, values, frozenset(names))

    def _finish(self) -> None:
        if self._open is not None:
            form_id, values, names = self._open
            self.forms.append(Form(form_id, values, frozenset(names)))
            self._open = None
