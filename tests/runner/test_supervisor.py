"""The connection and the saved session."""

from __future__ import annotations

import json
import stat
import threading

import pytest

from botkit.messenger import Checkpoint, ConnectionState, NotLoggedIn, Position, Sink
from botkit.runner.supervisor import Supervisor, write_private


class Listener:
    """Listens until it is stopped, or ends with `error`."""

    def __init__(self, clock, error):
        self._clock = clock
        self._error = error
        self._stopped = threading.Event()
        self.asked = 0

    def run(self):
        if self._error is not None:
            raise self._error
        self._clock.wait(self._stopped)

    def ask(self):
        self.asked += 1

    def stop(self, timeout_s):
        self._stopped.set()


class Api:
    """A session whose cookies the test changes."""

    def __init__(self, clock):
        self._clock = clock
        self.value = "first"
        self.expires = "2027"
        self.used = 0
        self.error = None
        self.listened = []
        self.changed = lambda: None

    def get_app_state(self):
        self.used += 1
        return [{"key": "xs", "value": self.value, "expires": self.expires, "lastAccessed": str(self.used)}]

    def on_session_change(self, function):
        self.changed = function

    def listener(self, sink, position, *, probe_after_s):
        assert probe_after_s == 600.0
        self.listened.append((sink, position, Listener(self._clock, self.error)))
        return self.listened[-1][2]


@pytest.fixture
def api(virtual):
    return Api(virtual)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "appstate.json"


@pytest.fixture
def ends():
    return []


@pytest.fixture
def supervisor(api, file, virtual, ends):
    made = Supervisor(api, file, virtual, ends.append)
    yield made
    made.stop()


def saved(file):
    return json.loads(file.read_text())[0]["value"]


def test_it_is_saved_when_it_has_changed(supervisor, api, file):
    """Readable by its owner only; that a cookie was used or lives longer is no change."""
    supervisor.save_session()
    assert saved(file) == "first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    api.expires = "2028"
    supervisor.save_session()
    assert not file.exists()
    api.value = "second"
    supervisor.state_changed(ConnectionState("live", "", 0))
    assert saved(file) == "second"


def test_a_change_while_it_listens_is_saved_soon(supervisor, api, file, virtual):
    """Once for all changes of that moment, and not on the thread that has made them."""
    supervisor.start(Sink(), None)
    for value in ("second", "third"):
        api.value = value
        api.changed()
    assert saved(file) == "first"
    virtual.advance(10)
    assert saved(file) == "third"
    api.value = "fourth"
    api.changed()
    virtual.advance(10)
    assert saved(file) == "fourth"


def test_a_change_just_before_the_end_is_saved_by_it(supervisor, api, file):
    """Nobody waits for the moment then."""
    supervisor.start(Sink(), None)
    api.value = "second"
    supervisor.stop()
    assert saved(file) == "second"


def test_a_full_disk_does_not_stop_the_bot(api, tmp_path, virtual, caplog):
    """It is told, without the secret."""
    (tmp_path / "folder").write_text("in the way")
    Supervisor(api, tmp_path / "folder" / "appstate.json", virtual, lambda error: None).save_session()
    assert "the session cannot be saved" in caplog.text
    assert "first" not in caplog.text


def test_a_session_that_could_not_be_saved_is_saved_later(supervisor, api, file, tmp_path):
    """It still differs from what stands in the file."""
    (tmp_path / "folder").write_text("in the way")
    supervisor.save_session()
    (tmp_path / "folder").unlink()
    supervisor.save_session()
    assert saved(file) == "first"


def test_it_listens_from_the_position_on_a_thread_of_its_own(supervisor, api, virtual):
    """Until the stop, which waits for it."""
    sink, position = Sink(), Position("1", "t", 7)
    supervisor.start(sink, position)
    virtual.settle()
    ((heard, where, _),) = api.listened
    assert (heard, where) == (sink, position)
    assert "botkit-listener" in [thread.name for thread in threading.enumerate()]


def test_asking_is_for_a_listener(supervisor, api):
    """Before the start there is nobody to ask."""
    supervisor.ask()
    supervisor.start(Sink(), None)
    supervisor.ask()
    assert api.listened[0][2].asked == 1


@pytest.mark.parametrize(
    "error", [NotLoggedIn("log in again"), Checkpoint("locked", "https://example.org"), RuntimeError("a fault")]
)
def test_why_the_listener_has_ended_is_told(supervisor, api, virtual, ends, error, caplog):
    """A fault of botkit's own is logged with its place besides."""
    api.error = error
    supervisor.start(Sink(), None)
    virtual.settle()
    assert ends == [error]
    assert ("the listener ended unexpectedly" in caplog.text) == isinstance(error, RuntimeError)


def test_it_knows_how_the_connection_stands(supervisor):
    """And since when; before the start it is stopped."""
    assert (supervisor.state.name, supervisor.state.reason) == ("stopped", "not started")
    state = ConnectionState("stalled", "nothing has come for too long", 5)
    supervisor.state_changed(state)
    assert supervisor.state == state


@pytest.mark.parametrize(
    ("state", "line", "level"),
    [
        (ConnectionState("live", "", 0), "connection live", "INFO"),
        (ConnectionState("live", "the queue has answered", 0), "connection live: the queue has answered", "INFO"),
        (
            ConnectionState("backing_off", "the connection is gone", 0),
            "connection backing off: the connection is gone",
            "WARNING",
        ),
        (ConnectionState("stopped", "stopped", 0), "connection stopped", "INFO"),
    ],
)
def test_a_state_is_one_line(supervisor, caplog, state, line, level):
    """With its reason."""
    caplog.set_level("INFO", logger="botkit")
    supervisor.state_changed(state)
    (record,) = caplog.records
    assert record.getMessage() == line
    assert record.levelname == level


def test_a_private_file_is_replaced_whole(tmp_path):
    """Nothing half-written stays beside it, and the old text stays when the new cannot be written."""
    write_private(tmp_path / "file", "old")
    write_private(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "file", "\ud800")
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
