"""Finding people and groups by name, and what each of the three ways to ask answers (dossier 3, sections 3.4, 3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botkit.sandbox import mercury, profiles
from botkit.sandbox.engine import Engine
from botkit.sandbox.world import Person, Thread

Json = dict[str, Any]

_CONTACT, _NON_CONTACT, _GROUP, _PAGE = 1, 2, 3, 4
_KINDS = {"friend": _CONTACT, "user": _NON_CONTACT, "page": _PAGE}
_CATEGORIES = {"friend": "Friend", "user": "Person", "page": "Page"}
_DIRECT_THREAD, _GROUP_THREAD = 1, 2


@dataclass(frozen=True)
class Hit:
    """One thing that was found: a thread and, if it is one-to-one, the person at its other end."""

    thread: Thread
    person: Person | None = None


def find(engine: Engine, viewer: str, query: str) -> list[Hit]:
    """People, friends first, then the viewer's groups, whose name holds `query` in any case; a blank one finds none."""
    world, wanted = engine.world, query.strip().casefold()
    if not wanted:
        return []
    people = [p for p in world.people.values() if p.id != viewer and wanted in p.name.casefold()]
    people.sort(key=lambda person: not world.are_friends(viewer, person.id))
    groups = [g for g in world.groups_of(viewer) if wanted in world.name_of(g, viewer).casefold()]
    return [*(Hit(world.direct(viewer, p.id), p) for p in people), *(Hit(g) for g in groups)]


def task_rows(engine: Engine, viewer: str, query: str, wanted_types: object) -> list[dict[int, Any]]:
    """The arguments of each `insertSearchResult` by position; `wanted_types` is a list of search types, or anything."""
    rows: list[dict[int, Any]] = []
    for hit in find(engine, viewer, query):
        row = _task_row(engine, viewer, hit, query, len(rows))
        if not isinstance(wanted_types, list) or not wanted_types or row[3] in wanted_types:
            rows.append(row)
    return rows


def entries(engine: Engine, viewer: str, query: str) -> list[Json]:
    """The people of the legacy typeahead, the best first."""
    people = [hit.person for hit in find(engine, viewer, query) if hit.person]
    return [_entry(engine, viewer, person, place, len(people)) for place, person in enumerate(people)]


def threads(engine: Engine, viewer: str, query: str) -> Iterator[Thread]:
    """The threads of the legacy thread search: those in which something stands."""
    return (hit.thread for hit in find(engine, viewer, query) if engine.history(viewer, hit.thread, 1))


def _task_row(engine: Engine, viewer: str, hit: Hit, query: str, place: int) -> dict[int, Any]:
    thread, person = hit.thread, hit.person
    row: dict[int, Any] = {
        0: query,
        1: thread.id_for(viewer),
        2: place,
        3: _KINDS[profiles.kind(engine, viewer, person)] if person else _GROUP,
        4: _DIRECT_THREAD if person else _GROUP_THREAD,
        5: engine.world.name_of(thread, viewer),
        11: 0,
        12: False,
        18: True,
    }
    if person:
        category = _CATEGORIES[profiles.kind(engine, viewer, person)]
        blocked = int(engine.storage.mailboxes.is_blocked(viewer, person.id))
        return {**row, 6: profiles.picture_url(person), 8: category, 11: blocked, 23: int(person.id)}
    names = [engine.world.people[member].first_name for member in thread.others(viewer)]
    return {**row, 6: mercury.image_url(engine, thread) or "", 8: ", ".join(names)}


def _entry(engine: Engine, viewer: str, person: Person, place: int, count: int) -> Json:
    kind = profiles.kind(engine, viewer, person)
    return {
        "uid": int(person.id),
        "text": person.name,
        "path": profiles.profile_url(person),
        "photo": profiles.picture_url(person),
        "index_rank": place,
        "score": round(1 - place / (count + 1), 3),
        "is_verified": False,
        "category": _CATEGORIES[kind],
        "type": "page" if kind == "page" else "user",
    }
