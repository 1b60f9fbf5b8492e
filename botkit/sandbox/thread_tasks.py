"""Lightspeed tasks about threads: members, title, look, admins, folders, polls (dossier 3, sections 4, 5 and 6.5)."""

from __future__ import annotations

from functools import partial

from botkit.sandbox.administration import Administration
from botkit.sandbox.checks import changed_thread, checked_otid, known_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.mailbox_actions import MailboxActions
from botkit.sandbox.mailboxes import FOREVER, INBOX
from botkit.sandbox.polls import Polls
from botkit.sandbox.programs import Json, Step, Task, call, flag, listed, text, whole, word
from botkit.sandbox.sends import content_of_task
from botkit.sandbox.world import Thread

_NO_MESSAGE = 8
_GROUP_TYPE = 2
# A mute time below this is a duration and not a point in time (dossier 3, section 6.7).
_SHORTEST_TIME_MS = 10**11
# What `user_block_action` does (dossier 3, section 5.4).
_BLOCKS = {"0": False, "1": True, "2": False, "3": True}


class ThreadTasks:
    """The tasks by label, as one account asks them."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self._change = Administration(engine)
        self._own = MailboxActions(engine)
        self._polls = Polls(engine)
        self.tasks: dict[str, Task] = {
            "23": self._add,
            "25": self._admin,
            "28": self._approval,
            "32": self._title,
            "37": self._image,
            "43": self._theme,
            "44": self._nickname,
            "66": self._accept,
            "130": self._new_group,
            "140": self._remove,
            "144": partial(self._mute, field="mute_expire_time_ms"),
            "146": self._delete,
            "163": self._poll,
            "164": self._vote,
            "229": partial(self._mute, field="mute_calls_expire_time_ms"),
            "334": self._block,
            "100003": self._emoji,
        }

    def _thread(self, fields: Json, name: str = "thread_key") -> Thread:
        return changed_thread(self._engine.world, self._account, word(fields, name))

    def _own_thread(self, fields: Json) -> Thread:
        return known_thread(self._engine.world, self._account, word(fields, "thread_key"))

    def _key(self, thread: Thread) -> int:
        return int(thread.id_for(self._account))

    def _add(self, fields: Json) -> list[Step]:
        thread, people = self._thread(fields), [str(person) for person in listed(fields, "contact_ids")]
        if self._change.add(self._account, thread, people) is None:
            return []
        return [_participant(self._key(thread), person) for person in dict.fromkeys(people)]

    def _admin(self, fields: Json) -> list[Step]:
        thread, person, is_admin = self._thread(fields), word(fields, "contact_id"), flag(fields, "is_admin")
        self._change.set_admin(self._account, thread, person, is_admin)
        return [call("updateThreadParticipantAdminStatus", self._key(thread), int(person), is_admin)]

    def _approval(self, fields: Json) -> list[Step]:
        thread, on = self._thread(fields), flag(fields, "enabled")
        self._change.set_approval(self._account, thread, on)
        return [call("updateThreadApprovalMode", self._key(thread), on)]

    def _title(self, fields: Json) -> list[Step]:
        thread, title = self._thread(fields), text(fields, "thread_name")
        self._change.set_title(self._account, thread, title)
        return [call("syncUpdateThreadName", title, self._key(thread), title)]

    def _image(self, fields: Json) -> list[Step]:
        thread, image_id = self._thread(fields), word(fields, "image_id")
        self._change.set_image(self._account, thread, image_id)
        image = self._engine.storage.files.find(image_id)
        url = image.url if image else ""
        return [call("setThreadImageURL", self._key(thread), url, url, 0, True, True)]

    def _theme(self, fields: Json) -> list[Step]:
        thread, theme = self._thread(fields), word(fields, "theme_fbid")
        self._change.set_theme(self._account, thread, theme)
        return [call("updateThreadTheme", self._key(thread), int(theme), 0)]

    def _nickname(self, fields: Json) -> list[Step]:
        thread, person, nickname = self._thread(fields), word(fields, "contact_id"), text(fields, "nickname")
        self._change.set_nickname(self._account, thread, person, nickname)
        return [_participant(self._key(thread), person, nickname or None)]

    def _emoji(self, fields: Json) -> list[Step]:
        self._change.set_emoji(self._account, self._thread(fields), text(fields, "custom_emoji"))
        return []

    def _accept(self, fields: Json) -> list[Step]:
        thread = self._own_thread(fields)
        self._own.move(self._account, thread, INBOX)
        key = self._key(thread)
        return [call("deleteThenInsertMessageRequest", key, 0, 0), call("moveThreadToInboxAndUpdateParent", key, -1)]

    def _new_group(self, fields: Json) -> list[Step]:
        """Dossier 3, section 4.10: the answer names the real group beside the temporary one."""
        first, others = fields.get("send_payload"), [str(person) for person in listed(fields, "participants")]
        if not isinstance(first, dict) or len(others) < 2:
            raise Refusal(BAD_PARAMETERS, "A new group needs send_payload and at least two participants.")
        otid, temporary = checked_otid(str(first.get("otid", ""))), whole(first.get("thread_id")) or 0
        is_empty = first.get("send_type") == _NO_MESSAGE
        content = None if is_empty else content_of_task(self._engine, self._account, first)
        message = self._engine.start_group(self._account, others, otid, content)
        group, at_ms = int(message.thread), message.timestamp_ms
        return [
            call("replaceOptimisticThread", temporary, group),
            call("applyNewGroupThread", otid, group, _GROUP_TYPE, "inbox", -1, "", at_ms, at_ms),
            *([] if is_empty else [call("replaceOptimsiticMessage", otid, message.id)]),
        ]

    def _remove(self, fields: Json) -> list[Step]:
        thread, person = self._thread(fields, "thread_id"), word(fields, "contact_id")
        self._change.remove(self._account, thread, person)
        return [call("removeParticipantFromThread", self._key(thread), int(person))]

    def _mute(self, fields: Json, *, field: str) -> list[Step]:
        """A point in time, -1 for ever, 0 for no more; a small number is a duration."""
        thread, until = self._own_thread(fields), word(fields, field)
        if not until.lstrip("-").isdecimal():
            raise Refusal(BAD_PARAMETERS, f"{field} is a time in milliseconds.")
        until_ms = max(int(until), FOREVER)
        if 0 < until_ms < _SHORTEST_TIME_MS:
            until_ms += self._engine.clock.time_ms()
        if field == "mute_expire_time_ms":
            self._own.mute(self._account, thread, until_ms)
            return [call("updateThreadMuteSetting", self._key(thread), until_ms)]
        self._own.mute_calls(self._account, thread, until_ms)
        return []

    def _delete(self, fields: Json) -> list[Step]:
        thread = self._own_thread(fields)
        self._own.delete(self._account, thread)
        return [call("deleteThread", self._key(thread), True)]

    def _poll(self, fields: Json) -> list[Step]:
        thread, question = self._thread(fields), text(fields, "question_text")
        options = [str(option) for option in listed(fields, "options")]
        poll, message = self._polls.create(self._account, thread, question, options)
        poll_id, at_ms = int(poll.id), message.timestamp_ms
        return [
            call("addPollForThread", poll_id, self._key(thread), message.id, at_ms, 0),
            *(call("addPollOptionV2", int(o.id), poll_id, o.text, at_ms, at_ms) for o in poll.options),
        ]

    def _vote(self, fields: Json) -> list[Step]:
        """`added_options` is a list of mappings from a text to a number that means nothing known."""
        thread, poll = self._polls.find(self._account, word(fields, "poll_id"))
        new = [name for added in listed(fields, "added_options") if isinstance(added, dict) for name in added]
        chosen = [str(option) for option in listed(fields, "selected_options")]
        changed = self._polls.vote(self._account, thread, poll, chosen, new)
        voted = [option for option in changed.options if self._account in option.voters]
        now_ms = self._engine.clock.time_ms()
        return [call("addPollVoteV2", int(o.id), int(poll.id), int(self._account), now_ms) for o in voted]

    def _block(self, fields: Json) -> list[Step]:
        action = word(fields, "user_block_action")
        if action not in _BLOCKS:
            raise Refusal(BAD_PARAMETERS, "user_block_action is 0 to 3.")
        self._own.block(self._account, word(fields, "blockee_id"), _BLOCKS[action])
        return []


def _participant(thread: int, person: str, nickname: str | None = None) -> Step:
    return call("addParticipantIdToGroupThread", thread, int(person), 0, 0, 0, nickname, False, None)
