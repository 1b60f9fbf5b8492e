"""The HTML that clients read their tokens from; each item stands on one line (dossier 1, section 4.2; dossier 4)."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from botkit.sandbox import ids
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Person

CONSENT = "https://www.facebook.com/privacy/consent/?flow=sandbox"

# Only the page that wants a code may hold the text `checkpoint/?next`: by it clients tell that page (dossier 1, 7.2).
_CHECKPOINT_ACTION = "/checkpoint/"
_ENDPOINT = "wss://edge-chat.facebook.com/chat?region=atn"
_REVISION = 1030000001
_MQTT_APP = 219994525426954
_APP = "2220391788200892"
_LS_VERSION = "27000000000000001"


def home(person: Person, login: Login, sequence: int, now_s: int, account: str) -> str:
    """The page of a logged-in account; `sequence` is its position in the sync queue.

    `person` is whom it acts as, which differs from `account` when that is a page.
    """
    jazoest = ids.jazoest(login.dtsg)
    query = f"/ajax/qm/?__a=1&__user={person.id}&__comet_req=15&jazoest={jazoest}"
    return _page(
        title="Messenger",
        eqmc={"u": query, "f": login.dtsg},
        inputs={"fb_dtsg": login.dtsg, "jazoest": jazoest, "h": login.logout_h},
        define=[
            *_tokens(login.dtsg, login.async_dtsg, login.lsd),
            *_identity(person, now_s, account),
            *_sockets(person, login),
        ],
        require=[_preloader(person, login)],
        script=(
            f'var s={{irisSeqID:"{sequence}",appID:{_MQTT_APP},endpoint:"{_ENDPOINT}"}};'
            f"var t={_script({'app_id': str(_MQTT_APP), 'endpoint': _ENDPOINT, 'iris_seq_id': str(sequence)})};"
        ),
        form="",
    )


def login_form(host: str, lsd: str, now_s: int) -> str:
    """The page of nobody: the same skeleton, empty tokens, and the form (dossier 1, sections 7.1 and 20)."""
    hidden = {"jazoest": ids.jazoest(lsd), "lsd": lsd, "lgnrnd": f"{now_s % 1_000_000:06d}_Ab1C"}
    action = "/login.php?login_attempt=1" if host.startswith("m.") else "/login/device-based/regular/login/"
    return _page(
        title="Log in",
        eqmc={"u": "/ajax/qm/?__a=1&__user=0", "f": ""},
        inputs={},
        define=[
            *_tokens("", "", lsd),
            ["CurrentUserInitialData", [], {"ACCOUNT_ID": "0", "USER_ID": "0", "NAME": "", "SHORT_NAME": None}, 270],
            ["SiteData", [], _site_data(now_s), 317],
        ],
        require=[],
        script="",
        form=(
            f'<form id="login_form" action="{action}" method="post">{_inputs(hidden)}'
            '<input type="text" name="email"/><input type="password" name="pass"/>'
            '<button name="login" type="submit">Log in</button></form>'
        ),
    )


def checkpoint_url(host: str) -> str:
    """Where a login goes on that needs more than the password."""
    return f"https://{host}/checkpoint/?next={quote('https://www.facebook.com/home.php', safe='')}"


def identity_proof() -> str:
    """The page of a locked account: a proof that only a person can give (dossier 1, section 7.2)."""
    choice = '<input type="radio" name="verification_method" value="3"/>'
    return _checkpoint_page("Confirm your identity", _CHECKPOINT_ACTION, {"nh": "0f0f"}, choice, "submit[Continue]")


def code_form(hidden: dict[str, str], error: str) -> str:
    """The page that wants a two-factor code; `error` says what was wrong with the last one."""
    box = (
        f'<span data-xui-error="{escape(error)}"><input type="text" id="approvals_code" name="approvals_code"/></span>'
    )
    action = escape(checkpoint_url("www.facebook.com"))
    return _checkpoint_page("Enter login code", action, {**hidden, "no_fido": "true"}, box, "submit[Continue]")


def save_device_form(hidden: dict[str, str]) -> str:
    """The page that asks whether to remember the browser."""
    choices = "".join(
        f'<input type="radio" name="name_action_selected" value="{value}"/>' for value in ("save_device", "dont_save")
    )
    return _checkpoint_page("Remember browser", _CHECKPOINT_ACTION, hidden, choices, "submit[Continue]")


def review_form(hidden: dict[str, str]) -> str:
    """The page that asks whether a recent login was one's own (dossier 1, section 7.4)."""
    return _checkpoint_page("Review Recent Login", _CHECKPOINT_ACTION, hidden, "", "submit[This Is Okay]")


def refresh(url: str) -> str:
    """A page that only says to load another one (dossier 1, section 4.1)."""
    return f'<!DOCTYPE html><html><head><meta http-equiv="refresh" content="0;url={escape(url)}"></head></html>'


def inbox_of_page(person: Person) -> str:
    """The page that leads whoever acts as the page `person` to the messages (dossier 1, section 4.1, step 4)."""
    url = _script(f"https://www.facebook.com/messages/?entity={person.id}")
    return f"<!DOCTYPE html><html><body><script>window.location.replace({url});</script></body></html>"


def logout_form(login: Login) -> str:
    """The form inside the settings menu (dossier 1, section 8.3)."""
    return f'<form action="/logout.php">{_inputs({"fb_dtsg": login.dtsg, "ref": "mb", "h": login.logout_h}, "")}</form>'


def picture(person: Person) -> str:
    """A profile picture: the person's initial, as SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 50"><rect width="50" height="50" fill="#4a6fa5"/>'
        '<text x="25" y="33" font-family="sans-serif" font-size="24" text-anchor="middle" fill="#fff">'
        f"{escape(person.name[0])}</text></svg>"
    )


def _checkpoint_page(title: str, action: str, hidden: dict[str, str], inputs: str, button: str) -> str:
    label = button.removeprefix("submit[").removesuffix("]")
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f'<form action="{action}" method="post">{_inputs(hidden)}{inputs}'
        f'<button id="checkpointSubmitButton" name="{button}" value="{label}">{label}</button></form></body></html>'
    )


def _page(
    *,
    title: str,
    eqmc: dict[str, str],
    inputs: dict[str, str],
    define: list[list[Any]],
    require: list[list[Any]],
    script: str,
    form: str,
) -> str:
    server_js = {
        "require": [["ScheduledServerJS", "handle", None, [{"__bbox": {"define": define, "require": require}}]]]
    }
    return "\n".join(
        [
            f"<!DOCTYPE html><html><head><title>{title}</title>",
            '<script id="envjson" type="application/json">{"routing_namespace":"fb_comet"}</script>',
            f'<script id="__eqmc" type="application/json">{_script(eqmc)}</script>',
            f"</head><body>{form}",
            _inputs(inputs),
            f'<script type="application/json" data-sjs>{_script(server_js)}</script>',
            f"<script>{script}</script>",
            "</body></html>",
        ]
    )


def _tokens(dtsg: str, async_dtsg: str, lsd: str) -> list[list[Any]]:
    return [
        ["DTSGInitialData", [], {"token": dtsg}, 258],
        ["DTSGInitData", [], {"token": dtsg, "async_get_token": async_dtsg}, 3515],
        ["LSD", [], {"token": lsd}, 323],
    ]


def _identity(person: Person, now_s: int, account: str) -> list[list[Any]]:
    user = {
        "ACCOUNT_ID": account,
        "USER_ID": person.id,
        "NAME": person.name,
        "SHORT_NAME": person.first_name,
        "APP_ID": _APP,
    }
    return [["CurrentUserInitialData", [], user, 270], ["SiteData", [], _site_data(now_s), 317]]


def _site_data(now_s: int) -> dict[str, Any]:
    return {
        "server_revision": _REVISION,
        "client_revision": _REVISION,
        "haste_session": "20470.HYP:comet_pkg.2.1..0.0",
        "hsi": "7590000000000000001",
        "pr": 1,
        "__spin_r": _REVISION,
        "__spin_b": "trunk",
        "__spin_t": now_s,
    }


def _sockets(person: Person, login: Login) -> list[list[Any]]:
    mqtt = {
        "fbid": person.id,
        "appID": _MQTT_APP,
        "endpoint": _ENDPOINT,
        "pollingEndpoint": _ENDPOINT.replace("wss:", "https:").replace("/chat", "/mqtt/pull"),
        "capabilities": 10,
        "clientCapabilities": 3,
        "chatVisibility": True,
        "subscribedTopics": [],
        "hostNameOverride": "",
    }
    messenger = {"appId": 772021112871879, "userId": int(person.id), "sessionId": login.device_id[:8]}
    return [
        ["MqttWebConfig", [], mqtt, 3790],
        ["MqttWebDeviceID", [], {"clientID": login.device_id}, 5003],
        ["MessengerWebInitData", [], messenger, 3521],
        ["DGWWebConfig", [], {"appId": _APP, "appVersion": "0"}, 5508],
        # One client takes the text `hash":"` for a sign of a whole page (dossier 4).
        ["WebDevicePerfInfoData", [], {"hash": login.device_id[-12:]}, 3977],
    ]


def _preloader(person: Person, login: Login) -> list[Any]:
    payload = {"database": 1, "epoch_id": 0, "last_applied_cursor": None, "version": int(_LS_VERSION)}
    query = {
        "actorID": person.id,
        "preloaderID": "adp_LSPlatformGraphQLLightspeedRequestQueryRelayPreloader_1",
        "queryID": "9697184873702141",
        "variables": {
            "deviceId": login.device_id,
            "requestId": 0,
            "requestPayload": compact(payload),
            "requestType": 1,
        },
    }
    return ["CometPlatformRootClient", "init", [], [None, None, None, None, [query]]]


def _script(value: Any) -> str:
    """JSON that may stand inside a script element: slashes are escaped, as on the real page."""
    return compact(value).replace("/", "\\/")


def _inputs(values: dict[str, str], kind: str = 'type="hidden" ') -> str:
    """Inputs in which `value` directly follows `name`: clients search for the two as one text."""
    return "".join(f'<input {kind}name="{name}" value="{escape(value)}"/>' for name, value in values.items())
