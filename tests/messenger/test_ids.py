"""Identifiers: made, read and checked."""

import random

import pytest

from botkit.messenger import _ids
from botkit.messenger.errors import BadArgument

TIME_MS = 1767225600000
OTID = 7412281402983798101


class _Fixed(random.Random):
    """Draws the same bits each time."""

    def __init__(self, bits: int) -> None:
        super().__init__(0)
        self._bits = bits

    def getrandbits(self, k: int, /) -> int:
        return self._bits


def test_an_offline_threading_id_is_time_and_chance() -> None:
    """The dossier's vector: the ms shifted by 22 bits, then the random bits."""
    assert _ids.offline_threading_id(TIME_MS, _Fixed(1398101)) == OTID


def test_an_epoch_id_ends_in_42_and_holds_the_time() -> None:
    """Ids of envelopes: time, count, 42."""
    made = _ids.epoch_id(TIME_MS, 3)
    assert (made >> 22, made >> 12 & 0x3FF, made & 0xFFF) == (TIME_MS, 3, 42)


def test_threading_id_has_the_old_mail_form() -> None:
    """The dossier's example."""
    made = _ids.threading_id(TIME_MS, _Fixed(436049368), "3e8f0a1b")
    assert made == "<1767225600000:436049368-3e8f0a1b@mail.projektitan.com>"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1, "1"), (10, "a"), (123, "3f"), (1000, "rs"), (123456789, "21i3v9")]
)
def test_base36(number: int, text: str) -> None:
    """Digits, then letters from a to z."""
    assert _ids.base36(number) == text


def test_jazoest_is_the_sum_form() -> None:
    """A 2, then the sum of the characters' codes."""
    assert _ids.jazoest("NAcAbCdEf:1:2") == "2958"


@pytest.mark.parametrize("message_id", ["mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV", "mid.$cAAAAAAAAAAOhqB_wAGbdtqoAFVVV"])
def test_the_time_of_a_message_is_in_its_id(message_id: str) -> None:
    """The dossier's two ids hold the same ms."""
    assert _ids.message_time_ms(message_id) == TIME_MS


@pytest.mark.parametrize("message_id", ["mid.1459200000000:abc", "mid.$g", "mid.$gA", "id.123"])
def test_other_message_ids_hold_no_time(message_id: str) -> None:
    """Old and broken ids are opaque."""
    assert _ids.message_time_ms(message_id) is None


def test_a_random_uuid_is_of_version_4() -> None:
    """Groups of 8-4-4-4-12 with version and variant in their places."""
    groups = _ids.random_uuid(random.Random(1)).split("-")
    assert [len(group) for group in groups] == [8, 4, 4, 4, 12]
    assert groups[2][0] == "4" and groups[3][0] in "89ab"


@pytest.mark.parametrize("value", [100000000000001, "100000000000001", " 100000000000001 "])
def test_ids_are_texts_of_digits(value: object) -> None:
    """Ints and texts are the same id."""
    assert _ids.id_text(value, "thread_id") == "100000000000001"


@pytest.mark.parametrize("value", [1e15, True, None, "", "abc", "-5", "١٢٣"])
def test_other_values_are_refused_by_name(value: object) -> None:
    """Floats have lost digits, and what is no id is told with the argument's name."""
    with pytest.raises(BadArgument, match="thread_id must be"):
        _ids.id_text(value, "thread_id")


def test_several_ids_keep_their_order_without_repeats() -> None:
    """One id, or a sequence of them."""
    assert _ids.id_texts([3, "1", 3], "ids") == ("3", "1")
    assert _ids.id_texts(7, "ids") == ("7",)


@pytest.mark.parametrize("values", [[], 1.5, None])
def test_no_ids_are_refused(values: object) -> None:
    """Nothing to ask about is a mistake of the caller's."""
    with pytest.raises(BadArgument, match="ids must"):
        _ids.id_texts(values, "ids")


def test_the_chat_is_in_a_message_id() -> None:
    """Both examples of dossier 1, section 9: a group's own, and the other person's of a chat of two."""
    group, private = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV", "mid.$cAAAAAAAAAAOhqB_wAGbdtqoAFVVV"
    assert _ids.thread_of_message(group, "100000000000001") == "7000000000000001"
    assert _ids.thread_of_message(private, "100000000000001") == "100000000000002"
    assert _ids.thread_of_message(private, "100000000000002") == "100000000000001"


@pytest.mark.parametrize(
    "message_id",
    ["", "mid.1400000000000:0a1b", "id.5", "mid.$", "mid.$g", "mid.$g!!", "mid.$xABjedoFtgAGhqB_wAGbdtqoAFVVV"],
)
def test_other_message_ids_do_not_tell_their_chat(message_id: str) -> None:
    """They are opaque."""
    assert _ids.thread_of_message(message_id, "1") is None
