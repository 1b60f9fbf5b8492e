"""Writes the generated part of docs/cli.md from the commands themselves: `make docs`.

What stands above the line `MARK` is written by hand and stays. Run with `--check` it writes nothing and fails when the
file is not current.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from botkit.cli import main as botkit

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
MARK = "<!-- What follows is written by tools/cli_docs.py (make docs). -->"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say that it is old."""
    text = page()
    if "--check" in arguments:
        is_old = PAGE.read_text(encoding="utf-8") != text
        if is_old:
            print(f"docs/{PAGE.name} is not current; run: make docs")
        return is_old
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The whole text of the page: what stands there by hand, and what is generated."""
    by_hand, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark, f"{PAGE.name} has lost its mark"
    parts = [by_hand + MARK, *(part for name, one in _subcommands(botkit) for part in _entry(f"botkit {name}", one))]
    return "\n\n".join(parts) + "\n"


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
    sys.exit(main(sys.argv[1:]))
