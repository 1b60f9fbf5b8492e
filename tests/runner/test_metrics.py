"""The metrics are OpenMetrics, read back by the library's own parser."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from botkit.runner.metrics import MetricsServer
from botkit.status import BudgetStatus, PluginStatus, Status
from botkit.testing import ManualClock

NOW_MS = 1_800_000_000_000

STATUS = Status(
    state="live",
    reason="",
    since_ms=NOW_MS - 5_000,
    started_ms=NOW_MS - 86_400_000,
    last_event_ms=NOW_MS - 1_500,
    own_id="100000000000001",
    network="sandbox",
    open_rows=2,
    dead_rows=1,
    late_rows=7,
    lanes_waiting=3,
    outbox_waiting=4,
    background_waiting=5,
    lost_workers=6,
    plugins=(
        PluginStatus(
            "echo",
            calls=10,
            errors=3,
            missed=2,
            paused_until_ms=NOW_MS + 1,
            mean_ms=1.5,
            slowest_ms=20.0,
            last_error="KeyError at echo.py:3",
        ),
    ),
    budgets=(BudgetStatus("message", "per chat", 3, 20), BudgetStatus("read", "overall", 12)),
)


@pytest.fixture
def read():
    """Serves this status and gives what a reader gets: {(name, labels): value}."""
    servers = []

    def get(status, path="/metrics"):
        clock = ManualClock(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        servers.append(MetricsServer(lambda: status, clock, 0))
        servers[-1].start()
        with urllib.request.urlopen(servers[-1].url + path, timeout=5) as response:
            assert response.headers["Content-Type"].startswith("application/openmetrics-text")
            text = response.read().decode()
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    yield get
    for server in servers:
        server.stop()


def test_everything_is_there_with_its_unit(read):
    """Labels are plugin, kind and state; the version is the only other text."""
    found = read(STATUS)
    found.pop(next(key for key in found if key[0] == "botkit_info"))
    states = dict.fromkeys(["connecting", "stalled", "backing_off", "logged_out", "checkpoint", "stopped"], 0.0)
    assert {key[1]: value for key, value in found.items() if key[0] == "botkit_connection"} == {**states, "live": 1.0}
    assert {key: value for key, value in found.items() if key[0] != "botkit_connection"} == {
        ("botkit_connection_age_seconds",): 5.0,
        ("botkit_uptime_seconds",): 86_400.0,
        ("botkit_event_age_seconds",): 1.5,
        ("botkit_rows", "open"): 2.0,
        ("botkit_rows", "dead"): 1.0,
        ("botkit_rows", "late"): 7.0,
        ("botkit_waiting", "lanes"): 3.0,
        ("botkit_waiting", "outbox"): 4.0,
        ("botkit_waiting", "background"): 5.0,
        ("botkit_lost_workers_total",): 6.0,
        ("botkit_plugin_calls_total", "echo"): 10.0,
        ("botkit_plugin_errors_total", "echo"): 3.0,
        ("botkit_plugin_missed", "echo"): 2.0,
        ("botkit_plugin_paused", "echo"): 1.0,
        ("botkit_plugin_call_mean_seconds", "echo"): 0.0015,
        ("botkit_plugin_call_slowest_seconds", "echo"): 0.02,
        ("botkit_budget_used", "message_per_chat"): 3.0,
        ("botkit_budget_limit", "message_per_chat"): 20.0,
        ("botkit_budget_used", "read_overall"): 12.0,
    }


def test_what_never_was_is_absent(read):
    """No event yet is no age."""
    names = {key[0] for key in read(Status("connecting", "", None, None, None, "1", "sandbox"))}
    assert not [name for name in names if name.endswith("_seconds")]


def test_a_reading_is_of_that_moment():
    """The status is asked each time, and not before."""
    asked = []

    def status():
        asked.append(1)
        return STATUS

    server = MetricsServer(status, ManualClock(), 0)
    server.start()
    assert asked == []
    for _ in range(2):
        urllib.request.urlopen(f"{server.url}/metrics", timeout=5).close()
    assert len(asked) == 2
    server.stop()


def test_elsewhere_there_is_nothing(read):
    """404."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        read(STATUS, "/")
    assert raised.value.code == 404
    raised.value.close()
