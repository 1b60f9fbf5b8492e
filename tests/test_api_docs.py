"""The generated documents: current, and whole."""

import importlib.util
import sys
from pathlib import Path

import pytest

from botkit import messenger
from botkit.messenger import FUNCTION_CLASSES

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("api_docs", ROOT / "tools" / "api_docs.py")
api_docs = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = api_docs
SPEC.loader.exec_module(api_docs)


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


def test_what_is_written_by_hand_stays(tmp_path):
    """Only what follows the mark is made anew."""
    page = tmp_path / "page.md"
    page.write_text(f"By hand.\n\n{api_docs.MARK}\n\nold\n", encoding="utf-8")
    assert api_docs._joined(page, ["new"]) == f"By hand.\n\n{api_docs.MARK}\n\nnew\n"


def test_the_documented_key_of_a_field_is_found_by_trying():
    """And so are keys that never change."""
    keys = api_docs.keys_of(messenger.Typing)
    assert keys.fields == {"thread_id": ("threadID",), "sender_id": ("from", "userID"), "is_typing": ("isTyping",)}
    assert keys.always == {"fromMobile": "`False`"}
