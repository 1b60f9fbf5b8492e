"""!jobs"""

from __future__ import annotations

from types import ModuleType

import pytest

STANDUP = """
from botkit import ChatContext, Context, cron, every

@cron("0 9 * * mon", each="thread")
def standup(ctx: ChatContext) -> str:
    return "Stand-up in ten minutes."

@every("1 day")
def tidy(ctx: Context) -> None:
    ctx.store.increment("tidied")
"""

pytestmark = pytest.mark.botkit(plugins=["jobs", "plugins"])


@pytest.fixture
def group(bot):
    """A group with the owner Ann, where the plugin `work` with two jobs is switched on."""
    bot.owner("Ann")
    module = ModuleType("work")
    exec(STANDUP, module.__dict__)
    bot.load(module, name="work")
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!enable work").replies("work is on in this chat.")
    return group


def test_it_tells_what_is_scheduled_in_words(bot, group):
    """The jobs of this chat and those that run in none, with their next three runs."""
    group.ann.says("!jobs").replies(
        "work:tidy (in no chat): every 1 d – 2026-01-02 00:00, 2026-01-03 00:00, 2026-01-04 00:00\n"
        "work:standup: at 09:00 on Monday – 2026-01-05 09:00, 2026-01-12 09:00, 2026-01-19 09:00"
    )
    bot.clock.advance(days=7)
    assert group.answers[-1] == "Stand-up in ten minutes."


def test_where_nothing_is_scheduled_it_says_so(bot):
    """In a bot without jobs."""
    bot.owner("Ann")
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!jobs").replies("Nothing is scheduled here.")
    group.ann.says("!jobs run tea").replies("There is no job tea here, nor any other.")


def test_a_job_that_rests_is_not_run(bot, group):
    """Until it is resumed; what fell due meanwhile is not made up for."""
    group.ann.says("!jobs pause standup").replies("work:standup rests now.")
    group.ann.says("!jobs").replies(lambda text: text.endswith("work:standup: at 09:00 on Monday – it rests"))
    bot.clock.advance(days=7)
    bot.restart()
    group.silent()
    group.ann.says("!jobs resume work:standup").replies("work:standup runs again.")
    group.silent()
    bot.clock.advance(days=7)
    group.expect("Stand-up in ten minutes.")


def test_a_job_is_run_by_hand_beside_its_schedule(bot, group):
    """Each time that it is asked for, and at its own time as well."""
    for _ in range(2):
        group.ann.says("!jobs run standup").replies("work:standup is run now.").replies("Stand-up in ten minutes.")
    bot.clock.advance(days=7)
    group.expect("Stand-up in ten minutes.").silent()


def test_a_job_that_runs_in_no_chat_can_be_paused_and_run_as_well(bot, group):
    """It is the same one in all chats."""
    group.ann.says("!jobs pause tidy").replies("work:tidy rests now.")
    bot.clock.advance(days=2)
    assert "tidied" not in bot.store("work")
    group.ann.says("!jobs run tidy").replies("work:tidy is run now.")
    assert bot.store("work")["tidied"] == 1


TIDY = """
from botkit import ChatContext, Context, command, hookimpl

@hookimpl
def on_start(ctx: Context) -> None:
    ctx.schedule.every("1 day", tidy, name="tidy")

@command("begin")
def begin(ctx: ChatContext) -> str:
    return ctx.schedule.every("1 day", tidy, name="tidy")

def tidy(ctx: Context) -> None:
    ctx.send(ctx.thread_id, "tidied") if isinstance(ctx, ChatContext) else ctx.store.increment("tidied")
"""


def test_of_two_of_one_name_that_of_this_chat_is_meant(bot, group):
    """The other one runs in no chat."""
    module = ModuleType("tidies")
    exec(TIDY, module.__dict__)
    bot.load(module, name="tidies")
    group.ann.says("!begin").replies("tidy")
    group.ann.says("!jobs run tidies:tidy").replies("tidies:tidy is run now.").replies("tidied")
    assert "tidied" not in bot.store("tidies")


def test_a_job_that_is_not_there_is_told_with_those_that_are(group):
    """By their full names."""
    group.ann.says("!jobs run tea").replies("There is no job tea here. There are: work:tidy, work:standup.")


@pytest.mark.parametrize("line", ["!jobs", "!jobs pause standup", "!jobs resume standup", "!jobs run standup"])
def test_only_owners_may(group, line):
    """See or change what is scheduled."""
    group.ben.says(line).replies("Only an owner of this bot may do that.")
