"""Settings changed from a chat: kept as {`welcome.text`: value}, and laid over what the bot file says. Pure.

What is laid over is checked by the plugin's own class each time. An override that no longer fits, because the plugin or
the bot file has changed, is left aside and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from botkit.messenger.errors import CommandError
from botkit.setting_errors import Mistake, holds_secret, kinds_at, mistakes
from botkit.settings import Settings, descriptions, flat, keys_of
from botkit.texts import Phrase
from botkit.values import nearest
from botkit.yaml_source import Place, value_of

_NOT_PLAIN = ("[", "{", '"', "'")
_NOTHING = ("null", "~")


@dataclass(frozen=True)
class Configured:
    """A plugin's settings as the bot file has them: their class, and the values under the plugin's line."""

    model: type[Settings]
    values: Mapping[str, Any] = field(repr=False)

    def with_overrides(self, overrides: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
        """What is in force, and {key: why} of the overrides that do not fit and are left aside."""
        found = self._checked(overrides)
        if isinstance(found, Settings):
            return found, {}
        fitting: dict[str, Any] = {}
        misfits: dict[str, str] = {}
        for key in _by_depth(overrides):
            found = self._checked({**fitting, key: overrides[key]})
            if isinstance(found, Settings):
                fitting[key] = overrides[key]
            else:
                misfits[key] = _sentence(found[0])
        return self.model.model_validate(_merged(self.values, fitting)), misfits

    def shown(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """{key: value} of all settings in force, as JSON values, with secrets hidden."""
        return flat(self.with_overrides(overrides)[0])

    def descriptions(self) -> dict[str, str]:
        """{key: description} of the settings that have one."""
        return descriptions(self.model)

    def set(self, overrides: Mapping[str, Any], key: str, text: str) -> dict[str, Any]:
        """The overrides with one more: `text` is what somebody typed, a plain text or a YAML value. Raises CommandError
        when the plugin's class refuses it, or when another override would not fit any more."""
        place = self._place(key)
        if any(map(holds_secret, kinds_at(self.model, place))):
            raise CommandError(Phrase.of("host.secret", key=key))
        rest = {name: value for name, value in overrides.items() if not name.startswith(f"{key}.")}
        troubles: list[str] = []
        for value in _readings(text):
            changed = {**rest, key: value}
            trouble = self._trouble(overrides, changed)
            if trouble is None:
                return changed
            troubles.append(trouble)
        raise CommandError(troubles[-1])

    def reset(self, overrides: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The overrides without one, and without those below it. Raises CommandError when there is no such setting, or
        when another override would not fit any more."""
        changed = {name: value for name, value in overrides.items() if name != key and not name.startswith(f"{key}.")}
        if changed == dict(overrides):
            self._place(key)
        trouble = self._trouble(overrides, changed)
        if trouble is not None:
            raise CommandError(trouble)
        return changed

    def _trouble(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        old = self.with_overrides(before)[1]
        new = self.with_overrides(after)[1]
        return next((why for key, why in new.items() if key not in old or before.get(key) != after[key]), None)

    def _place(self, key: str) -> Place:
        place: Place = tuple(key.split("."))
        if not kinds_at(self.model, place):
            raise CommandError(f"There is no setting {key}{_end(nearest(key, keys_of(self.model)))}")
        return place

    def _checked(self, overrides: Mapping[str, Any]) -> Settings | list[Mistake]:
        data = _merged(self.values, overrides)
        try:
            return self.model.model_validate(data)
        except ValidationError as error:
            return mistakes(error, self.model, data)


def _merged(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values)
    for key in _by_depth(overrides):
        above, _, name = key.rpartition(".")
        here = merged
        for part in above.split(".") if above else ():
            inner = here.get(part)
            # A copy, so that what the bot file says stays as it is.
            here[part] = dict(inner) if isinstance(inner, Mapping) else {}
            here = here[part]
        here[name] = overrides[key]
    return merged


def _by_depth(overrides: Mapping[str, Any]) -> list[str]:
    return sorted(overrides, key=lambda key: (key.count("."), key))


def _readings(text: str) -> Iterator[Any]:
    """What a typed text may mean, the likeliest first; the last one tells what is wrong."""
    try:
        value = value_of(text)
    except ValueError:
        yield text
        return
    is_plain = not text.startswith(_NOT_PLAIN) and text not in _NOTHING
    yield from (text, value) if is_plain else (value, text, value)


def _sentence(mistake: Mistake) -> str:
    key = ".".join(map(str, mistake.place))
    if mistake.message.startswith("there is no such key"):
        return f"There is no setting {key}{_end(mistake.message.removeprefix('there is no such key'))}"
    if mistake.message.startswith(("should ", "is ", "must ")):
        return f"Setting {key} {_end(mistake.message)}" if key else f"The settings: {_end(mistake.message)}"
    sentence = _end(mistake.message)
    return f"Setting {key}: {sentence}" if key else sentence[:1].upper() + sentence[1:]


def _end(text: str) -> str:
    return text if text.endswith(("?", ".", "!")) else f"{text}."
