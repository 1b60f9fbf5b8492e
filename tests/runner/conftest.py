"""What the runner's tests share: a store, clocks that a test moves, calls with an imaginary api, and deltas as the wire
brings them."""

from __future__ import annotations

import random

import pytest

from botkit import hookimpl
from botkit.host import HOST, ChatSettings
from botkit.limits import DEFAULTS
from botkit.runner.awaited import Awaited
from botkit.runner.book import Book
from botkit.runner.breaker import Breakers
from botkit.runner.calls import Calls, Outlets
from botkit.runner.command_gates import CommandGates
from botkit.runner.contexts import Contexts
from botkit.runner.conversations import Conversations
from botkit.runner.effects import Effects
from botkit.runner.governor import Governor
from botkit.runner.in_hand import InHand
from botkit.runner.lookups import Lookups
from botkit.runner.opinions import Opinions
from botkit.runner.statistics import Statistics
from botkit.runner.watch import Watch
from botkit.runner.whys import Whys
from botkit.storage import apply, open_store
from botkit.store import Database
from botkit.testing import ManualClock, Stage, VirtualClock

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "bot.db")
    yield opened
    opened.close()


@pytest.fixture
def awaited(database):
    return Awaited(database)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def virtual():
    """A clock that knows when all work has come to rest."""
    return VirtualClock()


@pytest.fixture
def stage(tmp_path):
    """A sandbox without sockets, on a clock that the test moves."""
    with Stage(tmp_path) as made:
        yield made


@pytest.fixture
def plugin():
    """Makes a plugin of functions, which lives in their module: `plugin(on_message=…)`."""

    def make(**hooks):
        body = {name: staticmethod(hookimpl(function)) for name, function in hooks.items()}
        return type("Plugin", (), {**body, "__module__": next(iter(hooks.values())).__module__})()

    return make


@pytest.fixture
def governor(clock):
    """Without limits."""
    return Governor(DEFAULTS["sandbox"], clock, lambda kind, since_ms: [])


@pytest.fixture
def book(database):
    """What the bot keeps about chats and people."""
    return Book(database, ChatSettings("!", "en", "UTC"))


@pytest.fixture
def keep(database, book):
    """Keeps a value of the host's: `keep("thread:7", "muted", True)`."""

    def put(scope, key, value):
        store = open_store(database.read, HOST, None, None, all_shared=True)
        store.scope(scope)[key] = value
        changes = store.changes()
        database.write(lambda c: apply(c, changes))
        book.committed([changes])

    return put


class Network:
    """Stands for the client's api, and writes down what is asked of it.

    `answers` are for each request in turn: an exception is raised, a callable called, another value returned.
    """

    def __init__(self):
        self.asked = []
        self.answers = []

    def __getattr__(self, function):
        def ask(**arguments):
            self.asked.append((function, arguments))
            answer = self.answers.pop(0) if self.answers else None
            if isinstance(answer, Exception):
                raise answer
            return answer() if callable(answer) else answer

        return ask

    def look_up_thread(self, thread_id, *, timeout_s):
        """Of chats it knows nothing."""


@pytest.fixture
def network():
    return Network()


class Host:
    """Calls with everything that they stand on; what they give to others is written down."""

    def __init__(self, folder, database, clock, network, governor, **options):
        self.sent = []
        self.work = []
        self.pauses = []
        self.steps = []
        self.breakers = Breakers(database, clock, self.pauses.append)
        self.watch = Watch(clock, soft_s=5.0, hard_s=60.0)
        self.in_hand = InHand(folder / "in-hand")
        self.statistics = Statistics()
        self.changes = []
        self.reloads = []
        self.runs = []
        owners = frozenset({ANN})
        self.book = Book(database, ChatSettings("!", "en", "UTC"))
        self.lookups = Lookups(network, clock, self.book, owners)
        self.whys = Whys()
        self.contexts = Contexts(
            database, clock, random.Random(1), self.book, self.lookups, self.whys, owners, lambda: None
        )
        self.awaited = Awaited(database)
        self.effects = Effects(database, network, governor, clock, random.Random(2), self.awaited, lambda error: None)
        self.rows = []
        self.conversations = Conversations(
            database,
            clock,
            self.contexts,
            self.book,
            self.awaited,
            self.rows.extend,
            self.sent.extend,
            shadow=options.get("shadow", False),
        )
        self.calls = Calls(
            database,
            clock,
            self.contexts,
            self.effects,
            self.breakers,
            self.watch,
            self.in_hand,
            self.statistics,
            Outlets(
                self.sent.extend,
                self.work.extend,
                self._committed,
                lambda *which: self.reloads.append(which),
                self.runs.extend,
            ),
            self.awaited,
            CommandGates(database, clock, self.book, self.lookups),
            Opinions(self.contexts, self.breakers, self.book),
            self.conversations,
            OWN,
            step=self.steps.append,
            **options,
        )

    def _committed(self, changes):
        self.changes += changes
        self.book.committed(changes)

    def close(self):
        self.conversations.stop()
        self.watch.stop()
        self.in_hand.close()


@pytest.fixture
def make_host(tmp_path, database, clock, network, governor):
    """Makes a host of calls; options are those of `Calls`."""
    made = []

    def make(**options):
        made.append(Host(tmp_path, database, clock, network, governor, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def host(make_host):
    return make_host()


@pytest.fixture
def delta():
    """A NewMessage delta (dossier 2, section 5.1)."""

    def make(message_id, body="hello", sender=ANN, thread=GROUP, otid="7412281402983798101", at_ms=1767225600000):
        return {
            "class": "NewMessage",
            "body": body,
            "attachments": [],
            "participants": [OWN, ANN],
            "messageMetadata": {
                "actorFbId": sender,
                "messageId": message_id,
                "offlineThreadingId": otid,
                "threadKey": {"threadFbId": thread},
                "timestamp": str(at_ms),
            },
        }

    return make
