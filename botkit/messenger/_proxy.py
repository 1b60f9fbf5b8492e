"""A TCP connection through an HTTP proxy, for what cannot use one by itself."""

from __future__ import annotations

import base64
import socket as sockets
from http.client import HTTPConnection, HTTPException
from urllib.parse import unquote, urlsplit

_PORT = 80


def open_tunnel(proxy: str, host: str, port: int, timeout_s: float) -> sockets.socket:
    """A connection to `host` that the proxy at this address opens. Raises OSError when it does not."""
    parts = urlsplit(proxy)
    connection = HTTPConnection(parts.hostname or "", parts.port or _PORT, timeout=timeout_s)
    connection.set_tunnel(host, port, _credentials(parts.username, parts.password))
    try:
        connection.connect()
    except HTTPException as error:
        connection.close()
        raise OSError(f"the proxy gave no answer ({type(error).__name__})") from error
    return connection.sock


def _credentials(username: str | None, password: str | None) -> dict[str, str]:
    if username is None:
        return {}
    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}
