"""What a message holds: the argument of `send_message`, checked before anything is sent. Pure but for reading files."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from botkit.messenger._files import File, read_files
from botkit.messenger._ids import id_text, message_id_text
from botkit.messenger.errors import BadArgument

EMOJI_SIZES = ("small", "medium", "large")
# The rule of the documented API; an emoji and a place stand alone likewise.
_ONE_OF = ("attachment", "emoji", "location", "sticker", "url")
_KEYS = ("body", *_ONE_OF, "emoji_size", "mentions", "reply_to")
# dossier 1, section 10.1: the documented names, and the one that its successors give to a reply.
_DOCUMENTED = MappingProxyType({"emojiSize": "emoji_size", "replyToMessage": "reply_to", "fromIndex": "from_index"})


@dataclass(frozen=True)
class Mention:
    """A person named in the text; `offset` and `length` count UTF-16 code units, as the wire does."""

    user_id: str
    offset: int
    length: int


@dataclass(frozen=True)
class Location:
    """A place in degrees; `is_current` says that the sender is there."""

    latitude: float
    longitude: float
    is_current: bool = False


@dataclass(frozen=True)
class Content:
    """One message, whichever way it goes. With `emoji_size`, `body` is nothing but an emoji shown at that size."""

    body: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    sticker_id: str | None = None
    url: str | None = field(default=None, repr=False)
    emoji_size: str | None = None
    location: Location | None = field(default=None, repr=False)
    mentions: tuple[Mention, ...] = ()
    reply_to: str | None = None

    def with_url_as_text(self) -> Content:
        """The same message with its address below the text."""
        return replace(self, body="\n".join(filter(None, (self.body, self.url))), url=None)


def content_from(message: object, reply_to: object = None) -> Content:
    """Check what was given to `send_message`, and read its files. Raises BadArgument."""
    given = _known({"body": message} if isinstance(message, str) else message, "message", _KEYS)
    if reply_to is not None:
        if given.get("reply_to") is not None:
            raise BadArgument("reply_to is given twice, as an argument and within message; give it once")
        given["reply_to"] = reply_to
    chosen = [key for key in _ONE_OF if given.get(key) is not None]
    if len(chosen) > 1:
        raise BadArgument(f"message holds {' and '.join(chosen)}; it may hold one of {', '.join(_ONE_OF)}")
    body = _body(given, chosen)
    if body != body.encode("utf-8", "replace").decode():
        raise BadArgument("message body holds half a character (a lone surrogate)")
    return Content(
        body=body,
        sticker_id=id_text(given["sticker"], "sticker") if "sticker" in chosen else None,
        url=_text(given["url"], "url") if "url" in chosen else None,
        emoji_size=_emoji_size(given),
        location=_location(given["location"]) if "location" in chosen else None,
        mentions=_mentions(given.get("mentions"), body),
        reply_to=message_id_text(given["reply_to"], "reply_to") if given.get("reply_to") is not None else None,
        # Last, so that nothing is read for a message that is refused.
        files=read_files(given["attachment"], "attachment") if "attachment" in chosen else (),
    )


def json_message(message: object, reply_to: object = None) -> dict[str, Any]:
    """The same message as JSON values, which `send_message` takes later, checked as far as is possible without reading
    files: they are given by their paths, and have to be there. Raises BadArgument."""
    given = _known({"body": message} if isinstance(message, str) else message, "message", _KEYS)
    if reply_to is not None:
        if given.get("reply_to") is not None:
            raise BadArgument("reply_to is given twice, as an argument and within message; give it once")
        given["reply_to"] = reply_to
    given = {key: value for key, value in given.items() if value is not None}
    # A place holder stands for the files: what else there is must fit to them.
    content_from(given | ({"attachment": ("name", b"-")} if "attachment" in given else {}))
    if "attachment" in given:
        given["attachment"] = _paths(given["attachment"])
    try:
        plain: dict[str, Any] = json.loads(json.dumps(given))
    except (TypeError, ValueError) as error:
        raise BadArgument(f"message cannot be kept until it is sent: {error}; give texts, numbers and paths") from error
    return plain


def _paths(sources: Any) -> list[str]:
    return [_path(source) for source in (sources if isinstance(sources, list | tuple) else [sources])]


def _path(source: Any) -> str:
    if not isinstance(source, str | os.PathLike):
        raise BadArgument(f"attachment must be a path when the message waits to be sent, not {_type(source)}")
    path = Path(source)
    if not path.is_file():
        raise BadArgument(f"attachment: there is no file {path}")
    return str(path.absolute())


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _known(value: object, what: str, keys: Sequence[str]) -> dict[str, Any]:
    """A mapping with our names for its keys. Raises BadArgument for an unknown key, or one given under two names."""
    if not isinstance(value, Mapping):
        raise BadArgument(f"{what} must be {'a str or ' if what == 'message' else ''}a mapping, not {_type(value)}")
    found: dict[str, Any] = {}
    for key, entry in value.items():
        name = _DOCUMENTED.get(key, key)
        if name not in keys:
            raise BadArgument(f"{what} key {key} is unknown; known are {', '.join(keys)}")
        if name in found:
            raise BadArgument(f"{what} key {key} is given twice; give {name}")
        found[name] = entry
    return found


def _body(given: Mapping[str, Any], chosen: Sequence[str]) -> str:
    body = given.get("body")
    if body is not None and not isinstance(body, str):
        raise BadArgument(f"message body must be a str, not {_type(body)}")
    if "emoji" in chosen:
        if body:
            raise BadArgument("message holds body and emoji; an emoji stands alone")
        return _text(given["emoji"], "emoji")
    if not body and not chosen:
        raise BadArgument(f"message must not be empty; give body or one of {', '.join(_ONE_OF)}")
    return body or ""


def _emoji_size(given: Mapping[str, Any]) -> str | None:
    size = given.get("emoji_size")
    if given.get("emoji") is None:
        if size is not None:
            raise BadArgument("message key emoji_size needs the key emoji")
        return None
    if size is not None and size not in EMOJI_SIZES:
        raise BadArgument(f"message key emoji_size must be one of {', '.join(EMOJI_SIZES)}")
    return size or "medium"


def _location(value: object) -> Location:
    given = _known(value, "location", ("latitude", "longitude", "current"))
    current = given.get("current", False)
    if not isinstance(current, bool):
        raise BadArgument(f"location key current must be a bool, not {_type(current)}")
    return Location(_degrees(given, "latitude", 90), _degrees(given, "longitude", 180), current)


def _degrees(given: Mapping[str, Any], name: str, most: int) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.fabs(value) <= most:
        raise BadArgument(f"location key {name} must be a number of degrees from -{most} to {most}")
    return float(value)


def _mentions(value: object, body: str) -> tuple[Mention, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise BadArgument(f"mentions must be a list of mappings, not {_type(value)}")
    return tuple(_mention(entry, body, f"mention {index}") for index, entry in enumerate(value))


def _mention(value: object, body: str, what: str) -> Mention:
    given = _known(value, what, ("tag", "id", "from_index"))
    tag, start = _text(given.get("tag"), f"{what}: tag"), given.get("from_index", 0)
    user_id = id_text(given.get("id"), f"{what}: id")
    if isinstance(start, bool) or not isinstance(start, int) or start < 0:
        raise BadArgument(f"{what}: from_index must be an int of at least 0")
    place = body.find(tag, start)
    if place < 0:
        raise BadArgument(f"{what}: the body does not hold its tag from character {start} on")
    return Mention(user_id, utf16_length(body[:place]), utf16_length(tag))


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadArgument(f"{what} must be a str that is not empty, not {_type(value)}")
    return value


def _type(value: object) -> str:
    return "an empty one" if value == "" else type(value).__name__
