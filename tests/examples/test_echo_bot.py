"""examples/echo_bot.py"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from botkit.sandbox import client

EXAMPLE = Path(__file__).parents[2] / "examples" / "echo_bot.py"


def test_it_echoes_and_stops_at_stop(sandbox, ann, tmp_path):
    """With an app state in a file, on the client alone."""
    state = tmp_path / "appstate.json"
    state.write_text(json.dumps(client.app_state(sandbox.url, sandbox.token, "Bot")))
    command = [sys.executable, str(EXAMPLE), str(state), "--network", sandbox.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout.readline().startswith("listening")
        ann.next("presence")
        ann.says("Friends", "hello")
        assert ann.hears() == ("Bot", "TEST BOT: hello")
        ann.says("Bot", "/stop")
        assert ann.hears() == ("Bot", "Goodbye…")
        assert bot.wait(5) == 0
