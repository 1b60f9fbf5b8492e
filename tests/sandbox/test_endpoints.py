"""Every AJAX call by raw forms: good and refused (dossier 1, sections 6, 8, 10, 14, 15, 20)."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request, Response

BOT, ANN, BEN, CHLOE, DAN = (f"10000000000000{n}" for n in "12345")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
CALLS = {
    "/messaging/send/": {},
    "/ajax/messaging/typ.php": {"typ": "1", "thread": FRIENDS, "to": ""},
    "/ajax/mercury/change_read_status.php": {f"ids[{FRIENDS}]": "true"},
    "/ajax/mercury/mark_folder_as_read.php": {"folder": "inbox"},
    "/ajax/mercury/delivery_receipts.php": {"message_ids[0]": "mid.$x"},
    "/ajax/mercury/mark_seen.php": {"seen_timestamp": "1"},
    "/ajax/presence/reconnect.php": {},
    "/chat/user_info/": {"ids[0]": ANN},
    "/chat/user_info_all": {},
    "/api/graphqlbatch/": {"queries": "{}"},
    "/bluebar/modern_settings_menu/": {"pmid": "0"},
    "/logout.php": {},
}


@pytest.mark.parametrize("path", CALLS)
def test_dead_session(bot: Any, path: str) -> None:
    """Without a living session every call says 1357001, with status 200 and the guard."""
    bot.cookie = bot.cookie.replace("xs=", "xs=0")
    answer = bot.post(path, CALLS[path])
    assert (answer["__ar"], answer["error"], answer["payload"]) == (1, 1357001, None)
    assert answer["errorSummary"] == "Not logged in"
    assert answer["errorDescription"]
    assert answer["lid"].isdecimal()


@pytest.mark.parametrize("path", CALLS)
def test_wrong_form_token(bot: Any, path: str) -> None:
    """With a wrong fb_dtsg every call says 1357004."""
    assert bot.post(path, CALLS[path], dtsg="NAwrong:1:2")["error"] == 1357004


@pytest.mark.parametrize("path", [path for path in CALLS if path != "/ajax/presence/reconnect.php"])
def test_calls_are_posts(bot: Any, path: str) -> None:
    """A GET of a call is not found."""
    assert bot.get(path).status == 404


def test_content_type(bot: Any) -> None:
    """The envelope is JavaScript by name."""
    response = bot.raw_post("/ajax/mercury/mark_seen.php", {})
    assert dict(response.headers)["Content-Type"].startswith("application/x-javascript")


def test_send_to_a_group(bot: Any) -> None:
    """The answer names group, message id and time, which the message id repeats (dossier 1, sections 9 and 10.6)."""
    answer = bot.send("hello", "7412281402983798101", thread_fbid=FRIENDS)
    (action,) = answer["payload"]["actions"]
    assert action["thread_fbid"] == FRIENDS
    assert (action["author"], action["other_user_fbid"]) == (f"fbid:{BOT}", None)
    packed = base64.urlsafe_b64decode(action["message_id"].removeprefix("mid.$g") + "==")
    assert int.from_bytes(packed[:8], "big") == int(FRIENDS)
    assert int.from_bytes(packed[8:13], "big") + 1072915200000 == action["timestamp"]
    assert int.from_bytes(packed[13:], "big") == 7412281402983798101


def test_send_to_a_person(bot: Any) -> None:
    """For one person thread_fbid is that person's id."""
    answer = bot.send(
        "hi", other_user_fbid=ANN, **{"specific_to_list[0]": f"fbid:{ANN}", "specific_to_list[1]": f"fbid:{BOT}"}
    )
    (action,) = answer["payload"]["actions"]
    assert (action["thread_fbid"], action["other_user_fbid"]) == (ANN, ANN)
    assert action["message_id"].startswith("mid.$c")


def test_send_as_multipart(core: Core, bot: Any) -> None:
    """A form may come as multipart with the common fields in the query (dossier 1, section 5.1)."""
    form = bot.send_form("héllo", thread_fbid=FRIENDS)
    parts = [f'--X\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.items()]
    headers = {"cookie": bot.cookie, "content-type": "multipart/form-data; boundary=X"}
    query = urlencode({"fb_dtsg": bot.dtsg, "__a": "1"})
    body = ("".join(parts) + "--X--\r\n").encode()
    response = core.handle(Request("POST", "www.facebook.com", "/messaging/send/", query, headers, body))
    assert b'"message_id":"mid.$g' in response.body
    assert bot.control("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"][-1]["text"] == "héllo"


def test_same_offline_threading_id(bot: Any, clock: Any) -> None:
    """A repeat returns the first send's message and says nothing twice, for ever."""
    first = bot.send("once", "7412281402983798101", thread_fbid=FRIENDS)["payload"]
    clock.advance(100_000)
    assert bot.send("once", "7412281402983798101", thread_fbid=FRIENDS)["payload"] == first
    texts = [m["text"] for m in bot.control("GET", "messages", {"as": "Ann", "thread": "Friends"})["messages"]]
    assert texts.count("once") == 1


def test_same_offline_threading_id_of_another_sender(bot: Any, ann: Any) -> None:
    """Two people's ids have nothing to do with each other."""
    one = bot.send("a", "7412281402983798101", thread_fbid=FRIENDS)["payload"]["actions"][0]
    two = ann.send("b", "7412281402983798101", thread_fbid=FRIENDS)["payload"]["actions"][0]
    assert one["message_id"] != two["message_id"]


def test_send_to_oneself(bot: Any) -> None:
    """One may write to oneself; the chat is listed once something stands in it."""
    (action,) = bot.send("note", other_user_fbid=BOT)["payload"]["actions"]
    assert action["thread_fbid"] == BOT
    assert bot.control("GET", "threads", {"as": "Bot"})["threads"][0]["participants"] == [BOT]


@pytest.mark.parametrize("others", [[ANN, BEN], [ANN]])
def test_send_to_a_new_group(bot: Any, others: list[str]) -> None:
    """A list makes a group with the message in it; the repeat makes no second one (dossier 1, section 10.3)."""
    listed = {f"specific_to_list[{i}]": f"fbid:{person}" for i, person in enumerate([*others, BOT])}
    form = bot.send_form("welcome", client_thread_id="root:1", **listed)
    (action,) = bot.post("/messaging/send/", form)["payload"]["actions"]
    assert action["thread_fbid"] == "7000000000000003"
    assert bot.post("/messaging/send/", form)["payload"]["actions"] == [action]
    threads = bot.control("GET", "threads", {"as": "Ann"})["threads"]
    assert [t["participants"] for t in threads if t["id"] == action["thread_fbid"]] == [[BOT, *others]]
    messages = bot.control("GET", "messages", {"as": "Ann", "thread": action["thread_fbid"]})["messages"]
    assert [(m["kind"], m["text"]) for m in messages] == [("log", "Bot created the group."), ("text", "welcome")]


def test_new_group_with_nobody(bot: Any) -> None:
    """A list of only oneself or of strangers makes no group."""
    assert bot.send("x", **{"specific_to_list[0]": f"fbid:{BOT}"})["error"] == 1357031
    assert bot.send("x", **{"specific_to_list[0]": "fbid:42", "specific_to_list[1]": f"fbid:{BOT}"})["error"] == 1545012


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({"thread_fbid": "7000000000000099"}, 1545012),
        ({"thread_fbid": ANN}, 1545012),
        ({"other_user_fbid": "100000000000099"}, 1545012),
        ({"other_user_fbid": FRIENDS}, 1545012),
        ({}, 1357031),
    ],
)
def test_send_to_a_wrong_address(bot: Any, address: dict[str, str], code: int) -> None:
    """Unknown threads and missing addresses are refused."""
    assert bot.send("x", **address)["error"] == code


def test_send_by_a_stranger(chloe: Any) -> None:
    """Who is not in the group is told so."""
    answer = chloe.send("x", thread_fbid=STANDUP)
    assert (answer["error"], answer["errorSummary"]) == (1545012, "Temporary Failure")


def test_send_into_an_encrypted_chat(ann: Any) -> None:
    """A one-to-one chat that was moved to encryption is disabled for this protocol."""
    assert ann.send("x", other_user_fbid=CHLOE)["error"] == 1545116


@pytest.mark.parametrize(
    "field", ["author", "action_type", "offline_threading_id", "message_id", "threading_id", "timestamp", "source"]
)
def test_send_without_a_needed_field(bot: Any, field: str) -> None:
    """The fields of dossier 1, section 10.2, "min", are required."""
    form = bot.send_form("x", thread_fbid=FRIENDS)
    del form[field]
    assert bot.post("/messaging/send/", form)["error"] == 1357031


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"author": f"fbid:{ANN}"}, 1545003),
        ({"offline_threading_id": "abc"}, 1357031),
        ({"body": ""}, 1357031),
        ({"body": "x" * 20_001}, 1357031),
        ({"has_attachment": "true"}, 1357031),
        ({"sticker_id": "1", "has_attachment": "true"}, 1357031),
        ({"image_ids[0]": "11"}, 1357031),
        ({"shareable_attachment[share_type]": "100"}, 1357031),
        ({"replied_to_message_id": "mid.$g"}, 1357031),
        ({"profile_xmd[0][id]": ANN}, 1357031),
        ({"tags[0]": "hot_emoji_size:huge"}, 1357031),
        ({"location_attachment[coordinates][latitude]": "1"}, 1357031),
        ({"lightweight_action_attachment[lwa_type]": "WAVE"}, 1545003),
    ],
)
def test_send_of_what_cannot_be_sent(bot: Any, changed: dict[str, str], code: int) -> None:
    """Wrong fields and kinds that are not there yet are refused, never taken silently."""
    form = {**bot.send_form("x", thread_fbid=FRIENDS), **changed}
    assert bot.post("/messaging/send/", form)["error"] == code
    assert bot.control("GET", "messages", {"as": "Bot", "thread": "Friends"})["messages"][-1]["text"] == "old news"


def test_typing(bot: Any) -> None:
    """Typing is accepted in a group, with an empty `to`, and one-to-one."""
    assert bot.post("/ajax/messaging/typ.php", CALLS["/ajax/messaging/typ.php"])["payload"] == []
    assert "error" not in bot.post("/ajax/messaging/typ.php", {"typ": "0", "thread": ANN, "to": ANN})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"typ": "2", "thread": FRIENDS}, 1357031),
        ({"typ": "1"}, 1357031),
        ({"typ": "1", "thread": "7000000000000099"}, 1545012),
    ],
)
def test_wrong_typing(bot: Any, fields: dict[str, str], code: int) -> None:
    """Typing with wrong fields or in a strange thread is refused."""
    assert bot.post("/ajax/messaging/typ.php", fields)["error"] == code


def unread(account: Any, thread: str) -> int:
    threads = account.control("GET", "threads", {"as": account.id})["threads"]
    return next(int(t["unread"]) for t in threads if t["id"] == thread)


def test_mark_as_read_and_unread(bot: Any, ann: Any) -> None:
    """`true` clears the unread count, `false` brings the newest message back."""
    ann.send("one", thread_fbid=FRIENDS)
    ann.send("two", thread_fbid=FRIENDS)
    assert unread(bot, FRIENDS) == 2
    path = "/ajax/mercury/change_read_status.php"
    assert bot.post(path, {f"ids[{FRIENDS}]": "true", "shouldSendReadReceipt": "true"})["payload"] is None
    assert unread(bot, FRIENDS) == 0
    bot.post(path, {f"ids[{FRIENDS}]": "false"})
    assert unread(bot, FRIENDS) == 1


def test_mark_as_read_up_to_a_time(bot: Any, ann: Any) -> None:
    """A watermark leaves what came after it unread."""
    first = ann.send("one", thread_fbid=FRIENDS)["payload"]["actions"][0]["timestamp"]
    ann.send("two", thread_fbid=FRIENDS)
    fields = {f"ids[{FRIENDS}]": "true", "watermarkTimestamp": str(first)}
    bot.post("/ajax/mercury/change_read_status.php", fields)
    assert unread(bot, FRIENDS) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 1357031),
        ({f"ids[{FRIENDS}]": "yes"}, 1357031),
        ({f"ids[{FRIENDS}]": "true", "watermarkTimestamp": "now"}, 1357031),
        ({"ids[7000000000000099]": "true"}, 1545012),
    ],
)
def test_wrong_read_status(bot: Any, fields: dict[str, str], code: int) -> None:
    """Read marks with wrong fields or of a strange thread are refused."""
    assert bot.post("/ajax/mercury/change_read_status.php", fields)["error"] == code


def test_mark_everything_as_read(bot: Any, ann: Any) -> None:
    """The folder call clears all threads."""
    ann.send("one", thread_fbid=FRIENDS)
    ann.send("two", other_user_fbid=BOT)
    assert "error" not in bot.post("/ajax/mercury/mark_folder_as_read.php", {"folder": "inbox"})
    assert (unread(bot, FRIENDS), unread(bot, ANN)) == (0, 0)
    assert bot.post("/ajax/mercury/mark_folder_as_read.php", {"folder": "attic"})["error"] == 1357031


def test_delivery_receipt(bot: Any, ann: Any) -> None:
    """A receipt of a real message is taken, of another one refused."""
    mid = ann.send("one", thread_fbid=FRIENDS)["payload"]["actions"][0]["message_id"]
    fields = {"message_ids[0]": mid, f"thread_ids[{FRIENDS}][0]": mid}
    assert "error" not in bot.post("/ajax/mercury/delivery_receipts.php", fields)
    assert bot.post("/ajax/mercury/delivery_receipts.php", {"message_ids[0]": "mid.$x"})["error"] == 1357031


def test_seen_and_presence(bot: Any) -> None:
    """Calls of which nobody reads the answer still have a good one."""
    assert "error" not in bot.post("/ajax/mercury/mark_seen.php", {"seen_timestamp": "1767225600000"})
    assert b'"__ar":1' in bot.get("/ajax/presence/reconnect.php", "reason=6").body
    bot.cookie = ""
    assert b'"error":1357001' in bot.get("/ajax/presence/reconnect.php", "reason=6").body


def test_user_info(bot: Any) -> None:
    """Profiles of known people; groups and strangers are left out (dossier 3, section 3.6)."""
    answer = bot.post("/chat/user_info/", {"ids[0]": ANN, "ids[1]": CHLOE, "ids[2]": FRIENDS, "ids[3]": "42"})
    profiles = answer["payload"]["profiles"]
    assert list(profiles) == [ANN, CHLOE]
    expected = {"id": ANN, "name": "Ann", "firstName": "Ann", "vanity": "ann", "gender": 1, "type": "friend"}
    assert expected.items() <= profiles[ANN].items()
    assert profiles[ANN]["uri"] == "https://www.facebook.com/ann"
    assert (profiles[ANN]["is_friend"], profiles[ANN]["is_birthday"]) == (True, False)
    assert (profiles[CHLOE]["is_friend"], profiles[CHLOE]["type"], profiles[CHLOE]["is_birthday"]) == (
        False,
        "user",
        True,
    )


def test_birthday_lasts_a_day(bot: Any, clock: Any) -> None:
    """`birthday: today` is a date: tomorrow it is over."""
    clock.advance(86_400)
    profiles = bot.post("/chat/user_info/", {"ids[0]": CHLOE})["payload"]["profiles"]
    assert profiles[CHLOE]["is_birthday"] is False


def test_user_info_of_a_group_only(bot: Any) -> None:
    """Empty profiles mean "this is a group" to some clients (dossier 4)."""
    assert bot.post("/chat/user_info/", {"ids[0]": FRIENDS})["payload"] == {"profiles": {}}


def test_user_info_all(bot: Any) -> None:
    """The map of everybody else, without the level `profiles` (dossier 3, section 3.7)."""
    assert list(bot.post("/chat/user_info_all", {"viewer": BOT})["payload"]) == [ANN, BEN, CHLOE, DAN]


def location(response: Response) -> str:
    return dict(response.headers)["Location"]


def test_logout(bot: Any) -> None:
    """The menu holds the form, the form ends the session and its cookies (dossier 1, section 8.3)."""
    answer = bot.post("/bluebar/modern_settings_menu/", {"pmid": "0"})
    assert answer["jsmods"]["instances"][0][2][0][0]["value"] == "logout"
    html = answer["jsmods"]["markup"][0][1]["__html"]
    fields = dict(re.findall(r'"(fb_dtsg|ref|h)" value="(.*?)"', html))
    assert fields.keys() == {"fb_dtsg", "ref", "h"}
    response = bot.raw_post("/logout.php", fields)
    assert (response.status, location(response)) == (302, "https://www.facebook.com/")
    cleared = [value for name, value in response.headers if name == "Set-Cookie"]
    assert [value.partition("=")[0] for value in cleared] == ["c_user", "xs"]
    assert all("Max-Age=-1; path=/; domain=.facebook.com" in value for value in cleared)
    assert bot.post("/ajax/mercury/mark_seen.php", {})["error"] == 1357001


def test_logout_of_the_mobile_client(bot: Any) -> None:
    """One client logs out by a GET with the `h` of the page."""
    (h,) = re.findall(r'name="h" value="(.*?)"', bot.get("/").body.decode())
    assert bot.get("/logout.php", "ref=mb&h=wrong").status == 404
    assert bot.get("/logout.php", urlencode({"ref": "mb", "h": h})).status == 302
    assert '"USER_ID":"0"' in bot.get("/").body.decode()


def test_logout_closes_the_sockets(bot: Any) -> None:
    """The connections of the session end with it, those of another session of the account do not."""
    socket = bot.socket("/t_ms")
    other = type(bot)(bot.core, BOT).socket("/t_ms")
    bot.raw_post("/logout.php", {})
    assert (socket.closed, other.closed) == (True, False)
