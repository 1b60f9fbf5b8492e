"""One fault of every kind that shows once a plugin is imported: all are told at once."""

from botkit import Settings, command, hookimpl


class EverythingSettings(Settings):
    most: int = 10


@hookimpl(tryfirst=True)
async def on_mesage(ctx, message=None, *more):
    return "hello"


@command("no/slash")
def slash(ctx):
    """Slash."""
