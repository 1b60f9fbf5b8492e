"""Groups and messages by the dozen, and the whole truth to compare with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request

BOT, ANN, BEN = "100000000000001", "100000000000002", "100000000000003"
FRIENDS = "7000000000000001"


def refused(core: Core, method: str, name: str, body: object = None, query: str = "") -> tuple[int, str]:
    headers = {"host": "127.0.0.1:1", "x-botkit-token": core.token, "content-type": "application/json"}
    data = b"" if body is None else json.dumps(body).encode()
    response = core.handle(Request(method, "127.0.0.1", f"/sandbox/api/{name}", query, headers, data))
    return response.status, json.loads(response.body).get("error", "")


def test_groups(bot: Any) -> None:
    """So many groups of the same people, told apart by a number; who asks is the admin."""
    order = {"as": "Bot", "people": ["Ann", "Ben"], "name": "Load", "count": 3}
    made = bot.control("POST", "groups", order)["threads"]
    nodes = [bot.thread(thread) for thread in made]
    assert [node["name"] for node in nodes] == ["Load 1", "Load 2", "Load 3"]
    assert {edge["node"]["messaging_actor"]["id"] for edge in nodes[0]["all_participants"]["edges"]} == {BOT, ANN, BEN}
    assert nodes[0]["thread_admins"] == [{"id": BOT}]


def test_a_group(bot: Any) -> None:
    """One, called exactly so."""
    made = bot.control("POST", "group", {"as": "Ann", "people": ["Ben", "Bot"], "name": "Lake"})["thread"]
    assert bot.thread(made)["name"] == "Lake"
    assert bot.thread(made)["thread_admins"] == [{"id": ANN}]


def test_a_person(core: Core, bot: Any) -> None:
    """Comes to the world, writes, has a birthday, and is there after a restart."""
    new_id = bot.control("POST", "person", {"name": "Dana דנה", "birthday": "01-01"})["id"]
    assert core.engine.world.person_called("dana דנה") == core.engine.world.people[new_id]
    bot.control("POST", "send", {"as": "Dana דנה", "thread": "Bot", "text": "hi"})
    assert core.engine.storage.load_world().people[new_id].birthday == "01-01"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "ann"}, "`name` is a name that nobody has yet, not 'ann'"),
        ({"name": " "}, "`name` is a name that nobody has yet, not ' '"),
        ({"name": "Dana", "birthday": "today"}, "`birthday` is like 03-14: month and day"),
    ],
)
def test_people_who_cannot_come(core: Core, body: dict[str, str], words: str) -> None:
    """Names are told apart without regard to case."""
    assert refused(core, "POST", "person", body) == (400, words)


def test_a_mention(core: Core, bot: Any, ann: Any) -> None:
    """It stands in the text as @ and the name, and is counted in UTF-16 units."""
    order = {"as": "Ann", "thread": "Friends", "text": "🌷 @Ben!", "mentions": ["Ben"]}
    sent = bot.control("POST", "send", order)["message"]
    (mention,) = core.engine.storage.message(sent["id"]).content.mentions  # type: ignore[union-attr]
    assert (mention.person, mention.offset, mention.length) == (BEN, 3, 4)
    assert refused(core, "POST", "send", {**order, "text": "Ben"}) == (400, "`text` has no @Ben in it to mention")


def test_messages(bot: Any, ann: Any) -> None:
    """A list is written in its order, and then told like any messages."""
    socket = bot.listen()
    entries = [
        {"as": "Ann", "thread": "Friends", "text": "one"},
        {"as": "Ben", "thread": "Stand-up", "text": "two"},
        {"as": "Ann", "thread": "Bot", "text": "three"},
    ]
    ids = bot.control("POST", "messages", {"messages": entries})["ids"]
    deltas = socket.deltas()
    assert [delta["body"] for delta in deltas] == ["one", "two", "three"]
    assert [delta["messageMetadata"]["messageId"] for delta in deltas] == ids


def test_messages_with_a_wrong_one(core: Core, bot: Any) -> None:
    """All or nothing: one that is refused takes the others back, and nobody hears of them."""
    socket, start = bot.listen(), bot.position()
    good = {"as": "Ann", "thread": "Friends", "text": "one"}
    status, _ = refused(core, "POST", "messages", {"messages": [good, {**good, "text": " "}]})
    assert (status, socket.messages(), bot.position()) == (400, [], start)
    assert "one" not in [node["message"]["text"] for node in bot.history(FRIENDS)]
    bot.control("POST", "messages", {"messages": [good]})
    assert [delta["body"] for delta in socket.deltas()] == ["one"]


def test_history(bot: Any) -> None:
    """Everything of all chats as it is kept, with the offline threading ids of the sends, in the order it came."""
    since = bot.control("GET", "history", {})["next"]
    mid = bot.sent("one", thread_fbid=FRIENDS)
    bot.send("psst", "7412281402983900001", other_user_fbid=ANN)
    bot.control("POST", "do", {"as": "Ann", "thread": "Friends", "action": "title", "text": "Night shift"})
    answer = bot.control("GET", "history", {"since": str(since)})
    one, psst, line = answer["messages"]
    assert (one["id"], one["thread"], one["sender"], one["text"]) == (mid, FRIENDS, BOT, "one")
    assert (psst["otid"], psst["thread"], psst["kind"]) == ("7412281402983900001", f"{BOT}:{ANN}", "text")
    assert (line["kind"], line["sender"]) == ("log", ANN)
    assert since < one["number"] < psst["number"] < line["number"] == answer["next"]
    assert bot.control("GET", "history", {"since": str(answer["next"])}) == {"messages": [], "next": answer["next"]}


def test_position(bot: Any) -> None:
    """It is that of the account's queue, and goes on with each delta."""
    before = bot.control("GET", "position", {"as": "Bot"})["position"]
    bot.control("POST", "send", {"as": "Ann", "thread": "Friends", "text": "hello"})
    assert bot.control("GET", "position", {"as": BOT}) == {"position": before + 1}


@pytest.mark.parametrize("word", [FRIENDS, "friends"])
def test_history_of_a_group(bot: Any, word: str) -> None:
    """One chat's, by its id or a group by its name."""
    bot.send("psst", other_user_fbid=ANN)
    bot.send("one", thread_fbid=FRIENDS)
    texts = [message["text"] for message in bot.control("GET", "history", {"thread": word})["messages"]]
    assert texts == ["old news", "one"]


def test_history_by_pages(bot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is bounded; `next` goes on."""
    monkeypatch.setattr("botkit.sandbox.lab._LARGEST_PAGE", 2)
    for number in range(4):
        bot.send(str(number), thread_fbid=FRIENDS)
    texts, since = [], 0
    while page := (answer := bot.control("GET", "history", {"since": str(since)}))["messages"]:
        assert len(page) <= 2
        texts += [message["text"] for message in page]
        since = answer["next"]
    assert texts == ["old news", "0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("groups", {"as": "Bot", "people": ["Ann"], "name": "Load", "count": 0}),
        ("groups", {"as": "Bot", "people": ["Ann"], "name": "Load", "count": 1001}),
        ("groups", {"as": "Bot", "people": [], "name": "Load", "count": 1}),
        ("groups", {"as": "Bot", "people": ["Ann"], "count": 1}),
        ("messages", {}),
        ("messages", {"messages": [5]}),
        ("messages", {"messages": [{}] * 5001}),
        ("deduplicate", {}),
        ("deduplicate", {"seconds": -1}),
        ("deduplicate", {"seconds": "60"}),
        ("deduplicate", {"seconds": True}),
    ],
)
def test_wrong_calls(core: Core, name: str, body: object) -> None:
    """A wrong call says in one line what would be right."""
    status, error = refused(core, "POST", name, body)
    assert status == 400
    assert error and "\n" not in error


def test_history_of_no_group(core: Core) -> None:
    """A name that is nobody's, or more than one's, is told."""
    assert refused(core, "GET", "history", query="thread=Nowhere")[0] == 404


def test_load_stays_in_proportion(core: Core, bot: Any) -> None:
    """Ten times the messages take ten times the pages in the file at most, and a log keeps what it is meant to."""
    groups = bot.control("POST", "groups", {"as": "Bot", "people": ["Ann"], "name": "Load", "count": 10})["threads"]
    db = core.engine.storage._db

    def pages_after(count: int) -> int:
        entries = [{"as": "Ann", "thread": groups[n % 10], "text": f"message {n}"} for n in range(count)]
        bot.control("POST", "messages", {"messages": entries})
        return int(db.execute("pragma page_count").fetchone()[0])

    small = pages_after(200)
    assert pages_after(1800) < 10 * small
