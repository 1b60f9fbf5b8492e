"""The gates for a command, in this order: its plugin off in the chat, too late, the role, the plugins' `allow` hooks,
cooldown, confirmation. A gate that raises counts as no.

What they keep, until when a cooldown lasts and what waits for a yes, is committed with the call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from botkit.clock import Clock
from botkit.commands import Command, Cooldown, Invocation, allows
from botkit.host import CONFIRM_S, CONFIRMATION, HOST
from botkit.logs import get_logger
from botkit.messenger import Event
from botkit.people import Member
from botkit.runner.book import Book
from botkit.runner.contexts import chat_of
from botkit.runner.lookups import Lookups
from botkit.runner.whys import Step
from botkit.storage import Changes, Scope, Store, open_store
from botkit.store import Database
from botkit.texts import say

log = get_logger(__name__)


@dataclass(frozen=True)
class Refusal:
    """A command is not run. sentence: what the chat is told, None for nothing. late: why the row is kept as late.
    changes: what the gates keep all the same."""

    step: Step
    sentence: str | None = None
    late: str | None = None
    changes: tuple[Changes, ...] = ()


@dataclass(frozen=True)
class Leave:
    """A command may be run; `changes` are committed with it."""

    changes: tuple[Changes, ...] = ()


@dataclass(frozen=True)
class _Case:
    """What a gate looks at."""

    invocation: Invocation
    event: Event
    thread_id: str
    person_id: str
    language: str
    store: Store

    @property
    def command(self) -> Command:
        return self.invocation.command

    def refused(self, key: str, **values: object) -> Refusal:
        """No, with the sentence of that key, which `!why` gives as well."""
        return Refusal(Step.of(key, **values), say(self.language, f"refused.{key}", **values))


Allow = Callable[[Command], str | bool | None]
"""command → what the plugins' `allow` hooks say: None for no objection, False, or a sentence for the chat."""


class CommandGates:
    """Decides about commands, on the threads of the lanes, inside the guard of the call."""

    def __init__(self, database: Database, clock: Clock, book: Book, lookups: Lookups) -> None:
        self._database = database
        self._clock = clock
        self._book = book
        self._lookups = lookups

    def ask(self, invocation: Invocation, event: Event | None, allow: Allow) -> Refusal | Leave:
        """Whether a command may be run now. `allow` asks the plugins."""
        thread_id, person_id = chat_of(event)
        if event is None or thread_id is None or person_id is None:
            return Refusal(Step.of("gate_failed"))
        store = open_store(self._database.read, HOST, thread_id, person_id, all_shared=True)
        case = _Case(invocation, event, thread_id, person_id, self._book.chat(thread_id).language, store)
        try:
            found = self._first(case, allow)
            if found is None:
                self._begin_cooldown(case)
        except Exception:
            log.exception("a gate failed on command %s, which is not run", invocation.command.name)
            return Refusal(Step.of("gate_failed"))
        if isinstance(found, Refusal):
            return found
        return Leave((store.changes(),))

    def _first(self, case: _Case, allow: Allow) -> Refusal | None:
        """The first gate that says no."""
        return (
            self._off(case)
            or self._late(case)
            or self._role(case)
            or self._disallowed(case, allow)
            or self._cooling(case)
            or self._unconfirmed(case)
        )

    def _off(self, case: _Case) -> Refusal | None:
        if self._book.is_enabled(case.command.plugin, case.thread_id):
            return None
        return Refusal(Step.of("off", plugin=case.command.plugin))

    def _late(self, case: _Case) -> Refusal | None:
        if not getattr(case.event, "is_late", False):
            return None
        return Refusal(
            Step.of("late", command=case.command.name), late=f"command {case.command.name}: older than answer_within"
        )

    def _role(self, case: _Case) -> Refusal | None:
        need = case.command.role
        if need == "member" or allows(self._lookups.role_of(case.thread_id, case.person_id), need):
            return None
        return case.refused(f"role.{need}")

    def _disallowed(self, case: _Case, allow: Allow) -> Refusal | None:
        said = allow(case.command)
        if said is None or said is True:
            return None
        return Refusal(Step.of("disallowed", command=case.command.name), said if isinstance(said, str) else None)

    def _cooling(self, case: _Case) -> Refusal | None:
        cooldown = case.command.cooldown
        if cooldown is None:
            return None
        until_ms = _scope(case, cooldown).get(_cooldown_key(case), 0)
        left_ms = until_ms - self._clock.time_ms()
        # A clock that was set back must not lengthen it.
        if left_ms <= 0 or left_ms > cooldown.seconds * 1000:
            return None
        return case.refused("cooldown", count=-(-left_ms // 1000))

    def _unconfirmed(self, case: _Case) -> Refusal | None:
        if not case.command.confirm or case.invocation.confirmed:
            return None
        waits = {
            "command": case.command.name,
            "text": case.invocation.text,
            "until_ms": self._clock.time_ms() + round(CONFIRM_S * 1000),
        }
        case.store.scope(f"member:{case.thread_id}:{case.person_id}")[CONFIRMATION] = waits
        prefix = self._book.chat(case.thread_id).prefix
        sentence = say(
            case.language,
            "refused.confirm",
            prefix=prefix,
            command=f"{case.command.name} {case.invocation.text.strip()}".strip() + _people(case.invocation),
            seconds=round(CONFIRM_S),
        )
        return Refusal(Step.of("confirm", command=case.command.name), sentence, changes=(case.store.changes(),))

    def _begin_cooldown(self, case: _Case) -> None:
        cooldown = case.command.cooldown
        if cooldown is not None:
            until_ms = self._clock.time_ms() + round(cooldown.seconds * 1000)
            _scope(case, cooldown)[_cooldown_key(case)] = until_ms


def _people(invocation: Invocation) -> str:
    """Behind what was typed, who is meant by it: several may be called much the same."""
    names = [one.name or one.nickname or one.id for one in invocation.arguments if isinstance(one, Member)]
    return f" ({', '.join(names)})" if names else ""


def forget_cooldowns(database: Database, now_ms: int) -> None:
    """Delete those that are over, and questions that nobody has answered."""
    database.write(
        lambda c: c.execute(
            "DELETE FROM store WHERE plugin = ? AND (key LIKE 'cooldown:%' AND CAST(value AS INTEGER) < ?"
            " OR key = ? AND json_extract(value, '$.until_ms') < ?)",
            (HOST, now_ms, CONFIRMATION, now_ms),
        )
    )


def _scope(case: _Case, cooldown: Cooldown) -> Scope:
    names = {
        "user": f"user:{case.person_id}",
        "chat": f"thread:{case.thread_id}",
        "member": f"member:{case.thread_id}:{case.person_id}",
        "all": "",
    }
    return case.store.scope(names[cooldown.per])


def _cooldown_key(case: _Case) -> str:
    return f"cooldown:{case.command.plugin}:{case.command.name}"
