"""The MQTT side by raw packets: connecting, queues, fan-out, typing, presence (dossier 2, sections 2, 3, 5, 13, 14)."""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")
FRIENDS, STANDUP = "7000000000000001", "7000000000000002"
CREATE, RESUME = "/messenger_sync_create_queue", "/messenger_sync_get_diffs"


def queue(start: object, **more: object) -> dict[str, object]:
    return {
        "sync_api_version": 10,
        "max_deltas_able_to_process": 1000,
        "delta_batch_size": 500,
        "encoding": "JSON",
        "entity_fbid": BOT,
        "initial_titan_sequence_id": start,
        "device_params": None,
        **more,
    }


def diffs(after: object, token: str, **more: object) -> dict[str, object]:
    return {"delta_batch_size": 500, "entity_fbid": BOT, "last_seq_id": after, "sync_token": token, **more}


def classes(batches: list[Any]) -> list[str]:
    return [delta["class"] for batch in batches for delta in batch["deltas"]]


def test_welcome(bot: Any) -> None:
    """The right cookies, user and sid are welcome."""
    socket = bot.open().connect(BOT)
    assert socket.packets() == [(0x20, b"\x00\x00")]
    assert not socket.closed


def test_welcome_with_cookie_attributes(bot: Any) -> None:
    """The cookies of the upgrade may carry their attributes (dossier 4)."""
    cookie = "; ".join(f"{part}; Expires=x; Domain=facebook.com; Path=/" for part in bot.cookie.split("; "))
    assert bot.open(cookie).connect(BOT).packets() == [(0x20, b"\x00\x00")]


@pytest.mark.parametrize(("user", "s"), [(ANN, 5), (BOT, 6), ("", 5)], ids=["user", "sid", "nobody"])
def test_refused_user_name(bot: Any, user: str, s: int) -> None:
    """A user name that does not fit cookies or URL: code 5, and the socket is closed."""
    socket = bot.open().connect(user, s=s)
    assert socket.packets() == [(0x20, b"\x00\x05")]
    assert socket.closed


def test_refused_cookies(bot: Any) -> None:
    """A dead session is not authorised."""
    assert bot.open("c_user=100000000000001; xs=1").connect(BOT).packets() == [(0x20, b"\x00\x05")]


def test_refused_after_a_logout_between_upgrade_and_connect(bot: Any) -> None:
    """A session that ends while its socket opens has no socket: it is not found among those that are cut."""
    logged_out = bot.open()
    bot.raw_post("/logout.php", {})
    assert logged_out.connect(BOT).packets() == [(0x20, b"\x00\x05")]
    assert logged_out.closed


def test_refused_after_an_expiry_between_upgrade_and_connect(bot: Any, core: Any) -> None:
    """The same for sessions that the server forgets by itself."""
    forgotten = bot.open()
    core.order("Bot", "expire")
    assert forgotten.connect(BOT).packets() == [(0x20, b"\x00\x05")]


def test_refused_version(bot: Any) -> None:
    """Another protocol level: code 1."""
    socket = bot.open()
    socket.session.feed(b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x01c")
    assert (socket.packets(), socket.closed) == ([(0x20, b"\x00\x01")], True)


@pytest.mark.parametrize("data", [b"\xc0\x00", b"\x20\x02\x00\x00", b"\x30\xff\xff\xff\xff"])
def test_garbage_first(bot: Any, data: bytes) -> None:
    """A socket that does not begin with CONNECT is closed without an answer."""
    socket = bot.open()
    socket.session.feed(data)
    assert (bytes(socket.out), socket.closed) == (b"", True)


def test_ping_subscribe_unsubscribe(bot: Any) -> None:
    """Each has its answer, with the packet's id."""
    socket = bot.socket()
    socket.session.feed(b"\xc0\x00\x82\x0b\x00\x01\x00\x02/a\x00\x00\x01b\x00\xa2\x06\x00\x02\x00\x02/a")
    assert socket.packets() == [(0xD0, b""), (0x90, b"\x00\x01\x00\x00"), (0xB0, b"\x00\x02")]


def test_publish_is_acknowledged(bot: Any) -> None:
    """QoS 1 is answered by PUBACK, also on topics without effect; QoS 0 by nothing."""
    socket = bot.socket()
    socket.publish("/foreground_state", {"foreground": True})
    assert socket.packets() == [(0x40, b"\x00\x07")]
    socket.session.feed(b"\x30\x06\x00\x02/ahi")
    assert socket.packets() == []


def test_disconnect(bot: Any) -> None:
    """DISCONNECT closes the socket."""
    socket = bot.socket()
    socket.session.feed(b"\xe0\x00")
    assert socket.closed


def test_silence_is_cut(bot: Any, core: Any, clock: Any) -> None:
    """After one and a half keepalives without a byte the socket is cut; a ping keeps it."""
    quiet, lively = bot.socket(), bot.socket()
    clock.advance(9)
    lively.session.feed(b"\xc0\x00")
    clock.advance(6.5)
    assert core.sessions.close_silent() == 1
    assert (quiet.closed, lively.closed) == (True, False)


def test_connect_is_waited_for(bot: Any, core: Any, clock: Any) -> None:
    """Who never says CONNECT is cut too."""
    socket = bot.open()
    clock.advance(21)
    core.sessions.close_silent()
    assert socket.closed


def test_create_queue(bot: Any) -> None:
    """The first answer holds the asked position, the account and a token, and no deltas."""
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(str(bot.position())))
    assert socket.messages("/t_ms") == [
        {"firstDeltaSeqId": bot.position(), "queueEntityId": int(BOT), "syncToken": "1"},
    ]


def test_next_queue_has_another_token(bot: Any) -> None:
    """Tokens are minted one after another, and numbers may come as numbers."""
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(bot.position()))
    socket.publish(CREATE, queue(bot.position(), entity_fbid=int(BOT)))
    assert [answer["syncToken"] for answer in socket.messages("/t_ms")] == ["1", "2"]


def test_create_queue_below_the_end(bot: Any) -> None:
    """What lies above the asked position follows at once, in batches of the asked size."""
    start = bot.position()
    for number in range(3):
        bot.send(str(number), thread_fbid=FRIENDS)
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(start, delta_batch_size=2))
    _, first, second = socket.messages("/t_ms")
    assert [delta["body"] for delta in first["deltas"] + second["deltas"]] == ["0", "1", "2"]
    assert (first["firstDeltaSeqId"], first["lastIssuedSeqId"]) == (start + 1, start + 2)
    assert (second["firstDeltaSeqId"], second["lastIssuedSeqId"]) == (start + 3, start + 3)


@pytest.mark.parametrize("start", ["99999", "x", None])
def test_create_queue_beyond_the_end(bot: Any, start: object) -> None:
    """A position that the log does not have is an error, never silence."""
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(start))
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}]


def test_create_queue_of_somebody_else(bot: Any) -> None:
    """Only one's own log can be read."""
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(bot.position(), entity_fbid=ANN))
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}]


def test_overflow(bot: Any) -> None:
    """Too old, or further behind than the client can process."""
    start = bot.position()
    for number in range(3):
        bot.send(str(number), thread_fbid=FRIENDS)
    socket = bot.socket("/t_ms")
    socket.publish(CREATE, queue(start, max_deltas_able_to_process=2))
    socket.publish(CREATE, queue(1))
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_OVERFLOW"}] * 2


def test_resume(bot: Any) -> None:
    """With a token the log goes on from the given number."""
    first = bot.listen()
    start = bot.position()
    bot.send("while away", thread_fbid=FRIENDS)
    first.session.feed(b"\xe0\x00")
    socket = bot.socket("/t_ms")
    socket.publish(RESUME, diffs(str(start), "1"))
    (batch,) = socket.messages("/t_ms")
    assert batch["deltas"][0]["body"] == "while away"
    assert batch["firstDeltaSeqId"] == start + 1


def test_resume_with_nothing_new(bot: Any) -> None:
    """An empty batch says that the queue lives; what comes then is pushed."""
    bot.listen()
    socket, end = bot.socket("/t_ms"), bot.position()
    socket.publish(RESUME, diffs(end, "1"))
    empty = {"deltas": [], "firstDeltaSeqId": end + 1, "lastIssuedSeqId": end, "queueEntityId": int(BOT)}
    assert socket.messages("/t_ms") == [empty]
    bot.send("new", thread_fbid=FRIENDS)
    assert classes(socket.messages("/t_ms")) == ["NewMessage"]


@pytest.mark.parametrize(("after", "token"), [(None, "7"), ("99999", "1"), (None, "x")])
def test_resume_of_a_lost_queue(bot: Any, after: str | None, token: str) -> None:
    """An unknown token or number: the queue is not found."""
    bot.listen()
    socket = bot.socket("/t_ms")
    socket.publish(RESUME, diffs(after or str(bot.position()), token))
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}]


def test_tokens_are_of_one_account(bot: Any, ann: Any) -> None:
    """Another account's token is not known."""
    bot.listen()
    socket = ann.socket("/t_ms")
    socket.publish(RESUME, diffs(ann.position(), "1", entity_fbid=ANN))
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}]


def test_push_is_a_batch_of_one_at_qos_1(bot: Any) -> None:
    """A live delta comes alone, with a packet id; the PUBACK for it is taken."""
    socket = bot.listen()
    bot.send("hello", thread_fbid=FRIENDS)
    ((first, body),) = socket.packets()
    assert first == 0x32
    assert body[2:7] == b"/t_ms"
    batch = json.loads(body[9:])
    assert batch["firstDeltaSeqId"] == batch["lastIssuedSeqId"] == bot.position()
    socket.session.feed(b"\x40\x02" + body[7:9])
    assert not socket.closed


def test_group_message(bot: Any, ann: Any) -> None:
    """Every member hears it, the sender included; ids and times are texts (dossier 2, section 5.1)."""
    sockets = {BOT: bot.listen(), ANN: ann.listen()}
    sent = ann.send("hello", "7412281402983798101", thread_fbid=FRIENDS)["payload"]["actions"][0]
    for socket in sockets.values():
        (batch,) = socket.messages("/t_ms")
        (delta,) = batch["deltas"]
        assert (delta["class"], delta["body"], delta["attachments"]) == ("NewMessage", "hello", [])
        assert delta["participants"] == [BOT, ANN, BEN, CHLOE]
        assert delta["irisSeqId"] == str(batch["firstDeltaSeqId"])
        metadata = delta["messageMetadata"]
        assert (metadata["actorFbId"], metadata["messageId"]) == (ANN, sent["message_id"])
        assert metadata["offlineThreadingId"] == "7412281402983798101"
        assert metadata["threadKey"] == {"threadFbId": FRIENDS}
        assert metadata["timestamp"] == str(sent["timestamp"])


def test_direct_message(bot: Any, ann: Any) -> None:
    """Each of the two sees the other's id as the thread; nobody else hears it."""
    sockets = [bot.listen(), ann.listen()]
    stranger = bot.socket("/t_ms")
    ann.send("psst", other_user_fbid=BOT)
    deltas = [socket.messages("/t_ms")[0]["deltas"][0] for socket in sockets]
    keys = [delta["messageMetadata"]["threadKey"] for delta in deltas]
    assert keys == [{"otherUserFbId": ANN}, {"otherUserFbId": BOT}]
    assert deltas[0]["messageMetadata"]["cid"] == {"canonicalParticipantFbids": [BOT, ANN]}
    assert "participants" not in deltas[0]
    assert stranger.messages() == []


def test_message_from_the_page(bot: Any) -> None:
    """What a person writes on the page comes as any message."""
    socket = bot.listen()
    bot.control("POST", "send", {"as": "Ann", "thread": "Friends", "text": "!echo hi"})
    assert socket.messages("/t_ms")[0]["deltas"][0]["body"] == "!echo hi"


def test_encrypted_message(ann: Any) -> None:
    """An encrypted chat says nothing on this protocol, not even that somebody types."""
    socket = ann.listen()
    socket.subscribe("/orca_typing_notifications")
    socket.packets()
    ann.control("POST", "send", {"as": "Chloe", "thread": "Ann", "text": "secret"})
    ann.control("POST", "typing", {"as": "Chloe", "thread": "Ann", "typing": True})
    ann.control("POST", "read", {"as": "Ann", "thread": "Chloe"})
    assert socket.messages() == []


def test_nothing_without_subscription(bot: Any) -> None:
    """Topics belong to the connection: without `/t_ms` nothing comes."""
    socket = bot.socket("/orca_presence")
    socket.publish(CREATE, queue(bot.position()))
    bot.send("x", thread_fbid=FRIENDS)
    assert socket.messages() == []


def test_topic_as_a_bare_text(bot: Any) -> None:
    """One client's `st` is a text instead of a list (dossier 4)."""
    socket = bot.open().connect(BOT, st="/t_ms")
    socket.publish(CREATE, queue(bot.position()))
    assert [topic for topic, _ in socket.messages()] == ["/t_ms"]


def test_topic_by_subscribe(bot: Any) -> None:
    """Others leave `st` empty and subscribe, until they unsubscribe."""
    socket = bot.socket()
    socket.subscribe("/t_ms")
    socket.publish(CREATE, queue(bot.position()))
    assert len(socket.messages("/t_ms")) == 1
    socket.session.feed(b"\xa2\x09\x00\x02\x00\x05/t_ms")
    bot.send("x", thread_fbid=FRIENDS)
    assert socket.messages() == []


def test_new_group(bot: Any, ann: Any) -> None:
    """A new group is told by its joining line, then by its message (dossier 2, section 5.3)."""
    socket = ann.listen()
    people = {"specific_to_list[0]": f"fbid:{ANN}", "specific_to_list[1]": f"fbid:{BEN}"}
    group = bot.send("welcome", **people)["payload"]["actions"][0]["thread_fbid"]
    added, message = [batch["deltas"][0] for batch in socket.messages("/t_ms")]
    assert added["class"] == "ParticipantsAddedToGroupThread"
    assert [person["userFbId"] for person in added["addedParticipants"]] == [ANN, BEN]
    assert {"fullName": "Ann", "firstName": "Ann", "isMessengerUser": True}.items() <= added["addedParticipants"][
        0
    ].items()
    assert added["messageMetadata"]["adminText"] == "Bot created the group."
    assert added["messageMetadata"]["threadKey"] == message["messageMetadata"]["threadKey"] == {"threadFbId": group}
    assert message["body"] == "welcome"


def test_reading(bot: Any, ann: Any) -> None:
    """The reader's log says MarkRead, the others' ReadReceipt; reading again says nothing."""
    sent = ann.send("hello", thread_fbid=FRIENDS)["payload"]["actions"][0]
    mine, hers = bot.listen(), ann.listen()
    for _ in range(2):
        bot.post("/ajax/mercury/change_read_status.php", {f"ids[{FRIENDS}]": "true"})
    (mark,) = [batch["deltas"][0] for batch in mine.messages("/t_ms")]
    (receipt,) = [batch["deltas"][0] for batch in hers.messages("/t_ms")]
    assert (mark["class"], mark["threadKeys"]) == ("MarkRead", [{"threadFbId": FRIENDS}])
    assert mark["watermarkTimestamp"] == str(sent["timestamp"])
    assert (receipt["class"], receipt["actorFbId"]) == ("ReadReceipt", BOT)
    assert receipt["threadKey"] == {"threadFbId": FRIENDS}
    assert receipt["watermarkTimestampMs"] == str(sent["timestamp"])


def test_mark_thread_topic(bot: Any, ann: Any) -> None:
    """`/mark_thread` reads and unreads (dossier 1, section 15); strange threads have no effect."""
    ann.send("hello", other_user_fbid=BOT)
    socket = bot.listen()
    socket.publish("/mark_thread", {"threadID": ANN, "mark": "read", "state": True})
    socket.publish("/mark_thread", {"threadID": ANN, "mark": "read", "state": False})
    socket.publish("/mark_thread", {"threadID": "42", "mark": "read", "state": True})
    assert classes(socket.messages("/t_ms")) == ["MarkRead", "MarkUnread"]


def test_typing_in_a_group(bot: Any, ann: Any, ben: Any) -> None:
    """On `/thread_typing`, for the others who want that topic, never for the typist."""
    own, hers, his = bot.socket("/thread_typing"), ann.socket("/thread_typing"), ben.socket("/t_ms")
    bot.post("/ajax/messaging/typ.php", {"typ": "1", "thread": FRIENDS, "to": ""})
    typing = {"type": "typ", "sender_fbid": int(BOT), "state": 1, "thread": FRIENDS}
    assert hers.messages() == [("/thread_typing", typing)]
    assert own.messages() == his.messages() == []


def test_typing_one_to_one(bot: Any, ann: Any) -> None:
    """On `/orca_typing_notifications`, without a thread."""
    hers = ann.socket("/orca_typing_notifications")
    bot.post("/ajax/messaging/typ.php", {"typ": "0", "thread": ANN, "to": ANN})
    typing = {"type": "typ", "sender_fbid": int(BOT), "state": 0}
    assert hers.messages() == [("/orca_typing_notifications", typing)]


def test_presence(bot: Any, ann: Any, clock: Any) -> None:
    """A full list of the friends after subscribing, once; then what changes."""
    socket = bot.open().connect(BOT, st=["/orca_presence"])
    socket.subscribe("/orca_presence")
    friends = [{"u": int(ANN), "p": 0}, {"u": int(BEN), "p": 0}]
    assert socket.messages("/orca_presence") == [{"list_type": "full", "list": friends}]
    hers = ann.socket()
    again = ann.socket()
    assert socket.messages("/orca_presence") == [{"list_type": "inc", "list": [{"u": int(ANN), "p": 2}]}]
    hers.session.feed(b"\xe0\x00")
    assert socket.messages("/orca_presence") == []
    again.session.feed(b"\xe0\x00")
    left_s = clock.time_ms() // 1000
    left = {"u": int(ANN), "p": 0, "l": left_s}
    assert socket.messages("/orca_presence") == [{"list_type": "inc", "list": [left]}]


def test_presence_of_strangers(bot: Any, chloe: Any) -> None:
    """Who is no friend is not told about."""
    socket = bot.socket("/orca_presence")
    chloe.socket()
    assert socket.messages("/orca_presence") == []


def test_presence_of_people_on_the_page(bot: Any, core: Any) -> None:
    """Who has the page open is online."""
    socket = bot.socket("/orca_presence")
    stream = core.stream(ANN, lambda text: None)
    core.engine.audience.detach(stream)
    assert [change["list"][0]["p"] for change in socket.messages("/orca_presence")] == [2, 0]


def test_packets_in_pieces(bot: Any) -> None:
    """A request may be cut anywhere, and several may come together."""
    socket = bot.socket("/t_ms")
    body = b"\x00\x1c" + CREATE.encode() + json.dumps(queue(bot.position())).encode()
    packet = b"\x30" + bytes([len(body) % 128 | 128, len(body) // 128]) + body
    for at in range(0, len(packet), 50):
        socket.session.feed(packet[at : at + 50])
    socket.session.feed(packet + b"\xc0\x00")
    assert [first for first, _ in socket.packets()] == [0x32, 0x32, 0xD0]


def test_requests_that_are_not_json(bot: Any) -> None:
    """A payload that is no JSON object is a wrong request, not the end."""
    socket = bot.socket("/t_ms")
    for topic in (CREATE, RESUME, "/ls_req", "/mark_thread", "/unknown"):
        socket.publish(topic, [1])
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}] * 2
    assert not socket.closed
