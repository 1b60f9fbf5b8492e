"""A pattern that is no regular expression."""

from botkit import matches


@matches("(")
def bracket(ctx, message):
    return "hello"
