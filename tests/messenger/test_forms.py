"""Form fields, field by field against dossier 1, section 10."""

from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st

from botkit.messenger import _forms
from botkit.messenger._content import Content

STAMP = _forms.Stamp(
    offline_threading_id=7412281402983798101,
    time_ms=1767225600000,
    time_of_day="9:05",
    threading_id="<1767225600000:436049368-3e8f0a1b@mail.projektitan.com>",
    signature_id="3e8f0a1b",
)
OWN = "100000000000001"


@given(st.dictionaries(st.text(), st.text()))
def test_fields_are_encoded_as_urllib_does(fields: dict[str, str]) -> None:
    """Whatever they hold."""
    assert _forms.encoded(fields) == urlencode(list(fields.items()), quote_via=quote).encode()


def test_a_message_has_every_core_field() -> None:
    """The table of section 10.2, with the values of the example in 10.6."""
    assert _forms.message_form(Content("Hello Bo"), {"thread_fbid": "7000000000000001"}, OWN, STAMP) == {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": "fbid:100000000000001",
        "timestamp": "1767225600000",
        "timestamp_absolute": "Today",
        "timestamp_relative": "9:05",
        "timestamp_time_passed": "0",
        "is_unread": "false",
        "is_cleared": "false",
        "is_forward": "false",
        "is_filtered_content": "false",
        "is_filtered_content_bh": "false",
        "is_filtered_content_account": "false",
        "is_filtered_content_quasar": "false",
        "is_filtered_content_invalid_app": "false",
        "is_spoof_warning": "false",
        "source": "source:chat:web",
        "source_tags[0]": "source:chat",
        "body": "Hello Bo",
        "html_body": "false",
        "ui_push_phase": "V3",
        "status": "0",
        "offline_threading_id": "7412281402983798101",
        "message_id": "7412281402983798101",
        "threading_id": "<1767225600000:436049368-3e8f0a1b@mail.projektitan.com>",
        "ephemeral_ttl_mode:": "0",
        "manual_retry_cnt": "0",
        "has_attachment": "false",
        "signatureID": "3e8f0a1b",
        "thread_fbid": "7000000000000001",
    }


def test_addresses() -> None:
    """The three rows of section 10.3."""
    assert _forms.to_group("70") == {"thread_fbid": "70"}
    assert _forms.to_user("2", OWN) == {
        "other_user_fbid": "2",
        "specific_to_list[0]": "fbid:2",
        "specific_to_list[1]": f"fbid:{OWN}",
    }
    assert _forms.to_new_group(["2", "3"], OWN, 99) == {
        "specific_to_list[0]": "fbid:2",
        "specific_to_list[1]": "fbid:3",
        "specific_to_list[2]": f"fbid:{OWN}",
        "client_thread_id": "root:99",
    }


def test_reading_and_typing() -> None:
    """Sections 14 and 15."""
    assert _forms.read_form("70", False, 5) == {
        "ids[70]": "false",
        "watermarkTimestamp": "5",
        "shouldSendReadReceipt": "true",
        "commerce_last_message_type": "",
    }
    group = _forms.typing_form("70", is_group=True, is_typing=True)
    person = _forms.typing_form("2", is_group=False, is_typing=False)
    assert group == {"typ": "1", "to": "", "source": "mercury-chat", "thread": "70"}
    assert person == {"typ": "0", "to": "2", "source": "mercury-chat", "thread": "2"}


def test_people_are_asked_for_by_index() -> None:
    """Dossier 3, section 3.6."""
    assert _forms.user_info_form(["2", "3"]) == {"ids[0]": "2", "ids[1]": "3"}
