"""A whole listener on the sandbox, which is made to push anything at all between two good messages."""

from __future__ import annotations

import json
import queue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botkit.messenger import BotkitError, Message, login
from botkit.messenger.events import Event
from botkit.sandbox import client
from botkit.sandbox.audience import DeltaLogged
from botkit.sandbox.server import Server

BOT, FRIENDS = "100000000000001", "7000000000000001"
SOON_S = 10

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CLASSES = ("NewMessage", "ClientPayload", "AdminTextMessage", "ForcedFetch", "MarkRead", "ReadReceipt", "ThreadName")
KEYS = ("messageMetadata", "threadKey", "body", "attachments", "payload", "data", "untypedData", "type", "threadKeys")
DELTAS = ANY_JSON | st.builds(
    lambda kind, rest: {"class": kind, **rest},
    st.sampled_from(CLASSES),
    st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=5),
)


class Rough(Server):
    """A sandbox that a test can make push what no sandbox would."""

    def _open(self):
        self.core = super()._open()
        return self.core

    def _do(self, function):
        """Run on the server's own thread, which alone may touch the core."""
        done = queue.Queue()
        self._loop.call_soon_threadsafe(lambda: done.put(function()))
        return done.get(timeout=SOON_S)

    def push(self, delta):
        """Put a delta into the bot's log, as it is."""

        def log():
            engine, body = self.core.engine, json.dumps(delta)
            with engine.storage.transaction():
                number = engine.storage.add_delta(BOT, body)
            for session in self.core.sessions._all:
                if session.account == BOT:
                    session.hear(DeltaLogged(number, body))

        self._do(log)

    def push_bytes(self, data):
        """Send bytes on the bot's socket, as they are."""
        self._do(
            lambda: [session._line.say(data) for session in list(self.core.sessions._all) if session.account == BOT]
        )


class Scene:
    """The bot listens to everything; Ann writes."""

    def __init__(self, server):
        self.server = server
        self.events, self.errors = queue.Queue(), queue.Queue()
        self.ann, self.bot = (
            login(client.app_state(server.url, server.token, name), {"network": server.url, "listen_events": True})
            for name in ("Ann", "Bot")
        )
        self.count = 0
        self.listening = self.bot.listen(self.events.put, on_error=self.errors.put)
        assert self.listening.wait_live(SOON_S)

    def good(self):
        self.count += 1
        self.ann.send_message(f"good {self.count}", FRIENDS)

    def hears(self):
        """The number of the next good message; what came before it is an event, whatever it says."""
        while True:
            event = self.events.get(timeout=SOON_S)
            assert isinstance(event, Event)
            if isinstance(event, Message) and event.body.startswith("good "):
                return int(event.body.removeprefix("good "))

    def only_our_errors(self):
        while not self.errors.empty():
            assert isinstance(self.errors.get(), BotkitError)
        assert self.listening.error is None

    def close(self):
        self.ann.close()
        self.bot.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    server = Rough(tmp_path_factory.mktemp("rough"), port=0)
    server.start()
    made = Scene(server)
    yield made
    made.close()
    server.stop()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(delta=DELTAS)
def test_any_delta_leaves_its_neighbours_whole(scene, delta):
    """An event, an Unparsed, or an error of our tree; the messages before and after arrive, once and in order."""
    scene.good()
    scene.server.push(delta)
    scene.good()
    assert [scene.hears(), scene.hears()] == [scene.count - 1, scene.count]
    scene.only_our_errors()


@pytest.mark.parametrize("data", [b"\x00", b"\x30\xff\xff\xff\xff\xff", b"\x32\x03\x00\x09x", b"\xf0\x00"])
def test_any_bytes_as_a_frame_lose_nothing(scene, data):
    """At worst the connection is made anew; what was written meanwhile arrives, once and in order."""
    scene.good()
    scene.server.push_bytes(data)
    scene.good()
    assert [scene.hears(), scene.hears()] == [scene.count - 1, scene.count]
    scene.only_our_errors()
