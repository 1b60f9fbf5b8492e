"""The samples of the docs: each fenced block with its page, its line, and what kind of thing it is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

# A sample that cannot be run has this, with the reason, on the line before its fence; readers do not see it.
_NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
_FENCE = re.compile(r" *```(\w*)")
_FILE = re.compile(r"`(?:[\w.-]+/)*(\w+)\.py`")


@dataclass(frozen=True)
class Sample:
    """`language` is that of the fence; `file` is the name of the last Python file that the page has named before it, by
    which a plugin is known; `not_run` is why it cannot be run, None if it can."""

    page: str
    line: int
    language: str
    text: str = field(repr=False)
    file: str = ""
    not_run: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_test(self) -> bool:
        """Whether it is Python with a test in it."""
        return self.language == "python" and "def test_" in self.text


@cache
def samples() -> tuple[Sample, ...]:
    """All of them, in the order of the pages."""
    return tuple(sample for page in PAGES for sample in _of_page(page))


def samples_in(language: str) -> list[Sample]:
    """Those of a language that can be run."""
    return [one for one in samples() if one.language == language and one.not_run is None]


def _of_page(page: Path) -> Iterator[Sample]:
    name, file, before = page.relative_to(ROOT).as_posix(), "", ""
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
    for number, line in lines:
        if (fence := _FENCE.match(line)) is not None:
            body = []
            for _, inside in lines:
                if _FENCE.match(inside):
                    break
                body.append(inside)
            marked = _NOT_RUN.fullmatch(before)
            text = textwrap.dedent("\n".join(body)) + "\n"
            yield Sample(name, number, fence.group(1), text, file, marked.group(1) if marked else None)
        elif named := _FILE.findall(line):
            file = named[-1]
        before = line.strip()
