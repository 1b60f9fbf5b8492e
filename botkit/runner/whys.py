"""What became of people's last messages: the answer to `!why`. Kept in memory, for the last two of a person."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger import Event, Message
from botkit.texts import say

# So many people's messages are remembered, over all chats.
_MOST = 5000


@dataclass(frozen=True)
class Step:
    """Something that happened to a message on its way: a key of the host's texts, below `why`, and its values."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, key: str, **values: Any) -> Step:
        return cls(key, tuple(values.items()))


@dataclass
class _Fate:
    message_id: str
    steps: list[Step] = field(default_factory=list)


class Whys:
    """Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fates: OrderedDict[tuple[str, str], deque[_Fate]] = OrderedDict()

    def begin(self, event: Event, *, is_resumed: bool = False) -> None:
        """A message is handled, perhaps again: then what was noted of it is noted anew, unless it is resumed behind the
        handlers that are through with it."""
        if isinstance(event, Message):
            who = (event.thread_id, event.sender_id)
            with self._lock:
                fates = self._fates.setdefault(who, deque(maxlen=2))
                self._fates.move_to_end(who)
                if not fates or fates[-1].message_id != event.message_id:
                    fates.append(_Fate(event.message_id))
                elif not is_resumed:
                    fates[-1].steps.clear()
                while len(self._fates) > _MOST:
                    self._fates.popitem(last=False)

    def note(self, event: Event | None, steps: Iterable[Step]) -> None:
        """Something has happened to a message that was begun."""
        if isinstance(event, Message):
            with self._lock:
                for fate in self._fates.get((event.thread_id, event.sender_id), ()):
                    if fate.message_id == event.message_id:
                        fate.steps += steps

    def why(self, thread_id: str, user_id: str, language: str) -> tuple[str, ...]:
        """What became of the message before the present one, in sentences; none when it is not known."""
        with self._lock:
            fates = list(self._fates.get((thread_id, user_id), ()))
            steps = list(fates[-2].steps) if len(fates) > 1 else None
        return _told(steps, language)

    def of(self, thread_id: str, user_id: str, message_id: str, language: str) -> tuple[str, ...]:
        """What became of one of a person's last two messages, in sentences; none when it is not known."""
        with self._lock:
            fates = self._fates.get((thread_id, user_id), ())
            steps = next((list(fate.steps) for fate in fates if fate.message_id == message_id), None)
        return _told(steps, language)


def _told(steps: list[Step] | None, language: str) -> tuple[str, ...]:
    if steps is None:
        return ()
    return tuple(say(language, f"why.{one.key}", **dict(one.values)) for one in steps or [Step("nothing")])
