"""What each function counts as, and the limits that each network has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from botkit import config
from botkit.limits import DEFAULTS, FUNCTION_KINDS, KINDS, KindLimits, Rate, kind_of
from botkit.messenger import FUNCTION_CLASSES
from botkit.messenger.errors import BadArgument


def test_every_function_that_a_call_may_use_has_a_kind():
    """And none of class session has."""
    usable = {name for name, its_class in FUNCTION_CLASSES.items() if its_class != "session"}
    assert set(FUNCTION_KINDS) == usable
    assert set(FUNCTION_KINDS.values()) == {*KINDS, "local"}


def test_what_only_asks_is_no_change_and_the_other_way_round():
    """A read is never paced as a change, and nothing that acts passes as a read."""
    for name, kind in FUNCTION_KINDS.items():
        assert (kind in ("read", "local")) == (FUNCTION_CLASSES[name] == "read"), name


def test_a_send_to_several_people_is_a_change():
    """It makes a group."""
    assert kind_of("send_message", {"message": "hello", "thread_id": "7"}) == "message"
    assert kind_of("send_message", {"message": "hello", "thread_id": ["7", "8"]}) == "change"


@pytest.mark.parametrize("name", ["logout", "listen", "no_such_function"])
def test_functions_that_no_call_may_use_have_no_kind(name):
    """They are refused by name."""
    with pytest.raises(BadArgument, match=name):
        kind_of(name, {})


def test_the_sandbox_only_counts():
    """No limit at all."""
    assert set(DEFAULTS["sandbox"].values()) == {KindLimits()}


def test_on_the_real_network_everything_has_a_limit():
    """And hours and days have budgets that are smaller than what the rates would allow."""
    for limits in DEFAULTS["facebook"].values():
        assert limits.overall is not None
    for kind in ("message", "change"):
        limits = DEFAULTS["facebook"][kind]
        assert limits.hourly * 24 > limits.daily
        assert limits.overall.most / limits.overall.window_s * 3600 > limits.hourly


def test_a_rate_reads_as_it_is_written():
    """In errors and in the bot file alike."""
    assert str(Rate(20, 60.0)) == "20 per 60s"
    assert str(Rate(1, 0.5)) == "1 per 0.5s"


DOCS = (Path(__file__).parent.parent / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_documents_name_the_defaults():
    """The table has the numbers in force; an empty cell is no limit."""
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\|(.*?)\|(.*?)\|(.*?)\|$", DOCS, re.MULTILINE)
    shown = {kind: tuple(cell.strip() for cell in cells) for kind, *cells in rows}
    for kind, limits in DEFAULTS["facebook"].items():
        given = (limits.per_chat, limits.overall, limits.hourly, limits.daily)
        assert shown[kind] == tuple("" if one is None else str(one) for one in given)


def test_the_sample_of_the_documents_is_a_bot_file():
    """It can be copied."""
    (sample,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    limits = config.parse(sample, Path("bot.yaml"), {}).file.limits_in_force()
    assert limits["message"] == KindLimits(Rate(3, 10.0), Rate(8, 10.0), 200, 1000)
