"""`make picture`: photograph the chat page with a real browser while real bots answer on it.

Writes the pictures of the README and of the group's bot in the examples. Exits with 1 when the page does not show a
bot's answers.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from botkit.sandbox import client

Tab = Callable[..., Awaitable[dict[str, Any]]]

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
START_LIMIT_S = 30
STOP_LIMIT_S = 10
BROWSER_LIMIT_S = 60
ANSWERS_LIMIT_MS = 20_000
# Resolves when the page has shown all of the texts as messages and is connected; false when that took too long.
SHOWS_ALL = """new Promise((resolve) => {
  const texts = %s;
  const shown = () => [...document.querySelectorAll(".bubble")].map((bubble) => bubble.textContent);
  const isDone = () => !document.getElementById("status").textContent && texts.every((text) => shown().includes(text));
  const look = () => isDone() && resolve(true);
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  setTimeout(() => resolve(isDone()), %d);
  look();
})"""
DRAWN = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))"


@dataclass(frozen=True)
class Scene:
    """A bot, what people say to it in a chat, and the pictures of what the first of them sees: {path: (width, height,
    picture points per page point)}. `+Jonas` adds somebody; `greeting` is what the bot says to that."""

    files: Mapping[str, str]
    chat: str
    talk: Sequence[tuple[str, str]]
    pictures: Mapping[str, tuple[int, int, int]]
    greeting: str = ""


SCENES = (
    Scene(
        {"bot.yaml.example": "bot.yaml"},
        "Friends",
        [("Ann", "!ping"), ("Ben", "!echo hello"), ("Ann", "!help")],
        {"docs/page.png": (1200, 800, 1), "docs/page-phone.png": (390, 844, 2)},
    ),
    Scene(
        {"examples/group-bot/bot.yaml": "bot.yaml", "examples/group-bot/world.yaml": "world.yaml"},
        "Book club",
        [
            ("Mia", "!rules set No spoilers before Sunday."),
            ("Mia", "+Jonas"),
            ("Jonas", "!rules"),
            ("Tom", "!birthday add 29 February"),
            ("Aylin", "!remind us fri 18:00 the cake"),
        ],
        {"examples/group-bot/chat.png": (1000, 960, 1)},
        greeting="Welcome to Book club, Jonas! 📚 !rules tells how we do things here.",
    ),
)


def main() -> None:
    """Parse, start, talk, photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT, help="folder for the pictures (default: the project's)")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("no browser found: install chromium (on Debian: apt-get install chromium)")
    for scene in SCENES:
        for name, picture in play(scene, browser).items():
            path = arguments.to / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
            print(f"{path}: {len(picture) // 1024} kB")


def play(scene: Scene, browser: str) -> dict[str, bytes]:
    """Start the bot, let people talk, and take the scene's pictures."""
    with tempfile.TemporaryDirectory() as folder, running_bot(scene, Path(folder)) as url:
        texts = [talk(scene, Path(folder), url, person, said) for person, said in scene.talk]
        page = f"{url.rstrip('/')}/#as={scene.talk[0][0]}&in={quote(scene.chat)}"
        return asyncio.run(asyncio.wait_for(photograph(browser, page, texts, scene.pictures), BROWSER_LIMIT_S))


@contextlib.contextmanager
def running_bot(scene: Scene, folder: Path) -> Iterator[str]:
    """Run the scene's bot on a sandbox of its own in `folder`; yields the page's address."""
    for source, name in scene.files.items():
        shutil.copy(ROOT / source, folder / name)
    command = [sys.executable, "-m", "botkit.cli", "run", "bot.yaml"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as bot:  # noqa: S603
        lines: queue.Queue[str] = queue.Queue()
        # It keeps reading, or a full pipe would stop the bot.
        threading.Thread(target=pump, args=(bot, lines), daemon=True).start()
        try:
            yield address(lines)
        finally:
            bot.send_signal(signal.SIGINT)
            try:
                bot.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                bot.kill()


def pump(bot: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Hand over each line that the bot prints, and "" at the end."""
    assert bot.stdout is not None
    for line in bot.stdout:
        lines.put(line)
    lines.put("")


def address(lines: queue.Queue[str]) -> str:
    """The page's address, as the bot's own start-up lines tell it."""
    printed = ""
    while True:
        try:
            line = lines.get(timeout=START_LIMIT_S)
        except queue.Empty:
            line = ""
        if not line:
            sys.exit(f"the bot did not start:\n{printed}")
        if found := re.match(r"Open (http://127\.0\.0\.1:\d+)", line):
            return found[1]
        printed += line


def talk(scene: Scene, folder: Path, url: str, person: str, text: str) -> str:
    """Say something in the chat, or add somebody; returns what the page has to show then: what the bot says to it."""
    if text.startswith("+"):
        token = client.fetch_token(url)
        deed = {"as": person, "thread": scene.chat, "action": "add", "people": [text.removeprefix("+")]}
        client._call(url, token, "do", deed)
        return scene.greeting
    command = [sys.executable, "-m", "botkit.cli", "chat", "--url", url, "--as", person, "--in", scene.chat]
    done = subprocess.run([*command, "--send", text, "--wait", "10"], capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        sys.exit(f"{person} said {text} and got no answer: {done.stderr.strip()}")
    return done.stdout.strip().removeprefix("Bot: ")


async def photograph(
    browser: str, page: str, texts: list[str], pictures: Mapping[str, tuple[int, int, int]]
) -> dict[str, bytes]:
    """The page in these sizes, by file name; leaves unless it shows every text."""
    async with open_tab(browser) as tab:
        await tab("Page.navigate", url=page)
        await tab("Page.enable")
        script = SHOWS_ALL % (json.dumps(texts), ANSWERS_LIMIT_MS)
        if not await value(tab, script):
            sys.exit(f"the page does not show {texts}")
        return {name: await screenshot(tab, *size) for name, size in pictures.items()}


async def screenshot(tab: Tab, width: int, height: int, scale: int) -> bytes:
    """What a window of this size shows, as PNG; `scale` is the number of picture points per page point."""
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
    await tab("Emulation.setDeviceMetricsOverride", **size)
    await value(tab, DRAWN)
    return base64.b64decode((await tab("Page.captureScreenshot", format="png"))["data"])


async def value(tab: Tab, script: str) -> object:
    """What a script's promise resolves to."""
    answer = await tab("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
    return answer["result"].get("value")


@contextlib.asynccontextmanager
async def open_tab(browser: str) -> AsyncIterator[Tab]:
    """A tab of a browser with a new profile; yields a function that gives a DevTools command and returns its answer."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *BROWSER_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        try:
            address = await devtools(process)
            async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                target = (await give(socket, {"method": "Target.createTarget", "params": {"url": "about:blank"}}))[
                    "targetId"
                ]
                attach = {"method": "Target.attachToTarget", "params": {"targetId": target, "flatten": True}}
                session = (await give(socket, attach))["sessionId"]

                async def tab(method: str, **params: object) -> dict[str, Any]:
                    return await give(socket, {"method": method, "params": params, "sessionId": session})

                yield tab
                await give(socket, {"method": "Browser.close"})
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def devtools(process: asyncio.subprocess.Process) -> str:
    """The address that the browser prints for those who want to steer it."""
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.match(rb"DevTools listening on (ws://\S+)", line):
            return found[1].decode()
    sys.exit("the browser ended before it could be used")


async def give(socket: aiohttp.ClientWebSocketResponse, command: dict[str, Any]) -> dict[str, Any]:
    """Give one command and wait for its answer; events in between are not for us."""
    await socket.send_json({"id": 1, **command})
    while (answer := await socket.receive_json()).get("id") != 1:
        pass
    if "error" in answer:
        sys.exit(f"the browser refuses {command['method']}: {answer['error']['message']}")
    result: dict[str, Any] = answer["result"]
    return result


if __name__ == "__main__":
    main()
