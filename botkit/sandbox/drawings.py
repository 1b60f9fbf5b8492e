"""The sandbox's own small pictures: the stickers that exist, and the still of every video. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from botkit.sandbox.attachments import SITE, Attachment

_THUMB = (
    '<path fill="{}" stroke="#fff" stroke-width="4" stroke-linejoin="round" d="M26 52h12v34H26zM42 84V54l14-26c2-4 12-3'
    ' 12 5 0 6-3 12-5 17h20c6 0 8 4 7 8l-6 24c-1 4-4 6-8 6H52c-5 0-7-1-10-4z"/>'
)
_FACE = '<circle cx="60" cy="60" r="46" fill="#ffd34d"/><circle cx="44" cy="50" r="6"/><circle cx="76" cy="50" r="6"/>'
_DRAWINGS = {
    "thumb": _THUMB.format("#4353d9"),
    "smile": _FACE + '<path d="M36 70q24 30 48 0" fill="none" stroke="#000" stroke-width="6" stroke-linecap="round"/>',
    "heart": '<path fill="#e8345a" d="M60 104C8 66 16 22 40 22c12 0 18 9 20 15 2-6 8-15 20-15 24 0 32 44-20 82z"/>',
    "cake": (
        '<path fill="#e86a92" d="M22 60h76v38H22z"/><path fill="#9aa3b8" d="M57 38h6v22h-6z"/>'
        '<path fill="#ffd9e4" d="M22 60h76v12q-10 12-19 0-10 12-19 0-10 12-19 0-9 12-19 0z"/>'
        '<path fill="#f2a33a" d="M60 16q12 16 0 20-12-4 0-20z"/>'
    ),
    "film": '<rect width="120" height="120" fill="#1b1e28"/><path fill="#fff" d="M46 36l38 24-38 24z"/>',
}
# Every sticker belongs to this pack.
PACK = "800000000000000"


@dataclass(frozen=True)
class Sticker:
    """A sticker that people can send; `drawing` names its picture, `side` is width and height in pixels."""

    label: str
    drawing: str
    side: int


# The three like-thumbs have the ids of dossier 2, section 8.2; the others are the sandbox's own.
STICKERS = {
    "369239263222822": Sticker("Thumbs up, small", "thumb", 60),
    "369239343222814": Sticker("Thumbs up, medium", "thumb", 90),
    "369239383222810": Sticker("Thumbs up, large", "thumb", 120),
    "800000000000001": Sticker("A smiling face", "smile", 120),
    "800000000000002": Sticker("A heart", "heart", 120),
    "800000000000003": Sticker("A birthday cake", "cake", 120),
}


def sticker(sticker_id: str) -> Attachment | None:
    """The sticker with this id as something to attach."""
    found = STICKERS.get(sticker_id)
    if found is None:
        return None
    address = url(found.drawing)
    return Attachment("sticker", sticker_id, found.label, address, "image/svg+xml", 0, found.side, found.side)


def url(drawing: str) -> str:
    """The address of a drawing."""
    return f"{SITE}/sandbox/drawing/{drawing}.svg"


def svg(drawing: str) -> str | None:
    """The picture of this name."""
    body = _DRAWINGS.get(drawing)
    return body and f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">{body}</svg>'
