"""Jobs run at their time, in their chats, once: through restarts, kills, reloads and changes of the clock."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from botkit import config
from botkit.clock import SystemClock
from botkit.host import ChatSettings
from botkit.jobs import MadeJob
from botkit.messenger.errors import BadArgument, ConfigError, ContextError, StoreError
from botkit.runner import job_rows, loader, steps
from botkit.runner.book import Book
from botkit.runner.chat_names import ChatNames
from botkit.runner.job_chats import JobChats
from botkit.runner.loader import HookTable, build, plugin_of
from botkit.runner.plugin_settings import PluginSettings
from botkit.runner.scheduler import Scheduler
from botkit.schedule import At, Catching, Cron
from botkit.store import Database
from botkit.testing import VirtualClock

IMPORTS = "from botkit import ChatContext, Context, at, command, cron, every, hookimpl\n"
STANDUP = """
@cron("0 9 * * mon", each="thread"{options})
def standup(ctx):
    return "Stand-up in ten minutes."
"""

NINE = """
@cron("0 9 * * *")
def nine(ctx):
    ctx.send("{chat}", "Nine.")
"""


def module(text, **words):
    """A plugin in hand."""
    made = ModuleType("work")
    for key, value in words.items():
        text = text.replace("{" + key + "}", value)
    text = IMPORTS + textwrap.dedent(text.replace("{options}", ""))
    exec(compile(text, "work.py", "exec", dont_inherit=True), made.__dict__)
    return made


@pytest.fixture
def load(bot):
    """Loads the plugin `work` of this text into the bot, which runs in the group Friends."""

    def one(text, threads=("Friends",), **words):
        bot.load(module(text, **words), name="work")
        bot.settings(work={"threads": list(threads)})
        return bot.group("Friends", "Ann", "Ben")

    return one


def a_chat(stage):
    """The id of a group with Ann in it."""
    return next(one.thread_id for one in stage.login().get_thread_list(0, 50) if one.is_group)


def texts(person):
    """What the bot has written to somebody."""
    return [text for _, text in person.heard()]


def start(group):
    """Have the bot started, and what it does then done."""
    group.silent()


class TestChats:
    """Where a job runs."""

    def test_a_job_runs_in_each_chat_of_its_plugin(self, bot, load):
        """Those under `threads:`, by name or id; in no other."""
        others = bot.group("Others", "Ann", "Cem"), bot.group("Strangers", "Ann", "Cem")
        friends = load(STANDUP, threads=["friends", others[0].id])
        bot.clock.advance(days=7)
        assert [chat.answers for chat in (friends, *others)] == [("Stand-up in ten minutes.",)] * 2 + [()]

    def test_a_chat_that_gets_another_name_stays_the_same(self, bot, load):
        """After a restart, too, and when another chat has its name by then."""
        friends = load(STANDUP)
        start(friends)
        friends.ann.renames("Stand-up, week 2")
        other = bot.group("Friends", "Ben", "Cem")
        bot.restart()
        bot.clock.advance(days=7)
        assert (friends.answers, other.answers) == (("Stand-up in ten minutes.",), ())

    def test_a_chat_that_the_bot_has_left_is_looked_for_by_its_name_again(self, bot, load):
        """The other of that name is meant from then on."""
        friends = load(STANDUP)
        start(friends)
        friends.ann.removes("Bot")
        other = bot.group("Friends", "Ben", "Cem")
        other.ben.says("hello")
        bot.restart()
        bot.clock.advance(days=7)
        assert other.answers == ("Stand-up in ten minutes.",)

    def test_another_of_that_name_is_meant_as_soon_as_the_bot_is_out(self, bot, load):
        """And not the old one again when the bot is back there."""
        friends = load(STANDUP)
        start(friends)
        other = bot.group("Friends", "Ben", "Cem")
        other.ben.says("hello")
        friends.ann.removes("Bot")
        bot.clock.advance(days=7)
        friends.ann.adds("Bot")
        bot.clock.advance(days=7)
        assert (friends.answers, other.answers) == ((), ("Stand-up in ten minutes.",) * 2)

    def test_a_job_that_is_gone_from_the_bot_file_is_forgotten(self, stage):
        """Also while the chat of another one is not found."""
        text = "plugins: {jobs: }\nowners: ['100000000000002']\nautomations:\n"
        nine = "  - {name: NAME, cron: 0 9 * * *, threads: CHAT, do: [{send_message: nine}]}\n"
        missing = nine.replace("NAME", "missing").replace("CHAT", "Nowhere")
        nine = nine.replace("NAME", "nine").replace("CHAT", "Friends")
        ann = stage.person("Ann")
        for file, listed in ((text + nine + missing, "automations:nine: at 09:00"), (text + missing, "Nothing")):
            bot = stage.start_bot(file)
            ann.says("Friends", "!jobs")
            stage.settle()
            (answer,) = texts(ann)
            assert answer.startswith(listed)
            bot.stop()

    def test_where_the_bot_is_out_nothing_is_tried(self, bot, load):
        """Neither of jobs with a marker nor of those that were made there, after a restart either, until it is back."""
        group = load(STANDUP + MADE)
        for line in ("!remind 8d cake", "!remind 16d tea"):
            group.ann.says(line).replies()
        group.ann.removes("Bot")
        bot.clock.advance(days=7)
        bot.restart()
        bot.clock.advance(days=7)
        assert not any("not sent" in line for line in bot.log)
        group.ann.adds("Bot")
        bot.clock.advance(days=7)
        assert sorted(group.answers[2:]) == ["Ann: tea", "Stand-up in ten minutes."]

    def test_a_chat_that_is_not_there_yet_is_looked_for(self, bot, load):
        """Until it is there; the log says so once."""
        bot.load(module(STANDUP), name="work")
        bot.settings(work={"threads": ["Late ones"]})
        bot.chat("Ann").ann.says("hello").silent()
        bot.clock.advance(hours=1)
        told = "WARNING job work:standup: threads: there is not one chat 'Late ones' yet; its id would tell which"
        assert [line for line in bot.log if "Late ones" in line] == [told]
        group = bot.group("Late ones", "Ann", "Ben")
        bot.clock.advance(days=7)
        assert group.answers == ("Stand-up in ten minutes.",)

    @pytest.mark.botkit(plugins=["plugins"])
    def test_a_chat_is_switched_on_and_off(self, bot, load):
        """From then on; `threads:` counts for less than `!disable`."""
        bot.owner("Ann")
        group = load(STANDUP)
        other = bot.group("Others", "Ann")
        group.ann.says("!disable work").replies()
        other.ann.says("!enable work").replies()
        bot.clock.advance(days=7)
        group.silent()
        other.expect("Stand-up in ten minutes.")
        group.ann.says("!enable work").replies()
        bot.clock.advance(days=7)
        group.expect("Stand-up in ten minutes.").silent()

    @pytest.mark.botkit(plugins=["chat"])
    def test_each_chat_has_its_own_time(self, bot, load):
        """That of its zone, from the moment that it is set."""
        group, other = load(STANDUP, threads=["Friends", "Others"]), bot.group("Others", "Ann")
        other.ann.says("!timezone set America/New_York").replies()
        bot.clock.advance_to(datetime(2026, 1, 5, 13, 59, tzinfo=UTC))
        group.expect("Stand-up in ten minutes.")
        other.silent()
        bot.clock.advance(minutes=1)
        other.expect("Stand-up in ten minutes.")
        other.ann.says("!timezone set Asia/Tokyo").replies()
        bot.clock.advance_to(datetime(2026, 1, 12, 0, 1, tzinfo=UTC))
        other.expect("Stand-up in ten minutes.")

    @pytest.mark.botkit(plugins=["chat"])
    def test_a_new_zone_holds_from_now_on(self, bot, load):
        """What would have been earlier in it was not missed."""
        group = load("@cron('0 10 * * *', each='thread')\ndef ten(ctx):\n    return 'ten'")
        bot.clock.advance_to(datetime(2026, 1, 1, 3, tzinfo=UTC))
        group.ann.says("!timezone set Asia/Tokyo").replies().silent()
        bot.clock.advance(hours=20)
        group.silent()
        bot.clock.advance(hours=2)
        group.expect("ten")

    @pytest.mark.botkit(plugins=["chat"])
    @pytest.mark.parametrize("after", [True, False], ids=["restarted", "running"])
    def test_what_was_at_a_moment_does_not_come_again_in_a_new_zone(self, bot, load, after):
        """Where clocks show that moment hours later."""
        group = load("@at('2026-01-02 18:00', each='thread')\ndef once(ctx):\n    return 'once'")
        bot.clock.advance_to(datetime(2026, 1, 2, 18, 30, tzinfo=UTC))
        group.expect("once")
        group.ann.says("!timezone set America/New_York").replies()
        if after:
            bot.restart()
        bot.clock.advance(days=2)
        group.silent()

    def test_a_new_zone_of_the_bot_file_holds_from_the_start_on(self, stage):
        """What would have been earlier in it was not missed; what was missed in the old one is made up for."""
        ann, text = stage.person("Ann"), NINE + NINE.replace("nine", "four").replace("Nine", "Four").replace("9", "4")
        work = module(text, chat=a_chat(stage))
        stage.start_bot("timezone: UTC\n", {"work": work}).stop()
        stage.advance(5 * 3600)
        bot = stage.start_bot("timezone: Asia/Tokyo\n", {"work": work})
        assert texts(ann) == ["Four."]
        stage.advance(18 * 3600)
        bot.stop()
        assert texts(ann) == ["Four."]
        stage.start_bot("timezone: Asia/Tokyo\n", {"work": work})
        stage.advance(3600 + 60)
        assert texts(ann) == ["Nine."]

    def test_what_is_due_when_the_zone_changes_is_not_lost(self, database):
        """It is dealt with by the clocks of then."""
        clock, zones, fired = VirtualClock(), ["UTC"], []
        book = Book(database, ChatSettings("!", "en", "UTC"))
        book.chat = lambda thread_id: ChatSettings("!", "en", zones[-1])
        due = At((clock.now() + timedelta(minutes=10)).isoformat(sep=" "))
        job = MadeJob("work", "1", "7", None, "tell", (), due, Catching(), clock.time_ms())
        database.write(lambda connection: job_rows.change(connection, [job], "test", clock.time_ms()))
        table = build([plugin_of("work", module("def tell(ctx):\n    pass"))])
        chats = JobChats(book, ChatNames(book, list))
        scheduler = Scheduler(database, clock, lambda: table, book, chats, PluginSettings(book).of, fired.extend)
        scheduler._turn()
        clock.jump(601)
        zones.append("Europe/Amsterdam")
        scheduler.look()
        scheduler._turn()
        assert len(fired) == 1
        assert job_rows.read_all(database.read) == []

    def test_without_each_there_is_one_run_in_no_chat(self, bot, load):
        """`reply` says so."""
        group = load("@every('1h')\ndef tick(ctx):\n    ctx.store.increment('runs')\n    ctx.reply('tick')")
        bot.expects_error(ContextError)
        start(group)
        bot.clock.advance(hours=1)
        group.silent()
        assert str(bot.errors[0]) == "reply: this call has no chat; use send(thread_id, text)"
        assert "runs" not in bot.store("work")

    @pytest.mark.botkit(plugins=["gatekeeper", "jobs"])
    def test_a_job_is_silent_in_a_muted_chat(self, bot, load):
        """Unless an owner asks for a run; it runs again when the chat is no more muted."""
        bot.owner("Ann")
        group = load(STANDUP)
        group.ann.says("!mute").replies()
        bot.clock.advance(days=7)
        group.silent()
        group.ann.says("!jobs run standup").replies().replies("Stand-up in ten minutes.")
        group.ann.says("!unmute").replies()
        bot.clock.advance(days=7)
        group.expect("Stand-up in ten minutes.")


class TestOnce:
    """A run is there once."""

    def test_a_restart_repeats_nothing_and_forgets_nothing(self, bot, load):
        """Nor does one in the very minute."""
        group = load(STANDUP)
        start(group)
        bot.clock.advance_to(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
        bot.restart()
        bot.clock.advance(minutes=1)
        bot.restart()
        bot.clock.advance(days=7)
        assert group.answers == ("Stand-up in ten minutes.",) * 2

    def test_a_wall_clock_that_is_set_back_repeats_nothing(self, stage):
        """The same time of day is the same run."""
        ann, nine = stage.person("Ann"), module(NINE, chat=a_chat(stage))
        stage.start_bot("", {"work": nine})
        stage.advance(9 * 3600 + 60)
        stage.clock.jump(-1800)
        stage.advance(3600)
        assert texts(ann) == ["Nine."]

    def test_a_wall_clock_that_was_far_ahead_silences_nothing(self, stage):
        """A job that ran a year ahead runs at its time when the clock is right again."""
        ann, nine = stage.person("Ann"), module(NINE, chat=a_chat(stage))
        bot = stage.start_bot("", {"work": nine})
        stage.clock.jump(365 * 86_400)
        stage.advance(9 * 3600 + 60)
        bot.stop()
        stage.clock.jump(-365 * 86_400)
        stage.start_bot("", {"work": nine})
        stage.advance(86_400)
        assert texts(ann) == ["Nine.", "Nine."]

    def test_a_first_start_under_a_clock_that_is_far_ahead_silences_nothing(self, stage):
        """Nor what counts from then."""
        ann = stage.person("Ann")
        work = module(
            NINE.replace("@cron('0 9 * * *')", "").replace('@cron("0 9 * * *")', '@every("9h")'), chat=a_chat(stage)
        )
        stage.clock.jump(365 * 86_400)
        stage.start_bot("", {"work": work}).stop()
        stage.clock.jump(-365 * 86_400)
        stage.start_bot("", {"work": work})
        stage.advance(10 * 3600)
        assert texts(ann) == ["Nine."]

    @pytest.mark.parametrize("moment", [steps.CALL_BEGUN, steps.CALL_COMMITTED])
    def test_a_bot_that_dies_between_firing_and_sending_sends_once(self, stage, tmp_path, moment):
        """Whether the job's call was committed or not."""
        dying = []

        def die(step):
            if step == moment and not dying:
                dying.append(step)
                raise KeyboardInterrupt

        ann, things = stage.person("Ann"), {"work": module(NINE, chat=a_chat(stage))}
        bot = stage.start_bot("", things, step=die)
        stage.advance(9 * 3600)
        assert dying == [moment]
        bot.api.close()
        bot.stop(drain=False)
        for _ in range(2):
            bot = stage.start_bot("", things)
            stage.advance(3600)
            bot.stop()
        assert texts(ann) == ["Nine."]

    def test_a_run_that_was_journalled_and_not_handed_on_is_not_lost(self, stage, tmp_path):
        """It waits in the journal for the next start, and the same one is not journalled again."""
        ann, things = stage.person("Ann"), {"work": module(NINE, chat=a_chat(stage))}
        stage.start_bot("", things, folder=tmp_path / "bot").stop()
        database = Database(tmp_path / "bot" / "bot.db")
        row = job_rows.JobRow("work", "nine", "", Cron("0 9 * * *"), Catching(), 0, 0)
        key, now_ms = f"{stage.clock.now():%Y-%m-%dT09:00} UTC", stage.clock.time_ms()
        added = [database.write(lambda c: job_rows.add_run(c, row, key, now_ms, now_ms)) for _ in range(2)]
        database.close()
        assert added[0] is not None
        assert added[1] is None
        stage.start_bot("", things, folder=tmp_path / "bot")
        stage.advance(10 * 3600)
        assert texts(ann) == ["Nine."]

    @pytest.mark.parametrize(
        "night,hours,local",
        [(datetime(2026, 3, 28, 23, tzinfo=UTC), 23, "03:00"), (datetime(2026, 10, 24, 22, tzinfo=UTC), 25, "02:30")],
    )
    @pytest.mark.botkit(timezone="Europe/Amsterdam")
    def test_the_nights_of_the_clock_change(self, bot, load, night, hours, local):
        """02:30 comes once where it is there twice, and at 03:00 where it is not there; each hour has its half."""
        text = """
        from zoneinfo import ZoneInfo

        @cron("30 2 * * *", missed="skip")
        def early(ctx):
            ctx.store.append("early", f"{ctx.clock.now().astimezone(ZoneInfo('Europe/Amsterdam')):%H:%M}")

        @cron("30 * * * *", missed="skip")
        def hourly(ctx):
            ctx.store.increment("hours")
        """
        start(load(text))
        bot.stop()
        bot.clock.advance_to(night)
        bot.start()
        bot.clock.advance(hours=hours)
        assert bot.store("work")["early"] == [local]
        assert bot.store("work")["hours"] == hours


class TestMissed:
    """Runs that fell due while the bot was not there."""

    @pytest.mark.parametrize(
        "options,answers",
        [
            ("", 1),
            (", missed='skip'", 0),
            (", missed='run_all'", 3),
            (", missed='run_all', within='90m'", 1),
            (", within='10m'", 0),
        ],
    )
    def test_they_are_made_up_for_as_the_job_says(self, bot, load, options, answers):
        """Once by default; later ones run at their time."""
        group = load("@cron('30 * * * *', each='thread'{options})\ndef tick(ctx):\n    return 'tick'", options=options)
        start(group)
        bot.stop()
        bot.clock.advance(hours=3.25)
        bot.start()
        assert len(group.answers) == answers
        bot.clock.advance(hours=0.5)
        assert len(group.answers) == answers + 1

    def test_a_changed_expression_starts_from_now(self, bot, load):
        """What the new one would have had to run before is not missed."""
        group = load(STANDUP)
        start(group)
        bot.clock.advance_to(datetime(2026, 1, 5, 8, tzinfo=UTC))
        bot.stop()
        bot.load(module("@cron('30 7 * * mon', each='thread')\ndef standup(ctx):\n    return 'Early.'"), name="work")
        bot.start()
        group.silent()
        bot.clock.advance(days=7)
        group.expect("Early.").silent()

    def test_a_job_that_is_new_starts_from_now(self, bot, load):
        """Also in a chat that is new to it."""
        group = load("@at('2026-01-02 10:00', each='thread')\ndef once(ctx):\n    return 'once'", threads=[])
        start(group)
        bot.clock.advance_to(datetime(2026, 1, 2, 11, tzinfo=UTC))
        bot.settings(work={"threads": ["Friends"]})
        bot.clock.advance(days=2)
        group.silent()

    def test_what_is_at_a_moment_runs_once(self, bot, load):
        """Also when it was missed, and not again after a restart."""
        group = load("@at('2026-01-02 10:00', each='thread')\ndef once(ctx):\n    return 'once'")
        start(group)
        bot.stop()
        bot.clock.advance_to(datetime(2026, 1, 2, 11, tzinfo=UTC))
        bot.start()
        group.expect("once")
        bot.restart()
        bot.clock.advance(days=2)
        group.silent()

    def test_one_that_makes_up_for_everything_keeps_no_other_from_running(self, bot, load):
        """However long ago that was."""
        group = load(
            "@cron('0 9 * * *', each='thread', within='400000000 days')\ndef nine(ctx):\n    return 'nine'\n"
            "@cron('0 10 * * *', each='thread')\ndef ten(ctx):\n    return 'ten'"
        )
        start(group)
        bot.clock.advance(days=1)
        assert group.answers == ("nine", "ten")


class TestReload:
    """New code takes over the jobs of the old."""

    def test_jobs_follow_the_code(self, stage, tmp_path):
        """A job that stays goes on where it was, a new one begins, one that is gone is no more."""
        folder = tmp_path / "plugins"
        folder.mkdir()
        say = f"    ctx.send('{a_chat(stage)}', '{{word}}')\n"
        kept = "@every('2h')\ndef kept(ctx):\n" + say.replace("{word}", "kept {version}")

        def write(version, rest):
            text = kept.replace("{version}", version) + rest
            (folder / "work.py").write_text(IMPORTS + text, encoding="utf-8")

        write("1", "@every('1h')\ndef old(ctx):\n" + say.replace("{word}", "old"))
        ann = stage.person("Ann")
        bot = stage.start_bot("plugin_dirs: [plugins]\nplugins: {work: }\n")
        stage.advance(90 * 60)
        write("2", "@every('1h')\ndef new(ctx):\n" + say.replace("{word}", "new"))
        bot.reload("work")
        stage.advance(90 * 60)
        assert texts(ann) == ["old", "kept 2", "new"]
        assert bot.status().jobs == 2


MADE = """
@command("remind")
def remind(ctx, delay: str, what: str):
    return ctx.schedule.after(delay, tell, what)

@command("list")
def list_(ctx):
    return ", ".join(f"{one.id} {one.function} {one.arguments} {one.when}" for one in ctx.schedule.list()) or "none"

def tell(ctx, what):
    who = ctx.sender.name if ctx.sender else "nobody"
    return f"{who}: {what}"
"""


class TestMade:
    """Jobs that calls have made."""

    def test_it_runs_in_the_chat_and_the_name_of_who_asked(self, bot, load):
        """Once, at its time, through a restart."""
        group = load(MADE)
        group.ann.says("!remind 2h tea").replies("1")
        group.ben.says("!remind 3h cake").replies("2")
        bot.restart()
        bot.clock.advance(hours=2)
        group.expect("Ann: tea").silent()
        bot.kill()
        bot.start()
        bot.clock.advance(hours=5)
        group.expect("Ben: cake").silent()
        group.ann.says("!list").replies("none")

    def test_repeated_ones_go_on_until_they_are_cancelled(self, bot, load):
        """By the clock of the chat, or by the time between them; one of the same name takes the place of the other."""
        text = """
        def tell(ctx, what):
            return what

        @command("go")
        def go(ctx):
            ctx.schedule.cron("0 9 * * *", tell, "nine", name="morning")
            ctx.schedule.cron("0 10 * * *", tell, "ten", name="morning")
            ctx.schedule.every("16h", tell, "again", name="often")
            ctx.schedule.every("1h", tell, "never", name="not at all")
            return f"{ctx.schedule.cancel('not at all')} {ctx.schedule.cancel('tea')}"

        @command("stop")
        def stop(ctx):
            return f"{ctx.schedule.cancel('often')} {len(ctx.schedule.list())}"

        @command("list")
        def list_(ctx):
            found = ctx.schedule.list()
            return "; ".join(f"{one.id} {one.arguments} {one.when} {one.next_at:%d %H:%M}" for one in found)
        """
        group = load(text)
        group.ann.says("!go").replies("True False")
        group.ann.says("!list").replies(
            "morning ('ten',) at 10:00 every day 01 10:00; often ('again',) every 16 h 01 16:00"
        )
        bot.clock.advance(days=1)
        group.expect("ten").expect("again").silent()
        bot.restart()
        group.ann.says("!stop").replies("True 1")
        bot.clock.advance(days=1)
        group.expect("ten").silent()

    def test_one_of_no_chat_runs_in_none(self, bot, load):
        """As when the bot starts; each start puts the same one in the place of the other."""
        text = """
        @hookimpl
        def on_start(ctx):
            ctx.schedule.every("1h", count, 2, name="count")

        def count(ctx, by):
            ctx.store.increment("count", by)
        """
        start(load(text))
        bot.restart()
        bot.clock.advance(hours=3)
        assert bot.store("work")["count"] == 6

    def test_an_at_is_a_moment_or_what_clocks_of_the_chat_show(self, bot, load):
        """An aware datetime, or a text."""
        text = """
        from datetime import timedelta

        @command("go")
        def go(ctx):
            ctx.host.set_timezone("Asia/Tokyo")
            ctx.schedule.at(ctx.clock.now() + timedelta(hours=1), tell, "moment")

        @command("local")
        def local(ctx):
            ctx.schedule.at("2026-01-01 18:00", tell, "local")

        def tell(ctx, what):
            return what
        """
        group = load(text)
        group.ann.says("!go").silent()
        group.ann.says("!local").silent()
        bot.clock.advance_to(datetime(2026, 1, 1, 1, 1, tzinfo=UTC))
        group.expect("moment").silent()
        bot.clock.advance_to(datetime(2026, 1, 1, 9, tzinfo=UTC))
        group.expect("local")

    @pytest.mark.parametrize(
        "line,problem",
        [
            ("ctx.schedule.after('soon', tell)", "schedule.after: 'soon' is no length of time"),
            ("ctx.schedule.at('2025-12-31 18:00', tell)", "schedule.at: 2025-12-31 18:00 has gone by"),
            ("ctx.schedule.cron('0 9', tell)", "schedule.cron: wanted are five fields, not 2"),
            ("ctx.schedule.every(60, tell, 1)", "schedule.every: tell cannot be called with a ctx and these arguments"),
            ("ctx.schedule.every(60, lambda ctx: 1)", "must be a function at the top level of the plugin"),
            ("ctx.schedule.every(60, tell, name='a:b')", "schedule.every: name must be a text without a colon"),
            ("ctx.schedule.every(60, tell, name='12')", "schedule.every: name must be a text without a colon, and no"),
            ("ctx.schedule.every(60, tell, name='marked')", "marked is a job with a marker; give another name"),
            ("ctx.schedule.every(60, tell, missed='all')", "missed must be one of run_once, skip, run_all"),
        ],
    )
    def test_what_cannot_be_is_told(self, bot, load, line, problem):
        """Where it is asked for."""
        text = f"""
        @every("100 days")
        def marked(ctx):
            pass

        def tell(ctx):
            pass

        @command("go")
        def go(ctx):
            {line}
        """
        bot.expects_error(BadArgument)
        load(text).ann.says("!go").silent()
        assert problem in str(bot.errors[0])

    def test_an_argument_that_is_not_json_is_refused(self, bot, load):
        """It could not be kept."""
        text = """
        def tell(ctx, what):
            pass

        @command("go")
        def go(ctx):
            ctx.schedule.after(60, tell, object())
        """
        bot.expects_error(StoreError)
        load(text).ann.says("!go").silent()
        assert "schedule.after(tell)" in str(bot.errors[0])

    def test_a_question_may_stand_before_and_after(self, bot, load):
        """What a conversation has scheduled in one turn is there, once, when a later turn has run."""
        text = """
        @command("plan")
        def plan(ctx):
            what = yield "What?"
            job = ctx.schedule.after("1h", tell, what)
            sure = yield f"Job {job}. Sure?"
            if sure != "yes":
                ctx.schedule.cancel(job)
            return "All right."

        def tell(ctx, what):
            return what
        """
        group = load(text)
        group.ann.says("!plan").replies("What?")
        group.ann.says("tea").replies("Job 1. Sure?")
        bot.restart()
        group.ann.says("yes").replies("All right.")
        bot.clock.advance(hours=2)
        group.expect("tea").silent()

    def test_a_number_does_not_come_again(self, bot, load):
        """So who cancels an old one cancels no new one."""
        group = load(MADE)
        group.ann.says("!remind 1m tea").replies("1")
        bot.clock.advance(hours=1)
        bot.restart()
        group.ann.says("!remind 1m tea").replies("2")

    def test_one_after_no_time_is_done_at_once(self, bot, load):
        """Also in the very moment in which it is made."""
        group = load(MADE)
        group.ann.says("!remind 0s tea").replies("1")
        bot.clock.advance(1)
        group.expect("Ann: tea")
        group.ann.says("!list").replies("none")

    def test_a_call_that_fails_has_made_none(self, bot, load):
        """Its jobs go with its messages."""
        text = """
        @command("fail")
        def fail(ctx):
            ctx.schedule.after("1m", tell)
            raise ValueError

        def tell(ctx):
            return "hi"
        """
        group = load(text)
        bot.expects_error(ValueError)
        group.ann.says("!fail").silent()
        bot.clock.advance(hours=1)
        group.silent()

    def test_a_function_that_is_gone_is_told(self, stage, caplog):
        """In one line; its run is over with that."""
        chat, ann = a_chat(stage), stage.person("Ann")
        bot = stage.start_bot("", {"work": module(MADE)})
        ann.says(chat, "!remind 2h tea")
        stage.settle()
        bot.stop()
        bot = stage.start_bot("", {"work": module(NINE, chat=chat)})
        stage.advance(2 * 3600)
        assert "is not run: job work:1: plugin work has no function tell any more" in caplog.text
        assert bot.rows(["open", "dead"]) == []


def test_a_bot_tells_how_many_jobs_there_are(stage):
    """And when the next one is due."""
    bot = stage.start_bot("", {"work": module("@every('2h')\ndef tick(ctx):\n    pass")})
    stage.settle()
    status = bot.status()
    assert status.jobs == 1
    assert status.next_job_ms - stage.clock.time_ms() <= 7_200_000
    assert "\njobs: 1, the next in 1 h 59 min\n" in status.describe(stage.clock.time_ms() + 1000)


def test_in_shadow_a_job_sends_nothing(stage):
    """It runs, and the log tells what it would send."""
    ann, things = stage.person("Ann"), {"work": module(NINE, chat=a_chat(stage))}
    stage.start_bot("", things, shadow=True)
    stage.advance(86_400)
    assert texts(ann) == []


def test_a_thousand_jobs_cost_little(database):
    """All of them planned, and fired at one moment."""
    clock, real, fired = VirtualClock(), SystemClock(), []
    thing = module("def tell(ctx, number):\n    pass")
    table = build([plugin_of("work", thing)])
    jobs = [
        MadeJob("work", str(n), str(n % 50), None, "tell", (n,), Cron(f"{n % 60} 9 * * *"), Catching(), clock.time_ms())
        for n in range(1000)
    ]
    database.write(lambda c: job_rows.change(c, jobs, "test", clock.time_ms()))
    book = Book(database, ChatSettings("!", "en", "Europe/Amsterdam"))
    chats = JobChats(book, ChatNames(book, list))
    scheduler = Scheduler(database, clock, lambda: table, book, chats, PluginSettings(book).of, fired.extend)
    begun_s = real.monotonic()
    scheduler.start()
    clock.advance(days=1)
    took_s = real.monotonic() - begun_s
    scheduler.stop()
    assert len(fired) == 1000
    assert scheduler.count() == 1000
    assert took_s < 5.0


class TestSchedulesFromSettings:
    """A function in the place of the expression."""

    GREET = """
from datetime import time
from botkit import Settings

class WorkSettings(Settings):
    at: time = time(9)
    day: str = "*"

@cron(lambda settings: f"{settings.at.minute} {settings.at.hour} * * {settings.day}", each="thread")
def greet(ctx):
    return "Good morning."
"""

    def test_it_follows_the_bot_file(self, bot, load):
        """Whose values the settings have."""
        bot.settings(work={"at": "10:30", "threads": ["Friends"]})
        bot.load(module(self.GREET), name="work")
        group = bot.group("Friends", "Ann", "Ben")
        start(group)
        bot.clock.advance(hours=10, minutes=29)
        group.silent()
        bot.clock.advance(minutes=1)
        group.expect("Good morning.")

    @pytest.mark.botkit(plugins=["plugins"])
    def test_it_follows_what_is_set_in_a_chat(self, bot, load):
        """From then on; what would have been earlier that day is not made up for."""
        bot.owner("Ann")
        group = load(self.GREET)
        bot.clock.advance(hours=8)
        group.ann.says("!plugins set work.at 07:00").replies()
        bot.clock.advance(hours=22)
        group.silent()
        bot.clock.advance(hours=1)
        group.expect("Good morning.").silent()
        bot.restart()
        bot.clock.advance(days=1)
        group.expect("Good morning.").silent()

    @pytest.mark.botkit(plugins=["plugins"])
    def test_settings_that_make_no_schedule_leave_that_of_the_bot_file(self, bot, load):
        """The log says why."""
        bot.owner("Ann")
        group = load(self.GREET)
        group.ann.says("!plugins set work.day someday").replies()
        bot.clock.advance(hours=9)
        group.expect("Good morning.")
        assert any("work:greet: its settings make no schedule: 'someday'" in line for line in bot.log), bot.log

    def test_a_bot_file_that_makes_none_is_refused(self):
        """When the plugins are loaded."""
        with pytest.raises(ConfigError) as raised:
            build([plugin_of("work", module(self.GREET), {"day": "someday"})])
        assert "greet: its settings make no schedule: 'someday'" in str(raised.value)

    def test_settings_that_are_wrong_are_told_once(self):
        """A schedule that they cannot make is no second fault."""
        config_ = config.parse("plugins: {birthday: {at: noon}}", Path("bot.yaml"), {})
        with pytest.raises(ConfigError) as raised:
            loader.load(config_)
        (problem,) = raised.value.problems
        assert problem.startswith("bot.yaml:1: plugins.birthday.at: should be a time of day")


def test_without_jobs_nothing_is_waited_for(database):
    """The thread sleeps until something changes."""
    clock = VirtualClock()
    book = Book(database, ChatSettings("!", "en", "UTC"))
    looks = []

    def table():
        looks.append(clock.now())
        return HookTable()

    scheduler = Scheduler(
        database, clock, table, book, JobChats(book, ChatNames(book, list)), PluginSettings(book).of, lambda rows: None
    )
    scheduler.start()
    clock.advance(days=365)
    scheduler.look()
    clock.settle()
    scheduler.stop()
    assert set(looks) == {datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)}
