"""A bot's status as OpenMetrics, for Prometheus and whatever reads the same.

Labels name plugins, kinds and states; no id and no text of people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from botkit import __version__
from botkit.clock import Clock
from botkit.runner.loopback import LoopbackServer, Request, Response
from botkit.status import BudgetStatus, PluginStatus, Status

STATES = ("connecting", "live", "stalled", "backing_off", "logged_out", "checkpoint", "stopped")


class MetricsServer(LoopbackServer):
    """Serves `/metrics` on a loopback port."""

    def __init__(self, status: Callable[[], Status], clock: Clock, port: int) -> None:
        """`status` is asked for each reading; raises OSError when the port is taken."""
        registry = CollectorRegistry()
        registry.register(_Collector(status, clock))

        def answer(request: Request) -> Response:
            if (request.method, request.path) != ("GET", "/metrics"):
                return Response(404, b"metrics are at /metrics\n", "text/plain; charset=utf-8")
            return Response(200, _exposition(registry), CONTENT_TYPE_LATEST)

        super().__init__("metrics", answer, port)


def _exposition(registry: CollectorRegistry) -> bytes:
    found: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return found


class _Collector:
    def __init__(self, status: Callable[[], Status], clock: Clock) -> None:
        self._status = status
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        # With nothing described, registering does not ask for a status.
        return ()

    def collect(self) -> Iterable[Metric]:
        status, now_ms = self._status(), self._clock.time_ms()
        yield InfoMetricFamily("botkit", "The version of botkit.", {"version": __version__})
        yield from _connection(status, now_ms)
        yield from _work(status)
        yield from _plugins(status.plugins, now_ms)
        yield from _budgets(status.budgets)


def _connection(status: Status, now_ms: int) -> Iterable[Metric]:
    family = GaugeMetricFamily("botkit_connection", "1 for the state that it is in.", labels=["state"])
    for name in dict.fromkeys((*STATES, status.state)):
        family.add_metric([name], name == status.state)
    yield family
    for name, help_, at_ms in (
        ("botkit_connection_age_seconds", "Since when the connection is in its state.", status.since_ms),
        ("botkit_uptime_seconds", "Since when the bot runs.", status.started_ms),
        ("botkit_event_age_seconds", "Age of the last event.", status.last_event_ms),
    ):
        if at_ms is not None:
            yield GaugeMetricFamily(name, help_, max(0.0, (now_ms - at_ms) / 1000), unit="seconds")


def _work(status: Status) -> Iterable[Metric]:
    rows = GaugeMetricFamily("botkit_rows", "Rows of the journal that are not done.", labels=["state"])
    rows.add_metric(["open"], status.open_rows)
    rows.add_metric(["dead"], status.dead_rows)
    rows.add_metric(["late"], status.late_rows)
    yield rows
    waiting = GaugeMetricFamily("botkit_waiting", "What waits for its turn.", labels=["kind"])
    waiting.add_metric(["lanes"], status.lanes_waiting)
    waiting.add_metric(["outbox"], status.outbox_waiting)
    waiting.add_metric(["background"], status.background_waiting)
    yield waiting
    yield CounterMetricFamily(
        "botkit_lost_workers", "Workers that never came back from a handler.", status.lost_workers
    )


def _plugins(plugins: Iterable[PluginStatus], now_ms: int) -> Iterable[Metric]:
    label = ["plugin"]
    calls = CounterMetricFamily("botkit_plugin_calls", "Calls that have ended.", labels=label)
    errors = CounterMetricFamily("botkit_plugin_errors", "Calls that raised.", labels=label)
    missed = GaugeMetricFamily("botkit_plugin_missed", "Events that passed it by while it was paused.", labels=label)
    paused = GaugeMetricFamily("botkit_plugin_paused", "1 while it is paused.", labels=label)
    mean = GaugeMetricFamily("botkit_plugin_call_mean_seconds", "Mean time of a call.", labels=label, unit="seconds")
    slowest = GaugeMetricFamily("botkit_plugin_call_slowest_seconds", "Slowest call.", labels=label, unit="seconds")
    for one in plugins:
        calls.add_metric([one.name], one.calls)
        errors.add_metric([one.name], one.errors)
        missed.add_metric([one.name], one.missed)
        paused.add_metric([one.name], one.is_paused(now_ms))
        mean.add_metric([one.name], one.mean_ms / 1000)
        slowest.add_metric([one.name], one.slowest_ms / 1000)
    return calls, errors, missed, paused, mean, slowest


def _budgets(budgets: Iterable[BudgetStatus]) -> Iterable[Metric]:
    used = GaugeMetricFamily("botkit_budget_used", "What is used of a limit of the governor.", labels=["kind"])
    most = GaugeMetricFamily("botkit_budget_limit", "The limit; absent where there is none.", labels=["kind"])
    for one in budgets:
        kind = f"{one.kind} {one.limit}".replace(" ", "_")
        used.add_metric([kind], one.used)
        if one.of is not None:
            most.add_metric([kind], one.of)
    return used, most
