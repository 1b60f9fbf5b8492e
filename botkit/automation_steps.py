"""The steps of an automation: what the bot file says under `do:`, checked against the functions of the API.

`set_title: "Lake"` gives the function its first argument, and the chat as `thread_id`; in `create_poll: {title: …,
options: […]}` the arguments have their names. Beside the functions there are `wait`, `choose` and `send_file`. Texts
are templates.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botkit import happenings, values
from botkit.limits import Kind, kind_of
from botkit.messenger import FUNCTION_CLASSES, Api
from botkit.messenger.errors import BadArgument
from botkit.outgoing import checked
from botkit.templates import Template
from botkit.values import nearest
from botkit.yaml_source import Place

WAIT, CHOOSE, SEND_FILE = "wait", "choose", "send_file"

STEP_NAMES = (*(name for name, kind in FUNCTION_CLASSES.items() if kind != "session"), WAIT, CHOOSE, SEND_FILE)
"""What may stand under `do:`."""

_SEND_NAMES = ("thread_id", "reply_to")
_HIDDEN = ("self", "offline_threading_id", "send_via")
_FILES = ("attachment", "image")
"""Arguments, and keys of a message, that are paths."""
_LONGEST_WAIT_S = 366 * 86_400.0

_WRONG = Template("…")
"""In the place of a template that cannot be read, so that nothing else is told of it."""

Tell = Callable[..., None]
"""(place, what is wrong, and what was found, if that is to be shown)"""


@dataclass(frozen=True)
class Do:
    """A function of the API with its arguments by name; texts among them are templates, `choices` several of them of
    which one is sent. place: where it stands in the bot file."""

    function: str
    arguments: Mapping[str, Any] = field(repr=False)
    place: Place
    choices: tuple[Template, ...] = field(default=(), repr=False)

    @property
    def is_read(self) -> bool:
        """Whether it asks for something only."""
        return FUNCTION_CLASSES[self.function] == "read"

    @property
    def kind(self) -> Kind:
        """What it counts as."""
        return kind_of(self.function, {name: _bare(value) for name, value in self.arguments.items()})

    @property
    def needs_chat(self) -> bool:
        """Whether it is about a chat, and the bot file does not say which."""
        return "thread_id" in _parameters(self.function) and "thread_id" not in self.arguments

    def __str__(self) -> str:
        return CHOOSE if self.choices else self.function

    def given(self, render: Callable[[Template], str], choose: Callable[[Sequence[Template]], Template]) -> Any:
        """The arguments with their templates filled in."""
        arguments = {name: _rendered(value, render) for name, value in self.arguments.items()}
        return {**arguments, "message": render(choose(self.choices))} if self.choices else arguments


@dataclass(frozen=True)
class Wait:
    """What follows is done so many seconds later."""

    seconds: float
    place: Place

    def __str__(self) -> str:
        return f"{WAIT} {values.duration(self.seconds)}"


Step = Do | Wait


class StepReader:
    """Reads the steps of one automation; what is wrong with them is told."""

    def __init__(self, tell: Tell, folder: Path, names: Sequence[str] | None, on: str | None) -> None:
        """names: what templates may ask for, None where that is not known; on: the event that starts it."""
        self._tell = tell
        self._folder = folder
        self._names = names
        self._has_message = on is not None and on in happenings.FIELDS and "message_id" in happenings.FIELDS[on]

    def read(self, given: Sequence[Any], place: Place, *, has_chat: bool) -> Iterator[Step]:
        """The steps; `has_chat`: there is one to do them in, where they name none."""
        if not given:
            self._tell(place, 'has no step; write one such as - send_message: "Good morning!"')
        for number, one in enumerate(given):
            here = (*place, number)
            if not isinstance(one, dict) or len(one) != 1:
                self._tell(here, "should be one function with its arguments, as in set_title: Lake", one)
                continue
            ((name, value),) = one.items()
            step = self._step(name, value, (*here, name), has_chat)
            if step is not None:
                yield step
        if given and isinstance(given[-1], dict) and WAIT in given[-1]:
            self._tell((*place, len(given) - 1), "nothing comes after this wait; leave it out")

    def _step(self, name: str, value: Any, place: Place, has_chat: bool) -> Step | None:
        if name == WAIT:
            return self._wait(value, place)
        if name == CHOOSE:
            return self._choice(value, place, has_chat)
        if name == SEND_FILE:
            return self._file(value, place, has_chat)
        if name not in STEP_NAMES:
            is_session = name in FUNCTION_CLASSES
            told = "belongs to the bot's session" if is_session else "is no function of the API"
            self._tell(place, f"{told}{'' if is_session else nearest(name, STEP_NAMES)}")
            return None
        arguments = self._arguments(name, value, place)
        return None if arguments is None else self._do(name, arguments, place, has_chat)

    def _wait(self, value: Any, place: Place) -> Wait | None:
        try:
            seconds = values.seconds(value)
        except ValueError:
            self._tell(place, "should be a length of time such as 90s, 10m or 2h30m", value)
            return None
        if seconds > _LONGEST_WAIT_S:
            self._tell(place, "should be a year at most")
        return Wait(seconds, place)

    def _choice(self, value: Any, place: Place, has_chat: bool) -> Do | None:
        given = self._keys(value, "texts", ("thread_id",), place)
        if given is None:
            return None
        texts = given["texts"]
        if not isinstance(texts, list) or not texts or not all(isinstance(one, str) and one.strip() for one in texts):
            self._tell(place, "should be a list of texts", *([] if isinstance(texts, list) else [texts]))
            return None
        choices = [self._template(one, (*place, number)) for number, one in enumerate(texts)]
        return self._do("send_message", {"message": "", **self._chat(given, place)}, place, has_chat, tuple(choices))

    def _file(self, value: Any, place: Place, has_chat: bool) -> Do | None:
        given = self._keys(value, "path", ("body", "thread_id"), place)
        if given is None:
            return None
        message = {"attachment": self._path(given["path"], place)}
        if given.get("body") is not None:
            message["body"] = self._filled_in(given["body"], (*place, "body"))
        return self._do("send_message", {"message": message, **self._chat(given, place)}, place, has_chat)

    def _keys(self, value: Any, alone: str, others: Sequence[str], place: Place) -> Mapping[str, Any] | None:
        """What stands behind `choose` and `send_file`: a value alone is that of one key."""
        given = value if isinstance(value, dict) else {alone: value}
        known = (alone, *others)
        unknown = [key for key in given if key not in known]
        for key in unknown:
            self._tell((*place, key), f"there is no such key{nearest(key, known)}")
        if not unknown and alone not in given:
            self._tell(place, f"{alone} is missing")
        return None if unknown or alone not in given else given

    def _chat(self, given: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """The chat of a step that names one."""
        name = "thread_id"
        parameter = _parameters("send_message")[name]
        return {name: self._value(name, given[name], parameter, (*place, name))} if name in given else {}

    def _arguments(self, function: str, value: Any, place: Place) -> dict[str, Any] | None:
        """By name; a value alone is the first one. Of a message its own keys may stand beside those of the function."""
        parameters = _parameters(function)
        if not isinstance(value, dict):
            if value is None or not parameters:
                return {}
            # What the chat or the event gives anyhow is not what somebody would write.
            name = min(parameters, key=lambda one: (one == "thread_id", one in self._filled(function)))
            return {name: self._value(name, value, parameters[name], place)}
        is_bare = function == "send_message" and "message" not in value
        if is_bare:
            value = {
                "message": {key: one for key, one in value.items() if key not in _SEND_NAMES},
                **{key: one for key, one in value.items() if key in _SEND_NAMES},
            }
        unknown = [key for key in value if key not in parameters]
        for key in unknown:
            self._tell((*place, key), f"{function} has no argument {key!r}{nearest(key, parameters)}")
        known = [(key, one) for key, one in value.items() if key in parameters]
        places = {key: place if is_bare and key == "message" else (*place, key) for key, _ in known}
        found = {key: self._value(key, one, parameters[key], places[key]) for key, one in known}
        return None if unknown else found

    def _filled(self, function: str) -> tuple[str, ...]:
        """The arguments that the event gives where the bot file does not."""
        return ("message_id",) if self._has_message and "message_id" in _parameters(function) else ()

    def _do(
        self, function: str, arguments: dict[str, Any], place: Place, has_chat: bool, choices: tuple[Template, ...] = ()
    ) -> Do | None:
        parameters = _parameters(function)
        needed = [name for name, one in parameters.items() if one.default is one.empty and name not in arguments]
        if self._filled(function) and "message_id" in needed:
            arguments = {**arguments, "message_id": Template("{event.message_id}")}
        missing = [
            name for name in needed if name not in (*self._filled(function), *(["thread_id"] if has_chat else []))
        ]
        if missing:
            told = "; it runs in no chat" if missing == ["thread_id"] else ""
            self._tell(place, f"{function} needs {' and '.join(missing)}{told}")
            return None
        for name, value in arguments.items():
            wanted = _misfit(str(parameters[name].annotation), value)
            if wanted is not None:
                self._tell((*place, name), f"should be {wanted}", _bare(value))
                return None
        if function == "send_message" and not choices and not self._is_message(arguments["message"], place):
            return None
        return Do(function, arguments, place, choices)

    def _is_message(self, message: Any, place: Place) -> bool:
        """Whether a message can be sent; of a text with places for values that shows when it is filled in."""
        if isinstance(message, Template) and message.names:
            return True
        files = message.get("attachment", ()) if isinstance(message, Mapping) else ()
        if not all(_is_file(one) for one in (files if isinstance(files, list | tuple) else [files])):
            # That is told already.
            return False
        try:
            checked(_rendered(message, str), None)
        except BadArgument as error:
            self._tell(place, str(error))
            return False
        return True

    def _value(self, name: str, value: Any, parameter: inspect.Parameter, place: Place) -> Any:
        """An argument; a whole number where a text belongs is one."""
        takes_text = str(parameter.annotation).split(" | ")[0] in ("str", "Sequence[str]")
        if takes_text and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if takes_text and isinstance(value, list):
            value = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in value]
        if name == "thread_id" and isinstance(value, str) and not value.strip():
            self._tell(place, "should be the id or the name of a chat", value)
        return self._path(value, place) if name in _FILES else self._filled_in(value, place)

    def _path(self, value: Any, place: Place) -> Any:
        """The path of a file, from the folder of the bot file, or several."""
        if isinstance(value, list):
            return [self._path(one, (*place, number)) for number, one in enumerate(value)]
        if not isinstance(value, str):
            self._tell(place, "should be a path", value)
            return value
        try:
            file = self._folder / Path(value).expanduser()
            is_there = file.is_file()
        except (OSError, ValueError, RuntimeError) as error:
            self._tell(place, f"is no path: {getattr(error, 'strerror', None) or error}", value)
            return value
        if not is_there:
            self._tell(place, f"there is no file {file}")
        # The same from whichever folder the bot is started.
        return str(file.resolve())

    def _filled_in(self, value: Any, place: Place) -> Any:
        """The same with its texts as templates."""
        if isinstance(value, dict):
            return {key: self._keyed(key, one, (*place, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled_in(one, (*place, number)) for number, one in enumerate(value)]
        return self._template(value, place) if isinstance(value, str) else value

    def _keyed(self, key: str, value: Any, place: Place) -> Any:
        """What stands under a key of a message."""
        if key in _FILES:
            return self._path(value, place)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self._filled_in(str(value) if key == "body" and is_number else value, place)

    def _template(self, text: str, place: Place) -> Template:
        try:
            # A text of several lines, after a `|`, ends with an end of line.
            template = Template(text.removesuffix("\n"))
        except ValueError as error:
            self._tell(place, str(error))
            return _WRONG
        for problem in template.problems(template.names if self._names is None else self._names):
            self._tell(place, problem)
        return template


def names_in(steps: Iterable[Step]) -> frozenset[str]:
    """The names that the templates of some steps ask for."""
    templates = (one for step in steps if isinstance(step, Do) for one in (*_templates(step.arguments), *step.choices))
    return frozenset(name for template in templates for name in template.names)


def _templates(value: Any) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _templates(one)


def _parameters(function: str) -> Mapping[str, inspect.Parameter]:
    found = inspect.signature(getattr(Api, function)).parameters
    return {name: one for name, one in found.items() if name not in _HIDDEN}


def _misfit(annotation: str, value: Any) -> str | None:
    """What a value should be instead, by the argument's annotation; None when it may be right."""
    may = {one: one in annotation for one in ("bool", "int", "float", "Sequence", "Mapping", "None", "Any")}
    text = "str" in annotation.split("[", 1)[0] or annotation.startswith("str")
    if isinstance(value, bool):
        fits = may["bool"]
    elif isinstance(value, int | float):
        fits = may["int"] or may["float"]
    elif isinstance(value, list):
        fits = may["Sequence"]
    elif isinstance(value, dict):
        fits = may["Mapping"]
    elif value is None:
        fits = may["None"]
    else:
        fits = text
    if fits or may["Any"]:
        return None
    words = {"int": "a number", "bool": "true or false", "Mapping": "keys and values", "Sequence": "a list"}
    wanted = [*(["a text"] if text else []), *(word for kind, word in words.items() if may[kind])]
    return " or ".join(wanted or ["something that no bot file can hold"])


def _is_file(path: Any) -> bool:
    try:
        return Path(str(path)).is_file()
    except (OSError, ValueError):
        return False


def _bare(value: Any) -> Any:
    return str(value) if isinstance(value, Template) else value


def _rendered(value: Any, render: Callable[[Template], str]) -> Any:
    if isinstance(value, Template):
        return render(value)
    if isinstance(value, Mapping):
        return {key: _rendered(one, render) for key, one in value.items()}
    if isinstance(value, list):
        return [_rendered(one, render) for one in value]
    return value
