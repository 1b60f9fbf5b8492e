"""Raises in a hook, and in a command."""

from botkit import command, hookimpl


@hookimpl
def on_message(ctx, message):
    ctx.reply("nobody hears this")
    raise ValueError("bad day")


@command("fail")
def fail(ctx):
    """Fail: !fail"""
    ctx.store["failed"] = True
    raise RuntimeError("bad command")
