"""Whether a command may be run now: the gates in their order, and what they keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.commands import Command, Cooldown, Invocation
from botkit.host import CONFIRM_S, HOST
from botkit.messenger import Message, Thread
from botkit.people import Member
from botkit.runner.command_gates import CommandGates, Leave, Refusal, forget_cooldowns
from botkit.runner.lookups import Lookups
from botkit.storage import apply, open_store

OWNER, ANN, BEN, GROUP, OTHER = (
    "100000000000001",
    "100000000000002",
    "100000000000003",
    "7000000000000001",
    "7000000000000002",
)
EVENT = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="!roll", timestamp_ms=1767225600000, is_group=True
)
ROLL = Command("roll", print, (), plugin="dice")


class Net:
    """Stands for the client: one group, with these admins."""

    admins = ()

    def look_up_thread(self, thread_id, *, timeout_s):
        return Thread(thread_id, True, "Friends", (OWNER, ANN, BEN), admin_ids=self.admins)


@pytest.fixture
def net():
    return Net()


@pytest.fixture
def gates(database, clock, book, net):
    return CommandGates(database, clock, book, Lookups(net, clock, book, frozenset({OWNER})))


@pytest.fixture
def commit(database, book):
    """Commits what the gates keep."""

    def put(verdict):
        for changes in verdict.changes:
            database.write(lambda c, one=changes: apply(c, one))
        book.committed(verdict.changes)
        return verdict

    return put


@pytest.fixture
def ask(gates, commit):
    """Asks for a command and commits what that leaves; True, or the step and the sentence of the refusal."""

    def asked(command=ROLL, event=EVENT, allow=lambda command: None, **fields):
        verdict = commit(gates.ask(Invocation(command, **fields), event, allow))
        return True if isinstance(verdict, Leave) else (verdict.step.key, verdict.sentence)

    return asked


def test_a_command_without_conditions_is_for_everybody(ask):
    """Nothing is asked of the network for it."""
    assert ask() is True


@pytest.mark.parametrize(
    ("needed", "admins", "given", "person", "may"),
    [
        ("owner", (ANN,), "admin", ANN, False),
        ("owner", (), None, OWNER, True),
        ("admin", (ANN,), None, ANN, True),
        ("admin", (), "admin", ANN, True),
        ("admin", (), "mod", ANN, False),
        ("admin", (), None, OWNER, True),
        ("mod", (), "mod", ANN, True),
        ("mod", (ANN,), None, ANN, True),
        ("mod", (), None, ANN, False),
        ("mod", (BEN,), "mod", BEN, True),
    ],
)
def test_a_role_may_do_what_lesser_ones_may(ask, net, keep, needed, admins, given, person, may):
    """Owners by the bot file, admins by the network or as given here, mods as given here."""
    net.admins = admins
    if given:
        keep(f"member:{GROUP}:{person}", "role", given)
    found = ask(replace(ROLL, role=needed), replace(EVENT, sender_id=person))
    assert (found is True) == may
    if not may:
        assert found[0] == f"role.{needed}"
        assert found[1].endswith("may do that.")


def test_a_role_holds_in_its_own_chat_only(ask, keep):
    """A mod here is nobody elsewhere."""
    keep(f"member:{OTHER}:{ANN}", "role", "mod")
    assert ask(replace(ROLL, role="mod")) is not True


@pytest.mark.parametrize(
    ("per", "same_user_here", "same_user_elsewhere", "other_user_here", "other_user_elsewhere"),
    [
        ("user", False, False, True, True),
        ("chat", False, True, False, True),
        ("member", False, True, True, True),
        ("all", False, False, False, False),
    ],
)
def test_a_cooldown_is_for_whom_it_says(
    gates, ask, clock, per, same_user_here, same_user_elsewhere, other_user_here, other_user_elsewhere
):
    """To the second, with the seconds that are left in the answer."""
    command = replace(ROLL, cooldown=Cooldown(30.0, per))
    assert ask(command) is True
    clock.advance(10)
    for thread_id, person_id, may in (
        (GROUP, ANN, same_user_here),
        (OTHER, ANN, same_user_elsewhere),
        (GROUP, BEN, other_user_here),
        (OTHER, BEN, other_user_elsewhere),
    ):
        event = replace(EVENT, thread_id=thread_id, sender_id=person_id)
        found = gates.ask(Invocation(command), event, lambda one: None)
        assert isinstance(found, Leave) == may
        if not may:
            assert found.sentence == "Please wait 20 seconds more."
    clock.advance(20)
    assert ask(command) is True


def test_a_refused_command_begins_no_cooldown(ask):
    """Who was not let in has not used it."""
    command = replace(ROLL, cooldown=Cooldown(30.0))
    assert ask(command, allow=lambda one: False) == ("disallowed", None)
    assert ask(command) is True


def test_a_clock_that_is_set_back_does_not_lengthen_a_cooldown(ask, keep, clock):
    """What would last longer than the cooldown itself is none."""
    keep(f"user:{ANN}", "cooldown:dice:roll", clock.time_ms() + 30_001)
    assert ask(replace(ROLL, cooldown=Cooldown(30.0))) is True


def test_a_plugin_may_say_no_with_a_sentence(ask):
    """Or without one; True and None are no objection."""
    assert ask(allow=lambda command: "Not on Sundays.") == ("disallowed", "Not on Sundays.")
    assert ask(allow=lambda command: False) == ("disallowed", None)
    assert ask(allow=lambda command: True) is True


def test_a_dangerous_command_waits_for_a_yes(ask, database):
    """It says how to say it, and keeps what was typed; with the yes it is run."""
    command = replace(ROLL, confirm=True)
    assert ask(command, text=" 20") == (
        "confirm",
        "Are you sure? Answer !yes within 60 seconds, and I will do !roll 20.",
    )
    store = open_store(database.read, HOST, GROUP, ANN)
    assert store.member["confirmation"] == {"command": "roll", "text": " 20", "until_ms": 1767225660000}
    assert ask(command, text=" 20", confirmed=True) is True


def test_whoever_is_meant_is_named_when_it_is_asked(ask):
    """By the whole name; somebody else may be called by what was typed too."""
    command, ben = replace(ROLL, confirm=True), Member("100000000000003", "Ben Ali", "Benny")
    _, sentence = ask(command, arguments=(ben, "spam"), text=" Ben Ali spam")
    assert sentence.endswith("and I will do !roll Ben Ali spam (Ben Ali).")


def test_a_plugin_that_is_off_in_the_chat_says_nothing(ask, keep):
    """As if there were no such command."""
    keep(f"thread:{GROUP}", "plugin:dice", False)
    assert ask() == ("off", None)


def test_the_order_of_the_gates(gates, keep, clock, commit):
    """Off, late, role, allow, cooldown, confirmation: each as soon as those before it are open."""
    command = replace(ROLL, role="owner", cooldown=Cooldown(30.0), confirm=True)
    event = replace(EVENT, is_late=True)
    allow = [False]

    def first(**fields):
        verdict = commit(gates.ask(Invocation(command, **fields), event, lambda one: allow[0]))
        return verdict.step.key if isinstance(verdict, Refusal) else "open"

    keep(f"thread:{GROUP}", "plugin:dice", False)
    assert first() == "off"
    keep(f"thread:{GROUP}", "plugin:dice", True)
    assert first() == "late"
    event = replace(event, is_late=False)
    assert first() == "role.owner"
    event = replace(event, sender_id=OWNER)
    assert first() == "disallowed"
    allow[0] = None
    assert first() == "confirm"
    assert first(confirmed=True) == "open"
    assert first(confirmed=True) == "cooldown"
    assert first() == "cooldown"


@pytest.mark.parametrize("failing", ["allow", "network"])
def test_a_gate_that_fails_counts_as_no(ask, net, caplog, monkeypatch, failing):
    """Silently for the chat; the log has why."""

    def fails(*arguments, **more):
        raise ValueError("inside")

    monkeypatch.setattr(net, "look_up_thread", fails)
    found = ask(allow=fails) if failing == "allow" else ask(replace(ROLL, role="admin"))
    assert found == ("gate_failed", None)
    assert "a gate failed on command roll" in caplog.text


def test_what_is_over_is_forgotten(ask, database, clock):
    """Cooldowns and questions do not pile up."""
    ask(replace(ROLL, cooldown=Cooldown(30.0)))
    ask(replace(ROLL, confirm=True))
    forget_cooldowns(database, clock.time_ms())
    assert len(database.read("SELECT key FROM store")) == 2
    clock.advance(CONFIRM_S + 1)
    forget_cooldowns(database, clock.time_ms())
    assert database.read("SELECT key FROM store") == []
