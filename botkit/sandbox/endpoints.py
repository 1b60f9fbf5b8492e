"""The AJAX calls of the protocol: fields in, payload out (dossier 1, sections 8, 10, 14, 15; dossier 3, section 3)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox import graphql, pages, wire
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.checks import checked_otid, checked_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, FORBIDDEN, NOT_A_PARTICIPANT, Refusal
from botkit.sandbox.legacy_endpoints import LegacyEndpoints
from botkit.sandbox.logins import Logins, cleared_cookies
from botkit.sandbox.media_endpoints import MediaEndpoints
from botkit.sandbox.message_endpoints import MessageEndpoints
from botkit.sandbox.people_endpoints import PeopleEndpoints
from botkit.sandbox.sends import content_of_form
from botkit.sandbox.session import Sessions
from botkit.sandbox.single_graphql import SingleQueries
from botkit.sandbox.storage import Login
from botkit.sandbox.thread_endpoints import ThreadEndpoints
from botkit.sandbox.wire import Request, Response
from botkit.sandbox.world import Message

# What every send carries (dossier 1, section 10.2, "min"); the body may be left out when empty.
_SEND_NEEDS = (
    "client",
    "author",
    "timestamp",
    "source",
    "offline_threading_id",
    "message_id",
    "threading_id",
)


class Endpoints:
    """The calls by path. Who calls has a living session, and on a POST the right form token."""

    def __init__(self, engine: Engine, logins: Logins, sessions: Sessions) -> None:
        self._engine = engine
        self._logins = logins
        self._sessions = sessions
        self._answers = Answers(engine.clock)
        people, media = PeopleEndpoints(engine, self._answers), MediaEndpoints(engine, self._answers)
        self._threads = ThreadEndpoints(engine, self._answers)
        self._queries = SingleQueries(engine)
        self.gets: dict[str, Call] = {"/ajax/presence/reconnect.php": self._nothing, **people.gets, **media.gets}
        self.posts: dict[str, Call] = {
            **people.posts,
            **media.posts,
            **self._threads.posts,
            **MessageEndpoints(engine, self._answers).posts,
            **LegacyEndpoints(engine, self._answers).posts,
            "/messaging/send": self._send,
            "/ajax/messaging/typ.php": self._typing,
            "/ajax/mercury/change_read_status.php": self._read_status,
            "/ajax/mercury/mark_folder_as_read.php": self._read_folder,
            "/ajax/presence/reconnect.php": self._nothing,
            "/api/graphql": self._query,
            "/api/graphqlbatch": self._batch,
            "/bluebar/modern_settings_menu": self._settings_menu,
            "/logout.php": self.log_out,
        }

    def lid(self) -> str:
        """The running number of an answer."""
        return self._answers.lid()

    def log_out(self, request: Request, login: Login) -> Response:
        """End the session, its sockets too (dossier 1, section 8.3)."""
        self._logins.end(login)
        self._sessions.close_login(login)
        return wire.redirect("https://www.facebook.com/", cleared_cookies())

    def _ok(self, payload: Any, **more: Any) -> Response:
        return self._answers.ok(payload, **more)

    def _nothing(self, request: Request, login: Login) -> Response:
        return self._ok(None)

    def _send(self, request: Request, login: Login) -> Response:
        for name in _SEND_NEEDS:
            request.needed(name)
        if request.fields["author"] != f"fbid:{login.account}":
            raise Refusal(FORBIDDEN, "The author of a send is the account itself.")
        otid = checked_otid(request.fields["offline_threading_id"])
        if request.fields.get("log_message_type") == "log:subscribe":
            return self._threads.add_people(request, login, otid)
        if request.needed("action_type") != "ma-type:user-generated-message":
            raise Refusal(BAD_PARAMETERS, "The action_type of a send is ma-type:user-generated-message.")
        message = self._deliver(request, login.account, otid)
        thread_id = self._engine.world.by_key(message.thread).id_for(login.account)
        return self._ok({"actions": [_action(message, thread_id, ":" not in message.thread)]})

    def _deliver(self, request: Request, sender: str, otid: str) -> Message:
        """Find whom the send is for (dossier 1, section 10.3), and send it."""
        world = self._engine.world
        if earlier := self._engine.repeated(sender, otid):
            return earlier
        content = content_of_form(self._engine, sender, request)
        group, person = request.fields.get("thread_fbid"), request.fields.get("other_user_fbid")
        if group and group in world.people:
            raise Refusal(NOT_A_PARTICIPANT, "thread_fbid is a group; a person stands in other_user_fbid.")
        if person and person not in world.people:
            raise Refusal(NOT_A_PARTICIPANT, "other_user_fbid is a person; a group stands in thread_fbid.")
        if thread_id := group or person:
            return self._engine.send(sender, checked_thread(world, sender, thread_id), content, otid)
        others = [word.removeprefix("fbid:") for word in request.listed("specific_to_list")]
        if not others:
            raise Refusal(BAD_PARAMETERS, "A send needs thread_fbid, other_user_fbid or specific_to_list.")
        return self._engine.start_group(sender, others, otid, content)

    def _typing(self, request: Request, login: Login) -> Response:
        if request.fields.get("typ") not in ("0", "1"):
            raise Refusal(BAD_PARAMETERS, "typ is 0 or 1.")
        thread = checked_thread(self._engine.world, login.account, request.needed("thread"))
        self._engine.set_typing(login.account, thread, request.fields["typ"] == "1")
        return self._ok([])

    def _read_status(self, request: Request, login: Login) -> Response:
        marks = request.keyed("ids")
        if not marks or not set(marks.values()) <= {"true", "false"}:
            raise Refusal(BAD_PARAMETERS, "ids[<thread>] is true or false.")
        watermark = request.fields.get("watermarkTimestamp") or None
        if watermark and not watermark.isdecimal():
            raise Refusal(BAD_PARAMETERS, "watermarkTimestamp is a time in milliseconds.")
        threads = {key: checked_thread(self._engine.world, login.account, key) for key in marks}
        for key, thread in threads.items():
            if marks[key] == "true":
                self._engine.mark_read(login.account, thread, int(watermark) if watermark else None)
            else:
                self._engine.mark_unread(login.account, thread)
        return self._ok(None)

    def _read_folder(self, request: Request, login: Login) -> Response:
        if request.needed("folder") != "inbox":
            raise Refusal(BAD_PARAMETERS, "The only folder is inbox.")
        for thread in self._engine.threads_of(login.account):
            self._engine.mark_read(login.account, thread)
        return self._ok(None)

    def _batch(self, request: Request, login: Login) -> Response:
        return wire.batch(graphql.answer_batch(self._engine, login.account, request.needed("queries")))

    def _query(self, request: Request, login: Login) -> Response:
        variables = request.fields.get("variables") or "{}"
        return wire.batch([self._queries.answer(login.account, request.needed("doc_id"), variables)])

    def _settings_menu(self, request: Request, login: Login) -> Response:
        """The menu in which clients look for the logout form (dossier 1, section 8.3)."""
        entry = {"value": "logout", "markup": {"__m": "__markup_1"}}
        jsmods = {
            "instances": [["__inst_1", ["Menu"], [[entry]], 1]],
            "markup": [["__markup_1", {"__html": pages.logout_form(login)}, 1]],
        }
        return self._ok([], jsmods=jsmods)


def _action(message: Message, thread_id: str, group: bool) -> dict[str, Any]:
    return {
        "action_type": "ma-type:user-generated-message",
        "author": f"fbid:{message.sender}",
        "thread_fbid": thread_id,
        "other_user_fbid": None if group else thread_id,
        "message_id": message.id,
        "offline_threading_id": message.otid,
        "timestamp": message.timestamp_ms,
    }
