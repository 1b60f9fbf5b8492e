"""What is said when a socket opens: its URL, headers, user name and topics. Pure."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from botkit.messenger._page import Page

CLIENT_ID = "mqttwsclient"
KEEPALIVE_S = 10
T_MS = "/t_ms"
LS_RESPONSES = "/ls_resp"
LS_REQUESTS = "/ls_req"
PRESENCE = "/orca_presence"
TRANSIENT = frozenset({"/thread_typing", "/orca_typing_notifications", PRESENCE})
# dossier 2, section 2.8.
TOPICS = (T_MS, *sorted(TRANSIENT), "/legacy_web", "/inbox", "/notify_disconnect", LS_RESPONSES)
ORIGIN = "https://www.facebook.com"
_ENDPOINT = "wss://edge-chat.facebook.com/chat?region=atn"
HIGHEST_SESSION_ID = 2**53 - 1


def socket_url(page: Page, session_id: int, device_id: str) -> str:
    """The page's endpoint with the ids of this connection (dossier 2, section 2.3)."""
    endpoint = page.endpoint or _ENDPOINT
    joint = "&" if "?" in endpoint else "?"
    return f"{endpoint}{joint}{urlencode({'sid': session_id, 'cid': device_id})}"


def socket_headers(cookies: str, user_agent: str) -> dict[str, str]:
    """The headers of the WebSocket handshake (dossier 2, section 2.4); Host is the door's."""
    return {"Cookie": cookies, "Origin": ORIGIN, "User-Agent": user_agent, "Referer": f"{ORIGIN}/"}


def socket_username(page: Page, *, user_id: str, session_id: int, device_id: str, user_agent: str, online: bool) -> str:
    """The JSON that stands where MQTT has a user name (dossier 2, section 2.6)."""
    return _json(
        {
            "u": user_id,
            "s": session_id,
            "cp": page.client_capabilities,
            "ecp": page.capabilities,
            "chat_on": online,
            "fg": False,
            "d": device_id,
            "ct": "websocket",
            "mqtt_sid": "",
            "aid": page.mqtt_app_id,
            "st": list(TOPICS),
            "pm": [],
            "dc": "",
            "no_auto_fg": True,
            "gas": None,
            "pack": [],
            "php_override": "",
            "p": None,
            "a": user_agent,
            "aids": None,
        }
    )


def online_messages(online: bool) -> tuple[tuple[str, str], ...]:
    """What is published after the queue request: whether to show the account as active (dossier 2, section 2.9)."""
    return (
        ("/foreground_state", _json({"foreground": online})),
        ("/set_client_settings", _json({"make_user_available_when_in_foreground": online})),
    )


def create_queue(entity_id: str, cursor: int) -> tuple[str, str]:
    """Topic and payload that ask for a new queue from `cursor` on (dossier 2, section 3.1)."""
    fields = {"initial_titan_sequence_id": str(cursor), "device_params": None}
    return "/messenger_sync_create_queue", _json(_sync_fields(entity_id) | fields)


def get_diffs(entity_id: str, cursor: int, sync_token: str) -> tuple[str, str]:
    """Topic and payload that ask what has come after `cursor` (dossier 2, section 3.3)."""
    fields = {"last_seq_id": str(cursor), "sync_token": sync_token}
    return "/messenger_sync_get_diffs", _json(_sync_fields(entity_id) | fields)


def _sync_fields(entity_id: str) -> dict[str, object]:
    return {
        "sync_api_version": 10,
        "max_deltas_able_to_process": 1000,
        "delta_batch_size": 500,
        "encoding": "JSON",
        "entity_fbid": entity_id,
    }


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
