"""Writes the generated part of docs/cli.md from the commands themselves: `make docs`."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator

import click

from botkit.cli import main as botkit
from tools import generated

PAGE = generated.ROOT / "docs" / "cli.md"


def page() -> str:
    """The whole text of the page: what stands there by hand, and what is generated."""
    parts = (part for name, one in _subcommands(botkit) for part in _entry(f"botkit {name}", one))
    return generated.page(PAGE, "cli_docs", "\n\n".join(parts))


def _subcommands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    ctx = click.Context(group, info_name="botkit")
    for name in group.list_commands(ctx):
        if (command := group.get_command(ctx, name)) is not None:
            yield name, command


def _entry(name: str, command: click.Command, level: str = "##") -> Iterator[str]:
    """A command with its usage, its help, its options and its exit codes; then its subcommands."""
    ctx = click.Context(command, info_name=name)
    yield f"{level} {name}"
    yield f"```text\n{name} {' '.join(command.collect_usage_pieces(ctx))}\n```"
    yield inspect.cleandoc(command.help or "")
    options = [
        record for one in command.params if isinstance(one, click.Option) and (record := one.get_help_record(ctx))
    ]
    if options:
        rows = [f"| `{left.replace('|', '/')}` | {right} |" for left, right in options]
        yield "\n".join(["| option | |", "|---|---|", *rows])
    if command.epilog:
        yield _fenced(command.epilog)
    if isinstance(command, click.Group):
        for inner, one in _subcommands(command):
            yield from _entry(f"{name} {inner}", one, level + "#")


def _fenced(epilog: str) -> str:
    """A text whose lines stand as they are (click's mark for that is \\b), with its first line above it."""
    head, _, lines = re.sub(r"^\x08\n", "", epilog).rstrip().partition("\n")
    return f"{head}\n\n```text\n{inspect.cleandoc(lines)}\n```"


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
