"""The plugin that automations are: it hears events, has jobs, and queues one step after the other.

It is a module made for one bot, so that breaker, watch, `!jobs`, `!why` and `!disable automations` treat it as any
plugin. The steps of a run up to the first wait are rows of the outbox, committed with the run's mark; what comes after
the wait is a job, whose arguments hold what the event has said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from botkit import happenings
from botkit.automation_steps import Do, Wait, names_in
from botkit.automations import Automation
from botkit.commands import ROLES, allows
from botkit.context import ChatContext, Context
from botkit.host import AUTOMATIONS
from botkit.jobs import Chats, Job
from botkit.logs import get_logger
from botkit.matchers import Matcher, conditioned
from botkit.messenger import Event, Message
from botkit.messenger.errors import BadArgument, MessengerError
from botkit.outgoing import Handle
from botkit.runner.loader import Plugin
from botkit.settings import Settings
from botkit.templates import Template

log = get_logger(__name__)

_WITHIN = "30 days"
"""What comes after a wait is made up for when the bot was down for so long."""

_COOLDOWN = "cooldown."


def plugin_of(automations: Sequence[Automation], place: str) -> Plugin:
    """The plugin of these automations; `place` is the bot file."""
    module = ModuleType(AUTOMATIONS, "Does what the bot file says under automations:.")
    runs = _Runs(automations)
    for one in automations:
        if one.on is not None:
            # Such a name is none that something else in the module could have.
            setattr(module, f"on {one.name}", conditioned(_matcher(one))(runs.heard_by(one)))
    module.go_on = runs.go_on  # type: ignore[attr-defined]
    jobs = tuple(
        Job(AUTOMATIONS, one.name, runs.job_of(one), one.when, one.catching, one.has_chat, chats=_chats_of(one))
        for one in automations
        if one.when is not None
    )
    return Plugin(AUTOMATIONS, module, Settings(), place, jobs=jobs)


class _Runs:
    """The functions of the plugin; they hold nothing of a run. go_on: the job after a wait."""

    def __init__(self, automations: Sequence[Automation]) -> None:
        self._automations = {one.name: one for one in automations}
        self._told: set[tuple[str, str]] = set()

        def go_on(ctx: Context, name: str, number: int, version: str, values: Mapping[str, Any]) -> None:
            self._go_on(ctx, name, number, version, values)

        self.go_on = _in_module(go_on, "go_on")

    def heard_by(self, automation: Automation) -> Callable[[Context], None]:
        """What is called for each event that its conditions fit: a call of its own, with a mark of its own."""

        def heard(ctx: Context) -> None:
            event: Any = ctx.event
            author = happenings.author(event, str(automation.on))
            is_heard = self._is_here(automation, ctx) and _may_start(automation, ctx, event, author)
            if is_heard and _is_rested(automation, ctx):
                self._run(ctx, automation, _values(automation, ctx, event))

        return heard

    def _is_here(self, automation: Automation, ctx: Context) -> bool:
        """Whether an event is in a chat that the automation is for."""
        if not isinstance(ctx, ChatContext):
            return True
        if automation.threads:
            # Each is looked for, so that what is missing is told.
            return ctx.thread_id in [self._find(automation, ctx, name) for name in automation.threads]
        thread = ctx.thread if automation.all_groups else None
        return not automation.all_groups or (thread is not None and thread.is_group)

    def _find(self, automation: Automation, ctx: Context, name: str) -> str | None:
        found = ctx.host.find_chat(name)
        if found is None and (automation.name, name) not in self._told:
            self._told.add((automation.name, name))
            log.warning(
                "automation %s: threads: there is not one chat %r yet; its id would tell which", automation.name, name
            )
        return found

    def job_of(self, automation: Automation) -> Callable[[Context], None]:
        """What is called when an automation is due."""
        return lambda ctx: self._run(ctx, automation, {})

    def _go_on(self, ctx: Context, name: str, number: int, version: str, values: Mapping[str, Any]) -> None:
        """The steps from `number` on, unless the automation is another by now."""
        found = self._automations.get(name)
        if found is None or _version(found) != version:
            log.warning("automation %s was changed while it waited, and does not go on", name)
        else:
            self._run(ctx, found, values, number)

    def _run(self, ctx: Context, automation: Automation, values: Mapping[str, Any], begin: int = 0) -> None:
        """Queue the steps up to the next wait, and have a job go on from there."""
        for number, step in enumerate(automation.steps[begin:], begin + 1):
            if isinstance(step, Wait):
                rest = (automation.name, number, _version(automation), dict(values))
                ctx.schedule.after(step.seconds, self.go_on, *rest, within=_WITHIN)
                return
            try:
                handle = _do(ctx, step, values)
            except (BadArgument, MessengerError) as error:
                log.warning("automation %s: step %d, %s: %s", automation.name, number, step.function, error)
            else:
                if handle is not None:
                    log.info("automation %s: step %d, %s, is row %d", automation.name, number, step.function, handle)


def _do(ctx: Context, step: Do, values: Mapping[str, Any]) -> Handle | None:
    """Queue a step; None for one that only asks, which is done at once."""

    def render(template: Template) -> str:
        return ctx.render(template, **values)

    arguments = step.given(render, ctx.random.choice)
    if isinstance(arguments.get("thread_id"), str):
        # One that is not found stays as it is: the network refuses it, and the log names the step.
        arguments["thread_id"] = ctx.host.find_chat(arguments["thread_id"]) or arguments["thread_id"]
    if step.is_read:
        here = {"thread_id": ctx.thread_id} if step.needs_chat and isinstance(ctx, ChatContext) else {}
        getattr(ctx.api, step.function)(**{**here, **arguments})
        return None
    return ctx.queue(step.function, **arguments)


def _matcher(automation: Automation) -> Matcher:
    """Which events start an automation: not the bot's own deeds, which would start it again and again."""
    on = str(automation.on)

    def find(event: Any, own_id: str) -> Mapping[str, Any] | None:
        if happenings.name_of(event) != on or happenings.author(event, on) == own_id:
            return None
        is_late = isinstance(event, Message) and event.is_late
        return None if is_late or not _fits(automation, event, on, own_id) else {}

    is_pattern = any(one.operator == "matches" for one in automation.conditions)
    return Matcher(happenings.HOOKS.get(on, happenings.LOG_HOOK), f"on: {on}", ("ctx",), find, may_be_slow=is_pattern)


def _fits(automation: Automation, event: Event, on: str, own_id: str) -> bool:
    for condition in automation.conditions:
        found = happenings.value(event, on, condition.field)
        values = found if isinstance(found, list) else [found]
        if not condition.fits([*values, *(["self"] if own_id in values else [])]):
            return False
    return True


def _may_start(automation: Automation, ctx: Context, event: Event, author: str | None) -> bool:
    """Whether somebody has a role that is asked for, in the chat of the event and in each other that would be changed;
    or is named by id."""
    if not automation.allow or author in automation.allow:
        return True
    roles = [one for one in automation.allow if one in ROLES]
    if author is None or not roles:
        return False
    here = ctx.thread_id if isinstance(ctx, ChatContext) else None
    chats = {here, *_changed(automation, ctx, event)}
    return all(any(allows(_role(ctx, author, chat), needed) for needed in roles) for chat in chats)


def _changed(automation: Automation, ctx: Context, event: Event) -> Iterator[str | None]:
    """The ids of the chats that steps change which name one."""
    for step in automation.steps:
        if isinstance(step, Do) and step.kind == "change" and "thread_id" in step.arguments:
            given: Template = step.arguments["thread_id"]
            yield ctx.host.find_chat(ctx.render(given, **(_values(automation, ctx, event) if given.names else {})))


def _role(ctx: Context, author: str, thread_id: str | None) -> str:
    """What somebody may do in a chat; in none, and in one that is not known, only owners are more than members."""
    if thread_id is None:
        return "owner" if author in ctx.owners else "member"
    return ctx.host.role_of(author, thread_id=thread_id)


def _is_rested(automation: Automation, ctx: Context) -> bool:
    if automation.cooldown_s is None:
        return True
    now_ms, key = ctx.clock.time_ms(), _COOLDOWN + automation.name
    kept = ctx.store.thread if isinstance(ctx, ChatContext) else ctx.store
    if key in kept and now_ms - kept[key] < automation.cooldown_s * 1000:
        return False
    kept[key] = now_ms
    return True


def _values(automation: Automation, ctx: Context, event: Event) -> dict[str, Any]:
    """What the automation's templates ask for of the event, as JSON values."""
    return happenings.template_values(
        event, str(automation.on), names_in(automation.steps), lambda user_id: _name_of(ctx, user_id)
    )


def _name_of(ctx: Context, user_id: str) -> str | None:
    """What somebody is called in the chat, who may have left it; None when that cannot be found out."""
    members = ctx.lookup.members() if isinstance(ctx, ChatContext) else ()
    found = next((one.nickname or one.name for one in members if one.id == user_id), None)
    if found is not None:
        return found
    try:
        return {one: user.name for one, user in ctx.api.get_user_info(user_id).items()}.get(user_id)
    except MessengerError as error:
        log.info("the name of %s is not known: %s", user_id, error)
        return None


def _chats_of(automation: Automation) -> Chats:
    return Chats(automation.threads, automation.all_groups)


def _version(automation: Automation) -> str:
    """Another one when the steps are others; where they stand in the bot file does not matter."""
    steps = [{**vars(one), "place": None} for one in automation.steps]
    return hashlib.sha256(repr(steps).encode()).hexdigest()[:12]


def _in_module(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function as one that stands at the top level of the made module."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = AUTOMATIONS
    return function
