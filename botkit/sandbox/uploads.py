"""Uploads: which files are taken, what kind they are, and the answer to the upload form (dossier 1, section 11)."""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from botkit.sandbox import drawings, ids
from botkit.sandbox.attachments import Attachment
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ATTACHMENT_REFUSED, Refusal
from botkit.sandbox.multipart import Part
from botkit.sandbox.pictures import Picture, read_picture
from botkit.sandbox.wire import Request

Json = dict[str, Any]

LARGEST_FILE = 25 << 20
# Messenger's own way, and the page's.
UPLOAD_PATHS = ("/ajax/mercury/upload.php", "/sandbox/api/upload")
_LONGEST_NAME = 200
_KEY_BITS = 96
_PART = re.compile(r"farr|upload_\d{1,4}")
_UNKNOWN = "application/octet-stream"
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_PICTURES = {"image/png", "image/gif", "image/jpeg", "image/webp"}
# Programs, which Messenger refuses; that it is these endings is the sandbox's choice.
_REFUSED = {"apk", "bat", "cmd", "com", "exe", "jar", "msi", "scr", "vbs"}
_ID_KEYS = {
    "photo": "image_id",
    "animated_image": "gif_id",
    "video": "video_id",
    "audio": "audio_id",
    "file": "file_id",
}


def store(engine: Engine, owner: str, name: str, content_type: str, data: bytes) -> Attachment:
    """Keep a file of `owner`.

    Raises:
        Refusal: the file is empty, too large, a program, or says to be a picture and is none.
    """
    name = _plain_name(name)
    if not data or len(data) > LARGEST_FILE:
        raise Refusal(ATTACHMENT_REFUSED, f"A file has 1 to {LARGEST_FILE >> 20} MB; {name} has {len(data)} bytes.")
    if name.rpartition(".")[2].lower() in _REFUSED:
        raise Refusal(ATTACHMENT_REFUSED, f"{name} is a program, which cannot be attached.")
    mime, picture = _type(name, content_type, data)
    size = {"width": picture.width, "height": picture.height} if picture else {}
    key = ids.random_name(engine.chance, _KEY_BITS)
    with engine.storage.transaction():
        return engine.storage.files.add(owner, key, _kind(mime), name, mime, data, **size)


def answer(engine: Engine, owner: str, request: Request) -> Json:
    """Keep the files of an upload form; the payload that tells their ids.

    One file is a list of one, a video or several files are an object (dossier 1, section 11.3). Of several files those
    that are refused are null.

    Raises:
        Refusal: nothing was uploaded, or nothing of it was taken.
    """
    parts = [part for part in request.parts if _PART.fullmatch(part.name) and part.filename is not None]
    if not parts:
        raise Refusal(ATTACHMENT_REFUSED, "The file stands in the part farr, upload_1024 or upload_0, upload_1 ….")
    taken = [_take(engine, owner, part) for part in parts]
    entries = [None if isinstance(file, Refusal) else _entry(file) for file in taken]
    if not any(entries):
        raise next(file for file in taken if isinstance(file, Refusal))
    single = len(entries) == 1 and "video_id" not in (entries[0] or {})
    metadata = entries if single else {str(place): entry for place, entry in enumerate(entries)}
    return {"uploadID": None, "metadata": metadata}


def _take(engine: Engine, owner: str, part: Part) -> Attachment | Refusal:
    try:
        return store(engine, owner, part.filename or "", part.content_type, part.data)
    except Refusal as refusal:
        return refusal


def _entry(file: Attachment) -> Json:
    """What the answer says of one file; a video's id is a text there, the others' are numbers."""
    entry = {_ID_KEYS[file.kind]: int(file.id), "filename": file.name, "filetype": _filetype(file)}
    if file.kind == "video":
        return {**entry, "video_id": file.id, "thumbnail_src": drawings.url("film")}
    return {**entry, "src": file.url, "fbid": int(file.id)}


def _filetype(file: Attachment) -> str:
    """The type by which a client chooses the id's key: a picture that Messenger does not show goes as a plain file."""
    return _UNKNOWN if file.kind == "file" and file.mime.startswith(("image/", "video/", "audio/")) else file.mime


def _type(name: str, content_type: str, data: bytes) -> tuple[str, Picture | None]:
    mime = content_type.partition(";")[0].strip().lower()
    if not _MIME.fullmatch(mime) or mime == _UNKNOWN:
        mime = mimetypes.guess_type(name)[0] or _UNKNOWN
    picture = read_picture(data)
    if picture and (mime == _UNKNOWN or mime.startswith("image/")):
        return picture.mime, picture
    if mime in _PICTURES:
        raise Refusal(ATTACHMENT_REFUSED, f"{name} says to be {mime}, but it is no such picture.")
    return mime, None


def _kind(mime: str) -> str:
    if mime in _PICTURES:
        return "animated_image" if mime == "image/gif" else "photo"
    family = mime.partition("/")[0]
    return family if family in ("video", "audio") else "file"


def _plain_name(name: str) -> str:
    """The name without folders and control characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip(". ")[-_LONGEST_NAME:] or "file"
