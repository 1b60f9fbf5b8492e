"""Plugins' code loaded anew while the bot runs, when somebody asks for it or a file has changed.

The new code is loaded beside the old and checked; then the table is swapped. If it does not pass, the old keeps
running and the owner is told why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from botkit.clock import Clock, start_thread
from botkit.logs import get_logger
from botkit.messenger.errors import BotkitError, ConfigError
from botkit.runner import plugin_source
from botkit.runner.book import Book
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.tables import Tables
from botkit.texts import say

log = get_logger(__name__)

Renew = Callable[[str, HookTable], HookTable]
"""(plugin, table) → the table with that plugin's code loaded anew; raises ConfigError with its faults."""

Call = Callable[[HookTable, Plugin, threading.Event], None]
"""(table, plugin, event to be set when it is through): has a hook of one plugin called."""

_LOOK_S = 0.5
# A handler is given up after a minute.
_LAST_WORDS_S = 61.0
_STOP_S = 2.0


def cannot_renew(name: str, _table: HookTable) -> HookTable:
    """For a bot whose plugins are objects in hand: there is no code to load anew."""
    raise ConfigError([f"plugin {name}: was not loaded from a file"])


class Reloads:
    """Does reloads, one at a time; any thread."""

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        renew: Renew,
        begin: Call,
        end: Call,
        on_swap: Callable[[], None],
        on_failure: Callable[[str], None],
    ) -> None:
        """`begin` has `on_start` of the new plugin called, before it gets its first event; `end` `on_stop` of the old,
        when no call holds its table any more. Neither waits; the event is to be set when the hook is through.
        `on_swap` is told that another table is in force. `on_failure` is told why a reload was not done."""
        self._tables = tables
        self._clock = clock
        self._renew = renew
        self._begin = begin
        self._end = end
        self._on_swap = on_swap
        self._on_failure = on_failure
        self._lock = threading.Lock()

    def reload(self, name: str) -> None:
        """Load a plugin's code anew. Raises ConfigError with all its faults; the old code keeps running then."""
        with self._lock:
            old_table = self._tables.current()
            old = old_table.plugin(name)
            try:
                table = self._renew_whole(name, old_table)
            except ConfigError as error:
                for problem in error.problems:
                    log.error("plugin %s is not reloaded: %s", name, problem, extra={"plugin": name})
                self._on_failure(f"plugin {name} is not reloaded, the old code keeps running: {error.problems[0]}")
                raise
            # As at the start: first its own beginning, then events.
            self._have_called(self._begin, "on_start", table, table.plugin(name))
            self._tables.swap(table, lambda: self._let_go(old_table, old))
            self._on_swap()
            log.info("plugin %s is reloaded", name, extra={"plugin": name})

    def _renew_whole(self, name: str, table: HookTable) -> HookTable:
        try:
            return self._renew(name, table)
        except ConfigError:
            raise
        except BaseException as error:
            # Code that is being loaded may raise anything, and this thread is not the plugin's.
            log.debug("plugin %s: traceback", name, exc_info=error)
            told = f"cannot be loaded: {type(error).__name__}: {error}"
            raise ConfigError([f"plugin {name}: {told}"]) from error

    def _have_called(self, call: Call, hook: str, table: HookTable, plugin: Plugin) -> None:
        """Have a plugin's own hook called and wait for it, as long as a handler may take."""
        if any(one.plugin is plugin for one in table.handlers(hook)):
            done = threading.Event()
            call(table, plugin, done)
            self._clock.wait(done, _LAST_WORDS_S)

    def reload_for(self, name: str, thread_id: str | None, book: Book, tell: Callable[[str, str], None]) -> None:
        """Reload for somebody in a chat, on a thread of its own; `tell` gets (thread id, how it went)."""
        start_thread(self._clock, lambda: self._reload_and_tell(name, thread_id, book, tell), "botkit-reload")

    def _reload_and_tell(self, name: str, thread_id: str | None, book: Book, tell: Callable[[str, str], None]) -> None:
        language = (book.chat(thread_id) if thread_id else book.defaults).language
        try:
            self.reload(name)
            told = say(language, "reload.done", plugin=name)
        except ConfigError as error:
            told = say(language, "reload.failed", plugin=name, problem=error.problems[0])
        if thread_id is not None:
            tell(thread_id, told)

    def _let_go(self, table: HookTable, plugin: Plugin) -> None:
        """No call holds the old code any more: its last words, then it is forgotten."""
        start_thread(self._clock, lambda: self._part_from(table, plugin), "botkit-unload")

    def _part_from(self, table: HookTable, plugin: Plugin) -> None:
        self._have_called(self._end, "on_stop", table, plugin)
        plugin_source.forget(plugin.thing)


class FolderWatch:
    """Looks twice a second whether the files of plugins have changed, on a thread of its own."""

    def __init__(self, tables: Callable[[], HookTable], clock: Clock, on_change: Callable[[str], None]) -> None:
        """`on_change` gets the name of a plugin whose files have changed, once for all that is changed at a look."""
        self._tables = tables
        self._clock = clock
        self._on_change = on_change
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen: dict[str, Mapping[Path, tuple[int, int]]] = {}

    def start(self) -> None:
        """Begin to look; what is there now is the old."""
        self._seen = {plugin.name: _files_of(plugin) for plugin in self._tables().plugins}
        self._thread = start_thread(self._clock, self._run, "botkit-folder-watch")

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def look(self) -> None:
        """Look once."""
        for plugin in self._tables().plugins:
            files = _files_of(plugin)
            # While an editor writes a file anew it may be gone for a moment.
            if files and files != self._seen.get(plugin.name):
                self._seen[plugin.name] = files
                self._tell(plugin.name)

    def _tell(self, name: str) -> None:
        try:
            self._on_change(name)
        except BotkitError as error:
            log.debug("plugin %s: %s", name, error)

    def _run(self) -> None:
        while not self._clock.wait(self._stopping, _LOOK_S):
            self.look()


def _files_of(plugin: Plugin) -> dict[Path, tuple[int, int]]:
    """Each file of a plugin with its time and size; nothing for a plugin that is an object."""
    return dict(_stamps(plugin_source.files_of(plugin.thing)))


def _stamps(paths: list[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for path in paths:
        try:
            known = path.stat()
        except OSError:
            continue
        yield path, (known.st_mtime_ns, known.st_size)
