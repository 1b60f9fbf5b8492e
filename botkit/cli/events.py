"""`botkit events`: what waits to be handled, was set aside or came too late; and how to have it handled after all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail
from botkit.cli._tables import table

if TYPE_CHECKING:
    from botkit.config import BotConfig
    from botkit.status import RowInfo


class _ListUnlessTold(click.Group):
    """Without the name of a subcommand it lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListUnlessTold)
def events() -> None:
    """List the events that are open, dead or late, or have one handled after all.

    `botkit events [FILE]` is short for `botkit events list [FILE]`. Open: received and not handled yet. Dead: set
    aside, because the bot's process had ended three times while it was handled, or because it could not be fetched.
    Late: a command that came when it was too old to be answered (`answer_within`).
    """


@events.command("list")
@bot_file
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_(file: Path, as_json: bool) -> None:
    """List open, dead and late events of FILE's bot, running or not."""
    from botkit import config
    from botkit.clock import SystemClock
    from botkit.messenger.errors import BotkitError

    try:
        found = _rows(config.read(file))
    except BotkitError as error:
        fail(error)
    if as_json:
        click.echo(json.dumps([row.to_dict() for row in found], ensure_ascii=False, indent=1))
    else:
        now_ms = SystemClock().time_ms()
        click.echo(table([_shown(row, now_ms) for row in found]) if found else "none: every event is handled")


@events.command()
@click.argument("row_id", metavar="ID", type=int)
@bot_file
def retry(row_id: int, file: Path) -> None:
    """Have the dead or late event ID handled after all: now, or when FILE's bot starts."""
    from botkit import config
    from botkit.messenger.errors import BadArgument, BotkitError

    try:
        when = _retry(config.read(file), row_id)
        if when is None:
            raise BadArgument(f"there is no dead or late event {row_id}; see: botkit events")
    except BotkitError as error:
        fail(error)
    click.echo(f"event {row_id} is handled {when}")


def _rows(settings: BotConfig) -> list[RowInfo]:
    from botkit.cli import _control
    from botkit.runner import at_rest
    from botkit.runner.control import ROW_STATES

    port = _control.find(settings)
    if port is not None:
        return port.rows(ROW_STATES)
    path = at_rest.newest(settings.data, settings.file.network)
    return [] if path is None else at_rest.rows(path, ROW_STATES)


def _retry(settings: BotConfig, row_id: int) -> str | None:
    """When the event is handled; None when there is no such dead or late one."""
    from botkit.cli import _control
    from botkit.runner import at_rest
    from botkit.runner.data_lock import data_lock

    port = _control.find(settings)
    if port is not None:
        return "now" if port.retry(row_id) else None
    with data_lock(settings.data, "botkit events retry"):
        path = at_rest.newest(settings.data, settings.file.network)
        return "when the bot starts" if path is not None and at_rest.retry(path, row_id) else None


def _shown(row: RowInfo, now_ms: int) -> dict[str, Any]:
    from botkit.status import duration

    return {
        "id": row.id,
        "state": row.state,
        "kind": row.kind,
        "chat": row.thread_id or "",
        "received": f"{duration((now_ms - row.received_ms) / 1000)} ago",
        "starts": row.starts,
        "note": row.note or "",
    }
