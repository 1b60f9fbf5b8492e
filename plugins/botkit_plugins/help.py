"""Tells what can be typed here: the commands and plugins that the one who asks may use."""

from collections.abc import Iterable, Iterator

from botkit import ChatContext, Command, CommandError, CommandTable, Rest, command

SCREEN = 20
"""How many lines an answer may have to be read without scrolling."""
LONGEST = 50
"""How many characters of what was typed are repeated."""


@command("help", aliases=["commands"])
def help_(ctx: ChatContext, name: Rest = "") -> str:
    """What can I type? !help echo"""
    usable = ctx.commands.usable(ctx.role, [one.name for one in ctx.host.plugins() if one.is_enabled])
    wanted = " ".join(name.removeprefix(ctx.prefix).split())
    return "\n".join(_about(ctx, usable, wanted) if wanted else _everything(ctx, usable))


def _everything(ctx: ChatContext, usable: CommandTable) -> list[str]:
    """As much of all commands as fits on a screen."""
    full, short = [ctx.t("known")], [ctx.t("known")]
    by_plugin = _by_plugin(ctx, usable)
    for plugin, commands in by_plugin.items():
        if [one.name for one in commands] != [plugin]:
            full.append(f"{plugin}:")
        full += _lines(ctx, commands)
        short.append(f"{plugin}: {', '.join(ctx.prefix + one.name for one in commands)}")
    more = ctx.t("more", help=f"{ctx.prefix}help")
    if len(full) <= SCREEN:
        return full
    return [*(short if len(short) < SCREEN else [ctx.t("plugins", names=", ".join(by_plugin))]), more]


def _about(ctx: ChatContext, usable: CommandTable, name: str) -> list[str]:
    """About the command, the subcommands and the plugin of that name, whichever there are."""
    found = usable.find(name)
    listed = list(usable.subcommands(name))
    plugin = next((one for one in ctx.host.plugins() if one.name.casefold() == name.casefold()), None)
    if plugin is not None:
        of_plugin = _by_plugin(ctx, usable).get(plugin.name, [])
        listed += [one for one in of_plugin if one is not found and one not in listed]
    if found is not None:
        return [*_one(ctx, found), *_lines(ctx, listed)]
    if not listed:
        raise CommandError(_refused(ctx, name) or _unknown(ctx, usable, name))
    return [*([plugin.summary] if plugin and plugin.summary else []), *_lines(ctx, listed)]


def _refused(ctx: ChatContext, name: str) -> str | None:
    """Who may use a command that the one who asks may not; None when there is no such command here."""
    enabled = [one.name for one in ctx.host.plugins() if one.is_enabled]
    found = ctx.commands.usable("owner", enabled).find(name)
    return ctx.t(f"role.{found.role}") if found is not None else None


def _unknown(ctx: ChatContext, usable: CommandTable, name: str) -> str:
    asked, near = ctx.prefix + name[:LONGEST], usable.nearest(name)
    if near is None:
        return ctx.t("unknown", name=asked)
    return ctx.t("did_you_mean", name=asked, near=ctx.prefix + near)


def _one(ctx: ChatContext, one: Command) -> Iterator[str]:
    yield one.usage(ctx.prefix)
    if text := _help(ctx, one):
        yield text
    yield from _arguments(ctx, one)
    if one.aliases:
        yield ctx.t("also", names=", ".join(ctx.prefix + alias for alias in one.aliases))
    for typed, answer in one.examples:
        yield ctx.t("example", typed=ctx.prefix + typed[1:], answer=answer)
    if one.cooldown is not None:
        yield ctx.t(f"cooldown.{one.cooldown.per}", time=one.cooldown.length)
    if one.role != "member":
        yield ctx.t(f"role.{one.role}")
    if one.confirm:
        yield ctx.t("confirm")


def _arguments(ctx: ChatContext, one: Command) -> Iterator[str]:
    """A line for each argument about which more can be said than that it is a text."""
    for parameter in one.parameters:
        what = parameter.describe(ctx.language)
        if parameter.typed_default:
            yield ctx.t("default", name=parameter.label, what=what, default=parameter.typed_default)
        elif not parameter.is_any_text:
            yield ctx.t("argument", name=parameter.label, what=what)


def _lines(ctx: ChatContext, commands: Iterable[Command]) -> Iterator[str]:
    for one in commands:
        summary = _help(ctx, one).partition("\n")[0]
        yield f"{one.usage(ctx.prefix)} – {summary}" if summary else one.usage(ctx.prefix)


def _help(ctx: ChatContext, one: Command) -> str:
    """The help text with the prefix of this chat in its examples."""
    return ctx.help_of(one).replace(f"!{one.name}", ctx.prefix + one.name)


def _by_plugin(ctx: ChatContext, usable: CommandTable) -> dict[str, list[Command]]:
    """The plugins that have a command for the one who asks, in the order of the bot file."""
    listed = sorted(usable.commands, key=lambda one: one.name)
    by_plugin = {p.name: [one for one in listed if one.plugin == p.name] for p in ctx.host.plugins()}
    return {name: commands for name, commands in by_plugin.items() if commands}
