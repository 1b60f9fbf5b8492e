"""What must be true when every line of the script has been answered: the groups, the store and the counters agree."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botkit.storage import open_store
from botkit.store import Database
from tests.endurance.script import BOT, PEOPLE, Line, person_id, thread_id

ANSWER = " drew "
"""What every answer of the plugin `lots` has behind the line that it answers."""
_ASIDE = "by the way: "
_POLL = re.compile(r"created a poll: (.*)")


@dataclass(frozen=True)
class Chat:
    """What one group holds in the end: the lines of people, and what the bot has said and done there, in order."""

    people: list[str]
    answers: list[str]
    asides: list[str]
    others: list[str]
    polls: list[str]


def chats_of(history: Sequence[Mapping[str, Any]], chats: int) -> dict[int, Chat]:
    """The groups of the script, from all messages as the sandbox keeps them."""
    return {number: _chat([one for one in history if one["thread"] == thread_id(number)]) for number in range(chats)}


def _chat(messages: Sequence[Mapping[str, Any]]) -> Chat:
    own = [one["text"] for one in messages if one["sender"] == BOT and one["kind"] == "text"]
    return Chat(
        people=[one["text"] for one in messages if one["sender"] != BOT],
        answers=[text for text in own if ANSWER in text],
        asides=[text.removeprefix(_ASIDE) for text in own if text.startswith(_ASIDE)],
        others=[text for text in own if ANSWER not in text and not text.startswith(_ASIDE)],
        polls=[poll[1] for one in messages if one["kind"] == "log" and (poll := _POLL.search(one["text"]))],
    )


@dataclass(frozen=True)
class Kept:
    """What the plugin's store holds in the end."""

    count: int
    operations: int
    users: Mapping[str, int]
    answers: Mapping[int, list[str]]
    unknown: Mapping[int, list[str]]
    """The lines about whose deed the plugin was told that it failed, or that nobody knows whether it was done."""


def kept_in(folder: Path, chats: int) -> Kept:
    """What the plugin has stored. The bot must have ended."""
    with contextlib.closing(Database(folder / "bot.db")) as database:

        def store(chat: int | None, person: str | None) -> Any:
            return open_store(database.read, "lots", None if chat is None else thread_id(chat), person)

        everywhere = store(None, None)
        threads = {number: store(number, None).thread for number in range(chats)}
        users = {person_id(name): store(None, person_id(name)).user for name in PEOPLE}
        return Kept(
            count=everywhere.get("count", 0),
            operations=everywhere.get("operations", 0),
            users={number: user["count"] for number, user in users.items() if "count" in user},
            answers={number: one.get("answers", []) for number, one in threads.items()},
            unknown={number: one.get("unknown", []) for number, one in threads.items()},
        )


def faults(lines: Sequence[Line], chats: Mapping[int, Chat], kept: Kept) -> Iterator[str]:
    """What is not as it must be, one sentence each."""
    if (kept.count, kept.operations) != (len(lines), len(lines)):
        yield f"{len(lines)} lines, but counted {kept.count} and {kept.operations}"
    if kept.users != Counter(person_id(line.who) for line in lines):
        yield f"the counts of people are wrong: {dict(kept.users)}"
    for number, chat in chats.items():
        said = [line.text for line in lines if line.chat == number]
        yield from (f"chat {number}: {fault}" for fault in _faults_of(said, chat, kept, number))


def _faults_of(said: list[str], chat: Chat, kept: Kept, number: int) -> Iterator[str]:
    if chat.people != said:
        yield "the sandbox itself lost or turned round what people wrote"
    if [answer.partition(ANSWER)[0] for answer in chat.answers] != said:
        yield f"answers are missing, doubled or out of order: {_difference(said, chat.answers)}"
    if chat.answers != kept.answers.get(number, []):
        yield "what was said is not what was committed"
    for word, done in (("poll", chat.polls), ("aside", chat.asides)):
        wanted = Counter(text for text in said if text.endswith(word))
        unknown = Counter(text for text in kept.unknown.get(number, []) if text.endswith(word))
        if Counter(done) - wanted:
            yield f"{word}s were done twice, or without being asked for: {dict(Counter(done) - wanted)}"
        if wanted - Counter(done) - unknown:
            yield f"{word}s were not done, and nobody was told: {dict(wanted - Counter(done) - unknown)}"


def _difference(said: list[str], answers: list[str]) -> str:
    answered = [answer.partition(ANSWER)[0] for answer in answers]
    missing, extra = Counter(said) - Counter(answered), Counter(answered) - Counter(said)
    if missing or extra:
        return f"missing {sorted(missing)[:5]}, too many {sorted(extra)[:5]}"
    first = next(place for place, pair in enumerate(zip(said, answered, strict=True)) if pair[0] != pair[1])
    return f"from number {first}: said {said[first : first + 5]}, answered {answered[first : first + 5]}"
