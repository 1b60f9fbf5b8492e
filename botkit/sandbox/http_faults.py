"""What goes wrong with a page load or an AJAX call when it was ordered: answers instead, spoiled ones, late ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from botkit.sandbox import pages, wire
from botkit.sandbox.errors import STALE_TOKEN, Refusal
from botkit.sandbox.faults import Fault, Faults
from botkit.sandbox.logins import cleared_cookies
from botkit.sandbox.wire import Request, Response

_SEND = "/messaging/send"
_LOGIN = "https://www.facebook.com/login.php"
_CHECKPOINT = "https://www.facebook.com/checkpoint/1000000000000/"
_SECOND_OBJECT = b'\r\n{"__ar":1,"payload":null}'
_HALF_AN_ANSWER = b'for (;;);{"__ar":1,"payload":{"actions":[{"thread_fbid":'


def instead(faults: Faults, account: str, request: Request) -> Response | None:
    """What any request gets in place of its answer, and does not get done."""
    if fault := faults.take(account, "status", request.path):
        return _bare(fault)
    if faults.take(account, "login_page", request.path):
        return wire.redirect(_LOGIN, cleared_cookies())
    if faults.take(account, "checkpoint_page", request.path):
        return wire.redirect(_CHECKPOINT)
    return None


def instead_of_page(faults: Faults, account: str, request: Request) -> Response | None:
    """What a page load gets in place of the page."""
    if answer := instead(faults, account, request):
        return answer
    if faults.take(account, "consent_page", request.path):
        return wire.redirect(pages.CONSENT)
    if faults.take(account, "refresh_page", request.path):
        return wire.page(pages.refresh(f"https://{request.host}{request.path}?_fb_noscript=1&r=1"))
    return None


def refuse(faults: Faults, account: str, request: Request) -> None:
    """Raise the `Refusal` that a call gets in place of its answer, if one was ordered."""
    if faults.take(account, "please_refresh", request.path):
        raise Refusal(STALE_TOKEN, "Please try closing and re-opening your browser window.")
    if is_send(request) and (fault := faults.take(account, "refuse_send")):
        raise ordered_refusal(fault)


def ordered_refusal(fault: Fault) -> Refusal:
    """How a send is refused on either carrier."""
    assert fault.code is not None
    return Refusal(fault.code, "This send was refused on command.")


def spoiled(faults: Faults, account: str, request: Request, answer: Response, new_token: Callable[[], str]) -> Response:
    """The answer of a call that was carried out, with what was ordered to be wrong with it."""
    if (is_send(request) and faults.take(account, "drop_send")) or faults.take(account, "drop_answer", request.path):
        return Response(cut=True)
    held = faults.take(account, "hold_send") if is_send(request) else None
    if held := held or faults.take(account, "hold_answer", request.path):
        return Response(cut=True, hold_s=held.seconds or 0.0)
    if faults.take(account, "garbage", request.path):
        return Response(200, _HALF_AN_ANSWER, answer.headers)
    if not wire.is_guarded(answer):
        return answer
    if faults.take(account, "rotate_dtsg", request.path):
        answer = wire.with_token(answer, new_token())
    if faults.take(account, "two_objects", request.path):
        answer = replace(answer, body=answer.body + _SECOND_OBJECT)
    return answer


def late(faults: Faults, account: str, request: Request, answer: Response) -> Response:
    """Any answer, held back for as long as was ordered."""
    fault = faults.take(account, "slow", request.path)
    return replace(answer, hold_s=answer.hold_s + (fault.seconds or 0.0)) if fault else answer


def refused_upgrade(faults: Faults, account: str) -> Response | None:
    """What the opening of a socket is answered with in place of the socket."""
    fault = faults.take(account, "refuse_upgrade")
    return _bare(fault) if fault else None


def is_send(request: Request) -> bool:
    """Whether the call is a send by form."""
    return request.path.rstrip("/") == _SEND


def _bare(fault: Fault) -> Response:
    assert fault.status is not None
    headers = () if fault.retry_after is None else (("Retry-After", str(fault.retry_after)),)
    return wire.page("Sorry, something went wrong", status=fault.status, headers=headers)
