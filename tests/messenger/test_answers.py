"""The envelope: guard, errors and what comes along."""

from typing import Any

import pytest

from botkit.messenger._answers import changes_in, error_from_graphql, error_in, objects_in
from botkit.messenger.errors import BadAnswer, NotLoggedIn, Refused


def test_the_guard_is_taken_off() -> None:
    """With and without `for (;;);`."""
    assert objects_in('for (;;);{"__ar":1,"payload":{"ok":true}}') == objects_in('{"__ar":1,"payload":{"ok":true}}')


def test_several_objects_follow_each_other() -> None:
    """A GraphQL batch: split by CR LF, over several lines."""
    text = '{"o1":{"data":null}}\r\n{"o0":{"data":{"a":"}\\r\\n{"}}}\r\n{\r\n   "successful_results": 2\r\n}'
    assert objects_in(text) == [{"o1": {"data": None}}, {"o0": {"data": {"a": "}\r\n{"}}}, {"successful_results": 2}]


@pytest.mark.parametrize("text", ["", "<html>", 'for (;;);{"a":'])
def test_what_is_no_json_is_a_bad_answer(text: str) -> None:
    """Also a page where JSON was wanted."""
    with pytest.raises(BadAnswer):
        objects_in(text)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1357004, "please-refresh"),
        (1357031, "invalid-parameters"),
        (1545003, "invalid-parameters"),
        (1545010, "invalid-parameters"),
        (1545012, "not-in-thread"),
        (1545014, "invalid-parameters"),
        (1545026, "attachment-refused"),
        (1545116, "thread-disabled"),
        (1976004, "not-an-admin"),
        (1675030, "graphql-error"),
        (999, "other"),
    ],
)
def test_codes_become_refusals(code: int, reason: str) -> None:
    """The table of dossier 1, section 6.2; unknown codes are passed on."""
    error = error_in({"error": code, "errorSummary": "Sum", "errorDescription": "Desc"}, "send")
    assert isinstance(error, Refused)
    assert (error.reason, error.code, error.summary, error.description) == (reason, code, "Sum", "Desc")
    assert str(code) in str(error) and "\n" not in str(error)


@pytest.mark.parametrize("code", [1357001, 1357053])
def test_dead_sessions_have_their_own_error(code: int) -> None:
    """They are never retried."""
    assert isinstance(error_in({"error": code}, "send"), NotLoggedIn)


def test_no_error_is_no_error() -> None:
    """An envelope without a code, or with 0."""
    assert error_in({"payload": None}, "send") is None
    assert error_in({"error": 0}, "send") is None


def test_graphql_errors_are_refusals() -> None:
    """The code and the words of the entry."""
    error = error_from_graphql({"code": 1675012, "summary": "S", "description": "D"}, "look-up")
    assert isinstance(error, Refused) and (error.reason, error.code) == ("graphql-error", 1675012)


def test_a_new_token_and_cookies_are_found_anywhere_in_the_list() -> None:
    """Entries of `jsmods.require`; module names may carry a suffix."""
    changes = changes_in(
        {
            "jsmods": {
                "require": [
                    ["Other", "x", [], []],
                    ["DTSG@abc", "setToken", [], ["NAnewToken:1:3"]],
                    ["Cookie", "setIfFirstPartyContext", [], ["_js_datr", "dv", 63072000000, "/"]],
                ]
            }
        }
    )
    assert changes.dtsg == "NAnewToken:1:3"
    assert changes.cookies == (("datr", "dv", "/"),)


def test_a_token_may_come_as_a_define() -> None:
    """The other place where one source looks."""
    assert changes_in({"jsmods": {"define": [["DTSGInitData", [], {"token": "T"}, 3515]]}}).dtsg == "T"


def test_answers_without_changes() -> None:
    """Empty and odd `jsmods` change nothing."""
    odd_ones: list[dict[str, Any]] = [{}, {"jsmods": None}, {"jsmods": []}, {"jsmods": {"require": "x"}}]
    for odd in odd_ones:
        assert changes_in(odd).dtsg is None
