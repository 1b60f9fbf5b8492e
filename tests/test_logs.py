"""Secrets are masked in every line, and lines go where they were asked to go."""

from __future__ import annotations

import io
import json
import logging
import re
import stat
from logging.handlers import RotatingFileHandler

import pytest

from botkit import logs


@pytest.fixture
def set_up():
    """Sets up; what it did is taken back at the end."""
    handlers = []

    def begin(*arguments, **options):
        handlers[:] = logs.set_up(*arguments, **options)

    yield begin
    logs.tear_down(handlers)


@pytest.fixture
def stream(set_up):
    out = io.StringIO()
    set_up("debug", out)
    return out


@pytest.fixture
def forget(monkeypatch):
    """What is hidden here is forgotten afterwards."""
    monkeypatch.setattr(logs, "_renewed", logs._renewed.copy())
    monkeypatch.setattr(logs, "_lasting", logs._lasting.copy())
    monkeypatch.setattr(logs, "_longest_first", logs._longest_first.copy())


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


def test_it_is_masked_as_it_stands_in_a_form_too(stream):
    """A request that is quoted in an error has it with percent signs."""
    logs.hide("pass word/ä")
    logs.get_logger("botkit.x").info("pass=pass+word%2F%C3%A4 pass%20word%2F%C3%A4")
    assert stream.getvalue().endswith("pass=[hidden] [hidden]\n")


def test_short_texts_are_not_secrets(stream):
    """Masking a word such as `bot` would garble every line."""
    logs.hide("bot")
    logs.get_logger("botkit.x").info("a bot")
    assert "a bot" in stream.getvalue()


def test_a_password_stays_hidden_however_many_tokens_follow(forget):
    """Those are renewed for as long as the bot runs; the oldest of them are let go."""
    logs.hide("the-password", lasting=True)
    logs.hide("the-first-token")
    for number in range(600):
        logs.hide(f"token-{number:06}")
    assert logs.mask("the-password the-first-token token-000599") == "[hidden] the-first-token [hidden]"


def test_a_secret_that_begins_another_hides_no_less_of_it(forget):
    """Whichever was known first."""
    logs.hide("hunter2222")
    logs.hide("hunter2222-and-more")
    logs.hide("hunter22")
    assert logs.mask("hunter2222-and-more hunter2222 hunter22") == "[hidden] [hidden] [hidden]"


def test_the_level_is_that_asked_for():
    """Lines below it are not written; a second set-up replaces the first."""
    first, second = io.StringIO(), io.StringIO()
    logs.set_up("info", first)
    handlers = logs.set_up("warning", second)
    logs.get_logger("botkit.x").info("quiet")
    logs.get_logger("botkit.x").warning("loud")
    logs.tear_down(handlers)
    assert (first.getvalue(), second.getvalue().count("loud")) == ("", 1)
    assert "quiet" not in second.getvalue()
    assert not set(handlers) & set(logging.getLogger("botkit").handlers)


def test_a_line_that_cannot_be_written_is_told_without_its_words(stream, capsys):
    """logging's own complaint shows message and arguments."""
    stream.close()
    logs.get_logger("botkit.x").info("hello %s", "private-words")
    told = capsys.readouterr().err
    assert re.fullmatch(r"botkit: a log line could not be written \(test_logs\.py:\d+, ValueError\)\n", told)


def test_json_is_one_object_a_line(set_up):
    """Time in UTC, level, logger, message."""
    out = io.StringIO()
    set_up("info", out, form="json")
    logs.get_logger("botkit.x").warning("two\nlines of %s", "ä")
    line = json.loads(out.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"level": "warning", "logger": "botkit.x", "message": "two\nlines of ä"}


def test_json_tells_chat_row_and_plugin_where_they_are_known(set_up):
    """Given by whoever logs; a plugin's own logger says which it is."""
    out = io.StringIO()
    set_up("info", out, form="json")
    extra = {"thread_id": "7", "row_id": 3, "plugin": "echo"}
    logs.get_logger("botkit.x").info("a", extra=extra)
    logs.get_logger("plugin.dice").info("b")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["thread"], first["row"], first["plugin"]) == ("7", 3, "echo")
    assert second["plugin"] == "dice"
    assert "thread" not in second


def test_json_is_masked_before_it_is_escaped(set_up, forget):
    """A secret with a quote in it, in the message and in the traceback."""
    out = io.StringIO()
    set_up("info", out, form="json")
    logs.hide('se"cret-ö')
    try:
        raise ValueError('se"cret-ö')
    except ValueError:
        logs.get_logger("botkit.x").exception('it is se"cret-ö')
    line = json.loads(out.getvalue())
    assert line["message"] == "it is [hidden]"
    assert line["traceback"].endswith("ValueError: [hidden]")


def test_a_log_file_is_for_its_owner_only_and_says_the_day(set_up, tmp_path):
    """Beside stderr; half a character does not hurt."""
    out, path = io.StringIO(), tmp_path / "bot.log"
    set_up("info", out, file=path)
    logs.get_logger("botkit.x").info("good \ud83d morning")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO    good \\ud83d morning\n", path.read_text())
    assert "morning" in out.getvalue()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_files_are_five_of_bounded_size(set_up, tmp_path):
    """Rotated ones keep the mode."""
    set_up("info", io.StringIO(), file=tmp_path / "bot.log")
    (handler,) = [one for one in logging.getLogger("botkit").handlers if isinstance(one, RotatingFileHandler)]
    assert handler.maxBytes == 10 * 2**20
    handler.maxBytes = 1_000
    for number in range(100):
        logs.get_logger("botkit.x").info("line %d of many, each of some length so that files fill up", number)
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert names == dict.fromkeys(["bot.log", "bot.log.1", "bot.log.2", "bot.log.3", "bot.log.4"], 0o600)


def test_a_log_file_that_cannot_be_written_changes_nothing(set_up, stream, tmp_path):
    """The former lines go on."""
    with pytest.raises(OSError, match="bot"):
        logs.set_up("info", file=tmp_path / "no" / "bot.log")
    logs.get_logger("botkit.x").info("still here")
    assert "still here" in stream.getvalue()
