"""`botkit login`"""

from __future__ import annotations

import json
import stat

import pytest

from botkit.messenger import login as log_in
from botkit.sandbox import client

WORD = "ann-sandbox"


@pytest.fixture
def url(start):
    return start("sandbox", "--port", "0").wait_ready().url


@pytest.fixture
def write(tmp_path, url):
    """Writes the bot file; gives what it says of the sandbox."""

    def put(login):
        (tmp_path / "bot.yaml").write_text(f"sandbox: {{url: {url}}}\nplugins: {{echo: }}\n{login}")

    return put


def test_a_browsers_export_becomes_the_session_of_the_bot_file(botkit, write, url, tmp_path):
    """In the file that `app_state` names, readable by its owner only."""
    given = client.app_state(url, client.fetch_token(url), "Ann")
    export = [{"name": one["key"], "value": one["value"], "domain": ".facebook.com", "path": "/"} for one in given]
    (tmp_path / "export.json").write_text(json.dumps(export))
    write("login: {app_state: mine.json}\n")
    assert botkit("run").returncode == 2
    ran = botkit("login", "--cookies", "export.json")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "logged in as Ann (100000000000002); the session is in mine.json\n"
    assert "botkit: export.json: holds a secret and is open to others" in ran.stderr
    assert stat.S_IMODE((tmp_path / "mine.json").stat().st_mode) == 0o600
    api = log_in((tmp_path / "mine.json").read_text(), {"network": url})
    assert api.get_current_user_id() == "100000000000002"
    api.close()


def test_a_password_of_the_bot_file_is_not_asked_for(botkit, write, start, tmp_path):
    """Afterwards the file needs none: the saved session serves."""
    write(f"login: {{email: ann@sandbox.test, password: {WORD}}}\n")
    ran = botkit("login")
    assert ran.returncode == 0, ran.stderr
    assert WORD not in ran.stdout + ran.stderr
    write("login: {email: ann@sandbox.test}\n")
    assert "I am      Ann" in "\n".join(start("run").wait_ready().lines)


def test_without_a_session_the_bot_says_how_to_make_one(botkit, write):
    """Exit code 4."""
    write("login: {email: ann@sandbox.test}\n")
    ran = botkit("run")
    assert ran.returncode == 4
    assert "make one with: botkit login bot.yaml" in ran.stderr


def test_what_is_missing_is_asked_for_and_never_shown(botkit_terminal, write):
    """The password does not appear on the terminal."""
    write("login: {email: ann@sandbox.test}\n")
    shown, code = botkit_terminal("login", answers=[("Password", WORD)])
    assert code == 0, shown
    assert "logged in as Ann" in shown
    assert WORD not in shown


def test_a_two_factor_code_is_asked_for_until_it_is_right(botkit_terminal, start, tmp_path):
    """Neither the password nor a code appears on the terminal."""
    (tmp_path / "world.yaml").write_text(
        "people:\n"
        "  - {id: 1001, name: Coded, bot: true, email: c@sandbox.test, password: long-word, two_factor: '246810'}\n"
        "  - {id: 1002, name: Ann, email: a@sandbox.test, password: ann-word}\n"
    )
    url = start("sandbox", "--port", "0", "--world", "world.yaml").wait_ready().url
    (tmp_path / "bot.yaml").write_text(f"sandbox: {{url: {url}}}\nlogin: {{email: c@sandbox.test}}\n")
    answers = [("Password", "long-word"), ("Code", "111111"), ("Code", "246810")]
    shown, code = botkit_terminal("login", answers=answers)
    assert code == 0, shown
    assert "logged in as Coded (1001)" in shown
    assert not [answer for _, answer in answers if answer in shown]


def test_a_wrong_password_is_exit_code_4(botkit_terminal, write):
    """And nothing is saved."""
    write("login: {email: ann@sandbox.test}\n")
    shown, code = botkit_terminal("login", answers=[("Password", "not-it-at-all")])
    assert code == 4
    assert "not-it-at-all" not in shown


def test_cookies_that_are_none_are_refused(botkit, write, tmp_path):
    """One line."""
    write("")
    (tmp_path / "export.json").write_text("[]")
    for name in ("export.json", "nowhere.json"):
        ran = botkit("login", "--cookies", name)
        assert ran.returncode == 1
        assert len(ran.stderr.splitlines()) == 1
