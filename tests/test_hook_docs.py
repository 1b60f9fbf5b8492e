"""docs/hooks.md and the contracts in botkit/hookspecs.py: current, and whole."""

from __future__ import annotations

import re
import types
from pathlib import Path

import pytest

from botkit import hookspecs
from botkit.runner import loader
from botkit.runner.faults import HOOKS, arguments_of
from tools import hook_docs

ROOT = Path(__file__).parents[1]

PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_the_committed_page_is_current():
    """After a change to a hook or an example: make docs."""
    assert hook_docs.page() == PAGE


@pytest.mark.parametrize("hook", HOOKS)
def test_the_contract_answers_everything(hook):
    """When, on which thread, with what, what a return and what an exception does."""
    text, _ = hook_docs.parts(getattr(hookspecs, hook))
    assert text.splitlines()[0].endswith((".", ":", ","))
    assert re.findall(r"^- \*\*(\w+)\*\*: \S", text, re.MULTILINE) == ["thread", "given", "return", "exception"]


@pytest.mark.parametrize("hook", HOOKS)
def test_the_page_has_the_hook_with_its_arguments_and_examples(hook):
    """The whole plugin that it names is there, and uses the hook."""
    section = SECTIONS[hook]
    (shown,) = re.findall(rf"^`{hook}\((.*?)\) -> ", section, re.MULTILINE)
    assert re.findall(r"(\w+): ", shown) == list(arguments_of(hook))
    assert f"def {hook}(" in section
    (link,) = re.findall(r"\]\((\S+\.py)\)", section)
    assert f"def {hook}(" in (ROOT / "docs" / link).read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", HOOKS)
def test_the_smallest_example_is_a_plugin(hook):
    """It loads, and implements the hook."""
    module = types.ModuleType(f"example_of_{hook}")
    (example,) = re.findall(r"^```python\n(.*?)^```", SECTIONS[hook], re.DOTALL | re.MULTILINE)
    exec(example, vars(module))
    table = loader.build([loader.plugin_of(hook, module)])
    assert [handler.id for handler in table.handlers(hook)] == [f"{hook}:{hook}"]
