"""botkit as `botkit run` starts it; the first argument is the bot file.

With a second argument, `unjournalled`, it keeps no journal.
"""

import os
import sys


def main():
    if sys.argv[2:] == ["unjournalled"]:
        from unjournalled import leave_the_journal_out

        leave_the_journal_out()
    if "BENCH_TLS_PORT" in os.environ:
        from led_here import lead_names_here

        lead_names_here()
    from botkit.cli import main as botkit

    botkit(["run", sys.argv[1]])


main()
