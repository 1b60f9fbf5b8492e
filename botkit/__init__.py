"""botkit: a plugin-based bot framework for Messenger groups.

This is the front door: what plugin authors import. Each name is loaded when it is first used, so that importing
botkit itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from botkit.commands import Command as Command
    from botkit.commands import CommandTable as CommandTable
    from botkit.commands import Cooldown as Cooldown
    from botkit.commands import Invocation as Invocation
    from botkit.commands import Member as Member
    from botkit.commands import Rest as Rest
    from botkit.commands import command as command
    from botkit.context import ChatContext as ChatContext
    from botkit.context import Context as Context
    from botkit.conversations import Ask as Ask
    from botkit.conversations import Conversation as Conversation
    from botkit.conversations import ask as ask
    from botkit.hookspecs import STOP as STOP
    from botkit.hookspecs import hookimpl as hookimpl
    from botkit.host import ChatSettings as ChatSettings
    from botkit.host import Host as Host
    from botkit.host import PluginInfo as PluginInfo
    from botkit.jobs import JobInfo as JobInfo
    from botkit.jobs import JobRun as JobRun
    from botkit.jobs import at as at
    from botkit.jobs import cron as cron
    from botkit.jobs import every as every
    from botkit.matchers import keyword as keyword
    from botkit.matchers import matches as matches
    from botkit.matchers import mentioned as mentioned
    from botkit.matchers import reacted as reacted
    from botkit.matchers import replied_to_bot as replied_to_bot
    from botkit.messenger import ConnectionState as ConnectionState
    from botkit.messenger import Message as Message
    from botkit.messenger import Presence as Presence
    from botkit.messenger import Reaction as Reaction
    from botkit.messenger import Read as Read
    from botkit.messenger import ReadReceipt as ReadReceipt
    from botkit.messenger import Thread as Thread
    from botkit.messenger import ThreadEvent as ThreadEvent
    from botkit.messenger import Typing as Typing
    from botkit.messenger import Unsend as Unsend
    from botkit.messenger.errors import BadArgument as BadArgument
    from botkit.messenger.errors import BotkitError as BotkitError
    from botkit.messenger.errors import CommandError as CommandError
    from botkit.messenger.errors import ContextError as ContextError
    from botkit.messenger.errors import MessengerError as MessengerError
    from botkit.messenger.errors import OutcomeUnknown as OutcomeUnknown
    from botkit.messenger.errors import PluginError as PluginError
    from botkit.messenger.errors import RateLimited as RateLimited
    from botkit.messenger.errors import Refused as Refused
    from botkit.messenger.errors import StoreError as StoreError
    from botkit.migrations import MigrationStore as MigrationStore
    from botkit.migrations import migration as migration
    from botkit.outgoing import Outgoing as Outgoing
    from botkit.own_events import AccountTrouble as AccountTrouble
    from botkit.own_events import BackgroundResult as BackgroundResult
    from botkit.own_events import Gap as Gap
    from botkit.scheduling import ScheduledJob as ScheduledJob
    from botkit.settings import Duration as Duration
    from botkit.settings import Field as Field
    from botkit.settings import Secret as Secret
    from botkit.settings import Settings as Settings
    from botkit.templates import Names as Names
    from botkit.templates import Template as Template

_HOMES = {
    "Command": "botkit.commands",
    "CommandTable": "botkit.commands",
    "Cooldown": "botkit.commands",
    "Invocation": "botkit.commands",
    "Member": "botkit.commands",
    "Rest": "botkit.commands",
    "command": "botkit.commands",
    "AccountTrouble": "botkit.own_events",
    "BackgroundResult": "botkit.own_events",
    "ChatContext": "botkit.context",
    "Context": "botkit.context",
    "Gap": "botkit.own_events",
    "Outgoing": "botkit.outgoing",
    "Ask": "botkit.conversations",
    "Conversation": "botkit.conversations",
    "ask": "botkit.conversations",
    "STOP": "botkit.hookspecs",
    "hookimpl": "botkit.hookspecs",
    "ChatSettings": "botkit.host",
    "Host": "botkit.host",
    "PluginInfo": "botkit.host",
    "JobInfo": "botkit.jobs",
    "JobRun": "botkit.jobs",
    "at": "botkit.jobs",
    "cron": "botkit.jobs",
    "every": "botkit.jobs",
    "keyword": "botkit.matchers",
    "matches": "botkit.matchers",
    "mentioned": "botkit.matchers",
    "reacted": "botkit.matchers",
    "replied_to_bot": "botkit.matchers",
    "ConnectionState": "botkit.messenger",
    "Message": "botkit.messenger",
    "Presence": "botkit.messenger",
    "Reaction": "botkit.messenger",
    "Read": "botkit.messenger",
    "ReadReceipt": "botkit.messenger",
    "Thread": "botkit.messenger",
    "ThreadEvent": "botkit.messenger",
    "Typing": "botkit.messenger",
    "Unsend": "botkit.messenger",
    "BadArgument": "botkit.messenger.errors",
    "ContextError": "botkit.messenger.errors",
    "PluginError": "botkit.messenger.errors",
    "StoreError": "botkit.messenger.errors",
    "BotkitError": "botkit.messenger.errors",
    "CommandError": "botkit.messenger.errors",
    "MessengerError": "botkit.messenger.errors",
    "OutcomeUnknown": "botkit.messenger.errors",
    "RateLimited": "botkit.messenger.errors",
    "Refused": "botkit.messenger.errors",
    "MigrationStore": "botkit.migrations",
    "migration": "botkit.migrations",
    "ScheduledJob": "botkit.scheduling",
    "Duration": "botkit.settings",
    "Field": "botkit.settings",
    "Secret": "botkit.settings",
    "Settings": "botkit.settings",
    "Names": "botkit.templates",
    "Template": "botkit.templates",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'botkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(["__version__", *_HOMES])
