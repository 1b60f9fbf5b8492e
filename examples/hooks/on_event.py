"""Welcomes everybody who joins a group, and remembers its former names: `!names`."""

from botkit import ChatContext, ThreadEvent, command, hookimpl


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    if event.log_message_type == "log:subscribe":
        names = [person["firstName"] for person in event.log_message_data["addedParticipants"]]
        return f"Welcome, {' and '.join(names)}!"
    if event.log_message_type == "log:thread-name":
        ctx.store.thread.append("names", event.log_message_data["name"])
    return None


@command("names")
def names(ctx: ChatContext) -> str:
    """How was this group called? !names"""
    known = ctx.store.thread.get("names", [])
    return f"So far: {', '.join(known)}." if known else "It has had no other name that I know of."
