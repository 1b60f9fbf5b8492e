"""A day that no week has."""

from botkit import cron


@cron("0 9 * * someday")
def greet(ctx):
    return "Good morning!"
