"""Jobs, and functions that wait in the outbox, of a bot that is killed at each of its moments."""

from __future__ import annotations

import contextlib
import itertools
import signal

import pytest

from botkit.runner import steps
from botkit.storage import open_store
from botkit.store import Database
from tests.endurance.scene import HERE, SOON_S, Life, Scene, log_of
from tests.endurance.script import BOT, WATCHER, Line, members, thread_id

# The how manieth time such a moment comes in a life. A poll that had begun when the process died is not asked twice.
LIVES = ((steps.CALL_BEGUN, 2), (steps.CALL_COMMITTED, 1), (steps.ANSWER_READ, 1), (steps.ONCE_BEGUN, 1))


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path / "scene", 1)
    yield scene
    scene.close()


def test_each_job_is_done_once_and_its_functions_in_their_order(scene, person, tmp_path):
    """Four numbers in order, the last title, and no poll twice."""
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text(f"plugin_dirs: [{HERE / 'plugins'}]\nplugins: {{stepping: }}\n", encoding="utf-8")
    watcher = person(WATCHER, scene.server)
    lives = (*LIVES, (None, 0))
    for index, (point, number) in enumerate(lives):
        life = Life(scene, bot_file, point=point, number=number, send_via="http")
        try:
            life.has_started()
            if index == 0:
                scene.says(Line(0, members(0)[0], "!count"))
            if point is None:
                while watcher.next("message", SOON_S)["message"]["text"] != "done":
                    pass
            else:
                assert life.ends_within(SOON_S), f"never got to: {point}\n{log_of(scene)}"
            assert life.end() == -signal.SIGKILL, log_of(scene)
        finally:
            life.close()
    history = [one["text"] for one in scene.history() if one["sender"] == BOT or one["kind"] == "log"]
    with contextlib.closing(Database(scene.bot_folder / "bot.db")) as database:
        kept = dict(open_store(database.read, "stepping", thread_id(0), None).thread)
    polls = [one for one in history if "poll" in one]
    # A title may be set again after a kill; nobody sees a difference.
    rest = [text for text, _ in itertools.groupby(one for one in history if one not in polls)]
    numbered = [(f"step {number}", f"Bot named the group Step {number}.") for number in range(1, 5)]
    assert rest == [*itertools.chain(*numbered), "done"]
    assert kept["steps"] == [1, 2, 3, 4]
    assert len(polls) == len(set(polls)) == 3
