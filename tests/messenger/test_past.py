"""A chat's history: what is asked, page by page, and what its nodes become (dossier 3, sections 3.3 and 6.2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import Api, BadAnswer, BadArgument, HistoryMessage, Refused, ThreadEvent, Unparsed

OWN = "100000000000001"
ANN = "100000000000002"
BEN = "100000000000003"
GROUP = "7000000000000001"
BATCH = "/api/graphqlbatch/"

# The answer of dossier 3, section 3.3 (b).
TITLE_NODE = {
    "__typename": "ThreadNameMessage",
    "message_id": "mid.$gA1",
    "message_sender": {"id": OWN},
    "timestamp_precise": "1785400000000",
    "snippet": "Al named the group Night shift.",
    "thread_name": "Night shift",
    "unread": False,
}
MESSAGE_NODE = {
    "__typename": "UserMessage",
    "message_id": "mid.$gA2",
    "message_sender": {"id": ANN},
    "timestamp_precise": "1785500000000",
    "unread": True,
    "snippet": "hello @Al",
    "message": {"text": "hello @Al", "ranges": [{"offset": 6, "length": 3, "entity": {"id": OWN}}]},
    "message_reactions": [{"reaction": "👍", "user": {"id": OWN}}],
    "blob_attachments": [],
    "extensible_attachment": None,
    "sticker": None,
    "tags_list": ["inbox", "source:chat:web"],
    "replied_to_message": None,
    "platform_xmd_encoded": None,
    "is_sponsored": False,
}
PEOPLE = [
    {"node": {"messaging_actor": {"__typename": "User", "id": OWN, "name": "Al Example", "short_name": "Al"}}},
    {"node": {"messaging_actor": {"__typename": "User", "id": ANN, "name": "Bea Sample", "short_name": "Bea"}}},
]


def thread(*nodes: Any, **more: Any) -> dict[str, Any]:
    return {
        "thread_key": {"thread_fbid": GROUP, "other_user_id": None},
        "thread_type": "GROUP",
        "messages": {"nodes": list(nodes)},
        **more,
    }


def batch(site: Any, message_thread: Any) -> Any:
    return site.respond(json.dumps({"o0": {"data": {"message_thread": message_thread}}}))


def asked(site: Any) -> list[tuple[str, dict[str, Any]]]:
    """Document id and parameters of each query."""
    queries = [json.loads(request.form["queries"])["o0"] for request in site.to(BATCH)]
    return [(query["doc_id"], query["query_params"]) for query in queries]


def node(number: int, time_ms: int | None = None) -> dict[str, Any]:
    """A message whose id and text are a number, and whose time is the number unless told otherwise."""
    changes = {"message_id": f"mid.{number}", "timestamp_precise": str(time_ms or number)}
    return {**MESSAGE_NODE, **changes, "message": {"text": str(number)}}


def paging(site: Any, nodes: list[dict[str, Any]]) -> Callable[[dict[str, str]], Any]:
    """A chat that answers as the server does: `before` is inclusive, messages are oldest first."""

    def answer(form: dict[str, str]) -> Any:
        params = json.loads(form["queries"])["o0"]["query_params"]
        fit = [n for n in nodes if params["before"] is None or int(n["timestamp_precise"]) <= params["before"]]
        return batch(site, thread(*fit[-params["message_limit"] :], all_participants={"edges": PEOPLE}))

    return answer


def test_a_message_has_the_documented_keys(api: Api, site: Any) -> None:
    """Names from the answer's own people; the worded times are None today."""
    site.on(
        BATCH, batch(site, thread(TITLE_NODE, MESSAGE_NODE, name="Night shift", all_participants={"edges": PEOPLE}))
    )
    title, message = api.get_thread_history(GROUP, 0, 2)
    assert isinstance(message, HistoryMessage) and message.to_dict() == {
        "type": "message",
        "senderID": ANN,
        "senderName": "Bea Sample",
        "participantNames": ["Al", "Bea"],
        "participantIDs": [OWN, ANN],
        "body": "hello @Al",
        "threadID": GROUP,
        "threadName": "Night shift",
        "location": None,
        "messageID": "mid.$gA2",
        "attachments": [],
        "timestamp": 1785500000000,
        "timestampAbsolute": None,
        "timestampRelative": None,
        "timestampDatetime": None,
        "isGroup": True,
        "mentions": {OWN: "@Al"},
        "isUnread": True,
        "messageReactions": [{"userID": OWN, "reaction": "👍"}],
        "snippet": "hello @Al",
        "isSponsored": False,
    }
    assert isinstance(title, ThreadEvent) and title.to_dict() == {
        "type": "event",
        "threadID": GROUP,
        "logMessageType": "log:thread-name",
        "logMessageData": {"name": "Night shift"},
        "logMessageBody": "Al named the group Night shift.",
        "author": OWN,
        "messageID": "mid.$gA1",
        "timestamp": 1785400000000,
        "participantIDs": [OWN, ANN],
    }
    assert site.to("/chat/user_info/") == []


def test_names_that_the_answer_lacks_are_asked_for(api: Api, site: Any, people: None) -> None:
    """All at once; who is nobody has the documented name, and the first words stand for the members."""
    stranger = {**MESSAGE_NODE, "message_id": "mid.3", "message_sender": {"id": BEN}, "message": None}
    site.on(BATCH, batch(site, thread(MESSAGE_NODE, stranger)))
    known, unknown = (event.to_dict() for event in api.get_thread_history(GROUP, 0, 2))
    assert (known["senderName"], known["participantNames"], known["participantIDs"]) == ("Bea Sample", ["Bea"], [ANN])
    assert known["threadName"] == "Bea Sample"
    assert (unknown["senderName"], unknown["participantNames"], unknown["body"]) == ("Facebook User", ["Facebook"], "")
    assert len(site.to("/chat/user_info/")) == 1


def test_what_is_asked(api: Api, site: Any, people: None) -> None:
    """Document and parameters; the time is the newest that is wanted."""
    site.on(BATCH, batch(site, thread(MESSAGE_NODE)))
    api.get_thread_history(int(GROUP), 0, 1, timestamp=1785500000000)
    params = {
        "id": GROUP,
        "message_limit": 1,
        "load_messages": True,
        "load_read_receipts": False,
        "before": 1785500000000,
    }
    assert asked(site) == [("1498317363570230", params)]


@pytest.mark.parametrize(
    ("start", "end", "timestamp", "bodies"),
    [
        (0, 3, None, ["248", "249", "250"]),
        (1, 3, None, ["248", "249"]),
        (0, 3, 10, ["8", "9", "10"]),
        (2, 4, 10, ["7", "8"]),
        (248, 260, None, ["1", "2"]),
        (250, 260, None, []),
        (0, 250, None, [str(n) for n in range(1, 251)]),
        (105, 107, None, ["144", "145"]),
    ],
)
def test_counting_back(api: Api, site: Any, start: int, end: int, timestamp: int | None, bodies: list[str]) -> None:
    """Over pages of a hundred, of which each begins with the last of the one before; oldest first."""
    site.on(BATCH, paging(site, [node(number) for number in range(1, 251)]))
    found = api.get_thread_history(GROUP, start, end, timestamp)
    assert [event.body for event in found if isinstance(event, HistoryMessage)] == bodies
    assert all(params["message_limit"] <= 100 for _, params in asked(site))


def test_messages_of_the_same_instant_are_not_lost(api: Api, site: Any) -> None:
    """Where they stand on the border of two pages."""
    site.on(BATCH, paging(site, [node(number, 50 if 49 <= number <= 52 else number) for number in range(1, 151)]))
    found = api.get_thread_history(GROUP, 0, 120, 1000)
    assert len({event.message_id for event in found if isinstance(event, HistoryMessage)}) == 120


def test_other_kinds_become_events(api: Api, site: Any, people: None) -> None:
    """Those of section 6.2; one event for each person gone; what is unknown is not hidden."""
    common = {"message_sender": {"id": ANN}, "timestamp_precise": "5", "snippet": "s"}
    image = {
        "legacy_attachment_id": "9",
        "original_dimensions": {"x": 3, "y": 4},
        "preview": {"uri": "https://cdn.test/p"},
    }
    icon = {"__typename": "ThreadIconExtensibleMessageAdminText", "thread_icon": "⭐"}
    nodes = [
        {"__typename": "ThreadImageMessage", "image_with_metadata": image},
        {"__typename": "ThreadImageMessage", "image_with_metadata": None},
        {"__typename": "ParticipantsAddedMessage", "participants_added": [{"id": ANN}, {"id": BEN}]},
        {"__typename": "ParticipantLeftMessage", "participants_removed": [{"id": ANN}, {"id": BEN}]},
        {"__typename": "VideoCallMessage"},
        {
            "__typename": "GenericAdminTextMessage",
            "extensible_message_admin_text_type": "CHANGE_THREAD_ICON",
            "extensible_message_admin_text": icon,
        },
        {
            "__typename": "GenericAdminTextMessage",
            "extensible_message_admin_text_type": "CONFIRM_FRIEND_REQUEST",
            "extensible_message_admin_text": {"__typename": "X", "friend_request_sender": ANN},
        },
    ]
    numbered = [{**common, **kind, "message_id": f"mid.{number}"} for number, kind in enumerate(nodes)]
    site.on(BATCH, batch(site, thread(*numbered, {"__typename": "UserMessage", "message_id": "mid.9"})))
    *events, strange = api.get_thread_history(GROUP, 0, 20)
    found = [
        (event.log_message_type, dict(event.log_message_data)) for event in events if isinstance(event, ThreadEvent)
    ]
    assert found == [
        ("log:thread-image", {"attachmentID": "9", "width": 3, "height": 4, "url": "https://cdn.test/p"}),
        ("log:thread-image", {"attachmentID": None, "width": None, "height": None, "url": None}),
        ("log:subscribe", {"addedParticipants": [{"userFbId": ANN}, {"userFbId": BEN}]}),
        ("log:unsubscribe", {"leftParticipantFbId": ANN}),
        ("log:unsubscribe", {"leftParticipantFbId": BEN}),
        ("other", {}),
        ("log:thread-icon", {"thread_icon": "⭐"}),
        ("confirm_friend_request", {"friend_request_sender": ANN}),
    ]
    assert isinstance(strange, Unparsed)


def test_attachments_and_answers(api: Api, site: Any, people: None) -> None:
    """As in `listen`, but for what only its wrapper has."""
    photo = {
        "__typename": "MessageImage",
        "legacy_attachment_id": "7",
        "filename": "a.png",
        "large_preview": {"uri": "https://cdn.test/l", "width": 4, "height": 3},
    }
    answer = {**MESSAGE_NODE, "blob_attachments": [photo], "replied_to_message": {"message": node(1)}}
    site.on(BATCH, batch(site, thread(answer)))
    (message,) = api.get_thread_history(GROUP, 0, 1)
    assert isinstance(message, HistoryMessage)
    (attachment,) = message.attachments
    assert (attachment.type, attachment.id, attachment.url) == ("photo", "7", "https://cdn.test/l")
    assert message.to_dict()["messageReply"]["messageID"] == "mid.1" and message.reply_to_id == "mid.1"


@pytest.mark.parametrize("fault", ['{"o0":{"data":null,"errors":[{"code":1675012}]}}', '{"o0":{"data":{}}}'])
def test_the_older_query_stands_in(api: Api, site: Any, people: None, fault: str) -> None:
    """On an error, and where the answer has no thread."""
    site.on(BATCH, site.respond(fault), batch(site, thread(MESSAGE_NODE)))
    assert len(api.get_thread_history(GROUP, 0, 1)) == 1
    assert [doc_id for doc_id, _ in asked(site)] == ["1498317363570230", "1860982147341344"]
    assert asked(site)[1][1]["load_read_receipts"] is True


def test_a_person_without_a_chat_has_no_past(api: Api, site: Any, people: None) -> None:
    """An empty list; but an id that is nobody's is a mistake."""
    site.on(BATCH, batch(site, None))
    assert api.get_thread_history(ANN, 0, 5) == []
    with pytest.raises(Refused) as caught:
        api.get_thread_history(GROUP, 0, 5)
    assert caught.value.reason == "invalid-parameters"


@pytest.mark.parametrize("messages", [5, {"nodes": [{"timestamp_precise": "soon"}] * 100}])
def test_an_answer_that_cannot_be_read(api: Api, site: Any, people: None, messages: Any) -> None:
    """Never another exception; nodes without an id are one node."""
    site.on(
        BATCH, batch(site, thread(messages=messages, all_participants={"edges": [{"node": {"messaging_actor": 5}}]}))
    )
    with pytest.raises(BadAnswer):
        api.get_thread_history(GROUP, 0, 300)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Friends", 0, 1), "thread_id must be made of digits"),
        ((GROUP, -1, 1), "start must be an int of at least 0"),
        ((GROUP, 0, 1.5), "end must be an int"),
        ((GROUP, 5, 5), "end must be greater than start"),
        ((GROUP, 0, 1, "now"), "timestamp must be an int"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, arguments: Any, said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        api.get_thread_history(*arguments)
    assert site.asked == []
