"""Which calls are in hand, noted in a small mapped file that outlives the process without a commit for each call.

A row whose handling ends the process (a plugin that calls `os._exit`, a crash in C code) is found here at the next
start. Writing a note costs a copy into memory; the operating system keeps it however the process ends.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

_SLOTS = 128
_SLOT = struct.Struct("<q120s")
_SIZE = _SLOTS * _SLOT.size
_EMPTY = bytes(_SLOT.size)


@dataclass(frozen=True)
class Note:
    """A journal row and the handler that had it when the process ended."""

    row_id: int
    handler: str


class InHand:
    """The file of one bot. Any thread may take and leave."""

    def __init__(self, path: Path) -> None:
        """Open or make the file (mode 0600). Raises OSError when it cannot be used."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, _SIZE)
            self._map = mmap.mmap(handle, _SIZE)
        finally:
            os.close(handle)
        self._lock = threading.Lock()
        self._left = [note for number in range(_SLOTS) if (note := self._read(number)) is not None]
        self._map[:] = bytes(_SIZE)
        self._free = list(range(_SLOTS))

    def left_over(self) -> list[Note]:
        """What was in hand when the process before this one ended."""
        return self._left

    def take(self, row_id: int, handler: str) -> int | None:
        """Note that a call has begun; the slot is for `leave`. None when all slots are taken: then nothing is noted."""
        with self._lock:
            if not self._free:
                return None
            slot = self._free.pop()
        self.change(slot, row_id, handler)
        return slot

    def change(self, slot: int | None, row_id: int, handler: str) -> None:
        """Another handler has the row now."""
        if slot is not None:
            self._write(slot, _SLOT.pack(row_id, handler.encode()[:120]))

    def leave(self, slot: int | None) -> None:
        """The call has ended."""
        if slot is not None:
            self._write(slot, _EMPTY)
            with self._lock:
                self._free.append(slot)

    def close(self) -> None:
        """Let go of the file in good order: what is still in hand does not end this process, so it is not noted."""
        with self._lock:
            if not self._map.closed:
                self._map[:] = bytes(_SIZE)
                self._map.close()

    def _write(self, slot: int, note: bytes) -> None:
        start = slot * _SLOT.size
        with self._lock:
            # A worker that is still at work when the bot has stopped comes too late.
            if not self._map.closed:
                self._map[start : start + _SLOT.size] = note

    def _read(self, number: int) -> Note | None:
        row_id, handler = _SLOT.unpack_from(self._map, number * _SLOT.size)
        return Note(row_id, handler.rstrip(b"\0").decode(errors="replace")) if row_id else None
