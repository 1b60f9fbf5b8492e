"""The client's readers against the payloads that the protocol documents show (tests/payloads)."""

import json
from typing import Any

import pytest

from botkit.messenger import Api, BotkitError, errors, parse, parse_transient, raw_events
from botkit.messenger._answers import error_in, objects_in
from botkit.messenger._graphql import data_in, sent_message_in
from botkit.messenger._nodes import events_from_node
from botkit.messenger._tasks import calls_in, refusal_in
from botkit.messenger.attachments import attachment_from

OWN = "100000000000001"
GROUP = "200000000000009"


def check(events: Any, means: list[dict[str, Any]]) -> None:
    """Each event has what the documents say, and comes whole through JSON."""
    found = [event.to_dict() for event in events]
    assert [
        {name: one.get(name, "missing") for name in wanted} for one, wanted in zip(found, means, strict=True)
    ] == means
    json.dumps(found)


def client_payload(inner: dict[str, Any], *, ascii_only: bool) -> dict[str, Any]:
    text = json.dumps({"deltas": [inner]}, ensure_ascii=ascii_only)
    return {"class": "ClientPayload", "payload": list(text.encode())}


@pytest.mark.payloads("deltas")
def test_deltas(payload: dict[str, Any]) -> None:
    """Each delta of /t_ms gives its events, or none when it means nothing."""
    check([parse(raw.payload, OWN) for raw in raw_events(payload["wire"])], payload["means"])


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.payloads("inner_deltas")
def test_inner_deltas(payload: dict[str, Any], ascii_only: bool) -> None:
    """The same inside a ClientPayload, escaped and as raw UTF-8."""
    rows = raw_events(client_payload(payload["wire"], ascii_only=ascii_only))
    kept = [json.loads(json.dumps(row.payload)) for row in rows]
    check([parse(one, OWN) for one in kept], payload["means"])


@pytest.mark.payloads("transients")
def test_transients(payload: dict[str, Any]) -> None:
    """Typing and presence; other topics give nothing."""
    check(parse_transient(payload["topic"], payload["wire"], 1767225600000, OWN), payload["means"])


@pytest.mark.payloads("attachments")
def test_attachments(payload: dict[str, Any]) -> None:
    """Every kind, with its optional parts and without."""
    check([attachment_from(payload["wire"])], payload["means"])


@pytest.mark.payloads("message_nodes")
def test_message_nodes(payload: dict[str, Any]) -> None:
    """A message or log entry as GraphQL has it."""
    check(events_from_node(payload["wire"], GROUP, is_group=True), payload["means"])


VARIES = {"timestamp", "offline_threading_id", "message_id", "threading_id", "client_thread_id", "watermarkTimestamp"}


@pytest.mark.payloads("forms")
def test_forms(payload: dict[str, Any], api: Api, site: Any, people: None) -> None:
    """Each call of the api posts the fields that the documents name; ids and times of its own are only there."""
    path, wanted = payload["path"], payload["fields"]
    site.on(path, site.envelope({"actions": [{"thread_fbid": "5", "message_id": "mid.$x", "timestamp": 5}]}))
    done = getattr(api, payload["call"][0])(*payload["call"][1:])
    if payload["call"][0] == "send_typing_indicator" and wanted["typ"] == "0":
        done()
    form = site.to(path)[-1].form
    assert wanted.keys() <= form.keys()
    fixed = wanted.keys() - VARIES
    assert {name: form[name] for name in fixed} == {name: wanted[name] for name in fixed}


@pytest.mark.payloads("ls_answers")
def test_answers_to_tasks(payload: dict[str, Any]) -> None:
    """The calls of each program, and the server's no."""
    calls = calls_in(payload["wire"])
    plain = [
        argument.decode() if isinstance(argument, bytes) else argument for call in calls for argument in call.arguments
    ]
    assert [call.name for call in calls] == [name for name, *_ in payload["calls"]]
    assert plain == [argument for _, *arguments in payload["calls"] for argument in arguments]
    assert_error(refusal_in(calls, "x"), payload.get("error"))


@pytest.mark.payloads("answers")
def test_answers_to_forms(payload: dict[str, Any]) -> None:
    """The envelope and its errors, and what is inside."""
    objects = objects_in(payload["text"])
    assert_error(error_in(objects[0], "x"), payload.get("error"))
    if "sent" in payload:
        assert sent_message_in(objects[0]["payload"], None).to_dict() == payload["sent"]
    if "data" in payload:
        assert data_in(objects, "x") == payload["data"]
    if "data_error" in payload:
        with pytest.raises(BotkitError) as raised:
            data_in(objects, "x")
        assert_error(raised.value, payload["data_error"])


def assert_error(error: BotkitError | None, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        assert error is None
        return
    assert isinstance(error, getattr(errors, wanted.get("class", "Refused")))
    assert {name: getattr(error, name) for name in wanted if name != "class"} == {
        name: value for name, value in wanted.items() if name != "class"
    }
