"""Writes the generated part of plugins/README.md from the shipped plugins: `make docs`."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from botkit.commands import Command
from botkit.config import Settings
from botkit.jobs import Job
from botkit.runner import loader
from botkit.runner.loader import HookTable
from botkit.schedule_words import words
from botkit.settings import descriptions, flat, is_duration
from botkit.values import duration
from tools import generated

PAGE = generated.ROOT / "plugins" / "README.md"
FOLDER = generated.ROOT / "plugins" / "botkit_plugins"

_LIMITS = {Ge: "ge", Le: "le"}
_EXAMPLE = re.compile(r"(?<=[:?]) (!.+)$")
_WHO = {"member": "everybody", "mod": "moderators", "admin": "admins", "owner": "owners"}


def page() -> str:
    """The whole text of the page: what stands there by hand, and what is generated."""
    tables = [_load(name) for name in names()]
    listed = _table(("plugin", "what it does"), ([f"[`{_name(one)}`](#{_name(one)})", _summary(one)] for one in tables))
    return generated.page(
        PAGE, "plugin_docs", "\n\n".join([listed, *(part for one in tables for part in section(one))])
    )


def names() -> list[str]:
    """The shipped plugins."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[0] != "_")


def _load(name: str) -> HookTable:
    """The plugin alone."""
    return loader.build([loader.plugin_of(name, importlib.import_module(f"botkit_plugins.{name}"))])


def _name(table: HookTable) -> str:
    return table.plugins[0].name


def _summary(table: HookTable) -> str:
    return loader.info_of(table.plugins[0], table).summary


def section(table: HookTable) -> Iterator[str]:
    """What one plugin has, without the headings of what it has not."""
    name = _name(table)
    yield f"## {name}"
    yield f"{_summary(table)} [{name}.py](botkit_plugins/{name}.py)"
    if found := sorted(table.commands.commands, key=_line):
        yield _table(("command", "for", "what it does"), map(_command, found))
    if hooks := list(_hooks(table)):
        yield f"Hooks: {', '.join(f'`{one}`' for one in hooks)}."
    if table.jobs:
        yield _table(("schedule", "when"), map(_job, table.jobs))
    if settings := list(_settings(loader.settings_class(table.plugins[0].thing))):
        yield _table(("setting", "default", "what it says"), settings)


def _command(one: Command) -> tuple[str, ...]:
    others = f" or {', '.join(f'`!{alias}`' for alias in one.aliases)}" if one.aliases else ""
    about = _EXAMPLE.sub(r" `\1`", one.summary)
    notes = [about, *(["It asks first."] if one.confirm else []), *_rest(one)]
    return f"`{one.usage('!')}`{others}", _WHO[one.role], " ".join(notes)


def _line(one: Command) -> int:
    """Where it stands in the plugin's file."""
    return int(inspect.unwrap(one.function).__code__.co_firstlineno)


def _rest(one: Command) -> Iterator[str]:
    if one.cooldown is not None:
        whose = "" if one.cooldown.per == "all" else f" for each {one.cooldown.per}"
        yield f"Once in {one.cooldown.length}{whose}."


def _hooks(table: HookTable) -> Iterator[str]:
    for hook, handlers in table.hooks.items():
        for handler in handlers:
            yield from (f"@{one.text}" for one in handler.matchers) if handler.matchers else (hook,)


def _job(one: Job) -> tuple[str, ...]:
    when = words(one.when, ZoneInfo("UTC")) + (" (by its settings)" if one.told else "")
    return f"`{one.name}`", f"{when}{', in each chat that it is switched on in' if one.is_each else ''}"


def _settings(model: type[Settings] | None) -> Iterator[tuple[str, ...]]:
    if model is None:
        return
    about = descriptions(model)
    for key, value in flat(model()).items():
        field = model.model_fields.get(key)
        said = [about.get(key, ""), *(_allowed(field) if field is not None else ())]
        yield f"`{key}`", f"`{_plain(value)}`", " ".join(filter(None, said))


def _allowed(field: FieldInfo) -> Iterator[str]:
    """What a value may be, where not each of its kind may."""
    if choices := [f"`{one}`" for one in _choices(field.annotation)]:
        yield f"{', '.join(choices[:-1])} or {choices[-1]}."
    limits = {type(one): getattr(one, _LIMITS[type(one)]) for one in field.metadata if type(one) in _LIMITS}
    low, high = (limits.get(Ge), limits.get(Le))
    told = [duration(one) if is_duration(field) else str(one) for one in (low, high) if one is not None]
    if len(told) == 2:
        yield f"{told[0]} to {told[1]}."
    elif told:
        yield f"{told[0]} {'at most' if low is None else 'or more'}."


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The values of the `Literal` that an annotation is or holds."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for one in get_args(annotation) if (found := _choices(one))), ())


def _plain(value: Any) -> str:
    """As it stands in a bot file."""
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {line} |" for line in lines)])


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
