"""One bot measured: in three ways of writing, each long enough to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from contenders import Contender, running
from load import Ann, Heard, Way
from meter import cost_of
from place import ANN_NAME, BOT, Ground

_IN_FLIGHT = 32


@dataclass(frozen=True)
class Spent:
    """One way: how many messages, what Ann heard, and the processor time of the bot and of the ground in seconds."""

    messages: int
    heard: Heard
    processor_s: float
    ground_s: float

    @property
    def per_second(self) -> float:
        """Echoes."""
        return self.messages / self.heard.seconds

    @property
    def processor_ms(self) -> float:
        """Per echo."""
        return 1000 * self.processor_s / self.messages

    @property
    def ground_ms(self) -> float:
        """Per echo."""
        return 1000 * self.ground_s / self.messages


@dataclass(frozen=True)
class Figures:
    """One bot in one round: one message at a time, 32 in flight, as fast as possible; its peak memory."""

    single: Spent
    flight: Spent
    burst: Spent
    peak_mb: float

    @property
    def median_ms(self) -> float:
        """The delay of an echo when there is nothing else to do."""
        return 1000 * median(self.single.heard.delays_s)

    @property
    def p99_ms(self) -> float:
        """The delay that one echo in a hundred exceeds."""
        return 1000 * quantiles(self.single.heard.delays_s, n=100, method="inclusive")[98]


async def measure(contender: Contender, place: Ground, chats: Sequence[str], messages: int) -> Figures:
    """Start a bot, let Ann write to it in each way, and end it."""
    warm_up = Way("warm-up", max(messages // 10, 2), 8)
    single = Way("one at a time", max(messages // 4, 2), 1)
    flight, burst = Way("in flight", messages, _IN_FLIGHT), Way("burst", messages, None)
    spent: dict[str, Spent] = {}
    async with running(contender, place) as pid, Ann(place.place, ANN_NAME, BOT) as ann:
        await ann.await_bot(chats[0])
        for way in (warm_up, single, flight, burst):
            await ann.read(chats)
            bot_before_s, ground_before_s = cost_of(pid).processor_s, place.processor_s()
            heard = await ann.run(way, chats)
            bot_s, ground_s = cost_of(pid).processor_s - bot_before_s, place.processor_s() - ground_before_s
            spent[way.name] = Spent(way.messages, heard, bot_s, ground_s)
        return Figures(spent[single.name], spent[flight.name], spent[burst.name], cost_of(pid).peak_mb)
