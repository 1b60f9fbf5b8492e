"""What hooks are told of that does not come from a chat: gaps, the account's trouble, results of background work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class BackgroundResult:
    """What has become of work that a call has put into the background: the event of `on_background`.

    `value` is what the function returned; `error` is None, or in one line what it raised. `thread_id` and `sender_id`
    are those of the call that asked for it.
    """

    function: str
    arguments: tuple[Any, ...] = field(repr=False)
    value: Any = field(repr=False)
    error: str | None
    thread_id: str | None
    sender_id: str | None


@dataclass(frozen=True)
class AccountTrouble:
    """Why the bot cannot go on with its account: the event of `on_account`.

    kind: "logged_out" or "checkpoint"; `url` is where the account's holder has to go, where the network says so.
    """

    kind: str
    reason: str
    url: str | None = None


@dataclass(frozen=True)
class Gap:
    """What the bot may have missed for good: the event of `on_gap`.

    `thread_id` is the chat in which messages may be missing, or None when it may be any.
    """

    reason: str
    thread_id: str | None = None
