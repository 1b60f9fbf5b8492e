"""What several subcommands take: the bot file, and plugins by name, both completed by the shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.types import StringParamType

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class BotFile(click.Path):
    """A path; the shell is offered YAML files, or whatever it likes where there are none."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        folder, begun = Path(incomplete).parent, incomplete.rpartition("/")[2]
        try:
            names = sorted(path.name for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
        except OSError:
            names = []
        start = incomplete.removesuffix(begun)
        found = [CompletionItem(start + name) for name in names if name.startswith(begun)]
        return found or super().shell_complete(ctx, param, incomplete)


class PluginName(StringParamType):
    """The name of a plugin of the bot file, which is the argument `file` of the same command."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from botkit.yaml_source import load

        # Words before an option that still lacks its value are given as click found them.
        path = Path(next(iter(ctx.args), "bot.yaml"))
        try:
            data, _, _ = load(path.read_text(encoding="utf-8-sig"), path, {})
        except (OSError, UnicodeDecodeError):
            return []
        plugins = data.get("plugins") if isinstance(data, dict) else None
        names = plugins if isinstance(plugins, dict) else {}
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


bot_file = click.argument("file", type=BotFile(), default=Path("bot.yaml"))
"""The argument FILE: a bot file (default: bot.yaml)."""
