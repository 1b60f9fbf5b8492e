"""What is everybody's own of a thread: archive, mute, deletion, message requests, blocking (dossier 3, 4.8 to 5.5)."""

from __future__ import annotations

from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
NOW_S = 1767225600


def listed(account: Any, *tags: str) -> list[str]:
    """The ids of the threads in a folder, newest first."""
    params = {"limit": 20, "before": None, "tags": list(tags)}
    keys = [
        node["thread_key"] for node in account.batch("3426149104143726", **params)["viewer"]["message_threads"]["nodes"]
    ]
    return [key["thread_fbid"] or key["other_user_id"] for key in keys]


def test_archive(bot: Any, ann: Any) -> None:
    """An archived thread is in the archive alone, and only the own sockets hear of it."""
    mine, hers = bot.listen(), ann.listen()
    answer = bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "true"})
    assert answer["payload"] is None
    (delta,) = mine.deltas()
    assert (delta["class"], delta["threadKey"]) == ("ThreadAction", {"threadFbId": FRIENDS})
    assert hers.deltas() == []
    assert (listed(bot, "INBOX"), listed(bot, "ARCHIVED"), listed(bot, "ARCHIVE")) == ([], [FRIENDS], [FRIENDS])
    assert bot.thread(FRIENDS)["has_viewer_archived"] is True
    assert listed(ann, "INBOX") == [FRIENDS]


def test_unarchive(bot: Any, ann: Any) -> None:
    """The switch or a new message takes a thread out of the archive."""
    bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "true"})
    bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "false"})
    assert listed(bot) == [FRIENDS]
    bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "true"})
    ann.send("news", thread_fbid=FRIENDS)
    assert listed(bot) == [FRIENDS]


def test_unread_threads(bot: Any, ann: Any) -> None:
    """The second tag `unread` leaves out what was read."""
    assert listed(bot, "INBOX", "unread") == []
    ann.send("news", thread_fbid=FRIENDS)
    assert listed(bot, "INBOX", "unread") == [FRIENDS]


def test_pinned_thread(bot: Any) -> None:
    """The call that one client makes beside archiving."""
    bot.post("/ajax/mercury/change_pinned_status.php", {f"ids[{FRIENDS}]": "true"})
    assert bot.thread(FRIENDS)["is_pinned"] is True


@pytest.mark.parametrize(("setting", "until"), [("600", NOW_S + 600), ("-1", -1), ("0", None)])
def test_mute(bot: Any, setting: str, until: int | None) -> None:
    """The form counts seconds; -1 is for ever, 0 not at all."""
    bot.post("/ajax/mercury/change_mute_thread.php", {"thread_fbid": FRIENDS, "mute_settings": "60"})
    mine = bot.listen()
    answer = bot.post("/ajax/mercury/change_mute_thread.php", {"thread_fbid": FRIENDS, "mute_settings": setting})
    assert answer["payload"] is None
    (delta,) = mine.deltas()
    assert (delta["class"], delta["actorFbId"], delta["expireTime"]) == ("ThreadMuteSettings", BOT, str(until or 0))
    assert bot.thread(FRIENDS)["mute_until"] == until


@pytest.mark.parametrize(
    ("given", "until"),
    [
        ((NOW_S + 60) * 1000, NOW_S + 60),
        (60_000, NOW_S + 60),
        (-1, -1),
        (0, None),
        (str((NOW_S + 60) * 1000), NOW_S + 60),
    ],
)
def test_mute_by_task(bot: Any, given: object, until: int | None) -> None:
    """The task gives a point in time; a small number is a duration."""
    calls = bot.socket().ask(("144", {"thread_key": int(FRIENDS), "mailbox_type": 0, "mute_expire_time_ms": given}))
    assert calls[0][:2] == ["updateThreadMuteSetting", int(FRIENDS)]
    assert bot.thread(FRIENDS)["mute_until"] == until


def test_mute_ends(bot: Any, clock: Any) -> None:
    """A mute that is over is none."""
    bot.post("/ajax/mercury/change_mute_thread.php", {"thread_fbid": FRIENDS, "mute_settings": "60"})
    clock.advance(61)
    assert bot.thread(FRIENDS)["mute_until"] is None


def test_other_mutes(bot: Any) -> None:
    """Reactions, mentions and calls are muted by themselves."""
    bot.post("/ajax/mercury/change_reactions_mute_thread/", {"thread_fbid": FRIENDS, "reactions_mute_mode": "1"})
    bot.post("/ajax/mercury/change_mentions_mute_thread/", {"thread_fbid": FRIENDS, "mentions_mute_mode": "1"})
    node = bot.thread(FRIENDS)
    assert (node["reactions_mute_mode"], node["mentions_mute_mode"]) == ("REACTIONS_MUTED", "MENTIONS_MUTED")
    calls = bot.socket().ask(("229", {"thread_key": int(FRIENDS), "mute_calls_expire_time_ms": -1, "request_id": None}))
    assert calls[-2] == ["mailboxTaskCompletionApiOnTaskCompletion", 0, True]
    assert node["mute_until"] is None


def test_delete_thread(bot: Any, ann: Any) -> None:
    """The own copy is empty and gone from the list; the other members keep theirs; a new message brings it back."""
    ann.send("one", thread_fbid=FRIENDS)
    mine, hers = bot.listen(), ann.listen()
    assert bot.post("/ajax/mercury/delete_thread.php", {"client": "mercury", "ids[0]": FRIENDS})["payload"] is None
    assert [delta["class"] for delta in mine.deltas()] == ["ThreadDelete"]
    assert hers.deltas() == []
    assert (listed(bot), listed(ann)) == ([], [FRIENDS])
    assert bot.batch("3449967031715030", id=FRIENDS, message_limit=0)["message_thread"] is None
    ann.send("two", thread_fbid=FRIENDS)
    assert [node["snippet"] for node in bot.history(FRIENDS)] == ["two"]
    node = bot.thread(FRIENDS)
    assert (node["messages_count"], node["unread_count"]) == (1, 1)


def test_delete_a_chat_of_two(bot: Any, ann: Any) -> None:
    """Also several at once; an unknown one refuses them all."""
    bot.send("hi", other_user_fbid=ANN)
    assert bot.post("/ajax/mercury/delete_thread.php", {"ids[0]": ANN, "ids[1]": "55"})["error"] == 1357031
    assert listed(bot) == [ANN, FRIENDS]
    bot.post("/ajax/mercury/delete_thread.php", {"ids[0]": ANN, "ids[1]": FRIENDS})
    assert listed(bot) == []
    assert listed(ann) == [BOT, FRIENDS]


def test_message_request(bot: Any, chloe: Any) -> None:
    """A stranger's message waits in PENDING: the log says so and that something can be fetched, not what."""
    mine = bot.listen()
    chloe.send("do you know me?", other_user_fbid=BOT)
    folder, fetch = mine.deltas()
    assert folder == {
        "class": "ThreadFolder",
        "folder": "FOLDER_PENDING",
        "threadKey": {"otherUserFbId": CHLOE},
        "irisSeqId": folder["irisSeqId"],
    }
    assert (fetch["class"], fetch["threadKey"], fetch["isLazy"]) == ("ForcedFetch", {"otherUserFbId": CHLOE}, True)
    assert "messageId" not in fetch
    assert (listed(bot, "INBOX"), listed(bot, "PENDING")) == ([FRIENDS], [CHLOE])
    assert bot.thread(CHLOE)["folder"] == "PENDING"
    assert [node["snippet"] for node in bot.history(CHLOE)] == ["do you know me?"]
    assert listed(chloe, "INBOX") == [BOT, FRIENDS]


def test_accept_by_task(bot: Any, chloe: Any) -> None:
    """Accepted, the thread is in the inbox and messages come as messages."""
    chloe.send("do you know me?", other_user_fbid=BOT)
    mine = bot.listen()
    calls = bot.socket().ask(("66", {"thread_key": int(CHLOE), "sync_group": 95, "ig_folder": None}))
    assert calls[:2] == [
        ["deleteThenInsertMessageRequest", int(CHLOE), 0, 0],
        ["moveThreadToInboxAndUpdateParent", int(CHLOE), -1],
    ]
    assert [delta["folder"] for delta in mine.deltas()] == ["FOLDER_INBOX"]
    chloe.send("thanks", other_user_fbid=BOT)
    assert [delta["class"] for delta in mine.deltas()] == ["NewMessage"]


@pytest.mark.parametrize("path", ["/ajax/mercury/move_thread.php", "/ajax/mercury/move_threads.php"])
def test_accept_and_ignore_by_form(bot: Any, chloe: Any, path: str) -> None:
    """`inbox` accepts, `other` puts aside; both spellings of the address work."""
    chloe.send("do you know me?", other_user_fbid=BOT)
    bot.post(path, {"client": "mercury", "other[0]": CHLOE})
    assert (listed(bot, "OTHER"), listed(bot, "PENDING")) == ([CHLOE], [])
    bot.post(path, {"client": "mercury", "inbox[0]": CHLOE})
    assert CHLOE in listed(bot, "INBOX")
    assert bot.post(path, {"client": "mercury"})["error"] == 1357031


def test_answering_accepts(bot: Any, chloe: Any) -> None:
    """Who answers a message request has accepted it."""
    chloe.send("do you know me?", other_user_fbid=BOT)
    mine = bot.listen()
    bot.send("no", other_user_fbid=CHLOE)
    assert [delta["class"] for delta in mine.deltas()] == ["ThreadFolder", "NewMessage"]
    assert bot.thread(CHLOE)["folder"] == "INBOX"


def test_block(bot: Any, ann: Any) -> None:
    """Neither can write then; both logs say who can answer; unblocked, both can again."""
    bot.send("hi", other_user_fbid=ANN)
    mine, hers = bot.listen(), ann.listen()
    assert bot.post("/messaging/block_messages/", {"fbid": ANN})["payload"] is None
    (own,) = mine.inner_deltas()
    assert own["deltaChangeViewerStatus"] | {"isMsgBlockedByViewerTimestamp": 0} == {
        "threadKey": {"otherUserFbId": int(ANN)},
        "canViewerReply": False,
        "reason": 2,
        "actorFbid": int(BOT),
        "isMsgBlockedByViewer": True,
        "isMsgBlockedByViewerTimestamp": 0,
    }
    (other,) = hers.inner_deltas()
    assert other["deltaChangeViewerStatus"]["threadKey"] == {"otherUserFbId": int(BOT)}
    assert "isMsgBlockedByViewer" not in other["deltaChangeViewerStatus"]
    assert ann.send("hello?", other_user_fbid=BOT)["error"] == 1545010
    node = bot.thread(ANN)
    assert node["cannot_reply_reason"] == "BLOCKED"
    actors = [edge["node"]["messaging_actor"] for edge in node["all_participants"]["edges"]]
    assert [actor["id"] for actor in actors if actor["is_message_blocked_by_viewer"]] == [ANN]
    assert ann.send("but here", thread_fbid=FRIENDS)["payload"]
    assert bot.post("/messaging/unblock_messages/", {"fbid": ANN})["payload"] is None
    assert ann.send("hello again", other_user_fbid=BOT)["payload"]


@pytest.mark.parametrize(("action", "blocked"), [(1, True), (3, True), (0, False), (2, False)])
def test_block_by_task(bot: Any, ann: Any, action: int, blocked: bool) -> None:
    """The task blocks in Messenger (1, 0) or on Facebook (3, 2), which is the same here."""
    bot.post("/messaging/block_messages/", {"fbid": ANN})
    calls = bot.socket().ask(("334", {"blockee_id": ANN, "request_id": "g", "user_block_action": action}))
    assert calls[-2] == ["mailboxTaskCompletionApiOnTaskCompletion", 0, True]
    assert ("error" in ann.send("hello?", other_user_fbid=BOT)) is blocked


def test_typing_of_the_unwanted(bot: Any, ann: Any, chloe: Any) -> None:
    """Nobody sees a blocked person or an unaccepted stranger type."""
    bot.post("/messaging/block_messages/", {"fbid": ANN})
    chloe.send("do you know me?", other_user_fbid=BOT)
    socket = bot.socket("/orca_typing_notifications")
    for person in (ann, chloe):
        assert "error" not in person.post("/ajax/messaging/typ.php", {"typ": "1", "thread": BOT, "to": BOT})
    assert socket.messages() == []
    bot.post("/messaging/unblock_messages/", {"fbid": ANN})
    ann.post("/ajax/messaging/typ.php", {"typ": "1", "thread": BOT, "to": BOT})
    assert [note["sender_fbid"] for note in socket.messages("/orca_typing_notifications")] == [int(ANN)]


def test_block_nobody(bot: Any) -> None:
    """Only people can be blocked."""
    assert bot.post("/messaging/block_messages/", {"fbid": FRIENDS})["error"] == 1357031


def test_seen(bot: Any, ann: Any) -> None:
    """Opening the inbox reaches the own sockets only."""
    mine, hers = bot.listen(), ann.listen()
    assert bot.post("/ajax/mercury/mark_seen.php", {"seen_timestamp": "1"})["payload"] is None
    assert [(delta["class"], delta["folders"]) for delta in mine.deltas()] == [("MarkFolderSeen", ["FOLDER_INBOX"])]
    assert hers.deltas() == []


def test_unknown_threads(bot: Any, chloe: Any) -> None:
    """Unknown: 1357031; never a member: 1545012."""
    assert bot.post("/ajax/mercury/change_archived_status.php", {"ids[55]": "true"})["error"] == 1357031
    assert chloe.post("/ajax/mercury/delete_thread.php", {"ids[0]": STANDUP})["error"] == 1545012
    assert bot.post("/ajax/mercury/change_archived_status.php", {f"ids[{FRIENDS}]": "maybe"})["error"] == 1357031
