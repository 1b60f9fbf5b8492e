"""Coroutines, which nobody would await."""

from botkit import command, hookimpl


@hookimpl
async def on_message(ctx, message):
    return "hello"


@command("later")
async def later(ctx):
    """Say it later: !later"""
    return "hello"
