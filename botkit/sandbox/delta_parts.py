"""What a delta and the deltas inside a ClientPayload have in common (dossier 2, sections 5 and 8.1). Pure."""

from __future__ import annotations

import json
from typing import Any

from botkit.sandbox import attachment_forms, places
from botkit.sandbox.wire import compact
from botkit.sandbox.world import Content, Poll, Thread

# The one value on record; what it means nobody has written down.
_TITAN_TYPE = 2
_WORDS = {True: "true", False: "false"}


def thread_key(thread: Thread, viewer: str) -> dict[str, str]:
    """The thread's name inside a delta, as `viewer` sees it."""
    return {"threadFbId" if thread.group else "otherUserFbId": thread.id_for(viewer)}


def wrappers(thread: Thread, content: Content, viewer: str) -> list[dict[str, Any]]:
    """A message's attachments as NewMessage carries them to `viewer` (dossier 2, section 8.1)."""
    around = {"otherUserFbIds": list(thread.others(viewer)), "titanType": _TITAN_TYPE}
    found = [{**attachment_forms.wrapper(attachment), **around} for attachment in content.attachments]
    if content.place:
        place = places.location(content.place)
        found.append({"id": place["legacy_attachment_id"], "mercury": {"extensible_attachment": place}})
    return found


def mention_data(content: Content) -> dict[str, str]:
    """The `data` of a message (dossier 2, section 5.1)."""
    mentions = [{"i": m.person, "o": m.offset, "l": m.length} for m in content.mentions]
    return {"prng": compact(mentions)} if mentions else {}


def tags(content: Content) -> list[str]:
    """The tags of a written message."""
    more = [f"hot_emoji_size:{content.emoji_size}"] if content.emoji_size else []
    return ["source:chat:forward" if content.forwarded else "source:messenger:web", *more]


def poll_question(poll: Poll) -> dict[str, Any]:
    """A poll as it stands in `question_json`, but for what differs between viewers (dossier 2, section 7)."""
    options = [
        {"id": option.id, "text": option.text, "total_count": len(option.voters), "voters": list(option.voters)}
        for option in poll.options
    ]
    voters = {voter for option in poll.options for voter in option.voters}
    return {"id": poll.id, "text": poll.question, "total_count": len(voters), "options": options}


def question_for(question_json: str, viewer: str) -> str:
    """The `question_json` of a grey line with the viewer's own votes marked, in words."""
    question = json.loads(question_json)
    votes = [viewer in option["voters"] for option in question["options"]]
    for option, voted in zip(question["options"], votes, strict=True):
        option["viewer_has_voted"] = _WORDS[voted]
    question["viewer_has_voted"] = _WORDS[any(votes)]
    return compact(question)
