"""Polls: asking a group, voting, and how a poll reads on the wire (dossier 3, section 5.2; dossier 2, section 7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from botkit.sandbox import ids
from botkit.sandbox.delta_parts import poll_question
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, FORBIDDEN, Refusal
from botkit.sandbox.wire import compact
from botkit.sandbox.world import LogEntry, Message, Option, Poll, Thread

_LONGEST_TEXT = 1000
_MOST_OPTIONS = 100


class Polls:
    """Makes polls and counts votes. Event-loop thread only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, actor: str, thread: Thread, question: str, options: Sequence[str], chosen: Collection[int] = ()
    ) -> tuple[Poll, Message]:
        """Ask a group; `chosen` are the places in `options` for which the actor votes at once."""
        if not thread.group:
            raise Refusal(FORBIDDEN, "You cannot do this in a conversation of two.")
        _check(question, options)
        poll_id = ids.offline_threading_id(self._engine.clock.time_ms(), self._engine.chance)
        answers = [
            Option(str(int(poll_id) + 1 + place), text, (actor,) if place in chosen else ())
            for place, text in enumerate(options)
        ]
        poll = Poll(poll_id, thread.key, question, tuple(answers))
        line = f"{self._first(actor)} created a poll: {question}"
        return poll, self._record(actor, thread, poll, line, "question_creation", [answer.id for answer in answers], [])

    def vote(
        self, actor: str, thread: Thread, poll: Poll, chosen: Collection[str], new_options: Sequence[str] = ()
    ) -> Poll:
        """Make the actor's votes exactly `chosen`, ids of options, and those of the options added now."""
        unknown = set(chosen) - {option.id for option in poll.options}
        if poll.thread != thread.key or unknown:
            raise Refusal(BAD_PARAMETERS, "There is no such poll in this conversation, or no such option in it.")
        last_id = int(poll.options[-1].id)
        texts = [text for text in new_options if text not in {option.text for option in poll.options}]
        added = [Option(str(last_id + 1 + place), text) for place, text in enumerate(texts)]
        _check(poll.question, [option.text for option in (*poll.options, *added)])
        wanted = {*chosen, *(option.id for option in added)}
        before = {option.id for option in poll.options if actor in option.voters}
        options = tuple(_voted(option, actor, option.id in wanted) for option in (*poll.options, *added))
        changed = replace(poll, options=options)
        line = f"{self._first(actor)} voted in the poll: {poll.question}"
        self._record(actor, thread, changed, line, "update_vote", sorted(wanted - before), sorted(before - wanted))
        return changed

    def find(self, actor: str, poll_id: str) -> tuple[Thread, Poll]:
        """A poll in one of the actor's groups; else a `Refusal`."""
        poll = self._engine.storage.poll(poll_id)
        thread = self._engine.world.thread(actor, poll.thread) if poll else None
        if poll is None or thread is None:
            raise Refusal(BAD_PARAMETERS, "There is no such poll.")
        return thread, poll

    def _record(
        self, actor: str, thread: Thread, poll: Poll, line: str, event: str, added: list[str], removed: list[str]
    ) -> Message:
        data = {
            "event_type": event,
            "question_id": poll.id,
            "question_json": compact(poll_question(poll)),
            "added_option_ids": compact(added),
            "removed_option_ids": compact(removed),
        }
        entry = LogEntry("group_poll", data=data)
        return self._engine.record(
            thread, actor, entry, line, write=lambda message: self._engine.storage.save_poll(poll)
        )

    def _first(self, person: str) -> str:
        return self._engine.world.people[person].first_name


def _voted(option: Option, actor: str, chosen: bool) -> Option:
    others = tuple(voter for voter in option.voters if voter != actor)
    return replace(option, voters=(*others, actor) if chosen else others)


def _check(question: str, options: Sequence[str]) -> None:
    if not question.strip() or len(question) > _LONGEST_TEXT or any(len(text) > _LONGEST_TEXT for text in options):
        raise Refusal(BAD_PARAMETERS, f"A poll has a question, and nothing in it is over {_LONGEST_TEXT} characters.")
    if len(set(options)) != len(options) or not all(text.strip() for text in options):
        raise Refusal(BAD_PARAMETERS, "The options of a poll are texts that differ.")
    if not 0 < len(options) <= _MOST_OPTIONS:
        raise Refusal(BAD_PARAMETERS, f"A poll has 1 to {_MOST_OPTIONS} options.")
