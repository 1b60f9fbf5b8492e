"""The steps of an automation: what the bot file says under `do:`, checked against the functions of the API.

`set_title: "Lake"` gives the function its first argument, and the chat as `thread_id`; in `create_poll: {title: …,
options: […]}` the arguments have their names. Beside the functions there are `wait`, `choose` and `send_file`. Texts are templates.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botkit import happenings, values
from botkit.messenger import FUNCTION_CLASSES, Api
from botkit.messenger.errors import BadArgument
from botkit.templates import Template
from botkit.values import nearest, shown
from botkit.yaml_source import Place

WAIT, CHOOSE, SEND_FILE = "wait", "choose", "send_file"

_FUNCTIONS = {name: kind for name, kind in FUNCTION_CLASSES.items() if kind != "session"}
_SEND_NAMES = ("thread_id", "reply_to")
_HIDDEN = ("self", "offline_threading_id", "send_via")
_LONGEST_WAIT_S = 366 * 86_400.0

Tell = Callable[[Place, str], None]


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
    def needs_chat(self) -> bool:
        """Whether it is about a chat, and the bot file does not say which."""
        return "thread_id" in _parameters(self.function) and "thread_id" not in self.arguments

    def given(self, render: Callable[[Template], str], choose: Callable[[Sequence[Template]], Template]) -> Any:
        """The arguments with their templates filled in."""
        arguments = {name: _rendered(value, render) for name, value in self.arguments.items()}
        return {**arguments, "message": render(choose(self.choices))} if self.choices else arguments


@dataclass(frozen=True)
class Wait:
    """What follows is done so many seconds later."""

    seconds: float
    place: Place


Step = Do | Wait


class StepReader:
    """Reads the steps of one automation; what is wrong with them is told."""

    def __init__(self, tell: Tell, folder: Path, names: Sequence[str], on: str | None) -> None:
        """names: what templates may ask for; on: the event that starts it."""
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
                self._tell(here, f"should be one function with its arguments, as in set_title: Lake, not {shown(one)}")
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
            texts = value if isinstance(value, list) and value else []
            if not texts or not all(isinstance(one, str | int | float) for one in texts):
                self._tell(place, f"should be a list of texts, not {shown(value)}")
                return None
            choices = [self._template(str(one), (*place, number)) for number, one in enumerate(texts)]
            return self._do("send_message", {"message": ""}, place, has_chat, tuple(choices))
        if name == SEND_FILE:
            return self._file(value, place, has_chat)
        if name not in _FUNCTIONS:
            told = "belongs to the bot's session" if name in FUNCTION_CLASSES else "is no function of the API"
            known = (*_FUNCTIONS, WAIT, CHOOSE, SEND_FILE)
            self._tell(place, f"{told}{'' if name in FUNCTION_CLASSES else nearest(name, known)}")
            return None
        arguments = self._arguments(name, value, place)
        return None if arguments is None else self._do(name, arguments, place, has_chat)

    def _wait(self, value: Any, place: Place) -> Wait | None:
        try:
            seconds = values.seconds(value)
        except ValueError as error:
            self._tell(place, str(error))
            return None
        if seconds > _LONGEST_WAIT_S:
            self._tell(place, "should be a year at most")
        return Wait(seconds, place)

    def _file(self, value: Any, place: Place, has_chat: bool) -> Do | None:
        given = value if isinstance(value, dict) else {"path": value}
        path = given.get("path")
        unknown = given.keys() - {"path", "body", "thread_id"}
        if not isinstance(path, str) or unknown:
            told = f"there is no key {sorted(unknown)[0]!r}" if unknown else f"should be a path, not {shown(value)}"
            self._tell(place, f"{told}; write a path, or path:, body: and thread_id:")
            return None
        file = self._folder / Path(path).expanduser()
        if not file.is_file():
            self._tell(place, f"there is no file {file}")
        message: dict[str, Any] = {"attachment": str(file.absolute())}
        if given.get("body") is not None:
            message["body"] = self._template(str(given["body"]), (*place, "body"))
        chat = {"thread_id": str(given["thread_id"])} if "thread_id" in given else {}
        return self._do("send_message", {"message": message, **chat}, place, has_chat)

    def _arguments(self, function: str, value: Any, place: Place) -> dict[str, Any] | None:
        """By name; a value alone is the first one. Of a message its own keys may stand beside those of the function."""
        parameters = _parameters(function)
        if not isinstance(value, dict):
            first = next((one for one in parameters if one not in ("thread_id", *self._filled(function))), None)
            if value is None or (first is None and "thread_id" not in parameters):
                return {}
            return {first or "thread_id": self._filled_in(value, (*place,))}
        if function == "send_message" and "message" not in value:
            value = {
                "message": {key: one for key, one in value.items() if key not in _SEND_NAMES},
                **{key: one for key, one in value.items() if key in _SEND_NAMES},
            }
        unknown = [key for key in value if key not in parameters]
        for key in unknown:
            self._tell((*place, key), f"{function} has no argument {key!r}{nearest(key, parameters)}")
        found = {key: self._filled_in(one, (*place, key)) for key, one in value.items()}
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
                self._tell((*place, name), f"should be {wanted}, not {shown(_bare(value))}")
                return None
        if function == "send_message" and not self._is_message(arguments["message"], place, choices):
            return None
        return Do(function, arguments, place, choices)

    def _is_message(self, message: Any, place: Place, choices: Sequence[Template]) -> bool:
        from botkit.messenger import json_message

        if choices or isinstance(message, Template):
            return True
        files = message.get("attachment")
        if files is not None:
            message = {**message, "attachment": self._paths(files)}
        try:
            json_message(_rendered(message, str))
        except BadArgument as error:
            self._tell(place, str(error))
            return False
        return True

    def _paths(self, files: Any) -> Any:
        given = files if isinstance(files, list) else [files]
        return [str(self._folder / str(_bare(one))) for one in given]

    def _filled_in(self, value: Any, place: Place) -> Any:
        """The same with its texts as templates."""
        if isinstance(value, dict):
            return {key: self._filled_in(one, (*place, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled_in(one, (*place, number)) for number, one in enumerate(value)]
        return self._template(value, place) if isinstance(value, str) else value

    def _template(self, text: str, place: Place) -> Template:
        try:
            template = Template(text)
        except ValueError as error:
            self._tell(place, str(error))
            return Template("")
        for problem in template.problems(self._names):
            self._tell(place, problem)
        return template


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
    words = {"bool": "true or false", "Mapping": "keys and values", "Sequence": "a list"}
    wanted = [*(["a text"] if text else []), *(word for kind, word in words.items() if may[kind])]
    return " or ".join(wanted or ["a number"])


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
