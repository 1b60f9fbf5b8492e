"""Measures echo bots beside each other on one sandbox: `make bench`.

botkit with everything on, by both of its carriers, and the two strangers of tests/strangers: each as a process of its
own, through the same TLS end, on the same sandbox, in turns, several rounds. Then what each of botkit's promises costs.
The figures depend on the machine and on what else runs on it; read the ratios. It needs Linux, Node.js 20 or newer, and
the package indexes the first time. docs/performance.md explains the columns.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import contenders
import environments
import report
from contenders import Contender, botkit
from environments import NotInstalled
from measure import Figures, measure
from place import Ground, ground
from processes import Failed
from tls_end import make_certificate

_CHATS = 32
_MANY_PLUGINS = 100


@dataclass(frozen=True)
class Size:
    """How much is measured: so many rounds of so many messages in the long ways, and so many of the promises."""

    rounds: int
    messages: int
    many_chats: int = 1000
    promises: int | None = None


_FULL, _QUICK, _SMOKE = Size(3, 2000), Size(1, 300, 100), Size(1, 10, 4, promises=3)


async def compare(size: Size, ours: Sequence[Contender], strangers: Sequence[Contender], place: Ground) -> None:
    """Let all take turns; print their figures and how they compare."""
    everybody = [*ours, *strangers]
    found: dict[str, list[Figures]] = {bot.name: [] for bot in everybody}
    for number in range(size.rounds):
        # Each round begins with another one, so that nobody always follows the same.
        first = number % len(everybody)
        for bot in (*everybody[first:], *everybody[:first]):
            await _add_round(bot, place, place.chats, size, found)
    print(f"\n{report.figures_table(found)}\n")
    if strangers:
        names = {bot.name for bot in ours}
        ratios = report.ratios_table(
            {name: rounds for name, rounds in found.items() if name in names},
            {name: rounds for name, rounds in found.items() if name not in names},
        )
        print(f"{ratios}\n")


async def costs(size: Size, place: Ground, many: Ground) -> None:
    """Print what each promise costs, against all of them together."""
    base = botkit("everything on", "http")
    variants = [
        (base, place, place.chats),
        (contenders.bare("the client alone, one message after another", "http"), place, place.chats),
        (botkit("without the journal", "http", journal=False), place, place.chats),
        (botkit("durability: full", "http", durability="full"), place, place.chats),
        (botkit(f"{_MANY_PLUGINS} plugins that hear every message", "http", plugins=_MANY_PLUGINS), place, place.chats),
        (botkit("one chat", "http"), place, place.chats[:1]),
        (botkit(f"{len(many.chats)} chats", "http"), many, many.chats),
    ][: size.promises]
    found: dict[str, list[Figures]] = {bot.name: [] for bot, _, _ in variants}
    for _ in range(size.rounds):
        for bot, where, chats in variants:
            await _add_round(bot, where, chats, size, found)
    print(f"\n{report.costs_table(found, base.name)}")


async def _add_round(
    bot: Contender, place: Ground, chats: Sequence[str], size: Size, found: dict[str, list[Figures]]
) -> None:
    figures = await measure(bot, place, chats, size.messages)
    found[bot.name].append(figures)
    print(f"{bot.name}: {report.line(figures)}", flush=True)


async def run(folder: Path, size: Size, *, with_strangers: bool) -> None:
    """Everything, in `folder`. Without the strangers there is no TLS, whose certificate is made with their tools."""
    certificates, strangers = None, []
    if with_strangers:
        strangers = [contenders.chat_api(), contenders.fbchat()]
        certificates = folder / "tls"
        certificates.mkdir()
        await make_certificate(environments.python(), certificates)
    ours = [botkit("botkit, HTTP form", "http"), botkit("botkit, socket", "socket")]
    async with ground(folder / "few", _CHATS, certificates) as place:
        await compare(size, ours, strangers, place)
        async with ground(folder / "many", size.many_chats, certificates) as many:
            await costs(size, place, many)


def main() -> int:
    """Read the options and measure; the exit code."""
    parser = argparse.ArgumentParser(description="Measure echo bots beside each other.")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_const", dest="size", const=_QUICK, help="one short round")
    sizes.add_argument("--smoke", action="store_const", dest="size", const=_SMOKE, help="only whether all of it works")
    parser.add_argument("--alone", action="store_true", help="without the strangers, and without TLS")
    parser.set_defaults(size=_FULL)
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            asyncio.run(run(Path(folder), options.size, with_strangers=not options.alone))
    except (Failed, NotInstalled) as problem:
        print(problem)
        return 1
    except KeyboardInterrupt:
        print("stopped")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
