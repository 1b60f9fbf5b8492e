"""What is wrong with a plugin's hooks, beyond the files of tests/bad_plugins: objects, helpers, conditions."""

from __future__ import annotations

import functools

from botkit import hookimpl, keyword
from botkit.runner.faults import HOOKS, arguments_of, faults_of, is_hook


def sentences(thing):
    return [sentence for _, sentence in faults_of(thing)]


def test_the_hooks_are_those_of_hookspecs():
    """In their order there, with what an implementation may ask for."""
    assert HOOKS[:3] == ("on_start", "on_stop", "on_message")
    assert arguments_of("on_plugin_error") == ("ctx", "plugin", "error")


def test_a_good_object_has_no_faults():
    """Its methods are hooks without their self."""

    class Good:
        @hookimpl
        def on_message(self, ctx, message): ...

        @staticmethod
        @hookimpl
        def on_start(): ...

        def helper(self): ...

    assert sentences(Good()) == []
    assert is_hook(Good().on_message)


def test_a_forgotten_mark_is_found_on_an_object():
    """A method with the name of a hook."""

    class Forgotten:
        def on_message(self, message): ...

    assert sentences(Forgotten()) == [
        "on_message: is not marked with @hookimpl and would never be called; mark or rename it"
    ]


def test_helpers_may_be_called_allow_and_outgoing():
    """These are words that a plugin may use for something else."""

    class Helpers:
        def allow(self, person): ...

        def outgoing(self): ...

    assert sentences(Helpers()) == []


def test_a_callable_object_is_no_hook():
    """Nor is a part of a function."""

    class Marked:
        on_message = hookimpl(functools.partial(print))

    assert sentences(Marked()) == ["on_message: @hookimpl marks an object of class partial; it is for functions"]


def test_a_hook_has_no_conditions():
    """It would be called for every message all the same."""

    class Both:
        @staticmethod
        @hookimpl
        @keyword("pizza")
        def on_message(message): ...

    assert sentences(Both()) == [
        "on_message: is a hook, so the conditions on it do nothing; leave out @hookimpl and give it another name"
    ]


def test_a_function_with_a_condition_may_have_the_name_of_a_hook():
    """It is called, so nothing is forgotten; what it asks for is checked."""

    class Conditional:
        @staticmethod
        @keyword("pizza")
        def on_message(mesage): ...

    assert sentences(Conditional()) == [
        "on_message: with @keyword('pizza') there is no argument 'mesage'; did you mean 'message'?"
    ]
