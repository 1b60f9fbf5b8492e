"""Shipped plugins, examples, skeletons and the docs' samples use nothing that a stranger could not."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

import pytest

import botkit
import botkit.messenger
import botkit.testing
from tests.samples import ROOT, samples

PUBLIC = {
    "botkit": set(botkit.__all__),
    "botkit.messenger": set(botkit.messenger.__all__),
    "botkit.testing": set(botkit.testing.__all__),
}
"""Module → its names for authors."""

LIBRARIES = sys.stdlib_module_names | {"click", "pytest"}
"""What else a plugin, its subcommand or its test may import."""

SHARED = "botkit_plugins._"
"""What shipped plugins share, which is looked at like them."""


def sources() -> Iterator[tuple[str, str]]:
    """(where, Python)."""
    for folder in ("plugins", "examples", "botkit/cli/skeleton"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    yield from ((str(one), one.text) for one in samples() if one.language == "python")


def secrets(tree: ast.AST) -> Iterator[str]:
    """Every import of something that is not public."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
            yield from (name for name in modules if name not in PUBLIC and name.split(".")[0] not in LIBRARIES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module in PUBLIC:
                names = [alias.name for alias in node.names]
                yield from (f"{module}.{name}" for name in names if name not in PUBLIC[module])
            elif module.startswith(SHARED):
                continue
            elif node.level or module.split(".")[0] not in LIBRARIES:
                yield module or "something relative"


@pytest.mark.parametrize(("where", "source"), [pytest.param(*one, id=one[0]) for one in sources()])
def test_only_public_names_are_imported(where, source):
    """Of botkit, the standard library, and where needed click and pytest."""
    assert not list(secrets(ast.parse(source))), where


@pytest.mark.parametrize(
    "source",
    [
        "from botkit.storage import apply",
        "import botkit.store",
        "from botkit import clock",
        "from . import x",
        "import yaml",
        "from botkit_plugins.warnings import warn",
    ],
)
def test_what_is_not_public_is_found(source):
    """Whichever way it is imported."""
    assert list(secrets(ast.parse(source)))


def test_each_public_name_is_there():
    """In its module."""
    for module, names in PUBLIC.items():
        missing = [name for name in names if not hasattr(sys.modules[module], name)]
        assert not missing, f"{module}: {missing}"
