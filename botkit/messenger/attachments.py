"""Pictures, files, stickers, shares and the like: from the wire's shapes to the documented fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botkit.messenger._wire import STRANGE, Wire

_COORDINATES = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True)
class Attachment:
    """One thing attached to a message.

    `type` is sticker, file, photo, animated_image, share, video, audio, location, live_location or unknown. `fields`
    has the documented names of that type (dossier 2, section 8.3); None where today's wire has no value. The `hiresUrl`
    of a photo is its large preview; `Api.resolve_photo_url` gives the address of the full picture.
    """

    type: str
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str | None:
        value = self.fields.get("ID")
        return None if value is None else str(value)

    @property
    def url(self) -> str | None:
        """Where its content is, as far as the event says."""
        value = self.fields.get("url")
        return None if value is None else str(value)

    def to_dict(self) -> dict[str, Any]:
        """The attachment with the documented field names."""
        return {"type": self.type, **self.fields}


def attachment_from(wrapper: Wire) -> Attachment:
    """An attachment from the element of a delta's or a node's list. Never raises: what is strange becomes `unknown`."""
    try:
        return _parsed(wrapper)
    except STRANGE:
        return _unknown(wrapper)


def location_of(attachments: tuple[Attachment, ...]) -> Mapping[str, float] | None:
    """The place that one of the attachments shows, if it has coordinates."""
    for attachment in attachments:
        latitude, longitude = attachment.fields.get("latitude"), attachment.fields.get("longitude")
        if latitude is not None and longitude is not None:
            return {"latitude": latitude, "longitude": longitude}
    return None


def _parsed(wrapper: Wire) -> Attachment:
    mercury = wrapper.get("mercury") or wrapper
    if sticker := mercury.get("sticker_attachment"):
        return _sticker(sticker)
    if share := mercury.get("extensible_attachment"):
        return _extensible(share)
    blob = mercury.get("blob_attachment") or mercury
    shape = _SHAPES.get(blob.get("__typename", ""))
    if shape is None and "mercury" not in wrapper and "imageMetadata" in wrapper:
        return _bare_photo(wrapper)
    return shape(wrapper, blob) if shape else _unknown(wrapper)


def _unknown(wrapper: Wire) -> Attachment:
    return Attachment("unknown", {"raw": dict(wrapper) if isinstance(wrapper, Mapping) else wrapper})


def _inner(value: Any) -> Wire:
    return value if isinstance(value, Mapping) else {}


def _sticker(wire: Wire) -> Attachment:
    sprite, sprite_2x = _inner(wire.get("sprite_image")).get("uri"), _inner(wire.get("sprite_image_2x")).get("uri")
    return Attachment(
        "sticker",
        {
            "url": wire.get("url"),
            "stickerID": wire.get("id"),
            "ID": wire.get("id"),
            "packID": _inner(wire.get("pack")).get("id"),
            "frameCount": wire.get("frame_count"),
            "frameRate": wire.get("frame_rate"),
            "framesPerRow": wire.get("frames_per_row"),
            "framesPerCol": wire.get("frames_per_column"),
            "spriteURI": sprite,
            "spriteUrl": sprite,
            "spriteURI2x": sprite_2x,
            "spriteUrl2x": sprite_2x,
            "height": wire.get("height"),
            "width": wire.get("width"),
            "caption": wire.get("label"),
            "description": wire.get("label"),
        },
    )


def _file(wrapper: Wire, blob: Wire) -> Attachment:
    return Attachment(
        "file",
        {
            "name": blob.get("filename"),
            "filename": blob.get("filename"),
            "url": blob.get("url"),
            "ID": blob.get("message_file_fbid"),
            "fileSize": _number(wrapper.get("fileSize")),
            "isMalicious": blob.get("is_malicious"),
            "mimeType": wrapper.get("mimeType"),
            "contentType": blob.get("content_type"),
        },
    )


def _photo(wrapper: Wire, blob: Wire) -> Attachment:
    name = wrapper.get("filename") or blob.get("filename")
    preview, large = _inner(blob.get("preview")), _inner(blob.get("large_preview"))
    size = _inner(blob.get("original_dimensions"))
    return Attachment(
        "photo",
        {
            "ID": blob.get("legacy_attachment_id"),
            "name": name,
            "filename": name,
            "thumbnailUrl": _inner(blob.get("thumbnail")).get("uri"),
            **_picture("preview", preview),
            **_picture("largePreview", large),
            "url": large.get("uri"),
            "hiresUrl": large.get("uri"),
            "width": size.get("x"),
            "height": size.get("y"),
            "mimeType": wrapper.get("mimeType"),
            "facebookUrl": None,
        },
    )


def _bare_photo(wrapper: Wire) -> Attachment:
    """A photo of which only the wrapper came, so without any address (dossier 2, section 8.1)."""
    size = wrapper["imageMetadata"]
    blob = {
        "legacy_attachment_id": wrapper.get("fbid") or wrapper.get("id"),
        "original_dimensions": {"x": size.get("width"), "y": size.get("height")},
    }
    return _photo(wrapper, blob)


def _animated_image(wrapper: Wire, blob: Wire) -> Attachment:
    image, preview = _inner(blob.get("animated_image")), _inner(blob.get("preview_image"))
    return Attachment(
        "animated_image",
        {
            "ID": blob.get("legacy_attachment_id"),
            "name": blob.get("filename"),
            "filename": blob.get("filename"),
            **_picture("preview", preview),
            "thumbnailUrl": preview.get("uri"),
            "url": image.get("uri"),
            "width": image.get("width"),
            "height": image.get("height"),
            "facebookUrl": image.get("uri"),
            "rawGifImage": image.get("uri"),
            "rawWebpImage": None,
            "animatedGifUrl": image.get("uri"),
            "animatedGifPreviewUrl": preview.get("uri"),
            "animatedWebpUrl": image.get("uri"),
            "animatedWebpPreviewUrl": preview.get("uri"),
            "mimeType": wrapper.get("mimeType"),
        },
    )


def _video(wrapper: Wire, blob: Wire) -> Attachment:
    large, size = _inner(blob.get("large_image")), _inner(blob.get("original_dimensions"))
    kind = blob.get("video_type")
    return Attachment(
        "video",
        {
            "ID": blob.get("legacy_attachment_id"),
            "filename": blob.get("filename"),
            "url": blob.get("playable_url"),
            **_picture("preview", large),
            "thumbnailUrl": large.get("uri"),
            "width": size.get("x"),
            "height": size.get("y"),
            "duration": blob.get("playable_duration_in_ms"),
            "videoType": None if kind is None else str(kind).lower(),
            "mimeType": wrapper.get("mimeType"),
        },
    )


def _audio(wrapper: Wire, blob: Wire) -> Attachment:
    return Attachment(
        "audio",
        {
            "ID": wrapper.get("id") or blob.get("url_shimhash"),
            "filename": blob.get("filename"),
            "url": blob.get("playable_url"),
            "duration": blob.get("playable_duration_in_ms"),
            "audioType": blob.get("audio_type"),
            "isVoiceMail": blob.get("is_voicemail"),
            "mimeType": wrapper.get("mimeType"),
        },
    )


_SHAPES: Mapping[str, Callable[[Wire, Wire], Attachment]] = {
    "MessageImage": _photo,
    "MessageAnimatedImage": _animated_image,
    "MessageVideo": _video,
    "MessageAudio": _audio,
    "MessageFile": _file,
    "Sticker": lambda _wrapper, blob: _sticker(blob),
}


def _extensible(wire: Wire) -> Attachment:
    story = _inner(wire.get("story_attachment"))
    target = _inner(story.get("target")).get("__typename")
    if target == "MessageLocation":
        return _location(wire, story)
    if target == "MessageLiveLocation":
        return _live_location(wire, story)
    return _share(wire, story)


def _share(wire: Wire, story: Wire) -> Attachment:
    media = _inner(story.get("media"))
    image = _inner(media.get("image"))
    return Attachment(
        "share",
        {
            "ID": wire.get("legacy_attachment_id"),
            "url": story.get("url"),
            "facebookUrl": story.get("url"),
            "title": _inner(story.get("title_with_entities")).get("text"),
            "description": _inner(story.get("description")).get("text"),
            "source": _inner(story.get("source")).get("text"),
            "image": image.get("uri"),
            "width": image.get("width"),
            "height": image.get("height"),
            "playable": media.get("is_playable"),
            "duration": media.get("playable_duration_in_ms"),
            "playableUrl": media.get("playable_url"),
            "subattachments": story.get("subattachments") or [],
            "animatedImageSize": None,
            "properties": {
                entry.get("key"): _inner(entry.get("value")).get("text")
                for entry in map(_inner, story.get("properties") or ())
            },
            "target": story.get("target"),
            "styleList": story.get("style_list") or [],
        },
    )


def _location(wire: Wire, story: Wire) -> Attachment:
    image = _inner(_inner(story.get("media")).get("image"))
    url = _query(story.get("url"), "u") or story.get("url")
    place = _query(url, "where1") or ""
    found = _COORDINATES.match(place)
    return Attachment(
        "location",
        {
            "ID": wire.get("legacy_attachment_id"),
            "latitude": float(found[1]) if found else None,
            "longitude": float(found[2]) if found else None,
            "address": place if place and not found else None,
            "image": image.get("uri"),
            "width": image.get("width"),
            "height": image.get("height"),
            "url": url,
        },
    )


def _live_location(wire: Wire, story: Wire) -> Attachment:
    target = _inner(story.get("target"))
    coordinate = _inner(target.get("coordinate"))
    return Attachment(
        "live_location",
        {
            "ID": target.get("live_location_id") or wire.get("legacy_attachment_id"),
            "latitude": coordinate.get("latitude"),
            "longitude": coordinate.get("longitude"),
            "isExpired": target.get("is_expired"),
            "expirationTime": target.get("expiration_time"),
            "stopReason": target.get("stop_reason"),
        },
    )


def _picture(prefix: str, image: Wire) -> dict[str, Any]:
    return {
        f"{prefix}Url": image.get("uri"),
        f"{prefix}Width": image.get("width"),
        f"{prefix}Height": image.get("height"),
    }


def _query(url: Any, name: str) -> str | None:
    return parse_qs(urlsplit(url).query).get(name, [None])[0] if isinstance(url, str) else None


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
