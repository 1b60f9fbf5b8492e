"""The control port: while a bot runs, tools of its owner ask it over loopback instead of touching its data.

`control.json` in the data folder names the address and a token, and is readable by the owner only: whoever can read it
could read the session as well.
"""

from __future__ import annotations

import hmac
import json
import random as random_module
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Protocol

from botkit.clock import Clock
from botkit.logs import get_logger, hide
from botkit.messenger import FUNCTION_CLASSES, Api, errors
from botkit.messenger.errors import BadArgument, BotkitError
from botkit.runner.loopback import LoopbackServer, Request, Response, json_response
from botkit.runner.supervisor import write_private
from botkit.status import RowInfo, Status

log = get_logger(__name__)

FILE_NAME = "control.json"
ROW_STATES = ("open", "dead", "late")
_TYPING_SHOWN_S = 2.0


class Host(Protocol):
    """What the port needs of a bot."""

    @property
    def api(self) -> Api: ...

    def call(self, function: str, arguments: Mapping[str, Any], key: str) -> Any:
        """Call a function of the API under the governor; a `key` that was used gives the former result."""

    def status(self) -> Status: ...

    def rows(self, states: Sequence[str]) -> list[RowInfo]: ...

    def retry(self, row_id: int) -> bool: ...


class ControlPort:
    """A port of one bot. `start` leaves `control.json` in `folder`, `stop` takes it away."""

    def __init__(self, host: Host, folder: Path, bot_file: Path, clock: Clock, random: random_module.Random) -> None:
        """`bot_file` tells tools whose bot this is, when several bot files share a data folder."""
        self._host = host
        self._path = folder / FILE_NAME
        self._bot_file = bot_file.absolute()
        self._clock = clock
        self._token = f"{random.getrandbits(256):064x}"
        self._server = LoopbackServer("control", self._answer)
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("POST", "/call"): self._call,
            ("GET", "/status"): lambda _request: self._host.status().to_dict(),
            ("GET", "/events"): self._events,
            ("POST", "/events/retry"): self._retry,
        }

    def start(self) -> None:
        """Answer, and say where. Raises OSError when the file cannot be written."""
        hide(self._token, lasting=True)
        self._server.start()
        found = {"url": self._server.url, "token": self._token, "bot": str(self._bot_file)}
        write_private(self._path, json.dumps(found))

    def stop(self) -> None:
        """Take no more requests; idempotent. A call in hand goes on, but its answer may not arrive."""
        self._server.stop()
        self._path.unlink(missing_ok=True)

    def _answer(self, request: Request) -> Response:
        if not hmac.compare_digest(request.token.encode(), self._token.encode()):
            return _failure(401, BadArgument(f"the token is not that of {FILE_NAME}"))
        route = self._routes.get((request.method, request.path))
        if route is None:
            return _failure(404, BadArgument(f"there is no {request.method} {request.path}"))
        try:
            return json_response(200, {"result": route(request)})
        except BotkitError as error:
            return _failure(422, error)
        except Exception as error:
            log.exception("control: %s failed", request.path)
            return _failure(500, BotkitError(f"{request.path} failed with {type(error).__name__}; see the bot's log"))

    def _call(self, request: Request) -> Any:
        asked = _fields(request, {"function": str, "arguments": dict, "key": str})
        function = asked["function"]
        kind = FUNCTION_CLASSES.get(function)
        if kind is None:
            raise BadArgument(f"there is no function {function!r}")
        log.info("call from outside: %s", function)
        if function == "get_app_state":
            return self._host.api.get_app_state()
        if kind == "session":
            raise BadArgument(f"{function}: the session belongs to the running bot; stop it first")
        result = self._host.call(function, asked["arguments"], asked["key"])
        if callable(result):
            # Typing has begun; what came back ends it.
            self._clock.wait(threading.Event(), _TYPING_SHOWN_S)
            result = result()
        return plain_value(result)

    def _events(self, request: Request) -> Any:
        states = [state for state in request.query.get("state", ",".join(ROW_STATES)).split(",") if state]
        if unknown := [state for state in states if state not in ROW_STATES]:
            raise BadArgument(f"state: there is no {', '.join(unknown)}; there are {', '.join(ROW_STATES)}")
        return [row.to_dict() for row in self._host.rows(states)]

    def _retry(self, request: Request) -> Any:
        return self._host.retry(_fields(request, {"id": int})["id"])


def plain_value(value: Any) -> Any:
    """A result of the API as JSON values, with the documented names where it has them."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    return value


def error_of(found: Mapping[str, Any]) -> BotkitError:
    """The error that an answer tells of, of the same class and with the same fields."""
    kind = getattr(errors, str(found["class"]), BotkitError)
    if not (isinstance(kind, type) and issubclass(kind, BotkitError)):
        kind = BotkitError
    # Constructors differ; what an error is made of is its message and its fields.
    error: BotkitError = kind.__new__(kind, str(found["message"]))
    vars(error).update(found["fields"])
    return error


def _failure(status: int, error: BotkitError) -> Response:
    fields = {name: value for name, value in vars(error).items() if isinstance(value, str | int | float | None)}
    return json_response(status, {"error": {"class": type(error).__name__, "message": str(error), "fields": fields}})


def _fields(request: Request, wanted: Mapping[str, type]) -> dict[str, Any]:
    """The body's fields, each of its type; raises BadArgument for anything else."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.keys() != wanted.keys():
        raise BadArgument(f"{request.path}: the body must be an object with {', '.join(wanted)}")
    for name, kind in wanted.items():
        if not isinstance(found[name], kind) or isinstance(found[name], bool):
            raise BadArgument(f"{request.path}: {name} must be {kind.__name__}, not {type(found[name]).__name__}")
    return found
