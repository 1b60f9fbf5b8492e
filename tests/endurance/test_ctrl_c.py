"""Ctrl+C ends a bot within two seconds whatever its handlers do, and a second one at once."""

from __future__ import annotations

import signal

import pytest

from botkit.clock import SystemClock
from tests.endurance.scene import SOON_S, Life, Scene, log_of
from tests.endurance.script import Line

HANGS = """\
import threading
from botkit import hookimpl

@hookimpl
def on_message(ctx, message):
    print("hanging", flush=True)
    threading.Event().wait()
"""
WITHIN_S = 2.0


@pytest.fixture
def hanging(tmp_path):
    """A bot in a process of its own, one of whose handlers will never come back."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "hangs.py").write_text(HANGS, encoding="utf-8")
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text("plugin_dirs: [plugins]\nplugins: {hangs: }\n", encoding="utf-8")
    scene = Scene(tmp_path / "scene", chats=1)
    life = Life(scene, bot_file)
    try:
        assert life.has_started(), log_of(scene)
        scene.says(Line(0, "Person 0", "hello"))
        assert life.process.stdout.readline() == "hanging\n"
        yield life
    finally:
        life.close()
        scene.close()


def test_one_is_enough(hanging):
    """The handler is left where it is; its message is handled again at the next start."""
    clock = SystemClock()
    begun_s = clock.monotonic()
    hanging.process.send_signal(signal.SIGINT)
    assert hanging.ends_within(SOON_S)
    assert clock.monotonic() - begun_s < WITHIN_S
    assert hanging.process.returncode == 0


def test_two_end_it_at_once(hanging):
    """Without any more work; the exit code is that of an interrupted program."""
    clock = SystemClock()
    hanging.process.send_signal(signal.SIGINT)
    hanging.ends_within(0.3)
    begun_s = clock.monotonic()
    hanging.process.send_signal(signal.SIGINT)
    assert hanging.ends_within(SOON_S)
    assert clock.monotonic() - begun_s < 0.5
    assert hanging.process.returncode == 128 + signal.SIGINT
