"""The pytest plugin: installed with botkit, it brings the fixture `bot`, the marker `botkit` and one line at the end.

pytest loads it wherever botkit is installed, so it imports nothing of botkit before a test asks for a bot.
"""

from __future__ import annotations

import statistics
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from botkit.testing.kit import TestBot
    from botkit.testing.templates import Templates

_MARKER = (
    "botkit(plugins=None, bot_file=None, sockets=False, seed=1, **keys): what the fixture `bot` is: these plugins (a "
    "list of names, or names with settings) and this bot file in place of the nearest bot.yaml, with these keys set"
)
_MARK = "has_botkit_bot"
_BOTS = pytest.StashKey[list["TestBot"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what concerns bots to the command line."""
    group = parser.getgroup("botkit")
    group.addoption("--botkit-sockets", action="store_true", help="run each bot under test over real sockets")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and count."""
    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(_Costs(), "botkit-costs")


@pytest.fixture(scope="session")
def botkit_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The files that each bot under test begins with."""
    from botkit.testing.templates import Templates

    return Templates(tmp_path_factory.mktemp("botkit"))


@pytest.fixture
def bot(request: pytest.FixtureRequest, botkit_templates: Templates) -> Iterator[TestBot]:
    """A bot with the plugins that this test is about, in a world of its own: see docs/testing.md."""
    from botkit.messenger.errors import ConfigError
    from botkit.testing.kit import TestBot
    from botkit.testing.subject import Wishes, subject_of

    given = _given(request.node)
    sockets = given.pop("sockets", False) or request.config.getoption("--botkit-sockets")
    seed = given.pop("seed", 1)
    wishes = Wishes(given.pop("plugins", None), given.pop("bot_file", None), given)
    try:
        settings = subject_of(request.path, request.config.rootpath, wishes)
    except ConfigError as error:
        pytest.fail(str(error), pytrace=False)
    one = TestBot(botkit_templates.new_folder(), settings, botkit_templates, sockets=sockets, seed=seed)
    request.node.stash.setdefault(_BOTS, []).append(one)
    yield one
    one.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test whose bot has failed, as part of the test itself."""
    result = yield
    for one in item.stash.get(_BOTS, []):
        if (complaint := one.complaint()) is not None:
            pytest.fail(complaint, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark the reports of tests with a bot; as the mark is part of the report, it comes from other processes too."""
    report = yield
    setattr(report, _MARK, _BOTS in item.stash)
    return report


class _Costs:
    """Adds up what each test with a bot has taken, from set-up to tear-down, and tells it at the end."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if getattr(report, _MARK, False):
            self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._seconds:
            slowest = max(self._seconds, key=self._seconds.__getitem__)
            terminalreporter.write_line(
                f"botkit: {len(self._seconds)} tests with a bot,"
                f" {1000 * statistics.median(self._seconds.values()):.0f} ms each at the median,"
                f" {1000 * self._seconds[slowest]:.0f} ms the slowest ({slowest})"
            )


def _given(item: pytest.Item) -> dict[str, Any]:
    """What the markers of the test, its class and its module say; the nearest says the last word."""
    given: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("botkit"))):
        assert not marker.args, "the marker botkit takes its arguments by name, such as plugins=['dice']"
        given |= marker.kwargs
    return given
