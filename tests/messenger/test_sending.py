"""Sending on the imaginary Messenger: addresses, carriers and new groups, against dossier 1, sections 10 to 13."""

from typing import Any

import pytest

from botkit.messenger import (
    Api,
    BadAnswer,
    BadArgument,
    NetworkError,
    NotLoggedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SentMessage,
    ServerError,
)

pytestmark = pytest.mark.usefixtures("people")
OWN = "100000000000001"
ANN = "100000000000002"
BO = "100000000000003"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
OTID = 7412281402983798101
SEND = "/messaging/send/"
USERS = "/chat/user_info/"
UPLOAD = "/ajax/mercury/upload.php"


def sent(site: Any, thread: str) -> Any:
    actions = [{"thread_fbid": thread, "message_id": MID, "timestamp": 1767225600000}]
    return site.envelope({"actions": actions})


def test_a_text_to_a_group(api: Api, site: Any) -> None:
    """The form of dossier 1, section 10, with the common fields and headers; the answer's ids."""
    site.on(SEND, sent(site, GROUP))
    found = api.send_message("Hello Bo", GROUP, offline_threading_id=OTID)
    assert found == SentMessage(GROUP, MID, 1767225600000)
    assert found.to_dict() == {"threadID": GROUP, "messageID": MID, "timestamp": 1767225600000}
    (asked,) = site.to(SEND)
    assert asked.form["thread_fbid"] == GROUP and "other_user_fbid" not in asked.form
    assert asked.form["body"] == "Hello Bo" and asked.form["offline_threading_id"] == str(OTID)
    common = {
        "__user": OWN,
        "__a": "1",
        "__req": "2",
        "__rev": "1030000001",
        "fb_dtsg": "NAcAbCdEf:1:2",
        "jazoest": "2958",
    }
    assert (common | {"lsd": "AVqSynthLsd", "av": OWN}).items() <= asked.form.items()
    assert b"body=Hello%20Bo" in asked.body and b"source_tags%5B0%5D=source%3Achat" in asked.body
    headers = {"X-FB-LSD": "AVqSynthLsd", "X-ASBD-ID": "359341", "Origin": "https://www.facebook.com", "Accept": "*/*"}
    assert headers.items() <= asked.headers.items()


def test_a_text_to_a_person(api: Api, site: Any) -> None:
    """A profile makes the id a person's; that is asked once."""
    site.on(SEND, sent(site, ANN))
    api.send_message({"body": "a"}, int(ANN))
    api.send_message("b", ANN)
    first, second = site.to(SEND)
    assert first.form["other_user_fbid"] == ANN and first.form["specific_to_list[1]"] == f"fbid:{OWN}"
    assert first.form["offline_threading_id"] != second.form["offline_threading_id"]
    assert len(site.to(USERS)) == 1


@pytest.mark.parametrize(("thread", "field"), [("100000000000009", "other_user_fbid"), (GROUP, "thread_fbid")])
def test_the_length_decides_when_the_look_up_fails(api: Api, site: Any, thread: str, field: str) -> None:
    """Up to 15 digits is a person."""
    site.on(USERS, site.envelope(None, error=3252001, errorSummary="no data"))
    site.on(SEND, sent(site, thread))
    api.send_message("x", thread)
    assert site.to(SEND)[0].form[field] == thread


def test_a_new_group_by_one_request(api: Api, site: Any) -> None:
    """Without a socket the list form makes the group and sends."""
    site.on(SEND, sent(site, GROUP))
    assert api.send_message("hi", [ANN, "100000000000003"], offline_threading_id=OTID).thread_id == GROUP
    form = site.to(SEND)[0].form
    assert [form[f"specific_to_list[{i}]"] for i in range(3)] == [f"fbid:{ANN}", "fbid:100000000000003", f"fbid:{OWN}"]
    assert form["client_thread_id"] == f"root:{OTID}"


def test_a_new_group_without_an_answer_is_not_tried_again(api: Api, site: Any) -> None:
    """It might make a second one."""
    site.on(SEND, site.respond(status=503))
    with pytest.raises(OutcomeUnknown):
        api.send_message("hi", [ANN, "100000000000003"])
    assert len(site.to(SEND)) == 1


def test_a_new_group_by_task(api: Api, site: Any, link: Any) -> None:
    """With a socket: label 130, then a normal send to the real id."""
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    site.on(SEND, sent(site, GROUP))
    assert api.send_message("hi", [ANN, "100000000000003"]).thread_id == GROUP
    ((label, _, payload),) = link.tasks()
    assert label == "130" and payload["participants"] == [int(ANN), 100000000000003]
    assert site.to(SEND)[0].form["thread_fbid"] == GROUP and site.to(USERS) == []


def test_a_refused_group_is_an_error_of_the_server(api: Api, site: Any, link: Any) -> None:
    """And not a reason to try the other way."""
    link.answer_tasks([5, "issueNewError", [19, "5"], [19, "1545012"], "Not allowed", "No."])
    with pytest.raises(Refused) as caught:
        api.send_message("hi", [ANN, "100000000000003"])
    assert caught.value.reason == "not-in-thread" and site.to(SEND) == []


def test_the_socket_stands_in_when_http_fails(api: Api, site: Any, link: Any, in_time: Any) -> None:
    """Task 46 with the same id, after the repeats; id and time from the answer."""
    link.answer_tasks([5, "replaceOptimsiticMessage", "$O", MID])
    site.on(SEND, site.respond(status=500))
    done = in_time(lambda: api.send_message("x", GROUP))
    assert done == SentMessage(GROUP, MID, 1767225600000)
    ((label, _, payload),) = link.tasks()
    assert (label, payload["thread_id"], payload["text"]) == ("46", int(GROUP), "x")
    forms = site.to(SEND)
    assert len(forms) == 4 and {asked.form["offline_threading_id"] for asked in forms} == {payload["otid"]}


def test_a_message_with_an_id_of_the_callers_is_tried_once(api: Api, site: Any, link: Any) -> None:
    """By the one carrier that was asked for: whoever gave the id repeats it."""
    link.answer_tasks([5, "replaceOptimsiticMessage", str(OTID), MID])
    site.on(SEND, site.respond(status=500))
    with pytest.raises(ServerError):
        api.send_message("x", GROUP, offline_threading_id=OTID)
    assert len(site.to(SEND)) == 1 and link.tasks() == []
    assert api.send_message("x", GROUP, offline_threading_id=OTID, send_via="socket").message_id == MID


@pytest.mark.parametrize(
    ("message", "thread", "said"),
    [
        ("", GROUP, "empty"),
        ({"body": ""}, GROUP, "empty"),
        ({}, GROUP, "empty"),
        (5, GROUP, "message must be"),
        (None, GROUP, "message must be"),
        ({"body": "a", "stiker": "1"}, GROUP, "key stiker is unknown; known are body"),
        ("a", 7e15, "float"),
        ("a", [], "at least one"),
        ("a", [ANN], "at least two"),
        ("a", None, "thread_id"),
        ("a", "Friends", "digits"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, message: Any, thread: Any, said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        api.send_message(message, thread)
    assert site.asked == []


@pytest.mark.parametrize("otid", [0, -1, 2**63, True, "5"])
def test_wrong_offline_ids_are_refused(api: Api, otid: Any) -> None:
    """A positive int of at most 63 bits."""
    with pytest.raises(BadArgument, match="offline_threading_id"):
        api.send_message("a", GROUP, offline_threading_id=otid)


@pytest.mark.parametrize("payload", [None, {}, {"actions": []}, {"actions": [{"thread_fbid": GROUP}]}])
def test_an_answer_without_a_message_is_bad(api: Api, site: Any, payload: Any) -> None:
    """It may not have been sent, so it does not look like success."""
    site.on(SEND, site.envelope(payload))
    with pytest.raises(BadAnswer):
        api.send_message("a", GROUP)


@pytest.mark.parametrize(("code", "error"), [(1545012, Refused), (1545116, Refused), (1357001, NotLoggedIn)])
def test_a_no_is_never_repeated(api: Api, site: Any, code: int, error: type[Exception]) -> None:
    """Nor sent by the socket."""
    site.on(SEND, site.envelope(None, error=code))
    with pytest.raises(error):
        api.send_message("a", GROUP)
    assert len(site.to(SEND)) == 1


def test_a_stale_token_is_renewed_once(api: Api, site: Any, page: str) -> None:
    """1357004: the page is loaded again, and the same send repeated with the new token."""
    site.on("/", site.respond(page.replace("NAcAbCdEf:1:2", "NEWTOKEN:1:2")))
    site.on(SEND, site.envelope(None, error=1357004), sent(site, GROUP))
    api.send_message("a", GROUP, offline_threading_id=OTID)
    first, second = site.to(SEND)
    assert (first.form["fb_dtsg"], second.form["fb_dtsg"]) == ("NAcAbCdEf:1:2", "NEWTOKEN:1:2")
    assert first.form["offline_threading_id"] == second.form["offline_threading_id"]


def test_a_token_that_stays_stale_is_refused(api: Api, site: Any) -> None:
    """One renewal, not more."""
    site.on(SEND, site.envelope(None, error=1357004))
    with pytest.raises(Refused, match="please-refresh"):
        api.send_message("a", GROUP)
    assert len(site.to(SEND)) == 2 and len(site.to("/")) == 2


def test_a_token_that_comes_along_is_used_at_once(api: Api, site: Any) -> None:
    """And its jazoest with it; cookies, too."""
    modules = {
        "require": [["DTSG", "setToken", [], ["NAcAbCdEf:1:3"]], ["Cookie", "set", [], ["_js_datr", "dv", 5, "/"]]]
    }
    actions = [{"thread_fbid": GROUP, "message_id": MID, "timestamp": 5}]
    site.on(SEND, site.envelope({"actions": actions}, jsmods=modules))
    api.send_message("a", GROUP)
    api.send_message("b", GROUP)
    second = site.to(SEND)[1]
    assert (second.form["fb_dtsg"], second.form["jazoest"]) == ("NAcAbCdEf:1:3", "2959")
    assert "datr=dv" in second.headers["Cookie"]


def test_an_encrypted_chat_says_why(api: Api, site: Any, link: Any) -> None:
    """1545116 is final: neither repeated nor sent by the socket."""
    site.on(SEND, site.envelope(None, error=1545116, errorSummary="Thread disabled"))
    with pytest.raises(Refused, match="end-to-end encrypted and closed to this client") as caught:
        api.send_message("a", ANN)
    assert caught.value.reason == "thread-disabled"
    assert len(site.to(SEND)) == 1 and link.tasks() == []


def test_the_socket_alone_needs_a_socket(api: Api, site: Any) -> None:
    """The other carrier is not taken against the option."""
    api.set_options(send_via="socket")
    for target in (GROUP, [ANN, BO]):
        with pytest.raises(NetworkError, match="no socket is open"):
            api.send_message("a", target)
    assert site.to(SEND) == []


def test_http_alone_never_takes_the_socket(api: Api, site: Any, link: Any, in_time: Any) -> None:
    """The error of the last try is told."""
    api.set_options(send_via="http")
    site.on(SEND, site.respond(status=500))
    assert type(in_time(lambda: api.send_message("a", GROUP))).__name__ == "ServerError"
    assert link.tasks() == []


def test_a_task_without_its_message_is_a_bad_answer(api: Api, link: Any) -> None:
    """It may not have been sent, so it does not look like success."""
    api.set_options(send_via="socket")
    link.answer_tasks([5, "removeTask", [19, "0"]])
    with pytest.raises(BadAnswer, match="names no message"):
        api.send_message("a", GROUP)


def test_a_failed_task_is_a_refusal(api: Api, link: Any) -> None:
    """The words of the server are told."""
    api.set_options(send_via="socket")
    link.answer_tasks([5, "markOptimisticMessageFailed", "$O", "Couldn't send"])
    with pytest.raises(Refused, match="Couldn't send"):
        api.send_message("a", ANN)


def test_a_new_group_with_a_file(api: Api, site: Any, link: Any) -> None:
    """The file is uploaded first, so that a refused one makes no group."""
    site.on(UPLOAD, site.envelope(None, error=1545026))
    with pytest.raises(Refused):
        api.send_message({"attachment": ("a.exe", b"x")}, [ANN, BO])
    assert link.tasks() == []
    site.on(UPLOAD, site.envelope({"metadata": [{"image_id": 11}]}))
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    site.on(SEND, sent(site, GROUP))
    api.send_message({"attachment": ("a.png", b"x")}, [ANN, BO])
    assert site.to(SEND)[0].form["image_ids[0]"] == "11"


def test_a_new_group_by_http_alone(api: Api, site: Any, link: Any) -> None:
    """One request, although a socket is open."""
    api.set_options(send_via="http")
    site.on(SEND, sent(site, GROUP))
    api.send_message("hi", [ANN, BO])
    assert site.to(SEND)[0].form["client_thread_id"].startswith("root:") and link.tasks() == []


def test_a_group_without_its_message_is_told(api: Api, site: Any, link: Any) -> None:
    """A repeat would make a second group, so the error says that there is one."""
    link.answer_tasks([5, "replaceOptimisticThread", [19, "$T"], [19, GROUP]])
    site.on(SEND, site.envelope(None))
    with pytest.raises(OutcomeUnknown, match=f"group {GROUP} was made"):
        api.send_message("hi", [ANN, BO])


def test_a_hurried_new_group_is_not_made(api: Api, site: Any) -> None:
    """429 is a no, and may be tried later."""
    site.on(SEND, site.respond(status=429))
    with pytest.raises(RateLimited):
        api.send_message("hi", [ANN, BO])


PAGE = "100000000000500"


@pytest.fixture
def as_page(enter_as: Any, site: Any) -> Api:
    """An api that acts as a page."""
    site.on(f"/{PAGE}/messages/", site.respond(r'window.location.replace("https:\/\/www.facebook.com\/inbox\/")'))
    site.on("/inbox/", site.respond("inbox"))
    api: Api = enter_as(page_id=PAGE)
    return api


def test_a_page_sends(as_page: Api, site: Any) -> None:
    """As the author, with the fields of dossier 1, section 10.4."""
    site.on(SEND, sent(site, ANN))
    as_page.send_message("hi", ANN)
    fields = {
        "author": f"fbid:{PAGE}",
        "specific_to_list[0]": f"fbid:{ANN}",
        "specific_to_list[1]": f"fbid:{PAGE}",
        "creator_info[creatorID]": OWN,
        "creator_info[creatorType]": "direct_admin",
        "creator_info[labelType]": "sent_message",
        "creator_info[pageID]": PAGE,
        "creator_info[profileURI]": f"https://www.facebook.com/profile.php?id={OWN}",
        "request_user_id": PAGE,
    }
    assert fields.items() <= site.to(SEND)[0].form.items()


def test_a_page_reads_by_http(as_page: Api, site: Any) -> None:
    """With the two fields of dossier 1, section 15."""
    site.on("/ajax/mercury/change_read_status.php", site.envelope(None))
    as_page.mark_as_read(ANN)
    form = site.to("/ajax/mercury/change_read_status.php")[0].form
    assert {"source": "PagesManagerMessagesInterface", "request_user_id": PAGE}.items() <= form.items()


def test_a_page_never_sends_by_the_socket(as_page: Api) -> None:
    """Its fields are known for the form alone."""
    with pytest.raises(BadArgument, match="pages send by HTTP"):
        as_page.set_options(send_via="socket")
