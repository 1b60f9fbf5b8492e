"""Downloading what is attached to a message: from the network's own hosts only, bounded, under a harmless name."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message as Headers
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from botkit.messenger._checks import whole
from botkit.messenger._client import Client
from botkit.messenger._doors import HttpResponse
from botkit.messenger._file_names import TYPES, safe_file_name
from botkit.messenger._messages import resolve_photo_url
from botkit.messenger.attachments import Attachment
from botkit.messenger.errors import BadAnswer, BadArgument
from botkit.messenger.models import Downloaded

LARGEST = 25 * 2**20
"""So many bytes are downloaded, at most, unless more is asked for."""
_DOMAINS = ("facebook.com", "messenger.com", "fbcdn.net", "fbsbx.com")
_MOST_REDIRECTS = 5
# Addresses of files are wrapped in one of the host that warns of strange links (dossier 2, section 8.2).
_WRAPPERS = ("l.facebook.com", "lm.facebook.com")
_UNKNOWN = "application/octet-stream"


def download(client: Client, source: object, limit_bytes: object) -> Downloaded:
    """See `Api.download`."""
    limit = whole(limit_bytes, "limit_bytes", least=1)
    url = _unwrapped(_address(client, source))
    if not _is_own(url):
        raise BadArgument(f"{_place(url)} is not to be downloaded: only https addresses of {', '.join(_DOMAINS)} are")
    answer = _follow(client, url, limit)
    content_type = (answer.content_type or _UNKNOWN).partition(";")[0].strip().lower()
    fields = source.fields if isinstance(source, Attachment) else {}
    return Downloaded(_name(fields, answer, content_type), content_type, answer.data)


def _address(client: Client, source: object) -> str:
    if isinstance(source, str):
        return source
    if not isinstance(source, Attachment):
        raise BadArgument(f"what to download must be an Attachment or an address, not {type(source).__name__}")
    if source.url:
        return source.url
    if source.type == "photo" and source.id:
        return resolve_photo_url(client, source.id)
    raise BadArgument(f"an attachment of type {source.type} without an address cannot be downloaded")


def _follow(client: Client, url: str, limit_bytes: int) -> HttpResponse:
    first = url
    for _ in range(_MOST_REDIRECTS + 1):
        answer = client.web.fetch(url, limit_bytes)
        if answer.location is None:
            return answer
        url = _unwrapped(urljoin(url, answer.location))
        if not _is_own(url):
            raise BadAnswer(f"download of {_place(first)}: it leads on to {_place(url)}, which is none of our hosts")
    raise BadAnswer(f"download of {_place(first)}: more than {_MOST_REDIRECTS} redirects")


def _is_own(url: str) -> bool:
    """Whether an address is the network's: https, a host of its domains, and nothing that two readers of addresses
    could understand differently."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = parts.netloc.lower() in (host, f"{host}:{port}") and host.replace("-", "").replace(".", "").isalnum()
    is_in_domain = any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)
    return parts.scheme == "https" and port in (None, 443) and is_plain and is_in_domain and url.isprintable()


def _unwrapped(url: str) -> str:
    """The address inside one that only leads to it."""
    try:
        parts = urlsplit(url)
        inner = parse_qs(parts.query).get("u") if parts.hostname in _WRAPPERS else None
    except ValueError:
        return url
    return inner[0] if inner else url


def _place(url: str) -> str:
    """Host and path of an address, for errors: its query may hold signatures."""
    return url.partition("?")[0].partition("#")[0]


def _name(fields: Mapping[str, Any], answer: HttpResponse, content_type: str) -> str:
    """The name by which the sender knows the file, else the server's, else the last part of the address."""
    told = fields.get("filename") or fields.get("name")
    name = told if isinstance(told, str) else _name_in(answer.content_disposition)
    name = safe_file_name(name or unquote(urlsplit(answer.url).path.rpartition("/")[2]))
    suffix = None if content_type == _UNKNOWN else TYPES.guess_extension(content_type)
    return name if "." in name or suffix is None else safe_file_name(name + suffix)


def _name_in(disposition: str | None) -> str | None:
    headers = Headers()
    headers["Content-Disposition"] = (disposition or "").replace("\r", "").replace("\n", "")
    return headers.get_filename()
