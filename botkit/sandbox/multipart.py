"""Takes a multipart form apart without changing a byte of its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser


@dataclass(frozen=True)
class Part:
    """One field of the form; `filename` is None for a plain value, `content_type` "" when none is given."""

    name: str
    filename: str | None
    content_type: str
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The value of a plain field."""
        return self.data.decode("utf-8", "replace")


def read_parts(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of `body`, whose boundary stands in `content_type`; none if it is no multipart form."""
    boundary = _headers(f"Content-Type: {content_type}").get_boundary()
    if not boundary:
        return ()
    parts = []
    # The line break before a boundary belongs to the boundary, also the missing one before the first.
    for chunk in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if chunk.startswith(b"--"):
            break
        if (part := _part(chunk)) is not None:
            parts.append(part)
    return tuple(parts)


def _part(chunk: bytes) -> Part | None:
    head, _, data = chunk.partition(b"\r\n\r\n")
    headers = _headers(head.decode("utf-8", "replace").strip())
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        return None
    kind = headers.get_content_type() if "content-type" in headers else ""
    return Part(name, headers.get_filename(), kind, data)


def _headers(text: str) -> Message:
    return HeaderParser().parsestr(text)
