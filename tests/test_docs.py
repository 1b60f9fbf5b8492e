"""What the README and the docs show works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import click
import pytest
import yaml

from botkit import automations, config, happenings, texts
from botkit.cli import main
from botkit.runner import loader
from botkit.sandbox.world_file import read_world
from botkit.testing.virtual_clock import VirtualClock
from tests.samples import PAGES, ROOT, Sample, samples, samples_in

LANGUAGES = {"python", "yaml", "sh", "json", "js", "text", ""}
"""`text` and no language are what somebody sees: output, diagrams."""

NOT_RUN = 5
"""How many samples say of themselves that they cannot be run."""

OTHERS = {".", "cd", "diff", "pip", "pytest", "python", "python3"}
"""What else samples begin with than `botkit` and `make`, whose subcommands, options and targets are looked at."""

PEOPLE = """
people:
  - {id: 100000000000001, name: Bot, bot: true, email: bot@sandbox.test, password: bot-sandbox}
  - {id: 100000000000002, name: Ann, email: ann@sandbox.test, password: ann-sandbox}
  - {id: 100000000000003, name: Ben, email: ben@sandbox.test, password: ben-sandbox}
"""
"""Who is in the world of samples that show something else of it."""


TESTS = [one for one in samples_in("python") if one.is_test]


def each(found):
    return pytest.mark.parametrize("sample", found, ids=str)


def test_few_samples_are_not_run():
    """Each names its reason on the line before it, and one more has to be counted here."""
    assert {one.language for one in samples()} <= LANGUAGES
    unrun = [one for one in samples() if one.not_run is not None]
    assert len(unrun) == NOT_RUN, [f"{one}: {one.not_run}" for one in unrun]


@each([one for one in samples_in("python") if not one.is_test])
def test_each_plugin_loads(sample, tmp_path):
    """As a plugin of its own."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sample.py").write_text(sample.text, encoding="utf-8")
    loader.load(config.parse("plugin_dirs: [mine]\nplugins: {sample: }", tmp_path / "bot.yaml", {}))


@each([one for one in samples() if one.language == "python" and one.not_run is not None])
def test_what_cannot_be_run_is_python_at_least(sample):
    """Names and calls are another matter, but it has no slips of the pen."""
    compile(sample.text, str(sample), "exec")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All tests that the docs show, run at once by a pytest of their own: {folder: how many passed}, its output."""
    folder = tmp_path_factory.mktemp("docs")
    for sample in TESTS:
        _lay_out(folder / _folder_of(sample), sample)
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", "-p", "no:cacheprovider", "--junitxml=out.xml"]
    ran = subprocess.run(
        [*command, "-W", "error", "--import-mode=importlib", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    passed: dict[str, int] = {}
    for case in ElementTree.parse(folder / "out.xml").iter("testcase"):
        name = case.attrib["classname"].split(".")[0]
        passed[name] = passed.get(name, 0) + (not list(case))
    return passed, ran.stdout


def _folder_of(sample: Sample) -> str:
    return re.sub(r"\W", "_", str(sample))


def _lay_out(folder: Path, sample: Sample) -> None:
    """A bot as the page tells of it, with the sample as its test; dice are those of the page, else of the README."""
    shown = [one for one in samples_in("python") if one.page in (sample.page, "README.md") and not one.is_test]
    plugins = {one.file: one.text for one in sorted(shown, key=lambda one: one.page == sample.page) if one.file}
    (folder / "plugins").mkdir(parents=True)
    for name, text in plugins.items():
        (folder / "plugins" / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "bot.yaml").write_text(f"plugin_dirs: [plugins]\nplugins: {json.dumps(dict.fromkeys(plugins))}\n")
    (folder / "test_sample.py").write_text(sample.text, encoding="utf-8")


@each(TESTS)
def test_each_test_passes(sample, outcomes):
    """With the bot that its page is about, and without a conftest."""
    passed, output = outcomes
    assert passed.get(_folder_of(sample), 0) == sample.text.count("def test_"), output


@each(samples_in("yaml"))
def test_each_yaml_is_right(sample, tmp_path):
    """As a bot file, as a line of its plugins, as the world of a sandbox, or as the texts of a plugin."""
    keys = set(yaml.safe_load(sample.text))
    if keys <= {"groups", "chats", "friends"}:
        (tmp_path / "world.yaml").write_text(PEOPLE + sample.text, encoding="utf-8")
        read_world(tmp_path / "world.yaml", VirtualClock().now())
        return
    if "en" in keys:
        (tmp_path / "dice.texts.yaml").write_text(sample.text, encoding="utf-8")
        assert list(texts.read(tmp_path / "dice.texts.yaml", "dice").gaps()) == []
        return
    text = sample.text
    if not keys <= set(config.BotFile.model_fields):
        text = "plugins:\n" + "".join(f"  {line}\n" for line in text.splitlines())
    parsed = config.parse(text, tmp_path / "bot.yaml", {"BOTKIT_PASSWORD": "secret"})
    (tmp_path / "picture.png").touch()
    automations.read(parsed.file.automations, parsed.source, tmp_path)


@each(samples_in("json"))
def test_each_json_is_json(sample):
    """One value a line, or one in all."""
    try:
        json.loads(sample.text)
    except ValueError:
        [json.loads(line) for line in sample.text.splitlines()]


@each(samples_in("sh"))
def test_each_command_exists(sample):
    """`botkit` has the subcommand with these options and arguments, `make` the target; of other programs only the name
    is looked at."""
    for words in _commands(sample.text):
        program = Path(words[0]).name or words[0]
        if program == "botkit":
            _parse(main, words[1:])
        elif program == "make":
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert all(f"\n{target}:" in makefile for target in words[1:]), words
        else:
            assert program in OTHERS, words


def _commands(text: str) -> list[list[str]]:
    """The simple commands of some lines of shell, as words, without variables that are set before them."""
    lines = text.replace("\\\n", " ").splitlines()
    pieces = [piece for line in lines for piece in re.split(r"\s(?:&&|\|)\s", line)]
    found = [shlex.split(piece.split(" > ")[0], comments=True) for piece in pieces]
    bare = [[word for word in words if not re.match(r"[A-Z_]+=", word)] for words in found]
    return [words for words in bare if words]


def _parse(command: click.Command, words: list[str]) -> None:
    """Read the words as click would, without running anything; click.UsageError when they are wrong."""
    context = click.Context(command)
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        assert inner is not None, words
        _parse(inner, words[1:])
    else:
        command.make_parser(context).parse_args(list(words))


def test_the_ten_line_plugin_rolls_and_says_thanks(bot, tmp_path):
    """Put into a folder and named in the bot file, as the README says."""
    (tmp_path / "dice.py").write_text(next(one.text for one in samples_in("python") if one.page == "README.md"))
    table = loader.load(config.parse("{plugin_dirs: [.], plugins: {dice: }}", tmp_path / "bot.yaml", {}))
    bot.load(table.plugin("dice").thing)
    group = bot.group("Friends", "Ann", "Ben")
    group.ann.says("!roll 1").replies("1")
    group.ben.says("Good bot!").replies("Thank you!")


def test_the_example_bot_file_is_right():
    """It is what `make run` starts."""
    assert loader.load(config.read(ROOT / "bot.yaml.example", {})).plugins


def test_every_key_of_the_bot_file_is_documented():
    """In docs/config.md, and no others; so are those of its parts."""
    text = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    keys = text.partition("## The keys")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `([\w.]+)` \|", keys, re.MULTILINE)
    fields = config.BotFile.model_fields
    parts = {
        "login": config.Login,
        "sandbox": config.SandboxSettings,
        "notify": config.Notify,
        "limits": config.LimitsPart,
        "automations": config.AutomationPart,
    }
    inner = [f"{key}.{one.alias or name}" for key, part in parts.items() for name, one in part.model_fields.items()]
    assert sorted(documented) == sorted([*fields, *inner])


def test_every_event_is_documented_with_its_fields():
    """In docs/automations.md, in the order of the code; so are the ways to ask for them."""
    page = (ROOT / "docs" / "automations.md").read_text(encoding="utf-8")
    events = re.findall(r"^\| `([\w:-]+)` \| \S[^|]+ \| ([^|]*)\|$", page, re.MULTILINE)
    documented = {name: re.findall(r"`(\w+)`", fields) for name, fields in events if name in happenings.FIELDS}
    assert documented == {name: list(fields) for name, fields in happenings.FIELDS.items()}
    people = {f"event.{name}_name" for name in happenings.PEOPLE}
    assert people == set(re.findall(r"`\{(event\.\w+_name)\}`", page))
    conditions = set(re.findall(r"`body(?:_([a-z]+))?: ", page.partition("Under `if:`")[2].partition("| key |")[0]))
    assert conditions == {"", *automations.OPERATORS}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """To files of this repository."""
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
