"""Asks a running bot over its control port, where its data is locked."""

from __future__ import annotations

import contextlib
import http.client
import json
import random as random_module
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from botkit.logs import hide
from botkit.messenger import FUNCTION_CLASSES
from botkit.messenger.errors import NetworkError, OutcomeUnknown
from botkit.runner.control import FILE_NAME, error_of
from botkit.status import RowInfo, Status

if TYPE_CHECKING:
    from botkit.config import BotConfig

_CONNECT_S = 5.0
# A bot that does not say how it is within this time hangs.
_QUESTION_S = 10.0
# A call may upload a large file, or wait for a slow server.
_ANSWER_S = 300.0
_LARGEST_ANSWER = 64 * 2**20


@dataclass(frozen=True)
class Port:
    """The control port of a bot that runs. Every method raises what the bot raised, or NetworkError."""

    url: str
    token: str = field(repr=False)

    def status(self) -> Status:
        return Status.from_dict(self._ask("GET", "/status"))

    def rows(self, states: Sequence[str]) -> list[RowInfo]:
        query = urlencode({"state": ",".join(states)})
        return [RowInfo(**found) for found in self._ask("GET", f"/events?{query}")]

    def retry(self, row_id: int) -> bool:
        return bool(self._ask("POST", "/events/retry", {"id": row_id}, acts=True))

    def call(self, function: str, arguments: Mapping[str, Any], random: random_module.Random) -> Any:
        """The result as JSON values. Raises OutcomeUnknown when the bot has the request and its answer is lost, unless
        it was a question only."""
        key = f"{random.getrandbits(128):032x}"
        body = {"function": function, "arguments": dict(arguments), "key": key}
        return self._ask("POST", "/call", body, acts=FUNCTION_CLASSES.get(function) != "read")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, acts: bool = False) -> Any:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_CONNECT_S)
        with contextlib.closing(connection):
            try:
                connection.connect()
            except OSError as error:
                raise NetworkError(f"the bot at {self.url} does not answer: {error}") from error
            try:
                found = self._exchange(connection, method, path, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if acts:
                    sentence = "the running bot ended before it answered; it may or may not have done it"
                    raise OutcomeUnknown(sentence) from error
                raise NetworkError(f"the bot at {self.url} does not answer: {type(error).__name__}") from error
        if "error" in found:
            raise error_of(found["error"])
        return found["result"]

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Mapping[str, Any] | None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.sock.settimeout(_QUESTION_S if body is None else _ANSWER_S)
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        return json.loads(connection.getresponse().read(_LARGEST_ANSWER))


def find(settings: BotConfig) -> Port | None:
    """The control port of the bot that runs from this very bot file; None when there is none that answers."""
    try:
        found = json.loads((settings.data / FILE_NAME).read_text(encoding="utf-8"))
        port = Port(str(found["url"]), str(found["token"]))
        same = Path(found["bot"]) == settings.source.path.absolute()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    hide(port.token, lasting=True)
    return port if same and _answers(port) else None


def trouble(settings: BotConfig) -> str:
    """Why a bot that `find` does not find may not be stopped after all; '' when nothing hints at that."""
    if not (settings.data / FILE_NAME).exists():
        return ""
    return f"its {FILE_NAME} is still there: it was killed, does not answer, or belongs to another bot file"


def _answers(port: Port) -> bool:
    # A bot that was killed leaves its file, and another program may have its port by now.
    try:
        port.status()
    except Exception:
        return False
    return True
