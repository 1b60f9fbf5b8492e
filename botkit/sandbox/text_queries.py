"""Searches that a client spells out as query text (`q`) in the batch instead of naming a stored query by doc_id.

The answers to `message_threads.with_thread_name` and to mixed searches are those of dossier 3, section 3.4; a search
that is narrowed to one type answers under that type's name in the same way.
"""

from __future__ import annotations

import re
from typing import Any

from botkit.sandbox import nodes, search
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import QUERY_ERROR, Refusal
from botkit.sandbox.profiles import picture_url, profile_url
from botkit.sandbox.search import Hit
from botkit.sandbox.world import Person

Json = dict[str, Any]

_BY_THREAD_NAME = "message_threads.with_thread_name("
_BY_NAME = "entities_named("
_TYPE = re.compile(r"search_results\.of_type\((user|page)\)")


def answer(engine: Engine, viewer: str, text: str, params: Json, limit: int) -> Json:
    """What the query `text` finds, at most `limit` of a kind; `params` hold `search`.

    Raises:
        Refusal: it is none of the searches.
    """
    wanted = str(params.get("search", ""))
    hits = search.find(engine, viewer, wanted)
    if _BY_THREAD_NAME in text:
        groups = [hit for hit in hits if hit.person is None]
        return {"viewer": {"groups": _found(engine, viewer, groups[:limit])}}
    if _BY_NAME not in text:
        raise Refusal(QUERY_ERROR, "The text of the query is none that is answered here.")
    if narrowed := _TYPE.search(text):
        people = [hit for hit in hits if hit.person and hit.person.page == (narrowed[1] == "page")]
        return {wanted: {f"{narrowed[1]}s": _found(engine, viewer, people[:limit])}}
    return {wanted: {"threads": _found(engine, viewer, hits[:limit])}}


def _found(engine: Engine, viewer: str, hits: list[Hit]) -> Json:
    return {"nodes": [_node(engine, viewer, hit) for hit in hits]}


def _node(engine: Engine, viewer: str, hit: Hit) -> Json:
    if hit.person:
        return _person(engine, viewer, hit.person)
    node = nodes.thread_node(engine, viewer, hit.thread, edges=False)
    # The query does not ask for it, and a group in which nothing was said has none.
    del node["last_message"]
    return {"__typename": "MessageThread", **node, "is_group_thread": True}


def _person(engine: Engine, viewer: str, person: Person) -> Json:
    return {
        "__typename": "Page" if person.page else "User",
        "id": person.id,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.name.removeprefix(person.first_name).strip(),
        "profile_picture": {"uri": picture_url(person)},
        "is_viewer_friend": engine.world.are_friends(viewer, person.id),
        "url": profile_url(person),
        "gender": person.gender.upper(),
    }
