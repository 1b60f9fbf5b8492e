"""Has a command that another plugin has as well."""

from botkit import command


@command("hi")
def hi(ctx):
    """Greet: !hi"""
    return "two"
