"""Counts to four in the chat by jobs, one after the other; with each number it adds somebody's poll and a title."""

from botkit import ChatContext, command

LAST = 4


@command("count")
def count(ctx: ChatContext) -> None:
    ctx.schedule.after(0.2, step, 1)


def step(ctx: ChatContext, number: int) -> None:
    ctx.store.thread.append("steps", number)
    ctx.reply(f"step {number}")
    ctx.queue("set_title", f"Step {number}")
    ctx.queue("create_poll", f"Poll {number}", options=["yes", "no"])
    if number < LAST:
        ctx.schedule.after(0.2, step, number + 1)
    else:
        ctx.reply("done")
