"""What goes out on one MQTT connection, and what goes wrong there when it was ordered. Event-loop thread only."""

from __future__ import annotations

import math
from collections.abc import Callable

from botkit.clock import Clock
from botkit.sandbox import mqtt
from botkit.sandbox.faults import Faults

_QUEUE = "/t_ms"
_PACKET_IDS = 0xFFFF


class Line:
    """Sends packets, and on `/t_ms` what the sync queues write.

    `account` is empty until CONNECT was accepted, `topics` are those that the client wants. `send` takes whole packets,
    `close` ends the connection when all of them are out, `cut` at once.
    """

    def __init__(
        self,
        faults: Faults,
        clock: Clock,
        send: Callable[[bytes], None],
        close: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        self.account = ""
        self.topics: set[str] = set()
        self.closed = False
        self._faults = faults
        self._clock = clock
        self._send = send
        self._close = close
        self._cut = cut
        self._packet_id = 0
        self._deaf_until_s = -math.inf
        self._silent_until_s = -math.inf
        self._held: str | None = None

    @property
    def is_deaf(self) -> bool:
        """Whether the connection is stalled: nothing goes out, and what comes in has no effect."""
        return self._clock.monotonic() < self._deaf_until_s

    @property
    def can_push(self) -> bool:
        """Whether `/t_ms` is wanted and works."""
        is_silent = self._clock.monotonic() < self._silent_until_s
        return _QUEUE in self.topics and not (self.closed or self.is_deaf or is_silent)

    def say(self, packet: bytes) -> None:
        """Send a packet."""
        if not self.closed and not self.is_deaf:
            self._send(packet)

    def publish(self, topic: str, text: str) -> None:
        """Send a text at QoS 0, whether the client wants the topic or not."""
        self.say(mqtt.publish(topic, text.encode()))

    def strike(self) -> None:
        """Let happen what was ordered for the connection as a whole."""
        if not self.account or self.closed:
            return
        if self._takes("cut"):
            self._cut()
        elif fault := self._faults.take(self.account, "stall"):
            self._deaf_until_s = self._end_of(fault.seconds)
        elif fault := self._faults.take(self.account, "silent_queue"):
            self._silent_until_s = self._end_of(fault.seconds)

    def push(self, text: str) -> None:
        """Send what a queue answers besides batches."""
        if self._may_push():
            self._send(self._packet(text))

    def push_batch(self, text: str) -> None:
        """Send a batch that has deltas."""
        if not self._may_push():
            return
        if self._takes("not_json"):
            self._send(self._packet("this is no JSON"))
        if self._takes("unknown_topic"):
            self.publish("/t_tomorrow", "{}")
        if self._takes("hole"):
            return
        if self._held is None and self._takes("reorder"):
            self._held = text
            return
        self._send_batch(text)
        if self._held is not None:
            held, self._held = self._held, None
            self._send_batch(held)

    def _send_batch(self, text: str) -> None:
        if self.closed:
            return
        packet = self._packet(text)
        half = len(packet) // 2
        if self._takes("cut_batch"):
            self._send(packet[:half])
            self._close()
            return
        pieces = [packet[:half], packet[half:]] if self._takes("split") else [packet]
        if self._takes("duplicate"):
            pieces.append(self._packet(text))
        for piece in pieces:
            self._send(piece)

    def _may_push(self) -> bool:
        """Whether something can be sent on `/t_ms`; if so it is a chance for the connection's faults."""
        if self.can_push:
            self.strike()
        return self.can_push

    def _packet(self, text: str) -> bytes:
        self._packet_id = self._packet_id % _PACKET_IDS + 1
        return mqtt.publish(_QUEUE, text.encode(), self._packet_id)

    def _takes(self, kind: str) -> bool:
        return self._faults.take(self.account, kind) is not None

    def _end_of(self, seconds: float | None) -> float:
        return math.inf if seconds is None else self._clock.monotonic() + seconds
