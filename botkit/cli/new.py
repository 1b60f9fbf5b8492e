"""`botkit new`: makes a plugin and its test, and names the plugin in the bot file."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import Any

import click

from botkit.cli._report import fail


@click.command()
@click.argument("name")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder with the bot file (default: this one).",
)
def new(name: str, folder: Path) -> None:
    """Make the plugin NAME and its test, and add it to bot.yaml.

    The plugin goes to the first folder under `plugin_dirs` (plugins, if there is none yet), the test to tests. Exit
    code 1 when the name cannot be used; nothing that is there is overwritten.
    """
    from botkit.messenger.errors import BotkitError

    file = folder / "bot.yaml"
    try:
        (plugin, test), missing = _make(name, file)
    except BotkitError as error:
        fail(error)
    click.echo(f"{plugin}: the plugin\n{test}: its test; run it with pytest")
    if missing:
        click.echo("\n  ".join([f"{file}: could not be changed safely; add to it:", *missing]))
    else:
        click.echo(f"{file}: {name} is added under plugins:")


def _make(name: str, file: Path) -> tuple[list[Path], list[str]]:
    """Write plugin and test, and name the plugin in the bot file: the files that were made, and the lines that a person
    has to add to the bot file. Raises BadArgument when one of it cannot be done."""
    from botkit.cli import _bot_file_edit, _skeleton

    text = _bot_file_edit.read(file)
    found = _bot_file_edit.keys(text, file)
    folders = _plugin_folders(found)
    _refuse_name(name, file, found, folders)
    prefix = found.get("prefix")
    plugins, tests = file.parent / Path(folders[0]).expanduser(), file.parent / "tests"
    made = _skeleton.plugin_files(name, plugins, tests, prefix if isinstance(prefix, str) else "!")
    _skeleton.refuse_existing(made)
    changed = _bot_file_edit.with_plugin(text, file, name, folders[0])
    _skeleton.write(made)
    if changed is not None:
        _bot_file_edit.replace(file, changed)
        return list(made), []
    own_folder = [] if "plugin_dirs" in found else [f"plugin_dirs: [{folders[0]}]"]
    return list(made), [*own_folder, "plugins:", f"  {name}:"]


def _plugin_folders(found: dict[str, Any]) -> list[str]:
    """The folders under `plugin_dirs`, as they are written there, or the usual one."""
    from botkit.cli._skeleton import PLUGINS

    given = found.get("plugin_dirs")
    folders = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return [str(one) for one in folders] or [PLUGINS]


def _refuse_name(name: str, file: Path, found: dict[str, Any], folders: list[str]) -> None:
    """Raise BadArgument when a plugin of this name cannot be, or would not be this one."""
    from importlib.metadata import entry_points

    from botkit.host import ROUTER
    from botkit.messenger.errors import BadArgument

    if not name.isidentifier() or name.startswith("_"):
        raise BadArgument(
            f"{name!r} cannot be the name of a plugin; use letters, digits and _, and begin with a letter"
        )
    if keyword.iskeyword(name):
        raise BadArgument(f"{name!r} is a word of Python; choose another name")
    for point in entry_points(group="botkit", name=name):
        if point.dist is not None and point.dist.name == "botkit" and name != ROUTER:
            # One's own goes before it.
            continue
        raise BadArgument(f"{name}: an installed plugin has this name ({point.value}); choose another")
    plugins = found.get("plugins")
    if isinstance(plugins, dict) and name in plugins:
        raise BadArgument(f"{file}: names a plugin {name!r} already; choose another name")
    for folder in (file.parent / Path(one).expanduser() for one in folders):
        for path in (folder / f"{name}.py", folder / name / "__init__.py"):
            if path.exists():
                raise BadArgument(f"{path}: is a plugin of this name; choose another")
    _refuse_command(name, file)


def _refuse_command(name: str, file: Path) -> None:
    """Raise BadArgument when the bot has a command of this name, so that the new one's would clash."""
    from botkit.messenger.errors import BadArgument, ConfigError
    from botkit.runner import loader

    try:
        _, table = loader.read(file)
    except ConfigError:
        # A bot file that is wrong elsewhere is no reason to make no plugin: `botkit check` tells what is wrong.
        return
    if (command := table.commands.find(name)) is not None:
        raise BadArgument(f"{name}: plugin {command.plugin} has a command of this name; choose another")
