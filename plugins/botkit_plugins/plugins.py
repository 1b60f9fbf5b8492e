"""Lets owners see the plugins, switch them on and off in a chat, set them, and load their code anew."""

import json

from botkit import ChatContext, CommandError, Rest, command


@command("plugins", role="owner")
def plugins(ctx: ChatContext) -> str:
    """Which plugins are there, and which are on in this chat? !plugins"""
    found = ctx.host.plugins()
    on = [one.name for one in found if one.is_enabled]
    off = [one.name for one in found if not one.is_enabled]
    return "\n".join([ctx.t("on", names=", ".join(on)), *([ctx.t("off", names=", ".join(off))] if off else [])])


@command("plugins get", role="owner", examples=[("!plugins get plugins", "plugins has no settings.")])
def get(ctx: ChatContext, plugin: str) -> str:
    """How is a plugin set? !plugins get welcome"""
    settings = ctx.host.settings(plugin)
    if not settings:
        return ctx.t("no_settings", plugin=plugin)
    about = ctx.host.setting_descriptions(plugin)
    return "\n".join(_line(key, value, about.get(key)) for key, value in settings.items())


def _line(key: str, value: object, about: str | None) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"{key} = {shown}" + (f" – {about}" if about else "")


@command("plugins set", role="owner")
def set_(ctx: ChatContext, setting: str, value: Rest) -> str:
    """Set a plugin, in all chats: !plugins set welcome.goodbye Bye, {names}!"""
    ctx.host.set_setting(*_split(ctx, setting), value)
    return ctx.t("set", setting=setting)


@command("plugins reset", role="owner")
def reset(ctx: ChatContext, setting: str) -> str:
    """Let a setting be what the bot file says: !plugins reset welcome.goodbye"""
    ctx.host.reset_setting(*_split(ctx, setting))
    return ctx.t("reset", setting=setting)


@command("enable", role="owner")
def enable(ctx: ChatContext, plugin: str) -> str:
    """Switch a plugin on in this chat: !enable welcome"""
    ctx.host.enable(plugin)
    return ctx.t("enabled", plugin=plugin)


@command("disable", role="owner")
def disable(ctx: ChatContext, plugin: str) -> str:
    """Switch a plugin off in this chat: !disable welcome"""
    ctx.host.disable(plugin)
    return ctx.t("disabled", plugin=plugin)


@command("reload", role="owner")
def reload(ctx: ChatContext, plugin: str) -> None:
    """Load a plugin's code anew: !reload welcome"""
    # How it went is told by the bot, once it knows.
    ctx.host.reload(plugin)


def _split(ctx: ChatContext, setting: str) -> tuple[str, str]:
    """`welcome.goodbye` → plugin and key."""
    plugin, dot, key = setting.partition(".")
    if not dot:
        raise CommandError(ctx.t("no_key", prefix=ctx.prefix, plugin=setting))
    return plugin, key
