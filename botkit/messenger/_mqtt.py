"""The door to MQTT: the only module that touches paho."""

from __future__ import annotations

import contextlib
import re
import socket as sockets
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import PUBACK, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv31, WebsocketConnectionError
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from botkit.logs import get_logger
from botkit.messenger._doors import Network, Socket, SocketConnect, SocketHandler
from botkit.messenger._proxy import open_tunnel
from botkit.messenger._websocket import WebSocketStream
from botkit.messenger.errors import NetworkError

_log = get_logger(__name__)
# paho gives the codes of MQTT 5 and folds all that MQTT 3.1 does not know, such as 21 and 24, into one; the number that
# came stands only in what it would log.
_CONNACK_LINE = re.compile(r"Received CONNACK \(\d+, (\d+)\)")
_UNKNOWN_CODE = 255
# paho says this when nothing has come for two keepalives, although it had sent a ping.
_SILENCE = "Keep alive timeout"
# So many acknowledgements wait for each other at most.
_MOST_ACKS = 16


class _Client(PahoClient):
    """Leaves nothing open: paho forgets its connection when the WebSocket handshake fails, and its inner pipe until the
    garbage collector comes. Goes through a proxy."""

    tcp: sockets.socket | None = None
    proxy: str | None = None
    at_end: Callable[[], None]
    """Called last on the thread, however it ends: paho itself keeps some endings to itself."""

    def _thread_main(self) -> None:
        try:
            super()._thread_main()
        except Exception:
            _log.exception("socket: the network thread failed")
        finally:
            self._reset_sockets()
            self.at_end()

    def _create_socket_connection(self) -> sockets.socket:
        if self.proxy is None:
            self.tcp = super()._create_socket_connection()
        else:
            self.tcp = open_tunnel(self.proxy, self.host, self.port, self.connect_timeout)
        return self.tcp

    def _create_socket(self) -> Any:
        super()._create_socket()
        assert self.tcp is not None, "the handshake has gone over it"
        return WebSocketStream(self.tcp)

    def want_write(self) -> bool:
        stream: Any = self._sock
        return super().want_write() or (stream is not None and stream.has_unsent)

    def loop_write(self) -> MQTTErrorCode:
        """Write all that waits in one piece; acknowledgements alone wait until everything that has come is read."""
        stream: Any = self._sock
        if stream is None or (self._holds_but_acks() and stream.has_more()):
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        code = super().loop_write()
        try:
            stream.flush()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return code
        except OSError:
            return code or self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        return code

    def _holds_but_acks(self) -> bool:
        waiting = tuple(self._out_packet)
        return 0 < len(waiting) < _MOST_ACKS and all(packet["command"] == PUBACK for packet in waiting)

    def _ssl_wrap_socket(self, tcp_sock: sockets.socket) -> ssl.SSLSocket:
        wrapped = super()._ssl_wrap_socket(tcp_sock)
        self.tcp = wrapped
        return wrapped


class PahoDoor:
    """MQTT 3.1 over WebSocket through paho, each connection with a network thread of its own."""

    def __init__(self, network: Network, proxy: str | None = None) -> None:
        self._network = network
        self._proxy = proxy

    def open(self, url: str, *, headers: Mapping[str, str], connect: SocketConnect, handler: SocketHandler) -> Socket:
        """See `SocketDoor`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = self._network.address(host)
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=connect.client_id,
            clean_session=True,
            protocol=MQTTv31,
            transport="websockets",
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.proxy = self._proxy
        client.connect_timeout = connect.timeout_s
        client.username_pw_set(connect.username)
        client.ws_set_options(path=f"{parts.path}?{parts.query}", headers=_handshake(parts.netloc, headers))
        if address.scheme == "https":
            client.tls_set()
        opened = _PahoSocket(client, handler)
        try:
            client.connect(address.host, address.port, keepalive=connect.keepalive_s)
        except (OSError, WebsocketConnectionError, ValueError) as error:
            if client.tcp is not None:
                client.tcp.close()
            raise NetworkError(f"socket {host}: no connection ({type(error).__name__})") from error
        opened.start()
        return opened


def _handshake(host: str, ours: Mapping[str, str]) -> Any:
    """What paho calls for the headers of the handshake: its own for the protocol, ours for the rest."""

    def headers(default: Mapping[str, str]) -> dict[str, str]:
        return {**default, "Host": host, **ours}

    return headers


class _PahoSocket:
    """A connection; what the handler raises closes it, and never reaches paho's thread."""

    def __init__(self, client: _Client, handler: SocketHandler) -> None:
        self._client = client
        self._handler = handler
        self._ended = threading.Event()
        self._thread: int | None = None
        self._code = _UNKNOWN_CODE
        self._reason, self._is_silent = "the connection has ended", False
        client.at_end = self._at_end
        client.on_log = self._on_log
        client.on_socket_open = _set_no_delay
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect

    def start(self) -> None:
        self._client.loop_start()

    def subscribe(self, topics: Sequence[str]) -> None:
        with _nothing_when_closed():
            self._client.subscribe([(topic, 0) for topic in topics])

    def publish(self, topic: str, payload: str, *, qos: int) -> None:
        with _nothing_when_closed():
            self._client.publish(topic, payload, qos=qos)

    def close(self) -> None:
        with _nothing_when_closed():
            self._client.disconnect()

    def join(self, timeout_s: float) -> None:
        if threading.get_ident() != self._thread:
            self._ended.wait(timeout_s)

    def _on_log(self, client: PahoClient, _data: Any, _level: int, line: str) -> None:
        if found := _CONNACK_LINE.match(line):
            self._code = int(found[1])
            client.on_log = None

    def _on_connect(
        self, _client: PahoClient, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._thread = threading.get_ident()
        self._guarded(lambda: self._handler.connected(self, 0 if code == "Success" else self._code))

    def _on_message(self, client: PahoClient, _data: Any, message: MQTTMessage) -> None:
        # Acknowledged by hand: what the handler could not keep must not be confirmed.
        if self._guarded(lambda: self._handler.received(message.topic, bytes(message.payload))):
            client.ack(message.mid, message.qos)

    def _on_disconnect(
        self, _client: PahoClient, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._is_silent = code == _SILENCE
        self._reason = "nothing came on the socket, not even the answer to a ping"
        if not self._is_silent:
            self._reason = f"the connection is gone ({code})"

    def _at_end(self) -> None:
        self._guarded(lambda: self._handler.closed(self._reason, silent=self._is_silent))
        self._ended.set()

    def _guarded(self, call: Any) -> bool:
        try:
            call()
        except Exception as error:
            _log.debug("socket: closing after %s", type(error).__name__)
            self._client.disconnect()
            return False
        return True


def _nothing_when_closed() -> contextlib.AbstractContextManager[None]:
    """For the moment in which the thread that ends closes what another one writes to."""
    return contextlib.suppress(OSError)


def _set_no_delay(client: PahoClient, _data: Any, _socket: Any) -> None:
    """Without it every answer of ours waits for the server's acknowledgement of the one before."""
    if isinstance(client, _Client) and client.tcp is not None:
        client.tcp.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
