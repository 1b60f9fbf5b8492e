"""Making an event whole: what the deltas only point at is fetched, and names are filled in."""

from __future__ import annotations

from dataclasses import replace

from botkit.logs import get_logger
from botkit.messenger._client import Client
from botkit.messenger._messages import resolve_photo_url
from botkit.messenger._web import Patience, quick
from botkit.messenger.attachments import Attachment
from botkit.messenger.errors import MessengerError
from botkit.messenger.events import Event, ForcedFetch, Message

_log = get_logger(__name__)
_LEAST_S = 0.1


def complete(client: Client, event: Event, timeout_s: float) -> Event:
    """The event with everything that can be found out about it within `timeout_s` seconds. Never raises.

    What an event tells about its chat is remembered on the way.
    """
    search = _Search(client, timeout_s)
    if isinstance(event, ForcedFetch):
        event = search.fetched(event)
    client.directory.note(event)
    if not isinstance(event, Message):
        return event
    event = search.with_pictures(search.with_original(event))
    return client.directory.with_names(event, search.left_s)


class _Search:
    """Look-ups for one event, which share their time."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._deadline = client.clock.monotonic() + timeout_s

    @property
    def left_s(self) -> float:
        return self._deadline - self._client.clock.monotonic()

    @property
    def _patience(self) -> Patience:
        return quick(max(_LEAST_S, self.left_s))

    def fetched(self, event: ForcedFetch) -> Event:
        """What the message turns out to be, or the event as it is."""
        found = self._message(event.thread_id, event.message_id, is_group=event.is_group)
        return event if found is None else found

    def with_original(self, message: Message) -> Message:
        """With the message that this one answers, where the delta names only its id (dossier 2, section 6)."""
        if message.reply_to is not None or message.reply_to_id is None:
            return message
        found = self._message(message.thread_id, message.reply_to_id, is_group=message.is_group)
        return replace(message, reply_to=found) if isinstance(found, Message) else message

    def with_pictures(self, message: Message) -> Message:
        """With addresses of photos that came without any (dossier 2, section 8.1)."""
        if all(one.type != "photo" or one.url for one in message.attachments):
            return message
        return replace(message, attachments=tuple(map(self._with_address, message.attachments)))

    def _with_address(self, attachment: Attachment) -> Attachment:
        photo_id = attachment.id
        if attachment.type != "photo" or attachment.url or photo_id is None or self.left_s <= 0:
            return attachment
        try:
            url = resolve_photo_url(self._client, photo_id, self._patience)
        except MessengerError as error:
            _log.info("completion: a photo was not found: %s", error)
            return attachment
        return replace(attachment, fields={**attachment.fields, "url": url, "hiresUrl": url})

    def _message(self, thread_id: str, message_id: str, *, is_group: bool) -> Event | None:
        if self.left_s <= 0:
            return None
        try:
            return self._client.directory.message(thread_id, message_id, is_group=is_group, patience=self._patience)
        except MessengerError as error:
            _log.info("completion: a message was not fetched: %s", error)
            return None
