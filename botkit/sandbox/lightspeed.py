"""Lightspeed tasks from the socket, and the small programs that answer them (dossier 1, section 13; dossier 3, 6.4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botkit.logs import get_logger
from botkit.sandbox import graphql
from botkit.sandbox.engine import Engine, checked_otid, checked_thread
from botkit.sandbox.errors import ATTACHMENT_REFUSED, BAD_PARAMETERS, Refusal
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Message

Json = dict[str, Any]
Step = list[Any]

_SYNC, _CONTINUE_SYNC, _TASKS, _STATELESS = 1, 2, 3, 4
_TYPING = "3"
# Second halves of other requests: nothing is left to do for them (dossier 3, sections 3.4, 4.10 and 6.5).
_NOTHING_TO_DO = {"31", "123", "153"}
_TEXT, _NEW_GROUP = 1, 8
_FRIEND, _CONTACT = 3, 2
_PERSON_HIT, _GROUP_HIT = 1, 3
_GENDERS = {"unknown": 0, "female": 1, "male": 2}

_log = get_logger(__name__)


class Lightspeed:
    """Carries out what one account asks on `/ls_req`."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self._tasks: dict[str, Callable[[Json], list[Step]]] = {
            "46": self._send,
            "21": self._mark_read,
            "49": self._mark_unread,
            "130": self._new_group,
            "207": self._contact,
            "30": self._search,
        }

    def answer(self, request: Json) -> Json | None:
        """Carry out a request of `/ls_req`: what to publish on `/ls_resp`, or None when nothing is due."""
        payload = _object(request.get("payload"))
        kind = request.get("type")
        if kind == _STATELESS:
            self._stateless(payload)
            return None
        if kind in (_SYNC, _CONTINUE_SYNC):
            return _program(request, [])
        if kind != _TASKS:
            _log.debug("a Lightspeed request has the unknown type %r", kind)
            return None
        tasks = payload.get("tasks")
        tasks = tasks if isinstance(tasks, list) else []
        steps = [step for task in tasks if isinstance(task, dict) for step in self._task(task)]
        return _program(request, steps)

    def _task(self, task: Json) -> list[Step]:
        label, task_id, fields = str(task.get("label")), _int(task.get("task_id", 0)), _object(task.get("payload"))
        otid = str(fields.get("otid", ""))
        if label in _NOTHING_TO_DO:
            return [_call("mailboxTaskCompletionApiOnTaskCompletion", task_id, True)]
        if label not in self._tasks:
            _log.info("a Lightspeed task has the label %r, which the sandbox does not know", label[:20])
            return [_call("handleFailedTask", task_id, otid, f"Unknown task label {label[:20]}.")]
        try:
            steps = self._tasks[label](fields)
        except Refusal as refusal:
            failed = [_call("markOptimisticMessageFailed", otid, f"Couldn't send. {refusal.description}")]
            return [
                _call("issueNewError", task_id, _int(refusal.code), refusal.summary, refusal.description),
                *(failed if label == "46" else []),
                _call("mailboxTaskCompletionApiOnTaskCompletion", task_id, False),
            ]
        return [_call("taskExists", task_id), *steps, _call("removeTask", task_id)]

    def _stateless(self, payload: Json) -> None:
        """Typing, the one task without an answer; a wrong one is dropped as silently."""
        if str(payload.get("label")) != _TYPING:
            return
        fields = _object(payload.get("payload"))
        try:
            thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_key")))
        except Refusal:
            return
        self._engine.set_typing(self._account, thread, bool(fields.get("is_typing")))

    def _send(self, fields: Json) -> list[Step]:
        if fields.get("send_type") != _TEXT or fields.get("attachment_fbids"):
            raise Refusal(ATTACHMENT_REFUSED, "The sandbox takes text (send_type 1) only yet.")
        for name in ("reply_metadata", "mention_data", "hot_emoji_size", "location_data", "sticker_id"):
            if fields.get(name):
                raise Refusal(BAD_PARAMETERS, f"The sandbox does not take {name} yet.")
        otid = checked_otid(str(fields.get("otid", "")))
        message = self._engine.storage.sent(self._account, otid) or self._send_text(fields, otid)
        return [_call("replaceOptimsiticMessage", otid, message.id)]

    def _send_text(self, fields: Json, otid: str) -> Message:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_id")))
        return self._engine.send(self._account, thread, str(fields.get("text") or ""), otid)

    def _mark_read(self, fields: Json) -> list[Step]:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_id")))
        watermark = _whole(fields.get("last_read_watermark_ts"))
        self._engine.mark_read(self._account, thread, watermark)
        mark = self._engine.storage.watermark(self._account, thread.key)
        return [_call("markThreadReadV2", _int(thread.id_for(self._account)), _int(mark))]

    def _mark_unread(self, fields: Json) -> list[Step]:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_key")))
        self._engine.mark_unread(self._account, thread)
        return []

    def _new_group(self, fields: Json) -> list[Step]:
        """Dossier 3, section 4.10: the answer names the real group beside the temporary one."""
        first, others = fields.get("send_payload"), fields.get("participants")
        if not isinstance(first, dict) or not isinstance(others, list) or len(others) < 2:
            raise Refusal(BAD_PARAMETERS, "A new group needs send_payload and at least two participants.")
        if first.get("send_type") != _NEW_GROUP:
            raise Refusal(ATTACHMENT_REFUSED, "The sandbox makes a group without a first message (send_type 8).")
        otid = checked_otid(str(first.get("otid", "")))
        line = self._engine.start_group(self._account, [str(other) for other in others], otid)
        group, at = _int(line.thread), _int(line.timestamp_ms)
        return [
            _call("replaceOptimisticThread", _int(first.get("thread_id", 0)), group),
            _call("applyNewGroupThread", otid, group, _int(2), "inbox", _int(-1), "", at, at),
        ]

    def _contact(self, fields: Json) -> list[Step]:
        person = self._engine.world.people.get(str(fields.get("contact_id")))
        if person is None:
            raise Refusal(BAD_PARAMETERS, "There is no such contact.")
        picture = graphql.picture_url(person)
        friend = self._engine.world.are_friends(self._account, person.id)
        row: dict[int, Any] = {
            0: _int(person.id),
            2: picture,
            5: picture,
            9: person.name,
            10: person.name.lower(),
            11: True,
            18: person.first_name,
            26: True,
            39: _int(_FRIEND if friend else _CONTACT),
            40: _int(_GENDERS[person.gender]),
            43: person.vanity,
        }
        return [_row("deleteThenInsertContact", row)]

    def _search(self, fields: Json) -> list[Step]:
        """Dossier 3, section 3.4: people, friends first, then groups whose name holds the query."""
        query, world = str(fields.get("query") or ""), self._engine.world
        people = [p for p in world.people.values() if p.id != self._account and query.casefold() in p.name.casefold()]
        people.sort(key=lambda person: not world.are_friends(self._account, person.id))
        groups = [g for g in world.groups_of(self._account) if query.casefold() in (g.name or "").casefold()]
        hits = [(p.id, _PERSON_HIT, 1, p.name) for p in people] + [(g.key, _GROUP_HIT, 2, g.name) for g in groups]
        rows = []
        for index, (key, kind, thread_type, name) in enumerate(hits):
            row = {0: query, 1: key, 2: _int(index), 3: _int(kind), 4: _int(thread_type), 5: name, 18: True}
            rows.append(_row("insertSearchResult", {**row, **({23: _int(key)} if kind == _PERSON_HIT else {})}))
        end = _int(self._engine.clock.time_ms())
        return [*rows, _call("updateSearchQueryStatus", query, _int(0), _int(0), end, _int(len(hits)))]


def _program(request: Json, steps: list[Step]) -> Json:
    """The answer to one request: a block of procedure calls, and the names of the procedures."""
    return {
        "request_id": request.get("request_id"),
        "payload": compact({"name": None, "step": [1, *steps]}),
        "sp": list(dict.fromkeys(step[1] for step in steps)),
        "target": 3,
    }


def _call(procedure: str, *arguments: Any) -> Step:
    return [5, procedure, *arguments]


def _row(procedure: str, values: dict[int, Any]) -> Step:
    """A call with arguments at these positions and "undefined" in the gaps."""
    return _call(procedure, *(values.get(position, [9]) for position in range(max(values) + 1)))


def _int(value: Any) -> Step:
    """A 64-bit integer."""
    return [19, str(value)]


def _whole(value: Any) -> int | None:
    """A number that came as a number or as its text; None when it is neither."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else None


def _object(text: Any) -> Json:
    """A JSON object that came as text; empty when it is none."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
