"""YAML as plain data that knows its lines, so that a mistake can be told where it stands.

Scalars are read as YAML 1.2 does (`on` and `no` are words, `18:30` is a text), by a resolver of our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Where a value stands: its keys and list positions from the top of the file."""

# The first error of a cyclic or absurdly deep document is enough; nobody writes a bot file this deep.
_DEEPEST = 20
# A few lines of aliases of aliases stand for more values than any memory has room for.
_MOST_VALUES = 20_000

# What comes without a tag has one of these; `!` is a quoted text.
_TAGS = ("!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")))

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
# Longer ones are no numbers that anybody means, and Python refuses to write some of them out.
_INT = re.compile(r"[-+]?[0-9]{1,40}")
_OCTAL = re.compile(r"0o[0-7]{1,40}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


# What the YAML library says, and what people who write a bot file make of it.
_OPEN_QUOTE = "unexpected end of stream"
_PLAIN_WORDS = (
    (_OPEN_QUOTE, "a quote that begins on this line does not end"),
    (
        "mapping values are not allowed",
        "a colon stands where none can; quote a text that holds one, and leave a blank after a key's",
    ),
    ("',' or ']'", "a list in [ ] does not end, or lacks a comma"),
    ("',' or '}'", "keys and values in { } do not end, or lack a comma"),
    ("did not find expected key", "a line is indented in another way than those above"),
    ("did not find expected '-'", "a line is indented in another way than those above"),
    ("could not find expected ':'", "a key lacks its colon"),
    ("another document", "a second document begins here; keep one"),
    ("undefined alias", "there is no &NAME for this *NAME; quote a text that begins with *"),
)

_SECRET_FROM = 3


@dataclass(frozen=True)
class Source:
    """The text that settings came from: finds the line of a key, to word a problem."""

    path: Path
    lines: Mapping[Place, int]
    told: set[Place] = field(default_factory=set)
    """Places that a problem was told of already."""
    private: set[Place] = field(default_factory=set)
    """Places whose values came from the environment, and are not shown."""
    taken: set[str] = field(default_factory=set, repr=False)
    """What was taken from the environment."""

    def problem(self, place: Place, message: str) -> str:
        """One line: `bot.yaml:12: plugins.echo.prefx: message`. What came from the environment is no part of it."""
        if any(one[: len(place)] == place[: len(one)] for one in self.private):
            # The longest first, as one may be a part of another; what is shorter would be found in any sentence.
            for value in sorted((one for one in self.taken if len(one) >= _SECRET_FROM), key=len, reverse=True):
                message = message.replace(value, "…").replace(repr(value)[1:-1], "…")
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        return f"{self.path}:{line}: " + " ".join(f"{key + ': ' if key else ''}{message}".splitlines())


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Composes nodes only; without implicit resolvers every plain scalar comes as text, for `_scalar` to read."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


def load(text: str, path: Path, environment: Mapping[str, str] | None) -> tuple[Any, Source, list[str]]:
    """The data of a document, where it came from, and what is wrong with it as far as it can be read.

    `environment` serves `${NAME}`; None: that is a text like others. The data is None when the text is no YAML at all.
    """
    lines: dict[Place, int] = {}
    source = Source(path, lines)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        # A quote swallows all that follows; it is told where it begins.
        is_open_quote = _OPEN_QUOTE in (error.problem or "") and error.context_mark
        mark = error.context_mark if is_open_quote else error.problem_mark or error.context_mark
        lines[()] = mark.line + 1 if mark else 1
        return None, source, [source.problem((), f"is not valid YAML: {_in_plain_words(error, text)}")]
    except yaml.YAMLError as error:
        return None, source, [source.problem((), f"is not valid YAML: {str(error).splitlines()[0]}")]
    finally:
        loader.dispose()
    if node is None:
        return {}, source, []
    reader = _Reader(source, lines, environment)
    return reader.value(node, ()), source, reader.problems


def _in_plain_words(error: yaml.MarkedYAMLError, text: str) -> str:
    told = error.problem or error.context or ""
    if "cannot start any token" in told and error.problem_mark is not None:
        line = text.splitlines()[error.problem_mark.line]
        found = line[error.problem_mark.column : error.problem_mark.column + 1]
        return "a tab stands where only spaces may" if found == "\t" else f"quote the text that begins with {found}"
    return next((words for part, words in _PLAIN_WORDS if part in told), told)


def value_of(text: str) -> Any:
    """What one YAML value means, such as `[a, b]` or `5`; raises ValueError, which says why, when it is none."""
    data, _, problems = load(text, Path("value"), None)
    if problems:
        raise ValueError(problems[0].split(": ", 1)[1])
    return data


class _Reader:
    """Turns composed nodes into plain data, noting lines and collecting problems."""

    def __init__(self, source: Source, lines: dict[Place, int], environment: Mapping[str, str] | None) -> None:
        self.problems: list[str] = []
        self._left = _MOST_VALUES
        self._source = source
        self._lines = lines
        self._environment = environment

    def value(self, node: yaml.Node, place: Place) -> Any:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > _DEEPEST:
            self._say(place[:3], "is nested too deep")
            return None
        self._left -= 1
        if self._left < 0:
            if self._left == -1:
                self._say(place[:1], f"stands for more than {_MOST_VALUES:,} values; write them out without aliases")
            return None
        if node.tag not in _TAGS:
            self._say(place, f"has the tag {node.tag}, which a bot file does not use")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "a composed node is a mapping, a sequence or a scalar"
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._lines[(*place, "?")] = line
                self._say((*place, "?"), "a key must be a word")
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in found:
                first = self._lines[here]
                self._lines[here] = line
                self._say(here, f"stands twice; the first is on line {first}")
                continue
            self._lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        text = str(node.value)
        if not node.style:
            plain = plain_scalar(text)
            if not isinstance(plain, str):
                return plain
        if self._environment is None:
            return text
        if "${" in text:
            self._source.private.add(place)
            if _VARIABLE.sub("", text).count("${"):
                self._say(place, "has a ${ without its }; write ${NAME}")
        environment = self._environment
        return _VARIABLE.sub(lambda found: self._variable(found, place, environment), text)

    def _variable(self, found: re.Match[str], place: Place, environment: Mapping[str, str]) -> str:
        name = found.group(1)
        if not _VARIABLE_NAME.fullmatch(name):
            self._say(place, f"{found.group()} is not a variable; write ${{NAME}}")
        elif name not in environment:
            self._say(place, f"the environment variable {name} is not set")
        else:
            self._source.taken.add(environment[name])
            return environment[name]
        return ""

    def _say(self, place: Place, message: str) -> None:
        self._source.told.add(place)
        self.problems.append(self._source.problem(place, message))


def plain_scalar(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2 (core schema): None, bool, int, float or the text itself."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
