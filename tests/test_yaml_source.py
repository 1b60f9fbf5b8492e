"""What an unquoted word of a bot file means."""

from __future__ import annotations

import pytest

from botkit.yaml_source import plain_scalar, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("18:30", "18:30"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("1_000", "1_000"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    """Words stay words and times stay texts, unlike in YAML 1.1."""
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


def test_a_number_that_nobody_means_is_a_text():
    """Python would refuse to write some of them out."""
    digits = "9" * 5000
    assert plain_scalar(f"0x{digits}") == f"0x{digits}"
    assert plain_scalar("9" * 40) == int("9" * 40)


def test_one_value_can_be_read_by_itself():
    """As somebody types it into a chat: a variable of the environment is a text like any other."""
    assert value_of("[a, 5, {b: true}]") == ["a", 5, {"b": True}]
    assert value_of("${HOME}") == "${HOME}"
    with pytest.raises(ValueError, match=r"^is not valid YAML: a list in \[ \] does not end, or lacks a comma$"):
        value_of("[a")
