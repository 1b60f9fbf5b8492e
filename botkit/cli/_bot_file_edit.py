"""Adds a plugin to the text of a bot file by a change of a line, keeping comments and layout.

An edit is a proposal: it stands only if the new text reads as the old one with the plugin added and nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botkit.messenger.errors import BadArgument
from botkit.yaml_source import Source, load

_BYTE_ORDER_MARK = "\ufeff"
_INDENT = "  "
# YAML counts these as ends of lines too; nobody means them so.
_OTHER_LINE_ENDS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


def read(path: Path) -> str:
    """The text of a bot file, with its line ends as they are; raises BadArgument when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BadArgument(f"{path}: there is no such file; make a bot with: botkit init DIR") from None
    except OSError as error:
        raise BadArgument(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadArgument(f"{path}: cannot be read: it is not UTF-8 text") from error


def keys(text: str, path: Path) -> dict[str, Any]:
    """The keys and values of a bot file as far as they can be read; raises BadArgument when it is no YAML mapping."""
    data, _, problems = load(text.removeprefix(_BYTE_ORDER_MARK), path, os.environ)
    if not isinstance(data, dict):
        raise BadArgument(problems[0] if problems else f"{path}: must hold keys such as plugins:")
    return data


def with_plugin(text: str, path: Path, name: str, folder: str) -> str | None:
    """`text` with the plugin `name` as the last one, and `plugin_dirs: [folder]` if it has no such key.

    None when there is no safe place for it; `path` is for messages.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    end = "\r" if "\r\n" in text else ""
    lines = text.removeprefix(mark).removesuffix("\n").split("\n")
    wanted = keys(text, path)
    plugins = wanted.get("plugins")
    if (plugins is not None and not isinstance(plugins, dict)) or _OTHER_LINE_ENDS.search(text):
        return None
    wanted["plugins"] = {**(plugins or {}), name: None}
    if "plugin_dirs" not in wanted:
        wanted["plugin_dirs"] = [folder]
        lines = _with_folder(lines, path, folder, end)
    for proposal in _with_plugin(lines, path, name, end):
        new = "\n".join(proposal) + "\n"
        data, _, _ = load(new, path, os.environ)
        if data == wanted and list(data["plugins"]) == list(wanted["plugins"]):
            return mark + new
    return None


def replace(path: Path, text: str) -> None:
    """Put `text` in the place of a file at one stroke, with the file's mode; raises BadArgument when it cannot be."""
    path = path.resolve()
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        new = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(path, new)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadArgument(f"{path}: cannot be written: {error.strerror}") from error


def _source(lines: list[str], path: Path) -> Source:
    return load("\n".join(lines), path, {})[1]


def _with_folder(lines: list[str], path: Path, folder: str, end: str) -> list[str]:
    """With the line `plugin_dirs:`, before that of the plugins if there is one."""
    place = _source(lines, path).lines.get(("plugins",), len(lines) + 1) - 1
    return [*lines[:place], f"plugin_dirs: [{folder}]{end}", *lines[place:]]


def _with_plugin(lines: list[str], path: Path, name: str, end: str) -> Iterator[list[str]]:
    """The texts that might be right, likelier ones first; `end` is what stands before a line feed."""
    places = _source(lines, path).lines
    first = places.get(("plugins",))
    if first is None:
        yield [*lines, f"plugins:{end}", f"{_INDENT}{name}:{end}"]
        return
    children = [line for place, line in places.items() if len(place) == 2 and place[0] == "plugins"]
    last = max(children, default=first)
    indent = _indent(lines[last - 1]) if children else _INDENT
    after = _end_of(lines, last, indent) if children else first
    yield [*lines[:after], f"{indent}{name}:{end}", *lines[after:]]
    yield from _in_braces(lines, first, name)


def _end_of(lines: list[str], last: int, indent: str) -> int:
    """The number of the line with which the entry that begins on line `last` ends."""
    end = last
    for number, line in enumerate(lines[last:], start=last + 1):
        if line.strip() and len(_indent(line)) > len(indent):
            # A comment too: within a block of text it is none.
            end = number
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    return end


def _in_braces(lines: list[str], first: int, name: str) -> Iterator[list[str]]:
    """With the plugin before a closing brace, `plugins: {echo: }` being written so."""
    for number in range(first - 1, len(lines)):
        line = lines[number]
        for at in reversed([at for at, letter in enumerate(line) if letter == "}"]):
            before = line[:at].rstrip()
            # Without the space behind its colon a name with no settings would be another name.
            comma = {"{": "", ",": " ", ":": " , "}.get(before[-1:], ", ")
            yield [*lines[:number], f"{before}{comma}{name}: {line[at:]}", *lines[number + 1 :]]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
