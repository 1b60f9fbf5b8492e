"""The functions of the API on the imaginary Messenger."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from botkit.messenger import (
    FUNCTION_CLASSES,
    Api,
    BadAnswer,
    BadArgument,
    Checkpoint,
    Message,
    NetworkError,
    NotLoggedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SentMessage,
    ServerError,
    ThreadEvent,
)

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
OTID = 7412281402983798101
SEND = "/messaging/send/"
USERS = "/chat/user_info/"
WAIT_S = 5.0
PROFILE = {
    "id": ANN,
    "name": "Bea Sample",
    "firstName": "Bea",
    "vanity": "bea.sample",
    "thumbSrc": "https://cdn.test/b50.jpg",
    "uri": "https://www.facebook.com/bea.sample",
    "gender": 1,
    "type": "friend",
    "is_friend": True,
    "is_birthday": False,
    "searchTokens": ["Sample", "Bea"],
    "alternateName": "",
}
# The node of dossier 3, section 3.1 (b), shortened to what is read.
NODE = {
    "thread_key": {"thread_fbid": GROUP, "other_user_id": None},
    "name": "Night shift",
    "last_message": {
        "nodes": [
            {
                "snippet": "see you",
                "message_sender": {"messaging_actor": {"id": ANN}},
                "timestamp_precise": "1785500000000",
                "extensible_attachment": None,
                "sticker": None,
                "blob_attachments": [],
            }
        ]
    },
    "unread_count": 2,
    "messages_count": 340,
    "image": None,
    "updated_time_precise": "1785500000000",
    "mute_until": None,
    "is_viewer_subscribed": True,
    "folder": "INBOX",
    "has_viewer_archived": False,
    "cannot_reply_reason": None,
    "customization_info": {
        "emoji": "⭐",
        "outgoing_bubble_color": "FFFF7E29",
        "participant_customizations": [{"participant_id": ANN, "nickname": "Bee"}],
    },
    "thread_admins": [{"id": OWN}],
    "approval_mode": 0,
    "joinable_mode": {"mode": "0", "link": ""},
    "last_read_receipt": {"nodes": [{"timestamp_precise": "1785499000000"}]},
    "reactions_mute_mode": "REACTIONS_NOT_MUTED",
    "mentions_mute_mode": "MENTIONS_NOT_MUTED",
    "thread_type": "GROUP",
    "group_approval_queue": {"nodes": []},
    "all_participants": {
        "edges": [
            {"node": {"messaging_actor": {"__typename": "User", "id": OWN, "name": "Al Example", "short_name": "Al"}}},
            {"node": {"messaging_actor": {"__typename": "User", "id": ANN, "name": "Bea Sample", "short_name": "Bea"}}},
        ]
    },
}


def batch(site: Any, data: Any) -> Any:
    tally = {"successful_results": 1, "error_results": 0, "skipped_results": 0}
    return site.respond(json.dumps({"o0": {"data": data}}) + "\r\n" + json.dumps(tally, indent=3))


def profiles(site: Any) -> Any:
    """Answers the profile look-up: Ann is known, others are nobody."""

    def answer(form: dict[str, str]) -> Any:
        asked = [value for name, value in form.items() if name.startswith("ids[")]
        return site.envelope({"profiles": {ANN: PROFILE} if ANN in asked else []})

    return answer


def sent(site: Any, thread: str) -> Any:
    actions = [{"thread_fbid": thread, "message_id": MID, "timestamp": 1767225600000}]
    return site.envelope({"actions": actions})


@pytest.fixture(autouse=True)
def people(site: Any) -> None:
    site.on(USERS, profiles(site))


@pytest.fixture
def link(api: Api, sockets: Any, ear: Any) -> Iterator[Any]:
    """An open socket beside the api."""
    listener = api.listener(ear)
    thread = threading.Thread(target=listener.run)
    thread.start()
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.said.clear()
    yield wire
    listener.stop()
    thread.join(WAIT_S)


def answering(wire: Any, *steps: Any) -> None:
    """Let the socket answer each batch of tasks at once with these steps; "$T" is the task's temporary thread."""

    def publish(topic: str, payload: str, *, qos: int) -> None:
        value = json.loads(payload)
        wire.said.append((topic, value, qos))
        if topic == "/ls_req" and value["type"] == 3:
            (task,) = json.loads(value["payload"])["tasks"]
            text = json.dumps({"name": None, "step": [1, *steps]}).replace("$T", task["queue_name"])
            wire.push("/ls_resp", {"request_id": value["request_id"], "payload": text, "sp": [], "target": 3})

    wire.publish = publish


def tasks(wire: Any) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for value in wire.spoken("/ls_req"):
        inner = json.loads(value["payload"])
        for task in inner.get("tasks", [inner]):
            found.append((task["label"], json.loads(task["payload"])))
    return found


def test_a_text_to_a_group(api: Api, site: Any) -> None:
    """The form of dossier 1, section 10, with the common fields and headers; the answer's ids."""
    site.on(SEND, sent(site, GROUP))
    found = api.send_message("Hello Bo", GROUP, offline_threading_id=OTID)
    assert found == SentMessage(GROUP, MID, 1767225600000)
    assert found.to_dict() == {"threadID": GROUP, "messageID": MID, "timestamp": 1767225600000}
    (asked,) = site.to(SEND)
    assert asked.form["thread_fbid"] == GROUP and "other_user_fbid" not in asked.form
    assert asked.form["body"] == "Hello Bo" and asked.form["offline_threading_id"] == str(OTID)
    common = {
        "__user": OWN,
        "__a": "1",
        "__req": "2",
        "__rev": "1030000001",
        "fb_dtsg": "NAcAbCdEf:1:2",
        "jazoest": "2958",
    }
    assert (common | {"lsd": "AVqSynthLsd", "av": OWN}).items() <= asked.form.items()
    assert b"body=Hello%20Bo" in asked.body and b"source_tags%5B0%5D=source%3Achat" in asked.body
    headers = {"X-FB-LSD": "AVqSynthLsd", "X-ASBD-ID": "359341", "Origin": "https://www.facebook.com", "Accept": "*/*"}
    assert headers.items() <= asked.headers.items()


def test_a_text_to_a_person(api: Api, site: Any) -> None:
    """A profile makes the id a person's; that is asked once."""
    site.on(SEND, sent(site, ANN))
    api.send_message({"body": "a"}, int(ANN))
    api.send_message("b", ANN)
    first, second = site.to(SEND)
    assert first.form["other_user_fbid"] == ANN and first.form["specific_to_list[1]"] == f"fbid:{OWN}"
    assert first.form["offline_threading_id"] != second.form["offline_threading_id"]
    assert len(site.to(USERS)) == 1


@pytest.mark.parametrize(("thread", "field"), [("100000000000009", "other_user_fbid"), (GROUP, "thread_fbid")])
def test_the_length_decides_when_the_look_up_fails(api: Api, site: Any, thread: str, field: str) -> None:
    """Up to 15 digits is a person."""
    site.on(USERS, site.envelope(None, error=3252001, errorSummary="no data"))
    site.on(SEND, sent(site, thread))
    api.send_message("x", thread)
    assert site.to(SEND)[0].form[field] == thread


def test_a_new_group_by_one_request(api: Api, site: Any) -> None:
    """Without a socket the list form makes the group and sends."""
    site.on(SEND, sent(site, GROUP))
    assert api.send_message("hi", [ANN, "100000000000003"], offline_threading_id=OTID).thread_id == GROUP
    form = site.to(SEND)[0].form
    assert [form[f"specific_to_list[{i}]"] for i in range(3)] == [f"fbid:{ANN}", "fbid:100000000000003", f"fbid:{OWN}"]
    assert form["client_thread_id"] == f"root:{OTID}"


def test_a_new_group_without_an_answer_is_not_tried_again(api: Api, site: Any) -> None:
    """It might make a second one."""
    site.on(SEND, site.respond(status=503))
    with pytest.raises(OutcomeUnknown):
        api.send_message("hi", [ANN, "100000000000003"])
    assert len(site.to(SEND)) == 1


def test_a_new_group_by_task(api: Api, site: Any, link: Any) -> None:
    """With a socket: label 130, then a normal send to the real id."""
    answering(link, [5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    site.on(SEND, sent(site, GROUP))
    assert api.send_message("hi", [ANN, "100000000000003"]).thread_id == GROUP
    ((label, payload),) = tasks(link)
    assert label == "130" and payload["participants"] == [int(ANN), 100000000000003]
    assert site.to(SEND)[0].form["thread_fbid"] == GROUP and site.to(USERS) == []


def test_a_refused_group_is_an_error_of_the_server(api: Api, site: Any, link: Any) -> None:
    """And not a reason to try the other way."""
    answering(link, [5, "issueNewError", [19, "5"], [19, "1545012"], "Not allowed", "No."])
    with pytest.raises(Refused) as caught:
        api.send_message("hi", [ANN, "100000000000003"])
    assert caught.value.reason == "not-in-thread" and site.to(SEND) == []


def test_the_socket_stands_in_when_http_fails(api: Api, site: Any, link: Any, clock: Any) -> None:
    """Task 46 with the same id, after the repeats; id and time from the answer."""
    answering(link, [5, "replaceOptimsiticMessage", str(OTID), MID])
    site.on(SEND, site.respond(status=500))
    done: list[Any] = []
    sending = threading.Thread(target=lambda: done.append(api.send_message("x", GROUP, offline_threading_id=OTID)))
    sending.start()
    while sending.is_alive():
        clock.advance(1)
        sending.join(0.005)
    assert done == [SentMessage(GROUP, MID, 1767225600000)]
    ((label, payload),) = tasks(link)
    assert (label, payload["thread_id"], payload["otid"], payload["text"]) == ("46", int(GROUP), str(OTID), "x")
    assert len({asked.form["offline_threading_id"] for asked in site.to(SEND)}) == 1


@pytest.mark.parametrize(
    ("message", "thread", "said"),
    [
        ("", GROUP, "empty"),
        ({"body": ""}, GROUP, "empty"),
        ({}, GROUP, "message must be"),
        (5, GROUP, "message must be"),
        ({"body": "a", "sticker": "1"}, GROUP, "key sticker"),
        ("a", 7e15, "float"),
        ("a", [], "at least one"),
        ("a", [ANN], "at least two"),
        ("a", None, "thread_id"),
        ("a", "Friends", "digits"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, message: Any, thread: Any, said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        api.send_message(message, thread)
    assert site.asked == []


@pytest.mark.parametrize("otid", [0, -1, 2**63, True, "5"])
def test_wrong_offline_ids_are_refused(api: Api, otid: Any) -> None:
    """A positive int of at most 63 bits."""
    with pytest.raises(BadArgument, match="offline_threading_id"):
        api.send_message("a", GROUP, offline_threading_id=otid)


@pytest.mark.parametrize("payload", [None, {}, {"actions": []}, {"actions": [{"thread_fbid": GROUP}]}])
def test_an_answer_without_a_message_is_bad(api: Api, site: Any, payload: Any) -> None:
    """It may not have been sent, so it does not look like success."""
    site.on(SEND, site.envelope(payload))
    with pytest.raises(BadAnswer):
        api.send_message("a", GROUP)


@pytest.mark.parametrize(("code", "error"), [(1545012, Refused), (1545116, Refused), (1357001, NotLoggedIn)])
def test_a_no_is_never_repeated(api: Api, site: Any, code: int, error: type[Exception]) -> None:
    """Nor sent by the socket."""
    site.on(SEND, site.envelope(None, error=code))
    with pytest.raises(error):
        api.send_message("a", GROUP)
    assert len(site.to(SEND)) == 1


def test_a_stale_token_is_renewed_once(api: Api, site: Any, page: str) -> None:
    """1357004: the page is loaded again, and the same send repeated with the new token."""
    site.on("/", site.respond(page.replace("NAcAbCdEf:1:2", "NEWTOKEN:1:2")))
    site.on(SEND, site.envelope(None, error=1357004), sent(site, GROUP))
    api.send_message("a", GROUP, offline_threading_id=OTID)
    first, second = site.to(SEND)
    assert (first.form["fb_dtsg"], second.form["fb_dtsg"]) == ("NAcAbCdEf:1:2", "NEWTOKEN:1:2")
    assert first.form["offline_threading_id"] == second.form["offline_threading_id"]


def test_a_token_that_stays_stale_is_refused(api: Api, site: Any) -> None:
    """One renewal, not more."""
    site.on(SEND, site.envelope(None, error=1357004))
    with pytest.raises(Refused, match="please-refresh"):
        api.send_message("a", GROUP)
    assert len(site.to(SEND)) == 2 and len(site.to("/")) == 2


def test_a_token_that_comes_along_is_used_at_once(api: Api, site: Any) -> None:
    """And its jazoest with it; cookies, too."""
    modules = {
        "require": [["DTSG", "setToken", [], ["NAcAbCdEf:1:3"]], ["Cookie", "set", [], ["_js_datr", "dv", 5, "/"]]]
    }
    actions = [{"thread_fbid": GROUP, "message_id": MID, "timestamp": 5}]
    site.on(SEND, site.envelope({"actions": actions}, jsmods=modules))
    api.send_message("a", GROUP)
    api.send_message("b", GROUP)
    second = site.to(SEND)[1]
    assert (second.form["fb_dtsg"], second.form["jazoest"]) == ("NAcAbCdEf:1:3", "2959")
    assert "datr=dv" in second.headers["Cookie"]


@pytest.mark.parametrize(("status", "error"), [(503, ServerError), (429, RateLimited)])
def test_repeats_have_an_end(api: Api, site: Any, clock: Any, status: int, error: type[Exception]) -> None:
    """Four tries with growing pauses, twice as long for a 429."""
    site.on(USERS, site.respond(status=status))
    caught: list[Exception] = []

    def ask() -> None:
        try:
            api.get_user_info(ANN)
        except Exception as problem:
            caught.append(problem)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():
        clock.advance(0.5)
        asking.join(0.004)
    assert type(caught[0]) is error and len(site.to(USERS)) == 4
    assert clock.monotonic() >= (26 if status == 429 else 13)


@pytest.mark.parametrize(("location", "error"), [("/login.php", NotLoggedIn), ("/checkpoint/1/", Checkpoint)])
def test_a_redirect_of_a_function_is_a_sign(api: Api, site: Any, location: str, error: type[Exception]) -> None:
    """The session died, or the account was locked, meanwhile."""
    site.on(USERS, site.respond(status=302, location=location))
    with pytest.raises(error):
        api.get_user_info(ANN)


def test_a_status_that_is_no_answer(api: Api, site: Any) -> None:
    """404 is not repeated."""
    site.on(USERS, site.respond(status=404))
    with pytest.raises(ServerError):
        api.get_user_info(ANN)
    assert len(site.to(USERS)) == 1


def test_reading_by_task_and_by_http(api: Api, site: Any, link: Any) -> None:
    """Labels 21 and 49 where a socket is open."""
    answering(link, [5, "removeTask", [19, "0"]])
    api.mark_as_read(GROUP)
    api.mark_as_read(GROUP, read=False)
    assert [label for label, _ in tasks(link)] == ["21", "49"]
    assert site.to("/ajax/mercury/change_read_status.php") == []


def test_reading_by_http(api: Api, site: Any) -> None:
    """Without a socket."""
    site.on("/ajax/mercury/change_read_status.php", site.envelope(None))
    api.mark_as_read(GROUP)
    form = site.to("/ajax/mercury/change_read_status.php")[0].form
    assert form[f"ids[{GROUP}]"] == "true" and form["watermarkTimestamp"] == "1767225600000"


def test_typing_ends_when_told(api: Api, site: Any) -> None:
    """By HTTP: on, then off once."""
    site.on("/ajax/messaging/typ.php", site.envelope([]))
    end = api.send_typing_indicator(GROUP)
    end()
    end()
    assert [asked.form["typ"] for asked in site.to("/ajax/messaging/typ.php")] == ["1", "0"]


def test_typing_lapses_after_30_seconds(api: Api, link: Any, clock: Any) -> None:
    """By the socket: a stateless task, and another one when it lapses."""
    end = api.send_typing_indicator(ANN)
    clock.advance(29.9)
    assert [payload["is_typing"] for _, payload in tasks(link)] == [1]
    clock.advance(0.2)
    end()
    assert [payload["is_typing"] for _, payload in tasks(link)] == [1, 0]
    assert tasks(link)[0][1]["is_group_thread"] == 0


def test_user_info_has_the_documented_fields(api: Api) -> None:
    """A dict even for one id; unknown ids are left out."""
    found = api.get_user_info([ANN, "5"])
    assert list(found) == [ANN]
    assert found[ANN].to_dict() == {
        "name": "Bea Sample",
        "firstName": "Bea",
        "vanity": "bea.sample",
        "thumbSrc": "https://cdn.test/b50.jpg",
        "profileUrl": "https://www.facebook.com/bea.sample",
        "gender": 1,
        "type": "friend",
        "isFriend": True,
        "isBirthday": False,
        "searchTokens": ["Sample", "Bea"],
        "alternateName": "",
    }


def test_thread_info_has_the_documented_fields(api: Api, site: Any) -> None:
    """Each of the 28 fields and the later ones, from the dossier's node."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    assert api.get_thread_info(GROUP).to_dict() == {
        "threadID": GROUP,
        "participants": [OWN, ANN],
        "participantIDs": [OWN, ANN],
        "formerParticipants": [],
        "name": "Night shift",
        "snippet": "see you",
        "snippetHasAttachment": False,
        "snippetAttachments": [],
        "snippetSender": ANN,
        "unreadCount": 2,
        "messageCount": 340,
        "imageSrc": None,
        "timestamp": "1785500000000",
        "serverTimestamp": "1785500000000",
        "muteSettings": None,
        "isCanonicalUser": False,
        "isCanonical": False,
        "canonicalFbid": None,
        "isSubscribed": True,
        "rootMessageThreadingID": None,
        "folder": "inbox",
        "isArchived": False,
        "recipientsLoadable": True,
        "hasEmailParticipant": False,
        "readOnly": False,
        "canReply": True,
        "composerEnabled": True,
        "blockedParticipants": [],
        "lastMessageID": None,
        "nicknames": {ANN: "Bee"},
        "emoji": "⭐",
        "color": "FF7E29",
        "adminIDs": [OWN],
        "muteUntil": None,
        "threadType": 2,
        "isGroup": True,
        "isEncrypted": False,
        "cannotReplyReason": None,
        "lastMessageTimestamp": "1785500000000",
        "lastReadTimestamp": "1785499000000",
        "approvalMode": 0,
        "approvalQueue": [],
        "inviteLink": None,
        "threadTheme": None,
        "reactionsMuteMode": "reactions_not_muted",
        "mentionsMuteMode": "mentions_not_muted",
    }
    asked = json.loads(site.to("/api/graphqlbatch/")[0].form["queries"])
    assert asked["o0"]["doc_id"] == "3449967031715030" and asked["o0"]["query_params"]["id"] == GROUP


def test_a_chat_that_has_not_begun_is_empty(api: Api, site: Any) -> None:
    """With a person who exists; nobody is refused."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": None}))
    thread = api.get_thread_info(ANN)
    assert (thread.name, thread.is_group, thread.participant_ids) == ("Bea Sample", False, (OWN, ANN))
    with pytest.raises(Refused, match="thread 5 is unknown"):
        api.get_thread_info(5)


def thread_list(site: Any, threads: int) -> Any:
    """Answers the thread list from `threads` groups, the newest first, as dossier 3, section 3.1 says."""
    nodes = [
        {**NODE, "thread_key": {"thread_fbid": str(n), "other_user_id": None}, "updated_time_precise": str(n)}
        for n in range(threads, 0, -1)
    ]

    def answer(form: dict[str, str]) -> Any:
        params = json.loads(form["queries"])["o0"]["query_params"]
        before = params["before"]
        wanted = [node for node in nodes if before is None or int(node["updated_time_precise"]) <= before]
        return batch(site, {"viewer": {"message_threads": {"nodes": wanted[: params["limit"]]}}})

    return answer


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "requests"),
    [(0, 3, 250, 248, 1), (5, 7, 245, 244, 1), (0, 0, 250, 231, 1), (0, 230, 250, 21, 3), (240, 300, 10, 1, 3)],
)
def test_the_thread_list_is_read_page_by_page(
    api: Api, site: Any, start: int, end: int, first: int, last: int, requests: int
) -> None:
    """Newest first, each chat once although pages overlap; an end that is not after the start means twenty."""
    site.on("/api/graphqlbatch/", thread_list(site, 250))
    found = [int(thread.thread_id) for thread in api.get_thread_list(start, end)]
    assert found == list(range(first, last - 1, -1))
    assert len(site.to("/api/graphqlbatch/")) == requests
    asked = json.loads(site.to("/api/graphqlbatch/")[0].form["queries"])["o0"]
    assert asked["doc_id"] == "3426149104143726" and asked["query_params"]["tags"] == ["INBOX"]


def test_the_older_query_serves_when_the_newer_is_refused(api: Api, site: Any) -> None:
    """Once, with the same parameters."""
    refused = json.dumps({"o0": {"data": None, "errors": [{"message": "m", "code": 1675030, "summary": "S"}]}})
    site.on("/api/graphqlbatch/", site.respond(refused), thread_list(site, 2))
    assert [thread.thread_id for thread in api.get_thread_list(0, 5)] == ["2", "1"]
    asked = [json.loads(one.form["queries"])["o0"] for one in site.to("/api/graphqlbatch/")]
    assert [one["doc_id"] for one in asked] == ["3426149104143726", "3336396659757871"]
    assert asked[0]["query_params"] == asked[1]["query_params"]


@pytest.mark.parametrize("value", [-1, 1.5, "3", True, None])
def test_a_wrong_range_of_threads_is_refused(api: Api, site: Any, value: Any) -> None:
    """Before anything is asked."""
    with pytest.raises(BadArgument, match="must be an int of at least 0"):
        api.get_thread_list(0, value)
    assert site.to("/api/graphqlbatch/") == []


def test_graphql_errors_are_refusals(api: Api, site: Any) -> None:
    """An entry of `errors` in the result."""
    text = json.dumps({"o0": {"data": None, "errors": [{"message": "m", "code": 1675012, "summary": "S"}]}})
    site.on("/api/graphqlbatch/", site.respond(text))
    with pytest.raises(Refused) as caught:
        api.get_thread_info(GROUP)
    assert caught.value.code == 1675012


MESSAGE = Message(GROUP, ANN, MID, "hi", 5, True, participant_ids=(OWN, ANN))


def test_names_of_a_group_come_with_one_look_up(api: Api, site: Any) -> None:
    """And are remembered for an hour."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    named = api.with_names(MESSAGE)
    assert isinstance(named, Message)
    assert (named.sender_name, named.participant_names, named.thread_name) == (
        "Bea Sample",
        ("Al", "Bea"),
        "Night shift",
    )
    assert api.with_names(MESSAGE) == named
    assert len(site.to("/api/graphqlbatch/")) == 1 and site.to(USERS) == []


def test_an_hour_later_it_asks_again(api: Api, site: Any, clock: Any) -> None:
    """What is remembered grows old."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    api.with_names(MESSAGE)
    clock.advance(3601)
    api.with_names(MESSAGE)
    assert len(site.to("/api/graphqlbatch/")) == 2


def test_a_new_title_is_remembered(api: Api, site: Any) -> None:
    """From the event that tells it."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    api.with_names(MESSAGE)
    api.with_names(ThreadEvent(GROUP, "log:thread-name", {"name": "Day shift"}, "", ANN, "m", 5, True))
    named = api.with_names(MESSAGE)
    assert isinstance(named, Message) and named.thread_name == "Day shift"


def test_names_of_a_person(api: Api, site: Any) -> None:
    """The chat is called as the other one; the unknown stay None."""
    named = api.with_names(Message(ANN, ANN, MID, "hi", 5, False, participant_ids=(OWN, ANN)))
    assert isinstance(named, Message)
    assert (named.sender_name, named.thread_name, named.participant_names) == (
        "Bea Sample",
        "Bea Sample",
        (None, "Bea"),
    )


def test_failing_look_ups_never_raise(api: Api, site: Any) -> None:
    """The message comes without names, after one try."""
    site.on("/api/graphqlbatch/", site.respond(status=500))
    site.on(USERS, site.respond("<html>"))
    named = api.with_names(MESSAGE)
    assert isinstance(named, Message)
    assert (named.sender_name, named.thread_name, named.body) == (None, None, "hi")
    assert len(site.to("/api/graphqlbatch/")) == 1


def test_logging_out(api: Api, site: Any) -> None:
    """The menu's form is posted; afterwards the session is gone."""
    fields = {"fb_dtsg": "D", "ref": "mb", "h": "AfH1"}
    inputs = "".join(f'<input name="{name}" value="{value}"/>' for name, value in fields.items())
    html = f'<form action="/logout.php">{inputs}</form>'
    modules = {"instances": [], "markup": [["__markup_1", {"__html": html}, 1]]}
    site.on("/bluebar/modern_settings_menu/", site.envelope([], jsmods=modules))
    site.on(
        "/logout.php",
        site.respond(status=302, location="/login.php", cookies=["xs=x; Max-Age=-1; Domain=.facebook.com"]),
    )
    site.on("/login.php", site.respond("bye"))
    assert api.logout() is True
    form = site.to("/logout.php")[0].form
    assert (form["fb_dtsg"], form["ref"], form["h"]) == ("D", "mb", "AfH1")
    assert site.closed and api.get_app_state() == []
    with pytest.raises(NotLoggedIn):
        api.send_message("a", GROUP)


def test_logging_out_of_a_server_that_is_gone(api: Api, site: Any) -> None:
    """Only forgotten here, and it says so."""

    def fail(_form: dict[str, str]) -> Any:
        raise NetworkError("gone")

    site.on("/bluebar/modern_settings_menu/", fail)
    site.on("/logout.php", fail)
    assert api.logout() is False and api.get_app_state() == []


def test_options_can_be_changed(api: Api) -> None:
    """Those not named stay; those of the login are refused."""
    api.set_options(self_listen=True)
    assert api.options.self_listen and not api.options.listen_events
    with pytest.raises(BadArgument, match="at login"):
        api.set_options(network="facebook")
    with pytest.raises(BadArgument, match="nearest is self_listen"):
        api.set_options(selfListen=True)


def test_every_function_has_a_class() -> None:
    """And no class is without its function."""
    public = {name for name in vars(Api) if not name.startswith("_")} - {"options", "close"}
    assert public | {"login"} == set(FUNCTION_CLASSES)
    assert set(FUNCTION_CLASSES.values()) <= {"read", "send", "set", "once", "session"}
