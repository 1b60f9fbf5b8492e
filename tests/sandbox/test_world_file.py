"""World files: what is read, and how mistakes are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from botkit.sandbox.errors import SandboxError
from botkit.sandbox.world_file import read_world

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
PEOPLE = """\
people:
  - {id: 1, name: Ann, email: a, password: b}
  - {id: 2, name: Ben, email: a, password: b}
"""


def test_world_of_the_package() -> None:
    """Bot, Ann, Ben, Chloe; Friends and Stand-up; one birthday today; some history."""
    beginning = read_world(None, NOW)
    people = beginning.world.people
    assert {p.id: p.name for p in people.values()} == {
        "100000000000001": "Bot",
        "100000000000002": "Ann",
        "100000000000003": "Ben",
        "100000000000004": "Chloe",
    }
    assert [p.name for p in people.values() if p.bot] == ["Bot"]
    assert [p.name for p in people.values() if p.birthday == "02-03"] == ["Chloe"]
    groups = {t.name: len(t.members) for t in beginning.world.threads.values() if t.group}
    assert groups == {"Friends": 4, "Stand-up": 3}
    times = [message.timestamp_ms for message in beginning.messages]
    assert times == sorted(times)
    assert max(times) < NOW.timestamp() * 1000
    assert beginning.world.are_friends("100000000000001", "100000000000004")


def test_birthdays_and_friends(tmp_path: Path) -> None:
    """Dates with and without a year; friendships as listed; encrypted chats."""
    path = tmp_path / "w.yaml"
    path.write_text(
        "people:\n"
        "  - {id: 1, name: Ann, email: a, password: b, birthday: 02-29}\n"
        "  - {id: 2, name: Ben Li, email: a, password: b, birthday: 1999-12-31}\n"
        "chats: [{members: [ann, 2], encrypted: true}]\n"
        "friends: []\n",
        encoding="utf-8",
    )
    world = read_world(path, NOW).world
    assert [(p.birthday, p.first_name) for p in world.people.values()] == [("02-29", "Ann"), ("12-31", "Ben")]
    assert world.direct("1", "2").encrypted
    assert not world.are_friends("1", "2")


def test_looks_and_admins(tmp_path: Path) -> None:
    """Groups and chats may begin with a look; the first member of a group is its admin unless the file says more."""
    path = tmp_path / "w.yaml"
    path.write_text(
        PEOPLE + "groups:\n"
        "  - {id: 11, name: A, members: [Ann, Ben], emoji: ⭐, color: '#FF7E29', nicknames: {Ben: Bee},"
        " approval: true}\n"
        "  - {id: 12, name: B, members: [Ann, Ben], admins: [ben]}\n"
        "chats: [{members: [Ann, Ben], nicknames: {Ann: A}}]\n",
        encoding="utf-8",
    )
    threads = read_world(path, NOW).world.threads
    first, second, chat = threads["11"], threads["12"], threads["1:2"]
    assert (first.emoji, first.theme, first.nicknames, first.approval) == ("⭐", "175615189761153", {"2": "Bee"}, True)
    assert (first.admins, second.admins, chat.admins) == (("1",), ("2",), ())
    assert chat.nicknames == {"1": "A"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1: is empty"),
        ("people: [", ":1: is not YAML"),
        ("[]", ":1: what stands here has to be a mapping with people"),
        ("groups: []", ":1: 'people' is missing"),
        (PEOPLE + "peple: []", ":4: unknown key 'peple'"),
        (PEOPLE + "people: []", ":4: key 'people' stands here twice"),
        ("people:\n  - {id: 1, name: Ann, email: a}", ":2: 'password' is missing"),
        ("people:\n  - {id: x, name: Ann, email: a, password: b}", ":2: id 'x'"),
        ("people:\n  - {id: 1, name: [Ann], email: a, password: b}", ":2: 'name' has to be a text"),
        ("people: 5", ":1: 'people' has to be a list"),
        (PEOPLE + "  - {id: 3, name: Cy, email: a, password: b, birthday: soon}", ":4: birthday 'soon'"),
        (PEOPLE + "  - {id: 3, name: Cy, email: a, password: b, gender: x}", ":4: gender 'x'"),
        (PEOPLE + "  - {id: 3, name: Cy, email: a, password: b, bot: yes}", ":4: 'yes' is not true or false"),
        (PEOPLE + "  - {id: 3, name: Cy, email: a, password: b, two_factor: 12}", ":4: two_factor '12' is not a code"),
        (PEOPLE + "  - {id: 3, name: Cy, email: a, password: b, consent: 1}", ":4: '1' is not true or false"),
        (PEOPLE + "  - {id: 3, name: ann, email: a, password: b}", ":4: a second person"),
        (PEOPLE + "groups:\n  - {id: 9, name: G, members: [Ann, Zoe]}", ":5: 'Zoe' is nobody"),
        (PEOPLE + "groups:\n  - {id: 1, name: G, members: [Ann]}", ":5: 1 is already a person's id"),
        (
            PEOPLE + "groups:\n  - {id: 9, name: G, members: [Ann], color: red}",
            ":5: color 'red' is not that of a theme",
        ),
        (PEOPLE + "groups:\n  - {id: 9, name: G, members: [Ann], admins: [Ben]}", ":5: 'Ben' is not a member"),
        (
            PEOPLE + "groups:\n  - {id: 9, name: G, members: [Ann], nicknames: [A]}",
            ":5: 'nicknames' has to be a mapping from members",
        ),
        (PEOPLE + "groups:\n  - {id: 9, name: G, members: [Ann], nicknames: {Ben: A}}", ":5: 'Ben' is not a member"),
        (PEOPLE + "chats:\n  - {members: [Ann, Ann]}", ":5: 'members' has to name two different people"),
        (PEOPLE + "chats:\n  - {members: [Ann, Ben]}\n  - {members: [Ben, Ann]}", ":6: describes a thread"),
        (
            PEOPLE + "groups:\n  - id: 9\n    name: G\n    members: [Ann]\n    messages:\n"
            "      - {from: Ben, text: x, minutes_ago: 1}",
            ":9: 'Ben' is not a member",
        ),
        (
            PEOPLE + "chats:\n  - members: [Ann, Ben]\n    messages: [{from: Ben, text: x, minutes_ago: -1}]",
            ":6: minutes_ago is a whole number",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, told: str) -> None:
    """Each mistake is one line with file and line number."""
    path = tmp_path / "w.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SandboxError) as caught:
        read_world(path, NOW)
    assert str(caught.value).startswith(f"{path}{told}")
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(SandboxError, match=r"nowhere\.yaml: cannot be read"):
        read_world(tmp_path / "nowhere.yaml", NOW)
