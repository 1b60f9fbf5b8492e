"""Documents whose lower part is made from the code."""

from __future__ import annotations

import pytest

from tools import generated

MARK = "<!-- What follows is written by tools/tea_docs.py (make docs). -->"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "docs" / "tea.md"
    path.parent.mkdir()
    path.write_text(f"By hand: grün.\n\n{MARK}\n\nold\n", encoding="utf-8")
    return path


def test_what_is_written_by_hand_stays(path):
    """Only what follows the mark is made anew."""
    assert generated.page(path, "tea_docs", "new\n\n") == f"By hand: grün.\n\n{MARK}\n\nnew\n"


def test_a_file_without_its_mark_is_not_overwritten(path):
    """Nobody knows what in it was written by hand."""
    with pytest.raises(AssertionError, match=r"tea\.md has lost its mark"):
        generated.page(path, "coffee_docs", "new")


def test_it_is_told_that_a_page_is_old(path, tmp_path, capsys):
    """And it is mended when that is asked for."""
    pages = {path: generated.page(path, "tea_docs", "new")}
    assert generated.main(pages, ["--check"], tmp_path) == 1
    assert capsys.readouterr().out == "docs/tea.md is not current; run: make docs\n"
    assert path.read_text(encoding="utf-8").endswith("old\n")
    assert generated.main(pages, [], tmp_path) == 0
    assert path.read_text(encoding="utf-8") == f"By hand: grün.\n\n{MARK}\n\nnew\n"
    assert generated.main(pages, ["--check"], tmp_path) == 0
    assert capsys.readouterr().out == ""
