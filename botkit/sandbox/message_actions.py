"""What people do to messages that are there: react, unsend, edit, delete, confirm (dossier 3, sections 5.10 to 5.12).

Each action commits, tells the others, and refuses with the documented codes. Event-loop thread only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from botkit.sandbox import client_payload, deltas
from botkit.sandbox.engine import LONGEST_TEXT, Engine
from botkit.sandbox.errors import BAD_PARAMETERS, FORBIDDEN, Refusal
from botkit.sandbox.world import Content, Message, Thread

# How long a message can be edited (dossier 3, section 5.12).
EDIT_WITHIN_MS = 15 * 60_000


class MessageActions:
    """Changes of messages; a message is named by its id and has to be one that `actor` can see."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def react(self, actor: str, message_id: str, emoji: str) -> tuple[Thread, Message]:
        """Set the actor's one reaction, or with an empty emoji take it away; a repeat does nothing."""
        thread, message = self._written(actor, message_id)
        engine, now_ms = self._engine, self._engine.clock.time_ms()
        if engine.storage.reactions(message.id).get(actor, "") == emoji:
            return thread, message

        def delta(member: str, number: int) -> deltas.Delta:
            return client_payload.for_reaction(thread, message, actor, emoji, now_ms, member)

        write = partial(engine.storage.set_reaction, message.id, actor, emoji, now_ms)
        engine.note(thread, thread.members, delta, write)
        engine.tell_changed(thread, message)
        return thread, message

    def unsend(self, actor: str, message_id: str) -> tuple[Thread, Message]:
        """Take an own message back for everybody; what was unsent before stays so."""
        thread, message = self._engine.shown_message(actor, message_id)
        if message.sender != actor or message.log:
            raise Refusal(FORBIDDEN, "Only your own messages can be unsent.")
        if message.unsent:
            return thread, message
        engine, now_ms = self._engine, self._engine.clock.time_ms()
        gone = replace(message, content=Content(), unsent=True)

        def write() -> None:
            engine.storage.change_message(gone)
            engine.storage.drop_reactions(gone.id)

        def delta(member: str, number: int) -> deltas.Delta:
            return client_payload.for_unsend(thread, message, now_ms, member)

        engine.note(thread, thread.members, delta, write)
        engine.tell_changed(thread, gone)
        engine.tell_thread(thread, thread.members)
        return thread, gone

    def edit(self, actor: str, message_id: str, text: str) -> Message:
        """Put another text into an own message; the message afterwards, with the old text when that was refused.

        No delta is known for it (dossier 3, section 2.10), so the others' logs say nothing.
        """
        thread, message = self._engine.shown_message(actor, message_id)
        is_late = self._engine.clock.time_ms() - message.timestamp_ms > EDIT_WITHIN_MS
        is_own = message.sender == actor and not message.log and not message.unsent
        if is_late or not is_own or not text.strip() or len(text) > LONGEST_TEXT:
            return message
        edited = replace(message, content=replace(message.content, text=text, mentions=()), edits=message.edits + 1)
        with self._engine.storage.transaction():
            self._engine.storage.change_message(edited)
        self._engine.tell_changed(thread, edited)
        self._engine.tell_thread(thread, thread.members)
        return edited

    def delete(self, actor: str, message_ids: Iterable[str]) -> None:
        """Delete messages for the actor alone."""
        places = [self._engine.shown_message(actor, message_id) for message_id in dict.fromkeys(message_ids)]
        by_thread = {thread.key: thread for thread, _ in places}
        for key, thread in by_thread.items():
            self._hide(actor, thread, [message.id for _, message in places if message.thread == key])

    def confirm(self, actor: str, message_ids: Iterable[str]) -> None:
        """Tell the authors of messages that these have reached a device of the actor's; each is told once."""
        boxes = self._engine.storage.mailboxes
        for thread, message in [self._engine.shown_message(actor, message_id) for message_id in message_ids]:
            if message.sender != actor and boxes.delivered_ms(actor, thread.key) < message.timestamp_ms:
                delta = partial(deltas.for_delivery, thread, actor, [message.id], message.timestamp_ms)
                write = partial(boxes.set_delivered, actor, thread.key, message.timestamp_ms)
                self._engine.note(thread, [message.sender], delta, write)

    def _hide(self, actor: str, thread: Thread, message_ids: list[str]) -> None:
        engine, now_ms = self._engine, self._engine.clock.time_ms()

        def delta(member: str, number: int) -> deltas.Delta:
            return client_payload.for_removal(thread, message_ids, now_ms, member)

        def write() -> None:
            for message_id in message_ids:
                engine.storage.mailboxes.hide(actor, message_id)

        engine.note(thread, [actor], delta, write)
        engine.tell_thread(thread, [actor])

    def _written(self, actor: str, message_id: str) -> tuple[Thread, Message]:
        thread, message = self._engine.shown_message(actor, message_id)
        if message.log or message.unsent:
            raise Refusal(BAD_PARAMETERS, "There is nothing of this message left.")
        return thread, message
