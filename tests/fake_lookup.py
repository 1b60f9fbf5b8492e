"""A chat with people, for the arguments of commands to be looked up in."""

from __future__ import annotations

from datetime import UTC, datetime

from botkit.people import Member

ANN = Member("100000000000002", "Ann Lee", "Captain")
BEN = Member("100000000000003", "Ben Okafor")
OTHER_BEN = Member("100000000000004", "Ben Ek", "Captain Ben")
LAYLA = Member("100000000000005", "ليلى حسن", "🦊 vos")
QUIET = Member("10000000000000006")


class FakeLookup:
    """A chat with these people, in which these were mentioned."""

    def __init__(self, members=(ANN, BEN, OTHER_BEN, LAYLA, QUIET), mentions=None, threads=()):
        self._members, self._mentions, self._threads = members, mentions or {}, threads
        self.asked = []

    def now(self):
        self.asked.append("now")
        return datetime(2026, 11, 22, 21, 0, tzinfo=UTC)

    def members(self):
        self.asked.append("members")
        return self._members

    def threads(self):
        self.asked.append("threads")
        return self._threads

    def mentions(self):
        self.asked.append("mentions")
        return self._mentions
