"""Lightspeed tasks that fetch: threads and messages as rows of tables (dossier 3, sections 3.1 to 3.3 and 6.4)."""

from __future__ import annotations

from botkit.sandbox.checks import known_thread
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import BAD_PARAMETERS, Refusal
from botkit.sandbox.graphql import thread_page
from botkit.sandbox.mailboxes import INBOX, PENDING, Mailbox
from botkit.sandbox.profiles import contact_row
from botkit.sandbox.programs import Json, Step, Task, call, row, whole, word
from botkit.sandbox.themes import THEMES
from botkit.sandbox.world import Message, Person, Thread

_PAGE = 20
_MOST = 1000
_REQUESTS_GROUP = 95
_DIRECT, _GROUP, _ENCRYPTED, _ENCRYPTED_GROUP = 1, 2, 15, 16
_EMOJI_SIZES = {"small": 1, "medium": 2, "large": 3}
_AUTHORITY = 80


class RowTasks:
    """The tasks by label, as one account asks them; `pushed` gathers what goes out after the answer, by itself."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self.pushed: list[Step] = []
        self.tasks: dict[str, Task] = {"145": self._threads, "209": self._thread, "228": self._messages}

    def _threads(self, fields: Json) -> list[Step]:
        """A page of threads that stand after the reference, the last one that the client has."""
        group = whole(fields.get("sync_group")) or 1
        before_ms = whole(fields.get("reference_activity_timestamp"))
        folder = PENDING if group == _REQUESTS_GROUP else INBOX
        found = thread_page(self._engine, self._account, [folder], before_ms, _MOST)
        places = sorted((self._place(thread) for thread in found), reverse=True)
        if before_ms is not None:
            reference = (before_ms, whole(fields.get("reference_thread_key")) or 0)
            places = [place for place in places if place < reference]
        page = places[:_PAGE]
        by_key = {int(thread.id_for(self._account)): thread for thread in found}
        steps = [step for _, key in page for step in self._thread_rows(by_key[key])]
        oldest_ms, lowest = page[-1] if page else (0, 0)
        parent, more = fields.get("parent_thread_key", -1), len(places) > _PAGE
        return [*steps, call("upsertSyncGroupThreadsRange", group, parent, oldest_ms, more, False, lowest)]

    def _thread(self, fields: Json) -> list[Step]:
        return self._thread_rows(known_thread(self._engine.world, self._account, word(fields, "thread_fbid")))

    def _messages(self, fields: Json) -> list[Step]:
        """Older messages than one that the client has; they come as a push of their own."""
        thread = known_thread(self._engine.world, self._account, word(fields, "thread_key"))
        known_ms = whole(fields.get("reference_timestamp_ms"))
        if known_ms is None:
            raise Refusal(BAD_PARAMETERS, "reference_timestamp_ms is a time in milliseconds.")
        limit = 0 if thread.encrypted else _PAGE + 1
        older = self._engine.history(self._account, thread, limit, known_ms - 1)
        page, key = older[-_PAGE:], int(thread.id_for(self._account))
        if not page:
            self.pushed.append(call("updateExistingMessageRange", key, known_ms, True, False))
            return []
        first, last = page[0], page[-1]
        times = (first.timestamp_ms, last.timestamp_ms)
        more = len(older) > _PAGE
        self.pushed.append(call("insertNewMessageRange", key, *times, first.id, last.id, *times, more, True))
        for message in page:
            self.pushed += self._message_rows(key, message)
        return []

    def _thread_rows(self, thread: Thread) -> list[Step]:
        box = self._engine.storage.mailboxes.get(self._account, thread.key)
        key = int(thread.id_for(self._account))
        return [
            row("deleteThenInsertThread", self._thread_row(thread, box)),
            *(
                call(
                    "addParticipantIdToGroupThread",
                    key,
                    int(member),
                    self._engine.storage.watermark(member, thread.key),
                    0,
                    self._engine.storage.mailboxes.delivered_ms(member, thread.key),
                    thread.nicknames.get(member),
                    member in thread.admins,
                )
                for member in thread.members
            ),
            *(self._contact(self._engine.world.people[member]) for member in thread.members),
        ]

    def _thread_row(self, thread: Thread, box: Mailbox) -> dict[int, object]:
        last = self._engine.history(self._account, thread, 1)
        image = self._engine.storage.files.find(thread.image) if thread.image else None
        plain, encrypted = (_GROUP, _ENCRYPTED_GROUP) if thread.group else (_DIRECT, _ENCRYPTED)
        theme = THEMES[thread.theme] if thread.theme else None
        return {
            0: self._activity_ms(thread),
            1: self._engine.storage.watermark(self._account, thread.key),
            2: self._engine.world.snippet(last[0]) if last and not thread.encrypted else "",
            3: thread.name if thread.group else self._engine.world.name_of(thread, self._account),
            4: image.url if image else None,
            5: thread.approval,
            6: _AUTHORITY,
            7: int(thread.id_for(self._account)),
            8: 0,
            9: encrypted if thread.encrypted else plain,
            10: "e2ee_cutover" if thread.encrypted else box.folder.lower(),
            14: box.mute_until_ms,
            15: box.calls_mute_until_ms,
            18: int(last[0].sender) if last else None,
            31: thread.emoji,
            33: theme.color if theme else None,
            34: int(theme.id) if theme else None,
            35: -1,
            66: _REQUESTS_GROUP if box.folder == PENDING else 1,
            77: len(thread.members),
            89: self._engine.unread_count(self._account, thread),
        }

    def _contact(self, person: Person) -> Step:
        """The facts of `deleteThenInsertContact`, which stand in other places here."""
        contact = contact_row(self._engine, self._account, person)
        values = {
            0: contact[0],
            2: contact[2],
            3: contact[9],
            10: bool(contact[14]),
            13: person.id == self._account,
            18: contact[40],
            19: contact[39],
            20: contact[43],
            21: contact[18],
        }
        return row("verifyContactRowExists", values)

    def _message_rows(self, key: int, message: Message) -> list[Step]:
        content, mentions = message.content, message.content.mentions
        values = {
            0: message.text,
            3: key,
            5: message.timestamp_ms,
            8: message.id,
            9: message.otid,
            10: int(message.sender),
            11: next((int(a.id) for a in content.attachments if a.kind == "sticker"), None),
            12: message.log is not None,
            17: message.unsent,
            19: ",".join(str(mention.offset) for mention in mentions) or None,
            20: ",".join(str(mention.length) for mention in mentions) or None,
            21: ",".join(mention.person for mention in mentions) or None,
            22: ",".join("p" for _ in mentions) or None,
            23: content.reply_to,
            56: _EMOJI_SIZES.get(content.emoji_size or ""),
            68: message.edits,
        }
        reactions = self._engine.storage.reactions(message.id)
        return [
            row("upsertMessage", values),
            *(
                call("upsertReaction", key, message.timestamp_ms, message.id, int(person), emoji, _AUTHORITY)
                for person, emoji in reactions.items()
            ),
        ]

    def _place(self, thread: Thread) -> tuple[int, int]:
        """Where a thread stands in the order of the list."""
        return self._activity_ms(thread), int(thread.id_for(self._account))

    def _activity_ms(self, thread: Thread) -> int:
        last = self._engine.history(self._account, thread, 1)
        return last[0].timestamp_ms if last else 0
