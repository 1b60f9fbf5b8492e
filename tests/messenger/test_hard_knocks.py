"""Anything at all from the server: an event, an `Unparsed`, or an error of our tree; and never a lost neighbour.

The examples are drawn without luck, so that every run tries the same ones.
"""

import contextlib
import json
import queue
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botkit.messenger import Api, BotkitError, Event, NetworkError, login, parse, parse_transient, raw_events
from botkit.messenger._nodes import events_from_node
from botkit.testing import ManualClock

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "200000000000009"
WAIT_S = 5.0
PAYLOADS = Path(__file__).parent.parent / "payloads"


def fixed(examples: int) -> settings:
    """The same examples in every run, for as long as they take; fixtures may be shared by them."""
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )


def shown(file: str) -> list[Any]:
    """What the documents show of a kind."""
    entries = json.loads((PAYLOADS / f"{file}.json").read_text(encoding="utf-8")).values()
    return [entry["wire"] if "wire" in entry else entry["text"] for entry in entries]


HALF = "\ud83d"
TEXTS = st.text(max_size=8) | st.sampled_from([HALF, "", "0", "-1", "9" * 30, "mid.$x", GROUP, '{"a":', "[]"])
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.sampled_from([2**63, -1, 1e999])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mangled(draw: Callable[[Any], Any], values: list[Any]) -> Any:
    """Something that the documents show, with one or two of its parts, however deep, replaced or taken away."""
    value = draw(st.sampled_from(values))
    for _ in range(draw(st.integers(1, 2))):
        value = _struck(draw, value, draw(st.sampled_from(list(_paths(value)))))
    return value


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    yield ()
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from ((key, *path) for path in _paths(inner))


def _struck(draw: Callable[[Any], Any], value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return draw(JSON)
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and draw(st.booleans()):
        del copy[path[0]]
    else:
        copy[path[0]] = _struck(draw, copy[path[0]], path[1:])
    return copy


def wrapped(inner: Any) -> dict[str, Any]:
    text = json.dumps({"deltas": [inner, {"deltaRecallMessageData": RECALL}]})
    return {"class": "ClientPayload", "payload": list(text.encode())}


RECALL = {"threadKey": {"threadFbId": 9}, "messageID": "good", "senderID": 2, "deletionTimestamp": 8, "timestamp": 5}
DELTAS = mangled(shown("deltas")) | mangled(shown("inner_deltas")).map(wrapped) | JSON
NODES = mangled(shown("message_nodes"))
ATTACHED = mangled(shown("attachments"))
EVENTS = Event.__args__  # type: ignore[attr-defined]


class ImpatientClock(ManualClock):
    """Waits that have an end are over at once."""

    def wait(self, event: threading.Event, timeout_s: float | None = None) -> bool:
        return super().wait(event) if timeout_s is None else event.wait(0.001)


@pytest.fixture
def clock() -> ManualClock:
    return ImpatientClock()


@fixed(300)
@given(DELTAS)
def test_any_json_is_a_delta(delta: Any) -> None:
    """Rows that can be kept, and from each an event that can be shown."""
    for raw in raw_events(delta):
        json.dumps(raw.payload)
        for event in (parse(raw.payload, OWN), parse(delta, OWN)):
            assert isinstance(event, EVENTS)
            json.dumps(event.to_dict())


@fixed(200)
@given(mangled(shown("inner_deltas")) | JSON)
def test_an_inner_delta_does_not_lose_its_neighbour(inner: Any) -> None:
    """What follows it in the same ClientPayload comes."""
    assert [raw.key for raw in raw_events(wrapped(inner))][-1] == "unsend:good"


@fixed(200)
@given(ATTACHED | JSON)
def test_an_attachment_does_not_lose_its_message(attachment: Any) -> None:
    """It is `unknown` at worst."""
    metadata = {"actorFbId": ANN, "messageId": "m", "timestamp": "5", "threadKey": {"threadFbId": "9"}}
    delta = {"class": "NewMessage", "body": "b", "attachments": [attachment], "messageMetadata": metadata}
    event = parse(delta, OWN)
    assert event.to_dict()["body"] == "b" and len(event.to_dict()["attachments"]) == 1


@fixed(200)
@given(NODES | JSON)
def test_any_json_is_a_node(node: Any) -> None:
    """Messages of a history are as safe as deltas."""
    for event in events_from_node(node, GROUP, is_group=True):
        json.dumps(event.to_dict())


@fixed(200)
@given(st.sampled_from(["/thread_typing", "/orca_presence", "/inbox"]), mangled(shown("transients")) | JSON)
def test_any_json_is_typing_or_presence(topic: str, payload: Any) -> None:
    """Also what is no object."""
    for event in parse_transient(topic, payload, 5, OWN):
        assert isinstance(event, EVENTS)


def good(number: int) -> dict[str, Any]:
    metadata = {"actorFbId": ANN, "messageId": f"good.{number}", "timestamp": "5", "threadKey": {"threadFbId": "9"}}
    return {"class": "NewMessage", "body": f"good {number}", "messageMetadata": metadata}


def test_no_delta_takes_its_neighbours_along(api: Api, sockets: Any) -> None:
    """Through a whole `listen`, as bytes: the messages before and after each come, in order, and nothing is raised."""
    heard: queue.Queue[str] = queue.Queue()
    errors: list[Any] = []
    api.set_options(listen_events=True, self_listen=True, update_presence=True)
    listening = api.listen(lambda event: heard.put(getattr(event, "body", "")), on_error=errors.append)
    wire = sockets.next()
    wire.accept()
    wire.create()
    numbers = iter(range(4322, 10**9, 3))

    @fixed(150)
    @given(DELTAS)
    def knock(delta: Any) -> None:
        number = next(numbers)
        wire.batch(number, good(number), delta, good(number + 1))
        texts: list[str] = []
        while f"good {number + 1}" not in texts:
            texts.append(heard.get(timeout=WAIT_S))
        assert [text for text in texts if text.startswith("good")] == [f"good {number}", f"good {number + 1}"]

    knock()
    assert listening.error is None and all(isinstance(error, BotkitError) for error in errors)


BATCH = {"deltas": [good(1)], "firstDeltaSeqId": 4322, "lastIssuedSeqId": 4322, "queueEntityId": int(OWN)}
FRAMES = [BATCH, {"firstDeltaSeqId": 5, "queueEntityId": 1, "syncToken": "1"}, {"errorCode": "ERROR_QUEUE_LOST"}]
TOPICS = ["/t_ms", "/t_ms", "/t_ms", "/ls_resp", "/orca_presence", "/thread_typing", "/inbox", "/new"]
AS_BYTES = (mangled([*FRAMES, *shown("ls_answers"), *shown("transients")]) | JSON).map(lambda v: json.dumps(v).encode())


SEQUENCE = {"o0": {"data": {"viewer": {"message_threads": {"sync_sequence_id": "4321", "nodes": []}}}}}


@fixed(120)
@given(st.lists(st.tuples(st.sampled_from(TOPICS), AS_BYTES | st.binary(max_size=20)), min_size=1, max_size=4))
def test_any_bytes_are_a_frame(api: Api, site: Any, sockets: Any, frames: list[tuple[str, bytes]]) -> None:
    """The socket's thread sees no exception but that of a connection which has ended; listening goes on or says why."""
    site.on("/api/graphqlbatch/", site.respond(json.dumps(SEQUENCE)))
    listening = api.listen(lambda event: None)
    wire = sockets.next()
    wire.accept()
    wire.create()
    for topic, payload in frames:
        try:
            wire.handler.received(topic, payload)
        except NetworkError:
            assert wire.is_closed
    if not wire.is_closed:
        wire.push("/orca_presence", {"list_type": "full", "list": [{"u": 2, "p": 2}]})
        assert "2" in {one.user_id for one in api._client.presence.known()}
    listening.stop()
    while not sockets.is_idle():
        sockets.next()
    assert listening.error is None or isinstance(listening.error, BotkitError)


CALLS: dict[str, tuple[Any, ...]] = {
    "add_user_to_group": (ANN, GROUP),
    "change_admin_status": (GROUP, ANN, True),
    "change_archived_status": (GROUP, True),
    "change_group_image": (b"\x89PNG\r\n\x1a\n", GROUP),
    "change_thread_color": ("#0000ff", GROUP),
    "change_thread_emoji": ("🦊", GROUP),
    "change_thread_user_nickname": ("Bee", GROUP, ANN),
    "create_group": ([ANN, "100000000000003"],),
    "create_poll": ("When?", GROUP, ["Mon", "Tue"]),
    "delete_message": ("mid.$x",),
    "delete_thread": (GROUP,),
    "download": ("https://cdn.fbsbx.com/a",),
    "edit_message": ("b", "mid.$x"),
    "forward_attachment": ("301", GROUP),
    "forward_message": ("mid.$x", GROUP),
    "get_friends_list": (),
    "get_online_users": (),
    "get_thread_history": (GROUP, 0, 5),
    "get_thread_info": (GROUP,),
    "get_thread_list": (0, 5),
    "get_user_id": ("Bea",),
    "get_user_info": ([ANN],),
    "handle_message_request": (GROUP, True),
    "logout": (),
    "look_up_names": ([ANN],),
    "look_up_thread": (GROUP,),
    "mark_as_delivered": (GROUP, "mid.$x"),
    "mark_as_read": (GROUP,),
    "mark_as_read_all": (),
    "missed_messages": (GROUP, 0, lambda key: False),
    "mute_thread": (GROUP, 60),
    "remove_user_from_group": (ANN, GROUP),
    "resolve_photo_url": ("301",),
    "search_for_thread": ("Crew",),
    "send_message": ("hello", GROUP),
    "send_typing_indicator": (GROUP,),
    "set_message_reaction": ("👍", "mid.$x", GROUP),
    "set_title": ("Crew", GROUP),
    "threads_since": (0,),
    "unsend_message": ("mid.$x",),
}
# What a good answer looks like, by its name in the payload files; elsewhere the answer says nothing.
GOOD = {
    "change_group_image": ("a picture taken in", "a video taken in"),
    "forward_attachment": ("forwarded",),
    "get_friends_list": ("friends", "friends, one level deeper"),
    "get_thread_history": ("the past of a chat", "a chat"),
    "get_thread_info": ("a chat", "people"),
    "get_thread_list": ("the list of chats",),
    "get_user_id": ("a person found",),
    "get_user_info": ("people", "nobody"),
    "look_up_names": ("people",),
    "look_up_thread": ("a chat", "people"),
    "missed_messages": ("the past of a chat", "a chat"),
    "resolve_photo_url": ("a photo",),
    "search_for_thread": ("a chat found", "a chat"),
    "send_message": ("a send is taken", "people"),
    "send_typing_indicator": ("people",),
    "threads_since": ("the list of chats",),
}
ANSWERS = json.loads((PAYLOADS / "answers.json").read_text(encoding="utf-8"))


def bodies(name: str) -> st.SearchStrategy[str]:
    """Answers to a function: mostly good ones that are mangled."""
    names = (*GOOD.get(name, ()), "nothing to say", "refused with 1545012")
    first = [ANSWERS[one]["text"].removeprefix("for (;;);").partition("\r\n")[0] for one in names]
    answers = mangled([json.loads(text) for text in first]).map(lambda value: "for (;;);" + json.dumps(value))
    return answers | answers | answers | st.text(max_size=20)


PROGRAMS = (mangled([json.loads(one["payload"]) for one in shown("ls_answers")]) | JSON).map(json.dumps) | JSON


def test_every_function_is_knocked_on() -> None:
    """A new function of the api must be added to the calls above, or named here."""
    quiet = {
        "get_app_state",
        "get_current_user_id",
        "set_options",
        "listen",
        "listener",
        "on_session_change",
        "complete",
        "close",
        "options",
    }
    assert {name for name in vars(Api) if not name.startswith("_")} == quiet | CALLS.keys()


def answer_anything(site: Any, body: Callable[[], str]) -> None:
    """The same kind of answer at every address but the home page."""
    own = site.request

    def request(asked: Any, *, timeout_s: float) -> Any:
        found = own(asked, timeout_s=timeout_s)
        return found if found.status == 200 else type(found)(200, asked.url, body())

    site.request = request


def cautiously(function: Callable[..., Any], *arguments: Any) -> None:
    with contextlib.suppress(BotkitError):
        function(*arguments)


@pytest.mark.parametrize("name", CALLS)
def test_any_text_is_an_answer(api: Api, site: Any, name: str) -> None:
    """Each function gives a result or raises an error of our tree."""
    said = [""]
    answer_anything(site, lambda: said[0])

    @fixed(60 if name in GOOD else 15)
    @given(bodies(name))
    def knock(body: str) -> None:
        said[0] = body
        cautiously(getattr(api, name), *CALLS[name])

    knock()


@pytest.mark.parametrize("name", CALLS)
def test_any_program_is_an_answer_to_a_task(api: Api, site: Any, sockets: Any, name: str) -> None:
    """The same where a socket is open and answers each task with anything."""
    answer_anything(site, lambda: '{"payload":null}')
    api.listen(lambda event: None)
    wire = sockets.next()
    wire.accept()
    wire.create()
    programs: list[Any] = [None]

    def publish(topic: str, payload: str, *, qos: int) -> None:
        if topic == "/ls_req":
            wire.push("/ls_resp", {"request_id": json.loads(payload)["request_id"], "payload": programs[0]})

    wire.publish = publish

    @fixed(15)
    @given(PROGRAMS)
    def knock(program: Any) -> None:
        programs[0] = program
        cautiously(getattr(api, name), *CALLS[name])

    knock()


def test_any_text_is_a_home_page(site: Any, sockets: Any, clock: Any, page: str) -> None:
    """Logging in works or says in an error of our tree why not."""

    @fixed(60)
    @given(st.integers(0, len(page)), st.integers(0, 400), st.text(max_size=8) | st.sampled_from(["}", '"', "null"]))
    def knock(start: int, length: int, junk: str) -> None:
        site.on("/", site.respond(page[:start] + junk + page[start + length :]))
        enter = {"clock": clock, "random": random.Random(1), "http_door": site, "socket_door": sockets}
        cautiously(lambda: login({"c_user": OWN, "xs": "synthetic-secret"}, **enter).close())

    knock()


@fixed(60)
@given(st.lists(st.dictionaries(st.sampled_from(["key", "name", "value", "domain", "expires"]), JSON)) | JSON | TEXTS)
def test_anything_is_an_app_state(site: Any, sockets: Any, clock: Any, state: Any) -> None:
    """Used, or refused."""
    enter = {"clock": clock, "random": random.Random(1), "http_door": site, "socket_door": sockets}
    cautiously(lambda: login(state, **enter).close())
