"""Lists the commands, or tells about one."""

from botkit import ChatContext, Command, CommandError, CommandTable, command


@command("help", aliases=["commands"])
def help_(ctx: ChatContext, name: str = "") -> str:
    """What can I type? !help echo"""
    known = _known_to(ctx)
    if name:
        return _about(known, name.removeprefix(ctx.prefix), ctx.prefix)
    listed = sorted(known.commands, key=lambda one: one.name)
    return "\n".join(["I know these commands:", *(_line(one, ctx.prefix) for one in listed)])


def _line(one: Command, prefix: str) -> str:
    return f"{one.usage(prefix)} – {one.summary}" if one.summary else one.usage(prefix)


def _known_to(ctx: ChatContext) -> CommandTable:
    """The commands that the one who asks may use."""
    is_owner = ctx.sender_id in ctx.owners
    return CommandTable.of(one for one in ctx.commands.commands if is_owner or one.role != "owner")


def _about(known: CommandTable, name: str, prefix: str) -> str:
    found = known.find(name)
    if found is None:
        near = known.nearest(name)
        hint = f" Did you mean {prefix}{near}?" if near else ""
        raise CommandError(f"There is no {prefix}{name}.{hint}")
    also = [f"Also: {', '.join(prefix + alias for alias in found.aliases)}"] if found.aliases else []
    return "\n".join([found.usage(prefix), *([found.help] if found.help else []), *also])
