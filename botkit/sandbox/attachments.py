"""What can be attached to a message, as values: uploaded files, stickers and shared links. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# In this order they stand in a message, and clients map an upload to its field of a send (dossier 1, section 11.3).
KINDS = ("photo", "animated_image", "video", "audio", "file")
SITE = "https://www.facebook.com"

_WORDS = {
    "photo": "a photo",
    "animated_image": "a GIF",
    "video": "a video",
    "audio": "an audio clip",
    "file": "a file",
    "sticker": "a sticker",
    "share": "a link",
}


@dataclass(frozen=True)
class Attachment:
    """One thing in a message.

    `kind` is one of `KINDS`, `sticker` or `share`. `name` is the file's name, the sticker's label or the link's title;
    `url` leads to the bytes, or is the shared link itself. `size` counts bytes; `width` and `height` are 0 where they
    are not known. `description` is a shared link's.
    """

    kind: str
    id: str
    name: str = ""
    url: str = ""
    mime: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    description: str = ""


def summary(attachments: Iterable[Attachment]) -> str:
    """What a list of chats says of a message without text, after the sender's name; "" for no attachments."""
    kinds = [attachment.kind for attachment in attachments]
    if not kinds:
        return ""
    same = len(kinds) > 1 and len(set(kinds)) == 1
    words = f"{len(kinds)} {_WORDS[kinds[0]].split(maxsplit=1)[1]}s" if same else _WORDS[kinds[0]]
    return f"sent {words}."
