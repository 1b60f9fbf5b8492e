"""Steps that bring the values which a plugin keeps from one form to the next, when its code has changed.

A plugin's version is the number of its last `@migration`, and 1 without any.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from botkit.messenger.errors import PluginError
from botkit.storage import Read, ReadKeys, Scope, Store

_MARK = "__botkit_migration__"
F = TypeVar("F", bound=Callable[..., Any])


class MigrationStore(Store):
    """All that a plugin keeps: the global values themselves, as in `ctx.store`, and the narrower scopes by the ids of
    their chats and people."""

    def __init__(self, plugin: str, names: Sequence[str], read: Read, read_keys: ReadKeys) -> None:
        """For the host: `names` are the scopes in which something is kept."""
        super().__init__(plugin, None, None, read, read_keys)
        self._names = sorted(names)

    @property
    def threads(self) -> Mapping[str, Scope]:
        """{thread id: its values}, of every chat that has any."""
        return {ids[0]: scope for ids, scope in self._of("thread")}

    @property
    def users(self) -> Mapping[str, Scope]:
        """{user id: that person's values}, of everybody who has any."""
        return {ids[0]: scope for ids, scope in self._of("user")}

    @property
    def members(self) -> Mapping[tuple[str, str], Scope]:
        """{(thread id, user id): that person's values in that chat}, of everybody who has any."""
        return {(ids[0], ids[1]): scope for ids, scope in self._of("member")}

    def _of(self, kind: str) -> list[tuple[list[str], Scope]]:
        found = [(name, name.split(":")) for name in self._names]
        return [(parts[1:], self.scope(name)) for name, parts in found if parts[0] == kind]


@dataclass(frozen=True)
class Migration:
    """One step: `function` changes what version `to` - 1 has kept into what version `to` keeps."""

    to: int
    function: Callable[[MigrationStore], Any] = field(repr=False)


def migration(to: int) -> Callable[[F], F]:
    """Mark a function at the top level of a plugin as the step to version `to` of what the plugin keeps, 2 or more.

    It gets a `MigrationStore` with what the version before has left, and changes it. All steps that are needed run
    once, before the plugin's first event, in one transaction: if one raises, nothing is changed, the plugin is not
    loaded for this run, and the owner is told. A plugin that has kept nothing yet begins with its newest version.
    """
    if type(to) is not int or to < 2:
        raise PluginError(f"@migration({to!r}): what a plugin keeps at first is version 1, so give 2 or more")

    def mark(function: F) -> F:
        setattr(function, _MARK, to)
        return function

    return mark


def migrations_of(thing: Any) -> tuple[Migration, ...]:
    """The steps of a plugin in their order; raises PluginError when two lead to one version, or one is missing between
    two others."""
    marked = [value for _, value in inspect.getmembers(thing, callable) if isinstance(getattr(value, _MARK, None), int)]
    found = sorted((Migration(getattr(one, _MARK), one) for one in marked), key=lambda one: one.to)
    for one, following in pairwise(found):
        if following.to == one.to:
            names = " and ".join(sorted(step.function.__name__ for step in (one, following)))
            raise PluginError(f"@migration({one.to}): {names} both lead to version {one.to}; keep one")
        if following.to != one.to + 1:
            raise PluginError(f"@migration({one.to + 1}) is missing between {one.to} and {following.to}")
    return tuple(found)


def version_of(migrations: Sequence[Migration]) -> int:
    """The version of what a plugin with these steps keeps."""
    return migrations[-1].to if migrations else 1
