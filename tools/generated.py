"""Documents whose lower part is made from the code: what each tool of `make docs` does with its files.

What stands above the mark is written by hand and stays. Run with `--check` a tool writes nothing and fails when a file
is not current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def page(path: Path, tool: str, made: str) -> str:
    """The whole text of a file: what stands there by hand, the mark, and what `tool` has made."""
    mark = f"<!-- What follows is written by tools/{tool}.py (make docs). -->"
    by_hand, found, _ = path.read_text(encoding="utf-8").partition(mark)
    assert found, f"{path.name} has lost its mark: {mark}"
    return f"{by_hand}{mark}\n\n{made.rstrip()}\n"


def main(pages: Mapping[Path, str], arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write the files, or with --check tell which are old; the exit code."""
    old = {path: text for path, text in pages.items() if path.read_text(encoding="utf-8") != text}
    if "--check" in arguments:
        for path in old:
            print(f"{path.relative_to(root).as_posix()} is not current; run: make docs")
        return 1 if old else 0
    for path, text in old.items():
        path.write_text(text, encoding="utf-8")
    return 0
