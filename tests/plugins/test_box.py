"""What every shipped plugin has to keep to, read from its source; and what every plugin for groups has tests of."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit.runner.loader import settings_class
from botkit.settings import descriptions, keys_of

ROOT = Path(__file__).parents[2]
PLUGINS = {path.stem: path for path in sorted((ROOT / "plugins/botkit_plugins").glob("*.py")) if path.stem[0] != "_"}

FOR_THE_BOT = {
    "chat",
    "commands",
    "echo",
    "gatekeeper",
    "help",
    "jobs",
    "mark_read",
    "ping",
    "plugins",
    "roles",
    "status",
    "why",
}
"""Plugins that are about the bot itself; all others are for groups."""

IN_EVERY_TEST_FILE = {
    "test_two_chats_do_not_mix",
    "test_it_rests_where_it_is_switched_off",
    "test_a_restart_in_the_middle",
    "test_names_with_an_emoji_and_from_right_to_left",
}

MOST_LINES = 240

CHANGING = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
"""Methods that change what they are called on."""

each = pytest.mark.parametrize("name", PLUGINS)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_plugins_for_the_bot_are_there():
    """So that a renamed one does not slip through."""
    assert PLUGINS.keys() >= FOR_THE_BOT


@pytest.mark.parametrize("name", sorted(PLUGINS.keys() - FOR_THE_BOT))
def test_a_plugin_for_groups_is_tested_for_what_groups_do(name):
    """Two chats, switched off in one, a restart, names in other letters: each a test with something in it."""
    tree = tree_of(ROOT / "tests" / "plugins" / f"test_{name}.py")
    tests = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    assert tests.keys() >= IN_EVERY_TEST_FILE
    for wanted in IN_EVERY_TEST_FILE:
        assert ast.get_docstring(tests[wanted]), wanted
        assert len(tests[wanted].body) > 1, wanted


@each
def test_a_plugin_is_tested(name):
    """In a file of its own."""
    assert (ROOT / "tests" / "plugins" / f"test_{name}.py").is_file()


@each
def test_a_plugin_is_a_lesson_to_read(name):
    """Two or three screens at most, and a sentence first."""
    assert len(PLUGINS[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert (ast.get_docstring(tree_of(PLUGINS[name])) or "").partition("\n")[0].endswith(".")


@each
def test_a_plugin_needs_no_settings_and_explains_each(name):
    """`NAME: {}` is enough to switch it on."""
    model = settings_class(importlib.import_module(f"botkit_plugins.{name}"))
    if model is not None:
        model()
        assert set(keys_of(model)) == descriptions(model).keys()


@each
def test_a_plugin_keeps_nothing_in_its_module(name):
    """What it remembers is in the store, where a restart finds it."""
    assert list(changes(tree_of(PLUGINS[name]))) == []


def changes(tree: ast.Module) -> Iterator[str]:
    """Each line that changes a value of the module."""
    targets = [target for one in tree.body if isinstance(one, ast.Assign) for target in one.targets]
    targets += [one.target for one in tree.body if isinstance(one, ast.AnnAssign)]
    names = {one.id for one in targets if isinstance(one, ast.Name)}
    for node in ast.walk(tree):
        of = changed(node)
        if isinstance(node, ast.Global) or (isinstance(of, ast.Name) and of.id in names):
            yield ast.unparse(node)


def changed(node: ast.AST) -> ast.AST | None:
    """What is changed where a part of it is set, or a method for that is called."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
        return node.func.value
    return None


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("SEEN = []\ndef f(): SEEN.append(1)", ["SEEN.append(1)"]),
        ("SEEN: dict = {}\ndef f(): SEEN['a'] = 1", ["SEEN['a']"]),
        ("SEEN = {}\ndef f(): del SEEN['a']", ["SEEN['a']"]),
        ("SEEN = {}\ndef f(): SEEN['a'] += 1", ["SEEN['a']"]),
        ("COUNT = 0\ndef f():\n    global COUNT\n    COUNT += 1", ["global COUNT"]),
        ("UNITS = {'m': 60}\ndef f(ctx, u):\n    ctx.store['a'] = UNITS[u]\n    x = []\n    x.append(1)", []),
    ],
)
def test_what_a_module_keeps_is_found(source, found):
    """Constants, the store and a function's own values are another matter."""
    assert list(changes(ast.parse(source))) == found
