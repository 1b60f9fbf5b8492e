"""Opening hours: commands are for the day, but owners never sleep."""

from botkit import ChatContext, Command, Settings, hookimpl


class AllowSettings(Settings):
    opens: int = 7
    closes: int = 22
    """Hours in UTC."""


@hookimpl
def allow(ctx: ChatContext, command: Command) -> str | None:
    hours = ctx.settings
    if ctx.sender_id in ctx.owners or hours.opens <= ctx.clock.now().hour < hours.closes:
        return None
    return f"I sleep. Try {ctx.prefix}{command.name} after {hours.opens}:00."
