"""Sessions: who a cookie belongs to, and the cookies that a login hands out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from botkit.clock import Clock
from botkit.logs import hide
from botkit.sandbox import ids
from botkit.sandbox.storage import Login, Storage
from botkit.sandbox.wire import Headers
from botkit.sandbox.world import Person, World

_YEAR = timedelta(days=365)
# In lower case: a JavaScript client rewrites the text `domain=.facebook.com` for its Messenger cookies and fails on any
# other spelling (seen with facebook-chat-api 1.8.0).
SCOPE = "path=/; domain=.facebook.com; secure"
_SESSION_COOKIES = ("c_user", "xs")


class Logins:
    """Begins, finds and ends sessions. Used on the event-loop thread only."""

    def __init__(self, world: World, storage: Storage, clock: Clock, chance: random.Random) -> None:
        self._world = world
        self._storage = storage
        self._clock = clock
        self._chance = chance
        self._hidden: set[str] = set()

    def begin(self, account: str) -> Login:
        """A fresh session."""
        now_s = self._clock.time_ms() // 1000
        secret = ids.random_name(self._chance, 96)
        login = Login(
            xs=f"{self._chance.randint(10, 49)}:{secret}:2:{now_s}:-1:-1",
            account=account,
            dtsg=self._new_dtsg(),
            async_dtsg=f"AQ{ids.random_name(self._chance, 144)}:{self._chance.randint(1, 60)}:{now_s}",
            lsd=ids.random_name(self._chance, 96),
            logout_h=f"Af{ids.random_name(self._chance, 72)}",
            device_id=ids.random_uuid(self._chance),
        )
        self._hide(login)
        with self._storage.transaction():
            self._storage.save_login(login)
        return login

    def find(self, cookies: Mapping[str, str]) -> Login | None:
        """The living session of these cookies; percent-encoding does not matter.

        With the cookie `i_user` it is that page's, if the account may act as it (dossier 1, section 8.2).
        """
        login = self._storage.login(unquote(cookies.get("xs", "")))
        if login is not None and login.xs not in self._hidden:
            self._hide(login)
        if login is None or login.account != cookies.get("c_user"):
            return None
        return self.acting(login, cookies.get("i_user", ""))

    def acting(self, login: Login, page: str) -> Login:
        """The same session in the name of a page that its account may act as; else the session as it is."""
        return replace(login, account=page) if self._world.may_act_as(login.account, page) else login

    def rotate(self, login: Login) -> str:
        """Give a session a new form token; the old one is stale from now on."""
        kept = self._storage.login(login.xs)
        assert kept is not None
        changed = replace(kept, dtsg=self._new_dtsg())
        self._hide(changed)
        with self._storage.transaction():
            self._storage.save_login(changed)
        return changed.dtsg

    def expire(self, account: str) -> None:
        """Forget all sessions of an account."""
        with self._storage.transaction():
            self._storage.end_logins(account)

    def _new_dtsg(self) -> str:
        now_s = self._clock.time_ms() // 1000
        return f"NA{ids.random_name(self._chance, 144)}:{self._chance.randint(1, 60)}:{now_s}"

    def _hide(self, login: Login) -> None:
        """Keep a session's secrets out of the logs; those of an earlier start become known when they are used."""
        self._hidden.add(login.xs)
        for text in (login.xs, quote(login.xs, safe=""), login.dtsg, login.async_dtsg, login.lsd, login.logout_h):
            hide(text)

    def end(self, login: Login) -> None:
        """Forget a session."""
        with self._storage.transaction():
            self._storage.end_login(login.xs)

    def by_password(self, email: str, password: str) -> Person | None:
        """The account with this e-mail address (or id) and password."""
        for person in self._world.people.values():
            if email.casefold() in (person.email.casefold(), person.id) and password == person.password:
                return person
        return None

    def cookies(self, login: Login) -> dict[str, str]:
        """The cookies of a session (dossier 1, section 3.2)."""
        browser = {name: ids.random_name(self._chance, 144) for name in ("datr", "sb", "fr")}
        return {"c_user": login.account, "xs": quote(login.xs, safe=""), **browser}

    def set_cookies(self, login: Login) -> Headers:
        """The `Set-Cookie` headers that begin a session."""
        expires = (self._clock.now() + _YEAR).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return tuple(
            (
                "Set-Cookie",
                f"{name}={value}; expires={expires}; Max-Age={int(_YEAR.total_seconds())}; {SCOPE}"
                f"{'' if name == 'c_user' else '; httponly'}; SameSite=None",
            )
            for name, value in self.cookies(login).items()
        )

    def app_state(self, login: Login) -> list[dict[str, Any]]:
        """A session as an app state (dossier 1, section 3.3)."""
        now = self._clock.now()
        stamp, expires = (moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") for moment in (now, now + _YEAR))
        return [
            {
                "key": name,
                "value": value,
                "expires": expires,
                "maxAge": int(_YEAR.total_seconds()),
                "domain": "facebook.com",
                "path": "/",
                "secure": True,
                **({} if name == "c_user" else {"httpOnly": True}),
                "extensions": ["SameSite=None"],
                "hostOnly": False,
                "creation": stamp,
                "lastAccessed": stamp,
            }
            for name, value in self.cookies(login).items()
        ]


def cleared_cookies() -> Headers:
    """The `Set-Cookie` headers that end a session."""
    return tuple(
        (
            "Set-Cookie",
            f"{name}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=-1; {SCOPE}",
        )
        for name in _SESSION_COOKIES
    )
