"""Adding a plugin to the text of a bot file"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botkit.cli._bot_file_edit import keys, read, replace, with_plugin
from botkit.messenger.errors import BadArgument

FILE = Path("bot.yaml")


def added(text):
    return with_plugin(text, FILE, "dice", "plugins")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("plugin_dirs: [x]\nplugins:\n  echo:\n", "plugin_dirs: [x]\nplugins:\n  echo:\n  dice:\n"),
        ("plugin_dirs: x\nplugins:\n", "plugin_dirs: x\nplugins:\n  dice:\n"),
        (
            "plugin_dirs: x\nplugins:   # all\n  # none yet\n",
            "plugin_dirs: x\nplugins:   # all\n  dice:\n  # none yet\n",
        ),
        (
            "plugins:\n    echo: {}   # says it again\n    # the last\n\nplugin_dirs: x\n",
            "plugins:\n    echo: {}   # says it again\n    dice:\n    # the last\n\nplugin_dirs: x\n",
        ),
        (
            "plugins:\n  hi:\n    text: |\n      Hello\n\n      # text\n    # a comment\nplugin_dirs: x\n",
            "plugins:\n  hi:\n    text: |\n      Hello\n\n      # text\n    # a comment\n  dice:\nplugin_dirs: x\n",
        ),
        (
            "plugins: {echo: , help: }  # {two}\nplugin_dirs: x",
            "plugins: {echo: , help: , dice: }  # {two}\nplugin_dirs: x\n",
        ),
        ("plugins: {echo: {},}\nplugin_dirs: x\n", "plugins: {echo: {}, dice: }\nplugin_dirs: x\n"),
        ("plugins: {}\nplugin_dirs: x\n", "plugins: {dice: }\nplugin_dirs: x\n"),
        (
            "plugin_dirs: x\nplugins: {\n  echo: {a: 1},\n}\n",
            "plugin_dirs: x\nplugins: {\n  echo: {a: 1},\n  dice:\n}\n",
        ),
        ("prefix: '?'\n", "prefix: '?'\nplugin_dirs: [plugins]\nplugins:\n  dice:\n"),
        ("plugins:\n  echo:\n", "plugin_dirs: [plugins]\nplugins:\n  echo:\n  dice:\n"),
        ("", "\nplugin_dirs: [plugins]\nplugins:\n  dice:\n"),
        (
            "\ufeffplugin_dirs: x\r\nplugins:\r\n  echo:\r\n",
            "\ufeffplugin_dirs: x\r\nplugins:\r\n  echo:\r\n  dice:\r\n",
        ),
        ("plugin_dirs: ö\nplugins:\n  echo: {w: '${X}'}", "plugin_dirs: ö\nplugins:\n  echo: {w: '${X}'}\n  dice:\n"),
    ],
)
def test_one_line_is_added_and_the_rest_stays(before, after):
    """Comments, layout, line ends and what is written in braces."""
    assert added(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "plugin_dirs: x\nplugins: [echo]\n",
        "plugin_dirs: x\nplugins: &all\n  echo: {a: 1}\nother: *all\n",
        "{plugin_dirs: x, prefix: '?'}\n",
        "# one\u2028\x85plugins:\n  echo:\n",
    ],
)
def test_where_there_is_no_safe_place_nothing_is_changed(text):
    """Such a file is for a person."""
    assert added(text) is None


@pytest.mark.parametrize("text", ["plugins: [", "- echo", "just words"])
def test_what_is_no_bot_file_is_refused(text):
    """With the file's name."""
    with pytest.raises(BadArgument, match=r"bot\.yaml"):
        keys(text, FILE)


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    """What is replaced is the file that the link leads to; nothing else is left behind."""
    real, link = tmp_path / "real.yaml", tmp_path / "bot.yaml"
    real.write_bytes(b"plugins:\r\n")
    real.chmod(0o640)
    link.symlink_to(real)
    replace(link, read(link) + "  dice:\r\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"plugins:\r\n  dice:\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bot.yaml", "real.yaml"]


def test_a_file_that_cannot_be_replaced_is_left_as_it_is(tmp_path, monkeypatch):
    """The new text is written beside it first."""
    file = tmp_path / "bot.yaml"
    file.write_text("plugins:\n")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadArgument, match="cannot be written: No space left"):
        replace(file, "plugins: {dice: }\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("bot.yaml", "plugins:\n")]


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """Missing, or not UTF-8."""
    with pytest.raises(BadArgument, match="make a bot with: botkit init DIR"):
        read(tmp_path / "bot.yaml")
    (tmp_path / "bot.yaml").write_bytes(b"\xff")
    with pytest.raises(BadArgument, match="it is not UTF-8 text"):
        read(tmp_path / "bot.yaml")
