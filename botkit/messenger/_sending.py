"""Sending a message: by the HTTP form or by the socket's task, with the same offline threading id.

Facts: dossier 1, sections 10 to 13; dossier 3, section 4.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botkit.logs import get_logger
from botkit.messenger import _forms
from botkit.messenger._answers import reading
from botkit.messenger._client import Client
from botkit.messenger._content import Content, content_from
from botkit.messenger._files import Uploaded
from botkit.messenger._graphql import sent_message_in
from botkit.messenger._ids import id_text, id_texts, message_time_ms, offline_threading_id, random_hex, threading_id
from botkit.messenger._message_tasks import create_group_task, send_task
from botkit.messenger._tasks import Task, argument_of
from botkit.messenger._upload import upload
from botkit.messenger._web import NORMAL, ONCE, Patience
from botkit.messenger.errors import (
    BadAnswer,
    BadArgument,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerError,
)
from botkit.messenger.models import SentMessage
from botkit.messenger.options import CARRIERS

_log = get_logger(__name__)
_LARGEST_OTID = 2**63 - 1
_FEWEST_IN_GROUP = 2


def send_message(
    client: Client, message: object, thread_id: object, reply_to: object, otid: object, send_via: str | None
) -> SentMessage:
    """See `Api.send_message`."""
    number = fresh_otid(client) if otid is None else _checked_otid(otid)
    if send_via is not None and send_via not in CARRIERS:
        raise BadArgument(f"send_via must be one of {', '.join(CARRIERS)}, not {send_via!r}")
    if isinstance(thread_id, str | int | float):
        thread = id_text(thread_id, "thread_id")
        content = content_from(message, reply_to)
        route = _Route(send_via or client.options.send_via, is_repeated=otid is None)
        return _send(client, content, _uploaded(client, content), thread, number, route)
    users = id_texts(thread_id, "thread_id")
    if len(users) < _FEWEST_IN_GROUP:
        raise BadArgument("thread_id must be one id, or at least two user ids for a new group")
    content = content_from(message, reply_to)
    return _send_to_new_group(client, content, _uploaded(client, content), users, number)


def make_group(client: Client, user_ids: Sequence[str]) -> str:
    """Make a group with these people by a task, and give its id.

    Raises NetworkError when no socket is open, and OutcomeUnknown when no good answer comes.
    """
    temporary, what = client.link.fresh_epoch_id(), "making of a group"
    if not client.link.is_up:
        raise NetworkError(f"{what}: no socket is open; listen first")
    try:
        calls = client.ask(create_group_task(user_ids, temporary, fresh_otid(client)), what)
        thread = argument_of(calls, "replaceOptimisticThread", 1, where=temporary)
        if thread is None:
            raise BadAnswer(f"{what}: the answer names no group")
    except (NetworkError, BadAnswer) as error:
        raise OutcomeUnknown(f"a new group may or may not have been made: {error}") from error
    client.directory.note_group(thread)
    return thread


def send_by_task(client: Client, task: Task, thread: str, otid: int, what: str) -> SentMessage:
    """Let the socket send, and read what became of it (dossier 1, section 13.5)."""
    message_id = argument_of(client.ask(task, what), "replaceOptimsiticMessage", 1, where=otid)
    if message_id is None:
        raise BadAnswer(f"{what}: the answer names no message; it may not have been sent")
    time_ms = message_time_ms(message_id)
    return SentMessage(thread, message_id, client.clock.time_ms() if time_ms is None else time_ms)


def fresh_otid(client: Client) -> int:
    """An offline threading id for something new."""
    return offline_threading_id(client.clock.time_ms(), client.chance)


def stamp(client: Client, otid: int) -> _forms.Stamp:
    """What makes one send by HTTP itself."""
    now, time_ms = client.clock.now().astimezone(), client.clock.time_ms()
    return _forms.Stamp(
        offline_threading_id=otid,
        time_ms=time_ms,
        time_of_day=f"{now.hour}:{now.minute:02d}",
        threading_id=threading_id(time_ms, client.chance, client.session.client_hex),
        signature_id=random_hex(client.chance),
    )


def _uploaded(client: Client, content: Content) -> tuple[Uploaded, ...]:
    return tuple(upload(client, file) for file in content.files)


@dataclass(frozen=True)
class _Route:
    """How a message goes; `is_repeated` says that what fails is tried again here, and not by who asked for it."""

    carrier: str
    is_repeated: bool


def _send(
    client: Client, content: Content, uploads: Sequence[Uploaded], thread: str, otid: int, route: _Route
) -> SentMessage:
    if route.carrier == "socket":
        return _send_by_socket(client, content, uploads, thread, otid)
    is_group = client.directory.is_group(thread)
    address = _forms.to_group(thread) if is_group else _forms.to_user(thread, client.acting_id)
    patience = NORMAL if route.is_repeated else ONCE
    try:
        return _send_by_http(client, content, uploads, address, otid, thread, patience)
    except (NetworkError, ServerError) as error:
        if route.carrier == "http" or not route.is_repeated or client.options.page_id or not client.link.is_up:
            raise
        _log.info("api: a send goes by the socket: %s", error)
    return _send_by_socket(client, content, uploads, thread, otid)


def _send_by_socket(
    client: Client, content: Content, uploads: Sequence[Uploaded], thread: str, otid: int
) -> SentMessage:
    return send_by_task(client, send_task(thread, otid, content, uploads), thread, otid, f"send to thread {thread}")


def _send_by_http(
    client: Client,
    content: Content,
    uploads: Sequence[Uploaded],
    address: Mapping[str, str],
    otid: int,
    thread: str | None,
    patience: Patience = NORMAL,
) -> SentMessage:
    """Post the form; `thread` is None for a group that it makes."""
    content, shared = _shared(client, content)
    form = _forms.message_form(content, address, client.acting_id, stamp(client, otid))
    form |= _forms.upload_fields(uploads) | shared
    page_id = client.options.page_id
    if page_id:
        form |= _forms.page_fields(page_id, client.session.user_id)
    what = f"send to thread {thread}" if thread else "send to a new group"
    answer = client.web.post("/messaging/send/", form, what, patience)
    with reading(what):
        return sent_message_in(answer[0].get("payload"), thread)


def _shared(client: Client, content: Content) -> tuple[Content, dict[str, str]]:
    """The fields of the page that a message shares.

    An address of which the server makes nothing goes as text (dossier 1, section 2).
    """
    if content.url is None:
        return content, {}
    what = "look-up of a shared address"
    try:
        answer = client.web.post("/message_share_attachment/fromURI/", _forms.share_form(content.url), what, ONCE)
        return content, _forms.share_fields(_share_params(answer[0].get("payload"), what))
    except (BadAnswer, NetworkError, RateLimited, Refused, ServerError) as error:
        _log.info("api: a shared address goes as text: %s", error)
    return content.with_url_as_text(), {}


def _share_params(payload: Any, what: str) -> Mapping[str, Any]:
    share = payload.get("share_data") if isinstance(payload, Mapping) else None
    params = share.get("share_params") if isinstance(share, Mapping) else None
    if not isinstance(params, Mapping):
        raise BadAnswer(f"{what}: the answer has nothing to share")
    return params


def _send_to_new_group(
    client: Client, content: Content, uploads: Sequence[Uploaded], users: Sequence[str], otid: int
) -> SentMessage:
    """By task and then a normal send where a socket is open, else in one request."""
    via, page_id = client.options.send_via, client.options.page_id
    if via == "socket" or (via == "auto" and client.link.is_up and not page_id):
        return _send_to_group_made(client, content, uploads, make_group(client, users), otid)
    address = _forms.to_new_group(users, client.acting_id, otid)
    try:
        sent = _send_by_http(client, content, uploads, address, otid, None, ONCE)
    except (NetworkError, ServerError, BadAnswer) as error:
        raise OutcomeUnknown(f"a new group may or may not have been made: {error}") from error
    client.directory.note_group(sent.thread_id)
    return sent


def _send_to_group_made(
    client: Client, content: Content, uploads: Sequence[Uploaded], thread: str, otid: int
) -> SentMessage:
    try:
        return _send(client, content, uploads, thread, otid, _Route(client.options.send_via, is_repeated=True))
    except (NetworkError, ServerError, RateLimited, BadAnswer) as error:
        raise OutcomeUnknown(f"group {thread} was made, but its message may not have been sent: {error}") from error


def _checked_otid(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LARGEST_OTID:
        raise BadArgument("offline_threading_id must be a positive int of at most 63 bits")
    return value
