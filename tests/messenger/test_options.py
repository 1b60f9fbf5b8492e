"""The options of a session: what is taken, what is refused, and what is never shown."""

from typing import Any

import pytest

from botkit.messenger import BadArgument, Options
from botkit.messenger.options import options_from, with_changes


def test_the_defaults_are_those_of_the_document() -> None:
    """All off or empty but the three of dossier 1, section 8.4."""
    options = Options()
    on = {"auto_mark_delivery", "auto_reconnect", "online"}
    switches = {name for name, value in vars(options).items() if isinstance(value, bool)}
    assert {name for name in switches if getattr(options, name)} == on
    assert (options.page_id, options.proxy, options.log_level, options.send_via) == (None, None, None, "auto")


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("page_id", 100000000000500, "100000000000500"),
        ("page_id", None, None),
        ("proxy", "http://me:secret@127.0.0.1:3128", "http://me:secret@127.0.0.1:3128"),
        ("proxy", None, None),
        ("log_level", "silly", "silly"),
        ("log_level", None, None),
        ("send_via", "socket", "socket"),
    ],
)
def test_values_that_are_taken(name: str, given: Any, kept: Any) -> None:
    """Numbers for ids, None for none."""
    assert getattr(options_from({name: given}), name) == kept


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("page_id", "my page", "option page_id must be made of digits"),
        ("page_id", 1.5, "option page_id must be a str or an int"),
        ("proxy", "socks5://127.0.0.1:1080", "option proxy must be the address of an HTTP proxy"),
        ("proxy", "http://127.0.0.1:99999", "option proxy"),
        ("proxy", 3128, "option proxy"),
        ("log_level", "loud", "one of silly, verbose, debug"),
        ("log_level", 10, "option log_level must be one of"),
        ("send_via", "pigeon", "one of auto, http, socket"),
        ("online", 1, "option online must be a bool, not int"),
    ],
)
def test_values_that_are_refused(name: str, value: Any, said: str) -> None:
    """In one line that says what would be right."""
    with pytest.raises(BadArgument, match=said):
        options_from({name: value})


@pytest.mark.parametrize("name", ["network", "user_agent", "force_login", "page_id", "proxy"])
def test_options_of_the_login_stay(name: str) -> None:
    """They cannot be changed during a session."""
    with pytest.raises(BadArgument, match=f"option {name} can only be set at login"):
        with_changes(Options(), {name: None})


def test_a_proxy_is_never_shown() -> None:
    """Its address may hold a password."""
    assert "secret" not in repr(options_from({"proxy": "http://me:secret@127.0.0.1:1"}))
    with pytest.raises(BadArgument) as caught:
        options_from({"proxy": "https://me:secret@127.0.0.1:1"})
    assert "secret" not in str(caught.value)
