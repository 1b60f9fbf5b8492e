"""Lightspeed tasks about messages: send, read, react, unsend, edit, delete, pin (dossier 1, 13; dossier 3, 5)."""

from __future__ import annotations

from functools import partial

from botkit.sandbox.administration import Administration
from botkit.sandbox.checks import checked_otid, checked_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.message_actions import MessageActions
from botkit.sandbox.programs import Json, Step, Task, block, call, flag, text, whole, word
from botkit.sandbox.sends import content_of_task
from botkit.sandbox.world import Message

# What a row of the real tables has in its place (dossier 3, sections 2.8 and 5.12).
_AUTHORITY = 80


class MessageTasks:
    """The tasks by label, as one account asks them."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self._actions = MessageActions(engine)
        self.tasks: dict[str, Task] = {
            "46": self._send,
            "21": self._mark_read,
            "49": self._mark_unread,
            "29": self._react,
            "33": self._unsend,
            "155": self._delete,
            "742": self._edit,
            "430": partial(self._pin, pinned=True),
            "431": partial(self._pin, pinned=False),
            "751": self._search_pin,
        }

    def _send(self, fields: Json) -> list[Step]:
        otid = checked_otid(str(fields.get("otid", "")))
        message = self._engine.repeated(self._account, otid) or self._deliver(fields, otid)
        return [call("replaceOptimsiticMessage", otid, message.id)]

    def _deliver(self, fields: Json, otid: str) -> Message:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_id")))
        return self._engine.send(self._account, thread, content_of_task(self._engine, self._account, fields), otid)

    def _mark_read(self, fields: Json) -> list[Step]:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_id")))
        self._engine.mark_read(self._account, thread, whole(fields.get("last_read_watermark_ts")))
        mark = self._engine.storage.watermark(self._account, thread.key)
        return [call("markThreadReadV2", int(thread.id_for(self._account)), mark)]

    def _mark_unread(self, fields: Json) -> list[Step]:
        thread = checked_thread(self._engine.world, self._account, str(fields.get("thread_key")))
        self._engine.mark_unread(self._account, thread)
        return []

    def _react(self, fields: Json) -> list[Step]:
        """Dossier 3, section 5.11."""
        emoji = text(fields, "reaction")
        thread, message = self._actions.react(self._account, word(fields, "message_id"), emoji)
        key, actor = int(thread.id_for(self._account)), int(self._account)
        now_ms = self._engine.clock.time_ms()
        changed = (
            call("upsertReaction", key, now_ms, message.id, actor, emoji, _AUTHORITY)
            if emoji
            else call("deleteReaction", key, message.id, actor)
        )
        return [call("replaceOptimisticReaction", key, actor, message.id), changed]

    def _unsend(self, fields: Json) -> list[Step]:
        thread, message = self._actions.unsend(self._account, word(fields, "message_id"))
        return [call("deleteMessage", int(thread.id_for(self._account)), message.id)]

    def _delete(self, fields: Json) -> list[Step]:
        message_id = word(fields, "message_id")
        thread, _ = self._engine.shown_message(self._account, message_id)
        self._actions.delete(self._account, [message_id])
        return [call("deleteMessage", int(thread.id_for(self._account)), message_id)]

    def _edit(self, fields: Json) -> list[Step]:
        """The text that the message has now, and so the old one when the edit is refused (dossier 3, section 6.8).

        One client reads the call at a fixed depth (dossier 3, section 5.12): hence the blocks around it.
        """
        message = self._actions.edit(self._account, word(fields, "message_id"), text(fields, "text"))
        edited = call("editMessage", message.id, _AUTHORITY, message.text, message.edits)
        return [block(block(), block(block(), block(edited)))]

    def _pin(self, fields: Json, *, pinned: bool) -> list[Step]:
        """Dossier 3, section 5.13: an unpinning clears the pins and names those that remain."""
        thread, message = self._engine.shown_message(self._account, word(fields, "message_id"))
        Administration(self._engine).pin(self._account, thread, message, pinned)
        key, now_ms = int(thread.id_for(self._account)), self._engine.clock.time_ms()
        if pinned:
            return [call("setPinnedMessage", key, message.id, now_ms, _AUTHORITY)]
        rest = self._engine.world.by_key(thread.key).pins
        return [
            call("clearPinnedMessages", key),
            *(call("setPinnedMessage", key, pin, now_ms, _AUTHORITY) for pin in rest),
        ]

    def _search_pin(self, fields: Json) -> list[Step]:
        """The other half of a pin, which one client sends alone."""
        return self._pin(fields, pinned=flag(fields, "pinned_message_state"))
