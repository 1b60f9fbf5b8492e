"""Administration of threads by raw forms: what everybody's log says, what queries say, and the refusals.

Dossier 3, sections 2.9, 2.10, 4.1 to 4.7, 5.1 and 6.8; dossier 2, sections 5.2 to 5.8 and 7.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE, DAN = (f"10000000000000{n}" for n in "12345")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0"
ORANGE, DEFAULT = "175615189761153", "196241301102133"


def add_form(account: Any, thread: str, *people: str) -> dict[str, str]:
    """The form of dossier 3, section 4.1."""
    added = {f"log_message_data[added_participants][{n}]": f"fbid:{person}" for n, person in enumerate(people)}
    form = account.send_form("", thread_fbid=thread, log_message_type="log:subscribe", **added)
    return {**form, "action_type": "ma-type:log-message"}


def metadata(delta: dict[str, Any], actor: str, thread: str = FRIENDS) -> dict[str, Any]:
    """The metadata that every admin delta has."""
    found = dict(delta["messageMetadata"])
    assert (found["actorFbId"], found["threadKey"]) == (actor, {"threadFbId": thread})
    assert found["messageId"].startswith("mid.$g")
    assert found["unsendType"] == "deny_log_message"
    assert found["adminText"]
    return found


def test_title(bot: Any, ann: Any, ben: Any) -> None:
    """A new title reaches every member, also the one who gave it, as ThreadName; queries show it."""
    sockets = [person.listen() for person in (bot, ann, ben)]
    assert (
        bot.post("/messaging/set_thread_name/", {"thread_id": FRIENDS, "thread_name": "Night shift"})["payload"] is None
    )
    for socket in sockets:
        (delta,) = socket.deltas()
        assert (delta["class"], delta["name"]) == ("ThreadName", "Night shift")
        assert metadata(delta, BOT)["adminText"] == "Bot named the group Night shift."
    assert ann.thread(FRIENDS)["name"] == "Night shift"
    node = ann.history(FRIENDS)[-1]
    assert (node["__typename"], node["thread_name"]) == ("ThreadNameMessage", "Night shift")
    assert (node["message_sender"], node["snippet"]) == ({"id": BOT}, "Bot named the group Night shift.")


def test_title_taken_away(bot: Any) -> None:
    """An empty title leaves the group unnamed."""
    socket = bot.listen()
    bot.post("/messaging/set_thread_name", {"thread_id": FRIENDS, "thread_name": ""})
    assert socket.deltas()[0]["name"] == ""
    assert bot.thread(FRIENDS)["name"] is None


def test_add(bot: Any, ann: Any, chloe: Any) -> None:
    """Who is added finds the group, and everybody hears of it; the answer names message and thread."""
    sockets = [person.listen() for person in (bot, ann, chloe)]
    form = add_form(ann, STANDUP, CHLOE)
    (action,) = ann.post("/messaging/send/", form)["payload"]["actions"]
    for socket in sockets:
        (delta,) = socket.deltas()
        assert delta["class"] == "ParticipantsAddedToGroupThread"
        assert [person["userFbId"] for person in delta["addedParticipants"]] == [CHLOE]
        assert delta["addedParticipants"][0]["fullName"] == "Chloe"
        assert delta["participants"] == [BOT, ANN, BEN, CHLOE]
        assert metadata(delta, ANN, STANDUP)["messageId"] == action["message_id"]
    assert action["thread_fbid"] == STANDUP
    assert chloe.history(STANDUP)[-1]["participants_added"] == [{"id": CHLOE}]


def test_add_is_repeated(bot: Any) -> None:
    """The same offline threading id adds once and answers the same."""
    form = add_form(bot, STANDUP, CHLOE)
    assert bot.post("/messaging/send/", form)["payload"] == bot.post("/messaging/send/", form)["payload"]
    assert len(bot.history(STANDUP)) == 1


def test_add_with_approval(bot: Any, ann: Any, core: Any) -> None:
    """With approval on, a member's adding only asks; an admin's adding lets in and ends the waiting."""
    bot.socket().ask(("28", {"thread_key": int(STANDUP), "enabled": 1, "sync_group": 1}))
    socket = bot.listen()
    assert ann.post("/messaging/send/", add_form(ann, STANDUP, CHLOE))["payload"]["actions"] == []
    (asked,) = socket.deltas()
    assert (asked["class"], asked["action"]) == ("ApprovalQueue", "REQUESTED")
    assert (asked["recipientFbId"], asked["inviterFbId"], asked["requestSource"]) == (CHLOE, ANN, "ADD")
    (waiting,) = bot.thread(STANDUP)["group_approval_queue"]["nodes"]
    assert (waiting["requester"], waiting["inviter"]) == ({"id": CHLOE}, {"id": ANN})
    bot.post("/messaging/send/", add_form(bot, STANDUP, CHLOE))
    removed, added = socket.deltas()
    assert (removed["class"], removed["action"]) == ("ApprovalQueue", "REMOVED")
    assert added["class"] == "ParticipantsAddedToGroupThread"
    assert bot.thread(STANDUP)["group_approval_queue"]["nodes"] == []


def test_remove(bot: Any, ann: Any, ben: Any) -> None:
    """Who is removed hears of it as the last thing; the list of participants still names them."""
    sockets = [person.listen() for person in (bot, ann, ben)]
    assert "error" not in bot.post("/chat/remove_participants/", {"uid": BEN, "tid": FRIENDS})
    for socket in sockets:
        (delta,) = socket.deltas()
        assert (delta["class"], delta["leftParticipantFbId"]) == ("ParticipantLeftGroupThread", BEN)
        assert BEN in delta["participants"]
        assert metadata(delta, BOT)["adminText"] == "Bot removed Ben from the group."
    bot.send("without Ben", thread_fbid=FRIENDS)
    assert sockets[2].deltas() == []
    assert ben.send("hello?", thread_fbid=FRIENDS)["error"] == 1545012
    assert bot.history(FRIENDS)[-2]["participants_removed"] == [{"id": BEN}]


def test_leave(ben: Any, bot: Any) -> None:
    """Leaving needs no admin; what was said until then stays readable, what comes later does not."""
    socket = bot.listen()
    ben.post("/chat/remove_participants", {"uid": BEN, "tid": FRIENDS})
    (delta,) = socket.deltas()
    assert metadata(delta, BEN)["adminText"] == "Ben left the group."
    bot.send("later", thread_fbid=FRIENDS)
    node = ben.thread(FRIENDS)
    assert (node["is_viewer_subscribed"], node["last_message"]["nodes"][0]["snippet"]) == (False, "Ben left the group.")
    assert bot.thread(FRIENDS)["is_viewer_subscribed"] is True


def test_come_back(bot: Any, ben: Any) -> None:
    """Who was removed can be added again."""
    bot.post("/chat/remove_participants/", {"uid": BEN, "tid": FRIENDS})
    bot.post("/messaging/send/", add_form(bot, FRIENDS, BEN))
    assert ben.send("back", thread_fbid=FRIENDS)["payload"]
    assert ben.thread(FRIENDS)["is_viewer_subscribed"] is True


def test_image(bot: Any, ann: Any) -> None:
    """A photo comes as ForcedFetch; the message to be fetched is a ThreadImageMessage."""
    image, socket = bot.uploaded("a.png", "image/png", PNG), ann.listen()
    bot.post("/messaging/set_thread_image/", {"thread_id": FRIENDS, "thread_image_id": image})
    (delta,) = socket.deltas()
    assert (delta["class"], delta["threadKey"]) == ("ForcedFetch", {"threadFbId": FRIENDS})
    asked = {"thread_id": FRIENDS, "message_id": delta["messageId"]}
    for doc_id in ("2848441488556444", "1768656253222505"):
        node = ann.batch(doc_id, thread_and_message_id=asked)["message"]
        assert (node["__typename"], node["message_sender"]) == ("ThreadImageMessage", {"id": BOT})
        assert node["image_with_metadata"]["legacy_attachment_id"] == image
        assert node["image_with_metadata"]["original_dimensions"] == {"x": 3, "y": 2}
        assert node["image_with_metadata"]["preview"]["uri"] == ann.thread(FRIENDS)["image"]["uri"]


def test_image_of_somebody_else(bot: Any, ann: Any) -> None:
    """Only one's own upload becomes the photo."""
    image = ann.uploaded("a.png", "image/png", PNG)
    form = {"thread_id": FRIENDS, "thread_image_id": image}
    assert bot.post("/messaging/set_thread_image/", form)["error"] == 1357031


def theme_query(thread: str, theme: str) -> dict[str, str]:
    data = {"actor_id": BOT, "client_mutation_id": "0", "source": "SETTINGS", "theme_id": theme, "thread_id": thread}
    return {"queries": json.dumps({"o0": {"doc_id": "1727493033983591", "query_params": {"data": data}}}), "dpr": "1"}


def test_theme(bot: Any, ann: Any) -> None:
    """A theme set by the batch query: the delta, the node, and the history say its colour."""
    socket = ann.listen()
    body = bot.raw_post("/api/graphqlbatch/", theme_query(FRIENDS, ORANGE)).body
    assert b'"messenger_thread_theme_update"' in body
    (delta,) = socket.deltas()
    assert (delta["class"], delta["type"]) == ("AdminTextMessage", "change_thread_theme")
    data = delta["untypedData"]
    assert (data["theme_color"], data["theme_id"], data["accessibility_label"]) == ("FFFF7E29", ORANGE, "Orange")
    assert all(isinstance(value, str) for value in data.values())
    metadata(delta, BOT)
    node = ann.thread(FRIENDS)
    assert node["customization_info"]["outgoing_bubble_color"] == "FFFF7E29"
    assert node["thread_theme"]["id"] == ORANGE
    entry = ann.history(FRIENDS)[-1]
    assert entry["extensible_message_admin_text_type"] == "CHANGE_THREAD_THEME"
    assert entry["extensible_message_admin_text"] == {
        "__typename": "ThemeColorExtensibleMessageAdminText",
        "theme_color": "FFFF7E29",
    }


def test_color_of_the_older_form(bot: Any) -> None:
    """A colour of 2017 is a theme; nothing is the default."""
    path = "/messaging/save_thread_color/"
    bot.post(path, {"color_choice": "#FF7E29", "thread_or_other_fbid": FRIENDS})
    assert bot.thread(FRIENDS)["thread_theme"]["id"] == ORANGE
    bot.post(path, {"color_choice": "", "thread_or_other_fbid": FRIENDS})
    assert bot.thread(FRIENDS)["thread_theme"] is None
    assert bot.post(path, {"color_choice": "#123456", "thread_or_other_fbid": FRIENDS})["error"] == 1357031


def test_unknown_theme(bot: Any) -> None:
    """An unknown theme is an error of the query."""
    answer, tally = bot.raw_post("/api/graphqlbatch/", theme_query(FRIENDS, "5")).body.split(b"\r\n")
    assert json.loads(tally)["error_results"] == 1
    assert json.loads(answer)["o0"]["errors"][0]["code"] == 1357031


def test_emoji(bot: Any, ann: Any) -> None:
    """The quick emoji; an empty choice is the thumb again."""
    socket, path = ann.listen(), "/messaging/save_thread_emoji/"
    bot.post(path, {"emoji_choice": "⭐", "thread_or_other_fbid": FRIENDS})
    (delta,) = socket.deltas()
    assert (delta["type"], delta["untypedData"]["thread_quick_reaction_emoji"]) == (
        "change_thread_quick_reaction",
        "⭐",
    )
    assert ann.thread(FRIENDS)["customization_info"]["emoji"] == "⭐"
    assert ann.history(FRIENDS)[-1]["extensible_message_admin_text"]["thread_icon"] == "⭐"
    bot.post(path, {"emoji_choice": "", "thread_or_other_fbid": FRIENDS})
    assert socket.deltas()[0]["untypedData"]["thread_quick_reaction_emoji"] == "👍"
    assert ann.thread(FRIENDS)["customization_info"]["emoji"] is None


def test_nickname(bot: Any, ann: Any) -> None:
    """A nickname is given and, empty, taken away."""
    socket, path = ann.listen(), "/messaging/save_thread_nickname/"
    form = {"participant_id": BEN, "thread_or_other_fbid": FRIENDS}
    bot.post(path, {**form, "nickname": "Bee"})
    (delta,) = socket.deltas()
    assert (delta["type"], delta["untypedData"]) == (
        "change_thread_nickname",
        {"participant_id": BEN, "nickname": "Bee"},
    )
    custom = ann.thread(FRIENDS)["customization_info"]["participant_customizations"]
    assert custom == [{"participant_id": BEN, "nickname": "Bee"}]
    assert ann.history(FRIENDS)[-1]["extensible_message_admin_text"]["nickname"] == "Bee"
    bot.post(path, {**form, "nickname": ""})
    assert socket.deltas()[0]["untypedData"]["nickname"] == ""
    assert ann.thread(FRIENDS)["customization_info"]["participant_customizations"] == []


def test_nickname_in_a_chat_of_two(bot: Any, ann: Any) -> None:
    """Works once something was said; before, the chat does not exist (dossier 3, section 2.9)."""
    form = {"participant_id": ANN, "thread_or_other_fbid": ANN, "nickname": "Bee"}
    assert bot.post("/messaging/save_thread_nickname/", form)["error"] == 1357031
    bot.send("hi", other_user_fbid=ANN)
    socket = ann.listen()
    assert bot.post("/messaging/save_thread_nickname/", form)["payload"] is None
    assert socket.deltas()[0]["messageMetadata"]["threadKey"] == {"otherUserFbId": BOT}


def test_admins(bot: Any, ann: Any) -> None:
    """Admins are made and unmade, several in one form; an admin may then remove."""
    socket = ann.listen()
    form = {"thread_fbid": FRIENDS, "admin_ids[0]": ANN, "admin_ids[1]": BEN}
    assert bot.post("/messaging/save_admins/", {**form, "add": "true"})["payload"] is None
    deltas = socket.deltas()
    assert [delta["untypedData"]["TARGET_ID"] for delta in deltas] == [ANN, BEN]
    assert deltas[0]["untypedData"] | {"TARGET_ID": ""} == {
        "THREAD_CATEGORY": "GROUP",
        "TARGET_ID": "",
        "ADMIN_TYPE": "0",
        "ADMIN_EVENT": "add_admin",
    }
    assert {admin["id"] for admin in ann.thread(FRIENDS)["thread_admins"]} == {BOT, ANN, BEN}
    bot.post("/messaging/save_admins/", {**form, "add": "false"})
    assert socket.deltas()[0]["untypedData"]["ADMIN_EVENT"] == "remove_admin"
    assert ann.thread(FRIENDS)["thread_admins"] == [{"id": BOT}]


def test_switch_as_python_writes_it(bot: Any, ann: Any) -> None:
    """fbchat puts True and False into its forms as Python prints them."""
    form = {"thread_fbid": FRIENDS, "admin_ids[0]": ANN}
    assert "error" not in bot.post("/messaging/save_admins/", {**form, "add": "True"})
    assert {admin["id"] for admin in ann.thread(FRIENDS)["thread_admins"]} == {BOT, ANN}
    assert "error" not in bot.post("/messaging/save_admins/", {**form, "add": "False"})
    assert ann.thread(FRIENDS)["thread_admins"] == [{"id": BOT}]


NOTHING = "7000000000000009"


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("/messaging/set_thread_name/", {"thread_id": ANN, "thread_name": "x"}, 1545003),
        ("/messaging/set_thread_name/", {"thread_id": NOTHING, "thread_name": "x"}, 1357031),
        ("/messaging/set_thread_name/", {"thread_name": "x"}, 1357031),
        ("/messaging/set_thread_image/", {"thread_id": ANN, "thread_image_id": "1"}, 1545003),
        ("/messaging/set_thread_image/", {"thread_id": FRIENDS, "thread_image_id": "1"}, 1357031),
        ("/messaging/save_thread_emoji/", {"thread_or_other_fbid": NOTHING, "emoji_choice": "x"}, 1357031),
        (
            "/messaging/save_thread_nickname/",
            {"thread_or_other_fbid": STANDUP, "participant_id": CHLOE, "nickname": "x"},
            1545014,
        ),
        ("/messaging/save_admins/", {"thread_fbid": ANN, "admin_ids[0]": ANN, "add": "true"}, 1357031),
        ("/messaging/save_admins/", {"thread_fbid": STANDUP, "admin_ids[0]": CHLOE, "add": "true"}, 1545014),
        ("/messaging/save_admins/", {"thread_fbid": FRIENDS, "admin_ids[0]": ANN, "add": "maybe"}, 1357031),
        ("/chat/remove_participants/", {"tid": STANDUP, "uid": CHLOE}, 1545014),
        ("/chat/remove_participants/", {"tid": ANN, "uid": ANN}, 1545003),
    ],
)
def test_refused(bot: Any, path: str, form: dict[str, str], code: int) -> None:
    """The documented codes; nothing changes."""
    socket = bot.listen()
    assert bot.post(path, form)["error"] == code
    assert socket.deltas() == []


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/messaging/set_thread_name/", {"thread_id": STANDUP, "thread_name": "x"}),
        ("/messaging/save_thread_emoji/", {"thread_or_other_fbid": STANDUP, "emoji_choice": "x"}),
        ("/chat/remove_participants/", {"tid": STANDUP, "uid": BEN}),
    ],
)
def test_refused_to_others(chloe: Any, path: str, form: dict[str, str]) -> None:
    """Who is not in a group cannot change it."""
    assert chloe.post(path, form)["error"] == 1545012


def test_refused_to_members(ann: Any) -> None:
    """Removing others and making admins is for admins."""
    assert ann.post("/chat/remove_participants/", {"tid": FRIENDS, "uid": BEN})["error"] == 1976004
    form = {"thread_fbid": FRIENDS, "admin_ids[0]": ANN, "add": "true"}
    assert ann.post("/messaging/save_admins/", form)["error"] == 1976004


def test_refused_in_an_encrypted_chat(ann: Any) -> None:
    """An encrypted chat takes no change over this protocol."""
    form = {"thread_or_other_fbid": CHLOE, "emoji_choice": "x"}
    assert ann.post("/messaging/save_thread_emoji/", form)["error"] == 1545116


def test_adding_who_is_there(bot: Any) -> None:
    """With nobody left to add the form is refused, and so with somebody unknown."""
    assert bot.post("/messaging/send/", add_form(bot, FRIENDS, ANN))["error"] == 1545003
    assert bot.post("/messaging/send/", add_form(bot, FRIENDS, "55"))["error"] == 1357031
    assert bot.post("/messaging/send/", add_form(bot, ANN, CHLOE))["error"] == 1545003


def test_group_of_one_without_admin(bot: Any, ann: Any) -> None:
    """When the last admin leaves, everybody may do what admins may."""
    bot.post("/chat/remove_participants/", {"tid": FRIENDS, "uid": BOT})
    assert ann.thread(FRIENDS)["thread_admins"] == []
    assert "error" not in ann.post("/chat/remove_participants/", {"tid": FRIENDS, "uid": BEN})
