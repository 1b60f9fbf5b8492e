"""Themes: from a colour, a name or an id to the theme's id (dossier 3, section 6.6)."""

import pytest

from botkit.messenger import BadArgument
from botkit.messenger._themes import DEFAULT_THEME, theme_id, theme_id_in

LIVE = {
    "messenger_thread_themes": [
        {"id": 5, "accessibility_label": "Moonlight", "description": "x"},
        {"id": "6", "accessibility_label": None},
        {"accessibility_label": "No id"},
        "no object",
    ]
}


@pytest.mark.parametrize(
    ("color", "theme"),
    [
        ("#0084ff", "196241301102133"),
        ("#44bec7", "1928399724138152"),
        ("#ffc300", "174636906462322"),
        ("#fa3c4c", "2129984390566328"),
        ("#d696bb", "2058653964378557"),
        ("#13cf13", "2136751179887052"),
        ("#ff7e29", "175615189761153"),
        ("#e68585", "980963458735625"),
        ("#7646ff", "234137870477637"),
        ("#20cef5", "2442142322678320"),
        ("#ff5ca1", "169463077092846"),
    ],
)
def test_the_colours_of_old_have_their_theme(color: str, theme: str) -> None:
    """In small letters and capitals."""
    assert theme_id(color) == theme_id(color.upper()) == theme


@pytest.mark.parametrize(
    ("color", "name"),
    [("#6699cc", "Teal Blue"), ("#67b868", "Green"), ("#d4a88c", "Coral Pink"), ("#a695c7", "Lavender")],
)
def test_four_colours_lost_their_theme(color: str, name: str) -> None:
    """They get the one that the dossier suggests."""
    assert theme_id(color) == theme_id(name) is not None


@pytest.mark.parametrize(
    ("color", "name"), [("#0000ff", "ocean"), ("#ff0000", "rose"), ("#0083fe", "default blue"), ("#500070", "grape")]
)
def test_another_colour_gets_the_nearest(color: str, name: str) -> None:
    """By the distance in red, green and blue."""
    assert theme_id(color) == theme_id(name) is not None


@pytest.mark.parametrize("nothing", ["", None, "  "])
def test_nothing_is_the_default(nothing: str | None) -> None:
    """As documented."""
    assert theme_id(nothing) == DEFAULT_THEME == "196241301102133"


@pytest.mark.parametrize("color", ["#", "#12", "#12345g", "#1234567"])
def test_a_broken_colour_is_refused(color: str) -> None:
    """With what would be right."""
    with pytest.raises(BadArgument, match="six hexadecimal digits"):
        theme_id(color)


def test_of_two_themes_of_one_name_the_better_is_taken() -> None:
    """Berry, Candy and Citrus stand twice in the table."""
    assert [theme_id(name) for name in ("Berry", "Candy", "Citrus")] == [
        "164535220883264",
        "205488546921017",
        "370940413392601",
    ]


def test_a_name_that_the_table_lacks_is_left_to_the_server() -> None:
    """Its list of today, whose strange entries are passed over; else the nearest name is told."""
    assert theme_id("Moonlight") is None
    assert theme_id_in(LIVE, " moonlight ") == "5"
    with pytest.raises(BadArgument, match="the nearest is moonlight"):
        theme_id_in(LIVE, "moonlite")
    with pytest.raises(BadArgument, match="known are aqua blue"):
        theme_id_in({}, "xyzzy")
