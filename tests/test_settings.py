"""Settings of a plugin: what may be written, how a mistake is told, and what is shown of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import HttpUrl, field_validator

from botkit import Duration, Field, Secret, Settings, logs
from botkit.config import parse, settings_of, threads_of
from botkit.settings import HIDDEN, descriptions, flat


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(Settings):
    text: str = "hello"
    """What is said."""
    times: int = 1


class Many(Settings):
    at: time = time(9)
    """When it is said."""
    day: date | None = None
    moment: datetime | None = None
    length: timedelta = timedelta(hours=1)
    wait: Duration = 90
    pause: Duration | None = None
    colour: Colour = Colour.RED
    mode: Literal["loud", "quiet", 3] = "loud"
    amount: int | list[int] = 1
    part: Part = Part()
    parts: list[Part] = []
    by_name: dict[str, Part] = {}
    by_number: dict[int, str] = {}
    form: Part | Literal["off"] = "off"
    pair: tuple[int, str] = (1, "a")
    numbers: set[int] = set()
    few: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    short: Annotated[str, Field(min_length=2, max_length=4)] = "abc"
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "abc"
    most: Annotated[int, Field(ge=1, le=6)] = 3
    even: Annotated[int, Field(multiple_of=2)] = 2
    share: float = 0.5
    page: HttpUrl | None = None
    folder: Path = Path("here")
    token: Secret | None = None
    loud: bool = False

    @field_validator("token")
    @classmethod
    def _right(cls, token: Secret | None) -> Secret | None:
        if token is not None and not token.get_secret_value().startswith("sk-"):
            raise ValueError("must begin with sk-")
        return token


def told(**values):
    source = parse("plugins: {many: {}}", Path("bot.yaml"), {}).source
    found = settings_of(Many, values, "many", source)
    return [problem.removeprefix("bot.yaml:1: plugins.many.") for problem in getattr(found, "problems", [])]


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("at", "18:30", time(18, 30)),
        ("day", "2027-05-31", date(2027, 5, 31)),
        ("moment", "2027-05-31 09:00", datetime(2027, 5, 31, 9)),
        ("length", "2h30m", timedelta(hours=2, minutes=30)),
        ("length", 90, timedelta(seconds=90)),
        ("wait", "2m", 120.0),
        ("colour", "blue", Colour.BLUE),
        ("mode", 3, 3),
        ("amount", [1, 2], [1, 2]),
        ("short", 123, "123"),
        ("form", {"text": "x"}, Part(text="x")),
        ("loud", "on", True),
    ],
)
def test_what_may_be_written(name, value, meant):
    """As one would say it."""
    assert getattr(Many.model_validate({name: value}), name) == meant


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"at": "9:00"}, "at: should be a time of day such as 09:00, not '9:00'"),
        ({"at": 900}, "at: should be a time of day such as 09:00, not 900"),
        ({"day": "31 May"}, "day: should be a date such as 2027-05-31, not '31 May'"),
        ({"day": 20270531}, "day: should be a date such as 2027-05-31, not 20270531"),
        ({"moment": "soon"}, "moment: should be a date and a time such as 2027-05-31 09:00, not 'soon'"),
        ({"length": "soon"}, "length: 'soon' is not a length of time; write one like 90s, 10m or 2h30m"),
        ({"length": []}, "length: should be a length of time such as 90s, 10m or 2h30m, not a list"),
        ({"wait": "soon"}, "wait: 'soon' is not a length of time; write one like 90s, 10m or 2h30m"),
        ({"colour": "blu"}, "colour: should be 'red' or 'blue', not 'blu'; did you mean 'blue'?"),
        ({"mode": "loudly"}, "mode: should be 'loud', 'quiet' or 3, not 'loudly'; did you mean 'loud'?"),
        ({"amount": "x"}, "amount: should be a whole number or a list, not 'x'"),
        ({"amount": [1, "x"]}, "amount[1]: should be a whole number, not 'x'"),
        ({"part": 3}, "part: should be keys and values, not 3"),
        ({"part": {"txt": "x"}}, "part.txt: there is no such key; did you mean 'text'?"),
        ({"parts": [{"tims": 1}]}, "parts[0].tims: there is no such key; did you mean 'times'?"),
        ({"by_name": {"q": {"times": "z"}}}, "by_name.q.times: should be a whole number, not 'z'"),
        ({"by_number": {"a": "b"}}, "by_number.a: should be a whole number, not 'a'"),
        ({"form": {"times": "q"}}, "form.times: should be a whole number, not 'q'"),
        ({"form": "of"}, "form: should be keys and values or 'off', not 'of'; did you mean 'off'?"),
        ({"pair": [1]}, "pair[1]: is missing"),
        ({"pair": 1}, "pair: should be a list, not 1"),
        ({"numbers": ["a"]}, "numbers[0]: should be a whole number, not 'a'"),
        ({"few": []}, "few: should be a list of 1 or more, not of 0"),
        ({"few": [1, 2, 3]}, "few: should be a list of 2 or fewer, not of 3"),
        ({"short": "a"}, "short: should be a text of 2 characters or more, not 'a'"),
        ({"short": "abcde"}, "short: should be a text of 4 characters or fewer, not 'abcde'"),
        ({"code": "A"}, "code: should match the pattern ^[a-z]+$, not 'A'"),
        ({"most": 7}, "most: should be less than or equal to 6, not 7"),
        ({"most": 0}, "most: should be greater than or equal to 1, not 0"),
        ({"even": 3}, "even: should be a multiple of 2, not 3"),
        ({"page": "home"}, "page: should be an address such as https://example.org, not 'home'"),
        ({"token": "pk-hunter22"}, "token: must begin with sk-"),
        ({"token": ["hunter22"]}, "token: should be a text, not a list"),
    ],
)
def test_a_mistake_is_told_in_plain_words(values, line):
    """What was wanted, what was found, the nearest right word; of a secret at most its kind."""
    assert told(**values) == [line]


def test_a_wrong_default_is_told_as_well():
    """Else the plugin would meet it at its first event."""

    class Wrong(Settings):
        at: time = "nine"

    source = parse("plugins: {wrong: {}}", Path("bot.yaml"), {}).source
    assert settings_of(Wrong, {}, "wrong", source).problems == [
        "bot.yaml:1: plugins.wrong.at: should be a time of day such as 09:00, not 'nine'"
    ]


def test_threads_is_a_key_of_the_host():
    """Under any plugin's line, and not among its settings; one chat needs no list."""
    source = parse("plugins: {many: {}}", Path("bot.yaml"), {}).source
    assert settings_of(Many, {"threads": ["Friends", 7], "most": 2}, "many", source) == Many(most=2)
    assert threads_of({"threads": ["Friends", 7], "most": 2}) == ("Friends", "7")
    assert threads_of({"threads": "Friends"}) == ("Friends",)
    assert threads_of({}) == ()
    assert told(threads={}) == ["threads: should be a list, not keys and values"]


def test_settings_are_shown_as_one_would_write_them():
    """With dots where one stands in another; a secret is never shown."""
    shown = flat(Many(token="sk-hunter22", length=timedelta(hours=2, minutes=30), by_name={"a": Part()}))
    assert (shown["at"], shown["length"], shown["colour"], shown["folder"]) == ("09:00", "2h30m", "red", "here")
    assert (shown["part.text"], shown["part.times"], shown["token"]) == ("hello", 1, HIDDEN)
    assert (shown["wait"], shown["pause"], flat(Many(pause="2h"))["pause"]) == ("1m30s", None, "2h")
    assert shown["by_name"] == {"a": {"text": "hello", "times": 1}}
    assert "hunter22" not in repr(Many(token="sk-hunter22"))


def test_the_text_under_a_field_is_its_description():
    """Of a part's fields too."""
    assert descriptions(Many)["at"] == "When it is said."
    assert descriptions(Many)["part.text"] == "What is said."


def test_a_secret_is_masked_in_the_log():
    """Whoever logs it by mistake."""
    Many(token="sk-9f8e7d6c5b4a")
    assert "9f8e7d" not in logs.mask("the token is sk-9f8e7d6c5b4a")
