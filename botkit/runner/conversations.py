"""The conversations of a bot: who is asked what, whose answer a message is, and when nobody waits for one any more.

Each turn is a call, and what it makes of its conversation is committed with it. A generator that waits in memory spares
the replay of the turns before; when it is gone, after a restart or because a commit had to be rerun, they are replayed.
"""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from botkit.clock import Clock, Timer, start_thread
from botkit.commands import Command
from botkit.context import ChatContext
from botkit.conversations import Ask
from botkit.host import CONFIRMATION, HOST
from botkit.logs import get_logger
from botkit.messenger import Event, Message
from botkit.messenger.errors import CommandError, PluginError, StoreError
from botkit.outgoing import Outgoing
from botkit.runner import conversation_rows as rows
from botkit.runner import outbox
from botkit.runner.awaited import Awaited
from botkit.runner.book import Book
from botkit.runner.contexts import Contexts, chat_of
from botkit.runner.conversation_rows import Key, Opened, Turn
from botkit.runner.dialogue import Dialogue, Said, digest_of, scope_of
from botkit.runner.journal_table import Row, close_row
from botkit.runner.loader import HookTable
from botkit.runner.outbox import OutboxRow
from botkit.runner.recorded import dump, load
from botkit.runner.tape import Astray, Tape
from botkit.store import Database
from botkit.texts import ENGLISH, say

log = get_logger(__name__)

MOST_TURNS = 100
"""A conversation that asks more questions is taken for one without an end."""

_RETRY_S = 5.0
_ANSWERS = ("yes", "no")

New = Callable[[Event, Tape], ChatContext]
"""Makes the context of a turn that an event has caused."""


class Unfinished(Exception):
    """A conversation ends before its end; the sentence is for the chat. error: the plugin's fault, None if it has
    none."""

    def __init__(self, sentence: str, error: PluginError | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.error = error


@dataclass(frozen=True)
class Answer:
    """A message that answers the open question of a conversation: which, and of what command."""

    opened: Opened
    command: Command


@dataclass(eq=False)
class Outcome:
    """What a call makes of a conversation. key: whose it is. opened: how it goes on, None when it is over. turn: what
    has happened in it. dialogue: its code at the open question; None when nothing has changed, or it is over. said:
    what the code leaves behind; None when it was not run. sentence: the bot's own words to the chat."""

    key: Key
    opened: Opened | None = None
    turn: Turn | None = None
    dialogue: Dialogue | None = None
    said: Said | None = None
    sentence: str = field(default="", repr=False)
    is_kept: bool = False


class Conversations:
    """Used by the threads of the lanes: one of a chat at a time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        contexts: Contexts,
        book: Book,
        awaited: Awaited,
        on_rows: Callable[[list[tuple[int, str]]], None],
        on_messages: Callable[[Sequence[OutboxRow]], None],
        *,
        shadow: bool = False,
    ) -> None:
        """`on_rows` gets new journal rows: [(row id, lane)]; `on_messages` what is to be sent. Both return at once.
        `shadow`: nobody hears a question, so nobody is asked."""
        self._database = database
        self._clock = clock
        self._contexts = contexts
        self._book = book
        self._awaited = awaited
        self._on_rows = on_rows
        self._on_messages = on_messages
        self._shadow = shadow
        self._lock = threading.Lock()
        self._opened: dict[Key, Opened] = {one.key: one for one in rows.all_opened(database.read)}
        self._live: dict[Key, Dialogue] = {}
        self._timers: dict[Key, Timer] = {}
        self._has_begun = False

    def start(self) -> None:
        """From now on questions run out of time; those whose time was up before do at once. Again is fine."""
        with self._lock:
            if self._has_begun or self._shadow:
                return
            self._has_begun = True
            opened = list(self._opened.values())
        now_ms = self._clock.time_ms()
        for one in opened:
            if one.until_ms > now_ms:
                self._arm(one)
            else:
                self._due(one)

    def stop(self) -> None:
        """Let go of all that is in memory."""
        with self._lock:
            self._has_begun = False
            for timer in self._timers.values():
                timer.cancel()
            dialogues = list(self._live.values())
            self._live.clear()
        self._let_go(dialogues)

    def waiting_for(self, event: Event) -> Opened | None:
        """The conversation whose question an event answers, or None: any message of that person in that chat does, but
        for commands. One that comes late, because the bot was down, does too: the question has waited for it."""
        if self._shadow or not isinstance(event, Message):
            return None
        opened = self._opened.get((event.thread_id, event.sender_id))
        if opened is None or not self._book.is_enabled(opened.plugin, event.thread_id):
            return None
        return None if self._is_command(event) else opened

    def answer_of(self, opened: Opened, message: Message, table: HookTable, row_id: int) -> Answer | None:
        """The answer that a message is, with the command that gets it. None when the conversation has ended instead,
        and the row with it: the person wants no more, or the command is another since. Raises StoreError."""
        if self._is_cancel(message):
            self._end(opened, "cancelled", row_id)
            return None
        named = (one for one in table.commands.commands if (one.plugin, one.name) == (opened.plugin, opened.command))
        command = next(named, None)
        if command is None or not command.is_conversation or digest_of(command.function) != opened.digest:
            log.info("plugin %s: %s has changed; its conversation ends", opened.plugin, opened.command)
            self._end(opened, "changed", row_id)
            return None
        return Answer(opened, command)

    def time_out(self, row: Row) -> None:
        """A question was not answered in time. Raises StoreError."""
        payload = row.payload
        opened = self._opened.get((payload["thread_id"], payload["person_id"]))
        if opened is None or opened.until_ms != payload["until_ms"]:
            self._database.submit(lambda c: close_row(c, row.id))
        else:
            self._end(opened, "timed_out", row.id)

    def begin(self, command: Command, event: Event, arguments: tuple[Any, ...], new: New) -> Outcome:
        """Run a command up to its first question; what was asked in its place before is left unanswered. Raises what
        the command raises."""
        thread_id, person_id = chat_of(event)
        if thread_id is None or person_id is None:
            raise PluginError(f"command {command.name}: a conversation needs a chat and somebody to ask")
        dialogue = Dialogue(command.function, arguments)
        said = self._go_on(dialogue, functools.partial(new, event), None)
        key = (thread_id, person_id)
        before = self._opened.get(key)
        if said.question is None:
            return Outcome(key, before, said=said)
        opened = Opened(
            *key,
            command.plugin,
            command.name,
            digest_of(command.function),
            dump(arguments),
            self._until_ms(said.question),
        )
        turn = Turn(1, dump(event), dump(None), said.reads, said.question.question)
        sentence = self._say(before, "replaced") if before is not None else ""
        return Outcome(key, opened, turn, dialogue, said, sentence)

    def answer(self, answer: Answer, message: Message, new: New) -> Outcome:
        """Give the command the answer that a message is, or repeat the question if it does not fit. Raises what the
        command raises, Unfinished when the conversation cannot go on, and StoreError."""
        opened, command = answer.opened, answer.command
        dialogue = self._dialogue(opened, command, new)
        question = dialogue.question
        assert question is not None
        try:
            value = question.read(self._without_prefix(message), self._contexts.lookup(message))
        except CommandError as error:
            again = question.again or self._contexts.worded(error, message)
            repeated = replace(opened, until_ms=self._until_ms(question))
            return Outcome(opened.key, repeated, dialogue=dialogue, sentence=f"{again}\n{question.question}")
        said = self._go_on(dialogue, functools.partial(new, message), value)
        if said.question is None:
            return Outcome(opened.key, said=said)
        if opened.turns >= MOST_TURNS:
            self._let_go([dialogue])
            fault = PluginError(f"command {command.name}: has asked {MOST_TURNS} questions without coming to an end")
            raise Unfinished(self._say(opened, "endless", count=MOST_TURNS), fault)
        number = opened.turns + 1
        turn = Turn(number, dump(message), dump(value), said.reads, said.question.question)
        goes_on = replace(opened, turns=number, until_ms=self._until_ms(said.question))
        return Outcome(opened.key, goes_on, turn, dialogue, said)

    def write(self, connection: sqlite3.Connection, outcome: Outcome) -> None:
        """Inside a commit: keep what a call has made of its conversation."""
        if self._shadow:
            return
        if outcome.opened is None:
            rows.delete(connection, outcome.key)
        elif outcome.dialogue is not None:
            rows.keep(connection, outcome.opened, outcome.turn)

    def committed(self, outcome: Outcome) -> None:
        """What `write` has written is in the file."""
        if self._shadow:
            return
        if outcome.opened is None:
            self._forget(outcome.key)
        elif outcome.dialogue is not None:
            self._forget(outcome.key)
            outcome.is_kept = True
            with self._lock:
                self._opened[outcome.key] = outcome.opened
                self._live[outcome.key] = outcome.dialogue
            self._arm(outcome.opened)

    def settle(self, outcome: Outcome) -> None:
        """The call is through: a generator whose turn was not kept has run ahead of the rows, and is let go."""
        if not outcome.is_kept and outcome.dialogue is not None:
            self._let_go([outcome.dialogue])

    def _dialogue(self, opened: Opened, command: Command, new: New) -> Dialogue:
        """The code at its open question: as it waits in memory, or replayed."""
        with self._lock:
            dialogue = self._live.pop(opened.key, None)
        if dialogue is not None and dialogue.function == command.function:
            return dialogue
        if dialogue is not None:
            self._let_go([dialogue])
        turns = rows.turns_of(self._database.read, opened.key)
        try:
            return self._replayed(opened, turns, command, new)
        except Exception as error:
            log.warning(
                "plugin %s: %s does not come to its question again (%s); its conversation ends",
                opened.plugin,
                opened.command,
                type(error).__name__,
            )
            raise Unfinished(self._say(opened, "changed")) from error

    def _replayed(self, opened: Opened, turns: list[Turn], command: Command, new: New) -> Dialogue:
        scope = scope_of(command.function)
        dialogue = Dialogue(command.function, load(opened.arguments, scope))
        try:
            for turn in turns:
                event = load(turn.event, scope)
                dialogue.replay(functools.partial(new, event), load(turn.answer, scope), turn.reads)
                if dialogue.question is None or dialogue.question.question != turn.question:
                    raise Astray
        except BaseException:
            self._let_go([dialogue])
            raise
        return dialogue

    def _go_on(self, dialogue: Dialogue, new: Callable[[Tape], ChatContext], value: Any) -> Said:
        try:
            return dialogue.go_on(new, value)
        except BaseException:
            # It may stand at a question that could not be asked.
            self._let_go([dialogue])
            raise

    def _end(self, opened: Opened, why: str, row_id: int) -> None:
        """End a conversation without its code, in one commit with the row that is the reason."""
        is_heard = not self._book.is_muted(opened.thread_id) and self._book.is_enabled(opened.plugin, opened.thread_id)
        said = [Outgoing(opened.thread_id, self._say(opened, why))] if is_heard else []
        now_ms = self._clock.time_ms()

        def write(connection: sqlite3.Connection) -> list[OutboxRow]:
            rows.delete(connection, opened.key)
            close_row(connection, row_id)
            return outbox.add(connection, HOST, said, now_ms, row_id, self._contexts.next_row, self._awaited)

        queued = self._database.write(write)
        self._forget(opened.key)
        self._on_messages(queued)

    def _forget(self, key: Key) -> None:
        with self._lock:
            self._opened.pop(key, None)
            dialogue = self._live.pop(key, None)
            timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if dialogue is not None:
            self._let_go([dialogue])

    def _let_go(self, dialogues: list[Dialogue]) -> None:
        """Close generators, on a thread of its own: what a plugin does at their end may be slow."""

        def close() -> None:
            for one in dialogues:
                one.close()

        if dialogues:
            start_thread(self._clock, close, "botkit-conversation")

    def _arm(self, opened: Opened) -> None:
        self._call_later(max(0.0, (opened.until_ms - self._clock.time_ms()) / 1000), opened)

    def _call_later(self, delay_s: float, opened: Opened) -> None:
        with self._lock:
            if self._has_begun:
                self._timers[opened.key] = self._clock.call_later(delay_s, lambda: self._due(opened))

    def _due(self, opened: Opened) -> None:
        start_thread(self._clock, lambda: self._journal(opened), "botkit-timeout")

    def _journal(self, opened: Opened) -> None:
        now_ms = self._clock.time_ms()
        try:
            row_id = self._database.write(lambda c: rows.add_timeout(c, opened, now_ms))
        except StoreError as error:
            log.error("a question's time-out waits: %s", error)
            self._call_later(_RETRY_S, opened)
            return
        if row_id is not None:
            self._on_rows([(row_id, opened.thread_id)])

    def _is_command(self, message: Message) -> bool:
        """Whether a message begins with the prefix; `!yes` and `!no` are commands only while one waits for that."""
        if not message.body.startswith(self._book.chat(message.thread_id).prefix):
            return False
        if self._without_prefix(message) is message:
            return True
        waiting = self._book.scope(f"member:{message.thread_id}:{message.sender_id}").get(CONFIRMATION)
        return waiting is not None and waiting["until_ms"] >= self._clock.time_ms()

    def _without_prefix(self, message: Message) -> Message:
        """The message as an answer: `!yes` is a yes."""
        word = message.body.removeprefix(self._book.chat(message.thread_id).prefix).strip()
        return replace(message, body=word) if word.casefold() in _ANSWERS else message

    def _is_cancel(self, message: Message) -> bool:
        languages = (ENGLISH, self._book.chat(message.thread_id).language)
        return message.body.strip().casefold() in {say(one, "conversation.cancel").casefold() for one in languages}

    def _until_ms(self, question: Ask) -> int:
        return self._clock.time_ms() + round(question.timeout_s * 1000)

    def _say(self, opened: Opened, key: str, **values: object) -> str:
        chat = self._book.chat(opened.thread_id)
        return say(chat.language, f"conversation.{key}", command=f"{chat.prefix}{opened.command}", **values)
