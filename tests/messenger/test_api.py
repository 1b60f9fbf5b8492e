"""The functions of the API on the imaginary Messenger."""

import json
import threading
from typing import Any

import pytest

from botkit.messenger import (
    FUNCTION_CLASSES,
    Api,
    BadArgument,
    Checkpoint,
    HttpResponse,
    Message,
    NetworkError,
    NotLoggedIn,
    RateLimited,
    Refused,
    ServerError,
    ThreadEvent,
)

pytestmark = pytest.mark.usefixtures("people")
OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
USERS = "/chat/user_info/"
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


def envelope(site: Any) -> Any:
    """Nobody is known."""
    return site.envelope({"profiles": []})


def batch(site: Any, data: Any) -> Any:
    tally = {"successful_results": 1, "error_results": 0, "skipped_results": 0}
    return site.respond(json.dumps({"o0": {"data": data}}) + "\r\n" + json.dumps(tally, indent=3))


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


@pytest.mark.parametrize(
    ("header", "after_s"),
    [
        ("90", 90.0),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120.0),
        ("Thu, 01 Jan 2026 00:02:00", 120.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_how_much_less_haste_is_told(api: Api, site: Any, in_time: Any, header: str | None, after_s: Any) -> None:
    """In seconds, also where the server gives a date; None where it does not say."""
    site.on(USERS, HttpResponse(429, "", "", retry_after=header))
    error = in_time(lambda: api.get_user_info(ANN))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pytest.approx(after_s, abs=30) if after_s is not None else error.retry_after_s is None


def test_a_short_wish_for_less_haste_is_followed(api: Api, site: Any, clock: Any, in_time: Any) -> None:
    """The next try is not before."""
    site.on(USERS, HttpResponse(429, "", "", retry_after="25"), envelope(site))
    assert in_time(lambda: api.get_user_info(ANN)) == {}
    assert clock.monotonic() >= 25 and len(site.to(USERS)) == 2


def test_a_long_wish_for_less_haste_is_left_to_the_caller(api: Api, site: Any) -> None:
    """At once: nothing is tried again, nobody waits."""
    site.on(USERS, HttpResponse(429, "", "", retry_after="31"))
    with pytest.raises(RateLimited) as caught:
        api.get_user_info(ANN)
    assert caught.value.retry_after_s == 31.0 and len(site.to(USERS)) == 1


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
        "color": "#ff7e29",
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


def test_a_host_looks_chats_and_names_up_without_an_error(api: Api, site: Any) -> None:
    """What is not found is None, or left out; names are remembered."""
    assert api.look_up_names([ANN, "5"]) == {ANN: "Bea Sample"}
    assert api.look_up_names(ANN) == {ANN: "Bea Sample"}
    assert len(site.to("/chat/user_info/")) == 1
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    found = api.look_up_thread(GROUP)
    assert found is not None and found.name == "Night shift"
    site.on("/api/graphqlbatch/", site.respond("", status=500))
    assert api.look_up_thread(GROUP, timeout_s=0.5) is None
    with pytest.raises(BadArgument):
        api.look_up_thread(5.0)  # type: ignore[arg-type]


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
    named = api.complete(MESSAGE)
    assert isinstance(named, Message)
    assert (named.sender_name, named.participant_names, named.thread_name) == (
        "Bea Sample",
        ("Al", "Bea"),
        "Night shift",
    )
    assert api.complete(MESSAGE) == named
    assert len(site.to("/api/graphqlbatch/")) == 1 and site.to(USERS) == []


def test_an_hour_later_it_asks_again(api: Api, site: Any, clock: Any) -> None:
    """What is remembered grows old."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    api.complete(MESSAGE)
    clock.advance(3601)
    api.complete(MESSAGE)
    assert len(site.to("/api/graphqlbatch/")) == 2


def test_a_new_title_is_remembered(api: Api, site: Any) -> None:
    """From the event that tells it."""
    site.on("/api/graphqlbatch/", batch(site, {"message_thread": NODE}))
    api.complete(MESSAGE)
    api.complete(ThreadEvent(GROUP, "log:thread-name", {"name": "Day shift"}, "", ANN, "m", 5, True))
    named = api.complete(MESSAGE)
    assert isinstance(named, Message) and named.thread_name == "Day shift"


def test_names_of_a_person(api: Api, site: Any) -> None:
    """The chat is called as the other one; the unknown stay None."""
    named = api.complete(Message(ANN, ANN, MID, "hi", 5, False, participant_ids=(OWN, ANN)))
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
    named = api.complete(MESSAGE)
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
