"""Uploading: a file goes to the server and becomes an id that messages can name (dossier 1, section 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botkit.logs import get_logger
from botkit.messenger._answers import reading
from botkit.messenger._client import Client
from botkit.messenger._files import File, Uploaded
from botkit.messenger._web import Patience
from botkit.messenger._wire import int_of
from botkit.messenger.errors import BadAnswer, NetworkError, RateLimited, Refused, ServerError

_log = get_logger(__name__)
_PATH = "/ajax/mercury/upload.php"
_FALLBACK = "https://upload.facebook.com/ajax/mercury/upload.php"
_FIRST_TRY = Patience(tries=1, timeout_s=180.0)
_LAST_TRIES = Patience(timeout_s=180.0)
# Where more than one key is there, the first of these counts: a film comes with its picture.
_KINDS = ("video", "audio", "image", "gif", "file")


def upload(client: Client, file: File) -> Uploaded:
    """Give a file to the server, by its other host if the usual one cannot take it.

    Raises Refused with the reason `attachment-refused` for a type that the server does not take, and what a request
    raises.
    """
    what = f"upload of {file.content_type}"
    try:
        answer = client.web.post_file(_PATH, "farr", file, what, _FIRST_TRY)
        return uploaded_in(answer[0].get("payload"), what)
    except (BadAnswer, NetworkError, RateLimited, ServerError) as error:
        _log.info("upload: goes to the other host: %s", error)
    answer = client.web.post_file(_FALLBACK, "upload_1024", file, what, _LAST_TRIES)
    return uploaded_in(answer[0].get("payload"), what)


def uploaded_in(payload: Any, what: str) -> Uploaded:
    """The file that an answer tells of. Raises BadAnswer for none, Refused when the server did not take it."""
    metadata = payload.get("metadata") if isinstance(payload, Mapping) else None
    entries = list(metadata.values()) if isinstance(metadata, Mapping) else metadata
    if not isinstance(entries, list) or not entries:
        raise BadAnswer(f"{what}: the answer names no attachment")
    entry = entries[0]
    if entry is None:
        raise Refused(f"{what} refused: the server takes no such file", reason="attachment-refused", code=0)
    for kind in _KINDS if isinstance(entry, Mapping) else ():
        if entry.get(f"{kind}_id"):
            with reading(what):
                return Uploaded(kind, str(int_of(entry[f"{kind}_id"])))
    raise BadAnswer(f"{what}: the answer names no attachment id")
