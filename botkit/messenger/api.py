"""The functions of the API: each builds its request, sends it and reads the answer.

An `Api` may be used by any number of threads. Its functions block the calling thread until the answer is there; only
the callbacks of `listen` and of sinks run on threads of the client's own, as their docstrings say.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botkit.messenger import _chats, _marks, _messages, _past, _people, _sending
from botkit.messenger._checks import whole
from botkit.messenger._client import Client
from botkit.messenger._completion import complete
from botkit.messenger._download import LARGEST, download
from botkit.messenger._ids import id_text, id_texts
from botkit.messenger._listening import Callback, ErrorCallback, Listening
from botkit.messenger._logout import log_out
from botkit.messenger._raw_events import RawEvent
from botkit.messenger._sink import Sink
from botkit.messenger._typing import TypingIndicator
from botkit.messenger.attachments import Attachment
from botkit.messenger.events import Event, ThreadEvent, Unparsed
from botkit.messenger.listener import PROBE_AFTER_S, Listener, Position
from botkit.messenger.models import Downloaded, FoundUser, Friend, HistoryMessage, OnlineUser, SentMessage, Thread, User
from botkit.messenger.options import Options, with_changes


class Api:
    """A logged-in account; made by `login`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listeners: weakref.WeakSet[Listener | Listening] = weakref.WeakSet()
        self._indicators: weakref.WeakSet[TypingIndicator] = weakref.WeakSet()

    def __repr__(self) -> str:
        return f"Api({self._client.session!r})"

    @property
    def options(self) -> Options:
        return self._client.options

    def set_options(self, **options: Any) -> None:
        """Change options of the session; those not named stay (documented: setOptions).

        The names are those of `Options`. Raises BadArgument for an unknown one, a wrong value, and one that only the
        login takes.
        """
        self._client.options = with_changes(self._client.options, options)

    def get_current_user_id(self) -> str:
        """The id that the account acts as (documented: getCurrentUserID). Asks nobody."""
        return self._client.session.user_id

    def get_app_state(self) -> list[dict[str, Any]]:
        """The session's cookies, for a later `login`; they are secret (documented: getAppState). Asks nobody."""
        return self._client.session.app_state()

    def on_session_change(self, callback: Callable[[], object]) -> None:
        """Call `callback` whenever `get_app_state` gives other cookies than before, for hosts that save them.

        It is called after each answer that has changed some, on the thread that asked, and must not take long. What it
        raises is logged. A logout is no change.
        """
        self._client.session.on_change(callback)

    def get_user_info(self, ids: str | int | Sequence[str | int]) -> dict[str, User]:
        """People by id, one or several (documented: getUserInfo).

        An id that is nobody's is left out; one id gives a dict of one, too. Raises BadArgument.
        """
        return self._client.directory.users(id_texts(ids, "ids"))

    def get_user_id(self, name: str) -> list[FoundUser]:
        """People whose name is like this, the likeliest first (documented: getUserID).

        Raises BadArgument, and Refused with the reason `not-found` when there is nobody.
        """
        return _people.get_user_id(self._client, name)

    def get_friends_list(self) -> list[Friend]:
        """The account's contacts, in no order; some are no friends (documented: getFriendsList)."""
        return _people.get_friends_list(self._client)

    def get_online_users(self) -> list[OnlineUser]:
        """Who of the contacts is there, and who was when (documented: getOnlineUsers).

        Needs a socket, so listen first: its presence is what is given, also of those who are offline. Just after the
        connection it waits for the first list, for up to 5 s. Raises NetworkError without a socket.
        """
        return _people.get_online_users(self._client)

    def get_thread_info(self, thread_id: str | int) -> Thread:
        """A chat by its id (in later clients: getThreadInfo).

        One with a person that has not begun is empty. Raises BadArgument, and Refused when nobody has this id.
        """
        return self._client.directory.thread(id_text(thread_id, "thread_id"))

    def get_thread_list(self, start: int = 0, end: int = 20, *, folder: str = "inbox") -> list[Thread]:
        """The chats of a folder, newest first, from number `start` up to before `end` (documented: getThreadList).

        An `end` that is not after `start` means twenty chats. `folder` is inbox, archived, pending (message requests)
        or other (requests that were filtered out). Raises BadArgument.
        """
        return _chats.get_thread_list(self._client, start, end, folder)

    def get_thread_history(
        self, thread_id: str | int, start: int, end: int, timestamp: int | None = None
    ) -> list[HistoryMessage | ThreadEvent | Unparsed]:
        """What was said and done in a chat, the oldest first (documented: getThreadHistory).

        Counts back from the newest of `timestamp`, in ms, or before it, or from now: `start` are skipped, and up to
        `end - start` given, fewer when the chat has no more. One that tells of several people who left gives an event
        for each; one that could not be understood is `Unparsed`. Encrypted chats have no history here. Raises
        BadArgument, and Refused for the id of a group that is unknown.
        """
        return _past.get_thread_history(self._client, thread_id, start, end, timestamp)

    def search_for_thread(self, name: str) -> list[Thread]:
        """Chats whose title, or whose person's name, is like this, the likeliest first (documented: searchForThread).

        A chat that could not be looked up has no more than id, name, picture and kind. Raises BadArgument, and Refused
        with the reason `not-found` when there is none.
        """
        return _people.search_for_thread(self._client, name)

    def send_message(
        self,
        message: str | Mapping[str, Any],
        thread_id: str | int | Sequence[str | int],
        *,
        reply_to: str | None = None,
        offline_threading_id: int | None = None,
        send_via: str | None = None,
    ) -> SentMessage:
        """Send a message to a person, to a group, or to several people as a new group (documented: sendMessage).

        message: the text, or a mapping with `body` (the text, which may be empty) and at most one of
            `sticker`: the id of a sticker;
            `attachment`: a file or a list of files, each a path, a pair of a name and bytes, or an open binary stream,
            which is read to its end and left open;
            `url`: an address whose preview is shared;
            `emoji`: an emoji in place of the text, `emoji_size` small, medium (as without) or large;
            `location`: a mapping with `latitude` and `longitude` in degrees, and `current` if the sender is there.
            `mentions` names people in the text: a list of mappings with `tag`, the words in the body, `id`, the user's,
            and `from_index`, from which character of the body on the tag is looked for. `reply_to` as below. The
            documented emojiSize and fromIndex, and replyToMessage, are understood, too.
        thread_id: the id of a person or a group, or at least two user ids for a new group of them and the account.
        reply_to: the id of the message that this one answers.
        offline_threading_id: the same as before repeats a send whose outcome is unknown: the server takes it once. A
            message that is given one is tried once, by one carrier: repeating it is up to the caller.
        send_via: for this message in place of the option.

        Gives the ids of chat and message and the time. Raises BadArgument before anything is sent, Refused when the
        server says no (its reason is `thread-disabled` for a chat that is end-to-end encrypted), OutcomeUnknown when
        the making of a group got no answer, and what a request raises. How it goes is up to the option `send_via`.
        """
        return _sending.send_message(self._client, message, thread_id, reply_to, offline_threading_id, send_via)

    def edit_message(self, text: str, message_id: str) -> None:
        """Give an own message another text; the server allows it for about 15 minutes (in later clients: editMessage).

        Needs an open socket. Waits for up to 15 s. Raises BadArgument, NetworkError without a socket or an answer, and
        Refused when the message has kept its text.
        """
        _messages.edit(self._client, text, message_id)

    def unsend_message(self, message_id: str) -> None:
        """Take an own message back from everyone (in later clients: unsendMessage). Raises BadArgument and Refused."""
        _messages.unsend(self._client, message_id)

    def delete_message(self, messages: str | Sequence[str]) -> None:
        """Delete one message or several, by their ids, for this account alone (documented: deleteMessage).

        Raises BadArgument and Refused.
        """
        _messages.delete(self._client, messages)

    def set_message_reaction(self, reaction: str, message_id: str, thread_id: str | int | None = None) -> None:
        """React to a message (in later clients: setMessageReaction).

        `reaction` is an emoji, a shortcut such as ":love:", or "" to take the reaction away. `thread_id` is the chat of
        the message; without it, it is read from the message's id where that tells. Raises BadArgument and Refused.
        """
        _messages.react(self._client, reaction, message_id, thread_id)

    def forward_message(self, message_id: str, thread_id: str | int) -> SentMessage:
        """Send a message on to a person or a group, with all that it holds.

        Needs an open socket. Raises BadArgument, NetworkError without a socket, Refused, and OutcomeUnknown when no
        answer came.
        """
        return _messages.forward_message(self._client, message_id, thread_id)

    def forward_attachment(self, attachment_id: str | int, thread_ids: str | int | Sequence[str | int]) -> None:
        """Send an attachment on to one person or group, or to several (in later clients: forwardAttachment).

        `attachment_id` is the `id` of a received attachment. Raises BadArgument, Refused, and OutcomeUnknown when no
        answer came.
        """
        _messages.forward_attachment(self._client, attachment_id, thread_ids)

    def resolve_photo_url(self, photo_id: str | int) -> str:
        """The address of a photo at its full size, by the `id` of its attachment (in later clients: resolvePhotoUrl).

        Raises BadArgument, Refused, and BadAnswer when the server gives no address.
        """
        return _messages.resolve_photo_url(self._client, photo_id)

    def download(self, source: Attachment | str, *, limit_bytes: int = LARGEST) -> Downloaded:
        """What an attachment holds, with a harmless file name.

        `source` is a received attachment, or its address. Only https addresses of the network's own hosts are asked,
        also where one leads on to another. Nothing is written to disk. Raises BadArgument for another address or an
        attachment without any, and BadAnswer for one that leads elsewhere or is longer than `limit_bytes`.
        """
        return download(self._client, source, limit_bytes)

    def mark_as_read(self, thread_id: str | int, read: bool = True) -> None:
        """Mark a chat as read up to now, or with `read=False` as unread (documented: markAsRead).

        Raises BadArgument and Refused.
        """
        _marks.mark_as_read(self._client, thread_id, read)

    def mark_as_read_all(self) -> None:
        """Mark every chat of the inbox as read (in later clients: markAsReadAll). Raises Refused."""
        _marks.mark_as_read_all(self._client)

    def mark_as_delivered(self, thread_id: str | int, message_id: str) -> None:
        """Tell the sender of a message that it has come (in later clients: markAsDelivered).

        Listening does so by itself unless the option `auto_mark_delivery` is off. Raises BadArgument and Refused.
        """
        _marks.mark_as_delivered(self._client, thread_id, message_id)

    def send_typing_indicator(self, thread_id: str | int) -> Callable[[], None]:
        """Show that the account is typing in a chat (documented: sendTypingIndicator).

        Gives the function that ends it; without a call it ends after 30 s. Raises BadArgument and what a request
        raises.
        """
        indicator = _marks.show_typing(self._client, thread_id)
        self._indicators.add(indicator)
        return indicator

    def create_group(self, user_ids: Sequence[str | int], title: str | None = None) -> str:
        """Make a group with at least two other people, and give its id (in later clients: createNewGroup).

        A title that the server refuses is only logged: the group is there. Raises BadArgument, Refused, and
        OutcomeUnknown when no good answer came.
        """
        return _chats.create_group(self._client, user_ids, title)

    def add_user_to_group(self, user_id: str | int | Sequence[str | int], thread_id: str | int) -> None:
        """Let one person or several into a group (documented: addUserToGroup).

        Where the group's admins have to approve, they wait for that. Raises BadArgument, Refused, and OutcomeUnknown
        when no good answer came.
        """
        _chats.add_user_to_group(self._client, user_id, thread_id)

    def remove_user_from_group(self, user_id: str | int, thread_id: str | int) -> None:
        """Put a person out of a group, or, with the account's own id, leave it (documented: removeUserFromGroup).

        Raises BadArgument and Refused: the reason is `not-an-admin` where only admins may.
        """
        _chats.remove_user_from_group(self._client, user_id, thread_id)

    def change_admin_status(self, thread_id: str | int, user_ids: str | int | Sequence[str | int], admin: bool) -> None:
        """Make one member or several of a group its admins, or no longer (in later clients: changeAdminStatus).

        Raises BadArgument and Refused: the reason is `not-an-admin` when the account is none.
        """
        _chats.change_admin_status(self._client, thread_id, user_ids, admin)

    def set_title(self, new_title: str, thread_id: str | int) -> None:
        """Name a group; "" takes its name away (documented: setTitle).

        Raises BadArgument, and Refused in a chat of two, which has no title.
        """
        _chats.set_title(self._client, new_title, thread_id)

    def change_group_image(self, image: Any, thread_id: str | int) -> None:
        """Give a group a picture (documented: changeGroupImage).

        `image` is a path, bytes, a pair of a name and bytes, or an open binary stream, which is read to its end and
        left open. Raises BadArgument, and Refused in a chat of two or for a picture that the server does not take.
        """
        _chats.change_group_image(self._client, image, thread_id)

    def change_thread_color(self, color: str | None, thread_id: str | int) -> None:
        """Give a chat another colour, which today is a theme (documented: changeThreadColor).

        `color` is "#" and six hexadecimal digits, for which the theme nearest to it is taken; or the name or the id of
        a theme; "" or None is the default. Raises BadArgument, for a name that no theme has only after asking the
        server for its themes, and Refused.
        """
        _chats.change_thread_color(self._client, color, thread_id)

    def change_thread_emoji(self, emoji: str | None, thread_id: str | int) -> None:
        """Give a chat another quick emoji; "" or None is the default (documented: changeThreadEmoji).

        Raises BadArgument and Refused.
        """
        _chats.change_thread_emoji(self._client, emoji, thread_id)

    def change_thread_user_nickname(
        self, nickname: str | None, thread_id: str | int, participant_id: str | int
    ) -> None:
        """Give a person a name within a chat; "" or None takes it away (documented: changeThreadUserNickname).

        Raises BadArgument and Refused.
        """
        _chats.change_thread_user_nickname(self._client, nickname, thread_id, participant_id)

    def create_poll(self, title: str, thread_id: str | int, options: Sequence[str]) -> None:
        """Ask a group to vote: `title` is the question, `options` are the answers (in later clients: createPoll).

        Raises BadArgument, Refused, and OutcomeUnknown when no good answer came.
        """
        _chats.create_poll(self._client, title, thread_id, options)

    def mute_thread(self, thread_id: str | int, seconds: int = -1) -> None:
        """Have no notices of a chat for some seconds (in later clients: muteThread).

        -1 is for ever, 0 ends it. Calls ring on. Raises BadArgument and Refused.
        """
        _chats.mute_thread(self._client, thread_id, seconds)

    def change_archived_status(self, threads: str | int | Sequence[str | int], archive: bool) -> None:
        """Put one chat or several into the archive, or take them out (documented: changeArchivedStatus).

        A new message takes a chat out, too. Raises BadArgument and Refused.
        """
        _chats.change_archived_status(self._client, threads, archive)

    def delete_thread(self, threads: str | int | Sequence[str | int]) -> None:
        """Delete one chat or several, for this account alone (documented: deleteThread).

        Raises BadArgument and Refused.
        """
        _chats.delete_thread(self._client, threads)

    def handle_message_request(self, thread_ids: str | int | Sequence[str | int], accept: bool) -> None:
        """Accept or decline the message requests of one chat or several (in later clients: handleMessageRequest).

        `get_thread_list` with the folder `pending` tells of them. Raises BadArgument and Refused.
        """
        _chats.handle_message_request(self._client, thread_ids, accept)

    def listen(self, callback: Callback | None = None, *, on_error: ErrorCallback | None = None) -> Listening:
        """Deliver events from now on, to `callback` or to who iterates over what is returned (documented: listen).

        The callback runs on one thread of listening's own, one event at a time; it may call the api. What it raises is
        logged. `on_error` is told there about events that could not be understood, gaps, and the end of a dead session.
        Which events come is up to the options `self_listen`, `listen_events` and `update_presence`.
        """
        listening = Listening(self._client, callback, on_error)
        self._listeners.add(listening)
        return listening

    def listener(
        self, sink: Sink, position: Position | None = None, *, probe_after_s: float = PROBE_AFTER_S
    ) -> Listener:
        """A listener for hosts that keep the position themselves; call its `run`. None begins at now.

        A queue that says nothing for `probe_after_s` seconds is asked whether it still is.
        """
        listener = Listener(self._client, sink, position, probe_after_s=probe_after_s)
        self._listeners.add(listener)
        return listener

    def threads_since(self, time_ms: int) -> list[tuple[str, int]]:
        """The chats in which something has happened at a time or later, in every folder: their ids, and when.

        For hosts whose queue was lost: these may have messages that were missed. Raises BadArgument.
        """
        return self._client.directory.threads_since(whole(time_ms, "time_ms"))

    def missed_messages(
        self, thread_id: str | int, after_ms: int, known: Callable[[str], bool], *, timeout_s: float = 60.0
    ) -> list[RawEvent]:
        """The messages of a chat from a time on, the oldest first, as the listener would have given them.

        For hosts whose queue was lost. Their keys are those of the deltas: those for which `known` is true are left
        out. Own messages are among them. Joins, titles, reactions and messages that were taken back are not: they
        cannot be fetched. Raises BadArgument, Refused for a group that is unknown, and NetworkError and the like when
        it could not be fetched within `timeout_s` seconds.
        """
        return _past.missed_messages(self._client, thread_id, after_ms, known, timeout_s)

    def complete(self, event: Event, *, timeout_s: float = 2.0) -> Event:
        """The event with what its delta lacks, as `listen` gives it; for hosts that parse what a sink has taken.

        A message gets the names of its sender, participants and chat, the message that it answers, and the addresses of
        photos that came without any; a `ForcedFetch` becomes the message or the event that it points at. Takes what is
        remembered, else asks, for at most `timeout_s` seconds in all; what is not found stays None or as it is. Never
        raises. Other events come back as they are; what they tell about their chat is remembered.
        """
        return complete(self._client, event, timeout_s)

    def look_up_thread(self, thread_id: str | int, *, timeout_s: float = 2.0) -> Thread | None:
        """A chat, or None when nobody can tell within `timeout_s` seconds; for hosts. Raises BadArgument only."""
        return self._client.directory.thread_within(id_text(thread_id, "thread_id"), timeout_s)

    def look_up_names(self, ids: str | int | Sequence[str | int], *, timeout_s: float = 2.0) -> dict[str, str]:
        """Full names of people by id: remembered, else asked for, for at most `timeout_s` seconds; for hosts. Those
        that are not found are left out. Raises BadArgument only."""
        found = self._client.directory.names(id_texts(ids, "ids"), timeout_s)
        return {user_id: full for user_id, (full, _first) in found.items()}

    def logout(self) -> bool:
        """End the session: stop listening, tell the server, forget the cookies (documented: logout).

        The api is useless afterwards. Says whether the server confirmed; False means that the session was only
        forgotten here.
        """
        for listener in list(self._listeners):
            listener.stop()
        for indicator in list(self._indicators):
            indicator.forget()
        return log_out(self._client)

    def close(self) -> None:
        """Stop listening and give up all connections; the session itself lives on, for a later login."""
        for listener in list(self._listeners):
            listener.stop()
        for indicator in list(self._indicators):
            indicator.forget()
        self._client.web.close()
