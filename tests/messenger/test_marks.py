"""Read marks, receipts and typing on the imaginary Messenger, against dossier 1, sections 14 and 15."""

from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import Api, BadArgument, NetworkError, Refused

pytestmark = pytest.mark.usefixtures("people")
OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"
MID = "mid.$gABjedoFtgAGhqB_wAGbdtqoAFVVV"
READ = "/ajax/mercury/change_read_status.php"
TYPING = "/ajax/messaging/typ.php"


def test_reading_by_task_and_by_http(api: Api, site: Any, link: Any) -> None:
    """Labels 21 and 49 where a socket is open."""
    link.answer_tasks([5, "removeTask", [19, "0"]])
    api.mark_as_read(GROUP)
    api.mark_as_read(GROUP, read=False)
    assert [label for label, _, _ in link.tasks()] == ["21", "49"]
    assert site.to("/ajax/mercury/change_read_status.php") == []


def test_reading_by_http(api: Api, site: Any) -> None:
    """Without a socket."""
    site.on("/ajax/mercury/change_read_status.php", site.envelope(None))
    api.mark_as_read(GROUP)
    form = site.to("/ajax/mercury/change_read_status.php")[0].form
    assert form[f"ids[{GROUP}]"] == "true" and form["watermarkTimestamp"] == "1767225600000"


def test_typing_ends_when_told(api: Api, site: Any) -> None:
    """By HTTP: on, then off once."""
    site.on("/ajax/messaging/typ.php", site.envelope([]))
    end = api.send_typing_indicator(GROUP)
    end()
    end()
    assert [asked.form["typ"] for asked in site.to("/ajax/messaging/typ.php")] == ["1", "0"]


def test_typing_lapses_after_30_seconds(api: Api, link: Any, clock: Any) -> None:
    """By the socket: a stateless task, and another one when it lapses."""
    end = api.send_typing_indicator(ANN)
    clock.advance(29.9)
    assert [payload["is_typing"] for _, _, payload in link.tasks()] == [1]
    clock.advance(0.2)
    link.wait_tasks(2)
    end()
    assert [payload["is_typing"] for _, _, payload in link.tasks()] == [1, 0]
    assert link.tasks()[0][2]["is_group_thread"] == 0


@pytest.mark.parametrize(
    "step",
    [[5, "mailboxTaskCompletionApiOnTaskCompletion", [19, "0"], False], [5, "x", [19, "no number"]]],
    ids=["not done", "broken"],
)
def test_reading_goes_by_http_when_the_task_is_not_done(api: Api, site: Any, link: Any, step: Any) -> None:
    """A task that the server does not know, or an answer that cannot be read; a no is final."""
    site.on(READ, site.envelope(None))
    link.answer_tasks(step)
    api.mark_as_read(GROUP)
    assert len(site.to(READ)) == 1


def test_a_refused_mark_is_not_tried_by_http(api: Api, site: Any, link: Any) -> None:
    """The server has said no."""
    link.answer_tasks([5, "issueNewError", [19, "0"], [19, "1545012"], "No", "Not in it."])
    with pytest.raises(Refused, match="marking thread"):
        api.mark_as_read(GROUP)
    assert site.to(READ) == []


def test_a_receipt_names_the_message_twice(api: Api, site: Any) -> None:
    """The two fields of section 15."""
    site.on("/ajax/mercury/delivery_receipts.php", site.envelope(None))
    api.mark_as_delivered(int(GROUP), MID)
    form = site.to("/ajax/mercury/delivery_receipts.php")[0].form
    assert {"message_ids[0]": MID, f"thread_ids[{GROUP}][0]": MID}.items() <= form.items()


def test_all_chats_of_the_inbox_are_marked(api: Api, site: Any) -> None:
    """One form for the folder."""
    site.on("/ajax/mercury/mark_folder_as_read.php", site.envelope(None))
    api.mark_as_read_all()
    assert site.to("/ajax/mercury/mark_folder_as_read.php")[0].form["folder"] == "inbox"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda api: api.mark_as_read("Friends"), "thread_id must be made of digits"),
        (lambda api: api.mark_as_delivered(GROUP, 5), "message_id must be a str"),
        (lambda api: api.mark_as_delivered(GROUP, "a b"), "without spaces"),
        (lambda api: api.send_typing_indicator(1.5), "thread_id must be a str or an int"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, call: Callable[[Api], None], said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        call(api)
    assert site.asked == []


def test_typing_goes_by_http_when_the_socket_breaks(
    api: Api, site: Any, link: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way to show it."""

    def fail(topic: str, payload: str, *, qos: int) -> None:
        raise NetworkError("socket: gone")

    site.on(TYPING, site.envelope([]))
    with monkeypatch.context() as broken:
        broken.setattr(link, "publish", fail)
        api.send_typing_indicator(ANN)
    assert site.to(TYPING)[0].form["to"] == ANN
