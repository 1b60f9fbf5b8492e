"""Chooses for people who cannot decide: one of several things, or one of the people in the chat."""

import re

from botkit import ChatContext, CommandError, Rest, command

_MOST_OPTIONS = 100
_LONGEST = 2_000
_MOST_PEOPLE = 20
_PEOPLE = re.compile(r"(?:person|one of us)(?:\s+(\d{1,9}))?", re.ASCII | re.IGNORECASE)
_COUNTED = re.compile(r"(\d{1,3})\s+(\S.*)", re.ASCII | re.DOTALL)


@command("choose", aliases=["pick"])
def choose(ctx: ChatContext, options: Rest = "") -> str:
    """Have something chosen: !choose tea, coffee or beer
    Several: !choose 2 tea, coffee, beer – all of them in a random order: !choose 3 tea, coffee, beer
    With | between them they may have commas in them.
    One of the people here: !choose person; or several: !choose person 3"""
    if len(options) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    people = _PEOPLE.fullmatch(options.strip())
    if people is not None:
        return _people(ctx, int(people[1] or 1))
    found = _split(options, ctx.t("or").split())
    count, found = _counted(found)
    if len(found) < 2:
        raise CommandError(ctx.t("how", prefix=ctx.prefix))
    if len(found) > _MOST_OPTIONS:
        raise CommandError(ctx.t("many", most=_MOST_OPTIONS))
    if not 1 <= count <= len(found):
        raise CommandError(ctx.t("few", count=len(found)))
    return "👉 " + ", ".join(ctx.random.sample(found, count))


def _people(ctx: ChatContext, count: int) -> str:
    people = [one for one in ctx.lookup.members() if one.id != ctx.api.get_current_user_id()]
    if not people:
        raise CommandError(ctx.t("unknown"))
    most = min(len(people), _MOST_PEOPLE)
    if not 1 <= count <= most:
        raise CommandError(ctx.t("people", most=most))
    return "👉 " + ", ".join(ctx.name_of(one) for one in ctx.random.sample(people, count))


def _split(text: str, conjunctions: list[str]) -> list[str]:
    """What stands between bars, else between commas, semicolons, line ends and the words for `or`, else the words."""
    word = "|".join(map(re.escape, conjunctions))
    text = text.strip(" ?¿？")
    if "|" in text:
        parts = text.split("|")
    else:
        parts = re.split(rf"[,;\n，、؛،](?:\s*(?:{word})\s)?|\s(?:{word})\s", text, flags=re.IGNORECASE)
        if len(parts) == 1:
            parts = [part for part in text.split() if part.casefold() not in conjunctions]
    return [part.strip() for part in parts if part.strip()]


def _counted(found: list[str]) -> tuple[int, list[str]]:
    """How many are to be chosen, and of what: `2 a, b, c` means two, but in `2 euros, 5 euros` each is an amount."""
    first = _COUNTED.fullmatch(found[0]) if found else None
    if first is None or any(one[0].isdecimal() for one in found[1:]):
        return 1, found
    return int(first[1]), [first[2], *found[1:]]
