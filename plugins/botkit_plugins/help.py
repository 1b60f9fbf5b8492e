"""Lists the commands, or tells about one."""

from botkit import ChatContext, Command, CommandError, command


@command("help", aliases=["commands"])
def help_(ctx: ChatContext, name: str = "") -> str:
    """What can I type? !help echo"""
    if name:
        return _about(ctx, name.removeprefix(ctx.prefix))
    listed = sorted(ctx.commands.commands, key=lambda one: one.name)
    return "\n".join(["I know these commands:", *(_line(one, ctx.prefix) for one in listed)])


def _line(one: Command, prefix: str) -> str:
    return f"{one.usage(prefix)} – {one.summary}" if one.summary else one.usage(prefix)


def _about(ctx: ChatContext, name: str) -> str:
    found = ctx.commands.find(name)
    if found is None:
        near = ctx.commands.nearest(name)
        hint = f" Did you mean {ctx.prefix}{near}?" if near else ""
        raise CommandError(f"There is no {ctx.prefix}{name}.{hint}")
    also = [f"Also: {', '.join(ctx.prefix + alias for alias in found.aliases)}"] if found.aliases else []
    return "\n".join([found.usage(ctx.prefix), *([found.help] if found.help else []), *also])
