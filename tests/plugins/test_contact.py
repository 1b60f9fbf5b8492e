"""!contact"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

PASSED_ON = "I pass that on to the owner of this bot."
HINT = "(Reply to this message, and the answer goes back there.)"

pytestmark = pytest.mark.botkit(plugins=["contact", "echo", "plugins", "chat", "gatekeeper"])


@pytest.fixture
def owner(bot, friends):
    """The chat of two of the owner and the bot."""
    return bot.chat("Eve")


def test_an_owner_gets_it_and_answers(friends, owner, bot):
    """By a reply in Messenger or by its number; the answer goes to where it was asked."""
    friends.ben.says("!contact Is there\na list? ").replies(PASSED_ON)
    owner.expect(f"✉️ Number 1, from Ben in Friends:\nIs there\na list?\n{HINT}").silent()
    letter = owner.messages[-1]
    said = owner.eve.says("There is.", reply_to=letter).silent()
    said.reacts("✅")
    friends.expect("An answer from the owner of this bot to Ben:\nThere is.").silent()
    asked = next(one for one in friends.messages if one.text.startswith("!contact"))
    assert friends.messages[-1].reply_to == asked.id
    owner.eve.says("!letters reply 1 It is long.").replies("I pass your answer on to Ben.")
    friends.expect("An answer from the owner of this bot to Ben:\nIt is long.")
    bot.chat("Ann").ann.says("!contact hello").replies(PASSED_ON)
    owner.expect(f"✉️ Number 2, from Ann:\nhello\n{HINT}")
    owner.eve.says("!letters reply 3 hello").replies("There is no message number 3 any more.")


def test_only_a_reply_to_such_a_message_is_an_answer(friends, owner, bot):
    """Not one to another message, not a command, nothing that others write."""
    friends.ben.says("!contact hello").replies(PASSED_ON)
    other = owner.eve.says("!echo one").replies("one")
    letter, echoed = owner.messages[-3], owner.messages[-1]
    owner.eve.says("I see.", reply_to=echoed).silent()
    owner.eve.says("I see.", reply_to=other).silent()
    owner.eve.says("!echo two", reply_to=letter).replies("two")
    friends.silent()
    friends.eve.says("hello", reply_to=friends.messages[-1]).silent()
    for line in ("reply 1 I am the owner", "block 1", "unblock 1", "blocked"):
        bot.chat("Ben").ben.says(f"!letters {line}").replies("Only an owner of this bot may do that.")


def test_any_text_may_be_written(friends, owner):
    """Also one that begins with a word of the owner's commands."""
    for number, text in enumerate(("reply to me please", "block of flats", "blocked again"), 1):
        friends.ben.says(f"!contact {text}").replies(PASSED_ON)
        owner.expect(f"✉️ Number {number}, from Ben in Friends:\n{text}\n{HINT}")


def test_each_owner_gets_it(friends, bot):
    """And each may answer."""
    bot.owner("Fay")
    friends.ben.says("!contact hello").replies(PASSED_ON)
    for name in ("Eve", "Fay"):
        chat = bot.chat(name).expect(re.compile("^✉️ Number 1, from Ben in Friends:"))
        chat[name].says(f"I am {name}.", reply_to=chat.messages[-1]).silent()
        friends.expect(re.compile(f"\nI am {name}.$"))


def test_a_person_may_write_three_times_a_day(friends, family, owner, bot):
    """In all chats together."""
    for chat in (friends, family, friends):
        chat[ZOE].says("!contact hello").replies(PASSED_ON)
    bot.clock.advance(hours=23)
    told = "I pass on 3 messages of yours a day; please try again tomorrow."
    family[ZOE].says("!contact hello").replies(told)
    friends.ben.says("!contact hello").replies(PASSED_ON)
    bot.clock.advance(hours=1.1)
    family[ZOE].says("!contact hello").replies(PASSED_ON)
    assert len(owner.answers) == 5


def test_owners_block_people(friends, owner, bot):
    """By the number of a message, a name, or an id; who is blocked is told so, and the list has an end."""
    friends.ben.says("!contact hello").replies(PASSED_ON)
    friends.ann.says("!contact hello").replies(PASSED_ON)
    friends.eve.says("!contact hello").replies(PASSED_ON)
    ben = friends.ben.id
    owner.eve.says("!letters blocked").replies("Nobody is blocked.")
    owner.eve.says("!letters block 1").replies(
        f"Nothing of Ben is passed on any more. !letters unblock {ben} takes that back."
    )
    owner.eve.says("!letters block ANN").replies()
    friends.ben.says("!contact me").replies("The owner of this bot does not want to get messages from you.")
    owner.eve.says("!letters blocked").replies(
        lambda told: set(told.split("\n")) == {f"Ben ({ben})", f"Ann ({friends.ann.id})"}
    )
    for who in ("9", "Zoë", "100000"):
        owner.eve.says(f"!letters block {who}").replies(re.compile("^I do not know who is meant"))
    owner.eve.says("!letters block 3").replies("Owners of this bot cannot be blocked.")
    owner.eve.says(f"!letters unblock {ben}").replies("What Ben writes is passed on again.")
    owner.eve.says("!letters unblock ann").replies("What Ann writes is passed on again.")
    owner.eve.says("!letters unblock 1").replies("Nobody of that name or number is blocked.")
    friends.ben.says("!contact me").replies(PASSED_ON)
    bot.store("contact")["blocked"] = {str(number): f"P{number}" for number in range(500)}
    owner.eve.says("!letters block 1").replies("There are 500 people blocked already; unblock some first.")
    lines = owner.eve.says("!letters blocked").answers[-1].splitlines()
    assert (len(lines), lines[-1]) == (101, "… and 400 more.")


def test_two_hundred_messages_are_kept(friends, owner, bot):
    """The oldest go, and those of long ago; who is blocked is known after that as well."""
    store, now_ms = bot.store("contact"), round(bot.clock.now().timestamp() * 1000)
    kept = {"at_ms": now_ms, "thread": friends.id, "user": friends.ann.id, "name": "Ann", "message": None, "told": {}}
    store["last"] = 200
    for number in range(1, 201):
        store[f"message.{number}"] = kept
    friends.ben.says("!contact hello").replies(PASSED_ON)
    owner.eve.says("!letters reply 1 hello").replies("There is no message number 1 any more.")
    owner.eve.says("!letters reply 2 hello").replies("I pass your answer on to Ann.")
    assert len(store) == 201
    owner.eve.says("!letters block 201").replies()
    bot.clock.advance(days=15)
    friends.ann.says("!contact hello").replies(PASSED_ON)
    assert len(store) == 3
    owner.eve.says(f"!letters unblock {friends.ben.id}").replies("What Ben writes is passed on again.")


def test_what_cannot_be_passed_on(friends, owner, bot):
    """A long text, one where no owner can be reached, an answer to a chat that is muted."""
    friends.ben.says(f"!contact {'x' * 2001}").replies("Such a text may have 2000 characters.")
    friends.ben.says("!contact hello").replies(PASSED_ON)
    letter = owner.messages[-1]
    friends.eve.says("!mute").replies()
    closed = "I may not write there at present, so your answer is not passed on."
    owner.eve.says("hello", reply_to=letter).replies(closed)
    friends.eve.says("!unmute").replies()
    friends.ann.removes("Bot")
    owner.eve.says("hello", reply_to=letter).replies(closed)
    owner.eve.says("!letters reply 1 hello").replies(closed)
    friends.ann.adds("Bot")
    owner.eve.says(f"!letters reply 1 {'x' * 10_001}").replies("Such a text may have 10000 characters.")
    owner.eve.says("!mute").replies()
    friends.ben.says("!contact hello").replies("There is nobody whom I could pass that on to.")


def test_who_takes_the_question_back_gets_the_answer(friends, owner):
    """As a message of its own, if need be."""
    said = friends.ben.says("!contact hello").replies(PASSED_ON)
    friends.ben.unsends(said)
    owner.eve.says("hi", reply_to=owner.messages[-1]).silent()
    friends.expect("An answer from the owner of this bot to Ben:\nhi")


def test_two_chats_do_not_mix(friends, family, owner):
    """The answer to one is not told in the other."""
    friends.ben.says("!contact one").replies(PASSED_ON)
    family.ben.says("!contact two").replies(PASSED_ON)
    owner.eve.says("!letters reply 2 second").replies()
    family.expect(re.compile("second")).silent()
    friends.silent()
    owner.eve.says("!letters reply 1 first").replies()
    friends.expect(re.compile("first")).silent()
    family.silent()


def test_it_rests_where_it_is_switched_off(friends, family, owner):
    """Nothing leaves that chat, and no answer comes back to it."""
    friends.ben.says("!contact hello").replies(PASSED_ON)
    friends.eve.says("!disable contact").replies()
    friends.ben.says("!contact hello").silent()
    family.ben.says("!contact hello").replies(PASSED_ON)
    owner.eve.says("!letters reply 1 hello").replies(re.compile("^I may not write there"))
    owner.eve.says("!letters reply 2 hello").replies()
    friends.silent()


def test_a_restart_in_the_middle(friends, owner, bot):
    """The question reaches the owner once, the answer the group once."""
    friends.ann.says("hello").silent()
    bot.kill(at="call committed")
    friends.ben.says("!contact hello").silent()
    bot.start()
    friends.expect(PASSED_ON).silent()
    owner.expect(re.compile("^✉️ Number 1, from Ben")).silent()
    letter = owner.messages[-1]
    bot.stop()
    owner.eve.says("hi", reply_to=letter)
    bot.clock.advance(days=1)
    bot.start()
    friends.expect("An answer from the owner of this bot to Ben:\nhi").silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, owner):
    """And braces in a text stay what they are."""
    friends[ZOE].says("!contact {name}? 🌷").replies(PASSED_ON)
    owner.expect(f"✉️ Number 1, from {ZOE} in Friends:\n{{name}}? 🌷\n{HINT}")
    friends.ann.renames("חברים 🎈")
    friends[SHIRA].says("!contact שלום").replies(PASSED_ON)
    owner.expect(f"✉️ Number 2, from {SHIRA} in חברים 🎈:\nשלום\n{HINT}")
    owner.eve.says(f"!letters block {SHIRA}").replies(re.compile(f"^Nothing of {SHIRA} is"))
    owner.eve.says("!letters reply 2 {text}").replies(f"I pass your answer on to {SHIRA}.")
    friends.expect(f"An answer from the owner of this bot to {SHIRA}:\n{{text}}")


def test_each_chat_has_its_own_language(friends, owner):
    """The owner's is another than the group's."""
    friends.ann.says("!language set nl").replies()
    owner.eve.says("!language set vi").replies()
    friends.ben.says("!contact hoi").replies("Ik geef het door aan de eigenaar van deze bot.")
    owner.expect("✉️ Số 1, từ Ben trong Friends:\nhoi\n(Hãy trả lời tin nhắn này, câu trả lời sẽ được gửi về đó.)")
    owner.eve.says("!letters reply 1 dag").replies("Mình sẽ chuyển câu trả lời của bạn tới Ben.")
    friends.expect("Een antwoord van de eigenaar van deze bot aan Ben:\ndag")
