"""Puts a group's title, emoji, colour, nicknames and picture back when somebody who is no admin changes them.

A change of which the bot hears nothing, as while the plugin is off, is found within the hour and counts as wanted,
since it may be the bot's own. The picture is put back in the size in which the network shows it.
"""

from base64 import b64decode, b64encode
from typing import Any, Literal
from urllib.parse import urlsplit

from botkit import (
    BadArgument,
    ChatContext,
    CommandError,
    Duration,
    Field,
    MessengerError,
    Settings,
    Thread,
    ThreadEvent,
    command,
    hookimpl,
)

_Thing = Literal["title", "emoji", "colour", "nicknames", "picture", "all"]

_THINGS = ("title", "emoji", "colour", "nicknames", "picture")
_FUNCTIONS = {"title": "set_title", "emoji": "change_thread_emoji", "colour": "change_thread_color"}
_PICTURE = "lock.picture"
_MOST_BYTES = 2_000_000
_FIGHT_MS = 600_000
# What the network tells of a chat that has the ordinary emoji.
_THUMB = "👍"


class LockSettings(Settings):
    most: int = Field(default=3, ge=1, le=20)
    """So often within ten minutes the same thing is put back; then it is left alone for a while."""
    rest: Duration = 3600
    """For how long. Afterwards it is put back once more."""


@command("lock", role="admin", examples=[("!lock title", "Only admins may change this here: title.")])
def lock(ctx: ChatContext, thing: _Thing | None = None) -> str:
    """Let only admins change something here: !lock title
    What others change is put back. `all` locks everything; without a name you see what is locked."""
    state = _state(ctx)
    if thing is not None:
        if (thread := _seen(ctx)) is None:
            raise CommandError(ctx.t("unknown"))
        fresh = _values(thread)
        if thing == "picture" and not fresh["picture"]:
            raise CommandError(ctx.t("no_picture"))
        asked = {one for one in _THINGS if thing in (one, "all") and not _cannot(one, fresh.get(one, ""))}
        if "picture" in asked and not _keep_picture(ctx, thread.image_src):
            raise CommandError(ctx.t("not_got"))
        kept = {slot: value for slot, value in state["kept"].items() if _thing(slot) not in asked}
        state["kept"] = kept | {slot: value for slot, value in fresh.items() if _thing(slot) in asked}
        state["things"] = [one for one in _THINGS if one in asked or one in state["things"]]
        ctx.schedule.every("1h", look, name="look", missed="skip")
    return _told(ctx)


@command("unlock", role="admin", examples=[("!unlock all", "Everybody may change everything here.")])
def unlock(ctx: ChatContext, thing: _Thing) -> str:
    """Let everybody change something again: !unlock title"""
    state = _state(ctx)
    state["things"] = [one for one in state["things"] if thing not in (one, "all")]
    for values in (state["kept"], state["trouble"]):
        for slot in [one for one in values if _thing(one) not in state["things"]]:
            del values[slot]
    if "picture" not in state["things"]:
        ctx.store.thread.pop(_PICTURE, None)
    if not state["things"]:
        ctx.schedule.cancel("look")
    return _told(ctx)


@hookimpl
def on_event(ctx: ChatContext, event: ThreadEvent) -> str | None:
    slot, value = _changed(event)
    if not slot or "lock" not in ctx.store.thread or event.author_id == ctx.api.get_current_user_id():
        return None
    state = _state(ctx)
    if _thing(slot) not in state["things"]:
        return None
    if ctx.role in ("admin", "owner"):
        is_kept = slot != "picture" or _keep_picture(ctx, event.log_message_data.get("url"))
        state["kept"][slot] = value if is_kept else ""
        state["trouble"].pop(slot, None)
        return None
    if (thread := ctx.thread) is None:
        # Then nobody can tell who is an admin, either.
        return None
    wanted, present = state["kept"].get(slot, ""), _values(thread).get(slot, "")
    # After the bot was down it may have been changed again since, which is an event of its own.
    is_over = wanted in (value, present) or present not in ("", value)
    return None if is_over or _cannot(slot, wanted) else _answer(ctx, slot, value)


def look(ctx: ChatContext) -> None:
    """The job: take what is there for what is wanted, but for what a member has changed and could not be put back. The
    bot is not told what it changes itself, such as a title by an automation."""
    state, thread = _state(ctx), _seen(ctx)
    if thread is None:
        return
    fresh = _values(thread)
    for slot, trouble in list(state["trouble"].items()):
        if not _is_troubled(ctx, slot) and fresh.get(slot, "") != trouble["value"]:
            del state["trouble"][slot]
    old, is_free = state["kept"].get("picture", ""), "picture" in state["things"] and "picture" not in state["trouble"]
    if is_free and fresh["picture"] not in ("", old) and not _keep_picture(ctx, thread.image_src):
        fresh["picture"] = old
    troubled = {slot: state["kept"].get(slot, "") for slot in state["trouble"]}
    state["kept"] = {slot: value for slot, value in fresh.items() if _thing(slot) in state["things"]} | troubled


def put_back(ctx: ChatContext, slot: str) -> None:
    """The job, too: set it to what is wanted, unless it is that."""
    state, thread = _state(ctx), ctx.thread
    wanted = state["kept"].get(slot, "")
    is_there = thread is not None and _values(thread).get(slot, "") == wanted
    if is_there or _thing(slot) not in state["things"] or _cannot(slot, wanted):
        state["trouble"].pop(slot, None)
        return
    if slot in state["trouble"]:
        state["trouble"][slot].update(until_ms=ctx.clock.time_ms() + round(1000 * ctx.settings.rest), is_resting=False)
    if slot == "picture":
        _put_picture_back(ctx)
    elif slot in _FUNCTIONS:
        ctx.queue(_FUNCTIONS[slot], wanted)
    else:
        ctx.queue("change_thread_user_nickname", wanted, participant_id=slot.partition(":")[2])


def _keep_picture(ctx: ChatContext, url: str | None) -> bool:
    """Keep the picture itself, as its address expires; say whether it was to be had."""
    try:
        file = ctx.api.download(url or "", limit_bytes=_MOST_BYTES)
    except (MessengerError, BadArgument) as error:
        ctx.log.info("the picture of chat %s was not got: %s", ctx.thread_id, error)
        return False
    ctx.store.thread[_PICTURE] = b64encode(file.data).decode()
    return True


def _put_picture_back(ctx: ChatContext) -> None:
    try:
        ctx.api.change_group_image(b64decode(ctx.store.thread[_PICTURE]), ctx.thread_id)
        # It has another address now, and is not to be got anew for that: it would become worse each time.
        _state(ctx)["kept"]["picture"] = _values(ctx.api.get_thread_info(ctx.thread_id))["picture"]
    except MessengerError as error:
        ctx.log.info("the picture of chat %s was not put back: %s", ctx.thread_id, error)
        ctx.schedule.after("10m", put_back, "picture", name="picture", within="7 days")


def _answer(ctx: ChatContext, slot: str, value: str) -> str | None:
    """Put it back, unless that has become a fight; then leave it for a while, and say so once."""
    state, now_ms = _state(ctx), ctx.clock.time_ms()
    trouble = state["trouble"].setdefault(slot, {"undone_ms": [], "until_ms": now_ms, "is_resting": False})
    trouble["value"] = value
    if trouble["is_resting"] and _is_troubled(ctx, slot):
        return None
    trouble["undone_ms"] = [one for one in trouble["undone_ms"] if now_ms - one < _FIGHT_MS]
    if len(trouble["undone_ms"]) < ctx.settings.most:
        trouble["undone_ms"].append(now_ms)
        put_back(ctx, slot)
        return None
    # Twice as long as the rest, lest its end be missed; the job ends it in time.
    trouble.update(until_ms=now_ms + round(2000 * ctx.settings.rest), is_resting=True)
    ctx.schedule.after(ctx.settings.rest, put_back, slot, name=slot, within="7 days")
    return ctx.t("fight", thing=ctx.t(f"thing.{_thing(slot)}"))


def _is_troubled(ctx: ChatContext, slot: str) -> bool:
    """Whether somebody has meddled with it lately."""
    found = _state(ctx)["trouble"].get(slot)
    return found is not None and ctx.clock.time_ms() < found["until_ms"]


def _changed(event: ThreadEvent) -> tuple[str, str]:
    """What was changed, and to what; nothing for other events."""
    data = event.log_message_data
    match event.log_message_type:
        case "log:thread-name":
            return "title", str(data.get("name") or "")
        case "log:thread-icon":
            return "emoji", _emoji(data.get("thread_icon"))
        case "log:thread-color":
            return "colour", str(data.get("theme_id") or "")
        case "log:user-nickname":
            return f"nicknames:{data.get('participant_id')}", str(data.get("nickname") or "")
        case "log:thread-image":
            return "picture", _place(data.get("url"))
    return "", ""


def _values(thread: Thread) -> dict[str, str]:
    """{title, emoji, colour, picture or nicknames:ID: value} of a chat; what is not said is ordinary."""
    theme = str((thread.thread_theme or {}).get("id") or "")
    found = {"title": thread.name, "emoji": _emoji(thread.emoji), "colour": theme, "picture": _place(thread.image_src)}
    return found | {f"nicknames:{person}": nickname for person, nickname in thread.nicknames.items()}


def _seen(ctx: ChatContext) -> Thread | None:
    """The chat as it is now, the bot's own latest changes included; None when that cannot be found out."""
    try:
        return ctx.api.get_thread_info(ctx.thread_id)
    except MessengerError as error:
        ctx.log.info("chat %s was not found: %s", ctx.thread_id, error)
        return None


def _state(ctx: ChatContext) -> dict[str, Any]:
    """What is locked, how it is to be, and where somebody has meddled and until when that counts."""
    state: dict[str, Any] = ctx.store.thread.setdefault("lock", {"things": [], "kept": {}, "trouble": {}})
    return state


def _told(ctx: ChatContext) -> str:
    names = ", ".join(ctx.t(f"thing.{one}") for one in _state(ctx)["things"])
    return ctx.t("locked", things=names) if names else ctx.t("nothing")


def _cannot(slot: str, wanted: str) -> bool:
    """Whether it cannot be set to that: no function of the API takes a picture away."""
    return slot == "picture" and not wanted


def _thing(slot: str) -> str:
    return slot.partition(":")[0]


def _place(url: str | None) -> str:
    """What in a picture's address stays when it is asked for again, from another host and with another signature."""
    return urlsplit(url or "").path


def _emoji(emoji: str | None) -> str:
    return emoji if emoji and emoji != _THUMB else ""
