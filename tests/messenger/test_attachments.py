"""Attachments: dossier 2, section 8.3, kind by kind."""

from typing import Any

import pytest

from botkit.messenger.attachments import attachment_from, location_of

BLOBS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "__typename": "MessageImage",
            "legacy_attachment_id": "301",
            "filename": "image-301",
            "original_dimensions": {"x": 800, "y": 600},
            "thumbnail": {"uri": "t"},
            "preview": {"uri": "p", "width": 8, "height": 6},
            "large_preview": {"uri": "l", "width": 80, "height": 60},
        },
        {
            "type": "photo",
            "ID": "301",
            "name": "photo.jpg",
            "filename": "photo.jpg",
            "thumbnailUrl": "t",
            "previewUrl": "p",
            "previewWidth": 8,
            "previewHeight": 6,
            "largePreviewUrl": "l",
            "largePreviewWidth": 80,
            "largePreviewHeight": 60,
            "url": "l",
            "hiresUrl": "l",
            "width": 800,
            "height": 600,
            "mimeType": "image/jpeg",
            "facebookUrl": None,
        },
    ),
    (
        {
            "__typename": "MessageAnimatedImage",
            "legacy_attachment_id": "302",
            "filename": "gif-302",
            "animated_image": {"uri": "a", "width": 5, "height": 4},
            "preview_image": {"uri": "p", "width": 3, "height": 2},
        },
        {
            "type": "animated_image",
            "ID": "302",
            "name": "gif-302",
            "filename": "gif-302",
            "previewUrl": "p",
            "previewWidth": 3,
            "previewHeight": 2,
            "thumbnailUrl": "p",
            "url": "a",
            "width": 5,
            "height": 4,
            "facebookUrl": "a",
            "rawGifImage": "a",
            "rawWebpImage": None,
            "animatedGifUrl": "a",
            "animatedGifPreviewUrl": "p",
            "animatedWebpUrl": "a",
            "animatedWebpPreviewUrl": "p",
            "mimeType": "image/jpeg",
        },
    ),
    (
        {
            "__typename": "MessageVideo",
            "legacy_attachment_id": "303",
            "filename": "v.mp4",
            "playable_url": "u",
            "playable_duration_in_ms": 6000,
            "video_type": "FILE_ATTACHMENT",
            "original_dimensions": {"x": 8, "y": 6},
            "large_image": {"uri": "l", "width": 4, "height": 3},
        },
        {
            "type": "video",
            "ID": "303",
            "filename": "v.mp4",
            "url": "u",
            "previewUrl": "l",
            "previewWidth": 4,
            "previewHeight": 3,
            "thumbnailUrl": "l",
            "width": 8,
            "height": 6,
            "duration": 6000,
            "videoType": "file_attachment",
            "mimeType": "image/jpeg",
        },
    ),
    (
        {
            "__typename": "MessageAudio",
            "filename": "a.mp3",
            "playable_url": "u",
            "playable_duration_in_ms": 4000,
            "is_voicemail": False,
            "audio_type": "VOICE_MESSAGE",
            "url_shimhash": "h",
        },
        {
            "type": "audio",
            "ID": "301",
            "filename": "a.mp3",
            "url": "u",
            "duration": 4000,
            "audioType": "VOICE_MESSAGE",
            "isVoiceMail": False,
            "mimeType": "image/jpeg",
        },
    ),
    (
        {
            "__typename": "MessageFile",
            "message_file_fbid": "305",
            "filename": "f.txt",
            "url": "u",
            "content_type": "attach:text",
            "is_malicious": False,
        },
        {
            "type": "file",
            "name": "f.txt",
            "filename": "f.txt",
            "url": "u",
            "ID": "305",
            "fileSize": 48211,
            "isMalicious": False,
            "mimeType": "image/jpeg",
            "contentType": "attach:text",
        },
    ),
]
STICKER = {
    "id": "369239263222822",
    "url": "u",
    "width": 1,
    "height": 2,
    "label": "Thumb",
    "pack": {"id": "9"},
    "frame_count": 1,
    "frame_rate": 83,
    "frames_per_row": 1,
    "frames_per_column": 1,
    "sprite_image": {"uri": "s"},
    "sprite_image_2x": None,
}
WRAPPER = {"id": "301", "fbid": "301", "filename": "photo.jpg", "fileSize": "48211", "mimeType": "image/jpeg"}


@pytest.mark.parametrize(("blob", "wanted"), BLOBS, ids=[wanted["type"] for _, wanted in BLOBS])
def test_blobs_give_exactly_the_documented_fields(blob: dict[str, Any], wanted: dict[str, Any]) -> None:
    """No field more, none less."""
    assert attachment_from(WRAPPER | {"mercury": {"blob_attachment": blob}}).to_dict() == wanted


@pytest.mark.parametrize(("blob", "wanted"), BLOBS, ids=[wanted["type"] for _, wanted in BLOBS])
def test_blobs_may_lack_everything(blob: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Absent parts are None, and the keys are the same."""
    bare = attachment_from({"mercury": {"blob_attachment": {"__typename": blob["__typename"]}}})
    assert bare.to_dict().keys() == wanted.keys()
    assert set(bare.fields.values()) == {None}


def test_a_sticker() -> None:
    """Both spellings of the sprite, and None for a missing one."""
    assert attachment_from({"mercury": {"sticker_attachment": STICKER}}).to_dict() == {
        "type": "sticker",
        "url": "u",
        "stickerID": "369239263222822",
        "ID": "369239263222822",
        "packID": "9",
        "frameCount": 1,
        "frameRate": 83,
        "framesPerRow": 1,
        "framesPerCol": 1,
        "spriteURI": "s",
        "spriteUrl": "s",
        "spriteURI2x": None,
        "spriteUrl2x": None,
        "height": 2,
        "width": 1,
        "caption": "Thumb",
        "description": "Thumb",
    }


def share(**story: Any) -> dict[str, Any]:
    return {"mercury": {"extensible_attachment": {"legacy_attachment_id": "306", "story_attachment": story}}}


def test_a_share() -> None:
    """A link with a picture."""
    found = attachment_from(
        share(
            url="https://example.invalid/x",
            title_with_entities={"text": "X"},
            description={"text": "Y"},
            source={"text": "Z"},
            media={"image": {"uri": "i", "width": 3, "height": 2}, "is_playable": False},
            target={"__typename": "ExternalUrl"},
            properties=[{"key": "k", "value": {"text": "v"}}],
        )
    ).to_dict()
    wanted = {
        "type": "share",
        "ID": "306",
        "title": "X",
        "description": "Y",
        "source": "Z",
        "image": "i",
        "playable": False,
    }
    assert wanted.items() <= found.items()
    assert found["properties"] == {"k": "v"} and found["subattachments"] == []


def test_a_share_may_lack_every_part() -> None:
    """Nulls on all levels."""
    empty = share(url=None, title_with_entities=None, description=None, source=None, media=None, target=None)
    assert attachment_from(empty).to_dict()["title"] is None
    assert attachment_from({"mercury": {"extensible_attachment": {"story_attachment": None}}}).type == "share"


def place(where: str) -> dict[str, Any]:
    bing = f"https%3A%2F%2Fwww.bing.com%2Fmaps%2Fdefault.aspx%3Fwhere1%3D{where}"
    return share(url=f"https://l.facebook.com/l.php?u={bing}&h=x", target={"__typename": "MessageLocation"})


def test_a_location_has_coordinates_or_an_address() -> None:
    """Both are in the link inside the link."""
    spot = attachment_from(place("55.4%252C%2B12.5"))
    assert (spot.type, spot.fields["latitude"], spot.fields["longitude"]) == ("location", 55.4, 12.5)
    assert location_of((spot,)) == {"latitude": 55.4, "longitude": 12.5}
    street = attachment_from(place("Main%2BStreet"))
    assert (street.fields["address"], street.fields["latitude"]) == ("Main Street", None)
    assert location_of((street,)) is None


@pytest.mark.parametrize("wire", [{}, WRAPPER, {"mercury": {"blob_attachment": {"__typename": "New"}}}, {"mercury": 5}])
def test_what_is_strange_becomes_unknown(wire: dict[str, Any]) -> None:
    """It is passed on as it came."""
    found = attachment_from(wire)
    assert found.type == "unknown" and found.fields["raw"] == wire
