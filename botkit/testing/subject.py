"""Which bot a test is about: the nearest bot file, or the plugin that the test file is named after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from botkit import config
from botkit.config import BotConfig, BotFile
from botkit.runner import loader, plugin_source
from botkit.runner.loader import HookTable

BOT_FILE = "bot.yaml"
# What of a bot file is about the machine that the bot runs on, an account, or the world outside.
_NOT_IN_TESTS = ("network", "data", "login", "sandbox", "notify", "metrics", "log_file", "log_format", "durability")
_OPTIONS_NOT_IN_TESTS = ("proxy", "page_id", "force_login", "user_agent", "log_level")


@dataclass(frozen=True)
class Wishes:
    """What the marker `botkit` of a test asks for.

    plugins: names, or names with settings, in place of those of the bot file; None leaves them.
    bot_file: a path as seen from the test's file; None is the nearest one.
    keys: keys of the bot file that this test sets, such as `timezone` and `prefix`.
    """

    plugins: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None
    bot_file: str | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)


class _Placeholders(dict[str, str]):
    """An environment in which every variable is set, to its own name: no test is to need a secret."""

    def __getitem__(self, name: str) -> str:
        return name

    def __contains__(self, name: object) -> bool:
        return True


def subject_of(test_file: Path, root: Path, wishes: Wishes) -> BotConfig:
    """The settings of the bot that the tests of a file are about; `root` is the highest folder to look for a bot file.

    Raises ConfigError when the bot file is wrong.
    """
    path = test_file.parent / wishes.bot_file if wishes.bot_file else nearest_bot_file(test_file, root)
    settings = _of_bot_file(path) if path else _of_test_file(test_file)
    changes = dict(wishes.keys)
    if wishes.plugins is not None:
        given = wishes.plugins
        changes["plugins"] = dict(given) if isinstance(given, Mapping) else {name: {} for name in given}
    return _with(settings, changes)


def nearest_bot_file(test_file: Path, root: Path) -> Path | None:
    """The first bot.yaml in the folder of the test and those above it, up to `root`; None when there is none."""
    inside = test_file.is_relative_to(root)
    folders = [one for one in test_file.parents if not inside or one.is_relative_to(root)]
    return next((folder / BOT_FILE for folder in folders if (folder / BOT_FILE).is_file()), None)


def load(settings: BotConfig, things: Mapping[str, object], known: dict[str, HookTable]) -> HookTable:
    """The plugins of the bot file, after those that a test has in hand: objects or modules by name.

    `known` are tables of installed plugins by their settings, to be found again by later tests: Python loads those
    modules once, however often they are asked for. Raises ConfigError with all that is wrong.
    """
    own = {name: values for name, values in settings.file.plugins.items() if name not in things}
    is_own = bool(settings.file.plugin_dirs or settings.file.automations)
    table = None if is_own else known.get(repr(own))
    if table is None:
        table = loader.load(_replaced(settings, plugins=own))
        if not is_own:
            known[repr(own)] = table
    if not things:
        return table
    values = settings.file.plugins
    given = [loader.plugin_of(name, thing, values.get(name)) for name, thing in things.items()]
    return loader.build([*given, *table.plugins])


def with_settings(settings: BotConfig, values: Mapping[str, Mapping[str, Any]]) -> BotConfig:
    """The same with other values for some settings of some plugins."""
    plugins = settings.file.plugins
    merged = {name: {**plugins.get(name, {}), **given} for name, given in values.items()}
    return _replaced(settings, plugins={**plugins, **merged})


def with_owners(settings: BotConfig, ids: Sequence[str]) -> BotConfig:
    """The same with these owners beside those of the file."""
    return _replaced(settings, owners=[*settings.file.owners, *ids])


def in_english(settings: BotConfig) -> BotConfig:
    """The same, for who compares what the bot says with what its source says."""
    return _replaced(settings, language=BotFile.model_fields["language"].get_default())


def _of_bot_file(path: Path) -> BotConfig:
    settings = config.read(path, _Placeholders())
    usual = {name: BotFile.model_fields[name].get_default() for name in _NOT_IN_TESTS}
    options = {name: value for name, value in settings.file.options.items() if name not in _OPTIONS_NOT_IN_TESTS}
    return _replaced(settings, **usual, options=options)


def _of_test_file(test_file: Path) -> BotConfig:
    """`test_dice.py` is about `dice`: a plugin beside it or in the folder above, or an installed one."""
    settings = config.parse("", test_file.parent / BOT_FILE, {})
    name = test_file.stem.removeprefix("test_").removesuffix("_test")
    if name == test_file.stem:
        return settings
    for folder in (test_file.parent, test_file.parent.parent):
        if (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file():
            return _replaced(settings, plugin_dirs=[folder], plugins={name: {}})
    return _replaced(settings, plugins={name: {}}) if name in plugin_source.find(settings) else settings


def _with(settings: BotConfig, changes: Mapping[str, Any]) -> BotConfig:
    """The same with these keys of the bot file, checked as if they stood there."""
    if not changes:
        return settings
    # JSON is YAML, and so the values are told about like those of a file.
    checked = config.parse(json.dumps(changes, ensure_ascii=False), Path("@pytest.mark.botkit"), _Placeholders())
    return _replaced(settings, **{name: getattr(checked.file, name) for name in changes})


def _replaced(settings: BotConfig, **changes: Any) -> BotConfig:
    return replace(settings, file=settings.file.model_copy(update=changes))
