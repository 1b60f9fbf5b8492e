"""The AJAX calls about threads: members, title, look, admins, polls, and the own copy (dossier 3, sections 4 and 5)."""

from __future__ import annotations

from botkit.sandbox.administration import Administration
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.checks import changed_thread, known_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.mailbox_actions import MailboxActions
from botkit.sandbox.mailboxes import FOREVER, INBOX, OTHER
from botkit.sandbox.polls import Polls
from botkit.sandbox.storage import Login
from botkit.sandbox.themes import BY_COLOR
from botkit.sandbox.wire import Request, Response
from botkit.sandbox.world import Thread

_SECOND_MS = 1000
_SWITCH = {"true": True, "false": False, "1": True, "0": False}


class ThreadEndpoints:
    """Calls by path, to be offered beside the others."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers
        self._change = Administration(engine)
        self._own = MailboxActions(engine)
        self._polls = Polls(engine)
        self.posts: dict[str, Call] = {
            "/chat/remove_participants": self._remove,
            "/messaging/set_thread_name": self._title,
            "/messaging/set_thread_image": self._image,
            "/messaging/save_thread_color": self._color,
            "/messaging/save_thread_emoji": self._emoji,
            "/messaging/save_thread_nickname": self._nickname,
            "/messaging/save_admins": self._admins,
            "/messaging/group_polling/create_poll": self._create_poll,
            "/messaging/group_polling/update_vote": self._vote,
            "/ajax/mercury/get_poll_options": self._poll_options,
            "/ajax/mercury/change_archived_status.php": self._archive,
            "/ajax/mercury/change_pinned_status.php": self._pinned,
            "/ajax/mercury/delete_thread.php": self._delete,
            "/ajax/mercury/change_mute_thread.php": self._mute,
            "/ajax/mercury/change_reactions_mute_thread": self._mute_reactions,
            "/ajax/mercury/change_mentions_mute_thread": self._mute_mentions,
            "/ajax/mercury/move_thread.php": self._move,
            "/ajax/mercury/move_threads.php": self._move,
            "/messaging/block_messages": self._block,
            "/messaging/unblock_messages": self._unblock,
        }

    def add_people(self, request: Request, login: Login, otid: str) -> Response:
        """The form of a send that adds members (dossier 3, section 4.1); nothing is named when they have to wait."""
        thread = self._thread(request, login, "thread_fbid")
        people = request.nested("log_message_data").get("added_participants")
        ids = [str(word).removeprefix("fbid:") for word in people.values()] if isinstance(people, dict) else []
        line = self._change.add(login.account, thread, ids, otid)
        if line is None:
            return self._answers.ok({"actions": []})
        action = {"message_id": line.id, "thread_fbid": thread.key, "timestamp": line.timestamp_ms}
        return self._answers.ok({"actions": [action]})

    def _thread(self, request: Request, login: Login, field: str) -> Thread:
        return changed_thread(self._engine.world, login.account, request.needed(field))

    def _own_thread(self, login: Login, thread_id: str) -> Thread:
        return known_thread(self._engine.world, login.account, thread_id)

    def _remove(self, request: Request, login: Login) -> Response:
        self._change.remove(login.account, self._thread(request, login, "tid"), request.needed("uid"))
        return self._answers.ok({})

    def _title(self, request: Request, login: Login) -> Response:
        title = request.fields.get("thread_name", "")
        self._change.set_title(login.account, self._thread(request, login, "thread_id"), title)
        return self._answers.ok(None)

    def _image(self, request: Request, login: Login) -> Response:
        thread = self._thread(request, login, "thread_id")
        self._change.set_image(login.account, thread, request.needed("thread_image_id"))
        return self._answers.ok(None)

    def _color(self, request: Request, login: Login) -> Response:
        """The older form: a colour of the list of 2017, or nothing for the default."""
        color = request.fields.get("color_choice", "").lower().removeprefix("#")
        if color and color not in BY_COLOR:
            raise Refusal(BAD_PARAMETERS, "color_choice is a colour that some theme has.")
        thread = self._thread(request, login, "thread_or_other_fbid")
        self._change.set_theme(login.account, thread, BY_COLOR[color].id if color else "")
        return self._answers.ok(None)

    def _emoji(self, request: Request, login: Login) -> Response:
        thread = self._thread(request, login, "thread_or_other_fbid")
        self._change.set_emoji(login.account, thread, request.fields.get("emoji_choice", ""))
        return self._answers.ok(None)

    def _nickname(self, request: Request, login: Login) -> Response:
        thread, person = self._thread(request, login, "thread_or_other_fbid"), request.needed("participant_id")
        self._change.set_nickname(login.account, thread, person, request.fields.get("nickname", ""))
        return self._answers.ok(None)

    def _admins(self, request: Request, login: Login) -> Response:
        """What is no group has a code of its own here (dossier 3, section 5.1)."""
        thread, people = self._thread(request, login, "thread_fbid"), request.listed("admin_ids")
        if not thread.group or not people:
            raise Refusal(BAD_PARAMETERS, "thread_fbid is a group, and admin_ids[0] one of its members.")
        add = _switch(request, "add")
        for person in people:
            thread = self._thread(request, login, "thread_fbid")
            self._change.set_admin(login.account, thread, person, add)
        return self._answers.ok(None)

    def _create_poll(self, request: Request, login: Login) -> Response:
        thread, question = self._thread(request, login, "target_id"), request.needed("question_text")
        chosen = [place for place, word in enumerate(request.listed("option_is_selected_array")) if word == "1"]
        self._polls.create(login.account, thread, question, request.listed("option_text_array"), chosen)
        return self._answers.ok({"status": "success"})

    def _vote(self, request: Request, login: Login) -> Response:
        thread, poll = self._polls.find(login.account, request.needed("question_id"))
        chosen, new = request.listed("selected_options"), request.listed("new_options")
        self._polls.vote(login.account, thread, poll, chosen, new)
        return self._answers.ok({"status": "success"})

    def _poll_options(self, request: Request, login: Login) -> Response:
        """The keys of an option are our choice; no source shows the answer."""
        _, poll = self._polls.find(login.account, request.needed("question_id"))
        options = [
            {"id": o.id, "text": o.text, "total_count": len(o.voters), "voters": list(o.voters)} for o in poll.options
        ]
        return self._answers.ok(options)

    def _archive(self, request: Request, login: Login) -> Response:
        for thread, archived in self._switches(request, login).items():
            self._own.archive(login.account, self._own_thread(login, thread), archived)
        return self._answers.ok(None)

    def _pinned(self, request: Request, login: Login) -> Response:
        for thread, pinned in self._switches(request, login).items():
            self._own.set_pinned(login.account, self._own_thread(login, thread), pinned)
        return self._answers.ok(None)

    def _delete(self, request: Request, login: Login) -> Response:
        threads = [self._own_thread(login, thread) for thread in _needed_list(request, "ids")]
        for thread in threads:
            self._own.delete(login.account, thread)
        return self._answers.ok(None)

    def _mute(self, request: Request, login: Login) -> Response:
        """`mute_settings` is a number of seconds, -1 for ever, 0 for no more (dossier 3, section 5.3)."""
        thread, seconds = self._own_thread(login, request.needed("thread_fbid")), request.needed("mute_settings")
        if not seconds.removeprefix("-").isdecimal() or int(seconds) < FOREVER:
            raise Refusal(BAD_PARAMETERS, "mute_settings is a number of seconds, -1 or 0.")
        until_ms = int(seconds) * _SECOND_MS + self._engine.clock.time_ms() if int(seconds) > 0 else int(seconds)
        self._own.mute(login.account, thread, until_ms)
        return self._answers.ok(None)

    def _mute_reactions(self, request: Request, login: Login) -> Response:
        thread = self._own_thread(login, request.needed("thread_fbid"))
        self._own.mute_reactions(login.account, thread, _switch(request, "reactions_mute_mode"))
        return self._answers.ok(None)

    def _mute_mentions(self, request: Request, login: Login) -> Response:
        thread = self._own_thread(login, request.needed("thread_fbid"))
        self._own.mute_mentions(login.account, thread, _switch(request, "mentions_mute_mode"))
        return self._answers.ok(None)

    def _move(self, request: Request, login: Login) -> Response:
        """Accept message requests (`inbox[i]`) or put them aside (`other[i]`; dossier 3, section 5.5)."""
        folders = {INBOX: request.listed("inbox"), OTHER: request.listed("other")}
        if not any(folders.values()):
            raise Refusal(BAD_PARAMETERS, "inbox[0] or other[0] is the id of a thread.")
        for folder, threads in folders.items():
            for thread in threads:
                self._own.move(login.account, self._own_thread(login, thread), folder)
        return self._answers.ok(None)

    def _block(self, request: Request, login: Login) -> Response:
        self._own.block(login.account, request.needed("fbid"), True)
        return self._answers.ok(None)

    def _unblock(self, request: Request, login: Login) -> Response:
        self._own.block(login.account, request.needed("fbid"), False)
        return self._answers.ok(None)

    def _switches(self, request: Request, login: Login) -> dict[str, bool]:
        """`ids[<thread>]`, each true or false; every thread is known."""
        marks = request.keyed("ids")
        if not marks or not set(marks.values()) <= {"true", "false"}:
            raise Refusal(BAD_PARAMETERS, "ids[<thread>] is true or false.")
        for thread in marks:
            self._own_thread(login, thread)
        return {thread: mark == "true" for thread, mark in marks.items()}


def _needed_list(request: Request, name: str) -> list[str]:
    values = request.listed(name)
    if not values:
        raise Refusal(BAD_PARAMETERS, f"{name}[0] is missing.")
    return values


def _switch(request: Request, name: str) -> bool:
    """A switch of the form; fbchat writes Python's True and False."""
    value = request.fields.get(name, "").lower()
    if value not in _SWITCH:
        raise Refusal(BAD_PARAMETERS, f"{name} is true or false.")
    return _SWITCH[value]
