"""The control port of an imaginary bot, asked as the command line asks it."""

from __future__ import annotations

import http.client
import json
import random
import socket
import stat
import threading

import pytest

from botkit import config, logs
from botkit.cli import _control
from botkit.clock import SystemClock
from botkit.messenger import SentMessage
from botkit.messenger.errors import (
    BadArgument,
    BotkitError,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from botkit.runner.control import ControlPort
from botkit.status import RowInfo, Status
from botkit.testing import ManualClock

STATUS = Status("live", "", 1, 2, 3, "100000000000001", "sandbox")
ROW = RowInfo(7, "70", "message", "dead", 5, 3, "ended the process 3 times")


class ImaginaryApi:
    def get_app_state(self):
        return [{"key": "xs", "value": "cookie"}]


class ImaginaryBot:
    """Answers with what the test has put into `results`, or raises it; notes what it was asked."""

    def __init__(self):
        self.api = ImaginaryApi()
        self.results = {}
        self.asked = []

    def call(self, function, arguments, key):
        self.asked.append((function, arguments, key))
        result = self.results.get(function)
        if isinstance(result, Exception):
            raise result
        return result

    def status(self):
        return STATUS

    def rows(self, states):
        self.asked.append(list(states))
        return [ROW]

    def retry(self, row_id):
        return row_id == ROW.id


@pytest.fixture
def bot():
    return ImaginaryBot()


@pytest.fixture
def settings(tmp_path):
    return config.parse("", tmp_path / "bot.yaml", {})


@pytest.fixture
def start(bot, settings):
    """Starts the port of the bot; all are stopped at the end."""
    ports = []

    def begin(clock=None):
        port = ControlPort(bot, settings.data, settings.source.path, clock or SystemClock(), random.Random(1))
        ports.append(port)
        port.start()
        return port

    yield begin
    for port in ports:
        port.stop()


@pytest.fixture
def port(start, settings):
    start()
    return _control.find(settings)


def call(port, function, **arguments):
    return port.call(function, arguments, random.Random(2))


def test_its_file_is_for_the_owner_and_goes_with_it(start, settings):
    """The token is hidden from the log as well."""
    server = start()
    path = settings.data / "control.json"
    found = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(found) == {"url", "token", "bot"}
    assert logs.mask(found["token"]) == "[hidden]"
    assert found["token"] not in repr(_control.find(settings))
    server.stop()
    assert not path.exists()
    assert _control.find(settings) is None


def test_a_call_is_handed_over_and_its_result_comes_back(port, bot):
    """As `botkit call` prints it: with the documented names."""
    bot.results["send_message"] = SentMessage("70", "mid.$1", 5)
    assert call(port, "send_message", message="hi", thread_id="70") == {
        "threadID": "70",
        "messageID": "mid.$1",
        "timestamp": 5,
    }
    ((function, arguments, key),) = bot.asked
    assert (function, arguments) == ("send_message", {"message": "hi", "thread_id": "70"})
    assert len(key) == 32


def test_each_call_has_a_key_of_its_own(port, bot):
    """The ledger would take a second use for the same call."""
    chance = random.Random(3)
    for _ in range(2):
        port.call("get_user_id", {"name": "Ann"}, chance)
    assert bot.asked[0][2] != bot.asked[1][2]


@pytest.mark.parametrize(
    "error",
    [
        BadArgument("thread_id must be an id"),
        RateLimited("20 per 60 s", retry_after_s=12.5),
        Refused("no", reason="not-in-thread", code=1545003, summary="s", description="d"),
        OutcomeUnknown("nobody knows"),
    ],
)
def test_an_error_comes_back_as_what_it_was(port, bot, error):
    """Same class, same sentence, same fields."""
    bot.results["set_title"] = error
    with pytest.raises(type(error)) as raised:
        call(port, "set_title", new_title="x", thread_id="70")
    assert type(raised.value) is type(error)
    assert str(raised.value) == str(error)
    assert vars(raised.value) == vars(error)


def test_an_unexpected_error_is_in_the_log_and_only_named(port, bot, caplog):
    """Its text may hold anything."""
    bot.results["set_title"] = ValueError("inside")
    with pytest.raises(BotkitError, match="failed with ValueError"):
        call(port, "set_title")
    assert "inside" in caplog.text


@pytest.mark.parametrize("function", ["listen", "logout", "set_options", "login"])
def test_the_session_belongs_to_the_bot(port, bot, function):
    """Its functions are refused."""
    with pytest.raises(BadArgument, match=f"{function}: the session belongs to the running bot"):
        call(port, function)
    assert bot.asked == []


def test_the_session_may_be_looked_at(port):
    """The caller could read it from the disk as well."""
    assert call(port, "get_app_state") == [{"key": "xs", "value": "cookie"}]


def test_an_unknown_function_is_refused(port):
    """By its name."""
    with pytest.raises(BadArgument, match="there is no function 'nonsense'"):
        call(port, "nonsense")


def test_typing_is_shown_for_a_while(start, settings, bot):
    """The end that the function gives back is called two seconds later."""
    clock, ended = ManualClock(), threading.Event()
    start(clock)
    begun = threading.Event()

    def wait(event, timeout_s=None):
        assert timeout_s == 2.0
        begun.set()
        return False

    clock.wait = wait
    bot.results["send_typing_indicator"] = ended.set
    assert call(_control.find(settings), "send_typing_indicator", thread_id="70") is None
    assert begun.is_set() and ended.is_set()


def test_status_and_rows_are_asked(port, bot):
    """All kinds of rows unless some are named."""
    assert port.status() == STATUS
    assert port.rows(["dead", "late"]) == [ROW]
    assert bot.asked == [["dead", "late"]]
    assert (port.retry(7), port.retry(8)) == (True, False)


def ask(settings, method, path, body=None, token=None):
    """(status, sentence) of a request that the command line would not make."""
    found = json.loads((settings.data / "control.json").read_text())
    host, port = found["url"].removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    headers = {"Authorization": f"Bearer {found['token'] if token is None else token}"}
    connection.request(method, path, body, {**headers, "Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "ä" * 10])
def test_without_the_token_there_is_nothing(start, settings, token):
    """Not even whether there is such a path."""
    start()
    for path in ("/status", "/nonsense"):
        status, found = ask(settings, "GET", path, token=token.encode("latin-1").decode("latin-1"))
        assert status == 401
        assert found["error"]["message"] == "the token is not that of control.json"


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/nonsense", None, "there is no GET /nonsense"),
        ("POST", "/status", "{}", "there is no POST /status"),
        ("GET", "/events?state=open,done", None, "state: there is no done; there are open, dead, late"),
        ("POST", "/call", "[1", "/call: the body must be an object with function, arguments, key"),
        ("POST", "/call", "[" * 100_000, "/call: the body must be an object with function, arguments, key"),
        ("POST", "/call", '{"function": "x"}', "/call: the body must be an object with function, arguments, key"),
        ("POST", "/events/retry", '{"id": "7"}', "/events/retry: id must be int, not str"),
        ("POST", "/events/retry", '{"id": true}', "/events/retry: id must be int, not bool"),
    ],
)
def test_what_cannot_be_right_is_refused(start, settings, method, path, body, said):
    """One sentence."""
    start()
    status, found = ask(settings, method, path, body)
    assert status in (404, 422)
    assert found["error"] == {"class": "BadArgument", "message": said, "fields": {}}


def test_the_file_of_a_dead_bot_is_recognised(settings):
    """Nothing answers there, or somebody else does."""
    settings.data.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for text in (json.dumps({"url": url, "token": "t", "bot": str(settings.source.path.absolute())}), "{", "[]"):
        (settings.data / "control.json").write_text(text)
        assert _control.find(settings) is None


def test_a_bot_that_hangs_is_not_waited_for_long(settings, monkeypatch):
    """It takes the question and says nothing."""
    monkeypatch.setattr(_control, "_QUESTION_S", 0.05)
    settings.data.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        found = {"url": url, "token": "t", "bot": str(settings.source.path.absolute())}
        (settings.data / "control.json").write_text(json.dumps(found))
        assert _control.find(settings) is None
        assert "does not answer" in _control.trouble(settings)


def test_the_bot_of_another_file_is_not_meant(start, settings, tmp_path):
    """Two bot files may share a data folder."""
    start()
    assert _control.find(config.parse("", tmp_path / "other.yaml", {})) is None


@pytest.fixture
def breaks(tmp_path):
    """A port that takes a request and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        taken, _ = server.accept()
        taken.recv(65536)
        taken.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield _control.Port(f"http://127.0.0.1:{server.getsockname()[1]}", "token")
    thread.join(5)
    server.close()


def test_a_lost_answer_of_a_call_is_an_unknown_outcome(breaks):
    """The bot may have done it before it ended."""
    with pytest.raises(OutcomeUnknown, match="it may or may not have done it"):
        call(breaks, "create_poll")


@pytest.mark.parametrize("ask", [_control.Port.status, lambda port: call(port, "get_thread_list")])
def test_a_lost_answer_to_a_question_is_nothing_worse(breaks, ask):
    """It can be asked again."""
    with pytest.raises(NetworkError, match="does not answer"):
        ask(breaks)


def test_a_bot_that_is_gone_was_asked_nothing(tmp_path):
    """A call that never arrived was not carried out."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = _control.Port(f"http://127.0.0.1:{free.getsockname()[1]}", "token")
    with pytest.raises(NetworkError, match="does not answer"):
        call(port, "create_poll")
