"""The package's front door."""

import subprocess
import sys

import pytest

import botkit.messenger


def test_every_listed_name_is_there() -> None:
    """Each loads, and `login` is the function."""
    for name in botkit.messenger.__all__:
        assert getattr(botkit.messenger, name) is not None
    assert callable(botkit.messenger.login)


def test_unknown_names_are_attribute_errors() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = botkit.messenger.nothing_such


def test_importing_loads_no_third_party() -> None:
    """Nor do the values that plugins need."""
    code = (
        "import sys, botkit.messenger; from botkit.messenger import Message, Options, parse, Position;"
        "print([name for name in ('requests', 'paho', 'aiohttp') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert found.stdout.strip() == "[]"
