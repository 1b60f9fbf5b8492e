"""What the API does to chats: by a task where a socket is open, else by HTTP (dossier 3, section 0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from botkit.logs import get_logger
from botkit.messenger import _actions
from botkit.messenger._actions import Action
from botkit.messenger._answers import reading, refusal
from botkit.messenger._checks import text, truth, whole
from botkit.messenger._client import Client
from botkit.messenger._files import read_file
from botkit.messenger._graphql import FOLDERS
from botkit.messenger._ids import id_text, id_texts, threading_id
from botkit.messenger._sending import fresh_otid, make_group
from botkit.messenger._tasks import TaskNotDone
from botkit.messenger._themes import THEMES_QUERY, theme_id, theme_id_in
from botkit.messenger._upload import upload
from botkit.messenger._web import NORMAL, ONCE, Patience
from botkit.messenger.errors import (
    BadAnswer,
    BadArgument,
    MessengerError,
    NetworkError,
    OutcomeUnknown,
    Refused,
    ServerError,
)
from botkit.messenger.models import Thread

_log = get_logger(__name__)
_FEWEST_IN_GROUP = 2
# What the server says about an action that only groups know (dossier 3, section 2.9).
_NO_GROUP = 1545003
_FOR_EVER = -1


def get_thread_list(client: Client, start: object, end: object, folder: object) -> list[Thread]:
    """See `Api.get_thread_list`; twenty chats as in dossier 3, section 3.1."""
    first, last = whole(start, "start"), whole(end, "end")
    if folder not in FOLDERS:
        raise BadArgument(f"folder must be one of {', '.join(FOLDERS)}, not {folder!r}")
    return client.directory.threads(first, last if last > first else first + 20, str(folder))


def add_user_to_group(client: Client, user_id: object, thread_id: object) -> None:
    """See `Api.add_user_to_group`."""
    users, thread = id_texts(user_id, "user_id"), id_text(thread_id, "thread_id")
    own_id = client.session.user_id
    if own_id in users:
        raise BadArgument("user_id must not be the account itself, which cannot add itself")
    otid, now_ms = str(fresh_otid(client)), client.clock.time_ms()
    stamp = {
        "author": f"fbid:{own_id}",
        "timestamp": str(now_ms),
        "offline_threading_id": otid,
        "message_id": otid,
        "threading_id": threading_id(now_ms, client.chance, client.session.client_hex),
    }
    _only_in_groups(client, thread, "adding people to")
    _carry_out_once(client, _actions.add_members(thread, users, stamp))


def remove_user_from_group(client: Client, user_id: object, thread_id: object) -> None:
    """See `Api.remove_user_from_group`."""
    user, thread = id_text(user_id, "user_id"), id_text(thread_id, "thread_id")
    _only_in_groups(client, thread, "removing people from")
    _carry_out(client, _actions.remove_member(thread, user))


def set_title(client: Client, new_title: object, thread_id: object) -> None:
    """See `Api.set_title`."""
    title, thread = text(new_title, "new_title"), id_text(thread_id, "thread_id")
    _only_in_groups(client, thread, "title of")
    _carry_out(client, _actions.set_title(thread, title))


def change_group_image(client: Client, image: object, thread_id: object) -> None:
    """See `Api.change_group_image`."""
    thread = id_text(thread_id, "thread_id")
    file = read_file(image, "image")
    if not file.content_type.startswith("image/"):
        raise BadArgument(f"image must be a picture, not {file.content_type}; a name such as a.png tells what it is")
    _only_in_groups(client, thread, "picture of")
    _carry_out(client, _actions.set_image(thread, upload(client, file).id))


def change_thread_color(client: Client, color: object, thread_id: object) -> None:
    """See `Api.change_thread_color`."""
    wanted, thread = text("" if color is None else color, "color"), id_text(thread_id, "thread_id")
    theme = theme_id(wanted) or _theme_by_name(client, wanted)
    _carry_out(client, _actions.set_theme(thread, theme, client.session.user_id))


def change_thread_emoji(client: Client, emoji: object, thread_id: object) -> None:
    """See `Api.change_thread_emoji`."""
    sign, thread = text("" if emoji is None else emoji, "emoji"), id_text(thread_id, "thread_id")
    _carry_out(client, _actions.set_emoji(thread, sign))


def change_thread_user_nickname(client: Client, nickname: object, thread_id: object, participant_id: object) -> None:
    """See `Api.change_thread_user_nickname`."""
    name, thread = text("" if nickname is None else nickname, "nickname"), id_text(thread_id, "thread_id")
    _carry_out(client, _actions.set_nickname(thread, id_text(participant_id, "participant_id"), name))


def change_archived_status(client: Client, threads: object, archive: object) -> None:
    """See `Api.change_archived_status`."""
    ids = id_texts(threads, "threads")
    _carry_out(client, _actions.archive(ids, truth(archive, "archive")))


def delete_thread(client: Client, threads: object) -> None:
    """See `Api.delete_thread`."""
    _carry_out(client, _actions.delete_threads(id_texts(threads, "threads")))


def create_group(client: Client, user_ids: object, title: object = None) -> str:
    """See `Api.create_group`."""
    users = id_texts(user_ids, "user_ids")
    name = None if title is None else text(title, "title")
    if len(users) < _FEWEST_IN_GROUP or client.session.user_id in users:
        raise BadArgument("user_ids must name at least two other people, and not the account itself")
    if not client.link.is_up:
        return _make_group_by_http(client, users, name)
    thread = make_group(client, users)
    if name:
        _title_of_new_group(client, thread, name)
    return thread


def change_admin_status(client: Client, thread_id: object, user_ids: object, admin: object) -> None:
    """See `Api.change_admin_status`."""
    thread, users = id_text(thread_id, "thread_id"), id_texts(user_ids, "user_ids")
    is_admin = truth(admin, "admin")
    _only_in_groups(client, thread, "admins of")
    _carry_out(client, _actions.set_admins(thread, users, is_admin))


def create_poll(client: Client, title: object, thread_id: object, options: object) -> None:
    """See `Api.create_poll`."""
    question, thread = text(title, "title"), id_text(thread_id, "thread_id")
    if not question:
        raise BadArgument("title must not be empty: it is the question")
    if isinstance(options, str | bytes | Mapping) or not isinstance(options, Sequence) or not options:
        raise BadArgument("options must be a list of at least one text")
    texts = [text(option, "each of options") for option in options]
    if not all(texts) or len(set(texts)) < len(texts):
        raise BadArgument("options must be texts that differ, none of them empty")
    _carry_out_once(client, _actions.create_poll(thread, question, texts))


def mute_thread(client: Client, thread_id: object, seconds: object) -> None:
    """See `Api.mute_thread`."""
    thread = id_text(thread_id, "thread_id")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < _FOR_EVER:
        raise BadArgument(f"seconds must be an int: -1 for ever, 0 to unmute, or more, not {seconds!r}")
    _carry_out(client, _actions.mute(thread, seconds, client.clock.time_ms()))


def handle_message_request(client: Client, thread_ids: object, accept: object) -> None:
    """See `Api.handle_message_request`."""
    ids = id_texts(thread_ids, "thread_ids")
    _carry_out(client, _actions.answer_requests(ids, truth(accept, "accept")))


def _carry_out(client: Client, action: Action) -> None:
    """Do what may be done again without harm; a task that gets no good answer is followed by the form."""
    if action.tasks and client.link.is_up:
        try:
            for task in action.tasks:
                client.ask(task, action.what)
            return
        except (NetworkError, BadAnswer, TaskNotDone) as error:
            _log.info("chats: %s goes by HTTP: %s", action.what, error)
    _post(client, action, NORMAL)


def _carry_out_once(client: Client, action: Action) -> None:
    """Do what must not be done twice. Raises OutcomeUnknown when no good answer came."""
    try:
        if client.link.is_up:
            try:
                for task in action.tasks:
                    client.ask(task, action.what)
                return
            except TaskNotDone as error:
                _log.info("chats: %s goes by HTTP: %s", action.what, error)
        _post(client, action, ONCE)
    except (NetworkError, ServerError, BadAnswer) as error:
        raise OutcomeUnknown(f"{action.what} may or may not have been done: {error}") from error


def _post(client: Client, action: Action, patience: Patience) -> None:
    objects = client.web.post(action.path, action.form, action.what, patience)
    if action.check is not None:
        with reading(action.what):
            action.check(objects, action.what)


def _make_group_by_http(client: Client, users: Sequence[str], title: str | None) -> str:
    what, own_id = "making of a group", client.session.user_id
    variables = _actions.group_variables(users, own_id, title, client.chance.getrandbits(10))
    try:
        data = client.web.graphql("MessengerGroupCreateMutation", "577041672419534", variables, what, ONCE)
        with reading(what):
            thread = str(data["messenger_group_thread_create"]["thread"]["thread_key"]["thread_fbid"])
    except (NetworkError, ServerError, BadAnswer) as error:
        raise OutcomeUnknown(f"a new group may or may not have been made: {error}") from error
    client.directory.note_group(thread)
    return thread


def _title_of_new_group(client: Client, thread: str, title: str) -> None:
    """The group is there, with or without its title: its id must reach the caller."""
    try:
        _carry_out(client, _actions.set_title(thread, title))
    except MessengerError as error:
        _log.warning("chats: the new group %s has no title: %s", thread, error)


def _theme_by_name(client: Client, name: str) -> str:
    what = f"look-up of theme {name!r}"
    data = client.web.graphql(*THEMES_QUERY, {"version": "default"}, what)
    with reading(what):
        return theme_id_in(data, name)


def _only_in_groups(client: Client, thread: str, deed: str) -> None:
    """Refuse as the server would, where it is known that it would."""
    if client.directory.is_known_pair(thread):
        error = refusal(_NO_GROUP, "only groups have this, and it is a chat of two", "", f"{deed} thread {thread}")
        assert isinstance(error, Refused)
        raise error
