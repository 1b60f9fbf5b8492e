"""A plugin that ends the process on one message: a person starts the bot again, and everything else goes on."""

from __future__ import annotations

import signal

import pytest

from botkit.runner.journal_table import MOST_STARTS
from tests.endurance.plugins.fatal import EXIT_CODE, FATAL
from tests.endurance.scene import HERE, SOON_S, Life, Scene, log_of
from tests.endurance.script import BOT, Line, members, thread_id

CHATS = 6
TEXTS = ("one", FATAL, "two", "three")


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path / "scene", CHATS)
    yield scene
    scene.close()


def lines():
    """Several for each chat, in turns; the fatal one is in the first chat only."""
    for text in TEXTS:
        for chat in range(CHATS):
            yield Line(chat, members(chat)[0], "harmless" if text == FATAL and chat else text)


def answers(scene):
    """{chat: what the good plugin has answered, in order}."""
    own = [one for one in scene.history() if one["sender"] == BOT]
    return {
        chat: [one["text"].removeprefix("good: ") for one in own if one["thread"] == thread_id(chat)]
        for chat in range(CHATS)
    }


@pytest.mark.parametrize("order", ["fatal: , good: ", "good: , fatal: "], ids=["before", "after"])
def test_the_others_answer_as_without_it(scene, person, tmp_path, order):
    """It is tried three times in all and then set aside and told of; nobody else pays for it."""
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text(f"plugin_dirs: [{HERE / 'plugins'}]\nplugins: {{{order}}}\n", encoding="utf-8")
    watcher = person("Watcher", scene.server)
    lives = [Life(scene, bot_file)]
    try:
        assert lives[0].has_started(), log_of(scene)
        for line in lines():
            scene.says(line)
        while len(lives) <= MOST_STARTS:
            assert lives[-1].ends_within(SOON_S), "the fatal message was never tried"
            assert lives[-1].end() == EXIT_CODE, log_of(scene)
            lives.append(Life(scene, bot_file))
        assert lives[-1].has_started(), log_of(scene)
        expected = {chat: [line.text for line in lines() if line.chat == chat] for chat in range(CHATS)}
        for _ in range(CHATS):
            while watcher.next("message", SOON_S)["message"]["text"] != f"good: {TEXTS[-1]}":
                pass
        assert answers(scene) == expected
        assert "3 times; it is set aside" in log_of(scene)
        assert lives[-1].end(signal.SIGINT) == 0
    finally:
        for life in lives:
            life.close()
