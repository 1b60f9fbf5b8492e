"""A sandbox, people who sit in it, and bots that run on it, over real sockets; and what the protocol documents show."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import random
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from botkit import config
from botkit.clock import SystemClock
from botkit.messenger import login
from botkit.runner import loader
from botkit.runner.bot import Bot
from botkit.sandbox import client
from botkit.sandbox.server import Server
from tests.canary import Canary

SOON_S = 5
"""How long a test waits for what should come at once."""

PAYLOADS = Path(__file__).parent / "payloads"

CANARY = pytest.StashKey[Canary]()


def pytest_configure(config):
    config.stash[CANARY] = Canary()
    config.addinivalue_line(
        "markers",
        "payloads(file, scenes): run once for each entry of tests/payloads/FILE.json, given as the argument `payload`; "
        "with `scenes`, a mapping from names of entries, for these only, with its value as the argument `scene`",
    )


def pytest_generate_tests(metafunc):
    """Client and sandbox are both tested against the same files, which were written from the protocol documents."""
    if (marker := metafunc.definition.get_closest_marker("payloads")) is not None:
        file, scenes = (*marker.args, None)[:2]
        entries = json.loads((PAYLOADS / f"{file}.json").read_text(encoding="utf-8"))
        ids = [name.replace(" ", "-") for name in scenes or entries]
        if scenes is None:
            metafunc.parametrize("payload", entries.values(), ids=ids)
        else:
            rows = [(entries[name], scene) for name, scene in scenes.items()]
            metafunc.parametrize(("payload", "scene"), rows, ids=ids)


def pytest_runtest_setup(item):
    # What is logged at debug level must be fit to be seen as well; of long runs pytest would keep too much of it.
    if "endurance" not in item.path.parts:
        logging.getLogger("botkit").setLevel("DEBUG")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    item.config.stash[CANARY].look_in_report(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def canary(request, tmp_path_factory):
    """Plants secrets in every session of the run, and fails it at its end if one of them got out."""
    one = request.config.stash[CANARY]
    handlers, root = one.handlers(), logging.getLogger("botkit")
    with pytest.MonkeyPatch.context() as patch:
        one.plant(patch)
        for handler in handlers:
            root.addHandler(handler)
        yield one
        for handler in handlers:
            root.removeHandler(handler)
    one.look_at_reprs()
    one.look_in_files(tmp_path_factory.getbasetemp())
    if one.findings:
        pytest.fail("\n".join(["a secret got out:", *dict.fromkeys(one.findings)]), pytrace=False)


class Person:
    """One of the sandbox's people, at the page's own interface: says things, and hears what others do."""

    def __init__(self, url, token, name):
        self.name = name
        self._heard = queue.Queue()
        self._ready = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(url, token),))
        self._thread.start()
        self._people = self._ready.result(SOON_S)

    async def _live(self, url, token):
        self._leaving = asyncio.Event()
        async with client.People(url, token, self.name) as people, people.events() as events:
            self._id = events.account
            listening = asyncio.ensure_future(self._listen(events))
            self._ready.set_result(people)
            await self._leaving.wait()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, events):
        async for event in events:
            self._heard.put(event)

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SOON_S)

    def says(self, thread, text):
        """Write to a chat."""
        return self._do(self._people.send(thread, text))

    def types(self, thread, typing=True):
        """Show or hide the dots."""
        self._do(self._people.typing(thread, typing))

    def history(self, thread):
        """[(name, text)] of a chat, oldest first."""
        return [(one["sender_name"], one["text"]) for one in self._do(self._people.messages(thread))]

    def unread(self, thread):
        """How many messages of a chat the person has not read."""
        return next(one["unread"] for one in self._do(self._people.threads()) if thread in (one["id"], one["name"]))

    def next(self, kind, within_s=SOON_S):
        """The next event of this kind; fails when none comes within so many seconds."""
        while True:
            event = self._heard.get(timeout=within_s)
            if event["type"] == kind:
                return event

    def heard_by_now(self):
        """The events that have come and were not asked for yet."""
        events = []
        while not self._heard.empty():
            events.append(self._heard.get())
        return events

    def hears(self):
        """(name, text) of the next message of somebody else; fails when none comes soon."""
        while True:
            message = self.next("message")["message"]
            if message["sender"] != self._id and message["kind"] == "text":
                return message["sender_name"], message["text"]

    def leaves(self):
        self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(SOON_S)
        self._loop.close()


@pytest.fixture
def sandbox(tmp_path):
    """A sandbox with the world that ships."""
    server = Server(tmp_path / "sandbox", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def person(sandbox):
    """Seats people: `ann = person("Ann")`."""
    seated = []

    def sit(name, server=sandbox):
        seated.append(Person(server.url, server.token, name))
        return seated[-1]

    yield sit
    for one in seated:
        one.leaves()


@pytest.fixture
def ann(person):
    return person("Ann")


@pytest.fixture
def ben(person):
    return person("Ben")


@pytest.fixture
def account(sandbox):
    """Logs an account in: `api = account("Bot")`."""
    apis = []

    def log_in(name="Bot", **options):
        state = client.app_state(sandbox.url, sandbox.token, name)
        apis.append(login(state, {"network": sandbox.url, **options}))
        return apis[-1]

    yield log_in
    for api in apis:
        api.close()


@pytest.fixture
def start_bot(account, tmp_path):
    """Starts a bot on the sandbox: by the text of a bot file, or with plugin objects {name: thing}."""
    running = []

    def start(text="", things=None, clock=None, folder=None, chance=None):
        settings = config.parse(text, tmp_path / "bot.yaml", {})
        table = loader.load(settings)
        if things:
            extra = [loader.plugin_of(name, thing) for name, thing in things.items()]
            table = loader.build([*extra, *table.plugins])
        api = account(**settings.file.options)
        chance = chance or random.Random(1)
        bot = Bot(api, table, folder or tmp_path / "bot", clock or SystemClock(), chance, settings.file)
        running.append(bot)
        bot.start()
        assert bot.wait_live(SOON_S)
        return bot

    yield start
    for bot in running:
        bot.stop()
