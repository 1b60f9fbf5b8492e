"""The settings of plugins that are in force: the bot file's, under what owners have changed from a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botkit.host import SETTINGS_KEY
from botkit.logs import get_logger
from botkit.runner.book import Book
from botkit.runner.loader import Plugin
from botkit.settings import Settings

log = get_logger(__name__)


class PluginSettings:
    """Any thread."""

    def __init__(self, book: Book) -> None:
        self._book = book
        # Plugin, overrides, settings; one entry a name, so that what was reloaded or changed is let go.
        self._known: dict[str, tuple[Plugin, Mapping[str, Any], Settings]] = {}

    def of(self, plugin: Plugin) -> Settings:
        """The settings of a plugin as of the last commit. An override that does not fit is told in the log, once."""
        overrides = self._book.scope("").get(SETTINGS_KEY + plugin.name)
        if not overrides:
            return plugin.settings
        known = self._known.get(plugin.name)
        if known is None or known[0] is not plugin or known[1] is not overrides:
            known = self._known[plugin.name] = (plugin, overrides, _laid_over(plugin, overrides))
        return known[2]


def _laid_over(plugin: Plugin, overrides: Mapping[str, Any]) -> Settings:
    settings, misfits = plugin.configured.with_overrides(overrides)
    for key, why in misfits.items():
        log.warning(
            "plugin %s: the setting %s, changed from a chat, does not fit any more and is left aside: %s",
            plugin.name,
            key,
            why,
            extra={"plugin": plugin.name},
        )
    return settings
