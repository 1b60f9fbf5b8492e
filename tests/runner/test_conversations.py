"""Conversations: what people see of them, through restarts, kills and edits."""

from __future__ import annotations

import itertools
from datetime import datetime
from types import SimpleNamespace
from typing import Literal

import pytest

from botkit import ChatContext, CommandError, Conversation, Member, Message, Rest, ask, command, hookimpl

pytestmark = pytest.mark.botkit(plugins=["echo"])


@command("feedback")
def give_feedback(ctx: ChatContext) -> Conversation:
    """Counts who has begun, before its second question."""
    stars = yield ask("How many stars?", int)
    ctx.store.thread.increment("begun")
    why = yield "And why?"
    ctx.store.thread["last"] = [stars, why]
    return "Thank you."


@pytest.fixture
def feedback(bot):
    bot.load(give_feedback, name="feedback")
    return bot


@pytest.fixture
def group(bot):
    return bot.group("Friends", "Ann", "Ben")


def test_a_yield_asks_and_gives_the_answer(feedback, group):
    """A returned text is the last word."""
    group.ann.says("!feedback").replies("How many stars?").silent()
    group.ann.says("4").replies("And why?").silent()
    group.ann.says("it was fun").replies("Thank you.").silent()
    assert feedback.store("feedback").thread(group)["last"] == [4, "it was fun"]


def test_an_answer_that_does_not_fit_is_asked_for_again(feedback, group):
    """With what was wrong."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("many").replies("Please answer with a whole number.\nHow many stars?").silent()
    group.ann.says("4").replies("And why?")


def test_two_people_in_one_group_never_mix(feedback, group):
    """Each has questions of their own."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ben.says("!feedback").replies("How many stars?")
    group.ben.says("2").replies("And why?")
    group.ann.says("5").replies("And why?")
    group.ann.says("Ann's reason").replies("Thank you.")
    assert feedback.store("feedback").thread(group)["last"] == [5, "Ann's reason"]
    group.ben.says("Ben's reason").replies("Thank you.")
    assert feedback.store("feedback").thread(group)["last"] == [2, "Ben's reason"]


def test_what_the_person_says_elsewhere_is_no_answer(feedback, group):
    """Nor what others say here."""
    lake = feedback.group("Lake", "Ann", "Ben")
    group.ann.says("!feedback").replies("How many stars?")
    lake.ann.says("4").silent()
    group.ben.says("4").silent()
    group.ann.says("3").replies("And why?")


def test_an_answer_is_for_nobody_else(feedback, group):
    """The walk ends with it; later messages go to all again."""
    heard = []

    @hookimpl
    def on_message(message):
        heard.append(message.body)

    feedback.load(on_message)
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("4").replies("And why?")
    group.ann.says("!echo hello").replies("hello")
    group.ann.says("fun").replies("Thank you.")
    group.ann.says("bye").silent()
    assert heard == ["!feedback", "!echo hello", "bye"]


def test_a_command_in_between_leaves_the_question_open(feedback, group):
    """Whatever it answers."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("!echo wait").replies("wait")
    group.ann.says("!nothing of the sort").silent()
    group.ann.says("4").replies("And why?")


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_it_goes_on_after_the_process_has_ended(feedback, group, end):
    """What was counted before the second question is counted once."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("4").replies("And why?")
    getattr(feedback, end)()
    feedback.start()
    group.ann.says("fun").replies("Thank you.").silent()
    assert dict(feedback.store("feedback").thread(group)) == {"begun": 1, "last": [4, "fun"]}


def test_an_answer_that_comes_while_the_bot_is_dead_is_heard_later(feedback, group):
    """And asked for only once."""
    group.ann.says("!feedback").replies("How many stars?")
    feedback.kill()
    group.ann.says("4").silent()
    feedback.start()
    group.expect("And why?")
    group.silent()
    assert feedback.store("feedback").thread(group)["begun"] == 1


def test_code_that_is_another_since_ends_it(feedback, group):
    """With one sentence, though its questions are the same; what it had done stays."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("4").replies("And why?")

    @command("feedback")
    def edited(ctx: ChatContext) -> Conversation:
        yield ask("How many stars?", int)
        yield "And why?"
        return "Thanks."

    feedback.load(edited, name="feedback")
    group.ann.says("fun").replies(
        "I have changed in the meantime and lost the thread. Please begin again with !feedback."
    ).silent()
    assert dict(feedback.store("feedback").thread(group)) == {"begun": 1}
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("5").replies("And why?")
    group.ann.says("fun").replies("Thanks.")


def test_a_command_that_is_gone_ends_it(bot, group):
    """Instead of a question that stays open for ever."""
    bot.load(quiz)
    group.ann.says("!quiz").replies("First?")
    bot.load(give_feedback)
    group.ann.says("one").replies(str.isprintable).silent()
    group.ann.says("two").silent()


@command("quiz")
def quiz(ctx: ChatContext) -> Conversation:
    first = yield "First?"
    second = yield "Second?"
    return f"{first} {second}"


def test_code_that_asks_something_else_when_it_is_replayed_ends_it(bot, group):
    """It hangs on something that nobody has recorded."""
    numbers = itertools.count(1)

    @command("count")
    def count(ctx: ChatContext) -> Conversation:
        yield f"Number {next(numbers)}?"
        return "Well counted."

    bot.load(count)
    group.ann.says("!count").replies("Number 1?")
    bot.restart()
    group.ann.says("one").replies(str.isprintable).silent()
    assert any("does not come to its question again" in line for line in bot.log)


def test_a_second_one_ends_the_first(feedback, group):
    """With a sentence."""
    feedback.load(quiz)
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("!quiz").replies("I leave !feedback unfinished.").replies("First?")
    group.ann.says("one").replies("Second?")
    group.ann.says("two").replies("one two").silent()


@pytest.mark.parametrize("word", ["cancel", "Cancel "])
def test_the_cancel_word_ends_it(feedback, group, word):
    """The next message is for all again."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says(word).replies("All right, I have stopped asking.").silent()
    group.ann.says("4").silent()


def test_the_cancel_word_is_known_in_the_language_of_the_chat(feedback, group):
    """And in English."""
    feedback.store("botkit").thread(group)["language"] = "nl"
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.says("annuleren").replies("Goed, ik vraag niet verder.").silent()


def test_a_question_waits_ten_minutes(feedback, group):
    """Each of them anew."""
    group.ann.says("!feedback").replies("How many stars?")
    feedback.clock.advance(minutes=9)
    group.ann.says("many").replies()
    feedback.clock.advance(minutes=9)
    group.ann.says("4").replies("And why?")
    feedback.clock.advance(minutes=9)
    group.silent()
    feedback.clock.advance(minutes=2)
    group.expect("No answer came, so I have stopped asking. Begin again with !feedback.")
    feedback.clock.advance(days=1)
    group.silent()
    group.ann.says("fun").silent()


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_a_time_out_survives_the_process(feedback, group, end):
    """And is told once."""
    group.ann.says("!feedback").replies("How many stars?")
    getattr(feedback, end)()
    feedback.start()
    feedback.clock.advance(minutes=11)
    group.expect("No answer came, so I have stopped asking. Begin again with !feedback.")
    feedback.restart()
    feedback.clock.advance(minutes=11)
    group.silent()


def test_a_time_out_while_the_bot_is_away_is_told_at_its_start(feedback, group):
    """Unless the answer was written meanwhile."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ben.says("!feedback").replies("How many stars?")
    feedback.kill()
    group.ann.says("4").silent()
    feedback.clock.advance(minutes=20)
    feedback.start()
    group.expect("And why?")
    group.expect("No answer came, so I have stopped asking. Begin again with !feedback.")
    group.silent()


def test_a_bot_in_shadow_leaves_open_questions_alone(stage):
    """Answers and time-outs are for the bot that asked."""
    things, ann = {"feedback": SimpleNamespace(feedback=give_feedback)}, stage.person("Ann")
    first = stage.start_bot(things=things)
    ann.says("Friends", "!feedback")
    assert ann.heard() == [("Bot", "How many stars?")]
    first.stop()
    shadow = stage.start_bot(things=things, shadow=True)
    ann.says("Friends", "4")
    stage.advance(660)
    assert ann.heard() == []
    shadow.stop()
    stage.start_bot(things=things)
    stage.advance()
    assert ann.heard() == [("Bot", "No answer came, so I have stopped asking. Begin again with !feedback.")]


def test_a_question_may_have_a_time_of_its_own(bot, group):
    """Longer or shorter."""

    @command("quick")
    def quick(ctx: ChatContext) -> Conversation:
        yield ask("Quick?", timeout="30s")

    bot.load(quick)
    group.ann.says("!quick").replies("Quick?")
    bot.clock.advance(31)
    group.expect("No answer came, so I have stopped asking. Begin again with !quick.")


def test_a_muted_chat_is_told_nothing_of_a_time_out(feedback, group):
    """The conversation ends all the same."""
    group.ann.says("!feedback").replies("How many stars?")
    feedback.store("botkit").thread(group)["muted"] = True
    feedback.restart()
    feedback.clock.advance(minutes=11)
    group.silent()
    del feedback.store("botkit").thread(group)["muted"]
    feedback.restart()
    group.ann.says("4").silent()


def test_an_exception_in_a_turn_ends_it(bot, group):
    """Like any call that fails; nothing of the turn is kept."""

    @command("fail")
    def fail(ctx: ChatContext) -> Conversation:
        yield "First?"
        ctx.store["half"] = True
        raise ZeroDivisionError

    bot.load(fail)
    bot.expects_error(ZeroDivisionError)
    group.ann.says("!fail").replies("First?")
    group.ann.says("one").silent()
    group.ann.says("!echo hello").replies("hello")
    assert dict(bot.store("test")) == {}


def test_a_command_error_in_a_turn_is_its_last_word(bot, group):
    """As in any command."""

    @command("strict")
    def strict(ctx: ChatContext) -> Conversation:
        yield "First?"
        raise CommandError("Not so.")

    bot.load(strict)
    group.ann.says("!strict").replies("First?")
    group.ann.says("one").replies("Not so.").silent()
    group.ann.says("two").silent()


def test_a_turn_that_does_not_come_back_ends_it(bot, group):
    """After a minute, like any call."""

    @command("hang")
    def hang(ctx: ChatContext) -> Conversation:
        yield "First?"
        ctx.clock.wait(_Never(), 3600)
        yield "Second?"

    bot.load(hang)
    bot.expects_error()
    group.ann.says("!hang").replies("First?")
    group.ann.says("one")
    bot.clock.advance(minutes=2)
    group.silent()
    bot.clock.advance(minutes=120)
    group.ann.says("two").silent()


class _Never:
    def is_set(self):
        return False


@pytest.mark.parametrize("wrong", [5, "", None])
def test_what_is_no_question_is_an_error_at_the_yield(bot, group, wrong):
    """The log names the line."""

    @command("wrong")
    def wrong_(ctx: ChatContext) -> Conversation:
        yield wrong

    bot.load(wrong_)
    bot.expects_error()
    group.ann.says("!wrong").silent()
    line = wrong_.__code__.co_firstlineno + 2
    assert any(f"test_conversations.py:{line} with PluginError" in one for one in bot.log)


def test_a_value_that_is_no_text_is_an_error_at_the_end(bot, group):
    """As for any handler."""

    @command("wrong")
    def wrong(ctx: ChatContext) -> Conversation:
        yield "First?"
        return 5

    bot.load(wrong)
    bot.expects_error()
    group.ann.says("!wrong").replies("First?")
    group.ann.says("one").silent()


def test_what_it_queues_leaves_with_the_question(bot, group):
    """Before it, and only once."""

    @command("tour")
    def tour(ctx: ChatContext) -> Conversation:
        ctx.reply("Welcome.")
        yield "Go on?"
        ctx.reply("Here we are.")
        yield "Go on?"
        return "The end."

    bot.load(tour)
    group.ann.says("!tour").replies("Welcome.").replies("Go on?").silent()
    bot.restart()
    group.ann.says("yes").replies("Here we are.").replies("Go on?").silent()
    bot.restart()
    group.ann.says("yes").replies("The end.").silent()


def test_the_context_wakes_with_the_answer_as_its_event(bot, group):
    """Between the turns it is dead; what it has handed out then stays so."""
    seen = []

    @command("watch")
    def watch(ctx: ChatContext) -> Conversation:
        old_store = ctx.store
        seen.append(ctx.event.body)
        yield "First?"
        seen.append(ctx.event.body)
        ctx.react("❤")
        with pytest.raises(Exception, match="a call that has ended"):
            old_store["k"] = 1
        return None

    bot.load(watch)
    group.ann.says("!watch").replies("First?")
    group.ann.says("one").reacts("❤").silent()
    assert seen == ["!watch", "one"]


def test_arguments_are_there_again_after_a_restart(bot, group):
    """With their types."""
    given = []

    @command("plan")
    def plan(ctx: ChatContext, who: Member, mood: Literal["good", "bad"], when: datetime, what: Rest) -> Conversation:
        given.append((who, mood, when, what))
        yield "Sure?"
        return f"{who.name}: {what}"

    bot.load(plan)
    group.ann.says("!plan Ben good 2026-05-03T18:30 some swimming").replies("Sure?")
    bot.restart()
    group.ann.says("yes").replies("Ben: some swimming")
    assert len(given) == 2
    assert given[0] == given[1]


def test_time_and_chance_are_as_they_were_when_it_is_replayed(bot, group):
    """And so is what was stored then."""
    seen = []

    @command("draw")
    def draw(ctx: ChatContext) -> Conversation:
        drawn = [ctx.random.randint(1, 1000), ctx.random.choice("abcdef"), ctx.random.gauss(), ctx.random.random()]
        before = ctx.store.get("count", 0)
        ctx.store["count"] = before + 1
        at = ctx.clock.now(), ctx.clock.time_ms(), ctx.clock.monotonic()
        seen.append((drawn, before, at, ctx.sender, ctx.role, ctx.prefix, list(ctx.store)))
        yield "Go on?"
        return str(ctx.store["count"])

    bot.load(draw)
    group.ann.says("!draw").replies("Go on?")
    bot.restart()
    bot.clock.advance(30)
    bot.store("test")["count"] = 7
    group.ann.says("yes").replies("7")
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_what_the_api_gave_is_given_again_and_nothing_is_done_twice(bot, group):
    """Not even what fails is asked for again."""
    seen = []

    @command("look")
    def look(ctx: ChatContext) -> Conversation:
        try:
            ctx.api.get_thread_info("1")
        except Exception as error:
            seen.append((type(error), str(error)))
        seen.append(ctx.api.get_thread_info(ctx.thread_id))
        stop_typing = ctx.api.send_typing_indicator(ctx.thread_id)
        stop_typing()
        ctx.api.create_poll("Where?", ctx.thread_id, ["Lake", "Hill"])
        yield "Go on?"
        return f"{seen[-1].name}."

    bot.load(look)
    group.ann.says("!look").replies("Go on?")
    group.ann.renames("Lake")
    bot.restart()
    group.ann.says("yes").replies("Friends.")
    assert len(seen) == 4
    assert seen[:2] == seen[2:]


def test_a_handle_of_an_earlier_turn_is_the_same_after_a_replay(bot, group):
    """What it was sent as can be asked for."""

    @command("handle")
    def handle(ctx: ChatContext) -> Conversation:
        first = ctx.reply("This one.")
        yield "Go on?"
        return str(ctx.sent(first))

    bot.load(handle)
    group.ann.says("!handle").replies("This one.").replies("Go on?")
    sent = next(one.id for one in group.messages if one.text == "This one.")
    bot.restart()
    group.ann.says("yes").replies(sent)


def later(ctx: ChatContext) -> str:
    """A job."""
    return "It is later."


class Reminder:
    """Makes a job before its question."""

    @command("remind")
    def remind(self, ctx: ChatContext) -> Conversation:
        ctx.schedule.after("1h", later)
        before = ctx.schedule.list()
        yield "Sure?"
        return f"{len(before)}, {len(ctx.schedule.list())}."


def test_a_job_is_made_once(bot, group):
    """And known in all turns."""
    bot.load(Reminder())
    group.ann.says("!remind").replies("Sure?")
    bot.restart()
    group.ann.says("yes").replies("1, 1.")
    bot.clock.advance(hours=2)
    group.expect("It is later.")
    group.silent()


def test_an_answer_may_be_any_message(bot, group):
    """Such as a picture."""

    @command("picture")
    def picture(ctx: ChatContext) -> Conversation:
        message = yield ask("Which picture?", Message)
        return f"{len(message.attachments)} of them."

    bot.load(picture)
    group.ann.says("!picture").replies("Which picture?")
    group.ann.sends_picture().replies("1 of them.")


def test_a_picture_is_no_answer_to_a_question_for_words(feedback, group):
    """It is asked again."""
    group.ann.says("!feedback").replies("How many stars?")
    group.ann.sends_picture().replies("Please answer in words.\nHow many stars?")


def test_parts_of_a_conversation_may_stand_in_functions_of_their_own(bot, group):
    """With `yield from`."""

    def sure():
        return (yield ask("Sure?", bool))

    @command("wipe")
    def wipe(ctx: ChatContext) -> Conversation:
        return "Done." if (yield from sure()) else "Not done."

    bot.load(wipe)
    group.ann.says("!wipe").replies("Sure?")
    bot.restart()
    group.ann.says("on").replies("Done.")


def test_gates_are_asked_at_the_start_only(bot, group):
    """A cooldown does not hold an answer up."""

    @command("slow", cooldown=60)
    def slow(ctx: ChatContext) -> Conversation:
        yield "First?"
        yield "Second?"

    bot.load(slow)
    group.ann.says("!slow").replies("First?")
    group.ann.says("one").replies("Second?")
    group.ann.says("!slow").replies(str.isprintable)
    group.ann.says("two").silent()


def test_what_stands_in_finally_is_done_when_it_is_cancelled(bot, group):
    """With no effect any more, and without harm."""
    ended = []

    @command("tidy")
    def tidy(ctx: ChatContext) -> Conversation:
        try:
            yield "First?"
        finally:
            ended.append(True)
            ctx.reply("Too late.")

    bot.load(tidy)
    group.ann.says("!tidy").replies("First?")
    group.ann.says("cancel").replies("All right, I have stopped asking.").silent()
    assert ended == [True]


@command("wipe", confirm=True)
def wipe(ctx: ChatContext) -> str:
    return "All is gone."


def test_a_yes_like_a_command_is_an_answer_unless_a_command_waits_for_it(bot):
    """Nobody says yes to a question and has something else done."""
    bot.load(sure, name="sure")
    bot.load(wipe, name="wipe")
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!sure").replies("Sure?")
    group.ann.says("!wipe").replies(lambda text: "!yes" in text)
    group.ann.says("!yes").replies("All is gone.")
    group.ann.says("!yes").replies("You said yes.")
    group.ann.says("!sure").replies("Sure?")
    group.ann.says("!wipe").replies(lambda text: "!yes" in text)
    bot.clock.advance(minutes=2)
    group.ann.says("!No").replies("You said No.")


@command("sure")
def sure(ctx: ChatContext) -> Conversation:
    said = yield "Sure?"
    return f"You said {said}."
