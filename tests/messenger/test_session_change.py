"""Hosts are told when the session has other cookies than before."""

import threading
from typing import Any

import pytest

from botkit.messenger import Api, Checkpoint, NotLoggedIn

USERS = "/chat/user_info/"
OWN = "c_user=100000000000001; Domain=.facebook.com; Path=/; Secure"


@pytest.fixture
def told(api: Api) -> list[dict[str, Any]]:
    """The cookies at each call, by name, with the thread."""
    calls: list[dict[str, Any]] = []

    def note() -> None:
        cookies = {one["key"]: one["value"] for one in api.get_app_state()}
        calls.append(cookies | {"thread": threading.current_thread()})

    api.on_session_change(note)
    return calls


def answer(site: Any, *cookies: str, **more: Any) -> Any:
    text = site.envelope({"profiles": []}, **more).text
    return site.respond(text, cookies=cookies)


def test_a_new_cookie_is_told_once(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """On the thread that asked; the app state has it already."""
    site.on(USERS, answer(site, "fr=first; Domain=.facebook.com", "sb=second; Domain=.facebook.com"))
    api.get_user_info("5")
    (call,) = told
    assert (call["fr"], call["sb"], call["thread"]) == ("first", "second", threading.current_thread())


def test_cookies_inside_an_answer_count_too(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """Together with those of its headers (dossier 1, section 6.4)."""
    inside = {"require": [["Cookie", "setFromServer", [], ["_js_datr", "inner", 1, "/"]]]}
    site.on(USERS, answer(site, "fr=outer", jsmods=inside))
    api.get_user_info("5")
    (call,) = told
    assert (call["fr"], call["datr"]) == ("outer", "inner")


def test_the_same_again_is_no_change(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """Nor an answer without cookies, nor a new token, which no app state holds."""
    token = {"require": [["DTSG", "setToken", [], ["NAnew:1:2"]]]}
    site.on(USERS, answer(site, "fr=x"), answer(site, "fr=x"), answer(site), answer(site, jsmods=token))
    for _ in range(4):
        api.get_user_info("5")
    assert len(told) == 1


def test_another_value_and_a_deleted_cookie_are_changes(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """Deleting what was not there is none."""
    gone = "fr=; Max-Age=0"
    site.on(USERS, *(answer(site, cookie) for cookie in ("fr=1", "fr=2", gone, gone)))
    for _ in range(4):
        api.get_user_info("5")
    assert [call.get("fr") for call in told] == ["1", "2", None]


def test_a_checkpoint_tells_as_well(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """What came before the end is worth saving."""
    site.on(USERS, site.respond(status=302, location="/checkpoint/1/", cookies=["fr=1"]))
    with pytest.raises(Checkpoint):
        api.get_user_info("5")
    assert [call["fr"] for call in told] == ["1"]


def test_a_dead_session_tells_as_well(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """The same for an error in an answer."""
    site.on(USERS, answer(site, "fr=2", error=1357001))
    with pytest.raises(NotLoggedIn):
        api.get_user_info("5")
    assert [call["fr"] for call in told] == ["2"]


@pytest.mark.parametrize("end", ["checkpoint", "dead"])
def test_after_the_end_of_the_session_nothing_leaves(api: Api, site: Any, end: str) -> None:
    """Every later request is refused with the same error, and the server hears of none."""
    location, error = ("/checkpoint/1/", Checkpoint) if end == "checkpoint" else ("/login.php", NotLoggedIn)
    site.on(USERS, site.respond(status=302, location=location))
    for _ in range(3):
        with pytest.raises(error):
            api.get_user_info("5")
        with pytest.raises(error):
            api.send_message("hello", "5")
    assert len(site.to(USERS)) == 1 and site.to("/messaging/send/") == []


def test_a_page_loaded_anew_tells_too(api: Api, site: Any, told: list[dict[str, Any]], page: str) -> None:
    """The stale token's refusal, the page and the answer are three answers, of which two have a cookie."""
    site.on("/", site.respond(page, cookies=["fr=of the page"]))
    site.on(USERS, answer(site, error=1357004), answer(site, "fr=of the answer"))
    api.get_user_info("5")
    assert [call["fr"] for call in told] == ["of the page", "of the answer"]


def test_a_callback_that_raises_spoils_nothing(
    api: Api, site: Any, told: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the answer and the other callbacks go their way."""
    api.on_session_change(lambda: 1 / 0)
    later: list[int] = []
    api.on_session_change(lambda: later.append(1))
    site.on(USERS, answer(site, "fr=1"))
    assert api.get_user_info("5") == {}
    assert (len(told), later) == (1, [1]) and "a callback failed" in caplog.text


def test_a_logout_is_no_change(api: Api, site: Any, told: list[dict[str, Any]]) -> None:
    """An empty session is not for saving."""
    api.logout()
    assert told == [] and api.get_app_state() == []
