"""Single queries and mutations by raw forms (dossier 3, sections 2.5, 4.5, 4.10 and 5.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

BOT, ANN, BEN, CHLOE = (f"10000000000000{n}" for n in "1234")


def ask(account: Any, doc_id: str, variables: object) -> dict[str, Any]:
    form = {
        "fb_api_caller_class": "RelayModern",
        "fb_api_req_friendly_name": "x",
        "variables": json.dumps(variables),
        "server_timestamps": "true",
        "doc_id": doc_id,
    }
    body = account.raw_post("/api/graphql/", form).body
    assert not body.startswith(b"for")
    return dict(json.loads(body))


def group(*people: str, name: str | None = None) -> dict[str, object]:
    given = {
        "entry_point": "jewel_new_group",
        "actor_id": BOT,
        "participants": [{"fbid": person} for person in people],
        "client_mutation_id": "512",
        "thread_settings": {"name": name, "joinable_mode": "PRIVATE", "thread_image_fbid": None},
    }
    return {"input": given}


def test_new_group(bot: Any, ann: Any) -> None:
    """A group of the people named, oneself among them, with its name."""
    socket = ann.listen()
    data = ask(bot, "577041672419534", group(ANN, BEN, BOT, name="Night shift"))["data"]
    thread = data["messenger_group_thread_create"]["thread"]["thread_key"]["thread_fbid"]
    node = bot.thread(thread)
    assert (node["name"], node["thread_admins"]) == ("Night shift", [{"id": BOT}])
    (delta,) = socket.deltas()
    assert delta["messageMetadata"]["threadKey"] == {"threadFbId": thread}


def test_new_group_of_two(bot: Any) -> None:
    """At least two others are needed."""
    answer = ask(bot, "577041672419534", group(ANN, BOT))
    assert (answer["data"], answer["errors"][0]["code"]) == (None, 1357031)


def test_themes(bot: Any) -> None:
    """The list of themes, and one of them."""
    themes = ask(bot, "24474714052117636", {"version": "default"})["data"]["messenger_thread_themes"]
    by_name = {theme["accessibility_label"]: theme for theme in themes}
    assert by_name["Orange"]["id"] == "175615189761153"
    assert by_name["Orange"]["fallback_color"] == "FFFF7E29"
    assert by_name["Default Blue"]["id"] == "196241301102133"
    one = ask(bot, "9734829906576883", {"id": "621630955405500"})["data"]["messenger_thread_theme"]
    assert (one["accessibility_label"], len(one["gradient_colors"])) == ("Birthday", 4)
    assert ask(bot, "9734829906576883", {"id": "5"})["data"]["messenger_thread_theme"] is None


def test_block(bot: Any, ann: Any) -> None:
    """The mutations that block and unblock a person."""
    ask(bot, "6305880099497989", {"input": {"user_id": int(ANN), "actor_id": BOT}, "scale": 3})
    assert ann.send("hello?", other_user_fbid=BOT)["error"] == 1545010
    ask(bot, "6009824239038988", {"input": {"block_action": "UNBLOCK", "target_id": ANN, "actor_id": BOT}})
    assert ann.send("hello?", other_user_fbid=BOT)["payload"]


@pytest.mark.parametrize(("doc_id", "variables"), [("1", {}), ("577041672419534", []), ("6305880099497989", {})])
def test_errors(bot: Any, doc_id: str, variables: object) -> None:
    """An unknown query and wrong variables are told in `errors`."""
    answer = ask(bot, doc_id, variables)
    assert answer["data"] is None
    assert answer["errors"][0]["code"] in (1675030, 1357031)
