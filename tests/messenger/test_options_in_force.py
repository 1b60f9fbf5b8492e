"""What the options change about a session and its listening."""

import json
import logging
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from botkit.messenger import Api, LoginError, NetworkError, NotLoggedIn, Position, login

OWN = "100000000000001"
ANN = "100000000000002"
PAGE_ID = "500000000000005"
WAIT_S = 5.0
JUMP = r"""<script>window.location.replace("https:\/\/www.facebook.com\/500000000000005\/inbox\/?x=1");</script>"""
INBOX = f"/{PAGE_ID}/messages/"


@pytest.fixture
def enter(site: Any, sockets: Any, clock: Any) -> Iterator[Any]:
    """Logs in with options."""
    apis: list[Api] = []

    def log_in(**options: Any) -> Api:
        cookies = {"c_user": OWN, "xs": "synthetic-secret"}
        doors = {"http_door": site, "socket_door": sockets}
        apis.append(login(cookies, options, clock=clock, random=random.Random(1), **doors))
        return apis[-1]

    yield log_in
    for api in apis:
        api.close()


@pytest.fixture
def as_page(enter: Any, site: Any) -> Api:
    """An account that acts as a page of its own."""
    site.on(INBOX, site.respond(JUMP))
    site.on(f"/{PAGE_ID}/inbox/", site.respond("<html>"))
    answer = {"o0": {"data": {"viewer": {"message_threads": {"sync_sequence_id": "800", "nodes": []}}}}}
    site.on("/api/graphqlbatch/", site.respond(json.dumps(answer) + '\r\n{"successful_results":1}'))
    site.on("/chat/user_info/", site.envelope({"profiles": {}}))
    api: Api = enter(page_id=PAGE_ID, self_listen=False)
    return api


def message(number: int, sender: str) -> dict[str, Any]:
    thread = {"otherUserFbId": ANN}
    metadata = {"actorFbId": sender, "messageId": f"mid.{number}", "timestamp": "5", "threadKey": thread}
    return {"class": "NewMessage", "body": str(number), "messageMetadata": metadata}


def test_a_page_is_entered_at_login(as_page: Api, site: Any) -> None:
    """Its inbox, and where that goes on to (dossier 1, section 4.1)."""
    inbox, target = site.to(INBOX), site.to(f"/{PAGE_ID}/inbox/")
    assert [one.query for one in inbox] == [{"section": "messages", "subsection": "inbox"}]
    assert [one.query for one in target] == [{"x": "1"}]


@pytest.mark.parametrize("text", ["", 'window.location.replace("https:\\/\\/evil.test\\/");'])
def test_a_page_of_somebody_else_is_refused(enter: Any, site: Any, text: str) -> None:
    """Its inbox goes nowhere, or away from the site."""
    site.on(INBOX, site.respond(text))
    with pytest.raises(LoginError, match=PAGE_ID):
        enter(page_id=PAGE_ID)
    assert all(asked.url.startswith("https://www.facebook.com/") for asked in site.asked)


def test_the_queue_of_a_page_is_asked_for(as_page: Api, sockets: Any, site: Any) -> None:
    """From the page's own number, for the page, by the account (dossier 2, sections 2.2 and 3.1)."""
    as_page.listen()
    wire = sockets.next()
    wire.accept()
    (created,) = wire.spoken("/messenger_sync_create_queue")
    assert (created["entity_fbid"], created["initial_titan_sequence_id"]) == (PAGE_ID, "800")
    assert json.loads(wire.connect.username)["u"] == OWN
    (asked,) = site.to("/api/graphqlbatch/")
    assert (asked.form["av"], asked.form["__user"]) == (PAGE_ID, OWN)


def test_a_page_hears_only_its_own_queue(as_page: Api, sockets: Any) -> None:
    """Batches of the account's are passed over, and what the page itself writes is its own."""
    listening = as_page.listen()
    wire = sockets.next()
    wire.accept()
    wire.push("/t_ms", {"firstDeltaSeqId": 800, "queueEntityId": int(PAGE_ID), "syncToken": "1"})
    for entity, delta in [(OWN, message(1, ANN)), (PAGE_ID, message(2, PAGE_ID)), (PAGE_ID, message(3, OWN))]:
        number = 801 if entity == OWN else 799 + int(delta["body"])
        wire.push("/t_ms", {"deltas": [delta], "firstDeltaSeqId": number, "queueEntityId": int(entity)})
    assert next(iter(listening)).body == "3"  # type: ignore[union-attr]


def test_a_position_of_the_account_is_none_of_the_page(as_page: Api, ear: Any) -> None:
    """Their numbers have nothing to do with each other."""
    with pytest.raises(ValueError, match=f"not to {PAGE_ID}"):
        as_page.listener(ear, Position(OWN, None, 5))


def test_without_auto_reconnect_listening_ends(enter: Any, sockets: Any) -> None:
    """With an error that says why, after the first connection."""
    errors: list[Any] = []
    listening = enter(auto_reconnect=False).listen(on_error=errors.append)
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.cut()
    with pytest.raises(NetworkError, match="auto_reconnect is off: cut"):
        next(iter(listening))
    assert errors == [listening.error] and sockets.is_idle()


def test_without_auto_reconnect_a_refused_session_is_still_told_as_such(enter: Any, sockets: Any) -> None:
    """The narrower error wins."""
    listening = enter(auto_reconnect=False).listen()
    sockets.next().accept(5)
    with pytest.raises(NotLoggedIn):
        next(iter(listening))


def test_auto_reconnect_may_be_switched_off_while_listening(enter: Any, sockets: Any, clock: Any, ear: Any) -> None:
    """The next loss is the last; the state says why."""
    api, errors = enter(), []

    def run() -> None:
        try:
            listener.run()
        except NetworkError as error:
            errors.append(str(error))

    listener = api.listener(ear)
    thread = threading.Thread(target=run)
    thread.start()
    sockets.next().cut()
    ear.wait_for("backing_off")
    clock.advance(2)
    wire = sockets.next()
    api.set_options(auto_reconnect=False)
    wire.cut()
    thread.join(WAIT_S)
    assert [ear.wait_for("stopped").reason] == errors


@pytest.mark.parametrize("online", [True, False])
def test_being_online_is_said_on_the_socket(enter: Any, sockets: Any, online: bool) -> None:
    """In the user name and after the queue request (dossier 2, sections 2.6 and 2.9)."""
    enter(online=online).listen()
    wire = sockets.next()
    wire.accept()
    assert json.loads(wire.connect.username)["chat_on"] is online
    assert wire.spoken("/foreground_state") == [{"foreground": online}]
    assert wire.spoken("/set_client_settings") == [{"make_user_available_when_in_foreground": online}]


@pytest.fixture
def level() -> Iterator[logging.Logger]:
    """The client's logger, put back afterwards."""
    logger = logging.getLogger("botkit.messenger")
    yield logger
    logger.setLevel(logging.NOTSET)


def test_the_log_level_is_that_of_the_clients_logger(enter: Any, level: logging.Logger) -> None:
    """At login and later; None leaves it alone."""
    api = enter(log_level="silent")
    assert not level.isEnabledFor(logging.CRITICAL)
    api.set_options(log_level="warn")
    assert level.level == logging.WARNING
    api.set_options(log_level=None)
    assert level.level == logging.WARNING


def test_options_change_what_a_running_listening_delivers(enter: Any, sockets: Any, site: Any) -> None:
    """From the next event on."""
    site.on("/chat/user_info/", site.envelope({"profiles": {}}))
    api, heard, done = enter(), [], threading.Event()

    def callback(event: Any) -> None:
        heard.append(event.body)
        api.set_options(self_listen=True)
        if len(heard) == 2:
            done.set()

    api.listen(callback)
    wire = sockets.next()
    wire.accept()
    wire.create()
    wire.batch(4322, message(1, OWN), message(2, ANN), message(3, OWN))
    assert done.wait(WAIT_S) and heard == ["2", "3"]
