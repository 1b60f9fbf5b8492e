"""The steps of a plugin's migrations: how they are marked, and what is wrong with them at load."""

from __future__ import annotations

import types

import pytest

from botkit import migration
from botkit.messenger.errors import PluginError
from botkit.migrations import migrations_of, version_of


def plugin(**steps):
    module = types.ModuleType("plugin")
    for name, to in steps.items():

        def step(store):
            pass

        step.__name__ = name
        setattr(module, name, migration(to)(step))
    return module


def test_the_last_step_is_the_version():
    """Without any it is 1; the steps come in their order, whatever their names are."""
    assert version_of(migrations_of(plugin())) == 1
    steps = migrations_of(plugin(b=2, a=3))
    assert ([one.to for one in steps], version_of(steps)) == ([2, 3], 3)


def test_old_steps_may_be_taken_out():
    """When nobody has values of that age any more."""
    assert [one.to for one in migrations_of(plugin(a=5, b=6))] == [5, 6]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ({"a": 2, "b": 2}, r"@migration\(2\): a and b both lead to version 2; keep one"),
        ({"a": 2, "b": 4}, r"@migration\(3\) is missing between 2 and 4"),
    ],
)
def test_steps_that_do_not_follow_each_other_are_refused(steps, told):
    """At load, not when somebody's values need them."""
    with pytest.raises(PluginError, match=told):
        migrations_of(plugin(**steps))


@pytest.mark.parametrize("to", [1, 0, True, "2", 2.0])
def test_a_step_leads_to_version_two_or_a_later_one(to):
    """What a plugin keeps at first is version 1."""
    with pytest.raises(PluginError, match="give 2 or more"):
        migration(to)
