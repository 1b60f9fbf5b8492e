"""A client for Messenger's web protocol, usable alone: `from botkit.messenger import login`.

Importing this package loads no third-party library; the first use of a name loads what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botkit.messenger._content import json_message
    from botkit.messenger._deltas import parse, parse_transient
    from botkit.messenger._doors import (
        Address,
        HttpDoor,
        HttpRequest,
        HttpResponse,
        Network,
        Socket,
        SocketConnect,
        SocketDoor,
        SocketHandler,
    )
    from botkit.messenger._function_classes import FUNCTION_CLASSES
    from botkit.messenger._listening import Listening
    from botkit.messenger._login import login
    from botkit.messenger._raw_events import RawEvent, raw_events
    from botkit.messenger.api import Api
    from botkit.messenger.attachments import Attachment
    from botkit.messenger.errors import (
        BadAnswer,
        BadArgument,
        BotkitError,
        Checkpoint,
        LoginApproval,
        LoginError,
        MessengerError,
        NetworkError,
        NotLoggedIn,
        OutcomeUnknown,
        RateLimited,
        Refused,
        ReviewRecentLogin,
        ServerError,
        WrongCredentials,
    )
    from botkit.messenger.events import (
        Event,
        ForcedFetch,
        Message,
        Presence,
        Reaction,
        Read,
        ReadReceipt,
        ThreadEvent,
        Typing,
        Unparsed,
        Unsend,
    )
    from botkit.messenger.listener import PROBE_AFTER_S, Batch, ConnectionState, Listener, Position, Sink
    from botkit.messenger.models import (
        Downloaded,
        FoundUser,
        Friend,
        HistoryMessage,
        OnlineUser,
        SentMessage,
        Thread,
        User,
    )
    from botkit.messenger.options import Options

__all__ = [
    "FUNCTION_CLASSES",
    "PROBE_AFTER_S",
    "Address",
    "Api",
    "Attachment",
    "BadAnswer",
    "BadArgument",
    "Batch",
    "BotkitError",
    "Checkpoint",
    "ConnectionState",
    "Downloaded",
    "Event",
    "ForcedFetch",
    "FoundUser",
    "Friend",
    "HistoryMessage",
    "HttpDoor",
    "HttpRequest",
    "HttpResponse",
    "Listener",
    "Listening",
    "LoginApproval",
    "LoginError",
    "Message",
    "MessengerError",
    "Network",
    "NetworkError",
    "NotLoggedIn",
    "OnlineUser",
    "Options",
    "OutcomeUnknown",
    "Position",
    "Presence",
    "RateLimited",
    "RawEvent",
    "Reaction",
    "Read",
    "ReadReceipt",
    "Refused",
    "ReviewRecentLogin",
    "SentMessage",
    "ServerError",
    "Sink",
    "Socket",
    "SocketConnect",
    "SocketDoor",
    "SocketHandler",
    "Thread",
    "ThreadEvent",
    "Typing",
    "Unparsed",
    "Unsend",
    "User",
    "WrongCredentials",
    "json_message",
    "login",
    "parse",
    "parse_transient",
    "raw_events",
]  # fmt: skip
_NAMES = {
    "_content": ("json_message",),
    "_deltas": ("parse", "parse_transient"),
    "_doors": (
        "Address", "HttpDoor", "HttpRequest", "HttpResponse", "Network",
        "Socket", "SocketConnect", "SocketDoor", "SocketHandler",
    ),
    "_listening": ("Listening",),
    "_raw_events": ("RawEvent", "raw_events"),
    "_function_classes": ("FUNCTION_CLASSES",),
    "api": ("Api",),
    "attachments": ("Attachment",),
    "errors": (
        "BadAnswer", "BadArgument", "BotkitError", "Checkpoint", "LoginApproval", "LoginError", "MessengerError",
        "NetworkError", "NotLoggedIn", "OutcomeUnknown", "RateLimited", "Refused", "ReviewRecentLogin", "ServerError",
        "WrongCredentials",
    ),
    "events": (
        "Event", "ForcedFetch", "Message", "Presence", "Reaction", "Read", "ReadReceipt", "ThreadEvent", "Typing",
        "Unparsed", "Unsend",
    ),
    "listener": ("PROBE_AFTER_S", "Batch", "ConnectionState", "Listener", "Position", "Sink"),
    "_login": ("login",),
    "models": ("Downloaded", "FoundUser", "Friend", "HistoryMessage", "OnlineUser", "SentMessage", "Thread", "User"),
    "options": ("Options",),
}  # fmt: skip
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)
