"""Thanks for kind words with a heart, and counts them for the one who says them."""

from botkit import ChatContext, Message, hookimpl


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if "good bot" not in message.body.lower():
        return None
    ctx.react("❤")
    times = ctx.store.member.get("times", 0) + 1
    ctx.store.member["times"] = times
    return f"That was kind, for the {times}th time!" if times > 3 else None
