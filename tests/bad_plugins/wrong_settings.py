"""Gets settings from the bot file that it has not, and a value of the wrong kind."""

from botkit import Settings


class WrongSettings(Settings):
    most: int = 10
    words: list[str] = []
