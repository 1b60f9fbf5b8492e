"""Values of plugins brought to the version of the code: once, all or nothing, before any event."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from botkit import ChatContext, MigrationStore, command, migration
from botkit.messenger.errors import ConfigError, StoreError
from botkit.runner import loader
from botkit.runner.migrating import migrate, only_with_its_values
from botkit.storage import apply, open_store
from botkit.store import Database


def module(*functions, name="votes"):
    made = types.ModuleType(name)
    for function in functions:
        setattr(made, function.__name__, function)
    return loader.plugin_of(name, made)


@pytest.fixture
def keep(database):
    """Puts values {scope: {key: value}} into the store of a plugin."""

    def put(values, plugin="votes"):
        store = open_store(database.read, plugin, None, None)
        for scope, pairs in values.items():
            store.scope(scope).update(pairs)
        changes = store.changes()
        database.write(lambda c: apply(c, changes))

    return put


@pytest.fixture
def kept(database):
    """All values of a plugin: {(scope, key): JSON text}."""

    def read(plugin="votes"):
        return {
            (s, k): v for s, k, v in database.read("SELECT scope, key, value FROM store WHERE plugin = ?", (plugin,))
        }

    return read


@pytest.fixture
def bring_up(database):
    """Brings plugins up; gives the names of those that stay, and what the owner was told."""

    def run(*plugins):
        told = []
        table = migrate(database, loader.build(plugins), told.append)
        return [one.name for one in table.plugins], told

    return run


@migration(2)
def nested(store: MigrationStore) -> None:
    for scope in (store, *store.threads.values()):
        scope["votes"] = {key: scope.pop(key) for key in list(scope)}


@migration(3)
def renamed(store: MigrationStore) -> None:
    store["counted"] = sum(store.pop("votes").values())
    for thread_id, scope in store.threads.items():
        scope["chat"] = thread_id
    for user_id, scope in store.users.items():
        scope["who"] = user_id
    for (thread_id, user_id), scope in store.members.items():
        scope["member"] = [thread_id, user_id]


def test_each_step_sees_what_the_one_before_has_left(keep, kept, bring_up):
    """In all scopes, at once."""
    keep({"": {"1": 2, "2": 3}, "thread:70": {"1": 1}, "user:7": {"x": 1}, "member:70:7": {"x": 1}})
    assert bring_up(module(nested, renamed)) == (["votes"], [])
    assert kept() == {
        ("", "counted"): "5",
        ("thread:70", "votes"): '{"1":1}',
        ("thread:70", "chat"): '"70"',
        ("user:7", "x"): "1",
        ("user:7", "who"): '"7"',
        ("member:70:7", "x"): "1",
        ("member:70:7", "member"): '["70","7"]',
    }


def test_a_step_runs_once(keep, kept, bring_up):
    """Not again at the next start; a later version runs its own steps only."""
    keep({"": {"1": 2}})
    bring_up(module(nested))
    first = kept()
    bring_up(module(nested))
    assert kept() == first
    bring_up(module(nested, renamed))
    assert kept() == {("", "counted"): "2"}


def test_who_has_kept_nothing_begins_with_the_newest_version(keep, kept, bring_up):
    """No step runs, also not later."""

    @migration(2)
    def never(store):
        raise AssertionError

    assert bring_up(module(never)) == (["votes"], [])
    keep({"": {"k": 1}})
    assert bring_up(module(never)) == (["votes"], [])
    assert kept() == {("", "k"): "1"}


def fails(store):
    store["half"] = True
    store.threads["70"].clear()
    raise ValueError("what somebody wrote")


def exits(store):
    store.clear()
    sys.exit()


def no_json(store):
    store.clear()
    store["k"] = object()


@pytest.mark.parametrize(
    ("step", "told"),
    [(fails, "ValueError"), (exits, "SystemExit"), (no_json, "StoreError: store key 'k': object is not JSON")],
)
def test_a_step_that_fails_leaves_all_as_it_was(keep, kept, bring_up, step, told):
    """The steps before it too; the plugin is left out, the others are not, and the owner is told without the values."""
    keep({"": {"1": 2}, "thread:70": {"1": 1}})
    before = kept()
    names, sentences = bring_up(module(nested, migration(3)(step)), module(name="other"))
    assert names == ["other"]
    assert len(sentences) == 1
    assert sentences[0].startswith(f"plugin votes: the migration of its values to version 3 failed with {told}")
    assert sentences[0].endswith("; it is not loaded for this run")
    assert "wrote" not in sentences[0]
    assert kept() == before


def test_values_of_newer_code_are_left_alone(keep, kept, bring_up):
    """Older code would not understand them."""
    keep({"": {"1": 2}})
    bring_up(module(nested, renamed))
    before = kept()
    assert bring_up(module(nested)) == (
        [],
        [
            "plugin votes: its values are of version 3, and this code knows version 2; use newer code;"
            " it is not loaded for this run"
        ],
    )
    assert bring_up(module())[0] == []
    assert kept() == before


def test_values_older_than_the_oldest_step_are_left_alone(keep, bring_up):
    """The step that they need was taken out."""
    keep({"": {"1": 2}})
    names, told = bring_up(module(renamed))
    assert names == []
    assert "there is no @migration(2); use older code first" in told[0]


def test_a_step_that_ends_the_process_has_changed_nothing(tmp_path, keep, database, kept):
    """As a kill in the midst would: the transaction was not committed."""
    keep({"": {"1": 2}})
    before = kept()
    script = f"""
import os, pathlib
from types import ModuleType
from botkit import migration
from botkit.runner import loader
from botkit.runner.migrating import migrate
from botkit.store import Database

@migration(2)
def step(store):
    store.clear()

@migration(3)
def ends(store):
    os._exit(9)

made = ModuleType("votes")
made.step, made.ends = step, ends
migrate(Database(pathlib.Path({str(tmp_path / "bot.db")!r})), loader.build([loader.plugin_of("votes", made)]), print)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert kept() == before


def test_wrong_steps_are_told_at_load():
    """With the other faults of the plugin."""

    @migration(4)
    def late(store):
        pass

    with pytest.raises(ConfigError, match=r"object votes: @migration\(3\) is missing between 2 and 4"):
        loader.build([module(nested, late)])


def test_new_code_with_another_version_waits_for_a_restart(database, keep):
    """While the bot runs, the old code is using the values."""
    table = loader.build([module(nested)])
    renew = only_with_its_values(lambda name, old: table, database)
    with pytest.raises(ConfigError, match="of version 1 and the new code needs version 2; stop and start the bot"):
        renew("votes", table)
    migrate(database, table, print)
    assert renew("votes", table) is table


def test_a_bot_has_migrated_before_the_first_event(stage, tmp_path):
    """The plugin finds its values in the new form."""
    folder = tmp_path / "bots" / "Bot"
    opened = Database(folder / "bot.db")
    opened.write(lambda c: c.execute("INSERT INTO store VALUES ('votes', '', 'n', '5', 1)"))
    opened.close()

    @command("count")
    def count(ctx: ChatContext) -> str:
        return str(ctx.store["votes"])

    stage.start_bot("", {"votes": module(nested, count).thing})
    ann = stage.person("Ann")
    ann.says("Friends", "!count")
    stage.settle()
    assert ann.heard()[-1][1] == "{'n': 5}"


def test_a_bot_runs_without_a_plugin_whose_migration_fails(stage, tmp_path, caplog):
    """The others answer."""
    folder = tmp_path / "bots" / "Bot"
    opened = Database(folder / "bot.db")
    opened.write(lambda c: c.execute("INSERT INTO store VALUES ('votes', '', 'n', '5', 1)"))
    opened.close()

    @command("count")
    def count(ctx: ChatContext) -> str:
        return "counted"

    bot = stage.start_bot("plugins: {ping: }", {"votes": module(migration(2)(exits), count).thing})
    ann = stage.person("Ann")
    for text in ("!count", "!ping"):
        ann.says("Friends", text)
    stage.settle()
    assert [plugin.name for plugin in bot.status().plugins] == ["ping", "commands"]
    assert not any("counted" in said for _, said in ann.heard())
    assert "plugin votes: the migration of its values to version 2 failed with SystemExit" in caplog.text


def test_a_bot_does_not_reload_code_of_another_version(stage):
    """The old code keeps running."""
    newer = loader.build([module(nested)])
    bot = stage.start_bot("", {"votes": module().thing}, renew=lambda name, table: newer)
    with pytest.raises(ConfigError, match="stop and start the bot"):
        bot.reload("votes")
    assert bot.tables.current() is not newer


def test_a_damaged_file_is_no_fault_of_a_plugin(database, bring_up):
    """It is told as what it is."""
    database.close()
    with pytest.raises(StoreError):
        bring_up(module(nested))
