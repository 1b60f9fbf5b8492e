"""Lightspeed tasks from the socket, and the small programs that answer them (dossier 1, section 13; dossier 3, 6.4)."""

from __future__ import annotations

from botkit.logs import get_logger
from botkit.sandbox import profiles, search
from botkit.sandbox.checks import checked_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.http_faults import ordered_refusal
from botkit.sandbox.message_tasks import MessageTasks
from botkit.sandbox.programs import Json, Step, Task, call, json_object, program, row, whole
from botkit.sandbox.row_tasks import RowTasks
from botkit.sandbox.thread_tasks import ThreadTasks

_SYNC, _CONTINUE_SYNC, _TASKS, _STATELESS = 1, 2, 3, 4
_TYPING = "3"
# Second halves of other requests: nothing is left to do for them (dossier 3, sections 3.4, 4.5, 4.10 and 6.5).
_NOTHING_TO_DO = {"31", "123", "153", "1013", "1028", "1037"}
_SEND = "46"
_COMPLETION = "mailboxTaskCompletionApiOnTaskCompletion"

_log = get_logger(__name__)


class Lightspeed:
    """Carries out what one account asks on `/ls_req`."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self._rows = RowTasks(engine, account)
        self._tasks: dict[str, Task] = {
            **MessageTasks(engine, account).tasks,
            **ThreadTasks(engine, account).tasks,
            **self._rows.tasks,
            "207": self._contact,
            "30": self._search,
        }

    def answers(self, request: Json) -> list[Json]:
        """Carry out a request of `/ls_req`: what to publish on `/ls_resp`.

        The answer comes first; what was fetched may follow as a push of its own.
        """
        payload = json_object(request.get("payload"))
        kind, request_id = request.get("type"), request.get("request_id")
        if kind == _STATELESS:
            self._stateless(payload)
            return []
        if kind in (_SYNC, _CONTINUE_SYNC):
            return [program(request_id, [])]
        if kind != _TASKS:
            _log.debug("a Lightspeed request has the unknown type %r", kind)
            return []
        tasks = payload.get("tasks")
        tasks = tasks if isinstance(tasks, list) else []
        steps = [step for task in tasks if isinstance(task, dict) for step in self._task(task)]
        pushed, self._rows.pushed = self._rows.pushed, []
        return [program(request_id, steps), *([program(None, pushed)] if pushed else [])]

    def _task(self, task: Json) -> list[Step]:
        label, fields = str(task.get("label")), json_object(task.get("payload"))
        task_id, otid = whole(task.get("task_id")) or 0, str(fields.get("otid", ""))
        if label in _NOTHING_TO_DO:
            return [call(_COMPLETION, task_id, True)]
        if label not in self._tasks:
            _log.info("a Lightspeed task has the label %r, which the sandbox does not know", label[:20])
            return [call("handleFailedTask", task_id, otid, f"Unknown task label {label[:20]}.")]
        try:
            if label == _SEND and (fault := self._engine.faults.take(self._account, "refuse_send")):
                raise ordered_refusal(fault)
            steps = self._tasks[label](fields)
        except Refusal as refusal:
            failed = [call("markOptimisticMessageFailed", otid, f"Couldn't send. {refusal.description}")]
            return [
                call("issueNewError", task_id, refusal.code, refusal.summary, refusal.description),
                *(failed if label == _SEND else []),
                call(_COMPLETION, task_id, False),
            ]
        # The task's own steps come first: one client looks for the edit of task 742 at a fixed place.
        return [*steps, call("taskExists", task_id), call(_COMPLETION, task_id, True), call("removeTask", task_id)]

    def _stateless(self, payload: Json) -> None:
        """Typing, the one task without an answer; a wrong one is dropped as silently."""
        if str(payload.get("label")) != _TYPING:
            return
        fields = json_object(payload.get("payload"))
        try:
            thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_key")))
        except Refusal:
            return
        self._engine.set_typing(self._account, thread, bool(fields.get("is_typing")))

    def _contact(self, fields: Json) -> list[Step]:
        person = self._engine.world.people.get(str(fields.get("contact_id")))
        if person is None:
            raise Refusal(BAD_PARAMETERS, "There is no such contact.")
        return [row("deleteThenInsertContact", profiles.contact_row(self._engine, self._account, person))]

    def _search(self, fields: Json) -> list[Step]:
        query = str(fields.get("query") or "")
        hits = search.task_rows(self._engine, self._account, query, fields.get("supported_types"))
        end_ms = self._engine.clock.time_ms()
        return [
            *(row("insertSearchResult", hit) for hit in hits),
            call("insertSearchSection", query, 0, "", "", 0, len(hits)),
            call("updateSearchQueryStatus", query, 0, 0, end_ms, len(hits)),
        ]


def is_send(request: Json) -> bool:
    """Whether one of the request's tasks sends a message."""
    tasks = json_object(request.get("payload")).get("tasks")
    tasks = tasks if isinstance(tasks, list) else []
    return any(isinstance(task, dict) and str(task.get("label")) == _SEND for task in tasks)
