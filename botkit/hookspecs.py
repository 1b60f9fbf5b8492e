"""Every hook that a plugin can implement, and its contract.

A hook is implemented by a function of the same name marked with `@hookimpl`. Ask only for the arguments that you use.
The order among plugins is that of their lines under `plugins:` in the bot file. What holds for every hook:

- it runs on a worker thread of the chat concerned (`on_start` and `on_stop`: of no chat), never on the socket's;
- one call is one transaction: what it queues with `ctx.reply` and changes in `ctx.store` is committed when it returns;
- when it raises, its messages and store changes are dropped, the error is logged and told to `on_plugin_error`, and
  the other plugins are called all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from botkit.commands import Invocation
    from botkit.context import AccountTrouble, BackgroundResult, ChatContext, Context
    from botkit.messenger import Message, ThreadEvent, Typing

PROJECT = "botkit"

hookimpl = pluggy.HookimplMarker(PROJECT)
hookspec = pluggy.HookspecMarker(PROJECT)


class Stop(Enum):
    """The type of `STOP`."""

    STOP = "stop"

    def __repr__(self) -> str:
        return "STOP"


STOP: Final = Stop.STOP
"""Returned by a hook: no later plugin sees this event."""


@hookspec
def on_start(ctx: Context) -> None:
    """When the bot has logged in, once per start, before the first event.

    A return does nothing. There is no chat: use `ctx.send(thread_id, text)`. Smallest example:

        @hookimpl
        def on_start(ctx):
            ctx.log.info("ready")
    """


@hookspec
def on_stop(ctx: Context) -> None:
    """When the bot stops in good order (not when it is killed), after the last event.

    What it queues is kept and sent at the next start. Smallest example:

        @hookimpl
        def on_stop(ctx):
            ctx.store["stopped_at"] = ctx.clock.now().isoformat()
    """


@hookspec
def on_message(ctx: ChatContext, message: Message) -> str | Stop | Invocation | None:
    """For each message that somebody else wrote in a chat of the bot.

    A returned text is the reply; `STOP` ends the walk, so that later plugins and commands do not see the message.
    Smallest example:

        @hookimpl
        def on_message(ctx, message):
            if "good bot" in message.body.lower():
                return "Thank you!"
    """


@hookspec
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | Stop | None:
    """For each change in a chat: joined, left, title, colour, emoji, nickname, admins, poll, call and the like.

    `event.log_message_type` tells which. A returned text is written to the chat; `STOP` ends the walk. Smallest
    example:

        @hookimpl
        def on_event(ctx, event):
            if event.log_message_type == "log:subscribe":
                return "Welcome!"
    """


@hookspec
def on_typing(ctx: ChatContext, typing: Typing) -> str | Stop | None:
    """When somebody starts or stops typing. At most once: it is not kept over a crash, and dropped after 30 s.

    A returned text is written to the chat; `STOP` ends the walk. Smallest example:

        @hookimpl
        def on_typing(ctx, typing):
            ctx.log.debug("typing: %s", typing.is_typing)
    """


@hookspec
def on_plugin_error(ctx: Context, plugin: str, error: BaseException) -> None:
    """When a call of the plugin named `plugin` has raised `error`, SystemExit included; the plugin itself is not asked.

    `ctx.event` is the event it was handling, or None. A return does nothing; an exception here is logged and goes no
    further. Smallest example:

        @hookimpl
        def on_plugin_error(ctx, plugin, error):
            ctx.store.increment(f"errors.{plugin}")
    """


@hookspec
def on_background(ctx: Context, result: BackgroundResult) -> str | None:
    """When work that this plugin has put into the background with `ctx.background` is done; only the plugin itself.

    It runs in the lane of the chat in which the work was asked for, with a `ChatContext` if there was one. A returned
    text is written to that chat. `result.error` tells that the function raised, or took longer than 10 minutes.
    Smallest example:

        @hookimpl
        def on_background(ctx, result):
            return f"Found {result.value} pages." if result.error is None else None
    """


@hookspec
def on_account(ctx: Context, trouble: AccountTrouble) -> None:
    """When the network has ended the session or locked the account, right before the bot stops.

    Nothing can be sent any more; what is queued waits for a start with a session that lives. `trouble.kind` is
    `logged_out` or `checkpoint`. Smallest example:

        @hookimpl
        def on_account(ctx, trouble):
            ctx.store["stopped_because"] = trouble.reason
    """


@hookspec
def register_commands() -> Sequence[Callable[..., Any]]:
    """Once, when the plugin is loaded, on the loading thread: commands besides the module's own `@command` functions.

    Returns functions marked with `@command`. An exception refuses the plugin. Smallest example:

        @hookimpl
        def register_commands():
            return [make_greeting(word) for word in ("hi", "hello")]
    """
    return ()
