"""Where a test puts people and bots together: one sandbox, one clock, one seed."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botkit import config
from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.messenger import Api, login
from botkit.runner import loader
from botkit.runner.bot import Bot
from botkit.runner.loader import HookTable
from botkit.testing.sides import JoinedSide, Json, Side

_LIMIT_S = 10.0
_DAY_S = 86_400.0


class Person:
    """One of the sandbox's people: does what the page lets a person do, and hears what others do.

    A chat is named by its name or id. Everything raises ControlError when the sandbox refuses it.
    """

    def __init__(self, side: Side, name: str, settle: Callable[[], None]) -> None:
        self.name = name
        self._side = side
        self._settle = settle
        self._events: list[Json] = []
        self._told = 0
        side.listen(name, self._events.append)

    def says(self, thread: str, text: str, *, reply_to: str | None = None) -> str:
        """Write to a chat; the id of the message."""
        more = {} if reply_to is None else {"reply_to": reply_to}
        message: Json = self._post("send", thread, text=text, **more)["message"]
        return str(message["id"])

    def types(self, thread: str, typing: bool = True) -> None:
        """Show the dots, or hide them."""
        self._post("typing", thread, typing=typing)

    def reads(self, thread: str) -> None:
        """Look at a chat."""
        self._post("read", thread)

    def reacts(self, thread: str, message_id: str, emoji: str) -> None:
        """React to a message; with "" take the reaction away."""
        self.does(thread, "react", message=message_id, text=emoji)

    def does(self, thread: str, action: str, **arguments: Any) -> None:
        """Any other action on a chat, such as `add`, `leave` or `title`: those of the sandbox's `do`, in its words."""
        self._post("do", thread, action=action, **arguments)

    def heard(self) -> list[tuple[str, str]]:
        """(sender name, text) of what others have written since the last call, when all has come to rest."""
        fresh = [event["message"] for event in self.events() if event["type"] == "message"]
        return [(one["sender_name"], one["text"]) for one in fresh if one["sender_name"] != self.name]

    def events(self) -> list[Json]:
        """What the person's page was told since the last call, when all has come to rest: the JSON of its socket."""
        self._settle()
        first, self._told = self._told, len(self._events)
        return self._events[first : self._told]

    def history(self, thread: str) -> list[tuple[str, str]]:
        """(sender name, text) of the newest 500 messages of a chat, oldest first, when all has come to rest."""
        return [(one["sender_name"], one["text"]) for one in self.messages(thread)]

    def messages(self, thread: str) -> list[Json]:
        """The same as the page has them, with ids, times and reactions."""
        self._settle()
        arguments = {"as": self.name, "thread": thread, "limit": "500"}
        messages: list[Json] = self._side.ask("GET", "messages", arguments)["messages"]
        return messages

    def _post(self, name: str, thread: str, **arguments: Any) -> Json:
        return self._side.ask("POST", name, {"as": self.name, "thread": thread, **arguments})


class Stage:
    """A sandbox in `folder` with people and bots on it; `clock` is theirs all.

    Without sockets nothing waits in real time, and the clock moves only by `advance`, or where the test itself waits on
    it. With `sockets` the same runs over a server on a free port, and the clock runs on between leaps. `world_file`
    None is the world that ships. To be closed, or used in a `with` block.

    Two runs with one `seed` are the same, down to ids and times, if the test lets one chat come to rest before it does
    something in another: chats are handled side by side.
    """

    def __init__(
        self,
        folder: Path,
        *,
        world_file: Path | None = None,
        seed: int = 1,
        deduplicate_s: float | None = None,
        sockets: bool = False,
    ) -> None:
        self._folder = folder
        self._seed = seed
        self._chances = 0
        self._bots: list[tuple[str, Bot]] = []
        self._closing = ExitStack()
        self._side: Side
        chance = self._chance()
        if sockets:
            # aiohttp takes its time to load, and a joined test does without it.
            from botkit.testing.served import ServedSide

            self._side = ServedSide(folder / "sandbox", world_file, chance, deduplicate_s=deduplicate_s)
        else:
            self._side = JoinedSide(folder / "sandbox", world_file, chance, deduplicate_s=deduplicate_s)
        self._closing.callback(self._side.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def clock(self) -> Clock:
        return self._side.clock

    def person(self, name: str) -> Person:
        """Somebody of the world, by name or id."""
        return Person(self._side, name, self.settle)

    def login(self, account: str = "Bot", **options: Any) -> Api:
        """A session of an account, logged in with an app state; `options` as `Options` has them."""
        state = self._side.ask("POST", "app-state", {"as": account})["app_state"]
        http_door, socket_door = self._side.doors()
        api = login(
            state,
            {"network": self._side.url, **options},
            clock=self.clock,
            random=self._chance(),
            http_door=http_door,
            socket_door=socket_door,
        )
        self._closing.callback(api.close)
        return api

    def start_bot(
        self,
        text: str = "",
        things: Mapping[str, object] | None = None,
        *,
        account: str = "Bot",
        folder: Path | None = None,
        **options: Any,
    ) -> Bot:
        """Start a bot and wait until it listens.

        text: its bot file.
        things: plugins that are objects or modules, by name; they come before those of the file.
        account: whose session it has.
        folder: where it keeps its data, None: one for each account. A later bot of the same folder goes on where an
            earlier one ended.
        options: of `Bot`.
        """
        settings = config.parse(text, self._folder / "bot.yaml", {})
        table = loader.load(settings)
        if things:
            given = [loader.plugin_of(plugin, thing) for plugin, thing in things.items()]
            table = loader.build([*given, *table.plugins])
        return self.run_bot(settings, table, account=account, folder=folder, **options)

    def run_bot(
        self, settings: BotConfig, table: HookTable, *, account: str = "Bot", folder: Path | None = None, **options: Any
    ) -> Bot:
        """Start a bot with these settings and plugins and wait until it listens; the rest as for `start_bot`."""
        api = self.login(account, **settings.file.options)
        kept = folder or self._folder / "bots" / account
        options.setdefault("sync", "off")
        options.setdefault("renew", functools.partial(loader.renewed, settings))
        bot = Bot(api, table, kept, self.clock, self._chance(), settings.file, **options)
        self._bots.append((account, bot))
        self._closing.callback(bot.stop)
        bot.start()
        assert bot.wait_live(_LIMIT_S), "the bot does not come to listen"
        return bot

    def fault(self, kind: str, *, who: str = "Bot", **fields: Any) -> None:
        """Let something go wrong for an account; kinds and fields are those of the sandbox's faults."""
        before = [(bot, bot.connection) for account, bot in self._bots if account == who]
        if self._side.ask("POST", "fault", {"as": who, "kind": kind, **fields})["closed"]:
            self._side.notice([(bot, known) for bot, known in before if known.name == "live"])

    def control(self, method: str, name: str, /, **arguments: Any) -> Json:
        """Any other call of the sandbox's control API. Raises ControlError when it is refused."""
        return self._side.ask(method, name, arguments)

    def upload(self, account: str, thread: str, name: str, kind: str, data: bytes) -> str:
        """Have somebody send a file of the media type `kind`; the id of the message."""
        sent = self._side.upload({"as": account, "thread": thread, "name": name}, kind, data)
        return str(sent["message"]["id"])

    def settle(self, limit_s: float = _LIMIT_S) -> None:
        """Wait until nothing is under way, `limit_s` seconds of real time at most; else raise AssertionError."""
        self._side.settle([bot for _, bot in self._bots], limit_s)

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> None:
        """Let time pass, and what falls due on the way be done."""
        self._side.advance(seconds + days * _DAY_S, [bot for _, bot in self._bots])

    def close(self) -> None:
        """Stop the bots, close the sessions, end the sandbox."""
        self._closing.close()

    def _chance(self) -> random.Random:
        """Chance of its own for each part: drawn on different threads, one would not be the same twice."""
        self._chances += 1
        return random.Random(f"{self._seed} {self._chances}")  # noqa: S311 - tests have no secrets
