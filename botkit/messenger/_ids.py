"""Identifiers of the wire: how they are made, read and checked."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Iterable

from botkit.messenger.errors import BadArgument

_OTID_RANDOM_BITS = 22
_MILLISECONDS_OF_2004 = 1_072_915_200_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# dossier 1, section 9: the longest id that is taken for a person's when nothing better is known.
_LONGEST_USER_ID = 15


def offline_threading_id(time_ms: int, chance: random.Random) -> int:
    """A fresh offline threading id: the time in ms, then 22 random bits (dossier 1, section 9)."""
    return time_ms << _OTID_RANDOM_BITS | chance.getrandbits(_OTID_RANDOM_BITS)


def epoch_id(time_ms: int, count: int) -> int:
    """An id for an envelope of tasks or a thread that is being made; `count` tells those of one ms apart."""
    return time_ms << _OTID_RANDOM_BITS | (count & 0x3FF) << 12 | 42


def threading_id(time_ms: int, chance: random.Random, client_hex: str) -> str:
    """The `threading_id` field of a send; `client_hex` stays the same for a session."""
    return f"<{time_ms}:{chance.getrandbits(32)}-{client_hex}@mail.projektitan.com>"


def random_hex(chance: random.Random) -> str:
    """A random 31-bit number in hexadecimal: the `signatureID` of a send, or a session's client id."""
    return f"{chance.getrandbits(31):x}"


def random_uuid(chance: random.Random) -> str:
    """A random UUID (version 4) as text."""
    bits = chance.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def base36(number: int) -> str:
    """A non-negative number in base 36, as the request counter `__req` is written."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def jazoest(dtsg: str) -> str:
    """The `jazoest` that belongs to a token, in the sum form (dossier 1, section 9)."""
    return f"2{sum(map(ord, dtsg))}"


def message_time_ms(message_id: str) -> int | None:
    """The time inside a message id of the form `mid.$…`, or None for another form (dossier 1, section 9)."""
    raw = _inside(message_id)
    return None if raw is None else int.from_bytes(raw[8:13], "big") + _MILLISECONDS_OF_2004


def offline_id_of_message(message_id: str) -> str | None:
    """The offline threading id inside a message id of the form `mid.$…`, or None for another form."""
    raw = _inside(message_id)
    return None if raw is None else str(int.from_bytes(raw[13:], "big"))


def thread_of_message(message_id: str, own_id: str) -> str | None:
    """The chat that a message id of the form `mid.$…` names, or None for another form (dossier 1, section 9)."""
    raw = _inside(message_id)
    if raw is None or message_id[5] not in "cg":
        return None
    chat = int.from_bytes(raw[:8], "big")
    return str(chat if message_id[5] == "g" else chat ^ int(own_id))


def looks_like_user(thread_id: str) -> bool:
    """Guess by length alone, for when the server cannot be asked."""
    return len(thread_id) <= _LONGEST_USER_ID


def id_text(value: object, what: str) -> str:
    """A user's or thread's id as text; `what` names the argument in the error.

    Raises BadArgument for anything but digits in a str or an int: a float has lost digits already.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadArgument(f"{what} must be a str or an int, not {type(value).__name__}")
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()):
        raise BadArgument(f"{what} must be made of digits")
    return text


def id_texts(values: object, what: str) -> tuple[str, ...]:
    """Ids from one id or from several, without repeats, in order. Raises BadArgument for none or a wrong one."""
    if isinstance(values, str | int | float):
        return (id_text(values, what),)
    if not isinstance(values, Iterable):
        raise BadArgument(f"{what} must be an id or a sequence of ids, not {type(values).__name__}")
    found = tuple(dict.fromkeys(id_text(value, what) for value in values))
    if not found:
        raise BadArgument(f"{what} must name at least one id")
    return found


def message_id_text(value: object, what: str) -> str:
    """A message's id; `what` names the argument in the error. Raises BadArgument for what cannot be one."""
    if not isinstance(value, str):
        raise BadArgument(f"{what} must be a str, not {type(value).__name__}")
    if value.split() != [value]:
        raise BadArgument(f"{what} must be a message id, without spaces")
    return value


def message_id_texts(values: object, what: str) -> tuple[str, ...]:
    """Ids of messages from one or from several, without repeats, in order. Raises BadArgument for none."""
    if isinstance(values, str):
        return (message_id_text(values, what),)
    if not isinstance(values, Iterable):
        raise BadArgument(f"{what} must be a message id or a sequence of them, not {type(values).__name__}")
    found = tuple(dict.fromkeys(message_id_text(value, what) for value in values))
    if not found:
        raise BadArgument(f"{what} must name at least one message")
    return found


def _inside(message_id: str) -> bytes | None:
    """The 21 bytes of a message id of the newer form: the chat in 8, the time in 5, the offline threading id in 8."""
    if not message_id.startswith("mid.$"):
        return None
    code = message_id[len("mid.$x") :]
    try:
        raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 21 else None
