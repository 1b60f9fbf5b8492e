"""What can be done with a message that is there: react, take back, edit, delete, send on.

Facts: dossier 1, sections 16 to 19; dossier 3, sections 5.6, 5.8 and 5.10 to 5.12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from botkit.logs import get_logger
from botkit.messenger import _forms
from botkit.messenger._answers import error_from_graphql, reading
from botkit.messenger._client import Client
from botkit.messenger._ids import id_text, id_texts, message_id_text, message_id_texts, thread_of_message
from botkit.messenger._message_tasks import delete_task, edit_task, forward_task, reaction_task, unsend_task
from botkit.messenger._sending import fresh_otid, send_by_task
from botkit.messenger._tasks import Call, TaskNotDone, argument_of
from botkit.messenger._web import NORMAL, ONCE, Patience
from botkit.messenger.errors import BadAnswer, BadArgument, NetworkError, OutcomeUnknown, Refused, ServerError
from botkit.messenger.models import SentMessage

_log = get_logger(__name__)
_VARIATION_SELECTOR = "\ufe0f"
# Answers may show the old text first, and the new one in a push that follows (dossier 3, section 5.12).
_CORRECTION_S = 5.0
SHORTCUTS: Mapping[str, str] = MappingProxyType(
    {
        ":heart_eyes:": "😍",
        ":love:": "😍",
        ":laughing:": "😆",
        ":haha:": "😆",
        ":open_mouth:": "😮",
        ":wow:": "😮",
        ":cry:": "😢",
        ":sad:": "😢",
        ":angry:": "😠",
        ":thumbsup:": "👍",
        ":like:": "👍",
        ":thumbsdown:": "👎",
        ":dislike:": "👎",
        ":heart:": "❤",
        ":glowingheart:": "💗",
    }
)


def react(client: Client, reaction: object, message_id: object, thread_id: object) -> None:
    """See `Api.set_message_reaction`."""
    emoji, message = _emoji(reaction), message_id_text(message_id, "message_id")
    thread = None if thread_id is None else id_text(thread_id, "thread_id")
    own_id, what = client.session.user_id, f"reaction to message {message}"
    thread = thread or thread_of_message(message, own_id)
    if client.link.is_up and thread:
        try:
            client.ask(reaction_task(thread, message, emoji, own_id, client.clock.time_ms()), what)
            return
        except (NetworkError, BadAnswer, TaskNotDone) as error:
            _log.info("api: a reaction goes by HTTP: %s", error)
    (answer, *_) = client.web.post("/webgraphql/mutation/", _forms.reaction_form(message, emoji, own_id), what)
    payload = answer.get("payload")
    errors = payload.get("errors") if isinstance(payload, Mapping) else answer.get("errors")
    if errors:
        with reading(what):
            raise error_from_graphql(errors[0], what)


def unsend(client: Client, message_id: object) -> None:
    """See `Api.unsend_message`."""
    message = message_id_text(message_id, "message_id")
    what = f"unsending of message {message}"
    try:
        client.web.post("/messaging/unsend_message/", {"message_id": message}, what)
    except (NetworkError, ServerError) as error:
        if not client.link.is_up:
            raise
        _log.info("api: unsending goes by the socket: %s", error)
        client.ask(unsend_task(message), what)


def delete(client: Client, messages: object) -> None:
    """See `Api.delete_message`."""
    ids = message_id_texts(messages, "messages")
    what = f"deleting of {len(ids)} messages"
    try:
        client.web.post("/ajax/mercury/delete_messages.php", _forms.delete_form(ids), what)
    except (NetworkError, ServerError) as error:
        threads = [thread_of_message(message, client.session.user_id) for message in ids]
        if not client.link.is_up or None in threads:
            raise
        _log.info("api: deleting goes by the socket: %s", error)
        for message, thread in zip(ids, threads, strict=True):
            client.ask(delete_task(str(thread), message), what)


def edit(client: Client, text: object, message_id: object) -> None:
    """See `Api.edit_message`."""
    message = message_id_text(message_id, "message_id")
    if not isinstance(text, str) or not text:
        raise BadArgument("text must be a str that is not empty")
    what = f"editing of message {message}"
    if not client.link.is_up:
        raise NetworkError(f"{what}: no socket is open; listen first")

    def is_changed(calls: Sequence[Call]) -> bool:
        return argument_of(calls, "editMessage", 2, where=message) == text

    with client.link.expect(is_changed) as correction:
        if is_changed(client.ask(edit_task(message, text), what)):
            return
        if not client.clock.wait(correction, _CORRECTION_S):
            raise Refused(f"{what} refused: the message has kept its text", reason="other", code=0)


def forward_message(client: Client, message_id: object, thread_id: object) -> SentMessage:
    """See `Api.forward_message`."""
    message, thread = message_id_text(message_id, "message_id"), id_text(thread_id, "thread_id")
    otid, what = fresh_otid(client), f"forwarding of message {message}"
    if not client.link.is_up:
        raise NetworkError(f"{what}: no socket is open; listen first")
    try:
        return send_by_task(client, forward_task(thread, otid, message), thread, otid, what)
    except (NetworkError, BadAnswer) as error:
        raise OutcomeUnknown(f"{what}: it may or may not have been sent: {error}") from error


def forward_attachment(client: Client, attachment_id: object, thread_ids: object) -> None:
    """See `Api.forward_attachment`."""
    attachment, chats = id_text(attachment_id, "attachment_id"), id_texts(thread_ids, "thread_ids")
    first, what = fresh_otid(client), f"forwarding of attachment {attachment}"
    form = _forms.forward_form(attachment, {first + index: chat for index, chat in enumerate(chats)})
    try:
        (answer, *_) = client.web.post("/mercury/attachments/forward/", form, what, ONCE)
    except (NetworkError, ServerError, BadAnswer) as error:
        raise OutcomeUnknown(f"{what}: it may or may not have been sent: {error}") from error
    payload = answer.get("payload")
    if isinstance(payload, Mapping) and payload.get("success") is False:
        raise Refused(f"{what} refused", reason="attachment-refused", code=0)


def resolve_photo_url(client: Client, photo_id: object, patience: Patience = NORMAL) -> str:
    """See `Api.resolve_photo_url`."""
    photo = id_text(photo_id, "photo_id")
    what = f"look-up of photo {photo}"
    (answer, *_) = client.web.get("/mercury/attachments/photo", {"photo_id": photo}, what, patience)
    modules = answer.get("jsmods")
    found = _redirect_in(modules.get("require") if isinstance(modules, Mapping) else None)
    if found is None:
        raise BadAnswer(f"{what}: the answer holds no address")
    return found


def _redirect_in(entries: Any) -> str | None:
    for entry in entries if isinstance(entries, Iterable) else ():
        match entry:
            case [str(module), "redirectPageTo", _, [str(url), *_]] if module.partition("@")[0] == "ServerRedirect":
                return url
    return None


def _emoji(reaction: object) -> str:
    """The emoji meant, without the selector that the wire leaves out; "" takes a reaction away."""
    if not isinstance(reaction, str):
        raise BadArgument(f"reaction must be a str, not {type(reaction).__name__}")
    emoji = SHORTCUTS.get(reaction, reaction).replace(_VARIATION_SELECTOR, "")
    if emoji and emoji.isascii():
        raise BadArgument(f'reaction must be an emoji, "" for none, or one of {", ".join(SHORTCUTS)}')
    return emoji
