"""One MQTT connection, without its socket: bytes in by `feed`, bytes out by a callback. Event-loop thread only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.logs import get_logger
from botkit.sandbox import mqtt
from botkit.sandbox.audience import DeltaLogged, Event, PresenceChanged, Typing
from botkit.sandbox.checks import checked_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import Refusal
from botkit.sandbox.lightspeed import Lightspeed, is_send
from botkit.sandbox.line import Line
from botkit.sandbox.storage import Login
from botkit.sandbox.sync_queue import SyncQueue
from botkit.sandbox.wire import compact, read_json

_ACCEPTED, _BAD_PROTOCOL, _NOT_AUTHORISED = 0, 1, 5
_REQUESTS = "/ls_req"
# A client has this long to begin with CONNECT.
_CONNECT_WITHIN_S = 20.0
_KEEPALIVE_GRACE = 1.5
# Dossier 2, section 13.1.
_ACTIVE, _AWAY = 2, 0

_log = get_logger(__name__)


class Sessions:
    """All connections, so that somebody's can be closed."""

    def __init__(self) -> None:
        self._all: dict[Session, None] = {}

    def add(self, session: Session) -> None:
        """Take in a new connection."""
        self._all[session] = None

    def discard(self, session: Session) -> None:
        """Let go of a connection whose socket is gone."""
        self._all.pop(session, None)
        session.ended()

    def strike(self, account: str) -> int:
        """Let happen what was ordered for an account's connections; how many of them ended."""
        found = [session for session in self._all if session.account == account]
        for session in found:
            session.strike()
        return sum(session.has_ended for session in found)

    def close_account(self, account: str) -> int:
        """Cut an account's connections without a goodbye; how many."""
        return self._close([session for session in self._all if session.account == account])

    def close_login(self, login: Login) -> int:
        """Cut the connections of one session."""
        return self._close([session for session in self._all if session.account and session.is_of(login)])

    def close_silent(self) -> int:
        """Cut the connections whose client has gone quiet (dossier 2, section 2.5: keepalive)."""
        return self._close([session for session in self._all if session.is_silent()])

    def _close(self, sessions: list[Session]) -> int:
        for session in sessions:
            session.cut()
        return len(sessions)


class Session:
    """Speaks MQTT with one client; `account` is empty until its CONNECT was accepted.

    `find_login` gives the living session of the upgrade's cookies (None: there is none); it is asked at CONNECT, as a
    session may end between the upgrade and that. `sid` is the upgrade's query parameter of the same name.
    `send` takes whole packets, or parts of one when that was ordered; `close` ends the socket when all of them are
    out, `cut` at once.
    """

    def __init__(
        self,
        engine: Engine,
        find_login: Callable[[], Login | None],
        sid: str,
        send: Callable[[bytes], None],
        close: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        self.account = ""
        self._find_login = find_login
        self._login: Login | None = None
        self._engine = engine
        self._sid = sid
        self._close = close
        self._cut = cut
        self._line = Line(engine.faults, engine.clock, send, self._end, self.cut)
        self._decoder = mqtt.Decoder()
        self._keepalive_s = 0
        self._heard_at_s = engine.clock.monotonic()
        self._presence_sent = False
        self._queue: SyncQueue | None = None
        self._pages: dict[str, _PageSeat] = {}
        self._lightspeed: Lightspeed | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing is taken or told any more."""
        return self._line.closed

    @property
    def is_deaf(self) -> bool:
        """Whether the server's side is stalled: no answer will come, nor will what is fed have an effect."""
        return self._line.is_deaf

    def feed(self, data: bytes) -> None:
        """Take bytes from the client, in any pieces."""
        self._heard_at_s = self._engine.clock.monotonic()
        try:
            for packet in () if self.has_ended else self._decoder.feed(data):
                if not self.is_deaf or isinstance(packet, mqtt.Disconnect):
                    self._take(packet)
                if self.has_ended:
                    return
        except mqtt.MqttError as error:
            _log.debug("closing a socket of %s: %s", self.account or "nobody", error)
            self._end()

    def ended(self) -> None:
        """The socket is gone, or is about to be: take and tell nothing more."""
        self._line.closed = True
        self._engine.audience.detach(self)
        for seat in self._pages.values():
            self._engine.audience.detach(seat)

    def cut(self) -> None:
        """End the connection at once, whatever still waits to be sent."""
        self.ended()
        self._cut()

    def strike(self) -> None:
        """Let happen what was ordered for the connection as a whole."""
        self._line.strike()

    def is_of(self, login: Login) -> bool:
        """Whether the connection was opened with the cookies of this session."""
        return self._login is not None and self._login.xs == login.xs

    def is_silent(self) -> bool:
        """Whether nothing came for one and a half keepalives, or CONNECT never came."""
        quiet_s = self._engine.clock.monotonic() - self._heard_at_s
        if not self.account:
            return quiet_s > _CONNECT_WITHIN_S
        return bool(self._keepalive_s) and quiet_s > self._keepalive_s * _KEEPALIVE_GRACE

    def hear(self, event: Event) -> None:
        """Pass an event on, if the client wants its topic."""
        if isinstance(event, DeltaLogged) and self._queue:
            self._queue.follow(event)
        elif isinstance(event, Typing) and not event.thread.encrypted:
            note: dict[str, Any] = {"type": "typ", "sender_fbid": int(event.sender), "state": int(event.typing)}
            if event.thread.group:
                self._publish("/thread_typing", compact({**note, "thread": event.thread.key}))
            else:
                self._publish("/orca_typing_notifications", compact(note))
        elif isinstance(event, PresenceChanged) and self._engine.world.are_friends(self.account, event.person):
            self._publish("/orca_presence", compact({"list_type": "inc", "list": [self._presence(event.person)]}))

    def _end(self) -> None:
        self.ended()
        self._close()

    def _take(self, packet: mqtt.Packet) -> None:
        if isinstance(packet, mqtt.Connect):
            self._connect(packet)
        elif not self.account:
            raise mqtt.MqttError("the first packet is not CONNECT")
        elif isinstance(packet, mqtt.Publish):
            if packet.packet_id is not None:
                self._line.say(mqtt.puback(packet.packet_id))
            self._published(packet)
        elif isinstance(packet, mqtt.Subscribe):
            self._line.say(mqtt.suback(packet.packet_id, len(packet.topics)))
            self._subscribe([topic for topic, _ in packet.topics])
        elif isinstance(packet, mqtt.Unsubscribe):
            self._line.topics -= set(packet.topics)
            self._line.say(mqtt.unsuback(packet.packet_id))
        elif isinstance(packet, mqtt.Pingreq):
            self._line.say(mqtt.pingresp())
        elif isinstance(packet, mqtt.Disconnect):
            self._end()

    def _connect(self, packet: mqtt.Connect) -> None:
        if self.account:
            raise mqtt.MqttError("a second CONNECT")
        who = _object(packet.username.encode())
        self._login = self._find_login()
        code = self._refusal(packet, who)
        self._line.say(mqtt.connack(code))
        if code != _ACCEPTED or self._login is None:
            self._end()
            return
        self.account = self._line.account = self._login.account
        self._keepalive_s = packet.keepalive_s
        self._queue = self._new_queue(self.account)
        self._lightspeed = Lightspeed(self._engine, self.account)
        self._engine.audience.attach(self)
        # A list of topics, or in one client a bare text (dossier 4).
        topics = who.get("st")
        self._subscribe([topics] if isinstance(topics, str) else topics if isinstance(topics, list) else [])

    def _refusal(self, packet: mqtt.Connect, who: dict[str, Any]) -> int:
        """The CONNACK code: the cookies' account and the URL's `sid` have to be those of the user name."""
        if not packet.supported:
            return _BAD_PROTOCOL
        named = str(who.get("u")), str(who.get("s"))
        if self._login is None or named != (self._login.account, self._sid):
            return _NOT_AUTHORISED
        fault = self._engine.faults.take(self._login.account, "refuse_connect")
        return _ACCEPTED if fault is None or fault.code is None else fault.code

    def _subscribe(self, topics: list[Any]) -> None:
        self._line.topics.update(topic for topic in topics if isinstance(topic, str))
        if "/orca_presence" in self._line.topics and not self._presence_sent:
            self._presence_sent = True
            friends = [self._presence(friend) for friend in self._engine.world.friends_of(self.account)]
            self._publish("/orca_presence", compact({"list_type": "full", "list": friends}))

    def _presence(self, person: str) -> dict[str, int]:
        left_s = self._engine.audience.last_active_s(person)
        state = _ACTIVE if self._engine.audience.is_online(person) else _AWAY
        return {"u": int(person), "p": state, **({} if left_s is None else {"l": left_s})}

    def _published(self, packet: mqtt.Publish) -> None:
        assert self._lightspeed is not None
        request = _object(packet.payload)
        if packet.topic == "/messenger_sync_create_queue":
            self._queue_for(request).create(request)
        elif packet.topic == "/messenger_sync_get_diffs":
            self._queue_for(request).resume(request)
        elif packet.topic == _REQUESTS:
            self._answer(self._lightspeed.answers(request), is_send(request))
        elif packet.topic == "/mark_thread":
            self._mark_thread(request)

    def _answer(self, answers: list[dict[str, Any]], sent: bool) -> None:
        """Answer a request on `/ls_req`; `sent` when it was a send."""
        faults = self._engine.faults
        if (sent and faults.take(self.account, "drop_send")) or faults.take(self.account, "drop_answer", _REQUESTS):
            self._end()
            return
        if (sent and faults.take(self.account, "hold_send")) or faults.take(self.account, "hold_answer", _REQUESTS):
            return
        for answer in answers:
            # Some clients wait for the answer without ever subscribing (dossier 1, section 13.2).
            self._line.publish("/ls_resp", compact(answer))

    def _queue_for(self, request: dict[str, Any]) -> SyncQueue:
        """The account's queue, or that of the page whose id the request names (dossier 2, section 3.1)."""
        assert self._queue is not None
        entity = str(request.get("entity_fbid"))
        if not self._engine.world.may_act_as(self.account, entity):
            return self._queue
        if entity not in self._pages:
            self._pages[entity] = _PageSeat(entity, self._new_queue(entity))
            self._engine.audience.attach(self._pages[entity])
        return self._pages[entity].queue

    def _new_queue(self, account: str) -> SyncQueue:
        return SyncQueue(self._engine, account, self._line)

    def _mark_thread(self, request: dict[str, Any]) -> None:
        """Dossier 1, section 15: mark as read from the socket; no answer."""
        if request.get("mark") != "read":
            return
        try:
            thread = checked_thread(self._engine.world, self.account, str(request.get("threadID")))
        except Refusal:
            return
        if request.get("state") in (True, "true"):
            self._engine.mark_read(self.account, thread)
        else:
            self._engine.mark_unread(self.account, thread)

    def _publish(self, topic: str, text: str) -> None:
        if topic in self._line.topics:
            self._line.publish(topic, text)


class _PageSeat:
    """Hears what a page hears, for the socket of an account that acts as it."""

    def __init__(self, account: str, queue: SyncQueue) -> None:
        self.account = account
        self.queue = queue

    def hear(self, event: Event) -> None:
        if isinstance(event, DeltaLogged):
            self.queue.follow(event)


def _object(payload: bytes) -> dict[str, Any]:
    """A JSON object; empty when the bytes are none, which every topic then treats as a wrong request."""
    try:
        value = read_json(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
