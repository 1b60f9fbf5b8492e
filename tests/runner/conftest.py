"""What the runner's tests share: a store, a clock that stands still, and deltas as the wire brings them."""

from __future__ import annotations

import pytest

from botkit.store import Database
from botkit.testing import ManualClock

OWN = "100000000000001"
ANN = "100000000000002"
GROUP = "7000000000000001"


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "bot.db")
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def delta():
    """A NewMessage delta (dossier 2, section 5.1)."""

    def make(message_id, body="hello", sender=ANN, thread=GROUP, otid="7412281402983798101"):
        return {
            "class": "NewMessage",
            "body": body,
            "attachments": [],
            "participants": [OWN, ANN],
            "messageMetadata": {
                "actorFbId": sender,
                "messageId": message_id,
                "offlineThreadingId": otid,
                "threadKey": {"threadFbId": thread},
                "timestamp": "1767225600000",
            },
        }

    return make
