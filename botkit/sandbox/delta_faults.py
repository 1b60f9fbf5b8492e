"""What goes wrong with a delta before it goes into an account's log when it was ordered.

What is wrong stays in the log: a client that asks again gets the same once more.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from botkit.sandbox.deltas import Delta, DeltaFor
from botkit.sandbox.faults import Faults
from botkit.sandbox.wire import compact


def written(faults: Faults, member: str, delta: DeltaFor) -> list[DeltaFor | None]:
    """What goes into the member's log for one delta, each with a number of its own; None is a number without one."""
    if not faults.has_any(member):
        return [delta]
    found: list[DeltaFor | None] = [make for kind, make in _STRANGE.items() if faults.take(member, kind)]
    if faults.take(member, "lost"):
        return [*found, None]
    copies = 2 if faults.take(member, "twice") else 1
    return [*found, *[partial(_spoiled, faults, delta)] * copies]


def _unknown_class(member: str, number: int) -> Delta:
    return {"class": "FromTomorrow", "irisSeqId": str(number), "tomorrow": {"weather": "unknown"}}


def _wrong_types(member: str, number: int) -> Delta:
    """A message none of whose parts is what it should be."""
    return {"class": "NewMessage", "irisSeqId": number, "body": [1], "attachments": 5, "messageMetadata": "nothing"}


_STRANGE: dict[str, DeltaFor] = {"unknown_class": _unknown_class, "wrong_types": _wrong_types}


def _spoiled(faults: Faults, delta: DeltaFor, member: str, number: int) -> Delta:
    found = delta(member, number)
    if found["class"] == "NewMessage" and faults.take(member, "without_attachments"):
        return {name: value for name, value in found.items() if name != "attachments"}
    if found["class"] == "ClientPayload":
        return {**found, "payload": _spoiled_payload(faults, member, found["payload"])}
    return found


def _spoiled_payload(faults: Faults, member: str, payload: list[int]) -> list[int]:
    """The bytes of a ClientPayload (dossier 2, section 6)."""
    inner: dict[str, Any] = json.loads(bytes(payload))
    replies = [entry["deltaMessageReply"] for entry in inner["deltas"] if "deltaMessageReply" in entry]
    if replies and faults.take(member, "without_replied"):
        for reply in replies:
            reply.pop("repliedToMessage", None)
    if faults.take(member, "raw_payload"):
        return list(json.dumps(inner, ensure_ascii=False).encode())
    return list(compact(inner).encode())
