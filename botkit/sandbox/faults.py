"""Faults on command: what goes wrong for one account, next time or the next few times (dossier 1, section 20).

`POST /sandbox/api/fault {"as": WHO, "kind": KIND, "times": 1}` asks for one. The kinds:

- `status` (with `"status": 500` or another): an AJAX call or a page load is answered with this status and nothing else;
- `please_refresh`: an AJAX call is refused with 1357004, as if the form token were stale;
- `rotate_dtsg`: an AJAX call's answer carries a new form token, and the old one is stale from then on;
- `two_objects`: an AJAX call's answer is followed by a second JSON object;
- `drop_send`: a send is taken, and the connection cut instead of an answer, on either carrier;
- `login_page`, `checkpoint_page`, `consent_page`, `refresh_page`: a page load leads there instead. `login_page` deletes
  the browser's cookies too, and `refresh_page` is a page that says to load it once more.

The kind `expire` ends the account's sessions and sockets at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from botkit.sandbox import pages, wire
from botkit.sandbox.errors import ControlError
from botkit.sandbox.logins import cleared_cookies
from botkit.sandbox.wire import Request, Response

KINDS = (
    "status",
    "please_refresh",
    "rotate_dtsg",
    "two_objects",
    "drop_send",
    "login_page",
    "checkpoint_page",
    "consent_page",
    "refresh_page",
)
_MOST_TIMES = 1000
_SECOND_OBJECT = b'\r\n{"__ar":1,"payload":null}'
_LOGIN = "https://www.facebook.com/login.php"
_CHECKPOINT = "https://www.facebook.com/checkpoint/1000000000000/"


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for an account; `status` is an HTTP status, 0 for the kinds that have none."""

    account: str
    kind: str
    times: int
    status: int = 0


class Faults:
    """What was asked for and has not happened yet. Event-loop thread only."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], Fault] = {}

    def order(self, fault: Fault) -> None:
        """Ask for a fault; it takes the place of an earlier one of the same kind, with 0 times it takes that back.

        Raises:
            ControlError: there is no such kind, or a number makes no sense.
        """
        if fault.kind not in KINDS:
            raise ControlError(400, f"`kind` is one of {', '.join(KINDS)} or expire")
        if not 0 <= fault.times <= _MOST_TIMES:
            raise ControlError(400, f"`times` is 0 to {_MOST_TIMES}")
        if fault.kind == "status" and not 400 <= fault.status <= 599:
            raise ControlError(400, "`status` is an HTTP status of 400 to 599")
        self._left[fault.account, fault.kind] = fault

    def take(self, account: str, kind: str) -> Fault | None:
        """The fault that is due, used up once; None when nothing is to go wrong."""
        fault = self._left.pop((account, kind), None)
        if fault is None or fault.times < 1:
            return None
        if fault.times > 1:
            self._left[account, kind] = Fault(account, kind, fault.times - 1, fault.status)
        return fault

    def status(self, account: str) -> Response | None:
        """The bare status that a request gets instead of an answer."""
        fault = self.take(account, "status")
        return wire.page("Sorry, something went wrong", status=fault.status) if fault else None

    def page(self, account: str, request: Request) -> Response | None:
        """What a page load gets instead of the page."""
        if answer := self.status(account):
            return answer
        if self.take(account, "login_page"):
            return wire.redirect(_LOGIN, cleared_cookies())
        if self.take(account, "checkpoint_page"):
            return wire.redirect(_CHECKPOINT)
        if self.take(account, "consent_page"):
            return wire.redirect(pages.CONSENT)
        if self.take(account, "refresh_page"):
            return wire.page(pages.refresh(f"https://{request.host}{request.path}?_fb_noscript=1&r=1"))
        return None


def with_second_object(answer: Response) -> Response:
    """The answer with another JSON object behind it."""
    return Response(answer.status, answer.body + _SECOND_OBJECT, answer.headers)
