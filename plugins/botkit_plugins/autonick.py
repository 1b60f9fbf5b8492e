"""Gives newcomers of a group a nickname made from their name."""

from collections.abc import Iterable
from typing import Annotated, Any

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
_TRIES = 3
# A list that nobody has worked on for so long, as the chat was muted or the bot away, is no one's wish any more.
_OLD_MS = 2 * 86_400_000
_TODO = "todo"


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
    _put(ctx, [one for one in _todo(ctx) if not one["gives"]])
    return autonick(ctx)


@command("autonick apply", role="admin", confirm=True)
def apply(ctx: ChatContext) -> str:
    """Give a nickname to everybody here who has none: !autonick apply"""
    if "template" not in ctx.store.thread:
        raise CommandError(autonick(ctx))
    wanted = [one.id for one in _people(ctx) if _nickname(ctx, one)]
    _put(ctx, _entries(wanted, gives=True))
    return ctx.t("applying", count=len(wanted))


@command("autonick undo", role="admin")
def undo(ctx: ChatContext) -> str:
    """Take back the nicknames that I gave and nobody has changed: !autonick undo"""
    wanted = [one.id for one in _people(ctx) if one.nickname and one.nickname == _given(ctx, one.id)]
    _put(ctx, _entries(wanted, gives=False))
    return ctx.t("undoing", count=len(wanted))


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> None:
    data = event.log_message_data
    if event.log_message_type == "log:subscribe" and "template" in ctx.store.thread:
        own_id = ctx.api.get_current_user_id()
        added = [str(one["userFbId"]) for one in data["addedParticipants"]]
        _welcome(ctx, [one for one in added if one != own_id])
    elif event.log_message_type == "log:unsubscribe":
        ctx.store.for_member(str(data["leftParticipantFbId"])).pop("given", None)
    elif event.log_message_type == "log:user-nickname":
        kept = ctx.store.for_member(str(data.get("participant_id")))
        if kept.get("given") not in (None, data.get("nickname")):
            del kept["given"]


def work(ctx: ChatContext) -> None:
    """The job: give or take back the next few nicknames, and none any more when all is done."""
    todo, people = _todo(ctx), {one.id: one for one in _people(ctx)}
    if people:
        for entry in todo[:_AT_ONCE]:
            todo.remove(entry)
            person = people.get(entry["person"])
            if person is not None and not _is_done(ctx, entry, person):
                todo.append({**entry, "tries": entry["tries"] + 1})
                break
    _put(ctx, [one for one in todo if one["tries"] < _TRIES])


def _is_done(ctx: ChatContext, entry: dict[str, Any], person: Member) -> bool:
    """Change a nickname, unless somebody has changed it already; False when it has to be tried again."""
    nickname = _nickname(ctx, person) if entry["gives"] else None
    is_wanted = nickname is not None or (not entry["gives"] and person.nickname == _given(ctx, person.id))
    if not is_wanted:
        return True
    try:
        ctx.api.change_thread_user_nickname(nickname, ctx.thread_id, person.id)
    except MessengerError as error:
        ctx.log.info("the nickname of %s was not changed: %s", person.id, error)
        # A limit is no failure, and is over some time.
        entry["tries"] -= isinstance(error, RateLimited)
        return False
    _note(ctx, person.id, nickname)
    return True


def _entries(people: Iterable[str], *, gives: bool) -> list[dict[str, Any]]:
    return [{"person": one, "gives": gives, "tries": 0} for one in people]


def _todo(ctx: ChatContext) -> list[dict[str, Any]]:
    """Whose nicknames are still to be given or taken back."""
    kept = ctx.store.thread.get(_TODO, {"at_ms": 0, "people": []})
    return list(kept["people"]) if ctx.clock.time_ms() - kept["at_ms"] < _OLD_MS else []


def _put(ctx: ChatContext, todo: list[dict[str, Any]]) -> None:
    """Have nicknames changed, some each minute, in place of what was still to be done."""
    if todo:
        ctx.store.thread[_TODO] = {"at_ms": ctx.clock.time_ms(), "people": todo}
        ctx.schedule.every("1m", work, name="work")
    else:
        ctx.store.thread.pop(_TODO, None)
        ctx.schedule.cancel("work")


def _welcome(ctx: ChatContext, newcomers: list[str]) -> None:
    """Name the first of them at once; the others, and who is in no list yet, a little later."""
    people = {one.id: one for one in _people(ctx)}
    now = [people[one] for one in newcomers if one in people][:_AT_ONCE]
    for person in now:
        if nickname := _nickname(ctx, person):
            ctx.queue("change_thread_user_nickname", nickname, participant_id=person.id)
            _note(ctx, person.id, nickname)
    later = [one for one in newcomers if one not in {person.id for person in now}]
    if later:
        _put(ctx, [*_todo(ctx), *_entries(later, gives=True)])


def _given(ctx: ChatContext, person: str) -> str | None:
    """The nickname that somebody has got from here."""
    given: str | None = ctx.store.for_member(person).get("given")
    return given


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
    text = ctx.store.thread.get("template")
    if person.nickname or not person.name or text is None:
        return None
    template, name = Template(text), person.name
    # The name is cut and not what stands behind it, which may be an emoji of several signs.
    while len(found := ctx.render(template, name=name).strip()) > _LONGEST and name:
        name = name[:-1].rstrip()
    return found[:_LONGEST] or None


def _is_good(text: str) -> bool:
    """Whether it is a template with the person's name in it."""
    try:
        template = Template(text)
    except ValueError:
        return False
    return "name" in template.names and not template.problems(_NAMES.names)
