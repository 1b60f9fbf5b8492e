"""Members and chats as people name them."""

from __future__ import annotations

import pytest

from botkit.messenger import Thread
from botkit.messenger.errors import CommandError
from botkit.people import Directory, Member
from tests.fake_lookup import ANN, BEN, LAYLA, OTHER_BEN, QUIET, FakeLookup


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100000000000003", BEN),
        ("10000000000000006", QUIET),
        ("Ann Lee", ANN),
        ("@ann  lee", ANN),
        ("ANN", ANN),
        ("captain", ANN),
        ("Ben Ek", OTHER_BEN),
        ("captain ben", OTHER_BEN),
        ("ليلى حسن", LAYLA),
        ("\u200fليلى\u200f", LAYLA),
        ("\u2068@ليلى حسن\u2069", LAYLA),
        ("🦊 VOS", LAYLA),
        ("🦊\ufe0f vos", LAYLA),
    ],
)
def test_a_member_is_found(text, expected):
    """By id, name, first name or nickname, whatever the letter case, the spaces and the signs around it."""
    assert Directory(FakeLookup()).member(text) == expected


def test_a_member_is_found_by_the_last_word():
    """Of the name or the nickname; a first name goes before."""
    hoa, hoa_binh = Member("1", "Nguyễn Thị Hoa"), Member("2", "Hoa Bình", "De Kapitein")
    directory = Directory(FakeLookup((hoa, hoa_binh)))
    assert directory.member("Hoa") == hoa_binh
    assert directory.member("kapitein") == directory.member("bình") == hoa_binh
    assert Directory(FakeLookup((hoa, BEN))).member("hoa") == hoa
    with pytest.raises(CommandError, match="could be"):
        Directory(FakeLookup((hoa, Member("3", "Trần Hoa")))).member("hoa")


def test_a_mention_says_who_is_meant():
    """Though another may be called so too."""
    lookup = FakeLookup(mentions={BEN.id: "@Ben"})
    assert Directory(lookup).member("@Ben") == BEN


def test_a_mention_of_somebody_unknown_is_taken():
    """The id is known, which is enough."""
    assert Directory(FakeLookup((), {"100000000000009": "@Zoë"})).member("@zoë") == Member("100000000000009")


def test_the_id_of_somebody_elsewhere_is_taken():
    """Owners have to name people who have left."""
    assert Directory(FakeLookup()).member("100000000000099") == Member("100000000000099")


@pytest.mark.parametrize("text", ["Zed", "", "@", "12345", "1" * 21, "Ann Lee 3", "\u200f"])
def test_nobody_is_nobody(text):
    """A short number is no id."""
    with pytest.raises(ValueError):
        Directory(FakeLookup()).member(text)


def test_who_could_be_meant_is_told():
    """With the ids of those who have one name."""
    with pytest.raises(CommandError, match="Ben could be Ben Okafor or Ben Ek"):
        Directory(FakeLookup()).member("Ben")
    twins = (Member("1", "Bo Li"), Member("2", "Bo Li"), Member("3", "Bo Ek"))
    with pytest.raises(CommandError, match=r"bo could be Bo Li \(1\), Bo Li \(2\) or Bo Ek"):
        Directory(FakeLookup(twins)).member("bo")


def test_a_name_goes_before_what_others_are_called():
    """Nobody becomes Ann Lee by a nickname."""
    ghost = Member("100000000000007", "Ghost", "Ann Lee")
    assert Directory(FakeLookup((ghost, ANN))).member("ann lee") == ANN


def test_a_chat_is_found_by_id_or_name():
    """Two of one name have to be told apart by their ids."""
    chats = [Thread(f"700000000000000{n}", True, name, ()) for n, name in enumerate(("Book Club", "Trip", "trip"))]
    directory = Directory(FakeLookup(threads=chats))
    assert directory.thread("7000000000000002") == chats[2]
    assert directory.thread("book club") == chats[0]
    with pytest.raises(CommandError, match="2 chats are called Trip; use the id of one"):
        directory.thread("Trip")
    with pytest.raises(ValueError):
        directory.thread("Elsewhere")


def test_only_what_is_needed_is_looked_up_and_once():
    """A look-up may ask the network."""
    lookup = FakeLookup()
    directory = Directory(lookup)
    assert lookup.asked == []
    directory.member("Ann")
    directory.member("Captain")
    assert sorted(lookup.asked) == ["members", "mentions"]
