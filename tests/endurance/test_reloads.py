"""A plugin reloaded a thousand times while people talk: no event is missed or handled by both, and nothing leaks."""

from __future__ import annotations

import gc
import json
import sys
import threading

import pytest

from botkit.runner.loader import Plugin
from botkit.testing import Stage
from tests.endurance.busy_day import memory

MOST_MEMORY = 1.05

PLUGIN = """
from botkit import command, hookimpl

VERSION = "{version}"
PADDING = list(range(1000))

@command("version")
def version(ctx):
    return VERSION

@hookimpl
def on_message(ctx, message):
    ctx.store.append("heard", message.body)

@hookimpl
def on_start(ctx):
    ctx.store.increment("starts")

@hookimpl
def on_stop(ctx):
    ctx.store.increment("stops")
"""


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path) as made:
        made.clock.limit_s = 60.0
        yield made


class Reloads:
    """A bot whose plugin is written anew and reloaded, while Ann talks to it."""

    def __init__(self, stage, folder):
        self._stage = stage
        self._file = folder / "plugins" / "word.py"
        self._file.parent.mkdir()
        self._write(0)
        self.bot = stage.start_bot("plugin_dirs: [plugins]\nplugins: {word: }\n")
        self._ann = stage.person("Ann")
        self.said = []
        self.done = 0

    def _write(self, version):
        self._file.write_text(PLUGIN.replace("{version}", str(version)), encoding="utf-8")

    def go_on(self, times):
        """Reload so many times; what must not have grown by then."""
        for _ in range(times):
            if self.done % 5 == 0:
                self.said.append(f"message {len(self.said)}")
                self._ann.says("Friends", self.said[-1])
            self.done += 1
            self._write(self.done)
            self.bot.reload("word")
        self._stage.settle()
        gc.collect()
        modules = sum("loaded_plugin" in name for name in sys.modules)
        stale = sum(type(one) is Plugin for one in gc.get_objects()) - len(self.bot.tables.current().plugins)
        # Of the lanes' workers there come to be as many as are needed at once.
        threads = sum(not one.name.startswith("botkit-lane-") for one in threading.enumerate())
        return {"threads": threads, "modules": modules, "stale": stale}, memory()

    def kept(self, key):
        ((value,),) = self.bot._database.read("SELECT value FROM store WHERE plugin = 'word' AND key = ?", (key,))
        return json.loads(value)


def test_reloads_under_load_leak_nothing(stage, tmp_path, length):
    """Threads, modules and plugins are as many as before, memory is bounded; every message was heard once, in order."""
    reloads = Reloads(stage, tmp_path)
    before, memory_before = reloads.go_on(length.reloads)
    after, memory_after = reloads.go_on(length.reloads)
    print(
        f"{reloads.done} reloads: {before} → {after}, memory {memory_after / memory_before - 1:+.1%} in the second half"
    )
    assert (after["threads"], after["modules"]) == (before["threads"], before["modules"])
    # One in the services of its last call, one in the hands of a thread that is just ending.
    assert after["stale"] <= before["stale"] + 2
    assert memory_after < MOST_MEMORY * memory_before
    assert reloads.kept("heard") == reloads.said
    assert (reloads.kept("starts"), reloads.kept("stops")) == (reloads.done + 1, reloads.done)
