"""The AJAX calls about messages that are there: delete, unsend, react, forward, confirm (dossier 1, 15 to 19)."""

from __future__ import annotations

from botkit.sandbox.attaching import may_see
from botkit.sandbox.calls import Answers, Call
from botkit.sandbox.checks import checked_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, FORBIDDEN, Refusal
from botkit.sandbox.mailbox_actions import MailboxActions
from botkit.sandbox.message_actions import MessageActions
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response, read_json
from botkit.sandbox.world import Content

_REACTION = "1491398900900362"
_REACTIONS = {"ADD_REACTION": True, "REMOVE_REACTION": False}


class MessageEndpoints:
    """Calls by path, to be offered beside the others."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers
        self._actions = MessageActions(engine)
        self.posts: dict[str, Call] = {
            "/ajax/mercury/delete_messages.php": self._delete,
            "/ajax/mercury/delivery_receipts.php": self._delivered,
            "/ajax/mercury/mark_seen.php": self._seen,
            "/mercury/attachments/forward": self._forward,
            "/messaging/unsend_message": self._unsend,
            "/webgraphql/mutation": self._mutation,
        }

    def _delete(self, request: Request, login: Login) -> Response:
        self._actions.delete(login.account, self._named(request))
        return self._answers.ok(None)

    def _delivered(self, request: Request, login: Login) -> Response:
        self._actions.confirm(login.account, self._named(request))
        return self._answers.ok(None)

    def _seen(self, request: Request, login: Login) -> Response:
        MailboxActions(self._engine).see_folder(login.account)
        return self._answers.ok(None)

    def _unsend(self, request: Request, login: Login) -> Response:
        self._actions.unsend(login.account, request.needed("message_id"))
        return self._answers.ok(None)

    def _forward(self, request: Request, login: Login) -> Response:
        """Send an attachment on to people and groups; a client's own keys make repeats harmless."""
        recipients, attachment_id = request.keyed("recipient_map"), request.needed("attachment_id")
        attachment = self._engine.storage.files.find(attachment_id)
        if attachment is None or not recipients or not may_see(self._engine, login.account, attachment_id):
            raise Refusal(BAD_PARAMETERS, "attachment_id names an attachment, and recipient_map[<key>] a thread.")
        if attachment.kind == "audio":
            raise Refusal(FORBIDDEN, "Recorded audio cannot be forwarded.")
        world, content = self._engine.world, Content(attachments=(attachment,), forwarded=True)
        threads = {key: checked_thread(world, login.account, thread) for key, thread in recipients.items()}
        for key, thread in threads.items():
            mark = f"forward:{key}:{attachment_id}:{thread.key}"
            self._engine.send(login.account, thread, content, client_id=mark)
        return self._answers.ok({"success": True})

    def _mutation(self, request: Request, login: Login) -> Response:
        """Reactions: the one mutation that comes this way (dossier 3, sections 2.6 and 5.11)."""
        if request.needed("doc_id") != _REACTION:
            raise Refusal(BAD_PARAMETERS, "There is no such mutation.")
        data = _data(request.needed("variables"))
        add = _REACTIONS.get(str(data.get("action")))
        emoji = str(data.get("reaction") or "")
        if add is None or (add and not emoji):
            raise Refusal(BAD_PARAMETERS, "action is ADD_REACTION, with a reaction, or REMOVE_REACTION.")
        message_id = str(data.get("message_id"))
        self._actions.react(login.account, message_id, emoji if add else "")
        return self._answers.ok({"data": {"message_reaction": {"message": {"id": message_id}}}})

    def _named(self, request: Request) -> list[str]:
        found = request.listed("message_ids")
        if not found:
            raise Refusal(BAD_PARAMETERS, "message_ids[0] is the id of a message.")
        return found


def _data(variables: str) -> dict[str, object]:
    try:
        value = read_json(variables)["data"]
    except (ValueError, KeyError, TypeError):
        value = None
    if not isinstance(value, dict):
        raise Refusal(BAD_PARAMETERS, "variables is a JSON object with data.")
    return value
