"""What was ordered to go wrong, for whom, how often, and how often it has.

Nothing goes wrong here: the places where a thing can, ask with `take` at each chance and do it themselves
(http_faults.py, session.py, line.py, sync_queue.py, delta_faults.py, lightspeed.py). docs/sandbox.md has a table of the
kinds.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from botkit.sandbox.errors import NOT_A_PARTICIPANT, ControlError

Json = dict[str, Any]

_MOST_TIMES = 1_000_000
_HOUR_S = 3600
# Longer than any client waits for an answer (dossier 1, section 13.5).
_HELD_S = 90


@dataclass(frozen=True)
class _Number:
    """A number that goes with a kind; None as `default` leaves it out."""

    least: int
    most: int
    default: int | None = None
    needed: bool = False


@dataclass(frozen=True)
class _Kind:
    """What an order of one kind may say besides who, how often and when."""

    numbers: Mapping[str, _Number] = field(default_factory=dict)
    by_path: bool = False


_STATUS = {"status": _Number(400, 599, needed=True), "retry_after": _Number(0, _HOUR_S)}
_HELD = {"seconds": _Number(0, _HOUR_S, default=_HELD_S)}
_A_WHILE = {"seconds": _Number(0, _HOUR_S)}
_LATE = {"seconds": _Number(0, _HOUR_S, needed=True)}
_CONNACK = {"code": _Number(1, 255, default=3)}
_REFUSED = {"code": _Number(1, 9_999_999, default=NOT_A_PARTICIPANT)}
_UPGRADE = {"status": _Number(400, 599, default=503)}

_Numbers = Mapping[str, _Number]
_ANY_REQUEST: dict[str, _Numbers] = {"status": _STATUS, "slow": _LATE, "login_page": {}, "checkpoint_page": {}}
_PAGES: dict[str, _Numbers] = {"consent_page": {}, "refresh_page": {}}
_CALLS: dict[str, _Numbers] = {
    "please_refresh": {},
    "rotate_dtsg": {},
    "two_objects": {},
    "garbage": {},
    "drop_answer": {},
    "hold_answer": _HELD,
}
_SENDS: dict[str, _Numbers] = {"drop_send": {}, "hold_send": _HELD, "refuse_send": _REFUSED}
_CONNECTING: dict[str, _Numbers] = {"refuse_upgrade": _UPGRADE, "refuse_connect": _CONNACK}
_CONNECTION: dict[str, _Numbers] = {"cut": {}, "stall": _A_WHILE, "silent_queue": _A_WHILE}
_BATCHES = ("cut_batch", "split", "duplicate", "reorder", "hole", "not_json", "unknown_topic")
_QUEUE = ("overflow", "not_found")
_DELTAS = ("twice", "lost", "unknown_class", "wrong_types", "without_attachments", "without_replied", "raw_payload")

KINDS: Mapping[str, _Kind] = {
    **{name: _Kind(numbers, by_path=True) for name, numbers in {**_ANY_REQUEST, **_PAGES, **_CALLS}.items()},
    **{name: _Kind(numbers) for name, numbers in {**_SENDS, **_CONNECTING, **_CONNECTION}.items()},
    **{name: _Kind() for name in (*_BATCHES, *_QUEUE, *_DELTAS)},
}
# What an order strikes at once on the connections that are open, if it does not say to wait.
ON_CONNECTIONS = frozenset(_CONNECTION)


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for an account.

    It strikes `times` times: `after` chances are let pass first, and then each strikes with `probability`. `path`
    limits it to requests of that path. `status` is an HTTP status, `code` of CONNACK or of the response envelope,
    `seconds` how long, None until the connection ends, `retry_after` a header in seconds.
    """

    account: str
    kind: str
    times: int = 1
    after: int = 0
    probability: float = 1.0
    path: str | None = None
    status: int | None = None
    code: int | None = None
    seconds: float | None = None
    retry_after: int | None = None

    @property
    def strikes_first_chance(self) -> bool:
        """Whether it neither lets anything pass nor draws lots."""
        return not self.after and self.probability >= 1


_WHOLE = {"times": _MOST_TIMES, "after": _MOST_TIMES}
_OPTIONAL = ("status", "code", "seconds", "retry_after")


class _Standing:
    """A fault as it was ordered, and what became of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passed = 0
        self.struck = 0


class Faults:
    """Everything that was ordered; one of a kind for each account. One thread at a time may use it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ordered: dict[str, dict[str, _Standing]] = {}

    def order(self, fault: Fault) -> None:
        """Ask for a fault; it takes the place of an earlier one of the same kind, with 0 times it takes that back.

        Raises:
            ControlError: there is no such kind, or something makes no sense with it.
        """
        fault = _checked(fault)
        ordered = self._ordered.setdefault(fault.account, {})
        ordered.pop(fault.kind, None)
        if fault.times:
            ordered[fault.kind] = _Standing(fault)
        if not ordered:
            del self._ordered[fault.account]

    def clear(self, account: str | None = None) -> None:
        """Take back everything that was ordered, or everything for one account."""
        if account is None:
            self._ordered.clear()
        else:
            self._ordered.pop(account, None)

    def has_any(self, account: str) -> bool:
        """Whether anything was ordered for the account and not taken back."""
        return account in self._ordered

    def take(self, account: str, kind: str, path: str = "") -> Fault | None:
        """The fault that strikes at this chance, None for none; `path` is that of the request, if it is one."""
        standing = self._ordered.get(account, {}).get(kind)
        if standing is None or standing.struck >= standing.fault.times:
            return None
        fault = standing.fault
        if fault.path is not None and fault.path.rstrip("/") != path.rstrip("/"):
            return None
        if standing.passed < fault.after:
            standing.passed += 1
            return None
        if fault.probability < 1 and self._chance.random() >= fault.probability:
            return None
        standing.struck += 1
        return fault

    def listed(self) -> list[Json]:
        """Every order, also one that is used up, as JSON: its words, and as `struck` how often it has."""
        return [_listed(standing) for ordered in self._ordered.values() for standing in ordered.values()]


def fault_from(account: str, given: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object orders.

    Raises:
        ControlError: it holds something that no fault has.
    """
    known = {entry.name for entry in fields(Fault)} - {"account"}
    for name in given:
        if name not in known and name != "as":
            raise ControlError(400, f"a fault has no `{name[:40]}`; it has {', '.join(sorted(known))}")
    if not isinstance(given.get("kind"), str):
        raise ControlError(400, "`kind` is a text")
    return Fault(account, **{name: value for name, value in given.items() if name != "as"})


def _listed(standing: _Standing) -> Json:
    given = {name: value for name in ("path", *_OPTIONAL) if (value := getattr(standing.fault, name)) is not None}
    fault = standing.fault
    return {
        "as": fault.account,
        "kind": fault.kind,
        "times": fault.times,
        "after": fault.after,
        "probability": fault.probability,
        **given,
        "struck": standing.struck,
    }


def _checked(fault: Fault) -> Fault:
    """The fault with its kind's defaults."""
    kind = KINDS.get(fault.kind)
    if kind is None:
        raise ControlError(400, f"`kind` is one of {', '.join(KINDS)}, expire or none")
    for name, most in _WHOLE.items():
        if type(value := getattr(fault, name)) is not int or not 0 <= value <= most:
            raise ControlError(400, f"`{name}` is a whole number of 0 to {most}")
    if not _is_number(fault.probability, 0, 1):
        raise ControlError(400, "`probability` is a number of 0 to 1")
    if fault.path is not None and not (kind.by_path and isinstance(fault.path, str)):
        raise ControlError(400, f"`path` is a request's path and does not go with {fault.kind}")
    for name in _OPTIONAL:
        fault = _with_number(fault, name, kind.numbers.get(name))
    return fault


def _with_number(fault: Fault, name: str, number: _Number | None) -> Fault:
    """The fault with the number of this name checked, or put in when there is a default."""
    value = getattr(fault, name)
    if number is None:
        if value is not None:
            raise ControlError(400, f"`{name}` does not go with {fault.kind}")
        return fault
    if value is None and not number.needed:
        changes: Json = {name: number.default}
        return replace(fault, **changes)
    if not _is_number(value, number.least, number.most) or (name != "seconds" and type(value) is not int):
        raise ControlError(400, f"{fault.kind} takes a `{name}` of {number.least} to {number.most}")
    return fault


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
