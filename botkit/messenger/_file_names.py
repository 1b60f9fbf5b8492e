"""Names of files: what type they tell, and those that strangers chose made harmless. Pure."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

# The machine's own tables are left out, so that a name means the same everywhere.
TYPES = mimetypes.MimeTypes()
"""Endings of names and content types."""
# Python itself knows it since 3.13 only.
TYPES.add_type("image/webp", ".webp")

_LONGEST = 150
_LONGEST_SUFFIX = 16
# Separators, and what Windows takes in no name or reads as a device or a stream.
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_FALLBACK = "file"


def safe_file_name(name: str) -> str:
    """The name without anything that could choose a place: no separators, control characters, leading dots or device
    names; never empty, and at most 150 bytes in UTF-8, of which the suffix is kept."""
    visible = "".join(one for one in name if unicodedata.category(one)[0] != "C" and one not in "\u2028\u2029")
    name = _FORBIDDEN.sub("_", visible).strip(". ") or _FALLBACK
    if _DEVICE.match(name):
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST_SUFFIX:
        return _cut(name, _LONGEST).strip(". ")
    return f"{_cut(stem, _LONGEST - len(suffix.encode()) - 1)}.{suffix}"


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, so many bytes in UTF-8 at most, without half a character."""
    return text.encode()[:longest].decode(errors="ignore")
