"""What happens in chats, as plain values: the events that `listen` delivers.

Fields have Python names; `to_dict()` gives the documented ones. Texts that people wrote are left out of reprs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botkit.messenger.attachments import Attachment


@dataclass(frozen=True)
class Message:
    """Somebody wrote.

    `mentions` maps the id of each person named to the text that names them. `reply_to` is the message answered, when
    the server sent it along; `reply_to_id` is its id, also when it did not. `participant_names` are first names in the
    order of `participant_ids`. Names are None until `Api.complete` has filled them, and where they are unknown.
    `is_late` is set by a bot's host: when handled, the message was older than the bot's `answer_within`. It is not in
    `to_dict`.
    """

    type: ClassVar[str] = "message"

    thread_id: str
    sender_id: str
    message_id: str
    body: str = field(repr=False)
    timestamp_ms: int
    is_group: bool
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    participant_ids: tuple[str, ...] = ()
    mentions: Mapping[str, str] = field(default_factory=dict, repr=False)
    location: Mapping[str, float] | None = field(default=None, repr=False)
    reply_to: Message | None = field(default=None, repr=False)
    reply_to_id: str | None = None
    offline_threading_id: str | None = None
    sender_name: str | None = None
    participant_names: tuple[str | None, ...] | None = None
    thread_name: str | None = None
    is_late: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names; `messageReply` only when this answers another message."""
        fields: dict[str, Any] = {
            "type": self.type,
            "senderID": self.sender_id,
            "senderName": self.sender_name,
            "body": self.body,
            "threadID": self.thread_id,
            "threadName": self.thread_name,
            "messageID": self.message_id,
            "attachments": [attachment.to_dict() for attachment in self.attachments],
            "participantIDs": list(self.participant_ids),
            "participantNames": None if self.participant_names is None else list(self.participant_names),
            "location": None if self.location is None else dict(self.location),
            "isGroup": self.is_group,
            "mentions": dict(self.mentions),
            "timestamp": self.timestamp_ms,
        }
        if self.reply_to is not None:
            fields["messageReply"] = self.reply_to._as_reply()
        return fields

    def _as_reply(self) -> dict[str, Any]:
        wanted = ("threadID", "messageID", "senderID", "attachments", "body", "isGroup", "mentions", "timestamp")
        mine = self.to_dict()
        return {name: mine[name] for name in wanted}


@dataclass(frozen=True)
class ThreadEvent:
    """Something about a chat changed: `log_message_type` says what, such as `log:thread-name` or `log:subscribe`.

    `log_message_data` has the wire's own keys, per type (dossier 2, sections 7 and 9).
    """

    type: ClassVar[str] = "event"

    thread_id: str
    log_message_type: str
    log_message_data: Mapping[str, Any] = field(repr=False)
    log_message_body: str = field(repr=False)
    author_id: str
    message_id: str
    timestamp_ms: int
    is_group: bool
    participant_ids: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names."""
        return {
            "type": self.type,
            "threadID": self.thread_id,
            "logMessageType": self.log_message_type,
            "logMessageData": dict(self.log_message_data),
            "logMessageBody": self.log_message_body,
            "author": self.author_id,
            "messageID": self.message_id,
            "timestamp": self.timestamp_ms,
            "participantIDs": list(self.participant_ids),
        }


@dataclass(frozen=True)
class Typing:
    """Somebody began or stopped typing. A stop may get lost: forget a start after some 30 s."""

    type: ClassVar[str] = "typ"

    thread_id: str
    sender_id: str
    is_typing: bool

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names; `fromMobile` is not on today's wire and always False."""
        return {
            "type": self.type,
            "isTyping": self.is_typing,
            "from": self.sender_id,
            "threadID": self.thread_id,
            "fromMobile": False,
            "userID": self.sender_id,
        }


@dataclass(frozen=True)
class ReadReceipt:
    """Somebody else has read the chat."""

    type: ClassVar[str] = "read_receipt"

    thread_id: str
    reader_id: str
    time_ms: int

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names."""
        return {"type": self.type, "reader": self.reader_id, "time": self.time_ms, "threadID": self.thread_id}


@dataclass(frozen=True)
class Read:
    """The account itself has read the chat, here or on another device."""

    type: ClassVar[str] = "read"

    thread_id: str
    time_ms: int

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names."""
        return {"type": self.type, "threadID": self.thread_id, "time": self.time_ms}


@dataclass(frozen=True)
class Presence:
    """A friend's being there changed.

    `statuses` has the five documented keys; the wire tells only `p`, so the split between web and app is a guess
    (dossier 2, section 13.3). `timestamp_ms` is when the person was last active, None when that is unknown.
    """

    type: ClassVar[str] = "presence"

    user_id: str
    timestamp_ms: int | None
    statuses: Mapping[str, str]
    p: int

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names, and the raw `p`."""
        return {
            "type": self.type,
            "userID": self.user_id,
            "timestamp": self.timestamp_ms,
            "statuses": dict(self.statuses),
            "p": self.p,
        }


@dataclass(frozen=True)
class Reaction:
    """`user_id` reacted to a message of `sender_id`'s; `reaction` is None when a reaction was taken back."""

    type: ClassVar[str] = "message_reaction"

    thread_id: str
    message_id: str
    reaction: str | None
    sender_id: str
    user_id: str

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names."""
        return {
            "type": self.type,
            "threadID": self.thread_id,
            "messageID": self.message_id,
            "reaction": self.reaction,
            "senderID": self.sender_id,
            "userID": self.user_id,
        }


@dataclass(frozen=True)
class Unsend:
    """`sender_id` took a message of their own back, for everyone."""

    type: ClassVar[str] = "message_unsend"

    thread_id: str
    message_id: str
    sender_id: str
    deletion_timestamp_ms: int
    timestamp_ms: int

    def to_dict(self) -> dict[str, Any]:
        """The event with the documented field names."""
        return {
            "type": self.type,
            "threadID": self.thread_id,
            "messageID": self.message_id,
            "senderID": self.sender_id,
            "deletionTimestamp": self.deletion_timestamp_ms,
            "timestamp": self.timestamp_ms,
        }


@dataclass(frozen=True)
class ForcedFetch:
    """The server says: fetch this message yourself; `Api.complete` does, and gives what it turns out to be.

    Mostly the new picture of a group, sometimes an ordinary message. Delivered as it is only where that fails.
    """

    type: ClassVar[str] = "forced_fetch"

    thread_id: str
    message_id: str
    is_group: bool

    def to_dict(self) -> dict[str, Any]:
        """Type and ids."""
        return {"type": self.type, "threadID": self.thread_id, "messageID": self.message_id}


@dataclass(frozen=True)
class Unparsed:
    """A delta that could not be understood; `reason` says why without quoting it, `payload` is the delta itself."""

    type: ClassVar[str] = "unparsed"

    reason: str
    payload: Mapping[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Type, reason and payload."""
        return {"type": self.type, "reason": self.reason, "payload": dict(self.payload)}


Event = Message | ThreadEvent | Typing | ReadReceipt | Read | Presence | Reaction | Unsend | ForcedFetch | Unparsed
