"""What hosts fetch after a lost queue: which chats have changed, and the messages that were missed."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from botkit.messenger import Api, BadAnswer, BadArgument, Message, NetworkError, Refused, Unparsed, parse, raw_events

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"
BATCH = "/api/graphqlbatch/"
OTID = 7412281402983798101
CHAT = (int(GROUP)).to_bytes(8, "big")
MID = "mid.$g" + base64.urlsafe_b64encode(CHAT + bytes(5) + OTID.to_bytes(8, "big")).decode().rstrip("=")
PEOPLE = [{"node": {"messaging_actor": {"__typename": "User", "id": user, "name": "N"}}} for user in (OWN, ANN)]
PHOTO = {
    "__typename": "MessageImage",
    "legacy_attachment_id": "7",
    "filename": "a.png",
    "large_preview": {"uri": "https://cdn.test/l", "width": 4, "height": 3},
}


def node(number: int, time_ms: int | None = None, **changes: Any) -> dict[str, Any]:
    """A message whose id and text are a number, and whose time is the number unless told otherwise."""
    return {
        "__typename": "UserMessage",
        "message_id": f"mid.{number}",
        "message_sender": {"id": ANN},
        "timestamp_precise": str(number if time_ms is None else time_ms),
        "message": {"text": str(number), "ranges": []},
        "blob_attachments": [],
    } | changes


def queries(form: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(form["queries"])["o0"]["query_params"]
    return found


def history(site: Any, nodes: list[dict[str, Any]], *, is_group: bool = True, **more: Any) -> Callable[..., Any]:
    """A chat that answers as the server does: `before` is inclusive, messages are oldest first."""
    key = {"thread_fbid": GROUP, "other_user_id": None} if is_group else {"thread_fbid": None, "other_user_id": ANN}

    def answer(form: dict[str, str]) -> Any:
        params = queries(form)
        fit = [one for one in nodes if params["before"] is None or int(one["timestamp_precise"]) <= params["before"]]
        thread = {"thread_key": key, "messages": {"nodes": fit[-params["message_limit"] :]}, **more}
        return site.respond(json.dumps({"o0": {"data": {"message_thread": thread}}}))

    return answer


def nothing_known(_key: str) -> bool:
    return False


def numbers(raws: Any) -> list[str | None]:
    return [raw.text for raw in raws]


def test_it_goes_back_to_the_time(api: Api, site: Any) -> None:
    """That time included; the oldest first; in as many pages as that takes, and no more."""
    site.on(BATCH, history(site, [node(number) for number in range(1, 501)]))
    assert numbers(api.missed_messages(GROUP, 350, nothing_known)) == [str(number) for number in range(350, 501)]
    assert len(site.to(BATCH)) == 2


def test_the_beginning_of_a_chat_ends_it(api: Api, site: Any) -> None:
    """Also where nobody has talked yet."""
    site.on(BATCH, history(site, [node(1), node(2)]))
    assert numbers(api.missed_messages(GROUP, 0, nothing_known)) == ["1", "2"]
    site.on(BATCH, site.respond('{"o0":{"data":{"message_thread":null}}}'))
    site.on("/chat/user_info/", site.envelope({"profiles": {ANN: {"id": ANN, "name": "Ann"}}}))
    assert api.missed_messages(ANN, 0, nothing_known) == []
    with pytest.raises(Refused):
        api.missed_messages(GROUP, 0, nothing_known)


def test_what_is_known_is_left_out(api: Api, site: Any) -> None:
    """And what is older is still looked at: what is known may have come through the new queue meanwhile."""
    asked: list[str] = []

    def known(key: str) -> bool:
        asked.append(key)
        return key in ("message:mid.3", "message:mid.1")

    site.on(BATCH, history(site, [node(number) for number in range(1, 4)]))
    assert numbers(api.missed_messages(GROUP, 1, known)) == ["2"]
    assert asked == ["message:mid.3", "message:mid.2", "message:mid.1"]


def test_an_instant_of_more_than_a_page_loses_nothing(api: Api, site: Any) -> None:
    """Pages overlap in time, so one instant may fill several."""
    nodes = [node(number, 50 if 50 <= number < 500 else number) for number in range(1, 601)]
    site.on(BATCH, history(site, nodes))
    assert numbers(api.missed_messages(GROUP, 10, nothing_known)) == [str(number) for number in range(10, 601)]


def test_a_raw_message_is_as_its_delta_was(api: Api, site: Any) -> None:
    """Key, chat, sender, time, text, and the offline threading id, which stands in the message's id."""
    site.on(BATCH, history(site, [node(5, message_id=MID)], all_participants={"edges": PEOPLE}))
    (raw,) = api.missed_messages(GROUP, 0, nothing_known)
    metadata = {
        "actorFbId": ANN,
        "messageId": MID,
        "offlineThreadingId": str(OTID),
        "threadKey": {"threadFbId": GROUP},
        "timestamp": "5",
    }
    (live,) = raw_events(
        {"class": "NewMessage", "body": "5", "messageMetadata": metadata, "participants": [OWN, ANN], "attachments": []}
    )
    for name in ("kind", "key", "thread_id", "sender_id", "offline_threading_id", "timestamp_ms", "text"):
        assert getattr(raw, name) == getattr(live, name), name
    assert parse(json.loads(json.dumps(raw.payload)), OWN) == parse(live.payload, OWN)
    assert "mid" in repr(raw) and "text" not in repr(raw)


def test_attachments_mentions_and_answers_come_along(api: Api, site: Any) -> None:
    """As far as the history has them."""
    text = {"text": "hello @Al", "ranges": [{"offset": 6, "length": 3, "entity": {"id": OWN}}]}
    rich = node(5, message=text, blob_attachments=[PHOTO], replied_to_message={"message": node(1)})
    site.on(BATCH, history(site, [rich]))
    (raw,) = api.missed_messages(GROUP, 0, nothing_known)
    message = parse(raw.payload, OWN)
    assert isinstance(message, Message) and message.mentions == {OWN: "@Al"}
    assert (message.attachments[0].url, message.reply_to_id, message.is_group) == ("https://cdn.test/l", "mid.1", True)


def test_a_chat_of_two(api: Api, site: Any) -> None:
    """Its participants are the account and the other, also where the answer does not say."""
    site.on(BATCH, history(site, [node(5)], is_group=False))
    (raw,) = api.missed_messages(ANN, 0, nothing_known)
    message = parse(raw.payload, OWN)
    assert isinstance(message, Message)
    assert (message.thread_id, message.is_group, message.participant_ids) == (ANN, False, (OWN, ANN))


def test_only_messages_come(api: Api, site: Any) -> None:
    """No grey lines, and none that was taken back."""
    taken_back = {"story_attachment": {"style_list": ["globally_deleted_message_placeholder"], "target": None}}
    title = node(2, __typename="ThreadNameMessage", thread_name="x")
    site.on(BATCH, history(site, [node(1), title, node(3, extensible_attachment=taken_back), node(4)]))
    assert numbers(api.missed_messages(GROUP, 0, nothing_known)) == ["1", "4"]


def test_a_strange_message_is_kept(api: Api, site: Any) -> None:
    """Its neighbours go on; parsing says what is wrong with it."""
    site.on(BATCH, history(site, [node(1), node(2, message_sender=None, message=5), node(3)]))
    raws = api.missed_messages(GROUP, 0, nothing_known)
    assert [(raw.key, raw.sender_id) for raw in raws] == [
        ("message:mid.1", ANN), ("message:mid.2", None), ("message:mid.3", ANN),
    ]  # fmt: skip
    assert isinstance(parse(raws[1].payload, OWN), Unparsed)


def test_its_time_is_bounded(api: Api, site: Any, clock: Any, in_time: Any) -> None:
    """However often the server has to be asked, and however many pages there are."""
    site.on(BATCH, site.respond(status=500))
    began_s = clock.monotonic()
    assert not isinstance(in_time(lambda: api.missed_messages(GROUP, 0, nothing_known, timeout_s=3)), list)
    assert clock.monotonic() - began_s < 10 and len(site.to(BATCH)) < 4
    answer = history(site, [node(number) for number in range(1, 501)])

    def slowly(form: dict[str, str]) -> Any:
        clock.advance(20)
        return answer(form)

    site.on(BATCH, slowly)
    with pytest.raises(NetworkError, match=rf"history of thread {GROUP}: not all that came after 10 .* 60 s"):
        api.missed_messages(GROUP, 10, nothing_known)


def test_a_page_that_does_not_say_where_the_next_begins(api: Api, site: Any) -> None:
    """Is an error, and not the end of the chat."""
    nodes = [node(number) for number in range(1, 101)]
    thread = {
        "thread_key": {"thread_fbid": GROUP},
        "messages": {"nodes": [{**nodes[0], "timestamp_precise": None}, *nodes[1:]]},
    }
    site.on(BATCH, site.respond(json.dumps({"o0": {"data": {"message_thread": thread}}})))
    with pytest.raises(BadAnswer):
        api.missed_messages(GROUP, 0, nothing_known)


def folders(site: Any, **chats: list[tuple[int, int]]) -> Callable[..., Any]:
    """The list of chats: (id, last change) by folder, as the server gives it."""

    def answer(form: dict[str, str]) -> Any:
        params = queries(form)
        (tag,) = params["tags"]
        fit = sorted(chats.get(tag, []), key=lambda one: -one[1])
        fit = [one for one in fit if params["before"] is None or one[1] <= params["before"]]
        nodes = [
            {"thread_key": {"thread_fbid": str(thread)}, "updated_time_precise": str(time_ms)}
            for thread, time_ms in fit
        ]
        threads = {"nodes": nodes[: params["limit"]]}
        return site.respond(json.dumps({"o0": {"data": {"viewer": {"message_threads": threads}}}}))

    return answer


def test_the_chats_that_have_changed(api: Api, site: Any) -> None:
    """Since that time, that time included, in every folder."""
    site.on(BATCH, folders(site, INBOX=[(1, 10), (2, 20), (3, 30)], ARCHIVED=[(4, 40), (5, 5)], PENDING=[(6, 20)]))
    assert api.threads_since(20) == [("3", 30), ("2", 20), ("4", 40), ("6", 20)]
    assert [queries(asked.form)["tags"] for asked in site.to(BATCH)] == [
        ["INBOX"],
        ["ARCHIVED"],
        ["PENDING"],
        ["OTHER"],
    ]


def test_many_chats_that_have_changed(api: Api, site: Any) -> None:
    """Over several pages, and no further than needed."""
    site.on(BATCH, folders(site, INBOX=[(number, number) for number in range(1, 501)]))
    assert [int(thread) for thread, _ in api.threads_since(250)] == list(range(500, 249, -1))
    assert len([asked for asked in site.to(BATCH) if queries(asked.form)["tags"] == ["INBOX"]]) == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda api: api.missed_messages("Friends", 0, nothing_known), "thread_id must be made of digits"),
        (lambda api: api.missed_messages(GROUP, -1, nothing_known), "after_ms must be an int"),
        (lambda api: api.threads_since(1.5), "time_ms must be an int"),
    ],
)
def test_wrong_arguments_never_reach_the_network(api: Api, site: Any, call: Any, said: str) -> None:
    """BadArgument, and nothing is asked."""
    site.asked.clear()
    with pytest.raises(BadArgument, match=said):
        call(api)
    assert site.asked == []
