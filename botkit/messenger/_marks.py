"""What an account shows of itself in a chat: that it has read, that a message has come, that it is typing.

Facts: dossier 1, sections 14 and 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from botkit.logs import get_logger
from botkit.messenger import _forms
from botkit.messenger._client import Client
from botkit.messenger._ids import id_text, message_id_text
from botkit.messenger._message_tasks import read_task, typing_task, unread_task
from botkit.messenger._tasks import TaskNotDone
from botkit.messenger._typing import TypingIndicator
from botkit.messenger.errors import BadAnswer, NetworkError

_log = get_logger(__name__)


def mark_as_read(client: Client, thread_id: object, read: bool) -> None:
    """See `Api.mark_as_read`."""
    thread, now_ms, page_id = id_text(thread_id, "thread_id"), client.clock.time_ms(), client.options.page_id
    what = f"marking thread {thread} as {'read' if read else 'unread'}"
    if client.link.is_up and not page_id:
        try:
            client.ask(read_task(thread, now_ms) if read else unread_task(thread, now_ms), what)
            return
        except (NetworkError, BadAnswer, TaskNotDone) as error:
            _log.info("api: marking goes by HTTP: %s", error)
    form = _forms.read_form(thread, read, now_ms, page_id)
    client.web.post("/ajax/mercury/change_read_status.php", form, what)


def mark_as_delivered(client: Client, thread_id: object, message_id: object) -> None:
    """See `Api.mark_as_delivered`."""
    mark_all_as_delivered(client, [(thread_id, message_id)])


def mark_all_as_delivered(client: Client, heard: Iterable[tuple[object, object]]) -> None:
    """Tell in one request that messages have come: each is (thread id, message id)."""
    pairs = [(id_text(thread, "thread_id"), message_id_text(message, "message_id")) for thread, message in heard]
    form = _forms.delivered_form(pairs)
    threads = ", ".join(dict.fromkeys(thread for thread, _ in pairs))
    client.web.post("/ajax/mercury/delivery_receipts.php", form, f"receipt for messages of thread {threads}")


def mark_as_read_all(client: Client) -> None:
    """See `Api.mark_as_read_all`."""
    client.web.post("/ajax/mercury/mark_folder_as_read.php", {"folder": "inbox"}, "marking all chats as read")


def show_typing(client: Client, thread_id: object) -> TypingIndicator:
    """See `Api.send_typing_indicator`."""
    thread = id_text(thread_id, "thread_id")
    is_group = client.directory.is_group(thread)
    return TypingIndicator(_typing_switch(client, thread, is_group), client.clock)


def _typing_switch(client: Client, thread: str, is_group: bool) -> Callable[[bool], None]:
    def show(is_typing: bool) -> None:
        if client.link.is_up:
            try:
                client.link.tell(typing_task(thread, is_group=is_group, is_typing=is_typing))
                return
            except NetworkError as error:
                _log.info("api: typing goes by HTTP: %s", error)
        form = _forms.typing_form(thread, is_group=is_group, is_typing=is_typing)
        client.web.post("/ajax/messaging/typ.php", form, f"typing in thread {thread}")

    return show
