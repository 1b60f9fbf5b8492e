"""The queries of 2016 by raw forms (dossier 3, sections 3.1 to 3.3 and 6.3)."""

from __future__ import annotations

from typing import Any

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
LIST, INFO = "/ajax/mercury/threadlist_info.php", "/ajax/mercury/thread_info.php"


def test_list(bot: Any, ann: Any) -> None:
    """A slice of the inbox; an empty folder has no `threads` at all."""
    ann.send("ping", other_user_fbid=BOT)
    form = {"client": "mercury", "inbox[offset]": "0", "inbox[limit]": "10"}
    group, direct = sorted(bot.post(LIST, form)["payload"]["threads"], key=lambda thread: thread["is_canonical"])
    assert (group["thread_fbid"], group["name"], group["participants"][0]) == (FRIENDS, "Friends", f"fbid:{BOT}")
    assert (direct["other_user_fbid"], direct["snippet"], direct["unread_count"]) == (ANN, "ping", 1)
    assert len(bot.post(LIST, {**form, "inbox[offset]": "1"})["payload"]["threads"]) == 1
    assert bot.post(LIST, {"pending[offset]": "0", "pending[limit]": "10"})["payload"] == {}
    assert bot.post(LIST, {"client": "mercury"})["error"] == 1357031
    assert bot.post(LIST, {"inbox[offset]": "x"})["error"] == 1357031


def test_archived(bot: Any) -> None:
    """The archive has a name of its own."""
    bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "true"})
    (thread,) = bot.post(LIST, {"action:archived[offset]": "0", "action:archived[limit]": "5"})["payload"]["threads"]
    assert thread["is_archived"] is True


def test_threads_by_id(bot: Any, ann: Any) -> None:
    """Groups and people by id; what does not exist is left out."""
    ann.send("ping", other_user_fbid=BOT)
    form = {"threads[user_ids][0]": ANN, "threads[thread_fbids][0]": FRIENDS, "threads[thread_fbids][1]": "55"}
    threads = bot.post(INFO, form)["payload"]["threads"]
    assert [thread["thread_fbid"] or thread["other_user_fbid"] for thread in threads] == [ANN, FRIENDS]


def test_messages(bot: Any, ann: Any) -> None:
    """Messages oldest first, the newest skipped by `offset`; log entries have their own kind."""
    ann.send("one", thread_fbid=FRIENDS)
    bot.post("/messaging/set_thread_name/", {"thread_id": FRIENDS, "thread_name": "Crew"})
    ann.send("two", thread_fbid=FRIENDS)
    key = f"messages[thread_fbids][{FRIENDS}]"
    actions = bot.post(INFO, {f"{key}[offset]": "0", f"{key}[timestamp]": "", f"{key}[limit]": "3"})["payload"][
        "actions"
    ]
    assert [action.get("body", action.get("log_message_type")) for action in actions] == [
        "one",
        "log:thread-name",
        "two",
    ]
    assert actions[1]["log_message_data"] == {"name": "Crew"}
    assert (actions[0]["author"], actions[0]["group_thread_info"]["name"]) == (f"fbid:{ANN}", "Crew")
    older = {f"{key}[offset]": "1", f"{key}[timestamp]": str(actions[1]["timestamp"]), f"{key}[limit]": "1"}
    (action,) = bot.post(INFO, older)["payload"]["actions"]
    assert action["body"] == "one"
    assert "actions" not in bot.post(INFO, {f"messages[user_ids][{BEN}][limit]": "3"})["payload"]
