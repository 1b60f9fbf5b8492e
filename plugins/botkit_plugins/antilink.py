"""Asks people not to send links; admins allow places, and moderators let one person send them for a while."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from botkit import (
    ChatContext,
    CommandError,
    Field,
    Member,
    Message,
    Settings,
    command,
    hookimpl,
)
from botkit_plugins._removing import add_again, ask_or_remove, is_exempt

_MOST = 100
_LONGEST = 100
_ALLOWED = "allowed"
_PERMITTED = "permitted_until_ms"

# An ending that is a word or a kind of file as well is one of an address only where a path follows.
_SURE = "com|net|org|info|biz|edu|gov|io|gg|ly|tv|app|dev|xyz|online|shop|nl|ru|cn|vn|fr|uk|eu|tk"
_WITH_PATH = "me|be|to|co|ai|it|es|de|us|in|ch|at|pl|br|mx|ar|cl|id|live|link|club|site|store|top|vip|py|sh|md"
_LINK = re.compile(
    r"\bhttps?://(?P<full>[^\s/?#]+)"
    rf"|(?<![\w@.-])(?P<bare>(?:[\w-]+\.)+(?:(?:{_SURE})(?![\w-]|\.\w)|(?:{_WITH_PATH})(?=/\w))|www\.[\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+\w{2,}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class AntilinkSettings(Settings):
    allow: list[Annotated[str, Field(min_length=3, max_length=_LONGEST)]] = Field(default=[])
    """Domains to which everybody may link in every chat, such as example.org; what is below them counts as well."""
    then: Literal["reply", "react", "remove"] = "reply"
    """What is done about a link: `reply` asks not to, once per person in ten minutes, `react` shows 🚫 on it, and
    `remove` replies and puts out whoever goes on, which admins can take back. A bot cannot delete what others write."""
    remove_after: int = Field(default=5, ge=2, le=50)
    """With `remove`: at so many messages with links within a day."""


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    if not message.is_group or message.is_late:
        return None
    hosts = set(_hosts(message))
    if not hosts or _are_allowed(ctx, hosts) or is_exempt(ctx):
        return None
    now_ms = message.timestamp_ms
    if now_ms < ctx.store.member.get(_PERMITTED, 0):
        return None
    if ctx.settings.then == "react":
        ctx.react("🚫")
        return None
    return ask_or_remove(ctx, now_ms, "sending links")


@command("antilink allow", role="admin", examples=[("!antilink allow example.org", "Links to example.org are …")])
def allow(ctx: ChatContext, domain: str) -> str:
    """Let everybody link to a place: !antilink allow example.org
    What is below it counts as well, such as news.example.org."""
    wanted = _domain(domain)
    if len(wanted) > _LONGEST or not _DOMAIN.fullmatch(wanted):
        raise CommandError(ctx.t("no_domain", prefix=ctx.prefix))
    allowed = ctx.store.thread.setdefault(_ALLOWED, [])
    if len(allowed) >= _MOST:
        raise CommandError(ctx.t("full", most=_MOST))
    if wanted not in allowed:
        allowed.append(wanted)
    return ctx.t("allowed", domain=wanted)


@command("antilink forget", role="admin")
def forget(ctx: ChatContext, domain: str) -> str:
    """Let nobody link to a place any more: !antilink forget example.org"""
    wanted = _domain(domain)
    if wanted not in ctx.store.thread.get(_ALLOWED, []):
        raise CommandError(ctx.t("unknown", prefix=ctx.prefix))
    ctx.store.thread[_ALLOWED].remove(wanted)
    return ctx.t("forgotten", domain=wanted)


@command("antilink list", examples=[("!antilink list", "Please send no links here.")])
def list_(ctx: ChatContext) -> str:
    """Where may one link to here? !antilink list"""
    domains = list(dict.fromkeys([*ctx.store.thread.get(_ALLOWED, []), *map(_domain, ctx.settings.allow)]))
    shown = ", ".join([*domains[:_MOST], *(["…"] if len(domains) > _MOST else [])])
    return ctx.t("only", domains=shown) if shown else ctx.t("none")


@command("antilink permit", role="mod")
def permit(ctx: ChatContext, person: Member, length: timedelta = timedelta(hours=1)) -> str:
    """Let one person send links for a while: !antilink permit Ben 1h"""
    minutes = round(min(max(length, timedelta(minutes=1)), timedelta(days=30)).total_seconds() / 60)
    ctx.store.for_member(person.id)[_PERMITTED] = ctx.clock.time_ms() + 60_000 * minutes
    name = ctx.name_of(person)
    return ctx.t("permitted", name=name, count=minutes)


@command("antilink undo", role="admin", examples=[("!antilink undo", "I have removed nobody here.")])
def undo(ctx: ChatContext) -> str:
    """Add whom it has removed last again: !antilink undo"""
    return add_again(ctx)


def _hosts(message: Message) -> Iterator[str]:
    """Where the links of a message lead to; a shared page is a link, too."""
    shares = [str(one.fields.get("url") or "") for one in message.attachments if one.type == "share"]
    for match in _LINK.finditer(_INVISIBLE.sub("", " ".join([message.body, *shares]))):
        # What stands before an @ is a name for the place behind it.
        yield (match["full"] or match["bare"]).rpartition("@")[2].partition(":")[0].strip(".,;!)>\"'").casefold()


def _are_allowed(ctx: ChatContext, hosts: set[str]) -> bool:
    domains = [*map(_domain, ctx.settings.allow), *ctx.store.thread.get(_ALLOWED, [])]
    return all(any(f".{host}".endswith(f".{domain}") for domain in domains) for host in hosts)


def _domain(text: str) -> str:
    """The domain in what somebody wrote for one, such as an address."""
    return text.casefold().rpartition("://")[2].partition("/")[0].removeprefix("www.").strip(".")
