"""An echo bot on botkit's client alone, without the runner; arguments: file of its app state, carrier, network."""

import os
import sys
from pathlib import Path

from botkit.messenger import Message, login


def main():
    app_state, carrier, network = sys.argv[1:]
    if "BENCH_TLS_PORT" in os.environ:
        from led_here import lead_names_here

        lead_names_here()
    api = login(Path(app_state).read_text(encoding="utf-8"), {"send_via": carrier, "network": network})
    for event in api.listen():
        if isinstance(event, Message):
            api.send_message(event.body, event.thread_id)


main()
