"""What a stranger changes: it does it by its own library's call, and Ann has to see it."""

from __future__ import annotations

from stage import BEN, BOT, CHLOE, FRIENDS, Check, Stage, compare

# What to ask the driver for, and the grey line that Ann sees then.
_DEEDS: list[tuple[str, tuple[str, ...], str]] = [
    ("names a group", ("title", "Lake & sun ☀️"), "Bot named the group Lake & sun ☀️."),
    ("adds somebody", ("add", CHLOE), "Bot added Chloe Cook to the group."),
    ("gives a nickname", ("nickname", BEN, "Grill 100 %"), "Bot set the nickname for Ben Baker to Grill 100 %."),
    ("takes the nickname away", ("nickname", BEN, ""), "Bot cleared the nickname for Ben Baker."),
    ("chooses a colour", ("color", "#ffc300"), "Bot changed the theme to Yellow."),
    ("chooses an emoji", ("emoji", "🐟"), "Bot set the emoji to 🐟."),
    ("makes somebody an admin", ("admin", BEN), "Bot added Ben Baker as a group admin."),
    ("removes somebody", ("remove", CHLOE), "Bot removed Chloe Cook from the group."),
]


class Deeds:
    """Everything happens in Friends, where Bot is the admin."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order."""
        return [(name, self._done(what, arguments, line)) for name, (what, *arguments), line in _DEEDS]

    def _done(self, what: str, arguments: list[str], line: str) -> Check:
        async def check() -> None:
            known = len(self._lines())
            await self._stage.driver.ask(what, FRIENDS, *arguments)
            await self._stage.heard.until(lambda: len(self._lines()) > known, "Ann did not see it")
            compare(self._lines()[known:], [line])

        return check

    def _lines(self) -> list[str]:
        came = [event["message"] for event in self._stage.heard.items if event["type"] == "message"]
        ours = (m for m in came if m["thread"] == FRIENDS and m["sender"] == BOT and m["kind"] == "log")
        return [message["text"] for message in ours]
