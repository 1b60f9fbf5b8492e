"""App states: every shape in which people bring cookies along."""

import json
from datetime import UTC, datetime

import pytest

from botkit.messenger._app_state import Cookie, app_state_from, cookie_from_header, cookies_from
from botkit.messenger.errors import BadArgument

XS = "9%3Aabc%3A2%3A1767225600%3A-1%3A-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LISTED = [
    {
        "key": "c_user",
        "value": "100000000000001",
        "expires": "2037-01-01T00:00:00.000Z",
        "maxAge": 31536000,
        "domain": "facebook.com",
        "path": "/",
        "secure": True,
        "extensions": ["SameSite=None"],
        "hostOnly": False,
        "creation": "2026-01-01T00:00:00.000Z",
        "lastAccessed": "2026-01-01T00:00:01.000Z",
    },
    {"key": "xs", "value": XS, "domain": "facebook.com", "path": "/", "httpOnly": True},
]
EXPORT = [
    {"name": "c_user", "value": "100000000000001", "domain": ".facebook.com", "expirationDate": 2114380800.5},
    {"name": "xs", "value": XS, "domain": ".facebook.com", "path": "/", "hostOnly": False, "session": True},
]
NETSCAPE = (
    "# Netscape HTTP Cookie File\n"
    ".facebook.com\tTRUE\t/\tTRUE\t2114380800\tc_user\t100000000000001\n"
    f"#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t0\txs\t{XS}\n"
)


@pytest.mark.parametrize(
    "shape",
    [
        LISTED,
        tuple(LISTED),
        EXPORT,
        {"url": "https://www.facebook.com", "cookies": EXPORT},
        {"c_user": "100000000000001", "xs": XS},
        f"c_user=100000000000001; xs={XS}",
        f"c_user=100000000000001;xs={XS};",
        NETSCAPE,
        json.dumps(LISTED),
        json.dumps({"cookies": EXPORT}),
        json.dumps({"c_user": "100000000000001", "xs": XS}),
        json.dumps(LISTED).encode(),
    ],
    ids=[
        "list", "tuple", "export", "wrapped", "dict", "header", "header-tight", "netscape",
        "json-list", "json-wrapped", "json-dict", "bytes",
    ],
)  # fmt: skip
def test_every_shape_gives_the_same_cookies(shape: object) -> None:
    """Names, values verbatim, and the domain without its dot."""
    found = {cookie.name: (cookie.value, cookie.domain, cookie.path) for cookie in cookies_from(shape)}
    assert found == {"c_user": ("100000000000001", "facebook.com", "/"), "xs": (XS, "facebook.com", "/")}


def test_values_may_hold_an_equals_sign() -> None:
    """Only the first one splits."""
    assert {c.name: c.value for c in cookies_from("c_user=1; xs=a=b==")}["xs"] == "a=b=="


def test_a_switched_profile_may_stand_for_the_account() -> None:
    """`i_user` instead of `c_user` is enough."""
    assert len(cookies_from({"i_user": "5", "xs": "s"})) == 2


@pytest.mark.parametrize(
    ("shape", "missing"),
    [
        ({"c_user": "1"}, "cookie xs"),
        ({"xs": "s"}, "cookie c_user"),
        ("datr=1", "cookies c_user and xs"),
        ([], "c_user"),
    ],
)
def test_missing_cookies_are_named(shape: object, missing: str) -> None:
    """The error says which cookies are not there."""
    with pytest.raises(BadArgument, match=missing):
        cookies_from(shape)


@pytest.mark.parametrize("shape", [5, None, ["c_user=1"], "{broken"])
def test_unknown_shapes_are_refused(shape: object) -> None:
    """Neither a crash nor an empty session."""
    with pytest.raises(BadArgument, match="app state"):
        cookies_from(shape)


def test_a_cookie_that_looks_expired_is_kept() -> None:
    """The server decides about it."""
    old = [{**LISTED[0], "expires": "2001-01-01T00:00:00.000Z"}, LISTED[1]]
    assert {c.name for c in cookies_from(old)} == {"c_user", "xs"}


def test_the_export_can_be_imported() -> None:
    """What `get_app_state` gives is the documented list, and comes back the same."""
    cookies = cookies_from(LISTED)
    state = app_state_from(cookies, NOW)
    assert state[0]["key"] == "c_user" and state[0]["expires"] == "2037-01-01T00:00:00.000Z"
    assert state[1]["httpOnly"] is True and "expires" not in state[1]
    assert cookies_from(state) == cookies


def test_doubled_cookies_count_once() -> None:
    """Some exports list each cookie twice; the last wins."""
    assert len(cookies_from([*LISTED, {**LISTED[1], "value": "newer"}])) == 2


def test_set_cookie_is_read_with_its_attributes() -> None:
    """Domain, path and flags of a line."""
    line = "fr=abc=; Domain=.facebook.com; Path=/; Expires=Fri, 01-Jan-2027 00:00:00 GMT; Secure; HttpOnly"
    found = cookie_from_header(line, "www.facebook.com", NOW)
    assert found is not None
    cookie, gone = found
    assert cookie == Cookie("fr", "abc=", "facebook.com", "/", datetime(2027, 1, 1, tzinfo=UTC), True, True)
    assert not gone


@pytest.mark.parametrize(
    "line", ["xs=deleted; Max-Age=-1", "xs=deleted; Max-Age=0", "xs=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_set_cookie_can_delete(line: str) -> None:
    """By age or by a date that has passed."""
    found = cookie_from_header(line, "www.facebook.com", NOW)
    assert found is not None and found[1]


def test_reprs_hide_the_value() -> None:
    """A cookie's value never enters a repr."""
    assert XS not in repr(cookies_from(LISTED))
