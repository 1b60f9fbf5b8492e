"""What the bot file says under automations: read into automations, and each mistake told with file, line and key."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from botkit import automations, config, happenings
from botkit.automation_steps import STEP_NAMES, names_in
from botkit.automations import Condition
from botkit.messenger import FUNCTION_CLASSES
from botkit.messenger.errors import ConfigError
from botkit.values import nearest, shown

FILE = Path("bots/bot.yaml")
UTC = ZoneInfo("UTC")


def read(text, folder=Path(), environment=None):
    """The automations of a bot file that holds nothing else."""
    parsed = config.parse(f"automations:\n{text}", FILE, environment or {})
    return automations.read(parsed.file.automations, parsed.source, folder)


def problems(text, folder=Path(), environment=None):
    with pytest.raises(ConfigError) as caught:
        read(text, folder, environment)
    return [one.removeprefix(f"{FILE}:") for one in caught.value.problems]


def reads(keys, folder=Path()):
    """The one automation with these keys."""
    (found,) = read(f"  - {{name: a, {keys}}}", folder)
    return found


def told(keys):
    """What is said of one automation with these keys, without its line."""
    return [re.sub(r"^2: automations\[0\]\.?", "", one) for one in problems(f"  - {{name: a, {keys}}}")]


HI = "do: [{send_message: hi}]"

WHEN = [
    (f"on: mesage, {HI}", "on: there is no event 'mesage'; did you mean 'message'?"),
    (f"on: message, cron: 0 9 * * *, {HI}", ": give one of cron, every, at and on; not cron and on"),
    (f"every: 5m, at: 2026-12-24 18:00, {HI}", ": give one of cron, every, at and on; not every and at"),
    (HI, ": give one of cron, every, at and on; there is none"),
    (
        f"cron: 0 9 * *, threads: Lake, {HI}",
        "cron: wanted are five fields, not 4: minute, hour, day of the month, month, day of the week",
    ),
    (f"cron: 60 9 * * *, threads: Lake, {HI}", "cron: '60' is no minute; wanted is 0 to 59"),
    (f"every: 10, threads: Lake, missed: never, {HI}",
     "missed: should be 'run_once', 'skip' or 'run_all', not 'never'"),
    (f"every: often, threads: Lake, {HI}",
     "every: 'often' is not a length of time; write one like 90s, 10m or 2h30m"),
    (f"every: 10ms, threads: Lake, {HI}", "every: '0.01s' is too short; wanted is 1s or more"),
    (f"at: tomorrow, threads: Lake, {HI}", "at: 'tomorrow' is no date and time; write it like 2026-12-24 18:00"),
    (f"every: 5m, threads: Lake, within: soon, {HI}",
     "within: 'soon' is not a length of time; write one like 90s, 10m or 2h30m"),
    (f"on: message, within: 5m, {HI}", ": within is for a schedule"),
]  # fmt: skip

WHERE_AND_WHO = [
    (f"on: message, threads: Lake, this: true, {HI}",
     ": give one of threads, all_groups and this, not threads and this"),
    (f"every: 5m, this: true, {HI}",
     ": this is the chat of an event, and a schedule has none; give threads or all_groups"),
    ("on: presence, all_groups: true, do: [{mark_as_read_all: }]",
     "all_groups: presence happens in no chat; leave it out"),
    (f"every: 5m, threads: Lake, allow: admin, {HI}", ": allow is for an event"),
    (f"every: 5m, threads: Lake, cooldown: 5m, {HI}", ": cooldown is for an event"),
    (f"every: 5m, threads: Lake, if: {{body: tea}}, {HI}", ": if is for an event"),
    (f"on: message, allow: [boss], {HI}",
     "allow[0]: should be member, mod, admin, owner or the id of a person, not 'boss'"),
    (f"on: message, if: {{bdy_is: tea}}, {HI}", "if.bdy_is: an event message has no field 'bdy'; did you mean 'body'?"),
    (f"on: message, if: {{body_like: tea}}, {HI}",
     "if.body_like: an event message has no field 'body_like'; did you mean 'body_is'?"),
    (f"on: message, if: {{body_contain: tea}}, {HI}",
     "if.body_contain: an event message has no field 'body_contain'; did you mean 'body_contains'?"),
    ("on: mesage, do: [{set_message_reaction: x}]", "on: there is no event 'mesage'; did you mean 'message'?"),
    (f"on: log:subscribe, if: {{body: tea}}, {HI}",
     "if.body: an event log:subscribe has no field 'body'; there are added, added_names, author, text"),
    (f"on: read, if: {{author: self}}, {HI}", "if.author: an event read has no field 'author'"),
    (f"on: message, if: {{body: []}}, {HI}", "if.body: should be a value or a list of values, not a list"),
    (f"on: message, if: {{body_matches: [a, '*']}}, {HI}",
     "if.body_matches: is no regular expression: nothing to repeat at position 0"),
    (f"on: message, if: {{body_matches: 'a{{99999999999}}'}}, {HI}",
     "if.body_matches: is no regular expression: the repetition number is too large"),
    (f"on: message, if: {{body_matches: '{'(' * 3000 + ')' * 3000}'}}, {HI}",
     "if.body_matches: is no regular expression: too many parentheses in each other"),
    (f"on: message, if: {{body_matches: '[[a]'}}, {HI}",
     "if.body_matches: is no regular expression: Possible nested set at position 1"),
    (f"every: 5m, threads: [Lake, ''], {HI}", "threads[1]: should be the id or the name of a chat, not ''"),
]  # fmt: skip

STEPS = [
    ("on: message, do: []", 'do: has no step; write one such as - send_message: "Good morning!"'),
    ("on: message, do: {send_message: hi}", "do: should be a list, not keys and values"),
    ("on: message", "do: is missing"),
    ("on: message, do: [{send_message: {body: hi, thread_id: ''}}]",
     "do[0].send_message.thread_id: should be the id or the name of a chat, not ''"),
    (f"on: message, do: [{{send_file: {'x' * 5000}}}]",
     f"do[0].send_file: is no path: File name too long, not {shown('x' * 5000)}"),
    ("on: message, do: [{send_file: ~nobodyatall/x.png}]",
     "do[0].send_file: is no path: Could not determine home directory., not '~nobodyatall/x.png'"),
    ("on: message, do: [{\"a\\nb\": hi}]", "do[0].a b: is no function of the API" + nearest("a\nb", STEP_NAMES)),
    ("on: message, do: [{send_message: hi, set_title: Lake}]",
     "do[0]: should be one function with its arguments, as in set_title: Lake, not keys and values"),
    ("on: message, do: [send_message]",
     "do[0]: should be one function with its arguments, as in set_title: Lake, not 'send_message'"),
    ("on: message, do: [{sendmessage: hi}]",
     "do[0].sendmessage: is no function of the API; did you mean 'send_message'?"),
    ("on: message, do: [{wiat: 5m}, {send_message: hi}]",
     "do[0].wiat: is no function of the API; did you mean 'wait'?"),
    ("on: message, do: [{listen: }]", "do[0].listen: belongs to the bot's session"),
    ("on: message, do: [{send_message: hi}, {wait: 5m}]", "do[1]: nothing comes after this wait; leave it out"),
    ("on: message, do: [{wait: 367d}, {send_message: hi}]", "do[0].wait: should be a year at most"),
    ("on: message, do: [{choose: }]", "do[0].choose: should be a list of texts, not nothing"),
    ("on: message, do: [{choose: [a, ' ']}]", "do[0].choose: should be a list of texts"),
    ("on: message, do: [{choose: {text: [a]}}]", "do[0].choose.text: there is no such key; did you mean 'texts'?"),
    ("on: message, do: [{send_file: {body: hi}}]", "do[0].send_file: path is missing"),
    ("on: message, do: [{send_file: no.png}]", "do[0].send_file: there is no file no.png"),
    ("on: message, do: [{send_file: 5}]", "do[0].send_file: should be a path, not 5"),
    ("on: message, do: [{send_message: {body: hi, attachment: [no.png]}}]",
     "do[0].send_message.attachment[0]: there is no file no.png"),
    ("on: message, do: [{mark_as_read: {thread: 5}}]",
     "do[0].mark_as_read.thread: mark_as_read has no argument 'thread'; did you mean 'thread_id'?"),
    ("on: message, do: [{set_message_reaction: }]", "do[0].set_message_reaction: set_message_reaction needs reaction"),
    ("on: read, do: [{set_message_reaction: x}]", "do[0].set_message_reaction: set_message_reaction needs message_id"),
    ("on: message, do: [{mark_as_read: maybe}]", "do[0].mark_as_read.read: should be true or false, not 'maybe'"),
    ("on: message, do: [{mute_thread: {seconds: [5]}}]",
     "do[0].mute_thread.seconds: should be a number, not a list"),
    ("on: message, allow: admin, do: [{create_poll: {title: Lunch, options: 'yes'}}]",
     "do[0].create_poll.options: should be a list, not 'yes'"),
    ("every: 5m, do: [{send_message: hi}]", "do[0].send_message: send_message needs thread_id; it runs in no chat"),
    ("on: message, do: [{send_message: '{event.bod}'}]",
     "do[0].send_message: character 1: there is no name 'event.bod'; did you mean 'event.body'?"),
    ("on: message, do: [{send_message: '{now|dat}'}]",
     "do[0].send_message: character 1: there is no filter 'dat'; did you mean 'date'?"),
    ("on: message, do: [{send_message: 'a } b'}]",
     "do[0].send_message: character 3: this } closes nothing; a brace is written }}"),
    ("on: message, do: [{choose: [hi, '{nw}']}]",
     "do[0].choose[1]: character 1: there is no name 'nw'; did you mean 'now'?"),
    ("every: 5m, threads: Lake, do: [{send_message: '{sender.name}'}]",
     "do[0].send_message: character 1: there is no name 'sender.name'; there are now, thread.id, thread.name"),
    ("on: presence, do: [{send_message: {body: '{thread.name}', thread_id: 5}}]",
     "do[0].send_message.body: character 1: there is no name 'thread.name'; there are event.author, event.author_name, "
     "event.status, now"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), WHEN + WHERE_AND_WHO + STEPS, ids=range(len(WHEN + WHERE_AND_WHO + STEPS)))
def test_a_mistake_is_told_with_its_key(keys, wanted):
    """With what was found, or what there is instead; and nothing else is told."""
    assert told(keys) == [wanted]


@pytest.mark.parametrize("name", ["a:b", "", " ", "12"])
def test_a_name_is_a_name_of_jobs(name):
    """Between a plugin and its job stands a colon; jobs without a name are called by numbers."""
    (problem,) = problems(f"  - {{name: {name!r}, on: message, {HI}}}")
    assert problem.startswith("2: automations[0].name: should be a name without a colon")


def test_a_name_stands_in_one_line():
    """As somebody writes it behind `!jobs run`."""
    (found,) = read('  - {name: " monday\\npost ", on: message, ' + HI + "}")
    assert found.name == "monday post"


def test_all_mistakes_come_at_once_each_with_its_line():
    """In all automations, in their order."""
    text = """
  - name: a
    on: mesage
    do:
      - send_mesage: hi
      - wait: soon
      - send_message: "{nw}"
  - name: a
    cron: "60 9 * * *"
    threads: Lake
    do:
      - set_title:
          titel: Lake
"""
    assert problems(text) == [
        "4: automations[0].on: there is no event 'mesage'; did you mean 'message'?",
        "6: automations[0].do[0].send_mesage: is no function of the API; did you mean 'send_message'?",
        "7: automations[0].do[1].wait: should be a length of time such as 90s, 10m or 2h30m, not 'soon'",
        "9: automations[1].name: there are two automations 'a'; give one another name",
        "10: automations[1].cron: '60' is no minute; wanted is 0 to 59",
        "14: automations[1].do[0].set_title.titel: set_title has no argument 'titel'; there are new_title, thread_id",
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{send_message: '${TOKEN} {'}", "character 10: this { is not closed; a brace is written {{"),
        ("{wait: '${TOKEN}'}", "should be a length of time such as 90s, 10m or 2h30m"),
        ("'${TOKEN}'", "should be one function with its arguments, as in set_title: Lake"),
        ("{send_message: 'Hi {${TOKEN}}'}", "there is no name '…'"),
        ("{send_file: 'a-${TOKEN}.png'}", "there is no file a-….png"),
    ],
)
def test_what_comes_from_the_environment_is_not_shown(step, said):
    """It may be a secret."""
    text = f"  - {{name: a, on: message, do: [{step}, {{send_message: hi}}]}}"
    (problem,) = problems(text, environment={"TOKEN": "hunter22"})
    assert said in problem and "hunter22" not in problem


def test_no_key_shows_what_comes_from_the_environment():
    """Nor does a name that is there twice."""
    text = """
  - {name: "${TOKEN}", on: "${TOKEN}", do: [{send_message: hi}]}
  - {name: "${TOKEN}", cron: "${TOKEN}", threads: Lake, do: [{send_message: hi}]}
"""
    found = problems(text, environment={"TOKEN": "it's 'hunter22'"})
    assert [one.split(": ")[1] for one in found] == ["automations[0].on", "automations[1].name", "automations[1].cron"]
    assert "hunter22" not in "".join(found)


class TestTrust:
    """What anybody can start changes no group."""

    CHANGES = (
        "set_title: Lake",
        "remove_user_from_group: '{event.author}'",
        "change_thread_emoji: x",
        "create_group: {user_ids: [5]}",
        "send_message: {message: hi, thread_id: [5, 6]}",
    )

    @pytest.mark.parametrize("step", CHANGES)
    @pytest.mark.parametrize("allow", ["", "allow: member, ", "allow: [admin, mod], "])
    def test_a_change_needs_people_who_are_trusted(self, step, allow):
        """Nobody, members and mods are not enough, also beside admins."""
        (problem,) = told(f"on: message, {allow}do: [{{{step}}}]")
        assert "changes a group, and an event may come from anybody" in problem
        assert problem.endswith("allow: [admin, owner], or the ids of people")

    @pytest.mark.parametrize("step", CHANGES)
    @pytest.mark.parametrize("allow", ["admin", "owner", "[admin, owner, 100000000000002]", "100000000000002"])
    def test_admins_owners_and_ids_are_trusted(self, step, allow):
        """Alone or together."""
        assert len(reads(f"on: message, allow: {allow}, do: [{{{step}}}]").steps) == 1

    @pytest.mark.parametrize("step", ["send_message: hi", "mark_as_read: ", "set_message_reaction: x", "choose: [a]"])
    def test_what_changes_no_group_needs_none(self, step):
        """Everybody may start it."""
        assert reads(f"on: message, do: [{{{step}}}]").allow == ()

    def test_a_schedule_is_trusted(self):
        """Nobody but the bot file starts it."""
        assert reads("every: 5m, threads: Lake, do: [{set_title: Lake}]").allow == ()


class TestSteps:
    """How they are read."""

    def given(self, step, keys="on: message, allow: admin", folder=Path()):
        """The function and the arguments that it gets; templates as they are written."""
        (found,) = reads(f"{keys}, do: [{{{step}}}]", folder).steps
        return found.function, found.given(str, lambda choices: choices[-1])

    @pytest.mark.parametrize(
        ("step", "wanted"),
        [
            ("send_message: hi", {"message": "hi"}),
            ("send_message: 5", {"message": "5"}),
            ("send_message: \"hi\\nyou\\n\"", {"message": "hi\nyou"}),
            ("send_message: {body: hi}", {"message": {"body": "hi"}}),
            ("send_message: {body: 2026}", {"message": {"body": "2026"}}),
            ("send_message: {body: hi, thread_id: Lake}", {"message": {"body": "hi"}, "thread_id": "Lake"}),
            ("send_message: {message: hi, thread_id: 5, reply_to: m}",
             {"message": "hi", "thread_id": "5", "reply_to": "m"}),
            ("set_title: Lake", {"new_title": "Lake"}),
            ("set_title: {new_title: Lake, thread_id: 5}", {"new_title": "Lake", "thread_id": "5"}),
            ("add_user_to_group: 5", {"user_id": "5"}),
            ("add_user_to_group: [5, 6]", {"user_id": ["5", "6"]}),
            ("create_poll: {title: P, options: [1, b]}", {"title": "P", "options": ["1", "b"]}),
            ("mute_thread: 60", {"seconds": 60}),
            ("mute_thread: ", {}),
            ("mark_as_read: false", {"read": False}),
            ("mark_as_read_all: ", {}),
            ("delete_thread: 5", {"threads": "5"}),
            ("change_thread_color: {color: null}", {"color": None}),
            ("set_message_reaction: x", {"reaction": "x", "message_id": "{event.message_id}"}),
            ("set_message_reaction: {reaction: x, message_id: m}", {"reaction": "x", "message_id": "m"}),
            ("unsend_message: ", {"message_id": "{event.message_id}"}),
        ],
    )  # fmt: skip
    def test_arguments_have_their_names(self, step, wanted):
        """A value alone is the first that is neither the chat nor the message of the event; ids may be numbers."""
        assert self.given(step) == (step.partition(":")[0], wanted)

    def test_one_of_several_texts_is_a_message(self):
        """Here the last one."""
        assert self.given("choose: [a, b]") == ("send_message", {"message": "b"})
        there = {"message": "b", "thread_id": "{event.author}"}
        assert self.given("choose: {texts: [a, b], thread_id: '{event.author}'}") == ("send_message", there)

    def test_files_are_beside_the_bot_file(self, tmp_path):
        """One or several, with a text or without, for this chat or another; and a group's picture."""
        (tmp_path / "a.png").touch()
        file = str(tmp_path / "a.png")
        for step, wanted in (
            ("send_file: a.png", {"message": {"attachment": file}}),
            ("send_file: {path: [a.png, a.png], body: hi}", {"message": {"attachment": [file, file], "body": "hi"}}),
            ("send_file: {path: a.png, thread_id: 5}", {"message": {"attachment": file}, "thread_id": "5"}),
            ("send_message: {attachment: a.png}", {"message": {"attachment": file}}),
            ("send_file: ../{folder}/a.png", {"message": {"attachment": file}}),
        ):
            assert self.given(step.replace("{folder}", tmp_path.name), folder=tmp_path) == ("send_message", wanted)
        assert self.given("change_group_image: a.png", folder=tmp_path) == ("change_group_image", {"image": file})

    def test_any_function_but_those_of_the_session_is_one(self):
        """What is said of it is not that it is none."""
        for name, kind in FUNCTION_CLASSES.items():
            try:
                read(f"  - {{name: a, on: message, do: [{{{name}: }}]}}")
                found = []
            except ConfigError as error:
                found = error.problems
            assert any("belongs to the bot's session" in one for one in found) == (kind == "session"), name
            assert not any("is no function" in one for one in found), name

    def test_templates_are_found_wherever_they_stand(self):
        """In lists, in parts and among the texts of which one is chosen."""
        found = reads(
            "on: message, allow: admin, do: [{create_poll: {title: '{event.body}', options: ['{now}']}}, "
            "{wait: 5}, {choose: {texts: ['{thread.name}', x], thread_id: '{event.author}'}}, "
            "{send_message: {body: '{event.author_name}'}}]"
        )
        assert names_in(found.steps) == {"event.body", "now", "thread.name", "event.author", "event.author_name"}


class TestConditions:
    """What the fields of an event have to be."""

    @pytest.mark.parametrize(
        ("key", "wanted", "values", "fits"),
        [
            ("body", "tea", ["Tea "], True),
            ("body", "tea", ["green tea"], False),
            ("body", ["tea", "coffee"], ["COFFEE"], True),
            ("body_is", "tea", ["tea"], True),
            ("body", "", [None], True),
            ("body", "", [], True),
            ("body_not", "tea", ["coffee"], True),
            ("body_not", "tea", ["Tea"], False),
            ("body_not", ["tea", "coffee"], ["coffee"], False),
            ("body_not", ["tea", "coffee"], ["milk"], True),
            ("body_not", "", [None], False),
            ("body_contains", "TEA", ["green tea please"], True),
            ("body_contains", ["tea", "coffee"], ["a coffee"], True),
            ("body_contains", "tea", [None], False),
            ("body_matches", "^tea", ["tea time"], True),
            ("body_matches", "^tea", ["Tea time"], False),
            ("body_matches", "(?i)^tea", ["Tea time"], True),
            ("body_matches", ["^tea", "milk$"], ["a milk"], True),
            ("body_matches", ".", [None], False),
            ("attachments", "photo", ["file", "photo"], True),
            ("attachments", "photo", [], False),
            ("attachments_not", "photo", ["file", "photo"], False),
            ("attachments_not", "photo", [], True),
            ("is_group", "true", [True], True),
            ("is_group_not", "true", [True], False),
            ("is_group", "yes", [True], True),
            ("is_group", "no", [True], False),
            ("is_group_not", "off", [True], True),
            ("body", "yes", ["yes"], True),
            ("body", "yes", ["true"], False),
            ("author", 5, ["5"], True),
            ("author_not", "self", ["self"], False),
            ("mentions_contains", "self", ["5", "self"], True),
        ],
    )
    def test_they_fit_or_do_not(self, key, wanted, values, fits):
        """In any case of letters but in a pattern; of several wanted values one is enough, and with `not` none may be
        there; a list fits when one of its values does."""
        (condition,) = reads(f"on: message, if: {{{key}: {wanted!r}}}, {HI}").conditions
        assert condition.fits(values) is fits

    def test_truth_is_written_as_in_yaml(self):
        """`is_group: true`."""
        assert reads(f"on: message, if: {{is_group: true}}, {HI}").conditions == (Condition("is_group", "is", (True,)),)

    def test_every_field_of_every_event_may_be_asked_for(self):
        """In each of the four ways."""
        for on, fields in happenings.FIELDS.items():
            keys = [f"{name}{ending}" for name in fields for ending in ("", "_is", "_not", "_contains", "_matches")]
            conditions = ", ".join(f"{key}: x" for key in keys)
            found = reads(f"on: '{on}', if: {{{conditions}}}, do: [{{mark_as_read_all: }}]")
            assert [one.field for one in found.conditions] == [name for name in fields for _ in range(5)]


class TestWords:
    """What `botkit check` says of an automation."""

    @pytest.mark.parametrize(
        ("keys", "words"),
        [
            (f"on: message, {HI}", "a: on message: send_message"),
            (f"on: message, threads: [Lake, 5], {HI}", "a: on message in Lake and 5: send_message"),
            ("on: presence, do: [{mark_as_read_all: }]", "a: on presence in no chat: mark_as_read_all"),
            (
                "cron: 0 9 * * mon, all_groups: true, do: [{choose: [a, b]}, {wait: 90m}, {mark_as_read: }]",
                "a: at 09:00 on Monday in all groups: choose, wait 1h30m, mark_as_read",
            ),
            (
                "every: 2h, do: [{send_message: {body: hi, thread_id: 5}}]",
                "a: every 2 h in no chat: send_message",
            ),
            ("at: 2026-12-24 18:00, threads: Lake, do: [{set_title: X}]", "a: on 2026-12-24 18:00 in Lake: set_title"),
        ],
    )
    def test_when_where_and_what(self, keys, words):
        """In a line."""
        assert reads(keys).words(UTC) == words

    def test_what_is_said_in_the_chats_is_not_shown(self):
        """Neither texts nor conditions stand in a log."""
        found = reads("on: message, if: {body: hunter22}, do: [{send_message: hunter22}]")
        assert "hunter22" not in repr(found) + repr(found.conditions and found.steps)
