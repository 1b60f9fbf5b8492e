"""People and chats by name, contacts and who is there, against dossier 3, sections 3.4 to 3.8."""

import base64
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import Api, BadAnswer, BadArgument, FoundUser, NetworkError, OnlineUser, Refused

OWN = "100000000000001"
ANN = "100000000000002"
BEN = "100000000000003"
GROUP = "7000000000000001"
BATCH = "/api/graphqlbatch/"
TYPEAHEAD = "/ajax/typeahead/search.php"
THREADS = "/ajax/mercury/search_threads.php"
FRIENDS = "/chat/user_info_all"
NOT_DONE = [5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "1"], False]
WAIT_S = 5.0

# Dossier 3, section 3.4 (b).
GROUP_HIT = [
    5,
    "insertSearchResult",
    "night",
    GROUP,
    [19, "0"],
    [19, "3"],
    [19, "2"],
    "Night shift",
    "https://cdn.test/g.jpg",
    [9],
    "Al, Bea and 3 others",
    [9],
    [9],
    [19, "0"],
    False,
    False,
    [19, "0"],
    False,
    False,
    False,
    True,
]
# Dossier 3, section 3.5 (b).
ENTRY = {
    "uid": int(ANN),
    "text": "Bea Sample",
    "path": "https://www.facebook.com/bea.sample",
    "photo": "https://cdn.test/b.jpg",
    "index_rank": 1,
    "score": 0.91,
    "is_verified": False,
    "category": "Friend",
    "type": "user",
}
# Dossier 3, section 6.3.
MERCURY = {
    "thread_id": "t_1",
    "thread_fbid": GROUP,
    "other_user_fbid": None,
    "participants": [f"fbid:{OWN}", f"fbid:{ANN}"],
    "former_participants": [],
    "name": "Night shift",
    "custom_nickname": {ANN: "Bee"},
    "custom_like_icon": None,
    "custom_color": "#ff7e29",
    "snippet": "see you",
    "snippet_has_attachment": False,
    "snippet_attachments": [],
    "snippet_sender": f"fbid:{ANN}",
    "unread_count": 2,
    "message_count": 340,
    "image_src": None,
    "timestamp": "1785500000000",
    "server_timestamp": "1785500000000",
    "last_message_timestamp": "1785500000000",
    "last_read_timestamp": "1785499000000",
    "mute_until": 0,
    "is_canonical_user": False,
    "is_canonical": False,
    "canonical_fbid": None,
    "is_subscribed": True,
    "root_message_threading_id": None,
    "folder": "inbox",
    "is_archived": False,
    "recipients_loadable": True,
    "has_email_participant": False,
    "read_only": False,
    "can_reply": True,
    "cannot_reply_reason": None,
    "composer_enabled": True,
    "blocked_participants": [],
    "last_message_id": "mid.1",
    "admin_ids": [OWN],
    "thread_type": 2,
}
# Dossier 3, section 3.7 (b).
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
    "searchTokens": ["Bea"],
    "alternateName": "",
}


def hit(
    result: str, kind: int, name: str, *, at: int = 0, thread_type: int = 1, other: Any = None, can: bool = True
) -> Any:
    """A call with all of the arguments that are read."""
    columns: list[Any] = [
        "q",
        result,
        [19, str(at)],
        [19, str(kind)],
        [19, str(thread_type)],
        name,
        "https://cdn.test/x",
    ]
    columns += [[9], "Friend", [9], [9], [19, "0"], True, False, [19, "0"], False, False, False, can]
    columns += [[9], [9], [9], [9], [9] if other is None else [19, other]]
    return [5, "insertSearchResult", *columns]


def threads(site: Any, *known: str) -> Callable[[dict[str, str]], Any]:
    """Answers the look-up of several chats; those that are not known are null, and the order is not that asked."""

    def answer(form: dict[str, str]) -> Any:
        lines = []
        for name, query in reversed(json.loads(form["queries"]).items()):
            thread_id = query["query_params"]["id"]
            key = {"thread_fbid": thread_id} if len(thread_id) > 15 else {"other_user_id": thread_id}
            node = {"thread_key": key, "name": "Night shift", "unread_count": 2} if thread_id in known else None
            lines.append(json.dumps({name: {"data": {"message_thread": node}}}))
        return site.respond("\r\n".join([*lines, '{"successful_results":1}']))

    return answer


def test_the_task_of_a_search(api: Api, link: Any) -> None:
    """Label 30, with the queue as JSON text."""
    link.answer_tasks(hit(ANN, 1, "Bea Sample"))
    api.get_user_id(" bea ")
    payload = {
        "query": "bea",
        "supported_types": [1, 3, 4, 2, 6, 7, 8, 9, 13],
        "session_id": None,
        "surface_type": 5,
        "selected_participants": None,
        "group_id": None,
        "community_id": None,
        "query_id": None,
    }
    assert link.tasks() == [("30", '["search_primary",1767225600000]', payload)]


def test_people_by_task_have_the_documented_keys(api: Api, link: Any) -> None:
    """Those whom one can write to, in the server's order; groups, pages and nobody are left out."""
    link.answer_tasks(
        hit("77", 2, "Bea Other", at=1, other=BEN),
        GROUP_HIT,
        hit(ANN, 1, "Bea Sample", at=0),
        hit("5", 4, "Bea's Shop", at=2),
        hit("6", 1, "Bea Shy", at=3, can=False),
        hit("0", 1, "Nobody", at=4),
        [5, "updateSearchQueryStatus", "q"],
    )
    first, second = api.get_user_id("bea")
    assert first.to_dict() == {
        "userID": ANN,
        "photoUrl": "https://cdn.test/x",
        "indexRank": 0,
        "name": "Bea Sample",
        "isVerified": True,
        "profileUrl": f"https://www.facebook.com/profile.php?id={ANN}",
        "category": "Friend",
        "score": None,
        "type": "user",
    }
    assert second.user_id == BEN


def test_people_by_http_have_the_documented_keys(api: Api, site: Any) -> None:
    """Without a socket: the older form, whose entries that are no people are left out."""
    site.on(TYPEAHEAD, site.envelope({"entries": [ENTRY, {**ENTRY, "uid": 5, "type": "page"}]}))
    (found,) = api.get_user_id("Bea")
    assert found == FoundUser(
        user_id=ANN,
        name="Bea Sample",
        photo_url="https://cdn.test/b.jpg",
        index_rank=1,
        is_verified=False,
        profile_url="https://www.facebook.com/bea.sample",
        category="Friend",
        score=0.91,
    )
    (asked,) = site.to(TYPEAHEAD)
    wanted = {"value": "bea", "viewer": OWN, "rsp": "search", "context": "search", "path": "/home.php", "__user": OWN}
    assert asked.method == "GET" and asked.body == b"" and wanted.items() <= asked.query.items()
    assert len(asked.query["request_id"]) == 36 and asked.query["fb_dtsg"]


def test_a_stale_token_is_renewed_for_a_query_string(api: Api, site: Any, page: str) -> None:
    """As for a form (dossier 1, section 6.2)."""
    site.on("/", site.respond(page.replace("NAcAbCdEf:1:2", "NEWTOKEN:1:2")))
    site.on(TYPEAHEAD, site.envelope(None, error=1357004), site.envelope({"entries": [ENTRY]}))
    assert [user.user_id for user in api.get_user_id("bea")] == [ANN]
    assert [asked.query["fb_dtsg"] for asked in site.to(TYPEAHEAD)] == ["NAcAbCdEf:1:2", "NEWTOKEN:1:2"]


@pytest.mark.parametrize("fault", [NOT_DONE, [5, "insertSearchResult", "q", "1", "no number"]])
def test_a_search_goes_by_http_when_the_task_does_not_serve(api: Api, site: Any, link: Any, fault: Any) -> None:
    """Unknown to the server, or an answer that cannot be read."""
    link.answer_tasks(fault)
    site.on(TYPEAHEAD, site.envelope({"entries": [ENTRY]}))
    site.on(THREADS, site.envelope({"mercury_payload": {"threads": [MERCURY]}}))
    assert [user.user_id for user in api.get_user_id("bea")] == [ANN]
    assert [thread.thread_id for thread in api.search_for_thread("night")] == [GROUP]


def test_chats_by_task(api: Api, site: Any, link: Any) -> None:
    """Each is looked up, all in one request; what cannot be has what the search told."""
    link.answer_tasks(GROUP_HIT, hit("8", 1, "Bea Sample", at=1, other=ANN), hit("9", 6, "Elsewhere", at=2))
    site.on(BATCH, threads(site, GROUP))
    group, person = api.search_for_thread("night")
    assert (group.thread_id, group.name, group.unread_count) == (GROUP, "Night shift", 2)
    assert (person.thread_id, person.name, person.image_src) == (ANN, "Bea Sample", "https://cdn.test/x")
    assert person.to_dict()["isCanonical"] and person.to_dict()["participantIDs"] == []
    queries = json.loads(site.to(BATCH)[0].form["queries"])
    assert [(query["doc_id"], query["query_params"]["id"]) for query in queries.values()] == [
        ("3449967031715030", GROUP),
        ("3449967031715030", ANN),
    ]


def test_chats_that_cannot_be_looked_up_are_still_found(api: Api, site: Any, link: Any) -> None:
    """With id, name, picture and kind; nothing else."""
    link.answer_tasks(GROUP_HIT)
    site.on(BATCH, site.envelope(None, error=1675030))
    (found,) = api.search_for_thread("night")
    assert (found.thread_id, found.is_group, found.name, found.image_src) == (
        GROUP,
        True,
        "Night shift",
        "https://cdn.test/g.jpg",
    )


def test_chats_by_http(api: Api, site: Any) -> None:
    """The older form and its thread, field by field (dossier 3, section 6.3)."""
    site.on(THREADS, site.envelope({"mercury_payload": {"threads": [MERCURY]}}))
    (found,) = api.search_for_thread("Night")
    form = site.to(THREADS)[0].form
    wanted = {"client": "web_messenger", "query": "Night", "offset": "0", "limit": "21", "index": "fbid"}
    assert wanted.items() <= form.items()
    told = found.to_dict()
    assert {name: told[name] for name in ("threadID", "participantIDs", "name", "snippet", "snippetSender")} == {
        "threadID": GROUP,
        "participantIDs": [OWN, ANN],
        "name": "Night shift",
        "snippet": "see you",
        "snippetSender": ANN,
    }
    assert (told["unreadCount"], told["messageCount"], told["timestamp"]) == (2, 340, "1785500000000")
    assert (told["muteSettings"], told["isSubscribed"], told["folder"], told["lastMessageID"]) == (
        None,
        True,
        "inbox",
        "mid.1",
    )
    assert (told["nicknames"], told["color"], told["adminIDs"]) == ({ANN: "Bee"}, "#ff7e29", [OWN])
    assert told["isGroup"] and not told["isCanonical"] and told["canReply"] and told["imageSrc"] is None


@pytest.mark.parametrize("payload", [None, [], {}, {"entries": []}, {"mercury_payload": {}}])
def test_nothing_found_is_told(api: Api, site: Any, payload: Any) -> None:
    """As documented: an error, not an empty list."""
    site.on(TYPEAHEAD, site.envelope(payload))
    site.on(THREADS, site.envelope(payload))
    for search in (api.get_user_id, api.search_for_thread):
        with pytest.raises(Refused, match="not found") as caught:
            search("nobody")
        assert caught.value.reason == "not-found"


def test_nothing_found_by_task_is_told(api: Api, site: Any, link: Any) -> None:
    """And not looked for the older way."""
    link.answer_tasks([5, "updateSearchQueryStatus", "q"])
    for search in (api.get_user_id, api.search_for_thread):
        with pytest.raises(Refused, match="not found"):
            search("nobody")
    assert site.to(TYPEAHEAD) == site.to(THREADS) == site.to(BATCH) == []


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_a_name_must_be_a_text(api: Api, site: Any, name: Any) -> None:
    """Before the network."""
    site.asked.clear()
    for search in (api.get_user_id, api.search_for_thread):
        with pytest.raises(BadArgument, match="name"):
            search(name)
    assert site.asked == []


@pytest.mark.parametrize("payload", [{"entries": [5]}, {"entries": [{"type": "user"}]}])
def test_an_answer_that_cannot_be_read(api: Api, site: Any, payload: Any) -> None:
    """Never another exception."""
    site.on(TYPEAHEAD, site.envelope(payload))
    with pytest.raises(BadAnswer):
        api.get_user_id("bea")


@pytest.mark.parametrize("nested", [False, True])
def test_friends_have_the_documented_keys(api: Api, site: Any, nested: bool) -> None:
    """The eleven of section 3.7, in either shape of the answer."""
    site.on(FRIENDS, site.envelope({"profiles": {ANN: PROFILE}} if nested else {ANN: PROFILE}))
    (friend,) = api.get_friends_list()
    assert friend.to_dict() == {
        "alternateName": "",
        "firstName": "Bea",
        "gender": "female_singular",
        "userID": ANN,
        "isFriend": True,
        "fullName": "Bea Sample",
        "profilePicture": "https://cdn.test/b50.jpg",
        "type": "friend",
        "profileUrl": "https://www.facebook.com/bea.sample",
        "vanity": "bea.sample",
        "isBirthday": False,
    }
    (asked,) = site.to(FRIENDS)
    assert asked.query == {"viewer": OWN} and asked.form["viewer"] == OWN


def test_who_is_no_person_is_no_friend(api: Api, site: Any) -> None:
    """Pages and id 0 are left out, people who are no friends are not; what is missing is empty."""
    profiles = {
        "1": {"id": 0, "type": "user"},
        "2": {"id": "2", "type": "page", "name": "Shop"},
        "3": {"id": "fbid:3", "type": "user", "gender": 99},
    }
    site.on(FRIENDS, site.envelope(profiles))
    (friend,) = api.get_friends_list()
    told = friend.to_dict()
    assert (told["userID"], told["isFriend"], told["gender"]) == ("3", False, "unknown")
    assert {told[name] for name in ("alternateName", "firstName", "fullName", "profilePicture", "vanity")} == {""}


@pytest.mark.parametrize(
    ("number", "word"),
    list(
        enumerate(
            "unknown female_singular male_singular female_singular_guess male_singular_guess mixed neuter_singular "
            "unknown_singular female_plural male_plural neuter_plural unknown_plural".split()
        )
    ),
)
def test_the_words_of_genders(api: Api, site: Any, number: int, word: str) -> None:
    """The table of section 3.7."""
    site.on(FRIENDS, site.envelope({ANN: {**PROFILE, "gender": number}}))
    assert api.get_friends_list()[0].gender == word


def test_nobody_is_a_friend(api: Api, site: Any) -> None:
    """An empty list, which the wire may write as either."""
    site.on(FRIENDS, site.envelope([]), site.envelope({}))
    assert api.get_friends_list() == [] and api.get_friends_list() == []


@pytest.mark.parametrize("fault", [{"error": 1357031}, {}])
def test_the_page_of_friends_stands_in(api: Api, site: Any, fault: dict[str, Any]) -> None:
    """After a no, or an answer without profiles."""
    node = {
        "id": "YXBwX2l0ZW0=",
        "node": {"id": ANN},
        "title": {"text": "Bea Sample"},
        "image": {"uri": "https://cdn.test/b.jpg"},
        "subtitle_text": {"text": "x"},
        "url": "https://www.facebook.com/bea.sample",
    }
    edges = {"pageItems": {"edges": [{"node": node}]}}
    section = {"node": {"all_collections": {"nodes": [{"style_renderer": {"collection": edges}}]}}}
    site.on(FRIENDS, site.envelope(None, **fault))
    site.on("/api/graphql/", site.respond(json.dumps({"data": section})))
    (friend,) = api.get_friends_list()
    assert (friend.user_id, friend.full_name, friend.first_name) == (ANN, "Bea Sample", "Bea")
    assert (friend.is_friend, friend.gender, friend.profile_picture) == (True, "unknown", "https://cdn.test/b.jpg")
    form = site.to("/api/graphql/")[0].form
    variables = json.loads(form["variables"])
    assert form["doc_id"] == "24492266383698794" and variables["userID"] == OWN
    assert base64.b64decode(variables["sectionToken"]).decode() == f"app_section:{OWN}:2356318349"


def test_a_page_of_friends_that_cannot_be_read(api: Api, site: Any) -> None:
    """Never another exception."""
    site.on(FRIENDS, site.envelope(None, error=1357031))
    site.on("/api/graphql/", site.respond('{"data":{"node":null}}'))
    with pytest.raises(BadAnswer):
        api.get_friends_list()


PRESENCE = [
    {"u": int(ANN), "p": 2, "c": 9961482, "vc": 10},
    {"u": int(BEN), "p": 0, "l": 1785499000},
    {"u": 100000000000004, "p": 1},
    {"u": 100000000000005, "p": 3},
    {"u": 100000000000006, "p": 0},
]


def test_who_is_online(api: Api, link: Any, clock: Any) -> None:
    """The folded lists; a time is told where it is known (dossier 2, section 13.3)."""
    link.push("/orca_presence", {"list_type": "full", "list": PRESENCE})
    now_ms = clock.time_ms()
    found = {user.user_id: user for user in api.get_online_users()}
    assert found[ANN].to_dict() == {"lastActive": now_ms, "userID": ANN, "status": "active"}
    assert found[BEN] == OnlineUser(BEN, "offline", 1785499000000)
    assert [user.status for user in found.values()] == ["active", "offline", "idle", "mobile", "offline"]
    assert found["100000000000006"].last_active_ms is None
    link.push("/orca_presence", {"list_type": "inc", "list": [{"u": int(BEN), "p": 2}]})
    assert {user.user_id: user.status for user in api.get_online_users()}[BEN] == "active"


def test_the_first_list_is_waited_for(api: Api, link: Any, clock: Any) -> None:
    """For 5 s; then there is what there is."""
    found: list[list[OnlineUser]] = []
    asking = threading.Thread(target=lambda: found.append(api.get_online_users()))
    asking.start()
    while asking.is_alive():
        clock.advance(0.5)
        asking.join(0.002)
    assert found == [[]]


def test_presence_needs_a_socket(api: Api, site: Any) -> None:
    """It says what to do."""
    site.asked.clear()
    with pytest.raises(NetworkError, match="call listen first"):
        api.get_online_users()
    assert site.asked == []
