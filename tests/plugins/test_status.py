"""!status"""

from __future__ import annotations

BOT_FILE = "owners: [100000000000002]\nplugins: {status: , echo: }"


def test_an_owner_sees_how_the_bot_is(start_bot, ann):
    """The lines of `botkit status`."""
    start_bot(BOT_FILE)
    ann.says("Friends", "!status")
    lines = ann.hears()[1].splitlines()
    assert lines[0].startswith("connection: live for ")
    assert lines[3] == "events: 1 open, 0 dead, 0 late"
    assert "plugin echo: 0 calls, 0 errors" in lines


def test_nobody_else_does(start_bot, ann, ben):
    """Though others are answered."""
    start_bot(BOT_FILE)
    ben.says("Friends", "!status")
    ben.says("Friends", "!echo hello")
    said = [ann.hears()[1], ann.hears()[1]]
    while said[-1] != "hello":
        said.append(ann.hears()[1])
    assert not any("connection" in one for one in said)
