"""Logging in: app states, the web form, and every way in which it can fail."""

import random
from typing import Any

import pytest

from botkit.messenger import (
    BadAnswer,
    BadArgument,
    Checkpoint,
    LoginApproval,
    LoginError,
    NotLoggedIn,
    Options,
    ReviewRecentLogin,
    WrongCredentials,
    login,
)

OWN = "100000000000001"
STATE = {"c_user": OWN, "xs": "synthetic-secret"}
PERSON = {"email": "ada@example.invalid", "password": "synthetic password"}
FORM_PATH = "/login/device-based/regular/login/"
FRONT = (
    '<form id="login_form" action="/login/"><input name="jazoest" value="2958"><input name="lsd" value="L">'
    '<input name="lgnrnd" value="010203_abcd"><input name="email"><input name="pass"></form>'
)
GIVEN = (f"c_user={OWN}; Domain=.facebook.com", "xs=new-secret; Domain=.facebook.com; HttpOnly")
CODE_FORM = (
    '<form action="/checkpoint/?next=x" method="post"><input type="hidden" name="fb_dtsg" value="D"/>'
    '<input type="hidden" name="nh" value="0f0f"/><input type="hidden" name="no_fido" value="true"/>'
    '<input type="text" id="approvals_code" name="approvals_code"/>'
    '<button name="submit[Continue]" value="Continue">Continue</button></form>'
)
SAVE_FORM = (
    '<form><input name="nh" value="1a1a"/><input type="radio" name="name_action_selected" value="save_device"/></form>'
)
REVIEW = '<form><input name="nh" value="2b2b"/><button name="submit[This was me]">This was me</button></form>'
CHECKPOINT = "https://www.facebook.com/checkpoint/?next=x"


@pytest.fixture
def enter(site: Any, sockets: Any, clock: Any) -> Any:
    """Logs in on the imaginary Messenger."""

    def do(credentials: object, options: Any = None) -> Any:
        return login(credentials, options, clock=clock, random=random.Random(1), http_door=site, socket_door=sockets)

    return do


@pytest.mark.parametrize("credentials", [STATE, {"app_state": STATE}, {"appState": "c_user=100000000000001; xs=s"}])
def test_an_app_state_logs_in(enter: Any, site: Any, credentials: object) -> None:
    """In any wrapping; one request with the cookies."""
    api = enter(credentials)
    assert api.get_current_user_id() == OWN
    (asked,) = site.asked
    assert (asked.method, asked.url) == ("GET", "https://www.facebook.com/")
    assert asked.headers["Cookie"].startswith(f"c_user={OWN}; xs=")
    assert asked.headers["User-Agent"] == Options().user_agent and asked.headers["Sec-Fetch-Site"] == "none"


def test_the_acting_profile_wins(enter: Any) -> None:
    """`i_user` before `c_user`."""
    assert enter(STATE | {"i_user": "5"}).get_current_user_id() == "5"


def test_missing_cookies_are_named_before_anything_is_asked(enter: Any, site: Any) -> None:
    """The network stays untouched."""
    with pytest.raises(BadArgument, match="xs"):
        enter({"c_user": OWN})
    assert site.asked == []


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("/login.php?next=x", NotLoggedIn),
        ("https://www.facebook.com/checkpoint/1000000000000/", Checkpoint),
        ("/privacy/consent/user_cookie/", Checkpoint),
        ("/home.php", BadAnswer),
    ],
)
def test_where_the_home_page_leads(enter: Any, site: Any, location: str, error: type[Exception]) -> None:
    """Dead, restricted, or a circle; the door is closed again."""
    site.on("/", site.respond(status=302, location=location))
    site.on("/home.php", site.respond(status=302, location="/home.php"))
    with pytest.raises(error) as caught:
        enter(STATE)
    if isinstance(caught.value, Checkpoint):
        assert caught.value.url == "https://www.facebook.com" + location.removeprefix("https://www.facebook.com")
    assert site.closed


def test_a_logged_out_page_is_a_dead_session(enter: Any, site: Any, page: str) -> None:
    """User id 0 on the page."""
    site.on("/", site.respond(page.replace('"USER_ID":"100000000000001"', '"USER_ID":"0"')))
    with pytest.raises(NotLoggedIn):
        enter(STATE)


def test_a_meta_refresh_is_followed(enter: Any, site: Any, page: str) -> None:
    """As a redirect is."""
    site.on(
        "/", site.respond('<meta http-equiv="refresh" content="0;url=https://www.facebook.com/home.php?x=1&amp;y=2">')
    )
    site.on("/home.php", site.respond(page))
    enter(STATE)
    assert site.asked[-1].url == "https://www.facebook.com/home.php?x=1&y=2"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"selfListen": True}, "the nearest is self_listen"),
        ({"listen_event": True}, "the nearest is listen_events"),
        ({"self_listen": "yes"}, "must be a bool"),
        ({"network": "http://example.com"}, "loopback"),
        ([], "options must be"),
    ],
)
def test_wrong_options_are_told(enter: Any, options: Any, message: str) -> None:
    """With the nearest right name."""
    with pytest.raises(BadArgument, match=message):
        enter(STATE, options)


def test_the_form_is_filled_in(enter: Any, site: Any, page: str) -> None:
    """The fields of dossier 1, section 7.1; then the home page with the new cookies."""
    site.on("/", site.respond(FRONT, cookies=["datr=dv; Domain=.facebook.com"]), site.respond(page))
    site.on(FORM_PATH, site.respond(status=302, location="/", cookies=GIVEN))
    api = enter(PERSON)
    (posted,) = site.to(FORM_PATH)
    assert posted.url.endswith("?login_attempt=1&lwv=110") and posted.headers["Cookie"] == "datr=dv"
    assert posted.form == {
        "jazoest": "2958",
        "lsd": "L",
        "lgnrnd": "010203_abcd",
        "lgndim": "eyJ3IjoxNDQwLCJoIjo5MDAsImF3IjoxNDQwLCJhaCI6ODM0LCJjIjoyNH0=",
        "email": "ada@example.invalid",
        "pass": "synthetic password",
        "default_persistent": "0",
        "locale": "en_US",
        "timezone": "240",
        "lgnjs": "1767225600",
    }
    assert api.get_current_user_id() == OWN and "xs=new-secret" in site.asked[-1].headers["Cookie"]


@pytest.fixture
def front(site: Any, page: str) -> Any:
    """The site with its login form; the home page after it."""
    site.on("/", site.respond(FRONT), site.respond(page))
    return site


def test_a_wrong_password_has_its_own_error(enter: Any, front: Any) -> None:
    """A page without a Location; it is posted once."""
    front.on(FORM_PATH, front.respond(FRONT))
    with pytest.raises(WrongCredentials):
        enter(PERSON)
    assert len(front.to(FORM_PATH)) == 1 and front.closed


@pytest.mark.parametrize("credentials", [{"email": "a"}, {"password": "p"}, {"email": "a", "password": ""}])
def test_half_of_the_credentials_is_refused(enter: Any, site: Any, credentials: Any) -> None:
    """Naming the missing half."""
    with pytest.raises(BadArgument, match="credentials lack"):
        enter(credentials)
    assert site.asked == []


def test_a_home_page_without_form_advises_an_app_state(enter: Any, site: Any) -> None:
    """The page has changed."""
    site.on("/", site.respond("<html></html>"))
    with pytest.raises(LoginError, match="app state"):
        enter(PERSON)


def test_a_locked_account_is_reported_with_its_address(enter: Any, front: Any) -> None:
    """Identity proof, or any page that is not known."""
    front.on(FORM_PATH, front.respond(status=302, location=CHECKPOINT))
    front.on(
        "/checkpoint/",
        front.respond('<form><input name="verification_method" value="1"><input name="approvals_code"></form>'),
    )
    with pytest.raises(Checkpoint) as caught:
        enter(PERSON)
    assert caught.value.url == CHECKPOINT


def test_a_two_factor_code_leads_on(enter: Any, front: Any) -> None:
    """A wrong code asks again; the right one leads over the page that saves the device."""
    front.on(FORM_PATH, front.respond(status=302, location=CHECKPOINT))
    front.on(
        "/checkpoint/",
        front.respond(CODE_FORM),
        front.respond(CODE_FORM),
        front.respond(SAVE_FORM),
        front.respond(status=302, location="/home.php", cookies=GIVEN),
    )
    with pytest.raises(LoginApproval) as first:
        enter(PERSON)
    with pytest.raises(LoginApproval, match="wrong") as second:
        first.value.continue_(111111)
    api = second.value.continue_("222222")
    assert api.get_current_user_id() == OWN
    _, wrong, right, saved = front.to("/checkpoint/")
    assert wrong.form["approvals_code"] == "111111"
    assert right.form == {
        "fb_dtsg": "D", "nh": "0f0f", "no_fido": "true", "approvals_code": "222222", "submit[Continue]": "Continue",
    }  # fmt: skip
    assert saved.form == {
        "fb_dtsg": "D", "nh": "1a1a", "name_action_selected": "save_device", "submit[Continue]": "Continue",
    }  # fmt: skip


def test_a_recent_login_is_left_to_the_owner(enter: Any, front: Any) -> None:
    """Unless the owner has said so with `force_login`."""
    front.on(FORM_PATH, front.respond(status=302, location=CHECKPOINT))
    front.on("/checkpoint/", front.respond(REVIEW))
    with pytest.raises(ReviewRecentLogin):
        enter(PERSON)
    assert len(front.to("/checkpoint/")) == 1


def test_force_login_confirms_it(enter: Any, front: Any) -> None:
    """The button of the page, then the device."""
    front.on(FORM_PATH, front.respond(status=302, location=CHECKPOINT))
    front.on(
        "/checkpoint/",
        front.respond(REVIEW),
        front.respond(SAVE_FORM),
        front.respond(status=302, location="/", cookies=GIVEN),
    )
    enter(PERSON, {"force_login": True})
    _, confirmed, saved = front.to("/checkpoint/")
    assert (
        confirmed.form["submit[This was me]"] == "This was me" and saved.form["name_action_selected"] == "save_device"
    )


def test_secrets_stay_out_of_reprs(enter: Any) -> None:
    """Of the api and of what it stands on."""
    api = enter(STATE)
    assert "synthetic-secret" not in repr(api)
