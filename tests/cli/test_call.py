"""`botkit call`"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from botkit.cli._tables import table
from botkit.cli.call import _with_full_paths, read_arguments, usage
from botkit.messenger import FUNCTION_CLASSES, Api, SentMessage
from botkit.messenger.errors import BadArgument
from botkit.runner.control import plain_value

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


def test_while_the_bot_runs_the_bot_does_it(call, start):
    """With the session that it holds; what it says is seen in the chat."""
    start("run").wait_ready()
    sent = json.loads(call("send_message", "hello there", GROUP, "--json").stdout)
    assert sent["threadID"] == GROUP
    history = json.loads(call("get_thread_history", GROUP, "0", "1", "--json").stdout)
    assert [(one["messageID"], one["body"]) for one in history] == [(sent["messageID"], "hello there")]
    assert call("send_typing_indicator", GROUP).stdout == "done\n"
    masked = json.loads(call("get_app_state", "--yes", "--json").stdout)
    assert {cookie["value"] for cookie in masked} == {"[hidden; --show-secrets shows it]"}


def test_while_the_bot_runs_errors_are_the_same(call, start, tmp_path):
    """Word and exit code; the bot's limits hold for who calls from outside."""
    with (tmp_path / "bot.yaml").open("a") as file:
        file.write("limits: {message: {overall: 1 per 1h}}\n")
    start("run").wait_ready()
    assert call("set_title", "Crew", "1234").stderr.startswith("botkit: ")
    session = call("set_options", "self_listen=true", "--yes")
    assert (session.returncode, session.stderr) == (
        1,
        "botkit: set_options: the session belongs to the running bot; stop it first\n",
    )
    assert call("send_message", "one", GROUP).returncode == 0
    limited = call("send_message", "two", GROUP)
    assert limited.returncode == 1
    assert "message" in limited.stderr


def test_a_file_is_named_as_the_caller_sees_it(call, start, tmp_path):
    """The bot may have been started in another folder."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "dot.gif").write_bytes(b"GIF89a" + bytes(20))
    start("run").wait_ready()
    ran = call("change_group_image", "elsewhere/dot.gif", GROUP)
    assert ran.returncode == 0, ran.stderr


def test_the_bot_of_another_file_is_not_asked(call, start, tmp_path):
    """It may be another account's; exit code 6, naming it."""
    (tmp_path / "other.yaml").write_text((tmp_path / "bot.yaml").read_text())
    start("run", "other.yaml").wait_ready()
    ran = call("get_current_user_id")
    assert ran.returncode == 6
    assert "other.yaml, process" in ran.stderr


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


@pytest.mark.parametrize("words", [("--xyz",), ("--xyz", "get_thread_list"), ("-x", "get_thread_list")])
def test_an_unknown_option_is_no_function(botkit, words):
    """What begins with a dash and stands before the function was meant as an option."""
    ran = botkit("call", *words)
    assert ran.returncode == 2
    error = ran.stderr.splitlines()[-1].lower()
    assert "no such option" in error
    assert words[0] in error
    assert "function" not in error


def test_without_a_function_it_lists_them(botkit):
    """All that a shell can call, with their arguments."""
    lines = botkit("call").stdout.splitlines()
    names = {line.split()[0] for line in lines}
    assert "send_message" in names
    for_code = {"complete", "download", "listener", "login", "look_up_names", "look_up_thread", "missed_messages"}
    for_code |= {"on_session_change", "threads_since"}
    assert set(FUNCTION_CLASSES) - names == for_code
    listed = json.loads(botkit("call", "--json").stdout)
    assert {one["function"] for one in listed} == names
    assert {"function": "get_user_id", "class": "read", "usage": "get_user_id name"} in listed


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


def test_paths_of_files_are_made_whole_before_they_are_handed_over(tmp_path, monkeypatch):
    """The bot runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    assert _with_full_paths({"image": "a.png", "thread_id": "7"}) == {
        "image": str(tmp_path / "a.png"),
        "thread_id": "7",
    }
    message = {"body": "x", "attachment": ["a.png", str(Path("/b.png"))]}
    whole = {"body": "x", "attachment": [str(tmp_path / "a.png"), "/b.png"]}
    assert _with_full_paths({"message": message, "thread_id": "7"}) == {"message": whole, "thread_id": "7"}
