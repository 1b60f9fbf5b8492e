"""The command `botkit`. Each subcommand is a file of its own, imported only when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from botkit import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SUBCOMMANDS = {
    "init": "Make a bot with a plugin of its own and its test.",
    "new": "Make a plugin and its test.",
    "check": "Look through a bot file without logging in.",
    "plugins": "List plugins: where they come from, their hooks, commands and settings.",
    "run": "Start a bot.",
    "status": "Tell how a bot is doing.",
    "jobs": "List what is scheduled, and when it comes next.",
    "events": "List the events that are not handled, or have one handled after all.",
    "replay": "Run a record through the plugins and print what they would send.",
    "login": "Make the session of a bot file, asking for what is missing.",
    "call": "Call one function of the API.",
    "chat": "Talk in the sandbox from the terminal.",
    "sandbox": "Run the sandbox, a Messenger of your own, alone.",
    "schema": "Print what editors complete and check bot files by.",
    "data": "Export or erase what is kept about a person.",
    "backup": "Copy what a bot keeps, while it runs.",
    "restore": "Put a backup back.",
    "completion": "Print what makes a shell complete these commands.",
}


class _Lazy(click.Group):
    """Knows its subcommands' names and one-line helps; loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _SUBCOMMANDS:
            from botkit.cli._plugin_commands import plugin_command

            return plugin_command(name)
        module: Any = importlib.import_module(f"botkit.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        # The group's own way would import every subcommand for its help.
        found = [CompletionItem(name, help=text) for name, text in _SUBCOMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUBCOMMANDS.items()))


@click.group(cls=_Lazy, invoke_without_command=True)
@click.version_option(__version__, prog_name="botkit")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A plugin-based bot framework for Messenger groups.

    `botkit run` starts the bot of a bot.yaml (an empty one will do). Without an account it runs on the sandbox, a whole
    Messenger of its own on this machine.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
