"""Rolls dice; for the wrong bot files, which set it wrongly."""

from datetime import date, time, timedelta
from typing import Annotated, Literal

from botkit import Duration, Field, Secret, Settings


class Table(Settings):
    name: str
    places: Annotated[int, Field(ge=1, le=12)] = 4


class DiceSettings(Settings):
    most: Annotated[int, Field(ge=1, le=100)] = 10
    luck: float = 0.5
    loud: bool = False
    mode: Literal["fair", "lucky"] = "fair"
    at: time = time(9)
    until: date | None = None
    pause: timedelta = timedelta(minutes=1)
    answer_in: Duration = 5.0
    names: list[str] = []
    tables: list[Table] = []
    token: Secret | None = None
