"""What others change, as the stranger's library tells it: Ann does it, and the stranger has to see it."""

from __future__ import annotations

from dataclasses import dataclass

from stage import ANN, BEN, CHLOE, WORKSHOP, Check, Json, Stage, compare


@dataclass(frozen=True)
class Change:
    """One action of `POST /sandbox/api/do`, and the event of kind `event` that has to come of it."""

    name: str
    action: str
    arguments: Json
    event: str
    right: Json


_CHANGES = [
    Change("name a group", "title", {"text": "Wörkshop 🪚"}, "title", {"value": "Wörkshop 🪚"}),
    Change("add somebody", "add", {"people": [CHLOE]}, "added", {"people": [CHLOE]}),
    Change(
        "give a nickname",
        "nickname",
        {"person": BEN, "text": "Ben 10 %"},
        "nickname",
        {"person": BEN, "value": "Ben 10 %"},
    ),
    Change("choose a colour", "color", {"text": "#7646ff"}, "color", {"value": "#7646ff"}),
    Change("choose an emoji", "emoji", {"text": "🦊"}, "emoji", {"value": "🦊"}),
    Change("make somebody an admin", "admin", {"person": BEN}, "admin", {"person": BEN}),
    Change("ask the group", "poll", {"text": "Lunch?", "options": ["soup", "bread"]}, "poll", {"value": "Lunch?"}),
    Change("remove somebody", "remove", {"person": CHLOE}, "removed", {"person": CHLOE}),
]
_AFTERWARDS: Json = {
    "name": "Wörkshop 🪚",
    "emoji": "🦊",
    "color": "#7646ff",
    "nicknames": {BEN: "Ben 10 %"},
    "admins": [ANN, BEN],
}


class Changes:
    """Ann changes Workshop."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._driver = stage.driver

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order; a change that the stranger's own listener drops is not counted."""
        seen = [change for change in _CHANGES if change.event not in self._stage.lost]
        return [
            *((f"sees Ann {change.name}", self._seen(change)) for change in seen),
            ("reads what has changed", self._reads_it),
            ("reads the lines about it in the history", self._reads_lines),
        ]

    def _seen(self, change: Change) -> Check:
        right = {"event": change.event, "thread": WORKSHOP, "by": ANN, **change.right}

        async def check() -> None:
            await self._stage.does(WORKSHOP, change.action, **change.arguments)
            await self._driver.said.until(lambda: bool(self._driver.events(change.event)), "no event came")
            compare(self._driver.events(change.event), [right])

        return check

    async def _reads_it(self) -> None:
        """Also what its listener drops, which is changed here."""
        for change in _CHANGES:
            if change.event in self._stage.lost:
                await self._stage.does(WORKSHOP, change.action, **change.arguments)
        chat = await self._driver.ask("chat", WORKSHOP)
        compare({key: chat[key] for key in _AFTERWARDS}, _AFTERWARDS)

    async def _reads_lines(self) -> None:
        """A line has no words in fbchat's history, but its sender and place."""
        lines = await self._driver.ask("history", WORKSHOP, len(_CHANGES), None)
        compare([line["sender"] for line in lines], [ANN] * len(_CHANGES))
