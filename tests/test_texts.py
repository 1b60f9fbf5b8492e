"""Catalogues of texts; and that those that ship are complete."""

from __future__ import annotations

import logging
from types import ModuleType

import pytest

from botkit import ChatContext, command, texts
from botkit.messenger.errors import CommandError, ConfigError
from botkit.testing import Stage
from botkit.texts import Catalogue, Phrase

CATALOGUE = """
en:
  greeting: "Hello, {name}."
  days: {one: "{count} day", other: "{count} days"}
  only: "English alone."
nl:
  greeting: "Hallo, {name}."
  days: {one: "{count} dag", other: "{count} dagen"}
vi:
  days: {other: "{count} ngày"}
pt-BR:
  greeting: "Oi, {name}."
"""


@pytest.fixture
def read(tmp_path):
    """Makes a catalogue of a text."""

    def make(text=CATALOGUE):
        path = tmp_path / "dice.texts.yaml"
        path.write_text(text, encoding="utf-8")
        return texts.read(path, "dice")

    return make


@pytest.fixture
def warnings(caplog):
    """What was logged, as texts."""
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Hello, Ann."),
        ("nl", "Hallo, Ann."),
        ("nl-BE", "Hallo, Ann."),
        ("pt-br", "Oi, Ann."),
        ("pt-BR-x1", "Oi, Ann."),
        ("pt", "Hello, Ann."),
        ("de", "Hello, Ann."),
    ],
)
def test_a_text_is_said_in_the_nearest_language(read, language, said):
    """The tag's own, else the one without its last part, else English; letter case does not matter."""
    assert read().say(language, "greeting", {"name": "Ann"}) == said


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 day"),
        ("en", 0, "0 days"),
        ("en", 1.5, "1.5 days"),
        ("nl", 1, "1 dag"),
        ("nl", 2, "2 dagen"),
        ("vi", 1, "1 ngày"),
        ("vi", 7, "7 ngày"),
    ],
)
def test_a_count_chooses_the_form(read, language, count, said):
    """A language that has no form for one takes the other."""
    assert read().say(language, "days", {"count": count}) == said


def test_a_text_with_one_form_bears_a_count(read):
    """Not every text that tells a number has forms."""
    assert read('en: {left: "Left: {count}"}').say("en", "left", {"count": 1}) == "Left: 1"


def test_values_are_put_in_and_never_parsed(read):
    """Nothing that people write can reach anything, or is replaced again."""
    catalogue = read('en: {said: "{a} {b.real} {b[0]} {{a}} {a!r} { a }"}')
    assert catalogue.say("en", "said", {"a": "{b}", "b": 1}) == "{b} {b.real} {b[0]} {a} {a!r} { a }"


def test_a_missing_value_is_shown_and_told_once(read, warnings):
    """The chat still gets a sentence."""
    catalogue = read()
    assert [catalogue.say("en", "greeting", {}) for _ in range(2)] == ["Hello, {name}."] * 2
    assert warnings() == ["texts of dice: text greeting is used without a value for {name}"]


def test_a_missing_text_is_said_in_english_and_told_once(read, warnings):
    """With the language that lacks it."""
    catalogue = read()
    assert [catalogue.say("nl-BE", "only", {}) for _ in range(2)] == ["English alone."] * 2
    assert warnings() == ["texts of dice: text only is missing in language nl-BE, and said in English"]


def test_a_language_without_texts_is_told_once(read, warnings):
    """Not for every text."""
    catalogue = read()
    assert catalogue.say("de", "only", {}) == "English alone."
    assert catalogue.say("de", "greeting", {"name": "Ann"}) == "Hello, Ann."
    assert warnings() == ["texts of dice: there are no texts in language de, so English is spoken"]


def test_a_text_that_is_nowhere_is_its_key(read, warnings):
    """Which the log tells once."""
    catalogue = read()
    assert [catalogue.say("nl", "no.such", {}) for _ in range(2)] == ["no.such"] * 2
    assert warnings() == ["texts of dice: there is no text no.such"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("- en", ["1: must hold languages such as en:, with the texts below them"]),
        ("english: {a: b}", ["1: english: should be the tag of a language such as en, nl or pt-BR"]),
        ("en: hello", ["1: en: should hold keys and texts"]),
        ("en:\n  a: 1\n  b:\n  c: []\n", [f"{line}: en.{key}: {{}}" for line, key in ((2, "a"), (3, "b"), (4, "c"))]),
        ("en:\n  a.b: c\n", ["2: en.a.b: a key has letters, digits, _ and - only"]),
        ("en:\n  a: b\n  a: c\n", ["3: en.a: stands twice; the first is on line 2"]),
        ('en: {a: "b}', ["1: is not valid YAML: a quote that begins on this line does not end"]),
    ],
)
def test_faults_are_told_with_file_and_line(read, tmp_path, text, problems):
    """All of them at once."""
    with pytest.raises(ConfigError) as told:
        read(text)
    wanted = "should be a text with something in it; put it in quotes"
    assert told.value.problems == [f"{tmp_path}/dice.texts.yaml:{one.format(wanted)}" for one in problems]


def test_variables_of_the_environment_mean_nothing_in_it(read):
    """A price may be written as one likes."""
    assert read('en: {price: "${amount}"}').say("en", "price", {"amount": 3}) == "$3"


def test_what_differs_between_languages_is_told(read):
    """Missing texts, texts too much, other placeholders; not the forms of a number, nor help texts."""
    catalogue = read("""
        en: {a: "{x} {y}", b: "b", n: {one: "one", other: "{count}"}}
        nl: {a: "{x} {z}", c: "c", n: {other: "{count}"}, help: {roll: "Gooi!"}}
    """)
    assert list(catalogue.gaps()) == [
        "dice: text a in language nl differs from English in y, z",
        "dice: text b in language nl is missing",
        "dice: text c in language nl is not there in English",
    ]


def test_a_phrase_waits_for_its_language():
    """An error holds it, and those that are among its values."""
    wanted = Phrase.of("argument.type.number")
    error = CommandError(Phrase.of("argument.wrong", name="sides", wanted=wanted, text="'x'"))
    assert str(error) == "sides must be a number, not 'x'."
    assert texts.spoken(error, "nl") == "sides moet een getal zijn, niet 'x'."
    assert texts.spoken(CommandError("No."), "nl") == "No."


def test_the_texts_of_a_plugin_are_beside_it(tmp_path):
    """`dice.texts.yaml` beside `dice.py`; `texts.yaml` in the folder of a package; none is no fault."""
    file, package, bare = ModuleType("dice"), ModuleType("cards"), ModuleType("bare")
    file.__file__, package.__file__ = str(tmp_path / "dice.py"), str(tmp_path / "cards" / "__init__.py")
    (tmp_path / "dice.texts.yaml").write_text("en: {a: dice}")
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "texts.yaml").write_text("en: {a: cards}")
    found = [texts.of_plugin(thing, "it") for thing in (file, package, bare, object())]
    assert [one.texts for one in found] == [{"en": {"a": "dice"}}, {"en": {"a": "cards"}}, {}, {}]


def test_faults_of_texts_are_told_with_those_of_the_settings(tmp_path):
    """When the plugins are loaded."""
    from botkit.runner import loader

    (tmp_path / "dice.py").write_text(
        "from botkit import Settings\nclass DiceSettings(Settings):\n    sides: int = 6\n"
    )
    (tmp_path / "dice.texts.yaml").write_text("en: {a: 1}")
    (tmp_path / "bot.yaml").write_text("plugin_dirs: [.]\nplugins:\n  dice: {side: 7}\n")
    with pytest.raises(ConfigError) as told:
        loader.read(tmp_path / "bot.yaml", {})
    places = [problem.removeprefix(f"{tmp_path}/").split(": ")[0] for problem in told.value.problems]
    assert sorted(places) == ["bot.yaml:3", "dice.texts.yaml:1"]


@command("greet")
def greet(ctx: ChatContext) -> str:
    """Greet somebody."""
    return ctx.t("greeting", name="Ann", key="not the key")


def test_a_plugin_speaks_the_language_of_the_chat(bot):
    """Its own texts; without any, the key is what is said."""
    bot.load(greet)
    bot.chat("Ann").ann.says("!greet").replies("greeting")


@pytest.mark.botkit(plugins=["chat", "help"])
def test_help_is_in_the_language_of_the_chat(bot):
    """Where a plugin has no help text in it, the docstring helps."""
    bot.owner("Ann")
    bot.load(greet)
    ann = bot.chat("Ann").ann
    ann.says("!language set es").replies()
    ann.says("!help prefix set").replies(lambda told: "Haz que los comandos de este chat" in told)
    ann.says("!help greet").replies(lambda told: "Greet somebody." in told)


def test_an_empty_catalogue_has_no_languages():
    """As that of a plugin without texts."""
    assert Catalogue("dice").languages == ()


def test_changed_texts_are_spoken_after_a_reload(tmp_path):
    """And wrong ones leave the old in force, with their line told."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "hi.py").write_text(
        "from botkit import command\n@command('hi')\ndef hi(ctx):\n    return ctx.t('hi', name='Ann')\n"
    )
    file = tmp_path / "mine" / "hi.texts.yaml"
    file.write_text('en: {hi: "Hi, {name}."}')
    with Stage(tmp_path) as stage:
        ann = stage.person("Ann")
        stage.start_bot("plugin_dirs: [mine]\nplugins: {hi: , plugins: }\nowners: [100000000000002]")

        def answers(*lines):
            for line in lines:
                ann.says("Friends", line)
                yield from (text for _, text in ann.heard())

        assert list(answers("!hi")) == ["Hi, Ann."]
        file.write_text('en: {hi: "Hello, {name}."}')
        assert list(answers("!reload hi", "!hi"))[-1] == "Hello, Ann."
        file.write_text("en:\n  hi: 1\n")
        told, still = answers("!reload hi", "!hi")
        assert "hi.texts.yaml:2: en.hi: should be a text" in told
        assert still == "Hello, Ann."
