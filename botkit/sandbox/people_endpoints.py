"""The AJAX calls about people, and the legacy ways to search (dossier 3, sections 3.4 to 3.7)."""

from __future__ import annotations

from itertools import islice

from botkit.sandbox import mercury, profiles, search
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.engine import Engine
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

_MOST_THREADS = 21


class PeopleEndpoints:
    """Calls by path, to be offered beside the others."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers
        self.gets: dict[str, Call] = {"/ajax/typeahead/search.php": self._typeahead}
        self.posts: dict[str, Call] = {
            "/chat/user_info": self._user_info,
            "/chat/user_info_all": self._user_info_all,
            "/ajax/mercury/search_threads.php": self._search_threads,
        }

    def _user_info(self, request: Request, login: Login) -> Response:
        """Profiles by id; what is no person is left out. `ids[0]` and `ids[<id>]` are both in use."""
        people = self._engine.world.people
        found = [people[word] for word in dict.fromkeys(request.keyed("ids").values()) if word in people]
        shown = {person.id: profiles.profile(self._engine, login.account, person) for person in found}
        return self._answers.ok({"profiles": shown})

    def _user_info_all(self, request: Request, login: Login) -> Response:
        """Everybody whom one may know, without the level `profiles`; friends or not."""
        others = [person for person in self._engine.world.people.values() if person.id != login.account]
        return self._answers.ok({p.id: profiles.profile(self._engine, login.account, p) for p in others})

    def _typeahead(self, request: Request, login: Login) -> Response:
        return self._answers.ok({"entries": search.entries(self._engine, login.account, request.needed("value"))})

    def _search_threads(self, request: Request, login: Login) -> Response:
        """Without a hit the key `threads` is missing, as clients expect."""
        limit, offset = request.whole("limit"), request.whole("offset") or 0
        found = search.threads(self._engine, login.account, request.needed("query"))
        page = list(islice(found, offset, offset + (_MOST_THREADS if limit is None else limit)))
        threads = [mercury.thread_object(self._engine, login.account, thread) for thread in page]
        return self._answers.ok({"mercury_payload": {"threads": threads} if threads else {}})
