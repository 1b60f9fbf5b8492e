"""`botkit run`, as a newcomer and as an owner use it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
import urllib.request
from types import SimpleNamespace

import pytest

from botkit.cli import run as run_module
from botkit.cli._report import exit_code
from botkit.messenger import login
from botkit.messenger.errors import AlreadyRunning, Checkpoint, NotLoggedIn, StoreError, WorkersLost
from botkit.sandbox import client

BOT_FILE = "sandbox: {port: 0}\nplugins: {mark_read: , echo: , help: }\n"


class At:
    """A place that people can be seated at."""

    def __init__(self, url):
        self.url, self.token = url, client.fetch_token(url)


@pytest.fixture
def bot_file(tmp_path):
    (tmp_path / "bot.yaml").write_text(BOT_FILE)
    return tmp_path / "bot.yaml"


@pytest.fixture
def run(start, bot_file, tmp_path):
    return lambda *options: start("run", *options).wait_ready()


def test_it_says_who_is_there_and_answers(run, person):
    """Address, own name, people, chats, plugins; then `!echo hello`."""
    bot = run()
    text = "\n".join(bot.lines)
    assert f"Open {bot.url}/ in a browser" in text
    for part in ("Bot (100000000000001)", "Ann, Ben, Chloe", "Friends", "Stand-up", "mark_read, echo, help, commands"):
        assert part in text
    ann = person("Ann", At(bot.url))
    ann.says("Friends", "!echo hello")
    assert ann.hears() == ("Bot", "hello")


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("backing_off", "no connection", "Not listening yet: no connection. It goes on by itself."),
        ("live", "", "Still taking in what it has missed. It goes on by itself."),
    ],
)
def test_it_says_when_it_does_not_listen_yet(capsys, state, reason, said):
    """The line that asks somebody to write comes when the bot hears them, or after this one."""
    bot = SimpleNamespace(
        wait_live=lambda timeout_s: False,
        wait=lambda timeout_s: False,
        status=lambda: SimpleNamespace(state=state, reason=reason),
    )
    run_module._say_whether_it_listens(bot)
    assert capsys.readouterr().out == f"\n{said}\n"


def test_in_shadow_it_reads_and_does_nothing(run, person):
    """The log tells what would be sent."""
    shadow = run("--shadow")
    assert "nothing is done but reading" in "\n".join(shadow.lines)
    ann = person("Ann", At(shadow.url))
    ann.says("Friends", "!echo hello")
    shadow.wait_error("would send 5 characters in chat")
    assert ann.history("Friends")[-1] == ("Ann", "!echo hello")
    assert shadow.end() == 0


def test_a_changed_plugin_is_loaded_anew_when_asked_for(run, person, tmp_path):
    """And while it does not pass, the old one answers."""
    source = 'from botkit import command\n@command("word")\ndef word(ctx):\n    """Say it."""\n    return "{}"\n'
    (tmp_path / "word.py").write_text(source.format("one"))
    (tmp_path / "bot.yaml").write_text("sandbox: {port: 0}\nplugin_dirs: .\nplugins: {word: }\n")
    bot = run("--reload")
    ann = person("Ann", At(bot.url))
    (tmp_path / "word.py").write_text("what is this?")
    bot.wait_error("plugin word is not reloaded")
    ann.says("Friends", "!word")
    assert ann.hears() == ("Bot", "one")
    (tmp_path / "word.py").write_text(source.format("another"))
    bot.wait_error("plugin word is reloaded")
    ann.says("Friends", "!word")
    assert ann.hears() == ("Bot", "another")


def test_calls_of_plugins_are_traced_when_asked_for(run, person):
    """What was said and answered is not in it."""
    bot = run("--trace-hooks")
    person("Ann", At(bot.url)).says("Friends", "!echo my-private-words")
    bot.wait_error("echo:!echo: ")
    assert "my-private-words" not in "".join(bot.errors)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_cleanly_within_two_seconds(run, number, tmp_path):
    """Exit code 0, and nothing left that says it is running."""
    bot = run()
    assert bot.end(number, within_s=2) == 0
    assert bot.lines[-1] == "stopped"
    assert not (tmp_path / ".botkit" / "sandbox.json").exists()
    assert not (tmp_path / ".botkit" / "bot.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_started_again_it_answers_and_the_history_is_there(run, person, number):
    """After Ctrl+C and after kill -9 of the whole process."""
    first = run()
    ann = person("Ann", At(first.url))
    ann.says("Friends", "!echo one")
    assert ann.hears() == ("Bot", "one")
    first.end(number)
    again = person("Ann", At(run().url))
    again.says("Friends", "!echo two")
    assert again.hears() == ("Bot", "two")
    assert again.history("Friends")[-4:] == [("Ann", "!echo one"), ("Bot", "one"), ("Ann", "!echo two"), ("Bot", "two")]


@pytest.mark.parametrize("half", ["world", "bot"])
def test_either_half_of_the_data_may_be_deleted(run, person, half, tmp_path):
    """A new world, or a bot without a past: it answers."""
    first = run()
    ann = person("Ann", At(first.url))
    ann.says("Friends", "!echo one")
    assert ann.hears() == ("Bot", "one")
    first.end()
    for path in (tmp_path / ".botkit").iterdir():
        if path.name.startswith("sandbox.db") if half == "world" else path.is_dir():
            path.unlink() if path.is_file() else shutil.rmtree(path)
    again = person("Ann", At(run().url))
    again.says("Friends", "!echo two")
    assert again.hears() == ("Bot", "two")
    assert (("Bot", "one") in again.history("Friends")) == (half == "bot")


def test_what_it_keeps_is_private(run, tmp_path):
    """The session, both databases and the address with its token have mode 0600."""
    run()
    kept = tmp_path / ".botkit"
    (folder,) = [path for path in kept.iterdir() if path.is_dir()]
    for path in (
        folder / "appstate.json",
        folder / "bot.db",
        kept / "sandbox.db",
        kept / "sandbox.json",
        kept / "control.json",
    ):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_second_bot_on_the_same_data_is_refused(run, botkit):
    """Exit code 6, naming the first."""
    first = run()
    second = botkit("run")
    assert second.returncode == 6
    assert f"another bot runs on this data: bot.yaml, process {first.process.pid}" in second.stderr


def test_it_uses_a_sandbox_that_runs_already(start, run, person, tmp_path):
    """The one that .botkit/sandbox.json names, or the one at `url`."""
    sandbox = start("sandbox", "--port", "0").wait_ready()
    bot = run()
    assert bot.url == sandbox.url
    bot.end()
    (tmp_path / "bot.yaml").write_text(f"sandbox: {{url: {sandbox.url}}}\ndata: elsewhere\nplugins: {{echo: }}\n")
    assert run().url == sandbox.url
    ann = person("Ann", At(sandbox.url))
    ann.says("Friends", "!echo hello")
    assert ann.hears() == ("Bot", "hello")


def test_a_wrong_bot_file_is_exit_code_2(botkit, tmp_path):
    """Every mistake a line, from the file and from the plugins."""
    (tmp_path / "bot.yaml").write_text("plugins:\n  ecko:\n  echo: {x: 1}\n")
    ran = botkit("run")
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        "botkit: bot.yaml:2: plugins.ecko: there is no such plugin; did you mean 'echo'?",
        "botkit: bot.yaml:3: plugins.echo.x: there is no such key",
    ]
    assert not (tmp_path / ".botkit").exists()
    assert botkit("run", "nowhere.yaml").returncode == 2


def test_an_unknown_option_is_exit_code_2(botkit, tmp_path):
    """The client's options are checked before anything is started."""
    (tmp_path / "bot.yaml").write_text("options: {self_lisen: true}\nsandbox: {port: 0}\n")
    ran = botkit("run")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert "bot.yaml:1: options.self_lisen: option self_lisen is unknown; the nearest is self_listen" in ran.stderr


def test_bodies_are_recorded_in_a_record_only(botkit, bot_file, tmp_path):
    """Without one the wish is a mistake, told before anything is started."""
    ran = botkit("run", "--record-bodies")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "botkit: --record-bodies needs --record FILE\n")
    assert not (tmp_path / ".botkit").exists()


def test_a_sandbox_that_is_not_there_is_exit_code_3(botkit, tmp_path):
    """One line."""
    (tmp_path / "bot.yaml").write_text("sandbox: {url: 'http://127.0.0.1:9'}\n")
    ran = botkit("run")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (3, 1)


def test_a_wrong_password_is_exit_code_4_and_a_checkpoint_5(start, botkit, tmp_path):
    """Neither is tried again; no password is shown."""
    (tmp_path / "world.yaml").write_text(
        "people:\n"
        "  - {id: 1000, name: Bo, bot: true, email: bo@sandbox.test, password: right-word}\n"
        "  - {id: 1001, name: Lo, email: lo@sandbox.test, password: right-word, checkpoint: true}\n"
    )
    sandbox = start("sandbox", "--port", "0", "--world", "world.yaml").wait_ready()
    (tmp_path / "bot.yaml").touch(0o600)
    for name, word, code in (("bo", "wrong-word", 4), ("lo", "right-word", 5)):
        (tmp_path / "bot.yaml").write_text(
            f"sandbox: {{url: {sandbox.url}}}\nlogin: {{email: {name}@sandbox.test, password: {word}}}\n"
        )
        ran = botkit("run")
        assert ran.returncode == code, ran.stderr
        assert word not in ran.stderr + ran.stdout


def test_a_password_login_is_remembered_by_its_session(start, run, tmp_path, person):
    """The second start needs no password, so the account is not logged in again and again."""
    sandbox = start("sandbox", "--port", "0").wait_ready()
    lines = f"sandbox: {{url: {sandbox.url}}}\nplugins: {{echo: }}\nlogin: {{email: bot@sandbox.test, password: "
    (tmp_path / "bot.yaml").chmod(0o600)
    (tmp_path / "bot.yaml").write_text(lines + "bot-sandbox}\n")
    run().end()
    (tmp_path / "bot.yaml").write_text(lines + "not-it-any-more}\n")
    run()
    ann = person("Ann", At(sandbox.url))
    ann.says("Friends", "!echo hello")
    assert ann.hears() == ("Bot", "hello")


def test_an_app_state_is_read_from_a_file_and_the_newer_saved_session_goes_first(start, run, tmp_path, person):
    """The server renews cookies, so what the bot saved outlives the file that it began with."""
    sandbox = At(start("sandbox", "--port", "0").wait_ready().url)
    given = client.app_state(sandbox.url, sandbox.token, "Bot")
    (tmp_path / "state.json").touch(0o600)
    (tmp_path / "state.json").write_text(json.dumps(given))
    (tmp_path / "bot.yaml").write_text(
        f"sandbox: {{url: {sandbox.url}}}\nlogin: {{app_state: state.json}}\nplugins: {{echo: }}\n"
    )
    run().end()
    (saved,) = (tmp_path / ".botkit").glob("sandbox-*/appstate.json")
    saved.write_text(json.dumps(client.app_state(sandbox.url, sandbox.token, "Bot")))
    assert login(given, {"network": sandbox.url}).logout()
    run()
    ann = person("Ann", sandbox)
    ann.says("Friends", "!echo hello")
    assert ann.hears() == ("Bot", "hello")


def test_a_dead_saved_session_is_followed_by_a_new_login(run, tmp_path, person):
    """On the sandbox the bot's account is lent anew."""
    first = run()
    (saved,) = (tmp_path / ".botkit").glob("sandbox-*/appstate.json")
    url = first.url
    assert login(saved.read_text(), {"network": url}).logout()
    assert first.ended() == 4
    ann = person("Ann", At(run().url))
    ann.says("Friends", "!echo hello")
    assert ann.hears() == ("Bot", "hello")


def test_the_log_has_one_line_for_an_event_and_hides_what_was_written(run, person):
    """At info level; at debug level the text is there."""
    bot = run()
    ann = person("Ann", At(bot.url))
    ann.says("Friends", "!echo my-private-words")
    assert ann.hears()[1] == "my-private-words"
    bot.end()
    lines = [line for line in bot.errors if "message    Ann in Friends: 22 characters" in line]
    assert len(lines) == 1
    assert "my-private-words" not in "".join(bot.errors + bot.lines)
    louder = run("--log-level", "debug")
    again = person("Ann", At(louder.url))
    again.says("Friends", "!echo my-private-words")
    assert again.hears()[1] == "my-private-words"
    louder.end()
    assert "my-private-words" in "".join(louder.errors)


def test_the_help_documents_the_exit_codes(botkit):
    """All of them."""
    text = botkit("run", "--help").stdout
    for code in (*range(8), 130):
        assert f"\n    {code}  " in text


def test_logs_go_to_a_file_as_json_and_metrics_to_a_port(run, tmp_path, person):
    """As the bot file says, unless the command line says otherwise; nobody else can read the file."""
    with (tmp_path / "bot.yaml").open("a") as file:
        file.write("log_file: bot.log\nlog_format: json\nmetrics: 0\n")
    bot = run()
    (address,) = [line.split()[1] for line in bot.lines if line.startswith("metrics")]
    with urllib.request.urlopen(address, timeout=5) as response:
        assert b'botkit_connection{state="live"} 1.0' in response.read()
    ann = person("Ann", At(bot.url))
    ann.says("Friends", "!echo hello")
    ann.hears()
    bot.end()
    lines = [json.loads(line) for line in (tmp_path / "bot.log").read_text().splitlines()]
    assert "connection live: the queue has answered" in [line["message"] for line in lines]
    assert [json.loads(line) for line in bot.errors] == lines
    told = [line for line in lines if line["message"].startswith("message")]
    assert [(line["thread"], line["row"]) for line in told] == [("7000000000000001", 1)]
    assert (tmp_path / "bot.log").stat().st_mode & 0o777 == 0o600
    other = run("--log-file", "other.log", "--log-format", "text", "--metrics", address.split(":")[2].split("/")[0])
    assert f"metrics   {address}" in other.lines
    other.end()
    assert "INFO    connection live" in (tmp_path / "other.log").read_text()
    assert (tmp_path / "bot.log").read_text().count("connection live") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("log_file: no/such/bot.log", "log_file: no/such/bot.log cannot be written: No such file or directory"),
        (
            "metrics: {port}",
            "metrics: port {port} cannot be had: Address already in use; name another, or 0 for a free one",
        ),
    ],
)
def test_what_cannot_be_had_is_told_with_its_key(botkit, tmp_path, line, said):
    """Exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "bot.yaml").write_text(f"sandbox: {{port: 0}}\n{line.format(port=port)}\n")
        ran = botkit("run")
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == f"botkit: bot.yaml:2: {said.format(port=port)}"


def test_each_end_has_its_exit_code():
    """The narrowest class decides."""
    ends = [StoreError("x"), NotLoggedIn("x"), Checkpoint("x", "url"), AlreadyRunning("x"), WorkersLost("x")]
    assert [exit_code(error) for error in ends] == [1, 4, 5, 6, 7]


def test_the_owner_is_told_of_a_checkpoint(start, tmp_path, person):
    """By the command of the bot file, before the bot has gone; exit code 5."""
    sandbox = start("sandbox", "--port", "0").wait_ready()
    command = [sys.executable, "-c", "import sys, pathlib; pathlib.Path('told').write_text(sys.argv[1])"]
    text = f"sandbox: {{url: {sandbox.url}}}\nplugins: {{echo: }}\nnotify: {{command: {json.dumps(command)}}}\n"
    (tmp_path / "bot.yaml").write_text(text)
    bot = start("run").wait_ready()
    token = client.fetch_token(sandbox.url)
    client._call(sandbox.url, token, "fault", {"as": "Bot", "kind": "checkpoint_page", "times": 100})
    person("Ann", At(sandbox.url)).says("Friends", "!echo hello")
    assert bot.ended() == 5
    assert "checkpoint" in (tmp_path / "told").read_text()
