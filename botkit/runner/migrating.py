"""Brings what plugins keep to the version of their code, at the start and before any of their events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from botkit.host import HOST
from botkit.logs import get_logger
from botkit.messenger.errors import BotkitError, ConfigError, PluginError
from botkit.migrations import Migration, MigrationStore, migrations_of, version_of
from botkit.runner import loader, plugin_source
from botkit.runner.loader import HookTable, Plugin
from botkit.runner.reload import Renew
from botkit.storage import apply, read_with
from botkit.store import Database

log = get_logger(__name__)

_VERSION_KEY = "store_version."
_GET = "SELECT value FROM store WHERE plugin = ? AND scope = '' AND key = ?"


def migrate(database: Database, table: HookTable, tell: Callable[[str], None]) -> HookTable:
    """The table without the plugins whose values could not be brought to their version; `tell` is told of each.

    Raises StoreError when the file is the trouble.
    """
    failed = []
    for plugin in table.plugins:
        try:
            bring_up(database, plugin)
        except PluginError as error:
            log.error("%s; it is not loaded for this run", error, extra={"plugin": plugin.name})
            tell(f"{error}; it is not loaded for this run")
            failed.append(plugin.name)
    return loader.build([one for one in table.plugins if one.name not in failed]) if failed else table


def bring_up(database: Database, plugin: Plugin) -> None:
    """Run the steps that are needed, in one transaction; raises PluginError, and nothing is changed then."""
    steps = migrations_of(plugin.thing)
    rows = database.read(_GET, (HOST, _VERSION_KEY + plugin.name))
    if (steps or rows) and rows != [(json.dumps(version_of(steps)),)]:
        database.write(lambda connection: _bring_up(connection, plugin.name, steps))


def only_with_its_values(renew: Renew, database: Database) -> Renew:
    """The same, but it raises ConfigError for new code whose values have another version: while the bot runs, the old
    code is using them."""

    def checked(name: str, table: HookTable) -> HookTable:
        new = renew(name, table)
        wanted = version_of(migrations_of(new.plugin(name).thing))
        rows = database.read(_GET, (HOST, _VERSION_KEY + name))
        kept = json.loads(rows[0][0]) if rows else 1
        if kept != wanted:
            told = f"its values are of version {kept} and the new code needs version {wanted}; stop and start the bot"
            plugin_source.forget(new.plugin(name).thing)
            raise ConfigError([f"plugin {name}: {told}"])
        return new

    return checked


def _bring_up(connection: sqlite3.Connection, plugin: str, steps: tuple[Migration, ...]) -> None:
    kept, wanted = _kept_version(connection, plugin), version_of(steps)
    if kept is None:
        kept = wanted
    if kept > wanted:
        raise PluginError(
            f"plugin {plugin}: its values are of version {kept}, and this code knows version {wanted}; use newer code"
        )
    needed = [step for step in steps if step.to > kept]
    if needed and needed[0].to != kept + 1:
        missing = f"there is no @migration({kept + 1}); use older code first"
        raise PluginError(f"plugin {plugin}: its values are of version {kept}, and {missing}")
    for step in needed:
        _run(connection, plugin, step)
    _keep_version(connection, plugin, wanted)
    if needed:
        log.info("plugin %s: its values are of version %d now", plugin, wanted, extra={"plugin": plugin})


def _run(connection: sqlite3.Connection, plugin: str, step: Migration) -> None:
    names = [name for (name,) in connection.execute("SELECT DISTINCT scope FROM store WHERE plugin = ?", (plugin,))]
    read, read_keys = read_with(lambda sql, parameters: connection.execute(sql, parameters).fetchall(), plugin)
    store = MigrationStore(plugin, names, read, read_keys)
    try:
        step.function(store)
        apply(connection, store.changes())
    except (Exception, SystemExit) as error:
        told = type(error).__name__ + (f": {error}" if isinstance(error, BotkitError) else "")
        raise PluginError(
            f"plugin {plugin}: the migration of its values to version {step.to} failed with {told}"
        ) from error


def _kept_version(connection: sqlite3.Connection, plugin: str) -> int | None:
    """None: nothing is kept yet."""
    row = connection.execute(_GET, (HOST, _VERSION_KEY + plugin)).fetchone()
    if row is not None:
        return int(json.loads(row[0]))
    return 1 if connection.execute("SELECT 1 FROM store WHERE plugin = ? LIMIT 1", (plugin,)).fetchone() else None


def _keep_version(connection: sqlite3.Connection, plugin: str, version: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO store (plugin, scope, key, value, version) VALUES (?, '', ?, ?, 0)",
        (HOST, _VERSION_KEY + plugin, json.dumps(version)),
    )
