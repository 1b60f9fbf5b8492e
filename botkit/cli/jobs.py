"""`botkit jobs`: what is scheduled, and when it comes next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli._arguments import bot_file
from botkit.cli._report import fail
from botkit.cli._tables import table

if TYPE_CHECKING:
    from botkit.cli._job_facts import JobFacts


@click.command()
@bot_file
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def jobs(file: Path, as_json: bool) -> None:
    """List the jobs of a bot file with their next three runs, without running anything.

    FILE is the bot file (default: bot.yaml). The bot may be running. Of one that has run before it lists the jobs that
    were made in chats as well, each job in its chats, in their time zones. In a chat owners use !jobs.
    """
    from botkit.cli import _job_facts
    from botkit.clock import SystemClock
    from botkit.messenger.errors import BotkitError
    from botkit.runner import loader

    try:
        found = _job_facts.known(*loader.read(file), SystemClock().now())
    except BotkitError as error:
        fail(error)
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=1))
    else:
        click.echo(table([_shown(one) for one in found]) if found else "none: nothing is scheduled")


def _shown(facts: JobFacts) -> dict[str, Any]:
    chat = "in no chat" if facts.chat is None else facts.chat or "none yet"
    return {
        "job": facts.job,
        "chat": chat,
        "when": facts.when,
        "next": "it rests" if facts.is_paused else ", ".join(facts.shown[:1]),
        "then": ", ".join(facts.shown[1:]),
    }
