"""Asks two questions, counts before the second, and tells in the end what it drew before the first."""

from botkit import ChatContext, Conversation, ask, command


@command("ask")
def ask_twice(ctx: ChatContext) -> Conversation:
    drawn = ctx.random.randrange(10**9)
    ctx.store.thread.append("drawn", drawn)
    stars = yield ask("How many?", int)
    ctx.store.thread.increment("begun")
    why = yield "Why?"
    return f"{stars}, {why}, {drawn}."
