"""Lightspeed tasks about threads by raw JSON (dossier 3, sections 4, 5, 6.4, 6.5 and 6.8)."""

from __future__ import annotations

from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
T, S = int(FRIENDS), int(STANDUP)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0"
ORANGE = 175615189761153


def names(calls: list[list[Any]]) -> list[str]:
    return [call[0] for call in calls]


ADMINISTRATION = [
    (
        "32",
        {"thread_key": T, "thread_name": "Night shift", "sync_group": 1},
        ["syncUpdateThreadName", "Night shift", T, "Night shift"],
        "ThreadName",
    ),
    (
        "25",
        {"thread_key": T, "contact_id": int(ANN), "is_admin": 1},
        ["updateThreadParticipantAdminStatus", T, int(ANN), True],
        "change_thread_admins",
    ),
    (
        "28",
        {"thread_key": T, "enabled": 1, "sync_group": 1},
        ["updateThreadApprovalMode", T, True],
        "change_thread_approval_mode",
    ),
    (
        "43",
        {"thread_key": T, "theme_fbid": ORANGE, "source": None, "sync_group": 1, "payload": None},
        ["updateThreadTheme", T, ORANGE, 0],
        "change_thread_theme",
    ),
    (
        "44",
        {"thread_key": T, "contact_id": int(BEN), "nickname": "Bee", "sync_group": 1},
        ["addParticipantIdToGroupThread", T, int(BEN), 0, 0, 0, "Bee", False, None],
        "change_thread_nickname",
    ),
    ("100003", {"thread_key": T, "custom_emoji": "⭐", "sync_group": 1}, None, "change_thread_quick_reaction"),
    (
        "140",
        {"thread_id": T, "contact_id": int(BEN)},
        ["removeParticipantFromThread", T, int(BEN)],
        "ParticipantLeftGroupThread",
    ),
]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("label", "payload", "call", "kind"), ADMINISTRATION, ids=lambda value: str(value)[:12])
def test_administration(
    bot: Any, ann: Any, label: str, payload: dict[str, Any], call: list[Any] | None, kind: str, as_text: bool
) -> None:
    """Each task is answered with its procedure and its completion, and everybody hears; ids may be texts."""
    socket, hers = bot.socket(), ann.listen()
    texts = {key: str(value) if isinstance(value, int) else value for key, value in payload.items()}
    calls = socket.ask((label, texts if as_text else payload))
    if call:
        assert calls[0] == call
    assert calls[-2:] == [["mailboxTaskCompletionApiOnTaskCompletion", 0, True], ["removeTask", 0]]
    (delta,) = hers.deltas()
    assert kind in (delta["class"], delta.get("type"))
    assert delta["messageMetadata"]["actorFbId"] == BOT


def test_add(bot: Any, chloe: Any) -> None:
    """People are added; the answer has a row for each."""
    hers = chloe.listen()
    calls = bot.socket().ask(("23", {"thread_key": S, "contact_ids": [int(CHLOE)], "sync_group": 1}))
    assert calls[0] == ["addParticipantIdToGroupThread", S, int(CHLOE), 0, 0, 0, None, False, None]
    assert hers.deltas()[0]["class"] == "ParticipantsAddedToGroupThread"


def test_image(bot: Any, ann: Any) -> None:
    """A photo by the id of an upload."""
    image, socket = bot.uploaded("a.png", "image/png", PNG), ann.listen()
    calls = bot.socket().ask(("37", {"thread_key": T, "image_id": int(image), "sync_group": 1}))
    assert (calls[0][:2], calls[0][4:]) == (["setThreadImageURL", T], [0, True, True])
    assert calls[0][2] == calls[0][3] == bot.thread(FRIENDS)["image"]["uri"]
    assert socket.deltas()[0]["class"] == "ForcedFetch"


@pytest.mark.parametrize("label", ["1013", "1028", "1037"])
def test_extras_of_the_theme(bot: Any, label: str) -> None:
    """The other tasks that some clients send with a theme do nothing."""
    socket = bot.listen()
    calls = bot.socket().ask((label, {"thread_key": T, "theme_fbid": ORANGE, "sync_group": 1}))
    assert calls == [["mailboxTaskCompletionApiOnTaskCompletion", 0, True]]
    assert socket.deltas() == []


@pytest.mark.parametrize(
    ("label", "payload", "code"),
    [
        ("32", {"thread_key": int(ANN), "thread_name": "x"}, 1545003),
        ("32", {"thread_key": 7000000000000009, "thread_name": "x"}, 1357031),
        ("32", {"thread_name": "x"}, 1357031),
        ("23", {"thread_key": int(ANN), "contact_ids": [int(BEN)]}, 1545003),
        ("23", {"thread_key": T, "contact_ids": "x"}, 1357031),
        ("140", {"thread_id": S, "contact_id": int(CHLOE)}, 1545014),
        ("140", {"thread_id": int(ANN), "contact_id": int(ANN)}, 1545003),
        ("25", {"thread_key": int(ANN), "contact_id": int(ANN), "is_admin": 1}, 1545003),
        ("25", {"thread_key": T, "contact_id": int(ANN), "is_admin": "x"}, 1357031),
        ("37", {"thread_key": int(ANN), "image_id": 1}, 1545003),
        ("43", {"thread_key": T, "theme_fbid": 5}, 1357031),
        ("44", {"thread_key": S, "contact_id": int(CHLOE), "nickname": "x"}, 1545014),
        ("144", {"thread_key": T, "mute_expire_time_ms": "soon"}, 1357031),
        ("163", {"thread_key": T, "question_text": "?", "options": []}, 1357031),
        ("164", {"thread_key": T, "poll_id": 5, "selected_options": []}, 1357031),
        ("334", {"blockee_id": ANN, "user_block_action": 9}, 1357031),
    ],
)
def test_refused(bot: Any, label: str, payload: dict[str, object], code: int) -> None:
    """A refusal is an `issueNewError` with the code, and a failed completion; nobody hears anything."""
    socket = bot.listen()
    error, completion = bot.socket().ask((label, payload))
    assert error[:3] == ["issueNewError", 0, code]
    assert error[3] and error[4]
    assert completion == ["mailboxTaskCompletionApiOnTaskCompletion", 0, False]
    assert socket.deltas() == []


def test_refused_to_others_and_members(ann: Any, chloe: Any) -> None:
    """Not a member: 1545012; not an admin: 1976004."""
    (error, _) = chloe.socket().ask(("32", {"thread_key": S, "thread_name": "x"}))
    assert error[2] == 1545012
    (error, _) = ann.socket().ask(("140", {"thread_id": T, "contact_id": int(BEN)}))
    assert error[2] == 1976004
    (error, _) = ann.socket().ask(("25", {"thread_key": T, "contact_id": int(BEN), "is_admin": 1}))
    assert error[2] == 1976004


def test_several_tasks_of_one_request(bot: Any) -> None:
    """Each task is answered by its own number; a refused one does not stop the others."""
    calls = bot.socket().ask(
        ("25", {"thread_key": T, "contact_id": int(ANN), "is_admin": 1}),
        ("25", {"thread_key": S, "contact_id": int(CHLOE), "is_admin": 1}),
        ("25", {"thread_key": T, "contact_id": int(BEN), "is_admin": 1}),
    )
    completions = [call[1:] for call in calls if call[0] == "mailboxTaskCompletionApiOnTaskCompletion"]
    assert completions == [[0, True], [1, False], [2, True]]
    assert len(bot.thread(FRIENDS)["thread_admins"]) == 3


def test_new_group_with_a_first_message(bot: Any, ann: Any) -> None:
    """One client sends a sticker or a text along (dossier 3, section 4.10)."""
    socket = ann.listen()
    otid = "7488929792004194346"
    first = {"thread_id": 7488929792000000042, "otid": otid, "send_type": 1, "text": "hello", "sync_group": 1}
    calls = bot.socket().ask(("130", {"participants": [int(ANN), int(BEN)], "send_payload": first}))
    assert names(calls)[:3] == ["replaceOptimisticThread", "applyNewGroupThread", "replaceOptimsiticMessage"]
    added, message = socket.deltas()
    assert (added["class"], message["body"]) == ("ParticipantsAddedToGroupThread", "hello")
    assert calls[2][1:] == [otid, message["messageMetadata"]["messageId"]]
    assert bot.thread(str(calls[0][2]))["thread_admins"] == [{"id": BOT}]


def test_delete_thread(bot: Any, ann: Any) -> None:
    """The own copy goes, on all own sockets; the others keep theirs, and new messages bring the thread back."""
    mine, hers = bot.listen(), ann.listen()
    assert bot.socket().ask(("146", {"thread_key": T, "remove_type": 0, "sync_group": 1}))[0] == [
        "deleteThread",
        T,
        True,
    ]
    assert mine.deltas()[-1]["class"] == "ThreadDelete"
    assert "ThreadDelete" not in [delta["class"] for delta in hers.deltas()]
    assert ann.history(FRIENDS)
    ann.send("still here?", thread_fbid=FRIENDS)
    assert [node["snippet"] for node in bot.history(FRIENDS)] == ["still here?"]
