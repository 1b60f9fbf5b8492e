"""Forms and JSON as clients write them (dossier 1, section 5; dossier 3, section 2.2)."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from botkit.sandbox.errors import Refusal
from botkit.sandbox.wire import Request, read_json


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Without the garbage collector: what it finalises at the bottom of a deep stack would fail there."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("text", ["", "{", '"\\ud800"', '{"\\udc00":1}', b'"\xed\xa0\x80"', b"\xff"])
def test_no_json(text: str | bytes) -> None:
    """Half characters are as wrong as no JSON at all."""
    with pytest.raises(ValueError, match=r".+"):
        read_json(text)


def test_endless_nesting(no_collection: None) -> None:
    """A text of brackets does not end the server."""
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 100_000)


def test_json() -> None:
    """Everything else is what it says, whole emoji too."""
    assert read_json('{"a":["\\ud83d\\ude00",1]}') == {"a": ["😀", 1]}


def test_nested_fields() -> None:
    """Brackets make mappings in mappings, in any order; a list is a mapping from its numbers."""
    request = Request("POST", "h", "/", "a[b][c]=1&x=2&a[b][d]=3&a[0]=4&ab[c]=5")
    assert request.nested("a") == {"b": {"c": "1", "d": "3"}, "0": "4"}
    assert request.nested("y") == {}


def test_nested_fields_that_contradict() -> None:
    """A name cannot be a value and a mapping."""
    with pytest.raises(Refusal, match="a value and a mapping at once"):
        Request("POST", "h", "/", "a[b]=1&a[b][c]=2").nested("a")
