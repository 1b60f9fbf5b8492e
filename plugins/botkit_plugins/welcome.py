"""Welcomes those who come into the group, and says goodbye to those who leave if you give it the words."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from botkit import (
    ChatContext,
    CommandError,
    Duration,
    MessengerError,
    Names,
    Rest,
    Settings,
    Template,
    ThreadEvent,
    command,
    hookimpl,
)

_OFF = ""
_LATE_MS = 6 * 3_600_000
_LONGEST_PROBLEM = 300
_LONGEST_SAID = 5000
_NAMES = Names("names")


class WelcomeSettings(Settings):
    welcome: Annotated[Template, _NAMES] | None = None
    """What newcomers are told, such as "Welcome to {thread.name}, {names}!"; unless given a sentence in the language of
    the chat. Admins can give their group words of its own."""
    goodbye: Annotated[Template, _NAMES] | None = None
    """What is said when somebody leaves or is removed; unless given nothing is."""
    pause: Duration = 60
    """So long after a message others who come wait, to be welcomed together in one; it is the same for goodbyes."""
    again: Duration = 86_400
    """So long nobody is welcomed a second time, nor said goodbye to."""


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    if ctx.clock.time_ms() - event.timestamp_ms > _LATE_MS:
        return None
    if event.log_message_type == "log:subscribe":
        added = event.log_message_data["addedParticipants"]
        return _gather(ctx, "welcome", {str(one["userFbId"]): one.get("fullName") for one in added})
    if event.log_message_type == "log:unsubscribe":
        who = str(event.log_message_data["leftParticipantFbId"])
        return _gather(ctx, "goodbye", {who: None})
    return None


@command("welcome", examples=[("!welcome", "I say to newcomers: Welcome, {names}!")])
def welcome(ctx: ChatContext) -> str:
    """What are newcomers told? !welcome"""
    return _shown(ctx, "welcome")


@command(
    "welcome set",
    role="admin",
    examples=[("!welcome set Hello {names}, I am {sender.name}.", "From now on it sounds so: Hello Ann, I am Ann.")],
)
def set_welcome(ctx: ChatContext, text: Rest) -> str:
    """Give this group words of its own for newcomers: !welcome set Welcome to {thread.name}, {names}!"""
    return _set(ctx, "welcome", text)


@command("welcome off", role="admin")
def no_welcome(ctx: ChatContext) -> str:
    """Say nothing to newcomers of this group: !welcome off"""
    ctx.store.thread["welcome.text"] = _OFF
    return _shown(ctx, "welcome")


@command("welcome reset", role="admin")
def reset_welcome(ctx: ChatContext) -> str:
    """Tell newcomers the same as in other groups: !welcome reset"""
    ctx.store.thread.pop("welcome.text", None)
    return _shown(ctx, "welcome")


@command("goodbye", examples=[("!goodbye", "I say nothing when somebody leaves.")])
def goodbye(ctx: ChatContext) -> str:
    """What is said when somebody leaves? !goodbye"""
    return _shown(ctx, "goodbye")


@command("goodbye set", role="admin")
def set_goodbye(ctx: ChatContext, text: Rest) -> str:
    """Give this group words for when somebody leaves: !goodbye set Farewell, {names}."""
    return _set(ctx, "goodbye", text)


@command("goodbye off", role="admin")
def no_goodbye(ctx: ChatContext) -> str:
    """Say nothing when somebody leaves this group: !goodbye off"""
    ctx.store.thread["goodbye.text"] = _OFF
    return _shown(ctx, "goodbye")


@command("goodbye reset", role="admin")
def reset_goodbye(ctx: ChatContext) -> str:
    """Say the same as in other groups when somebody leaves: !goodbye reset"""
    ctx.store.thread.pop("goodbye.text", None)
    return _shown(ctx, "goodbye")


def say(ctx: ChatContext, kind: str) -> str | None:
    """Say it to all who are waiting for it; also the job that does so when the pause is over."""
    now_ms, again_ms = ctx.clock.time_ms(), ctx.settings.again * 1000
    waiting = ctx.store.thread.pop(f"{kind}.waiting", {})
    lately = {who: at_ms for who, at_ms in _lately(ctx, kind).items() if now_ms - at_ms < again_ms}
    new = {who: name for who, name in waiting.items() if who not in lately}
    template = _template(ctx, kind)
    if not new or template is None:
        return None
    ctx.store.thread[f"{kind}.lately"] = {**lately, **dict.fromkeys(new, now_ms)}
    # Those who have gone, and those of whom a list that was asked for too early does not know, are in no list.
    here = {one.id: ctx.name_of(one) for one in ctx.lookup.members() if one.nickname or one.name}
    names = [here.get(who) or name or ctx.name_of(None) for who, name in new.items()]
    return _short(ctx.render(template, names=names).strip(), _LONGEST_SAID) or None


def _gather(ctx: ChatContext, kind: str, people: Mapping[str, str | None]) -> str | None:
    """Say it at once when nothing was said lately; else let them wait, so that a crowd does not make a flood."""
    others = {who: name for who, name in people.items() if who != ctx.api.get_current_user_id()}
    for who in others:
        # Who has come has not gone, and the other way round.
        ctx.store.thread.get(f"{'goodbye' if kind == 'welcome' else 'welcome'}.waiting", {}).pop(who, None)
    if not others or _template(ctx, kind) is None:
        return None
    ctx.store.thread.setdefault(f"{kind}.waiting", {}).update(others if kind == "welcome" else _names(ctx, [*others]))
    said_ms = max(_lately(ctx, kind).values(), default=0)
    pause_s = ctx.settings.pause - (ctx.clock.time_ms() - said_ms) / 1000
    if pause_s <= 0:
        return say(ctx, kind)
    ctx.schedule.after(pause_s, say, kind, name=kind)
    return None


def _lately(ctx: ChatContext, kind: str) -> dict[str, int]:
    """{id: when} of those to whom it was said lately."""
    return dict(ctx.store.thread.get(f"{kind}.lately", {}))


def _names(ctx: ChatContext, people: Sequence[str]) -> dict[str, str | None]:
    """The names of those who are in the chat no more."""
    names: dict[str, str | None] = dict.fromkeys(people)
    try:
        return {**names, **{who: user.name for who, user in ctx.api.get_user_info(people).items()}}
    except MessengerError as error:
        ctx.log.info("the name of who has left is not known: %s", error)
        return names


def _template(ctx: ChatContext, kind: str) -> Template | None:
    """What is said here; None for nothing."""
    own = ctx.store.thread.get(f"{kind}.text")
    if own is not None:
        return Template(own) if own != _OFF else None
    general: Template | None = getattr(ctx.settings, kind)
    return general or (Template(ctx.t("default", names="{names}")) if kind == "welcome" else None)


def _set(ctx: ChatContext, kind: str, text: str) -> str:
    try:
        template = Template(text)
    except ValueError as error:
        raise CommandError(ctx.t("wrong", problem=error)) from None
    if problems := template.problems(_NAMES.names):
        raise CommandError(ctx.t("wrong", problem=_short("; ".join(problems), _LONGEST_PROBLEM)))
    ctx.store.thread[f"{kind}.text"] = text
    return ctx.t("set", text=_short(ctx.render(template, names=[ctx.name_of(ctx.sender)]), _LONGEST_SAID))


def _shown(ctx: ChatContext, kind: str) -> str:
    template = _template(ctx, kind)
    return ctx.t(f"shown.{kind}", text=template) if template is not None else ctx.t(f"silent.{kind}")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
