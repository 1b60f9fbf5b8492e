"""Has a command that another plugin has as well."""

from botkit import command


@command("greet", aliases=["hi"])
def greet(ctx):
    """Greet: !greet"""
    return "one"
