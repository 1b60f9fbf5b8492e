"""The tree of errors: everything that botkit raises on purpose is a `BotkitError`.

Messages are one line: what happened, to what (file, key, plugin, id), and what would be right. They never hold a
password, a cookie, a token or the text of a chat message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class BotkitError(Exception):
    """The root of the tree."""


class BadArgument(BotkitError, ValueError):
    """An argument cannot be right; raised before the network is touched."""


class ContextError(BotkitError):
    """A context was used after its call had ended, or for a chat where there is none."""


class ConfigError(BotkitError):
    """The bot file is wrong; `problems` lists every fault found, one line each.

    `readable` is what of the file could be read all the same, for whoever looks for more faults; None when nothing.
    """

    def __init__(self, problems: list[str], readable: Any = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.readable = readable


class PluginError(BotkitError):
    """A plugin cannot be loaded, or broke its contract."""


class CommandError(BotkitError):
    """A command says no; the text goes to the chat as the answer."""


class StoreError(BotkitError):
    """The store cannot keep a value, or cannot be read or written."""


class AlreadyRunning(BotkitError):
    """Another bot holds the data directory."""


class WorkersLost(BotkitError):
    """So many handlers have not come back that the bot had to end."""


class MessengerError(BotkitError):
    """The other side, or the way there, failed."""


class NetworkError(MessengerError):
    """No answer came: no connection, a broken one, or a time-out."""


class ServerError(MessengerError):
    """The server answered with an HTTP status of 5xx, or another that is no answer to the question."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class RateLimited(MessengerError):
    """Too many requests: the server said so (429), or the bot's own limit would be passed.

    `retry_after_s` is after how many seconds it is worth trying again; None when that is unknown.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotLoggedIn(MessengerError):
    """The session is dead: log in again. Never retried."""


class BadAnswer(MessengerError):
    """The server's answer cannot be understood."""


class OutcomeUnknown(MessengerError):
    """A request that must not be repeated got no answer; it may or may not have been carried out."""


class Refused(MessengerError):
    """The server understood and said no.

    `reason` is one of `invalid-parameters`, `not-in-thread`, `thread-disabled` (end-to-end encrypted chats answer so),
    `attachment-refused`, `not-an-admin`, `not-found`, `please-refresh`, `graphql-error`, `other`; `code`, `summary` and
    `description` are the server's own (dossier 1, section 6.2; dossier 3, section 2.9).
    """

    def __init__(self, message: str, *, reason: str, code: int, summary: str = "", description: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code
        self.summary = summary
        self.description = description


class LoginError(MessengerError):
    """The login did not succeed. Never retried by itself."""


class WrongCredentials(LoginError):
    """The e-mail address or the password is wrong."""


class LoginApproval(LoginError):
    """The account asks for a two-factor code: call `continue_(code)`, which returns the `Api`."""

    def __init__(self, message: str, continue_: Callable[[str | int], Any]) -> None:
        super().__init__(message)
        self.continue_ = continue_


class ReviewRecentLogin(LoginError):
    """The account asks its owner to look at a recent login, in a browser."""


class Checkpoint(LoginError):
    """The account is locked or must be verified, at `url`, in a browser. botkit stops and does not work around it."""

    def __init__(self, message: str, url: str) -> None:
        super().__init__(message)
        self.url = url
