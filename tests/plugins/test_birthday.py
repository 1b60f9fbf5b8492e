"""!birthday, and the greeting on the day"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins={"birthday": {"threads": ["Friends"]}, "plugins": {}, "chat": {}})

READ = (
    ("14 March", "14 March"),
    ("14th of mar", "14 March"),
    ("March 14th, 1990", "14 March"),
    ("1990-3-14", "14 March"),
    ("03-14", "14 March"),
    ("14/3/1990", "14 March"),
    ("14.03.1990", "14 March"),
    ("5-5", "5 May"),
)

REFUSED = (
    ("soon", "Please write the day like 14 March, 14-03 or 1990-03-14."),
    ("14 tulips", "Please write the day like 14 March, 14-03 or 1990-03-14."),
    ("03-04", "That could be 3 April or 4 March. Please write the month as a word."),
    ("3/4/1990", "That could be 3 April or 4 March. Please write the month as a word."),
    ("31 April", "There is no such birthday."),
    ("13-14", "There is no such birthday."),
    ("1990-02-29", "There is no such birthday."),
    ("2026-03-14", "There is no such birthday."),
    ("1490-03-14", "There is no such birthday."),
)


def to(bot, month, day, hour=9, year=2026, zone="UTC"):
    """Let the time come; that the bot is not there for the long part of it makes the test short."""
    moment = datetime(year, month, day, hour, tzinfo=ZoneInfo(zone))
    if moment - bot.clock.now() > timedelta(days=2):
        bot.start()
        bot.stop()
        bot.clock.advance_to(moment - timedelta(days=1))
        bot.start()
    bot.clock.advance_to(moment)


def test_on_the_day_there_is_one_greeting(friends, bot):
    """At nine, for all whose day it is, and once a year."""
    friends.ann.says("!birthday add 14 March").replies("Noted: Ann, 14 March.")
    friends.ben.says("!birthday add 1990-03-14").replies("Noted: Ben, 14 March.")
    friends.eve.says("!birthday add 15 March").replies()
    to(bot, 3, 14, 8)
    friends.silent()
    to(bot, 3, 14, 9)
    friends.expect("🎂 Happy birthday, Ann and Ben!")
    to(bot, 3, 15, 23)
    friends.expect("🎂 Happy birthday, Eve!").silent()
    to(bot, 3, 14, 23, year=2027)
    friends.expect("🎂 Happy birthday, Ann and Ben!").silent()


def test_a_day_can_be_written_in_many_ways(friends):
    """All of them are the same day; what could be two days is asked about."""
    for said, day in READ:
        friends.ben.says(f"!birthday add {said}").replies(f"Noted: Ben, {day}.")
    for said, answer in REFUSED:
        friends.ben.says(f"!birthday add {said}").replies(answer)
    friends[ZOE].says("!birthday").replies("5 May: Ben")


def test_admins_tell_those_of_others(friends):
    """Members only their own."""
    friends.ann.says("!birthday add Ben 14 March").replies("Noted: Ben, 14 March.")
    friends.ann.says("!birthday for @Ben 15 March").replies("Noted: Ben, 15 March.")
    friends.ann.says("!birthday add nobody 14 March").replies(re.compile("somebody in this chat, not 'nobody'"))
    friends.ben.says("!birthday add Ann 14 March").replies("Please write the day like 14 March, 14-03 or 1990-03-14.")
    friends.ben.says("!birthday for Ann 14 March").replies("Only admins of this group may do that.")
    friends.ben.says("!birthday remove Ann").replies("Only admins of this group may do that for somebody else.")
    friends.ann.says("!birthday remove Ben").replies("It is forgotten, and there will be no greeting.")
    friends.ben.says("!birthday").replies("I know no birthdays here yet. Tell me yours: !birthday add 14 March")


def test_the_list_begins_with_the_next(friends, bot):
    """Today's first; those who have left are not in it, and no year is told."""
    to(bot, 3, 14)
    for name, day in (("ann", "13 March"), ("ben", "1990-03-14"), ("eve", "1 April")):
        friends[name].says(f"!birthday add {day}").replies(re.compile("Noted"))
    friends.ann.says("!birthday list").replies("14 March: Ben\n1 April: Eve\n13 March: Ann")
    friends.eve.leaves()
    friends.ann.says("!birthday").replies("14 March: Ben\n13 March: Ann")


def test_who_tells_it_on_the_day_itself_is_greeted_at_once(friends, bot):
    """Once; before nine it is done at nine."""
    to(bot, 3, 14, 8)
    friends.ann.says("!birthday add 14 March").replies("Noted: Ann, 14 March.").silent()
    to(bot, 3, 14, 15)
    friends.expect("🎂 Happy birthday, Ann!")
    friends.ben.says("!birthday add 14 March").replies("Noted: Ben, 14 March.\n🎂 Happy birthday, Ben!")
    friends.ben.says("!birthday add 1990-03-14").replies("Noted: Ben, 14 March.")
    to(bot, 3, 21)
    friends.silent()


def test_a_mistake_costs_nobody_their_greeting(friends, bot):
    """Who is greeted and then corrects the day is greeted on the right one; never twice for a day, nor a third time."""
    to(bot, 3, 14, 15)
    friends.ben.says("!birthday add 14 March").replies("Noted: Ben, 14 March.\n🎂 Happy birthday, Ben!")
    friends.ben.says("!birthday add 15 March").replies("Noted: Ben, 15 March.")
    friends.ben.says("!birthday add 14 March").replies("Noted: Ben, 14 March.")
    friends.ben.says("!birthday add 15 March").replies("Noted: Ben, 15 March.")
    to(bot, 3, 15, 23)
    friends.expect("🎂 Happy birthday, Ben!")
    friends.ben.says("!birthday add 16 March").replies("Noted: Ben, 16 March.")
    to(bot, 3, 16, 23)
    friends.silent()
    to(bot, 3, 16, 23, year=2027)
    friends.expect("🎂 Happy birthday, Ben!").silent()


def test_who_was_greeted_by_their_profile_is_not_greeted_again_for_that_day(friends, bot):
    """Whoever tells it afterwards; for another day they are."""
    for name in ("Gil", "Hal"):
        bot.newcomer(name, birthday="03-14")
        friends.add(name)
    to(bot, 3, 14, 10)
    friends.expect("🎂 Happy birthday, Gil and Hal!")
    friends.gil.says("!birthday add 14 March").replies("Noted: Gil, 14 March.")
    friends.hal.says("!birthday add 15 March").replies("Noted: Hal, 15 March.")
    to(bot, 3, 15, 10)
    friends.expect("🎂 Happy birthday, Hal!").silent()


@pytest.mark.parametrize(("setting", "on", "day"), [("28 February", (2, 28), 28), ("1 March", (3, 1), 1)])
def test_the_29th_of_february(friends, bot, setting, on, day):
    """Is kept on another day in other years, as the setting says."""
    bot.settings(birthday={"leap_day": setting})
    friends.ben.says("!birthday add 1992-02-29").replies(re.compile(rf"29 February\. In years .* it is {day} "))
    for year, (month, day) in ((2026, on), (2027, on), (2028, (2, 29))):
        to(bot, month, day, 8, year)
        friends.silent()
        to(bot, month, day, 9, year)
        friends.expect("🎂 Happy birthday, Ben!")
        bot.clock.advance(days=2)
        friends.silent()


def test_friends_are_greeted_by_their_profiles(bot, friends):
    """But for those who have told another day, or want no greeting."""
    for name in ("Gil", "Hal", "Ida"):
        bot.newcomer(name, birthday="03-14")
        friends.add(name)
    friends.hal.says("!birthday add 15 March").replies()
    friends.ida.says("!birthday remove").replies()
    to(bot, 3, 14, 23)
    friends.expect("🎂 Happy birthday, Gil!").silent()
    to(bot, 3, 15, 23)
    friends.expect("🎂 Happy birthday, Hal!").silent()
    bot.settings(birthday={"from_profiles": False})
    to(bot, 3, 15, year=2027)
    friends.expect("🎂 Happy birthday, Hal!").silent()


@pytest.mark.parametrize(
    ("zone", "at", "hour"), [("Pacific/Auckland", "09:00", 13), ("America/Los_Angeles", "20:00", 20)]
)
def test_profiles_tell_the_day_of_utc(bot, friends, zone, at, hour):
    """The greeting comes on the same day of the chat all the same."""
    bot.settings(birthday={"at": at})
    bot.newcomer("Gil", birthday="03-14")
    friends.add("Gil")
    friends.ann.says(f"!timezone set {zone}").replies()
    to(bot, 3, 14, hour - 1, zone=zone)
    friends.silent()
    to(bot, 3, 14, hour, zone=zone)
    friends.expect("🎂 Happy birthday, Gil!")
    bot.clock.advance(days=3)
    friends.silent()


def test_when_the_network_does_not_answer(bot, friends):
    """It is asked again in an hour; who has told the day is greeted in time."""
    bot.newcomer("Gil", birthday="03-14")
    friends.add("Gil")
    friends.ben.says("!birthday add 14 March").replies()
    to(bot, 3, 14, 8)
    bot.fault("status", status=502, path="/chat/user_info/", times=20)
    bot.clock.advance(hours=1, minutes=10)
    friends.expect("🎂 Happy birthday, Ben!").silent()
    bot.fault("none")
    to(bot, 3, 14, 23)
    friends.expect("🎂 Happy birthday, Gil!").silent()


def test_settings_change_what_is_said_and_when(friends, bot):
    """An age only of who has told the year; another time the same day brings no second greeting."""
    friends.eve.says("!plugins set birthday.text Hip hip {names|upper}!").replies()
    friends.eve.says("!plugins set birthday.show_age yes").replies()
    friends.ann.says("!birthday add 14 March").replies()
    friends.ben.says("!birthday add 1990-03-14").replies()
    to(bot, 3, 14, 9)
    friends.expect("Hip hip ANN and BEN (36)!")
    friends.eve.says("!plugins set birthday.at 18:00").replies()
    to(bot, 3, 15)
    friends.silent()


def test_two_chats_do_not_mix(friends, family, bot):
    """A day is told in each, and each goes by its own clock."""
    family.ben.says("!timezone set America/New_York").replies()
    family.eve.says("!enable birthday").replies()
    friends.ann.says("!birthday add 14 March").replies()
    family.ann.says("!birthday").replies(re.compile("I know no birthdays"))
    family[ZOE].says("!birthday add 14 March").replies()
    to(bot, 3, 14, 12)
    friends.expect("🎂 Happy birthday, Ann!")
    family.silent()
    to(bot, 3, 15)
    family.expect(f"🎂 Happy birthday, {ZOE}!").silent()
    friends.silent()


@pytest.mark.botkit(plugins=["birthday", "plugins"])
def test_it_rests_where_it_is_switched_off(friends, family, bot):
    """And where it was never switched on, which who tells a day is told."""
    told = "Greetings are not switched on here yet; an owner of this bot can do that: !enable birthday"
    friends.ann.says("!birthday add 14 March").replies(f"Noted: Ann, 14 March. {told}")
    for chat in (friends, family):
        chat.eve.says("!enable birthday").replies()
        chat.ann.says("!birthday add 14 March").replies("Noted: Ann, 14 March.")
    friends.eve.says("!disable birthday").replies()
    to(bot, 3, 15)
    friends.silent()
    family.expect("🎂 Happy birthday, Ann!").silent()


def test_a_restart_in_the_middle(friends, bot):
    """Greeted late on the same day, never on the next, and never twice."""
    friends.ann.says("!birthday add 14 March").replies()
    friends.ben.says("!birthday add 15 March").replies()
    friends.eve.says("!birthday add 16 March").replies()
    bot.stop()
    to(bot, 3, 14, 22)
    bot.start()
    friends.expect("🎂 Happy birthday, Ann!")
    bot.kill(at="call committed")
    to(bot, 3, 15, 9)
    bot.start()
    friends.expect("🎂 Happy birthday, Ben!")
    bot.restart()
    to(bot, 3, 15, 22)
    bot.kill()
    to(bot, 3, 17, 2)
    bot.start()
    to(bot, 3, 18)
    friends.silent()


def test_names_with_an_emoji_and_from_right_to_left(friends, bot):
    """Are said as they are, or the nickname is; who has left is not greeted."""
    for name in (ZOE, SHIRA, "ann", "ben"):
        friends[name].says("!birthday add 14 March").replies()
    friends.ann.does("nickname", person="Ann", text="{Queen} 👑")
    friends.ben.leaves()
    to(bot, 3, 14)
    friends.expect(re.compile(rf"^🎂 Happy birthday, (?=.*{ZOE})(?=.*{SHIRA})(?=.*{{Queen}} 👑)(?!.*Ben).* and .*!$"))


def test_it_speaks_and_reads_the_language_of_the_chat(friends, bot):
    """The months as well; English ones are understood everywhere."""
    for language, said, answer in (
        ("nl", "14 maart", "Genoteerd: Ben, 14 maart."),
        ("es", "14 de marzo de 1990", "Anotado: Ben, 14 marzo."),
        ("vi", "ngày 14 tháng 3 năm 1990", "Đã ghi: Ben, 14 tháng 3."),
        ("vi", "12 tháng 12", "Đã ghi: Ben, 12 tháng 12."),
        ("vi", "14 march", "Đã ghi: Ben, 14 tháng 3."),
        ("vi", "14 tháng", "Hãy viết ngày như 14 tháng 3, 14-03 hoặc 1990-03-14."),
    ):
        friends.ann.says(f"!language set {language}").replies()
        friends.ben.says(f"!birthday add {said}").replies(answer)
    to(bot, 3, 14)
    friends.expect("🎂 Chúc mừng sinh nhật Ben!")
