"""What bots of several tests begin with, made once: the files of a bot and of a sandbox, and tables of plugins."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

from botkit.runner.loader import HookTable
from botkit.sandbox.core import open_core
from botkit.store import Database
from botkit.testing.virtual_clock import VirtualClock

# A world without people but for the bot: a test brings its own.
_WORLD = """
people:
  - {id: 100000000000001, name: Bot, vanity: bot, bot: true, email: bot@sandbox.test, password: bot-sandbox}
"""


class Templates:
    """Kept in `folder`, which has to be there; they are made when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self.tables: dict[str, HookTable] = {}
        """See `subject.load`."""
        self._folder = folder
        self._numbers = itertools.count(1)
        self._sandbox = folder / "sandbox.db"
        self._bot = folder / "bot.db"

    def new_folder(self) -> Path:
        """An empty folder for one test."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir(mode=0o700)
        return folder

    def copy(self, sandbox: Path, bot: Path) -> None:
        """Put fresh files into the two folders, which are made."""
        if not self._bot.exists():
            self._make()
        for folder, template in ((sandbox, self._sandbox), (bot, self._bot)):
            folder.mkdir(mode=0o700, parents=True)
            shutil.copy(template, folder / template.name)

    def _make(self) -> None:
        world = self._sandbox.with_name("world.yaml")
        world.write_text(_WORLD, encoding="utf-8")
        open_core(self._sandbox.parent, world, VirtualClock(), random.Random(1)).close()  # noqa: S311 - no secrets
        Database(self._bot).close()
