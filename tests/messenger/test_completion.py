"""Making events whole: what deltas only point at is fetched."""

import json
from dataclasses import replace
from typing import Any

import pytest

from botkit.messenger import Api, Attachment, ForcedFetch, Message, ThreadEvent

ANN = "100000000000002"
GROUP = "200000000000009"
POINTER = ForcedFetch(GROUP, "mid.$gAAA", True)
ANSWER = Message(GROUP, ANN, "mid.$gBBB", "yes", 5, True, reply_to_id="mid.$gAAA")
BARE = Attachment("photo", {"ID": "301", "url": None, "hiresUrl": None})


def node(kind: str, **more: Any) -> dict[str, Any]:
    common = {"__typename": kind, "message_id": "mid.$gAAA", "message_sender": {"id": ANN}, "snippet": "text"}
    return {**common, "timestamp_precise": "1767225600000", **more}


TEXT = node("UserMessage", message={"text": "shall we?", "ranges": []})
PICTURE = node(
    "ThreadImageMessage",
    image_with_metadata={
        "legacy_attachment_id": "401",
        "original_dimensions": {"x": 640, "y": 480},
        "preview": {"uri": "https://cdn.test/g.jpg"},
    },
)


def batch(site: Any, message: Any) -> Any:
    return site.respond(json.dumps({"o0": {"data": {"message": message}}}) + '\r\n{"successful_results":1}')


@pytest.fixture(autouse=True)
def nobody(site: Any) -> None:
    site.on("/chat/user_info/", site.envelope({"profiles": {}}))


def queries(site: Any) -> list[Any]:
    """What was asked of the batch address about messages."""
    asked = [json.loads(one.form["queries"])["o0"] for one in site.to("/api/graphqlbatch/")]
    return [one for one in asked if "thread_and_message_id" in one["query_params"]]


def test_a_new_picture_of_a_group_is_fetched(api: Api, site: Any) -> None:
    """With the query of dossier 2, section 5.6."""
    site.on("/api/graphqlbatch/", batch(site, PICTURE))
    event = api.complete(POINTER)
    assert isinstance(event, ThreadEvent)
    data = {"attachmentID": "401", "width": 640, "height": 480, "url": "https://cdn.test/g.jpg"}
    assert (event.log_message_type, event.log_message_data) == ("log:thread-image", data)
    ids = {"thread_id": GROUP, "message_id": "mid.$gAAA"}
    assert queries(site) == [{"doc_id": "2848441488556444", "query_params": {"thread_and_message_id": ids}}]


def test_an_ordinary_message_may_have_to_be_fetched_too(api: Api, site: Any) -> None:
    """It comes as any other message does."""
    site.on("/api/graphqlbatch/", batch(site, TEXT))
    event = api.complete(POINTER)
    assert isinstance(event, Message) and (event.body, event.thread_id, event.is_group) == ("shall we?", GROUP, True)


@pytest.mark.parametrize("answer", [None, 5, {}, {"__typename": "UserMessage"}])
def test_what_cannot_be_fetched_stays_a_pointer(api: Api, site: Any, answer: Any) -> None:
    """After the older query has been tried as well."""
    site.on("/api/graphqlbatch/", batch(site, answer))
    assert api.complete(POINTER) == POINTER
    assert [one["doc_id"] for one in queries(site)] == ["2848441488556444", "1768656253222505"]


def test_the_message_answered_is_fetched(api: Api, site: Any) -> None:
    """When the delta names only its id."""
    site.on("/api/graphqlbatch/", batch(site, TEXT))
    event = api.complete(ANSWER)
    assert isinstance(event, Message) and event.reply_to is not None
    assert event.to_dict()["messageReply"]["body"] == "shall we?"


def test_an_answer_comes_without_what_it_answers(api: Api, site: Any) -> None:
    """When that cannot be fetched."""
    site.on("/api/graphqlbatch/", site.envelope(error=1357031))
    event = api.complete(ANSWER)
    assert isinstance(event, Message) and event.reply_to is None and event.body == "yes"


def test_a_photo_without_an_address_gets_one(api: Api, site: Any) -> None:
    """By its id (dossier 2, sections 8.1 and 8.4)."""
    jump = [["ServerRedirect", "redirectPageTo", [], ["https://cdn.test/full.jpg", False, False]]]
    site.on("/mercury/attachments/photo", site.envelope(jsmods={"require": jump}))
    event = api.complete(replace(ANSWER, reply_to_id=None, attachments=(BARE,)))
    assert isinstance(event, Message) and event.attachments[0].url == "https://cdn.test/full.jpg"
    assert event.attachments[0].fields["hiresUrl"] == "https://cdn.test/full.jpg"
    assert [one.query["photo_id"] for one in site.to("/mercury/attachments/photo")] == ["301"]


def test_a_photo_that_cannot_be_found_stays_without(api: Api, site: Any) -> None:
    """And one that has an address is not asked about."""
    known = Attachment("photo", {"ID": "302", "url": "https://cdn.test/l.jpg"})
    event = api.complete(replace(ANSWER, reply_to_id=None, attachments=(BARE, known)))
    assert isinstance(event, Message) and event.attachments == (BARE, known)
    assert len(site.to("/mercury/attachments/photo")) == 1


def test_no_time_means_no_look_up(api: Api, site: Any) -> None:
    """What is not known stays as it is."""
    assert api.complete(POINTER, timeout_s=0) == POINTER
    assert api.complete(replace(ANSWER, attachments=(BARE,)), timeout_s=0) == replace(
        ANSWER, attachments=(BARE,), participant_names=()
    )
    assert queries(site) == [] and site.to("/mercury/attachments/photo") == []
