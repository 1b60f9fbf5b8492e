"""Secrets are masked in every line."""

from __future__ import annotations

import io
import logging

import pytest

from botkit import logs


@pytest.fixture
def stream():
    out = io.StringIO()
    handler = logs.set_up("debug", out)
    yield out
    logs.tear_down(handler)


def test_a_hidden_text_is_masked_everywhere(stream):
    """In messages, arguments and tracebacks."""
    logs.hide("s3cret-cookie")
    log = logs.get_logger("plugin.x")
    log.info("it is s3cret-cookie")
    log.info("it is %s", "s3cret-cookie")
    try:
        raise ValueError("s3cret-cookie")
    except ValueError:
        log.exception("failed")
    assert "s3cret" not in stream.getvalue()
    assert "it is [hidden]" in stream.getvalue()
    assert "ValueError: [hidden]" in stream.getvalue()


def test_short_texts_are_not_secrets(stream):
    """Masking a word such as `bot` would garble every line."""
    logs.hide("bot")
    logs.get_logger("botkit.x").info("a bot")
    assert "a bot" in stream.getvalue()


def test_the_level_is_that_asked_for():
    """Lines below it are not written; a second set-up replaces the first."""
    first, second = io.StringIO(), io.StringIO()
    logs.set_up("info", first)
    handler = logs.set_up("warning", second)
    logs.get_logger("botkit.x").info("quiet")
    logs.get_logger("botkit.x").warning("loud")
    logs.tear_down(handler)
    assert (first.getvalue(), second.getvalue().count("loud")) == ("", 1)
    assert "quiet" not in second.getvalue()
    assert logging.getLogger("botkit").handlers == []
