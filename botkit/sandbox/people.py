"""How people's pages see the world: persons, threads and messages as the JSON of the control API. Pure views."""

from __future__ import annotations

from typing import Any

from botkit.sandbox.attachments import SITE, Attachment
from botkit.sandbox.engine import Engine
from botkit.sandbox.world import Message, Person, Thread

Json = dict[str, Any]


def person_view(engine: Engine, person: Person) -> Json:
    """One person of the list to choose from."""
    return {
        "id": person.id,
        "name": person.name,
        "first_name": person.first_name,
        "bot": person.bot,
        "birthday_today": engine.has_birthday(person),
        "online": engine.audience.is_online(person.id),
    }


def thread_view(engine: Engine, thread: Thread, viewer: str) -> Json:
    """One line of the viewer's list of chats."""
    last = engine.history(viewer, thread, 1)
    return {
        "id": thread.id_for(viewer),
        "name": engine.world.name_of(thread, viewer),
        "group": thread.group,
        "participants": list(thread.members),
        "snippet": engine.world.snippet(last[0]) if last else "",
        "snippet_sender": last[0].sender if last and not last[0].log and last[0].text else None,
        "timestamp_ms": last[0].timestamp_ms if last else 0,
        "unread": engine.unread_count(viewer, thread),
    }


def message_view(engine: Engine, thread: Thread, message: Message, viewer: str) -> Json:
    """One bubble, or one grey line."""
    return {
        "id": message.id,
        "thread": thread.id_for(viewer),
        "sender": message.sender,
        "sender_name": engine.world.people[message.sender].name,
        "text": message.text,
        "timestamp_ms": message.timestamp_ms,
        "kind": message.kind,
        "reactions": engine.storage.reactions(message.id),
        "unsent": message.unsent,
        "reply_to": message.content.reply_to,
        "attachments": [_attachment(attachment) for attachment in message.content.attachments],
    }


def _attachment(attachment: Attachment) -> Json:
    """One thing in a bubble; what the sandbox itself keeps has an address on the page's own server."""
    return {
        "kind": attachment.kind,
        "url": attachment.url if attachment.kind == "share" else attachment.url.removeprefix(SITE),
        "name": attachment.name,
        "width": attachment.width,
        "height": attachment.height,
    }
