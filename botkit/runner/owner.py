"""Tells the owner that the bot needs a person: by the log, by a command and by a webhook of the bot file."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Literal

from botkit.clock import Clock, Ticket
from botkit.config import Notify
from botkit.logs import get_logger, hide, mask

log = get_logger(__name__)

Kind = Literal["account", "plugin", "row", "loop", "budget", "workers", "store", "reload"]
"""What it is about: a rejected login or a checkpoint, a paused plugin, an event set aside, a war of two bots, a spent
budget, lost workers, a store that cannot be written."""

NOTICE_S = 3.0
"""How long a bot that ends by itself waits until its last notices are told."""

_COMMAND_S = 10.0
_WEBHOOK_S = 10.0
_SAME_AGAIN_S = 600.0
_MOST_WAITING = 100


@dataclass(frozen=True)
class _Notice:
    kind: Kind
    text: str
    time: str
    ticket: Ticket


class Owner:
    """Tells on a thread of its own. Nothing that goes wrong on the way is raised; it is a line in the log."""

    def __init__(self, notify: Notify | None, clock: Clock, bot: str = "") -> None:
        """`bot` is the name by which the owner knows the bot; without `notify` there is the log alone."""
        self._command = notify.command if notify else []
        self._webhook = notify.webhook if notify else None
        self._clock = clock
        self._bot = bot
        self._lock = threading.Lock()
        self._told_at: dict[tuple[Kind, str], float] = {}
        self._waiting: queue.SimpleQueue[_Notice | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._through = threading.Event()
        self._stopped = False
        self._given_up = False
        if self._webhook is not None:
            # Such an address is often all that is needed to write to the owner's chat.
            hide(self._webhook, lasting=True)

    def tell(self, kind: Kind, sentence: str) -> None:
        """Tell `sentence`, unless the same was told within ten minutes. Any thread; returns at once, never raises.

        It holds no secret and nothing that people wrote.
        """
        sentence = " ".join(mask(sentence).split())
        with self._lock:
            if self._stopped or not self._is_news(kind, sentence):
                return
            log.warning("for the owner (%s): %s", kind, sentence)
            if self._command or self._webhook:
                self._put(kind, sentence)

    def stop(self, within_s: float = NOTICE_S) -> None:
        """Take no more, and wait until the last is told, at most `within_s` seconds. Idempotent."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            if self._thread is None:
                return
        self._waiting.put(None)
        self._given_up = not self._clock.wait(self._through, within_s)

    def _is_news(self, kind: Kind, sentence: str) -> bool:
        now_s = self._clock.monotonic()
        self._told_at = {one: at for one, at in self._told_at.items() if now_s - at < _SAME_AGAIN_S}
        if (kind, sentence) in self._told_at:
            return False
        self._told_at[kind, sentence] = now_s
        return True

    def _put(self, kind: Kind, sentence: str) -> None:
        if self._waiting.qsize() >= _MOST_WAITING:
            log.warning("too many notices wait to be told; this one is in the log alone")
            return
        ticket = self._clock.ticket("a notice for the owner")
        self._waiting.put(_Notice(kind, sentence, self._clock.now().isoformat(), ticket))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="botkit-owner", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (notice := self._waiting.get()) is not None:
            if not self._given_up:
                self._tell_now(notice)
            notice.ticket.done()
        self._through.set()

    def _tell_now(self, notice: _Notice) -> None:
        try:
            if self._command:
                self._run_command(notice)
            if self._webhook is not None:
                self._post(notice, self._webhook)
        except Exception as error:
            log.warning("a notice could not be told: %s", type(error).__name__)

    def _run_command(self, notice: _Notice) -> None:
        environment = {**os.environ, "BOTKIT_NOTICE": notice.text, "BOTKIT_NOTICE_KIND": notice.kind}
        nothing = subprocess.DEVNULL
        try:
            # The words are the owner's own, from the bot file, and no shell reads them.
            process = subprocess.Popen(  # noqa: S603
                [*self._command, notice.text],
                env=environment,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                start_new_session=True,
            )
        except OSError as error:
            log.warning("notify.command cannot be run: %s", error.strerror or type(error).__name__)
            return
        try:
            code = process.wait(_COMMAND_S)
        except subprocess.TimeoutExpired:
            _kill(process)
            log.warning("notify.command was still running after %.0f s and was ended", _COMMAND_S)
            return
        if code != 0:
            log.warning("notify.command ended with exit code %d", code)

    def _post(self, notice: _Notice, address: str) -> None:
        body = {"kind": notice.kind, "text": notice.text, "bot": self._bot, "time": notice.time}
        # The configuration has checked that it is http or https.
        request = urllib.request.Request(  # noqa: S310
            address, json.dumps(body).encode(), {"Content-Type": "application/json", "User-Agent": "botkit"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_WEBHOOK_S):  # noqa: S310
                pass
        except urllib.error.HTTPError as error:
            with error:
                log.warning("notify.webhook answered with HTTP %d", error.code)
        except (OSError, ValueError) as error:
            log.warning("notify.webhook cannot be reached: %s", type(error).__name__)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it has started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
