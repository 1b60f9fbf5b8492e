"""What the client itself does with what a listener hears: receipts and presence."""

import queue
import threading
from typing import Any

import pytest

from botkit.messenger import Api

OWN = "100000000000001"
ANN = "100000000000002"
WAIT_S = 5.0
GATHER_S = 0.1
DELIVERED = "/ajax/mercury/delivery_receipts.php"
READ = "/ajax/mercury/change_read_status.php"


def message(number: int, sender: str = ANN) -> dict[str, Any]:
    thread = {"otherUserFbId": ANN}
    metadata = {"actorFbId": sender, "messageId": f"mid.{number}", "timestamp": "5", "threadKey": thread}
    return {"class": "NewMessage", "body": "x", "messageMetadata": metadata}


@pytest.fixture
def told(site: Any) -> "queue.Queue[tuple[str, dict[str, str]]]":
    """What the server was told of deliveries and readings, as it comes."""
    heard: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()

    def at(path: str) -> None:
        def answer(form: dict[str, str]) -> Any:
            heard.put((path, {name: value for name, value in form.items() if "[" in name}))
            return site.envelope()

        site.on(path, answer)

    at(DELIVERED)
    at(READ)
    return heard


def delivered(*numbers: int) -> tuple[str, dict[str, str]]:
    form: dict[str, str] = {}
    for place, number in enumerate(numbers):
        form |= {f"message_ids[{place}]": f"mid.{number}", f"thread_ids[{ANN}][{place}]": f"mid.{number}"}
    return DELIVERED, form


def test_each_message_of_others_is_confirmed(link: Any, told: Any, clock: Any) -> None:
    """As the option `auto_mark_delivery`, which is on, says; own messages are not."""
    link.batch(4322, message(1), message(2, OWN), {"class": "NoOp"})
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(1)
    link.batch(4325, message(3))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(3)


def test_messages_that_gather_are_confirmed_together(link: Any, told: Any, clock: Any) -> None:
    """Those of a tenth of a second, in one request."""
    link.batch(4322, message(1))
    link.batch(4323, message(2), message(3))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(1, 2, 3)


def test_a_hundred_go_in_one_request(link: Any, told: Any, clock: Any) -> None:
    """The others follow in the next; a flood of more than a thousand is not told of any further."""
    link.batch(4322, *(message(number) for number in range(120)))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(*range(100))
    assert told.get(timeout=WAIT_S) == delivered(*range(100, 120))


def test_after_the_end_nothing_is_told(api: Api, link: Any, told: Any, clock: Any, ear: Any) -> None:
    """Not even what had gathered."""
    link.batch(4322, message(1))
    api.close()
    clock.advance(GATHER_S)
    assert told.empty()


def test_reading_follows_delivery(api: Api, link: Any, told: Any, clock: Any) -> None:
    """With `auto_mark_read`; the socket is asked first, and answers nothing here."""
    link.answer_tasks()
    api.set_options(auto_mark_read=True)
    link.batch(4322, message(1))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(1)
    link.batch(4323, message(2))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(2)
    assert [label for label, *_ in link.tasks()][:1] == ["21"]


def test_reading_goes_without_delivery(api: Api, link: Any, told: Any, clock: Any) -> None:
    """Each option stands for itself."""
    read = threading.Event()
    link.answer_tasks()
    publish = link.publish
    link.publish = lambda *args, **more: (publish(*args, **more), read.set())
    api.set_options(auto_mark_read=True, auto_mark_delivery=False)
    link.batch(4322, message(1))
    clock.advance(GATHER_S)
    assert read.wait(WAIT_S)
    assert link.tasks()[0][0] == "21" and told.empty()


def test_a_chat_is_not_read_when_the_delivery_failed(api: Api, link: Any, site: Any, clock: Any) -> None:
    """As dossier 1, section 8.4 has it; the messages are then told of one by one."""
    asked: queue.Queue[dict[str, str]] = queue.Queue()

    def refuse(form: dict[str, str]) -> Any:
        asked.put(form)
        return site.envelope(error=1357031)

    site.on(DELIVERED, refuse)
    api.set_options(auto_mark_read=True)
    link.batch(4322, message(1), message(2))
    clock.advance(GATHER_S)
    forms = [asked.get(timeout=WAIT_S) for _ in range(3)]
    assert [form["message_ids[0]"] for form in forms] == ["mid.1", "mid.1", "mid.2"]
    assert link.tasks() == [] and site.to(READ) == []


def test_a_message_of_a_strange_chat_is_passed_over(link: Any, told: Any, clock: Any) -> None:
    """The next one is confirmed."""
    strange = message(1)
    strange["messageMetadata"]["threadKey"] = {"threadFbId": "no id"}
    link.batch(4322, strange, message(2))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(2) and told.empty()


def test_nothing_is_told_when_both_are_off(api: Api, link: Any, told: Any, clock: Any) -> None:
    """Not even later, when they are on again."""
    api.set_options(auto_mark_delivery=False)
    link.batch(4322, message(1))
    api.set_options(auto_mark_delivery=True)
    link.batch(4323, message(2))
    clock.advance(GATHER_S)
    assert told.get(timeout=WAIT_S) == delivered(2) and told.empty()


def test_what_the_sink_could_not_take_is_not_confirmed(link: Any, ear: Any, told: Any, clock: Any) -> None:
    """It will come again."""
    ear.fault = ValueError("full")
    with pytest.raises(ValueError, match="full"):
        link.batch(4322, message(1))
    clock.advance(GATHER_S)
    assert told.empty()


def test_presence_is_folded_and_passed_on(api: Api, link: Any, ear: Any) -> None:
    """For `get_online_users`."""
    payload = {"list_type": "full", "list": [{"u": int(ANN), "p": 2}]}
    link.push("/orca_presence", payload)
    table = api._client.presence
    assert [one.user_id for one in table.known()] == [ANN] and table.is_told
    assert ear.transients == [("/orca_presence", payload)]


def test_after_a_cut_the_full_list_is_waited_for_again(api: Api, link: Any, sockets: Any, clock: Any, ear: Any) -> None:
    """What is kept may be old."""
    link.push("/orca_presence", {"list_type": "full", "list": []})
    link.cut()
    ear.wait_for("backing_off")
    clock.advance(2)
    sockets.next()
    assert not api._client.presence.is_told
