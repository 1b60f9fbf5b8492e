"""Collects feedback in a group: two questions to whoever has some, and a summary for all.

!feedback    asks how many stars, and why
!stars       what has come in so far
"""

from botkit import ChatContext, Conversation, ask, command


@command("feedback", cooldown=60)
def feedback(ctx: ChatContext) -> Conversation:
    """Say what you think of this group: !feedback"""
    stars = yield ask("How many stars, from 1 to 5?", choices=[1, 2, 3, 4, 5], again="One number from 1 to 5, please.")
    ctx.store.thread.append("stars", stars)
    if stars == 5:
        return "That makes my day. Thank you!"
    why = yield ask("What would make it five?", timeout="1h")
    ctx.store.thread.append("wishes", why)
    return "Thank you, I have noted it."


@command("stars", examples=[("!stars", "Nobody has said anything yet. You can, with !feedback.")])
def stars(ctx: ChatContext) -> str:
    """Show what people think of this group: !stars"""
    given = ctx.store.thread.get("stars", [])
    if not given:
        return f"Nobody has said anything yet. You can, with {ctx.prefix}feedback."
    return f"{sum(given) / len(given):.1f} stars, from {len(given)} answers."
