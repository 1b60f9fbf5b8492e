"""What the API asks about people, and looks for by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from botkit.logs import get_logger
from botkit.messenger._answers import reading
from botkit.messenger._client import Client
from botkit.messenger._friends import SECTION_QUERY, friends_in, friends_in_section, section_variables
from botkit.messenger._ids import random_uuid
from botkit.messenger._search import (
    Hit,
    hits_in,
    people_fields,
    people_in,
    people_of,
    search_task,
    thread_of,
    threads_form,
    threads_in,
)
from botkit.messenger._tasks import TaskNotDone
from botkit.messenger.errors import BadAnswer, BadArgument, MessengerError, NetworkError, Refused, ServerError
from botkit.messenger.models import FoundUser, Friend, OnlineUser, Thread

_log = get_logger(__name__)
_FIRST_LIST_S = 5.0
# dossier 2, section 13.3.
_STATUSES = {0: "offline", 1: "idle", 2: "active", 3: "mobile"}
_V = TypeVar("_V")


def get_user_id(client: Client, name: object) -> list[FoundUser]:
    """See `Api.get_user_id`."""
    text, what = _name(name), "search for a person"

    def older() -> list[FoundUser]:
        request_id = random_uuid(client.chance)
        fields = people_fields(text, client.session.user_id, request_id)
        answer = client.web.get("/ajax/typeahead/search.php", fields, what)
        with reading(what):
            return people_in(answer[0].get("payload"))

    return _found(_search(client, text, what, people_of, older), f"person {text!r}")


def search_for_thread(client: Client, name: object) -> list[Thread]:
    """See `Api.search_for_thread`."""
    text, what = _name(name), "search for a thread"

    def older() -> list[Thread]:
        answer = client.web.post("/ajax/mercury/search_threads.php", threads_form(text), what)
        with reading(what):
            return threads_in(answer[0].get("payload"))

    return _found(_search(client, text, what, lambda hits: _threads_of(client, hits), older), f"thread {text!r}")


def get_friends_list(client: Client) -> list[Friend]:
    """See `Api.get_friends_list`."""
    own_id, what = client.session.user_id, "list of friends"
    try:
        answer = client.web.post(f"/chat/user_info_all?viewer={own_id}", {"viewer": own_id}, what)
        with reading(what):
            return friends_in(answer[0].get("payload"))
    except (BadAnswer, Refused, ServerError) as error:
        _log.info("people: the list of friends comes from their page: %s", error)
    data = client.web.graphql(*SECTION_QUERY, section_variables(own_id), what)
    with reading(what):
        return friends_in_section(data)


def get_online_users(client: Client) -> list[OnlineUser]:
    """See `Api.get_online_users`."""
    if not client.link.is_up:
        raise NetworkError("who is online is told over the socket, and none is open: call listen first")
    if not client.presence.is_told and not client.presence.wait(_FIRST_LIST_S):
        _log.info("people: the list of who is online has not come yet")
    return [
        OnlineUser(presence.user_id, _status(presence.p), presence.timestamp_ms) for presence in client.presence.known()
    ]


def _search(
    client: Client, name: str, what: str, pick: Callable[[Sequence[Hit]], list[_V]], older: Callable[[], list[_V]]
) -> list[_V]:
    """By the task where a socket is open, else the older way."""
    if client.link.is_up:
        try:
            calls = client.ask(search_task(name, client.clock.time_ms()), what)
            with reading(what):
                hits = hits_in(calls)
            return pick(hits)
        except (NetworkError, BadAnswer, TaskNotDone) as error:
            _log.info("people: %s goes by HTTP: %s", what, error)
    return older()


def _threads_of(client: Client, hits: Sequence[Hit]) -> list[Thread]:
    """The chats in the order of the search; what cannot be looked up has only what the search told."""
    ids = [hit.result_id for hit in hits]
    known: dict[str, Thread] = {}
    try:
        known = client.directory.threads_by_id(ids) if ids else {}
    except MessengerError as error:
        _log.info("people: the chats that were found are not known better: %s", error)
    return [known.get(hit.result_id) or thread_of(hit) for hit in hits]


def _found(values: list[_V], what: str) -> list[_V]:
    if not values:
        raise Refused(f"{what} was not found; try another part of the name", reason="not-found", code=0)
    return values


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadArgument("name must be a text that is not empty")
    return value.strip()


def _status(p: int) -> str:
    return _STATUSES.get(p, "active" if p > 0 else "offline")
