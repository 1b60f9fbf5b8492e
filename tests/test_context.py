"""What a handler holds, for as long as its call lasts."""

from __future__ import annotations

import logging
import random
import sys

import pytest

from botkit.commands import CommandTable, Member
from botkit.context import ChatContext, Context, PluginApi, Queued, Services, Work
from botkit.host import HOST, ChatSettings, Desk, Host
from botkit.messenger import FUNCTION_CLASSES, Api, Message, Read
from botkit.messenger.errors import BadArgument, ContextError, StoreError
from botkit.outgoing import LONGEST_MESSAGE, Handle, Outgoing
from botkit.storage import open_store
from botkit.testing import ManualClock
from botkit.texts import Catalogue

ANN, GROUP = "100000000000002", "7000000000000001"
EVENT = Message(
    thread_id=GROUP, sender_id=ANN, message_id="mid.$g1", body="hello", timestamp_ms=1767225600000, is_group=True
)


def slow_work(number):
    """What a plugin may put into the background."""
    return number


@pytest.fixture
def acts():
    """What was done through ctx.api."""
    return []


class People:
    """Stands for who is in the chats."""

    def thread(self, thread_id):
        return f"chat {thread_id}"

    def member(self, thread_id, user_id):
        return Member(user_id, "Ann Lee", None)

    def role_of(self, thread_id, user_id):
        return "owner" if user_id == ANN else "member"


PEOPLE = People()
DESK = Desk(
    defaults=ChatSettings("!", "en", "UTC"),
    owners=frozenset({ANN}),
    chat=lambda thread_id: ChatSettings("?", "nl", "UTC"),
    plugins=lambda: (),
    configured=lambda plugin: None,
    languages=lambda: ("en", "nl"),
    jobs=lambda thread_id, language: (),
    holding=lambda key: {},
    time_ms=lambda: 0,
    role_of=PEOPLE.role_of,
    find_chat=lambda name: None,
    why=lambda thread_id, user_id: ("It was late.",),
)


def open_host(thread_id, person_id):
    return open_store(lambda sql, parameters: [], HOST, thread_id, person_id, all_shared=True)


@pytest.fixture
def make(acts):
    """Makes a context; with a chat if there is an event."""

    def context(event=EVENT, kind=ChatContext):
        numbers = iter(range(1, 1000))
        services = Services(
            plugin="p",
            module=__name__,
            settings="the settings",
            clock=ManualClock(),
            random=random.Random(1),
            log=logging.getLogger("botkit.plugin.p"),
            commands=CommandTable(),
            texts=lambda thing: Catalogue("p", {"en": {"hello": "Hello, {name}."}, "nl": {"hello": "Dag {name}."}}),
            owners=frozenset({ANN}),
            people=PEOPLE,
            desk=DESK,
            new_host=lambda thread_id, person_id: Host(
                open_host(thread_id, person_id), DESK, thread_id, person_id, "p"
            ),
            new_lookup=lambda thread_id, event: (thread_id, event),
            jobs=None,
            next_row=numbers.__next__,
            message_id_of={5: "mid.$g5"}.get,
            status=lambda: "the status",
        )
        store = open_store(lambda sql, parameters: [], "p", GROUP, ANN)

        def act(function, args, kwargs):
            acts.append((function, args, kwargs))
            return "done"

        api = PluginApi(act, Api)
        if kind is Context:
            return Context(services, api, store, event)
        return ChatContext(services, api, store, event, GROUP, ANN)

    return context


@pytest.fixture
def ctx(make):
    return make()


def test_the_store_is_updated_in_place_and_not_replaced(ctx):
    """`ctx.store |= …` is an assignment to Python, and the only one that is taken."""
    ctx.store |= {"a": 1}
    assert ctx.store["a"] == 1
    with pytest.raises(ContextError, match="change it with update"):
        ctx.store = ctx.store.thread


def test_a_reply_goes_to_the_chat_and_a_send_anywhere(ctx):
    """Both are queued, in order, under the numbers that their handles have."""
    first, second = ctx.reply("one"), ctx.send(8000000000000001, "two")
    assert [type(one) for one in (first, second)] == [Handle, Handle]
    assert ctx.end() == Queued(
        (Outgoing(GROUP, "one", number=1, plugin="p"), Outgoing("8000000000000001", "two", number=2, plugin="p"))
    )
    assert (first, second) == (1, 2)


def test_a_message_may_have_more_than_a_body(ctx, tmp_path):
    """As JSON values, so that it can be kept: files by their path, mentions, the message that it answers."""
    (tmp_path / "cat.png").write_bytes(b"cat")
    ctx.reply({"body": "look @Ann", "mentions": [{"tag": "@Ann", "id": ANN}]}, reply_to="mid.$g1")
    ctx.reply({"attachment": [str(tmp_path / "cat.png")]})
    first, second = ctx.end().outgoing
    assert first.body == "look @Ann"
    assert first.extras["mentions"]
    assert "mid.$g1" in first.extras.values()
    assert (second.body, "attachment" in second.extras) == ("", True)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "  ",
        5,
        None,
        "x" * (LONGEST_MESSAGE + 1),
        "half \ud800",
        {},
        {"body": "x", "nonsense": 1},
        {"attachment": b"x"},
    ],
)
def test_what_cannot_be_a_message_is_refused_where_it_is_queued(ctx, message):
    """The plugin's line is on the stack, not the sender's."""
    with pytest.raises(BadArgument):
        ctx.reply(message)
    assert ctx.end().outgoing == ()


def test_the_longest_message_is_taken(ctx):
    """To the character."""
    assert ctx.reply("x" * LONGEST_MESSAGE)


@pytest.mark.parametrize("thread_id", ["", True, None, 1.5])
def test_what_cannot_be_a_chat_is_refused(ctx, thread_id):
    """Ids are texts or whole numbers."""
    with pytest.raises(BadArgument, match="thread_id"):
        ctx.send(thread_id, "hello")


def test_a_reaction_is_queued_like_a_message(ctx):
    """To the message of this call or another one of its chat; None takes it back."""
    assert [ctx.react("❤"), ctx.react(None), ctx.react("😀", "mid.$g9")] == [1, 2, 3]
    assert ctx.end().outgoing == (
        Outgoing(GROUP, "❤", "reaction", {"message_id": "mid.$g1"}, 1, "p"),
        Outgoing(GROUP, "", "reaction", {"message_id": "mid.$g1"}, 2, "p"),
        Outgoing(GROUP, "😀", "reaction", {"message_id": "mid.$g9"}, 3, "p"),
    )


@pytest.mark.parametrize("emoji", ["", " ", 5])
def test_what_cannot_be_a_reaction_is_refused(ctx, emoji):
    """Taking one back is None, not nothing."""
    with pytest.raises(BadArgument, match="emoji"):
        ctx.react(emoji)


def test_a_function_is_queued_for_the_chat_that_it_is_about(ctx):
    """This one, unless another is given, or it is about none."""
    ctx.queue("set_title", "Lake")
    ctx.queue("set_title", "Lake", 7)
    ctx.queue("mute_thread", thread_id="8", seconds=-1)
    ctx.queue("create_group", user_ids=["1", "2"])
    assert [(one.thread_id, one.body, one.extras) for one in ctx.end().outgoing] == [
        (GROUP, "set_title", {"new_title": "Lake", "thread_id": GROUP}),
        ("7", "set_title", {"new_title": "Lake", "thread_id": 7}),
        ("8", "mute_thread", {"thread_id": "8", "seconds": -1}),
        (GROUP, "create_group", {"user_ids": ["1", "2"]}),
    ]


def test_a_message_that_is_queued_as_a_function_is_a_message(ctx):
    """One to several people makes a group, so it is not."""
    ctx.queue("send_message", message="hello")
    ctx.queue("send_message", message="hello", thread_id=["1", "2"])
    assert [(one.kind, one.body) for one in ctx.end().outgoing] == [("message", "hello"), ("call", "send_message")]


def test_a_file_is_queued_by_its_path(ctx, tmp_path):
    """It is read when its turn comes."""
    ctx.queue("change_group_image", image=tmp_path / "lake.png")
    assert ctx.end().outgoing[0].extras == {"image": str(tmp_path / "lake.png"), "thread_id": GROUP}


@pytest.mark.parametrize(
    ("function", "arguments", "problem"),
    [
        ("set_titel", {}, "queue: 'set_titel' is no function of the API that does something"),
        ("get_thread_info", {}, "queue: 'get_thread_info' is no function of the API that does something"),
        ("logout", {}, "queue: 'logout' is no function of the API that does something"),
        ("set_title", {}, "queue: set_title: missing a required argument: 'new_title'"),
        (
            "set_title",
            {"new_title": "x", "colour": "y"},
            "queue: set_title: got an unexpected keyword argument 'colour'",
        ),
        ("set_title", {"new_title": object()}, "queue: set_title: new_title cannot be kept until it is done"),
    ],
)
def test_what_cannot_be_queued_is_refused_where_it_is_tried(ctx, function, arguments, problem):
    """With what would be right."""
    with pytest.raises(BadArgument) as raised:
        ctx.queue(function, **arguments)
    assert problem in str(raised.value)


def test_an_event_that_is_no_message_needs_the_id_of_one(make):
    """There is nothing to react to otherwise."""
    ctx = make(Read(thread_id=GROUP, time_ms=0))
    with pytest.raises(BadArgument, match="give a message_id"):
        ctx.react("❤")
    assert ctx.react("❤", "mid.$g9")


def test_without_a_chat_there_is_no_reply(make):
    """on_start and on_stop; a send goes."""
    ctx = make(None, Context)
    with pytest.raises(ContextError, match="no chat; use send"):
        ctx.reply("hello")
    assert ctx.send(GROUP, "hello")


def test_it_has_what_a_plugin_needs(ctx):
    """All of it the host's own, so that a test can hold it."""
    assert (ctx.event, ctx.thread_id, ctx.sender_id) == (EVENT, GROUP, ANN)
    assert (ctx.settings, ctx.prefix, ctx.owners) == ("the settings", "?", {ANN})
    assert (type(ctx.clock), type(ctx.random)) == (ManualClock, random.Random)
    assert (ctx.log.name, ctx.commands, ctx.status()) == ("botkit.plugin.p", CommandTable(), "the status")


def test_it_knows_who_and_where(ctx, make):
    """Looked up when it is asked for; without a chat there is only what holds everywhere."""
    assert (ctx.sender, ctx.thread, ctx.role) == (Member(ANN, "Ann Lee", None), f"chat {GROUP}", "owner")
    assert ctx.lookup == (GROUP, EVENT)
    assert ctx.t("hello", name="Ann") == "Dag Ann."
    lonely = make(None, Context)
    assert (lonely.prefix, lonely.lookup, lonely.t("hello", name="Ann")) == ("!", (None, None), "Hello, Ann.")
    assert lonely.t_in(GROUP, "hello", name="Ann") == "Dag Ann."


def test_it_knows_what_somebody_is_called(ctx):
    """By their nickname, else their name, else a word of the chat's language."""
    assert ctx.name_of(ANN) == "Ann Lee"
    assert ctx.name_of(Member(ANN, "Ann Lee", "Annie")) == "Annie"
    assert ctx.name_of(Member(ANN, None, None)) == ctx.name_of(None) == "iemand"


def test_changes_of_the_host_are_left_with_the_call(ctx):
    """To be committed with it, and none where nothing was asked of it."""
    ctx.host.mute()
    ctx.host.why()
    (changes,) = ctx.end().host
    assert changes.writes == {(f"thread:{GROUP}", "muted"): "true"}


def test_a_handle_asks_what_became_of_it(ctx):
    """A number out of the store will do."""
    assert (ctx.sent(5), ctx.sent(6)) == ("mid.$g5", None)


def test_the_api_acts_at_once(ctx, acts):
    """With the arguments as they were given."""
    assert ctx.api.set_title("Best friends", thread_id=GROUP) == "done"
    assert acts == [("set_title", ("Best friends",), {"thread_id": GROUP})]


def test_the_api_has_every_function_but_those_of_the_session(ctx):
    """With their own names and docstrings."""
    for name, kind in FUNCTION_CLASSES.items():
        if kind == "session":
            with pytest.raises(ContextError, match="the session belongs to the bot"):
                getattr(ctx.api, name)
        else:
            assert getattr(ctx.api, name).__doc__ == getattr(Api, name).__doc__
    with pytest.raises(AttributeError, match="nonsense"):
        ctx.api.nonsense()


def test_background_work_is_named_by_its_function(ctx):
    """With arguments that can be kept."""
    ctx.background(slow_work, 3, {"a": [1, None]})
    assert ctx.end().work == (Work("slow_work", (3, {"a": [1, None]})),)


class Owner:
    def method(self):
        pass


@pytest.mark.parametrize("work", [lambda: 1, Owner().method, Owner.method, sys.exit, "slow_work", None, Owner()])
def test_work_that_could_not_be_found_again_is_refused(ctx, work):
    """After a restart there is nothing but the module and the name."""
    with pytest.raises(BadArgument, match="top level of the plugin"):
        ctx.background(work)
    assert ctx.end().work == ()


def test_arguments_that_are_not_json_are_refused(ctx):
    """With the function's name."""
    with pytest.raises(StoreError, match=r"background\(slow_work\)"):
        ctx.background(slow_work, {1})


def test_after_its_end_everything_raises(ctx, acts):
    """Nothing acts in the name of a call whose outcome is already committed; its api is dead too."""
    api, set_title = ctx.api, ctx.api.set_title
    ctx.end()
    properties = [name for name, value in vars(Context).items() if isinstance(value, property)]
    properties += [name for name, value in vars(ChatContext).items() if isinstance(value, property)]
    uses = [lambda name=name: getattr(ctx, name) for name in properties]
    uses += [
        lambda: ctx.reply("late"),
        lambda: ctx.send(GROUP, "late"),
        lambda: ctx.react("❤"),
        lambda: ctx.sent(5),
        lambda: ctx.status(),
        lambda: ctx.background(slow_work),
        lambda: api.set_title("late", GROUP),
        lambda: set_title("late", GROUP),
    ]
    for use in uses:
        with pytest.raises(ContextError, match="belongs to a call that has ended"):
            use()
    assert acts == []


def test_what_people_wrote_is_in_no_repr(ctx):
    """A traceback or a log line may show one."""
    ctx.reply("very private")
    ctx.background(slow_work, "very private")
    assert "very private" not in repr(ctx.end())
