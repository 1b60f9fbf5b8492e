"""Makes the context of a call: the services of its plugin, its store, its way to the API."""

from __future__ import annotations

import itertools
import random as random_module
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from botkit.clock import Clock
from botkit.context import ChatContext, Context, PluginApi, Services
from botkit.host import HOST, Desk, Host
from botkit.logs import get_logger
from botkit.messenger import Api, Event
from botkit.runner import loader
from botkit.runner.book import Book
from botkit.runner.chat_names import ChatNames
from botkit.runner.effects import Act, acting_plugin
from botkit.runner.job_desk import TableJobs
from botkit.runner.job_rows import Numbers
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.lookups import ChatLookup, Lookups
from botkit.runner.plugin_settings import PluginSettings
from botkit.runner.tape import ReadRows, Tape, taped
from botkit.runner.whys import Whys
from botkit.settings import Settings
from botkit.status import Status
from botkit.storage import Changes, open_store
from botkit.store import Database
from botkit.texts import spoken


class Contexts:
    """Makes contexts; any thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        random: random_module.Random,
        book: Book,
        lookups: Lookups,
        whys: Whys,
        owners: frozenset[str],
        status: Callable[[], Status],
    ) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._book = book
        self.settings = PluginSettings(book)
        self.names = ChatNames(book, lookups.threads)
        self._lookups = lookups
        self._whys = whys
        self._owners = owners
        self._status = status
        self._services: dict[str, tuple[Plugin, HookTable, Services]] = {}
        self._next_row = _row_numbers(database).__next__
        self._job_numbers = Numbers(database.read)

    def new(
        self,
        plugin: Plugin,
        table: HookTable,
        event: Event | None,
        act: Act,
        tape: Tape | None = None,
        after: Changes | None = None,
    ) -> Context:
        """A context for a call of `plugin` about `event`; with a chat where the event has one. With a `tape` it is that
        of a turn of a conversation. Its store goes on where an earlier part of the same call, `after`, has left off."""
        services = self._services_of(plugin, table)
        read: ReadRows = self._database.read
        thread_id, person_id = chat_of(event)
        if tape is not None:
            act, read = tape.act(act), tape.rows(read)
            services = self._taped(services, tape, read)
        store = open_store(read, plugin.name, thread_id, person_id)
        if after is not None:
            store.go_on(after)
        api = PluginApi(_in_the_name_of(plugin.name, act), Api)
        if event is None or thread_id is None:
            return Context(services, api, store, event)
        return ChatContext(services, api, store, event, thread_id, person_id)

    def worded(self, error: Exception, event: Event | None) -> str:
        """What an error says in the language of the event's chat."""
        thread_id, _ = chat_of(event)
        language = (self._book.defaults if thread_id is None else self._book.chat(thread_id)).language
        return spoken(error, language)

    def _services_of(self, plugin: Plugin, table: HookTable) -> Services:
        """The same for every call of a plugin; made anew when another table is in force."""
        known = self._services.get(plugin.name)
        settings = self.settings.of(plugin)
        if known is None or known[0] is not plugin or known[1] is not table or known[2].settings is not settings:
            known = self._services[plugin.name] = (plugin, table, self._new_services(plugin, table, settings))
        return known[2]

    def _new_services(self, plugin: Plugin, table: HookTable, settings: Settings) -> Services:
        jobs = TableJobs(table, self._database.read, self._book, self._job_numbers)
        desk = self._desk(table, jobs)
        return Services(
            plugin=plugin.name,
            module=_module_of(plugin.thing),
            settings=settings,
            clock=self._clock,
            random=self._random,
            log=get_logger(f"plugin.{plugin.name}"),
            commands=table.commands,
            texts=lambda name: table.plugin(name).texts,
            owners=self._owners,
            people=self._lookups,
            desk=desk,
            new_host=lambda thread_id, person_id: self._new_host(desk, plugin.name, thread_id, person_id),
            new_lookup=self._new_lookup,
            jobs=jobs,
            next_row=self._next_row,
            message_id_of=self._message_id_of,
            status=self._status,
        )

    def _desk(self, table: HookTable, jobs: TableJobs) -> Desk:
        return Desk(
            defaults=self._book.defaults,
            owners=self._owners,
            chat=self._book.chat,
            plugins=lambda: tuple(map(loader.info_of, table.plugins, itertools.repeat(table))),
            configured=lambda plugin: table.plugin(plugin).configured,
            holding=self._book.holding,
            time_ms=self._clock.time_ms,
            role_of=self._lookups.role_of,
            find_chat=self.names.id_of,
            languages=lambda: {tag for plugin in table.plugins for tag in plugin.texts.languages},
            jobs=lambda thread_id, language: jobs.known(thread_id, language, self._clock.now()),
            why=lambda thread_id, user_id: self._whys.why(thread_id, user_id, self._book.chat(thread_id).language),
        )

    def _new_host(
        self, desk: Desk, plugin: str, thread_id: str | None, person_id: str | None, read: ReadRows | None = None
    ) -> Host:
        store = open_store(read or self._database.read, HOST, thread_id, person_id, all_shared=True)
        return Host(store, desk, thread_id, person_id, plugin)

    def _taped(self, services: Services, tape: Tape, read: ReadRows) -> Services:
        asked = taped(services, tape)
        return replace(
            asked,
            new_host=lambda thread_id, person_id: self._new_host(
                asked.desk, services.plugin, thread_id, person_id, read
            ),
        )

    def lookup(self, event: Event) -> ChatLookup:
        """What an answer is looked up in."""
        return self._new_lookup(chat_of(event)[0], event)

    def _new_lookup(self, thread_id: str | None, event: Event | None) -> ChatLookup:
        zone = (self._book.chat(thread_id) if thread_id is not None else self._book.defaults).timezone
        return ChatLookup(self._lookups, self._clock, zone, thread_id, event)

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


def chat_of(event: Any) -> tuple[str | None, str | None]:
    """(thread id, id of the person who caused it) of an event; None for what it has not."""
    thread_id = getattr(event, "thread_id", None)
    # Of a reaction `sender_id` is who wrote the message.
    for name in ("user_id", "sender_id", "author_id"):
        person = getattr(event, name, None)
        if person is not None:
            return thread_id, person
    return thread_id, None
