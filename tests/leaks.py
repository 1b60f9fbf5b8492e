"""Tests that let a canary out, each in its own way; tests/test_canary.py runs them and wants the run to fail."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from botkit.logs import get_logger
from tests.canary import CANARIES, COOKIE, TOKEN

KEPT = []


@pytest.fixture(autouse=True)
def nothing_is_hidden(monkeypatch):
    """As if nobody had told the mask."""
    monkeypatch.setattr("botkit.logs.mask", lambda text: text)


def test_in_a_log_line():
    get_logger("botkit.leak").error("it is %s", COOKIE)


def test_in_a_logged_traceback():
    try:
        raise ValueError(TOKEN)
    except ValueError:
        get_logger("botkit.leak").exception("failed")


def test_on_stdout():
    print(CANARIES["the bot's password"])


def test_in_a_failure():
    raise ValueError(CANARIES["Ann's password"])


def test_in_a_file(tmp_path):
    (tmp_path / "record.jsonl").write_text(COOKIE)
    (tmp_path / "appstate.json").write_text(COOKIE)


def test_in_a_repr():
    @dataclass
    class Session:
        token: str

    Session.__module__ = "botkit.leak"
    KEPT.append(Session(TOKEN))


def test_in_a_chat(sandbox, ann):
    ann.says("Friends", f"my cookie is {COOKIE}")
