"""What the README and the docs show works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from botkit import config
from botkit.runner import loader

ROOT = Path(__file__).parent.parent


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


def test_the_ten_line_plugin_rolls_and_says_thanks(start_bot, ann, tmp_path):
    """Put into a folder and named in the bot file, as the README says."""
    (tmp_path / "my_plugins").mkdir()
    (tmp_path / "my_plugins" / "dice.py").write_text(blocks("README.md", "python")[0])
    start_bot(blocks("README.md", "yaml")[0])
    ann.says("Friends", "!roll 1")
    assert ann.hears() == ("Bot", "1")
    ann.says("Friends", "Good bot!")
    assert ann.hears() == ("Bot", "Thank you!")


@pytest.mark.parametrize("source", blocks("docs/plugins.md", "python"))
def test_each_sample_of_the_plugin_guide_loads(source, tmp_path):
    """As a plugin of its own."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sample.py").write_text(source)
    loader.load(config.parse("plugin_dirs: [mine]\nplugins: {sample: }", tmp_path / "bot.yaml", {}))


def test_the_example_bot_file_is_right():
    """It is what `make run` starts."""
    assert loader.load(config.read(ROOT / "bot.yaml.example", {})).plugins


def test_every_key_of_the_bot_file_is_documented():
    """In docs/bot-file.md, and no others."""
    text = (ROOT / "docs" / "bot-file.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert documented == set(config.BotFile.model_fields)


@pytest.mark.parametrize(
    "path", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(path):
    """To files of this repository."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((ROOT / path).parent / target).exists(), target
