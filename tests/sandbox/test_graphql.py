"""The query batch by raw forms (dossier 3, sections 2.4, 3.1 to 3.3, 5.6; dossier 2, section 2.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"


def ask(account: Any, **queries: object) -> list[Any]:
    response = account.raw_post("/api/graphqlbatch/", {"queries": json.dumps(queries)})
    assert not response.body.startswith(b"for")
    return [json.loads(line) for line in response.body.split(b"\r\n")]


def query(doc_id: str, **params: object) -> dict[str, object]:
    return {"doc_id": doc_id, "query_params": params}


def thread_list(limit: int, **more: object) -> dict[str, object]:
    return query("3426149104143726", limit=limit, before=None, tags=["INBOX"], includeSeqID=False, **more)


@pytest.mark.parametrize("doc_id", ["1349387578499440", "3336396659757871", "3426149104143726"])
@pytest.mark.parametrize("limit", [0, 1, 50])
@pytest.mark.parametrize("key", ["o0", "q0"])
def test_sequence_id(bot: Any, doc_id: str, limit: int, key: str) -> None:
    """Every list query gives the sequence id, under the key that was asked with."""
    params = {"limit": limit, "before": None, "tags": ["INBOX"], "includeSeqID": True}
    answer, tally = ask(bot, **{key: query(doc_id, **params)})
    threads = answer[key]["data"]["viewer"]["message_threads"]
    assert threads["sync_sequence_id"] == str(bot.position())
    assert len(threads["nodes"]) <= limit
    assert tally == {"successful_results": 1, "error_results": 0, "skipped_results": 0}


def test_thread_list(bot: Any, ann: Any) -> None:
    """Threads with messages, the newest first; people by `edges`."""
    ann.send("ping", other_user_fbid=BOT)
    answer, _ = ask(bot, o0=thread_list(10))
    nodes = answer["o0"]["data"]["viewer"]["message_threads"]["nodes"]
    assert [node["thread_key"] for node in nodes] == [
        {"thread_fbid": None, "other_user_id": ANN},
        {"thread_fbid": FRIENDS, "other_user_id": None},
    ]
    assert (nodes[0]["unread_count"], nodes[0]["thread_type"], nodes[0]["name"]) == (1, "ONE_TO_ONE", None)
    assert nodes[0]["last_message"]["nodes"][0]["snippet"] == "ping"
    people = [edge["node"]["messaging_actor"]["id"] for edge in nodes[1]["all_participants"]["edges"]]
    assert people == [BOT, ANN, BEN, CHLOE]


def test_thread_list_before(bot: Any, ann: Any) -> None:
    """`before` is inclusive and may be a text; a limit cuts."""
    ann.send("ping", other_user_fbid=BOT)
    nodes = ask(bot, o0=thread_list(1))[0]["o0"]["data"]["viewer"]["message_threads"]["nodes"]
    assert len(nodes) == 1
    params = {"limit": 5, "before": nodes[0]["updated_time_precise"], "tags": ["INBOX"]}
    again = ask(bot, o0=query("3426149104143726", **params))[0]["o0"]["data"]["viewer"]["message_threads"]["nodes"]
    assert again[0]["thread_key"] == nodes[0]["thread_key"]
    assert len(again) == 2


@pytest.mark.parametrize(("tags", "count"), [([""], 1), ("INBOX", 1), (["ARCHIVED"], 0), (["PENDING"], 0)])
def test_thread_list_by_folder(bot: Any, tags: object, count: int) -> None:
    """Everything is in the inbox; the other folders are empty."""
    answer, _ = ask(bot, o0=query("3336396659757871", limit=5, before=None, tags=tags))
    assert len(answer["o0"]["data"]["viewer"]["message_threads"]["nodes"]) == count


@pytest.mark.parametrize(("doc_id", "shape"), [("3449967031715030", "edges"), ("2147762685294928", "nodes")])
def test_thread_info(bot: Any, doc_id: str, shape: str) -> None:
    """One thread; the participants' shape depends on the query's age."""
    params = {"id": FRIENDS, "message_limit": 0, "load_messages": False, "load_read_receipts": False, "before": None}
    node = ask(bot, o0=query(doc_id, **params))[0]["o0"]["data"]["message_thread"]
    assert (node["name"], node["thread_type"], node["messages_count"]) == ("Friends", "GROUP", 1)
    assert len(node["all_participants"][shape]) == 4
    actor = node["all_participants"][shape][1]
    actor = actor.get("node", actor)["messaging_actor"]
    assert {
        "id": ANN,
        "short_name": "Ann",
        "gender": "FEMALE",
        "username": "ann",
        "is_viewer_friend": True,
    }.items() <= (actor.items())


@pytest.mark.parametrize("thread", ["7000000000000099", ANN, "x"])
def test_info_of_no_thread(bot: Any, thread: str) -> None:
    """Unknown threads, and people one never wrote with, are null without an error."""
    answer, tally = ask(bot, o0=query("3449967031715030", id=thread))
    assert answer["o0"]["data"] == {"message_thread": None}
    assert tally["error_results"] == 0


def test_info_for_a_stranger(chloe: Any, bot: Any) -> None:
    """A group one is not in is no thread."""
    bot.send("x", thread_fbid=STANDUP)
    assert ask(chloe, o0=query("3449967031715030", id=STANDUP))[0]["o0"]["data"] == {"message_thread": None}


@pytest.mark.parametrize("doc_id", ["1498317363570230", "1860982147341344"])
def test_history(bot: Any, ann: Any, doc_id: str) -> None:
    """Messages oldest first, with read receipts when asked for."""
    sent = ann.send("hello", "7412281402983798101", thread_fbid=FRIENDS)["payload"]["actions"][0]
    ann.send("later", thread_fbid=FRIENDS)
    params = {"id": FRIENDS, "message_limit": 2, "load_messages": 1, "load_read_receipts": True, "before": None}
    node = ask(bot, o0=query(doc_id, **params))[0]["o0"]["data"]["message_thread"]
    first, second = node["messages"]["nodes"]
    assert (first["message"]["text"], second["message"]["text"]) == ("hello", "later")
    assert first["message_id"] == sent["message_id"]
    assert (first["__typename"], first["message_sender"], first["unread"]) == ("UserMessage", {"id": ANN}, True)
    assert [receipt["actor"]["id"] for receipt in node["read_receipts"]["nodes"]] == [ANN, BEN, CHLOE]


def test_history_page(bot: Any, ann: Any) -> None:
    """`before` repeats its message as the last one of the page."""
    ann.send("one", thread_fbid=FRIENDS)
    two = ann.send("two", thread_fbid=FRIENDS)["payload"]["actions"][0]["timestamp"]
    ann.send("three", thread_fbid=FRIENDS)
    params = {"id": FRIENDS, "message_limit": 2, "load_messages": True, "before": str(two)}
    node = ask(bot, o0=query("1498317363570230", **params))[0]["o0"]["data"]["message_thread"]
    assert [message["message"]["text"] for message in node["messages"]["nodes"]] == ["one", "two"]


def test_history_of_a_new_group(bot: Any) -> None:
    """The line about a new group is a node of its own kind."""
    people = {"specific_to_list[0]": f"fbid:{ANN}", "specific_to_list[1]": f"fbid:{BEN}"}
    group = bot.send("hi", **people)["payload"]["actions"][0]["thread_fbid"]
    params = {"id": group, "message_limit": 5, "load_messages": 1}
    log, _ = ask(bot, o0=query("1498317363570230", **params))[0]["o0"]["data"]["message_thread"]["messages"]["nodes"]
    assert log["__typename"] == "ParticipantsAddedMessage"
    assert log["participants_added"] == [{"id": ANN}, {"id": BEN}]
    assert log["snippet"] == "Bot created the group."


def test_history_of_an_encrypted_chat(ann: Any) -> None:
    """Its messages are not visible here."""
    ann.control("POST", "send", {"as": "Ann", "thread": "Chloe", "text": "secret"})
    params = {"id": CHLOE, "message_limit": 5, "load_messages": 1}
    node = ask(ann, o0=query("1498317363570230", **params))[0]["o0"]["data"]["message_thread"]
    assert (node["messages"]["nodes"], node["folder"]) == ([], "E2EE_CUTOVER")
    assert node["last_message"]["nodes"][0]["snippet"] == ""


@pytest.mark.parametrize("doc_id", ["2848441488556444", "1768656253222505"])
def test_one_message(bot: Any, doc_id: str) -> None:
    """One message by thread and id; another thread's is refused."""
    mid = bot.send("hello", thread_fbid=FRIENDS)["payload"]["actions"][0]["message_id"]
    asked = {"thread_id": FRIENDS, "message_id": mid}
    answer, _ = ask(bot, o0=query(doc_id, thread_and_message_id=asked))
    assert answer["o0"]["data"]["message"]["message"]["text"] == "hello"
    answer, tally = ask(bot, o0=query(doc_id, thread_and_message_id={**asked, "thread_id": STANDUP}))
    assert (answer["o0"]["errors"][0]["code"], tally["error_results"]) == (1357031, 1)


def test_one_bad_query_among_good_ones(bot: Any) -> None:
    """An unknown doc_id is an error of its own key; the others are answered."""
    good, bad, tally = ask(bot, o0=query("3449967031715030", id=FRIENDS), o1=query("42"))
    assert good["o0"]["data"]["message_thread"]["name"] == "Friends"
    assert bad["o1"]["data"] is None
    assert bad["o1"]["errors"][0]["code"] == 1675030
    assert tally == {"successful_results": 1, "error_results": 1, "skipped_results": 0}


@pytest.mark.parametrize("params", [{"limit": "many"}, {"limit": 5, "before": "now"}, {"limit": True}])
def test_bad_parameters(bot: Any, params: dict[str, object]) -> None:
    """Wrong values are an error of their query."""
    assert ask(bot, o0=query("3426149104143726", **params))[0]["o0"]["errors"]


def test_queries_that_are_not_json(bot: Any) -> None:
    """A bad batch is refused in the guarded envelope."""
    assert bot.post("/api/graphqlbatch/", {"queries": "[1"})["error"] == 1357031
    assert bot.post("/api/graphqlbatch/", {"queries": "[1]"})["error"] == 1357031


def test_every_key_of_a_thread(bot: Any) -> None:
    """The whole node of dossier 3, section 6.1, and the actor in it."""
    node = bot.thread(FRIENDS)
    keys = """thread_key name last_message unread_count messages_count image updated_time_precise mute_until
        is_viewer_subscribed folder has_viewer_archived cannot_reply_reason customization_info thread_theme
        thread_admins approval_mode group_approval_queue joinable_mode event_reminders last_read_receipt thread_type
        reactions_mute_mode mentions_mute_mode participant_add_mode_as_string description montage_thread rtc_call_data
        is_pinned is_pin_protected pinned_messages customization_enabled thread_queue_enabled is_canonical_neo_user
        is_page_follow_up ephemeral_ttl_mode privacy_mode associated_object related_page_thread page_comm_item
        participants_event_status all_participants"""
    assert set(node) == set(keys.split())
    assert node["rtc_call_data"]["call_state"] == "NO_ONGOING_CALL"
    actor = node["all_participants"]["edges"][0]["node"]["messaging_actor"]
    actor_keys = """__typename id name short_name username gender url big_image_src is_viewer_friend is_messenger_user
        is_verified is_message_blocked_by_viewer is_viewer_coworker is_employee"""
    assert set(actor) == set(actor_keys.split())
    last = node["last_message"]["nodes"][0]
    assert "message_id" not in last
    assert set(last) == {
        "snippet",
        "message_sender",
        "timestamp_precise",
        "commerce_message_type",
        "extensible_attachment",
        "sticker",
        "blob_attachments",
    }


def test_encrypted_folder(ann: Any) -> None:
    """An encrypted chat is told by its folder, and its history is empty."""
    ann.control("POST", "send", {"as": "Chloe", "thread": "Ann", "text": "secret"})
    node = ann.thread(CHLOE)
    assert (node["folder"], node["last_message"]["nodes"][0]["snippet"]) == ("E2EE_CUTOVER", "")
    assert ann.history(CHLOE) == []
    params = {"limit": 5, "before": None, "tags": ["E2EE_CUTOVER"]}
    (found,) = ann.batch("3426149104143726", **params)["viewer"]["message_threads"]["nodes"]
    assert found["thread_key"]["other_user_id"] == CHLOE


def found(account: Any, text: str, name: str) -> Any:
    """What the data of a search by query text is."""
    params = {"search": name, "limit": 10}
    answer, _ = ask(account, q0={"priority": 0, "q": text, "query_params": params})
    return answer["q0"]["data"]


def test_text_query_for_people(bot: Any) -> None:
    """A search that is spelt out and narrowed to people answers under the text searched for and `users`."""
    text = (
        "Query SearchUser() { entities_named(<search>) { search_results.of_type(user).first(<limit>) as users { } } }"
    )
    [ann] = found(bot, text, "ann")["ann"]["users"]["nodes"]
    assert (ann["id"], ann["first_name"], ann["gender"], ann["is_viewer_friend"]) == (ANN, "Ann", "FEMALE", True)
    assert found(bot, text, "friends")["friends"]["users"]["nodes"] == []


def test_text_query_for_groups(bot: Any) -> None:
    """A search for a thread's name answers under `groups` (dossier 3, section 3.4)."""
    text = "Query SearchGroup() { viewer() { message_threads.with_thread_name(<search>).last(<limit>) as groups { } } }"
    [group] = found(bot, text, "FRIEND")["viewer"]["groups"]["nodes"]
    assert (group["thread_key"]["thread_fbid"], group["name"]) == (FRIENDS, "Friends")
    assert "last_message" not in group


def test_text_query_for_everything(bot: Any) -> None:
    """A search that is not narrowed answers under `threads`, people first (dossier 3, section 3.4)."""
    text = "Query SearchThread() { entities_named(<search>) { search_results.first(<limit>) as threads { } } }"
    nodes = found(bot, text, "n")["n"]["threads"]["nodes"]
    kinds = [node["__typename"] for node in nodes]
    assert kinds[0] == "User"
    assert kinds[-1] == "MessageThread"


def test_unknown_text_query(bot: Any) -> None:
    """Any other text is an error of the query."""
    answer, tally = ask(bot, q0={"q": "Query Feed() { }", "query_params": {}})
    assert answer["q0"]["errors"][0]["code"] == 1675030
    assert tally["error_results"] == 1


def test_reactions_of_a_line(bot: Any) -> None:
    """Also a line about a change has a list of reactions, as fbchat reads one in every message."""
    bot.post("/messaging/set_thread_name/", {"thread_id": FRIENDS, "thread_name": "Lake"})
    params = {"id": FRIENDS, "message_limit": 1, "load_messages": True, "before": None}
    answer, _ = ask(bot, o0=query("1860982147341344", **params))
    [line] = answer["o0"]["data"]["message_thread"]["messages"]["nodes"]
    assert (line["__typename"], line["message_reactions"]) == ("ThreadNameMessage", [])
