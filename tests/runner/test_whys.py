"""What became of people's last messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.messenger import Message, Read
from botkit.runner import whys as whys_module
from botkit.runner.whys import Step, Whys

ANN, BEN, GROUP = "100000000000002", "100000000000003", "7000000000000001"
FIRST = Message(thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hi", timestamp_ms=0, is_group=True)
SECOND = replace(FIRST, message_id="mid.$g2")


@pytest.fixture
def whys():
    made = Whys()
    made.begin(FIRST)
    return made


def test_the_message_before_the_present_one_is_told_of(whys):
    """In the order in which things happened to it, in the language of who asks."""
    whys.note(FIRST, [Step.of("answered", plugin="echo")])
    whys.note(FIRST, [Step.of("ran", command="roll", plugin="dice")])
    whys.begin(SECOND)
    whys.note(SECOND, [Step.of("muted")])
    assert whys.why(GROUP, ANN, "en") == (
        "The plugin echo answered it.",
        "I ran the command roll of the plugin dice.",
    )
    assert whys.why(GROUP, ANN, "nl")[0] == "De plug-in echo heeft erop geantwoord."


def test_nothing_is_known_of_a_first_message(whys):
    """Nor of other people's."""
    assert whys.why(GROUP, ANN, "en") == ()
    assert whys.why(GROUP, BEN, "en") == ()


def test_a_message_that_no_plugin_had_anything_to_do_with(whys):
    """Is told as such."""
    whys.begin(SECOND)
    assert whys.why(GROUP, ANN, "en") == ("It was for none of my plugins.",)


def test_a_message_that_is_handled_again_is_noted_anew(whys):
    """After a conflict or a crash there is one story, not two."""
    whys.note(FIRST, [Step.of("muted")])
    whys.begin(FIRST)
    whys.note(FIRST, [Step.of("ignored")])
    whys.begin(SECOND)
    assert len(whys.why(GROUP, ANN, "en")) == 1


def test_what_is_no_message_has_no_story(whys):
    """It is passed over."""
    whys.begin(Read(thread_id=GROUP, time_ms=0))
    whys.note(Read(thread_id=GROUP, time_ms=0), [Step.of("muted")])
    whys.note(None, [Step.of("muted")])
    whys.begin(SECOND)
    assert whys.why(GROUP, ANN, "en") == ("It was for none of my plugins.",)


def test_only_so_many_people_are_remembered(whys, monkeypatch):
    """Those who wrote last."""
    monkeypatch.setattr(whys_module, "_MOST", 2)
    for number in range(3):
        whys.begin(replace(FIRST, sender_id=f"10000000000001{number}"))
    assert len(whys._fates) == 2


def test_a_message_is_asked_about_by_its_id(whys):
    """The present one, or the one before; not an older one."""
    whys.note(FIRST, [Step.of("answered", plugin="echo")])
    whys.begin(SECOND)
    assert whys.of(GROUP, ANN, FIRST.message_id, "en") == ("The plugin echo answered it.",)
    assert len(whys.of(GROUP, ANN, SECOND.message_id, "en")) == 1
    whys.begin(replace(FIRST, message_id="mid.$g3"))
    assert whys.of(GROUP, ANN, FIRST.message_id, "en") == ()
