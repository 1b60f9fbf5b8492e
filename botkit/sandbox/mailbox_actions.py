"""What people do to their own copy of a thread: archive, mute, delete, accept; and blocking (dossier 3, 4.8 to 5.5).

Only the actor's own sockets hear of it, but for blocking. Event-loop thread only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from botkit.sandbox import client_payload, deltas
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.mailboxes import FOREVER, Mailbox
from botkit.sandbox.nodes import mute_until_s
from botkit.sandbox.world import Thread


class MailboxActions:
    """Changes of one account's own state of threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def archive(self, actor: str, thread: Thread, archived: bool) -> None:
        """Put a thread into the archive or take it out; a new message takes it out as well."""
        box = replace(self._box(actor, thread), archived=archived)
        self._put(actor, thread, box, partial(deltas.for_archive, thread, archived))

    def set_pinned(self, actor: str, thread: Thread, pinned: bool) -> None:
        """Keep a thread on top of the list, or no longer."""
        self._put(actor, thread, replace(self._box(actor, thread), pinned=pinned))

    def mute(self, actor: str, thread: Thread, until_ms: int) -> None:
        """Mute a thread until then: milliseconds since 1970, `FOREVER`, or 0 for no more."""
        box = replace(self._box(actor, thread), mute_until_ms=_checked_until(until_ms))
        until_s = mute_until_s(until_ms, self._engine.clock.time_ms())
        self._put(actor, thread, box, partial(deltas.for_mute, thread, until_s))

    def mute_calls(self, actor: str, thread: Thread, until_ms: int) -> None:
        """Mute a thread's calls, in the same way."""
        self._put(actor, thread, replace(self._box(actor, thread), calls_mute_until_ms=_checked_until(until_ms)))

    def mute_reactions(self, actor: str, thread: Thread, muted: bool) -> None:
        """Say nothing of reactions, or do."""
        self._put(actor, thread, replace(self._box(actor, thread), reactions_muted=muted))

    def mute_mentions(self, actor: str, thread: Thread, muted: bool) -> None:
        """Say nothing of mentions, or do."""
        self._put(actor, thread, replace(self._box(actor, thread), mentions_muted=muted))

    def move(self, actor: str, thread: Thread, folder: str) -> None:
        """Move a thread to another folder: `INBOX` accepts a message request, `OTHER` puts it aside."""
        box = replace(self._box(actor, thread), folder=folder)
        self._put(actor, thread, box, partial(deltas.for_folder, thread, folder))

    def delete(self, actor: str, thread: Thread) -> None:
        """Delete the actor's own copy of a thread: what was said until now is gone for them alone."""
        box = replace(self._box(actor, thread), cleared_ms=self._engine.newest(thread), archived=False)
        self._put(actor, thread, box, partial(deltas.for_thread_delete, thread))

    def see_folder(self, actor: str) -> None:
        """Open the inbox: clears the badge of what is new, and tells nobody else."""
        now_ms = self._engine.clock.time_ms()
        self._engine.note(None, [actor], lambda _, number: deltas.for_folder_seen(now_ms, number))

    def block(self, actor: str, person: str, blocked: bool) -> None:
        """Block a person's messages, or let them through again."""
        if person not in self._engine.world.people or person == actor:
            raise Refusal(BAD_PARAMETERS, f"There is no person {person[:20]!r} to block.")
        engine, now_ms = self._engine, self._engine.clock.time_ms()
        thread = engine.world.direct(actor, person)
        if engine.storage.mailboxes.is_blocked(actor, person) == blocked:
            return

        def delta(member: str, number: int) -> deltas.Delta:
            can_reply = not engine.is_blocked(thread)
            return client_payload.for_block(thread, actor, blocked, can_reply, now_ms, member)

        write = partial(engine.storage.mailboxes.set_blocked, actor, person, blocked)
        engine.note(thread, thread.members, delta, write)

    def _box(self, actor: str, thread: Thread) -> Mailbox:
        return self._engine.storage.mailboxes.get(actor, thread.key)

    def _put(self, actor: str, thread: Thread, box: Mailbox, delta: deltas.DeltaFor | None = None) -> None:
        """Keep the actor's changed state and, with `delta`, tell the actor's log; a repeat does nothing."""
        if box == self._box(actor, thread):
            return
        write = partial(self._engine.storage.mailboxes.put, actor, thread.key, box)
        self._engine.note(thread, [actor] if delta else [], delta, write)
        self._engine.tell_thread(thread, [actor])


def _checked_until(until_ms: int) -> int:
    if until_ms < FOREVER:
        raise Refusal(BAD_PARAMETERS, "A mute ends at a time in milliseconds, at -1 for never, or at 0 for now.")
    return until_ms
