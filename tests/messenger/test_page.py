"""Pages: tokens, signs and forms."""

import pytest

from botkit.messenger._page import read_forms, read_page, refresh_url, sign_in_page, sign_in_url
from botkit.messenger.errors import BadAnswer

CHECKPOINT = """<form action="/checkpoint/?next=https%3A%2F%2Fwww.facebook.com%2Fhome.php" method="post">
<input type="hidden" name="jazoest" value="2958"/><input type="hidden" name="fb_dtsg" value="NAcAbCdEf:1:2"/>
<input type="hidden" name="nh" value="0f0f"/><input type="hidden" name="no_fido" value="true"/>
<span data-xui-error=""><input type="text" id="approvals_code" name="approvals_code"/></span>
<button id="checkpointSubmitButton" name="submit[Continue]" value="Continue">Continue</button></form>"""


def test_the_synthetic_page_gives_every_token(page: str) -> None:
    """Each value of the table in dossier 1, section 4.2."""
    found = read_page(page)
    assert (found.user_id, found.name) == ("100000000000001", "Ada Bot")
    assert (found.dtsg, found.lsd, found.jazoest, found.revision) == (
        "NAcAbCdEf:1:2",
        "AVqSynthLsd",
        "2958",
        "1030000001",
    )
    assert found.endpoint == "wss://edge-chat.facebook.com/chat?region=atn"
    assert found.device_id == "6f1b2c3d-0000-4000-8000-000000000001"
    assert (found.mqtt_app_id, found.capabilities, found.client_capabilities) == (219994525426954, 10, 3)
    assert (found.ls_app_id, found.ls_version) == ("2220391788200892", "27000000000000001")
    assert found.sequence_id == 4321


def test_the_sequence_id_is_found_in_its_json_form_too(page: str) -> None:
    """Form B of dossier 2, section 2.2."""
    other = '{"app_id":"219994525426954","endpoint":"wss:\\/\\/edge-chat.facebook.com\\/chat","iris_seq_id":"77"}'
    assert read_page(page.replace('irisSeqID:"4321"', "x:1") + other).sequence_id == 77


def test_a_page_without_scripts_gives_its_hidden_inputs() -> None:
    """The fallback of the table: inputs named fb_dtsg and lsd; jazoest is then computed."""
    found = read_page('<input name="fb_dtsg" value="NAcAbCdEf:1:2"><input name="lsd" value="L">')
    assert (found.dtsg, found.lsd, found.jazoest) == ("NAcAbCdEf:1:2", "L", "2958")
    assert found.endpoint is None and found.sequence_id is None


def test_a_page_without_token_is_named() -> None:
    """The error says which token is missing."""
    with pytest.raises(BadAnswer, match="fb_dtsg"):
        read_page("<html>an unsupported browser</html>")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.facebook.com/login.php?next=x", "not-logged-in"),
        ("https://www.facebook.com/login/", "not-logged-in"),
        ("https://www.facebook.com/checkpoint/1000000000000/", "checkpoint"),
        ("https://www.facebook.com/checkpoint/?next=x", "checkpoint"),
        ("https://www.facebook.com/privacy/consent/user_cookie/", "consent"),
        ("https://www.facebook.com/accounts/suspended/", "suspended"),
        ("https://www.facebook.com/home.php", None),
    ],
)
def test_where_a_redirect_leads_is_a_sign(url: str, kind: str | None) -> None:
    """The paths of dossier 1, section 4.3."""
    sign = sign_in_url(url)
    assert (sign and sign.kind) == kind


def test_a_logged_out_page_is_a_sign(page: str) -> None:
    """User id 0, or an empty token."""
    url = "https://www.facebook.com/"
    out = sign_in_page(url, page.replace('"USER_ID":"100000000000001"', '"USER_ID":"0"'))
    empty = sign_in_page(
        url, page.replace('"DTSGInitialData",[],{"token":"NAcAbCdEf:1:2"}', '"DTSGInitialData",[],{"token":""}')
    )
    assert out is not None and out.kind == "not-logged-in"
    assert empty is not None and empty.kind == "not-logged-in"
    assert sign_in_page(url, page) is None


def test_a_meta_refresh_is_followed_like_a_redirect() -> None:
    """Its URL is decoded and made absolute."""
    html = '<meta http-equiv="refresh" content="0;url=/home.php?a=1&amp;b=2">'
    assert refresh_url("https://www.facebook.com/", html) == "https://www.facebook.com/home.php?a=1&b=2"


def test_forms_give_values_and_names() -> None:
    """Inputs with a value, and the names of all inputs and buttons."""
    form = read_forms(CHECKPOINT)[0]
    assert form.values == {"jazoest": "2958", "fb_dtsg": "NAcAbCdEf:1:2", "nh": "0f0f", "no_fido": "true"}
    assert {"approvals_code", "submit[Continue]"} <= form.names
