"""Answers each message with a lot drawn for it, and counts in every way that the store knows.

A message that says `poll` has a poll made, one that says `aside` has something said at once, beside the answer.
"""

from botkit import hookimpl
from botkit.messenger import MessengerError


@hookimpl
def on_message(ctx, message):
    answer = f"{message.body} drew {ctx.random.randrange(10**6)}"
    ctx.store["count"] = ctx.store.get("count", 0) + 1
    ctx.store.user["count"] = ctx.store.user.get("count", 0) + 1
    ctx.store.thread.setdefault("answers", []).append(answer)
    ctx.store.increment("operations")
    word = message.body.split()[1]
    if word in DEEDS:
        try:
            DEEDS[word](ctx, message.body)
        except MessengerError:
            ctx.store.thread.setdefault("unknown", []).append(message.body)
    return answer


def ask_group(ctx, text):
    ctx.api.create_poll(text, ctx.thread_id, ["yes", "no"])


def say_at_once(ctx, text):
    ctx.api.send_message(f"by the way: {text}", ctx.thread_id)


DEEDS = {"poll": ask_group, "aside": say_at_once}
