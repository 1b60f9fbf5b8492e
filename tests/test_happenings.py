"""What can start an automation: each event's fields, out of events as the network sends them."""

from __future__ import annotations

import re

import pytest

from botkit import happenings
from botkit.messenger import Read, ReadReceipt, Typing, Unsend, parse, parse_transient, raw_events
from botkit.runner.faults import HOOKS

OWN = "100000000000001"
ANN, BEN = "100000000000002", "100000000000003"
THREAD = {"threadFbId": "7000000000000001"}
META = {"actorFbId": ANN, "messageId": "mid.1", "timestamp": "1767225600000", "threadKey": THREAD, "adminText": "Done."}
LOG = {"author": ANN, "text": "Done."}


def event(delta):
    """What the client makes of it."""
    (raw,) = raw_events(delta)
    return parse(raw.payload, OWN)


def admin_text(kind, **data):
    return event({"class": "AdminTextMessage", "type": kind, "untypedData": data, "messageMetadata": META})


def inner(**delta):
    return event({"class": "ClientPayload", "deltas": [delta]})


MESSAGE = event(
    {
        "class": "NewMessage",
        "body": "Hello @Ben",
        "attachments": [{"id": "1", "mercury": {"sticker_attachment": {"id": "2"}}}],
        "data": {"prng": f'[{{"i":"{BEN}","o":6,"l":4}}]'},
        "messageMetadata": META,
        "messageReply": {"replyToMessageId": {"id": "mid.0"}},
    }
)
REACTION = {"threadKey": THREAD, "messageId": "mid.1", "action": 0, "userId": BEN, "senderId": ANN, "reaction": "👍"}
ADDED = [{"userFbId": ANN, "fullName": "Ann Lee"}, {"userFbId": int(BEN), "fullName": "בן"}, {"userFbId": "5"}]
(PRESENCE,) = parse_transient("/orca_presence", {"list_type": "inc", "list": [{"u": int(ANN), "p": 1}]}, 5, OWN)

TABLE = [
    (
        MESSAGE,
        "message",
        {
            "author": ANN,
            "body": "Hello @Ben",
            "message_id": "mid.1",
            "reply_to": "mid.0",
            "attachments": ["sticker"],
            "mentions": [BEN],
            "is_group": True,
        },
    ),
    (
        inner(deltaMessageReaction=REACTION),
        "message_reaction",
        {"author": BEN, "reaction": "👍", "message_id": "mid.1", "writer": ANN},
    ),
    (Unsend("7", "mid.1", ANN, 2, 1), "message_unsend", {"author": ANN, "message_id": "mid.1"}),
    (Typing("7", ANN, True), "typ", {"author": ANN, "is_typing": True}),
    (Read("7", 1), "read", {}),
    (ReadReceipt("7", ANN, 1), "read_receipt", {"author": ANN}),
    (PRESENCE, "presence", {"author": ANN, "status": "idle"}),
    (
        event({"class": "ParticipantsAddedToGroupThread", "addedParticipants": ADDED, "messageMetadata": META}),
        "log:subscribe",
        {**LOG, "added": [ANN, BEN, "5"], "added_names": ["Ann Lee", "בן"]},
    ),
    (
        event({"class": "ParticipantLeftGroupThread", "leftParticipantFbId": int(BEN), "messageMetadata": META}),
        "log:unsubscribe",
        {**LOG, "removed": BEN},
    ),
    (
        event({"class": "ThreadName", "name": "Lake", "messageMetadata": META}),
        "log:thread-name",
        {**LOG, "title": "Lake"},
    ),
    (admin_text("change_thread_theme", theme_color="FFFF5CA1"), "log:thread-color", {**LOG, "color": "FFFF5CA1"}),
    (
        admin_text("change_thread_quick_reaction", thread_quick_reaction_emoji="🦊"),
        "log:thread-icon",
        {**LOG, "emoji": "🦊"},
    ),
    (admin_text("log:thread-image"), "log:thread-image", LOG),
    (
        admin_text("change_thread_nickname", participant_id=BEN, nickname="Bee"),
        "log:user-nickname",
        {**LOG, "person": BEN, "nickname": "Bee"},
    ),
    (
        admin_text("change_thread_admins", TARGET_ID=BEN, ADMIN_EVENT="add_admin"),
        "log:thread-admins",
        {**LOG, "person": BEN, "change": "add_admin"},
    ),
    (admin_text("change_thread_approval_mode", APPROVAL_MODE="1"), "log:thread-approval-mode", {**LOG, "mode": "1"}),
    (
        event(
            {"class": "ApprovalQueue", "action": "REQUESTED", "recipientFbId": int(BEN), "messageMetadata": META},
        ),
        "log:approval-queue",
        {**LOG, "person": BEN, "change": "REQUESTED"},
    ),
    (
        admin_text("group_poll", event_type="question_creation"),
        "log:thread-poll",
        {**LOG, "change": "question_creation"},
    ),
    (
        admin_text("messenger_call_log", event="group_call_started"),
        "log:thread-call",
        {**LOG, "change": "group_call_started"},
    ),
    (admin_text("pin_messages_v2", pinned_message_id="mid.1"), "log:pin-message", {**LOG, "message_id": "mid.1"}),
    (admin_text("unpin_messages_v2", pinned_message_id="mid.1"), "log:unpin-message", {**LOG, "message_id": "mid.1"}),
    (admin_text("joinable_group_link_mode_change"), "joinable_group_link_mode_change", LOG),
    (admin_text("joinable_group_link_reset"), "joinable_group_link_reset", LOG),
    (admin_text("magic_words", magic_word="party"), "magic_words", {**LOG, "word": "party"}),
    (admin_text("limit_sharing"), "limit_sharing", LOG),
    (
        admin_text("lightweight_event_create", event_title="Picnic", event_time="1767225600"),
        "lightweight_event_create",
        {**LOG, "title": "Picnic", "time": "1767225600"},
    ),
    (admin_text("instant_game_update"), "instant_game_update", LOG),
]


def test_each_event_is_in_the_table():
    """In its order."""
    assert [on for _, on, _ in TABLE] == list(happenings.FIELDS)


@pytest.mark.parametrize(("given", "on", "wanted"), TABLE, ids=[on for _, on, _ in TABLE])
def test_an_event_has_its_name_and_its_fields(given, on, wanted):
    """All of them, and what they hold; ids are texts."""
    assert happenings.name_of(given) == on
    assert {field: happenings.value(given, on, field) for field in happenings.fields_of(on)} == wanted


@pytest.mark.parametrize(("given", "on", "wanted"), TABLE, ids=[on for _, on, _ in TABLE])
def test_templates_are_given_what_they_ask_for(given, on, wanted):
    """The fields, and the names of the people in them, and nothing that nobody asked for."""
    known = happenings.template_names(on)
    people = {f"event.{one}_name": wanted[one] for one in happenings.PEOPLE if one in wanted}
    everything = {f"event.{field}": value for field, value in wanted.items()} | {
        name: f"name of {user_id}" for name, user_id in people.items()
    }
    assert sorted(known) == sorted(everything)
    assert happenings.template_values(given, on, known, lambda user_id: f"name of {user_id}") == everything
    assert happenings.template_values(given, on, known[:1], lambda user_id: None) == {
        name: everything[name] for name in known[:1]
    }


@pytest.mark.parametrize(("given", "on", "wanted"), TABLE, ids=[on for _, on, _ in TABLE])
def test_the_author_is_who_has_caused_it(given, on, wanted):
    """Nobody has caused that the bot's own account has read a chat."""
    assert happenings.author(given, on) == wanted.get("author")


def test_what_the_network_leaves_out_is_empty():
    """The person of a change of which it tells nothing, and a reaction that was taken back."""
    bare = admin_text("change_thread_admins")
    asked = happenings.template_names("log:thread-admins")
    values = happenings.template_values(bare, "log:thread-admins", asked, str)
    assert (values["event.person"], values["event.change"], "event.person_name" in values) == (None, None, False)
    taken_back = inner(deltaMessageReaction={**REACTION, "action": 1})
    assert happenings.value(taken_back, "message_reaction", "reaction") is None


def test_no_field_ends_like_the_name_of_a_person():
    """Or a template could not tell the two apart."""
    names = {field for fields in happenings.FIELDS.values() for field in fields}
    assert not names & {f"{one}_name" for one in happenings.PEOPLE}
    assert [name for name in names if re.search("_(is|not|contains|matches)$", name)] == []


def test_each_hook_that_is_named_is_one():
    """And each event with a hook of its own has fields."""
    assert {*happenings.HOOKS.values(), happenings.LOG_HOOK} <= set(HOOKS)
    assert happenings.HOOKS.keys() <= happenings.FIELDS.keys()
