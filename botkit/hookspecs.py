"""Every hook that a plugin can implement, and its contract.

A hook is implemented by a function of the same name marked with `@hookimpl`. Ask only for the arguments that you use,
and give them no defaults. The order among plugins is that of their lines under `plugins:` in the bot file.

One call is one transaction: what it queues with `ctx.reply` and changes in `ctx.store` is committed when it returns.
When it raises, that is dropped, the log names the plugin and its line, `on_plugin_error` is told, and the other plugins
are called all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from botkit.commands import Command, Invocation
    from botkit.context import ChatContext, Context
    from botkit.messenger import (
        ConnectionState,
        Message,
        Presence,
        Reaction,
        Read,
        ReadReceipt,
        ThreadEvent,
        Typing,
        Unsend,
    )
    from botkit.outgoing import Outgoing
    from botkit.own_events import AccountTrouble, BackgroundResult, Gap

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
def on_start(ctx: Context) -> Stop | None:
    """When the bot has logged in, once per start, before the first event.

    thread: a worker that has no chat; the start waits for it, a minute at most
    given: a `ctx` without a chat: use `ctx.send(thread_id, text)`
    return: `STOP` ends the walk; a text has no chat to go to and is an error
    exception: ends this call only; the bot starts all the same

        @hookimpl
        def on_start(ctx):
            ctx.log.info("ready")
    """


@hookspec
def on_stop(ctx: Context) -> Stop | None:
    """When the bot stops in good order (not when it is killed), after the last event.

    thread: a worker that has no chat; what takes longer than 1.2 s is not waited for
    given: a `ctx` without a chat; what it queues is sent if there is still time, else at the next start
    return: `STOP` ends the walk; a text has no chat to go to and is an error
    exception: ends this call only; the bot stops all the same

        @hookimpl
        def on_stop(ctx):
            ctx.store["stopped_at"] = ctx.clock.now().isoformat()
    """


@hookspec
def on_message(ctx: ChatContext, message: Message) -> str | Stop | Invocation | None:
    """For each message that somebody else wrote in a chat of the bot.

    thread: a worker of the chat, one event after another; kept over a crash
    given: the message; `message.is_late` when it is older than `answer_within`
    return: a text is the reply; `STOP` keeps the message from later plugins and from the commands; an `Invocation` has
        that command run in the place of this call
    exception: ends this call only; the later plugins see the message

        @hookimpl
        def on_message(ctx, message):
            if "good bot" in message.body.lower():
                return "Thank you!"
    """


@hookspec
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | Stop | None:
    """For each change in a chat: joined, left, title, colour, emoji, nickname, image, admins, poll, call, pin and such.

    thread: a worker of the chat, one event after another; kept over a crash
    given: the change; `event.log_message_type` tells which, `event.log_message_data` the rest
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_event(ctx, event):
            if event.log_message_type == "log:subscribe":
                return "Welcome!"
    """


@hookspec
def on_reaction(ctx: ChatContext, reaction: Reaction) -> str | Stop | None:
    """When somebody reacts to a message, or takes a reaction back.

    thread: a worker of the chat, one event after another; kept over a crash
    given: the reaction; `reaction.reaction` is the emoji, None when it was taken back. `ctx.sender_id` is who reacted,
        `reaction.sender_id` who had written the message
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_reaction(ctx, reaction):
            ctx.store.thread.increment(f"reactions.{reaction.reaction}")
    """


@hookspec
def on_unsend(ctx: ChatContext, unsend: Unsend) -> str | Stop | None:
    """When somebody takes a message of their own back, for everyone.

    thread: a worker of the chat, one event after another; kept over a crash
    given: who took which message back; its text is not told
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_unsend(ctx, unsend):
            ctx.store.thread.pop(f"quote.{unsend.message_id}", None)
    """


@hookspec
def on_read(ctx: ChatContext, read: Read) -> str | Stop | None:
    """When the bot's own account has read a chat, through the bot or on another device.

    thread: a worker of the chat, one event after another; kept over a crash
    given: the chat, and up to which time it was read
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_read(ctx, read):
            ctx.store.thread["read_until_ms"] = read.time_ms
    """


@hookspec
def on_read_receipt(ctx: ChatContext, receipt: ReadReceipt) -> str | Stop | None:
    """When somebody else has read a chat.

    thread: a worker of the chat, one event after another; kept over a crash
    given: who has read, and when
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_read_receipt(ctx, receipt):
            ctx.store.member["read_at_ms"] = receipt.time_ms
    """


@hookspec
def on_typing(ctx: ChatContext, typing: Typing) -> str | Stop | None:
    """When somebody starts or stops typing.

    thread: a worker of the chat, one event after another; at most once: not kept over a crash, dropped after 30 s
    given: who types where, and whether it was the start
    return: a text is written to the chat; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_typing(ctx, typing):
            ctx.log.debug("typing: %s", typing.is_typing)
    """


@hookspec
def on_presence(ctx: Context, presence: Presence) -> Stop | None:
    """When a friend of the account comes or goes; after each connection also for all who are there.

    thread: a worker that has no chat; at most once: not kept over a crash, dropped after 30 s
    given: a `ctx` without a chat, and who it is; `presence.p` is 0 when the person has gone
    return: `STOP` ends the walk; a text has no chat to go to and is an error
    exception: ends this call only

        @hookimpl
        def on_presence(ctx, presence):
            ctx.log.debug("%s is %s", presence.user_id, presence.statuses["status"])
    """


@hookspec
def on_connection(ctx: Context, state: ConnectionState) -> Stop | None:
    """When the state of the connection changes.

    thread: a worker that has no chat; at most once: not kept over a crash, dropped after 30 s
    given: a `ctx` without a chat, and the state: `state.name` is connecting, live, stalled, backing_off, logged_out,
        checkpoint or stopped; `state.reason` says why
    return: `STOP` ends the walk; a text has no chat to go to and is an error
    exception: ends this call only

        @hookimpl
        def on_connection(ctx, state):
            ctx.store.increment(f"connection.{state.name}")
    """


@hookspec
def on_gap(ctx: Context, gap: Gap) -> str | Stop | None:
    """When something may be missing for good, such as after the network has lost what it had kept for the bot.

    thread: a worker of the chat, or one that has no chat; at most once: not kept over a crash
    given: `gap.reason`; `gap.thread_id` is the chat in which messages may be missing, which is then that of `ctx`, or
        None when it may be any
    return: a text is written to the chat, if there is one; `STOP` ends the walk
    exception: ends this call only

        @hookimpl
        def on_gap(ctx, gap):
            ctx.log.warning("I may have missed something: %s", gap.reason)
    """


@hookspec
def on_account(ctx: Context, trouble: AccountTrouble) -> Stop | None:
    """When the network has ended the session or locked the account, right before the bot stops.

    thread: a worker that has no chat; what takes longer than 5 s is not waited for
    given: a `ctx` without a chat. Nothing can be sent any more; what is queued waits for a start with a session that
        lives. `trouble.kind` is `logged_out` or `checkpoint`
    return: `STOP` ends the walk; a text has no chat to go to and is an error
    exception: ends this call only

        @hookimpl
        def on_account(ctx, trouble):
            ctx.store["stopped_because"] = trouble.reason
    """


@hookspec
def on_background(ctx: Context, result: BackgroundResult) -> str | None:
    """When work that this plugin has put into the background with `ctx.background` is done; only the plugin itself.

    thread: a worker of the chat in which the work was asked for, or one that has no chat; kept over a crash
    given: the result; `result.error` tells that the function raised, or took longer than 10 minutes
    return: a text is written to that chat
    exception: ends this call only

        @hookimpl
        def on_background(ctx, result):
            return f"Found {result.value} pages." if result.error is None else None
    """


@hookspec
def on_plugin_error(ctx: Context, plugin: str, error: BaseException) -> str | Stop | None:
    """When a call of another plugin has raised; the plugin itself is not asked.

    thread: a worker of the chat, or one that has no chat; at most once: not kept over a crash
    given: the name of the plugin and what it raised, SystemExit included. `ctx.event` is the event that it was
        handling, or None
    return: a text is written to the chat, if there is one; `STOP` ends the walk
    exception: ends this call only, and nobody is told of it but the log

        @hookimpl
        def on_plugin_error(ctx, plugin, error):
            ctx.store.increment(f"errors.{plugin}")
    """


@hookspec
def allow(ctx: ChatContext, command: Command) -> str | bool | None:
    """Before a command runs, after the role of the asker was looked at: whether it may.

    thread: a worker of the chat, as part of the call that the command runs in
    given: the command; `ctx.sender_id` is who has typed it
    return: None is no objection; a text is a no, and is said in the chat; False is a silent no. After a no nobody else
        is asked. What a call queues or stores counts, after a no too
    exception: is a no, and counts as a failure of this plugin. While a plugin is paused it is not asked

        @hookimpl
        def allow(ctx, command):
            return "Not at night." if ctx.clock.now().hour < 7 else None
    """


@hookspec
def outgoing(ctx: Context, message: Outgoing) -> str | Stop | None:
    """For each message and reaction that a call has queued, before the call is committed: see, change or veto it.

    thread: that of the call which has queued it, as part of that call
    given: the message: `message.thread_id`, `message.body`, `message.kind` (`message` or `reaction`, whose emoji is the
        body) and `message.plugin`, whose it is; a plugin sees its own ones too. What goes through `ctx.api` or
        `ctx.queue` does not pass, nor does `error_reply`
    return: None lets it go; a text goes in its place, and is what later plugins see; `STOP` vetoes it, and the log says
        who did. Nothing can be queued here: that raises ContextError
    exception: the message goes as it was; counts as a failure of this plugin. While a plugin is paused it is not asked

        @hookimpl
        def outgoing(ctx, message):
            return message.body.replace("darn", "d***") if "darn" in message.body else None
    """


@hookspec
def register_commands() -> Sequence[Callable[..., Any]]:
    """When the plugin is loaded: commands besides the module's own `@command` functions.

    thread: the one that loads the plugins
    given: nothing; there is no `ctx` yet
    return: functions marked with `@command`
    exception: refuses the plugin

        @hookimpl
        def register_commands():
            return [command(word)(lambda ctx: "Hello!") for word in ("hi", "hey")]
    """
    return ()


@hookspec
def register_jobs() -> Sequence[Callable[..., Any]]:
    """When the plugin is loaded: jobs besides the module's own `@cron`, `@every` and `@at` functions.

    thread: the one that loads the plugins
    given: nothing; there is no `ctx` yet
    return: functions marked with `@cron`, `@every` or `@at`
    exception: refuses the plugin

        @hookimpl
        def register_jobs():
            return [every("2h", name="ding")(lambda ctx: ctx.log.info("ding"))]
    """
    return ()


@hookspec
def register_cli() -> Sequence[Any]:
    """When somebody types `botkit NAME` and botkit itself has no such subcommand: the plugin's own subcommands.

    thread: the main thread of the command line; no bot is there
    given: nothing. Only installed plugins are asked, found by their entry points: no bot file is read
    return: commands of click, each with a name of its own
    exception: is told in one line; the other plugins are asked all the same

        @hookimpl
        def register_cli():
            import click

            return [click.Command("throw", callback=lambda: click.echo("4"))]
    """
    return ()
