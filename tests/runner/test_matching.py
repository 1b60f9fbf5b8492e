"""Functions with conditions, in a whole bot: when they are called, in which order, and with what."""

from __future__ import annotations

import threading

import pytest

from botkit import STOP, hookimpl, keyword, matches, mentioned, reacted, replied_to_bot
from botkit.matchers import matchers_of
from botkit.messenger.errors import ConfigError, PluginError
from botkit.runner import loader

GROUP = "Friends"


@pytest.fixture
def ann(stage):
    return stage.person("Ann")


def answers(stage, ann, text, **more):
    """What the bot says to a text of Ann's."""
    ann.says(GROUP, text, **more)
    stage.settle()
    return [text for name, text in ann.heard() if name == "Bot"]


def plugin(**functions):
    """A plugin of these functions, which may be hooks or have conditions."""
    body = {name: staticmethod(function) for name, function in functions.items()}
    return type("Plugin", (), body)()


def test_a_function_is_called_when_its_condition_fits(stage, ann):
    """A text is the reply; a message that fits nothing costs nobody an answer."""

    @keyword("pizza")
    def hungry(ctx, message):
        return f"{len(message.body)} characters about food"

    @matches(r"(\d+) km")
    def far(ctx, match):
        return f"{match[1]} is far"

    stage.start_bot(things={"words": plugin(hungry=hungry, far=far)})
    assert answers(stage, ann, "pizza!") == ["6 characters about food"]
    assert answers(stage, ann, "it is 20 km") == ["20 is far"]
    assert answers(stage, ann, "nothing") == []


def test_the_order_is_that_of_plugins_then_hook_then_file(stage, ann):
    """And STOP ends the walk, for later plugins and for commands."""
    seen = []

    @keyword("go")
    def second(ctx):
        seen.append("second")

    @hookimpl
    def on_message(ctx, message):
        seen.append("hook")

    @mentioned
    @keyword("go")
    def first(ctx):
        seen.append("first")

    @keyword("halt")
    def halt(ctx):
        return STOP

    early = plugin(b=second, on_message=on_message, a=first, halt=halt)
    late = plugin(on_message=hookimpl(lambda ctx, message: seen.append("late")))
    stage.start_bot("plugins: {echo: }", {"early": early, "late": late})
    assert answers(stage, ann, "!echo go") == ["go"]
    assert seen == ["hook", "second", "first", "late"]
    seen.clear()
    assert answers(stage, ann, "!echo halt") == []
    assert seen == ["hook"]


def test_reactions_and_replies_and_mentions_are_told_apart(stage, ann):
    """Each by what the network says, not by the text."""

    @reacted("❤")
    def loved(ctx, reaction):
        return f"loved by {ctx.sender.name}"

    @replied_to_bot
    def replied(ctx, message):
        return "to me?"

    stage.start_bot("plugins: {echo: }", {"words": plugin(loved=loved, replied=replied)})
    assert answers(stage, ann, "!echo one") == ["one"]
    (own,) = [one for one in ann.messages(GROUP) if one["text"] == "one"]
    ann.reacts(GROUP, own["id"], "👍")
    ann.reacts(GROUP, own["id"], "❤")
    stage.settle()
    assert [text for name, text in ann.heard() if name == "Bot"] == ["loved by Ann"]
    assert answers(stage, ann, "hm", reply_to=own["id"]) == ["to me?"]


def test_a_pattern_that_raises_hurts_its_own_plugin_alone(stage, ann, caplog):
    """It is tried inside the guard of the call."""

    @matches("x")
    def broken(ctx, match):
        raise ValueError("inside")

    stage.start_bot("plugins: {echo: }", {"broken": plugin(broken=broken)})
    assert answers(stage, ann, "!echo x") == ["x"]
    assert "plugin broken: broken:broken failed" in caplog.text


def test_a_pattern_that_takes_for_ever_is_the_watchs_business(stage, ann, monkeypatch):
    """The lane's worker is not held by it before the guard is there: only cheap conditions are looked at outside."""
    tried = []

    @matches("x")
    def slow(ctx, match):
        return "x"

    (condition,) = matchers_of(slow)
    assert condition.may_be_slow
    real = condition.find

    def find(event, own_id):
        tried.append(threading.current_thread().name)
        return real(event, own_id)

    object.__setattr__(condition, "find", find)
    bot = stage.start_bot(things={"slow": plugin(slow=slow)})
    begun = []
    begin = bot._watch.begin
    monkeypatch.setattr(bot._watch, "begin", lambda *what: begun.append(len(tried)) or begin(*what))
    assert answers(stage, ann, "x") == ["x"]
    assert len(tried) == 1
    assert begun[0] == 0


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (keyword("a")(lambda ctx, match: None), "match"),
        (matches("a")(lambda ctx, message, other: None), "other"),
        (keyword("a")(lambda ctx, *rest: None), "rest"),
        (keyword("a")(lambda ctx, message=None: None), "default"),
        (keyword("a")(reacted()(lambda ctx: None)), "messages and on reactions"),
    ],
)
def test_what_a_condition_does_not_give_is_refused_at_load(function, told):
    """With the plugin's own line."""
    with pytest.raises(ConfigError, match=told):
        loader.build([loader.plugin_of("words", plugin(function=function))])


def test_a_plugin_that_is_off_in_the_chat_is_not_asked(stage, ann):
    """Neither hooks nor conditions; elsewhere it goes on."""

    @keyword("pizza")
    def hungry(ctx):
        return "food"

    @hookimpl
    def on_message(ctx, message):
        if message.body == "off":
            ctx.host.disable("words")

    stage.start_bot(things={"words": plugin(hungry=hungry), "keeper": plugin(on_message=on_message)})
    assert answers(stage, ann, "pizza") == ["food"]
    answers(stage, ann, "off")
    assert answers(stage, ann, "pizza") == []
    ann.says("Bot", "pizza")
    stage.settle()
    assert [text for name, text in ann.heard() if name == "Bot"] == ["food"]


def test_functions_made_by_one_factory_are_told_apart(stage, ann):
    """Each has the name that it has in the plugin; one with two names is called once."""

    def make(word):
        @keyword("x")
        def answer(ctx):
            return word

        return answer

    one, two = make("one"), make("two")
    table = loader.build([loader.plugin_of("words", plugin(a=one, b=two, c=one))])
    assert [handler.id for handler in table.handlers("on_message")] == ["words:a", "words:b"]
    stage.start_bot(things={"words": plugin(a=one, b=two, c=one)})
    assert answers(stage, ann, "x") == ["one", "two"]


def test_a_pattern_that_does_not_fit_is_no_success(stage, ann):
    """A plugin that fails whenever it is called is paused, whatever other messages come between."""

    @matches("boom")
    def broken(ctx):
        raise ValueError("inside")

    bot = stage.start_bot(things={"broken": plugin(broken=broken)})
    for _ in range(6):
        answers(stage, ann, "boom")
        answers(stage, ann, "nothing")
    (status,) = [one for one in bot.status().plugins if one.name == "broken"]
    assert status.paused_until_ms is not None


def test_the_bots_own_name_is_no_plugins_name():
    """Its values would be the bot's."""
    with pytest.raises(PluginError, match="this name is the bot's own"):
        loader.plugin_of("botkit", plugin())


def test_why_tells_of_a_call_that_was_given_up(stage, ann):
    """It counts as one that failed."""

    @keyword("hang")
    def hang(ctx):
        ctx.clock.wait(threading.Event(), 600)

    bot = stage.start_bot(things={"slow": plugin(hang=hang)})
    ann.says(GROUP, "hang")
    stage.advance(61)
    (own,) = [one for one in ann.messages(GROUP) if one["text"] == "hang"]
    assert bot.why(own["thread"], own["sender"], own["id"]) == ("The plugin slow made a mistake with it.",)
    stage.advance(600)


def test_a_muted_chat_hears_nothing_of_background_work(stage, ann):
    """The work is done, and its result is for nobody."""

    @hookimpl
    def on_message(ctx, message):
        ctx.background(work)
        ctx.host.mute()

    @hookimpl
    def on_background(ctx, result):
        return "done"

    class Slow:
        pass

    Slow.__module__ = __name__
    Slow.on_background = staticmethod(on_background)
    Slow.on_message = staticmethod(on_message)
    stage.start_bot(things={"slow": Slow()})
    ann.says(GROUP, "mute")
    stage.settle()
    assert [text for name, text in ann.heard() if name == "Bot"] == []


def work():
    return "worked"


def test_the_bot_gives_itself_no_commands(stage, ann):
    """With self_listen it hears itself, and plugins may; the router does not."""
    heard = []

    @hookimpl
    def on_message(ctx, message):
        heard.append(message.body)
        return "!echo again" if message.body == "go" else None

    bot_file = "plugins: {echo: }\noptions: {self_listen: true}\n"
    stage.start_bot(bot_file, {"words": plugin(on_message=on_message)})
    assert answers(stage, ann, "go") == ["!echo again"]
    assert heard == ["go", "!echo again"]
