"""Gives newcomers of a group a nickname made from their name."""

from typing import Annotated

from botkit import (
    ChatContext,
    CommandError,
    Member,
    MessengerError,
    Names,
    RateLimited,
    Rest,
    Settings,
    Template,
    ThreadEvent,
    command,
    hookimpl,
)

_NAMES = Names("name")
# A longer one would not be read beside a message.
_LONGEST = 50
# Of more, a job takes care: what waits in the chat's queue would hold up its answers.
_AT_ONCE = 2


class AutonickSettings(Settings):
    template: Annotated[Template, _NAMES] = Template("{name|first} 🌱")
    """What `!autonick set` takes when nothing is said: {name} is the person's name, {name|first} the first name."""


@command("autonick", role="admin", examples=[("!autonick", "Newcomers get no nickname from me here.")])
def autonick(ctx: ChatContext) -> str:
    """Which nickname do newcomers get? !autonick"""
    template = ctx.store.thread.get("template")
    return ctx.t("on", template=template) if template else ctx.t("off")


@command("autonick set", role="admin", examples=[("!autonick set {name} 🌱", "Newcomers get this nickname: {name} 🌱")])
def set_(ctx: ChatContext, template: Rest = "") -> str:
    """Give everybody who joins a nickname: !autonick set {name|first} 🌱
    {name} is the person's name, {name|first} the first name; without a text it is that of the bot's settings."""
    text = template.strip() or str(ctx.settings.template)
    if not _is_good(text):
        raise CommandError(ctx.t("template"))
    ctx.store.thread["template"] = text
    return autonick(ctx)


@command("autonick off", role="admin", examples=[("!autonick off", "Newcomers get no nickname from me here.")])
def off(ctx: ChatContext) -> str:
    """Give newcomers no nickname any more: !autonick off
    Those who have one keep it; `!autonick undo` takes them away."""
    ctx.store.thread.pop("template", None)
    return autonick(ctx)


@command("autonick apply", role="admin", confirm=True)
def apply(ctx: ChatContext) -> str:
    """Give a nickname to everybody here who has none: !autonick apply"""
    if "template" not in ctx.store.thread:
        raise CommandError(autonick(ctx))
    wanted = [(one.id, _nickname(ctx, one)) for one in _people(ctx)]
    return _begin(ctx, "applying", [[person, nickname] for person, nickname in wanted if nickname])


@command("autonick undo", role="admin")
def undo(ctx: ChatContext) -> str:
    """Take back the nicknames that I gave and nobody has changed: !autonick undo"""
    return _begin(ctx, "undoing", [[one.id, None] for one in _people(ctx) if "given" in ctx.store.for_member(one.id)])


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> None:
    data = event.log_message_data
    if event.log_message_type == "log:subscribe" and "template" in ctx.store.thread:
        _welcome(ctx, {str(one["userFbId"]) for one in data["addedParticipants"]})
    elif event.log_message_type == "log:unsubscribe":
        ctx.store.for_member(str(data["leftParticipantFbId"])).pop("given", None)
    elif event.log_message_type == "log:user-nickname":
        kept = ctx.store.for_member(str(data.get("participant_id")))
        if kept.get("given") not in (None, data.get("nickname")):
            del kept["given"]


def work(ctx: ChatContext) -> None:
    """The job: give or take back the next few nicknames, and none any more when all is done."""
    todo, thread = ctx.store.thread.setdefault("todo", []), ctx.thread
    for _ in range(min(_AT_ONCE, len(todo))):
        person, nickname = todo[0]
        is_needless = thread is not None and (
            person not in thread.participant_ids or (nickname and thread.nicknames.get(person))
        )
        try:
            if not is_needless:
                ctx.api.change_thread_user_nickname(nickname, ctx.thread_id, person)
                _note(ctx, person, nickname)
        except RateLimited:
            return
        except MessengerError as error:
            ctx.log.info("the nickname of %s was not changed: %s", person, error)
        todo.pop(0)
    if not todo:
        del ctx.store.thread["todo"]
        ctx.schedule.cancel("work")


def _begin(ctx: ChatContext, key: str, todo: list[list[str | None]]) -> str:
    """Have nicknames changed, some each minute, in place of what was still to be done."""
    ctx.store.thread["todo"] = todo
    ctx.schedule.every("1m", work, name="work")
    return ctx.t(key, count=len(todo))


def _welcome(ctx: ChatContext, newcomers: set[str]) -> None:
    wanted = [(one.id, _nickname(ctx, one)) for one in _people(ctx) if one.id in newcomers]
    named = [[person, nickname] for person, nickname in wanted if nickname]
    for person, nickname in named[:_AT_ONCE]:
        ctx.queue("change_thread_user_nickname", nickname, participant_id=person)
        _note(ctx, person, nickname)
    if named[_AT_ONCE:]:
        ctx.store.thread.setdefault("todo", []).extend(named[_AT_ONCE:])
        ctx.schedule.every("1m", work, name="work")


def _note(ctx: ChatContext, person: str, nickname: str | None) -> None:
    kept = ctx.store.for_member(person)
    if nickname:
        kept["given"] = nickname
    else:
        kept.pop("given", None)


def _people(ctx: ChatContext) -> list[Member]:
    return [one for one in ctx.lookup.members() if one.id != ctx.api.get_current_user_id()]


def _nickname(ctx: ChatContext, person: Member) -> str | None:
    """What somebody is to be called; None for who has a nickname, and where the name is not known."""
    if person.nickname or not person.name:
        return None
    return ctx.render(Template(ctx.store.thread["template"]), name=person.name)[:_LONGEST].strip() or None


def _is_good(text: str) -> bool:
    """Whether it is a template with the person's name in it."""
    try:
        template = Template(text)
    except ValueError:
        return False
    return "name" in template.names and not template.problems(_NAMES.names)
