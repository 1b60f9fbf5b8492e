"""Answers of the AJAX endpoints: the envelope, its errors as our own, and what it changes about the session. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botkit.messenger._wire import STRANGE, code_of, may_need_repair, repaired
from botkit.messenger.errors import BadAnswer, BotkitError, MessengerError, NotLoggedIn, Refused

PLEASE_REFRESH = 1357004
_DECODER = json.JSONDecoder()
# dossier 1, section 6.2; dossier 3, section 2.9.
_DEAD_SESSION = frozenset({1357001, 1357053})
_REASONS = {
    1357004: "please-refresh",
    1357031: "invalid-parameters",
    1545003: "invalid-parameters",
    1545010: "invalid-parameters",
    1545012: "not-in-thread",
    1545014: "invalid-parameters",
    1545026: "attachment-refused",
    1545116: "thread-disabled",
    1976004: "not-an-admin",
    1675001: "graphql-error",
    1675012: "graphql-error",
    1675030: "graphql-error",
}
_ENCRYPTED = "; one-to-one chats are mostly end-to-end encrypted and closed to this client"


@dataclass(frozen=True)
class Changes:
    """What an answer tells the session besides: a new token, and cookies as (name, value, path)."""

    dtsg: str | None
    cookies: tuple[tuple[str, str, str], ...]


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Around the reading of an answer: what a strange one makes it stumble over becomes BadAnswer."""
    try:
        yield
    except BotkitError:
        raise
    except STRANGE as error:
        raise BadAnswer(f"{what}: the answer cannot be read ({type(error).__name__})") from error


def objects_in(text: str) -> list[dict[str, Any]]:
    """The JSON objects of an answer, one after another, with or without the guard `for (;;);`.

    Raises BadAnswer when there is none, or when what follows is no JSON.
    """
    position = text.find("{")
    if position < 0:
        raise BadAnswer("the answer holds no JSON object")
    found, is_strange = [], may_need_repair(text)
    while position >= 0:
        try:
            value, end = _DECODER.raw_decode(text, position)
            found.append(repaired(value) if is_strange else value)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"the answer is no JSON from character {position} on") from error
        position = text.find("{", end)
    return found


def error_in(envelope: Mapping[str, Any], what: str) -> MessengerError | None:
    """The error that an envelope tells of, if any; `what` names the request in its message."""
    code = envelope.get("error")
    if not code:
        return None
    if isinstance(code, Mapping):
        return error_from_graphql(code, what)
    summary, description = str(envelope.get("errorSummary") or ""), str(envelope.get("errorDescription") or "")
    return refusal(code_of(code), summary, description, what)


def refusal(code: int, summary: str, description: str, what: str) -> MessengerError:
    """The error for a code of the server's."""
    words = f": {summary}" if summary else ""
    if code in _DEAD_SESSION:
        return NotLoggedIn(f"{what}: the session is dead ({code}{words}); log in again")
    reason = _REASONS.get(code, "other")
    hint = _ENCRYPTED if reason == "thread-disabled" else ""
    return Refused(
        f"{what} refused ({code}, {reason}{words}){hint}",
        reason=reason,
        code=code,
        summary=summary,
        description=description,
    )


def error_from_graphql(entry: Mapping[str, Any], what: str) -> MessengerError:
    """The error for one entry of a GraphQL `errors` list (dossier 3, section 2.4)."""
    code = code_of(entry.get("code") or entry.get("api_error_code"))
    if code in _DEAD_SESSION or entry.get("requires_reauth"):
        return NotLoggedIn(f"{what}: the session is dead ({code}); log in again")
    summary, description = str(entry.get("summary") or ""), str(entry.get("description") or "")
    return Refused(
        f"{what} refused ({code}, graphql-error{f': {summary}' if summary else ''})",
        reason="graphql-error",
        code=code,
        summary=summary,
        description=description,
    )


def changes_in(envelope: Mapping[str, Any]) -> Changes:
    """A new token and cookies that came along (dossier 1, section 6.4)."""
    modules = envelope.get("jsmods")
    modules = modules if isinstance(modules, Mapping) else {}
    dtsg = envelope.get("dtsgToken") if isinstance(envelope.get("dtsgToken"), str) else None
    cookies = []
    for module, method, arguments in _calls(modules.get("require")):
        if module == "DTSG" and method == "setToken" and arguments:
            dtsg = str(arguments[0])
        elif module == "Cookie" and len(arguments) > 1:
            path = str(arguments[3]) if len(arguments) > 3 else "/"
            cookies.append((str(arguments[0]).removeprefix("_js_"), str(arguments[1]), path))
    for module, _method, data in _calls(modules.get("define"), data_at=2):
        if module in ("DTSGInitData", "DTSGInitialData") and isinstance(data, Mapping) and data.get("token"):
            dtsg = str(data["token"])
    return Changes(dtsg, tuple(cookies))


def _calls(entries: Any, data_at: int = 3) -> Iterator[tuple[str, Any, Any]]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, list) and len(entry) > data_at:
            yield str(entry[0]).partition("@")[0], entry[1], entry[data_at]
