"""The generated documents: current, and whole."""

from pathlib import Path

import pytest

from botkit import messenger
from botkit.messenger import FUNCTION_CLASSES
from tools import api_docs

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", api_docs.pages(), ids=lambda path: path.name)
def test_the_committed_file_is_current(path):
    """After a change to the API: make docs."""
    assert path.read_text(encoding="utf-8") == api_docs.pages()[path]


def test_every_function_event_and_error_has_an_entry():
    """Nothing public is left out but the doors, which are for tests and other networks."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    doors = {"Address", "Network", "HttpDoor", "HttpRequest", "HttpResponse"}
    doors |= {"Socket", "SocketDoor", "SocketHandler", "SocketConnect"}
    headings = {line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")}
    listed = {line.partition("`")[2].partition("`")[0] for line in text.splitlines() if line.lstrip().startswith("- `")}
    elsewhere = {"Api", "Event", "FUNCTION_CLASSES", "PROBE_AFTER_S", "Attachment", "Options"}
    assert set(messenger.__all__) - doors - elsewhere <= headings | listed
    assert set(FUNCTION_CLASSES) <= headings


def test_the_documented_key_of_a_field_is_found_by_trying():
    """And so are keys that never change."""
    keys = api_docs.keys_of(messenger.Typing)
    assert keys.fields == {"thread_id": ("threadID",), "sender_id": ("from", "userID"), "is_typing": ("isTyping",)}
    assert keys.always == {"fromMobile": "`False`"}
