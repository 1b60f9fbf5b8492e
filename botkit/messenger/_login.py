"""Logging in: with an app state, or with e-mail and password through the web form.

A locked account is reported with its address and never worked around.
"""

from __future__ import annotations

import base64
import json
import random as randoms
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from botkit.clock import Clock, SystemClock, system_random
from botkit.logs import hide
from botkit.messenger._app_state import cookies_from
from botkit.messenger._client import Client
from botkit.messenger._doors import HttpDoor, HttpResponse, Network, SocketDoor
from botkit.messenger._http import RequestsDoor
from botkit.messenger._mqtt import PahoDoor
from botkit.messenger._page import read_forms, replaced_url, sign_in_url
from botkit.messenger._web import HOME
from botkit.messenger.api import Api
from botkit.messenger.errors import (
    BadArgument,
    Checkpoint,
    LoginApproval,
    LoginError,
    ReviewRecentLogin,
    ServerError,
    WrongCredentials,
)
from botkit.messenger.options import Options, options_from
from botkit.messenger.session import Session

_FORM_URL = urljoin(HOME, "/login/device-based/regular/login/?login_attempt=1&lwv=110")
_NEXT_URL = urljoin(HOME, "/checkpoint/?next=https%3A%2F%2Fwww.facebook.com%2Fhome.php")
_SCREEN = {"w": 1440, "h": 900, "aw": 1440, "ah": 834, "c": 24}
_APP_STATE_KEYS = ("app_state", "appState")
_MOST_PAGES = 6
_ADVICE = "log in with an app state instead"


def login(
    credentials: object,
    options: Options | Mapping[str, Any] | None = None,
    *,
    clock: Clock | None = None,
    random: randoms.Random | None = None,
    http_door: HttpDoor | None = None,
    socket_door: SocketDoor | None = None,
) -> Api:
    """Log in and load the page whose tokens every request needs.

    `credentials`: an app state in any known shape (the documented list, an export of a browser extension, a mapping of
    names to values, a Cookie header, a Netscape file's text, or JSON text of these), or {"app_state": …}, or
    {"email": …, "password": …}. `options` as in `Options`. Doors are for tests and other networks.

    Raises BadArgument, NotLoggedIn for a dead session, Checkpoint with the address where the holder must look,
    WrongCredentials, LoginApproval when a two-factor code is wanted, ReviewRecentLogin, NetworkError or ServerError.
    """
    chosen = options_from(options)
    network = Network.of(chosen.network)
    if chosen.proxy is not None:
        hide(urlsplit(chosen.proxy).password or "", lasting=True)
    clock, chance = clock or SystemClock(), random or system_random()
    password_login = _password_login(credentials)
    cookies = () if password_login else cookies_from(_app_state(credentials))
    session = Session(cookies, user_agent=chosen.user_agent, clock=clock, chance=chance)
    client = Client(
        session,
        chosen,
        clock=clock,
        chance=chance,
        http_door=http_door or RequestsDoor(network, chosen.proxy),
        socket_door=socket_door or PahoDoor(network, chosen.proxy),
    )

    def enter() -> Api:
        if password_login:
            _log_in_by_form(client, *password_login)
        return _bootstrap(client)

    return _or_close(client, enter)


def _app_state(credentials: object) -> object:
    if isinstance(credentials, Mapping):
        for key in _APP_STATE_KEYS:
            if key in credentials:
                return credentials[key]
    return credentials


def _password_login(credentials: object) -> tuple[str, str] | None:
    """E-mail and password, if that is what the credentials are. Raises BadArgument when one of them is missing."""
    if not isinstance(credentials, Mapping) or not {"email", "password"} & credentials.keys():
        return None
    for key in ("email", "password"):
        if not isinstance(credentials.get(key), str) or not credentials[key]:
            raise BadArgument(f"credentials lack {key}; give email and password, or an app state")
    hide(credentials["password"], lasting=True)
    return credentials["email"], credentials["password"]


def _bootstrap(client: Client) -> Api:
    client.web.load_tokens()
    if client.options.page_id is not None:
        _enter_page(client, client.options.page_id)
    return Api(client)


def _enter_page(client: Client, page_id: str) -> None:
    """Go to the inbox of a page that the account manages (dossier 1, section 4.1). Raises LoginError."""
    inbox = client.web.open_page(urljoin(HOME, f"/{page_id}/messages/?section=messages&subsection=inbox"))
    url = replaced_url(inbox.text)
    if url is None:
        raise LoginError(f"page {page_id} has no inbox for this account; page_id must be a page that it manages")
    client.web.open_page(url)


def _log_in_by_form(client: Client, email: str, password: str) -> None:
    """Fill in the form of the home page (dossier 1, section 7.1)."""
    page = client.web.open_page(HOME)
    form = next((form for form in read_forms(page.text) if form.id == "login_form"), None)
    if form is None:
        raise LoginError(f"the home page holds no login form; {_ADVICE}")
    fields = {
        **form.values,
        "lgndim": base64.b64encode(json.dumps(_SCREEN, separators=(",", ":")).encode()).decode(),
        "email": email,
        "pass": password,
        "default_persistent": "0",
        "locale": "en_US",
        "timezone": "240",
        "lgnjs": str(client.clock.time_ms() // 1000),
    }
    answer = client.web.submit(_FORM_URL, fields)
    if answer.status >= 400:
        raise ServerError(f"login form: the server answered with status {answer.status}", answer.status)
    if answer.location is None:
        raise WrongCredentials("the e-mail address or the password is wrong")
    _enter(client, urljoin(_FORM_URL, answer.location))


def _enter(client: Client, url: str) -> None:
    """Go where a form has led: on into the session, or to a page that asks for more. Raises LoginError."""
    sign = sign_in_url(url)
    if sign is None:
        if not client.session.has_account:
            raise LoginError(f"the server has given no session; {_ADVICE}")
        return
    if sign.kind != "checkpoint":
        raise Checkpoint(f"the account needs its holder, in a browser ({sign.kind}): {url}", url)
    _answer_checkpoint(client, url)


def _answer_checkpoint(client: Client, url: str) -> None:
    """Tell the kinds of checkpoint page apart by their inputs where possible (dossier 1, section 7.2)."""
    page = client.web.look_at(url)
    names = _names(page)
    if "verification_method" not in names:
        if "approvals_code" in names:
            raise _approval(client, page)
        if _confirmation(page) is not None:
            _review(client, page)
            return
    raise Checkpoint(f"the account is locked; its holder must open {url} in a browser", url)


def _approval(client: Client, page: HttpResponse, *, again: bool = False) -> LoginApproval:
    """The error that holds the way on."""

    def continue_(code: str | int) -> Api:
        return _or_close(client, lambda: _send_code(client, page, str(code)))

    message = "the code was wrong; ask for a new one" if again else "the account asks for a two-factor code"
    return LoginApproval(f"{message}, and call continue_(code)", continue_)


def _send_code(client: Client, page: HttpResponse, code: str) -> Api:
    """Post a two-factor code and what comes after it (dossier 1, section 7.3)."""
    inputs = _inputs(page)
    answer = client.web.submit(_NEXT_URL, inputs | {"approvals_code": code, "submit[Continue]": "Continue"})
    if answer.location is None and "approvals_code" in _names(answer):
        raise _approval(client, answer, again=True)
    _finish(client, answer, inputs)
    return _bootstrap(client)


def _review(client: Client, page: HttpResponse) -> None:
    """Confirm the owner's own recent login, if the owner has said so beforehand (dossier 1, section 7.4)."""
    if not client.options.force_login:
        raise ReviewRecentLogin("the account's holder must confirm a recent login in a browser, or set force_login")
    _finish(client, page, _inputs(page))


def _finish(client: Client, answer: HttpResponse, inputs: Mapping[str, str]) -> None:
    """Go through the pages that may follow until there is a session. Raises LoginError when there are too many."""
    kept = {name: value for name, value in inputs.items() if name not in ("approvals_code", "no_fido")}
    for _ in range(_MOST_PAGES):
        if client.session.has_account:
            return
        if answer.location is not None:
            answer = client.web.look_at(urljoin(_NEXT_URL, answer.location))
            continue
        confirmation = _confirmation(answer)
        if confirmation is not None and not client.options.force_login:
            raise ReviewRecentLogin("the account's holder must confirm a recent login in a browser, or set force_login")
        step = confirmation or {"name_action_selected": "save_device", "submit[Continue]": "Continue"}
        answer = client.web.submit(_NEXT_URL, kept | _inputs(answer) | step)
    raise LoginError(f"the login has no end after {_MOST_PAGES} pages; {_ADVICE}")


def _confirmation(page: HttpResponse) -> dict[str, str] | None:
    """The field that says "this was me", if the page asks that; by its button, else by its English text."""
    names = _names(page)
    for label, title in (("This was me", "Suspicious Login Attempt"), ("This Is Okay", "Review Recent Login")):
        if f"submit[{label}]" in names or title in page.text:
            return {f"submit[{label}]": label}
    return None


def _names(page: HttpResponse) -> frozenset[str]:
    return frozenset(name for form in read_forms(page.text) for name in form.names)


def _inputs(page: HttpResponse) -> dict[str, str]:
    return {name: value for form in read_forms(page.text) for name, value in form.values.items()}


def _or_close(client: Client, step: Callable[[], Api]) -> Api:
    """Close the client when a step fails, except where the login can go on."""
    try:
        return step()
    except LoginApproval:
        raise
    except BaseException:
        client.web.close()
        raise
