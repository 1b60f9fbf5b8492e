"""The texts that ship: nothing missing, nothing unused, the same placeholders in each language."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit import commands, texts

ROOT = Path(__file__).parent.parent
HOST_FILES = sorted((ROOT / "botkit").rglob("*.py"))
PLUGIN_FILES = sorted(path for path in (ROOT / "plugins/botkit_plugins").glob("*.py") if path.stem[0] != "_")
LANGUAGES = ("en", "es", "nl", "vi")
HOST_CALLS = {
    "say": (1, ""),
    "Phrase.of": (0, ""),
    "Step.of": (0, "why."),
    "Step": (0, "why."),
    "refused": (0, "refused."),
}
"""How the host asks for a text: which argument is the key, and what is put before it."""
PRIVATE = "botkit_plugins._"
PLUGIN_CALLS = {"t": (0, ""), "t_in": (1, "")}


class Source:
    """The texts that some files of Python ask for, and the pieces that their keys may be made of."""

    def __init__(self, *files: Path) -> None:
        nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.constants = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        begun = [node.values[0] for node in nodes if isinstance(node, ast.JoinedStr)]
        self.beginnings = {n.value for n in begun if isinstance(n, ast.Constant) and str(n.value).endswith(".")}

    def asked(self, functions: dict[str, tuple[int, str]]) -> Iterator[str]:
        """The keys that are written out in calls of these functions, each with what is put before it."""
        for call in self.calls:
            name = ast.unparse(call.func)
            for function, (place, before) in functions.items():
                key = call.args[place] if len(call.args) > place else None
                is_written = isinstance(key, ast.Constant) and isinstance(key.value, str)
                if (name == function or name.endswith(f".{function}")) and is_written:
                    yield before + key.value

    def can_ask(self, key: str) -> bool:
        """Whether a key is written out, or made of a beginning of an f-string and something that is written out."""
        rests = (key.removeprefix(beginning) for beginning in self.beginnings if key.startswith(beginning))
        return key in self.constants or any(self.can_ask(rest) for rest in rests)


def keys(catalogue: texts.Catalogue) -> set[str]:
    """The keys in English, without their forms for numbers."""
    return {key.removesuffix(".one").removesuffix(".other") for key in catalogue.texts.get("en", {})}


@pytest.fixture(scope="module")
def host():
    return Source(*HOST_FILES)


def plugin(path: Path) -> tuple[texts.Catalogue, list[commands.Command]]:
    """The texts and the commands of a shipped plugin."""
    module = importlib.import_module(f"botkit_plugins.{path.stem}")
    catalogue = texts.of_plugin(module, path.stem)
    assert isinstance(catalogue, texts.Catalogue), catalogue
    functions = [one for one in vars(module).values() if commands.is_command(one)]
    return catalogue, [commands.build(one, path.stem) for one in functions]


def shared(path: Path) -> list[Path]:
    """The files beside a plugin that it takes something from."""
    names = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return [path.with_name(f"{name.partition('.')[2]}.py") for name in names if name and name.startswith(PRIVATE)]


def test_the_host_speaks_four_languages_alike():
    """Each with every text and its placeholders."""
    assert texts.host().languages == LANGUAGES
    assert list(texts.host().gaps()) == []


def test_every_text_that_the_host_asks_for_is_there(host):
    """Where the key is written out."""
    missing = {key for key in host.asked(HOST_CALLS) if key not in keys(texts.host())}
    assert not missing


def test_every_text_of_the_host_is_asked_for(host):
    """None is left over."""
    assert [key for key in sorted(keys(texts.host())) if not host.can_ask(key)] == []


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.stem)
def test_a_plugin_speaks_four_languages_alike(path):
    """Each with every text and its placeholders, and with a help text for each command but in English."""
    catalogue, found = plugin(path)
    assert list(catalogue.gaps()) == []
    helps = {texts.HELP + one.name.replace(" ", "_") for one in found}
    for language in LANGUAGES:
        there = {key for key in catalogue.texts.get(language, {}) if key.startswith(texts.HELP)}
        assert there == (set() if language == "en" else helps), language
        # They are shown as they are: a brace is one, as in the docstrings.
        assert not [key for key in there if "{{" in catalogue.texts[language][key]], language


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.stem)
def test_a_plugin_asks_for_all_its_texts_and_no_others(path, host):
    """What is put together of an f-string may be ended by any word of the host, such as the state of a connection."""
    catalogue, _ = plugin(path)
    missing = {key for key in Source(path).asked(PLUGIN_CALLS) if key not in keys(catalogue)}
    assert not missing
    source = Source(path, *shared(path))
    source.constants |= {
        beginning + word
        for beginning in source.beginnings
        for word in host.constants
        if beginning + word in keys(catalogue)
    }
    assert [key for key in sorted(keys(catalogue)) if not source.can_ask(key)] == []


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.stem)
def test_sentences_for_people_are_in_catalogues(path):
    """A plugin raises or returns none that is written in its code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spoken = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    spoken += [arg for node in Source(path).calls if ast.unparse(node.func) == "CommandError" for arg in node.args]
    written = [n.value for part in spoken if part for n in ast.walk(part) if isinstance(n, ast.Constant)]
    assert [one for one in written if isinstance(one, str) and " " in one.strip() and one[0].isupper()] == []


def test_every_shipped_plugin_stands_in_the_package():
    """As an entry point of the same name."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(project["entry-points"]["botkit"]) == [path.stem for path in PLUGIN_FILES]
