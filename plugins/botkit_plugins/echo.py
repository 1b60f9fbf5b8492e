"""Says again what follows the command."""

from botkit import ChatContext, Rest, command


@command("echo", examples=[("!echo hello", "hello")])
def echo(ctx: ChatContext, text: Rest) -> str:
    """Say it again: !echo hello"""
    return text
