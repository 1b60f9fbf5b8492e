"""Lets owners decide whom the bot hears, and in which chats it is silent. An owner's commands pass a muted chat."""

from botkit import ChatContext, Member, command


@command("ignore", role="owner")
def ignore(ctx: ChatContext, person: Member) -> str:
    """Do not hear somebody, in any chat: !ignore Ben"""
    ctx.host.ignore(person.id)
    return ctx.t("ignored", name=_name(person))


@command("unignore", role="owner")
def unignore(ctx: ChatContext, person: Member) -> str:
    """Hear somebody again: !unignore Ben"""
    ctx.host.unignore(person.id)
    return ctx.t("unignored", name=_name(person))


@command("ignored", role="owner", examples=[("!ignored", "I hear everybody.")])
def ignored(ctx: ChatContext) -> str:
    """Whom does the bot not hear? !ignored"""
    here = {one.id: _name(one) for one in ctx.lookup.members()}
    names = [here.get(user_id, user_id) for user_id in ctx.host.ignored()]
    return ctx.t("list", names=", ".join(names)) if names else ctx.t("nobody")


@command("mute", role="owner")
def mute(ctx: ChatContext) -> str:
    """Let the bot be silent in this chat: !mute"""
    ctx.host.mute()
    return ctx.t("muted", prefix=ctx.prefix)


@command("unmute", role="owner", examples=[("!unmute", "I am back.")])
def unmute(ctx: ChatContext) -> str:
    """Let the bot speak in this chat again: !unmute"""
    ctx.host.unmute()
    return ctx.t("unmuted")


def _name(person: Member) -> str:
    return person.nickname or person.name or person.id
