"""Requests and responses as plain values, and how forms and answers are written in them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.multipart import Part, read_parts

# Made once: `json.dumps` would make an encoder for each call.
_encode = json.JSONEncoder(separators=(",", ":")).encode

_MOST_DIGITS = 18
_GUARD = b"for (;;);"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One HTTP request; `host` has no port, `headers` have lower-case names, `query` is as it was written."""

    method: str
    host: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def fields(self) -> dict[str, str]:
        """The form's fields: of the query, then of the body, urlencoded or multipart.

        Clients send the common fields in either place, or in both (dossier 1, section 5.1).
        """
        found = dict(parse_qsl(self.query, keep_blank_values=True))
        if self.headers.get("content-type", "").startswith("multipart/form-data"):
            found.update((part.name, part.text) for part in self.parts if part.filename is None)
        else:
            found.update(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        return found

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of a multipart form, files too; none of any other body."""
        return read_parts(self.headers.get("content-type", ""), self.body)

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies; of a name that comes twice, the first.

        JavaScript clients send the attributes of cookies as if they were cookies (dossier 4): those stay harmless.
        """
        found: dict[str, str] = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, separator, value = part.strip().partition("=")
            if separator:
                found.setdefault(name, value)
        return found

    def needed(self, name: str) -> str:
        """A field that has to be there and not empty; else a `Refusal`."""
        value = self.fields.get(name, "")
        if not value:
            raise Refusal(BAD_PARAMETERS, f"The field {name} is missing.")
        return value

    def whole(self, name: str) -> int | None:
        """A field that is a whole number, None when it is not there; else a `Refusal`."""
        value = self.fields.get(name)
        if value and not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
            raise Refusal(BAD_PARAMETERS, f"The field {name} is a whole number.")
        return int(value) if value else None

    @cached_property
    def _bracketed(self) -> list[tuple[str, str]]:
        """The fields of lists and mappings, few of the many that a form has."""
        return [(key, value) for key, value in self.fields.items() if "[" in key]

    def listed(self, name: str) -> list[str]:
        """The values of `name[0]`, `name[1]`, … in the order of their numbers."""
        pattern = re.compile(rf"{re.escape(name)}\[(\d{{1,9}})\]")
        found = [(int(match[1]), value) for key, value in self._bracketed if (match := pattern.fullmatch(key))]
        return [value for _, value in sorted(found)]

    def keyed(self, name: str) -> dict[str, str]:
        """The values of `name[a]`, `name[b]`, … under `a`, `b`, …."""
        pattern = re.compile(rf"{re.escape(name)}\[([^\[\]]+)\]")
        return {match[1]: value for key, value in self._bracketed if (match := pattern.fullmatch(key))}

    def nested(self, name: str) -> dict[str, Any]:
        """The values of `name[a][b]…` as mappings in mappings; a list stands as a mapping from its numbers."""
        pattern = re.compile(rf"{re.escape(name)}((?:\[[^\[\]]*\])+)")
        found: dict[str, Any] = {}
        for key, value in self._bracketed:
            if match := pattern.fullmatch(key):
                *path, last = match[1][1:-1].split("][")
                level = found
                for step in path:
                    level = level.setdefault(step, {})
                    if not isinstance(level, dict):
                        raise Refusal(BAD_PARAMETERS, f"The field {key[:80]} is a value and a mapping at once.")
                level[last] = value
        return found


@dataclass(frozen=True)
class Response:
    """One HTTP answer; with `cut` the connection ends instead, as if the answer were lost.

    `hold_s` is how many seconds pass first: whoever carries the answer waits, or ends when its client does.
    """

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: Headers = field(default=(), repr=False)
    cut: bool = False
    hold_s: float = 0.0


def with_token(answer: Response, dtsg: str) -> Response:
    """The same answer of an AJAX call, telling the client its new form token (dossier 1, section 6.4)."""
    value = json.loads(answer.body[len(_GUARD) :])
    jsmods = value.get("jsmods", {})
    require = [*jsmods.get("require", []), ["DTSG", "setToken", [], [dtsg]]]
    return _guarded({**value, "jsmods": {**jsmods, "require": require}})


def is_guarded(answer: Response) -> bool:
    """Whether this is an answer in the envelope."""
    return answer.body.startswith(_GUARD)


def page(text: str, *, status: int = 200, headers: Headers = ()) -> Response:
    """An HTML page."""
    return Response(status, text.encode(), (("Content-Type", "text/html; charset=utf-8"), *headers))


def redirect(url: str, headers: Headers = ()) -> Response:
    """A 302 to `url`."""
    return Response(302, b"", (("Location", url), ("Content-Type", "text/html; charset=utf-8"), *headers))


def read_json(text: str | bytes) -> Any:
    """A JSON value that a client wrote.

    Raises:
        ValueError: it is none, is nested too deeply, or holds half a character, which no file could keep.
    """
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def compact(value: Any) -> str:
    """JSON on one line, ASCII only."""
    return _encode(value)


def envelope(payload: Any, lid: str, **more: Any) -> Response:
    """A good answer to an AJAX call (dossier 1, section 6.1)."""
    return _guarded({"__ar": 1, "payload": payload, **more, "lid": lid})


def refused(refusal: Refusal, lid: str) -> Response:
    """A refusal in the envelope; the status stays 200 (dossier 1, section 6.1)."""
    return _guarded(
        {
            "__ar": 1,
            "error": refusal.code,
            "errorSummary": refusal.summary,
            "errorDescription": refusal.description,
            "payload": None,
            "lid": lid,
        }
    )


def batch(objects: list[dict[str, Any]]) -> Response:
    """The answers of a GraphQL batch: one line each, CR LF between (dossier 3, section 2.4)."""
    body = "\r\n".join(compact(item) for item in objects)
    return Response(200, body.encode(), (("Content-Type", "application/json; charset=utf-8"),))


def _guarded(value: dict[str, Any]) -> Response:
    body = _GUARD + compact(value).encode()
    return Response(200, body, (("Content-Type", "application/x-javascript; charset=utf-8"),))
