"""What can be done to a chat: for each action the tasks that do it and the form that does it without a socket. Pure.

Facts: dossier 3, sections 4 and 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botkit.messenger._graphql import data_in
from botkit.messenger._tasks import Task
from botkit.messenger._wire import Wire
from botkit.messenger.errors import BadAnswer, Refused

_REQUESTS = 95


@dataclass(frozen=True)
class Action:
    """One action; `what` names it in errors.

    An action without tasks goes by HTTP only. `check` reads the answer to the form and raises when that is a no that
    the envelope does not tell of.
    """

    what: str
    tasks: tuple[Task, ...]
    path: str
    form: Mapping[str, str] = field(repr=False)
    check: Callable[[Sequence[Wire], str], object] | None = None


def add_members(thread_id: str, user_ids: Sequence[str], stamp: Mapping[str, str]) -> Action:
    """Let people in; `stamp` has the fields that make one request itself."""
    payload = {"thread_key": int(thread_id), "contact_ids": [int(user) for user in user_ids], "sync_group": 1}
    form = {
        "client": "mercury",
        "action_type": "ma-type:log-message",
        "log_message_type": "log:subscribe",
        **{f"log_message_data[added_participants][{n}]": f"fbid:{user}" for n, user in enumerate(user_ids)},
        "thread_fbid": thread_id,
        "source": "source:chat:web",
        "ephemeral_ttl_mode:": "0",
        **stamp,
    }
    return Action(f"adding to thread {thread_id}", (Task(23, thread_id, payload),), "/messaging/send/", form)


def remove_member(thread_id: str, user_id: str) -> Action:
    """Put a person out, or leave."""
    payload = {"thread_id": int(thread_id), "contact_id": int(user_id), "sync_group": 1}
    return Action(
        f"removing user {user_id} from thread {thread_id}",
        (Task(140, "remove_participant_v2", payload),),
        "/chat/remove_participants/",
        {"uid": user_id, "tid": thread_id},
    )


def set_title(thread_id: str, title: str) -> Action:
    """Name a group; "" takes the name away."""
    return Action(
        f"title of thread {thread_id}",
        (_task(32, thread_id, thread_id, thread_name=title),),
        "/messaging/set_thread_name/",
        {"thread_id": thread_id, "thread_name": title},
    )


def set_image(thread_id: str, image_id: str) -> Action:
    """Give a group a picture that was uploaded."""
    return Action(
        f"picture of thread {thread_id}",
        (_task(37, "thread_image", thread_id, image_id=int(image_id)),),
        "/messaging/set_thread_image/",
        {"thread_image_id": image_id, "thread_id": thread_id},
    )


def set_theme(thread_id: str, theme_id: str, own_id: str) -> Action:
    """Give a chat a theme."""
    data = {
        "actor_id": own_id,
        "client_mutation_id": "0",
        "source": "SETTINGS",
        "theme_id": theme_id,
        "thread_id": thread_id,
    }
    query = {"o0": {"doc_id": "1727493033983591", "query_params": {"data": data}}}
    return Action(
        f"colour of thread {thread_id}",
        (_task(43, "thread_theme", thread_id, theme_fbid=int(theme_id), source=None, payload=None),),
        "/api/graphqlbatch/",
        {"queries": json.dumps(query, separators=(",", ":")), "dpr": "1"},
        data_in,
    )


def set_emoji(thread_id: str, emoji: str) -> Action:
    """Give a chat its quick emoji; "" is the default, for which no task is known."""
    task = _task(100003, "thread_quick_reaction", thread_id, custom_emoji=emoji, avatar_sticker_instruction_key_id=None)
    return Action(
        f"emoji of thread {thread_id}",
        (task,) if emoji else (),
        "/messaging/save_thread_emoji/?source=thread_settings&__pc=EXP1%3Amessengerdotcom_pkg",
        {"emoji_choice": emoji, "thread_or_other_fbid": thread_id},
    )


def set_nickname(thread_id: str, user_id: str, nickname: str) -> Action:
    """Name a person within a chat; "" takes the name away."""
    task = _task(44, "thread_participant_nickname", thread_id, contact_id=int(user_id), nickname=nickname)
    return Action(
        f"nickname of user {user_id} in thread {thread_id}",
        (task,),
        "/messaging/save_thread_nickname/?source=thread_settings&dpr=1",
        {"nickname": nickname, "participant_id": user_id, "thread_or_other_fbid": thread_id},
    )


def archive(thread_ids: Sequence[str], is_archived: bool) -> Action:
    """Put chats into the archive, or take them out; no task is known for it."""
    form = {f"ids[{thread}]": _truth(is_archived) for thread in thread_ids}
    what = f"archiving of thread {', '.join(thread_ids)}"
    return Action(what, (), "/ajax/mercury/change_archived_status.php", form)


def delete_threads(thread_ids: Sequence[str]) -> Action:
    """Delete the account's own copies of chats."""
    return Action(
        f"deleting of thread {', '.join(thread_ids)}",
        tuple(_task(146, thread, thread, remove_type=0) for thread in thread_ids),
        "/ajax/mercury/delete_thread.php",
        {"client": "mercury", **_numbered("ids", thread_ids)},
    )


def set_admins(thread_id: str, user_ids: Sequence[str], is_admin: bool) -> Action:
    """Make members of a group its admins, or no longer."""
    return Action(
        f"admins of thread {thread_id}",
        tuple(_task(25, "admin_status", thread_id, contact_id=int(user), is_admin=int(is_admin)) for user in user_ids),
        "/messaging/save_admins/?dpr=1",
        {"thread_fbid": thread_id, **_numbered("admin_ids", user_ids), "add": _truth(is_admin)},
    )


def create_poll(thread_id: str, question: str, options: Sequence[str]) -> Action:
    """Ask a group; the form's fields must keep their order, else the options are mixed up."""
    form = {"target_id": thread_id, "question_text": question}
    for number, option in enumerate(options):
        form |= {f"option_text_array[{number}]": option, f"option_is_selected_array[{number}]": "0"}
    return Action(
        f"poll in thread {thread_id}",
        (_task(163, "poll_creation", thread_id, question_text=question, options=list(options)),),
        "/messaging/group_polling/create_poll/?dpr=1",
        form,
        _check_poll,
    )


def mute(thread_id: str, seconds: int, now_ms: int) -> Action:
    """Mute a chat for some seconds, for ever (-1), or no longer (0). The task counts in ms since 1970."""
    until_ms = now_ms + seconds * 1000 if seconds > 0 else seconds
    return Action(
        f"muting of thread {thread_id}",
        (_task(144, thread_id, thread_id, mailbox_type=0, mute_expire_time_ms=until_ms),),
        "/ajax/mercury/change_mute_thread.php",
        {"thread_fbid": thread_id, "mute_settings": str(seconds)},
    )


def answer_requests(thread_ids: Sequence[str], accept: bool) -> Action:
    """Move message requests to the inbox, or among those filtered out, for which no task is known."""
    tasks = tuple(
        Task(66, "message_request", {"thread_key": int(thread), "sync_group": _REQUESTS, "ig_folder": None})
        for thread in thread_ids
    )
    return Action(
        f"message request of thread {', '.join(thread_ids)}",
        tasks if accept else (),
        "/ajax/mercury/move_thread.php",
        {"client": "mercury", **_numbered("inbox" if accept else "other", thread_ids)},
    )


def group_variables(user_ids: Sequence[str], own_id: str, title: str | None, number: int) -> dict[str, Any]:
    """The variables of the mutation that makes a group without a socket (dossier 3, section 4.10)."""
    settings = {"name": title, "joinable_mode": "PRIVATE", "thread_image_fbid": None}
    return {
        "input": {
            "entry_point": "jewel_new_group",
            "actor_id": own_id,
            "participants": [{"fbid": user} for user in (*user_ids, own_id)],
            "client_mutation_id": str(number),
            "thread_settings": settings,
        }
    }


def _task(label: int, queue: str, thread_id: str, **payload: Any) -> Task:
    return Task(label, queue, {"thread_key": int(thread_id), **payload, "sync_group": 1})


def _numbered(name: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{name}[{number}]": value for number, value in enumerate(values)}


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _check_poll(objects: Sequence[Wire], what: str) -> None:
    payload = objects[0].get("payload")
    if not isinstance(payload, Mapping):
        raise BadAnswer(f"{what}: the answer has no status; it may not have been made")
    if payload.get("status") != "success":
        title, text = str(payload.get("errorTitle") or ""), str(payload.get("errorMessage") or "")
        raise Refused(
            f"{what} refused{f': {title}' if title else ''}", reason="other", code=0, summary=title, description=text
        )
