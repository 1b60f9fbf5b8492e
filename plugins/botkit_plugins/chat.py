"""Shows and sets what a chat has of its own: the prefix of commands, the language, the time zone."""

from botkit import ChatContext, command


@command("prefix", examples=[("!prefix", "Commands begin with ! here.")])
def prefix(ctx: ChatContext) -> str:
    """What do commands begin with here? !prefix"""
    return ctx.t("prefix", prefix=ctx.host.chat().prefix)


@command("prefix set", role="admin", examples=[("!prefix set ?", "Commands begin with ? here.")])
def set_prefix(ctx: ChatContext, text: str) -> str:
    """Let commands in this chat begin with something else: !prefix set ?"""
    ctx.host.set_prefix(text)
    return prefix(ctx)


@command("prefix reset", role="admin")
def reset_prefix(ctx: ChatContext) -> str:
    """Let commands begin as in other chats: !prefix reset"""
    ctx.host.set_prefix(None)
    return prefix(ctx)


@command("language")
def language(ctx: ChatContext) -> str:
    """Which language does the bot speak here? !language"""
    return ctx.t("language", language=ctx.language, languages=", ".join(ctx.host.languages()))


@command("language set", role="admin")
def set_language(ctx: ChatContext, tag: str) -> str:
    """Let the bot speak another language in this chat: !language set nl"""
    ctx.host.set_language(tag)
    return language(ctx)


@command("language reset", role="admin")
def reset_language(ctx: ChatContext) -> str:
    """Let the bot speak as in other chats: !language reset"""
    ctx.host.set_language(None)
    return language(ctx)


@command("timezone")
def timezone(ctx: ChatContext) -> str:
    """Which time zone is this chat in? !timezone"""
    return ctx.t("timezone", timezone=ctx.host.chat().timezone)


@command(
    "timezone set",
    role="admin",
    examples=[("!timezone set Europe/Amsterdam", "This chat is in the time zone Europe/Amsterdam.")],
)
def set_timezone(ctx: ChatContext, name: str) -> str:
    """Move this chat to a time zone: !timezone set Europe/Amsterdam"""
    ctx.host.set_timezone(name)
    return timezone(ctx)


@command("timezone reset", role="admin")
def reset_timezone(ctx: ChatContext) -> str:
    """Let this chat be in the bot's time zone: !timezone reset"""
    ctx.host.set_timezone(None)
    return timezone(ctx)
