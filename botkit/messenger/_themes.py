"""The themes of chats: from what a user names, a colour, a name or an id, to the theme's id. Pure.

Facts: dossier 3, sections 4.5 and 6.6. A colour stands for one of the plain themes. Of the others some are
seasonal or retired; the server knows today's.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from botkit.messenger.errors import BadArgument

DEFAULT_THEME = "196241301102133"
THEMES_QUERY = ("MWPThreadThemeQuery_AllThemesQuery", "24474714052117636")
"""Name and id of the query for the themes that there are today; its variables: `{"version": "default"}`."""

_COLOR = re.compile(r"#[0-9a-f]{6}")
# Name: (id, colour).
_PLAIN = {
    "aqua blue": ("2442142322678320", "20cef5"),
    "bright purple": ("234137870477637", "7646ff"),
    "classic": ("3273938616164733", "0099ff"),
    "coral pink": ("980963458735625", "e68585"),
    "default blue": ("196241301102133", "0084ff"),
    "grape": ("193497045377796", "5e007e"),
    "green": ("2136751179887052", "13cf13"),
    "honey": ("672058580051520", "faaf00"),
    "hot pink": ("169463077092846", "ff5ca1"),
    "kiwi": ("3151463484918004", "6edf00"),
    "lavender": ("571193503540759", "a797ff"),
    "lavender purple": ("2058653964378557", "d696bb"),
    "ocean": ("736591620215564", "4d3ec2"),
    "orange": ("175615189761153", "ff7e29"),
    "peach": ("3022526817824329", "f25c54"),
    "red": ("2129984390566328", "fa3c4c"),
    "rose": ("1257453361255152", "ff311e"),
    "teal blue": ("1928399724138152", "44bec7"),
    "tulip": ("2873642949430623", "fb45de"),
    "yellow": ("174636906462322", "ffc300"),
}
_OTHERS = {
    "apahm": "121771470870245",
    "aqua": "417639218648241",
    "astrology": "3082966625307060",
    "basketball": "6026716157422736",
    "berry": "164535220883264",
    "birthday": "621630955405500",
    "bloom": "158263147151440",
    "bubble tea": "195296273246380",
    "candy": "205488546921017",
    "care": "275041734441112",
    "celebration!": "627144732056021",
    "chill": "390127158985345",
    "citrus": "370940413392601",
    "cottagecore": "539927563794799",
    "default": "3259963564026002",
    "doctor strange": "538280997628317",
    "dune": "1455149831518874",
    "earth": "1833559466821043",
    "elephants&flowers": "693996545771691",
    "guardians of the galaxy": "101275642962533",
    "j balvin": "184305226956268",
    "lo-fi": "1060619084701625",
    "lollipop": "280333826736184",
    "lunar new year": "357833546030778",
    "mango": "930060997172551",
    "maple": "2533652183614000",
    "monochrome": "788274591712841",
    "mother's day": "1288506208402340",
    "music": "339021464972092",
    "non-binary": "737761000603635",
    "parenthood": "810978360551741",
    "pride": "1652456634878319",
    "rocket": "582065306070020",
    "shadow": "271607034185782",
    "sky": "3190514984517598",
    "star wars": "1438011086532622",
    "stranger things": "1059859811490132",
    "support": "365557122117011",
    "sushi": "909695489504566",
    "tie-dye": "230032715012014",
    "transgender": "504518465021637",
    "tropical": "262191918210707",
    "unicorn": "273728810607574",
    "love": "741311439775765",
    "thankful for friends": "1318983195536293",
    "taylor swift": "769129927636836",
    "autumn": "822549609168155",
    "cyberpunk2077": "780962576430091",
}
# Colours of old that no theme has, and the theme that comes nearest to the eye.
_RETIRED = {"6699cc": "teal blue", "67b868": "green", "d4a88c": "coral pink", "a695c7": "lavender"}


def theme_id(wanted: str | None) -> str | None:
    """The id of the theme that a colour, an id or a known name stands for; None for a name that is not known here.

    "" and None are the default. A colour that no theme has gets the nearest. Raises BadArgument for a broken colour.
    """
    text = (wanted or "").strip().lower()
    if not text:
        return DEFAULT_THEME
    if text.startswith("#"):
        if not _COLOR.fullmatch(text):
            raise BadArgument(f"color {wanted!r} must be # and six hexadecimal digits, such as #0084ff")
        return _nearest(text[1:])
    if text.isascii() and text.isdigit():
        return text
    return _PLAIN[text][0] if text in _PLAIN else _OTHERS.get(text)


def theme_id_in(data: Mapping[str, Any], name: str) -> str:
    """The id of a theme by its name, from the answer to the query. Raises BadArgument when there is none."""
    wanted = name.strip().lower()
    live = {
        str(theme.get("accessibility_label")).lower(): str(theme["id"])
        for theme in data.get("messenger_thread_themes") or ()
        if isinstance(theme, Mapping) and theme.get("id") and theme.get("accessibility_label")
    }
    if wanted not in live:
        raise BadArgument(f"theme {name!r} is unknown; {_suggestion(wanted, [*live, *_PLAIN])}")
    return live[wanted]


def _nearest(color: str) -> str:
    """By the distance in red, green and blue."""
    if color in _RETIRED:
        return _PLAIN[_RETIRED[color]][0]
    red, green, blue = bytes.fromhex(color)

    def distance(theme: tuple[str, str]) -> int:
        r, g, b = bytes.fromhex(theme[1])
        return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2

    return min(_PLAIN.values(), key=distance)[0]


def _suggestion(name: str, known: Iterable[str]) -> str:
    names = list(dict.fromkeys(known))
    found = difflib.get_close_matches(name, names, n=1)
    return f"the nearest is {found[0]}" if found else f"known are {', '.join(names)}"
