"""Who may import whom (docs/architecture.md), read from the import statements of every file."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "botkit").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")])

MIDDLE = (
    "hookspecs",
    "happenings",
    "commands",
    "arguments",
    "argument_types",
    "automations",
    "automation_steps",
    "people",
    "times",
    "config",
    "values",
    "settings",
    "setting_errors",
    "overrides",
    "schema",
    "migrations",
    "limits",
    "yaml_source",
    "crontab",
    "schedule",
    "schedule_words",
    "jobs",
    "scheduling",
    "store",
    "storage",
    "status",
    "context",
    "conversations",
    "host",
    "matchers",
    "outgoing",
    "own_events",
    "templates",
    "texts",
)
ALLOWED = {
    "clock": ("logs",),
    "logs": (),
    "messenger": ("clock", "logs"),
    "sandbox": ("clock", "logs"),
    **dict.fromkeys(MIDDLE, ("clock", "logs", "messenger", *MIDDLE)),
    "runner": ("clock", "logs", "messenger", *MIDDLE),
    "testing": ("clock", "logs", "messenger", *MIDDLE, "runner", "sandbox"),
    "cli": ("clock", "logs", "messenger", *MIDDLE, "runner", "sandbox", "testing"),
    "__init__": (*MIDDLE, "messenger"),
}
"""Part of botkit → the parts that it may import besides itself."""

DOORS = {
    "requests": ("botkit/messenger/_http.py",),
    "urllib3": ("botkit/messenger/_http.py",),
    "paho": ("botkit/messenger/_mqtt.py",),
    "aiohttp": ("botkit/sandbox/",),
    "pluggy": ("botkit/hookspecs.py", "botkit/runner/loader.py"),
    "apscheduler": ("botkit/crontab.py",),
    "pydantic": (
        "botkit/config.py",
        "botkit/settings.py",
        "botkit/setting_errors.py",
        "botkit/overrides.py",
        "botkit/schema.py",
    ),
    "pydantic_core": ("botkit/schema.py", "botkit/templates.py"),
    "yaml": ("botkit/yaml_source.py", "botkit/sandbox/world_file.py"),
    "click": ("botkit/cli/",),
    "pytest": ("botkit/testing/pytest_plugin.py",),
    "prometheus_client": ("botkit/runner/metrics.py",),
    "filelock": ("botkit/runner/data_lock.py", "botkit/sandbox/"),
    "sqlite3": ("botkit/store.py", "botkit/storage.py", "botkit/runner/", "botkit/sandbox/"),
}
"""Library → the only files (or folders) that may import it."""


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that the file imports, for type checkers too."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            if node.module == "botkit":
                yield from (f"botkit.{alias.name}" for alias in node.names)


def part(name: str) -> str | None:
    """The part of botkit that a module belongs to, or None for a name of the front door and for other modules."""
    parts = name.split(".")
    known = parts[0] == "botkit" and len(parts) > 1
    return parts[1] if known and parts[1] in ALLOWED else None


@pytest.mark.parametrize("path", [f for f in FILES if f.parts[len(ROOT.parts)] == "botkit"], ids=str)
def test_imports_go_one_way(path):
    """A part imports only those below it; the sandbox and the client know nothing of each other."""
    own = path.relative_to(ROOT / "botkit").parts[0].removesuffix(".py")
    wrong = {p for name in imports(path) if (p := part(name)) not in (None, own, *ALLOWED[own])}
    assert not wrong, f"{path}: {own} must not import {', '.join(wrong)}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_each_library_has_its_door(path):
    """Elsewhere a library is not imported."""
    here = path.relative_to(ROOT).as_posix()
    for name in imports(path):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or here.startswith(doors), f"{here} must not import {name}; its door is {doors}"


@pytest.mark.parametrize("path", [f for f in FILES if f.parts[len(ROOT.parts)] == "plugins"], ids=str)
def test_shipped_plugins_use_nothing_a_stranger_could_not(path):
    """Only names of the front door, the standard library, and what plugins of one folder share."""
    for name in imports(path):
        if name.startswith("botkit_plugins._"):
            continue
        assert not name.startswith("botkit.") or part(name) is None or name.count(".") == 1, f"{path}: {name}"
        assert name.split(".")[0] == "botkit" or name.split(".")[0] in sys.stdlib_module_names, f"{path}: {name}"


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after running `code`."""
    script = f"import sys\ntry:\n {code}\nexcept SystemExit: pass\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(ran.stdout.splitlines()[-1].split())


LIBRARIES = {
    "apscheduler",
    "requests",
    "paho",
    "aiohttp",
    "pydantic",
    "pydantic_core",
    "yaml",
    "pluggy",
    "click",
    "filelock",
    "urllib3",
    "prometheus_client",
}


def test_the_front_door_loads_no_third_party():
    """`import botkit` and `import botkit.messenger` cost nothing."""
    assert not loaded_by("import botkit, botkit.messenger") & LIBRARIES


def test_the_front_door_gives_all_its_names_to_who_asks_for_all():
    """`from botkit import *`; so does `__all__` name each."""
    names: dict[str, object] = {}
    exec("from botkit import *", names)
    assert {"ChatContext", "Command", "STOP", "Settings", "command", "hookimpl"} <= names.keys()


@pytest.mark.parametrize("line", ["--help", "--version"])
def test_the_help_loads_click_only(line):
    """Neither the client's libraries nor the server's."""
    loaded = loaded_by(f"from botkit.cli import main; main({[line]!r})")
    assert loaded & LIBRARIES == {"click"}


def test_the_help_of_run_loads_no_client_and_no_server():
    """`botkit run --help` answers before anything heavy is imported."""
    loaded = loaded_by("from botkit.cli import main; main(['run', '--help'])")
    assert not loaded & {"requests", "paho", "aiohttp", "pydantic"}


def test_the_client_alone_loads_nothing_of_the_host():
    """`from botkit.messenger import login` brings requests and paho, and no plugin, settings or server library."""
    assert not loaded_by("from botkit.messenger import login") & {"aiohttp", "pydantic", "yaml", "pluggy", "click"}
