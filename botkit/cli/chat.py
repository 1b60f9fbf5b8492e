"""`botkit chat`: sit down in the sandbox as one of its people and talk, from the terminal or from a script."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import click

from botkit.cli import _sandboxes
from botkit.sandbox.client import Events, Json, People, world
from botkit.sandbox.errors import ControlError, SandboxError

_DATA = Path(".botkit")
_RECENT = 10
_MISSED = 200
# An answer may come in several messages; this long a silence means that it was the last.
_QUIET_S = 0.3
_RETRY_S = 1.0
_LIMIT_S = 10.0

# Not "printable", but no danger: line breaks, tabs, and the joiner inside many emoji.
_SHOWN = "\n\t\u200d"
_NO_ANSWER, _REFUSED, _NO_SANDBOX = 1, 2, 3


class _UnknownName(Exception):
    """A name that fits no person or chat; its text is one line with the nearest right ones."""


@dataclass(frozen=True)
class _Seat:
    """Who talks where: `me` is a person and `thread` a chat, as the people's API gives them."""

    sandbox: _sandboxes.Place
    me: Json
    thread: Json

    def people(self) -> People:
        """The door to the sandbox as this person."""
        return People(self.sandbox.url, self.sandbox.token, self.me["id"])

    def hears(self, event: Json) -> bool:
        """Whether the event is a message or typing of somebody else in this chat."""
        if event["type"] not in ("message", "typing"):
            return False
        told = event.get("message", event)
        return bool(told["thread"] == self.thread["id"] and told["sender"] != self.me["id"])


@click.command("chat")
@click.option(
    "--as", "person", metavar="NAME", help="Who you are: a name or an id.  [default: the first who is no bot]"
)
@click.option("--in", "thread", metavar="THREAD", help="Where: a group, or a person to talk to.  [default: a group]")
@click.option("--add", "newcomers", metavar="NAME", multiple=True, help="Add somebody to the group first; repeatable.")
@click.option("--send", "text", metavar="TEXT", help="Send this one message, print the answers, and end.")
@click.option(
    "--wait",
    "wait_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=5,
    show_default=True,
    help="How long to wait for the first answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print messages and typing of others as JSON, one event a line.")
@click.option(
    "--url", metavar="URL", help="The sandbox's address.  [default: as .botkit/sandbox.json says, or port 8642]"
)
def chat(
    person: str | None,
    thread: str | None,
    newcomers: tuple[str, ...],
    text: str | None,
    wait_s: float,
    as_json: bool,
    url: str | None,
) -> None:
    """Talk in the sandbox.

    Without --send it is a conversation: lines that you type are sent, what others write is shown; Ctrl+D or /quit
    ends it. With --send, or when the input is no terminal (then each line is sent in its turn), what others write in
    the chat is printed as "Name: text". Waiting ends as soon as an answer has come and the chat was quiet for 0.3
    seconds, at the latest after --wait seconds. With --add alone, what the bot has to say to that is printed.

    Exit codes: 0 every message was answered, 1 no answer in time, 2 no such person or chat, or the message
    was refused, 3 no sandbox found.
    """
    try:
        seat = _sit_down(_sandboxes.find(_DATA, url), person, thread)
        show = _show_json if as_json else _show_text
        if newcomers:
            asyncio.run(_add(seat, newcomers, wait_s, show))
            if text is None:
                return
        if text is None and sys.stdin.isatty():
            _converse(seat, url, as_json)
            return
        texts = [text] if text is not None else [line.strip() for line in sys.stdin if line.strip()]
        answered = asyncio.run(_say_all(seat, texts, wait_s, show))
    except (_UnknownName, ControlError) as error:
        _leave(str(error), _REFUSED)
    except SandboxError as error:
        _leave(str(error), _NO_SANDBOX)
    if not answered:
        _leave(f"no answer in {seat.thread['name']} within {wait_s:g} s", _NO_ANSWER)


def _leave(reason: str, code: int) -> NoReturn:
    click.echo(f"botkit: {reason}", err=True)
    sys.exit(code)


def _sit_down(sandbox: _sandboxes.Place, person: str | None, thread: str | None) -> _Seat:
    """The seat that the names ask for; raises `_UnknownName`."""
    known = world(sandbox.url, sandbox.token)
    me = _pick("person", person or known["default_as"], known["people"])
    threads = asyncio.run(_threads(People(sandbox.url, sandbox.token, me["id"])))
    groups = [each["id"] for each in threads if each["group"]]
    return _Seat(sandbox, me, _pick("chat", thread or min(groups, default=""), threads))


async def _threads(door: People) -> list[Json]:
    async with door as people:
        return await people.threads()


def _pick(kind: str, wanted: str, entries: list[Json]) -> Json:
    """The entry whose id is `wanted`, else the one whose name is, without regard to case."""
    by_name = {entry["name"].casefold(): entry for entry in reversed(entries)}
    for entry in entries:
        if entry["id"] == wanted:
            return entry
    if wanted.casefold() in by_name:
        return by_name[wanted.casefold()]
    near = difflib.get_close_matches(wanted.casefold(), by_name, n=3) or list(by_name)[:8]
    names = ", ".join(by_name[name]["name"] for name in near)
    raise _UnknownName(f"no {kind} {wanted!r} here; there is: {names}")


async def _add(seat: _Seat, newcomers: Sequence[str], wait_s: float, show: Callable[[Json], None]) -> None:
    """Add people, all at once, and show what is said to that, if anything is."""
    async with seat.people() as people, people.events() as events:
        await people.add(seat.thread["id"], newcomers)
        await _show_answers(seat, events, wait_s, show)


async def _say_all(seat: _Seat, texts: Iterable[str], wait_s: float, show: Callable[[Json], None]) -> bool:
    """Send each text when the one before is done with; say whether all were answered."""
    answered = True
    async with seat.people() as people, people.events() as events:
        for text in texts:
            await people.send(seat.thread["id"], text)
            answered &= await _show_answers(seat, events, wait_s, show)
    return answered


async def _show_answers(seat: _Seat, events: Events, wait_s: float, show: Callable[[Json], None]) -> bool:
    """Show what is heard until an answer was followed by silence, or the time is up; say whether one came."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    answered = False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline) as limit:
            async for event in events:
                if not seat.hears(event):
                    continue
                show(event)
                answered = answered or event["type"] == "message"
                if answered:
                    limit.reschedule(min(deadline, loop.time() + _QUIET_S))
    return answered


def _show_json(event: Json) -> None:
    click.echo(json.dumps(event, ensure_ascii=False))


def _show_text(event: Json) -> None:
    if event["type"] == "message":
        click.echo(_line(event["message"]))


def _line(message: Json) -> str:
    """One message as a terminal may show it: control characters, which could move the cursor, are left out."""
    files = [f"[{one['kind']} {one['name']}]" for one in message.get("attachments", ())]
    said = " ".join([*([message["text"]] if message["text"] else []), *files])
    text = said if message["kind"] == "log" else f"{message['sender_name']}: {said}"
    return "".join(letter for letter in text if letter.isprintable() or letter in _SHOWN)


def _converse(seat: _Seat, url: str | None, as_json: bool) -> None:
    """Read lines and send them until the input ends, while a thread of its own shows what others write."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() a line editor and a history
    prompt = "" if as_json else f"{seat.me['name']}> "

    def show(event: Json) -> None:
        if as_json:
            _show_json(event)
        elif event["type"] == "message":
            _write_above(_line(event["message"]), prompt)

    def tell(line: str) -> None:
        if as_json:
            click.echo(line, err=True)
        else:
            _write_above(line, prompt)

    tell(f"You are {seat.me['name']} in {seat.thread['name']}. Ctrl+D or /quit ends.")
    with _Listening(seat, url, show, tell) as listening:
        while (text := _read_line(prompt)) not in (None, "/quit"):
            try:
                listening.send(text)
            except (SandboxError, ControlError) as error:
                click.echo(f"not sent: {error}", err=True)


def _read_line(prompt: str) -> str | None:
    """The next line without blanks around it; None when the person leaves."""
    if prompt:
        # What was heard since the last line has drawn a prompt of its own.
        sys.stdout.write("\r\x1b[K")
    try:
        return input(prompt).strip()
    except (EOFError, KeyboardInterrupt):
        click.echo()
        return None


def _write_above(line: str, prompt: str) -> None:
    """Write a line, and what is being typed again below it."""
    readline = sys.modules.get("readline")
    typed = prompt + (readline.get_line_buffer() if readline else "")
    rows_up = max(0, len(typed) - 1) // shutil.get_terminal_size().columns
    up = f"\x1b[{rows_up}A" if rows_up else ""
    sys.stdout.write(f"\r{up}\x1b[J{line}\n{typed}")
    sys.stdout.flush()


class _Listening:
    """Follows one chat on a thread of its own, and finds the sandbox again when that was restarted.

    On that thread it calls `show` with the recent messages, then with what others write and type, and `tell` with
    a line about the connection.
    """

    def __init__(self, seat: _Seat, url: str | None, show: Callable[[Json], None], tell: Callable[[str], None]) -> None:
        self._seat = seat
        self._url = url
        self._show = show
        self._tell = tell
        # A chat's messages have rising times, so the last one shown tells what is news after a break.
        self._newest_ms = 0
        self._caught_up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._following: asyncio.Task[None] = self._loop.create_task(self._follow())
        self._thread = threading.Thread(target=self._run, name="botkit-chat", daemon=True)

    def __enter__(self) -> _Listening:
        self._thread.start()
        self._caught_up.wait(_LIMIT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._following.cancel)
        self._thread.join(_LIMIT_S)

    def send(self, text: str) -> None:
        """Send from the caller's thread; an empty text is not sent. Raises SandboxError or ControlError."""
        if not text:
            return
        asyncio.run_coroutine_threadsafe(self._send(text), self._loop).result(_LIMIT_S)

    async def _send(self, text: str) -> None:
        async with self._seat.people() as people:
            await people.send(self._seat.thread["id"], text)

    def _run(self) -> None:
        with contextlib.closing(self._loop), contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._following)

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(SandboxError, ControlError):
                await self._listen()
            self._tell("connection lost: trying again")
            await self._find_again()

    async def _listen(self) -> None:
        async with self._seat.people() as people, people.events() as events:
            await self._catch_up(people)
            async for event in events:
                if self._seat.hears(event):
                    self._show_news(event)

    async def _catch_up(self, people: People) -> None:
        """Show the last few messages; after a break only what others wrote meanwhile."""
        is_first = not self._caught_up.is_set()
        for message in await people.messages(self._seat.thread["id"], limit=_RECENT if is_first else _MISSED):
            event = {"type": "message", "message": message}
            if is_first or self._seat.hears(event):
                self._show_news(event)
        self._caught_up.set()

    def _show_news(self, event: Json) -> None:
        if event["type"] == "message":
            if event["message"]["timestamp_ms"] <= self._newest_ms:
                return
            self._newest_ms = event["message"]["timestamp_ms"]
        self._show(event)

    async def _find_again(self) -> None:
        seat = self._seat
        while self._seat is seat:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RETRY_S):
                    await self._loop.create_future()
            with contextlib.suppress(SandboxError):
                self._seat = replace(seat, sandbox=await asyncio.to_thread(_sandboxes.find, _DATA, self._url))
