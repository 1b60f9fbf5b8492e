"""Finds a living sandbox: the one asked for, else the one that a data folder knows of, else the default port's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from botkit.logs import hide
from botkit.sandbox import client, locator
from botkit.sandbox.errors import SandboxError

DEFAULT_URL = "http://127.0.0.1:8642"


@dataclass(frozen=True)
class Place:
    """Where a sandbox is, and the token that its people's API asks for."""

    url: str
    token: str = field(repr=False)


def find(data: Path, url: str | None) -> Place:
    """The sandbox at `url`, else the living one of the folder `data`, else the one on the default port.

    Raises SandboxError when there is none.
    """
    if url is None and (located := locator.find(data)):
        return Place(located.url, located.token)
    try:
        return at(url or DEFAULT_URL)
    except SandboxError as error:
        where = f" at {url}" if url else ""
        raise SandboxError(f"no sandbox found{where}: start one with `botkit run` or `botkit sandbox`") from error


def at(url: str) -> Place:
    """The sandbox at this address; its token is read from the page. Raises SandboxError when none answers there."""
    token = client.fetch_token(url)
    hide(token)
    return Place(url.rstrip("/"), token)
