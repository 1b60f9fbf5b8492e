"""`botkit run`: start a bot and keep it running."""

from __future__ import annotations

import random as random_module
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit import __version__
from botkit.cli._arguments import bot_file
from botkit.cli._report import EXIT_CODES, fail
from botkit.cli._signals import when_asked_to_stop

if TYPE_CHECKING:
    from botkit.cli._networks import Connection
    from botkit.clock import Clock
    from botkit.config import BotConfig
    from botkit.logs import Form
    from botkit.messenger import RawEvent
    from botkit.runner.bot import Bot
    from botkit.runner.loader import HookTable

_LIVE_WITHIN_S = 5.0
"""So long a start waits for the network before it says that it does not listen yet."""


@dataclass(frozen=True)
class _Wishes:
    """What the command line says; None leaves it to the bot file."""

    log_level: str
    log_format: Form | None
    log_file: Path | None
    metrics: int | None
    record: Path | None
    record_bodies: bool
    shadow: bool
    reload: bool
    trace_hooks: bool


@click.command(epilog=EXIT_CODES)
@bot_file
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much to log. Only debug shows what people write.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Lines for the eye, or one JSON object a line (default: the bot file's log_format, else text).",
)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log to this file too, and to four older ones beside it, 10 MiB each (default: the bot file's log_file).",
)
@click.option(
    "--metrics",
    type=click.IntRange(0, 65535),
    help="Serve OpenMetrics on this port of 127.0.0.1; 0 takes a free one (default: the bot file's metrics).",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what comes in to this new file, for `botkit replay`; what people write is masked.",
)
@click.option("--record-bodies", is_flag=True, help="With --record: what people write as they wrote it.")
@click.option(
    "--shadow",
    is_flag=True,
    help="Handle what comes in and do nothing but read; the log tells what would be sent. Keeps a memory of its own.",
)
@click.option("--reload", is_flag=True, help="Load a plugin anew when its files change; if that fails the old runs on.")
@click.option(
    "--trace-hooks",
    is_flag=True,
    help="Log each call of a plugin: event, function, ms, kind of result; and what was not called, and why.",
)
def run(file: Path, **wishes: Any) -> None:
    """Start the bot of a bot file and keep it running.

    FILE is the bot file (default: bot.yaml). With `network: sandbox` it uses the sandbox that the file or its data
    folder names, or starts one. Ctrl+C stops the bot in good order, a second Ctrl+C at once.
    """
    from botkit import logs
    from botkit.cli import _secrets
    from botkit.messenger.errors import BotkitError, ConfigError
    from botkit.runner import loader
    from botkit.runner.data_lock import data_lock

    wanted = _Wishes(**wishes)
    if wanted.record_bodies and wanted.record is None:
        fail(ConfigError(["--record-bodies needs --record FILE"]))
    logs.set_up(wanted.log_level, form=wanted.log_format or "text")
    try:
        settings, table = loader.read(file)
        _secrets.check(settings)
        _set_up_logs(settings, wanted)
        with data_lock(settings.data, str(file)):
            _run(settings, table, wanted)
    except BotkitError as error:
        fail(error)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _set_up_logs(settings: BotConfig, wishes: _Wishes) -> None:
    from botkit import logs
    from botkit.messenger.errors import ConfigError

    own = settings.file.log_file
    path = wishes.log_file or (settings.path(own) if own else None)
    try:
        logs.set_up(wishes.log_level, form=wishes.log_format or settings.file.log_format, file=path)
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
        raise ConfigError([settings.source.problem(("log_file",), problem)]) from error


def _run(settings: BotConfig, table: HookTable, wishes: _Wishes) -> None:
    from botkit.cli._networks import connect
    from botkit.cli._ports import ports
    from botkit.clock import SystemClock, system_random
    from botkit.runner import loader
    from botkit.runner.bot import Bot
    from botkit.runner.reload import FolderWatch
    from botkit.runner.tracing import Trace

    clock, random = SystemClock(), system_random()
    with ExitStack() as stack:
        with _telling(settings, clock):
            connection = stack.enter_context(connect(settings, clock, random))
            on_raw = stack.enter_context(_recording(settings, connection, wishes, random))
            bot = Bot(
                connection.api,
                table,
                connection.folder / "shadow" if wishes.shadow else connection.folder,
                clock,
                random,
                settings.file,
                name=str(settings.source.path),
                session_file=connection.session_file,
                shadow=wishes.shadow,
                on_raw=on_raw,
                renew=partial(loader.renewed, settings),
                trace=Trace(clock) if wishes.trace_hooks else None,
            )
            stack.callback(bot.stop)
            when_asked_to_stop(bot.request_stop)
            bot.start()
            if wishes.reload:
                watch = FolderWatch(bot.tables.current, clock, bot.reload)
                watch.start()
                stack.callback(watch.stop)
        with ports(settings, bot, clock, random, wishes.metrics) as metrics:
            _introduce(settings, bot.tables.current(), connection, metrics, shadow=wishes.shadow)
            _say_whether_it_listens(bot)
            _say_what_to_do(settings, bot.tables.current(), connection)
            bot.wait()
    click.echo("stopped")


@contextmanager
def _telling(settings: BotConfig, clock: Clock) -> Iterator[None]:
    """Tell the owner why the bot cannot start, if a person is needed; once it runs it tells by itself."""
    from botkit.messenger.errors import LoginError, NotLoggedIn, StoreError
    from botkit.runner.owner import Owner

    try:
        yield
    except (LoginError, NotLoggedIn, StoreError) as error:
        owner = Owner(settings.file.notify, clock, str(settings.source.path))
        owner.tell("store" if isinstance(error, StoreError) else "account", f"the bot cannot start: {error}")
        owner.stop()
        raise


@contextmanager
def _recording(
    settings: BotConfig, connection: Connection, wishes: _Wishes, random: random_module.Random
) -> Iterator[Callable[[RawEvent, int], None] | None]:
    """Make a record if asked to; gives what takes its rows, else None."""
    if wishes.record is None:
        yield None
        return
    from botkit.runner.bot import own_id_of
    from botkit.runner.record import Head, Recorder

    head = Head(__version__, own_id_of(connection.api), settings.file.prefix, wishes.record_bodies)
    recorder = Recorder(wishes.record, head, random)
    try:
        yield recorder.add
    finally:
        recorder.close()


def _introduce(settings: BotConfig, table: HookTable, connection: Connection, metrics: str, *, shadow: bool) -> None:
    """Who I am, where, with whom, with which plugins."""
    prefix = settings.file.prefix
    # Of subcommands the word that they have in common.
    commands = ", ".join(sorted({prefix + one.name.split()[0] for one in table.commands.commands}))
    lines = [
        ("botkit", f"{__version__}, {settings.source.path}"),
        ("network", connection.network),
        ("I am", connection.me),
        *([("room", connection.room)] if connection.room else []),
        ("chats", connection.chats),
        ("plugins", ", ".join(plugin.name for plugin in table.plugins)),
        ("commands", commands or "none"),
        *([("metrics", metrics)] if metrics else []),
        *([("shadow", "events are handled, and nothing is done but reading")] if shadow else []),
    ]
    for name, text in lines:
        click.echo(textwrap.fill(f"{name:<9} {text}", 100, subsequent_indent=" " * 10, break_on_hyphens=False))


def _say_whether_it_listens(bot: Bot) -> None:
    """Who reads the next line may write at once, and is heard. Raises what has ended the bot meanwhile."""
    if bot.wait_live(_LIVE_WITHIN_S) or bot.wait(0):
        return
    status = bot.status()
    state = "still taking in what it has missed" if status.state == "live" else f"not listening yet: {status.reason}"
    click.echo(f"\n{state[0].upper()}{state[1:]}. It goes on by itself.")


def _say_what_to_do(settings: BotConfig, table: HookTable, connection: Connection) -> None:
    if connection.page:
        hint = f" and write {settings.file.prefix}help to a chat" if table.commands.find("help") else ""
        click.echo(f"\nOpen {connection.page} in a browser{hint}. Ctrl+C stops.")
    else:
        click.echo("\nRunning. Ctrl+C stops.")
