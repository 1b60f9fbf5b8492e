"""The command router."""

from __future__ import annotations

import pytest


def test_a_mistyped_command_is_answered_with_the_nearest(start_bot, ann):
    """Unless it looks like nothing that there is."""
    start_bot("plugins: {echo: , ping: }")
    ann.says("Friends", "!xyzzy")
    ann.says("Friends", "!ecko hi")
    assert ann.hears() == ("Bot", "There is no !ecko. Did you mean !echo?")


def test_it_can_be_silent(start_bot, ann):
    """`suggest: false`, for chats with several bots."""
    start_bot("plugins: {echo: , commands: {suggest: false}}")
    ann.says("Friends", "!ecko hi")
    ann.says("Friends", "!echo hi")
    assert ann.hears() == ("Bot", "hi")


@pytest.mark.parametrize(("where", "sees"), [("last", True), ("first", False)])
def test_its_place_among_the_plugins_is_that_of_its_line(start_bot, ann, tmp_path, where, sees):
    """Commands come last unless `commands` is named earlier; a command ends the walk."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "nosy.py").write_text(
        "from botkit import hookimpl\n@hookimpl\ndef on_message(ctx, message):\n    return 'I saw ' + message.body\n"
    )
    order = "{nosy: , echo: }" if where == "last" else "{commands: , nosy: , echo: }"
    start_bot(f"plugin_dirs: [mine]\nplugins: {order}")
    ann.says("Friends", "!echo hi")
    assert ann.hears()[1] == ("I saw !echo hi" if sees else "hi")
