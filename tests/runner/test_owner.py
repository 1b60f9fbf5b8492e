"""The owner is told: by a real command, and by a webhook of this machine."""

from __future__ import annotations

import http.server
import json
import os
import queue
import select
import sys
import threading

import pytest

from botkit import logs
from botkit.config import Notify
from botkit.runner import owner as owner_module
from botkit.runner.owner import Owner
from botkit.testing import ManualClock


class StillClock(ManualClock):
    """Stands still, but does not make anybody wait for what happens outside."""

    def wait(self, event, timeout_s=None):
        return event.wait(timeout_s)


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def tell(clock):
    """Makes an owner; each is stopped at the end."""
    owners = []

    def make(**notify):
        owners.append(Owner(Notify(**notify) if notify else None, clock, "bot.yaml"))
        return owners[-1]

    yield make
    for one in owners:
        one.stop()


@pytest.fixture
def notes(tmp_path):
    """A command that appends what it gets to a file, and what is in that file."""
    script = tmp_path / "note.py"
    script.write_text(
        "import os, sys\n"
        "with open(sys.argv[1], 'a') as file:\n"
        "    print(sys.argv[2:], os.environ['BOTKIT_NOTICE_KIND'], os.environ['BOTKIT_NOTICE'], file=file)\n"
    )

    class Notes:
        command = [sys.executable, str(script), str(tmp_path / "notes")]

        def lines(self):
            path = tmp_path / "notes"
            return path.read_text().splitlines() if path.exists() else []

    return Notes()


def test_a_command_gets_the_sentence(tell, notes):
    """As its last argument, and with its kind in the environment; no shell reads it."""
    owner = tell(command=notes.command)
    owner.tell("plugin", "dice is paused; $(touch x) `y` 'z'\nand so on")
    owner.stop()
    sentence = "dice is paused; $(touch x) `y` 'z' and so on"
    assert notes.lines() == [f"{[sentence]} plugin {sentence}"]


def test_the_same_is_told_once_in_ten_minutes(tell, notes, clock, caplog):
    """Another sentence, or another kind, is told at once."""
    owner = tell(command=notes.command)
    for kind, sentence in (("row", "a"), ("row", "a"), ("row", "b"), ("loop", "a")):
        owner.tell(kind, sentence)
    clock.advance(599)
    owner.tell("row", "a")
    clock.advance(1)
    owner.tell("row", "a")
    owner.stop()
    assert [line.split(" ", 1)[1] for line in notes.lines()] == ["row a", "row b", "loop a", "row a"]
    assert [record.getMessage() for record in caplog.records].count("for the owner (row): a") == 2


def test_without_a_way_to_tell_there_is_the_log(tell, caplog):
    """And no thread."""
    before = threading.active_count()
    tell().tell("account", "the account is at a checkpoint")
    assert "for the owner (account): the account is at a checkpoint" in caplog.text
    assert threading.active_count() == before


def test_no_secret_is_told(tell, notes, caplog):
    """Whatever a sentence was made of."""
    logs.hide("owner-secret-cookie")
    owner = tell(command=notes.command)
    owner.tell("account", "it is owner-secret-cookie")
    owner.stop()
    assert notes.lines() == ["['it is [hidden]'] account it is [hidden]"]
    assert "owner-secret-cookie" not in caplog.text


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/there/is/no/such/command"], "notify.command cannot be run: No such file or directory"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "notify.command ended with exit code 3"),
        ([sys.executable, "-c", "a\0b"], "a notice could not be told: ValueError"),
    ],
)
def test_a_command_that_fails_is_a_line_in_the_log(tell, caplog, command, said):
    """The bot goes on."""
    owner = tell(command=command)
    owner.tell("row", "one")
    owner.stop()
    assert said in caplog.text


def test_a_command_that_does_not_end_is_ended_with_all_that_it_began(tell, caplog, monkeypatch, tmp_path):
    """After its time."""
    monkeypatch.setattr(owner_module, "_COMMAND_S", 3.0)
    held = tmp_path / "held"
    os.mkfifo(held)
    child = f"import time; held = open({str(held)!r}, 'w'); print('there', file=held, flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with os.fdopen(os.open(held, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as reader:
        owner = tell(command=[sys.executable, "-c", parent])
        owner.tell("row", "one")
        assert [reader.read() for _ in range(2) if select.select([reader], [], [], 20)[0]] == [b"there\n", b""]
    owner.stop()
    assert "notify.command was still running after" in caplog.text


def test_a_stop_waits_only_so_long(tell, monkeypatch):
    """What is not told by then is left."""
    monkeypatch.setattr(owner_module, "_COMMAND_S", 0.5)
    owner = tell(command=[sys.executable, "-c", "import time; time.sleep(60)"])
    owner.tell("row", "one")
    owner.stop(0.01)
    assert not owner._through.is_set()
    assert owner._through.wait(5)
    owner.tell("row", "after the stop")


@pytest.fixture
def hook():
    """A webhook: its address, what it got, and what it answers."""

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.put((self.headers["Content-Type"], json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(answer[0])
            self.end_headers()

        def log_message(self, *arguments):
            pass

    got, answer = queue.Queue(), [204]
    with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/key-of-the-chat", got, answer
        server.shutdown()
        thread.join()


def test_a_webhook_gets_json(tell, hook):
    """What, about what, of which bot, when."""
    url, got, _ = hook
    owner = tell(webhook=url)
    owner.tell("budget", "the day's messages are used up")
    owner.stop()
    assert got.get(timeout=5) == (
        "application/json",
        {
            "kind": "budget",
            "text": "the day's messages are used up",
            "bot": "bot.yaml",
            "time": "2026-01-01T00:00:00+00:00",
        },
    )


def test_a_webhook_that_refuses_or_is_gone_is_a_line_without_its_address(tell, hook, caplog):
    """Who knows the address can write to the owner."""
    url, _, answer = hook
    answer[0] = 500
    owner = tell(webhook=url)
    owner.tell("row", "one")
    owner.stop()
    gone = tell(webhook="http://127.0.0.1:9/another-key")
    gone.tell("row", "two")
    gone.stop()
    assert "notify.webhook answered with HTTP 500" in caplog.text
    assert "notify.webhook cannot be reached: URLError" in caplog.text
    assert "key" not in caplog.text
    assert logs.mask(f"at {url}") == "at [hidden]"


def test_many_notices_at_once_are_bounded(tell, caplog, monkeypatch, tmp_path):
    """The rest is in the log alone; whoever tells is not held up. What waits when the bot has gone is dropped."""
    monkeypatch.setattr(owner_module, "_COMMAND_S", 1.5)
    monkeypatch.setattr(owner_module, "_MOST_WAITING", 2)
    held = tmp_path / "held"
    os.mkfifo(held)
    with os.fdopen(os.open(held, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as reader:
        owner = tell(command=["/bin/sh", "-c", f"echo there > '{held}'; exec sleep 60"])
        owner.tell("row", "notice 0")
        assert select.select([reader], [], [], 20)[0]
    for number in range(1, 6):
        owner.tell("row", f"notice {number}")
    assert caplog.text.count("too many notices wait") == 3
    assert caplog.text.count("for the owner (row)") == 6
    owner.stop(0)
    assert owner._through.wait(5)
    assert caplog.text.count("was still running") == 1
