"""Messages, threads and polls as JSON texts for the file, and back. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from botkit.sandbox.attachments import Attachment
from botkit.sandbox.world import Content, JoinRequest, LogEntry, Mention, Message, Option, Place, Poll, Thread

Json = dict[str, Any]


def message_data(message: Message) -> str:
    """Everything of a message that has no column of its own."""
    # Nearly every message is a plain text, and taking it apart took longer than writing it.
    content = {} if message.content == Content(message.text) else asdict(message.content)
    content.pop("text", None)
    data = {"content": _given(content), "unsent": message.unsent, "edits": message.edits}
    if message.log:
        data["log"] = _given(asdict(message.log))
    return json.dumps(_given(data))


def message_from(row: tuple[str, str, str, str, int, str, str]) -> Message:
    """The message of a row: id, thread, sender, text, time, offline threading id, data."""
    message_id, thread, sender, text, time_ms, otid, encoded = row
    data = json.loads(encoded)
    log = data.pop("log", None)
    return Message(
        id=message_id,
        thread=thread,
        sender=sender,
        content=_content(text, data.pop("content", {})),
        timestamp_ms=time_ms,
        otid=otid,
        log=LogEntry(**{**log, "people": tuple(log.get("people", ()))}) if log else None,
        **data,
    )


def thread_data(thread: Thread) -> str:
    """A whole thread."""
    return json.dumps(asdict(thread))


def thread_from(encoded: str) -> Thread:
    """The thread that `thread_data` wrote, or an earlier version of it with fewer keys."""
    data = json.loads(encoded)
    lists = {key: tuple(data.get(key, ())) for key in ("members", "admins", "pins")}
    waiting = tuple(JoinRequest(**entry) for entry in data.get("waiting", ()))
    return Thread(**{**data, **lists, "waiting": waiting})


def poll_data(poll: Poll) -> str:
    """A whole poll."""
    return json.dumps(asdict(poll))


def poll_from(encoded: str) -> Poll:
    """The poll that `poll_data` wrote."""
    data = json.loads(encoded)
    options = tuple(Option(**{**option, "voters": tuple(option["voters"])}) for option in data["options"])
    return Poll(**{**data, "options": options})


def _content(text: str, data: Json) -> Content:
    mentions = tuple(Mention(**mention) for mention in data.pop("mentions", ()))
    attachments = tuple(Attachment(**attachment) for attachment in data.pop("attachments", ()))
    place = data.pop("place", None)
    return Content(
        text=text, mentions=mentions, place=Place(**place) if place else None, attachments=attachments, **data
    )


def _given(data: Json) -> Json:
    """Without what is empty, so that a plain text costs no bytes."""
    return {key: value for key, value in data.items() if value}
