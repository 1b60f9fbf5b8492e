"""A bot that is killed again and again while people write: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import json
import random
import signal
import threading

import pytest

from botkit.cli._control import Port
from botkit.messenger import NetworkError, OutcomeUnknown
from botkit.runner import steps
from tests.endurance.bot_process import REQUEST_WRITTEN
from tests.endurance.scene import HERE, SOON_S, Ear, Feeder, Life, Scene, log_of
from tests.endurance.script import CHATS, WATCHER, lines_of, thread_id
from tests.endurance.truth import chats_of, faults, kept_in

POINTS = (
    steps.JOURNAL_COMMITTED,
    steps.CALL_BEGUN,
    steps.CALL_COMMITTED,
    REQUEST_WRITTEN,
    steps.ANSWER_READ,
    steps.ROW_TICKED_OFF,
    steps.ONCE_BEGUN,
    steps.CONTROL_CALL,
)
BOT_FILE = f"""\
plugin_dirs: [{HERE / "plugins"}]
plugins: {{lots: }}
"""


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path / "scene", CHATS)
    yield scene
    scene.close()


class Caller:
    """Asks the running bot for messages over its control port, and for the same one again when the answer was lost."""

    def __init__(self, scene):
        self._scene = scene
        self._turn = threading.Lock()
        self._texts = []
        self._is_answered = True
        self.done = []

    def call(self):
        """Ask once; any thread."""
        with self._turn:
            if self._is_answered:
                self._texts.append(f"call {len(self._texts)}")
                self._is_answered = False
            self._is_answered = self._ask(self._texts[-1])

    def _ask(self, text):
        """Whether the bot has said what became of it."""
        try:
            found = json.loads((self._scene.bot_folder / "control.json").read_text(encoding="utf-8"))
            # The same seed gives the same key, by which the bot knows that it was asked before.
            arguments = {"message": text, "thread_id": thread_id(0)}
            Port(found["url"], found["token"]).call("send_message", arguments, random.Random(text))
        except OutcomeUnknown as error:
            return "ended before it answered" not in str(error)
        except (OSError, NetworkError):
            return False
        self.done.append(text)
        return True

    def faults(self, heard):
        """What is wrong with the messages that are in the chat."""
        with self._turn:
            missing = [text for text in self.done if text not in heard]
            return [*missing, *(text for text in heard if heard.count(text) > 1 or text not in self._texts)]


class Lives:
    """Lives of one bot, each ended by its death; `in_hand` counts those that left something unanswered behind."""

    def __init__(self, scene, bot_file, feeder, ear, caller, chance):
        self._scene, self._bot_file = scene, bot_file
        self._feeder, self._ear, self._caller = feeder, ear, caller
        self._chance = chance
        self.in_hand = 0

    def begin(self):
        """The first life: from its end on every line counts, as the bot knows where it was."""
        life = Life(self._scene, self._bot_file)
        try:
            assert life.has_started(), log_of(self._scene)
            assert life.end(signal.SIGINT) == 0, log_of(self._scene)
        finally:
            life.close()

    def end_somewhere(self, share):
        """A life that is killed while it starts, or in the midst of the `share` lines that are written meanwhile."""
        life = Life(self._scene, self._bot_file, send_via=self._chance.choice(["auto", "http", "socket"]))
        try:
            if self._chance.random() < 0.2:
                self._feeder.allow(self._feeder.written + share)
                life.ends_within(self._chance.uniform(0.0, 1.0))
            else:
                self._work(life, share)
            self._bury(life)
        finally:
            life.close()

    def end_at(self, point, share):
        """A life that ends itself at a named moment of the `share` lines that are written meanwhile."""
        number = 1 if point in (steps.ONCE_BEGUN, steps.CONTROL_CALL) else self._chance.randint(1, 4)
        life = Life(self._scene, self._bot_file, point=point, number=number, send_via="http")
        try:
            # What was left open by the life before may end this one while it starts.
            has_started = life.has_started()
            self._feeder.allow(self._feeder.written + share)
            if has_started and point in (steps.ONCE_BEGUN, steps.CONTROL_CALL):
                # The first may only hear that nobody knows what became of a call which an earlier death cut off.
                self._caller.call()
                self._caller.call()
            assert life.ends_within(SOON_S), f"never got to: {point}"
            self._bury(life)
        finally:
            life.close()

    def end_well(self, lines):
        """The last life: it answers everything and is stopped in good order."""
        self._feeder.allow(lines)
        life = Life(self._scene, self._bot_file)
        try:
            assert life.has_started(), log_of(self._scene)
            self._caller.call()
            self._feeder.wait()
            self._ear.wait_for(lines)
            assert life.end(signal.SIGINT) == 0, log_of(self._scene)
        finally:
            life.close()

    def _work(self, life, share):
        """Let a life do something, and come to a moment in the midst of it."""
        assert life.has_started(), log_of(self._scene)
        self._feeder.allow(self._feeder.written + share)
        threading.Thread(target=self._caller.call, daemon=True).start()
        self._ear.wait_for(self._ear.catch_up() + self._chance.randint(0, share))
        life.ends_within(self._chance.expovariate(100.0))

    def _bury(self, life):
        assert life.end() == -signal.SIGKILL, log_of(self._scene)
        self._feeder.wait()
        self.in_hand += self._feeder.written > self._ear.catch_up()


def test_every_line_is_answered_once_and_in_order(scene, person, length, chance, tmp_path):
    """Through kills at random moments and at each named one; chats, store and counters agree with what was written."""
    lines = lines_of(length.messages, chance)
    bot_file = tmp_path / "bot.yaml"
    bot_file.write_text(BOT_FILE, encoding="utf-8")
    feeder, ear, caller = Feeder(scene, lines), Ear(person(WATCHER, scene.server)), Caller(scene)
    lives = Lives(scene, bot_file, feeder, ear, caller, chance)
    points = [None] * length.kills + [point for point in POINTS for _ in range(length.deaths)]
    chance.shuffle(points)
    share = len(lines) // len(points)
    try:
        lives.begin()
        for point in points:
            if point is None:
                lives.end_somewhere(share)
            else:
                lives.end_at(point, share)
        lives.end_well(len(lines))
    finally:
        feeder.stop()
    print(
        f"{len(points)} deaths, {lives.in_hand} of them with something in hand; {len(caller.done)} calls from outside"
    )
    chats = chats_of(scene.history(), CHATS)
    assert not list(faults(lines, chats, kept_in(scene.bot_folder, CHATS)))
    assert not caller.faults(chats[0].others)
