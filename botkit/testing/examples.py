"""The examples of commands as tests: each is typed by a person of a fresh world, and answered as it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from botkit.commands import EXAMPLE_PREFIX, Command
from botkit.runner.loader import HookTable

if TYPE_CHECKING:
    from botkit.testing.kit import TestBot

ANYTHING = "…"
"""Stands for any text, in what an example says that is answered."""


def check(table: HookTable, plugins: Sequence[str], new_bot: Callable[[], TestBot]) -> None:
    """Try the examples of these plugins (none named: of those that are no installed packages), each with a bot of its
    own. Raises AssertionError with all that are answered otherwise, or when there is no example to try.
    """
    __tracebackhide__ = True
    names = plugins or [one.name for one in table.plugins if _is_own(one.place)]
    commands = [one for one in table.commands.commands if one.plugin in names]
    faults = [fault for one in commands for fault in _faults(one, new_bot)]
    if not any(one.examples for one in commands):
        faults.append(f"{', '.join(names) or 'no plugin'}: there is no command with an example")
    if faults:
        raise AssertionError("\n".join(faults))


def _is_own(place: str) -> bool:
    """Whether a plugin is a file of the bot's folders, or an object of the test."""
    return place.startswith("object ") or Path(place).is_file()


def _faults(command: Command, new_bot: Callable[[], TestBot]) -> Iterator[str]:
    for typed, answer in command.examples:
        bot = new_bot()
        try:
            bot.owner("Ann")
            prefix = bot.prefix
            said = bot.group("Friends", "Ann", "Ben").ann.says(typed.replace(EXAMPLE_PREFIX, prefix, 1))
            said.replies(_pattern(answer))
            if (complaint := bot.complaint()) is not None:
                yield f"{command.plugin}: {typed}: {complaint}"
        except AssertionError as error:
            yield f"{command.plugin}: the example {typed!r} is to be answered {answer!r}\n{error}"
        finally:
            bot.close()


def _pattern(answer: str) -> re.Pattern[str]:
    return re.compile(r"\A" + ".*".join(re.escape(part) for part in answer.split(ANYTHING)) + r"\Z", re.DOTALL)
