"""The documented API, line by line, on the sandbox: what comes back, what the others see, and what is refused.

`FUNCTIONS` and `LATER` hold one entry for each function of the design; a test below fails when one has no entry here,
no class, or no place in docs/api.md.
"""

from __future__ import annotations

import queue
import re
import struct
import zlib
from pathlib import Path

import pytest

from botkit.messenger import (
    FUNCTION_CLASSES,
    Api,
    BadAnswer,
    BadArgument,
    Checkpoint,
    LoginApproval,
    Message,
    NotLoggedIn,
    Refused,
    ReviewRecentLogin,
    WrongCredentials,
    login,
)
from botkit.sandbox import client
from botkit.sandbox.server import Server

ROOT = Path(__file__).parents[2]
BOT, ANN, BEN, STRANGER = "100000000000001", "100000000000002", "100000000000003", "100000000000005"
FRIENDS, ELSEWHERE = "7000000000000001", "7000000000000002"
SOON_S = 5

THREAD_KEYS = (
    "threadID participants participantIDs formerParticipants name snippet snippetHasAttachment snippetAttachments"
    " snippetSender unreadCount messageCount imageSrc timestamp serverTimestamp muteSettings isCanonicalUser"
    " isCanonical canonicalFbid isSubscribed rootMessageThreadingID folder isArchived recipientsLoadable"
    " hasEmailParticipant readOnly canReply composerEnabled blockedParticipants lastMessageID"
).split()
MESSAGE_KEYS = (
    "type senderID senderName body threadID threadName messageID attachments participantIDs participantNames location"
).split()
USER_KEYS = (
    "name firstName vanity thumbSrc profileUrl gender type isFriend isBirthday searchTokens alternateName"
).split()
FRIEND_KEYS = (
    "alternateName firstName gender userID isFriend fullName profilePicture type profileUrl vanity isBirthday"
).split()


def picture(width=3, height=2, shade=200):
    """A real PNG of one colour."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([shade]) * 3 * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Room:
    """The bot's account, and Ann's, who listens to everything on a socket of her own."""

    def __init__(self, url, token):
        self.url, self.token = url, token
        self.heard = queue.Queue()
        self.bot, self.ann = self.account("Bot"), self.account("Ann", listen_events=True, update_presence=True)
        self.stops = [self.ann.listen(self.heard.put)]

    def account(self, name, **options):
        return login(client.app_state(self.url, self.token, name), {"network": self.url, **options})

    def group(self, *people):
        """A fresh group of the bot, Ann and Ben (or as told)."""
        return self.bot.create_group(list(people) or [ANN, BEN])

    def sees(self, type_, **fields):
        """The next event at Ann's with these documented values; fails when none comes soon."""
        while True:
            event = self.heard.get(timeout=SOON_S)
            found = event.to_dict()
            if found["type"] == type_ and all(found.get(key) == value for key, value in fields.items()):
                return found

    def log(self, kind, thread):
        """The next change of this kind in a chat, with its data."""
        return self.sees("event", logMessageType=kind, threadID=thread)["logMessageData"]

    def text(self, thread=FRIENDS, body="a message"):
        """A message that Ann wrote, as the bot would know it."""
        return self.ann.send_message(body, thread).message_id

    def close(self):
        for api in (self.bot, self.ann):
            api.close()


@pytest.fixture(scope="module", params=["http", "socket"])
def room(request, tmp_path_factory):
    """Once with the bot's socket closed, so that everything goes by forms, and once with it open."""
    server = Server(tmp_path_factory.mktemp("conformance"), world_file=Path(__file__).parent / "world.yaml", port=0)
    server.start()
    made = Room(server.url, server.token)
    if request.param == "socket":
        listening = made.bot.listen(lambda event: None)
        made.stops.append(listening)
        assert listening.wait_live(SOON_S)
    assert made.stops[0].wait_live(SOON_S)
    yield made
    made.close()
    server.stop()


def has_keys(found, keys):
    assert set(keys) <= set(found), set(keys) - set(found)


def refused(reason, function, *arguments):
    with pytest.raises(Refused) as caught:
        function(*arguments)
    assert caught.value.reason == reason, caught.value


def check_login(room):
    password = {"email": "ann@sandbox.test", "password": "ann-sandbox"}
    api = login(password, {"network": room.url})
    assert api.get_current_user_id() == ANN
    api.close()
    with pytest.raises(WrongCredentials):
        login({**password, "password": "wrong"}, {"network": room.url})
    with pytest.raises(Checkpoint):
        login({"email": "locked@sandbox.test", "password": "locked-sandbox"}, {"network": room.url})
    with pytest.raises(LoginApproval) as asked:
        login({"email": "coded@sandbox.test", "password": "coded-sandbox"}, {"network": room.url})
    with pytest.raises(LoginApproval) as again:
        asked.value.continue_("000000")
    api = again.value.continue_(135790)
    assert api.get_current_user_id() == "100000000000006"
    api.close()
    review = {"email": "reviewed@sandbox.test", "password": "reviewed-sandbox"}
    with pytest.raises(ReviewRecentLogin):
        login(review, {"network": room.url})
    api = login(review, {"network": room.url, "force_login": True})
    assert api.get_current_user_id() == "100000000000007"
    api.close()


def check_logout(room):
    api = room.account("Ben")
    state = api.get_app_state()
    assert api.logout()
    with pytest.raises(NotLoggedIn):
        login(state, {"network": room.url})


def check_get_app_state(room):
    state = room.bot.get_app_state()
    has_keys(state[0], ["key", "value", "domain", "path"])
    api = login(state, {"network": room.url})
    assert api.get_current_user_id() == BOT
    api.close()


def check_get_current_user_id(room):
    assert (room.bot.get_current_user_id(), room.ann.get_current_user_id()) == (BOT, ANN)


def check_set_options(room):
    room.bot.set_options(self_listen=True)
    assert room.bot.options.self_listen
    room.bot.set_options(self_listen=False)
    with pytest.raises(BadArgument):
        room.bot.set_options(self_lisen=True)


def check_send_message(room):
    sent = room.bot.send_message("text 😀", FRIENDS)
    has_keys(sent.to_dict(), ["threadID", "messageID", "timestamp"])
    seen = room.sees("message", messageID=sent.message_id)
    has_keys(seen, MESSAGE_KEYS)
    assert (seen["body"], seen["senderID"], seen["threadID"]) == ("text 😀", BOT, FRIENDS)
    assert (seen["senderName"], seen["threadName"]) == ("Bot", "Friends")
    room.bot.send_message("to a person", ANN)
    assert room.sees("message", body="to a person")["threadID"] == BOT
    made = room.bot.send_message("to a new group", [ANN, BEN])
    assert room.sees("message", body="to a new group")["threadID"] == made.thread_id
    _contents(room)
    refused("not-in-thread", room.bot.send_message, "no", ELSEWHERE)
    refused("thread-disabled", room.bot.send_message, "no", BEN)
    for wrong in ({"sticker": "1", "url": "u"}, {"nonsense": 1}, {"emojiSize": "small"}, ""):
        with pytest.raises(BadArgument):
            room.bot.send_message(wrong, FRIENDS)
    with pytest.raises(BadArgument):
        room.bot.send_message("x", 7.5)


def _contents(room):
    png = picture()
    room.bot.send_message({"body": "look", "attachment": ("a.png", png)}, FRIENDS)
    (photo,) = room.sees("message", body="look")["attachments"]
    assert (photo["type"], photo["width"], photo["height"]) == ("photo", 3, 2)
    room.bot.send_message({"attachment": [("a.txt", b"words"), ("b.gif", b"GIF89a\1\0\1\0\0\0\0;")]}, FRIENDS)
    kinds = sorted(one["type"] for one in room.sees("message", body="")["attachments"])
    assert kinds == ["animated_image", "file"]
    room.bot.send_message({"sticker": "369239263222822"}, FRIENDS)
    (sticker,) = room.sees("message", senderID=BOT, body="")["attachments"]
    assert (sticker["type"], sticker["stickerID"]) == ("sticker", "369239263222822")
    room.bot.send_message({"body": "read", "url": "https://example.invalid/x"}, FRIENDS)
    (share,) = room.sees("message", body="read")["attachments"]
    assert (share["type"], share["source"]) == ("share", "example.invalid")
    assert "example.invalid" in share["url"]
    room.bot.send_message({"body": "😀 @Ann hi", "mentions": [{"tag": "@Ann", "id": ANN}]}, FRIENDS)
    assert room.sees("message", body="😀 @Ann hi")["mentions"] == {ANN: "@Ann"}
    question = room.text(body="shall we?")
    room.bot.send_message("yes", FRIENDS, reply_to=question)
    assert room.sees("message", body="yes")["messageReply"]["messageID"] == question
    room.bot.send_message({"location": {"latitude": 52.5, "longitude": 4.25}}, FRIENDS)
    while (found := room.sees("message", senderID=BOT)["location"]) is None:
        pass
    assert found == {"latitude": 52.5, "longitude": 4.25}
    room.bot.send_message({"emoji": "🦊", "emoji_size": "large"}, FRIENDS)
    assert room.sees("message", body="🦊")


def check_send_typing_indicator(room):
    end = room.bot.send_typing_indicator(FRIENDS)
    seen = room.sees("typ", threadID=FRIENDS)
    assert (seen["isTyping"], seen["from"]) == (True, BOT)
    has_keys(seen, ["isTyping", "from", "threadID", "fromMobile"])
    end()
    assert room.sees("typ", threadID=FRIENDS)["isTyping"] is False


def check_mark_as_read(room):
    group = room.group()
    room.text(group)
    room.bot.mark_as_read(group)
    seen = room.sees("read_receipt", threadID=group)
    assert (seen["reader"], type(seen["time"])) == (BOT, int)
    assert room.bot.get_thread_info(group).unread_count == 0


def check_delete_message(room):
    group = room.group()
    ids = [room.text(group, body) for body in "abc"]
    room.bot.delete_message(ids[0])
    room.bot.delete_message(ids[1:2])
    bodies = [one.body for one in room.bot.get_thread_history(group, 0, 20) if isinstance(one, Message)]
    assert bodies == ["c"]
    assert len([one for one in room.ann.get_thread_history(group, 0, 20) if isinstance(one, Message)]) == 3


def check_delete_thread(room):
    groups = [room.group() for _ in range(3)]
    room.bot.delete_thread(groups[0])
    room.bot.delete_thread(groups[1:])
    listed = {thread.thread_id for thread in room.bot.get_thread_list(0, 200)}
    assert not listed & set(groups)
    assert set(groups) <= {thread.thread_id for thread in room.ann.get_thread_list(0, 200)}


def check_add_user_to_group(room):
    group = room.group()
    room.bot.add_user_to_group(STRANGER, group)
    # The first such change tells of the group's making.
    room.log("log:subscribe", group)
    assert [one["userFbId"] for one in room.log("log:subscribe", group)["addedParticipants"]] == [STRANGER]
    assert STRANGER in room.bot.get_thread_info(group).participant_ids
    small = room.group(ANN, STRANGER)
    room.bot.add_user_to_group([BEN], small)
    assert BEN in room.bot.get_thread_info(small).participant_ids
    refused("not-in-thread", room.bot.add_user_to_group, STRANGER, ELSEWHERE)


def check_remove_user_from_group(room):
    group = room.group()
    room.bot.remove_user_from_group(BEN, group)
    assert room.log("log:unsubscribe", group)["leftParticipantFbId"] == BEN
    assert BEN not in room.bot.get_thread_info(group).participant_ids
    room.bot.remove_user_from_group(BOT, group)
    assert room.log("log:unsubscribe", group)["leftParticipantFbId"] == BOT
    with pytest.raises(Refused):
        room.bot.send_message("gone", group)


def check_set_title(room):
    group = room.group()
    room.bot.set_title("New name", group)
    assert room.log("log:thread-name", group) == {"name": "New name"}
    assert room.bot.get_thread_info(group).name == "New name"
    with pytest.raises(Refused):
        room.bot.set_title("no", ANN)
    refused("not-in-thread", room.bot.set_title, "no", ELSEWHERE)


def check_change_group_image(room):
    group = room.group()
    room.bot.change_group_image(picture(), group)
    assert room.log("log:thread-image", group)["url"]
    assert room.bot.get_thread_info(group).image_src
    with pytest.raises(Refused):
        room.bot.change_group_image(picture(), ANN)


def check_change_thread_color(room):
    group = room.group()
    room.bot.change_thread_color("#0084ff", group)
    assert re.fullmatch("FF[0-9A-Fa-f]{6}", room.log("log:thread-color", group)["theme_color"])
    room.bot.change_thread_color("", group)
    room.log("log:thread-color", group)
    with pytest.raises(BadArgument):
        room.bot.change_thread_color("#12", group)


def check_change_thread_emoji(room):
    group = room.group()
    room.bot.change_thread_emoji("🦊", group)
    assert room.log("log:thread-icon", group)["thread_icon"] == "🦊"
    assert room.bot.get_thread_info(group).emoji == "🦊"
    room.bot.change_thread_emoji("", group)
    assert room.bot.get_thread_info(group).emoji != "🦊"


def check_change_thread_user_nickname(room):
    group = room.group()
    room.bot.change_thread_user_nickname("Benny", group, BEN)
    data = room.log("log:user-nickname", group)
    assert (data["nickname"], data["participant_id"]) == ("Benny", BEN)
    assert room.bot.get_thread_info(group).nicknames == {BEN: "Benny"}
    room.bot.change_thread_user_nickname("", group, BEN)
    assert room.bot.get_thread_info(group).nicknames == {}
    with pytest.raises(Refused):
        room.bot.change_thread_user_nickname("x", group, STRANGER)


def check_change_archived_status(room):
    groups = [room.group(), room.group()]
    for group in groups:
        room.text(group)
    room.bot.change_archived_status(groups, True)
    archived = {thread.thread_id for thread in room.bot.get_thread_list(0, 100, folder="archived")}
    assert set(groups) <= archived
    room.bot.change_archived_status(groups[0], False)
    assert groups[0] in {thread.thread_id for thread in room.bot.get_thread_list(0, 200)}


def check_get_friends_list(room):
    found = {friend.user_id: friend.to_dict() for friend in room.bot.get_friends_list()}
    assert set(found[ANN]) == set(FRIEND_KEYS)
    assert (found[ANN]["fullName"], found[ANN]["isFriend"]) == ("Ann", True)
    assert found[BEN]["isBirthday"]
    assert found[ANN]["gender"].startswith("female")


def check_get_online_users(room):
    found = {user.user_id: user.to_dict() for user in room.ann.get_online_users()}
    assert set(found[BOT]) == {"lastActive", "userID", "status"}
    assert {user["status"] for user in found.values()} <= {"active", "idle", "offline", "mobile"}


def check_get_thread_history(room):
    group = room.group()
    for number in range(6):
        room.text(group, str(number))
    newest = room.bot.get_thread_history(group, 0, 3)
    assert [one.body for one in newest] == ["3", "4", "5"]
    found = newest[0].to_dict()
    has_keys(found, MESSAGE_KEYS)
    assert (found["type"], found["senderID"], found["senderName"]) == ("message", ANN, "Ann")
    assert [one.body for one in room.bot.get_thread_history(group, 2, 4)] == ["2", "3"]
    before = room.bot.get_thread_history(group, 0, 2, newest[0].timestamp_ms)
    assert [one.body for one in before] == ["2", "3"]
    with pytest.raises(BadArgument):
        room.bot.get_thread_history(group, "0", 3)


def check_get_thread_list(room):
    group = room.group()
    room.text(group)
    first = room.bot.get_thread_list(0, 3)
    assert (len(first), first[0].thread_id) == (3, group)
    has_keys(first[0].to_dict(), THREAD_KEYS)
    assert set(first[0].participant_ids) == {BOT, ANN, BEN}
    assert [one.thread_id for one in room.bot.get_thread_list(1, 3)] == [one.thread_id for one in first[1:]]


def check_get_user_id(room):
    (first, *_) = room.bot.get_user_id("ann")
    assert first.to_dict()["userID"] == ANN
    has_keys(first.to_dict(), "userID photoUrl indexRank name isVerified profileUrl category score".split())
    refused("not-found", room.bot.get_user_id, "nobody of this name")


def check_get_user_info(room):
    found = room.bot.get_user_info([ANN, int(BEN), "1"])
    assert set(found) == {ANN, BEN}
    assert set(found[ANN].to_dict()) == set(USER_KEYS)
    assert (found[BEN].name, found[BEN].is_birthday, found[ANN].gender) == ("Ben", True, 1)
    assert set(room.bot.get_user_info(ANN)) == {ANN}
    with pytest.raises(BadArgument):
        room.bot.get_user_info(1.5)


def check_search_for_thread(room):
    (first, *_) = room.bot.search_for_thread("frien")
    assert (first.thread_id, first.name) == (FRIENDS, "Friends")
    has_keys(first.to_dict(), THREAD_KEYS)
    refused("not-found", room.bot.search_for_thread, "no chat of this name")


def check_listen(room):
    heard = queue.Queue()
    api = room.account("Ben", listen_events=True)
    listening = api.listen(heard.put)
    assert listening.wait_live(SOON_S)
    room.ann.send_message("for Ben", FRIENDS)
    seen = heard.get(timeout=SOON_S).to_dict()
    while seen["type"] != "message" or seen["body"] != "for Ben":
        seen = heard.get(timeout=SOON_S).to_dict()
    has_keys(seen, MESSAGE_KEYS)
    listening.stop()
    room.ann.send_message("too late", FRIENDS)
    api.close()
    assert all(event.to_dict().get("body") != "too late" for event in list(heard.queue))


def check_get_thread_info(room):
    found = room.bot.get_thread_info(FRIENDS)
    has_keys(found.to_dict(), THREAD_KEYS)
    assert (found.name, found.is_group, set(found.participant_ids)) == ("Friends", True, {BOT, ANN, BEN})
    assert not room.bot.get_thread_info(ANN).is_group
    with pytest.raises(Refused):
        room.bot.get_thread_info("9999999999999999")


def check_create_group(room):
    group = room.bot.create_group([ANN, BEN], "Title")
    room.log("log:subscribe", group)
    assert room.bot.get_thread_info(group).name == "Title"
    with pytest.raises(BadArgument):
        room.bot.create_group([ANN])


def check_set_message_reaction(room):
    message = room.text()
    room.bot.set_message_reaction(":love:", message, FRIENDS)
    seen = room.sees("message_reaction", messageID=message)
    assert (seen["reaction"], seen["userID"], seen["senderID"]) == ("😍", BOT, ANN)
    room.bot.set_message_reaction("", message, FRIENDS)
    assert room.sees("message_reaction", messageID=message)["reaction"] is None


def check_unsend_message(room):
    sent = room.bot.send_message("oops", FRIENDS)
    room.bot.unsend_message(sent.message_id)
    seen = room.sees("message_unsend", messageID=sent.message_id)
    assert (seen["threadID"], seen["senderID"]) == (FRIENDS, BOT)
    with pytest.raises(Refused):
        room.bot.unsend_message(room.text())


def check_edit_message(room):
    sent = room.ann.send_message("tpyo", FRIENDS)
    room.ann.edit_message("typo", sent.message_id)
    assert "typo" in [one.body for one in room.bot.get_thread_history(FRIENDS, 0, 3) if isinstance(one, Message)]
    with pytest.raises(Refused):
        room.ann.edit_message("not mine", room.bot.send_message("the bot's", FRIENDS).message_id)


def check_mark_as_delivered(room):
    message = room.text()
    room.bot.mark_as_delivered(FRIENDS, message)
    with pytest.raises(BadArgument):
        room.bot.mark_as_delivered(FRIENDS, "")


def check_mark_as_read_all(room):
    group = room.group()
    room.text(group)
    room.bot.mark_as_read_all()
    assert not [thread for thread in room.bot.get_thread_list(0, 200) if thread.unread_count]


def check_change_admin_status(room):
    group = room.group()
    room.bot.change_admin_status(group, ANN, True)
    data = room.log("log:thread-admins", group)
    assert (data["TARGET_ID"], data["ADMIN_EVENT"]) == (ANN, "add_admin")
    assert ANN in room.bot.get_thread_info(group).admin_ids
    room.bot.change_admin_status(group, [ANN], False)
    assert ANN not in room.bot.get_thread_info(group).admin_ids
    refused("not-an-admin", room.ann.change_admin_status, group, BEN, True)


def check_create_poll(room):
    group = room.group()
    room.bot.create_poll("Where?", group, ["here", "there"])
    data = room.log("log:thread-poll", group)
    assert data["event_type"] == "question_creation"
    assert "Where?" in data["question_json"]


def check_mute_thread(room):
    group = room.group()
    room.text(group)
    room.bot.mute_thread(group, -1)
    assert room.bot.get_thread_info(group).mute_until == -1
    room.bot.mute_thread(group, 0)
    assert room.bot.get_thread_info(group).mute_until is None


def check_forward_message(room):
    message = room.text(body="pass it on")
    forwarded = room.ann.forward_message(message, BOT)
    assert forwarded.thread_id == BOT
    assert room.bot.get_thread_history(ANN, 0, 1)[0].body == "pass it on"


def check_handle_message_request(room):
    stranger = room.account("Stranger")
    stranger.send_message("may I?", BOT)
    assert STRANGER in {thread.thread_id for thread in room.bot.get_thread_list(0, 50, folder="pending")}
    room.bot.handle_message_request(STRANGER, True)
    assert STRANGER in {thread.thread_id for thread in room.bot.get_thread_list(0, 200)}
    stranger.close()


def check_resolve_photo_url(room):
    room.bot.send_message({"body": "big", "attachment": ("a.png", picture())}, FRIENDS)
    (photo,) = room.sees("message", body="big")["attachments"]
    assert room.bot.resolve_photo_url(photo["ID"]).startswith("https://")
    with pytest.raises(Refused):
        room.bot.resolve_photo_url("1")


def check_download(room):
    content = picture()
    files = [("a.png", content), ("../notes.txt", b"some text")]
    room.ann.send_message({"body": "files", "attachment": files}, FRIENDS)
    (message,) = (one for one in room.bot.get_thread_history(FRIENDS, 0, 3) if one.body == "files")
    photo, notes = sorted(message.attachments, key=lambda one: one.type, reverse=True)
    got = room.bot.download(photo)
    assert (got.data, got.content_type) == (content, "image/png") and got.file_name.endswith(".png")
    assert room.bot.download(photo.url).data == content
    got = room.bot.download(notes)
    assert (got.data, got.content_type) == (b"some text", "text/plain")
    assert got.file_name.endswith("notes.txt") and "/" not in got.file_name
    with pytest.raises(BadAnswer):
        room.bot.download(photo, limit_bytes=10)
    for elsewhere in ("https://example.com/a.png", photo.url.replace("https:", "http:"), room.url):
        with pytest.raises(BadArgument):
            room.bot.download(elsewhere)


FUNCTIONS = {
    "login": check_login,
    "addUserToGroup": check_add_user_to_group,
    "changeArchivedStatus": check_change_archived_status,
    "changeGroupImage": check_change_group_image,
    "changeThreadColor": check_change_thread_color,
    "changeThreadEmoji": check_change_thread_emoji,
    "changeThreadUserNickname": check_change_thread_user_nickname,
    "deleteMessage": check_delete_message,
    "getAppState": check_get_app_state,
    "getCurrentUserID": check_get_current_user_id,
    "getFriendsList": check_get_friends_list,
    "getOnlineUsers": check_get_online_users,
    "deleteThread": check_delete_thread,
    "getUserInfo": check_get_user_info,
    "listen": check_listen,
    "logout": check_logout,
    "markAsRead": check_mark_as_read,
    "removeUserFromGroup": check_remove_user_from_group,
    "searchForThread": check_search_for_thread,
    "sendMessage": check_send_message,
    "sendTypingIndicator": check_send_typing_indicator,
    "setOptions": check_set_options,
    "setTitle": check_set_title,
    "getThreadHistory": check_get_thread_history,
    "getThreadList": check_get_thread_list,
    "getUserID": check_get_user_id,
}
"""The 26 functions of the documented API."""

LATER = {
    "get_thread_info": check_get_thread_info,
    "create_group": check_create_group,
    "set_message_reaction": check_set_message_reaction,
    "unsend_message": check_unsend_message,
    "edit_message": check_edit_message,
    "mark_as_delivered": check_mark_as_delivered,
    "mark_as_read_all": check_mark_as_read_all,
    "change_admin_status": check_change_admin_status,
    "create_poll": check_create_poll,
    "mute_thread": check_mute_thread,
    "forward_message": check_forward_message,
    "handle_message_request": check_handle_message_request,
    "resolve_photo_url": check_resolve_photo_url,
    "download": check_download,
}
"""What today's bots need besides."""


def python_name(documented):
    """getUserID → get_user_id"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", documented).lower()


@pytest.mark.parametrize("check", [*FUNCTIONS.values(), *LATER.values()], ids=[*FUNCTIONS, *LATER])
def test_a_function_does_what_is_documented(room, check):
    """Its result has the documented fields, others see the effect, and what is wrong is refused."""
    check(room)


def test_the_table_is_complete():
    """26 documented functions; every public one has a class, and an entry in docs/api.md."""
    assert len(FUNCTIONS) == 26
    names = {*map(python_name, FUNCTIONS), *LATER}
    assert names <= set(FUNCTION_CLASSES)
    for_hosts = {
        "close",
        "complete",
        "listener",
        "look_up_names",
        "look_up_thread",
        "missed_messages",
        "on_session_change",
        "options",
        "threads_since",
    }
    public = {name for name in vars(Api) if not name.startswith("_")} - for_hosts
    assert public <= names | {"forward_attachment"}
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in names:
        assert f"`{name}(" in text, f"docs/api.md says nothing of {name}"
    for name in FUNCTIONS:
        assert name in text, f"docs/api.md does not name {name}"
