"""A record: what a bot has received, row by row as JSON lines, for a replay.

The first line is the head (`Head`); each other line is a row as the journal kept it: `{"received_ms": …, "delta": …}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random as random_module
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from botkit.logs import get_logger
from botkit.messenger import RawEvent
from botkit.messenger.errors import BadArgument
from botkit.runner.masking import Masker, without_secrets

log = get_logger(__name__)

_SALT_BITS = 256


@dataclass(frozen=True)
class Head:
    """What a replay must know. botkit: the version that wrote the record. bodies: people's words are in it as they
    wrote them."""

    botkit: str
    own_id: str
    prefix: str
    bodies: bool


@dataclass(frozen=True)
class RecordedRow:
    """One row: a delta for `raw_events`, and when it came."""

    received_ms: int
    delta: Mapping[str, Any] = field(repr=False)


class Recorder:
    """Writes a record; the rows come on one thread after another, `close` from any."""

    def __init__(self, path: Path, head: Head, random: random_module.Random) -> None:
        """Make the file, readable by its owner only, with its head. Raises BadArgument when it exists or cannot be
        made. `random` makes the masks those of this record alone."""
        self._path = path
        self._masker = None if head.bodies else Masker(head.prefix, random.getrandbits(_SALT_BITS).to_bytes(32))
        self._lock = threading.Lock()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise BadArgument(f"{path}: exists; give the record another name, or remove the file") from None
        except OSError as error:
            raise BadArgument(f"{path}: cannot be made: {error.strerror}") from error
        self._file: TextIO | None = os.fdopen(handle, "w", encoding="utf-8")
        self._write(asdict(head))

    def add(self, event: RawEvent, received_ms: int) -> None:
        """Write one row. Never raises: what is strange is left out, and a file that cannot be written ends the record,
        each with a line in the log."""
        try:
            delta = without_secrets(event.payload)
            if self._masker is not None:
                delta = self._masker.masked(delta)
            self._write({"received_ms": received_ms, "delta": delta})
        except (TypeError, ValueError, RecursionError) as error:
            log.error("%s: a %s is missing, as it cannot be masked: %s", self._path, event.kind, type(error).__name__)

    def close(self) -> None:
        """End the record; idempotent."""
        with self._lock:
            self._end()

    def _write(self, line: Mapping[str, Any]) -> None:
        # Half a character cannot be written in UTF-8, so it stays escaped.
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n"
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.write(text)
                self._file.flush()
            except OSError as error:
                log.error("%s: the record ends here, as it cannot be written: %s", self._path, error.strerror)
                self._end()

    def _end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            # Every row was flushed, or its failure was told.
            with contextlib.suppress(OSError):
                file.close()


class Record:
    """A record to read."""

    def __init__(self, path: Path) -> None:
        """Read the head. Raises BadArgument, naming file and line, when that is not possible."""
        self._path = path
        for number, found in self._lines():
            self.head = self._head(number, found)
            return
        raise BadArgument(f"{path}: is empty; a record is made with: botkit run --record FILE")

    def rows(self) -> Iterator[RecordedRow]:
        """The rows in their order, read as they are taken. Raises BadArgument at a line that is none; a last line that
        was torn when the bot was killed is left out."""
        for number, found in self._lines():
            if number == 1:
                continue
            received_ms, delta = found.get("received_ms"), found.get("delta")
            if type(received_ms) is not int or not isinstance(delta, dict):
                raise self._problem(number)
            yield RecordedRow(received_ms, delta)

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith("\n"):
                        yield number, self._object(number, line)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise BadArgument(f"{self._path}: cannot be read: {reason}") from error

    def _object(self, number: int, line: str) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._problem(number)
        return found

    def _head(self, number: int, found: Mapping[str, Any]) -> Head:
        try:
            head = Head(**found)
        except TypeError:
            raise self._problem(number) from None
        if not all(isinstance(one, str) for one in (head.botkit, head.own_id, head.prefix)):
            raise self._problem(number)
        return head

    def _problem(self, number: int) -> BadArgument:
        return BadArgument(f"{self._path}:{number}: is no line of a record; one is made with: botkit run --record FILE")
