"""Finds plugins, checks them, and builds the table that events are walked through.

pluggy defines and validates the hooks; the table {hook: ordered handlers} is built once from what it found. Every fault
of every plugin is told at once, with the place and the nearest right name.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from botkit import commands, hookspecs
from botkit import config as config_module
from botkit.commands import Command, CommandTable, clashes
from botkit.config import BotConfig, Settings, nearest, settings_of
from botkit.messenger.errors import ConfigError, PluginError
from botkit.yaml_source import Source

ROUTER = "commands"
"""The plugin that is in every bot: it turns messages into commands."""

_GROUP = "botkit"
_MODULE_PREFIX = "botkit_loaded_plugin_"


@dataclass(frozen=True)
class Plugin:
    """A loaded plugin. `thing` is its module or object."""

    name: str
    thing: Any = field(repr=False)
    settings: Settings = field(repr=False)
    place: str = ""


@dataclass(frozen=True)
class Handler:
    """One plugin's implementation of a hook, or one command, as something to call. `id` is its name in the ledger."""

    id: str
    plugin: Plugin
    function: Callable[..., Any] = field(repr=False)
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class HookTable:
    """What is loaded. Immutable: an event takes it once at its start."""

    plugins: tuple[Plugin, ...] = ()
    hooks: Mapping[str, tuple[Handler, ...]] = field(default_factory=dict)
    commands: CommandTable = field(default_factory=CommandTable)

    def handlers(self, hook: str) -> tuple[Handler, ...]:
        """The handlers of a hook in the order in which they are called."""
        return self.hooks.get(hook, ())

    def plugin(self, name: str) -> Plugin:
        """The loaded plugin of that name."""
        return next(plugin for plugin in self.plugins if plugin.name == name)


@dataclass(frozen=True)
class Found:
    """Where a plugin of some name can be loaded from."""

    name: str
    place: str
    load: Callable[[], Any] = field(repr=False)


def find(config: BotConfig) -> dict[str, list[Found]]:
    """All plugins within reach, by name: files in `plugin_dirs`, then entry points in the group `botkit`."""
    found: dict[str, list[Found]] = {}
    folders = [config.path(folder) for folder in config.file.plugin_dirs]
    for one in [*(f for folder in folders for f in _in_folder(folder)), *map(_installed, entry_points(group=_GROUP))]:
        found.setdefault(one.name, []).append(one)
    return found


def read(path: Path, environment: Mapping[str, str] | None = None) -> tuple[BotConfig, HookTable]:
    """A bot file and its plugins; raises ConfigError with the faults of both at once."""
    try:
        config = config_module.read(path, environment)
    except ConfigError as error:
        problems = [*error.problems, *(_plugin_problems(error.readable) if error.readable else [])]
        raise ConfigError(problems) from error
    return config, load(config)


def load(config: BotConfig) -> HookTable:
    """Load the plugins that the bot file names, and the router; raises ConfigError with all their faults."""
    problems = [
        config.source.problem(("plugin_dirs", number), f"there is no folder {config.path(folder)}")
        for number, folder in enumerate(config.file.plugin_dirs)
        if not config.path(folder).is_dir()
    ]
    within_reach = find(config)
    names = [*config.file.plugins, *([] if ROUTER in config.file.plugins else [ROUTER])]
    plugins = []
    for name in names:
        values = config.file.plugins.get(name, {})
        try:
            thing, place = _get(name, within_reach)
            plugins.append(_plugin(name, thing, place, values, config.source))
        except ConfigError as error:
            problems += error.problems
        except PluginError as error:
            problems.append(config.source.problem(("plugins", name), str(error)))
    try:
        table = build(plugins)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    return table


def _plugin_problems(config: BotConfig) -> list[str]:
    try:
        load(config)
    except ConfigError as error:
        return error.problems
    return []


def plugin_of(name: str, thing: Any, values: Mapping[str, Any] | None = None) -> Plugin:
    """A plugin made of a module or object in hand; raises ConfigError when the settings do not fit."""
    return _plugin(name, thing, f"object {name}", values or {}, Source(Path(f"<{name}>"), {}))


def build(plugins: Sequence[Plugin]) -> HookTable:
    """The table of these plugins, in this order; raises ConfigError with all faults."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    problems = [
        f"{_where(function, plugin)}: {fault}" for plugin in plugins for function, fault in _faults(plugin.thing)
    ]
    if problems:
        raise ConfigError(problems)
    for plugin in plugins:
        manager.register(plugin.thing, name=plugin.name)
    by_name = {plugin.name: plugin for plugin in plugins}
    hooks = {hook: tuple(_handlers(manager, hook, by_name)) for hook in _hook_names()}
    commands_ = [one for plugin in plugins for one in _commands(plugin, manager, problems)]
    problems += clashes(commands_)
    if problems:
        raise ConfigError(problems)
    return HookTable(tuple(plugins), hooks, CommandTable.of(commands_))


def command_handler(command: Command, table: HookTable) -> Handler:
    """The call of a command as a handler of its own plugin."""
    return Handler(f"{command.plugin}:!{command.name}", table.plugin(command.plugin), command.function, ())


def _in_folder(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        source = path / "__init__.py" if path.is_dir() else path
        name = path.stem
        if not name.startswith((".", "_")) and source.suffix == ".py" and source.is_file():
            yield Found(name, str(source), lambda name=name, source=source: _import_file(name, source))  # type: ignore[misc]


def _installed(point: EntryPoint) -> Found:
    package = f" of package {point.dist.name}" if point.dist else ""
    return Found(point.name, f"{point.value}{package}", point.load)


def _import_file(name: str, source: Path) -> ModuleType:
    full_name = _MODULE_PREFIX + name
    folder = [str(source.parent)] if source.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(full_name, source, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise PluginError(f"{source}: is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # dataclasses with postponed annotations look their module up here while it is being executed.
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[full_name]
        raise
    return module


def _get(name: str, within_reach: Mapping[str, list[Found]]) -> tuple[Any, str]:
    found = within_reach.get(name, [])
    if not found:
        raise PluginError(f"there is no such plugin{nearest(name, within_reach)}")
    if len(found) > 1:
        raise PluginError(f"two plugins have this name: {found[0].place} and {found[1].place}; rename one")
    try:
        return found[0].load(), found[0].place
    except PluginError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(f"cannot be loaded: {_blame(error, found[0].place)}") from error


def _blame(error: BaseException, place: str) -> str:
    """The error with the last line of the plugin's own file that led to it."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == place] or frames[-1:]
    where = f"{own[-1].filename}:{own[-1].lineno}" if own else place
    return f"{where}: {type(error).__name__}: {error}"


def _plugin(name: str, thing: Any, place: str, values: Mapping[str, Any], source: Source) -> Plugin:
    settings = settings_of(_settings_class(thing), values, name, source)
    if isinstance(settings, ConfigError):
        raise settings
    return Plugin(name, thing, settings, place)


def _settings_class(thing: Any) -> type[Settings] | None:
    own = getattr(thing, "__name__", None) if isinstance(thing, ModuleType) else type(thing).__module__
    found = [
        value
        for value in vars(thing if isinstance(thing, ModuleType) else type(thing)).values()
        if isinstance(value, type) and issubclass(value, Settings) and value is not Settings and value.__module__ == own
    ]
    # A settings class may be built of others; the one that no other contains or extends is the plugin's.
    used = {kind for one in found for f in one.model_fields.values() for kind in _kinds(f.annotation)}
    roots = [one for one in found if one not in used and not any(o is not one and issubclass(o, one) for o in found)]
    if len(roots) > 1:
        raise PluginError(f"has {len(roots)} Settings classes ({', '.join(r.__name__ for r in roots)}); keep one")
    return roots[0] if roots else None


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _kinds(inner)


def _hook_names() -> tuple[str, ...]:
    return tuple(n for n, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT}_spec"))


def _where(function: Any, plugin: Plugin) -> str:
    """File and line of a plugin's function, or the plugin's place where it has none."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else plugin.place


def _faults(thing: Any) -> Iterator[tuple[Any, str]]:
    for name in dir(thing):
        function = getattr(thing, name, None)
        options = getattr(function, f"{hookspecs.PROJECT}_impl", None)
        if isinstance(options, dict) and inspect.isroutine(function):
            yield from ((function, fault) for fault in _faults_of(name, function, options))


def _faults_of(name: str, function: Callable[..., Any], options: Mapping[str, Any]) -> Iterator[str]:
    if name not in _hook_names():
        yield f"{name}: there is no such hook{nearest(name, _hook_names())}"
        return
    for option in ("tryfirst", "trylast", "wrapper", "hookwrapper"):
        if options.get(option):
            yield f"{name}: {option} is not used here; the order is that of the plugins in the bot file"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{name}: plugins are sync Python; write def instead of async def"
    known = inspect.signature(getattr(hookspecs, name)).parameters
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield f"{name}: name the arguments that you use instead of *{parameter.name}"
        elif parameter.name not in known:
            yield f"{name}: there is no argument {parameter.name!r}{nearest(parameter.name, known)}"
        elif parameter.default is not parameter.empty:
            yield f"{name}: argument {parameter.name!r} must have no default"


def _handlers(manager: pluggy.PluginManager, hook: str, plugins: Mapping[str, Plugin]) -> Iterator[Handler]:
    found = {
        implementation.plugin_name: implementation for implementation in getattr(manager.hook, hook).get_hookimpls()
    }
    for name, plugin in plugins.items():
        if name in found:
            yield Handler(f"{name}:{hook}", plugin, found[name].function, tuple(found[name].argnames))


def _commands(plugin: Plugin, manager: pluggy.PluginManager, problems: list[str]) -> Iterator[Command]:
    """The plugin's commands; what is wrong with one is added to `problems`."""
    functions = [value for _, value in inspect.getmembers(plugin.thing) if commands.is_command(value)]
    for implementation in manager.hook.register_commands.get_hookimpls():
        if implementation.plugin_name == plugin.name:
            try:
                functions += _registered(implementation.function, plugin)
            except PluginError as error:
                problems.append(str(error))
    for function in functions:
        try:
            yield commands.build(function, plugin.name)
        except PluginError as error:
            problems.append(f"{_where(function, plugin)}: {error}")


def _registered(register: Callable[[], Any], plugin: Plugin) -> list[Callable[..., Any]]:
    try:
        functions = list(register())
    except Exception as error:
        raise PluginError(f"plugin {plugin.name}: register_commands: {_blame(error, plugin.place)}") from error
    for function in functions:
        if not commands.is_command(function):
            raise PluginError(f"plugin {plugin.name}: register_commands: {function!r} is not marked with @command")
    return functions
