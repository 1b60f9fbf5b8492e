"""Writes the generated part of docs/api.md and docs/coming-from-facebook-chat-api.md: `make docs`."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botkit import messenger
from botkit.messenger import FUNCTION_CLASSES, Api, Attachment, Message, Options, errors
from botkit.messenger.attachments import attachment_from
from tools import generated

DOCS = generated.ROOT / "docs"
PAYLOADS = generated.ROOT / "tests" / "payloads"

EVENTS = ("Message", "ThreadEvent", "Typing", "ReadReceipt", "Read", "Presence", "Reaction", "Unsend")
LAST_EVENTS = ("ForcedFetch", "Unparsed")
RESULTS = ("SentMessage", "User", "FoundUser", "Friend", "OnlineUser", "Thread", "HistoryMessage")
FOR_HOSTS = ("raw_events", "parse", "parse_transient", "json_message")
HOST_CLASSES = ("Listening", "Listener", "Sink", "Position", "Batch", "ConnectionState", "RawEvent")
# Names that the documented options have, where they are not ours in the other spelling.
OPTION_NAMES = {"page_id": "pageID"}
# Fields that older forms of the wire fill; those that nothing fills are found by themselves.
NONE_TODAY = {"FoundUser": ("score",), "Thread": ("lastMessageID",)}
OWN_OPTIONS = frozenset({"network", "send_via"})

_NAMED = re.compile(r"\s*\((documented|in later clients): (\w+)\)")
_SOURCE = re.compile(r"\s*\(dossiers? [^)]*\)")


def pages() -> dict[Path, str]:
    """The whole text of each file: what stands there by hand, and what is generated."""
    made = {"api.md": api_page, "coming-from-facebook-chat-api.md": comparison_page}
    return {DOCS / name: generated.page(DOCS / name, "api_docs", "\n".join(parts())) for name, parts in made.items()}


def api_page() -> Iterator[str]:
    """One entry for each function, event, result, option and error."""
    yield "## Functions\n"
    yield from _function("login", messenger.login)
    for name, function in _api_functions():
        yield from _function(name, function)
    yield "## Events\n"
    for name in (*EVENTS, *LAST_EVENTS):
        yield from _data_class(name)
    yield "## Attachments\n"
    yield markdown(Attachment) + "\n"
    yield from _attachments()
    yield "## Results\n"
    for name in RESULTS:
        yield from _data_class(name)
    yield from _class("Downloaded")
    yield "## Options\n"
    yield markdown(Options) + "\n"
    yield "## For hosts that keep their own position\n"
    for name in FOR_HOSTS:
        yield from _function(name, getattr(messenger, name))
    for name in HOST_CLASSES:
        yield from _class(name)
    yield "## Errors\n"
    yield from _errors()


def comparison_page() -> Iterator[str]:
    """Every documented name beside ours."""
    yield "## Functions\n"
    functions = [("`login`", "`login(credentials, options)`"), *_documented_functions("documented")]
    yield table(("documented", "here"), sorted(functions, key=lambda row: row[0].lower()))
    yield "Functions of later clients, and those that are only here:\n"
    yield table(("later clients", "here"), sorted(_documented_functions("in later clients")) + _own_functions())
    yield "## Options\n"
    yield table(("documented", "here", "default"), _options())
    yield "## Fields of events\n"
    for name in EVENTS:
        yield from _comparison(name)
    yield "## Kinds of change\n"
    yield from _log_types()
    yield "## Fields of attachments\n"
    yield 'They keep their documented names: `attachment.fields["previewUrl"]`, or `attachment.to_dict()`.\n'
    yield from _attachments()
    yield "## Fields of results\n"
    for name in RESULTS:
        yield from _comparison(name)


def markdown(thing: object) -> str:
    """A docstring as Markdown: its list of arguments becomes a list, and the sources of wire facts go."""
    lines = []
    for line in _SOURCE.sub("", inspect.getdoc(thing) or "").splitlines():
        argument = re.match(r"([a-z_]+): (.*)", line)
        if argument:
            line = f"- `{argument[1]}`: {argument[2]}"
        elif line.startswith("    `"):
            line = f"  - {line.strip()}"
        lines.append(line)
    return "\n".join(lines)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines) + "\n"


def _api_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, function in vars(Api).items():
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


def _function(name: str, function: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(function)
    kept = [
        one.replace(annotation=_Bare(one.annotation)) for one in signature.parameters.values() if one.name != "self"
    ]
    bare = signature.replace(parameters=kept, return_annotation=_Bare(signature.return_annotation))
    yield f"### {name}\n"
    yield f"`{name}{bare}`\n"
    yield from _facts(name, inspect.getdoc(function) or "")
    yield _NAMED.sub("", markdown(function)) + "\n"


class _Bare:
    """An annotation that shows itself without quotes."""

    def __init__(self, text: object) -> None:
        self._text = str(text)

    def __repr__(self) -> str:
        return self._text


def _facts(name: str, doc: str) -> Iterator[str]:
    named = _NAMED.search(doc)
    facts = [f"{named[1]}: `{named[2]}`"] if named else []
    facts += [f"class: {FUNCTION_CLASSES[name]}"] if name in FUNCTION_CLASSES else []
    if facts:
        yield f"{'; '.join(facts)}\n"


def _data_class(name: str) -> Iterator[str]:
    """An event or a result: what it is, and its fields."""
    cls = getattr(messenger, name)
    yield f"### {name}\n"
    if kind := getattr(cls, "type", None):
        yield f"`type`: `{kind}`\n" if isinstance(kind, str) else ""
    yield markdown(cls) + "\n"
    keys = keys_of(cls)
    rows = [(f"`{one.name}`", f"`{one.type}`", _code(keys.fields[one.name])) for one in dataclasses.fields(cls)]
    yield table(("field", "type", "documented"), rows)
    if name == "ThreadEvent":
        yield from _log_types()
    if keys.always:
        yield f"`to_dict()` has besides: {', '.join(f'`{key}`: {value}' for key, value in keys.always.items())}.\n"


def _class(name: str) -> Iterator[str]:
    """A class with its methods, or with its fields."""
    cls = getattr(messenger, name)
    yield f"### {name}\n"
    yield markdown(cls) + "\n"
    if dataclasses.is_dataclass(cls):
        yield table(("field", "type"), [(f"`{one.name}`", f"`{one.type}`") for one in dataclasses.fields(cls)])
        return
    for member, value in vars(cls).items():
        if not member.startswith(("_", "hear_")) and (inspect.isfunction(value) or isinstance(value, property)):
            function = value.fget if isinstance(value, property) else value
            doc = " ".join((inspect.getdoc(function) or "").split())
            yield f"- `{member}{'' if isinstance(value, property) else _arguments(function)}`: {doc or 'see above.'}"
    yield ""


def _arguments(function: Callable[..., Any]) -> str:
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    return f"({', '.join(names)})"


def _attachments() -> Iterator[str]:
    """The fields of each kind, as the shown payloads give them; those that are None in all of them are gone."""
    kinds: dict[str, dict[str, set[bool]]] = {}
    for entry in _shown("attachments"):
        attachment = attachment_from(entry["wire"])
        fields = kinds.setdefault(attachment.type, {})
        for key, value in attachment.fields.items():
            fields.setdefault(key, set()).add(value is None)
    rows = []
    for kind, fields in kinds.items():
        gone = [f"`{key}`" for key, is_none in fields.items() if is_none == {True}]
        rows.append((f"`{kind}`", ", ".join(f"`{key}`" for key in fields), ", ".join(gone)))
    yield table(("type", "fields", "None on today's wire"), rows)


def _log_types() -> Iterator[str]:
    """Which kinds of change are told, and what each tells, as the shown payloads have them."""
    found: dict[str, dict[str, None]] = {}
    for event in (event for file in ("deltas", "message_nodes") for entry in _shown(file) for event in entry["means"]):
        if event["type"] == "event":
            found.setdefault(event["logMessageType"], {}).update(dict.fromkeys(event["logMessageData"]))
    del found["other"], found["something_new"]
    rows = [(f"`{name}`", ", ".join(f"`{key}`" for key in keys)) for name, keys in found.items()]
    yield table(
        ("`logMessageType`", "keys of `logMessageData`, as far as they are known; not all come each time"), rows
    )


def _shown(file: str) -> Iterable[Any]:
    """The entries of a file of payloads that the protocol documents show."""
    entries: dict[str, Any] = json.loads((PAYLOADS / f"{file}.json").read_text(encoding="utf-8"))
    return entries.values()


def _errors() -> Iterator[str]:
    """The tree, each error below its parent."""

    def below(parent: type, depth: int) -> Iterator[str]:
        yield f"{'  ' * depth}- `{parent.__name__}`: {(inspect.getdoc(parent) or '').splitlines()[0]}"
        for child in parent.__subclasses__():
            if child.__module__ == errors.__name__:
                yield from below(child, depth + 1)

    yield from below(errors.BotkitError, 0)


def _documented_functions(kind: str) -> list[tuple[str, str]]:
    found = []
    for name, function in _api_functions():
        named = _NAMED.search(inspect.getdoc(function) or "")
        if named and named[1] == kind:
            found.append((f"`{named[2]}`", f"`{name}{_arguments(function)}`"))
    return found


def _own_functions() -> list[tuple[str, str]]:
    return [
        ("", f"`{name}{_arguments(function)}`")
        for name, function in _api_functions()
        if not _NAMED.search(inspect.getdoc(function) or "")
    ]


def _options() -> list[tuple[str, str, str]]:
    rows = []
    for option in dataclasses.fields(Options):
        words = option.name.split("_")
        documented = OPTION_NAMES.get(option.name, words[0] + "".join(map(str.title, words[1:])))
        default = "a recent browser" if option.name == "user_agent" else f"`{option.default!r}`"
        rows.append(("" if option.name in OWN_OPTIONS else f"`{documented}`", f"`{option.name}`", default))
    return rows


def _comparison(name: str) -> Iterator[str]:
    cls = getattr(messenger, name)
    keys = keys_of(cls)
    gone = NONE_TODAY.get(name, ())
    rows = [
        (f"`{key}`", f"`.{one}`", "None today" if key in gone else "")
        for one, found in keys.fields.items()
        for key in found
    ]
    rows += [(f"`{key}`", "", f"always {value}") for key, value in keys.always.items()]
    kind = getattr(cls, "type", None)
    yield f"### {name}{f' (`{kind}`)' if isinstance(kind, str) else ''}\n"
    yield table(("documented", "here", "on today's wire"), rows)


@dataclasses.dataclass(frozen=True)
class Keys:
    """The documented keys of a class: those that each field decides, and those that are always the same."""

    fields: Mapping[str, tuple[str, ...]]
    always: Mapping[str, str]


def keys_of(cls: type) -> Keys:
    """Found by trying: which keys of `to_dict()` differ when one field does."""
    hints = typing.get_type_hints(cls)
    samples = {one.name: _samples(hints[one.name]) for one in dataclasses.fields(cls)}
    first = {name: pair[0] for name, pair in samples.items()}
    base = cls(**first).to_dict()
    found: dict[str, tuple[str, ...]] = {}
    for name, (_, other) in samples.items():
        changed = cls(**{**first, name: other}).to_dict()
        found[name] = tuple(key for key, value in changed.items() if key not in base or base[key] != value)
    decided = {key for keys in found.values() for key in keys}
    always = {key: f"`{value!r}`" for key, value in base.items() if key not in decided and key != "type"}
    return Keys(found, always)


def _samples(hint: Any) -> tuple[Any, Any]:
    """Two values that a field of this type may have."""
    plain = {str: ("a", "b"), int: (1, 2), bool: (False, True), float: (1.0, 2.0)}
    if hint in plain:
        return plain[hint]
    options = typing.get_args(hint)
    if type(None) in options:
        return None, _samples(next(one for one in options if one is not type(None)))[1]
    if typing.get_origin(hint) is tuple:
        return (), (_samples(options[0])[1],)
    if hint is Attachment:
        return Attachment("photo", {}), Attachment("file", {})
    if hint is Message:
        return None, Message("t", "s", "m", "b", 1, False)
    if options:
        return {}, {"key": _samples(options[1])[1]}
    return None, "value"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.exit(generated.main(pages(), sys.argv[1:]))
