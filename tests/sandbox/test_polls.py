"""Polls by form and by task (dossier 3, sections 5.2, 6.2 and 6.4; dossier 2, section 7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
T = int(FRIENDS)
FORM = {
    "target_id": FRIENDS,
    "question_text": "Pizza?",
    "option_text_array[0]": "Yes",
    "option_is_selected_array[0]": "1",
    "option_text_array[1]": "No",
    "option_is_selected_array[1]": "0",
}


def poll_of(delta: dict[str, Any]) -> dict[str, Any]:
    assert (delta["class"], delta["type"]) == ("AdminTextMessage", "group_poll")
    assert all(isinstance(value, str) for value in delta["untypedData"].values())
    question = json.loads(delta["untypedData"]["question_json"])
    assert question["id"] == delta["untypedData"]["question_id"]
    return dict(question)


def test_poll_by_form(bot: Any, ann: Any) -> None:
    """A poll with the asker's vote reaches everybody; each reads their own votes in it."""
    mine, hers = bot.listen(), ann.listen()
    assert bot.post("/messaging/group_polling/create_poll/", FORM)["payload"] == {"status": "success"}
    (own,), (delta,) = mine.deltas(), hers.deltas()
    assert delta["untypedData"]["event_type"] == "question_creation"
    question = poll_of(delta)
    assert (question["text"], question["total_count"], question["viewer_has_voted"]) == ("Pizza?", 1, "false")
    assert [(option["text"], option["voters"]) for option in question["options"]] == [("Yes", [BOT]), ("No", [])]
    assert poll_of(own)["viewer_has_voted"] == "true"
    entry = ann.history(FRIENDS)[-1]
    assert entry["extensible_message_admin_text_type"] == "GROUP_POLL"
    text = entry["extensible_message_admin_text"]
    assert (text["__typename"], text["question"]["text"]) == ("GroupPollExtensibleMessageAdminText", "Pizza?")
    assert text["question"]["options"]["nodes"][0]["voters"]["nodes"] == [{"id": BOT}]


def test_vote_by_form(bot: Any, ann: Any) -> None:
    """A vote says what was added and taken away, new options too."""
    socket = ann.listen()
    bot.post("/messaging/group_polling/create_poll/", FORM)
    question = poll_of(socket.deltas()[0])
    no = question["options"][1]["id"]
    form = {"question_id": question["id"], "selected_options[0]": no, "new_options[0]": "Pasta"}
    assert bot.post("/messaging/group_polling/update_vote/", form)["payload"] == {"status": "success"}
    (delta,) = socket.deltas()
    changed = poll_of(delta)
    assert delta["untypedData"]["event_type"] == "update_vote"
    assert [option["text"] for option in changed["options"]] == ["Yes", "No", "Pasta"]
    assert [option["total_count"] for option in changed["options"]] == [0, 1, 1]
    added = json.loads(delta["untypedData"]["added_option_ids"])
    assert sorted(added) == sorted([no, changed["options"][2]["id"]])
    assert json.loads(delta["untypedData"]["removed_option_ids"]) == [question["options"][0]["id"]]
    options = ann.post("/ajax/mercury/get_poll_options", {"question_id": question["id"]})["payload"]
    assert [option["text"] for option in options] == ["Yes", "No", "Pasta"]


def test_poll_and_vote_by_task(bot: Any, ann: Any) -> None:
    """The tasks answer with the rows of the poll and of the vote."""
    socket = ann.listen()
    payload = {"question_text": "Pizza?", "thread_key": T, "options": ["Yes", "No"], "sync_group": 1}
    poll, yes, no = bot.socket().ask(("163", payload))[:3]
    (delta,) = socket.deltas()
    assert poll == ["addPollForThread", poll[1], T, delta["messageMetadata"]["messageId"], poll[4], 0]
    assert (yes[0], yes[2:4], no[3]) == ("addPollOptionV2", [poll[1], "Yes"], "No")
    vote = {"thread_key": T, "poll_id": poll[1], "added_options": [], "selected_options": [yes[1]], "sync_group": 1}
    calls = ann.socket().ask(("164", vote))
    assert calls[0][:4] == ["addPollVoteV2", yes[1], poll[1], int(ANN)]
    assert poll_of(socket.deltas()[0])["options"][0]["voters"] == [ANN]
    again = {**vote, "added_options": [{"Maybe": 0}], "selected_options": []}
    ann.socket().ask(("164", again))
    assert [option["voters"] for option in poll_of(socket.deltas()[0])["options"]] == [[], [], [ANN]]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"target_id": ANN}, 1545003),
        ({"question_text": ""}, 1357031),
        ({"option_text_array[1]": "Yes"}, 1357031),
        ({"option_text_array[1]": " "}, 1357031),
        ({"question_text": "x" * 1001}, 1357031),
    ],
)
def test_refused_poll(bot: Any, changed: dict[str, str], code: int) -> None:
    """Only groups have polls, with a question and options that differ."""
    assert bot.post("/messaging/group_polling/create_poll/", {**FORM, **changed})["error"] == code


def test_poll_of_others(bot: Any, chloe: Any) -> None:
    """A poll of a group that one is not in does not exist."""
    socket = bot.listen()
    bot.post("/messaging/group_polling/create_poll/", {**FORM, "target_id": STANDUP})
    question = poll_of(socket.deltas()[0])
    assert chloe.post("/ajax/mercury/get_poll_options", {"question_id": question["id"]})["error"] == 1357031
    form = {"question_id": question["id"], "selected_options[0]": "5"}
    assert bot.post("/messaging/group_polling/update_vote/", form)["error"] == 1357031
