"""The legacy ways to search, by raw requests (dossier 3, sections 3.4 and 3.5)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

BOT, ANN, BEN, CHLOE, DAN = (f"10000000000000{n}" for n in "12345")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"


def typeahead(account: Any, value: str) -> dict[str, Any]:
    query = {
        "value": value,
        "viewer": account.id,
        "rsp": "search",
        "context": "search",
        "path": "/home.php",
        "request_id": "6f1b2c3d-0000-4000-8000-000000000001",
        "__user": account.id,
        "__a": "1",
    }
    body = account.get("/ajax/typeahead/search.php", urlencode(query)).body
    answer: dict[str, Any] = json.loads(body.removeprefix(b"for (;;);"))
    return answer


def test_typeahead(bot: Any) -> None:
    """People by a part of their name in any case, friends first, each with the keys of the legacy entry."""
    entries = typeahead(bot, "N")["payload"]["entries"]
    assert [entry["uid"] for entry in entries] == [int(ANN), int(BEN), int(DAN)]
    expected = {
        "text": "Ann",
        "path": "https://www.facebook.com/ann",
        "index_rank": 0,
        "is_verified": False,
        "category": "Friend",
        "type": "user",
    }
    assert expected.items() <= entries[0].items()
    assert entries[0]["photo"].startswith("https://www.facebook.com/")
    assert entries[0]["score"] > entries[1]["score"] > entries[2]["score"]


def test_typeahead_without_a_hit(bot: Any) -> None:
    """Nothing found is an empty list; nothing asked and nobody asking are refused."""
    assert typeahead(bot, "zzz")["payload"]["entries"] == []
    assert typeahead(bot, "")["error"] == 1357031
    bot.cookie = ""
    assert typeahead(bot, "ann")["error"] == 1357001


def threads(account: Any, query: str, **more: str) -> dict[str, Any]:
    form = {"client": "web_messenger", "query": query, "offset": "0", "limit": "21", "index": "fbid", **more}
    payload: dict[str, Any] = account.post("/ajax/mercury/search_threads.php", form)["payload"]["mercury_payload"]
    return payload


def test_search_threads(bot: Any, ann: Any) -> None:
    """Threads with something in them, as legacy thread objects (dossier 3, section 6.3)."""
    ann.send("hi", other_user_fbid=BOT)
    found = threads(bot, "n")["threads"]
    assert [thread["thread_fbid"] or thread["other_user_fbid"] for thread in found] == [ANN, FRIENDS]
    direct, group = found
    expected = {
        "is_canonical": True,
        "canonical_fbid": ANN,
        "snippet": "hi",
        "snippet_sender": f"fbid:{ANN}",
        "unread_count": 1,
        "message_count": 1,
        "is_archived": False,
        "folder": "inbox",
        "can_reply": True,
    }
    assert expected.items() <= direct.items()
    assert (group["name"], group["is_canonical"]) == ("Friends", False)
    assert group["participants"] == [f"fbid:{person}" for person in (BOT, ANN, BEN, CHLOE)]


def test_search_threads_by_page(bot: Any, ann: Any) -> None:
    """Offset and limit cut the list."""
    ann.send("hi", other_user_fbid=BOT)
    assert [thread["thread_fbid"] for thread in threads(bot, "n", offset="1", limit="1")["threads"]] == [FRIENDS]


def test_search_threads_without_a_hit(bot: Any) -> None:
    """Nothing found is a missing key."""
    assert threads(bot, "zzz") == {}


def test_user_info_by_key(bot: Any) -> None:
    """The ids may stand under any key."""
    profiles = bot.post("/chat/user_info/", {f"ids[{ANN}]": ANN})["payload"]["profiles"]
    assert list(profiles) == [ANN]


def test_contact(bot: Any) -> None:
    """Task 207 tells whether somebody is a friend, and their gender's number (dossier 3, section 6.4)."""
    for person, relationship in ((ANN, 3), (CHLOE, 2)):
        answer = bot.socket().ask(("207", {"contact_id": int(person)}))
        (row,) = [call[1:] for call in answer if call[0] == "deleteThenInsertContact"]
        assert (row[0], row[14], row[39]) == (int(person), 0, relationship)


def test_friends_of_a_profile(bot: Any) -> None:
    """The query of the friends' section tells friends only, and one's own only (dossier 3, section 3.7)."""
    variables = {"collectionToken": None, "scale": 2, "useDefaultActor": False, "userID": BOT}
    form = {"doc_id": "24492266383698794", "variables": json.dumps(variables)}
    data = json.loads(bot.raw_post("/api/graphql/", form).body)["data"]
    collection = data["node"]["all_collections"]["nodes"][0]["style_renderer"]["collection"]
    nodes = [edge["node"] for edge in collection["pageItems"]["edges"]]
    assert [(node["id"], node["title"]["text"]) for node in nodes] == [(ANN, "Ann"), (BEN, "Ben")]
    assert nodes[0]["url"] == "https://www.facebook.com/ann"
    form["variables"] = json.dumps({**variables, "userID": ANN})
    assert json.loads(bot.raw_post("/api/graphql/", form).body)["errors"][0]["code"] == 1357031
