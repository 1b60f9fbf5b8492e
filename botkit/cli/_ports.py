"""What a running bot opens on loopback for its owner: the control port, and the metrics if they are asked for."""

from __future__ import annotations

import random as random_module
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.messenger.errors import ConfigError, StoreError
from botkit.runner.bot import Bot
from botkit.runner.control import ControlPort


@contextmanager
def ports(
    settings: BotConfig, bot: Bot, clock: Clock, random: random_module.Random, metrics: int | None
) -> Iterator[str]:
    """Open them until the block ends; gives the address of the metrics, or ''.

    metrics: the port that the command line wants instead of the bot file's. Raises ConfigError when that cannot be had,
    StoreError when the control port cannot be told to anybody.
    """
    with ExitStack() as stack:
        address = ""
        port = settings.file.metrics if metrics is None else metrics
        if port is not None:
            address = stack.enter_context(_metrics(settings, bot, clock, port))
        control = ControlPort(bot, settings.data, settings.source.path, clock, random)
        stack.callback(control.stop)
        try:
            control.start()
        except OSError as error:
            raise StoreError(f"{settings.data}: the control port's file cannot be written: {error.strerror}") from error
        yield address


@contextmanager
def _metrics(settings: BotConfig, bot: Bot, clock: Clock, port: int) -> Iterator[str]:
    # The library is loaded by those who want metrics only.
    from botkit.runner.metrics import MetricsServer

    try:
        server = MetricsServer(bot.status, clock, port)
    except OSError as error:
        problem = f"port {port} cannot be had: {error.strerror}; name another, or 0 for a free one"
        raise ConfigError([settings.source.problem(("metrics",), problem)]) from error
    server.start()
    try:
        yield f"{server.url}/metrics"
    finally:
        server.stop()
