"""A locked account: the bot ends with its reason, and asks nothing more of the network."""

from __future__ import annotations

import pytest

from botkit import hookimpl
from botkit.messenger import BotkitError, Checkpoint
from botkit.sandbox.app import App
from botkit.sandbox.core import Core
from botkit.testing import Stage

LOOPBACK = "127.0.0.1"


class Busy:
    """Answers, and asks the network at once for each message as well."""

    @hookimpl
    def on_message(self, ctx, message):
        ctx.api.get_thread_list(0, 1)
        ctx.reply("one")
        return "two"


@pytest.fixture
def requests(monkeypatch):
    """What clients have asked the sandbox for, in order: each path, and whether it led to the checkpoint."""
    asked = []
    handle, connect = App.handle, Core.connect

    def counted(app, request):
        answer = handle(app, request)
        if request.host != LOOPBACK:
            asked.append((request.path, "checkpoint" in dict(answer.headers).get("Location", "")))
        return answer

    def connected(core, upgrade, *rest):
        asked.append((upgrade.path, False))
        return connect(core, upgrade, *rest)

    monkeypatch.setattr(App, "handle", counted)
    monkeypatch.setattr(Core, "connect", connected)
    return asked


@pytest.mark.parametrize("path", ["/messaging/send/", "/api/graphqlbatch/"], ids=["send", "read"])
def test_no_request_follows_a_checkpoint(tmp_path, requests, path):
    """Whoever meets it: with messages waiting to be sent, handlers that ask, and a day in which people go on."""
    with Stage(tmp_path) as stage:
        bot = stage.start_bot(things={"busy": Busy()})
        ann = stage.person("Ann")
        ann.says("Friends", "before")
        stage.settle()
        stage.fault("checkpoint_page", path=path)
        for number in range(5):
            ann.says("Friends", f"while {number}")
        stage.settle()
        assert sum(is_locked for _, is_locked in requests) == 1
        # What a handler's thread and that of the receipts were asking at that very moment cannot be called back.
        asked = len(requests)
        assert asked - 1 - requests.index((path, True)) <= 2
        with pytest.raises(Checkpoint):
            bot.wait()
        with pytest.raises(BotkitError):
            bot.call("send_message", {"message": "from outside", "thread_id": "7000000000000001"}, "key")
        ann.says("Friends", "after")
        stage.advance(days=1)
        assert not requests[asked:]
