"""The fixture `bot`: a bot for one test, people to talk to it, a clock to move, and everything that can go wrong."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botkit.clock import Clock
from botkit.config import BotConfig
from botkit.messenger import PROBE_AFTER_S
from botkit.runner import steps
from botkit.runner.bot import Bot
from botkit.runner.loader import HookTable
from botkit.store import Database
from botkit.testing import examples, subject
from botkit.testing.chats import Chat, Said
from botkit.testing.recording import Recording
from botkit.testing.stage import Stage
from botkit.testing.stores import PluginStore
from botkit.testing.templates import Templates

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "disconnect": {"kind": "cut"},
    "silence": {"kind": "silent_queue"},
    "unreachable": {"kind": "refuse_upgrade"},
    "lost messages": {"kind": "hole"},
    "lost queue": {"kind": "not_found"},
    "repeated message": {"kind": "duplicate"},
    "lost answer": {"kind": "drop_send"},
    "refused send": {"kind": "refuse_send"},
    "server error": {"kind": "status", "status": 500},
    "too many requests": {"kind": "status", "status": 429},
    "logged out": {"kind": "expire"},
    "checkpoint": {"kind": "checkpoint_page"},
}
"""What `bot.fault` calls the sandbox's faults that tests of plugins want most."""

MOMENTS = (steps.CALL_BEGUN, steps.CALL_COMMITTED, steps.ONCE_BEGUN, steps.ANSWER_READ)
"""What `bot.kill(at=…)` knows: the moments of the bot's own workers, whose threads can end."""

_REASONS = 5

# Asking a silent queue every ten minutes, as a bot does, is most of what happens in a quiet year; here it is done so
# often only after a fault, that many times.
_PROBE_AFTER_S = 6 * 3600.0
_PROBES = 6


class _Killed(BaseException):
    """The bot's process has ended, on this thread."""


class TestClock:
    """The time of the test: it stands still but for `advance`."""

    __test__ = False

    def __init__(self, clock: Clock, advance: Callable[[float], None]) -> None:
        self._clock = clock
        self._advance = advance

    def now(self) -> datetime:
        """The present, aware and in UTC; a test begins with the 1st of January 2026, a Thursday."""
        return self._clock.now()

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass; what falls due on the way is done in its order."""
        left_s = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        assert left_s >= 0, f"time passes forwards only, not by {left_s:g} seconds"
        self._advance(left_s)

    def advance_to(self, moment: datetime) -> None:
        """Let time pass until an aware moment that lies ahead."""
        left_s = (moment - self.now()).total_seconds()
        assert left_s >= 0, f"{moment} lies behind {self.now()}"
        self._advance(left_s)


class TestBot:
    """The bot under test and the world around it.

    The bot starts when the first person does something in a chat, so what is set before that holds from its start.
    """

    __test__ = False
    name = "Bot"

    def __init__(
        self, folder: Path, settings: BotConfig, templates: Templates, *, sockets: bool = False, seed: int = 1
    ) -> None:
        """`folder` has to be there and empty, and goes with `close`. `sockets`: over a server on a real port."""
        self._settings = settings
        self._things: dict[str, object] = {}
        self._templates = templates
        self._folder = folder / "bot"
        self._bot: Bot | None = None
        self._was_started = False
        self._database: Database | None = None
        self._expected: list[type[BaseException]] = []
        self._moment: str | None = None
        self._is_dying = False
        with ExitStack() as closing:
            # A worker that ends at that very moment may take a file away first.
            closing.callback(shutil.rmtree, folder, ignore_errors=True)
            self._recording = closing.enter_context(Recording())
            templates.copy(folder / "stage" / "sandbox", self._folder)
            self._stage = closing.enter_context(Stage(folder / "stage", seed=seed, sockets=sockets))
            closing.callback(self._close_database)
            self._closing = closing.pop_all()
        self.clock = TestClock(self._stage.clock, self._advance)

    def group(self, name: str, *people: str) -> Chat:
        """A new group with these people, who come to the world when they are new, and the bot. The first of them is
        its admin."""
        assert people, f"{name}: a group needs somebody besides the bot"
        names = [self.newcomer(person) for person in people]
        members = [*names[1:], self.name]
        made = self._stage.control("POST", "group", **{"as": names[0], "people": members, "name": name})
        return Chat(self, made["thread"], name, names)

    def chat(self, person: str) -> Chat:
        """The chat of two of a person, who comes to the world when they are new, and the bot."""
        return Chat(self, self.name, person, [self.newcomer(person)])

    def newcomer(self, name: str, *, birthday: str | None = None) -> str:
        """The name of a person, who comes to the world when they are new; `birthday` is like `03-14`."""
        people = self._stage.control("GET", "world")["people"]
        known = next((one["name"] for one in people if one["name"].casefold() == name.casefold()), None)
        if known is None:
            more = {} if birthday is None else {"birthday": birthday}
            self._stage.control("POST", "person", name=name, **more)
        return str(known or name)

    def owner(self, name: str) -> str:
        """Make a person one of the bot's owners; the name."""
        name = self.newcomer(name)
        people = self._stage.control("GET", "world")["people"]
        own_id = next(one["id"] for one in people if one["name"] == name)
        self._change(subject.with_owners(self._settings, [own_id]))
        return name

    def settings(self, **values: Mapping[str, Any]) -> None:
        """Set settings of plugins, as in the bot file: `bot.settings(dice={"max_dice": 3})`. A bot that runs is
        restarted with them."""
        self._change(subject.with_settings(self._settings, values))

    def load(self, *things: object, name: str = "test") -> None:
        """Give the bot a plugin that the test has in hand: a module, an object, or functions that are marked as
        commands and hooks. It comes before those of the bot file; a bot that runs is restarted with it."""
        is_whole = len(things) == 1 and not inspect.isfunction(things[0])
        thing = things[0] if is_whole else SimpleNamespace(**{_name_of(one): one for one in things})
        self._things[name] = thing
        self._change(self._settings)

    def start(self) -> None:
        """Start the bot, and wait until it listens; nothing when it runs."""
        if self._moment is not None:
            # It may be on its way there.
            self._stage.settle()
        self._bury()
        if self._bot is None:
            table = self._load()
            self._was_started = True
            self._bot = self._stage.run_bot(
                self._settings, table, folder=self._folder, probe_after_s=_PROBE_AFTER_S, step=self._step
            )

    def stop(self) -> None:
        """Stop the bot as Ctrl+C does; people talk without it until `start`."""
        if self._bot is not None:
            self._stage.settle()
        self._bury()
        if self._bot is not None:
            self._bot.stop()
            self._bot = None

    def restart(self) -> None:
        """Stop and start it; it goes on where it was."""
        self.stop()
        self.start()

    def kill(self, *, at: str | None = None) -> None:
        """End the bot in the midst of what it does, as SIGKILL would: no `on_stop`, and only what is committed stays.
        People talk without it until `start`.

        `at`: not now, but when it next comes to a moment of `MOMENTS`, such as "call committed".
        """
        assert at is None or at in MOMENTS, f"kill: there is no moment {at!r}; there are {', '.join(MOMENTS)}"
        if at is None:
            self._end()
        else:
            self.start()
        self._moment = at

    def _step(self, moment: str) -> None:
        """On a thread of the bot: a moment has come."""
        if moment == self._moment and self._bot is not None:
            self._moment, self._is_dying = None, True
            self._recording.pause()
            self._bot.cut_off()
            raise _Killed

    def _bury(self) -> None:
        """Have a bot that has come to the moment of its end be gone."""
        if self._is_dying:
            # What its threads still say of their end is not the test's affair.
            self._stage.settle()
            self._moment = None
            self._end()
            self._recording.resume()
            self._is_dying = False

    def _end(self) -> None:
        if self._bot is not None:
            with self._recording.paused():
                self._bot.api.close()
                self._bot.stop(drain=False)
            self._bot = None

    def fault(self, what: str, **fields: Any) -> None:
        """Let something go wrong between the bot and Messenger: a name of `FAULTS`, or a kind of the sandbox's faults
        with its fields (docs/sandbox.md). Most kinds strike once, at their next chance."""
        self.stage().fault(**{**FAULTS.get(what, {"kind": what}), **fields})
        for number in range(1, _PROBES + 1):
            self._stage.clock.call_later(number * PROBE_AFTER_S, self._ask)

    def _ask(self) -> None:
        if self._bot is not None:
            self._bot.ask()

    def store(self, plugin: str) -> PluginStore:
        """The values of a plugin, to look at and to set; before the first start, too."""
        return PluginStore(self._settled_database, plugin)

    @property
    def prefix(self) -> str:
        """What commands begin with, by the bot file."""
        return self._settings.file.prefix

    def check_examples(self, *plugins: str) -> None:
        """Try the examples of the commands of these plugins; none named: of those of the bot file's folders, and those
        given with `load`. Each is typed by Ann, an owner, in a group with Ben in it, to a bot of its own that speaks
        English; what is answered is what the example says, where `…` stands for any text."""
        __tracebackhide__ = True
        examples.check(self._load(), plugins, self._another)

    @property
    def log(self) -> tuple[str, ...]:
        """The lines that the bot has logged, of level info and above, each with its level before it."""
        self._stage.settle()
        return tuple(self._recording.lines)

    @property
    def errors(self) -> tuple[BaseException, ...]:
        """What plugins have raised."""
        self._stage.settle()
        return tuple(self._recording.errors)

    def expects_error(self, kind: type[BaseException] = Exception) -> None:
        """A plugin is to fail in this test, with an exception of this kind; without this any failure fails the test."""
        self._expected.append(kind)

    def complaint(self) -> str | None:
        """What to fail the test with: a plugin has failed that was not to, or has not that was. None: nothing."""
        self._stage.settle()
        errors, failures = self._recording.errors, self._recording.failures
        missing = [kind for kind in self._expected if not any(isinstance(error, kind) for error in errors)]
        if missing:
            return f"no plugin has raised {', '.join(kind.__name__ for kind in missing)}"
        if failures and not self._expected:
            return "\n".join(["something in the bot has failed:", *failures])
        return None

    def close(self) -> None:
        """Stop the bot and end its world."""
        self._closing.close()

    def stage(self) -> Stage:
        """The stage that it plays on, with the bot running unless it was stopped."""
        if not self._was_started:
            self.start()
        self._bury()
        return self._stage

    def reasons(self, said: Said | None) -> list[str]:
        """See `chats.Host`."""
        if self._bot is None:
            return ["the bot is not running"]
        why = self._bot.why(said.chat.id, said.who.id, said.id) if said else ()
        reasons = ["what became of it:", *(f"  {sentence}" for sentence in why)] if why else []
        if self._recording.failures:
            return [*reasons, "it has failed:", *self._recording.failures]
        told = [line for line in self._recording.lines if not line.startswith("INFO")][-_REASONS:]
        return [*reasons, *(["its log:"] if told else []), *told]

    def _load(self) -> HookTable:
        return subject.load(self._settings, self._things, self._templates.tables)

    def _another(self) -> TestBot:
        """One like this, in a world of its own."""
        other = TestBot(self._templates.new_folder(), subject.in_english(self._settings), self._templates)
        other._things = self._things
        return other

    def _advance(self, seconds: float) -> None:
        self.stage().advance(seconds)

    def _change(self, settings: BotConfig) -> None:
        self._settings = settings
        if self._bot is not None:
            self.restart()

    def _settled_database(self) -> Database:
        self._stage.settle()
        if self._database is None:
            self._database = Database(self._folder / "bot.db", sync="off")
        return self._database

    def _close_database(self) -> None:
        if self._database is not None:
            self._database.close()


def _name_of(thing: object) -> str:
    assert inspect.isfunction(thing), f"a plugin is one module or object, or some functions, not also {thing!r}"
    return thing.__name__
