"""Logins that need more than a password: a code, or a look at a recent login (dossier 1, sections 7.2 to 7.4).

Which step a browser is at hangs on a cookie, as its session does later. Event-loop thread only; a restart forgets it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from botkit.logs import hide
from botkit.sandbox import ids, pages, wire
from botkit.sandbox.logins import SCOPE, Logins
from botkit.sandbox.wire import Request, Response
from botkit.sandbox.world import Person

_COOKIE = "checkpoint"
_MOST_WAITING = 100
_WRONG_CODE = "The login code you entered doesn't match the one sent to your phone."
_APPROVALS = ("submit[This was me]", "submit[This Is Okay]")
_SAVINGS = ("save_device", "dont_save")


@dataclass(frozen=True)
class _Waiting:
    """A login that is half done. `nh` and `dtsg` are hidden fields of its pages, which come back with each post."""

    person: Person
    nh: str
    dtsg: str = field(repr=False)
    has_code: bool
    is_approved: bool
    is_saved: bool = False


class Checkpoints:
    """Leads a login through its pages to its session."""

    def __init__(self, logins: Logins, chance: random.Random) -> None:
        self._logins = logins
        self._chance = chance
        self._waiting: dict[str, _Waiting] = {}

    def begin(self, host: str, person: Person) -> Response:
        """The redirect to the first page, after the right password."""
        cookie, dtsg = ids.random_name(self._chance), f"NA{ids.random_name(self._chance, 144)}"
        hide(cookie)
        hide(dtsg)
        while len(self._waiting) >= _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[cookie] = _Waiting(
            person,
            nh=f"{self._chance.getrandbits(64):016x}",
            dtsg=dtsg,
            has_code=not person.two_factor,
            is_approved=not person.review_login,
        )
        return wire.redirect(pages.checkpoint_url(host), (_set_cookie(cookie, ""),))

    def page(self, request: Request) -> Response:
        """The page at which this browser's login stands; nobody's, and a locked account's, is the identity proof."""
        waiting = self._waiting.get(request.cookies.get(_COOKIE, ""))
        return wire.page(_page(waiting) if waiting else pages.identity_proof())

    def post(self, request: Request) -> Response:
        """Take one step; the answer is the next page, or the redirect home with the session's cookies."""
        cookie = request.cookies.get(_COOKIE, "")
        waiting = self._waiting.get(cookie)
        if waiting is None:
            return wire.page(pages.identity_proof())
        if request.fields.get("nh") != waiting.nh:
            return wire.page(_page(waiting))
        if not waiting.has_code and request.fields.get("approvals_code", "").strip() != waiting.person.two_factor:
            return wire.page(_page(waiting, error=_WRONG_CODE))
        waiting = self._waiting[cookie] = _step(waiting, request)
        if not (waiting.is_approved and waiting.is_saved):
            return wire.page(_page(waiting))
        del self._waiting[cookie]
        login = self._logins.begin(waiting.person.id)
        home = f"https://{request.host}/home.php"
        return wire.redirect(home, (*self._logins.set_cookies(login), _set_cookie("deleted", "; Max-Age=-1")))


def _step(waiting: _Waiting, request: Request) -> _Waiting:
    """The next state; a form that does not belong to the present page changes nothing."""
    if not waiting.has_code:
        return replace(waiting, has_code=True)
    if not waiting.is_saved and request.fields.get("name_action_selected") in _SAVINGS:
        return replace(waiting, is_saved=True)
    if not waiting.is_approved and any(name in request.fields for name in _APPROVALS):
        return replace(waiting, is_approved=True, is_saved=False)
    return waiting


def _page(waiting: _Waiting, error: str = "") -> str:
    hidden = {"jazoest": ids.jazoest(waiting.dtsg), "fb_dtsg": waiting.dtsg, "nh": waiting.nh}
    if not waiting.has_code:
        return pages.code_form(hidden, error)
    needs_saving = not waiting.is_saved and (waiting.is_approved or bool(waiting.person.two_factor))
    return pages.save_device_form(hidden) if needs_saving else pages.review_form(hidden)


def _set_cookie(value: str, age: str) -> tuple[str, str]:
    return "Set-Cookie", f"{_COOKIE}={value}{age}; {SCOPE}; httponly"
