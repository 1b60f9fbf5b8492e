"""What a handler holds: the context of one call.

A context lives as long as its call. Afterwards every use raises ContextError, so that nothing acts in the name of a
call whose outcome is already committed.
"""

from __future__ import annotations

import functools
import logging
import random as random_module
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botkit.clock import Clock
from botkit.commands import Command, CommandTable
from botkit.messenger.errors import BadArgument, ContextError
from botkit.outgoing import CALL, Handle, Outgoing, check_emoji, checked, checked_call, thread_id_text
from botkit.storage import to_json
from botkit.texts import HELP, say

if TYPE_CHECKING:
    from botkit.commands import Lookup, Member
    from botkit.host import Desk, Host
    from botkit.jobs import JobChange, JobRun
    from botkit.messenger import Api, Event, Thread
    from botkit.scheduling import JobDesk, Scheduling
    from botkit.status import Status
    from botkit.storage import Changes, Store
    from botkit.templates import Template, Value
    from botkit.texts import Catalogue


_SEND = frozenset({"message", "thread_id", "reply_to"})


@dataclass(frozen=True)
class Work:
    """Slow work that a call wants to have done in the background: a module-level function of the plugin by its name."""

    function: str
    arguments: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True)
class Queued:
    """What a call leaves behind beside the changes of its plugin's store. `host`: what it has changed of the bot's own
    values; `reloads`: plugins whose code is to be loaded anew; `jobs`: what it wants of them."""

    outgoing: tuple[Outgoing, ...] = ()
    work: tuple[Work, ...] = ()
    host: tuple[Changes, ...] = ()
    reloads: tuple[str, ...] = ()
    jobs: tuple[JobChange, ...] = ()


class People(Protocol):
    """Who is in the chats; looked up for two seconds at most, and never raising."""

    def thread(self, thread_id: str) -> Thread | None:
        """A chat, or None when it cannot be found out."""
        ...

    def member(self, thread_id: str, user_id: str) -> Member:
        """Somebody in a chat."""
        ...

    def role_of(self, thread_id: str, user_id: str | None) -> str:
        """The role of somebody in a chat."""
        ...


@dataclass(frozen=True)
class Services:
    """What the host puts into every context of one plugin."""

    plugin: str
    module: str
    settings: Any
    clock: Clock
    random: random_module.Random
    log: logging.Logger
    commands: CommandTable
    texts: Callable[[str], Catalogue]
    """plugin → its texts."""
    owners: frozenset[str]
    people: People
    desk: Desk
    new_host: Callable[[str | None, str | None], Host]
    """(thread id, sender id) → the host of one call."""
    new_lookup: Callable[[str | None, Event | None], Lookup]
    """(thread id, event) → what the arguments of a command are looked up in."""
    jobs: JobDesk
    next_row: Callable[[], int]
    """The number of the next outbox row."""
    message_id_of: Callable[[int], str | None]
    """What an outbox row was sent as."""
    status: Callable[[], Status]


class PluginApi:
    """`ctx.api`: every function of the `Api` but those of class session, for as long as the call lasts."""

    def __init__(self, act: Callable[[str, tuple[Any, ...], dict[str, Any]], Any], api: type[Api]) -> None:
        """`act` does the function of that name with these arguments; `api` has their signatures and docstrings."""
        self._act: Callable[[str, tuple[Any, ...], dict[str, Any]], Any] | None = act
        self._signatures = api

    def __getattr__(self, name: str) -> Any:
        from botkit.messenger import FUNCTION_CLASSES

        kind = FUNCTION_CLASSES.get(name)
        if kind is None:
            raise AttributeError(f"ctx.api has no function {name!r}")
        if kind == "session":
            raise ContextError(f"ctx.api.{name}: the session belongs to the bot, not to a plugin")

        @functools.wraps(getattr(self._signatures, name))
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._act is None:
                raise ContextError(f"ctx.api.{name}: this ctx belongs to a call that has ended")
            return self._act(name, args, kwargs)

        return call

    def end(self) -> None:
        """Let go of the api: the call is over."""
        self._act = None


class Context:
    """The context of a call that may have no chat (`on_start`, `on_stop`, `on_plugin_error`)."""

    def __init__(self, services: Services, api: PluginApi, store: Store, event: Event | None) -> None:
        self._services: Services | None = services
        self._api = api
        self._store = store
        self._event = event
        self._host: Host | None = None
        self._outgoing: list[Outgoing] = []
        self._may_queue = True
        self._work: list[Work] = []
        self._scheduling: Scheduling | None = None

    @property
    def event(self) -> Event | JobRun | None:
        """What caused the call: a message, an event, typing, the run of a job; None at start and stop."""
        self._alive()
        return self._event

    @property
    def api(self) -> Api:
        """The whole messaging API but the session functions. It acts at once: what it did stands, even if this call
        fails. For messages prefer `reply` and `send`, which wait for the bot's pace; here a function over its limit
        raises RateLimited. When this call is run again after a crash, a send, poll, group, forward or addition that
        had ended gives its result a second time without being done, and one whose outcome nobody knows raises
        OutcomeUnknown."""
        self._alive()
        return self._api  # type: ignore[return-value]

    @property
    def store(self) -> Store:
        """This plugin's values: a mapping of JSON values, with `.thread`, `.user` and `.member` for narrower scopes.
        Changes are kept when the call commits, in one transaction with its messages."""
        self._alive()
        return self._store

    @store.setter
    def store(self, store: Store) -> None:
        """`ctx.store |= {…}` sets it to itself; nothing else may be set."""
        self._alive()
        if store is not self._store:
            raise ContextError("ctx.store cannot be replaced; change it with update or |=")

    @property
    def settings(self) -> Any:
        """The plugin's settings from the bot file: an instance of its `Settings` class."""
        return self._alive().settings

    @property
    def log(self) -> logging.Logger:
        """A logger under the plugin's name. Do not log what people wrote above debug level."""
        return self._alive().log

    @property
    def clock(self) -> Clock:
        """The clock to ask for the time and to wait with; tests hold another."""
        return self._alive().clock

    @property
    def random(self) -> random_module.Random:
        """The dice to throw; tests hold loaded ones."""
        return self._alive().random

    @property
    def commands(self) -> CommandTable:
        """All commands of all loaded plugins."""
        return self._alive().commands

    @property
    def prefix(self) -> str:
        """What a command begins with, in this chat if there is one."""
        return self._alive().desk.defaults.prefix

    @property
    def host(self) -> Host:
        """What the bot itself keeps about chats, people and plugins; for owners' commands. Changes are committed with
        the call."""
        services = self._alive()
        if self._host is None:
            self._host = self._new_host(services)
        return self._host

    @property
    def lookup(self) -> Lookup:
        """What `commands.invocation` finds people, chats and times in."""
        return self._alive().new_lookup(None, self._event)

    @property
    def language(self) -> str:
        """The tag of the language that is spoken here: the chat's if there is one, else the bot's."""
        return self._alive().desk.defaults.language

    def t(self, key: str, /, **values: Any) -> str:
        """The text of `key` in the plugin's catalogue, in the language that is spoken here, with `values` put in for
        `{name}`. A `count` among them chooses between `key.one` and `key.other`. What is missing in the language is
        said in English, and what is missing there too is the key itself; never raises."""
        services = self._alive()
        return services.texts(services.plugin).say(self.language, key, values)

    def t_in(self, thread_id: str, key: str, /, **values: Any) -> str:
        """What `t` says, in the language of another chat: for what is sent there."""
        services = self._alive()
        return services.texts(services.plugin).say(services.desk.chat(thread_id).language, key, values)

    def render(self, template: Template, /, **values: Value) -> str:
        """The template with `values` put in, in the language that is spoken here; names with dots are given as
        `**{"event.title": …}`. `{now}` is known everywhere; in a chat so are `{thread.name}`, `{thread.id}`,
        `{sender.name}` and `{sender.id}`. What is unknown or None is said as nothing; never raises."""
        asked = {name: self._general(name) for name in template.names if name not in values}
        return template.render({**asked, **values}, self.language)

    def _general(self, name: str) -> Value:
        """What every template may ask for."""
        return self.lookup.now() if name == "now" else None

    def help_of(self, command: Command) -> str:
        """The help text of a command in the language that is spoken here: `help.NAME` of its plugin's catalogue, a
        space in the name as `_`, or else its docstring."""
        texts = self._alive().texts(command.plugin)
        return texts.translation(self.language, HELP + command.name.replace(" ", "_")) or command.help

    @property
    def owners(self) -> frozenset[str]:
        """The ids of the bot's owners, from the bot file."""
        return self._alive().owners

    def status(self) -> Status:
        """How the bot is doing at this moment."""
        return self._alive().status()

    def send(
        self, thread_id: str | int, message: str | Mapping[str, Any], *, reply_to: str | int | None = None
    ) -> Handle:
        """Queue a message to a chat. It leaves after the call has ended well, in the order of queueing.

        `message` is a text or a mapping as `api.send_message` takes it, with files given by their paths; `reply_to` is
        the id of the message that it answers. Raises BadArgument.
        """
        services = self._alive()
        body, extras = checked(message, reply_to)
        return self._queue(
            Outgoing(thread_id_text(thread_id), body, "message", extras, services.next_row(), services.plugin)
        )

    def reply(self, message: str | Mapping[str, Any], *, reply_to: str | int | None = None) -> Handle:
        """Queue a message to the chat of this call; raises ContextError when it has none."""
        self._alive()
        raise ContextError("reply: this call has no chat; use send(thread_id, text)")

    def queue(self, function: str, /, *arguments: Any, **named: Any) -> Handle:
        """Queue a function of the API that does something, such as `ctx.queue("set_title", "Lake")`: it is done after
        the call has ended well, in the bot's pace, and in its turn among what is queued for the same chat.

        The arguments are those of the function of `ctx.api`, and are JSON values or paths; in a call with a chat that
        is the `thread_id` of a function that needs one. What fails because of the network is done later; but
        what must not be done twice (a poll, a group, a forward, an addition) is left, with a line in the log, when
        nobody knows whether it was done. What the network refuses is a line in the log. Nothing comes back but the id
        of a message, by `sent`. Raises BadArgument.
        """
        services = self._alive()
        chat = getattr(self, "_thread_id", None)
        given = checked_call(function, arguments, named, chat)
        to = given.get("thread_id")
        if function == "send_message" and isinstance(to, str | int) and not given.keys() - _SEND:
            return self.send(to, given["message"], reply_to=given.get("reply_to"))
        lane = thread_id_text(to) if isinstance(to, str | int) else chat or ""
        return self._queue(Outgoing(lane, function, CALL, given, services.next_row(), services.plugin))

    def sent(self, handle: int) -> str | None:
        """The message id of what an earlier call has queued, or None while it waits or when it was refused."""
        return self._alive().message_id_of(handle)

    def background(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Have slow work done after this call has ended well, on a thread that no chat waits for.

        `function` is a function at the top level of the plugin's module; it gets the arguments, which are JSON values,
        and no ctx. What it returns, a JSON value too, or raises comes as `on_background` in the lane of this chat. It
        may take 10 minutes. After a crash it is run again from its beginning. Raises BadArgument and StoreError.
        """
        services = self._alive()
        name = getattr(function, "__qualname__", "")
        if getattr(function, "__module__", None) != services.module or not name.isidentifier():
            raise BadArgument(f"background: {name or function!r} must be a function at the top level of the plugin")
        to_json(list(arguments), f"background({name})")
        self._work.append(Work(name, arguments))

    @property
    def schedule(self) -> Scheduling:
        """Jobs that this call makes for its chat, or for none where it has none, as in `ctx.schedule.after("2h",
        remind, "tea")`. They are kept when the call ends well."""
        services = self._alive()
        if not self._may_queue:
            raise ContextError("nothing can be scheduled while a message is looked at")
        if self._scheduling is None:
            self._scheduling = self._new_scheduling(services)
        return self._scheduling

    def close_outbox(self) -> None:
        """For the host: from now on nothing can be queued; that would have to be looked at in its turn."""
        self._may_queue = False

    def wake(self, fresh: Context) -> None:
        """For the host: go on as `fresh`, a context of the present call; the two are one from now on."""
        self.__dict__ = fresh.__dict__

    def end(self) -> Queued:
        """For the host: end the context and take what it has queued."""
        self._services = None
        self._api.end()
        changes, reloads, runs = self._host.end() if self._host is not None else (None, (), ())
        jobs = self._scheduling.end() if self._scheduling is not None else ()
        return Queued(
            tuple(self._outgoing),
            tuple(self._work),
            (changes,) if changes is not None else (),
            reloads,
            (*jobs, *runs),
        )

    def _new_host(self, services: Services) -> Host:
        return services.new_host(None, None)

    def _new_scheduling(self, services: Services) -> Scheduling:
        return _scheduling(services, None, None)

    def _queue(self, outgoing: Outgoing) -> Handle:
        if not self._may_queue:
            raise ContextError("nothing can be queued while a message is looked at; return the text instead")
        self._outgoing.append(outgoing)
        return Handle(outgoing.number)

    def _alive(self) -> Services:
        if self._services is None:
            raise ContextError("this ctx belongs to a call that has ended; use the ctx of the present call")
        return self._services


class ChatContext(Context):
    """The context of a call in a chat."""

    def __init__(
        self, services: Services, api: PluginApi, store: Store, event: Event, thread_id: str, sender_id: str | None
    ) -> None:
        super().__init__(services, api, store, event)
        self._thread_id = thread_id
        self._sender_id = sender_id

    @property
    def thread_id(self) -> str:
        """The id of the chat: of the group, or of the other person."""
        self._alive()
        return self._thread_id

    @property
    def sender_id(self) -> str | None:
        """The id of the person who caused the call."""
        self._alive()
        return self._sender_id

    @property
    def sender(self) -> Member | None:
        """The person who caused the call: id, name and nickname, the latter two None when they are not known. None
        when nobody caused it. Looked up for two seconds at most; never raises."""
        services = self._alive()
        return services.people.member(self._thread_id, self._sender_id) if self._sender_id is not None else None

    def name_of(self, person: Member | str | None) -> str:
        """What somebody is called in this chat: the nickname, else the name, else the word for "somebody" of the
        language that is spoken here. `person` is a member, or an id, which is looked up for two seconds at most."""
        services = self._alive()
        if isinstance(person, str):
            person = services.people.member(self._thread_id, person)
        return (person and (person.nickname or person.name)) or say(self.language, "somebody")

    @property
    def thread(self) -> Thread | None:
        """This chat: title, people, admins and more; None when it cannot be found out within two seconds."""
        return self._alive().people.thread(self._thread_id)

    @property
    def role(self) -> str:
        """What the sender may do in this chat: `owner` (of the bot), `admin` (of the group), `mod` or `member`."""
        return self._alive().people.role_of(self._thread_id, self._sender_id)

    @property
    def prefix(self) -> str:
        """What a command begins with in this chat."""
        return self._alive().desk.chat(self._thread_id).prefix

    @property
    def language(self) -> str:
        """The tag of the language that is spoken in this chat."""
        services = self._alive()
        # The host of this call knows what this very call has changed.
        chat = self._host.chat() if self._host is not None else services.desk.chat(self._thread_id)
        return chat.language

    @property
    def lookup(self) -> Lookup:
        """What `commands.invocation` finds people, chats and times in."""
        return self._alive().new_lookup(self._thread_id, self._event)

    def _general(self, name: str) -> Value:
        if name == "thread.name":
            thread = self.thread
            return thread.name if thread is not None else None
        if name == "sender.name":
            sender = self.sender
            return (sender.nickname or sender.name) if sender is not None else None
        ids = {"thread.id": self._thread_id, "sender.id": self._sender_id}
        return ids[name] if name in ids else super()._general(name)

    def _new_host(self, services: Services) -> Host:
        return services.new_host(self._thread_id, self._sender_id)

    def _new_scheduling(self, services: Services) -> Scheduling:
        return _scheduling(services, self._thread_id, self._sender_id)

    def reply(self, message: str | Mapping[str, Any], *, reply_to: str | int | None = None) -> Handle:
        """Queue a message to this chat, as `send` does. It leaves after the call has ended well."""
        return self.send(self.thread_id, message, reply_to=reply_to)

    def react(self, emoji: str | None, message_id: str | None = None) -> Handle:
        """Queue a reaction, or with None the taking back of one, to a message of this chat.

        `message_id` is that of another message than the one that caused this call. Raises BadArgument when neither is
        there.
        """
        services = self._alive()
        target = message_id or getattr(self._event, "message_id", None)
        if not isinstance(target, str) or not target:
            raise BadArgument("react: this call is about no message; give a message_id")
        if emoji is not None:
            check_emoji(emoji)
        extras = {"message_id": target}
        return self._queue(
            Outgoing(self._thread_id, emoji or "", "reaction", extras, services.next_row(), services.plugin)
        )


def _scheduling(services: Services, thread_id: str | None, sender_id: str | None) -> Scheduling:
    # Loaded for plugins that schedule only.
    from botkit.scheduling import Scheduling

    return Scheduling(services.plugin, services.module, services.jobs, services.clock, thread_id, sender_id)
