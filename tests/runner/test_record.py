"""A record: what is written, who may read it, and what is said about a wrong one."""

from __future__ import annotations

import json
import random
from dataclasses import asdict

import pytest

from botkit.messenger import raw_events
from botkit.messenger.errors import BadArgument
from botkit.runner.record import Head, Record, RecordedRow, Recorder

HEAD = Head("0.1.0", "100000000000001", "!", bodies=False)
AS_WRITTEN = Head("0.1.0", "100000000000001", "!", bodies=True)


@pytest.fixture
def recorder(tmp_path):
    """Makes a recorder of tmp_path/record."""
    made = []

    def make(head=HEAD, seed=1):
        made.append(Recorder(tmp_path / "record", head, random.Random(seed)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_is_written_can_be_read(recorder, tmp_path, delta):
    """Head and rows, in their order."""
    one, two = delta("mid.$1", "hello"), delta("mid.$2", "\ud83d half a smile")
    recorder = recorder(AS_WRITTEN)
    for number, wire in enumerate((one, two)):
        (event,) = raw_events(wire)
        recorder.add(event, 1000 + number)
    record = Record(tmp_path / "record")
    assert record.head == AS_WRITTEN
    assert list(record.rows()) == [RecordedRow(1000, one), RecordedRow(1001, two)]
    assert list(record.rows()) == list(record.rows())


def test_each_row_is_in_the_file_at_once(recorder, tmp_path, delta):
    """A bot that is killed leaves what came before."""
    (event,) = raw_events(delta("mid.$1"))
    recorder().add(event, 1000)
    assert len((tmp_path / "record").read_text().splitlines()) == 2


def test_what_people_write_is_masked_unless_wanted(recorder, tmp_path, delta):
    """The id of the message is not."""
    (event,) = raw_events(delta("mid.$1", "!echo meet me at the bridge"))
    recorder().add(event, 1000)
    text = (tmp_path / "record").read_text()
    assert "bridge" not in text
    assert "!echo " in text
    assert "mid.$1" in text


def test_only_the_owner_may_read_it(recorder, tmp_path):
    """Mode 0600."""
    recorder()
    assert (tmp_path / "record").stat().st_mode & 0o777 == 0o600


def test_a_file_that_exists_is_not_overwritten(recorder, tmp_path):
    """It may be yesterday's record."""
    (tmp_path / "record").write_text("yesterday")
    with pytest.raises(BadArgument, match="exists; give the record another name"):
        recorder()
    assert (tmp_path / "record").read_text() == "yesterday"


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """With the reason."""
    with pytest.raises(BadArgument, match="no/record: cannot be made: No such file"):
        Recorder(tmp_path / "no" / "record", HEAD, random.Random(1))


def test_a_full_disk_ends_the_record_and_not_the_bot(recorder, caplog, delta):
    """One line in the log says so."""
    recorder = recorder()
    recorder._file.close()
    recorder._file = open("/dev/full", "w")  # noqa: PTH123, SIM115
    (event,) = raw_events(delta("mid.$1"))
    recorder.add(event, 1000)
    recorder.add(event, 1001)
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert "record: the record ends here, as it cannot be written: No space left" in errors[0]


def test_what_cannot_be_masked_is_left_out(recorder, tmp_path, caplog, delta):
    """And told; the next row is written."""
    deep = json.loads("[" * 500 + "]" * 500)
    wire = delta("mid.$1")
    recorder = recorder()
    for payload in ({**wire, "deep": [deep, object()]}, wire):
        (event,) = raw_events(payload)
        recorder.add(event, 1000)
    assert "a message is missing, as it cannot be masked" in caplog.text
    assert len(list(Record(tmp_path / "record").rows())) == 1


def test_after_its_end_nothing_is_written(recorder, tmp_path, delta):
    """The socket may be a moment behind."""
    recorder = recorder()
    recorder.close()
    recorder.close()
    (event,) = raw_events(delta("mid.$1"))
    recorder.add(event, 1000)
    assert list(Record(tmp_path / "record").rows()) == []


def test_two_records_mask_differently(recorder, tmp_path, delta):
    """By chance that nobody knows."""
    texts = []
    for seed in (1, 2):
        one = recorder(seed=seed)
        (event,) = raw_events(delta("mid.$1", "a long enough text"))
        one.add(event, 1000)
        one.close()
        texts.append((tmp_path / "record").read_text())
        (tmp_path / "record").unlink()
    assert texts[0] != texts[1]


GOOD = json.dumps(asdict(HEAD))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "record: is empty"),
        ("hello\n", "record:1: is no line of a record"),
        ("[]\n", "record:1: is no line of a record"),
        ('{"botkit": "1"}\n', "record:1: is no line of a record"),
        ('{"botkit": 1, "own_id": "1", "prefix": "!", "bodies": false}\n', "record:1: is no line of a record"),
        (f"{GOOD}\n{{}}\n", "record:2: is no line of a record"),
        (f'{GOOD}\n{{"received_ms": "1", "delta": {{}}}}\n', "record:2: is no line of a record"),
        (f'{GOOD}\n{{"received_ms": 1, "delta": []}}\n', "record:2: is no line of a record"),
        (f"{GOOD}\nhello\n", "record:2: is no line of a record"),
        ("\ud800", "record: cannot be read: it is not UTF-8 text"),
    ],
)
def test_a_wrong_record_is_told_with_its_line(tmp_path, text, problem):
    """Whether it is the head or a row."""
    (tmp_path / "record").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(BadArgument, match=problem):
        list(Record(tmp_path / "record").rows())


def test_a_last_line_that_was_torn_is_left_out(tmp_path):
    """The bot was killed while it wrote."""
    (tmp_path / "record").write_text(f'{GOOD}\n{{"received_ms": 1, "delta": {{}}}}\n{{"received_ms": 2, "del')
    assert list(Record(tmp_path / "record").rows()) == [RecordedRow(1, {})]


def test_a_missing_record_is_told(tmp_path):
    """With the reason."""
    with pytest.raises(BadArgument, match="cannot be read: No such file"):
        Record(tmp_path / "record")
