"""The command `botkit`. Each subcommand is a file of its own, imported only when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from botkit import __version__

_SUBCOMMANDS = {
    "run": "Start a bot.",
    "status": "Tell how a bot is doing.",
    "events": "List the events that are not handled, or have one handled after all.",
    "replay": "Run a record through the plugins and print what they would send.",
    "check": "Look through a bot file without logging in.",
    "login": "Make the session of a bot file, asking for what is missing.",
    "call": "Call one function of the API.",
    "chat": "Talk in the sandbox from the terminal.",
    "sandbox": "Run the sandbox, a Messenger of your own, alone.",
}


class _Lazy(click.Group):
    """Knows its subcommands' names and one-line helps; loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _SUBCOMMANDS:
            return None
        module: Any = importlib.import_module(f"botkit.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUBCOMMANDS.items()))


@click.group(cls=_Lazy)
@click.version_option(__version__, prog_name="botkit")
def main() -> None:
    """A plugin-based bot framework for Messenger groups.

    `botkit run` starts the bot of a bot.yaml (an empty one will do). Without an account it runs on the sandbox, a whole
    Messenger of its own on this machine.
    """
