"""`botkit init`: makes a bot with one plugin of its own and its test."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from botkit.cli._report import fail

_PLUGIN = "hello"
_NAMES_SHOWN = 3


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Make a bot in the new or empty folder DIR.

    It has a bot file, a plugin of its own with a test, and runs at once on the sandbox. Nothing is asked, and nothing
    that is there is overwritten: exit code 1 when DIR is not empty.
    """
    from botkit.cli import _skeleton
    from botkit.messenger.errors import BotkitError

    try:
        _refuse_full(folder)
        _skeleton.write(_skeleton.bot_files(_PLUGIN, folder))
    except BotkitError as error:
        fail(error)
    click.echo(f"{folder}: a bot with the plugin {_PLUGIN}. Next:\n")
    if folder.resolve() != Path.cwd():
        click.echo(f"  cd {shlex.quote(str(folder))}")
    click.echo(f"  botkit run bot.yaml    # open the address that it prints, and write !{_PLUGIN} to the group Friends")
    click.echo("  botkit new NAME        # one more plugin")
    click.echo("  pytest                 # the tests (pip install pytest)")


def _refuse_full(folder: Path) -> None:
    """Raise BadArgument when the folder holds something, or cannot be looked into."""
    from botkit.messenger.errors import BadArgument

    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise BadArgument(f"{folder}: cannot be read: {error.strerror}") from error
    if names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        raise BadArgument(f"{folder}: is not empty (it holds {shown}); name a new folder")
