"""The bot file: what is read, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.config import Settings, parse, read, settings_of
from botkit.limits import DEFAULTS, KINDS, KindLimits, Rate
from botkit.messenger.errors import ConfigError

FILE = Path("bots/bot.yaml")


def problems(text, environment=None):
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE, environment or {})
    return caught.value.problems


def test_an_empty_file_is_a_bot_on_the_sandbox():
    """Every key has a default."""
    file = parse("", FILE, {}).file
    assert (file.network, file.prefix, file.timezone, file.plugins) == ("sandbox", "!", "UTC", {})


def test_paths_are_relative_to_the_file():
    """`data: .botkit` is beside the bot file, wherever one stands."""
    assert parse("data: mine", FILE, {}).data == Path("bots/mine")


def test_ids_may_be_written_as_numbers():
    """They are texts inside; a single one needs no list."""
    assert parse("owners: [100000000000002, '3']", FILE, {}).file.owners == ["100000000000002", "3"]
    assert parse("owners: 7", FILE, {}).file.owners == ["7"]


def test_a_plugin_needs_no_settings():
    """`echo:` with nothing behind it loads the plugin with its defaults, in the order of the lines."""
    assert list(parse("plugins:\n  b:\n  a: {}\n", FILE, {}).file.plugins.items()) == [("b", {}), ("a", {})]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("0.5", 0.5), ("90s", 90.0), ("1h", 3600.0), ("2h30m", 9000.0), ("1.5m", 90.0), ("250ms", 0.25)],
)
def test_a_length_of_time_is_a_number_of_seconds_or_has_units(text, seconds):
    """As one says it."""
    assert parse(f"answer_within: {text}", FILE, {}).file.answer_within == seconds


def test_limits_that_the_file_does_not_set_are_those_of_the_network():
    """Only what is written changes; `unlimited` lifts a limit."""
    text = "network: facebook\nlogin: {app_state: a}\nlimits: {message: {per_chat: 2 per 1m, daily: unlimited}}"
    limits = parse(text, FILE, {}).file.limits_in_force()
    usual = DEFAULTS["facebook"]
    assert limits["message"] == KindLimits(Rate(2, 60.0), usual["message"].overall, usual["message"].hourly, None)
    assert {kind: limits[kind] for kind in KINDS[1:]} == {kind: usual[kind] for kind in KINDS[1:]}


def test_the_sandbox_has_no_limits_of_its_own():
    """It only counts, until the file says otherwise."""
    assert set(parse("", FILE, {}).file.limits_in_force().values()) == {KindLimits()}
    limits = parse("limits: {read: {overall: 1 per 1s}}", FILE, {}).file.limits_in_force()
    assert limits["read"] == KindLimits(overall=Rate(1, 1.0))


def test_what_notify_holds_is_not_shown():
    """A webhook's address, and a command's words, may be as good as a password."""
    text = "notify: {command: [tell, hunter22], webhook: 'https://example.test/hunter22'}"
    assert "hunter22" not in repr(parse(text, FILE, {}))
    found = problems("notify: {command: hunter22, webhook: 'irc://hunter22'}")
    assert len(found) == 2
    assert "hunter22" not in "".join(found)


def test_variables_of_the_environment_are_filled_in():
    """`${NAME}` anywhere in a text."""
    text = "login: {email: '${WHO}@example.test', password: '${WORD}'}"
    login = parse(text, FILE, {"WHO": "bot", "WORD": "s3cret"}).file.login
    assert (login.email, login.password) == ("bot@example.test", "s3cret")
    assert "s3cret" not in repr(login)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("prefx: '!'", "bots/bot.yaml:1: prefx: there is no such key; did you mean 'prefix'?"),
        ("\nnetwork: irc", "bots/bot.yaml:2: network: should be 'sandbox' or 'facebook', not 'irc'"),
        ("prefix: a\nprefix: b", "bots/bot.yaml:2: prefix: stands twice; the first is on line 1"),
        ("sandbox: {prt: 1}", "bots/bot.yaml:1: sandbox.prt: there is no such key; did you mean 'port'?"),
        ("sandbox:\n  port: many", "bots/bot.yaml:2: sandbox.port: should be a whole number, not 'many'"),
        ("sandbox: {port: true}", "bots/bot.yaml:1: sandbox.port: should be a whole number, not True"),
        ("sandbox: {port: 1.5}", "bots/bot.yaml:1: sandbox.port: should be a whole number, not 1.5"),
        ("timezone: Mars", "bots/bot.yaml:1: timezone: 'Mars' is not a time zone"),
        ("login: {app_state: a, email: b}", "bots/bot.yaml:1: login.email: stands beside app_state; give one"),
        ("login: {app_state: a, password: b}", "bots/bot.yaml:1: login: a password needs its email"),
        ("login: {}", "bots/bot.yaml:1: login: give either app_state, or email"),
        ("network: facebook", "bots/bot.yaml:1: login: is missing; network facebook needs an app_state, or an email"),
        ("network: facebook\nlogin:", "bots/bot.yaml:2: login: is missing; network facebook needs"),
        ("owners: Ann", "bots/bot.yaml:1: owners: should be an id such as 100000000000002, not 'Ann'"),
        ("owners: [5, abc]", "bots/bot.yaml:1: owners[1]: should be an id such as 100000000000002, not 'abc'"),
        ("owners: [5.5]", "owners[0]: should be an id such as 100000000000002, not 5.5"),
        ("owners: [true]", "owners[0]: should be an id such as 100000000000002, not True"),
        ("owners: true", "owners: should be a list, not True"),
        ("plugins:\n  x: 5", "bots/bot.yaml:2: plugins.x: should be keys and values, not 5"),
        ("data: ${NOWHERE}", "bots/bot.yaml:1: data: the environment variable NOWHERE is not set"),
        ("options: {self_lisen: true}", "bots/bot.yaml:1: options.self_lisen: option self_lisen is unknown"),
        ("options: {online: 'yes'}", "bots/bot.yaml:1: options.online: should be true or false, not 'yes'"),
        ("options: {network: x}", "bots/bot.yaml:1: options.network: network is a key of its own"),
        ("prefix: ${OPEN", "bots/bot.yaml:1: prefix: has a ${ without its }; write ${NAME}"),
        ("data: 5", "bots/bot.yaml:1: data: should be a path, not 5"),
        ("prefix: a b", "bots/bot.yaml:1: prefix: should be 1 to 5 characters without spaces, not 'a b'"),
        ("sandbox: {url: banana}", "bots/bot.yaml:1: sandbox.url: 'banana' is not a sandbox's address"),
        ("sandbox: {url: 'https://example.test'}", "is not a sandbox's address; write one like http://127.0.0.1:8642"),
        ("data: ${}", "bots/bot.yaml:1: data: ${} is not a variable; write ${NAME}"),
        ("answer_within: soon", "bots/bot.yaml:1: answer_within: 'soon' is not a length of time; write one like 90s"),
        ("answer_within: 0", "answer_within: 0 is not a length of time"),
        ("answer_within: 0s", "answer_within: '0s' is not a length of time"),
        ("answer_within: -5s", "answer_within: '-5s' is not a length of time"),
        ("answer_within: true", "answer_within: True is not a length of time"),
        ("answer_within: .inf", "answer_within: inf is not a length of time"),
        (
            "error_reply: ' '",
            "bots/bot.yaml:1: error_reply: should be a sentence, not ' '; without the key the chat is told nothing",
        ),
        ("limits: {mesage: {}}", "bots/bot.yaml:1: limits.mesage: there is no such key; did you mean 'message'?"),
        ("limits: {read: {per_chat: 1 per 1s}}", "limits.read.per_chat: there is no such key; there are overall"),
        ("limits: {small: {daily: 5}}", "limits.small.daily: there is no such key; there are overall, per_chat"),
        ("limits: {small: {overall: 5}}", "limits.small.overall: should be like `20 per 60s`, or `unlimited`, not 5"),
        ("limits: {small: {overall: 0 per 1s}}", "should be like `20 per 60s`, or `unlimited`, not '0 per 1s'"),
        ("limits: {small: {overall: 3 per 0s}}", "limits.small.overall: '0s' is not a length of time"),
        ("limits: {small: {overall: 5 per year}}", "limits.small.overall: 'year' is not a length of time"),
        ("limits: {message: {daily: 0}}", "daily: should be a whole number above 0, or `unlimited`, not 0"),
        ("limits: {message: {daily: true}}", "daily: should be a whole number above 0, or `unlimited`, not True"),
        ("notify: {}", "bots/bot.yaml:1: notify: give a command (a list of words), or a webhook, or both"),
        ("notify: {command: mail me}", "notify.command: should be a list, not a text"),
        ("notify: {command: [tell, [me]]}", "notify.command[1]: should be a text, not a list"),
        ("notify: {webhook: 'ftp://example.test'}", "notify.webhook: must begin with http:// or https://"),
        ("notify: {webhook: 'https://'}", "notify.webhook: must have a host, and no blanks, after http:// or https://"),
        ("metrics: true", "bots/bot.yaml:1: metrics: should be a whole number, not True"),
        ("metrics: 70000", "bots/bot.yaml:1: metrics: should be less than or equal to 65535, not 70000"),
        ("log_format: xml", "bots/bot.yaml:1: log_format: should be 'text' or 'json', not 'xml'"),
        ("durability: high", "bots/bot.yaml:1: durability: should be 'normal' or 'full', not 'high'"),
        ("- a", "bots/bot.yaml:1: must hold keys such as plugins:, not a list"),
        ("a: [1", "bots/bot.yaml:2: is not valid YAML"),
        ("prefix: !x y", "bots/bot.yaml:1: prefix: has the tag !x, which a bot file does not use"),
        ("? [a]\n: 1", "bots/bot.yaml:1: ?: a key must be a word"),
        ("data: &a [*a]", "nested too deep"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(text, line):
    """What was wanted, what was found, and the nearest right key."""
    assert any(line in problem for problem in problems(text)), problems(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    """Nobody wants to start a bot five times to find five mistakes."""
    found = problems("timezone: Mars\nprefx: 1\nprefix: a\nprefix: b\nnetwork: irc\n")
    assert [p.split(":")[1] for p in found] == ["1", "2", "4", "5"]


def test_a_wrong_password_is_not_shown():
    """A value under `password` never comes back in a message."""
    found = problems("login:\n  email: a\n  password: [hunter22]\n")
    assert found
    assert "hunter22" not in "".join(found)


def test_each_wrong_option_is_told_on_its_line():
    """Not only the first."""
    found = problems("options:\n  self_listen: maybe\n  online: 3\n  foo: 1\n")
    assert [problem.split(": ")[:2] for problem in found] == [
        ["bots/bot.yaml:2", "options.self_listen"],
        ["bots/bot.yaml:3", "options.online"],
        ["bots/bot.yaml:4", "options.foo"],
    ]


def test_what_came_from_the_environment_or_stands_under_login_is_not_shown():
    """It may be a secret in the wrong place."""
    found = problems("prefix: '${WORD} x'\nlogin: hunter22\n", {"WORD": "hunter22"})
    assert len(found) == 2
    assert "hunter22" not in "".join(found)


def test_an_unknown_key_hides_no_other_mistake_of_the_login():
    """Both are told, neither with what stands there."""
    found = problems("login: {app_state: a, email: b, pasword: hunter22}")
    assert [problem.split(": ")[1] for problem in found] == ["login.email", "login.pasword"]
    assert "hunter22" not in "".join(found)


def test_of_what_is_not_shown_the_kind_is_told():
    """A number may be a password."""
    assert problems("login: 77665544") == ["bots/bot.yaml:1: login: should be keys and values, not a number"]
    assert problems("limits: {small: {overall: '${WORD}'}}", {"WORD": "hunter22"}) == [
        "bots/bot.yaml:1: limits.small.overall: should be like `20 per 60s`, or `unlimited`"
    ]


def test_a_missing_variable_is_told_once():
    """What follows from it is not a second mistake."""
    assert problems("prefix: ${NOWHERE}") == ["bots/bot.yaml:1: prefix: the environment variable NOWHERE is not set"]


def test_a_missing_file_is_one_line(tmp_path):
    """The message names the file and what to do."""
    with pytest.raises(ConfigError, match="there is no such file"):
        read(tmp_path / "nope.yaml")


class Dice(Settings):
    most: int = 10
    luck: float | None = None
    loud: bool = False
    names: list[str] = []


def test_a_plugins_settings_are_checked_by_its_own_class():
    """Mistakes stand where the key stands in the bot file."""
    source = parse("plugins:\n  dice:\n    mst: 3\n    most: many\n", FILE, {}).source
    assert settings_of(Dice, {"most": 3}, "dice", source) == Dice(most=3)
    found = settings_of(Dice, {"mst": 3, "most": "many"}, "dice", source)
    assert found.problems == [
        "bots/bot.yaml:4: plugins.dice.most: should be a whole number, not 'many'",
        "bots/bot.yaml:3: plugins.dice.mst: there is no such key; did you mean 'most'?",
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"most": True}, "most: should be a whole number, not True"),
        ({"most": 1.5}, "most: should be a whole number, not 1.5"),
        ({"most": []}, "most: should be a whole number, not a list"),
        ({"luck": "much"}, "luck: should be a number, not 'much'"),
        ({"luck": False}, "luck: should be a number, not False"),
        ({"loud": "maybe"}, "loud: should be true or false, not 'maybe'"),
        ({"loud": 1.5}, "loud: should be true or false, not 1.5"),
        ({"names": True}, "names: should be a list, not True"),
    ],
)
def test_a_setting_of_another_kind_is_told_in_plain_words(values, told):
    """Not in pydantic's; true is no number."""
    source = parse("plugins: {dice: {}}", FILE, {}).source
    assert settings_of(Dice, values, "dice", source).problems == [f"bots/bot.yaml:1: plugins.dice.{told}"]


def test_a_plugin_without_settings_refuses_any():
    """A key that nobody reads is a mistake."""
    source = parse("plugins: {echo: {loud: true}}", FILE, {}).source
    assert settings_of(None, {"loud": True}, "echo", source).problems == [
        "bots/bot.yaml:1: plugins.echo.loud: there is no such key"
    ]
