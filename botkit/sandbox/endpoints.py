"""The AJAX calls of the protocol: fields in, payload out (dossier 1, sections 8, 10, 14, 15; dossier 3, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botkit.sandbox import graphql, pages, wire
from botkit.sandbox.engine import Engine, checked_otid, checked_thread
from botkit.sandbox.errors import ATTACHMENT_REFUSED, BAD_PARAMETERS, FORBIDDEN, NOT_A_PARTICIPANT, Refusal
from botkit.sandbox.logins import Logins, cleared_cookies
from botkit.sandbox.session import Sessions
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response
from botkit.sandbox.world import Message, Person

_LID_BITS = 22
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
# A field of a send that begins like this carries a kind of content that the sandbox does not take yet (10.5).
_FILES = ("image_ids", "gif_ids", "video_ids", "audio_ids", "file_ids", "sticker_id", "shareable_attachment")
_EXTRAS = ("profile_xmd", "replied_to_message_id", "location_attachment", "lightweight_action_attachment", "tags[")
# The numbers of dossier 3, section 3.7.
_GENDERS = {"unknown": 0, "female": 1, "male": 2}

Call = Callable[[Request, Login], Response]


class Endpoints:
    """The calls by path. Who calls has a living session, and on a POST the right form token."""

    def __init__(self, engine: Engine, logins: Logins, sessions: Sessions) -> None:
        self._engine = engine
        self._logins = logins
        self._sessions = sessions
        self._answers = 0
        self.gets: dict[str, Call] = {"/ajax/presence/reconnect.php": self._nothing}
        self.posts: dict[str, Call] = {
            "/messaging/send": self._send,
            "/ajax/messaging/typ.php": self._typing,
            "/ajax/mercury/change_read_status.php": self._read_status,
            "/ajax/mercury/mark_folder_as_read.php": self._read_folder,
            "/ajax/mercury/delivery_receipts.php": self._delivered,
            "/ajax/mercury/mark_seen.php": self._nothing,
            "/ajax/presence/reconnect.php": self._nothing,
            "/chat/user_info": self._user_info,
            "/chat/user_info_all": self._user_info_all,
            "/api/graphqlbatch": self._batch,
            "/bluebar/modern_settings_menu": self._settings_menu,
            "/logout.php": self.log_out,
        }

    def lid(self) -> str:
        """The running number of an answer."""
        self._answers += 1
        return str((self._engine.clock.time_ms() << _LID_BITS) | (self._answers % (1 << _LID_BITS)))

    def log_out(self, request: Request, login: Login) -> Response:
        """End the session, its sockets too (dossier 1, section 8.3)."""
        self._logins.end(login)
        self._sessions.close_login(login)
        return wire.redirect("https://www.facebook.com/", cleared_cookies())

    def _ok(self, payload: Any, **more: Any) -> Response:
        return wire.envelope(payload, self.lid(), **more)

    def _nothing(self, request: Request, login: Login) -> Response:
        return self._ok(None)

    def _send(self, request: Request, login: Login) -> Response:
        for name in _SEND_NEEDS:
            request.needed(name)
        if request.needed("action_type") != "ma-type:user-generated-message":
            raise Refusal(BAD_PARAMETERS, "The action_type of a send is ma-type:user-generated-message.")
        if request.fields["author"] != f"fbid:{login.account}":
            raise Refusal(FORBIDDEN, "The author of a send is the account itself.")
        _refuse_other_kinds(request)
        otid = checked_otid(request.fields["offline_threading_id"])
        message = self._deliver(request, login.account, request.fields.get("body", ""), otid)
        thread_id = self._engine.world.by_key(message.thread).id_for(login.account)
        return self._ok({"actions": [_action(message, thread_id, ":" not in message.thread)]})

    def _deliver(self, request: Request, sender: str, text: str, otid: str) -> Message:
        """Find whom the send is for (dossier 1, section 10.3), and send it."""
        world = self._engine.world
        if earlier := self._engine.storage.sent(sender, otid):
            return earlier
        group, person = request.fields.get("thread_fbid"), request.fields.get("other_user_fbid")
        if group and group in world.people:
            raise Refusal(NOT_A_PARTICIPANT, "thread_fbid is a group; a person stands in other_user_fbid.")
        if person and person not in world.people:
            raise Refusal(NOT_A_PARTICIPANT, "other_user_fbid is a person; a group stands in thread_fbid.")
        if thread_id := group or person:
            return self._engine.send(sender, checked_thread(world, sender, thread_id), text, otid)
        others = [word.removeprefix("fbid:") for word in request.listed("specific_to_list")]
        if not others:
            raise Refusal(BAD_PARAMETERS, "A send needs thread_fbid, other_user_fbid or specific_to_list.")
        return self._engine.start_group(sender, others, otid, text)

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

    def _delivered(self, request: Request, login: Login) -> Response:
        """Check what was received; nobody is told, as no delivery shows anywhere yet."""
        received = request.listed("message_ids")
        if not received or not all(map(self._engine.storage.message, received)):
            raise Refusal(BAD_PARAMETERS, "message_ids[0] is the id of a message.")
        return self._ok(None)

    def _user_info(self, request: Request, login: Login) -> Response:
        people = self._engine.world.people
        found = [people[person] for person in request.listed("ids") if person in people]
        return self._ok({"profiles": {person.id: self._profile(login.account, person) for person in found}})

    def _user_info_all(self, request: Request, login: Login) -> Response:
        others = [person for person in self._engine.world.people.values() if person.id != login.account]
        return self._ok({person.id: self._profile(login.account, person) for person in others})

    def _profile(self, viewer: str, person: Person) -> dict[str, Any]:
        """A profile as dossier 3, section 3.6 shows it."""
        friend = self._engine.world.are_friends(viewer, person.id)
        return {
            "id": person.id,
            "name": person.name,
            "firstName": person.first_name,
            "vanity": person.vanity,
            "thumbSrc": graphql.picture_url(person),
            "uri": graphql.profile_url(person),
            "gender": _GENDERS[person.gender],
            "i18nGender": 2,
            "type": "friend" if friend else "user",
            "is_friend": friend,
            "is_birthday": self._engine.has_birthday(person),
            "mThumbSrcSmall": None,
            "mThumbSrcLarge": None,
            "dir": None,
            "searchTokens": person.name.split(),
            "alternateName": "",
            "is_nonfriend_messenger_contact": not friend,
            "is_blocked": False,
        }

    def _batch(self, request: Request, login: Login) -> Response:
        return wire.batch(graphql.answer_batch(self._engine, login.account, request.needed("queries")))

    def _settings_menu(self, request: Request, login: Login) -> Response:
        """The menu in which clients look for the logout form (dossier 1, section 8.3)."""
        entry = {"value": "logout", "markup": {"__m": "__markup_1"}}
        jsmods = {
            "instances": [["__inst_1", ["Menu"], [[entry]], 1]],
            "markup": [["__markup_1", {"__html": pages.logout_form(login)}, 1]],
        }
        return self._ok([], jsmods=jsmods)


def _refuse_other_kinds(request: Request) -> None:
    """Refuse content that would otherwise be dropped without a word.

    Files, stickers and shared links: 1545026. Replies, mentions, places, waves and big emoji: 1545003.
    """
    for name, value in request.fields.items():
        if value and name.startswith(_FILES):
            raise Refusal(ATTACHMENT_REFUSED, f"The sandbox does not take {name} yet.")
        if value and name.startswith(_EXTRAS):
            raise Refusal(FORBIDDEN, f"The sandbox does not take {name} yet.")
    if request.fields.get("has_attachment") == "true":
        raise Refusal(BAD_PARAMETERS, "has_attachment is true but nothing is attached.")


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
