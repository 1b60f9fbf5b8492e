"""Raises what `except Exception` does not catch, while it is imported."""


class Farewell(BaseException):
    pass


raise Farewell("so long")
