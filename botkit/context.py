"""What a handler holds: the context of one call.

A context lives as long as its call. Afterwards every use raises ContextError, so that nothing acts in the name of a
call whose outcome is already committed.
"""

from __future__ import annotations

import logging
import random as random_module
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botkit.clock import Clock
from botkit.commands import CommandTable
from botkit.messenger.errors import BadArgument, ContextError

if TYPE_CHECKING:
    from botkit.messenger import Api, Event
    from botkit.storage import Store

# A message longer than this is refused by the network; better here, where the plugin's line is on the stack.
LONGEST_MESSAGE = 20_000


@dataclass(frozen=True)
class Outgoing:
    """A message that a call wants to send: kept in the outbox when the call commits, sent afterwards."""

    thread_id: str
    body: str


@dataclass(frozen=True)
class Services:
    """What the host puts into every context of one plugin."""

    plugin: str
    api: Api
    settings: Any
    clock: Clock
    random: random_module.Random
    log: logging.Logger
    commands: CommandTable
    prefix: str


class PluginApi:
    """`ctx.api`: every function of the `Api` but those of class session, for as long as the call lasts."""

    def __init__(self, api: Api, classes: Mapping[str, str]) -> None:
        self._api: Api | None = api
        self._classes = classes

    def __getattr__(self, name: str) -> Any:
        kind = self._classes.get(name)
        if kind is None:
            raise AttributeError(f"ctx.api has no function {name!r}")
        if kind == "session":
            raise ContextError(f"ctx.api.{name}: the session belongs to the bot, not to a plugin")
        if self._api is None:
            raise ContextError(f"ctx.api.{name}: this ctx belongs to a call that has ended")
        return getattr(self._api, name)

    def end(self) -> None:
        """Let go of the api: the call is over."""
        self._api = None


class Context:
    """The context of a call that may have no chat (`on_start`, `on_stop`, `on_plugin_error`)."""

    def __init__(self, services: Services, api: PluginApi, store: Store, event: Event | None) -> None:
        self._services: Services | None = services
        self._api = api
        self._store = store
        self._event = event
        self._outgoing: list[Outgoing] = []

    @property
    def event(self) -> Event | None:
        """What caused the call: a message, an event, typing; None at start and stop."""
        self._alive()
        return self._event

    @property
    def api(self) -> Api:
        """The whole messaging API but the session functions. It acts at once: what it did stands, even if this call
        fails or is run again. For messages prefer `reply` and `send`."""
        self._alive()
        return self._api  # type: ignore[return-value]

    @property
    def store(self) -> Store:
        """This plugin's values: a mapping of JSON values, with `.thread`, `.user` and `.member` for narrower scopes.
        Changes are kept when the call commits, in one transaction with its messages."""
        self._alive()
        return self._store

    @property
    def settings(self) -> Any:
        """The plugin's settings from the bot file: an instance of its `Settings` class."""
        return self._alive().settings

    @property
    def log(self) -> logging.Logger:
        """A logger under the plugin's name. Do not log what people wrote above debug level."""
        return self._alive().log

    @property
    def clock(self) -> Clock:
        """The clock to ask for the time and to wait with; tests hold another."""
        return self._alive().clock

    @property
    def random(self) -> random_module.Random:
        """The dice to throw; tests hold loaded ones."""
        return self._alive().random

    @property
    def commands(self) -> CommandTable:
        """All commands of all loaded plugins."""
        return self._alive().commands

    @property
    def prefix(self) -> str:
        """What a command begins with."""
        return self._alive().prefix

    def send(self, thread_id: str | int, text: str) -> None:
        """Queue a message to a chat. It leaves after the call has ended well, in the order of queueing."""
        self._alive()
        if isinstance(thread_id, bool) or not isinstance(thread_id, str | int):
            raise BadArgument(f"thread_id must be the id of a chat as text or int, not {type(thread_id).__name__}")
        if not isinstance(text, str) or not text.strip():
            raise BadArgument("a message must be a text with something in it")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadArgument("a message must be a text that can be written in UTF-8; it holds half a character")
        if len(text) > LONGEST_MESSAGE:
            raise BadArgument(f"a message may have {LONGEST_MESSAGE} characters; this has {len(text)}")
        self._outgoing.append(Outgoing(str(thread_id), text))

    def reply(self, text: str) -> None:
        """Queue a message to the chat of this call; raises ContextError when it has none."""
        self._alive()
        raise ContextError("reply: this call has no chat; use send(thread_id, text)")

    def end(self) -> tuple[Outgoing, ...]:
        """For the host: end the context and take what it has queued."""
        self._services = None
        self._api.end()
        return tuple(self._outgoing)

    def _alive(self) -> Services:
        if self._services is None:
            raise ContextError("this ctx belongs to a call that has ended; use the ctx of the present call")
        return self._services


class ChatContext(Context):
    """The context of a call in a chat."""

    def __init__(
        self, services: Services, api: PluginApi, store: Store, event: Event, thread_id: str, sender_id: str | None
    ) -> None:
        super().__init__(services, api, store, event)
        self._thread_id = thread_id
        self._sender_id = sender_id

    @property
    def thread_id(self) -> str:
        """The id of the chat: of the group, or of the other person."""
        self._alive()
        return self._thread_id

    @property
    def sender_id(self) -> str | None:
        """The id of the person who caused the call."""
        self._alive()
        return self._sender_id

    def reply(self, text: str) -> None:
        """Queue a message to this chat. It leaves after the call has ended well."""
        self.send(self.thread_id, text)
