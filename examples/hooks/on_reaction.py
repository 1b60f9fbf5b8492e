"""Stars: who gets a ⭐ for a message collects them, and `!stars` tells how many there are in the chat."""

from botkit import ChatContext, Reaction, command, hookimpl

STAR = "⭐"


@hookimpl
def on_reaction(ctx: ChatContext, reaction: Reaction) -> None:
    if reaction.reaction == STAR and reaction.user_id != reaction.sender_id:
        ctx.store.thread.increment(f"stars.{reaction.sender_id}")


@command("stars")
def stars(ctx: ChatContext) -> str:
    """How many stars do I have? !stars"""
    return f"You have {ctx.store.thread.get(f'stars.{ctx.sender_id}', 0)} {STAR}."
