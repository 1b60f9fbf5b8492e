"""Tells a chat why the bot was away: what is queued when the session ends is sent at the next start that works."""

from botkit import AccountTrouble, Context, Settings, hookimpl


class OnAccountSettings(Settings):
    chat: str
    """The id of the chat that is told."""


@hookimpl
def on_account(ctx: Context, trouble: AccountTrouble) -> None:
    at = ctx.clock.now().strftime("%d %B, %H:%M")
    why = "its account was locked" if trouble.kind == "checkpoint" else "it was logged out"
    ctx.send(ctx.settings.chat, f"This bot was away from {at} UTC on: {why}.")
