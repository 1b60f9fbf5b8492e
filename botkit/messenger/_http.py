"""The door to HTTP: the only module that touches requests."""

from __future__ import annotations

import os
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from botkit.messenger._doors import Address, HttpRequest, HttpResponse, Network
from botkit.messenger._keepalive import KeepAlive
from botkit.messenger.errors import BadAnswer, NetworkError

# At least the number of threads that may ask at once: 32 chats, the sender, the listener and some spare ones.
_POOL = 48
_CHUNK = 64 * 1024


class RequestsDoor:
    """HTTP through requests, and forms by hand where there is no proxy; any thread may call it.

    A proxy is used only when its address is given. A private certificate authority is taken from REQUESTS_CA_BUNDLE or
    CURL_CA_BUNDLE.
    """

    def __init__(self, network: Network, proxy: str | None = None) -> None:
        self._network = network
        self._session = requests.Session()
        # The environment would be read anew at every request, and no proxy of it may see a sandbox's traffic.
        self._session.trust_env = False
        if proxy is not None:
            self._session.proxies = {"http": proxy, "https": proxy}
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
        self._session.verify = bundle
        self._forms = KeepAlive(network, bundle) if proxy is None else None
        # Cookies are written by our session; this jar stays empty.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=_POOL))

    def request(self, request: HttpRequest, *, timeout_s: float) -> HttpResponse:
        """See `HttpDoor`."""
        if self._forms is not None and request.method == "POST":
            return self._forms.post(request, timeout_s)
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        target = urlunsplit((*_origin(self._network.address(host)), parts.path or "/", parts.query, ""))
        try:
            with self._session.request(
                request.method,
                target,
                data=request.body,
                headers={**request.headers, "Host": parts.netloc, "Accept-Encoding": "gzip, deflate"},
                timeout=(timeout_s, timeout_s),
                allow_redirects=False,
                stream=True,
            ) as answer:
                data = _read(answer, request)
                return HttpResponse(
                    status=answer.status_code,
                    url=request.url,
                    text="" if request.binary else data.decode("utf-8", "replace"),
                    location=answer.headers.get("Location"),
                    cookies=tuple(answer.raw.headers.getlist("Set-Cookie")),
                    retry_after=answer.headers.get("Retry-After"),
                    content_type=answer.headers.get("Content-Type"),
                    content_disposition=answer.headers.get("Content-Disposition"),
                    data=data if request.binary else b"",
                )
        except requests.RequestException as error:
            kind = "time-out" if isinstance(error, requests.Timeout) else "no connection"
            raise NetworkError(f"{request.method} {host}{parts.path}: {kind} ({type(error).__name__})") from error

    def close(self) -> None:
        """See `HttpDoor`."""
        self._session.close()
        if self._forms is not None:
            self._forms.close()


def _read(answer: requests.Response, request: HttpRequest) -> bytes:
    """The body, unpacked. Raises BadAnswer as soon as it is longer than the request allows."""
    chunks, size = [], 0
    for chunk in answer.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > request.limit_bytes:
            parts = urlsplit(request.url)
            place = f"{request.method} {parts.hostname}{parts.path}"
            raise BadAnswer(f"{place}: the answer is longer than {request.limit_bytes} bytes")
    return b"".join(chunks)


def _origin(address: Address) -> tuple[str, str]:
    host = f"[{address.host}]" if ":" in address.host else address.host
    default = {"http": 80, "https": 443}[address.scheme]
    return address.scheme, host if address.port == default else f"{host}:{address.port}"
