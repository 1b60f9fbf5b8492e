"""Sentences in several languages: catalogues of texts, one for the host and one for each plugin that has any.

A catalogue is a YAML file with a language at the top and the texts below it, nested as one likes:

    en:
      greeting: "Hello, {name}."
      days: {one: "{count} day", other: "{count} days"}
    nl:
      greeting: "Hallo, {name}."
      days: {one: "{count} dag", other: "{count} dagen"}

The texts of `dice.py` are in `dice.texts.yaml` beside it, those of a package in `texts.yaml` in its folder.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from botkit import values
from botkit.logs import get_logger
from botkit.messenger.errors import ConfigError

log = get_logger(__name__)

ENGLISH = "en"
"""The language of a text that a catalogue does not have in the one that is asked for."""

HELP = "help."
"""The help texts of a plugin's commands begin with this; their English is in the docstrings."""

_PART = re.compile(r"[\w-]+")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
_DOUBLED = {"{{": "{", "}}": "}"}


@dataclass(frozen=True)
class Catalogue:
    """The texts of one owner. `texts` is {language: {key: text}}, languages by their tags in small
    letters, nested keys with dots: `days.one`."""

    name: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _told: set[tuple[str, ...]] = field(default_factory=set, repr=False, compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of the languages that there are texts in."""
        return tuple(sorted(self.texts))

    def translation(self, language: str, key: str, count: object = None) -> str | None:
        """The text of `key` as it is written in a language (`nl-BE`, else `nl`), or None. With a `count` there is a
        choice: 1 takes `key.one` where the language has it, anything else `key.other`."""
        found = (self._find(tag, key, count) for tag in ancestors(language))
        return next((text for text in found if text is not None), None)

    def _find(self, language: str, key: str, count: object) -> str | None:
        texts = self.texts.get(language, {})
        if count is not None:
            numbered = texts.get(f"{key}.one") if count == 1 else None
            numbered = numbered or texts.get(f"{key}.other")
            if numbered is not None:
                return numbered
        return texts.get(key)

    def say(self, language: str, key: str, given: Mapping[str, Any]) -> str:
        """The text of `key` in a language (`nl-BE`, else `nl`, else English), with the `given` values put in; the key
        itself when there is no such text. What is missing is logged, once."""
        count = given.get("count")
        text = self.translation(language, key, count)
        if text is not None:
            return self._filled(key, text, language, given)
        text = self._find(ENGLISH, key, count)
        if text is None:
            self._tell("there is no text %s", key)
            return key
        if any(tag in self.texts for tag in ancestors(language)):
            self._tell("text %s is missing in language %s, and said in English", key, language)
        else:
            self._tell("there are no texts in language %s, so English is spoken", language)
        return self._filled(key, text, ENGLISH, given)

    def gaps(self) -> Iterator[str]:
        """A line for each text that a language lacks or has too much, and for each whose placeholders differ, compared
        with English. Help texts are left out: their English is in the docstrings of the commands."""
        english = _by_stem(self.texts.get(ENGLISH, {}))
        for language in self.languages:
            theirs = _by_stem(self.texts[language])
            for key in sorted(english.keys() | theirs.keys()):
                where = f"{self.name}: text {key} in language {language}"
                if key not in theirs:
                    yield f"{where} is missing"
                elif key not in english:
                    yield f"{where} is not there in English"
                elif theirs[key] != english[key]:
                    yield f"{where} differs from English in {', '.join(sorted(theirs[key] ^ english[key]))}"

    def _filled(self, key: str, text: str, language: str, given: Mapping[str, Any]) -> str:
        def put(found: re.Match[str]) -> str:
            name = found.group(1)
            if name is None:
                return _DOUBLED[found.group()]
            if name not in given:
                self._tell("text %s is used without a value for {%s}", key, name)
                return found.group()
            value = given[name]
            return value.spoken(language) if isinstance(value, Phrase) else str(value)

        return _PLACEHOLDER.sub(put, text)

    def _tell(self, message: str, *arguments: str) -> None:
        if (message, *arguments) not in self._told:
            self._told.add((message, *arguments))
            log.warning("texts of %s: " + message, self.name, *arguments)


@dataclass(frozen=True)
class Phrase:
    """A sentence of the host that waits for the language of its chat, as in `CommandError(Phrase.of("…"))`. As a text
    it is English. Among its values may be other phrases."""

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, key: str, /, **given: Any) -> Phrase:
        return cls(key, tuple(given.items()))

    def spoken(self, language: str) -> str:
        """The sentence in a language."""
        return say(language, self.key, **dict(self.values))

    def __str__(self) -> str:
        return self.spoken(ENGLISH)


def say(language: str, key: str, /, **given: Any) -> str:
    """A sentence of the host's own catalogue."""
    return host().say(language, key, given)


def listed(parts: Sequence[str], language: str, key: str = "list.all", most: int | None = None) -> str:
    """`Ann, Ben and Cem` in a language, with `or` by the key `list.either`; nothing for none. What goes beyond `most`
    is counted only."""
    if len(parts) < 2:
        return "".join(parts)
    if most is not None and len(parts) > most:
        return say(language, "list.more", others=", ".join(parts[:most]), count=len(parts) - most)
    return say(language, key, others=", ".join(parts[:-1]), last=parts[-1])


def spoken(error: Exception, language: str) -> str:
    """What an error says in a language: its phrase, else its own words."""
    first = error.args[0] if error.args else None
    return first.spoken(language) if isinstance(first, Phrase) else str(error)


@functools.cache
def host() -> Catalogue:
    """The host's own catalogue."""
    return read(Path(__file__).with_name("texts.yaml"), "botkit")


def of_plugin(thing: object, name: str) -> Catalogue | ConfigError:
    """The catalogue of a plugin, which is a module or an object of a class in one; empty when there is none. Or the
    error with all that is wrong with it."""
    module = thing if isinstance(thing, ModuleType) else sys.modules.get(type(thing).__module__)
    file = getattr(module, "__file__", None)
    if file is None:
        return Catalogue(name)
    place = Path(file)
    path = place.with_name("texts.yaml") if place.stem == "__init__" else place.with_suffix(".texts.yaml")
    try:
        return read(path, name) if path.is_file() else Catalogue(name)
    except ConfigError as error:
        return error


def read(path: Path, name: str) -> Catalogue:
    """The catalogue in a file. Raises ConfigError with all that is wrong with it, file and line."""
    from botkit.yaml_source import load

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"]
        ) from error
    data, source, problems = load(text, path, None)
    texts: dict[str, dict[str, str]] = {}
    if data is not None and not isinstance(data, dict):
        problems.append(source.problem((), "must hold languages such as en:, with the texts below them"))
    for language, entries in data.items() if isinstance(data, dict) else ():
        flat: dict[str, str] = {}
        faults = _language_faults(language, entries) or _flatten(entries, (), flat)
        problems += [source.problem((language, *place), fault) for place, fault in faults]
        texts[language.lower()] = flat
    if problems:
        raise ConfigError(problems)
    return Catalogue(name, texts)


def _language_faults(tag: str, entries: object) -> list[tuple[tuple[str, ...], str]]:
    try:
        values.language(tag)
    except values.Wanted as error:
        return [((), str(error))]
    return [] if isinstance(entries, dict) else [((), "should hold keys and texts")]


def _flatten(
    entries: Mapping[str, Any], above: tuple[str, ...], found: dict[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Put the texts into `found`; gives (place, fault) for each that is none."""
    for key, value in entries.items():
        place = (*above, key)
        if not _PART.fullmatch(key):
            yield place, "a key has letters, digits, _ and - only"
        elif isinstance(value, dict):
            yield from _flatten(value, place, found)
        elif isinstance(value, str) and value:
            found[".".join(place)] = value
        else:
            yield place, "should be a text with something in it; put it in quotes"


def ancestors(language: str) -> Iterator[str]:
    """`nl-be`, then `nl`: in small letters, as in a catalogue."""
    language = language.lower()
    while language:
        yield language
        language = language.rpartition("-")[0]


def _by_stem(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """{key without its number: all placeholders of its forms}; not every language has the same forms."""
    found: dict[str, frozenset[str]] = {}
    for key, text in texts.items():
        if key.startswith(HELP):
            continue
        stem = key.removesuffix(".one").removesuffix(".other")
        names = {name for name in _PLACEHOLDER.findall(text) if name}
        found[stem] = found.get(stem, frozenset()) | names
    return found
