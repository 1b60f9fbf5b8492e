"""What the bot itself keeps about chats, people and plugins, as an owner's plugin sees and changes it: `ctx.host`.

Changes are committed with the call, like those of `ctx.store`, and hold from the next event on. Everything is kept in
the store under the name `botkit`, in the scopes that plugins have as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from botkit import texts
from botkit.commands import ROLES
from botkit.jobs import AskedRun, JobInfo
from botkit.messenger.errors import BadArgument, CommandError, ContextError
from botkit.storage import Changes, Scope, Store
from botkit.texts import Phrase

if TYPE_CHECKING:
    from botkit.overrides import Configured

HOST = "botkit"
"""The name under which the bot's own values are kept."""

AUTOMATIONS = "automations"
"""The plugin that does what the bot file says under `automations:`."""

ROUTER = "commands"
"""The plugin that is in every bot: it turns messages into commands. It cannot be switched off."""

SETTINGS_KEY = "settings."
"""Before a plugin's name: under this key stands what was changed of its settings, {`welcome.text`: value}."""

PAUSED_KEY = "paused."
"""Before the id of a job: under this key stands, in its chat or globally, that it rests."""

CONFIRMATION = "confirmation"
"""Under this key a command waits for a person to say yes: {command, text, until_ms}."""

CONFIRM_S = 60.0
"""For so long it waits."""

_LONGEST_PREFIX = 5


@dataclass(frozen=True)
class ChatSettings:
    """What holds in one chat: its own values, else those of the bot file. `timezone` is a name such as
    `Europe/Amsterdam`, `language` a tag such as `en` or `nl`."""

    prefix: str
    language: str
    timezone: str
    muted: bool = False


@dataclass(frozen=True)
class PluginInfo:
    """A loaded plugin: where it was loaded from, the version of its package (None for a file), what it says of itself
    in the first line of its docstring, the hooks and the commands that it has, and whether it is on in this chat."""

    name: str
    place: str
    version: str | None
    summary: str
    hooks: tuple[str, ...]
    commands: tuple[str, ...]
    is_enabled: bool = True


@dataclass(frozen=True)
class Desk:
    """What the runner puts behind `ctx.host`. `holding` gives what is kept under a key: {scope: value}."""

    defaults: ChatSettings
    owners: frozenset[str]
    chat: Callable[[str], ChatSettings] = field(repr=False)
    """thread id → what holds there, as of the last commit."""
    plugins: Callable[[], tuple[PluginInfo, ...]] = field(repr=False)
    configured: Callable[[str], Configured] = field(repr=False)
    """plugin → its settings as the bot file has them."""
    holding: Callable[[str], Mapping[str, Any]] = field(repr=False)
    time_ms: Callable[[], int] = field(repr=False)
    role_of: Callable[[str, str | None], str] = field(repr=False)
    """(thread id, user id) → role, as of the last commit."""
    find_chat: Callable[[str], str | None] = field(repr=False)
    """The id or the name of a chat → its id."""
    languages: Callable[[], Iterable[str]] = field(repr=False)
    """The tags of the languages that plugins have texts in."""
    jobs: Callable[[str | None, str], tuple[JobInfo, ...]] = field(repr=False)
    """(thread id, language) → the jobs of that chat and those that run in none, by the time of their next runs."""
    why: Callable[[str, str], tuple[str, ...]] = field(repr=False)
    """(thread id, user id) → what became of that person's last message before the present one."""


class Host:
    """The host of one call. `thread_id` is this chat's where none is given; ContextError where there is none."""

    def __init__(self, store: Store, desk: Desk, thread_id: str | None, sender_id: str | None, plugin: str) -> None:
        self._store = store
        self._desk = desk
        self._thread_id = thread_id
        self._sender_id = sender_id
        self._plugin = plugin
        self._reloads: list[str] = []
        self._runs: list[AskedRun] = []

    def chat(self, thread_id: str | None = None) -> ChatSettings:
        """What holds in a chat."""
        return chat_settings(self._thread(thread_id), self._desk.defaults)

    def set_prefix(self, prefix: str | None, *, thread_id: str | None = None) -> None:
        """Let commands in a chat begin with `prefix`, one to five characters without a space; None: as elsewhere."""
        if prefix is not None and (not 0 < len(prefix) <= _LONGEST_PREFIX or any(c.isspace() for c in prefix)):
            raise CommandError(Phrase.of("host.prefix", most=_LONGEST_PREFIX))
        _put(self._thread(thread_id), "prefix", prefix)

    def set_language(self, language: str | None, *, thread_id: str | None = None) -> None:
        """Let the bot and its plugins speak a language in a chat, by its tag; None: the bot's own. Raises CommandError
        for one that none of them knows."""
        known = self.languages()
        if language is not None and not any(one in known for one in texts.ancestors(language)):
            raise CommandError(Phrase.of("host.language", languages=", ".join(known)))
        _put(self._thread(thread_id), "language", language and language.lower())

    def languages(self) -> tuple[str, ...]:
        """The tags of the languages that the bot and its plugins have texts in."""
        return tuple(sorted({*texts.host().languages, *self._desk.languages()}))

    def set_timezone(self, timezone: str | None, *, thread_id: str | None = None) -> None:
        """Let a chat live in a time zone; None: the bot's. Raises CommandError for a zone that there is not."""
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (OSError, ValueError, KeyError):
                raise CommandError(Phrase.of("host.timezone", timezone=timezone)) from None
        _put(self._thread(thread_id), "timezone", timezone)

    def mute(self, *, thread_id: str | None = None) -> None:
        """Let the bot be silent in a chat: only owners' commands are still heard there."""
        _put(self._thread(thread_id), "muted", True)

    def unmute(self, *, thread_id: str | None = None) -> None:
        """Let the bot speak in a chat again."""
        _put(self._thread(thread_id), "muted", None)

    def ignore(self, user_id: str) -> None:
        """Let nothing that a person does, in any chat, reach a plugin. Raises CommandError for an owner."""
        if user_id in self._desk.owners:
            raise CommandError(Phrase.of("host.owner"))
        _put(self._store.scope(f"user:{user_id}"), "ignored", True)

    def unignore(self, user_id: str) -> None:
        """Listen to a person again."""
        _put(self._store.scope(f"user:{user_id}"), "ignored", None)

    def ignored(self) -> tuple[str, ...]:
        """The ids of the people who are ignored."""
        scopes = self._desk.holding("ignored")
        return tuple(sorted(s.removeprefix("user:") for s in scopes if self._store.scope(s).get("ignored")))

    def role_of(self, user_id: str, *, thread_id: str | None = None) -> str:
        """What somebody may do in a chat: `owner` (of the bot), `admin` (of the group), `mod` or `member`."""
        return self._desk.role_of(self._chat_id(thread_id), user_id)

    def find_chat(self, name: str) -> str | None:
        """The id of a chat by its id or its name; None when no chat has that name, or several. One that was found by
        its name stays the same when it is renamed, for as long as the bot is in it. The hundred latest chats are looked
        through."""
        return self._desk.find_chat(name)

    def set_role(self, user_id: str, role: str | None, *, thread_id: str | None = None) -> None:
        """Give somebody a role in a chat, `admin` or `mod`; None takes it back. The group's own admins are admins
        without it. Raises BadArgument for another role."""
        if role not in (None, *ROLES[1:-1]):
            raise BadArgument(f"set_role: role must be one of {', '.join(ROLES[1:-1])} or None, not {role!r}")
        _put(self._store.scope(f"member:{self._chat_id(thread_id)}:{user_id}"), "role", role)

    def roles(self, *, thread_id: str | None = None) -> dict[str, str]:
        """The roles that were given in a chat: {user id: role}."""
        chat = f"member:{self._chat_id(thread_id)}:"
        scopes = [scope for scope in self._desk.holding("role") if scope.startswith(chat)]
        found = {scope.removeprefix(chat): self._store.scope(scope).get("role") for scope in scopes}
        return {user_id: role for user_id, role in found.items() if role}

    def plugins(self) -> tuple[PluginInfo, ...]:
        """The loaded plugins in the order of the bot file; `is_enabled` tells of this chat, if there is one."""
        if self._thread_id is None:
            return self._desk.plugins()
        chat = self._thread(None)
        return tuple(_in_chat(one, chat) for one in self._desk.plugins())

    def is_enabled(self, plugin: str, *, thread_id: str | None = None) -> bool:
        """Whether a plugin is on in a chat: unless it was switched off there."""
        return is_on(self._thread(thread_id), plugin)

    def enable(self, plugin: str, *, thread_id: str | None = None) -> None:
        """Switch a plugin on in a chat, for its schedules too. Raises CommandError when there is no such plugin."""
        self._known(plugin)
        _put(self._thread(thread_id), f"plugin:{plugin}", True)

    def disable(self, plugin: str, *, thread_id: str | None = None) -> None:
        """Switch a plugin off in a chat. Raises CommandError when there is no such plugin, and for the two without
        which it could not be switched on again: the router and the plugin that asks."""
        self._known(plugin)
        if plugin in (ROUTER, self._plugin):
            raise CommandError(Phrase.of("host.needed", plugin=plugin))
        _put(self._thread(thread_id), f"plugin:{plugin}", False)

    def settings(self, plugin: str) -> dict[str, Any]:
        """{`welcome.text`: value} of a plugin's settings in force, with secrets hidden. Raises CommandError when there
        is no such plugin."""
        self._known(plugin)
        return self._desk.configured(plugin).shown(self._overrides(plugin))

    def setting_descriptions(self, plugin: str) -> dict[str, str]:
        """{`welcome.text`: what it is for} of the settings that say so. Raises CommandError when there is no such
        plugin."""
        self._known(plugin)
        return self._desk.configured(plugin).descriptions()

    def set_setting(self, plugin: str, key: str, text: str) -> None:
        """Change a setting, such as `welcome.text`; `text` is a plain text or a YAML value, such as `[a, b]`. The
        plugin has it from the next event on. Raises CommandError, with the reason, when the plugin's own class refuses
        it, for a secret, and when there is no such plugin or setting."""
        self._known(plugin)
        self._put_overrides(plugin, self._desk.configured(plugin).set(self._overrides(plugin), key, text))

    def reset_setting(self, plugin: str, key: str) -> None:
        """Let a setting be what the bot file says. Raises CommandError when there is no such plugin or setting."""
        self._known(plugin)
        self._put_overrides(plugin, self._desk.configured(plugin).reset(self._overrides(plugin), key))

    def reload(self, plugin: str) -> None:
        """Have a plugin's code loaded anew when this call is committed; how it went is told in this chat. Raises
        CommandError when there is no such plugin."""
        self._known(plugin)
        self._reloads.append(plugin)

    def jobs(self) -> tuple[JobInfo, ...]:
        """What is scheduled in this chat, and what runs in none, by the time of the next run."""
        language = self.chat().language if self._thread_id is not None else self._desk.defaults.language
        return tuple(
            replace(one, is_paused=bool(self._job_scope(one).get(_pause_key(one))))
            for one in self._desk.jobs(self._thread_id, language)
        )

    def pause_job(self, name: str) -> JobInfo:
        """Let a job of this chat, or of none, rest: runs that fall due meanwhile are dropped. `name` is its own or
        `plugin:name`. Raises CommandError when there is no such job."""
        job = self._job(name)
        _put(self._job_scope(job), _pause_key(job), True)
        return job

    def resume_job(self, name: str) -> JobInfo:
        """Let a job that rests run again. Raises CommandError when there is no such job."""
        job = self._job(name)
        _put(self._job_scope(job), _pause_key(job), None)
        return job

    def run_job(self, name: str) -> JobInfo:
        """Have a job run once when this call is committed, beside its schedule. Raises CommandError when there is no
        such job."""
        job = self._job(name)
        self._runs.append(AskedRun(job.plugin, job.name, job.thread_id))
        return job

    def take_confirmation(self) -> tuple[str, str] | None:
        """(name, text of the arguments) of the command that waits for the sender to say yes in this chat; it waits no
        longer. None when nothing does."""
        if self._thread_id is None or self._sender_id is None:
            return None
        waiting = self._store.scope(f"member:{self._thread_id}:{self._sender_id}").pop(CONFIRMATION, None)
        if waiting is None or waiting["until_ms"] < self._desk.time_ms():
            return None
        return waiting["command"], waiting["text"]

    def why(self) -> tuple[str, ...]:
        """What became of the sender's last message in this chat before the present one, in sentences; none when
        nothing is known of one."""
        if self._thread_id is None or self._sender_id is None:
            return ()
        return self._desk.why(self._thread_id, self._sender_id)

    def end(self) -> tuple[Changes, tuple[str, ...], tuple[AskedRun, ...]]:
        """For the runner: what was changed, the plugins to be loaded anew, and the jobs to be run."""
        return self._store.changes(), tuple(self._reloads), tuple(self._runs)

    def _known(self, plugin: str) -> None:
        names = [one.name for one in self._desk.plugins()]
        if plugin not in names:
            raise CommandError(Phrase.of("host.plugin", plugin=plugin, plugins=", ".join(names)))

    def _job(self, name: str) -> JobInfo:
        jobs = self.jobs()
        found = [one for one in jobs if one.id == name] or [one for one in jobs if one.name == name]
        if len({one.id for one in found}) == 1:
            # Of those of one name, that of this chat.
            return next((one for one in found if one.thread_id is not None), found[0])
        if not jobs:
            raise CommandError(Phrase.of("jobs.nothing", job=name))
        raise CommandError(Phrase.of("jobs.none", job=name, jobs=", ".join(one.id for one in jobs)))

    def _job_scope(self, job: JobInfo) -> Scope:
        return self._store.scope(f"thread:{job.thread_id}" if job.thread_id is not None else "")

    def _overrides(self, plugin: str) -> dict[str, Any]:
        return dict(self._store.get(SETTINGS_KEY + plugin) or {})

    def _put_overrides(self, plugin: str, overrides: dict[str, Any]) -> None:
        _put(self._store, SETTINGS_KEY + plugin, overrides or None)

    def _thread(self, thread_id: str | None) -> Scope:
        return self._store.scope(f"thread:{self._chat_id(thread_id)}")

    def _chat_id(self, thread_id: str | None) -> str:
        found = thread_id or self._thread_id
        if found is None:
            raise ContextError("host: this call has no chat; give a thread_id")
        return str(found)


def chat_settings(kept: Mapping[str, Any], defaults: ChatSettings) -> ChatSettings:
    """What holds in a chat of which this is kept."""
    return ChatSettings(
        prefix=kept.get("prefix") or defaults.prefix,
        language=kept.get("language") or defaults.language,
        timezone=kept.get("timezone") or defaults.timezone,
        muted=bool(kept.get("muted")),
    )


def is_on(kept: Mapping[str, Any], plugin: str) -> bool:
    """Whether a plugin is on in a chat of which this is kept: unless it was switched off."""
    return bool(kept.get(f"plugin:{plugin}", True))


def _in_chat(plugin: PluginInfo, chat: Mapping[str, Any]) -> PluginInfo:
    return plugin if is_on(chat, plugin.name) else replace(plugin, is_enabled=False)


def _pause_key(job: JobInfo) -> str:
    return f"{PAUSED_KEY}{job.id}"


def _put(scope: Scope, key: str, value: Any) -> None:
    if value is None:
        scope.pop(key, None)
    else:
        scope[key] = value
