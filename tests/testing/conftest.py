"""A core without sockets, sessions on it, and a host that writes down what it hears."""

from __future__ import annotations

import random

import pytest

from botkit.clock import start_thread
from botkit.messenger import login
from botkit.messenger._deltas import parse
from botkit.messenger._raw_events import raw_events
from botkit.messenger.events import Message
from botkit.messenger.listener import Sink
from botkit.testing.sides import JoinedSide


class Ear(Sink):
    """Writes down texts and states; `on_text` may do more with a text, on the socket's thread."""

    def __init__(self, own_id):
        self._own_id = own_id
        self.texts = []
        self.states = []
        self.typing = []
        self.positions = []
        self.on_text = lambda message: None

    def batch(self, batch, position):
        for delta in batch.deltas:
            for raw in raw_events(delta):
                event = parse(raw.payload, self._own_id)
                if isinstance(event, Message):
                    self.on_text(event)
                    self.texts.append(event.body)
        self.positions.append(position)

    def position(self, position):
        self.positions.append(position)

    def transient(self, topic, payload, received_ms):
        if topic == "/thread_typing":
            self.typing.append(payload["state"])

    def state(self, state):
        self.states.append(state.name)


@pytest.fixture
def side(tmp_path):
    made = JoinedSide(tmp_path / "sandbox", None, random.Random(1))
    yield made
    made.close()


@pytest.fixture
def enter(side):
    """Logs an account in: `api = enter("Bot")`."""
    apis = []

    def make(name="Bot", **options):
        state = side.ask("POST", "app-state", {"as": name})["app_state"]
        http_door, socket_door = side.doors()
        options = {"network": side.url, **options}
        doors = {"http_door": http_door, "socket_door": socket_door}
        apis.append(login(state, options, clock=side.clock, random=random.Random(2), **doors))
        return apis[-1]

    yield make
    for api in apis:
        api.close()


@pytest.fixture
def api(enter):
    return enter()


@pytest.fixture
def listen(side):
    """Starts a listener on a thread of its own and gives what hears it."""
    started = []

    def start(api, ear=None, position=None):
        ear = ear or Ear(api.get_current_user_id())
        listener = api.listener(ear, position)
        started.append((listener, start_thread(side.clock, listener.run, "listener")))
        side.clock.settle()
        return ear

    yield start
    for listener, thread in started:
        listener.stop()
        thread.join(5)


@pytest.fixture
def says(side):
    """Ann writes to the group Friends."""

    def say(text, name="Ann", thread="Friends"):
        return side.ask("POST", "send", {"as": name, "thread": thread, "text": text})["message"]["id"]

    return say
