"""The command router: a message that begins with the prefix and a command's name runs that command.

It is loaded in every bot, after all other plugins; name `commands` under `plugins:` to place it elsewhere or to set it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from botkit import ChatContext, Command, CommandError, CommandTable, Invocation, Message, Settings, hookimpl

_YES, _NO = "yes", "no"
_LONGEST = 50


class CommandsSettings(Settings):
    suggest: bool = True
    """Whether a mistyped command is answered with the nearest one there is."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> Invocation | None:
    typed = ctx.commands.split(message.body, ctx.prefix)
    if typed is None:
        return None
    name, rest = typed
    is_answer = name.casefold() in (_YES, _NO)
    if is_answer and (waiting := ctx.host.take_confirmation()) is not None:
        if name.casefold() == _YES:
            return _confirmed(ctx, *waiting)
        ctx.reply(ctx.t("not_done", command=ctx.prefix + " ".join(" ".join(waiting).split())))
        return None
    command = ctx.commands.find(name)
    if command is not None:
        return _invocation(ctx, message, command, rest)
    if not message.is_late and not is_answer and ctx.commands.nearest(name) is not None:
        _help_out(ctx, _usable(ctx), name, rest)
    return None


def _confirmed(ctx: ChatContext, name: str, text: str) -> Invocation | None:
    """The command that a person was asked about, if it is still there."""
    command = ctx.commands.find(name)
    if command is None:
        return None
    return replace(ctx.commands.invocation(command, text, ctx.prefix, ctx.lookup), confirmed=True)


def _invocation(ctx: ChatContext, message: Message, command: Command, rest: str) -> Invocation:
    try:
        return ctx.commands.invocation(command, rest, ctx.prefix, ctx.lookup)
    except CommandError:
        # What a gate will refuse is left to the gate: its usage is not for this person, or not now.
        if message.is_late or command not in _usable(ctx).commands:
            return Invocation(command, text=rest)
        raise


def _help_out(ctx: ChatContext, usable: CommandTable, name: str, rest: str) -> None:
    """Answer what is no command: with the subcommands of that name, or with the nearest command."""
    subcommands = usable.subcommands(name)
    if subcommands and not rest.strip():
        raise CommandError("\n".join([ctx.t("subcommands", name=ctx.prefix + name), *_usages(ctx, subcommands)]))
    if not ctx.settings.suggest:
        return
    typed = " ".join([name, *rest.split()[:1]])[:_LONGEST] if subcommands else name
    near = usable.nearest(f"{name} {rest}")
    if near == name.casefold():
        raise CommandError("\n".join([ctx.t("unknown", name=ctx.prefix + typed), *_usages(ctx, subcommands)]))
    if near is not None:
        raise CommandError(ctx.t("did_you_mean", name=ctx.prefix + typed, near=ctx.prefix + near))


def _usages(ctx: ChatContext, commands: Iterable[Command]) -> Iterator[str]:
    yield from (one.usage(ctx.prefix) for one in commands)


def _usable(ctx: ChatContext) -> CommandTable:
    """What the one who asks may use in this chat."""
    return ctx.commands.usable(ctx.role, [one.name for one in ctx.host.plugins() if one.is_enabled])
