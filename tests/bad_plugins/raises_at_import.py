"""Fails while it is imported, in a function that it calls."""


def limits():
    return {"small": 1}["large"]


LIMIT = limits()
