"""Writes the generated part of docs/hooks.md from botkit/hookspecs.py and examples/hooks: `make docs`."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botkit
from botkit import hookspecs
from botkit.runner.faults import HOOKS
from tools import generated

PAGE = generated.ROOT / "docs" / "hooks.md"
EXAMPLES = generated.ROOT / "examples" / "hooks"

_FACT = re.compile(r"(thread|given|return|exception): (.*)")


def page() -> str:
    """The whole text of the page: what stands there by hand, and what is generated."""
    return generated.page(PAGE, "hook_docs", "\n".join(line for hook in HOOKS for line in entry(hook)))


def entry(hook: str) -> Iterator[str]:
    """One hook: its signature, its contract, the smallest example, and where there is a whole plugin."""
    function = getattr(hookspecs, hook)
    text, example = parts(function)
    yield f"## {hook}\n"
    yield f"`{signature(function)}`\n"
    yield f"{text}\n"
    yield f"```python\n{example}\n```\n"
    yield f"A whole plugin: [examples/hooks/{hook}.py](../examples/hooks/{hook}.py). {about(EXAMPLES / f'{hook}.py')}\n"


def signature(function: Callable[..., Any]) -> str:
    """The hook with its arguments and their types, as it stands in the source."""
    found = inspect.signature(function)
    arguments = ", ".join(f"{one.name}: {one.annotation}" for one in found.parameters.values())
    return f"{function.__name__}({arguments}) -> {found.return_annotation}"


def parts(function: Callable[..., Any]) -> tuple[str, str]:
    """(the contract as Markdown, the smallest example as a whole module) of a hook's docstring."""
    contract, _, example = (inspect.getdoc(function) or "").partition("\n\n    ")
    lines = [_FACT.sub(r"- **\1**: \2", line) for line in contract.splitlines()]
    text = "\n".join(f"  {line.strip()}" if line.startswith("    ") else line for line in lines)
    return text, with_imports(textwrap.dedent(f"    {example}"))


def with_imports(example: str) -> str:
    """The example with the import of what it uses of botkit."""
    nodes = list(ast.walk(ast.parse(example)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)} - {n.arg for n in nodes if isinstance(n, ast.arg)}
    return f"from botkit import {', '.join(sorted(used & set(botkit.__all__)))}\n\n{example}"


def about(path: Path) -> str:
    """What a plugin's file says of itself in its first line."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(generated.main({PAGE: page()}, sys.argv[1:]))
