"""A bot that has nothing but bad luck, and talks about all of it, lets none of its secrets out."""

from __future__ import annotations

import json
import urllib.request

from botkit.sandbox import client
from tests.canary import COOKIE

UNLUCKY = f'''
from botkit import CommandError, command, hookimpl

@hookimpl
def on_message(ctx, message):
    ctx.log.info("the api is %r, the cookie {COOKIE}", ctx.api)
    raise ValueError("{COOKIE}")
'''


def test_no_way_out_shows_a_secret(sandbox, start, botkit, tmp_path, ann, canary):
    """Log, trace and log file at debug level, record, metrics, status, events, calls, chat; the session holds it."""
    before = list(canary.findings)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "unlucky.py").write_text(UNLUCKY)
    (tmp_path / "bot.yaml").touch(0o600)
    (tmp_path / "bot.yaml").write_text(
        f"sandbox: {{url: {sandbox.url}}}\nlogin: {{email: bot@sandbox.test, password: bot-sandbox}}\n"
        "owners: [100000000000002]\nplugin_dirs: [mine]\nplugins: {status: , echo: , unlucky: }\n"
        "log_file: bot.log\nlog_format: json\nmetrics: 0\n"
    )
    bot = start(
        "run", "--log-level", "debug", "--trace-hooks", "--record", "record.jsonl", "--record-bodies"
    ).wait_ready()
    for kind in ("drop_answer", "garbage", "rotate_dtsg", "please_refresh"):
        client._call(sandbox.url, sandbox.token, "fault", {"as": "Bot", "kind": kind})
        ann.says("Friends", f"!echo {kind}")
    while ann.hears()[1] != "please_refresh":
        pass
    ann.says("Friends", "!status")
    assert "unlucky" in ann.hears()[1]
    (address,) = [line.split()[1] for line in bot.lines if line.startswith("metrics")]
    with urllib.request.urlopen(address, timeout=5) as response:
        canary.look("the metrics", response.read().decode())
    for command in ("status", "status --json", "events", "call get_app_state --yes --json", "check --json", "plugins"):
        assert botkit(*command.split()).returncode == 0
    client._call(sandbox.url, sandbox.token, "fault", {"as": "Bot", "kind": "checkpoint_page", "times": 100})
    ann.says("Friends", "!echo locked")
    assert bot.ended() == 5
    canary.look_in_files(tmp_path)
    assert canary.findings == before
    (saved,) = (tmp_path / ".botkit").glob("sandbox-*/appstate.json")
    assert COOKIE in [cookie["value"] for cookie in json.loads(saved.read_text())]
    assert "[hidden]" in (tmp_path / "bot.log").read_text()
