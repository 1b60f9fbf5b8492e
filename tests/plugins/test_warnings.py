"""!warn, !unwarn, !warnings, !kick, !ban, !unban, !history, !undo"""

from __future__ import annotations

import re

import pytest

from tests.plugins.conftest import SHIRA, ZOE

pytestmark = pytest.mark.botkit(plugins=["warnings", "plugins", "chat", "roles"])

LIMIT = "That is the limit. Admins can put Ben out with !kick."
KICKED = "Ben is out of the group. Admins can take that back with !undo."
BANNED = "Ben is out of the group and stays out. Admins can take that back with !undo."
NOTHING = "There is nothing of the last day to take back. For what is older there are !unwarn and !unban."
STAYS_OUT = "I remove Ben again, who is banned here. Admins can change that with !unban."


@pytest.fixture
def ruled(friends):
    """The bot is an admin of the group, and may remove people."""
    friends.ann.does("admin", person="Bot")
    return friends


def does(person, line):
    """A command that has to be confirmed; what is answered to the confirmation."""
    person.says(line).replies()
    return person.says("!yes")


def test_warnings_are_counted_up_to_the_limit(friends):
    """Then nobody is removed unless the owner wants that; admins are told how to."""
    friends.ann.says("!warn Ben").replies("Ben, this is warning 1 of 3")
    friends.ann.says("!warn Ben stay friendly").replies("Ben, this is warning 2 of 3: stay friendly")
    friends.ann.says("!warn Ben").replies(f"Ben, this is warning 3 of 3\n{LIMIT}")
    friends.ann.says("!warnings Ben").replies(
        "Ben has 3 warnings.\n2026-01-01 00:00 Ben was warned by Ann\n"
        "2026-01-01 00:00 Ben was warned by Ann: stay friendly\n2026-01-01 00:00 Ben was warned by Ann"
    )
    assert "Ben" in friends.names


def test_old_warnings_are_only_history(friends, bot):
    """After thirty days they do not count any more."""
    friends.ann.says("!warn Ben").replies()
    bot.clock.advance(days=31)
    friends.ann.says("!warn Ben").replies("Ben, this is warning 1 of 3")
    friends.ann.says("!history").replies(
        "2026-02-01 00:00 Ben was warned by Ann\n2026-01-01 00:00 Ben was warned by Ann"
    )


def test_a_warning_is_taken_back(friends):
    """It stays in the history."""
    friends.ann.says("!unwarn Ben").replies("Ben has 0 warnings.")
    friends.ann.says("!warn Ben").replies()
    friends.ann.says("!unwarn Ben").replies("I took back a warning of Ben; 0 are left.")
    friends.ann.says("!warn Ben").replies("Ben, this is warning 1 of 3")
    friends.ann.says("!history").replies(re.compile("by Ann \\(taken back\\)$"))


def test_too_many_warnings_remove_where_an_owner_wants_it(ruled, bot):
    """And whoever comes back begins anew."""
    bot.settings(warnings={"limit": 2, "then": "kick"})
    ruled.ann.says("!warn Ben").replies()
    ruled.ann.says("!warn Ben").replies(f"Ben, this is warning 2 of 2\n{KICKED}")
    assert "Ben" not in ruled.names
    ruled.ann.says("!history").replies(re.compile("^2026-01-01 00:00 Ben was removed by Ann: too many warnings\n"))
    bot.clock.advance(minutes=1)
    ruled.ann.adds("Ben")
    ruled.ann.says("!warn Ben").replies("Ben, this is warning 1 of 2")


def test_a_kick_is_confirmed_and_can_be_taken_back(ruled):
    """With the reason kept; then there is nothing more to take back."""
    ruled.ann.says("!kick Ben spam").replies()
    assert "Ben" in ruled.names
    ruled.ann.says("!yes").replies(KICKED)
    assert "Ben" not in ruled.names
    ruled.ann.says("!undo").replies("Ben is in the group again.")
    assert "Ben" in ruled.names
    ruled.ann.says("!undo").replies(NOTHING)
    ruled.ann.says("!history").replies("2026-01-01 00:00 Ben was removed by Ann: spam (taken back)")


def test_a_ban_keeps_out(ruled):
    """Whoever adds them is told; other newcomers may stay."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    ruled[ZOE].adds("Ben")
    ruled.expect(STAYS_OUT).silent()
    ruled[ZOE].adds("Cem")
    ruled.silent()
    assert "Ben" not in ruled.names
    assert "Cem" in ruled.names
    ruled.ann.says("!unban Eve").replies(f"Whom? Banned are: Ben ({ruled.ben.id}).")
    ruled.ann.says("!unban ben").replies("Ben may be added again.")
    ruled.ann.says("!unban Ben").replies("Nobody is banned here.")
    ruled[ZOE].adds("Ben")
    ruled.silent()
    assert "Ben" in ruled.names


def test_a_ban_of_somebody_who_has_left(ruled):
    """By their id; it keeps them out as well."""
    ruled.ben.leaves()
    does(ruled.ann, f"!ban {ruled.ben.id}").replies(re.compile("is out of the group and stays out"))
    ruled[ZOE].adds("Ben")
    ruled.expect(re.compile("who is banned here"))
    assert "Ben" not in ruled.names


def test_a_ban_where_the_bot_is_no_admin_any_more(ruled):
    """It cannot hold then, and the bot says so, once."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    ruled.ann.does("admin", person="Bot", on=False)
    ruled[ZOE].adds("Ben")
    ruled.expect("I cannot remove anybody here, since I am no admin of the group.").silent()
    ruled.ben.leaves()
    ruled[ZOE].adds("Ben")
    ruled.silent()
    ruled.ann.does("admin", person="Bot")
    ruled.ben.leaves()
    ruled[ZOE].adds("Ben")
    ruled.expect(STAYS_OUT).silent()
    ruled.ann.does("admin", person="Bot", on=False)
    ruled[ZOE].adds("Ben")
    ruled.expect("I cannot remove anybody here, since I am no admin of the group.")


def test_bans_are_bounded(ruled, bot):
    """Two hundred are kept out; one of them who is banned once more is let in by one !unban all the same."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    banned = [*bot.store("warnings").thread(ruled)["banned"], *map(str, range(199))]
    bot.store("warnings").thread(ruled)["banned"] = banned
    does(ruled.ann, f"!ban {ZOE}").replies("I keep 200 people out already; let somebody in with !unban first.")
    does(ruled.ann, f"!ban {ruled.ben.id}").replies(BANNED)
    assert bot.store("warnings").thread(ruled)["banned"] == banned
    ruled.ann.says("!unban Ben").replies("Ben may be added again.")
    ruled[ZOE].adds("Ben")
    ruled.silent()


def test_an_admin_who_adds_somebody_ends_the_ban(ruled):
    """There is no fight about it."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    ruled.ann.adds("Ben")
    ruled.expect("Ben was banned here. As an admin adds them, the ban is over.").silent()
    assert "Ben" in ruled.names
    ruled.ben.leaves()
    ruled[ZOE].adds("Ben")
    ruled.silent()


def test_a_ban_can_be_taken_back(ruled):
    """They are let in and added; who has been added by somebody else needs nothing."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    ruled.ann.says("!undo").replies("Ben is in the group again.").silent()
    assert "Ben" in ruled.names
    does(ruled.ann, "!kick Ben").replies(KICKED)
    ruled.eve.adds("Ben")
    ruled.ann.says("!undo").replies("Ben is in the group again.").silent()


def test_what_is_older_than_a_day_is_not_taken_back(ruled, bot):
    """Nobody remembers which it was."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    bot.clock.advance(days=1, seconds=1)
    ruled.ann.says("!undo").replies(NOTHING)
    ruled.ann.says("!unban Ben").replies("Ben may be added again.")


@pytest.mark.botkit(plugins=["warnings"], limits={"change": {"hourly": 1}})
def test_when_nobody_can_be_removed(ruled, bot):
    """That is said, and nothing is kept of it; a lost answer hides nothing."""
    ruled.ann.says("!kick Ben").replies()
    bot.fault("drop_answer", path="/ls_req")
    ruled.ann.says("!yes").replies(KICKED)
    bot.clock.advance(minutes=1)
    does(ruled.ann, f"!ban {ZOE}").replies(f"I could not remove {ZOE}. Please try again later.")
    bot.fault("server error", path="/api/graphqlbatch/", times=99)
    unclear = f"I do not know whether {ZOE} is out of the group. Please have a look, and say it again if not."
    does(ruled.ann, f"!ban {ZOE}")
    bot.clock.advance(minutes=2)
    ruled.expect(unclear)
    bot.fault("none")
    ruled.ann.says("!history").replies("2026-01-01 00:00 Ben was removed by Ann")


def test_when_the_network_adds_nobody(friends, bot):
    """It is taken back all the same, and said."""
    now_ms = round(bot.clock.now().timestamp() * 1000)
    act = {"what": "ban", "who": "4", "by": "5", "at_ms": now_ms, "undone": False, "why": ""}
    bot.store("warnings").thread(friends).update(acts=[{**act, "what": "kick"}, act], banned=["4"])
    for _ in range(2):
        friends.ann.says("!undo").replies("somebody may come back, but I could not add them. Please do it yourself.")
    friends.ann.says("!unban 4").replies("Nobody is banned here.")
    assert [one["undone"] for one in bot.store("warnings").thread(friends)["acts"]] == [False, True]


@pytest.mark.parametrize("line", ["!warn", "!kick", "!ban"])
def test_who_has_a_say_is_safe(ruled, line):
    """The bot, owners, admins, and moderators among themselves."""
    ruled.ann.says("!roles set Ben mod").replies()
    for who in ("Ann", "Eve", "Bot"):
        asked = ruled.ann.says(f"{line} {who}") if line == "!warn" else does(ruled.ann, f"{line} {who}")
        asked.replies(
            "I would rather not do that to myself." if who == "Bot" else f"{who} has a say here; I leave that to you."
        )
    if line == "!warn":
        ruled.ben.says("!warn Ben").replies("Ben has a say here; I leave that to you.")
        ruled.ann.says("!warn Ben").replies("Ben, this is warning 1 of 3")
        ruled.ben.says("!unwarn Ben").replies("You cannot take back your own warnings; somebody else has to.")
        ruled.ben.says(f"!warn {ZOE}").replies(f"{ZOE}, this is warning 1 of 3")


def test_members_see_their_own_warnings_only(friends):
    """And may do nothing else."""
    friends.ann.says("!warn Ben").replies()
    friends.ben.says("!warnings").replies(re.compile("^Ben has 1 warning.\n"))
    friends.ben.says("!warnings Eve").replies("Only moderators and admins may see the warnings of others.")
    for line in ("!warn Eve", "!unwarn Ben", "!kick Eve", "!ban Eve", "!unban Eve", "!history", "!undo"):
        friends.ben.says(line).replies(re.compile("^Only (moderators and )?admins"))


def test_without_rights_it_says_so(friends, bot):
    """A warning is given all the same."""
    bot.settings(warnings={"limit": 1, "then": "kick"})
    no_rights = "I cannot remove anybody here, since I am no admin of the group."
    does(friends.ann, "!kick Ben").replies(no_rights)
    does(friends.ann, "!ban Ben").replies(no_rights)
    friends.ann.says("!warn Ben").replies(f"Ben, this is warning 1 of 1\n{no_rights}")
    friends.ann.says("!history").replies("2026-01-01 00:00 Ben was warned by Ann")
    bot.chat("Eve").eve.says("!warn Eve").replies(re.compile("^I can only do that in a group"))


def test_where_nobody_is_an_admin_everybody_may_remove(friends):
    """So may the bot, when the bot's owner wants it."""
    friends.ann.does("admin", person="Ann", on=False)
    does(friends.eve, "!kick Ben").replies(KICKED)
    assert "Ben" not in friends.names


def test_the_history_is_bounded(friends, bot):
    """The last two hundred are kept, and twenty of them shown."""
    act = {"what": "warn", "who": friends.ben.id, "by": friends.ann.id, "at_ms": 0, "undone": True, "why": "x" * 200}
    bot.store("warnings").thread(friends)["acts"] = [act] * 200
    friends.ann.says("!warn Ben").replies("Ben, this is warning 1 of 3")
    assert len(bot.store("warnings").thread(friends)["acts"]) == 200
    friends.ann.says("!history").replies(lambda text: len(text.splitlines()) == 20)
    friends.ann.says(f"!warn Ben {'x' * 201}").replies("Please say why in 200 characters at most.")


def test_two_chats_do_not_mix(friends, family):
    """Nobody is warned or banned in a chat for what was in another one."""
    friends.ann.says("!warn Ben").replies()
    friends.ann.says(f"!warn {ZOE}").replies(f"{ZOE}, this is warning 1 of 3")
    family.ben.says(f"!warn {ZOE}").replies(f"{ZOE}, this is warning 1 of 3")
    family.ben.says("!undo").replies(f"I took back a warning of {ZOE}; 0 are left.")
    friends.ann.does("admin", person="Bot")
    does(friends.ann, f"!ban {ZOE}").replies()
    family.ben.removes(ZOE)
    family.ben.adds(ZOE)
    family.silent()
    family.ben.says("!history").replies(f"2026-01-01 00:00 {ZOE} was warned by Ben (taken back)")
    family.ben.says("!warn Ann").replies("Ann, this is warning 1 of 3")


def test_it_rests_where_it_is_switched_off(ruled, family):
    """Then a banned person may come; in the other chat it is at work."""
    does(ruled.ann, "!ban Ben").replies(BANNED)
    ruled.eve.says("!disable warnings").replies()
    ruled.eve.adds("Ben")
    ruled.ann.says("!warn Ben").silent()
    assert "Ben" in ruled.names
    family.ben.says("!warn Ann").replies("Ann, this is warning 1 of 3")


def test_a_restart_in_the_middle(ruled, bot):
    """A ban holds for whoever is added while the bot is away, and can be taken back afterwards."""
    ruled.ann.says("!warn Ben").replies()
    does(ruled.ann, "!ban Ben").replies(BANNED)
    bot.kill()
    ruled[ZOE].adds("Ben")
    bot.start()
    ruled.expect(STAYS_OUT)
    assert "Ben" not in ruled.names
    bot.restart()
    ruled.ann.says("!undo").replies("Ben is in the group again.")
    bot.clock.advance(minutes=5)
    ruled.ann.says("!warnings Ben").replies(re.compile("^Ben has 1 warning.\n"))


def test_names_with_an_emoji_and_from_right_to_left(ruled):
    """They are kept for when the person is gone, in another language too; a nickname goes before."""
    ruled.ann.does("nickname", person=ZOE, text="🌷{x}")
    ruled.ann.says("!language set nl").replies()
    does(ruled.ann, f'!ban "{SHIRA}" {{why}}').replies(re.compile(f"^{SHIRA} is uit de groep en blijft eruit."))
    ruled.ann.says(f"!warn {ZOE}").replies("🌷{x}, dit is waarschuwing 1 van 3")
    ruled.ann.says("!history").replies(
        "2026-01-01 00:00 🌷{x} gewaarschuwd door Ann\n"
        f"2026-01-01 00:00 {SHIRA} verbannen door Ann: {{why}}\nVerbannen: {SHIRA}."
    )
    ruled.ann.says(f"!unban {SHIRA}").replies(f"{SHIRA} mag weer worden toegevoegd.")
