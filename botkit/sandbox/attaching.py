"""What a send asks to attach, in the words of forms and of socket tasks, and the look-ups around it.

Dossier 1, sections 10.5, 12 and 13.4; dossier 3, sections 5.7 and 5.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from botkit.sandbox import drawings
from botkit.sandbox.attachments import Attachment
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ATTACHMENT_REFUSED, BAD_PARAMETERS, NOT_A_PARTICIPANT, Refusal
from botkit.sandbox.wire import Request

Json = dict[str, Any]

_ID_FIELDS = {
    "image_ids": "photo",
    "gif_ids": "animated_image",
    "video_ids": "video",
    "audio_ids": "audio",
    "file_ids": "file",
}
_SHARE = "shareable_attachment"
_SHARE_TYPE = "100"
_STICKER, _MEDIA, _LINK = 2, 3, 6
_LONGEST_LINK = 2000
_MOST_PICTURES = 100


def of_form(engine: Engine, sender: str, request: Request) -> tuple[Attachment, ...]:
    """What the form of a send attaches; its offline threading id becomes the id of a shared link.

    Raises:
        Refusal: an id is not the sender's upload of that kind, or no sticker; or the form says that something is
            attached, and nothing is.
    """
    found = [
        _upload(engine, sender, file_id, kind) for field, kind in _ID_FIELDS.items() for file_id in _ids(request, field)
    ]
    if sticker_id := request.fields.get("sticker_id"):
        found.append(_sticker(sticker_id))
    if link := request.fields.get(f"{_SHARE}[share_params][urlInfo][canonical]"):
        if request.fields.get(f"{_SHARE}[share_type]") != _SHARE_TYPE:
            raise Refusal(BAD_PARAMETERS, f"The share_type of a shared link is {_SHARE_TYPE}.")
        title = request.fields.get(f"{_SHARE}[share_params][title]", "")
        summary = request.fields.get(f"{_SHARE}[share_params][summary]", "")
        share_id = request.needed("offline_threading_id")
        found.append(Attachment("share", share_id, title, _checked_link(link), description=summary))
    elif any(name.startswith(_SHARE) and value for name, value in request.fields.items()):
        raise Refusal(BAD_PARAMETERS, f"A shared link needs {_SHARE}[share_params][urlInfo][canonical].")
    if request.fields.get("has_attachment") == "true" and not found:
        raise Refusal(BAD_PARAMETERS, "has_attachment is true but nothing is attached.")
    return tuple(found)


def of_task(engine: Engine, sender: str, fields: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """What the payload of a send task attaches, as its `send_type` says.

    Raises:
        Refusal: what the `send_type` promises is not there or is not the sender's.
    """
    kind = fields.get("send_type")
    if kind == _STICKER:
        return (_sticker(str(fields.get("sticker_id", ""))),)
    if kind == _LINK:
        return (_preview(str(fields.get("url", "")), str(fields.get("otid"))),)
    uploads = fields.get("attachment_fbids")
    uploads = uploads if isinstance(uploads, list) else []
    if bool(uploads) != (kind == _MEDIA):
        raise Refusal(BAD_PARAMETERS, "attachment_fbids is a list of uploads, and goes with send_type 3.")
    return tuple(_upload(engine, sender, str(file_id)) for file_id in uploads)


def scraped(link: str) -> Json:
    """The answer to a link that is about to be shared; nothing is fetched: the preview is made of the link itself.

    Raises:
        Refusal: it is no web address.
    """
    preview = _preview(link, "")
    return {
        "share_data": {
            "share_type": int(_SHARE_TYPE),
            "share_params": {
                "urlInfo": {"canonical": preview.url, "final": preview.url},
                "title": preview.name,
                "summary": preview.description,
                "images": [],
            },
        }
    }


def photo_redirect(engine: Engine, viewer: str, photo_id: str) -> Json:
    """The `jsmods` that lead to a photo in full size.

    Raises:
        Refusal: there is no such photo, or the viewer has nothing to do with it.
    """
    photo = engine.storage.files.find(photo_id)
    if photo is None or photo.kind not in ("photo", "animated_image") or not may_see(engine, viewer, photo_id):
        raise Refusal(BAD_PARAMETERS, "There is no such photo.")
    return {"require": [["ServerRedirect", "redirectPageTo", [], [photo.url, False, False]]]}


def photos_of(engine: Engine, viewer: str, thread_id: str) -> list[Attachment]:
    """The photos of a thread, the newest first.

    Raises:
        Refusal: the viewer is not in it.
    """
    thread = engine.world.thread(viewer, thread_id)
    if thread is None:
        raise Refusal(NOT_A_PARTICIPANT, "You are not part of this conversation.")
    messages = reversed(engine.storage.history(thread.key, _MOST_PICTURES, viewer=viewer))
    return [file for message in messages for file in message.content.attachments if file.kind == "photo"]


def photo_details(thread_id: str, photo: Attachment) -> Json:
    """The `jsmods` that describe one photo of a thread (dossier 3, section 5.7)."""
    image = {"uri": photo.url, "width": photo.width, "height": photo.height}
    results = {
        "query_metadata": {"query_path": [{"message_thread": thread_id}]},
        "query_results": {thread_id: {"message_images": {"edges": [{"node": {"image2": image}}]}}},
    }
    return {"require": [["MessengerSharedPhotos", "add", [], [photo.id, results]]]}


def _ids(request: Request, field: str) -> list[str]:
    """The ids of `field[0]`, `field[1]`, …, or of one text with commas (dossier 1, section 5.3)."""
    joined = request.fields.get(field, "")
    return [*request.listed(field), *(file_id.strip() for file_id in joined.split(",") if file_id.strip())]


def _upload(engine: Engine, sender: str, file_id: str, kind: str | None = None) -> Attachment:
    files = engine.storage.files
    found = files.find(file_id)
    if found is None or files.owner(file_id) != sender:
        raise Refusal(BAD_PARAMETERS, f"{file_id[:20]!r} is no upload of yours.")
    if kind is not None and found.kind != kind:
        raise Refusal(ATTACHMENT_REFUSED, f"The upload {file_id} is of the kind {found.kind}, not {kind}.")
    return found


def _sticker(sticker_id: str) -> Attachment:
    found = drawings.sticker(sticker_id)
    if found is None:
        raise Refusal(BAD_PARAMETERS, f"There is no sticker {sticker_id[:20]!r}.")
    return found


def _preview(link: str, attachment_id: str) -> Attachment:
    """A link with a title and a line made of the words in it."""
    parts = urlsplit(_checked_link(link))
    words = unquote(parts.path).rstrip("/").rpartition("/")[2].rpartition(".")
    title = (words[0] or words[2]).replace("-", " ").replace("_", " ").strip().capitalize()
    host = parts.hostname or ""
    return Attachment("share", attachment_id, title or host, link, description=f"A page of {host}")


def _checked_link(link: str) -> str:
    try:
        parts = urlsplit(link)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or len(link) > _LONGEST_LINK:
        raise Refusal(BAD_PARAMETERS, "A shared link is a web address, like https://example.org/page.")
    return link


def may_see(engine: Engine, viewer: str, file_id: str) -> bool:
    """Whether a file is the viewer's own, or was sent into a thread that they are in."""
    files = engine.storage.files
    threads = [engine.world.by_key(key) for key in files.threads(file_id)]
    return files.owner(file_id) == viewer or any(viewer in thread.members for thread in threads)
