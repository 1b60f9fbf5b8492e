"""Ids against the test vectors of dossier 1, section 9."""

from __future__ import annotations

import random

from botkit.sandbox import ids


def test_message_id_of_a_group() -> None:
    """A group's message id holds group, time and offline threading id."""
    made = ids.message_id(group=True, chat=7000000000000001, timestamp_ms=1767225600000, otid=7412281402983798101)
    assert made == "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"


def test_message_id_of_two_people() -> None:
    """A one-to-one chat's number is the two ids XORed."""
    made = ids.message_id(
        group=False, chat=100000000000001 ^ 100000000000002, timestamp_ms=1767225600000, otid=7412281402983798101
    )
    assert made == "mid.$cAAAAAAAAAAOhqB_wAGbdtqoAFVVV"


def test_offline_threading_id_holds_its_time() -> None:
    """The upper bits of an offline threading id are its millisecond."""
    assert int(ids.offline_threading_id(1767225600000, random.Random(1))) >> 22 == 1767225600000


def test_jazoest_is_the_sum_form() -> None:
    """The page's check value is `2` and the sum of the token's characters."""
    assert ids.jazoest("NAcAbCdEf:1:2") == "2958"
