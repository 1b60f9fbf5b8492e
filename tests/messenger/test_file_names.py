"""Names of files that strangers chose."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from botkit.messenger._file_names import safe_file_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Ünïcode 名前 😀.png", "Ünïcode 名前 😀.png"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\a.exe", "_.._a.exe"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("a.txt:stream", "a.txt_stream"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        ("", "file"),
        (" . ", "file"),
        ("a\x00b\n.txt", "ab.txt"),
        ("exe.\u202egpj", "exe.gpj"),
        ("half \ud800.txt", "half .txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1 .txt", "_com1 .txt"),
        ("LPT¹", "_LPT¹"),
        ("console.txt", "console.txt"),
        ("trailing. ", "trailing"),
    ],
)
def test_a_name_becomes_harmless(name: str, safe: str) -> None:
    """And stays as it is where it was."""
    assert safe_file_name(name) == safe


def test_a_long_name_is_cut_and_keeps_its_suffix() -> None:
    """At 150 bytes, between characters."""
    assert safe_file_name("x" * 300 + ".jpg") == "x" * 146 + ".jpg"
    assert safe_file_name("😀" * 100 + ".jpg") == "😀" * 36 + ".jpg"
    assert safe_file_name("a." + "b" * 300) == "a." + "b" * 148


@given(st.text(max_size=400))
@example("." + "x" * 200)
@example("a" * 149 + ". .b")
def test_no_name_chooses_a_place(name: str) -> None:
    """Whatever it is made of; doing it twice changes nothing."""
    safe = safe_file_name(name)
    assert safe and len(safe.encode()) <= 150 and safe[0] not in ". " and safe[-1] not in ". "
    assert not set(safe) & set('/\\:*?"<>|\u2028\u2029')
    assert not any(unicodedata.category(one).startswith("C") for one in safe)
    assert safe_file_name(safe) == safe
