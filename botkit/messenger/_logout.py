"""Logging out: the menu that holds the form, the form, and forgetting (dossier 1, section 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._page import read_forms
from botkit.messenger._web import HOME, ONCE
from botkit.messenger.errors import MessengerError

_log = get_logger(__name__)
_MENU = "/bluebar/modern_settings_menu/?help_type=364455653583099&show_contextual_help=1"
_LOGOUT = urljoin(HOME, "/logout.php")
_WANTED = ("fb_dtsg", "ref", "h")


def log_out(client: Client) -> bool:
    """Tell the server, then forget the session whatever it says; True when the server confirmed."""
    try:
        return _tell_server(client)
    except MessengerError as error:
        _log.warning("logout: the server did not confirm: %s", error)
        return False
    finally:
        client.session.forget()
        client.web.close()


def _tell_server(client: Client) -> bool:
    fields = {"fb_dtsg": client.session.token, "ref": "", "h": ""} | _menu_fields(client)
    answer = client.web.submit(_LOGOUT, client.session.common_fields() | fields)
    confirmed = answer.location is not None or not client.session.has_account
    if answer.location is not None:
        try:
            client.web.open_page(urljoin(_LOGOUT, answer.location))
        except MessengerError as error:
            # Being sent to the login page is the very thing that was asked for.
            _log.debug("logout: the page after it: %s", error)
    return confirmed


def _menu_fields(client: Client) -> dict[str, str]:
    """The fields of the logout form in the menu; none when the menu cannot be had."""
    try:
        envelope = client.web.post(_MENU, {"pmid": "0"}, "logout menu", ONCE)[0]
    except MessengerError as error:
        _log.info("logout: without the menu's form: %s", error)
        return {}
    for html in _markup_in(envelope):
        if "logout" in html:
            values = {name: value for form in read_forms(html) for name, value in form.values.items()}
            return {name: values[name] for name in _WANTED if name in values}
    return {}


def _markup_in(envelope: Mapping[str, Any]) -> list[str]:
    modules = envelope.get("jsmods")
    entries = modules.get("markup") if isinstance(modules, Mapping) else None
    return [
        str(entry[1]["__html"])
        for entry in entries or ()
        if isinstance(entry, list) and len(entry) > 1 and isinstance(entry[1], Mapping) and "__html" in entry[1]
    ]
