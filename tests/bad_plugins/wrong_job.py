"""Jobs that the clock could not call."""

from botkit import cron, every


@cron("0 9 * * mon")
def greet(ctx, name):
    return f"Good morning, {name}!"


@every("2h")
async def later(ctx):
    return "hello"
