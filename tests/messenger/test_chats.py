"""What the API does to chats, by the socket's tasks and by HTTP, form by form against dossier 3, sections 4 and 5."""

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import Api, BadArgument, NotLoggedIn, OutcomeUnknown, RateLimited, Refused, ServerError

OWN = "100000000000001"
ANN = "100000000000002"
BEN = "100000000000003"
GROUP = "7000000000000001"
OTHER_GROUP = "7000000000000002"
NOW_MS = 1767225600000
ORANGE = "175615189761153"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L"
DONE = [5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "1"], True]
NOT_DONE = [5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "1"], False]
UPLOAD = "/ajax/mercury/upload.php"

Deed = Callable[[Api], None]

# What is done; label, queue and payload of its tasks; path and query, and form.
DEEDS: dict[str, tuple[Deed, list[tuple[str, str, dict[str, Any]]], tuple[str, dict[str, str]], dict[str, str]]] = {
    "remove": (
        lambda api: api.remove_user_from_group(ANN, GROUP),
        [("140", "remove_participant_v2", {"thread_id": int(GROUP), "contact_id": int(ANN), "sync_group": 1})],
        ("/chat/remove_participants/", {}),
        {"uid": ANN, "tid": GROUP},
    ),
    "title": (
        lambda api: api.set_title("Night shift", GROUP),
        [("32", GROUP, {"thread_key": int(GROUP), "thread_name": "Night shift", "sync_group": 1})],
        ("/messaging/set_thread_name/", {}),
        {"thread_id": GROUP, "thread_name": "Night shift"},
    ),
    "colour": (
        lambda api: api.change_thread_color("#ff7e29", GROUP),
        [
            (
                "43",
                "thread_theme",
                {
                    "thread_key": int(GROUP),
                    "theme_fbid": int(ORANGE),
                    "source": None,
                    "sync_group": 1,
                    "payload": None,
                },
            )
        ],
        ("/api/graphqlbatch/", {}),
        {
            "queries": json.dumps(
                {
                    "o0": {
                        "doc_id": "1727493033983591",
                        "query_params": {
                            "data": {
                                "actor_id": OWN,
                                "client_mutation_id": "0",
                                "source": "SETTINGS",
                                "theme_id": ORANGE,
                                "thread_id": GROUP,
                            }
                        },
                    }
                },
                separators=(",", ":"),
            ),
            "dpr": "1",
        },
    ),
    "emoji": (
        lambda api: api.change_thread_emoji("⭐", GROUP),
        [
            (
                "100003",
                "thread_quick_reaction",
                {
                    "thread_key": int(GROUP),
                    "custom_emoji": "⭐",
                    "avatar_sticker_instruction_key_id": None,
                    "sync_group": 1,
                },
            )
        ],
        (
            "/messaging/save_thread_emoji/",
            {"source": "thread_settings", "__pc": "EXP1:messengerdotcom_pkg"},
        ),
        {"emoji_choice": "⭐", "thread_or_other_fbid": GROUP},
    ),
    "nickname": (
        lambda api: api.change_thread_user_nickname("Bee", GROUP, ANN),
        [
            (
                "44",
                "thread_participant_nickname",
                {"thread_key": int(GROUP), "contact_id": int(ANN), "nickname": "Bee", "sync_group": 1},
            )
        ],
        ("/messaging/save_thread_nickname/", {"source": "thread_settings", "dpr": "1"}),
        {"nickname": "Bee", "participant_id": ANN, "thread_or_other_fbid": GROUP},
    ),
    "no nickname": (
        lambda api: api.change_thread_user_nickname("", GROUP, ANN),
        [
            (
                "44",
                "thread_participant_nickname",
                {"thread_key": int(GROUP), "contact_id": int(ANN), "nickname": "", "sync_group": 1},
            )
        ],
        ("/messaging/save_thread_nickname/", {"source": "thread_settings", "dpr": "1"}),
        {"nickname": "", "participant_id": ANN, "thread_or_other_fbid": GROUP},
    ),
    "delete": (
        lambda api: api.delete_thread([GROUP, OTHER_GROUP]),
        [
            ("146", GROUP, {"thread_key": int(GROUP), "remove_type": 0, "sync_group": 1}),
            ("146", OTHER_GROUP, {"thread_key": int(OTHER_GROUP), "remove_type": 0, "sync_group": 1}),
        ],
        ("/ajax/mercury/delete_thread.php", {}),
        {"client": "mercury", "ids[0]": GROUP, "ids[1]": OTHER_GROUP},
    ),
    "admins": (
        lambda api: api.change_admin_status(GROUP, [ANN, BEN], True),
        [
            (
                "25",
                "admin_status",
                {"thread_key": int(GROUP), "contact_id": int(user), "is_admin": 1, "sync_group": 1},
            )
            for user in (ANN, BEN)
        ],
        ("/messaging/save_admins/", {"dpr": "1"}),
        {"thread_fbid": GROUP, "admin_ids[0]": ANN, "admin_ids[1]": BEN, "add": "true"},
    ),
    "no admin": (
        lambda api: api.change_admin_status(GROUP, ANN, False),
        [("25", "admin_status", {"thread_key": int(GROUP), "contact_id": int(ANN), "is_admin": 0, "sync_group": 1})],
        ("/messaging/save_admins/", {"dpr": "1"}),
        {"thread_fbid": GROUP, "admin_ids[0]": ANN, "add": "false"},
    ),
    "poll": (
        lambda api: api.create_poll("Pizza?", GROUP, ["Yes", "No"]),
        [
            (
                "163",
                "poll_creation",
                {"question_text": "Pizza?", "thread_key": int(GROUP), "options": ["Yes", "No"], "sync_group": 1},
            )
        ],
        ("/messaging/group_polling/create_poll/", {"dpr": "1"}),
        {
            "target_id": GROUP,
            "question_text": "Pizza?",
            "option_text_array[0]": "Yes",
            "option_is_selected_array[0]": "0",
            "option_text_array[1]": "No",
            "option_is_selected_array[1]": "0",
        },
    ),
    "mute": (
        lambda api: api.mute_thread(GROUP, 60),
        [
            (
                "144",
                GROUP,
                {
                    "thread_key": int(GROUP),
                    "mailbox_type": 0,
                    "mute_expire_time_ms": NOW_MS + 60_000,
                    "sync_group": 1,
                },
            )
        ],
        ("/ajax/mercury/change_mute_thread.php", {}),
        {"thread_fbid": GROUP, "mute_settings": "60"},
    ),
    "mute for ever": (
        lambda api: api.mute_thread(GROUP),
        [
            (
                "144",
                GROUP,
                {"thread_key": int(GROUP), "mailbox_type": 0, "mute_expire_time_ms": -1, "sync_group": 1},
            )
        ],
        ("/ajax/mercury/change_mute_thread.php", {}),
        {"thread_fbid": GROUP, "mute_settings": "-1"},
    ),
    "unmute": (
        lambda api: api.mute_thread(GROUP, 0),
        [("144", GROUP, {"thread_key": int(GROUP), "mailbox_type": 0, "mute_expire_time_ms": 0, "sync_group": 1})],
        ("/ajax/mercury/change_mute_thread.php", {}),
        {"thread_fbid": GROUP, "mute_settings": "0"},
    ),
    "accept": (
        lambda api: api.handle_message_request([GROUP, ANN], True),
        [
            ("66", "message_request", {"thread_key": int(thread), "sync_group": 95, "ig_folder": None})
            for thread in (GROUP, ANN)
        ],
        ("/ajax/mercury/move_thread.php", {}),
        {"client": "mercury", "inbox[0]": GROUP, "inbox[1]": ANN},
    ),
}
# For these no task is known.
BY_HTTP: dict[str, tuple[Deed, str, dict[str, str]]] = {
    "archive": (
        lambda api: api.change_archived_status([GROUP, OTHER_GROUP], True),
        "/ajax/mercury/change_archived_status.php",
        {f"ids[{GROUP}]": "true", f"ids[{OTHER_GROUP}]": "true"},
    ),
    "take out of the archive": (
        lambda api: api.change_archived_status(GROUP, False),
        "/ajax/mercury/change_archived_status.php",
        {f"ids[{GROUP}]": "false"},
    ),
    "decline": (
        lambda api: api.handle_message_request(GROUP, False),
        "/ajax/mercury/move_thread.php",
        {"client": "mercury", "other[0]": GROUP},
    ),
    "the default emoji": (
        lambda api: api.change_thread_emoji(None, GROUP),
        "/messaging/save_thread_emoji/",
        {"emoji_choice": "", "thread_or_other_fbid": GROUP},
    ),
}
ONCE = {"poll"}


def fine(site: Any, name: str) -> Any:
    """A good answer to a form."""
    if name == "poll":
        return site.envelope({"status": "success"})
    if name == "colour":
        return site.respond('{"o0":{"data":{"messenger_thread_theme_update":{"thread":{"id":"x"}}}}}')
    return site.envelope(None)


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_by_task(api: Api, site: Any, link: Any, name: str) -> None:
    """Where a socket is open: label, queue and payload, and nothing by HTTP."""
    deed, tasks, (path, _), _ = DEEDS[name]
    link.answer_tasks(DONE)
    deed(api)
    assert link.tasks() == tasks and site.to(path) == []


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_by_http(api: Api, site: Any, name: str) -> None:
    """Without a socket: address and form, whose own fields come in this order."""
    deed, _, (path, query), form = DEEDS[name]
    site.on(path, fine(site, name))
    deed(api)
    (asked,) = site.to(path)
    common = site.to(path)[0].form.keys() - form.keys()
    assert asked.query == query and {field: asked.form[field] for field in form} == form
    assert [field for field in asked.form if field not in common] == list(form)
    assert asked.form["__user"] == OWN and asked.form["fb_dtsg"]


@pytest.mark.parametrize("name", BY_HTTP)
def test_what_has_no_task_goes_by_http(api: Api, site: Any, link: Any, name: str) -> None:
    """Also where a socket is open."""
    deed, path, form = BY_HTTP[name]
    site.on(path, site.envelope(None))
    deed(api)
    assert form.items() <= site.to(path)[0].form.items() and link.tasks() == []


@pytest.mark.parametrize("name", DEEDS)
def test_a_task_that_the_server_does_not_know_goes_by_http(api: Api, site: Any, link: Any, name: str) -> None:
    """It is not completed, and nothing says why; so it was not done, and even a poll may be tried the other way."""
    deed, _, (path, _), _ = DEEDS[name]
    link.answer_tasks(NOT_DONE)
    site.on(path, fine(site, name))
    deed(api)
    assert len(site.to(path)) == 1


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1545012, "not-in-thread"),
        (1545014, "invalid-parameters"),
        (1545003, "invalid-parameters"),
        (1357031, "invalid-parameters"),
        (1976004, "not-an-admin"),
    ],
)
def test_a_no_to_a_task_is_no_reason_to_try_http(
    api: Api, site: Any, link: Any, name: str, code: int, reason: str
) -> None:
    """The codes of dossier 3, section 2.9."""
    deed, _, (path, _), _ = DEEDS[name]
    link.answer_tasks(NOT_DONE, [5, "issueNewError", [19, "1"], [19, str(code)], "Title", "Text."])
    with pytest.raises(Refused) as caught:
        deed(api)
    error = caught.value
    assert (error.reason, error.code, error.summary, error.description) == (reason, code, "Title", "Text.")
    assert site.to(path) == [] and len(link.tasks()) == 1


def test_a_failed_task_is_a_no(api: Api, site: Any, link: Any) -> None:
    """As `handleFailedTask` says it."""
    link.answer_tasks([5, "handleFailedTask", [19, "1"], "", "Not today"], NOT_DONE)
    with pytest.raises(Refused, match="Not today"):
        api.set_title("x", GROUP)
    assert site.to("/messaging/set_thread_name/") == []


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize(("code", "error"), [(1976004, Refused), (1545012, Refused), (1357001, NotLoggedIn)])
def test_a_no_by_http(api: Api, site: Any, name: str, code: int, error: type[Exception]) -> None:
    """The code of the envelope."""
    deed, _, (path, _), _ = DEEDS[name]
    site.on(path, site.envelope(None, error=code, errorSummary="Sum"))
    with pytest.raises(error):
        deed(api)
    assert len(site.to(path)) == 1


@pytest.mark.parametrize("name", [name for name in DEEDS if name not in ONCE])
def test_what_may_be_repeated_goes_by_http_when_the_socket_is_silent(
    api: Api, site: Any, link: Any, clock: Any, name: str
) -> None:
    """After 10 s without an answer."""
    deed, _, (path, _), _ = DEEDS[name]
    site.on(path, fine(site, name))
    doing = threading.Thread(target=deed, args=(api,))
    doing.start()
    while doing.is_alive():
        clock.advance(1)
        doing.join(0.002)
    assert len(site.to(path)) == 1 and len(link.tasks()) == 1


@pytest.mark.parametrize("deed", ["poll", "add", "group"])
def test_what_must_not_be_repeated_is_told_when_the_socket_is_silent(
    api: Api, site: Any, link: Any, clock: Any, deed: str
) -> None:
    """It may have been done."""
    deeds: dict[str, Callable[[], object]] = {
        "poll": lambda: api.create_poll("Pizza?", GROUP, ["Yes"]),
        "add": lambda: api.add_user_to_group(ANN, GROUP),
        "group": lambda: api.create_group([ANN, BEN]),
    }
    site.asked.clear()
    caught: list[Exception] = []

    def act() -> None:
        try:
            deeds[deed]()
        except OutcomeUnknown as error:
            caught.append(error)

    doing = threading.Thread(target=act)
    doing.start()
    while doing.is_alive():
        clock.advance(1)
        doing.join(0.002)
    assert len(caught) == 1 and site.asked == []


@pytest.mark.parametrize(
    ("deed", "path"),
    [
        (lambda api: api.create_poll("Pizza?", GROUP, ["Yes"]), "/messaging/group_polling/create_poll/"),
        (lambda api: api.add_user_to_group(ANN, GROUP), "/messaging/send/"),
        (lambda api: api.create_group([ANN, BEN]), "/api/graphql/"),
    ],
)
def test_what_must_not_be_repeated_is_asked_once_by_http(api: Api, site: Any, deed: Deed, path: str) -> None:
    """A broken answer leaves the outcome open; a 429 says that nothing was done."""
    site.on(path, site.respond(status=502))
    with pytest.raises(OutcomeUnknown):
        deed(api)
    assert len(site.to(path)) == 1
    site.on(path, site.respond(status=429))
    with pytest.raises(RateLimited):
        deed(api)


def test_an_empty_answer_is_no_success(api: Api, site: Any) -> None:
    """Here a member may still be there (dossier 3, section 4.2)."""
    site.on("/chat/remove_participants/", site.respond(""))
    with pytest.raises(Exception, match="no JSON object"):
        api.remove_user_from_group(ANN, GROUP)


def test_a_wrong_address_is_not_repeated(api: Api, site: Any) -> None:
    """404."""
    with pytest.raises(ServerError):
        api.set_title("x", GROUP)


def test_adding_by_task(api: Api, link: Any) -> None:
    """Label 23: all in one task."""
    link.answer_tasks(DONE)
    api.add_user_to_group([ANN, BEN], GROUP)
    payload = {"thread_key": int(GROUP), "contact_ids": [int(ANN), int(BEN)], "sync_group": 1}
    assert link.tasks() == [("23", GROUP, payload)]


def test_adding_by_http(api: Api, site: Any) -> None:
    """A log message with an offline threading id of its own."""
    site.on("/messaging/send/", site.envelope({"actions": [{"message_id": "mid.$gA9", "thread_fbid": GROUP}]}))
    api.add_user_to_group([int(ANN), BEN], int(GROUP))
    form = site.to("/messaging/send/")[0].form
    wanted = {
        "client": "mercury",
        "action_type": "ma-type:log-message",
        "log_message_type": "log:subscribe",
        "log_message_data[added_participants][0]": f"fbid:{ANN}",
        "log_message_data[added_participants][1]": f"fbid:{BEN}",
        "thread_fbid": GROUP,
        "author": f"fbid:{OWN}",
        "timestamp": str(NOW_MS),
        "source": "source:chat:web",
        "ephemeral_ttl_mode:": "0",
    }
    assert wanted.items() <= form.items()
    assert form["offline_threading_id"] == form["message_id"] and int(form["message_id"]) >> 22 == NOW_MS
    assert form["threading_id"].startswith(f"<{NOW_MS}:")


def test_leaving_is_removing_oneself(api: Api, link: Any) -> None:
    """With the account's own id."""
    link.answer_tasks(DONE)
    api.remove_user_from_group(OWN, GROUP)
    assert link.tasks()[0][2]["contact_id"] == int(OWN)


@pytest.mark.parametrize("image", [PNG, ("a.png", PNG), io.BytesIO(PNG)], ids=["bytes", "a name and bytes", "a stream"])
def test_a_picture_is_uploaded_and_set_by_task(api: Api, site: Any, link: Any, image: Any) -> None:
    """Label 37 with the id of the upload."""
    site.on(UPLOAD, site.envelope({"metadata": [{"image_id": 300000000000001, "filetype": "image/png"}]}))
    link.answer_tasks(DONE)
    api.change_group_image(image, GROUP)
    (asked,) = site.to(UPLOAD)
    assert asked.part is not None and asked.part[3] == PNG
    payload = {"thread_key": int(GROUP), "image_id": 300000000000001, "sync_group": 1}
    assert link.tasks() == [("37", "thread_image", payload)]


@pytest.mark.parametrize("image", [WEBP, ("a.webp", b"content")], ids=["by its beginning", "by its name"])
def test_a_webp_is_a_picture(api: Api, site: Any, link: Any, image: Any) -> None:
    """On every version of Python."""
    site.on(UPLOAD, site.envelope({"metadata": [{"image_id": 300000000000001, "filetype": "image/webp"}]}))
    link.answer_tasks(DONE)
    api.change_group_image(image, GROUP)
    (asked,) = site.to(UPLOAD)
    assert asked.part is not None and asked.part[2] == "image/webp"


def test_a_picture_from_a_path_by_http(api: Api, site: Any, tmp_path: Any) -> None:
    """The form names the id of the upload."""
    (tmp_path / "a.png").write_bytes(PNG)
    site.on(UPLOAD, site.envelope({"metadata": {"0": {"image_id": "300000000000001"}}}))
    site.on("/messaging/set_thread_image/", site.envelope(None))
    api.change_group_image(tmp_path / "a.png", GROUP)
    form = site.to("/messaging/set_thread_image/")[0].form
    assert (form["thread_image_id"], form["thread_id"]) == ("300000000000001", GROUP)


def test_a_picture_that_the_server_does_not_take(api: Api, site: Any) -> None:
    """1545026, and the group keeps its own."""
    site.on(UPLOAD, site.envelope(None, error=1545026))
    with pytest.raises(Refused) as caught:
        api.change_group_image(PNG, GROUP)
    assert caught.value.reason == "attachment-refused" and site.to("/messaging/set_thread_image/") == []


@pytest.mark.parametrize(
    ("color", "theme"),
    [
        ("", "196241301102133"),
        (None, "196241301102133"),
        ("#FF7E29", ORANGE),
        ("#0000ff", "736591620215564"),
        ("Ocean", "736591620215564"),
        ("741311439775765", "741311439775765"),
    ],
)
def test_a_colour_becomes_a_theme(api: Api, link: Any, color: str | None, theme: str) -> None:
    """Of colours the nearest, names and ids as they are, and the default for nothing."""
    link.answer_tasks(DONE)
    api.change_thread_color(color, GROUP)
    assert link.tasks()[0][2]["theme_fbid"] == int(theme)


def test_a_name_that_is_not_known_here_is_asked_for(api: Api, site: Any, link: Any) -> None:
    """The server's list of today (dossier 3, section 4.5)."""
    themes = {"messenger_thread_themes": [{"id": "55", "accessibility_label": "Brand New"}]}
    site.on("/api/graphql/", site.respond(json.dumps({"data": themes, "extensions": {"is_final": True}})))
    link.answer_tasks(DONE)
    api.change_thread_color("brand new", GROUP)
    (asked,) = site.to("/api/graphql/")
    assert asked.form["doc_id"] == "24474714052117636" and asked.form["variables"] == '{"version":"default"}'
    assert asked.headers["X-FB-Friendly-Name"] == asked.form["fb_api_req_friendly_name"]
    assert asked.form["fb_api_req_friendly_name"] == "MWPThreadThemeQuery_AllThemesQuery"
    assert asked.form["fb_api_caller_class"] == "RelayModern" and asked.form["server_timestamps"] == "true"
    assert link.tasks()[0][2]["theme_fbid"] == 55
    with pytest.raises(BadArgument, match="the nearest is brand new"):
        api.change_thread_color("brand now", GROUP)


def test_a_colour_that_the_batch_refuses(api: Api, site: Any) -> None:
    """The error stands in the result, not in the envelope."""
    site.on("/api/graphqlbatch/", site.respond('{"o0":{"data":null,"errors":[{"code":1675012}]}}'))
    with pytest.raises(Refused) as caught:
        api.change_thread_color("", GROUP)
    assert caught.value.reason == "graphql-error"


def test_a_poll_that_was_not_made(api: Api, site: Any) -> None:
    """The error stands in the payload."""
    path = "/messaging/group_polling/create_poll/"
    site.on(path, site.envelope({"status": "error", "errorTitle": "No", "errorMessage": "Not now."}))
    with pytest.raises(Refused) as caught:
        api.create_poll("Pizza?", GROUP, ["Yes"])
    assert (caught.value.summary, caught.value.description) == ("No", "Not now.")
    site.on(path, site.envelope(None))
    with pytest.raises(OutcomeUnknown):
        api.create_poll("Pizza?", GROUP, ["Yes"])


@pytest.mark.parametrize(
    "deed",
    [
        lambda api: api.set_title("x", ANN),
        lambda api: api.change_group_image(PNG, ANN),
        lambda api: api.add_user_to_group(BEN, ANN),
        lambda api: api.remove_user_from_group(ANN, ANN),
        lambda api: api.change_admin_status(ANN, ANN, True),
    ],
)
def test_a_chat_of_two_is_refused_here_where_it_is_known(api: Api, site: Any, people: None, deed: Deed) -> None:
    """With the server's own code, and without asking it."""
    api.get_user_info(ANN)
    site.asked.clear()
    with pytest.raises(Refused, match="chat of two") as caught:
        deed(api)
    assert caught.value.code == 1545003 and site.asked == []


def test_a_chat_of_two_is_refused_by_the_server_where_it_is_not_known(api: Api, site: Any) -> None:
    """The same class and code."""
    site.on("/messaging/set_thread_name/", site.envelope(None, error=1545003))
    with pytest.raises(Refused) as caught:
        api.set_title("x", ANN)
    assert caught.value.code == 1545003


def test_a_new_group_by_task_gets_its_title(api: Api, link: Any) -> None:
    """Labels 130 and 32; the id is the server's."""
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    assert api.create_group([ANN, BEN], "Night shift") == GROUP
    (made, named) = link.tasks()
    assert made[0] == "130" and made[2]["participants"] == [int(ANN), int(BEN)]
    assert made[2]["send_payload"]["send_type"] == 8 and made[1] == str(made[2]["send_payload"]["thread_id"])
    assert named == ("32", GROUP, {"thread_key": int(GROUP), "thread_name": "Night shift", "sync_group": 1})


def test_a_new_group_without_its_title_is_still_given(api: Api, site: Any, link: Any) -> None:
    """It is there, so the caller must learn its id."""
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    publish = link.publish

    def refuse_title(topic: str, payload: str, *, qos: int) -> None:
        if '\\"32\\"' in payload:
            link.answer_tasks([5, "issueNewError", [19, "1"], [19, "1545012"], "No", ""])
            link.publish(topic, payload, qos=qos)
        else:
            publish(topic, payload, qos=qos)

    link.publish = refuse_title
    assert api.create_group([ANN, BEN], "Night shift") == GROUP


def test_a_new_group_by_http(api: Api, site: Any) -> None:
    """The mutation of dossier 3, section 4.10: the account itself comes last."""
    made = {"messenger_group_thread_create": {"thread": {"thread_key": {"thread_fbid": GROUP}}}}
    site.on("/api/graphql/", site.respond(json.dumps({"data": made})))
    assert api.create_group([ANN, BEN], "Night shift") == GROUP
    form = site.to("/api/graphql/")[0].form
    given = json.loads(form["variables"])["input"]
    assert form["doc_id"] == "577041672419534"
    assert given["participants"] == [{"fbid": ANN}, {"fbid": BEN}, {"fbid": OWN}] and given["actor_id"] == OWN
    assert given["thread_settings"] == {"name": "Night shift", "joinable_mode": "PRIVATE", "thread_image_fbid": None}
    assert given["entry_point"] == "jewel_new_group"


def test_a_new_group_that_http_refuses(api: Api, site: Any) -> None:
    """Errors at the top of the answer; an answer without a group leaves the outcome open."""
    site.on("/api/graphql/", site.respond('{"data":null,"errors":[{"code":1675030,"summary":"Query error"}]}'))
    with pytest.raises(Refused, match="Query error"):
        api.create_group([ANN, BEN])
    site.on("/api/graphql/", site.respond('{"data":{}}'))
    with pytest.raises(OutcomeUnknown):
        api.create_group([ANN, BEN])


def test_a_group_just_made_is_known_to_be_one(api: Api, site: Any, link: Any) -> None:
    """Nobody is asked about its kind."""
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, "42"]])
    api.create_group([ANN, BEN])
    site.on("/ajax/messaging/typ.php", site.envelope([]))
    api.send_typing_indicator("42")()
    assert site.to("/chat/user_info/") == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda api: api.set_title(None, GROUP), "new_title must be a str"),
        (lambda api: api.set_title("x", 7e15), "thread_id must be a str or an int"),
        (lambda api: api.set_title("x", "Friends"), "digits"),
        (lambda api: api.add_user_to_group([], GROUP), "at least one id"),
        (lambda api: api.add_user_to_group(OWN, GROUP), "the account itself"),
        (lambda api: api.remove_user_from_group([ANN], GROUP), "user_id must be a str or an int"),
        (lambda api: api.change_group_image("/no/such/file.png", GROUP), "cannot be read"),
        (lambda api: api.change_group_image(b"", GROUP), "must not be empty"),
        (lambda api: api.change_group_image(b"RIFF\0\0\0\0WAVEfmt ", GROUP), "must be a picture, not application/oct"),
        (lambda api: api.change_group_image(("a.pdf", b"%PDF"), GROUP), "must be a picture, not application/pdf"),
        (lambda api: api.change_thread_color("#12", GROUP), "six hexadecimal digits"),
        (lambda api: api.change_thread_color(0, GROUP), "color must be a str"),
        (lambda api: api.change_thread_emoji(5, GROUP), "emoji must be a str"),
        (lambda api: api.change_thread_user_nickname(5, GROUP, ANN), "nickname must be a str"),
        (lambda api: api.change_thread_user_nickname("x", GROUP, "me"), "participant_id must be made of digits"),
        (lambda api: api.change_archived_status(GROUP, "yes"), "archive must be True or False"),
        (lambda api: api.delete_thread([]), "at least one id"),
        (lambda api: api.create_group([ANN]), "at least two other people"),
        (lambda api: api.create_group([ANN, OWN]), "not the account itself"),
        (lambda api: api.create_group([ANN, BEN], 5), "title must be a str"),
        (lambda api: api.change_admin_status(GROUP, ANN, 1), "admin must be True or False"),
        (lambda api: api.create_poll("", GROUP, ["a"]), "title must not be empty"),
        (lambda api: api.create_poll("Q", GROUP, []), "at least one text"),
        (lambda api: api.create_poll("Q", GROUP, "ab"), "options must be a list"),
        (lambda api: api.create_poll("Q", GROUP, {"a": True}), "options must be a list"),
        (lambda api: api.create_poll("Q", GROUP, ["a", "a"]), "differ"),
        (lambda api: api.create_poll("Q", GROUP, ["a", ""]), "none of them empty"),
        (lambda api: api.mute_thread(GROUP, -2), "-1 for ever"),
        (lambda api: api.mute_thread(GROUP, 1.5), "seconds must be an int"),
        (lambda api: api.handle_message_request(GROUP, None), "accept must be True or False"),
        (lambda api: api.get_thread_list(folder="spam"), "folder must be one of inbox"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, call: Deed, said: str) -> None:
    """BadArgument, in one line that says what would be right."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said) as caught:
        call(api)
    assert site.asked == [] and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("folder", "tag"), [("inbox", "INBOX"), ("archived", "ARCHIVED"), ("pending", "PENDING"), ("other", "OTHER")]
)
def test_the_chats_of_a_folder(api: Api, site: Any, folder: str, tag: str) -> None:
    """Message requests are those of `pending`."""
    nodes = [{"thread_key": {"other_user_id": ANN}, "folder": tag, "updated_time_precise": "5"}]
    data = {"viewer": {"message_threads": {"nodes": nodes}}}
    site.on("/api/graphqlbatch/", site.respond(json.dumps({"o0": {"data": data}})))
    assert [thread.thread_id for thread in api.get_thread_list(0, 5, folder=folder)] == [ANN]
    params = json.loads(site.to("/api/graphqlbatch/")[0].form["queries"])["o0"]["query_params"]
    assert params["tags"] == [tag]
