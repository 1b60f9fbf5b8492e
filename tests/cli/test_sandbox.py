"""`botkit sandbox`"""

from __future__ import annotations

import json

import pytest

from botkit.messenger import login


def test_it_runs_alone_and_lends_sessions(start, botkit):
    """`app-state` prints what any client can log in with."""
    sandbox = start("sandbox", "--port", "0").wait_ready()
    for arguments in (["app-state", "Ann"], ["app-state", "Ann", "--url", sandbox.url]):
        ran = botkit("sandbox", *arguments)
        assert ran.returncode == 0, ran.stderr
        api = login(json.loads(ran.stdout), {"network": sandbox.url})
        assert api.get_current_user_id() == "100000000000002"
        api.close()
    assert sandbox.end(within_s=2) == 0


def test_an_unknown_account_is_told(start, botkit):
    """One line, exit code 3."""
    start("sandbox", "--port", "0").wait_ready()
    ran = botkit("sandbox", "app-state", "Anne")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (3, 1)


def test_without_a_sandbox_there_is_nothing_to_ask(botkit):
    """It says how to start one."""
    ran = botkit("sandbox", "app-state", "Ann", "--url", "http://127.0.0.1:9")
    assert ran.returncode == 3
    assert "start one with" in ran.stderr


def test_a_wrong_world_is_told_with_its_line(botkit, tmp_path):
    """Before anything is written."""
    (tmp_path / "world.yaml").write_text("people:\n  - {id: 1, nme: Ann}\n")
    ran = botkit("sandbox", "--port", "0", "--world", "world.yaml")
    assert ran.returncode == 3
    assert "world.yaml:2" in ran.stderr
    assert not (tmp_path / ".botkit" / "sandbox.db").exists()


def test_deduplication_is_checked(botkit):
    """A time that is none is told before anything starts."""
    ran = botkit("sandbox", "--deduplicate", "soon")
    assert ran.returncode == 2
    assert "60s" in ran.stderr


@pytest.mark.parametrize(("word", "messages"), [("forever", 1), ("off", 2), ("3600s", 1)])
def test_deduplication_is_chosen(start, botkit, word, messages):
    """A send that is repeated makes one message, or two."""
    sandbox = start("sandbox", "--port", "0", "--deduplicate", word).wait_ready()
    state = json.loads(botkit("sandbox", "app-state", "Ann", "--url", sandbox.url).stdout)
    api = login(state, {"network": sandbox.url})
    sent = {
        api.send_message("hello", "7000000000000001", offline_threading_id=7412281402983798101).message_id
        for _ in range(2)
    }
    api.close()
    assert len(sent) == messages
