"""The ids that the server mints: messages, offline threading ids, and random names."""

from __future__ import annotations

import base64
import random
import uuid

# Message ids count their milliseconds from 2004-01-01 (dossier 1, section 9).
_MESSAGE_EPOCH_MS = 1072915200000
_UINT64 = (1 << 64) - 1
_RANDOM_BITS = 22


def message_id(*, group: bool, chat: int, timestamp_ms: int, otid: int) -> str:
    """The id of one message: type, chat, time and offline threading id in one text (dossier 1, section 9).

    `chat` is the group's number, or the two people's numbers XORed.
    """
    packed = (
        (chat & _UINT64).to_bytes(8, "big")
        + (timestamp_ms - _MESSAGE_EPOCH_MS).to_bytes(5, "big")
        + (otid & _UINT64).to_bytes(8, "big")
    )
    return f"mid.${'g' if group else 'c'}{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def offline_threading_id(timestamp_ms: int, chance: random.Random) -> str:
    """A fresh offline threading id: the time and 22 random bits (dossier 1, section 9)."""
    return str((timestamp_ms << _RANDOM_BITS) | chance.getrandbits(_RANDOM_BITS))


def jazoest(dtsg: str) -> str:
    """The check value that goes with a form token, in its sum form (dossier 1, section 9)."""
    return f"2{sum(map(ord, dtsg))}"


def random_name(chance: random.Random, bits: int = 128) -> str:
    """An unguessable text of letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(chance.getrandbits(bits).to_bytes((bits + 7) // 8, "big")).decode().rstrip("=")


def random_uuid(chance: random.Random) -> str:
    """A random UUID (version 4)."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
