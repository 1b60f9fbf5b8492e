"""What becomes of private things in a record."""

from __future__ import annotations

import json

import pytest

from botkit import logs
from botkit.messenger import parse, raw_events
from botkit.runner.masking import Masker, without_secrets

OWN = "100000000000001"


@pytest.fixture
def masker():
    return Masker("!", b"salt")


def strings(value):
    """Every text in a JSON value, also in the JSON that texts hold."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    if not isinstance(value, str):
        return []
    try:
        inner = json.loads(value)
    except ValueError:
        return [value]
    return strings(inner) if isinstance(inner, dict | list) else [value]


def test_a_body_is_other_letters_of_the_same_length(masker):
    """Small stays small, digits stay digits, and what is between them stays."""
    masked = masker.masked({"body": "Meet me at 10, Ann!"})["body"]
    assert masked != "Meet me at 10, Ann!"
    assert [kind(one) for one in masked] == [kind(one) for one in "Meet me at 10, Ann!"]


def kind(character):
    if character.isdigit():
        return "digit"
    return ("upper" if character.isupper() else "lower") if character.isalpha() else character


@pytest.mark.parametrize(
    ("body", "kept"),
    [("!roll 20 2", "!roll"), ("!roll", "!roll"), ("! roll", ""), ("roll !roll", ""), ("!!x", "")],
)
def test_prefix_and_command_word_stay(masker, body, kept):
    """So that a replay finds the command; its arguments are masked."""
    masked = masker.masked({"body": body})["body"]
    assert masked.startswith(kept)
    assert len(masked) == len(body)
    rest = body[len(kept) :]
    assert masked[len(kept) :] == masker.text(rest)
    assert masker.text(rest) != rest or not any(one.isalnum() for one in rest)


def test_the_same_text_has_the_same_mask_in_one_record_only(masker):
    """Repetitions can be seen; two records cannot be compared."""
    assert masker.text("good morning") == masker.text("good morning") != masker.text("good evening")
    assert masker.text("good morning") != Masker("!", b"pepper").text("good morning")


@pytest.mark.parametrize("text", ["Grüße", "नमस्ते", "日本語", "𝒽𝑒𝓎 𝟙", "e\u0301te\u0301", "half \ud83d"])
def test_every_alphabet_is_masked_and_takes_as_much_room(masker, text):
    """In UTF-16 units, which the offsets of mentions count."""
    masked = masker.text(text)
    assert len(masked.encode("utf-16", "surrogatepass")) == len(text.encode("utf-16", "surrogatepass"))
    assert not {one for one in masked if one > "z"} & {one for one in text if one > "z" and one != "\ud83d"}


def test_emojis_stay(masker):
    """A reaction would be none without."""
    assert masker.masked({"reaction": "👍", "body": "👍👍"}) == {"reaction": "👍", "body": "👍👍"}


def test_places_and_unread_bytes_are_left_out(masker):
    """Fractions are degrees; a list of bytes may hold anything."""
    assert masker.masked({"latitude": 52.37, "payload": [123, 34]}) == {"latitude": 0.0, "payload": []}


def test_numbers_that_people_wrote_are_masked(masker):
    """A name or a text may be one; ids and times stay."""
    wire = {"name": "4711", "text": "0815", "timestamp": "1767225600000", "threadFbId": "200000000000009"}
    masked = masker.masked(wire)
    assert masked["name"] != "4711"
    assert masked["text"] != "0815"
    assert (masked["timestamp"], masked["threadFbId"]) == (wire["timestamp"], wire["threadFbId"])


def test_a_secret_is_one_by_its_key_or_because_the_log_knows_it(masker):
    """With bodies and without."""
    logs.hide("hunter22-token")
    wire = {"syncToken": "1", "body": "it is hunter22-token", "inner": [{"fb_dtsg": "x"}]}
    assert without_secrets(wire) == {
        "syncToken": "[hidden]",
        "body": "it is [hidden]",
        "inner": [{"fb_dtsg": "[hidden]"}],
    }
    assert masker.masked({"cookies": {"xs": "1"}}) == {"cookies": "[hidden]"}


def rows_of(payload):
    wire = payload["wire"]
    return raw_events(wire if "class" in wire else {"class": "ClientPayload", "deltas": [wire]})


@pytest.mark.payloads("deltas")
def test_a_masked_delta_is_the_same_event(masker, payload):
    """Of the same kind, key, chat and people."""
    assert_the_same(masker, rows_of(payload))


@pytest.mark.payloads("inner_deltas")
def test_a_masked_inner_delta_is_the_same_event(masker, payload):
    """Of the same kind, key, chat and people."""
    assert_the_same(masker, rows_of(payload))


def assert_the_same(masker, rows):
    for row in rows:
        masked = masker.masked(row.payload)
        (again,) = raw_events(masked)
        own = (row.kind, row.key, row.thread_id, row.sender_id, row.offline_threading_id, row.timestamp_ms)
        assert (
            again.kind, again.key, again.thread_id, again.sender_id, again.offline_threading_id, again.timestamp_ms
        ) == own  # fmt: skip
        event, other = parse(row.payload, OWN), parse(masked, OWN)
        assert type(other) is type(event)
        assert getattr(other, "log_message_type", None) == getattr(event, "log_message_type", None)
        assert [one.type for one in getattr(other, "attachments", ())] == [
            one.type for one in getattr(event, "attachments", ())
        ]


WORDS = ("hello", "yes", "Ann", "Dan", "Example", "When?", "Mon", "plan", "Dinner", "Dee", "Crew", "text", "yay")


@pytest.mark.payloads("deltas")
def test_no_word_of_people_is_left_in_a_delta(masker, payload):
    """Nor the names of people, files and chats."""
    assert_no_word(masker, rows_of(payload))


@pytest.mark.payloads("inner_deltas")
def test_no_word_of_people_is_left_in_an_inner_delta(masker, payload):
    """Nor the names of people, files and chats."""
    assert_no_word(masker, rows_of(payload))


def assert_no_word(masker, rows):
    for row in rows:
        for text in strings(masker.masked(row.payload)):
            assert not set(text.replace("@", " ").replace(".", " ").split()) & set(WORDS), text
            assert "://" not in text or "test" not in text
