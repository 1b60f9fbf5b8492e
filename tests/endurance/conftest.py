"""How long the endurance tests run, and from which seed.

The same tests come in two lengths: the quick one of `make test`, and with `--long` that of `make endurance`.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass

import pytest

from botkit.clock import system_random


@dataclass(frozen=True)
class Length:
    """How much is done: `messages` in all, `kills` at random moments, at each named moment so many `deaths`, on a busy
    day `pause_s` seconds between two messages, and `reloads` of a plugin before the first look and after it."""

    messages: int
    kills: int
    deaths: int
    pause_s: float
    reloads: int


QUICK = Length(messages=400, kills=10, deaths=1, pause_s=120.0, reloads=400)
LONG = Length(messages=10_000, kills=100, deaths=5, pause_s=10.0, reloads=1000)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="the endurance tests at their full length")


@pytest.fixture
def length(pytestconfig):
    """How much the tests do."""
    return LONG if pytestconfig.getoption("long", default=False) else QUICK


@pytest.fixture
def chance():
    """The dice of a test; BOTKIT_SEED throws them again as they fell."""
    seed = int(os.environ.get("BOTKIT_SEED") or system_random().randrange(10**6))
    print(f"BOTKIT_SEED={seed}")
    return random.Random(seed)
