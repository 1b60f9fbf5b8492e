"""Makes the context of a call: the services of its plugin, its store, its way to the API."""

from __future__ import annotations

import itertools
import random as random_module
from collections.abc import Callable, Iterator
from typing import Any

from botkit.clock import Clock
from botkit.context import ChatContext, Context, PluginApi, Services
from botkit.logs import get_logger
from botkit.messenger import Api, Event
from botkit.runner.effects import Act, acting_plugin
from botkit.runner.loader import HookTable, Plugin
from botkit.status import Status
from botkit.storage import open_store
from botkit.store import Database


class Contexts:
    """Makes contexts; any thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        random: random_module.Random,
        prefix: str,
        owners: frozenset[str],
        status: Callable[[], Status],
    ) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._prefix = prefix
        self._owners = owners
        self._status = status
        self._services: dict[str, tuple[Plugin, HookTable, Services]] = {}
        self._next_row = _row_numbers(database).__next__

    def new(self, plugin: Plugin, table: HookTable, event: Event | None, act: Act) -> Context:
        """A context for a call of `plugin` about `event`; with a chat where the event has one."""
        services = self._services_of(plugin, table)
        thread_id, person_id = chat_of(event)
        store = open_store(self._database.read, plugin.name, thread_id, person_id)
        api = PluginApi(_in_the_name_of(plugin.name, act), Api)
        if event is None or thread_id is None:
            return Context(services, api, store, event)
        return ChatContext(services, api, store, event, thread_id, person_id)

    def _services_of(self, plugin: Plugin, table: HookTable) -> Services:
        """The same for every call of a plugin; made anew when another table is in force."""
        known = self._services.get(plugin.name)
        if known is None or known[0] is not plugin or known[1] is not table:
            known = self._services[plugin.name] = (plugin, table, self._new_services(plugin, table))
        return known[2]

    def _new_services(self, plugin: Plugin, table: HookTable) -> Services:
        return Services(
            plugin=plugin.name,
            module=_module_of(plugin.thing),
            settings=plugin.settings,
            clock=self._clock,
            random=self._random,
            log=get_logger(f"plugin.{plugin.name}"),
            commands=table.commands,
            prefix=self._prefix,
            owners=self._owners,
            next_row=self._next_row,
            message_id_of=self._message_id_of,
            status=self._status,
        )

    @property
    def owners(self) -> frozenset[str]:
        """The ids of the bot's owners."""
        return self._owners

    @property
    def next_row(self) -> Callable[[], int]:
        """Gives the number of the next outbox row."""
        return self._next_row

    def _message_id_of(self, row: int) -> str | None:
        found = self._database.read("SELECT message_id FROM outbox WHERE id = ?", (int(row),))
        return found[0][0] if found else None


def _in_the_name_of(plugin: str, act: Act) -> Act:
    def named(function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        token = acting_plugin.set(plugin)
        try:
            return act(function, args, kwargs)
        finally:
            acting_plugin.reset(token)

    return named


def _row_numbers(database: Database) -> Iterator[int]:
    """Numbers that no row of the outbox has had: a message has its number before it is committed."""
    found = database.read("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
    # Asked for by all workers at once, which a generator would not bear.
    return itertools.count(found[0][0] + 1 if found else 1)


def _module_of(thing: Any) -> str:
    return str(getattr(thing, "__name__", None) or type(thing).__module__)


def chat_of(event: Event | None) -> tuple[str | None, str | None]:
    """(thread id, id of the person who caused it) of an event; None for what it has not."""
    thread_id = getattr(event, "thread_id", None)
    # Of a reaction `sender_id` is who wrote the message.
    for name in ("user_id", "sender_id", "author_id"):
        person = getattr(event, name, None)
        if person is not None:
            return thread_id, person
    return thread_id, None
