"""Automations in a whole bot: at their time or on their event, step after step, each once."""

from __future__ import annotations

import pytest

from botkit import config
from botkit.messenger.errors import ConfigError
from botkit.runner import loader
from botkit.testing.kit import MOMENTS

MONDAY = {"name": "monday", "cron": "0 9 * * mon", "threads": ["Friends"]}

PICTURE = "../../examples/automations/question.png"


def automations(*given, **keys):
    """The marker of a bot with these."""
    return pytest.mark.botkit(plugins=keys.pop("plugins", []), automations=list(given), **keys)


def on(event, *steps, **keys):
    """An automation on an event."""
    return {"name": f"on {event.removeprefix('log:')}", "on": event, "do": list(steps), **keys}


def grey(group):
    """The grey lines of a group, newest last."""
    return [one.text for one in group.messages if one.kind == "log"]


@pytest.fixture
def group(bot):
    """Ann is the group's admin, Eve the bot's owner."""
    bot.owner("Eve")
    return bot.group("Friends", "Ann", "Ben", "Eve")


class TestSteps:
    """What is done, and in which order."""

    @automations(
        {**MONDAY, "do": [{"send_message": "Week {now|%-V}, {thread.name}!"}, {"set_title": "Week {now|%-V}"}]},
        timezone="Europe/Amsterdam",
    )
    def test_they_are_done_in_their_order_at_the_groups_own_time(self, bot, group):
        """The first Monday of the year is the fifth; at nine in Amsterdam it is eight in London."""
        group.silent()
        bot.clock.advance(days=4, hours=7, minutes=59)
        group.silent()
        bot.clock.advance(minutes=1)
        group.expect("Week 2, Friends!").silent()
        assert group.title == "Week 2"
        bot.clock.advance(days=7)
        group.expect("Week 3, Week 2!").silent()

    @automations({**MONDAY, "do": [{"set_title": "A"}, {"send_message": "B"}, {"set_title": "C"}]})
    def test_messages_and_functions_keep_their_order(self, bot, group):
        """As they stand in the bot file."""
        group.silent()
        bot.clock.advance(days=5)
        assert [one.text for one in group.messages][-3:] == ["Bot named the group A.", "B", "Bot named the group C."]

    @automations(on("message", {"choose": ["one", "two", "three"]}))
    def test_of_several_texts_one_is_chosen(self, group):
        """By lot."""
        said = {group.ann.says(f"go {number}").answers[0] for number in range(12)}
        assert said == {"one", "two", "three"}

    @automations(on("message", {"set_message_reaction": "☕"}, {"mark_as_read": None}, {"send_message": "done"}))
    def test_the_message_that_it_is_about_needs_no_id(self, group):
        """And the chat none either."""
        group.ann.says("tea").reacts("☕").replies("done")

    @automations(on("message", {"create_poll": {"title": "Lunch, {event.author_name}?", "options": ["yes", "no"]}},
                    allow=["admin"]))  # fmt: skip
    def test_arguments_may_have_their_names(self, group):
        """And lists in them."""
        group.ann.says("poll")
        assert grey(group)[-1] == "Bot created a poll: Lunch, Ann?"

    @automations(
        on("message", {"send_message": {"body": "Ann!", "thread_id": "Other"}}, {"send_message": "told"}),
    )
    def test_a_step_may_be_for_another_chat(self, bot, group):
        """By its name, which it may lose afterwards."""
        other = bot.group("Other", "Ann", "Cem")
        other.cem.says("begin")
        other.forget()
        group.ann.says("go").replies("told")
        other.expect("Ann!")
        other.ann.renames("Another")
        group.ann.says("again").replies("told")
        other.expect("Ann!")

    @automations(
        {"name": "twice", "every": "1h", "do": [{"send_message": {"body": "hi", "thread_id": "7000000000000001"}}]}
    )
    def test_without_a_chat_each_step_names_its_own(self, bot, group):
        """It runs once, not for each chat."""
        group.silent()
        bot.clock.advance(hours=2)
        group.expect("hi").expect("hi").silent()

    @automations(
        on("message", {"remove_user_from_group": "100000000000042"}, {"send_message": "after"}, allow=["admin"])
    )
    def test_a_step_that_is_refused_does_not_keep_the_later_ones(self, bot, group):
        """The log names it."""
        group.ann.says("go").replies("after")
        assert any("not done: remove_user_from_group" in line for line in bot.log)

    @automations(on("message", {"get_thread_info": None}, {"send_message": "{event.body}"}))
    def test_what_would_be_empty_is_left_out(self, bot, group):
        """A message without a text has none to repeat."""
        group.ann.sends_picture().silent()
        assert any("automation on message: step 2, send_message:" in line for line in bot.log)

    @automations({"name": "far", "every": "1h", "do": [{"choose": {"texts": ["hi"], "thread_id": "Friends"}}]})
    def test_a_choice_may_be_for_a_chat_by_its_name(self, bot, group):
        """Of a schedule without a chat."""
        group.silent()
        bot.clock.advance(hours=1)
        group.expect("hi").silent()

    @automations(on("message", {"choose": [" ", "{event.body}"]}, **{"if": {"body_is": "go"}}))
    def test_files_and_texts_are_checked_at_the_start(self, bot):
        """As `botkit check` does; the bot does not log in."""
        bot.owner("Eve")
        with pytest.raises(ConfigError, match=r"automations\[0\]\.do\[0\]\.choose: should be a list of texts"):
            bot.start()

    @automations(
        on(
            "message",
            {"change_group_image": PICTURE},
            {"send_file": {"path": PICTURE, "body": "{now|%Y}"}},
            allow="admin",
        )
    )
    def test_files_stand_beside_the_bot_file(self, bot, group):
        """Their paths are relative to it."""
        group.ann.says("go")
        assert "changed the group photo" in grey(group)[-1]
        sent = group.messages[-1]
        assert (sent.text, [one["name"] for one in sent.attachments]) == ("2026", ["question.png"])


class TestWaiting:
    """What comes after a wait."""

    WELCOME = on(
        "log:subscribe",
        {"send_message": "Hi {event.added_names}!"},
        {"wait": "1d"},
        {"send_message": "Still here, {event.added_names}?"},
        {"wait": "1h"},
        {"send_message": "Good."},
    )

    @automations(WELCOME)
    def test_it_knows_what_the_event_has_said_after_a_restart(self, bot, group):
        """And comes at its time."""
        group.add("Zoë 🌷")
        group.expect("Hi Zoë 🌷!").silent()
        bot.restart()
        bot.clock.advance(days=1)
        group.expect("Still here, Zoë 🌷?").silent()
        bot.kill()
        bot.clock.advance(hours=2)
        group.silent()
        bot.start()
        group.expect("Good.").silent()

    @automations(WELCOME, plugins=["jobs"])
    def test_it_is_listed_among_the_jobs(self, bot, group):
        """Under the automations' plugin."""
        group.add("Cem")
        group.forget()
        group.eve.says("!jobs").replies(lambda text: text.startswith("automations:1: on 2026-01-02 00:00"))

    @pytest.mark.parametrize("moment", MOMENTS)
    @automations(on("message", {"send_message": "one"}, {"create_poll": {"title": "P", "options": ["a", "b"]}},
                    {"wait": "1m"}, {"send_message": "two"}, allow=["admin"], **{"if": {"body_is": "go"}}))  # fmt: skip
    def test_a_bot_that_dies_in_its_midst_does_each_step_once(self, bot, group, moment):
        """Whenever that is, before the wait and after it; a poll whose fate nobody knows is left."""
        group.silent()
        bot.kill(at=moment)
        group.ann.says("go")
        bot.start()
        bot.kill(at=moment)
        bot.clock.advance(minutes=2)
        bot.start()
        bot.clock.advance(minutes=2)
        assert group.answers == ("one", "two")
        assert len([line for line in grey(group) if "poll" in line]) == (moment != "once begun")

    @pytest.mark.parametrize("moment", ["call begun", "call committed"])
    @automations(
        {**on("message", {"send_message": "one"}), "name": "one"},
        {**on("message", {"send_message": "two"}), "name": "two"},
    )
    def test_each_automation_has_a_call_and_a_mark_of_its_own(self, bot, group, moment):
        """The one that was through is not done again, the other is done, in the order of the bot file."""
        group.silent()
        bot.kill(at=moment)
        group.ann.says("go")
        bot.start()
        assert group.answers == ("one", "two")


class TestWhere:
    """In which chats."""

    @automations(
        {"name": "hello", "cron": "0 9 * * *", "all_groups": True, "do": [{"send_message": "Hello {thread.name}"}]}
    )
    def test_all_groups_are_those_too_that_the_bot_comes_into_later(self, bot, group):
        """But no chat of two, and no group that it has left."""
        bot.chat("Ann").ann.says("hello").silent()
        family = bot.group("Family", "Ann", "Cem")
        bot.clock.advance(hours=9)
        group.expect("Hello Friends").silent()
        family.expect("Hello Family").silent()
        late = bot.group("Late", "Ann", "Dan")
        late.ann.says("hi")
        family.ann.removes("Bot")
        bot.clock.advance(days=1)
        late.expect("Hello Late").silent()
        group.expect("Hello Friends").silent()
        assert bot.chat("Ann").answers == ()

    @automations(on("message", {"send_message": "heard"}, threads=["Friends"]))
    def test_events_are_heard_in_the_chats_that_are_named(self, bot, group):
        """A chat that is renamed stays the one that is meant."""
        other = bot.group("Other", "Ann", "Cem")
        other.ann.says("hi").silent()
        group.ann.says("hi").replies("heard")
        group.ann.renames("Lake")
        group.ann.says("hi").replies("heard")

    @automations(
        {**MONDAY, "do": [{"send_message": "Monday"}]}, on("message", {"send_message": "heard"}, threads=["Friends"])
    )
    def test_a_name_means_the_same_chat_for_times_and_events(self, bot, group):
        """Also when it is renamed before it says anything, and when the bot is put out of it."""
        group.silent()
        group.ann.renames("Mates")
        other = bot.group("Friends", "Ben", "Cem")
        other.ben.says("hi").silent()
        group.ann.says("hi").replies("heard")
        group.ann.removes("Bot")
        other.ben.says("hi").replies("heard")
        bot.clock.advance(days=7)
        other.expect("Monday")

    @automations(on("message", {"send_message": "heard"}, threads=["Nowhere", "Friends"]))
    def test_a_chat_that_is_not_there_is_told_once(self, bot, group):
        """As with schedules."""
        group.ann.says("hi").replies("heard")
        group.ann.says("hi").replies("heard")
        told = "automation on message: threads: there is not one chat 'Nowhere' yet; its id would tell which"
        assert [line for line in bot.log if "Nowhere" in line] == [f"WARNING {told}"]

    @automations(
        {**MONDAY, "do": [{"send_message": "Monday"}]}, on("message", {"send_message": "m"}), plugins=["plugins"]
    )
    def test_it_rests_where_the_owner_has_switched_it_off(self, bot, group):
        """Times and events alike, until it is switched on again."""
        group.eve.says("!disable automations").replies()
        group.forget()
        bot.clock.advance(days=5)
        group.ann.says("hi").silent()
        group.eve.says("!enable automations").replies()
        group.forget()
        bot.clock.advance(days=7)
        group.expect("Monday")

    @automations({**MONDAY, "threads": ["Friends", "Far"], "do": [{"send_message": "{now|%H:%M}"}]}, plugins=["chat"])
    def test_each_chat_goes_by_its_own_clock(self, bot, group):
        """New York is five hours behind London."""
        far = bot.group("Far", "Eve", "Cem")
        far.eve.says("!timezone set America/New_York").replies()
        bot.clock.advance(days=4, hours=9)
        group.expect("09:00")
        far.silent()
        bot.clock.advance(hours=5)
        far.expect("09:00")


class TestWho:
    """Who starts it."""

    @automations(on("message", {"send_message": "Yes?"}, **{"if": {"body_contains": "BOT", "author_not": "self"}}))
    def test_conditions_have_to_fit(self, group):
        """All of them; in any case of letters."""
        group.ann.says("hello").silent()
        group.ann.says("hello bot").replies("Yes?")

    @automations(
        on("message", {"send_message": "Yes?"}, **{"if": {"mentions": "self", "mentions_not": "100000000000003"}}),
        on("log:user-nickname", {"send_message": "Me?"}, **{"if": {"person": "100000000000001"}}),
    )
    def test_the_bot_is_self_in_them_or_its_id(self, group):
        """Also among several people."""
        group.ann.says("hey @Ben", mentions="Ben").silent()
        group.ann.says("hey @Bot and @Eve", mentions=["Bot", "Eve"]).replies("Yes?")
        group.ann.does("nickname", person="Ben", text="Bee")
        group.silent()
        group.ann.does("nickname", person="Bot", text="Bo")
        group.expect("Me?")

    @automations(on("message", {"send_message": "{event.body}"}, on="message"))
    def test_the_bot_does_not_start_its_own(self, bot, group):
        """Or it would never end."""
        group.ann.says("echo").replies("echo").silent()

    @automations(on("log:thread-name", {"set_title": "Ours"}, allow=["member", "admin", "owner"][1:]))
    def test_what_the_bot_does_itself_starts_nothing(self, bot, group):
        """A title that it has set is no reason to set it."""
        group.ann.renames("Mine")
        assert group.title == "Ours"
        assert grey(group)[-2:] == ["Ann named the group Mine.", "Bot named the group Ours."]

    @automations(on("message", {"set_title": "Lake"}, allow=["admin", "owner"], **{"if": {"body_is": "lake"}}))
    def test_those_who_are_not_allowed_are_not_heard(self, group):
        """Members; admins of the group and owners of the bot are."""
        group.ben.says("lake")
        assert group.title == "Friends"
        group.eve.says("Lake ")
        assert group.title == "Lake"

    @automations(
        on(
            "message",
            {"set_title": {"new_title": "{event.body}", "thread_id": "Friends"}},
            {"set_title": {"new_title": "Ours", "thread_id": "{thread.id}"}},
            allow=["admin"],
        )
    )
    def test_who_has_another_chat_changed_has_the_role_there(self, bot, group):
        """Who is admin in a group of their own is none in this one."""
        own = bot.group("Own", "Ben", "Cem")
        own.ben.says("Lake")
        assert (group.title, own.title) == ("Friends", "Own")
        group.ann.says("Lake")
        assert group.title == "Ours"
        other = bot.group("Other", "Ann", "Cem")
        other.ann.says("Sea")
        assert (group.title, other.title) == ("Sea", "Ours")

    @automations(on("message", {"send_message": "yes"}, allow=["mod"]))
    def test_a_role_may_do_what_those_below_it_may(self, group):
        """As with commands."""
        group.ben.says("hi").silent()
        group.ann.says("hi").replies("yes")
        group.eve.says("hi").replies("yes")

    @automations(on("message", {"send_message": "once"}, cooldown="10m"))
    def test_a_cooldown_holds_in_its_chat(self, bot, group):
        """Over a restart, too."""
        other = bot.group("Other", "Ann", "Cem")
        group.ann.says("a").replies("once")
        group.ben.says("b").silent()
        other.ann.says("a").replies("once")
        bot.restart()
        group.ann.says("c").silent()
        bot.clock.advance(minutes=10)
        group.ann.says("d").replies("once")

    @automations(on("message", {"send_message": "heard"}), plugins=["gatekeeper"])
    def test_in_a_muted_chat_nothing_starts(self, group):
        """As it is with commands."""
        group.eve.says("!mute")
        group.forget()
        group.ann.says("hi").silent()

    @automations(on("message", {"send_message": "heard"}, **{"if": {"body_not": "quiet"}}))
    def test_what_is_late_starts_nothing(self, bot, group):
        """A message that is older than the bot's answer_within."""
        group.ann.says("quiet").silent()
        bot.stop()
        group.ann.says("old")
        bot.clock.advance(hours=2)
        bot.start()
        group.silent()

    @automations(on("log:subscribe", {"send_message": "Hi {event.added_names}, {thread.name}"}))
    def test_what_people_are_called_is_no_template(self, bot, group):
        """It is said as it is."""
        group.add("{now} {thread.name}")
        group.expect("Hi {now} {thread.name}, Friends")

    @automations(
        on("message_reaction", {"send_message": "{event.author_name}: {event.reaction}"}),
        on("message_unsend", {"send_message": "gone by {event.author_name}"}),
        on("log:user-nickname", {"send_message": "{event.person_name} is {event.nickname}"}),
        on("log:unsubscribe", {"send_message": "Bye."}, **{"if": {"removed_not": "self"}}),
    )
    def test_other_events_have_their_fields(self, group):
        """By the names in the table."""
        said = group.ann.says("hi")
        group.ben.reacts(said, "👍")
        group.expect("Ben: 👍")
        group.ann.unsends(said)
        group.expect("gone by Ann")
        group.ann.does("nickname", person="Ben", text="Bee")
        group.expect("Bee is Bee")
        group.ben.leaves()
        group.expect("Bye.").silent()


@automations(
    on("typ", {"send_message": "{event.author_name} types"}, **{"if": {"is_typing": True}}),
    on("read_receipt", {"send_message": "{event.author_name|first} has read it"}, cooldown="1h"),
)
def test_events_that_are_not_kept_are_heard(group):
    """Typing and reading."""
    said = group.ben.says("hi")
    group.ann.types()
    group.expect("Ann types")
    group.ann.reads()
    group.expect("Ann has read it").silent()
    assert said is not None


def test_it_cannot_be_reloaded(tmp_path):
    """The bot file is read at the start; the sentence says so."""
    text = "automations: [{name: a, every: 1h, do: [{mark_as_read_all: }]}]"
    settings = config.parse(text, tmp_path / "bot.yaml", {})
    table = loader.load(settings)
    with pytest.raises(ConfigError, match="automations are read when the bot starts; start it again"):
        loader.renewed(settings, "automations", table)


@automations({**MONDAY, "do": [{"wait": "1d"}, {"send_message": "late"}]})
def test_what_waits_goes_on_when_another_automation_was_put_before_it(bot, group):
    """Its own steps are the same."""
    group.silent()
    bot.clock.advance(days=5)
    others = bot._settings.file.automations
    others.insert(0, others[0].model_copy(update={"name": "other", "do": [{"mark_as_read": None}]}))
    bot.restart()
    bot.clock.advance(days=2)
    group.expect("late").silent()


@automations({**MONDAY, "do": [{"wait": "1d"}, {"send_message": "old"}]})
def test_what_waits_does_not_go_on_when_the_bot_file_says_something_else(bot, group):
    """Its steps may be others by now; the log says so."""
    group.silent()
    bot.clock.advance(days=5)
    bot._settings.file.automations[0].do[1]["send_message"] = "new"
    bot.restart()
    bot.clock.advance(days=2)
    group.silent()
    assert any("automation monday was changed while it waited" in line for line in bot.log)
