"""What the functions of the API answer, as plain values.

Fields have Python names; `to_dict()` gives the documented ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger.attachments import Attachment
from botkit.messenger.events import Message


@dataclass(frozen=True)
class SentMessage:
    """A message that the server has taken."""

    thread_id: str
    message_id: str
    timestamp_ms: int

    def to_dict(self) -> dict[str, Any]:
        """The result with the documented field names."""
        return {"threadID": self.thread_id, "messageID": self.message_id, "timestamp": self.timestamp_ms}


@dataclass(frozen=True)
class Downloaded:
    """A file from the server.

    `file_name` can be used as it is within a folder of one's own: it names no other place, and is never empty.
    `content_type` is the server's word, "application/octet-stream" without one.
    """

    file_name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class User:
    """A person or a page. `gender` is the wire's number: 1 female, 2 male (dossier 3, section 3.6)."""

    user_id: str
    name: str
    first_name: str
    vanity: str
    thumb_src: str | None
    profile_url: str
    gender: int
    type: str
    is_friend: bool
    is_birthday: bool
    search_tokens: tuple[str, ...]
    alternate_name: str

    def to_dict(self) -> dict[str, Any]:
        """The eleven documented fields; the id is the key under which `get_user_info` gives the user."""
        return {
            "name": self.name,
            "firstName": self.first_name,
            "vanity": self.vanity,
            "thumbSrc": self.thumb_src,
            "profileUrl": self.profile_url,
            "gender": self.gender,
            "type": self.type,
            "isFriend": self.is_friend,
            "isBirthday": self.is_birthday,
            "searchTokens": list(self.search_tokens),
            "alternateName": self.alternate_name,
        }


@dataclass(frozen=True)
class Friend:
    """A person of the account's contacts, friend or not; `gender` is a word such as `female_singular` or `unknown`."""

    user_id: str
    full_name: str
    first_name: str
    gender: str
    type: str
    is_friend: bool
    is_birthday: bool
    vanity: str
    profile_url: str
    profile_picture: str
    alternate_name: str

    def to_dict(self) -> dict[str, Any]:
        """The eleven documented fields (dossier 3, section 3.7)."""
        return {
            "alternateName": self.alternate_name,
            "firstName": self.first_name,
            "gender": self.gender,
            "userID": self.user_id,
            "isFriend": self.is_friend,
            "fullName": self.full_name,
            "profilePicture": self.profile_picture,
            "type": self.type,
            "profileUrl": self.profile_url,
            "vanity": self.vanity,
            "isBirthday": self.is_birthday,
        }


@dataclass(frozen=True)
class FoundUser:
    """A person that a search by name found.

    `index_rank` is the place in the list as the server counts, from 0 or 1. `category` is a line such as "Friend", None
    where the server gives none; `score` is None on today's wire.
    """

    user_id: str
    name: str
    photo_url: str | None
    index_rank: int
    is_verified: bool
    profile_url: str
    category: str | None
    score: float | None
    type: str = "user"

    def to_dict(self) -> dict[str, Any]:
        """The documented fields (dossier 3, section 3.5)."""
        return {
            "userID": self.user_id,
            "photoUrl": self.photo_url,
            "indexRank": self.index_rank,
            "name": self.name,
            "isVerified": self.is_verified,
            "profileUrl": self.profile_url,
            "category": self.category,
            "score": self.score,
            "type": self.type,
        }


@dataclass(frozen=True)
class OnlineUser:
    """Whether a contact is there: `status` is offline, idle, active or mobile.

    `last_active_ms` is None when the server has never told it.
    """

    user_id: str
    status: str
    last_active_ms: int | None

    def to_dict(self) -> dict[str, Any]:
        """The documented fields; `lastActive` in ms."""
        return {"lastActive": self.last_active_ms, "userID": self.user_id, "status": self.status}


@dataclass(frozen=True)
class HistoryMessage(Message):
    """A message of the past. `reactions` maps the id of who reacted to the emoji."""

    is_unread: bool = False
    reactions: Mapping[str, str] = field(default_factory=dict, repr=False)
    snippet: str = field(default="", repr=False)
    is_sponsored: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The message with the documented field names; the three worded times are not on today's wire: None."""
        return {
            **super().to_dict(),
            "timestampAbsolute": None,
            "timestampRelative": None,
            "timestampDatetime": None,
            "isUnread": self.is_unread,
            "messageReactions": [{"userID": user, "reaction": emoji} for user, emoji in self.reactions.items()],
            "snippet": self.snippet,
            "isSponsored": self.is_sponsored,
        }


@dataclass(frozen=True)
class Thread:
    """A chat with one person or with a group.

    `name` is the other person's in a chat of two and "" in a group without one. `timestamp_ms` is the last change,
    None in a chat that has not begun. `mute_until` is None when not muted and -1 for ever. `cannot_reply_reason` is
    None when one can reply. `color` is "#" and six hexadecimal digits, or None for the default. `is_encrypted`: moved
    to end-to-end encryption, so invisible to this client.
    """

    thread_id: str
    is_group: bool
    name: str
    participant_ids: tuple[str, ...]
    snippet: str = field(default="", repr=False)
    snippet_attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    snippet_sender_id: str = ""
    unread_count: int = 0
    message_count: int = 0
    image_src: str | None = None
    timestamp_ms: int | None = None
    mute_until: int | None = None
    other_is_person: bool = False
    is_subscribed: bool = True
    folder: str = "inbox"
    is_archived: bool = False
    cannot_reply_reason: str | None = None
    blocked_participant_ids: tuple[str, ...] = ()
    last_message_id: str | None = None
    nicknames: Mapping[str, str] = field(default_factory=dict)
    emoji: str | None = None
    color: str | None = None
    admin_ids: tuple[str, ...] = ()
    last_message_timestamp_ms: int | None = None
    last_read_timestamp_ms: int | None = None
    approval_mode: int | None = None
    approval_queue: tuple[Mapping[str, Any], ...] = ()
    invite_link: str | None = None
    thread_theme: Mapping[str, Any] | None = None
    reactions_mute_mode: str | None = None
    mentions_mute_mode: str | None = None

    @property
    def is_encrypted(self) -> bool:
        return self.folder.startswith("e2ee_cutover")

    @property
    def can_reply(self) -> bool:
        return self.cannot_reply_reason is None

    def to_dict(self) -> dict[str, Any]:
        """The documented fields (dossier 3, section 3.1 c) and the later ones; times as texts of ms, as documented."""
        return {**self._documented(), **self._later()}

    def _documented(self) -> dict[str, Any]:
        changed = _text(self.timestamp_ms)
        return {
            "threadID": self.thread_id,
            "participants": list(self.participant_ids),
            "participantIDs": list(self.participant_ids),
            "formerParticipants": [],
            "name": self.name,
            "snippet": self.snippet,
            "snippetHasAttachment": bool(self.snippet_attachments),
            "snippetAttachments": [attachment.to_dict() for attachment in self.snippet_attachments],
            "snippetSender": self.snippet_sender_id,
            "unreadCount": self.unread_count,
            "messageCount": self.message_count,
            "imageSrc": self.image_src,
            "timestamp": changed,
            "serverTimestamp": changed,
            "muteSettings": self.mute_until,
            "isCanonicalUser": self.other_is_person,
            "isCanonical": not self.is_group,
            "canonicalFbid": None if self.is_group else self.thread_id,
            "isSubscribed": self.is_subscribed,
            "rootMessageThreadingID": None,
            "folder": self.folder,
            "isArchived": self.is_archived,
            "recipientsLoadable": self.cannot_reply_reason != "RECIPIENTS_NOT_LOADABLE",
            "hasEmailParticipant": False,
            "readOnly": False,
            "canReply": self.can_reply,
            "composerEnabled": self.can_reply,
            "blockedParticipants": list(self.blocked_participant_ids),
            "lastMessageID": self.last_message_id,
        }

    def _later(self) -> dict[str, Any]:
        return {
            "nicknames": dict(self.nicknames),
            "emoji": self.emoji,
            "color": self.color,
            "adminIDs": list(self.admin_ids),
            "muteUntil": self.mute_until,
            "threadType": 2 if self.is_group else 1,
            "isGroup": self.is_group,
            "isEncrypted": self.is_encrypted,
            "cannotReplyReason": self.cannot_reply_reason,
            "lastMessageTimestamp": _text(self.last_message_timestamp_ms),
            "lastReadTimestamp": _text(self.last_read_timestamp_ms),
            "approvalMode": self.approval_mode,
            "approvalQueue": [dict(entry) for entry in self.approval_queue],
            "inviteLink": self.invite_link,
            "threadTheme": None if self.thread_theme is None else dict(self.thread_theme),
            "reactionsMuteMode": self.reactions_mute_mode,
            "mentionsMuteMode": self.mentions_mute_mode,
        }


def _text(time_ms: int | None) -> str | None:
    return None if time_ms is None else str(time_ms)
