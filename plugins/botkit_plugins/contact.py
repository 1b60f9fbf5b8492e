"""Passes messages on to the owners of the bot, and their answers back to where they were asked."""

from typing import Any

from botkit import (
    STOP,
    ChatContext,
    CommandError,
    Field,
    Member,
    Message,
    MessengerError,
    Refused,
    Rest,
    Settings,
    command,
    hookimpl,
)

_DAY_MS = 86_400_000
_MOST_KEPT = 200
# What became of a message is known for two weeks, and so it is by then that an answer comes.
_KEPT_MS = 14 * _DAY_MS
_MOST_BLOCKED = 500
_MOST_LISTED = 100
_LONGEST = 2_000
_LONGEST_ANSWER = 10_000
_LAST = "last"
_MESSAGE = "message."
_SENT = "sent_ms"
_BLOCKED = "blocked"


class ContactSettings(Settings):
    a_day: int = Field(default=3, ge=1, le=100)
    """How many messages of one person are passed on in 24 hours."""


@command("contact", examples=[("!contact The games night is full.", "I pass that on to the owner of this bot.")])
def contact(ctx: ChatContext, text: Rest) -> str:
    """Write to the owner of this bot: !contact The games night is full.
    The owner is told who writes and where; the answer comes here."""
    person = ctx.sender
    owners = [one for one in sorted(ctx.owners) if _is_on(ctx, one)]
    if person is None or not owners:
        raise CommandError(ctx.t("nobody"))
    _check(ctx, person, text)
    number = ctx.store.get(_LAST, 0) + 1
    name = ctx.name_of(person)
    told = {one: ctx.send(one, _letter(ctx, one, number, name, text)) for one in owners}
    message_id = getattr(ctx.event, "message_id", None)
    ctx.store[_LAST] = number
    _forget_old(ctx)
    ctx.store[f"{_MESSAGE}{number}"] = {
        "at_ms": ctx.clock.time_ms(),
        "thread": ctx.thread_id,
        "user": person.id,
        "name": name,
        "message": message_id,
        "told": told,
    }
    return ctx.t("passed_on")


@command("letters reply", role="owner")
def reply(ctx: ChatContext, number: int, text: Rest) -> str:
    """Answer a message by its number, or reply to it in Messenger: !letters reply 7 The next one is on Friday."""
    kept = ctx.store.get(f"{_MESSAGE}{number}")
    if kept is None:
        raise CommandError(ctx.t("no_number", number=number))
    refusal = _answer(ctx, kept, text)
    if refusal is not None:
        raise CommandError(refusal)
    return ctx.t("answered", name=kept["name"])


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> object:
    """An owner replies to a message that was passed on."""
    is_owners = message.sender_id in ctx.owners and message.thread_id == message.sender_id
    if not is_owners or not message.reply_to_id or not message.body.strip() or message.body.startswith(ctx.prefix):
        return None
    kept = _replied_to(ctx, message.sender_id, message.reply_to_id)
    if kept is None:
        return None
    refusal = _answer(ctx, kept, message.body)
    if refusal is not None:
        ctx.reply(refusal)
    else:
        ctx.react("✅")
    return STOP


@command("letters block", role="owner")
def block(ctx: ChatContext, who: Rest) -> str:
    """Pass on nothing more of somebody, by the number of a message, the name there, or an id: !letters block 7"""
    person = _person(ctx, who)
    if person.id in ctx.owners:
        raise CommandError(ctx.t("owner"))
    blocked = ctx.store.setdefault(_BLOCKED, {})
    if len(blocked) >= _MOST_BLOCKED:
        raise CommandError(ctx.t("full", most=_MOST_BLOCKED))
    blocked[person.id] = person.name
    return ctx.t("blocked", name=person.name, prefix=ctx.prefix, id=person.id)


@command("letters unblock", role="owner")
def unblock(ctx: ChatContext, who: Rest) -> str:
    """Pass on again what somebody writes: !letters unblock 7"""
    blocked = ctx.store.get(_BLOCKED, {})
    named = [user_id for user_id, name in blocked.items() if who.casefold() in (user_id, name.casefold())]
    user_id = named[0] if len(named) == 1 else _person(ctx, who).id
    if user_id not in blocked:
        raise CommandError(ctx.t("not_blocked"))
    return ctx.t("unblocked", name=blocked.pop(user_id))


@command("letters blocked", role="owner", examples=[("!letters blocked", "Nobody is blocked.")])
def blocked(ctx: ChatContext) -> str:
    """Of whom is nothing passed on? !letters blocked"""
    lines = [f"{name} ({user_id})" for user_id, name in ctx.store.get(_BLOCKED, {}).items()]
    if len(lines) > _MOST_LISTED:
        lines[_MOST_LISTED:] = [ctx.t("more", count=len(lines) - _MOST_LISTED)]
    return "\n".join(lines) or ctx.t("none_blocked")


def _forget_old(ctx: ChatContext) -> None:
    """Of the messages of two weeks the last two hundred are kept."""
    oldest_ms = ctx.clock.time_ms() - _KEPT_MS
    kept = [key for key, one in ctx.store.items() if key.startswith(_MESSAGE) and one["at_ms"] > oldest_ms]
    kept.sort(key=lambda key: int(key.removeprefix(_MESSAGE)))
    for key in [one for one in ctx.store if one.startswith(_MESSAGE) and one not in kept[1 - _MOST_KEPT :]]:
        del ctx.store[key]


def _check(ctx: ChatContext, person: Member, text: str) -> None:
    """Raises CommandError when somebody may not write now; else it is counted."""
    if person.id in ctx.store.get(_BLOCKED, {}):
        raise CommandError(ctx.t("you_are_blocked"))
    if len(text) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    now_ms, most = ctx.clock.time_ms(), ctx.settings.a_day
    lately = [sent_ms for sent_ms in ctx.store.user.get(_SENT, []) if 0 <= now_ms - sent_ms < _DAY_MS]
    if len(lately) >= most:
        raise CommandError(ctx.t("enough", count=most))
    ctx.store.user[_SENT] = [*lately, now_ms]


def _letter(ctx: ChatContext, owner_id: str, number: int, name: str, text: str) -> str:
    """What an owner gets, in the language of their own chat."""
    event = ctx.event
    if not isinstance(event, Message) or not event.is_group:
        head = ctx.t_in(owner_id, "from", number=number, name=name)
    else:
        chat = (ctx.thread and ctx.thread.name) or ctx.t_in(owner_id, "a_group")
        head = ctx.t_in(owner_id, "from_group", number=number, name=name, chat=chat)
    return f"✉️ {head}\n{text}\n{ctx.t_in(owner_id, 'hint')}"


def _answer(ctx: ChatContext, kept: dict[str, Any], text: str) -> str | None:
    """Send an answer to where it was asked for; or what to tell the owner when that cannot be done."""
    if not _is_on(ctx, kept["thread"]) or not _is_there(ctx, kept["thread"]):
        return ctx.t("closed")
    if len(text) > _LONGEST_ANSWER:
        return ctx.t("long", most=_LONGEST_ANSWER)
    answer = ctx.t_in(kept["thread"], "answer", name=kept["name"], text=text.strip())
    ctx.send(kept["thread"], answer, reply_to=kept["message"])
    return None


def _is_on(ctx: ChatContext, thread_id: str) -> bool:
    """Whether the plugin may speak in a chat."""
    return not ctx.host.chat(thread_id).muted and ctx.host.is_enabled("contact", thread_id=thread_id)


def _is_there(ctx: ChatContext, thread_id: str) -> bool:
    """Whether the bot is still in a chat; where nobody knows, yes."""
    try:
        thread = ctx.api.get_thread_info(thread_id)
    except MessengerError as error:
        ctx.log.info("chat %s was not found: %s", thread_id, error)
        return not isinstance(error, Refused)
    return not thread.is_group or ctx.api.get_current_user_id() in thread.participant_ids


def _replied_to(ctx: ChatContext, owner_id: str, message_id: str) -> dict[str, Any] | None:
    """What was passed on to an owner in that message; the newest are looked at first."""
    last = ctx.store.get(_LAST, 0)
    for number in range(last, max(0, last - _MOST_KEPT), -1):
        kept: dict[str, Any] | None = ctx.store.get(f"{_MESSAGE}{number}")
        if kept is not None and owner_id in kept["told"] and ctx.sent(kept["told"][owner_id]) == message_id:
            return kept
    return None


def _person(ctx: ChatContext, who: str) -> Member:
    """Whom an owner means: who wrote the message of that number, somebody by the name in a message, or an id. Raises
    CommandError."""
    kept = ctx.store.get(f"{_MESSAGE}{who}")
    if kept is not None:
        return Member(kept["user"], kept["name"])
    found = {
        one["user"]: one["name"]
        for key, one in ctx.store.items()
        if key.startswith(_MESSAGE) and who.casefold() in (one["user"], one["name"].casefold())
    }
    if len(found) != 1:
        raise CommandError(ctx.t("who", prefix=ctx.prefix))
    return Member(*found.popitem())
