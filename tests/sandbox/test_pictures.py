"""The headers of the four kinds of pictures, written by hand."""

from __future__ import annotations

import pytest

from botkit.sandbox.pictures import Picture, read_picture

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0dIHDR" + b"\0\0\x03\x20" + b"\0\0\x02\x58" + b"\x08\x06\0\0\0"
GIF = b"GIF89a" + b"\x40\x01" + b"\xf0\0" + b"\0\0\0"
# A comment segment, a byte of padding, then the frame header: height 16, width 32.
JPEG = b"\xff\xd8\xff\xfe\0\x04hi\xff\xff\xc2\0\x11\x08\0\x10\0\x20\x03\x01\x22\0"
WEBP_LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x0a\0\x14\0"
WEBP_LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x09\xc0\x04\0" + bytes(8)
WEBP_EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x09\0\0\x13\0\0"


@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (PNG, Picture("image/png", 800, 600)),
        (GIF, Picture("image/gif", 320, 240)),
        (JPEG, Picture("image/jpeg", 32, 16)),
        (WEBP_LOSSY, Picture("image/webp", 10, 20)),
        (WEBP_LOSSLESS, Picture("image/webp", 10, 20)),
        (WEBP_EXTENDED, Picture("image/webp", 10, 20)),
    ],
)
def test_size(data: bytes, picture: Picture) -> None:
    """Type and size come out of the first bytes."""
    assert read_picture(data) == picture


@pytest.mark.parametrize("data", [b"", b"hello", PNG[:20], GIF[:8], JPEG[:9], b"\xff\xd8\xff", WEBP_LOSSY[:20]])
def test_no_picture(data: bytes) -> None:
    """Other bytes, and headers that break off, are no picture."""
    assert read_picture(data) is None
