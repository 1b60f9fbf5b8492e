"""What can be done with a message, on the imaginary Messenger: dossier 1, sections 16 to 19; dossier 3, section 5."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import (
    Api,
    BadAnswer,
    BadArgument,
    NetworkError,
    OutcomeUnknown,
    Refused,
    SentMessage,
    ServerError,
)

pytestmark = pytest.mark.usefixtures("people")
OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"
# The group's and the one-to-one example of dossier 1, section 9.
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
PRIVATE = "mid.$cAAAAAAAAAAOhqB_wAGbdtqoAFVVV"
OLD = "mid.1400000000000:0a1b"
REACT = "/webgraphql/mutation/"
UNSEND = "/messaging/unsend_message/"
DELETE = "/ajax/mercury/delete_messages.php"
FORWARD = "/mercury/attachments/forward/"
PHOTO = "/mercury/attachments/photo"


@pytest.mark.parametrize(("message_id", "given", "thread"), [(MID, None, GROUP), (PRIVATE, None, ANN), (OLD, ANN, ANN)])
def test_reacting_by_task(api: Api, site: Any, link: Any, message_id: str, given: str | None, thread: str) -> None:
    """Every field of section 18; the chat is the given one, else that in the message's id."""
    link.answer_tasks([5, "replaceOptimisticReaction", [19, thread], [19, OWN], message_id])
    api.set_message_reaction("👍", message_id, given)
    ((label, queue, payload),) = link.tasks()
    assert (label, queue) == ("29", f'["reaction","{message_id}"]')
    assert payload == {
        "thread_key": int(thread),
        "timestamp_ms": 1767225600000,
        "message_id": message_id,
        "actor_id": int(OWN),
        "reaction": "👍",
        "reaction_style": None,
        "sync_group": 1,
        "send_attribution": 65537,
    }
    assert site.to(REACT) == []


@pytest.mark.parametrize(
    ("reaction", "sent", "action"),
    [
        (":love:", "😍", "ADD_REACTION"),
        (":dislike:", "👎", "ADD_REACTION"),
        ("❤\ufe0f", "❤", "ADD_REACTION"),
        ("", "", "REMOVE_REACTION"),
    ],
)
def test_reacting_by_http(api: Api, site: Any, reaction: str, sent: str, action: str) -> None:
    """Without a socket: the mutation, in the body; shortcuts are known and the selector is left out."""
    site.on(REACT, site.envelope({"data": {"message_reaction": {}}}))
    api.set_message_reaction(reaction, OLD)
    form = site.to(REACT)[0].form
    assert (form["doc_id"], form["dpr"]) == ("1491398900900362", "1")
    assert json.loads(form["variables"]) == {
        "data": {
            "client_mutation_id": 0,
            "actor_id": OWN,
            "action": action,
            "message_id": OLD,
            "reaction": sent,
        }
    }


def test_reacting_goes_by_http_when_the_chat_is_unknown(api: Api, site: Any, link: Any) -> None:
    """An old message id does not tell it, and the task needs it."""
    site.on(REACT, site.envelope({"data": {}}))
    api.set_message_reaction(":like:", OLD)
    assert len(site.to(REACT)) == 1 and link.tasks() == []


def test_reacting_goes_by_http_when_the_task_is_not_answered(api: Api, site: Any, link: Any, in_time: Any) -> None:
    """After ten seconds; setting a reaction twice does no harm."""
    site.on(REACT, site.envelope({"data": {}}))
    assert in_time(lambda: api.set_message_reaction("👍", MID)) is None
    assert len(link.tasks()) == len(site.to(REACT)) == 1


@pytest.mark.parametrize("payload", [{"errors": [{"code": 1675012, "summary": "S"}]}, None])
def test_a_refused_reaction(api: Api, site: Any, payload: Any) -> None:
    """Told in the envelope, or within the answer to the mutation."""
    site.on(REACT, site.envelope(payload, **({} if payload else {"error": 1357031})))
    with pytest.raises(Refused, match="reaction to message"):
        api.set_message_reaction("👍", OLD)


def test_unsending(api: Api, site: Any, link: Any) -> None:
    """By HTTP, although a socket is open; someone else's message is refused."""
    site.on(UNSEND, site.envelope(None), site.envelope(None, error=1545003))
    api.unsend_message(MID)
    assert site.to(UNSEND)[0].form["message_id"] == MID
    with pytest.raises(Refused):
        api.unsend_message(MID)
    assert link.tasks() == []


def test_the_socket_unsends_when_http_fails(api: Api, site: Any, link: Any, in_time: Any) -> None:
    """Label 33."""
    link.answer_tasks([5, "deleteMessage", [19, GROUP], MID])
    site.on(UNSEND, site.respond(status=500))
    assert in_time(lambda: api.unsend_message(MID)) is None
    assert link.tasks() == [("33", "unsend_message", {"message_id": MID})]


def test_deleting_several(api: Api, site: Any) -> None:
    """One form for all; one id may stand alone."""
    site.on(DELETE, site.envelope(None))
    api.delete_message([MID, OLD, MID])
    api.delete_message(OLD)
    first, second = (asked.form for asked in site.to(DELETE))
    assert {"client": "mercury", "message_ids[0]": MID, "message_ids[1]": OLD}.items() <= first.items()
    assert "message_ids[2]" not in first and second["message_ids[0]"] == OLD


def test_the_socket_deletes_when_http_fails(api: Api, site: Any, link: Any, in_time: Any) -> None:
    """Label 155, one task a message, with the chat that the id names."""
    link.answer_tasks([5, "deleteMessage", [19, GROUP], MID])
    site.on(DELETE, site.respond(status=500))
    assert in_time(lambda: api.delete_message([MID, PRIVATE])) is None
    assert link.tasks() == [
        ("155", "155", {"thread_key": int(GROUP), "message_id": MID}),
        ("155", "155", {"thread_key": int(ANN), "message_id": PRIVATE}),
    ]


def test_a_message_of_an_unknown_chat_is_not_deleted_by_the_socket(
    api: Api, site: Any, link: Any, in_time: Any
) -> None:
    """The task needs the chat; the error of the form is told."""
    site.on(DELETE, site.respond(status=500))
    assert isinstance(in_time(lambda: api.delete_message([MID, OLD])), ServerError)
    assert link.tasks() == []


def test_editing(api: Api, link: Any) -> None:
    """Label 742; the answer shows the new text."""
    link.answer_tasks([5, "editMessage", MID, [19, "80"], "corrected", [19, "1"]])
    api.edit_message("corrected", MID)
    assert link.tasks() == [("742", "edit_message", {"message_id": MID, "text": "corrected"})]


@pytest.mark.parametrize("is_corrected", [True, False])
def test_an_edit_may_be_confirmed_by_a_push(api: Api, link: Any, in_time: Any, is_corrected: bool) -> None:
    """An answer with the old text is followed by the new one within 5 s, or is a refusal."""
    link.answer_tasks([5, "editMessage", MID, [19, "80"], "old", [19, "0"]])
    answer = link.publish

    def publish(topic: str, payload: str, *, qos: int) -> None:
        answer(topic, payload, qos=qos)
        text = "corrected" if is_corrected else "old"
        step = [1, [23, True, [1, [5, "editMessage", MID, [19, "80"], text, [19, "1"]]]]]
        link.push("/ls_resp", {"request_id": None, "payload": "{", "sp": []})
        link.push("/ls_resp", {"request_id": None, "payload": json.dumps({"step": step}), "sp": []})

    link.publish = publish
    if is_corrected:
        api.edit_message("corrected", MID)
    else:
        found = in_time(lambda: api.edit_message("corrected", MID))
        assert isinstance(found, Refused) and "kept its text" in str(found)


@pytest.mark.parametrize("call", [lambda api: api.edit_message("a", MID), lambda api: api.forward_message(MID, GROUP)])
def test_what_only_the_socket_does_needs_a_socket(api: Api, call: Callable[[Api], Any]) -> None:
    """The error says what to do."""
    with pytest.raises(NetworkError, match="no socket is open; listen first"):
        call(api)


def test_forwarding_a_message(api: Api, link: Any) -> None:
    """Task 46 of the kind forward, without a text."""
    link.answer_tasks([5, "replaceOptimsiticMessage", "$O", PRIVATE])
    assert api.forward_message(MID, ANN) == SentMessage(ANN, PRIVATE, 1767225600000)
    ((label, queue, payload),) = link.tasks()
    wanted = {"thread_id": int(ANN), "send_type": 5, "forwarded_msg_id": MID, "strip_forwarded_msg_caption": 0}
    assert (label, queue) == ("46", ANN) and wanted.items() <= payload.items() and payload["text"] is None


def test_a_forward_without_an_answer_is_not_repeated(api: Api, link: Any, in_time: Any) -> None:
    """It may have been sent."""
    assert isinstance(in_time(lambda: api.forward_message(MID, ANN)), OutcomeUnknown)
    assert len(link.tasks()) == 1


def test_forwarding_an_attachment(api: Api, site: Any) -> None:
    """Each chat under an id of its own."""
    site.on(FORWARD, site.envelope({"success": True}))
    api.forward_attachment(9000000000000001, [ANN, GROUP])
    form = site.to(FORWARD)[0].form
    recipients = {name: value for name, value in form.items() if name.startswith("recipient_map[")}
    assert form["attachment_id"] == "9000000000000001" and list(recipients.values()) == [ANN, GROUP]
    assert len(recipients) == 2


def test_a_refused_forward(api: Api, site: Any) -> None:
    """By a code, or by the word of the answer; without an answer the outcome is unknown."""
    site.on(FORWARD, site.envelope({"success": False}), site.envelope(None, error=1357031), site.respond(status=500))
    for _ in range(2):
        with pytest.raises(Refused):
            api.forward_attachment(9, ANN)
    with pytest.raises(OutcomeUnknown):
        api.forward_attachment(9, ANN)
    assert len(site.to(FORWARD)) == 3


def test_the_address_of_a_photo(api: Api, site: Any) -> None:
    """From whichever entry redirects; the common fields are in the query."""
    entries = [["X", "y", [], []], ["ServerRedirect@a", "redirectPageTo", [], ["https://cdn.test/full.jpg", False]]]
    site.on(PHOTO, site.envelope(None, jsmods={"require": entries}))
    assert api.resolve_photo_url(5) == "https://cdn.test/full.jpg"
    (asked,) = site.to(PHOTO)
    assert asked.method == "GET"
    assert {"photo_id": "5", "__user": OWN, "fb_dtsg": "NAcAbCdEf:1:2"}.items() <= asked.query.items()


@pytest.mark.parametrize("modules", [None, {}, {"require": None}, {"require": [["ServerRedirect"], 5]}, []])
def test_a_photo_without_an_address(api: Api, site: Any, modules: Any) -> None:
    """An odd answer is a bad one."""
    site.on(PHOTO, site.envelope(None, jsmods=modules))
    with pytest.raises(BadAnswer, match="holds no address"):
        api.resolve_photo_url(5)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda api: api.set_message_reaction("nice", MID), "reaction must be an emoji"),
        (lambda api: api.set_message_reaction(":nice:", MID), "one of :heart_eyes:"),
        (lambda api: api.set_message_reaction(None, MID), "reaction must be a str"),
        (lambda api: api.set_message_reaction("👍", MID, "Friends"), "thread_id must be made of digits"),
        (lambda api: api.unsend_message(""), "message_id must be a message id"),
        (lambda api: api.delete_message([]), "at least one message"),
        (lambda api: api.delete_message(5), "messages must be a message id or a sequence"),
        (lambda api: api.edit_message("", MID), "text must be a str that is not empty"),
        (lambda api: api.forward_message(MID, [ANN]), "thread_id must be a str or an int"),
        (lambda api: api.forward_attachment("a", ANN), "attachment_id must be made of digits"),
        (lambda api: api.forward_attachment(1, []), "thread_ids must name at least one"),
        (lambda api: api.resolve_photo_url(True), "photo_id must be a str or an int"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, call: Callable[[Api], Any], said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        call(api)
    assert site.asked == []
