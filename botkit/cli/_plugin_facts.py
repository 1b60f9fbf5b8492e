"""What can be told of a plugin from its code: place, version, hooks, commands, settings."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from botkit.config import Settings
from botkit.messenger.errors import BotkitError
from botkit.runner import loader, plugin_source
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.plugin_source import Found


@dataclass(frozen=True)
class PluginFacts:
    """One plugin. `commands` are names without prefix; `fault` tells why it cannot be loaded, and then nothing else but
    its place is known."""

    name: str
    place: str
    version: str | None = None
    summary: str = ""
    hooks: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    settings: tuple[SettingFacts, ...] = ()
    fault: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class SettingFacts:
    """One setting: its type as it is written in Python, and its default as JSON has it; None where it is required."""

    name: str
    type: str
    required: bool
    default: Any
    description: str


def loaded(path: Path) -> list[PluginFacts]:
    """The plugins of a bot file, in their order; raises ConfigError when one of them, or the file, is wrong."""
    _, table = loader.read(path)
    return [_facts(plugin, table) for plugin in table.plugins]


def installed() -> list[PluginFacts]:
    """All plugins that installed packages offer, by name; one that cannot be loaded has its `fault`."""
    return [_of_found(one) for one in sorted(plugin_source.installed(), key=lambda one: one.name)]


def _of_found(found: Found) -> PluginFacts:
    try:
        plugin = Plugin(found.name, plugin_source.thing_of(found), Settings(), found.place, found.version)
        return _facts(plugin, loader.build([plugin]))
    except BotkitError as error:
        return PluginFacts(found.name, found.place, found.version, fault="; ".join(str(error).splitlines()))


def _facts(plugin: Plugin, table: HookTable) -> PluginFacts:
    info = loader.info_of(plugin, table)
    settings = loader.settings_class(plugin.thing)
    return PluginFacts(
        info.name,
        info.place,
        info.version,
        info.summary,
        info.hooks,
        tuple(sorted(info.commands)),
        tuple(_settings(settings)) if settings else (),
    )


def _settings(model: type[Settings]) -> Iterator[SettingFacts]:
    for name, field in model.model_fields.items():
        required = field.is_required()
        default = None if required else field.get_default(call_default_factory=True)
        # What JSON does not have is shown as text; a secret's text is a row of stars.
        plain = json.loads(json.dumps(default, default=str))
        kind = inspect.formatannotation(field.annotation)
        yield SettingFacts(name, kind, required, plain, field.description or "")
