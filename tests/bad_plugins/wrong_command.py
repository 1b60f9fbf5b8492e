"""Commands that nobody could type, use, or be refused."""

from botkit import command


@command("no/slash")
def slash(ctx):
    """Slash."""


@command("king", role="king")
def king(ctx):
    """Rule."""


@command("nothing")
def nothing():
    """Take no context."""
