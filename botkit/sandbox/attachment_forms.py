"""How attachments look on the wire, in deltas and in the nodes of queries (dossier 2, section 8). Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from botkit.sandbox import drawings, places
from botkit.sandbox.attachments import KINDS, Attachment
from botkit.sandbox.world import Content

Json = dict[str, Any]

# The sandbox does not look into films and sounds, so these stand for their size and length.
_FILM_SIZE = (640, 360)
_PLAYING_MS = 4000
_STILL_SIDE = 120


def wrapper(attachment: Attachment) -> Json:
    """One attachment of a `NewMessage` delta."""
    found: Json = {"id": attachment.id, "fbid": attachment.id}
    if attachment.kind in KINDS:
        found |= {"filename": attachment.name, "fileSize": str(attachment.size), "mimeType": attachment.mime}
    if attachment.width:
        found["imageMetadata"] = {"width": attachment.width, "height": attachment.height}
    if attachment.kind in ("video", "audio"):
        length = str(_PLAYING_MS // 1000)
        found["genericMetadata"] = {"videoLength": length, "duration": length}
    return {**found, "mercury": _mercury(attachment)}


def node_fields(content: Content) -> Json:
    """The three keys of a message node, or of a list's last message (dossier 3, section 6.2)."""
    shapes = [_mercury(attachment) for attachment in content.attachments]
    if content.place:
        shapes.append({"extensible_attachment": places.location(content.place)})
    return {
        "blob_attachments": [shape["blob_attachment"] for shape in shapes if "blob_attachment" in shape],
        "extensible_attachment": _first(shapes, "extensible_attachment"),
        "sticker": _first(shapes, "sticker_attachment"),
    }


def outward(address: str) -> str:
    """The address as Messenger writes links that lead away from it."""
    return f"https://l.facebook.com/l.php?u={quote(address, safe='')}"


def _first(shapes: list[Json], key: str) -> Json | None:
    return next((shape[key] for shape in shapes if key in shape), None)


def _mercury(attachment: Attachment) -> Json:
    """The one inner shape, under the key that says which."""
    if attachment.kind == "sticker":
        return {"sticker_attachment": _sticker(attachment)}
    if attachment.kind == "share":
        return {"extensible_attachment": _share(attachment)}
    return {"blob_attachment": _BLOBS[attachment.kind](attachment)}


def _photo(file: Attachment) -> Json:
    return {
        "__typename": "MessageImage",
        "legacy_attachment_id": file.id,
        "filename": f"image-{file.id}",
        "original_extension": _extension(file),
        "original_dimensions": {"x": file.width, "y": file.height},
        "thumbnail": {"uri": file.url},
        "preview": _sized(file),
        "large_preview": _sized(file),
        "render_as_sticker": False,
        "photo_encodings": [],
        "attribution_app": None,
    }


def _animated_image(file: Attachment) -> Json:
    return {
        "__typename": "MessageAnimatedImage",
        "legacy_attachment_id": file.id,
        "filename": f"gif-{file.id}",
        "original_extension": "gif",
        "animated_image": _sized(file),
        "preview_image": _sized(file),
        "original_dimensions": {"x": file.width, "y": file.height},
    }


def _video(file: Attachment) -> Json:
    still = {"uri": drawings.url("film"), "width": _STILL_SIDE, "height": _STILL_SIDE}
    return {
        "__typename": "MessageVideo",
        "legacy_attachment_id": file.id,
        "filename": f"video-{file.id}",
        "original_extension": _extension(file),
        "playable_url": file.url,
        "playable_duration_in_ms": _PLAYING_MS,
        "video_type": "FILE_ATTACHMENT",
        "original_dimensions": {"x": _FILM_SIZE[0], "y": _FILM_SIZE[1]},
        "chat_image": still,
        "large_image": still,
        "inbox_image": still,
    }


def _audio(file: Attachment) -> Json:
    return {
        "__typename": "MessageAudio",
        "filename": file.name,
        "playable_url": file.url,
        "playable_duration_in_ms": _PLAYING_MS,
        "is_voicemail": False,
        "audio_type": "FILE_ATTACHMENT",
        "url_shimhash": f"AT{file.id}",
    }


def _file(file: Attachment) -> Json:
    return {
        "__typename": "MessageFile",
        "message_file_fbid": file.id,
        "filename": file.name,
        "url": outward(file.url),
        "content_type": "attach:text" if file.mime.startswith("text/") else "attach:file",
        "is_malicious": False,
        "url_shimhash": f"AT{file.id}",
    }


_BLOBS = {
    "photo": _photo,
    "animated_image": _animated_image,
    "video": _video,
    "audio": _audio,
    "file": _file,
}


def _sticker(sticker: Attachment) -> Json:
    return {
        "__typename": "Sticker",
        "id": sticker.id,
        "url": sticker.url,
        "width": sticker.width,
        "height": sticker.height,
        "label": sticker.name,
        "pack": {"id": drawings.PACK},
        "frame_count": 1,
        "frame_rate": 83,
        "frames_per_row": 1,
        "frames_per_column": 1,
        "sprite_image": None,
        "sprite_image_2x": None,
        "padded_sprite_image": None,
        "padded_sprite_image_2x": None,
    }


def _share(share: Attachment) -> Json:
    source = urlsplit(share.url).hostname
    return {
        "legacy_attachment_id": share.id,
        "genie_attachment": {"genie_message": None},
        "story_attachment": {
            "url": outward(share.url),
            "title_with_entities": {"text": share.name},
            "description": {"text": share.description} if share.description else None,
            "source": {"text": source},
            "media": None,
            "target": {"__typename": "ExternalUrl"},
            "subattachments": [],
            "properties": [],
            "style_list": ["share", "fallback"],
            "deduplication_key": share.id,
            "action_links": [],
        },
    }


def _sized(file: Attachment) -> Json:
    return {"uri": file.url, "width": file.width, "height": file.height}


def _extension(file: Attachment) -> str:
    return file.name.rpartition(".")[2].lower() if "." in file.name else file.mime.partition("/")[2]
