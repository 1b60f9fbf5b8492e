"""Gives out uploads, stickers and profile pictures, under Messenger's names and to the people's page alike."""

from __future__ import annotations

import re
from urllib.parse import quote

from botkit.sandbox import drawings, pages
from botkit.sandbox.attachments import Attachment
from botkit.sandbox.engine import Engine
from botkit.sandbox.wire import Headers, Request, Response

_FILE = re.compile(r"/sandbox/file/(\d+)/[^/]+")
_DRAWING = re.compile(r"/sandbox/drawing/([a-z]+)\.svg")
_PERSON = re.compile(r"/sandbox/picture/(\d+)")
# What somebody uploaded must not run as a page, neither here nor inside another site's.
_SAFE: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


def serve(engine: Engine, request: Request) -> Response | None:
    """The bytes at this address; None if it leads to nothing here. A file's key in the query stands for a session."""
    if match := _FILE.fullmatch(request.path):
        return _file(engine, match[1], request.fields.get("oh", ""))
    if match := _DRAWING.fullmatch(request.path):
        drawing = drawings.svg(match[1])
    elif match := _PERSON.fullmatch(request.path):
        person = engine.world.people.get(match[1])
        drawing = pages.picture(person) if person else None
    else:
        return None
    return Response(200, drawing.encode(), (("Content-Type", "image/svg+xml"), *_SAFE)) if drawing else None


def _file(engine: Engine, file_id: str, key: str) -> Response | None:
    file, data = engine.storage.files.find(file_id), engine.storage.files.read(file_id, key)
    if file is None or data is None:
        return None
    return Response(200, data, (("Content-Type", file.mime), ("Content-Disposition", _disposition(file)), *_SAFE))


def _disposition(file: Attachment) -> str:
    """Pictures are shown in place; everything else is saved, also what a browser could show."""
    way = "inline" if file.kind in ("photo", "animated_image") else "attachment"
    return f"{way}; filename*=UTF-8''{quote(file.name, safe='')}"
