"""The two doors to the network as interfaces, and the map from real names to addresses that both use.

The client always says the real names: in URLs, Host, Origin and cookie domains. Where a connection goes is the only
difference between the real network and a sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from botkit.messenger.errors import BadArgument

FACEBOOK = "facebook"
MOST_BYTES = 32 * 2**20
"""So many bytes of an ordinary answer are read, at most."""


@dataclass(frozen=True)
class Address:
    """Where to connect: `scheme` is http or https and decides about TLS, also for sockets."""

    scheme: str
    host: str
    port: int


class Network:
    """Maps each real name to the address to connect to."""

    def __init__(self, name: str, everything: Address | None = None) -> None:
        self.name = name
        self._everything = everything

    @classmethod
    def facebook(cls) -> Network:
        """The real network: every name is itself, with TLS."""
        return cls(FACEBOOK)

    @classmethod
    def sandbox(cls, url: str) -> Network:
        """A sandbox at `url`, such as "http://127.0.0.1:8642". Raises BadArgument unless it is plain and loopback."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BadArgument(f"network {url!r} is no address; use http://127.0.0.1:PORT") from error
        if parts.scheme != "http" or port is None or parts.path not in ("", "/") or not _is_loopback(parts.hostname):
            raise BadArgument(f'network {url!r} must be "facebook" or a loopback address, http://127.0.0.1:PORT')
        return cls(f"http://{parts.netloc}", Address("http", parts.hostname or "", port))

    @classmethod
    def of(cls, name: str) -> Network:
        """The network that the option `network` names."""
        return cls.facebook() if name == FACEBOOK else cls.sandbox(name)

    def address(self, host: str) -> Address:
        """Where to connect for the real name `host`."""
        return self._everything or Address("https", host, 443)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class HttpRequest:
    """A request to a real name; `headers` are all that is sent beyond Host, Content-Length and Accept-Encoding.

    limit_bytes: how long the answer may be, unpacked.
    binary: whether the answer is wanted as `data` instead of as `text`.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    limit_bytes: int = MOST_BYTES
    binary: bool = False

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {_without_query(self.url)})"


@dataclass(frozen=True)
class HttpResponse:
    """An answer, as it came: redirects are not followed, `cookies` are the lines of Set-Cookie.

    The other fields named after a header are its value, None without one. `text` is empty for a binary request, `data`
    for others.
    """

    status: int
    url: str
    text: str = field(repr=False)
    location: str | None = None
    cookies: Sequence[str] = field(default=(), repr=False)
    retry_after: str | None = None
    content_type: str | None = None
    content_disposition: str | None = field(default=None, repr=False)
    data: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        return f"HttpResponse({self.status} {_without_query(self.url)})"


def _without_query(url: str) -> str:
    """An address without its query, which holds tokens."""
    return url.partition("?")[0]


class HttpDoor(Protocol):
    """Sends one request. Any thread may call it."""

    def request(self, request: HttpRequest, *, timeout_s: float) -> HttpResponse:
        """The answer, whatever its status; each wait lasts `timeout_s` at most.

        Raises NetworkError when none comes, and BadAnswer when it is longer than the request allows; the rest of it is
        not read.
        """

    def close(self) -> None:
        """Give up all connections."""


@dataclass(frozen=True)
class SocketConnect:
    """What an MQTT CONNECT carries (dossier 2, section 2.5)."""

    client_id: str
    username: str = field(repr=False)
    keepalive_s: int = 10
    timeout_s: float = 10.0


class SocketHandler(Protocol):
    """Told what a socket does, always on the socket's own thread; must return quickly."""

    def connected(self, socket: Socket, code: int) -> None:
        """The server answered CONNECT with `code`; 0 is yes."""

    def received(self, topic: str, payload: bytes) -> None:
        """A message came. It is acknowledged when this returns; if this raises, it is not, and the socket closes."""

    def closed(self, reason: str, *, silent: bool = False) -> None:
        """The connection is gone, by whomever; called once.

        `silent`: the door has closed it, as nothing had come for too long.
        """


class Socket(Protocol):
    """An open MQTT connection. Any thread may call it; calls on a closed one do nothing."""

    def subscribe(self, topics: Sequence[str]) -> None:
        """Ask for topics with QoS 0."""

    def publish(self, topic: str, payload: str, *, qos: int) -> None:
        """Queue a message; the socket's thread writes it."""

    def close(self) -> None:
        """Say DISCONNECT and end; `closed` follows on the socket's thread. Does not wait."""

    def join(self, timeout_s: float) -> None:
        """Wait for the socket's thread to end; does nothing on that thread itself."""


class SocketDoor(Protocol):
    """Opens MQTT connections over WebSocket."""

    def open(self, url: str, *, headers: Mapping[str, str], connect: SocketConnect, handler: SocketHandler) -> Socket:
        """Connect to the real name in `url` and send CONNECT.

        `headers` are those of the WebSocket handshake beyond the protocol's own. The door closes a connection on which
        nothing has come for three keepalives at the latest. Raises NetworkError when it cannot connect.
        """
