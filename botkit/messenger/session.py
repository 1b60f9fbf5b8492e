"""A session: the cookies, tokens and counters that every request of one account shares."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from botkit.clock import Clock
from botkit.logs import get_logger, hide
from botkit.messenger._app_state import Cookie, app_state_from, cookie_from_header
from botkit.messenger._ids import base36, jazoest, random_hex, random_uuid
from botkit.messenger._page import Page
from botkit.messenger.errors import NotLoggedIn

_log = get_logger(__name__)
# What would let a stranger in, or tells the account's browser from others.
_SECRET_COOKIES = frozenset({"xs", "datr", "fr", "sb"})


class Session:
    """One account's state; any thread may call it."""

    def __init__(self, cookies: Iterable[Cookie], *, user_agent: str, clock: Clock, chance: random.Random) -> None:
        self.user_agent = user_agent
        self.client_hex = random_hex(chance)
        self._own_device_id = random_uuid(chance)
        self._clock = clock
        self._lock = threading.Lock()
        self._cookies = {cookie.place: _hidden(cookie) for cookie in cookies}
        self._has_changed = False
        self._page: Page | None = None
        self._dtsg = ""
        self._jazoest = ""
        self._requests = 0
        self._listeners: list[Callable[[], object]] = []
        self._has_changed = False

    def __repr__(self) -> str:
        return f"Session(user_id={self._value('i_user') or self._value('c_user')!r})"

    @property
    def user_id(self) -> str:
        """The acting account: a profile that it has switched to, or itself. Raises NotLoggedIn after a logout."""
        found = self._value("i_user") or self._value("c_user")
        if not found:
            raise NotLoggedIn("the session has no account; log in again")
        return found

    @property
    def has_account(self) -> bool:
        """Whether the cookies name an account and hold its secret."""
        return bool((self._value("i_user") or self._value("c_user")) and self._value("xs"))

    @property
    def page(self) -> Page:
        """The tokens of the page loaded last. Raises NotLoggedIn when none was."""
        page = self._page
        if page is None:
            raise NotLoggedIn("the session has loaded no page; log in first")
        return page

    @property
    def device_id(self) -> str:
        """The page's device id, or one of our own that lasts as long as the session."""
        return (self._page and self._page.device_id) or self._own_device_id

    @property
    def token(self) -> str:
        """The `fb_dtsg` in use."""
        return self._dtsg

    def adopt_page(self, page: Page) -> None:
        """Use the tokens of a page just loaded."""
        hide(page.dtsg)
        hide(page.lsd)
        with self._lock:
            self._page, self._dtsg, self._jazoest = page, page.dtsg, page.jazoest

    def adopt_token(self, dtsg: str) -> None:
        """Use a token that came with an answer (dossier 1, section 6.4)."""
        hide(dtsg)
        with self._lock:
            self._dtsg, self._jazoest = dtsg, jazoest(dtsg)

    def common_fields(self) -> dict[str, str]:
        """The fields of every form (dossier 1, section 5.1); counts the request."""
        page, user_id = self.page, self.user_id
        with self._lock:
            self._requests += 1
            return {
                "__user": user_id,
                "__a": "1",
                "__req": base36(self._requests),
                "__rev": page.revision,
                "fb_dtsg": self._dtsg,
                "jazoest": self._jazoest,
                "lsd": page.lsd,
                "av": user_id,
            }

    def cookie_header(self, host: str) -> str:
        """The Cookie header for a real name. A cookie that looks expired is sent too: the server decides."""
        with self._lock:
            return "; ".join(f"{c.name}={c.value}" for c in self._cookies.values() if c.fits(host))

    def store(self, lines: Iterable[str], url: str) -> bool:
        """Take over the Set-Cookie lines of an answer from `url`; say whether they deleted the session's secret."""
        host, now, lost = urlsplit(url).hostname or "", self._clock.now(), False
        for line in lines:
            found = cookie_from_header(line, host, now)
            if found is None:
                continue
            cookie, gone = found
            if gone:
                lost = lost or cookie.name == "xs"
                with self._lock:
                    self._has_changed |= self._cookies.pop(cookie.place, None) is not None
            else:
                self._keep(cookie)
        return lost

    def keep(self, name: str, value: str, path: str) -> None:
        """Take over a cookie that came inside an answer (dossier 1, section 6.4)."""
        self._keep(Cookie(name, value, path=path))

    def app_state(self) -> list[dict[str, Any]]:
        """The cookies in the documented form."""
        with self._lock:
            cookies = list(self._cookies.values())
        return app_state_from(cookies, self._clock.now())

    def on_change(self, callback: Callable[[], object]) -> None:
        """See `Api.on_session_change`."""
        with self._lock:
            self._listeners.append(callback)

    @contextmanager
    def changes_told(self) -> Iterator[None]:
        """Around the taking over of one answer: in the end tell of changed cookies, also when it was an error."""
        try:
            yield
        finally:
            if self._has_changed:
                self._tell()

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners) if self._has_changed else ()
            self._has_changed = False
        for listener in listeners:
            try:
                listener()
            except Exception:
                # The answer is good all the same.
                _log.exception("session: a callback failed")

    def forget(self) -> None:
        """Drop cookies and tokens: the session is over."""
        with self._lock:
            self._cookies.clear()
            self._page, self._dtsg, self._jazoest = None, "", ""

    def _keep(self, cookie: Cookie) -> None:
        _hidden(cookie)
        with self._lock:
            self._has_changed |= self._cookies.get(cookie.place) != cookie
            self._cookies[cookie.place] = cookie

    def _value(self, name: str) -> str | None:
        with self._lock:
            return next((c.value for c in self._cookies.values() if c.name == name and c.value), None)


def _hidden(cookie: Cookie) -> Cookie:
    """The same cookie, once logs leave its value out where that is a secret."""
    if cookie.name in _SECRET_COOKIES:
        hide(cookie.value)
    return cookie
