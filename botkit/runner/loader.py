"""Finds plugins, checks them, and builds the table that events are walked through.

pluggy defines and validates the hooks; the table {hook: ordered handlers} is built once from what it found. Every fault
of every plugin is told at once, with the place and the nearest right name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from botkit import commands, hookspecs, jobs, texts
from botkit import config as config_module
from botkit.commands import Command, CommandTable, clashes
from botkit.config import BotConfig, in_order, own_values, settings_of, threads_of
from botkit.host import AUTOMATIONS, HOST, ROUTER, PluginInfo
from botkit.jobs import Job
from botkit.matchers import Matcher, matchers_of
from botkit.messenger.errors import ConfigError, PluginError
from botkit.migrations import migrations_of
from botkit.overrides import Configured
from botkit.runner import plugin_source
from botkit.runner.faults import HOOKS, faults_of
from botkit.runner.plugin_source import Found, blame, find
from botkit.settings import Settings
from botkit.texts import Catalogue
from botkit.yaml_source import Source


@dataclass(frozen=True)
class Plugin:
    """A loaded plugin. `thing` is its module or object."""

    name: str
    thing: Any = field(repr=False)
    settings: Settings = field(repr=False)
    place: str = ""
    version: str | None = None
    texts: Catalogue = field(default_factory=Catalogue, repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the bot file says for `settings`."""
    threads: tuple[str, ...] = ()
    """The chats, by id or name, in which its jobs for each chat run."""
    jobs: tuple[Job, ...] = field(default=(), repr=False)
    """Jobs that the host has made for it, beside those with markers."""

    @property
    def configured(self) -> Configured:
        """The settings as the bot file has them, for others to be laid over."""
        return Configured(type(self.settings), self.values)


@dataclass(frozen=True)
class Handler:
    """One plugin's implementation of a hook, or one command, as something to call. `id` is its name in the ledger."""

    id: str
    plugin: Plugin
    function: Callable[..., Any] = field(repr=False)
    arguments: tuple[str, ...]
    matchers: tuple[Matcher, ...] = field(default=(), repr=False)
    """It is called only for an event that one of these fits; without any, for all."""


@dataclass(frozen=True)
class HookTable:
    """What is loaded. Immutable: an event takes it once at its start."""

    plugins: tuple[Plugin, ...] = ()
    hooks: Mapping[str, tuple[Handler, ...]] = field(default_factory=dict)
    commands: CommandTable = field(default_factory=CommandTable)
    jobs: tuple[Job, ...] = ()

    def handlers(self, hook: str) -> tuple[Handler, ...]:
        """The handlers of a hook in the order in which they are called."""
        return self.hooks.get(hook, ())

    def plugin(self, name: str) -> Plugin:
        """The loaded plugin of that name."""
        return next(plugin for plugin in self.plugins if plugin.name == name)


def read(path: Path, environment: Mapping[str, str] | None = None) -> tuple[BotConfig, HookTable]:
    """A bot file and its plugins; raises ConfigError with the faults of both at once."""
    try:
        config = config_module.read(path, environment)
    except ConfigError as error:
        problems = [*error.problems, *(_plugin_problems(error.readable) if error.readable else [])]
        raise ConfigError(in_order(problems, path)) from error
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
        try:
            thing, found = plugin_source.get(name, within_reach)
        except PluginError as error:
            problems.append(config.source.problem(("plugins", name), str(error)))
            continue
        try:
            plugins.append(_plugin(found, thing, config.file.plugins.get(name, {}), config.source))
        except (ConfigError, PluginError) as error:
            one = config.source.problem(("plugins", name), str(error))
            problems += error.problems if isinstance(error, ConfigError) else [one]
            # What else is wrong with it is told as well.
            plugins.append(Plugin(name, thing, Settings(), found.place))
    try:
        plugins[_before_router(config) :] = [*_automations(config), *plugins[_before_router(config) :]]
    except ConfigError as error:
        problems += error.problems
    try:
        table = build(plugins)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(in_order(problems, config.source.path))
    return table


def _before_router(config: BotConfig) -> int:
    """Where automations stand among the plugins: after those of the bot file, and before the router that is added."""
    return len(config.file.plugins)


def _automations(config: BotConfig) -> list[Plugin]:
    """The plugin that does what stands under `automations:`, if anything does; raises ConfigError."""
    if not config.file.automations:
        return []
    # Few bots have any, and they bring the API's signatures along.
    from botkit import automations
    from botkit.runner import automating

    found = automations.read(config.file.automations, config.source, config.path(Path()))
    return [automating.plugin_of(found, f"{config.source.path}: automations")]


def renewed(config: BotConfig, name: str, table: HookTable) -> HookTable:
    """The table with a plugin's code loaded anew beside the old, which stays in memory until `plugin_source.forget`.
    Raises ConfigError with all faults of the new code; nothing has changed then."""
    if name == AUTOMATIONS:
        raise ConfigError([f"{config.source.path}: automations are read when the bot starts; start it again"])
    old = table.plugin(name)
    try:
        thing, found = plugin_source.get(name, find(config), anew=True)
    except PluginError as error:
        raise ConfigError([config.source.problem(("plugins", name), str(error))]) from error
    try:
        new = _plugin(found, thing, config.file.plugins.get(name, {}), config.source)
        return build([new if one is old else one for one in table.plugins])
    except PluginError as error:
        plugin_source.forget(thing)
        raise ConfigError([config.source.problem(("plugins", name), str(error))]) from error
    except BaseException:
        plugin_source.forget(thing)
        raise


def _plugin_problems(config: BotConfig) -> list[str]:
    try:
        load(config)
    except ConfigError as error:
        return error.problems
    return []


def plugin_of(name: str, thing: Any, values: Mapping[str, Any] | None = None) -> Plugin:
    """A plugin made of a module or object in hand; raises ConfigError when the settings do not fit."""
    found = Found(name, f"object {name}", lambda: thing, lambda: thing)
    return _plugin(found, thing, values or {}, Source(Path(f"<{name}>"), {}))


def build(plugins: Sequence[Plugin]) -> HookTable:
    """The table of these plugins, in this order; raises ConfigError with all faults."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    problems = []
    for plugin in plugins:
        faults = [f"{_where(function, plugin)}: {fault}" for function, fault in faults_of(plugin.thing)]
        try:
            migrations_of(plugin.thing)
        except PluginError as error:
            problems.append(f"{plugin.place}: {error}")
        problems += faults
        if not faults:
            manager.register(plugin.thing, name=plugin.name)
    by_name = {plugin.name: plugin for plugin in plugins}
    matching = {plugin.name: _matching(plugin) for plugin in plugins}
    hooks = {hook: tuple(_handlers(manager, hook, by_name, matching)) for hook in HOOKS}
    commands_ = [one for plugin in plugins for one in _commands(plugin, manager, problems)]
    problems += clashes(commands_)
    jobs_ = [one for plugin in plugins for one in (*_jobs(plugin, manager, problems), *plugin.jobs)]
    if problems:
        raise ConfigError(problems)
    return HookTable(tuple(plugins), hooks, CommandTable.of(commands_), tuple(jobs_))


def command_handler(command: Command, table: HookTable) -> Handler:
    """The call of a command as a handler of its own plugin."""
    return Handler(f"{command.plugin}:!{command.name}", table.plugin(command.plugin), command.function, ())


def _plugin(found: Found, thing: Any, values: Mapping[str, Any], source: Source) -> Plugin:
    if found.name in (HOST, AUTOMATIONS):
        raise PluginError(f"{found.place}: this name is the bot's own; give the plugin another")
    try:
        settings = settings_of(settings_class(thing), values, found.name, source)
    except (PluginError, ConfigError):
        raise
    except Exception as error:
        # Such as an annotation that stands for nothing.
        raise PluginError(f"its settings cannot be read: {blame(error, found.place)}") from error
    catalogue = texts.of_plugin(thing, found.name)
    if isinstance(settings, ConfigError) or isinstance(catalogue, ConfigError):
        wrong = [one.problems for one in (settings, catalogue) if isinstance(one, ConfigError)]
        raise ConfigError([problem for problems in wrong for problem in problems])
    return Plugin(
        found.name, thing, settings, found.place, found.version, catalogue, own_values(values), threads_of(values)
    )


def settings_class(thing: Any) -> type[Settings] | None:
    """The class of a plugin's settings, or None; raises PluginError when it cannot be told which it is."""
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


def _where(function: Any, plugin: Plugin) -> str:
    """File and line of a plugin's function, or the plugin's place where it has none."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else plugin.place


def _handlers(
    manager: pluggy.PluginManager,
    hook: str,
    plugins: Mapping[str, Plugin],
    matching: Mapping[str, Sequence[Handler]],
) -> Iterator[Handler]:
    found = {
        implementation.plugin_name: implementation for implementation in getattr(manager.hook, hook).get_hookimpls()
    }
    for name, plugin in plugins.items():
        if name in found:
            yield Handler(f"{name}:{hook}", plugin, found[name].function, tuple(found[name].argnames))
        yield from (one for one in matching[name] if one.matchers[0].hook == hook)


def _matching(plugin: Plugin) -> list[Handler]:
    """The calls of a plugin's functions with conditions, in the order of the file. Each is known by the name that it
    has in the plugin; one with several names is called once."""
    members = inspect.getmembers(plugin.thing, inspect.isroutine)
    found = {name: value for name, value in members if matchers_of(value)}
    once = {id(getattr(value, "__func__", value)): name for name, value in reversed(found.items())}
    order = list(vars(plugin.thing)) if isinstance(plugin.thing, ModuleType) else []
    places = {name: number for number, name in enumerate(order)}
    names = sorted(once.values(), key=lambda name: (_line_of(found[name]), places.get(name, 0)))
    return [
        Handler(
            f"{plugin.name}:{name}",
            plugin,
            found[name],
            tuple(inspect.signature(found[name]).parameters),
            matchers_of(found[name]),
        )
        for name in names
    ]


def _line_of(function: Callable[..., Any]) -> int:
    return int(inspect.unwrap(function).__code__.co_firstlineno)


def info_of(plugin: Plugin, table: HookTable) -> PluginInfo:
    """What a chat is told about a plugin."""
    hooks = tuple(hook for hook, handlers in table.hooks.items() if any(one.plugin is plugin for one in handlers))
    commands_ = tuple(one.name for one in table.commands.commands if one.plugin == plugin.name)
    summary = (inspect.getdoc(plugin.thing) or "").partition("\n")[0]
    return PluginInfo(plugin.name, plugin.place, plugin.version, summary, hooks, commands_)


def _commands(plugin: Plugin, manager: pluggy.PluginManager, problems: list[str]) -> Iterator[Command]:
    """The plugin's commands; what is wrong with one is added to `problems`."""
    functions = [value for _, value in inspect.getmembers(plugin.thing) if commands.is_command(value)]
    try:
        functions += _registered(plugin, manager, "register_commands", commands.is_command, "@command")
    except PluginError as error:
        problems.append(str(error))
    for function in functions:
        try:
            yield commands.build(function, plugin.name)
        except PluginError as error:
            problems.append(f"{_where(function, plugin)}: {error}")


def _jobs(plugin: Plugin, manager: pluggy.PluginManager, problems: list[str]) -> Iterator[Job]:
    """The plugin's jobs; what is wrong with one is added to `problems`."""
    functions = [value for _, value in inspect.getmembers(plugin.thing) if jobs.is_job(value)]
    try:
        functions += _registered(plugin, manager, "register_jobs", jobs.is_job, "@cron, @every or @at")
    except PluginError as error:
        problems.append(str(error))
    names: set[str] = set()
    for function in functions:
        where = _where(function, plugin)
        if jobs.is_told(function) and not _has_own_settings(plugin):
            continue
        try:
            job = jobs.build(function, plugin.name, plugin.settings)
        except PluginError as error:
            problems.append(f"{where}: {error}")
            continue
        if job.name in names:
            problems.append(f"{where}: there are two jobs {job.name}; give one another name, as in name='weekly'")
        names.add(job.name)
        yield job


def _has_own_settings(plugin: Plugin) -> bool:
    """Whether its settings are of its own class: those of a faulty bot file are not, and say nothing of schedules."""
    try:
        return isinstance(plugin.settings, settings_class(plugin.thing) or Settings)
    except PluginError:
        return False


def _registered(
    plugin: Plugin, manager: pluggy.PluginManager, hook: str, is_marked: Callable[[Any], bool], mark: str
) -> list[Callable[..., Any]]:
    """What a plugin's own hook gives, all of it marked; none without the hook. Raises PluginError."""
    own = next((one for one in getattr(manager.hook, hook).get_hookimpls() if one.plugin_name == plugin.name), None)
    if own is None:
        return []
    where = f"{_where(own.function, plugin)}: {hook}"
    try:
        functions = own.function()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(f"{where}: {blame(error, plugin.place)}") from error
    if not isinstance(functions, list | tuple):
        raise PluginError(f"{where}: returns {type(functions).__name__}; a list of functions is wanted")
    for function in functions:
        if not is_marked(function):
            raise PluginError(f"{where}: {function!r} is not marked with {mark}")
    return list(functions)
