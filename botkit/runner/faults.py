"""What is wrong with a plugin's hooks and matchers, in sentences with the nearest right name.

pluggy would take most of it in silence: a misspelled hook is never called, and an order that is asked for is not that
of the bot file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from botkit import hookspecs
from botkit.matchers import matchers_of
from botkit.values import nearest

_MARK = f"{hookspecs.PROJECT}_impl"
# These are hooks by their looks; a helper may well be called `allow`.
_TELLING = ("on_", "register_")

HOOKS = tuple(name for name, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT}_spec"))
"""The names of all hooks, in the order of `hookspecs`."""


def arguments_of(hook: str) -> tuple[str, ...]:
    """What an implementation of a hook may ask for."""
    return tuple(inspect.signature(getattr(hookspecs, hook)).parameters)


def is_hook(value: Any) -> bool:
    """Whether something is marked with `@hookimpl`."""
    return isinstance(getattr(value, _MARK, None), dict)


def faults_of(thing: Any) -> Iterator[tuple[Any, str]]:
    """(function, what is wrong with it) for all hooks and matchers of a module or object, and for what looks like a
    hook and is none."""
    # Of a module in the order of its file.
    for name in [*vars(thing)] if inspect.ismodule(thing) else dir(thing):
        value: Any = getattr(thing, name, None)
        if is_hook(value):
            yield from ((value, f"{name}: {fault}") for fault in _of_hook(name, value, getattr(value, _MARK)))
        elif matchers_of(value):
            yield from ((value, f"{name}: {fault}") for fault in _of_matcher(value))
        elif _is_forgotten(name, value, thing):
            yield value, f"{name}: is not marked with @hookimpl and would never be called; mark or rename it"


def _is_forgotten(name: str, value: Any, thing: Any) -> bool:
    """Whether a function of the plugin's own has the name of a hook and no mark of botkit."""
    if name not in HOOKS or not name.startswith(_TELLING) or not inspect.isroutine(value):
        return False
    is_own = not inspect.ismodule(thing) or getattr(value, "__module__", None) == thing.__name__
    return is_own and not any(mark.startswith("__botkit_") for mark in getattr(value, "__dict__", {}))


def _of_hook(name: str, value: Any, options: Mapping[str, Any]) -> Iterator[str]:
    if options.get("specname"):
        yield "specname is not used here; give the function the name of its hook"
    elif name not in HOOKS:
        yield f"there is no such hook{nearest(name, HOOKS)}"
    if matchers_of(value):
        yield "is a hook, so the conditions on it do nothing; leave out @hookimpl and give it another name"
    if options.get("optionalhook"):
        yield "optionalhook is not used here; a hook that botkit does not know is never called"
    for option in ("tryfirst", "trylast", "wrapper", "hookwrapper"):
        if options.get(option):
            yield f"{option} is not used here; the order is that of the plugins in the bot file"
    if not inspect.isroutine(value):
        yield f"@hookimpl marks {_kind(value)}; it is for functions"
        return
    yield from _of_kind(value)
    hook = options.get("specname") or name
    if hook in HOOKS:
        yield from _of_arguments(value, arguments_of(hook), "there")


def _of_matcher(function: Callable[..., Any]) -> Iterator[str]:
    matchers = matchers_of(function)
    if len({one.hook for one in matchers}) > 1:
        yield "conditions on messages and on reactions cannot stand on one function"
    yield from _of_kind(function)
    known = set.intersection(*(set(one.arguments) for one in matchers))
    yield from _of_arguments(function, known, f"with @{matchers[0].text} there")


def _kind(value: Any) -> str:
    return "a class" if inspect.isclass(value) else f"an object of class {type(value).__name__}"


def _of_kind(function: Callable[..., Any]) -> Iterator[str]:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield "plugins are sync Python; write def instead of async def"
    elif inspect.isgeneratorfunction(function):
        yield "only a command can be a conversation; write return instead of yield"


def _of_arguments(function: Callable[..., Any], known: Collection[str], there: str) -> Iterator[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            yield f"name the arguments that you use instead of {stars}{parameter.name}"
        elif parameter.name not in known:
            yield f"{there} is no argument {parameter.name!r}{nearest(parameter.name, known)}"
        elif parameter.default is not parameter.empty:
            yield f"argument {parameter.name!r} must have no default"
        elif parameter.kind is parameter.KEYWORD_ONLY:
            yield f"argument {parameter.name!r} stands behind a *; leave the * out"
