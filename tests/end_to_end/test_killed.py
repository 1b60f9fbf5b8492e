"""A bot whose process is killed while people write: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys

import pytest

COUNTER = """
from botkit import hookimpl

@hookimpl
def on_message(ctx, message):
    ctx.store["count"] = ctx.store.get("count", 0) + 1
    ctx.store.thread.append("bodies", message.body)
    return f"{ctx.store['count'] > 0} {message.body}"
"""


@pytest.fixture
def start(tmp_path):
    """Starts the bot as a process of its own and waits until it says that it runs; none outlives the test."""
    bots = []

    def begin():
        command = [sys.executable, "-m", "botkit.cli", "run", "--log-level", "warning"]
        bots.append(subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True))
        assert any("Ctrl+C stops" in line for line in bots[-1].stdout), "the bot did not start"
        return bots[-1]

    yield begin
    for bot in bots:
        if bot.poll() is None:
            end(bot, signal.SIGKILL)


def end(bot, number):
    bot.send_signal(number)
    bot.wait(10)
    bot.stdout.close()


def test_every_message_is_answered_once_and_in_order_through_kills(sandbox, ann, ben, start, tmp_path):
    """Two chats, four kills at random places in the work; the store agrees with the chats."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "counter.py").write_text(COUNTER)
    (tmp_path / "bot.yaml").write_text(
        f"sandbox: {{url: {sandbox.url}}}\nplugin_dirs: [plugins]\nplugins: {{counter: }}\n"
    )
    chance = random.Random(20)
    bot = start()
    answers = []
    for round_ in range(5):
        for number in range(8):
            ann.says("Friends", f"a{round_}{number}")
            ben.says("Bot", f"b{round_}{number}")
        # The kill falls somewhere between the first answer and the last.
        answers += [ann.hears()[1] for _ in range(chance.randint(1, 7))]
        if round_ < 4:
            end(bot, signal.SIGKILL)
            bot = start()
    expected = [f"a{round_}{number}" for round_ in range(5) for number in range(8)]
    answers += [ann.hears()[1] for _ in range(len(expected) - len(answers))]
    assert answers == [f"True {body}" for body in expected]
    assert to_ben(ben, len(expected)) == [f"True b{body[1:]}" for body in expected]
    ann.says("Friends", "last")
    assert ann.hears()[1] == "True last"
    end(bot, signal.SIGINT)
    assert counts(tmp_path) == (81, [*expected, "last"])


def to_ben(ben, number):
    """The first answers in Ben's own chat; he hears the group as well."""
    found = []
    while len(found) < number:
        _, text = ben.hears()
        if text.startswith("True b"):
            found.append(text)
    return found


def counts(folder):
    """The global counter, and what the group's list holds."""
    from botkit.storage import open_store
    from botkit.store import Database

    (path,) = (folder / ".botkit").glob("sandbox-*/bot.db")
    database = Database(path)
    store = open_store(database.read, "counter", "7000000000000001", None)
    found = store["count"], store.thread["bodies"]
    database.close()
    return found
