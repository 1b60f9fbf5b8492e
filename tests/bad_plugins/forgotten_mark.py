"""A hook without @hookimpl, which would never be called."""


def on_message(ctx, message):
    return "hello"
