"""Files to send: read once from a path, from bytes or from an open stream, with a name and a content type."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botkit.messenger._file_names import TYPES
from botkit.messenger.errors import BadArgument

LARGEST_FILE = 100 * 2**20
"""So many bytes of one file are taken, at most."""
_FALLBACK_NAME = "file"
_FALLBACK_TYPE = "application/octet-stream"
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
_WANTED = "a path, a pair of a name and bytes, or a binary stream"


@dataclass(frozen=True)
class File:
    """A file in memory."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Uploaded:
    """A file that the server holds: its id, and the kind under which a message names it."""

    kind: str
    id: str


def read_file(source: object, what: str) -> File:
    """A file from a path, bytes, a binary stream, or a pair of a name and one of the last two.

    A stream is read to its end and left open. `what` names the argument in errors. Raises BadArgument for anything
    else, for what cannot be read, and for a file that is empty or larger than `LARGEST_FILE`.
    """
    name, content = _split(source)
    if isinstance(content, str | os.PathLike):
        path = Path(content)
        name, data = path.name, _read_path(path, what)
    elif isinstance(content, bytes | bytearray | memoryview):
        data = bytes(content)
    elif callable(getattr(content, "read", None)):
        name, data = name or _name_of(content), _read_stream(content, what)
    else:
        raise BadArgument(f"{what} must be {_WANTED}, not {type(content).__name__}")
    if not data:
        raise BadArgument(f"{what} must not be empty")
    if len(data) > LARGEST_FILE:
        raise BadArgument(f"{what} must not be larger than {LARGEST_FILE} bytes")
    return File(name or _FALLBACK_NAME, _content_type(name, data), data)


def read_files(sources: object, what: str) -> tuple[File, ...]:
    """Files from one source or from a sequence of them. Raises BadArgument as `read_file` does, and for none."""
    is_one = isinstance(sources, str | bytes | bytearray | memoryview) or _split(sources)[0] is not None
    if is_one or not isinstance(sources, Sequence):
        return (read_file(sources, what),)
    files = tuple(read_file(source, f"{what} {index}") for index, source in enumerate(sources))
    if not files:
        raise BadArgument(f"{what} must hold at least one file: {_WANTED}")
    return files


def _split(source: object) -> tuple[str | None, Any]:
    """The name, if this is a pair of a name and a content and not two files, and the content."""
    match source:
        case (str(name), content) if isinstance(source, tuple) and _is_content(content):
            return name, content
    return None, source


def _is_content(value: object) -> bool:
    return isinstance(value, bytes | bytearray | memoryview) or callable(getattr(value, "read", None))


def _read_path(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return _read_stream(stream, what)
    except (OSError, ValueError) as error:
        raise BadArgument(f"{what} cannot be read: {path} ({type(error).__name__})") from error


def _read_stream(stream: Any, what: str) -> bytes:
    """Everything that is left in a stream, but never much more than may be sent."""
    chunks, size = [], 0
    while size <= LARGEST_FILE:
        chunk = stream.read(LARGEST_FILE + 1 - size)
        if not isinstance(chunk, bytes):
            raise BadArgument(f"{what} must be a binary stream; open it with mode 'rb'")
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _name_of(stream: object) -> str | None:
    name = getattr(stream, "name", None)
    return Path(name).name if isinstance(name, str) else None


def _content_type(name: str | None, data: bytes) -> str:
    by_name = TYPES.guess_type(name)[0] if name else None
    by_data = next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), None)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        by_data = "image/webp"
    return by_name or by_data or _FALLBACK_TYPE
