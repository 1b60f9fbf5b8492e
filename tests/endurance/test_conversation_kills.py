"""A conversation whose bot is killed between its turns and in the midst of them."""

from __future__ import annotations

import contextlib
import signal

import pytest

from botkit.runner import steps
from botkit.storage import open_store
from botkit.store import Database
from tests.endurance.scene import HERE, SOON_S, Life, Scene, log_of
from tests.endurance.script import BOT, WATCHER, Line, members, thread_id


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path / "scene", 1)
    yield scene
    scene.close()


class Talk:
    """One person who talks with one bot after the other."""

    def __init__(self, scene, bot_file, watcher):
        self._scene, self._bot_file, self._watcher = scene, bot_file, watcher

    def live(self, text, expected, point=None):
        """A life of the bot in which a text is written; it ends at the point, or is killed once `expected` is heard."""
        life = Life(self._scene, self._bot_file, point=point, number=1, send_via="http")
        try:
            has_started = life.has_started()
            if text is not None:
                self._scene.says(Line(0, members(0)[0], text))
            if point is not None:
                assert life.ends_within(SOON_S), f"never got to: {point}"
            else:
                assert has_started, log_of(self._scene)
                self._hear(expected)
            assert life.end() == -signal.SIGKILL, log_of(self._scene)
        finally:
            life.close()

    def _hear(self, expected):
        while not self._watcher.next("message", SOON_S)["message"]["text"].startswith(expected):
            pass


def test_every_turn_is_done_once(scene, person, tmp_path):
    """The count before the second question, the lot that was drawn, and each question."""
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text(f"plugin_dirs: [{HERE / 'plugins'}]\nplugins: {{asking: }}\n", encoding="utf-8")
    talk = Talk(scene, bot_file, person(WATCHER, scene.server))
    talk.live("!ask", "How many?")
    talk.live("4", None, steps.CALL_COMMITTED)
    talk.live(None, "Why?")
    talk.live("fun", None, steps.CALL_BEGUN)
    talk.live(None, "4, fun, ")
    said = [one["text"] for one in scene.history() if one["sender"] == BOT]
    with contextlib.closing(Database(scene.bot_folder / "bot.db")) as database:
        kept = dict(open_store(database.read, "asking", thread_id(0), None).thread)
        rows = database.read("SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM turns)")
    (drawn,) = kept["drawn"]
    assert said == ["How many?", "Why?", f"4, fun, {drawn}."]
    assert kept["begun"] == 1
    assert rows == [(0,)]
