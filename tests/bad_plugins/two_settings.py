"""Has two classes of settings, so that nobody knows which one is meant."""

from botkit import Settings


class OneSettings(Settings):
    most: int = 10


class OtherSettings(Settings):
    least: int = 1
