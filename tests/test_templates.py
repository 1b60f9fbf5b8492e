"""Templates: what is read, what is refused and how it is told, and what is said."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest

from botkit import ChatContext, Context, Names, Settings, Template, command, every, templates
from botkit.config import parse, settings_of
from botkit.outgoing import LONGEST_MESSAGE
from botkit.overrides import Configured
from botkit.schema import PluginSchema, bot_schema
from botkit.settings import flat
from botkit.templates import LONGEST
from botkit.texts import host, listed

SUNDAY = datetime(2026, 5, 3, 9, 5, tzinfo=ZoneInfo("Europe/Amsterdam"))


def said(text, language="en", /, **values):
    return Template(text).render(values, language)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Hello, {name}!", "Hello, Ann Lee!"),
        ("{ name | first }", "Ann"),
        ("{name|upper}, {name|lower}", "ANN LEE, ann lee"),
        ("{word|capital}", "Été"),
        ("{name|first|upper}", "ANN"),
        ("{number} and {number|count}", "3 and 1"),
        ("{{{name}}} }}{{", "{Ann Lee} }{"),
        ("no places", "no places"),
        ("", ""),
        ("{event.title}", "Lake"),
    ],
)
def test_places_are_filled(text, wanted):
    """By name, dots included, through the filters from left to right."""
    values = {"name": "Ann Lee", "word": "été", "number": 3, "event.title": "Lake"}
    assert Template(text).render(values) == wanted


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([], "Welcome, ! (0)"),
        (["Ann Lee"], "Welcome, Ann! (1)"),
        (["Ann Lee", "Ben"], "Welcome, Ann and Ben! (2)"),
        (("Ann Lee", "Ben", "Zoë 🌷", "שירה לוי"), "Welcome, Ann, Ben, Zoë and שירה! (4)"),
    ],
)
def test_a_list_is_said_as_people_say_it(names, wanted):
    """And filters change each of it."""
    assert said("Welcome, {names|first}! ({names|count})", names=names) == wanted


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en", "a, b and c"), ("nl", "a, b en c"), ("nl-BE", "a, b en c"), ("vi", "a, b và c"), ("es", "a, b y c")],
)
def test_a_list_is_said_in_the_language(language, wanted):
    """Of the chat."""
    assert said("{them}", language, them=["a", "b", "c"]) == wanted


def test_of_a_long_list_the_rest_is_counted():
    """A chat that 250 people join at once is not flooded with names."""
    assert said("{them}", them=[str(n) for n in range(250)]).endswith(", 28, 29 and 220 more")
    assert listed(["a", "b"], "en", "list.either", most=2) == "a or b"


@pytest.mark.parametrize(
    ("language", "wanted"), [("en", "3 May"), ("nl", "3 mei"), ("vi", "3 tháng 5"), ("es", "3 de mayo")]
)
def test_day_and_month_stand_as_the_language_puts_them(language, wanted):
    """What is no date stays as it is."""
    assert said("{now|date}, {name|date}{none|date}", language, now=SUNDAY.date(), name="Ann") == f"{wanted}, Ann"


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "Sunday Sun 3 May 2026"),
        ("nl", "zondag zo 3 mei 2026"),
        ("vi", "Chủ Nhật CN 3 tháng 5 2026"),
        ("es", "domingo dom 3 mayo 2026"),
    ],
)
def test_days_and_months_have_names_in_the_language(language, wanted):
    """Short and long; for a date as for a datetime."""
    form = "{now|%A %a %-d %B %Y}"
    assert said(form, language, now=SUNDAY) == wanted
    assert said(form, language, now=SUNDAY.date()) == wanted


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("language", ["en", "nl", "vi", "es"])
def test_each_day_and_month_has_its_own_name(month, language):
    """In each language; none is missing."""
    named = said("{day|%A|%a|%B|%b}", language, day=date(2026, month, month + 1))
    assert named
    assert "schedule." not in named
    days = {said("{day|%a %A}", language, day=date(2026, month, day)) for day in range(1, 8)}
    assert len(days) == 7


@pytest.mark.parametrize("code", "dmYyGHIMVjp%")
@pytest.mark.parametrize("moment", [SUNDAY, datetime(2027, 1, 1, 0, 59, tzinfo=UTC), datetime(2026, 12, 31, 23)])
def test_the_codes_mean_what_strftime_means(code, moment):
    """An independent reckoning: that of Python, whose words for AM and PM are English in the tests' locale."""
    assert said(f"{{now|%{code}}}", now=moment) == moment.strftime(f"%{code}")


def test_a_dash_leaves_leading_zeros_out():
    """Of numbers, 0 itself stays."""
    assert said("{now|%-d.%-m. %-H:%M %-j}", now=datetime(2026, 1, 2, 0, 7)) == "2.1. 0:07 2"


def test_a_date_without_a_form_is_one_that_sorts():
    """A datetime with its time."""
    assert said("{now}, {day}", now=SUNDAY, day=SUNDAY.date()) == "2026-05-03 09:05, 2026-05-03"


@pytest.mark.parametrize("text", ["{it}", "{it|upper}", "{it|first}", "{it|%d %B}", "{it|capital|lower}"])
@pytest.mark.parametrize("values", [{}, {"it": None}, {"it": ""}, {"it": []}])
def test_what_is_not_there_is_said_as_nothing(text, values):
    """Or as what stands behind `or:`."""
    assert Template(text).render(values) == ""
    assert Template(text.replace("}", "|or:some body}")).render(values) == "some body"


def test_what_is_there_needs_no_other_word():
    """Not even a nought; and a date's form leaves what is no date."""
    assert said("{a|or:x} {b|count|or:x} {a|%d}", a="Ann", b=[]) == "Ann 0 Ann"


def test_values_are_never_read_as_templates():
    """Whatever people call themselves."""
    hostile = "{now} {{x}} {0.__class__} %d %(x)s"
    assert said("{a} {b}", a=hostile, b=[hostile, hostile]) == f"{hostile} {hostile} and {hostile}"


def test_a_message_never_gets_too_long():
    """It is cut where the network would refuse it."""
    text = said("{a}{a}", a="x" * 19_000)
    assert (len(text), text[-2:]) == (LONGEST_MESSAGE, "x…")
    assert len(said("{a}", a="x" * LONGEST_MESSAGE)) == LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hi {", "character 4: this { is not closed; a brace is written {{"),
        ("Hi }", "character 4: this } closes nothing; a brace is written }}"),
        ("a {} b", "character 3: a name is missing; write one such as {now} or {thread.name}; a brace is written {{"),
        ("{a b}", "character 1: 'a b' is not a name; write one such"),
        ("{a[0]}", "character 1: 'a[0]' is not a name"),
        ("{a.}", "character 1: 'a.' is not a name"),
        ("{a()}", "character 1: 'a()' is not a name"),
        ("{a!r}", "character 1: 'a!r' is not a name"),
        ("{a:>5}", "character 1: 'a:>5' is not a name"),
        ("{{a}", "character 4: this } closes nothing"),
        ("{a|uper}", "character 1: there is no filter 'uper'; did you mean 'upper'?"),
        (
            "{a|}",
            "character 1: there is no filter ''; there are %d %B, capital, count, date, first, lower, or:TEXT, upper",
        ),
        ("{now|%d %Q}", "character 1: there is no %Q in a date; there are %A, %a, "),
        ("{now|%-A}", "character 1: there is no %-A in a date"),
        ("{now|5%}", "character 1: there is no filter '5%'"),
        ("{now|%d %}", "character 1: there is no % in a date"),
        ("x" * (LONGEST + 1), "a template may have 2000 characters; this has 2001"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, problem):
    """And with the nearest right word."""
    with pytest.raises(ValueError) as told:
        Template(text)
    assert str(told.value).startswith(problem)


def test_unknown_names_are_told_with_the_nearest():
    """Each place of them; of the known ones nothing."""
    template = Template("{names} {nams|first} {thread.nam}")
    assert template.names == ("names", "nams", "thread.nam")
    assert template.problems(["names", "thread.name"]) == [
        "character 9: there is no name 'nams'; did you mean 'names'?",
        "character 22: there is no name 'thread.nam'; did you mean 'thread.name'?",
    ]


def test_a_template_is_a_value():
    """It compares by its text, and shows it."""
    assert Template("{a}") == Template("{a}") != Template("{b}")
    assert len({Template("{a}"), Template("{a}")}) == 1
    assert Template("{a}") != "{a}"
    assert (str(Template("{a}")), repr(Template("{a}"))) == ("{a}", "Template('{a}')")


PAGE = (Path(__file__).parents[1] / "docs" / "templates.md").read_text(encoding="utf-8")


def rows(heading):
    """The cells of the table below a heading of the page, without their quotes."""
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [[re.findall("`([^`]*)`", cell) for cell in row] for row in cells]


def test_the_page_tells_what_each_filter_makes():
    """All of them, as they work."""
    table = {filters[0]: results for filters, *results in rows("Filters")}
    assert {*table} == {*templates.FILTERS, "or:somebody"}
    english, spanish = table.pop("date")[0]
    assert [said("{now|date}", language, now=SUNDAY) for language in ("en", "es")] == [english, spanish]
    for filter_, (one, many) in table.items():
        template = Template(f"{{names|{filter_}}}")
        assert [template.render({"names": "Ann Lee"})] == one
        assert template.render({"names": ["Ann Lee", "ben"]}) == many[0]


def test_the_page_tells_what_each_code_of_a_date_makes():
    """All of them, as they work."""
    codes = [pair for left, right, *_ in rows("Dates") for pair in zip(left, right, strict=True)]
    assert {code for code, _ in codes} == {f"%{one}" for one in templates.DATE_CODES}
    assert all(said(f"{{now|{code}}}", now=SUNDAY) == result for code, result in codes)


def test_the_page_tells_the_names_of_every_chat():
    """And no others."""
    table = PAGE.partition("These names")[2].partition("## ")[0]
    assert re.findall(r"`{([a-z.]+)}`", table) == list(templates.CHAT_NAMES)


class Part(Settings):
    goodbye: Annotated[Template, Names("names")] | None = None


class Welcome(Settings):
    text: Annotated[Template, Names("names")] = Template("Welcome, {names}!")
    """What newcomers read."""
    more: list[Template] = []
    part: Part = Part()


def problems(line):
    source = parse(f"plugins:\n  welcome: {line}\n", Path("bot.yaml"), {})
    found = settings_of(Welcome, source.file.plugins["welcome"], "welcome", source.source)
    return getattr(found, "problems", [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{text: "Hi, {nams}"}', "text: character 5: there is no name 'nams'; did you mean 'names'?"),
        ('{text: "{names} {ages}"}', "text: character 9: there is no name 'ages'; did you mean 'names'?"),
        ('{text: "Hi, {names"}', "text: character 5: this { is not closed; a brace is written {{"),
        ("{text: {names}}", "text: should be a text, not keys and values"),
        ("{text: true}", "text: should be a text, not True"),
        ('{more: ["{a}", "{a|b}"]}', "more[1]: character 1: there is no filter 'b'; there are "),
        ('{part: {goodbye: "{nams}"}}', "part.goodbye: character 1: there is no name 'nams'; did you mean 'names'?"),
        ('{part: {goodbye: "}"}}', "part.goodbye: character 1: this } closes nothing; a brace is written }}"),
        (f"{{text: {'x' * 2001}}}", "text: should be a text of 2000 characters or fewer"),
    ],
)
def test_a_setting_is_checked_when_the_bot_file_is_read(line, problem):
    """With file, line and key, and with its names where the plugin says which there are."""
    (told,) = problems(line)
    assert told.startswith(f"bot.yaml:2: plugins.welcome.{problem}")


@pytest.mark.parametrize("line", ['{text: "{names}, {thread.name} {now|%d}"}', "{text: 5}", '{more: ["{anything}"]}'])
def test_a_right_setting_is_taken(line):
    """The names that every chat knows among them; without `Names` any name will do."""
    assert problems(line) == []


def test_a_setting_is_kept_and_shown_as_its_text():
    """In `!plugins set` as in lists of settings, and round again."""
    settings = Welcome.model_validate({"text": "Hi, {names}", "more": ["{a}"], "part": {"goodbye": "Bye"}})
    shown = flat(settings)
    assert shown == {"text": "Hi, {names}", "more": ["{a}"], "part.goodbye": "Bye"}
    assert Welcome(text=settings.text) == Welcome(text=Template(shown["text"]))
    assert settings.model_dump(mode="json")["text"] == "Hi, {names}"


def test_a_setting_is_changed_from_a_chat():
    """With what is wrong told in a sentence; a template may begin with a brace."""
    configured = Configured(Welcome, {})
    changed = configured.set({}, "text", "{names}")
    assert configured.with_overrides(changed)[0].text.render({"names": ["Ann"]}) == "Ann"
    with pytest.raises(Exception, match="Setting text: character 1: there is no name 'nams'"):
        configured.set({}, "text", "{nams} is here")


def test_editors_see_a_text():
    """With its default and its greatest length."""
    plugin = bot_schema({"welcome": PluginSchema("Greets.", Welcome)})["properties"]["plugins"]["properties"]["welcome"]
    assert plugin["anyOf"][0]["properties"]["text"] == {
        "default": "Welcome, {names}!",
        "description": "What newcomers read.",
        "maxLength": LONGEST,
        "type": ["string", "number"],
    }


def test_the_host_has_short_and_long_names_alike():
    """Days and months, in each of its languages."""
    for language in host().languages:
        texts = host().texts[language]
        for kind in ("day", "month"):
            long = {key.rpartition(".")[2] for key in texts if key.startswith(f"schedule.{kind}.")}
            short = {key.rpartition(".")[2] for key in texts if key.startswith(f"schedule.short_{kind}.")}
            assert long == short


@command("greet")
def greet(ctx: ChatContext) -> str:
    """Greet: !greet"""
    text = "{sender.name|first}, {sender.id}, {thread.name|or:nowhere}, {thread.id}, {now|%A %H:%M}, {x} {event.y} {z}"
    return ctx.render(Template(text), x=["a", "b"], **{"event.y": 5})


@pytest.mark.botkit(plugins=["chat"], timezone="Europe/Amsterdam")
def test_a_context_knows_the_person_the_chat_and_the_time(bot):
    """In the language and the time zone of the chat."""
    bot.owner("Zoë 🌷")
    bot.load(greet)
    group = bot.group("Friends", "Zoë 🌷", "Ann Lee")
    zoe, ann = group["Zoë 🌷"], group["Ann Lee"]
    time = bot.clock.now().astimezone(ZoneInfo("Europe/Amsterdam"))
    rest = f"Friends, {group.id}, {time:%A %H:%M}, a and b 5 "
    zoe.says("!greet").replies(f"Zoë, {zoe.id}, {rest}")
    zoe.does("nickname", person="Ann Lee", text="{now} Bee")
    ann.says("!greet").replies(f"{{now}}, {ann.id}, {rest}")
    zoe.says("!timezone set Asia/Tokyo").replies()
    zoe.says("!language set nl").replies()
    elsewhere = f"{time.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}, a en b 5 "
    ann.says("!greet").replies(lambda told: told.endswith(elsewhere))


@every("1h")
def tick(ctx: Context) -> None:
    ctx.store["told"] = ctx.render(Template("{thread.name|or:nowhere} {sender.name|or:nobody} {now|%M}"))


def test_a_context_without_a_chat_knows_the_time(bot):
    """In the bot's own zone; what belongs to a chat is said as nothing."""
    bot.load(tick, name="ticker")
    group = bot.group("Friends", "Ann")
    group.ann.says("hello")
    bot.clock.advance(hours=1)
    assert bot.store("ticker")["told"] == f"nowhere nobody {bot.clock.now():%M}"
