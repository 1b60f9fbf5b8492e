"""`botkit sandbox`: runs the sandbox alone, or prints an app state of one of its accounts."""

from __future__ import annotations

import json
import re
import sys
import threading
from pathlib import Path

import click

from botkit.cli._signals import when_asked_to_stop

DATA = Path(".botkit")
_SECONDS = re.compile(r"(\d{1,9})s")


def _deduplicate_s(ctx: click.Context, option: click.Parameter, word: str) -> float | None:
    """The `deduplicate_s` of a server."""
    if word in ("forever", "off"):
        return None if word == "forever" else 0.0
    seconds = _SECONDS.fullmatch(word)
    if seconds is None:
        raise click.BadParameter("write forever, off, or seconds like 60s")
    return float(seconds[1])


@click.group(invoke_without_command=True)
@click.option("--port", type=click.IntRange(0, 65535), help="Port to serve on (default: 8642, else the next free one).")
@click.option(
    "--world",
    type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file with the people and chats to begin with; used while there is no .botkit/sandbox.db yet.",
)
@click.option(
    "--deduplicate",
    "deduplicate_s",
    metavar="TIME",
    default="forever",
    callback=_deduplicate_s,
    help="How long a repeated send counts as a repeat: forever (the default), off, or seconds like 60s.",
)
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info")
@click.pass_context
def sandbox(
    ctx: click.Context, port: int | None, world: Path | None, deduplicate_s: float | None, log_level: str
) -> None:
    """Run the sandbox, a Messenger of your own on 127.0.0.1, without a bot.

    Its world is kept in .botkit of this folder. Ctrl+C stops it. Exit code 3 when it cannot start.
    """
    if ctx.invoked_subcommand is not None:
        return
    from botkit import logs
    from botkit.clock import SystemClock
    from botkit.sandbox.errors import SandboxError
    from botkit.sandbox.server import Server

    logs.set_up(log_level)
    is_old = (DATA / "sandbox.db").exists()
    server = Server(DATA, world_file=world, port=port, deduplicate_s=deduplicate_s)
    try:
        server.start()
    except SandboxError as error:
        click.echo(f"botkit: {error}", err=True)
        sys.exit(3)
    if world is not None and is_old:
        click.echo(
            f"{DATA / 'sandbox.db'} is there already, so {world} was not read; delete it to begin with that world"
        )
    click.echo(f"sandbox at {server.url}/  (open it in a browser; Ctrl+C stops it)")
    stopped = threading.Event()
    when_asked_to_stop(stopped.set)
    SystemClock().wait(stopped)
    server.stop()


@sandbox.command("app-state")
@click.argument("name")
@click.option("--url", help="Address of the sandbox (default: the one that .botkit/sandbox.json names).")
def app_state(name: str, url: str | None) -> None:
    """Print an app state for the account NAME of a running sandbox, as JSON.

    It lets any client of the protocol log in as that person. It is as good as a password: keep it to yourself.
    """
    from botkit.cli._sandboxes import find
    from botkit.sandbox import client
    from botkit.sandbox.errors import SandboxError

    try:
        place = find(DATA, url)
        click.echo(json.dumps(client.app_state(place.url, place.token, name), indent=1))
    except SandboxError as error:
        click.echo(f"botkit: {error}", err=True)
        sys.exit(3)
