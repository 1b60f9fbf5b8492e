"""The themes that a thread can wear (dossier 3, section 6.6): id, name, colour, emoji and gradient."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT = "196241301102133"


@dataclass(frozen=True)
class Theme:
    """One theme; `color` is `FF` and six hex digits, or empty when nobody recorded it; `emoji` may be empty."""

    id: str
    name: str
    color: str
    emoji: str = ""
    gradient: tuple[str, ...] = ()


# One line each: id, colour, name; then, after bars, emoji and gradient. `-` stands for a colour nobody recorded.
_TABLE = """
2442142322678320 FF20CEF5 Aqua Blue
234137870477637 FF7646FF Bright Purple
3273938616164733 FF0099FF Classic
980963458735625 FFE68585 Coral Pink
196241301102133 FF0084FF Default Blue
193497045377796 FF5E007E Grape
2136751179887052 FF13CF13 Green
672058580051520 FFFAAF00 Honey
169463077092846 FFFF5CA1 Hot Pink
3151463484918004 FF6EDF00 Kiwi
571193503540759 FFA797FF Lavender
2058653964378557 FFD696BB Lavender Purple
736591620215564 FF4D3EC2 Ocean
175615189761153 FFFF7E29 Orange
3022526817824329 FFF25C54 Peach
2129984390566328 FFFA3C4C Red
1257453361255152 FFFF311E Rose
1928399724138152 FF44BEC7 Teal Blue
2873642949430623 FFFB45DE Tulip
174636906462322 FFFFC300 Yellow
121771470870245 FFF65900 APAHM | 💥 | #ff8328 #ff7014 #ff5c00
417639218648241 FF0EDCDE Aqua | | #19c9ff #00e6d2 #0ee6b7
3082966625307060 FFFF595C Astrology | 💫 | #ff239a #ff8c21
6026716157422736 FFB02501 Basketball | ⛹️ | #ac2503 #b02501 #b42400
724096885023603 FFF01D6A Berry | | #005fff #9200ff #ff2e19
164535220883264 FFF01D6A Berry | | #005fff #9200ff #ff2e19
621630955405500 FFA033FF Birthday | 🎉 | #ff7061 #ff5280 #a033ff #0099ff
158263147151440 FF61C500 Bloom | 🐝 | #61c500 #61c500 #61c500
195296273246380 FF826044 Bubble Tea | 🧋 | #886546 #a27f57 #c6a26e
624266884847972 FFFF7CA8 Candy | | #ff8fb2 #a797ff #00e5ff
205488546921017 FFFF7CA8 Candy | | #ff8fb2 #a797ff #00e5ff
275041734441112 FF5797FC Care | 😌 | #4ac9e4 #5890ff #8c91ff
627144732056021 FFB24B77 Celebration! | 🥳 | #f1614e #660f84
390127158985345 FF66A9FF Chill | 🥶 | #8cb3ff #409fff
370940413392601 FF1ADB5B Citrus | | #ffd200 #6edf00 #00dfbb
557344741607350 FF1ADB5B Citrus | | #ffd200 #6edf00 #00dfbb
539927563794799 FF006528 Cottagecore | 🍄 | #00d52f #006528
3259963564026002 FF4e4bf5 Default | | #aa00ff #0080ff
538280997628317 FF004D7C Doctor Strange | 🌀 | #931410 #931410 #931410
1455149831518874 FF7AA286 Dune | 🌑 | #25c0e1 #ce832a
1833559466821043 FFFF6F07 Earth | 🌎 | #ff6f07
693996545771691 FF574DC1 Elephants&Flowers | 🖤 | #4533ff #574ae0 #6c64be
101275642962533 FF7D09B9 Guardians of the Galaxy | 🚀 | #5c22d6 #8f1eb5 #c31b92
184305226956268 FF0171FF J Balvin | ☁️ | #0026ee #00b2ff
1060619084701625 FF601DDD Lo-Fi | ☁️ | #ca34ff #302cff #ba009c
280333826736184 FF4D3EC2 Lollipop | | #ff625b #c532ad #4d3ec2
357833546030778 FFE84B28 Lunar New Year | 🐯 | #f69500 #da0050
930060997172551 FFFF9C19 Mango | | #ffdc2d #ff9616 #ff4f00
2533652183614000 FFD9A900 Maple | | #550029 #aa3232 #d9a900
788274591712841 FF000000 Monochrome | 🖤 | #f0f0f0
1288506208402340 FF57C39C Mother's Day | 💐 | #57c39c #57c39c #57c39c
339021464972092 FF0B0085 Music | 🔈 | #2fa9e4 #648feb #9b73f2
737761000603635 FF9D59D2 Non-Binary | 💛 | #ffd600 #fcb37b #9d59d2 #282828
810978360551741 FF978E21 Parenthood | 🪺 | #978e21 #978e21 #978e21
1652456634878319 FF8A39EF Pride | 🏳️‍🌈 | #ff0018 #ff0417 #ff310e #ff5d06 #ff7a01 #ff8701 #ffb001 #d9c507 #79c718 #01c92d #01be69 #01b3aa #0ba1df #3f77e6 #724cec #8a39ef #8a39ef
582065306070020 FF3A12FF Rocket | | #faaf00 #ff2e2e #3a12ff
271607034185782 FF2825B5 Shadow | | #5e007e #331290 #2825b5
3190514984517598 FF4F4DFF Sky | 🌤 | #0080ff #9f1aff
1438011086532622 FFDD8800 Star Wars | ✨ | #edab00 #cd6300
1059859811490132 FFC03232 Stranger Things | 🙃 | #db4040 #a32424
365557122117011 FF6E5B04 Support | 💛 | #ed9f9a #ed9f9a #ed9f9a
909695489504566 FFF7B267 Sushi | | #f25c54 #f4845f #f7b267
230032715012014 FF0052CD Tie-Dye | ✌️ | #0052cd #00a1e6 #0052cd
504518465021637 FFA8B8DA Transgender | 🏳️‍⚧️ | #55d0ff #7597d7 #ff9fb3 #ff9fb3
262191918210707 FF9FD52D Tropical | | #2a7fe3 #00bf91 #9fd52d
273728810607574 FF3A1D8A Unicorn | | #fb45de #841dd5 #3a1d8a
741311439775765 - Love
1318983195536293 - ThankfulForFriends
769129927636836 - TaylorSwift
788102625833584 - NationalComingOutDay
822549609168155 - Autumn
780962576430091 - Cyberpunk2077
"""  # noqa: E501


def _theme(line: str) -> Theme:
    head, *more = (part.strip() for part in line.split("|"))
    theme_id, color, name = head.split(maxsplit=2)
    emoji, gradient = more or ("", "")
    return Theme(theme_id, name, color.strip("-"), emoji, tuple(gradient.split()))


THEMES = {theme.id: theme for theme in map(_theme, _TABLE.strip().splitlines())}
# The colours of 2017 to 2020, by which older forms name a theme; of two of one colour the one that stands first.
BY_COLOR = {theme.color[2:].lower(): theme for theme in reversed(THEMES.values()) if theme.color}
