"""`python -m botkit.cli`: the same as the command `botkit`."""

from botkit.cli import main

main(prog_name="botkit")
