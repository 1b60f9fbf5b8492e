"""People, bots and a clock together: what the joined stage and the one with sockets do alike, and what only one can."""

from __future__ import annotations

import threading

import pytest

from botkit import hookimpl
from botkit.clock import SystemClock
from botkit.messenger.errors import ConfigError
from botkit.sandbox.errors import ControlError
from botkit.testing import Stage

ECHO = "plugins: {echo: }"


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as made:
        yield made


def test_a_bot_answers(stage):
    """What people say reaches it, and what it says reaches them."""
    stage.start_bot(ECHO)
    ann, ben = stage.person("Ann"), stage.person("Ben")
    ann.says("Friends", "!echo hello")
    assert ann.heard() == [("Bot", "hello")]
    assert ben.heard() == [("Ann", "!echo hello"), ("Bot", "hello")]
    assert ben.heard() == []
    assert ann.history("Friends")[-2:] == [("Ann", "!echo hello"), ("Bot", "hello")]


def test_it_answers_over_sockets_too(tmp_path):
    """The same test runs over a server on a real port."""
    with Stage(tmp_path, sockets=True) as stage:
        stage.start_bot(ECHO)
        ann, ben = stage.person("Ann"), stage.person("Ben")
        ann.says("Friends", "!echo hello")
        assert ann.heard() == [("Bot", "hello")]
        assert ben.heard() == [("Ann", "!echo hello"), ("Bot", "hello")]
        with pytest.raises(ControlError, match="no chat"):
            ann.says("Nowhere", "hello")
        stage.fault("cut")
        ann.says("Friends", "!echo again")
        stage.advance(1.5)
        assert ann.heard() == [("Bot", "again")]


def test_a_bot_that_is_cut_off_comes_to_rest_over_sockets_too(tmp_path):
    """What it had in hand at that moment goes on to its end before the test does."""
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    class Slow:
        @hookimpl
        def on_message(self, ctx):
            began.set()
            go_on.wait(5)
            ended.set()

    with Stage(tmp_path, sockets=True) as stage:
        bot = stage.start_bot(things={"slow": Slow()})
        stage.person("Ann").says("Friends", "hello")
        assert began.wait(5)
        bot.cut_off()
        stage.clock.call_later(0.3, go_on.set)
        stage.settle()
        assert ended.is_set()


def test_who_waits_for_the_pace_is_at_rest_over_sockets_too(tmp_path):
    """A test can look at what has not been said yet, and let the time pass."""
    with Stage(tmp_path, sockets=True) as stage:
        stage.start_bot(f"{ECHO}\nlimits: {{message: {{per_chat: 1 per 1h}}}}\n")
        ann = stage.person("Ann")
        ann.says("Friends", "!echo one")
        ann.says("Friends", "!echo two")
        assert ann.heard() == [("Bot", "one")]
        stage.advance(3601)
        assert ann.heard() == [("Bot", "two")]


def test_a_bot_goes_on_after_a_restart_over_sockets_too(tmp_path):
    """A bot that was stopped is not asked how it is."""
    with Stage(tmp_path, sockets=True) as stage:
        ann = stage.person("Ann")
        stage.start_bot(ECHO).stop()
        ann.says("Friends", "!echo hello")
        assert ann.heard() == []
        stage.start_bot(ECHO)
        assert ann.heard() == [("Bot", "hello")]


class Praise:
    """Is glad of praise."""

    @hookimpl
    def on_message(self, ctx, message):
        if message.body == "good bot":
            ctx.reply("Thank you.")


def test_plugins_are_objects_too(stage):
    """They come before those of the bot file."""
    stage.start_bot(ECHO, {"praise": Praise()})
    ann = stage.person("Ann")
    ann.says("Friends", "good bot")
    ann.says("Friends", "!echo so it is")
    assert ann.heard() == [("Bot", "Thank you."), ("Bot", "so it is")]


def test_two_bots_side_by_side(stage):
    """Each has an account and a folder of its own."""
    stage.start_bot(ECHO)
    stage.start_bot('plugins: {echo: }\nprefix: "?"', account="Chloe")
    ann = stage.person("Ann")
    ann.says("Friends", "!echo one")
    stage.settle()
    ann.says("Friends", "?echo two")
    assert ann.heard() == [("Bot", "one"), ("Chloe", "two")]


def test_a_bot_can_be_given_a_folder(stage, tmp_path):
    """And whatever else a bot takes."""
    seen = []
    stage.start_bot(ECHO, folder=tmp_path / "elsewhere", step=seen.append)
    stage.person("Ann").says("Friends", "!echo hello")
    stage.settle()
    assert (tmp_path / "elsewhere" / "bot.db").exists()
    assert seen


def test_one_failure_closes_the_rest(tmp_path):
    """A bot that cannot start leaves no thread and no lock behind."""
    with pytest.raises(ConfigError), Stage(tmp_path) as stage:
        stage.login()
        stage.start_bot("plugins: {nothing_of_that_name: }")
    with Stage(tmp_path) as stage:
        assert stage.person("Ann").history("Friends")


def test_a_world_of_ones_own(tmp_path):
    """People and groups come from the file."""
    world = tmp_path / "world.yaml"
    world.write_text(
        "people:\n  - {id: 100000000000001, name: Bot, bot: true, email: bot@a.test, password: secret-bot}\n"
        "  - {id: 100000000000009, name: Kim, email: kim@a.test, password: secret-kim}\n"
        "groups:\n  - {id: 7000000000000009, name: Two, members: [Bot, Kim]}\n"
    )
    with Stage(tmp_path, world_file=world) as stage:
        kim = stage.person("Kim")
        kim.says("Two", "hello")
        assert kim.history("Two") == [("Kim", "hello")]


def test_people_do_things(stage):
    """Everything that the page lets a person do, as others see it."""
    ann, ben = stage.person("Ann"), stage.person("Ben")
    message = ann.says("Friends", "look")
    ann.types("Friends")
    ben.reads("Friends")
    ben.reacts("Friends", message, "❤")
    ben.says("Friends", "nice", reply_to=message)
    ann.does("Friends", "title", text="Best friends")
    ben.does("Best friends", "leave")
    kinds = [event["type"] for event in ann.events()]
    assert {"message", "read", "changed", "thread"} <= set(kinds)
    last = next(one for one in ann.messages("Best friends") if one["id"] == message)
    assert "❤" in str(last["reactions"])
    with pytest.raises(ControlError, match="there is no chat"):
        ben.says("Best friends", "am I out?")


def test_nobody_of_that_name(stage):
    """A person is one of the world's."""
    with pytest.raises(ControlError, match="nobody called 'Zoe'"):
        stage.person("Zoe")


def test_a_bot_goes_on_after_a_restart(stage):
    """A bot of the same folder answers what was said while no bot ran."""
    ann = stage.person("Ann")
    stage.start_bot(ECHO).stop()
    ann.says("Friends", "!echo hello")
    assert ann.heard() == []
    stage.start_bot(ECHO)
    assert ann.heard() == [("Bot", "hello")]


def test_a_cut_connection_comes_back(stage):
    """It takes virtual time, and nothing is lost."""
    stage.start_bot(ECHO)
    ann = stage.person("Ann")
    stage.fault("cut")
    ann.says("Friends", "!echo hello")
    assert ann.heard() == []
    stage.advance(5)
    assert ann.heard() == [("Bot", "hello")]


def test_typing_lapses(stage):
    """After 30 s, by itself; telling it is work that is waited for."""
    api, ann = stage.login(), stage.person("Ann")
    api.send_typing_indicator("7000000000000001")
    stage.advance(29)
    assert [event["typing"] for event in ann.events() if event["type"] == "typing"] == [True]
    stage.advance(1)
    assert [event["typing"] for event in ann.events() if event["type"] == "typing"] == [False]


def test_listening_with_a_callback(stage):
    """Events on the way to a callback count as work."""
    api, seen = stage.login(), []
    stop = api.listen(lambda event: seen.append(event.body))
    assert stop.wait_live(5)
    ann = stage.person("Ann")
    for number in range(5):
        ann.says("Friends", str(number))
    stage.settle()
    assert seen == ["0", "1", "2", "3", "4"]
    stop()


def test_an_idle_day_costs_little(stage):
    """A bot that has nothing to do lives a virtual day in well under a second, and still answers after it."""
    stage.start_bot(ECHO)
    ann, real = stage.person("Ann"), SystemClock()
    began_s = real.monotonic()
    stage.advance(days=1)
    took_s = real.monotonic() - began_s
    print(f"a virtual day took {took_s * 1000:.0f} ms")
    assert took_s < 1
    ann.says("Friends", "!echo hello")
    assert ann.heard() == [("Bot", "hello")]


def test_a_thousand_echoes(stage):
    """All at once in one chat: each is answered once and in order; prints how many a second."""
    stage.start_bot(f"{ECHO}\noptions: {{auto_mark_delivery: false}}")
    ann, real = stage.person("Ann"), SystemClock()
    began_s = real.monotonic()
    for number in range(1000):
        ann.says("Friends", f"!echo {number}")
    stage.settle(limit_s=60)
    heard = ann.heard()
    print(f"{1000 / (real.monotonic() - began_s):.0f} echoes a second")
    assert heard == [("Bot", str(number)) for number in range(1000)]


def play(folder, seed):
    """A little play with chance in it: what everybody sees, with ids and times."""

    with Stage(folder, seed=seed) as stage:
        stage.start_bot(ECHO)
        ann, ben = stage.person("Ann"), stage.person("Ben")
        for number in range(20):
            (ann if number % 3 else ben).says("Friends", f"!echo {number}")
            stage.advance(number)
        stage.fault("cut")
        ann.says("Friends", "!echo last")
        stage.advance(60)
        return [(one["id"], one["sender"], one["text"], one["timestamp_ms"]) for one in ann.messages("Friends")]


def test_the_same_seed_is_the_same_play(tmp_path):
    """Texts, ids and times: nothing comes from the machine."""
    first, again, other = play(tmp_path / "a", 1), play(tmp_path / "b", 1), play(tmp_path / "c", 2)
    assert first == again
    assert [one[2] for one in first] == [one[2] for one in other]
    assert [one[0] for one in first] != [one[0] for one in other]
