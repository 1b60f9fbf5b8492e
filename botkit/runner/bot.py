"""The bot: joins plugins, journal, lanes, sender and connection, and stops them in good order."""

from __future__ import annotations

import random as random_module
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from botkit.clock import Clock, start_thread
from botkit.config import BotFile
from botkit.host import HOST, ChatSettings
from botkit.logs import get_logger
from botkit.messenger import (
    FUNCTION_CLASSES,
    PROBE_AFTER_S,
    Api,
    Checkpoint,
    ConnectionState,
    Event,
    MessengerError,
    NotLoggedIn,
    Position,
    RawEvent,
)
from botkit.messenger.errors import BadArgument, StoreError, WorkersLost
from botkit.outgoing import Outgoing
from botkit.own_events import AccountTrouble, Gap
from botkit.runner import effects, outbox, steps
from botkit.runner.awaited import Awaited
from botkit.runner.backfill import Backfill
from botkit.runner.background import Background
from botkit.runner.book import Book
from botkit.runner.breaker import Breakers, Pause
from botkit.runner.calls import Calls, Outlets
from botkit.runner.command_gates import CommandGates
from botkit.runner.contexts import Contexts
from botkit.runner.conversations import Conversations
from botkit.runner.effects import Effects
from botkit.runner.ending import Ending
from botkit.runner.gates import Gates
from botkit.runner.governor import Governor
from botkit.runner.in_hand import InHand
from botkit.runner.job_chats import JobChats, concerns_jobs
from botkit.runner.journal import Journal, Listeners
from botkit.runner.journal_table import MOST_STARTS
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.lookups import Lookups
from botkit.runner.migrating import migrate, only_with_its_values
from botkit.runner.opinions import Opinions
from botkit.runner.outbox import Sender
from botkit.runner.owner import NOTICE_S, Owner
from botkit.runner.pruning import Pruning
from botkit.runner.reload import Reloads, Renew, cannot_renew
from botkit.runner.router import Router
from botkit.runner.scheduler import Scheduler
from botkit.runner.statistics import Statistics
from botkit.runner.supervisor import Supervisor
from botkit.runner.tables import Tables
from botkit.runner.tracing import Trace
from botkit.runner.watch import Watch
from botkit.runner.whys import Whys
from botkit.status import RowInfo, Status
from botkit.storage import Changes
from botkit.store import Database, Sync

log = get_logger(__name__)

DRAIN_S = 1.2
"""How long a stop waits for what is in hand. Ctrl+C is to be through within two seconds."""

SOFT_LIMIT_S = 5.0
"""A call that takes longer is warned of in the log."""

HARD_LIMIT_S = 60.0
"""A call that takes longer is written off, and its plugin paused."""

_ON_ACCOUNT_S = 5.0
_GAP = "joins, titles and reactions of that time cannot be fetched back"


class Bot:
    """A bot with its plugins, on a session that is logged in.

    `start` returns at once; `wait` blocks until `stop` was called or the session died. Everything that the bot keeps
    is in `folder`.
    """

    def __init__(
        self,
        api: Api,
        table: HookTable,
        folder: Path,
        clock: Clock,
        random: random_module.Random,
        file: BotFile | None = None,
        *,
        name: str = "",
        session_file: Path | None = None,
        shadow: bool = False,
        on_raw: Callable[[RawEvent, int], None] | None = None,
        renew: Renew = cannot_renew,
        trace: Trace | None = None,
        sync: Sync | None = None,
        probe_after_s: float = PROBE_AFTER_S,
        step: steps.Step = steps.no_step,
    ) -> None:
        """Open what the bot keeps; nothing is sent yet. Raises StoreError.

        file: the bot file, without its plugins. name: what the owner knows the bot by. session_file: where the session
        is kept (default: appstate.json in `folder`). shadow: handle events and do nothing but read. on_raw: gets each
        row as it was received, and when in ms, after it was journalled. renew: loads a plugin's code anew.
        trace: tells the log of each call. sync: how far a commit waits for the disk (None: as the bot file says).
        probe_after_s: after so many silent seconds the queue is asked whether it still is.
        step: told of named moments (`botkit.runner.steps`).
        """
        file = file or BotFile()
        if shadow:
            # What the client does by itself is not reading either.
            api.set_options(auto_mark_delivery=False, auto_mark_read=False, online=False)
        self.api = api
        self._clock = clock
        self._network = api.options.network
        self._is_live = False
        self._live_or_over = threading.Event()
        self._is_caught_up = False
        self._stopped = False
        self._stop_lock = threading.Lock()
        self._started_ms: int | None = None
        self._step = step
        self._shadow = shadow
        self._owner = Owner(file.notify, clock, name)
        self._open(folder, file, table, renew, trace, sync)
        self._make_sender(file, random)
        self._make_calls(file, random)
        self._supervisor = Supervisor(
            api, session_file or folder / "appstate.json", clock, self._fail, probe_after_s=probe_after_s
        )
        self._make_router(file, on_raw, trace)

    def _open(
        self, folder: Path, file: BotFile, table: HookTable, renew: Renew, trace: Trace | None, sync: Sync | None
    ) -> None:
        """What is kept on disk, and the plugins that fit to it."""
        self._database = Database(
            folder / "bot.db",
            sync=sync or file.durability,
            on_failure=lambda error: self._owner.tell("store", str(error)),
        )
        self._ending = Ending(self._database, self._clock, on_asked=self._live_or_over.set)
        self._in_hand = InHand(folder / "in-hand")
        table = migrate(self._database, table, lambda sentence: self._owner.tell("plugin", sentence))
        renew = only_with_its_values(renew, self._database)
        if trace is not None:
            table, renew = trace.table(table), trace.renew(renew)
        self._tables = Tables(table)
        self._reloads = Reloads(
            self._tables,
            self._clock,
            renew,
            begin=self._begin_reloaded,
            end=self._end_reloaded,
            on_swap=lambda: self._scheduler.look(),
            on_failure=lambda sentence: self._owner.tell("reload", sentence),
        )

    def _make_sender(self, file: BotFile, random: random_module.Random) -> None:
        """What leaves, in the bot's pace."""
        database, clock = self._database, self._clock
        self._governor = Governor(
            file.limits_in_force(),
            clock,
            lambda kind, since_ms: effects.spent(database, kind, since_ms),
            on_budget=lambda sentence: self._owner.tell("budget", sentence),
        )
        self._awaited = Awaited(database)
        self._effects = Effects(
            database,
            self.api,
            self._governor,
            clock,
            random,
            self._awaited,
            self._fail_apart,
            on_changed=lambda thread_id: self._lookups.forget(thread_id),
            shadow=self._shadow,
            step=self._step,
        )
        self._sender = Sender(
            database,
            self.api,
            self._governor,
            clock,
            self._fail,
            self._awaited,
            self._effects.do_row,
            ask=self.ask,
            step=self._step,
        )

    def _make_calls(self, file: BotFile, random: random_module.Random) -> None:
        """What runs the plugins' functions."""
        database, clock, owners = self._database, self._clock, frozenset(file.owners)
        self._breakers = Breakers(database, clock, self._tell_pause)
        self._watch = Watch(clock, soft_s=SOFT_LIMIT_S, hard_s=HARD_LIMIT_S)
        self._statistics = Statistics()
        self._book = Book(database, ChatSettings(file.prefix, file.language, file.timezone))
        self._lookups, self._whys = Lookups(self.api, clock, self._book, owners), Whys()
        self._contexts = Contexts(database, clock, random, self._book, self._lookups, self._whys, owners, self.status)
        self._conversations = Conversations(
            database,
            clock,
            self._contexts,
            self._book,
            self._awaited,
            on_rows=lambda rows: self._router.put_rows(rows),
            on_messages=self._sender.put,
            shadow=self._shadow,
        )
        self._calls = Calls(
            database,
            clock,
            self._contexts,
            self._effects,
            self._breakers,
            self._watch,
            self._in_hand,
            self._statistics,
            self._outlets(),
            self._awaited,
            CommandGates(database, clock, self._book, self._lookups),
            Opinions(self._contexts, self._breakers, self._book),
            self._conversations,
            own_id_of(self.api),
            error_reply=file.error_reply,
            shadow=self._shadow,
            step=self._step,
        )

    def _outlets(self) -> Outlets:
        return Outlets(
            self._sender.put,
            lambda work: self._background.put(list(work)),
            self._committed,
            lambda plugin, thread_id: self._reloads.reload_for(plugin, thread_id, self._book, self._say),
            self._jobs_changed,
        )

    def _make_router(self, file: BotFile, on_raw: Callable[[RawEvent, int], None] | None, trace: Trace | None) -> None:
        """What brings events to the plugins: from the network, from the clock, from the background."""
        api, clock, own_id, owners = self.api, self._clock, own_id_of(self.api), frozenset(file.owners)
        self._gates = Gates(clock, own_id, file.answer_within, self._book, owners, self._tell_loop)
        self._journal = self._new_journal(api, self._awaited, on_raw, self._step)
        self._pruning = Pruning(self._database, self._journal, clock)
        self._router = Router(
            self._journal,
            self._calls,
            self._gates,
            self._effects,
            api,
            own_id,
            clock,
            self._tables,
            self._note,
            self._whys,
            self._conversations,
            self._too_many_lost,
            trace,
        )
        current = self._tables.current
        chats = JobChats(self._book, self._contexts.names)
        settings_of, put_rows = self._contexts.settings.of, self._router.put_rows
        self._scheduler = Scheduler(self._database, clock, current, self._book, chats, settings_of, put_rows)
        self._background = Background(
            self._database, self._journal, clock, self._in_hand, current, self._router.put_rows
        )
        self._backfill = Backfill(self._journal, api, clock, self._tell_gap, self._backfilled)

    def start(self) -> None:
        """Start: `on_start`, then what the last run left open, then what comes in."""
        self._started_ms = self._clock.time_ms()
        self._ending.forget_last()
        self._set_dead_rows_aside()
        self._pruning.start()
        self._router.run_hook("on_start", timeout_s=HARD_LIMIT_S + 1)
        self._router.put_alone(self._journal.suspects())
        self._router.put_rows(self._journal.open_rows())
        self._background.put(self._journal.open_work())
        self._backfill.start()
        self._scheduler.start()
        self._supervisor.start(self._journal, self._journal.last_position())

    def wait_live(self, timeout_s: float | None = None) -> bool:
        """Block until the bot listens and what had waited for it is in; False after `timeout_s` seconds, or when it is
        to end before."""
        self._clock.wait(self._live_or_over, timeout_s)
        return self._is_live

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until the bot is to end, at most `timeout_s` seconds; say whether it is. Raises what ended it: a dead
        session, a checkpoint, or WorkersLost."""
        return self._ending.wait(timeout_s)

    @property
    def is_ending(self) -> bool:
        """Whether it is to end, or has ended."""
        return self._ending.is_asked

    @property
    def is_at_work(self) -> bool:
        """Whether it is doing something, as far as it knows; what waits for the pace, or to try again, is not that."""
        return self._router.is_at_work or self._sender.is_at_work or self._background.is_at_work

    @property
    def connection(self) -> ConnectionState:
        """How the connection stands, and since when."""
        return self._supervisor.state

    @property
    def position(self) -> Position | None:
        """Up to where everything that came is kept, and under way to the plugins."""
        return self._supervisor.position

    def request_stop(self) -> None:
        """Make `wait` return. Any thread, but not a signal handler: those interrupt the very thread that waits."""
        self._ending.ask()

    def stop(self, *, drain: bool = True) -> None:
        """Stop reading, let what is in hand come to an end for at most 1.2 s, call `on_stop`, close; idempotent.

        What is not through by then waits in the journal and the outbox for the next start. Without `drain` nothing is
        waited for and no plugin is told.
        """
        with self._stop_lock:
            if self._stopped:
                return
            self._stopped = True
        self._ending.ask()
        self._pruning.stop()
        until = self._clock.monotonic() + (DRAIN_S if drain else 0.0)

        def left_s() -> float:
            return max(0.0, until - self._clock.monotonic())

        self._supervisor.stop()
        self._scheduler.stop()
        drained = drain and self._router.wait_empty(left_s())
        if drained:
            drained = self._router.run_hook("on_stop", timeout_s=left_s())
        self._router.stop(0.0)
        if drain and not drained:
            log.warning("a handler was still at work; its event is handled again at the next start")
        self._conversations.stop()
        self._background.stop(0.0)
        self._backfill.stop()
        self._sender.stop(left_s())
        self._watch.stop()
        # A bot that ends by itself has time for its last words; Ctrl+C has not.
        self._owner.stop(NOTICE_S if self._ending.has_reason else left_s())
        self._in_hand.close()
        self._database.close()

    def cut_off(self) -> None:
        """From now on nothing is kept and nothing is sent, as when the process is killed at this moment; `stop` has to
        follow. Any thread."""
        self._ending.ask()
        self._pruning.stop()
        self._sender.end()
        self._database.close()

    def status(self) -> Status:
        """How the bot is doing at this moment. Any thread."""
        state, counts = self._supervisor.state, self._journal.counts()
        return Status(
            state=state.name,
            reason=state.reason,
            since_ms=state.since_ms,
            started_ms=self._started_ms,
            last_event_ms=self._journal.last_event_ms,
            own_id=own_id_of(self.api),
            network=self._network,
            open_rows=counts.get("open", 0) + counts.get("held", 0),
            dead_rows=counts.get("dead", 0),
            late_rows=counts.get("late", 0),
            lanes_waiting=self._router.waiting(),
            outbox_waiting=self._sender.waiting(),
            background_waiting=self._background.waiting(),
            lost_workers=self._router.lost_workers,
            plugins=tuple(
                self._statistics.status_of(plugin.name, self._breakers.pause_of(plugin.name))
                for plugin in self._tables.current().plugins
            ),
            jobs=self._scheduler.count(),
            next_job_ms=self._scheduler.next_ms(),
            budgets=self._governor.budget(),
        )

    def why(self, thread_id: str, user_id: str, message_id: str) -> tuple[str, ...]:
        """What became of one of somebody's last two messages in a chat, in English; none when it is not known."""
        return self._whys.of(thread_id, user_id, message_id, "en")

    def call(self, function: str, arguments: Mapping[str, Any], key: str) -> Any:
        """Call a function of the API for somebody outside, in the bot's pace. Any thread.

        The same call with a `key` that was used before gives the former result and does nothing, for sends and
        functions of class once. Raises RateLimited, OutcomeUnknown when the bot was killed in the midst of an earlier
        call with this key, and what the function raises.
        """
        if self._shadow and FUNCTION_CLASSES[function] != "read":
            raise BadArgument(
                f"{function}: the bot runs in shadow and does nothing but read; start it without --shadow"
            )
        result = self._effects.of_call(f"control:{key}")(function, (), dict(arguments))
        self._step(steps.CONTROL_CALL)
        return result

    def reload(self, plugin: str) -> None:
        """Load a plugin's code anew beside the old and put it in its place; an event that is being handled is finished
        by the old code. Any thread. Raises BadArgument when there is no such plugin, and ConfigError with all faults of
        the new code; the old keeps running then."""
        if plugin not in [one.name for one in self._tables.current().plugins]:
            raise BadArgument(f"reload: there is no plugin {plugin!r}")
        self._reloads.reload(plugin)

    @property
    def tables(self) -> Tables:
        """The hook table in force."""
        return self._tables

    def ask(self) -> None:
        """Ask the network what has come, as after ten silent minutes. Any thread; returns at once."""
        self._supervisor.ask()

    def rows(self, states: Sequence[str]) -> list[RowInfo]:
        """The journal's rows in these states (open, dead, late), oldest first. Any thread."""
        return self._journal.rows(states)

    def retry(self, row_id: int) -> bool:
        """Have a dead or late row handled after all; False when it is neither. Any thread."""
        return self._journal.retry(row_id)

    def _new_journal(
        self, api: Api, awaited: Awaited, on_raw: Callable[[RawEvent, int], None] | None, step: steps.Step
    ) -> Journal:
        # The router and the sender are told on the socket's thread; both only put rows into queues.
        listeners = Listeners(
            rows=lambda rows: self._router.put_rows(rows),
            transient=lambda *what: self._router.put_transient(*what),
            state=self._state_changed,
            gap=self._tell_gap,
            queue_lost=self._queue_lost,
            caught_up=self._caught_up,
            own=self._gates.own,
            raw=on_raw,
        )
        keep_own = api.options.self_listen
        return Journal(self._database, own_id_of(api), self._clock, listeners, awaited, keep_own=keep_own, step=step)

    def _note(self, event: Event) -> None:
        """What is remembered of chats may not hold any more; and a group that the bot has come into or left has jobs or
        none."""
        self._lookups.note(event)
        if self._contexts.names.note(event, own_id_of(self.api)):
            self._scheduler.look()

    def _committed(self, changes: Sequence[Changes]) -> None:
        self._book.committed(changes)
        if concerns_jobs(changes):
            self._scheduler.look()

    def _jobs_changed(self, runs: list[tuple[int, str]]) -> None:
        self._router.put_rows(runs)
        self._scheduler.look()

    def _begin_reloaded(self, table: HookTable, plugin: Plugin, done: threading.Event) -> None:
        # What has paused the old code may be mended.
        self._breakers.forget(plugin.name)
        self._router.tell_plugin("on_start", plugin, table, done)

    def _end_reloaded(self, table: HookTable, plugin: Plugin, done: threading.Event) -> None:
        self._router.tell_plugin("on_stop", plugin, table, done)

    def _say(self, thread_id: str, text: str) -> None:
        """Queue a message of the bot's own."""
        if self._shadow:
            return
        message, now_ms = Outgoing(thread_id, text), self._clock.time_ms()
        next_row, awaited = self._contexts.next_row, self._awaited
        try:
            rows = self._database.write(lambda c: outbox.add(c, HOST, [message], now_ms, None, next_row, awaited))
        except StoreError as error:
            log.error("a message to chat %s cannot be kept: %s", thread_id, error)
        else:
            self._sender.put(rows)

    def _queue_lost(self, reason: str) -> None:
        self._tell_gap(reason)
        self._backfill.start()

    def _state_changed(self, state: ConnectionState) -> None:
        self._supervisor.state_changed(state)
        self._router.put_state(state)
        # When the connection comes and goes the machine may have slept, or its clock been set.
        self._scheduler.look()

    def _tell_gap(self, what: str, thread_id: str | None = None) -> None:
        log.warning("gap: %s; %s", what, _GAP)
        self._router.put_passing("on_gap", Gap(what, thread_id))

    def _backfilled(self) -> None:
        if self._is_caught_up:
            self._caught_up()

    def _caught_up(self) -> None:
        self._is_caught_up = True
        if self._journal.missed_since_ms() is not None:
            # Own messages may be among what is fetched; it says itself when it is through.
            return
        self._effects.caught_up()
        self._sender.caught_up()
        self._conversations.start()
        self._is_live = True
        self._live_or_over.set()

    def _set_dead_rows_aside(self) -> None:
        for row_id, handler in self._journal.count_starts(self._in_hand.left_over()):
            self._owner.tell(
                "row",
                f"row {row_id} was in hand of {handler} when the process ended, {MOST_STARTS} times; it is set aside"
                f" (botkit events lists it, botkit events retry {row_id} tries again)",
            )

    def _tell_pause(self, pause: Pause) -> None:
        minutes = max(1, round((pause.until_ms - self._clock.time_ms()) / 60_000))
        self._owner.tell("plugin", f"plugin {pause.plugin} is paused, as {pause.reason}; next try in {minutes} min")

    def _tell_loop(self, thread_id: str, account: str) -> None:
        self._owner.tell("loop", f"chat {thread_id}: account {account} answers the bot like a bot; quiet for 10 min")

    def _too_many_lost(self, lost: int) -> None:
        self._owner.tell("workers", f"{lost} handlers of plugins did not come back; the bot ends")
        self._ending.end(WorkersLost(f"{lost} handlers of plugins did not come back; the log names them"))

    def _fail_apart(self, error: MessengerError) -> None:
        """A handler has met the end of the session: its lane is not to wait for what follows."""
        self._sender.end()
        start_thread(self._clock, lambda: self._fail(error), "botkit-end")

    def _fail(self, error: Exception) -> None:
        """The session is dead, or the listener has ended; on one of their threads."""
        self._sender.end()
        if isinstance(error, NotLoggedIn | Checkpoint):
            if not self._ending.note(error):
                return
            self._effects.end(error)
            is_checkpoint = isinstance(error, Checkpoint)
            kind, url = "checkpoint" if is_checkpoint else "logged_out", getattr(error, "url", None)
            trouble = AccountTrouble(kind, str(error), url)
            self._owner.tell("account", f"the bot has ended: {error}")
            self._router.run_hook("on_account", trouble, timeout_s=_ON_ACCOUNT_S)
        self._ending.end(error)


def own_id_of(api: Api) -> str:
    """Who writes when the bot does: the page that it acts as, or the account."""
    return api.options.page_id or api.get_current_user_id()
