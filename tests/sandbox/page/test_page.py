"""The page's files keep to the rules that its Content-Security-Policy and everybody's messages set."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib import resources

import pytest


def read(name: str) -> str:
    return resources.files("botkit.sandbox").joinpath("page", name).read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Collects (tag, attributes) of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def elements() -> list[tuple[str, dict[str, str | None]]]:
    return Elements(read("index.html")).found


def test_nothing_is_inline(elements: list[tuple[str, dict[str, str | None]]]) -> None:
    """The policy allows no inline script or style, so the page has none."""
    for tag, attributes in elements:
        assert tag != "style"
        assert tag != "script" or attributes["src"] == "/page.js"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_nothing_comes_from_elsewhere() -> None:
    """No file refers to another server; a namespace inside a picture is only a name."""
    for name in ("index.html", "page.css", "page.js"):
        text = read(name).replace("http://www.w3.org/2000/svg", "").replace("ws://${location.host}", "")
        assert not re.findall(r"(?:https?|wss?)://\S*|@import.*", text)


def test_the_token_has_one_place(elements: list[tuple[str, dict[str, str | None]]]) -> None:
    """The server finds exactly one place for the control token, the one that the script reads."""
    metas = [attributes for tag, attributes in elements if tag == "meta" and attributes.get("name") == "botkit-token"]
    assert [attributes["content"] for attributes in metas] == ["__BOTKIT_TOKEN__"]
    assert read("index.html").count("__BOTKIT_TOKEN__") == 1


def test_messages_never_become_markup() -> None:
    """The script has no way to turn a text into elements."""
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b", read("page.js"))


def test_script_and_page_agree_on_ids(elements: list[tuple[str, dict[str, str | None]]]) -> None:
    """Every element that the script asks for by id is in the page."""
    ids = {attributes["id"] for _, attributes in elements if "id" in attributes}
    assert set(re.findall(r'\$\("([^"]+)"\)', read("page.js"))) <= ids


def test_every_control_has_a_name(elements: list[tuple[str, dict[str, str | None]]]) -> None:
    """A text box or a button with only a picture in it tells a screen reader what it is."""
    for tag, attributes in elements:
        if tag == "textarea" or attributes.get("class") in ("send", "back", "attach"):
            assert attributes.get("aria-label")
