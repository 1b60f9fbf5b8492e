"""The loop guard: two bots that answer each other are told by their echo, and ours falls quiet first.

It goes by the messages' own times, so that it does not matter how late they are handled, and keeps digests of texts, no
texts.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from botkit.clock import Clock

_FOLLOWS_MS = 3_000
_ROUNDS = 6
# People who roll dice or play a round again type the same command again.
_ROUNDS_OF_COMMANDS = 20
_WITHIN_MS = 60_000
_QUIET_MS = 600_000

# Longer than anything above matters.
_FORGOTTEN_S = 700.0
# Of what the bot has said in a chat and of who speaks there, so many are remembered: the lanes may lag behind the
# socket by some messages, and the accounts of a war speak often.
_MOST_OWN = 32
_MOST_ACCOUNTS = 100

_Digest = bytes


class LoopGuard:
    """Told of each own message and of each one of somebody else. Any thread."""

    def __init__(self, clock: Clock, on_loop: Callable[[str, str], None]) -> None:
        """`on_loop` is told (thread id, account) when the bot falls quiet, on the thread that came with the message."""
        self._clock = clock
        self._on_loop = on_loop
        self._chats: OrderedDict[str, _Chat] = OrderedDict()
        self._lock = threading.Lock()

    def own(self, thread_id: str, text: str, timestamp_ms: int) -> None:
        """The bot has written."""
        with self._lock:
            self._chat(thread_id).add_own(timestamp_ms, _digest(text))

    def other(self, thread_id: str, sender_id: str, text: str, timestamp_ms: int, *, is_command: bool = False) -> bool:
        """Somebody else has written; True: do not answer.

        A round: the message follows an own one within 3 s and repeats its text, or the account's last one. Each own
        message makes one round with an account at most, so that one answer met by a flood of words is no war. At the
        sixth round within 60 s, and at the twentieth of commands, the quiet of 10 minutes begins, for this account in
        this chat.
        """
        digest = _digest(text)
        with self._lock:
            chat = self._chat(thread_id)
            account = chat.account(sender_id)
            repeats, account.last = account.last == digest, digest
            if timestamp_ms < account.quiet_until_ms:
                return True
            if not text or not chat.is_round(account, timestamp_ms, digest, repeats):
                return False
            account.rounds.append(timestamp_ms)
            most = _ROUNDS_OF_COMMANDS if is_command else _ROUNDS
            if len(account.rounds) < most or timestamp_ms - account.rounds[-most] > _WITHIN_MS:
                return False
            account.quiet_until_ms = timestamp_ms + _QUIET_MS
        self._on_loop(thread_id, sender_id)
        return True

    def _chat(self, thread_id: str) -> _Chat:
        now = self._clock.monotonic()
        chat = self._chats.setdefault(thread_id, _Chat(now))
        chat.touched = now
        self._chats.move_to_end(thread_id)
        while (oldest := next(iter(self._chats.values()))).touched + _FORGOTTEN_S < now:
            assert oldest is not chat, "a chat that was touched just now is not old"
            self._chats.popitem(last=False)
        return chat


@dataclass
class _Account:
    """What somebody else said in a chat: the last digest, the times of the last rounds, and the number of the own
    message that made the latest of them."""

    last: _Digest = b""
    rounds: deque[int] = field(default_factory=lambda: deque(maxlen=_ROUNDS_OF_COMMANDS))
    used: int = 0
    quiet_until_ms: int = 0


class _Chat:
    def __init__(self, now: float) -> None:
        self.touched = now
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._own: deque[tuple[int, int, _Digest]] = deque(maxlen=_MOST_OWN)
        self._number = 0

    def add_own(self, timestamp_ms: int, digest: _Digest) -> None:
        self._number += 1
        self._own.append((self._number, timestamp_ms, digest))

    def account(self, sender_id: str) -> _Account:
        found = self._accounts.setdefault(sender_id, _Account())
        self._accounts.move_to_end(sender_id)
        if len(self._accounts) > _MOST_ACCOUNTS:
            self._accounts.popitem(last=False)
        return found

    def is_round(self, account: _Account, timestamp_ms: int, digest: _Digest, repeats: bool) -> bool:
        """Whether this message makes a round; the own message that it follows is used up then."""
        for number, own_ms, own_digest in self._own:
            follows = number > account.used and 0 <= timestamp_ms - own_ms <= _FOLLOWS_MS
            if follows and (repeats or digest == own_digest):
                account.used = number
                return True
        return False


def _digest(text: str) -> _Digest:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
