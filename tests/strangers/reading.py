"""What a stranger reads of the world, before anything has happened in it: chats, messages, people, and searches."""

from __future__ import annotations

from stage import ANN, BEN, BOT, CHLOE, FRIENDS, WORKSHOP, Check, Json, Stage, compare

_FRIENDS: Json = {
    "id": FRIENDS,
    "name": "Friends",
    "group": True,
    "messages": 1,
    "people": [BOT, ANN, BEN],
    "admins": [BOT],
    "emoji": None,
    "color": None,
    "nicknames": {},
}
_WORKSHOP: Json = {
    "id": WORKSHOP,
    "name": "Workshop",
    "group": True,
    "messages": 4,
    "people": [BOT, ANN, BEN],
    "admins": [ANN],
    "emoji": "⭐",
    "color": "#ff7e29",
    "nicknames": {BEN: "Bee"},
}
_WITH_ANN: Json = {"id": ANN, "name": "Ann Archer", "group": False, "messages": 1}
_WITH_BEN: Json = {"id": BEN, "name": "Ben Baker", "group": False, "messages": 1}
_WORDS = [
    (ANN, "Who has the saw?"),
    (BEN, "I have “the saw” & 100 % of the wood 🙂"),
    (ANN, "Great."),
    (BEN, "Tomorrow at nine then."),
]
_PEOPLE: Json = {
    ANN: {"name": "Ann Archer", "firstName": "Ann", "gender": "female_singular", "friend": True},
    CHLOE: {"name": "Chloe Cook", "firstName": "Chloe", "gender": "female_singular", "friend": False},
}


class Reading:
    """What a stranger has to read, asked of its driver in the words that both drivers know."""

    def __init__(self, stage: Stage) -> None:
        self._driver = stage.driver

    def checks(self) -> list[tuple[str, Check]]:
        """What is tried, in this order."""
        return [
            ("reads the list of chats, newest first", self._list),
            ("reads the rest of the list", self._rest_of_list),
            ("reads what a group is", lambda: self._chat(_WORKSHOP)),
            ("reads what a chat of two is", self._chat_of_two),
            ("reads a history, oldest first", self._history),
            ("reads the history before a time", self._earlier),
            ("reads who people are", self._people),
            ("reads the list of friends", self._friends),
            ("finds people by name", lambda: self._finds("findPeople", "BAKER", [BEN])),
            ("finds groups by name", lambda: self._finds("findGroups", "shop", [WORKSHOP])),
            ("finds nothing where it must not", lambda: self._finds("findGroups", "without", [])),
        ]

    async def _list(self) -> None:
        compare(await self._driver.ask("chats", 10, None), [_WITH_BEN, _WITH_ANN, _WORKSHOP, _FRIENDS])

    async def _rest_of_list(self) -> None:
        """The wire gives the last chat once more (dossier 3, section 6.8); only facebook-chat-api takes it out."""
        first = await self._driver.ask("chatTimes", 2)
        rest = await self._driver.ask("chats", 10, first[-1])
        compare(rest, [*([_WITH_ANN] if rest[0] == _WITH_ANN else []), _WORKSHOP, _FRIENDS])

    async def _chat(self, right: Json) -> None:
        compare(await self._driver.ask("chat", right["id"]), right)

    async def _chat_of_two(self) -> None:
        """It has no name on the wire; fbchat looks up the other person's, facebook-chat-api does not."""
        chat = await self._driver.ask("chat", ANN)
        compare({**chat, "name": chat["name"] or "Ann Archer"}, _WITH_ANN)

    async def _history(self) -> None:
        compare(_words(await self._driver.ask("history", WORKSHOP, 10, None)), _WORDS)

    async def _earlier(self) -> None:
        """The message of that very time is among those before it (dossier 3, section 6.8)."""
        newest = await self._driver.ask("history", WORKSHOP, 2, None)
        compare(_words(newest), _WORDS[2:])
        compare(_words(await self._driver.ask("history", WORKSHOP, 2, newest[0]["time"])), _WORDS[1:3])

    async def _people(self) -> None:
        compare(await self._driver.ask("people", [ANN, CHLOE]), _PEOPLE)

    async def _friends(self) -> None:
        """Who is no friend stands in it, too, and is marked so (dossier 3, section 3.7)."""
        compare(await self._driver.ask("friends"), {ANN: True, BEN: True, CHLOE: False})

    async def _finds(self, what: str, name: str, right: list[str]) -> None:
        compare(await self._driver.ask(what, name), right)


def _words(messages: list[Json]) -> list[tuple[str, str]]:
    return [(message["sender"], message["text"]) for message in messages]
