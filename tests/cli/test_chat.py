"""`botkit chat` against a real sandbox, where somebody of flesh and thread answers as the bot."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import queue
import random
import re
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import _sandboxes
from botkit.cli.chat import _line, _Listening, _sit_down, chat
from botkit.sandbox import client
from botkit.sandbox.client import People
from botkit.sandbox.server import Server

LIMIT_S = 10


class Answerer:
    """Sits in the sandbox as the bot: types, then answers `say A|B` with A and B, and `whisper A` in private."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._answer()))

    def __enter__(self) -> Answerer:
        self._thread.start()
        assert self._ready.wait(LIMIT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join(LIMIT_S)

    async def _answer(self) -> None:
        async with People(self._server.url, self._server.token, "Bot") as people, people.events() as events:
            self._ready.set()
            async for event in events:
                if event["type"] == "message" and event["message"]["sender"] != events.account:
                    await self._answer_to(people, event["message"])

    async def _answer_to(self, people: People, message: dict[str, str]) -> None:
        command, _, texts = message["text"].partition(" ")
        thread = {"say": message["thread"], "whisper": message["sender"]}.get(command)
        if thread:
            await people.typing(thread, True)
            for text in texts.split("|"):
                await people.send(thread, text)


def write(server: Server, who: str, thread: str, text: str) -> None:
    """Send one message as somebody."""

    async def send() -> None:
        async with People(server.url, server.token, who) as people:
            await people.send(thread, text)

    asyncio.run(send())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("world") / ".botkit", port=0, random=random.Random(1))
    server.start()
    with Answerer(server):
        yield server


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(chat, arguments, input=typed)


def test_send_prints_the_answer(sandbox: Server) -> None:
    """What others write is printed as `Name: text`, one's own message is not."""
    result = run("--url", sandbox.url, "--as", "Ann", "--in", "Friends", "--send", "say hello")
    assert (result.exit_code, result.output) == (0, "Bot: hello\n")


def test_an_answer_in_two_messages_is_printed_whole(sandbox: Server) -> None:
    """Waiting goes on until the chat is quiet."""
    result = run("--url", sandbox.url, "--in", "Bot", "--send", "say one|two")
    assert (result.exit_code, result.output) == (0, "Bot: one\nBot: two\n")


def test_no_answer_in_time(sandbox: Server) -> None:
    """Without an answer it exits with 1 and says so on stderr only."""
    result = run("--url", sandbox.url, "--as", "Ann", "--in", "Friends", "--send", "silence", "--wait", "0.1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "botkit: no answer in Friends within 0.1 s\n"


def test_files_are_named() -> None:
    """A terminal cannot show a picture, but it can say that there is one."""
    picture = {"kind": "photo", "name": "lake.png", "url": "/x"}
    message = {"kind": "text", "sender_name": "Ann", "text": "look", "attachments": [picture]}
    assert _line(message) == "Ann: look [photo lake.png]"
    assert _line({**message, "text": ""}) == "Ann: [photo lake.png]"


def test_somebody_is_added_and_what_is_said_to_that_is_printed(sandbox: Server) -> None:
    """Several at once; a name that there is not is one line."""
    client._call(sandbox.url, sandbox.token, "group", {"as": "Ann", "people": ["Bot"], "name": "Lake"})
    seat = ("--url", sandbox.url, "--as", "Ann", "--in", "Lake")
    result = run(*seat, "--add", "Ben", "--add", "Chloe", "--wait", "0")
    assert (result.exit_code, result.output) == (0, "")
    result = run("--url", sandbox.url, "--as", "Chloe", "--in", "Lake", "--send", "say welcome")
    assert (result.exit_code, result.output) == (0, "Bot: welcome\n")
    result = run(*seat, "--add", "Fay")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_other_chats_are_not_printed(sandbox: Server) -> None:
    """What the bot writes to the same person in another chat is no answer."""
    result = run("--url", sandbox.url, "--in", "Friends", "--send", "whisper psst", "--wait", "0.5")
    assert (result.exit_code, result.stdout) == (1, "")


def test_json_prints_typing_and_messages(sandbox: Server) -> None:
    """With --json each event of another person is one JSON line."""
    result = run("--url", sandbox.url, "--in", "Friends", "--send", "say hi", "--json")
    typing, message = map(json.loads, result.output.splitlines())
    assert (typing["type"], typing["sender_name"], typing["typing"]) == ("typing", "Bot", True)
    assert (message["type"], message["message"]["text"]) == ("message", "hi")


def test_piped_lines_are_sent_in_their_turn(sandbox: Server) -> None:
    """Without a terminal each line waits for the answer to the one before."""
    result = run("--url", sandbox.url, typed="say one\n\nsay two\n")
    assert (result.exit_code, result.output) == (0, "Bot: one\nBot: two\n")


def test_default_seat(sandbox: Server) -> None:
    """Who names nothing is the first person who is no bot, in the first group."""
    seat = _sit_down(_sandboxes.at(sandbox.url), None, None)
    assert (seat.me["name"], seat.thread["name"]) == ("Ann", "Friends")


def test_names_and_ids(sandbox: Server) -> None:
    """Persons and chats may be named by id, or by name in any case."""
    seat = _sit_down(_sandboxes.at(sandbox.url), "100000000000003", "CHLOE")
    assert (seat.me["name"], seat.thread["id"]) == ("Ben", "100000000000004")


@pytest.mark.parametrize(
    ("option", "name", "told"),
    [
        ("--as", "Anne", "no person 'Anne' here; there is: Ann"),
        ("--in", "Frends", "no chat 'Frends' here; there is: Friends"),
    ],
)
def test_unknown_name(sandbox: Server, option: str, name: str, told: str) -> None:
    """A wrong name is told in one line with the nearest right one."""
    result = run("--url", sandbox.url, option, name, "--send", "x")
    assert (result.exit_code, result.stderr) == (2, f"botkit: {told}\n")


def test_a_name_like_no_other_lists_who_is_there(sandbox: Server) -> None:
    """When nothing is near, all the right names are told."""
    result = run("--url", sandbox.url, "--as", "Xxxx", "--send", "x")
    assert result.stderr == "botkit: no person 'Xxxx' here; there is: Chloe, Ben, Ann, Bot\n"


def test_a_refused_message(sandbox: Server) -> None:
    """What the sandbox refuses is told in its words."""
    result = run("--url", sandbox.url, "--in", "Friends", "--send", " ")
    assert result.exit_code == 2
    assert "characters" in result.stderr


def test_no_sandbox() -> None:
    """Where nothing answers, one line says how to start one."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        result = run("--url", url, "--send", "x")
    assert result.exit_code == 3
    assert result.stderr == f"botkit: no sandbox found at {url}: start one with `botkit run` or `botkit sandbox`\n"


def test_finds_the_sandbox_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --url the sandbox is the one that .botkit/sandbox.json names."""
    server = Server(tmp_path / ".botkit", port=0, random=random.Random(1))
    server.start()
    monkeypatch.chdir(tmp_path)
    with Answerer(server):
        assert run("--send", "say found").output == "Bot: found\n"


def test_a_message_cannot_move_the_cursor() -> None:
    """Control characters are not printed; line breaks and emoji are."""
    message = {"kind": "text", "sender_name": "Bot", "text": "a\x1b[2J\x07\nb 👩‍🚀"}
    assert _line(message) == "Bot: a[2J\nb 👩‍🚀"


def test_conversation_in_a_terminal(sandbox: Server) -> None:
    """In a terminal it shows the recent messages and answers, and Ctrl+D leaves with 0."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "botkit.cli", "chat", "--url", sandbox.url, "--as", "Ben", "--in", "Stand-up"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        read_until(ours, "nine then.", "Ben> ")
        os.write(ours, b"say good morning\n")
        read_until(ours, "Bot: good morning", "Ben> ")
        os.write(ours, b"\x04")
        assert process.wait(LIMIT_S) == 0
    os.close(ours)


def read_until(screen: int, *texts: str) -> None:
    """Wait until the terminal has shown these texts in this order."""
    shown = ""
    while re.search(".*".join(map(re.escape, texts)), shown, re.DOTALL) is None:
        assert select.select([screen], [], [], LIMIT_S)[0], f"the terminal only shows {shown!r}"
        shown += os.read(screen, 1024).decode()


def test_a_restarted_sandbox_is_found_again(tmp_path: Path) -> None:
    """A conversation survives a restart: it says so, and shows what was missed, once."""
    first = Server(tmp_path, port=0, random=random.Random(1))
    first.start()
    shown: queue.Queue[str] = queue.Queue()
    seat = _sit_down(_sandboxes.at(first.url), "Ann", "Stand-up")
    with _Listening(seat, first.url, lambda event: shown.put(_line(event["message"])), shown.put):
        first.stop()
        second = Server(tmp_path, port=int(first.url.rpartition(":")[2]), random=random.Random(2))
        second.start()
        write(second, "Ben", "Stand-up", "back again")
        lines = [shown.get(timeout=LIMIT_S) for _ in range(4)]
        second.stop()
    assert lines == [
        "Ben: Release is out, nothing burns.",
        "Ann: Great. Tomorrow at nine then.",
        "connection lost: trying again",
        "Ben: back again",
    ]
