"""`botkit call`"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from botkit.cli.call import plain_value, read_arguments, table, usage
from botkit.messenger import FUNCTION_CLASSES, Api, SentMessage
from botkit.messenger.errors import BadArgument

GROUP = "7000000000000001"


@pytest.fixture
def call(start, botkit, tmp_path):
    """Calls a function on a sandbox that runs beside it."""
    url = start("sandbox", "--port", "0").wait_ready().url
    (tmp_path / "bot.yaml").write_text(f"sandbox: {{url: {url}}}\n")
    return lambda *arguments, **options: botkit("call", *arguments, **options)


def test_it_shows_chats_with_their_ids(call):
    """How else would a group owner find them?"""
    ran = call("get_thread_list", "0", "10")
    assert ran.returncode == 0, ran.stderr
    assert any(line.split()[:2] == [GROUP, "Friends"] for line in ran.stdout.splitlines())


def test_json_has_the_documented_names(call):
    """For scripts."""
    (first, *_) = json.loads(call("get_thread_list", "--json").stdout)
    assert {"threadID", "name", "participantIDs"} <= first.keys()


def test_a_message_is_sent_and_seen(call, person, start):
    """With the words of a shell, or by name."""
    for arguments in (["hello there", GROUP], [f"thread_id={GROUP}", "message=hello again"]):
        ran = call("send_message", *arguments, "--json")
        assert json.loads(ran.stdout)["threadID"] == GROUP, ran.stderr
    history = json.loads(call("get_thread_info", GROUP, "--json").stdout)
    assert history["snippet"] == "hello again"


def test_it_asks_before_it_touches_the_session(call):
    """And masks what could log somebody in."""
    refused = call("get_app_state", input="n\n")
    assert refused.returncode == 1
    assert "xs" not in refused.stdout
    masked = json.loads(call("get_app_state", "--yes", "--json").stdout)
    assert {cookie["value"] for cookie in masked} == {"[hidden; --show-secrets shows it]"}
    shown = json.loads(call("get_app_state", "--json", "--show-secrets", input="y\n").stdout)
    assert len({cookie["value"] for cookie in shown}) > 1


def test_while_the_bot_runs_it_says_so(call, start):
    """The bot holds the data; exit code 6."""
    start("run").wait_ready()
    ran = call("get_current_user_id")
    assert ran.returncode == 6
    assert "bot.yaml, process" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["get_thread_lst"], "there is no function 'get_thread_lst'; did you mean 'get_thread_list'?"),
        (["send_message", "hi"], "send_message: thread_id is missing; usage: send_message message thread_id"),
        (["get_thread_list", "x"], "get_thread_list: start must be a whole number, not 'x'"),
        (
            ["get_thread_list", "1", "2", "3"],
            "get_thread_list: '3' is too much; usage: get_thread_list [start] [end] [folder=…]",
        ),
        (["get_thread_list", "1", "start=2"], "get_thread_list: start is given twice"),
        (["get_user_info", "[1,"], "get_user_info: ids begins like JSON and is none"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_started(botkit, arguments, said, tmp_path):
    """One line, without even a bot file."""
    ran = botkit("call", *arguments)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"botkit: {said}")
    assert list(tmp_path.iterdir()) == []


def test_without_a_function_it_lists_them(botkit):
    """All that a shell can call, with their arguments."""
    lines = botkit("call").stdout.splitlines()
    names = {line.split()[0] for line in lines}
    assert "send_message" in names
    assert set(FUNCTION_CLASSES) - names == {"listener", "complete", "login"}


def some(self, ids: str | int | Sequence[str], count: int = 1, loud: bool = False, note: str | None = None): ...


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (("7",), {"ids": "7"}),
        (("[1, 2]", "5", "true"), {"ids": [1, 2], "count": 5, "loud": True}),
        (("7", "note=a=b", "count=2"), {"ids": "7", "note": "a=b", "count": 2}),
        (("7", "note=null"), {"ids": "7", "note": None}),
        (("x=y",), {"ids": "x=y"}),
    ],
)
def test_words_become_what_the_function_wants(words, given):
    """By its annotations; JSON where it looks like it."""
    assert read_arguments("some", some, words) == given


def test_usage_shows_what_may_be_left_out():
    """In brackets."""
    assert usage("some", some) == "some ids [count] [loud] [note]"
    with pytest.raises(BadArgument, match="ids is missing"):
        read_arguments("some", some, ())
    assert usage("listen", Api.listen) == "listen"


def test_results_are_shown_for_the_eye():
    """Columns for lists, lines for one, a word for nothing."""
    assert table(None) == "done"
    assert table(True) == "yes"
    assert table(["a", 1]) == "a\n1"
    assert table(plain_value(SentMessage("7", "mid.$x", 5))) == "threadID   7\nmessageID  mid.$x\ntimestamp  5"
    assert table([{"x": 1, "name": "A\nB", "no": None}]) == "name  x\nA⏎B   1"
    assert table({"7": {"name": "Ann"}}) == "   name\n7  Ann"
