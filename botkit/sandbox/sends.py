"""What a send says, read from the HTTP form or from task 46 (dossier 1, sections 10.5 and 13.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from botkit.sandbox import attaching
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import ATTACHMENT_REFUSED, BAD_PARAMETERS, FORBIDDEN, Refusal
from botkit.sandbox.wire import Request
from botkit.sandbox.world import Content, Mention, Place

Json = dict[str, Any]

_SIZES = ("small", "medium", "large")
_SIZE_TAG = "hot_emoji_size:"
_FORWARD = 5
# Text, sticker, media and link (dossier 1, section 13.4).
_SEND_TYPES = (1, 2, 3, 6)


def content_of_form(engine: Engine, sender: str, request: Request) -> Content:
    """The content of a `/messaging/send/`.

    Raises:
        Refusal: a part of it is malformed, or of a kind that the sandbox does not take.
    """
    if request.nested("lightweight_action_attachment"):
        raise Refusal(FORBIDDEN, "The sandbox does not take waves.")
    return Content(
        text=request.fields.get("body", ""),
        reply_to=request.fields.get("replied_to_message_id") or None,
        mentions=_form_mentions(request),
        place=_place(request.nested("location_attachment")),
        emoji_size=_form_size(request),
        attachments=attaching.of_form(engine, sender, request),
    )


def content_of_task(engine: Engine, sender: str, fields: Json) -> Content:
    """The content of a task 46.

    Raises:
        Refusal: a part of it is malformed, of a kind that the sandbox does not take, or nothing to forward is there.
    """
    if fields.get("send_type") == _FORWARD:
        return forwarded(engine, sender, str(fields.get("forwarded_msg_id")))
    if fields.get("send_type") not in _SEND_TYPES:
        raise Refusal(ATTACHMENT_REFUSED, f"The sandbox does not take the send_type {fields.get('send_type')}.")
    reply = fields.get("reply_metadata")
    return Content(
        text=str(fields.get("text") or ""),
        reply_to=str(reply.get("reply_source_id")) if isinstance(reply, dict) else None,
        mentions=_task_mentions(fields.get("mention_data")),
        place=_place(fields.get("location_data")),
        emoji_size=_task_size(fields.get("hot_emoji_size")),
        attachments=attaching.of_task(engine, sender, fields),
    )


def forwarded(engine: Engine, sender: str, message_id: str) -> Content:
    """A message's content as `sender` passes it on; one that was unsent, or a grey line, cannot be."""
    _, message = engine.shown_message(sender, message_id)
    if message.unsent or message.log:
        raise Refusal(FORBIDDEN, "This message cannot be forwarded.")
    return replace(message.content, reply_to=None, mentions=(), forwarded=True)


def _form_mentions(request: Request) -> tuple[Mention, ...]:
    found = request.nested("profile_xmd")
    rows = [found[key] for key in sorted(found, key=lambda key: (len(key), key))]
    return tuple(_mention(row.get("id"), row.get("offset"), row.get("length")) for row in rows if isinstance(row, dict))


def _task_mentions(data: Any) -> tuple[Mention, ...]:
    if not isinstance(data, dict) or not data.get("mention_ids"):
        return ()
    columns = [str(data.get(f"mention_{name}", "")).split(",") for name in ("ids", "offsets", "lengths")]
    if len({len(column) for column in columns}) != 1:
        raise Refusal(BAD_PARAMETERS, "mention_ids, mention_offsets and mention_lengths are lists of one length.")
    return tuple(_mention(*row) for row in zip(*columns, strict=True))


def _mention(person: Any, offset: Any, length: Any) -> Mention:
    words = [str(word).strip() for word in (person, offset, length)]
    if not all(word.isascii() and word.isdecimal() for word in words):
        raise Refusal(BAD_PARAMETERS, "A mention has an id, an offset and a length, all whole numbers.")
    return Mention(words[0], int(words[1]), int(words[2]))


def _place(data: Any) -> Place | None:
    """The location of a form or a task; both coordinates are needed, and 0 is one."""
    if not isinstance(data, dict) or not data:
        return None
    try:
        latitude, longitude = (float(data["coordinates"][name]) for name in ("latitude", "longitude"))
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(BAD_PARAMETERS, "A location has a latitude and a longitude, in degrees.") from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refusal(BAD_PARAMETERS, "The latitude is -90 to 90 degrees, the longitude -180 to 180.")
    return Place(latitude, longitude, data.get("is_current_location") in (True, "true"))


def _form_size(request: Request) -> str | None:
    sizes = [tag.removeprefix(_SIZE_TAG) for tag in request.listed("tags") if tag.startswith(_SIZE_TAG)]
    if sizes and sizes[0] not in _SIZES:
        raise Refusal(BAD_PARAMETERS, f"{_SIZE_TAG} is followed by small, medium or large.")
    return sizes[0] if sizes else None


def _task_size(number: Any) -> str | None:
    if number in (None, 0):
        return None
    if number not in (1, 2, 3):
        raise Refusal(BAD_PARAMETERS, "hot_emoji_size is 1, 2 or 3.")
    return _SIZES[int(number) - 1]
