"""What a call wants to send, checked where it is queued: there the plugin's own line is on the stack."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from botkit.messenger.errors import BadArgument

CALL = "call"
"""The kind of what is no message: a function of the API that waits for its turn."""

# A message longer than this is refused by the network.
LONGEST_MESSAGE = 20_000


class Handle(int):
    """A message that was queued: the number of its row in the outbox.

    In the store it is kept as that number; `ctx.sent(handle)` tells in a later call what became of it.
    """


@dataclass(frozen=True)
class Outgoing:
    """What a call wants to send: kept in the outbox when the call commits, sent afterwards.

    kind: "message", with `extras` holding what the message has beside its body; or "reaction", with the emoji as body
    (nothing: take the reaction back) and the message reacted to in `extras`; or "call", with the name of a function
    of the API as body and its arguments in `extras`.
    """

    thread_id: str
    body: str = field(repr=False)
    kind: str = "message"
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)
    number: int = 0
    """The row that was promised to it; 0 lets the outbox choose."""
    plugin: str = ""
    """Whose it is; nothing: of the plugin whose call it is."""


def thread_id_text(given: object) -> str:
    """The id of a chat as a text. Raises BadArgument."""
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given):
        raise BadArgument(f"thread_id must be the id of a chat as text or int, not {type(given).__name__}")
    return str(given)


def rewritten(outgoing: Outgoing, body: str) -> Outgoing:
    """The same with another body, or another emoji, checked as when it was queued. Raises BadArgument."""
    if outgoing.kind == "reaction":
        check_emoji(body)
    else:
        checked({**outgoing.extras, "body": body} if outgoing.extras else body, None)
    return replace(outgoing, body=body)


def check_emoji(emoji: object) -> None:
    """Raises BadArgument for what cannot be a reaction."""
    if not isinstance(emoji, str) or not emoji.strip():
        raise BadArgument("react: emoji must be a text with something in it, or None")


def checked(message: str | Mapping[str, Any], reply_to: object) -> tuple[str, dict[str, Any]]:
    """The body of a message, and what it has beside it. Raises BadArgument."""
    from botkit.messenger import json_message

    if isinstance(message, str) and not message.strip():
        raise BadArgument("a message must be a text with something in it")
    if isinstance(message, str) and reply_to is None and message.isascii():
        # Most messages: there is nothing to look into.
        body, extras = message, {}
    else:
        extras = json_message(message, reply_to)
        body = extras.pop("body", "")
    if len(body) > LONGEST_MESSAGE:
        raise BadArgument(f"a message may have {LONGEST_MESSAGE} characters; this has {len(body)}")
    return body, extras


def checked_call(
    function: str, arguments: Sequence[Any], named: Mapping[str, Any], thread_id: str | None
) -> dict[str, Any]:
    """The arguments of a function of the API that is to be queued, as JSON values by their names; a chat that it needs
    and that is not given is `thread_id`. Raises BadArgument."""
    from botkit.messenger import FUNCTION_CLASSES, Api

    if FUNCTION_CLASSES.get(function) not in ("send", "set", "once"):
        raise BadArgument(f"queue: {function!r} is no function of the API that does something; ctx.api has all others")
    signature = inspect.signature(getattr(Api, function))
    chat = signature.parameters.get("thread_id")
    try:
        given = signature.bind_partial(None, *arguments, **named).arguments
        if chat is not None and chat.default is chat.empty and thread_id is not None:
            given.setdefault("thread_id", thread_id)
        signature.bind(**given)
    except TypeError as error:
        raise BadArgument(f"queue: {function}: {error}") from error
    return {name: _plain(value, f"queue: {function}: {name}") for name, value in given.items() if name != "self"}


def _plain(value: Any, what: str) -> Any:
    """A JSON value as it is, a path as its text. Raises BadArgument."""
    from botkit.messenger.errors import StoreError
    from botkit.storage import to_json

    value = str(Path(value).absolute()) if isinstance(value, os.PathLike) else value
    try:
        to_json(value, what)
    except StoreError as error:
        raise BadArgument(f"{what} cannot be kept until it is done: give texts, numbers, lists and paths") from error
    return value
