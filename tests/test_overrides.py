"""Settings changed from a chat: how a typed text is read, what is refused, and what no longer fits."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import model_validator

from botkit import CommandError, Secret, Settings
from botkit.overrides import Configured


class Welcome(Settings):
    text: str = "Hello!"
    """What a newcomer reads."""
    emojis: list[str] = []


class Door(Settings):
    open: bool = True
    code: Secret = Secret("hunter22")
    next: Door | None = None


class Range(Settings):
    welcome: Welcome = Welcome()
    least: int = 1
    most: int = 10
    mode: Literal["loud", "quiet", 3] = "loud"
    rates: dict[str, float] = {}
    maybe: int | None = 5
    token: Secret = Secret("hunter22")
    spare: list[Secret | None] = []
    door: Door | None = None

    @model_validator(mode="after")
    def _in_order(self):
        if self.least > self.most:
            raise ValueError("least is above most")
        return self


FILE = Configured(Range, {"most": 20, "welcome": {"text": "Hi {name}"}})


def in_force(overrides):
    settings, misfits = FILE.with_overrides(overrides)
    assert not misfits
    return settings


def test_what_was_changed_lies_over_the_bot_file():
    """What was not is as the file says."""
    changed = FILE.set({}, "welcome.emojis", "[a, b]")
    settings = in_force(FILE.set(changed, "least", "5"))
    assert (settings.least, settings.most) == (5, 20)
    assert settings.welcome == Welcome(text="Hi {name}", emojis=["a", "b"])
    assert FILE.values["welcome"] == {"text": "Hi {name}"}


@pytest.mark.parametrize(
    ("key", "text", "meant"),
    [
        ("welcome.text", "Hello: you", "Hello: you"),
        ("welcome.text", "007", "007"),
        ("welcome.text", "[unclosed", "[unclosed"),
        ("welcome.text", "[a list]", "[a list]"),
        ("welcome.text", "'tis you", "'tis you"),
        ("welcome.text", '"quoted"', "quoted"),
        ("welcome.text", "${HOME}", "${HOME}"),
        ("welcome.emojis", "[]", []),
        ("most", "30", 30),
        ("mode", "3", 3),
        ("mode", "quiet", "quiet"),
        ("rates", "{eur: 1.5}", {"eur": 1.5}),
        ("rates.eur", "2", 2.0),
        ("maybe", "null", None),
        ("door.open", "no", False),
    ],
)
def test_a_typed_text_is_read_by_what_the_setting_wants(key, text, meant):
    """Plain where a text is wanted, else as YAML; a variable of the environment is not filled in."""
    value = in_force(FILE.set({}, key, text))
    for part in key.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    assert value == meant


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("most", "many", "Setting most should be a whole number, not 'many'."),
        ("mode", "loudly", "Setting mode should be 'loud', 'quiet' or 3, not 'loudly'; did you mean 'loud'?"),
        ("welcome.emojis", "smile", "Setting welcome.emojis should be a list, not 'smile'."),
        ("mst", "3", "There is no setting mst; did you mean 'most'?"),
        ("welcome.txt", "x", "There is no setting welcome.txt; did you mean 'welcome.text'?"),
        ("most.more", "x", "There is no setting most.more"),
        ("welcome", "{txt: x}", "There is no setting welcome.txt; did you mean 'text'?"),
        ("least", "50", "Least is above most."),
        ("token", "hunter23", "Setting token is a secret and can only be set in the bot file."),
        ("spare", "[hunter23]", "Setting spare is a secret and can only be set in the bot file."),
        ("door", "{code: hunter23}", "Setting door is a secret and can only be set in the bot file."),
        ("door.next.code", "hunter23", "Setting door.next.code is a secret and can only be set in the bot file."),
    ],
)
def test_what_the_class_refuses_is_told_in_a_sentence(key, text, told):
    """For the chat in which it was typed."""
    with pytest.raises(CommandError) as caught:
        FILE.set({}, key, text)
    assert str(caught.value).startswith(told)


def test_a_whole_part_takes_the_place_of_its_pieces():
    """What was typed last holds."""
    changed = FILE.set({}, "welcome.text", "Hey")
    changed = FILE.set(changed, "welcome", "{emojis: [x]}")
    assert in_force(changed).welcome == Welcome(emojis=["x"])
    assert in_force(FILE.set(changed, "welcome.text", "Hey")).welcome == Welcome(text="Hey", emojis=["x"])


def test_a_reset_setting_is_as_the_bot_file_says():
    """With all that stands below it; one that was not changed stays as it is."""
    changed = FILE.set(FILE.set({}, "welcome.text", "Hey"), "most", "9")
    assert in_force(FILE.reset(changed, "welcome")) == in_force({"most": 9})
    assert FILE.reset({}, "most") == {}
    with pytest.raises(CommandError, match="There is no setting mst"):
        FILE.reset({}, "mst")


def test_a_reset_that_leaves_the_others_wrong_is_refused():
    """Nothing is left aside without a word."""
    changed = FILE.set(FILE.set({}, "most", "90"), "least", "80")
    with pytest.raises(CommandError, match="Least is above most"):
        FILE.reset(changed, "most")


def test_what_no_longer_fits_is_left_aside_and_kept():
    """The plugin was edited: the other changes still hold, and another can be made."""
    old = {"gone": 1, "most": 9, "welcome.text": 5}
    settings, misfits = FILE.with_overrides(old)
    assert (settings.most, settings.welcome.text) == (9, "5")
    assert misfits == {
        "gone": "There is no setting gone; there are door, least, maybe, mode, most, rates, spare, token, welcome."
    }
    assert FILE.set(old, "least", "2") == {**old, "least": "2"}
    assert FILE.reset(old, "gone") == {"most": 9, "welcome.text": 5}


def test_overrides_that_fit_only_together_hold():
    """Each by itself would be wrong."""
    assert in_force({"most": 50, "least": 40}).least == 40


def test_what_is_shown_hides_secrets_and_tells_what_each_is_for():
    """For `!plugins`."""
    shown = FILE.shown({"most": 9})
    assert (shown["most"], shown["welcome.text"], shown["token"]) == (9, "Hi {name}", "(secret)")
    assert FILE.descriptions() == {"welcome.text": "What a newcomer reads."}
