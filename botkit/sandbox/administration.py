"""What members do to a thread itself: people, title, photo, look, admins (dossier 3, sections 4, 5.1 and 6.8).

Each action commits, leaves a grey line, and refuses with the documented codes. Event-loop thread only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from botkit.sandbox import deltas, ids
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import (
    BAD_PARAMETERS,
    FORBIDDEN,
    NOT_AN_ADMIN,
    NOT_IN_THREAD,
    Refusal,
)
from botkit.sandbox.themes import DEFAULT, THEMES
from botkit.sandbox.world import JoinRequest, LogEntry, Message, Thread

_THUMB = "👍"
_LONGEST_NAME = 250
# Which of the types a theme is; no source says what the numbers mean.
_THEME_TYPE = "2"


class Administration:
    """Changes of threads; `actor` is always a member, which the caller has checked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, actor: str, thread: Thread, people: Iterable[str], otid: str | None = None) -> Message | None:
        """Add people to a group; None when they have to wait for an admin instead. `otid` as for a send."""
        _check_group(thread)
        if earlier := self._engine.repeated(actor, otid):
            return earlier
        added = tuple(dict.fromkeys(person for person in people if person not in thread.members))
        if not added:
            raise Refusal(FORBIDDEN, "Everybody named is in the group already.")
        for person in added:
            if person not in self._engine.world.people:
                raise Refusal(BAD_PARAMETERS, f"There is no person {person[:20]!r} to add.")
        if thread.approval and not thread.is_admin(actor):
            self._ask_to_add(actor, thread, added)
            return None
        for request in thread.waiting:
            if request.person in added:
                thread = self._change_queue(thread, request, "REMOVED")
        left = {person: at_ms for person, at_ms in thread.left.items() if person not in added}
        names = ", ".join(self._engine.world.people[person].name for person in added)
        joined = replace(thread, members=(*thread.members, *added), left=left)
        line = f"{self._first(actor)} added {names} to the group."
        return self._engine.record(joined, actor, LogEntry("added", added), line, otid=otid)

    def remove(self, actor: str, thread: Thread, person: str) -> None:
        """Take a member out of a group, for which one has to be an admin, or leave it."""
        _check_group(thread)
        _check_member(thread, person)
        if person != actor:
            _check_admin(thread, actor)
        nicknames = {member: name for member, name in thread.nicknames.items() if member != person}
        admins = tuple(admin for admin in thread.admins if admin != person)
        rest = replace(thread, members=thread.others(person), admins=admins, nicknames=nicknames)
        gone = f"{self._first(actor)} removed {self._engine.world.people[person].name} from the group."
        line = f"{self._first(actor)} left the group." if person == actor else gone
        self._engine.record(rest, actor, LogEntry("left", (person,)), line, also=(person,))

    def set_title(self, actor: str, thread: Thread, title: str) -> None:
        """Name a group; an empty title takes the name away."""
        _check_group(thread)
        _check_length(title)
        line = f"{self._first(actor)} named the group {title}." if title else f"{self._first(actor)} removed the name."
        named = replace(thread, name=title or None)
        self._engine.record(named, actor, LogEntry("name", data={"name": title}), line)

    def set_image(self, actor: str, thread: Thread, image_id: str) -> None:
        """Give a group a picture, which the actor has uploaded."""
        _check_group(thread)
        files = self._engine.storage.files
        image = files.find(image_id)
        if image is None or image.kind not in ("photo", "animated_image") or files.owner(image_id) != actor:
            raise Refusal(BAD_PARAMETERS, "There is no such uploaded picture of yours.")
        self._engine.record(
            replace(thread, image=image_id),
            actor,
            LogEntry("image", data={"image": image_id}),
            f"{self._first(actor)} changed the group photo.",
            write=lambda message: files.attach(image_id, thread.key),
        )

    def remove_image(self, actor: str, thread: Thread) -> None:
        """Take a group's picture away."""
        _check_group(thread)
        line = f"{self._first(actor)} removed the group photo."
        self._engine.record(replace(thread, image=None), actor, LogEntry("image", data={"image": ""}), line)

    def set_theme(self, actor: str, thread: Thread, theme_id: str) -> None:
        """Give a thread a theme; an empty id is the default."""
        self._check_begun(thread)
        theme = THEMES.get(theme_id or DEFAULT)
        if theme is None:
            raise Refusal(BAD_PARAMETERS, f"There is no theme {theme_id[:20]!r}.")
        data = {
            "theme_color": theme.color,
            "theme_id": theme.id,
            "theme_emoji": theme.emoji,
            "gradient": json.dumps(theme.gradient),
            "should_show_icon": "1",
            "accessibility_label": theme.name,
            "theme_name_with_subtitle": theme.name,
            "theme_type": _THEME_TYPE,
        }
        line = f"{self._first(actor)} changed the theme to {theme.name}."
        themed = replace(thread, theme=None if theme.id == DEFAULT else theme.id)
        self._engine.record(themed, actor, LogEntry("change_thread_theme", data=data), line)

    def set_emoji(self, actor: str, thread: Thread, emoji: str) -> None:
        """Choose a thread's quick emoji; an empty one is the thumb."""
        self._check_begun(thread)
        _check_length(emoji)
        data = {"thread_quick_reaction_emoji": emoji or _THUMB, "thread_quick_reaction_emoji_url": ""}
        line = f"{self._first(actor)} set the emoji to {emoji or _THUMB}."
        entry = LogEntry("change_thread_quick_reaction", data=data)
        self._engine.record(replace(thread, emoji=emoji or None), actor, entry, line)

    def set_nickname(self, actor: str, thread: Thread, person: str, nickname: str) -> None:
        """Call a member by a nickname in this thread; an empty one takes it away."""
        self._check_begun(thread)
        _check_member(thread, person)
        _check_length(nickname)
        nicknames = {member: name for member, name in thread.nicknames.items() if member != person}
        if nickname:
            nicknames[person] = nickname
        whose = self._engine.world.people[person].name
        told = f"set the nickname for {whose} to {nickname}" if nickname else f"cleared the nickname for {whose}"
        entry = LogEntry("change_thread_nickname", data={"participant_id": person, "nickname": nickname})
        self._engine.record(replace(thread, nicknames=nicknames), actor, entry, f"{self._first(actor)} {told}.")

    def set_admin(self, actor: str, thread: Thread, person: str, is_admin: bool) -> None:
        """Make a member of a group an admin, or no longer one; only admins may."""
        _check_group(thread)
        _check_member(thread, person)
        _check_admin(thread, actor)
        others = tuple(admin for admin in thread.admins if admin != person)
        data = {
            "THREAD_CATEGORY": "GROUP",
            "TARGET_ID": person,
            "ADMIN_TYPE": "0",
            "ADMIN_EVENT": "add_admin" if is_admin else "remove_admin",
        }
        whom = self._engine.world.people[person].name
        told = f"added {whom} as a group admin" if is_admin else f"removed {whom} as a group admin"
        changed = replace(thread, admins=(*others, person) if is_admin else others)
        entry = LogEntry("change_thread_admins", data=data)
        self._engine.record(changed, actor, entry, f"{self._first(actor)} {told}.")

    def set_approval(self, actor: str, thread: Thread, on: bool) -> None:
        """Let people whom members add wait for an admin, or not; only admins may."""
        _check_group(thread)
        _check_admin(thread, actor)
        data = {"APPROVAL_MODE": str(int(on)), "THREAD_CATEGORY": "GROUP"}
        line = f"{self._first(actor)} turned {'on' if on else 'off'} member approval."
        changed = replace(thread, approval=on)
        self._engine.record(changed, actor, LogEntry("change_thread_approval_mode", data=data), line)

    def pin(self, actor: str, thread: Thread, message: Message, pinned: bool) -> None:
        """Pin a message in its thread or take the pin out; a repeat does nothing."""
        if (message.id in thread.pins) == pinned:
            return
        others = tuple(pin for pin in thread.pins if pin != message.id)
        kind = "pin_messages_v2" if pinned else "unpin_messages_v2"
        line = f"{self._first(actor)} {'pinned' if pinned else 'unpinned'} a message."
        changed = replace(thread, pins=(*others, message.id) if pinned else others)
        self._engine.record(changed, actor, LogEntry(kind, data={"pinned_message_id": message.id}), line)

    def _ask_to_add(self, actor: str, thread: Thread, people: Iterable[str]) -> None:
        waiting = {request.person for request in thread.waiting}
        for person in people:
            if person not in waiting:
                request = JoinRequest(person, actor, self._engine.clock.time_ms())
                thread = self._change_queue(thread, request, "REQUESTED")

    def _change_queue(self, thread: Thread, request: JoinRequest, action: str) -> Thread:
        others = tuple(other for other in thread.waiting if other != request)
        changed = replace(thread, waiting=(*others, request) if action == "REQUESTED" else others)
        engine, now_ms = self._engine, self._engine.clock.time_ms()
        otid = int(ids.offline_threading_id(now_ms, engine.chance))
        mid = ids.message_id(group=True, chat=changed.number, timestamp_ms=now_ms, otid=otid)

        def delta(member: str, number: int) -> deltas.Delta:
            return deltas.for_queue(engine.world, changed, request, action, mid, member, now_ms, number)

        engine.note(changed, changed.members, delta, lambda: engine.storage.save_thread(changed))
        engine.world.threads[changed.key] = changed
        return changed

    def _check_begun(self, thread: Thread) -> None:
        """A one-to-one thread without a message does not exist yet (dossier 3, sections 2.9 and 4.5)."""
        if not thread.group and not self._engine.storage.history(thread.key, 1):
            raise Refusal(BAD_PARAMETERS, "There is no such conversation yet.")

    def _first(self, person: str) -> str:
        return self._engine.world.people[person].first_name


def _check_group(thread: Thread) -> None:
    if not thread.group:
        raise Refusal(FORBIDDEN, "You cannot do this in a conversation of two.")


def _check_member(thread: Thread, person: str) -> None:
    if person not in thread.members:
        raise Refusal(NOT_IN_THREAD, "This person is not in the conversation.")


def _check_admin(thread: Thread, actor: str) -> None:
    if not thread.is_admin(actor):
        raise Refusal(NOT_AN_ADMIN, "Only admins of the group can do this.")


def _check_length(text: str) -> None:
    if len(text) > _LONGEST_NAME:
        raise Refusal(BAD_PARAMETERS, f"This has at most {_LONGEST_NAME} characters.")
