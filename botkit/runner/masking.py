"""What becomes of private things in a record: ids, kinds and times stay, what people wrote turns into other letters.

A masked text has as many characters as before, and the same text has the same mask throughout a record, so that
mentions, commands and repetitions can be replayed. Whatever is not known to be harmless is masked.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from botkit import logs

_HIDDEN = "[hidden]"
_SECRET_KEY = re.compile(r"token|cookie|secret|passw|authoriz|dtsg|appstate|app_state", re.IGNORECASE)

# Keys whose values name a kind or a state, in the words of the protocol (dossier 2, sections 5 to 8).
_WORD_KEYS = frozenset(
    {
        "__typename", "ADMIN_EVENT", "THREAD_CATEGORY", "action", "attachment_type", "audio_type", "callState", "class",
        "contentType", "content_type", "event", "event_type", "fanoutPolicy", "folder", "folders", "gradient",
        "group_call_type", "initialFolder", "irisTags", "logMessageType", "mimeType", "mode", "original_extension",
        "requestSource", "stop_reason", "style_list", "systemFolderId", "tags", "theme_color", "threadReadStateEffect",
        "type", "unsendType", "video_type",
    }
)  # fmt: skip
_WORD = re.compile(r"[\w:./-]*", re.ASCII)
_ID_KEY = re.compile(r"(?:id|ids|fbid|fbids)$", re.IGNORECASE)
_ID = re.compile(r"[\w:.$={}-]*", re.ASCII)
# Elsewhere a number is an id, a time or a size; here it is what somebody wrote.
_TEXT_KEY = re.compile(r"(?:body|text|title|name|nickname|description|label|subtitle|snippet|word)$", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]*")
_COMMAND_WORD = re.compile(r"\w[\w-]*")


class Masker:
    """Masks the deltas of one record. `salt` makes its masks differ from those of every other record."""

    def __init__(self, prefix: str, salt: bytes) -> None:
        """A body that begins with `prefix` keeps it, and the command's word."""
        self._prefix = prefix
        self._salt = salt

    def masked(self, value: Any, key: str = "") -> Any:
        """A JSON value as it may be written down; `key` is where it stands."""
        if _SECRET_KEY.search(key):
            return _HIDDEN
        if isinstance(value, Mapping):
            return {name: self.masked(one, str(name)) for name, one in value.items()}
        if isinstance(value, list | tuple):
            # A delta that could not be read is a list of its bytes.
            return [] if key == "payload" else [self.masked(one, key) for one in value]
        if isinstance(value, float):
            # A place on earth; nothing else has a fraction that matters.
            return 0.0
        return self._text(value, key) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Other letters and digits in the places of letters and digits; the rest stays."""
        drawn = hashlib.shake_256(self._salt + text.encode(errors="surrogatepass")).digest(len(text))
        return "".join(_other(character, number) for character, number in zip(text, drawn, strict=True))

    def _text(self, value: str, key: str) -> str:
        if key == "body":
            return self._body(value)
        if key in _WORD_KEYS and _WORD.fullmatch(value):
            return value
        if _ID_KEY.search(key) and _ID.fullmatch(value):
            return value
        if not _TEXT_KEY.search(key) and _NUMBER.fullmatch(value):
            return value
        inner = _json_in(value)
        if inner is None:
            return self.text(value)
        return json.dumps(self.masked(inner, key), ensure_ascii=False, separators=(",", ":"))

    def _body(self, body: str) -> str:
        kept = ""
        if body.startswith(self._prefix) and (word := _COMMAND_WORD.match(body, len(self._prefix))):
            kept = body[: word.end()]
        return kept + self.text(body[len(kept) :])


def without_secrets(value: Any, key: str = "") -> Any:
    """The same JSON value without what is a secret by its key, or known as one to the log."""
    if _SECRET_KEY.search(key):
        return _HIDDEN
    if isinstance(value, Mapping):
        return {name: without_secrets(one, str(name)) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(one, key) for one in value]
    return logs.mask(value) if isinstance(value, str) else value


def _json_in(text: str) -> Any:
    """The list or mapping that a text holds, or None."""
    if not text.startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


def _other(character: str, number: int) -> str:
    """Another character of the same kind, which takes as many UTF-16 units: offsets of mentions count those."""
    kind = unicodedata.category(character)[0]
    if kind == "N":
        return chr(ord("0") + number % 10) if character <= "\uffff" else "𝟘"
    if kind not in "LM":
        return character
    if character > "\uffff":
        return "𝕩"
    return chr(ord("A" if character.isupper() else "a") + number % 26)
