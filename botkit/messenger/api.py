"""The functions of the API: each builds its request, sends it and reads the answer.

An `Api` may be used by any number of threads. Its functions block the calling thread until the answer is there; only
the callbacks of `listen` and of sinks run on threads of the client's own, as their docstrings say.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from botkit.logs import get_logger
from botkit.messenger import _forms
from botkit.messenger._client import Client
from botkit.messenger._graphql import sent_message_in
from botkit.messenger._ids import id_text, id_texts, message_time_ms, random_hex, threading_id
from botkit.messenger._ids import offline_threading_id as fresh_otid
from botkit.messenger._listening import Callback, ErrorCallback, Listening
from botkit.messenger._logout import log_out
from botkit.messenger._sink import Sink
from botkit.messenger._tasks import (
    Task,
    argument_of,
    create_group_task,
    read_task,
    refusal_in,
    send_task,
    typing_task,
    unread_task,
)
from botkit.messenger._typing import TypingIndicator
from botkit.messenger._web import NORMAL, ONCE, Patience
from botkit.messenger.errors import BadAnswer, BadArgument, NetworkError, OutcomeUnknown, ServerError
from botkit.messenger.events import Event, Message
from botkit.messenger.listener import Listener, Position
from botkit.messenger.models import SentMessage, Thread, User
from botkit.messenger.options import Options, with_changes

_log = get_logger(__name__)

# What may be done with a call: read and send as often as one likes (a send with the same offline threading id), set
# again without harm, once never again without looking, session only by the host.
FUNCTION_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "get_app_state": "session",
        "get_current_user_id": "read",
        "get_thread_info": "read",
        "get_thread_list": "read",
        "get_user_info": "read",
        "listen": "session",
        "listener": "session",
        "login": "session",
        "logout": "session",
        "mark_as_read": "set",
        "send_message": "send",
        "send_typing_indicator": "set",
        "set_options": "session",
        "with_names": "read",
    }
)
_MESSAGE_KEYS = frozenset({"body"})
_LARGEST_OTID = 2**63 - 1
_FEWEST_IN_GROUP = 2


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
        """Change options; those not named stay. Raises BadArgument for an unknown one or one of the login only."""
        self._client.options = with_changes(self._client.options, options)

    def get_current_user_id(self) -> str:
        """The id that the account acts as. Asks nobody."""
        return self._client.session.user_id

    def get_app_state(self) -> list[dict[str, Any]]:
        """The session's cookies in the documented form, for a later `login`. They are secret. Asks nobody."""
        return self._client.session.app_state()

    def get_user_info(self, ids: str | int | Sequence[str | int]) -> dict[str, User]:
        """People by id; an id that is nobody's is left out. One id gives a dict of one, too."""
        return self._client.directory.users(id_texts(ids, "ids"))

    def get_thread_info(self, thread_id: str | int) -> Thread:
        """A chat; one with a person that has not begun is empty. Raises Refused when nobody has this id."""
        return self._client.directory.thread(id_text(thread_id, "thread_id"))

    def get_thread_list(self, start: int = 0, end: int = 20) -> list[Thread]:
        """The chats of the inbox, newest first, from number `start` up to before `end` (documented: getThreadList).

        An `end` that is not after `start` means twenty chats (dossier 3, section 3.1).
        """
        for name, value in (("start", start), ("end", end)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise BadArgument(f"{name} must be an int of at least 0, not {value!r}")
        return self._client.directory.threads(start, end if end > start else start + 20)

    def send_message(
        self,
        message: str | Mapping[str, Any],
        thread_id: str | int | Sequence[str | int],
        *,
        offline_threading_id: int | None = None,
    ) -> SentMessage:
        """Send a text to a person, to a group, or, with several user ids, to a new group of them.

        `message` is the text, or a mapping with `body`. The same `offline_threading_id` may be given again to repeat a
        send whose outcome is unknown: the server takes it once. Raises Refused when the server says no, and
        OutcomeUnknown when the making of a group got no answer.
        """
        body = _body_of(message)
        otid = self._fresh_otid() if offline_threading_id is None else _checked_otid(offline_threading_id)
        if isinstance(thread_id, str | int | float):
            return self._send(body, id_text(thread_id, "thread_id"), otid)
        users = id_texts(thread_id, "thread_id")
        if len(users) < _FEWEST_IN_GROUP:
            raise BadArgument("thread_id must be one id, or at least two user ids for a new group")
        return self._send_to_new_group(body, users, otid)

    def mark_as_read(self, thread_id: str | int, read: bool = True) -> None:
        """Mark a chat as read, or as unread."""
        thread, now_ms = id_text(thread_id, "thread_id"), self._client.clock.time_ms()
        if self._client.link.is_up:
            task = read_task(thread, now_ms) if read else unread_task(thread, now_ms)
            try:
                self._ask(task, f"marking thread {thread} as read")
                return
            except (NetworkError, BadAnswer) as error:
                _log.info("api: marking as read goes by HTTP: %s", error)
        form = _forms.read_form(thread, read, now_ms)
        self._client.web.post("/ajax/mercury/change_read_status.php", form, f"marking thread {thread} as read")

    def send_typing_indicator(self, thread_id: str | int) -> Callable[[], None]:
        """Show that the account is typing; call what is returned to end it, else it ends after 30 s by itself."""
        thread = id_text(thread_id, "thread_id")
        is_group = self._client.directory.is_group(thread)
        indicator = TypingIndicator(lambda is_on: self._show_typing(thread, is_group, is_on), self._client.clock)
        self._indicators.add(indicator)
        return indicator

    def listen(self, callback: Callback | None = None, *, on_error: ErrorCallback | None = None) -> Listening:
        """Deliver events from now on, to `callback` or to who iterates over what is returned.

        The callback runs on one thread of listening's own, one event at a time; it may call the api. What it raises is
        logged. `on_error` is told there about events that could not be understood, gaps, and the end of a dead session.
        Which events come is up to the options `self_listen`, `listen_events` and `update_presence`.
        """
        listening = Listening(self._client, callback, on_error)
        self._listeners.add(listening)
        return listening

    def listener(self, sink: Sink, position: Position | None = None) -> Listener:
        """A listener for hosts that keep the position themselves; call its `run`. None begins at now."""
        listener = Listener(self._client, sink, position)
        self._listeners.add(listener)
        return listener

    def with_names(self, event: Event, *, timeout_s: float = 2.0) -> Event:
        """The event with the names that deltas lack: a message's sender, participants and chat.

        Takes them from what is remembered, else asks, for at most `timeout_s` seconds; what is not found is None. Never
        raises. Other events come back as they are; what they tell about their chat is remembered.
        """
        self._client.directory.note(event)
        return self._client.directory.with_names(event, timeout_s) if isinstance(event, Message) else event

    def logout(self) -> bool:
        """End the session: stop listening, tell the server, forget the cookies. The api is useless afterwards.

        Says whether the server confirmed; False means that the session was only forgotten here.
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

    def _send(self, body: str, thread: str, otid: int) -> SentMessage:
        own_id = self.get_current_user_id()
        is_group = self._client.directory.is_group(thread)
        address = _forms.to_group(thread) if is_group else _forms.to_user(thread, own_id)
        try:
            return self._post_message(body, address, otid, thread, NORMAL)
        except (NetworkError, ServerError) as error:
            if not self._client.link.is_up:
                raise
            _log.info("api: a send goes by the socket: %s", error)
        return self._send_by_socket(body, thread, otid)

    def _post_message(
        self, body: str, address: Mapping[str, str], otid: int, thread: str | None, patience: Patience
    ) -> SentMessage:
        form = _forms.message_form(body, address, self.get_current_user_id(), self._stamp(otid))
        what = f"send to thread {thread}" if thread else "send to a new group"
        answer = self._client.web.post("/messaging/send/", form, what, patience)
        return sent_message_in(answer[0].get("payload"), thread)

    def _send_by_socket(self, body: str, thread: str, otid: int) -> SentMessage:
        what = f"send to thread {thread}"
        calls = self._ask(send_task(thread, otid, body), what)
        message_id = argument_of(calls, "replaceOptimsiticMessage", 1, where=otid)
        if message_id is None:
            raise BadAnswer(f"{what}: the answer names no message; it may not have been sent")
        time_ms = message_time_ms(message_id)
        return SentMessage(thread, message_id, self._client.clock.time_ms() if time_ms is None else time_ms)

    def _send_to_new_group(self, body: str, users: Sequence[str], otid: int) -> SentMessage:
        """By task and then a normal send where a socket is open, else in one request (dossier 3, section 4.10)."""
        try:
            if self._client.link.is_up:
                thread = self._make_group(users)
            else:
                address = _forms.to_new_group(users, self.get_current_user_id(), otid)
                sent = self._post_message(body, address, otid, None, ONCE)
                self._client.directory.note_group(sent.thread_id)
                return sent
        except (NetworkError, ServerError, BadAnswer) as error:
            raise OutcomeUnknown(f"a new group may or may not have been made: {error}") from error
        self._client.directory.note_group(thread)
        return self._send(body, thread, otid)

    def _make_group(self, users: Sequence[str]) -> str:
        temporary = self._client.link.fresh_epoch_id()
        calls = self._ask(create_group_task(users, temporary, self._fresh_otid()), "making of a group")
        thread = argument_of(calls, "replaceOptimisticThread", 1, where=temporary)
        if thread is None:
            raise BadAnswer("making of a group: the answer names no group")
        return thread

    def _ask(self, task: Task, what: str) -> Sequence[Any]:
        calls = self._client.link.ask(task)
        error = refusal_in(calls, what)
        if error is not None:
            raise error
        return calls

    def _show_typing(self, thread: str, is_group: bool, is_typing: bool) -> None:
        if self._client.link.is_up:
            try:
                self._client.link.tell(typing_task(thread, is_group=is_group, is_typing=is_typing))
                return
            except NetworkError as error:
                _log.info("api: typing goes by HTTP: %s", error)
        form = _forms.typing_form(thread, is_group=is_group, is_typing=is_typing)
        self._client.web.post("/ajax/messaging/typ.php", form, f"typing in thread {thread}")

    def _fresh_otid(self) -> int:
        return fresh_otid(self._client.clock.time_ms(), self._client.chance)

    def _stamp(self, otid: int) -> _forms.Stamp:
        client, now = self._client, self._client.clock.now().astimezone()
        time_ms = client.clock.time_ms()
        return _forms.Stamp(
            offline_threading_id=otid,
            time_ms=time_ms,
            time_of_day=f"{now.hour}:{now.minute:02d}",
            threading_id=threading_id(time_ms, client.chance, client.session.client_hex),
            signature_id=random_hex(client.chance),
        )


def _body_of(message: object) -> str:
    if isinstance(message, Mapping):
        for key in sorted(map(str, message.keys() - _MESSAGE_KEYS)):
            raise BadArgument(f"message key {key} is not supported; known is body")
        message = message.get("body")
    if not isinstance(message, str):
        raise BadArgument(f"message must be a str or a mapping with body, not {type(message).__name__}")
    if not message:
        raise BadArgument("message must not be empty")
    return message


def _checked_otid(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LARGEST_OTID:
        raise BadArgument("offline_threading_id must be a positive int of at most 63 bits")
    return value
