"""Where plugins come from: files in the folders of a bot, and the packages that are installed."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import itertools
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from botkit.config import BotConfig
from botkit.host import ROUTER
from botkit.logs import get_logger
from botkit.messenger.errors import BotkitError, PluginError
from botkit.values import nearest

log = get_logger(__name__)

_GROUP = "botkit"
_LONGEST_BLAME = 300
_MODULE_PREFIX = "botkit_loaded_plugin_"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Found:
    """Where a plugin of some name can be loaded from."""

    name: str
    place: str
    load: Callable[[], Any] = field(repr=False)
    """Loads it; what was loaded before is given again where Python remembers it."""
    load_anew: Callable[[], Any] = field(repr=False)
    """Loads its code from the file, beside what was loaded before."""
    version: str | None = None
    is_shipped: bool = False
    """It comes with botkit."""


def find(config: BotConfig) -> dict[str, list[Found]]:
    """All plugins within reach, by name: files in `plugin_dirs`, then entry points in the group `botkit`.

    A file goes before a plugin of that name that botkit itself brings along, but for the router: a botkit that has
    learnt a new name breaks nobody's bot.
    """
    found: dict[str, list[Found]] = {}
    folders = [config.path(folder) for folder in config.file.plugin_dirs]
    for one in (f for folder in folders for f in _in_folder(folder)):
        found.setdefault(one.name, []).append(one)
    for one in installed():
        if not one.is_shipped or one.name == ROUTER or one.name not in found:
            found.setdefault(one.name, []).append(one)
        elif one.name in config.file.plugins:
            log.info("plugin %s: %s goes before the one that comes with botkit", one.name, found[one.name][0].place)
    return found


def installed() -> tuple[Found, ...]:
    """The plugins that installed packages offer."""
    return _all_installed(tuple(sys.path))


def files_of(thing: Any) -> list[Path]:
    """The Python and text files that a plugin is made of; none for an object."""
    file = getattr(thing, "__file__", None)
    if not isinstance(thing, ModuleType) or file is None:
        return []
    path = Path(file)
    if path.name != "__init__.py":
        return [path, *sorted(path.parent.glob(f"{path.stem}.*.yaml"))]
    return sorted(one for one in path.parent.rglob("*") if one.suffix in (".py", ".yaml"))


def forget(thing: Any) -> None:
    """Let go of the code of a plugin that was loaded from a file and is used no more."""
    name = getattr(thing, "__name__", "")
    if isinstance(thing, ModuleType) and _MODULE_PREFIX in name:
        # A copy, as other threads may be importing something.
        for known in list(sys.modules):
            if known == name or known.startswith(f"{name}."):
                sys.modules.pop(known, None)


def _in_folder(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        source = path / "__init__.py" if path.is_dir() else path
        name = path.stem
        if not name.startswith((".", "_")) and source.suffix == ".py" and source.is_file():
            load = functools.partial(_import_file, name, source)
            yield Found(name, str(source), load, load)


@functools.lru_cache(maxsize=1)
def _all_installed(search_path: tuple[str, ...]) -> tuple[Found, ...]:
    """The plugins of the packages on `sys.path`, looked for once: that takes longer than to load most bots."""
    return tuple(map(_installed, entry_points(group=_GROUP)))


def _installed(point: EntryPoint) -> Found:
    package = f" of package {point.dist.name}" if point.dist else ""
    version = point.dist.version if point.dist else None
    return Found(
        point.name,
        f"{point.value}{package}",
        point.load,
        functools.partial(_import_installed_anew, point),
        version,
        is_shipped=point.dist is not None and point.dist.name == "botkit",
    )


def _import_installed_anew(point: EntryPoint) -> Any:
    if point.attr:
        raise PluginError(f"{point.value} is an object in a module; only a module can be loaded anew")
    spec = importlib.util.find_spec(point.module)
    if spec is None or spec.origin is None:
        raise PluginError(f"{point.module} has no file that could be loaded anew")
    return _import_file(point.name, Path(spec.origin), package=point.module.rpartition(".")[0])


class _Fresh(SourceFileLoader):
    """Takes the code from the file itself: compiled code is told by time and size, and two edits may have the same."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _import_file(name: str, source: Path, package: str = "") -> ModuleType:
    """The module of a file; with a `package` it finds its neighbours there."""
    # Each time under another name: the old code may be at work while the new is loaded.
    full_name = f"{package}.".lstrip(".") + f"{_MODULE_PREFIX}{name}_{next(_numbers)}"
    folder = [str(source.parent)] if source.name == "__init__.py" else None
    loader = _Fresh(full_name, str(source))
    spec = importlib.util.spec_from_file_location(full_name, source, loader=loader, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise PluginError(f"{source}: is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # dataclasses with postponed annotations look their module up here while it is being executed.
    sys.modules[full_name] = module
    # inspect remembers modules by their files; else it would not find the texts under the settings of the new code.
    for path in {source.absolute(), source.resolve()}:
        getattr(inspect, "modulesbyfile", {}).pop(str(path), None)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        forget(module)
        raise
    return module


def get(name: str, within_reach: Mapping[str, list[Found]], *, anew: bool = False) -> tuple[Any, Found]:
    """(the module or object of the one plugin of that name, where it was found); with `anew` its code is taken from the
    file again. Raises PluginError."""
    found = within_reach.get(name, [])
    if not found:
        raise PluginError(f"there is no such plugin{nearest(name, within_reach)}")
    if len(found) > 1:
        raise PluginError(f"two plugins have this name: {found[0].place} and {found[1].place}; rename one")
    return thing_of(found[0], anew=anew), found[0]


def thing_of(found: Found, *, anew: bool = False) -> Any:
    """The module or object of a plugin; raises PluginError with file and line."""
    # A plugin that ends the process while it is imported is known by this.
    log.debug("plugin %s: is being loaded from %s", found.name, found.place)
    try:
        return found.load_anew() if anew else found.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(f"cannot be loaded: {blame(error, found.place)}") from error


def blame(error: BaseException, place: str) -> str:
    """The error in one line, with the last line of the plugin's own file that led to it."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or place}:{error.lineno or 1}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == place] or frames[-1:]
    where = f"{own[-1].filename}:{own[-1].lineno}" if own else place
    told = textwrap.shorten(str(error), _LONGEST_BLAME, placeholder=" …")
    return f"{where}: {told}" if isinstance(error, BotkitError) else f"{where}: {type(error).__name__}: {told}"
