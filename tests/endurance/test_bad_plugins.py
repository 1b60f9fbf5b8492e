"""One plugin does its worst on one message: the others answer as without it, and other chats go on meanwhile."""

from __future__ import annotations

import os
import threading

import pytest

from botkit import hookimpl
from botkit.testing import Stage

FATAL = "now"
"""The message on which a bad plugin does what it does."""
IN_FRIENDS = ("one", FATAL, "two", "three")
IN_STAND_UP = ("four", "five")


class Good:
    """Answers everything and counts."""

    @hookimpl
    def on_message(self, ctx, message):
        ctx.store["count"] = ctx.store.get("count", 0) + 1
        return f"{ctx.store['count']} good: {message.body}"


class Bad:
    """Does `deed(ctx)` on one message and has nothing to say otherwise."""

    def __init__(self, deed):
        self._deed = deed

    @hookimpl
    def on_message(self, ctx, message):
        if message.body == FATAL:
            self._deed(ctx)


def fail(ctx):
    raise ValueError("the worst")


def sleep_for_ever(ctx):
    ctx.clock.wait(threading.Event())


def flood(ctx):
    for number in range(400):
        ctx.reply(f"flood {number}")


def keep_things():
    """A deed that never gives back what it takes: threads, files, memory; and what ends them after the test."""
    over, kept = threading.Event(), []

    def leak(ctx):
        for _ in range(50):
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            kept.append((os.open(__file__, os.O_RDONLY), bytearray(10**6), thread))

    def give_back():
        over.set()
        for file, _, thread in kept:
            os.close(file)
            thread.join()

    return leak, give_back


@pytest.fixture
def leak():
    deed, give_back = keep_things()
    yield deed
    give_back()


@pytest.fixture
def answers(tmp_path):
    """Says the lines to a bot with these plugins; {chat: the good plugin's answers}, as heard by Chloe or Ben."""

    def say(name, things, limits=""):
        with Stage(tmp_path / name) as stage:
            stage.start_bot(limits, things)
            ann, ben = stage.person("Ann"), stage.person("Ben")
            for text in IN_FRIENDS:
                ann.says("Friends", text)
                stage.settle()
            meanwhile = stage.clock.monotonic()
            for text in IN_STAND_UP:
                ben.says("Stand-up", text)
            stage.settle()
            assert stage.clock.monotonic() == meanwhile
            in_stand_up = good_ones(stage, "Stand-up")
            assert len(in_stand_up) == len(IN_STAND_UP), "another chat had to wait"
            stage.advance(3600.0)
            return {"Friends": good_ones(stage, "Friends"), "Stand-up": in_stand_up}

    return say


def good_ones(stage, thread):
    """The texts that the good plugin has answered, in order."""
    found = [text for _, text in stage.person("Ann").history(thread) if " good: " in text]
    return [text.partition(" good: ")[2] for text in found]


@pytest.mark.parametrize("deed", [fail, sleep_for_ever, flood, "leak"], ids=["raises", "sleeps", "floods", "leaks"])
@pytest.mark.parametrize("bad_first", [True, False], ids=["before", "after"])
def test_the_others_answer_as_without_it(answers, request, deed, bad_first):
    """Whether its line is before theirs or after; chats that it does not touch do not wait a second."""
    deed = request.getfixturevalue(deed) if isinstance(deed, str) else deed
    # Slow enough that the flood would fill the hour, were it not for one chat only.
    limits = "limits: {message: {per_chat: 20 per 60s}}"
    pair = {"bad": Bad(deed), "good": Good()}
    things = pair if bad_first else dict(reversed(pair.items()))
    assert answers("with", things, limits) == answers("without", {"good": Good()}, limits)


class Racing:
    """Counts what is said in all chats; some calls take their time between reading the count and writing it."""

    @hookimpl
    def on_message(self, ctx, message):
        count = ctx.store.get("count", 0)
        seconds = {"slow": 50.0, "lose": 1.0}.get(message.body, 0.0)
        ctx.clock.wait(threading.Event(), seconds)
        ctx.store["count"] = count + 1
        return f"{message.body} {count + 1}"


def test_a_race_holds_nobody_up(tmp_path):
    """One call is slow, another has lost its race three times and is to win the fourth: a third chat does not wait."""
    with Stage(tmp_path) as stage:
        stage.start_bot(things={"racing": Racing()})
        ann, ben, chloe = (stage.person(name) for name in ("Ann", "Ben", "Chloe"))
        chloe.says("Friends", "slow")
        ann.says("Bot", "lose")
        for number in range(1, 4):
            stage.advance(0.5)
            ben.says("Bot", f"bump {number}")
            stage.advance(0.5)
        stage.advance(0.5)
        ben.says("Stand-up", "first")
        stage.advance(0.6)
        assert ben.heard()[-1] == ("Bot", "first 5")
        assert ann.heard()[-2:] == [("Bot", "lose 4"), ("Bot", "first 5")]
        # It has lost its race as well, and is slow once more.
        stage.advance(100.0)
        assert chloe.heard()[-1] == ("Bot", "slow 6")
