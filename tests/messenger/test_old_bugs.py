"""The faults of older clients that dossier 2 lists: each shown absent, through a whole `listen`."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from botkit.messenger import Api, Message, ThreadEvent

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = {"threadFbId": "9"}
LAST = "the last one"


def metadata(number: int, sender: str = ANN) -> dict[str, Any]:
    return {"actorFbId": sender, "messageId": f"mid.{number}", "timestamp": "5", "threadKey": GROUP, "adminText": "t"}


def message(number: int, body: str) -> dict[str, Any]:
    return {"class": "NewMessage", "body": body, "messageMetadata": metadata(number)}


def admin(number: int, kind: str, data: dict[str, str]) -> dict[str, Any]:
    return {"class": "AdminTextMessage", "type": kind, "untypedData": data, "messageMetadata": metadata(number)}


@pytest.fixture
def hears(api: Api, sockets: Any, site: Any) -> Callable[..., list[Any]]:
    """What `listen` delivers of a batch, with these options, up to a last message that the fixture adds."""
    site.on("/chat/user_info/", site.envelope({"profiles": {}}))

    def hear(*deltas: Any, before: Callable[[Any], None] | None = None, **options: bool) -> list[Any]:
        api.set_options(**options)
        listening = api.listen()
        wire = sockets.next()
        wire.accept()
        wire.create()
        if before is not None:
            before(wire)
        wire.batch(4322, *deltas, message(99, LAST))
        return list(until_last(listening))

    return hear


def until_last(listening: Any) -> Iterator[Any]:
    for event in listening:
        if isinstance(event, Message) and event.body == LAST:
            listening.stop()
            return
        yield event


@pytest.mark.parametrize(
    "bad",
    [
        {"class": "NewMessage"},
        {"class": "NewMessage", "messageMetadata": metadata(5), "attachments": 7},
        {"class": "ClientPayload", "payload": "no bytes"},
        None,
        "text",
    ],
)
def test_one_bad_delta_does_not_lose_the_batch(hears: Any, bad: Any) -> None:
    """Its neighbours come, in order (dossier 2, section 3.4, step 4)."""
    assert [event.body for event in hears(message(1, "a"), bad, message(2, "b"))] == ["a", "b"]


def test_one_bad_inner_delta_does_not_lose_its_neighbours(hears: Any) -> None:
    """Several may share a ClientPayload; older clients read the first, or stopped at a reply (dossier 2, section 6)."""
    reply = {"deltaMessageReply": {"message": {"body": "r", "messageMetadata": metadata(1)}}}
    bad = {"deltaMessageReaction": {"threadKey": 5}}
    recall = {"threadKey": GROUP, "messageID": "m", "senderID": 2, "deletionTimestamp": 8, "timestamp": 5}
    delta = {"class": "ClientPayload", "deltas": [reply, bad, 5, {"deltaRecallMessageData": recall}]}
    assert [event.type for event in hears(delta, listen_events=True)] == ["message", "message_unsend"]


def test_missing_attachments_are_none_at_all(hears: Any) -> None:
    """Where older clients recursed without end (dossier 2, section 5.1)."""
    (event,) = hears({"class": "NewMessage", "messageMetadata": metadata(1)})
    assert (event.body, event.attachments) == ("", ())


def test_a_reply_is_a_message(hears: Any) -> None:
    """A bot that knows only `message` must not be deaf to replies (dossier 2, section 9)."""
    body = {"message": {"body": "r", "messageMetadata": metadata(1)}, "repliedToMessage": None}
    (event,) = hears({"class": "ClientPayload", "deltas": [{"deltaMessageReply": body}]})
    assert event.to_dict()["type"] == "message" and event.body == "r"


@pytest.mark.parametrize(("wanted", "types"), [(True, ["presence"]), (False, [])])
def test_update_presence_is_not_inverted(hears: Any, wanted: bool, types: list[str]) -> None:
    """Presence comes when it is asked for, and only then."""

    def tell(wire: Any) -> None:
        wire.push("/orca_presence", {"list_type": "inc", "list": [{"u": int(ANN), "p": 2}]})

    assert [event.type for event in hears(before=tell, update_presence=wanted)] == types


@pytest.mark.parametrize(("wanted", "types"), [(True, ["typ"]), (False, [])])
def test_typing_has_a_gate(hears: Any, wanted: bool, types: list[str]) -> None:
    """It is an event like others."""

    def tell(wire: Any) -> None:
        wire.push("/thread_typing", {"sender_fbid": int(ANN), "state": 1, "thread": "9"})

    assert [event.type for event in hears(before=tell, listen_events=wanted)] == types


@pytest.mark.parametrize(
    ("kind", "data", "name"),
    [
        ("change_thread_theme", {"theme_color": "FFFF5CA1"}, "log:thread-color"),
        ("change_thread_nickname", {"participant_id": ANN, "nickname": "Bee"}, "log:user-nickname"),
        ("change_thread_icon", {"thread_icon": "🦊"}, "log:thread-icon"),
        ("change_thread_quick_reaction", {"thread_quick_reaction_emoji": "🦊"}, "log:thread-icon"),
        ("something_of_next_year", {}, "something_of_next_year"),
    ],
)
def test_theme_nickname_and_icon_events_are_not_lost(hears: Any, kind: str, data: dict[str, str], name: str) -> None:
    """Nor any kind that nobody knows yet (dossier 2, section 7)."""
    (event,) = hears(admin(1, kind, data), listen_events=True)
    assert isinstance(event, ThreadEvent) and event.log_message_type == name
    assert data.items() <= event.log_message_data.items()


def test_admin_events_of_the_own_account_have_the_gate_of_messages(hears: Any) -> None:
    """`self_listen` decides, also for what the account itself changes."""
    own = admin(1, "change_thread_icon", {"thread_icon": "🦊"}) | {"messageMetadata": metadata(1, OWN)}
    assert hears(own, listen_events=True) == []


def test_reading_on_another_device_is_told(hears: Any) -> None:
    """Once for each chat; older clients never told it."""
    delta = {"class": "MarkRead", "threadKeys": [GROUP, {"otherUserFbId": ANN}], "actionTimestamp": "7"}
    assert [event.to_dict()["threadID"] for event in hears(delta, listen_events=True)] == ["9", ANN]


def test_a_payload_that_is_no_json_is_passed_over(hears: Any) -> None:
    """Where older clients died (dossier 2, section 4)."""

    def tell(wire: Any) -> None:
        wire.handler.received("/t_ms", b"\xff\x00 no json")
        wire.handler.received("/t_ms", b"[1, 2]")

    assert [event.body for event in hears(message(1, "a"), before=tell)] == ["a"]


@pytest.mark.parametrize("code", ["ERROR_QUEUE_NOT_FOUND", "ERROR_QUEUE_OVERFLOW", "ERROR_QUEUE_LOST", 100])
def test_queue_errors_are_not_ignored(api: Api, sockets: Any, site: Any, code: Any) -> None:
    """A new queue from a fresh number, and the gap is told: older clients sat silent for ever (section 3.5)."""
    answer = '{"o0":{"data":{"viewer":{"message_threads":{"sync_sequence_id":"7000","nodes":[]}}}}}'
    site.on("/api/graphqlbatch/", site.respond(answer + '\r\n{"successful_results":1}'))
    site.on("/chat/user_info/", site.envelope({"profiles": {}}))
    errors: list[Any] = []
    listening = api.listen(on_error=errors.append)
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.push("/t_ms", {"errorCode": code})
    again = sockets.next()
    again.accept()
    (created,) = again.spoken("/messenger_sync_create_queue")
    again.create("2")
    again.batch(7001, message(1, "after"))
    assert created["initial_titan_sequence_id"] == "7000"
    assert next(iter(listening)).body == "after"  # type: ignore[union-attr]
    assert [str(error).partition(":")[0] for error in errors] == ["events may be missing"]


def test_numbers_inside_a_client_payload_become_ids_of_text(hears: Any) -> None:
    """Ids are strings everywhere."""
    body = {"threadKey": {"threadFbId": 9}, "messageId": "m", "action": 0, "userId": 3, "senderId": 2, "reaction": "👍"}
    (event,) = hears({"class": "ClientPayload", "deltas": [{"deltaMessageReaction": body}]}, listen_events=True)
    assert (event.thread_id, event.user_id, event.sender_id) == ("9", "3", "2")
