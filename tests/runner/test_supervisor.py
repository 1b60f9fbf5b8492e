"""The saved session."""

from __future__ import annotations

import json
import stat

import pytest

from botkit.messenger import ConnectionState
from botkit.runner.supervisor import Supervisor, write_private


class Api:
    """A session whose cookies the test changes."""

    def __init__(self):
        self.value = "first"

    def get_app_state(self):
        return [{"key": "xs", "value": self.value, "lastAccessed": object.__hash__(object())}]


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "appstate.json"


def test_it_is_saved_when_it_has_changed(api, file):
    """Readable by its owner only; a use of it alone is no change."""
    supervisor = Supervisor(api, file, lambda error: None)
    supervisor.save_session()
    assert json.loads(file.read_text()) == [{"key": "xs", "value": "first"}]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    supervisor.save_session()
    assert not file.exists()
    api.value = "second"
    supervisor.state_changed(ConnectionState("live", "", 0))
    assert json.loads(file.read_text())[0]["value"] == "second"


def test_a_full_disk_does_not_stop_the_bot(api, tmp_path, caplog):
    """It is told, without the secret."""
    (tmp_path / "folder").write_text("in the way")
    Supervisor(api, tmp_path / "folder" / "appstate.json", lambda error: None).save_session()
    assert "the session cannot be saved" in caplog.text
    assert "first" not in caplog.text


def test_a_private_file_is_replaced_whole(tmp_path):
    """Nothing half-written stays beside it, and the old text stays when the new cannot be written."""
    write_private(tmp_path / "file", "old")
    write_private(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "file", "\ud800")
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("state", "line", "level"),
    [
        (ConnectionState("live", "", 0), "connection live", "INFO"),
        (
            ConnectionState("backing_off", "the connection is gone", 0),
            "connection backing_off: the connection",
            "WARNING",
        ),
        (ConnectionState("stopped", "stopped", 0), "connection stopped", "INFO"),
    ],
)
def test_a_state_is_one_line(api, file, caplog, state, line, level):
    """With its reason."""
    caplog.set_level("INFO", logger="botkit")
    Supervisor(api, file, lambda error: None).state_changed(state)
    (record,) = caplog.records
    assert record.getMessage().startswith(line)
    assert record.levelname == level
