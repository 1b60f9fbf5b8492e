"""A day of a busy group in a process of its own, in as many seconds as it takes; prints its figures as JSON.

Arguments: a folder, and the seconds of virtual time between one message and the next.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import subprocess
import sys
import threading
from pathlib import Path

from botkit import command, hookimpl
from botkit.store import Database
from botkit.testing import Stage

HOUR_S = 3600.0
HOURS = 24
WARM_UP_HOURS = 6
FORGOTTEN_DAYS = 15
"""After so many days without a message nothing is kept of the busy one."""
GROUP = "7000000000000001"
PEOPLE = ("Ann", "Ben", "Chloe")
BOT_FILE = """\
plugins: {help: , echo: , ping: , mark_read: }
options: {listen_events: true}
"""


class Chatty:
    """A plugin of all sorts: answers, counts, reacts, notices typing, and has a command."""

    @hookimpl
    def on_message(self, ctx, message):
        ctx.store.increment("messages")
        ctx.store.member["last"] = message.body
        if len(message.body) % 5 == 0:
            ctx.react("👍")
        return f"noted: {message.body}" if len(message.body) % 3 == 0 else None

    @hookimpl
    def on_typing(self, ctx, typing):
        ctx.store.increment("typing")

    @hookimpl
    def on_event(self, ctx, event):
        ctx.store.increment("events")

    @hookimpl
    def register_commands(self):
        return [count]


@command("count")
def count(ctx):
    """How many messages there were."""
    return f"{ctx.store.get('messages', 0)} messages"


def live_through_an_hour(stage, chance, pause_s):
    """People write, type, react, rename the group; now and then the connection breaks."""
    until_s = stage.clock.monotonic() + HOUR_S
    while stage.clock.monotonic() < until_s:
        here = {"as": chance.choice(PEOPLE), "thread": GROUP}
        stage.control("POST", "typing", **here, typing=True)
        body = chance.choice(["!echo hello", "!count", "!help", "x" * chance.randint(1, 200)])
        message = stage.control("POST", "send", **here, text=body)["message"]
        if chance.random() < 0.1:
            stage.control("POST", "do", **here, action="react", message=message["id"], text="❤")
        if chance.random() < 0.02:
            stage.control("POST", "do", **here, action="title", text=f"Friends {chance.randrange(100)}")
        if chance.random() < 0.01:
            stage.fault(chance.choice(["cut", "stall", "not_found"]))
        stage.advance(chance.expovariate(1 / pause_s))
        if chance.random() < 0.1:
            stage.control("POST", "read", **here)


def figures(folder):
    """What must not grow: threads, open files, memory and the bot's files in bytes."""
    gc.collect()
    handles = next(path for path in (Path("/proc/self/fd"), Path("/dev/fd")) if path.exists())
    return {
        "threads": threading.active_count(),
        "handles": len(list(handles.iterdir())),
        "memory": memory(),
        "bytes": sum(path.stat().st_size for path in folder.glob("bot.db*")),
    }


def memory():
    """What of this process is in memory at the moment; the peak would hold that of the process that started it."""
    if (found := Path("/proc/self/statm")).exists():
        return int(found.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    asked = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True)
    return int(asked.stdout) * 1024


def rows_in(folder):
    """How many rows of what has come and gone the bot keeps."""
    with contextlib.closing(Database(folder / "bot.db")) as database:
        return sum(database.read(f"SELECT count(*) FROM {table}")[0][0] for table in ("journal", "outbox", "calls"))


def main(folder: Path, pause_s: float) -> None:
    chance = random.Random(1)
    with Stage(folder) as stage:
        bot = stage.start_bot(BOT_FILE, {"chatty": Chatty()}, folder=folder / "bot")
        hours = []
        for _ in range(HOURS):
            live_through_an_hour(stage, chance, pause_s)
            stage.advance(60.0)
            hours.append(figures(folder / "bot"))
        calls, rows = sum(plugin.calls for plugin in bot.status().plugins), rows_in(folder / "bot")
        stage.advance(days=FORGOTTEN_DAYS)
        kept = {"rows": rows, "rows_in_the_end": rows_in(folder / "bot")}
        print(json.dumps({"calls": calls, "warm": hours[WARM_UP_HOURS - 1], "end": hours[-1], **kept}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
