"""Wrong bot files, each with the very lines that it must be refused with: `# says: LINE: KEY: what is wrong`."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.messenger.errors import ConfigError
from botkit.runner import loader

FOLDER = Path(__file__).parent / "wrong_bot_files"
FILES = sorted(FOLDER.glob("*.yaml"))
SAYS = "# says: "


def test_there_are_fifty_of_them():
    """At least."""
    assert len(FILES) >= 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_these_lines(path, monkeypatch):
    """All of them at once, in the order of the file, and no others."""
    monkeypatch.chdir(FOLDER)
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [f"{path.name}:{line.removeprefix(SAYS)}" for line in lines if line.startswith(SAYS)]
    with pytest.raises(ConfigError) as caught:
        loader.read(Path(path.name), {})
    assert caught.value.problems == wanted
