"""`botkit check`: looks through a bot file and its plugins without logging in."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail

if TYPE_CHECKING:
    from botkit.config import BotConfig
    from botkit.runner.loader import HookTable

_WRONG = 2
_LINES = {"automations": "\n" + 12 * " "}
"""What is long stands on lines of its own."""
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<message>.*)")


@click.command()
@bot_file
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, mistakes too.")
def check(file: Path, as_json: bool) -> None:
    """Look through a bot file and its plugins without logging in.

    FILE is the bot file (default: bot.yaml). It looks at keys and settings, loads the plugins (names, hooks, commands,
    jobs, texts, and what clashes), and looks at the files that are named and who can read those with secrets. Every
    mistake is one line with file, line and key. Exit code 0 when all is well, 2 when something is wrong.
    """
    from botkit.messenger.errors import ConfigError

    problems, found = _look(file)
    if as_json:
        told = {"file": str(file), "problems": [_parts(one) for one in problems], **found}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        sys.exit(_WRONG if problems else 0)
    if problems:
        fail(ConfigError(problems))
    click.echo(f"{file}: all is well")
    for name, listed in found.items():
        if listed or name in ("plugins", "commands"):
            click.echo(f"{name.replace('_', ' '):<11} {_LINES.get(name, ', ').join(listed)}")


def _look(file: Path) -> tuple[list[str], dict[str, list[str]]]:
    """All that is wrong, and what a bot of this file would have, by kind; nothing when its plugins cannot be loaded."""
    from botkit import config
    from botkit.messenger.errors import ConfigError
    from botkit.runner import loader

    try:
        settings, table = loader.read(file)
        return [*_files(settings)], _found(settings, table)
    except ConfigError as error:
        problems = error.problems
    # If it is only a plugin that is wrong, the files that are named can be looked at all the same.
    with contextlib.suppress(ConfigError):
        problems = [*problems, *_files(config.read(file))]
    return problems, {}


def _found(settings: BotConfig, table: HookTable) -> dict[str, list[str]]:
    from botkit.cli import _job_facts
    from botkit.clock import SystemClock
    from botkit.runner import plugin_source

    names = [plugin.name for plugin in table.plugins]
    return {
        "plugins": names,
        "commands": sorted(settings.file.prefix + one.name for one in table.commands.commands),
        "automations": list(_automations(settings)),
        "jobs": list(map(str, _job_facts.foreseen(settings, table, SystemClock().now()))),
        "not_used": sorted(set(plugin_source.find(settings)) - set(names)),
        "missing_texts": [gap for plugin in table.plugins for gap in plugin.texts.gaps()],
    }


def _automations(settings: BotConfig) -> Iterator[str]:
    """What the bot file lets happen by itself, each in a line."""
    if settings.file.automations:
        from zoneinfo import ZoneInfo

        from botkit import automations
        from botkit.clock import SystemClock

        zone, now = ZoneInfo(settings.file.timezone), SystemClock().now()
        for one in automations.read(settings.file.automations, settings.source, settings.path(Path())):
            is_over = one.when is not None and one.when.next_run(now, now, zone) is None
            yield f"{one.words(zone)}{' (has gone by)' if is_over else ''}"


def _files(settings: BotConfig) -> Iterator[str]:
    """A problem for each file, folder and program that `run` would miss, now or later, or refuse."""
    from botkit.cli import _accounts, _secrets

    yield from _accounts.missing_files(settings)
    yield from _accounts.wrong_app_state(settings)
    yield from _wrong_world(settings)
    yield from _not_there(settings)
    yield from _secrets.problems(settings)


def _wrong_world(settings: BotConfig) -> Iterator[str]:
    """A problem when the file that the sandbox's world begins with is no world."""
    world = settings.file.sandbox.world
    if world is None or not settings.path(world).is_file():
        return
    from botkit.clock import SystemClock
    from botkit.sandbox.errors import SandboxError
    from botkit.sandbox.world_file import read_world

    try:
        read_world(settings.path(world), SystemClock().now())
    except SandboxError as error:
        yield str(error)


def _not_there(settings: BotConfig) -> Iterator[str]:
    """A problem for the folder of the log and for the program that tells the owner, if they are missing."""
    source, file = settings.source, settings.file
    if file.log_file is not None and not (folder := settings.path(file.log_file).parent).is_dir():
        yield source.problem(("log_file",), f"there is no folder {folder}")
    command = file.notify.command if file.notify else []
    if command and shutil.which(command[0]) is None:
        is_private = ("notify", "command", 0) in source.private
        problem = "there is no such program" if is_private else f"there is no program {command[0]!r}"
        yield source.problem(("notify", "command"), problem)


def _parts(problem: str) -> dict[str, Any]:
    """A problem as {file, line, message}; file and line are None where it names none."""
    found = _PLACE.fullmatch(problem)
    if found is None:
        return {"file": None, "line": None, "message": problem}
    return {"file": found["file"], "line": int(found["line"]), "message": found["message"]}
