"""The canary is planted for real, is found wherever it gets out, and does not get out of a bot that has bad luck."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.canary import COOKIE, TOKEN

ROOT = Path(__file__).parent.parent


def test_every_session_of_the_tests_holds_it(account):
    """So that what a session lets out is found."""
    api = account("Bot")
    assert COOKIE in [one["value"] for one in api.get_app_state()]
    assert TOKEN in api._client.session.token


def test_every_way_out_is_watched():
    """A run of tests that let it out fails, and tells where and which, but not the secret itself."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/leaks.py"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    found = ran.stdout.partition("a secret got out:\n")[2].split("\n\n")[0].splitlines()
    for where in (
        r"a log line of botkit\.leak, line \d+: a cookie",
        r"a log line of botkit\.leak, line \d+: a token",
        r"tests/leaks\.py::test_on_stdout, Captured stdout call: the bot's password",
        r"tests/leaks\.py::test_in_a_failure, its failure: Ann's password",
        r".*/test_in_a_file0/record\.jsonl: a cookie",
        r"the repr of a .*Session: a token",
        r"a chat in .*/sandbox\.db: a cookie",
    ):
        assert any(re.fullmatch(where, one) for one in found), (where, found)
    assert not any("appstate.json" in one for one in found)
