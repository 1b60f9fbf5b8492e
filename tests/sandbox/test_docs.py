"""docs/sandbox.md, held against the sandbox."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from botkit.sandbox.faults import KINDS

TEXT = (Path(__file__).parent.parent.parent / "docs" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(row) for row in re.findall(r"^\| `(\{.*?\})` \|", TEXT, re.MULTILINE)]
ORDERS = [json.loads(order) for order in re.findall(r"^fault '(\{.*\})'$", TEXT, re.MULTILINE)]


def test_every_fault_is_shown() -> None:
    """Each kind has a row with an example, and each row a kind."""
    assert {example["kind"] for example in EXAMPLES} == set(KINDS)


def test_examples_are_good_orders(bot: Any) -> None:
    """What is there to be pasted is taken."""
    assert len(ORDERS) == 3
    for order in (*EXAMPLES, *ORDERS):
        bot.control("POST", "fault", order)
        assert bot.control("GET", "faults", {})["faults"] or order["kind"] in ("none", "expire")


def test_calls_for_tests(bot: Any) -> None:
    """The bodies of the other calls are taken as they stand."""
    bodies = re.findall(r"`POST /sandbox/api/(groups|messages)` with `(\{.*?\})` ", TEXT)
    assert [name for name, _ in bodies] == ["groups", "messages"]
    for name, body in bodies:
        bot.control("POST", name, json.loads(body))
    assert bot.control("GET", "history", {"thread": "Load 1", "since": "0"})["messages"][-1]["text"] == "hi"
