"""`botkit call`: one function of the API from the shell, with the session of a bot file."""

from __future__ import annotations

import inspect
import json
import sys
import threading
import typing
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli._report import fail
from botkit.cli._signals import when_asked_to_stop

if TYPE_CHECKING:
    from botkit.messenger import Api

# They take or give what a shell has not: sinks, events.
_NOT_HERE = frozenset({"listener", "complete", "login"})
# They go by the socket, or tell what came on it.
_NEED_SOCKET = frozenset({"edit_message", "forward_message", "get_online_users"})
_SOCKET_WITHIN_S = 10.0
_TYPING_SHOWN_S = 2.0
_MASK = "[hidden; --show-secrets shows it]"
_COLUMN = 40
# What a person looks for first in a row.
_FIRST = ("", "threadID", "userID", "messageID", "key", "name", "fullName", "unreadCount", "snippet", "body")


_EXAMPLES = """\b
Examples:
  botkit call get_thread_list 0 10
  botkit call send_message 'Good morning' 7000000000000001
  botkit call get_user_info '["100000000000002"]' --json
  botkit call set_title new_title=Crew thread_id=7000000000000001
"""


@click.command(context_settings={"ignore_unknown_options": True}, epilog=_EXAMPLES)
@click.argument("function", required=False)
@click.argument("arguments", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, with the documented field names.")
@click.option("--yes", is_flag=True, help="Do not ask before a function that concerns the session.")
@click.option("--show-secrets", is_flag=True, help="Print cookies in full.")
@click.option("--config", "file", type=click.Path(path_type=Path), default=Path("bot.yaml"), help="The bot file.")
def call(
    function: str | None, arguments: tuple[str, ...], as_json: bool, yes: bool, show_secrets: bool, file: Path
) -> None:
    """Call one FUNCTION of the API with ARGUMENTS.

    Without a function it lists them all. Arguments come in the function's order, or as name=value. Numbers, true and
    false are read where the function wants them; what begins with [ or { is JSON.

    It uses the session and the data of the bot file, so not while that bot runs. The exit codes are those of
    `botkit run`.
    """
    from botkit import config, logs
    from botkit.messenger import FUNCTION_CLASSES, Api
    from botkit.messenger.errors import BadArgument, BotkitError
    from botkit.runner.bot import data_lock

    functions = {name: getattr(Api, name) for name in sorted(set(FUNCTION_CLASSES) - _NOT_HERE)}
    if function is None:
        click.echo("\n".join(usage(name, one) for name, one in functions.items()))
        return
    logs.set_up("warning")
    try:
        if function not in functions:
            from botkit.config import nearest

            raise BadArgument(f"there is no function {function!r}{nearest(function, functions)}")
        given = read_arguments(function, functions[function], arguments)
        if FUNCTION_CLASSES[function] == "session" and not yes:
            click.confirm(f"{function} concerns the session itself. Go on?", abort=True, err=True)
        settings = config.read(file)
        with data_lock(settings.data, f"botkit call {function}"):
            _call(settings, function, given, as_json=as_json, show_secrets=show_secrets)
    except BotkitError as error:
        fail(error)


def _call(settings: Any, function: str, given: dict[str, Any], *, as_json: bool, show_secrets: bool) -> None:
    from botkit.cli import _accounts
    from botkit.cli._networks import connect
    from botkit.clock import SystemClock, system_random

    def show(value: Any) -> None:
        plain = plain_value(value)
        if function == "get_app_state" and not show_secrets:
            plain = [{**cookie, "value": _MASK} for cookie in plain]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1) if as_json else table(plain))

    clock = SystemClock()
    with connect(settings, clock, system_random()) as connection:
        if function == "listen":
            _listen(connection.api, show)
        elif function == "send_typing_indicator":
            end = connection.api.send_typing_indicator(**given)
            clock.wait(threading.Event(), _TYPING_SHOWN_S)
            end()
            show(None)
        else:
            if function in _NEED_SOCKET:
                connection.api.listen(lambda event: None).wait_live(_SOCKET_WITHIN_S)
            show(getattr(connection.api, function)(**given))
        if function != "logout":
            _accounts.save_in(connection.folder, connection.api)


def _listen(api: Api, show: Callable[[Any], None]) -> None:
    """Print events until somebody asks to stop."""
    listening = api.listen()
    when_asked_to_stop(listening.stop)
    for event in listening:
        show(event)


def usage(function_name: str, function: Callable[..., Any]) -> str:
    """One line: the function with its arguments, optional ones in brackets."""
    parts = [function_name]
    for parameter in _parameters(function).values():
        name = f"{parameter.name}=…" if parameter.kind is parameter.KEYWORD_ONLY else parameter.name
        parts.append(name if parameter.default is parameter.empty else f"[{name}]")
    return " ".join(parts)


def read_arguments(name: str, function: Callable[..., Any], texts: tuple[str, ...]) -> dict[str, Any]:
    """The function's arguments by name, read from words; raises BadArgument with what would be right."""
    from botkit.messenger.errors import BadArgument

    parameters = _parameters(function)
    hints = typing.get_type_hints(function)
    given: dict[str, Any] = {}
    for text in texts:
        key, found, value = text.partition("=")
        if not found or (key not in parameters and _takes_any(function) is None) or not key.isidentifier():
            free = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY and p.name not in given]
            if not free:
                raise BadArgument(f"{name}: {text!r} is too much; usage: {usage(name, function)}")
            key, value = free[0], text
        if key in given:
            raise BadArgument(f"{name}: {key} is given twice")
        given[key] = _value(name, key, value, hints.get(key, Any))
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in given]
    if missing:
        raise BadArgument(f"{name}: {', '.join(missing)} is missing; usage: {usage(name, function)}")
    return given


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """What a shell can give: no self, no callbacks, no rest."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(function).parameters.values()
    return {p.name: p for p in found if p.kind in kinds and p.name not in ("self", "callback", "on_error")}


def _takes_any(function: Callable[..., Any]) -> inspect.Parameter | None:
    """The parameter for any name (`set_options`), if there is one."""
    parameters = inspect.signature(function).parameters.values()
    return next((p for p in parameters if p.kind is p.VAR_KEYWORD), None)


def _value(function: str, name: str, text: str, hint: Any) -> Any:
    """A word as the type that the parameter wants."""
    from botkit.messenger.errors import BadArgument

    wanted = {hint, *typing.get_args(hint)}
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadArgument(f"{function}: {name} begins like JSON and is none: {error}") from error
    if (bool in wanted or hint is Any) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if int in wanted and str not in wanted:
        try:
            return int(text)
        except ValueError:
            raise BadArgument(f"{function}: {name} must be a whole number, not {text!r}") from None
    if type(None) in wanted and text.lower() in ("null", "none"):
        return None
    return text


def plain_value(value: Any) -> Any:
    """A result as JSON values, with the documented names where it has them."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    return value


def table(value: Any) -> str:
    """A result for the eye: a list of objects as columns, an object as lines, else the value itself."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return _columns(value)
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        return _columns([{"": key, **one} for key, one in value.items()])
    if isinstance(value, dict):
        width = max((len(key) for key in value), default=0)
        return "\n".join(f"{key:<{width}}  {_cell(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "\n".join(_cell(one) for one in value)
    return "done" if value is None else _cell(value)


def _columns(rows: list[dict[str, Any]]) -> str:
    """The columns that tell something: those that are not the same nothing in every row."""
    keys = [key for key in rows[0] if any(row.get(key) not in (None, "", [], {}, False) for row in rows)]
    keys.sort(key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    cells = [keys, *([_cell(row.get(key))[:_COLUMN] for key in keys] for row in rows)]
    widths = [max(len(line[number]) for line in cells) for number in range(len(keys))]
    shown = _that_fit(widths)
    lines = ["  ".join(line[n].ljust(widths[n]) for n in shown).rstrip() for line in cells]
    left_out = [keys[n] for n in range(len(keys)) if n not in shown]
    return "\n".join(lines + ([f"(more with --json: {', '.join(left_out)})"] if left_out else []))


def _that_fit(widths: list[int]) -> list[int]:
    """The first columns that fit the terminal; all of them when the output is no terminal."""
    from shutil import get_terminal_size

    room = get_terminal_size().columns if sys.stdout.isatty() else 100
    shown: list[int] = []
    used = 0
    for number, width in enumerate(widths):
        if used + width > room and shown:
            break
        shown.append(number)
        used += width + 2
    return shown


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text.replace("\n", "⏎")
