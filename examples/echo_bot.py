"""The documented echo bot, on the client alone: answers every message with a prefix, stops at /stop.

On a sandbox that runs (`botkit run bot.yaml.example` or `botkit sandbox`):

    (umask 077; botkit sandbox app-state Bot > appstate.json)     # it is as good as a password
    python examples/echo_bot.py appstate.json --network http://127.0.0.1:8642

Without --network it speaks to the real Messenger, with an app state of your own account, at your own risk.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from botkit.messenger import Message, login


def main() -> None:
    """Log in, echo until somebody writes /stop."""
    parser = argparse.ArgumentParser(description="Answers every message; stops at /stop.")
    parser.add_argument("app_state", type=Path, help="file with the cookies of a logged-in account")
    parser.add_argument("--network", default="facebook", help="address of a sandbox (default: the real Messenger)")
    given = parser.parse_args()

    api = login(given.app_state.read_text(encoding="utf-8"), {"network": given.network})
    print("listening; write /stop to the bot to end it", flush=True)
    for event in api.listen():
        if not isinstance(event, Message):
            continue
        api.mark_as_read(event.thread_id)
        if event.body == "/stop":
            api.send_message("Goodbye…", event.thread_id)
            break
        api.send_message(f"TEST BOT: {event.body}", event.thread_id)
    print("stopped")


if __name__ == "__main__":
    main()
