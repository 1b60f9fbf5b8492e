"""The files that `botkit init` and `botkit new` write: packaged texts with names filled in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

from botkit.messenger.errors import BadArgument

PLUGINS = "plugins"
"""The folder for plugins of a new bot."""


def plugin_files(name: str, folder: Path, tests: Path, prefix: str = "!") -> dict[Path, str]:
    """A new plugin and its test: {file: text}. `prefix` is what the bot's commands begin with."""
    question = json.dumps(f"{prefix}{name} Ben", ensure_ascii=False)
    return {
        folder / f"{name}.py": _filled("plugin.py.txt", name=name),
        tests / f"test_{name}.py": _filled("test_plugin.py.txt", name=name, question=question),
    }


def bot_files(name: str, folder: Path) -> dict[Path, str]:
    """A new bot with one plugin of its own: {file: text}."""
    own = {
        folder / "bot.yaml": _filled("bot.yaml", name=name),
        folder / "README.md": _filled("README.md", name=name),
        folder / ".gitignore": _filled("gitignore"),
        # Tells pytest where the bot's folder begins, from wherever it is started.
        folder / "pytest.ini": _filled("pytest.ini"),
    }
    return own | plugin_files(name, folder / PLUGINS, folder / "tests")


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise BadArgument when one of these files is there."""
    for path in paths:
        if path.exists():
            raise BadArgument(f"{path}: is there already; nothing was written")


def write(texts: Mapping[Path, str]) -> None:
    """Make these files and their folders; raises BadArgument when one is there already or cannot be written."""
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise BadArgument(f"{path}: cannot be written: {error.strerror}") from error


def _filled(file: str, **values: str) -> str:
    text = files("botkit.cli").joinpath("skeleton", file).read_text(encoding="utf-8")
    return Template(text).substitute(values)
