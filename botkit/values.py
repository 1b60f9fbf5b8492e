"""What the values of a bot file mean: texts in, checked values out, and mistakes worded for people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from botkit.limits import Rate


class Wanted(ValueError):
    """What a value should be; what it is, is added where it may be shown."""

    def __init__(self, wanted: str, hint: str = "") -> None:
        super().__init__(wanted)
        self.hint = hint


def time_zone(name: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is not a time zone; write one like Europe/Amsterdam or UTC") from None
    return name


def sandbox_address(url: str) -> str:
    """An address on this machine, without a slash at its end."""
    if not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?/?", url):
        raise ValueError(f"{url!r} is not a sandbox's address; write one like http://127.0.0.1:8642")
    return url.rstrip("/")


_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_DURATION = re.compile(f"({_DURATION_PART.pattern})+")
_RATE = re.compile(r"(\d+) per (\S+)")


def seconds(value: Any) -> float:
    """90, `90s`, `2h30m` → seconds."""
    found = value
    if isinstance(value, str) and _DURATION.fullmatch(value):
        found = sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION_PART.findall(value))
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < float("inf"):
        raise ValueError(f"{shown(value)} is not a length of time; write one like 90s, 10m or 2h30m")
    return float(found)


def duration(seconds: float) -> str:
    """9000 → `2h30m`: as `seconds` reads it."""
    left_ms, words = round(seconds * 1000), ""
    for unit in ("d", "h", "m", "s", "ms"):
        count, left_ms = divmod(left_ms, round(_UNIT_S[unit] * 1000))
        words += f"{count}{unit}" if count else ""
    return words or "0s"


def rate(value: Any) -> Any:
    """`20 per 60s` → Rate, `unlimited` → None."""
    if value == "unlimited":
        return None
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found.group(1)) == 0:
        raise Wanted("should be like `20 per 60s`, or `unlimited`")
    return Rate(int(found.group(1)), seconds(found.group(2)))


def budget(value: Any) -> Any:
    """A number above 0, `unlimited` → None."""
    if value == "unlimited":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Wanted("should be a whole number above 0, or `unlimited`")
    return value


def prefix(text: str) -> str:
    """One to five characters, none of them a blank."""
    if not re.fullmatch(r"\S{1,5}", text):
        raise Wanted("should be 1 to 5 characters without spaces")
    return text


def language(tag: str) -> str:
    """The tag of a language, in small letters."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
        raise Wanted("should be the tag of a language such as en, nl or pt-BR")
    return tag.lower()


def web_address(url: str) -> str:
    """An address with http or https."""
    # The address may hold a key, so it is not quoted.
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    if not re.fullmatch(r"https?://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?(/\S*)?", url):
        raise ValueError("must have a host, and no blanks, after http:// or https://")
    return url


def chat(text: str) -> str:
    """The id or the name of a chat."""
    if not text.strip():
        raise Wanted("should be the id or the name of a chat")
    return text


def job_name(text: str) -> str:
    """A text in one line and without a colon, which stands between a plugin and a job; numbers are the names of jobs
    that have none."""
    name = " ".join(text.split())
    if not name or ":" in name or name.isdecimal():
        raise Wanted("should be a name without a colon, and no number")
    return name


def an_id(value: Any) -> str:
    """Digits, also as a number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch("[0-9]+", text):
        raise Wanted("should be an id such as 100000000000002")
    return text


def sentence(text: str) -> str:
    """A text that is not blank."""
    if not text.strip():
        raise Wanted("should be a sentence", "without the key the chat is told nothing")
    return text


def one_or_many(value: Any) -> Any:
    """A list; a single text or number is a list of one."""
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def shown(value: Any) -> str:
    """The value as a problem names it, at most 60 characters."""
    if value is None or isinstance(value, dict | list):
        return kind(value)
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def kind(value: Any) -> str:
    """What kind of value it is; a number as itself."""
    if value is None:
        return "nothing"
    return {"dict": "keys and values", "list": "a list", "str": "a text"}.get(type(value).__name__, repr(value))


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or the list of what there is, to end a sentence about an unknown word."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(known)}" if known else ""
