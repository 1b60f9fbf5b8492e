"""`botkit call`: one function of the API from the shell, with the session of a bot file."""

from __future__ import annotations

import inspect
import json
import threading
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli._arguments import BotFile
from botkit.cli._report import fail
from botkit.cli._signals import when_asked_to_stop
from botkit.cli._tables import table

if TYPE_CHECKING:
    from botkit.config import BotConfig
    from botkit.messenger import Api

# They take or give what a shell has not: sinks, events, bytes, functions.
_NOT_HERE = frozenset(
    {
        "complete",
        "download",
        "listener",
        "login",
        "look_up_names",
        "look_up_thread",
        "missed_messages",
        "on_session_change",
        "threads_since",
    }
)
# They go by the socket, or tell what came on it.
_NEED_SOCKET = frozenset({"edit_message", "forward_message", "get_online_users"})
# Arguments that name files of the caller's.
_FILES = frozenset({"image", "attachment"})
_SOCKET_WITHIN_S = 10.0
_TYPING_SHOWN_S = 2.0
_MASK = "[hidden; --show-secrets shows it]"


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
@click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON, with the documented field names; or the list."
)
@click.option("--yes", is_flag=True, help="Do not ask before a function that concerns the session.")
@click.option("--show-secrets", is_flag=True, help="Print cookies in full.")
@click.option("--config", "file", type=BotFile(), default=Path("bot.yaml"), help="The bot file.")
def call(
    function: str | None, arguments: tuple[str, ...], as_json: bool, yes: bool, show_secrets: bool, file: Path
) -> None:
    """Call one FUNCTION of the API with ARGUMENTS.

    Without a function it lists them all. Arguments come in the function's order, or as name=value. Numbers, true and
    false are read where the function wants them; what begins with [ or { is JSON.

    It uses the session and the data of the bot file. While that bot runs, the bot does it, within its limits; functions
    that concern the session are not to be had then, but for get_app_state. The exit codes are those of `botkit run`.
    """
    from botkit import config, logs
    from botkit.messenger import FUNCTION_CLASSES, Api
    from botkit.messenger.errors import BadArgument, BotkitError

    functions = {name: getattr(Api, name) for name in sorted(set(FUNCTION_CLASSES) - _NOT_HERE)}
    if function is None:
        _list(functions, as_json)
        return
    if function.startswith("-"):
        raise click.NoSuchOption(function)
    logs.set_up("warning")
    try:
        if function not in functions:
            from botkit.values import nearest

            raise BadArgument(f"there is no function {function!r}{nearest(function, functions)}")
        given = read_arguments(function, functions[function], arguments)
        if FUNCTION_CLASSES[function] == "session" and not yes:
            click.confirm(f"{function} concerns the session itself. Go on?", abort=True, err=True)
        _call(config.read(file), function, given, _shower(function, as_json, show_secrets))
    except BotkitError as error:
        fail(error)


def _list(functions: Mapping[str, Callable[..., Any]], as_json: bool) -> None:
    from botkit.messenger import FUNCTION_CLASSES

    found = [
        {"function": name, "class": FUNCTION_CLASSES[name], "usage": usage(name, one)}
        for name, one in functions.items()
    ]
    click.echo(json.dumps(found, indent=1) if as_json else "\n".join(one["usage"] for one in found))


def _call(settings: BotConfig, function: str, given: dict[str, Any], show: Callable[[Any], None]) -> None:
    """Do it with the bot's data, or have the bot that runs on it do it."""
    from botkit.cli import _control, _secrets
    from botkit.clock import system_random
    from botkit.messenger.errors import AlreadyRunning
    from botkit.runner.data_lock import data_lock

    _secrets.check(settings)
    try:
        with data_lock(settings.data, f"botkit call {function}"):
            _call_alone(settings, function, given, show)
    except AlreadyRunning:
        port = _control.find(settings)
        if port is None:
            raise
        show(port.call(function, _with_full_paths(given), system_random()))


def _shower(function: str, as_json: bool, show_secrets: bool) -> Callable[[Any], None]:
    """What prints a result."""
    from botkit.runner.control import plain_value

    def show(value: Any) -> None:
        plain = plain_value(value)
        if function == "get_app_state" and not show_secrets:
            plain = [{**cookie, "value": _MASK} for cookie in plain]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1) if as_json else table(plain))

    return show


def _with_full_paths(given: Any) -> Any:
    """The arguments with the paths of files as seen from the root: the bot may run in another folder."""

    def full(value: Any) -> Any:
        if isinstance(value, list):
            return [full(one) for one in value]
        return str(Path(value).expanduser().absolute()) if isinstance(value, str) else value

    if not isinstance(given, dict):
        return given
    return {name: full(one) if name in _FILES else _with_full_paths(one) for name, one in given.items()}


def _call_alone(settings: BotConfig, function: str, given: dict[str, Any], show: Callable[[Any], None]) -> None:
    from botkit.cli import _accounts
    from botkit.cli._networks import connect
    from botkit.clock import SystemClock, system_random

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
