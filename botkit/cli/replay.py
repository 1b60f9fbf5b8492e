"""`botkit replay`: run a record through a bot file's plugins, and print what they would have done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail

if TYPE_CHECKING:
    from botkit.config import BotFile
    from botkit.runner.loader import HookTable
    from botkit.runner.record import Record
    from botkit.runner.replay import Deed

SETTLE_LIMIT_S = 90.0
"""How long, in real seconds, the plugins may be at work on one event: asking a web site, or computing, is slow."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@click.command("replay")
@click.argument("record", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@bot_file
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--seed", type=int, default=0, show_default=True, help="Where the plugins' dice begin.")
def replay(record: Path, file: Path, as_json: bool, seed: int) -> None:
    """Run RECORD through the plugins of FILE, and print what they would have done.

    RECORD was made by `botkit run --record`. Nothing leaves and nothing is kept: the store is a new one, the clock
    stands at each event's arrival, and what plugins look up fails as without a network. The same record, plugins and
    seed give the same lines.
    """
    from botkit import logs
    from botkit.cli import _secrets
    from botkit.messenger.errors import BotkitError, ConfigError
    from botkit.runner import loader

    logs.set_up("warning")
    try:
        found = _read(record, file)
        if problem := _secrets.too_wide(record):
            raise ConfigError([problem])
        settings, table = loader.read(file)
        if found.head.prefix != settings.file.prefix:
            click.echo(f"botkit: {record}: commands began with {found.head.prefix} when it was made", err=True)
        for deed in _deeds(found, table, settings.file, seed):
            click.echo(json.dumps(deed.to_dict(), ensure_ascii=False) if as_json else _line(deed))
    except BotkitError as error:
        fail(error)


def _read(record: Path, file: Path) -> Record:
    """The record; raises BadArgument, which tells so when it is `file` that is one."""
    from botkit.messenger.errors import BadArgument
    from botkit.runner.record import Record

    try:
        return Record(record)
    except BadArgument as error:
        try:
            Record(file)
        except BadArgument:
            raise error from None
        swapped = f"{record} is no record, but {file} is one; write: botkit replay {file} {record}"
        raise BadArgument(swapped) from None


def _deeds(record: Record, table: HookTable, file: BotFile, seed: int) -> Iterator[Deed]:
    import random
    import tempfile

    from botkit.runner import replay
    from botkit.testing import VirtualClock

    first = next(record.rows(), None)
    if first is None:
        return
    clock = VirtualClock(_time(first.received_ms))
    clock.limit_s = SETTLE_LIMIT_S
    with tempfile.TemporaryDirectory(prefix="botkit-replay-") as folder:
        yield from replay.replay(record, table, file, Path(folder), clock, random.Random(seed))  # noqa: S311


def _line(deed: Deed) -> str:
    """`2026-01-01 09:00:00.000  7000…  echo  hello`, with what is no plain message named."""
    what = "" if deed.what == "message" else deed.what
    details = json.dumps(deed.details, ensure_ascii=False) if deed.details else ""
    text = deed.text.replace("\\", "\\\\").replace("\n", "\\n")
    time = _time(deed.time_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    done = " ".join(part for part in (what, text, details) if part)
    return "  ".join(part for part in (time, deed.thread_id or "-", deed.plugin, done) if part)


def _time(time_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=time_ms)
