"""Who is in a chat, remembered for a while."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from botkit import ChatContext, command
from botkit.commands import Member
from botkit.host import ChatSettings
from botkit.messenger import Message, NetworkError, Thread, ThreadEvent
from botkit.runner.book import Book
from botkit.runner.lookups import ChatLookup, Lookups

OWNER, ANN, BEN, GROUP = "100000000000001", "100000000000002", "100000000000003", "7000000000000001"
JOINED = ThreadEvent(
    thread_id=GROUP,
    log_message_type="log:subscribe",
    log_message_data={},
    log_message_body="",
    author_id=ANN,
    message_id="mid.$g2",
    timestamp_ms=0,
    is_group=True,
)


class Net:
    """Stands for the client: one group, and names that it may not know."""

    def __init__(self):
        self.thread = Thread(GROUP, True, "Friends", (ANN, BEN), nicknames={ANN: "Annie"}, admin_ids=(ANN,))
        self.names = {ANN: "Ann Lee"}
        self.asked = []
        self.meanwhile = lambda: None

    def look_up_thread(self, thread_id, *, timeout_s):
        self.asked.append((thread_id, timeout_s))
        self.meanwhile()
        return self.thread

    def look_up_names(self, ids, *, timeout_s):
        return {one: self.names[one] for one in ids if one in self.names}

    def get_thread_list(self, start, end):
        self.asked.append("list")
        self.meanwhile()
        if self.thread is None:
            raise NetworkError("gone")
        return [self.thread]


@pytest.fixture
def net():
    return Net()


@pytest.fixture
def lookups(net, clock, database):
    return Lookups(net, clock, Book(database, ChatSettings("!", "en", "UTC")), frozenset({OWNER}))


def test_a_chat_is_asked_for_once_in_a_while(lookups, net, clock):
    """For two seconds at most; after five minutes anew, and when something has changed in it."""
    for _ in range(3):
        assert lookups.thread(GROUP) == net.thread
    assert net.asked == [(GROUP, 2.0)]
    clock.advance(301)
    lookups.thread(GROUP)
    lookups.note(JOINED)
    lookups.thread(GROUP)
    assert len(net.asked) == 3


@pytest.mark.parametrize("ask", [lambda one: one.thread(GROUP), lambda one: one.threads()])
def test_what_changes_while_it_is_asked_for_is_asked_for_again(lookups, net, ask):
    """The answer may be older than the change."""
    net.meanwhile = lambda: lookups.note(JOINED)
    ask(lookups)
    net.meanwhile = lambda: None
    ask(lookups)
    ask(lookups)
    assert len(net.asked) == 2


def test_what_is_not_found_is_none_and_asked_for_again(lookups, net):
    """Nothing is raised."""
    net.thread = None
    assert lookups.thread(GROUP) is None
    assert lookups.members(GROUP) == ()
    assert lookups.threads() == ()
    assert lookups.member(GROUP, ANN) == Member(ANN, "Ann Lee", None)
    assert lookups.role_of(GROUP, ANN) == "member"


def test_members_have_names_and_nicknames_as_far_as_they_are_known(lookups):
    """In the order of the chat."""
    assert lookups.members(GROUP) == (Member(ANN, "Ann Lee", "Annie"), Member(BEN, None, None))
    assert lookups.member(GROUP, ANN) == Member(ANN, "Ann Lee", "Annie")


def test_a_role_is_the_highest_that_somebody_has(lookups, net):
    """Nobody for what nobody has caused; an owner's needs no look-up."""
    assert lookups.role_of(GROUP, OWNER) == "owner"
    assert lookups.role_of(GROUP, None) == "member"
    assert net.asked == []
    assert lookups.role_of(GROUP, ANN) == "admin"
    assert lookups.role_of(GROUP, BEN) == "member"


def test_the_list_of_chats_is_remembered(lookups, net):
    """Until something changes."""
    assert lookups.threads() == lookups.threads() == (net.thread,)
    assert net.asked == ["list"]
    lookups.note(JOINED)
    lookups.threads()
    assert net.asked == ["list", "list"]


def test_arguments_are_looked_up_in_their_chat(lookups, clock):
    """With its time, its people and who is mentioned."""
    message = Message(
        thread_id=GROUP,
        sender_id=ANN,
        message_id="mid.$g1",
        body="@Ben hi",
        timestamp_ms=0,
        is_group=True,
        mentions={BEN: "@Ben"},
    )
    lookup = ChatLookup(lookups, clock, "Europe/Amsterdam", GROUP, message)
    assert lookup.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert lookup.now().utcoffset().total_seconds() == 3600
    assert [one.id for one in lookup.members()] == [ANN, BEN]
    assert [one.name for one in lookup.threads()] == ["Friends"]
    assert lookup.mentions() == {BEN: "@Ben"}
    assert ChatLookup(lookups, clock, "UTC", None, None).members() == ()


def test_what_the_bot_has_changed_itself_is_looked_up_anew(bot):
    """It hears no event of its own deeds, whether they are done at once or queued."""

    @command("name")
    def name(ctx: ChatContext, title: str) -> None:
        """Name the group."""
        ctx.queue("set_title", title)

    @command("put out")
    def put_out(ctx: ChatContext, person: Member) -> str:
        """Put somebody out."""
        ctx.api.remove_user_from_group(person.id, ctx.thread_id)
        return f"{len(ctx.lookup.members())} in {ctx.thread.name}"

    bot.load(name, put_out)
    group = bot.group("Friends", "Ann", "Ben", "Cem")
    group.ann.says("hello")
    group.ann.does("admin", person="Bot")
    group.ann.says("!name Lake")
    group.ann.says("!put out Ben").replies("3 in Lake")
