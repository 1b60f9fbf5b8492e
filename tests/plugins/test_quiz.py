"""!quiz and what belongs to it"""

from __future__ import annotations

import pytest

from tests.plugins.conftest import SHIRA, ZOE

ADD = "!quiz add"
PARIS = f"{ADD} Capital of France? = Paris"
ASKED = "❓ Capital of France?\nYou have 60 seconds."
NONE = "No question is open. !quiz asks one."

pytestmark = pytest.mark.botkit(plugins=["quiz", "plugins", "chat", "roles", "commands"])


def ask(bot, person):
    """Have somebody ask for a question, some time after the last; which it is."""
    bot.clock.advance(seconds=10)
    (asked,) = person.says("!quiz").answers
    return asked.removeprefix("❓ ").partition("\n")[0]


def test_a_question_and_its_answer(friends):
    """The first right one gets the point; wrong ones get no word, and afterwards it is a word like others."""
    friends.ann.says(PARIS).replies("1 new question; that makes 1.")
    friends.ben.says("!quiz").replies(ASKED)
    for wrong in ("Rome", "I say Paris", "!Paris", "Pari"):
        friends.ben.says(wrong).silent()
    friends.ben.says("Paris").replies("✅ Ben has it: Paris. That is 1 point.")
    friends.eve.says("paris").silent()
    friends.ben.says("!quiz hint").replies(NONE)


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("Đà Nẵng", "da nang"),
        ("Sao Paulo", "SÃO-PAULO!"),
        ("Saint-Étienne", "saint etienne"),
        ("O'Connor", "o’connor"),
        ("3,000", "3000"),
        ("1.000.000", "1,000,000"),
        ("3,5", "3.5"),
        ("½", "1/2"),
        ("-5", "\u22125"),
        ("Straße", "strasse"),
        ("🌷", "🌷\ufe0f"),
        ("שָׁלוֹם", "שלום"),
        ("C++", "c ++"),
        ("wrong | right", "right"),
    ],
)
def test_what_counts_as_right(bot, answer, written):
    """Letter case, accents, spaces and punctuation do not matter."""
    chat = bot.chat("Ann")
    chat.ann.says(f"{ADD} What? = {answer}").replies()
    chat.ann.says("!quiz").replies()
    chat.ann.says(written).replies(f"✅ Ann has it: {answer.partition(' |')[0]}. That is 1 point.")


@pytest.mark.parametrize(("answer", "written"), [("-5", "5"), ("3.5", "35"), ("1/2", "12"), ("10:30", "1030")])
def test_another_number_is_wrong(bot, answer, written):
    """Though it has the same digits."""
    chat = bot.chat("Ann")
    chat.ann.says(f"{ADD} What? = {answer}").replies()
    chat.ann.says("!quiz").replies()
    chat.ann.says(written).silent()
    chat.ann.says(answer).replies(f"✅ Ann has it: {answer}. That is 1 point.")


def test_more_than_one_sign(friends):
    """The answer stands behind the last one with spaces around it, and it is shown where that was."""
    for line, cut in (
        ("The formula? = E=mc2", "The question is The formula? The answer is E=mc2"),
        ("2 + 2 = ? = 4 | four", "The question is 2 + 2 = ? The answer is 4 | four"),
    ):
        told = friends.ann.says(f"{ADD} {line}").answers[0]
        assert told.endswith(f".\n{cut}")


def test_what_does_not(bot):
    """Letters that make another word, and symbols."""
    chat = bot.chat("Ann")
    chat.ann.says(f"{ADD} Which letter? = C+").replies()
    chat.ann.says(f"{ADD} Which letter? = C+ | कि").replies("0 new questions; that makes 1.")
    chat.ann.says("!quiz").replies()
    for written in ("C", "C#", "का", "🌷"):
        chat.ann.says(written).silent()


def test_nobody_knows(friends, bot):
    """After half a minute there is a hint, after a whole one the answer."""
    friends.ann.says(f"{ADD} Who wrote Don Quixote? = Miguel de Cervantes | Cervantes").replies()
    friends.ben.says("!quiz").replies("❓ Who wrote Don Quixote?\nYou have 60 seconds.")
    friends.ben.says("!quiz hint").replies("There is a hint in 30 seconds.")
    bot.clock.advance(seconds=29)
    friends.ben.says("!quiz hint").replies("There is a hint in 1 second.")
    bot.clock.advance(seconds=1)
    friends.eve.says("!quiz hint").replies("💡 M····· d· C········")
    friends.eve.says("!quiz").replies("A question is open already: Who wrote Don Quixote?")
    bot.clock.advance(seconds=29)
    friends.silent()
    bot.clock.advance(seconds=1)
    friends.expect("⏰ Nobody had it. The answer is: Miguel de Cervantes").silent()
    friends.ben.says("Cervantes").silent()
    bot.clock.advance(minutes=5)
    friends.silent()


def test_all_are_asked_before_one_comes_again(friends, bot):
    """And none twice in a row, also when some were added or removed meanwhile."""
    for name in "abc":
        friends.ann.says(f"{ADD} {name}? = {name}").replies()
    asked = []
    for _ in range(6):
        asked.append(ask(bot, friends.ben))
        friends.ben.says(asked[-1].removesuffix("?")).replies()
    assert set(asked[:3]) == set(asked[3:]) == {"a?", "b?", "c?"}
    assert asked[2] != asked[3]
    friends.ann.says("!quiz remove 1").replies("This question is gone: a? = a")
    friends.ann.says(f"{ADD} d? = d").replies()
    assert ask(bot, friends.ben) in {"b?", "c?", "d?"} - {asked[-1]}


def test_many_at_once(friends):
    """Each line is a question; if one is none, nothing is added."""
    friends.ann.says(f"{ADD} a? = 1\n\n2+2=? = 4 | four\n c? = 3\nA = 5").replies("3 new questions; that makes 3.")
    friends.ben.says("!quiz list").replies("1. A\n2. 2+2=?\n3. c?")
    how = "I do not understand this line: {}\nWrite the question, = and the answer: "
    example = "!quiz add What is the capital of the Netherlands? = Amsterdam | Mokum"
    for line in ("b?", "b? =", "b? = |", "= 2", "b? = ... | x", "?? = 2"):
        friends.ann.says(f"{ADD} d? = 4\n{line}").replies(how.format(line) + example)
    long = "A question may have 300 characters, and so may its answers."
    friends.ann.says(f"{ADD} {'x' * 301} = y").replies(long)
    friends.ann.says(f"{ADD} x = {'y' * 301}").replies(long)
    friends.ben.says("!quiz list").replies("1. A\n2. 2+2=?\n3. c?")


def test_the_list_has_pages(friends, bot):
    """And never an answer; there is an end to what is kept."""
    bot.settings(quiz={"most": 41})
    friends.ben.says("!quiz list").replies(
        "There are no questions here yet. Add one: !quiz add What is the capital of France? = Paris"
    )
    lines = "\n".join(f"Question {number}? = secret" for number in range(1, 42))
    friends.ann.says(f"{ADD} {lines}").replies("41 new questions; that makes 41.")
    friends.ann.says(f"{ADD} One more? = yes").replies("There may be 41 questions here at most.")
    first, *_, last, page = friends.ben.says("!quiz list").answers[0].splitlines()
    assert (first, last) == ("1. Question 1?", "20. Question 20?")
    assert page == "Page 1 of 3; !quiz list 2 is the second."
    friends.ben.says("!quiz list 99").replies("41. Question 41?\nPage 3 of 3; !quiz list 2 is the second.")
    friends.ann.says("!quiz remove 42").replies("There is no question 42; look at !quiz list.")


def test_who_may_add_and_remove(friends, bot):
    """Moderators, or everybody if the settings say so; in a chat of two there are none to ask."""
    only = "Only moderators may do that here."
    friends.ben.says(PARIS).replies(only)
    friends.ann.says("!roles set Ben mod").replies()
    friends.ben.says(PARIS).replies()
    friends[ZOE].says("!quiz remove 1").replies(only)
    friends.ben.says("!quiz remove 1").replies("This question is gone: Capital of France? = Paris")
    bot.settings(quiz={"add": "everybody"})
    friends[ZOE].says(PARIS).replies("1 new question; that makes 1.")


def test_the_scores(friends, bot):
    """Most points first; an admin has everybody begin anew, after a question, and what they had is told."""
    friends.ann.says(PARIS).replies()
    friends.ann.says("!quiz scores").replies("Nobody has a point here yet. !quiz asks a question.")
    for winner, said in (
        (friends.ben, "Ben has it: Paris. That is 1 point."),
        (friends.ben, "Ben has it: Paris. That makes 2 points."),
        (friends.eve, "Eve has it: Paris. That is 1 point."),
        (friends.ann, "Ann has it: Paris. That is 1 point."),
    ):
        ask(bot, friends.ben)
        winner.says("paris").replies(f"✅ {said}")
    friends.eve.leaves()
    friends.ben.says("!quiz scores").replies("1. Ben: 2\n2. Ann: 1")
    friends.ben.says("!quiz reset scores").replies("Only admins of this group may do that.")
    friends.ann.says("!quiz reset scores").replies()
    friends.ann.says("!yes").replies("Everybody begins anew. These were the scores:\n1. Ben: 2\n2. Ann: 1")
    friends.ann.says("!quiz scores").replies("Nobody has a point here yet. !quiz asks a question.")
    ask(bot, friends.ben)
    friends.ben.says("paris").replies("✅ Ben has it: Paris. That is 1 point.")


def test_not_too_often(friends):
    """Questions follow each other after some seconds at the least."""
    friends.ann.says(PARIS).replies()
    friends.ben.says("!quiz").replies(ASKED)
    friends.ben.says("Paris").replies()
    friends.eve.says("!quiz").replies("Please wait 5 seconds more.")


def test_when_nobody_knows_who_is_here(friends, bot):
    """Nobody is said to have nothing."""
    bot.fault("server error", path="/api/graphqlbatch/", times=99)
    friends.ann.says("!quiz scores")
    bot.clock.advance(minutes=1)
    friends.expect("I cannot find out at the moment who is in this chat.").silent()


def test_a_day_without_the_bot(friends, bot):
    """What was written meanwhile is no answer any more, and the answer is no news."""
    friends.ann.says(PARIS).replies()
    friends.ben.says("!quiz").replies(ASKED)
    bot.stop()
    friends.ben.says("Paris")
    bot.clock.advance(days=1)
    bot.start()
    friends.silent()
    friends.ben.says("!quiz").replies(ASKED)


def test_dutch(friends):
    """It speaks the language of the chat."""
    friends.ann.says("!language set nl").replies()
    friends.ann.says(PARIS).replies("1 nieuwe vraag; in totaal 1.")
    friends.ben.says("!quiz").replies("❓ Capital of France?\nJullie hebben 60 seconden.")
    friends.ben.says("paris").replies("✅ Ben heeft het: Paris. Dat is 1 punt.")


def test_two_chats_do_not_mix(friends, family):
    """Each has questions, a round and points of its own."""
    friends.ann.says(PARIS).replies()
    family.ben.says(f"{ADD} Capital of Italy? = Rome").replies("1 new question; that makes 1.")
    friends.ben.says("!quiz").replies(ASKED)
    family.ben.says("!quiz").replies("❓ Capital of Italy?\nYou have 60 seconds.")
    family.ann.says("Paris").silent()
    family.ann.says("Rome").replies("✅ Ann has it: Rome. That is 1 point.")
    friends.ann.says("Rome").silent()
    friends.ann.says("!quiz scores").replies("Nobody has a point here yet. !quiz asks a question.")


def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """Answers are words there; a question whose minute has gone by meanwhile is no more."""
    friends.ann.says(PARIS).replies()
    family.ben.says(PARIS).replies()
    friends.ben.says("!quiz").replies(ASKED)
    family.ben.says("!quiz").replies(ASKED)
    friends.eve.says("!disable quiz").replies()
    friends.ben.says("Paris").silent()
    family.ben.says("Paris").replies("✅ Ben has it: Paris. That is 1 point.")
    bot.clock.advance(minutes=10)
    friends.eve.says("!enable quiz").replies().silent()
    friends.ben.says("Paris").silent()
    friends.ben.says("!quiz").replies(ASKED)


def test_a_restart_in_the_middle(friends, bot):
    """The question stays open, its minute goes on, and an answer that the bot dies over counts once."""
    friends.ann.says(PARIS).replies()
    friends.ben.says("!quiz").replies(ASKED)
    bot.clock.advance(seconds=40)
    bot.restart()
    friends.ben.says("!quiz hint").replies("💡 P····")
    bot.clock.advance(seconds=20)
    friends.expect("⏰ Nobody had it. The answer is: Paris").silent()
    friends.ben.says("!quiz").replies(ASKED)
    bot.kill(at="call committed")
    friends.ben.says("Paris").silent()
    bot.start()
    friends.expect("✅ Ben has it: Paris. That is 1 point.").silent()
    friends.ben.says("!quiz scores").replies("1. Ben: 1")


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Win as others do; questions may be written so as well."""
    friends.ann.says(f"{ADD} עיר הבירה של צרפת? = פריז | {{name}}").replies()
    for winner in (ZOE, SHIRA):
        assert ask(bot, friends.ben) == "עיר הבירה של צרפת?"
        friends[winner].says("פריז!").replies(f"✅ {winner} has it: פריז. That is 1 point.")
    friends.ann.does("nickname", person=ZOE, text="{answer}")
    friends.ann.says("!quiz scores").replies("1. {answer}: 1\n2. " + f"{SHIRA}: 1")
