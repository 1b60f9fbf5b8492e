"""Marks a chat as read when somebody has written in it, so that people see that the bot has looked."""

from typing import Literal

from botkit import ChatContext, Duration, Field, Message, MessengerError, RateLimited, Settings, hookimpl

# Where the network does not say when it is worth trying again.
_PATIENCE_S = 60


class MarkReadSettings(Settings):
    where: Literal["everywhere", "groups", "chats"] = "everywhere"
    """everywhere: in all chats; groups: in groups only; chats: in chats of two only."""
    after: Duration | None = Field(default=None, le=86_400)
    """So long after the first message that is not read yet; at once unless given."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> None:
    if ctx.settings.where == ("chats" if message.is_group else "groups"):
        return
    if ctx.settings.after is None:
        mark(ctx)
    elif not ctx.schedule.list():
        ctx.schedule.after(ctx.settings.after, mark, name="mark")


def mark(ctx: ChatContext) -> None:
    """Mark all as read that has come so far; where that would be too often, a little later. A job, too."""
    try:
        ctx.api.mark_as_read(ctx.thread_id)
    except RateLimited as error:
        ctx.schedule.after(error.retry_after_s or _PATIENCE_S, mark, name="mark")
    except MessengerError as error:
        ctx.log.info("chat %s was not marked as read: %s", ctx.thread_id, error)
