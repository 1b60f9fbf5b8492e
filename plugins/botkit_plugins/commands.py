"""The command router: a message that begins with the prefix and a command's name runs that command.

It is loaded in every bot, after all other plugins; name `commands` under `plugins:` to place it elsewhere or to set it.
"""

from botkit import ChatContext, CommandError, Invocation, Message, Settings, hookimpl


class CommandsSettings(Settings):
    suggest: bool = True
    """Whether a mistyped command is answered with the nearest one there is."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> Invocation | None:
    typed = ctx.commands.split(message.body, ctx.prefix)
    if typed is None:
        return None
    word, rest = typed
    command = ctx.commands.find(word)
    if command is not None:
        return ctx.commands.invocation(command, rest, ctx.prefix)
    near = ctx.commands.nearest(word)
    if near and ctx.settings.suggest:
        raise CommandError(f"There is no {ctx.prefix}{word}. Did you mean {ctx.prefix}{near}?")
    return None
