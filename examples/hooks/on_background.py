"""Slow work beside the chat: `!prime 10000000` answers when the largest prime number below that is found."""

from botkit import BackgroundResult, ChatContext, CommandError, command, hookimpl


def largest_prime(below: int) -> int:
    """Runs on a thread that no chat waits for; after a crash it is run again."""
    return next(n for n in range(below - 1, 1, -1) if all(n % divisor for divisor in range(2, int(n**0.5) + 1)))


@command("prime")
def prime(ctx: ChatContext, below: int) -> str:
    """Find the largest prime number below another number: !prime 100"""
    if below < 3:
        raise CommandError("There is no prime number below 2.")
    ctx.background(largest_prime, below)
    return "I am looking for it."


@hookimpl
def on_background(result: BackgroundResult) -> str:
    if result.error is not None:
        return f"I could not find it: {result.error}"
    return f"The largest prime number below {result.arguments[0]} is {result.value}."
