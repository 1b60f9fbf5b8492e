"""A subcommand for the command line, once the plugin is installed: `botkit odds 6 2` tells what two dice give."""

import click

from botkit import hookimpl


@click.command("odds")
@click.argument("sides", type=click.IntRange(min=1))
@click.argument("times", type=click.IntRange(min=1))
def odds(sides: int, times: int) -> None:
    """What dice give on average."""
    click.echo(f"{times} dice with {sides} sides give {times * (sides + 1) / 2:g} on average.")


@hookimpl
def register_cli() -> list[click.Command]:
    return [odds]
