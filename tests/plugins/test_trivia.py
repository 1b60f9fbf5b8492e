"""!trivia and the letters that follow; the questions that come along"""

from __future__ import annotations

import re

import pytest

from botkit_plugins import trivia
from tests.plugins.conftest import SHIRA, ZOE

BEGUN = "🧠 5 questions, 30 seconds each. Answer with A, B, C or D; only your first answer counts.\n\n"
OVER = "🏁 The round is over."
LETTERS = "ABCD"

pytestmark = pytest.mark.botkit(plugins=["trivia", "plugins", "chat", "roles"])


def kept(bot, chat):
    """The round of a chat as it is kept."""
    return bot.store("trivia").thread(chat)["round"]


def right(bot, chat):
    """The letter of the right answer, after the time that it takes to read the question."""
    bot.clock.advance(seconds=5)
    return kept(bot, chat)["letter"]


def wrong(bot, chat):
    """Another letter."""
    return LETTERS[LETTERS.index(right(bot, chat)) - 1]


def begin(bot, person, what=""):
    """Have somebody begin a round; what the bot says."""
    bot.clock.advance(seconds=10)
    (begun,) = person.says(f"!trivia {what}").answers
    return begun


def asked(text):
    """The question in a message."""
    return re.search(r"^\d+/\d+ (.*)$", text, re.MULTILINE)[1]


def test_a_round(friends, bot):
    """A right answer is told together with the next question, and at the end who had how many."""
    begun = begin(bot, friends.ben)
    assert re.fullmatch(re.escape(BEGUN) + r"1/5 .*\?\nA\) .+\nB\) .+\nC\) .+\nD\) .+", begun)
    for number in range(2, 6):
        letter, answer = right(bot, friends), kept(bot, friends)["answer"]
        told = friends.ann.says(letter.lower()).answers[0]
        assert told.startswith(f"✅ Ann has it: {letter}) {answer}\n\n{number}/5 ")
        assert f"\n{letter}) {answer}" in begun
        begun = told
    friends.eve.says(right(bot, friends)).replies(
        lambda text: text.startswith("✅ Eve has it: ") and text.endswith(f"\n\n{OVER}\n1. Ann: 4\n2. Eve: 1")
    )
    bot.clock.advance(minutes=5)
    friends.ann.says("A").silent()


def test_the_first_answer_of_a_person_counts(friends, bot):
    """So trying all letters is no use; wrong answers and other messages get no word."""
    begin(bot, friends.ben)
    friends.ben.says(wrong(bot, friends)).silent()
    letter = right(bot, friends)
    for text in (letter, letter.lower(), f"{letter}!"):
        friends.ben.says(text).silent()
    for text in ("E", "AB", f"{letter} it is", f"!{letter}", f"({letter})", "1"):
        friends.eve.says(text).silent()
    friends.eve.says(f" {letter.lower()}) ").replies(re.compile("^✅ Eve has it: "))


def test_an_answer_to_the_question_before(friends, bot):
    """Which comes when the next one is there already does not count for that."""
    begin(bot, friends.ben)
    letter = right(bot, friends)
    friends.ann.says(letter).replies()
    for other in LETTERS:
        friends.eve.says(other).silent()
    friends.eve.says(right(bot, friends)).replies(re.compile("^✅ Eve has it: "))


def test_an_answer_that_was_written_before(friends, bot):
    """While the bot could not hear it: it was meant for the question before."""
    begin(bot, friends.ben)
    bot.clock.advance(seconds=25)
    bot.fault("unreachable", times=3)
    bot.fault("disconnect")
    letter = kept(bot, friends)["letter"]
    friends.ann.says(letter)
    bot.clock.advance(seconds=20)
    assert "Ann" not in " ".join(friends.answers)
    assert kept(bot, friends)["answered"] == []
    friends.ann.says(right(bot, friends)).replies(re.compile("^✅ Ann has it: "))


def test_the_right_answer_is_at_any_letter(friends, bot):
    """By lot."""
    begin(bot, friends.ben, 20)
    letters = []
    for _ in range(20):
        letters.append(right(bot, friends))
        friends.ann.says(letters[-1]).replies()
    assert set(letters) == set(LETTERS)


def test_nobody_knows(friends, bot):
    """The answer is told after half a minute, and the round goes on as long as somebody tries."""
    begin(bot, friends.ben, "4")
    answers = []
    for _ in range(3):
        friends.ann.says(wrong(bot, friends)).silent()
        answers.append(f"⏰ The right answer was {kept(bot, friends)['letter']}) {kept(bot, friends)['answer']}\n\n")
        bot.clock.advance(seconds=25)
    assert [text.partition("\n\n")[0] + "\n\n" for text in friends.answers[1:]] == answers
    friends.ann.says(wrong(bot, friends)).silent()
    bot.clock.advance(seconds=25)
    assert friends.answers[-1].endswith(f"\n\n{OVER}")


def test_nobody_plays(friends, bot):
    """After two questions without an answer the round is over."""
    begin(bot, friends.ben, "20")
    bot.clock.advance(minutes=10)
    first, second, third = friends.answers
    assert first.startswith("🧠 20 questions, ") and "\n\n2/20 " in second and third.endswith(f"\n\n{OVER}")


def test_a_topic_and_a_number(friends, bot):
    """May be asked for, the number first; what is neither is answered with what there is."""
    assert begin(bot, friends.ben, "1").startswith("🧠 1 question. Answer with A, B, C or D within 30 seconds; ")
    friends.ben.says("!trivia stop").replies(OVER)
    science = {question for question, *_ in trivia._read("en")["science"]}
    assert asked(begin(bot, friends.ben, "Science")) in science
    assert {question for question, *_ in kept(bot, friends)["left"]} < science
    friends.ben.says("!trivia stop").replies(OVER)
    topics = "These are the topics: science, nature, geography, history, arts, sport"
    for what in ("cooking", "5 cooking", "science 5", "-1"):
        assert begin(bot, friends.ben, what) == topics
    for number in (0, 21, 999999999):
        assert begin(bot, friends.ben, number) == "A round may have 1 to 20 questions."


def test_all_are_asked_before_one_comes_again(friends, bot):
    """Also over rounds of other topics; what was drawn but not asked counts as not asked."""
    nature = {question for question, *_ in trivia._read("en")["nature"]}
    seen = [asked(begin(bot, friends.ben, "20 nature"))]
    friends.ben.says("!trivia stop").replies()
    text = begin(bot, friends.ben, "20 nature")
    for _ in range(19):
        seen.append(asked(text))
        text = friends.ann.says(right(bot, friends)).answers[0]
    seen.append(asked(text))
    assert len(seen) == 21 and set(seen) == nature
    friends.ben.says("!trivia stop").replies()
    begin(bot, friends.ben, "20")
    assert not nature & {question for question, *_ in kept(bot, friends)["left"]}
    friends.ben.says("!trivia stop").replies()
    assert asked(begin(bot, friends.ben, "nature")) in nature


def test_one_round_at_a_time(friends, bot):
    """Which whoever has begun it may end, and moderators; none begins right after another."""
    friends.ben.says("!trivia stop").replies("There is no round to end. !trivia begins one.")
    begin(bot, friends.ben)
    friends.eve.says("!trivia").replies("Please wait 10 seconds more.")
    assert begin(bot, friends[ZOE]) == "A round is on already; !trivia stop ends it."
    friends[ZOE].says("!trivia stop").replies("Only whoever has begun the round, and moderators, may end it.")
    friends.ann.says("!trivia stop").replies(OVER)
    bot.clock.advance(minutes=5)
    friends.ann.says("A").silent()


def test_the_scores(friends, bot):
    """Of this week of the chat's own calendar, or since ever; who has left is not there."""
    friends.ann.says("!timezone set America/New_York").replies()
    none = "Nobody has a point {} yet. !trivia begins a round."
    friends.ann.says("!trivia scores").replies(none.format("this week"))
    friends.ann.says("!trivia scores all").replies(none.format("here"))
    begin(bot, friends.ben, "3")
    for winner in (friends.ben, friends.eve, friends.ben):
        winner.says(right(bot, friends)).replies()
    friends.ann.says("!trivia scores").replies("This week:\n1. Ben: 2\n2. Eve: 1")
    bot.clock.advance_to(bot.clock.now().replace(day=5, hour=4, minute=59))
    friends.ann.says("!trivia scores week").replies("This week:\n1. Ben: 2\n2. Eve: 1")
    bot.clock.advance(minutes=2)
    friends.ann.says("!trivia scores").replies(none.format("this week"))
    begin(bot, friends.ben, "1")
    friends.eve.says(right(bot, friends)).replies()
    friends.ann.says("!trivia scores").replies("This week:\n1. Eve: 1")
    friends.ann.says("!trivia scores all").replies("Since ever:\n1. Ben: 2\n2. Eve: 2")
    friends.ben.leaves()
    friends.ann.says("!trivia scores all").replies("Since ever:\n1. Eve: 2")


@pytest.mark.parametrize(
    ("language", "topic", "over"),
    [
        ("nl", "Aardrijkskunde", "🏁 De ronde is voorbij."),
        ("vi", "địa lý", "🏁 Vòng chơi kết thúc."),
        ("es", "GEOGRAFÍA", "🏁 La ronda ha terminado."),
    ],
)
def test_other_languages(friends, bot, language, topic, over):
    """Have questions of their own, and their own words for the topics."""
    friends.ann.says(f"!language set {language}").replies()
    own = {question for question, *_ in trivia._read(language)[topic.casefold()]}
    assert asked(begin(bot, friends.ben, f"3 {topic}")) in own
    friends.ben.says("!trivia stop").replies(over)


def test_when_nobody_knows_who_is_here(friends, bot):
    """Nobody is said to have nothing."""
    bot.fault("server error", path="/api/graphqlbatch/", times=99)
    friends.ann.says("!trivia scores")
    bot.clock.advance(minutes=1)
    friends.expect("I cannot find out at the moment who is in this chat.").silent()


def test_a_day_without_the_bot(friends, bot):
    """What was written meanwhile is no answer, and the round is not gone on with."""
    begin(bot, friends.ben)
    letter = right(bot, friends)
    bot.stop()
    friends.ann.says(letter)
    bot.clock.advance(days=1)
    bot.start()
    assert len(friends.answers) == 1
    assert begin(bot, friends.ben).startswith(BEGUN)


def test_two_chats_do_not_mix(friends, family, bot):
    """Each has a round, points, and questions that were asked of its own."""
    begin(bot, friends.ben)
    letter = right(bot, friends)
    family.ann.says(letter).silent()
    begin(bot, family.ben, "1")
    family.ann.says(right(bot, family)).replies(re.compile(f"{OVER}\n1. Ann: 1$"))
    friends.ann.says("!trivia scores").replies("Nobody has a point this week yet. !trivia begins a round.")
    assert len(friends.answers) == 2
    assert len(bot.store("trivia").thread(friends)["asked"]) == len(bot.store("trivia").thread(family)["asked"]) == 1


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Letters are letters there, and no question follows; a round that has rested is over."""
    begin(bot, friends.ben)
    begin(bot, family.ben)
    friends.eve.says("!disable trivia").replies()
    letter = right(bot, friends)
    friends.ann.says(letter).silent()
    family.ann.says(kept(bot, family)["letter"]).replies(re.compile("^✅ Ann has it: "))
    bot.clock.advance(minutes=10)
    assert friends.answers[1:] == ("trivia is off in this chat.",)
    friends.eve.says("!enable trivia").replies().silent()
    assert begin(bot, friends.ben).startswith(BEGUN)


def test_a_restart_in_the_middle(friends, bot):
    """The round goes on where it was, also after half a minute; a point that the bot dies over is given once."""
    begin(bot, friends.ben, "3")
    letter = right(bot, friends)
    bot.restart()
    friends.ann.says(letter).replies(re.compile("^✅ Ann has it: .*\n\n2/3 "))
    bot.stop()
    bot.clock.advance(minutes=1)
    bot.start()
    friends.expect(re.compile("^⏰ The right answer was .*\n\n3/3 ")).silent()
    letter = right(bot, friends)
    bot.kill(at="call committed")
    friends.ann.says(letter).silent()
    bot.start()
    friends.expect(re.compile(f"{OVER}\n1. Ann: 2$")).silent()
    friends.ann.says("!trivia scores").replies("This week:\n1. Ann: 2")


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Win as others do, by their nicknames where they have any."""
    friends.ann.does("nickname", person=ZOE, text="{letter} 🌷")
    begin(bot, friends[SHIRA], "2")
    friends[SHIRA].says(right(bot, friends)).replies(re.compile(f"^✅ {SHIRA} has it: "))
    friends[ZOE].says(right(bot, friends)).replies(re.compile("^✅ {letter} 🌷 has it: "))
    friends.ann.says("!trivia scores").replies("This week:\n1. {letter} 🌷: 1\n2. " + f"{SHIRA}: 1")


@pytest.mark.parametrize(("language", "at_least"), [("en", 120), ("nl", 40), ("vi", 40), ("es", 40)])
def test_the_questions_that_come_along(language, at_least):
    """Six topics; each question is one, comes once, is short, and has four different answers."""
    topics = trivia._read(language)
    questions = [one for some in topics.values() for one in some]
    assert len(topics) == 6 and all(topic == topic.casefold() for topic in topics)
    assert len(questions) >= at_least
    assert len({trivia._mark(question) for question, *_ in questions}) == len(questions)
    for question, *answers in questions:
        assert question.endswith("?") and len(question) < 120
        assert len(answers) == 4 == len({answer.casefold() for answer in answers}), question
        assert all(0 < len(answer) < 40 and answer.strip() == answer for answer in answers), question
