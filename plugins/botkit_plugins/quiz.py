"""Asks the chat questions of the group's own; the first right answer gets a point."""

import re
import unicodedata
from typing import Any, Literal

from botkit import (
    ChatContext,
    CommandError,
    Cooldown,
    Duration,
    Field,
    Message,
    Rest,
    Settings,
    command,
    hookimpl,
)

_ROUND = "round"
_QUESTIONS = "questions"
_ASKED = "asked"
_END = "end"
_WITHIN = "5m"
_LONGEST = 300
_ON_A_PAGE = 20
# Letters that have an accent through them, which Unicode does not take apart; the slash of ½, and the sign for minus.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "\u2044": "/", "\u2212": "-"}
)
_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")
_OF_NUMBERS = re.compile(r"(?<=\d)[.,/:](?=\d)|(?<!\w)-(?=\d)")


class QuizSettings(Settings):
    add: Literal["mods", "everybody"] = "mods"
    """Who may add and remove questions."""
    time: Duration = Field(default=60, ge=15, le=3_600)
    """How long a question waits for its answer."""
    hint_after: Duration = Field(default=30, ge=0, le=3_600)
    """How long after a question there is a hint."""
    most: int = Field(default=300, ge=1, le=500)
    """How many questions a chat may have."""
    top: int = Field(default=10, ge=3, le=50)
    """How many people `!quiz scores` lists."""


@command("quiz", cooldown=Cooldown(5, per="chat"))
def quiz(ctx: ChatContext) -> str:
    """Have a question asked: !quiz
    Whoever writes the answer first gets a point. Letter case, accents and punctuation do not matter."""
    kept = _round(ctx)
    if kept is not None:
        raise CommandError(ctx.t("open", question=kept["question"]))
    chosen, now_ms = _draw(ctx), ctx.clock.time_ms()
    ends_ms = now_ms + round(1000 * ctx.settings.time)
    ctx.store.thread[_ROUND] = {**chosen, "asked_ms": now_ms, "ends_ms": ends_ms}
    ctx.schedule.after(ctx.settings.time, time_up, ends_ms, name=_END, within=_WITHIN)
    return ctx.t("asked", question=chosen["question"], seconds=round(ctx.settings.time))


@hookimpl
def on_message(ctx: ChatContext, message: Message) -> str | None:
    kept = _round(ctx)
    if kept is None or message.body.startswith(ctx.prefix) or message.timestamp_ms < kept["asked_ms"]:
        return None
    if _plain(message.body) not in map(_plain, kept["answers"]) or message.sender_id == ctx.api.get_current_user_id():
        return None
    points = _points(ctx, message.sender_id) + 1
    ctx.store.member["points"] = {"season": _season(ctx), "count": points}
    del ctx.store.thread[_ROUND]
    ctx.schedule.cancel(_END)
    return ctx.t("right", name=ctx.name_of(ctx.sender), answer=kept["answers"][0], count=points)


@command("quiz hint")
def hint(ctx: ChatContext) -> str:
    """Half a minute after the question, its answer's first letters: !quiz hint"""
    kept, now_ms = _round(ctx), ctx.clock.time_ms()
    if kept is None:
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    left_ms = kept["asked_ms"] + round(1000 * ctx.settings.hint_after) - now_ms
    if left_ms > 0:
        raise CommandError(ctx.t("early", count=-(-left_ms // 1000)))
    words = unicodedata.normalize("NFC", kept["answers"][0]).split()
    return ctx.t("hint", hint=" ".join(f"{word[: len(word) > 1]}{'·' * max(1, len(word) - 1)}" for word in words))


@command("quiz add")
def add(ctx: ChatContext, text: Rest) -> str:
    """Add a question: !quiz add What is the capital of France? = Paris
    Other answers that are right stand behind a |, and each further line of the message is another question. A question
    that is there already gets the new answers. All who are here can read what you add."""
    _check_role(ctx)
    fresh = [_read(ctx, line) for line in text.splitlines() if line.strip()]
    questions = ctx.store.thread.get(_QUESTIONS, [])
    found = {_plain(one["question"]): one for one in questions}
    before = len(found)
    for question, answers in fresh:
        # A number that was never used: what was asked is remembered by it.
        number = found[_plain(question)]["id"] if _plain(question) in found else _next_number(ctx)
        found[_plain(question)] = {"id": number, "question": question, "answers": answers}
    if len(found) > ctx.settings.most:
        raise CommandError(ctx.t("full", most=ctx.settings.most))
    ctx.store.thread[_QUESTIONS] = list(found.values())
    said = ctx.t("added", count=len(found) - before, total=len(found))
    # Where there are more signs than one, people see at which the line was cut.
    cut = [ctx.t("cut", question=question, answers=" | ".join(answers)) for question, answers in fresh]
    return f"{said}\n{cut[0]}" if len(cut) == 1 and text.count("=") > 1 else said


@command("quiz list")
def list_(ctx: ChatContext, page: int = 1) -> str:
    """The questions, without their answers: !quiz list"""
    questions = _questions(ctx)
    pages = -(-len(questions) // _ON_A_PAGE)
    page = min(max(page, 1), pages)
    first = (page - 1) * _ON_A_PAGE
    lines = [f"{n}. {one['question']}" for n, one in enumerate(questions, 1)][first : first + _ON_A_PAGE]
    return "\n".join([*lines, *([ctx.t("page", page=page, pages=pages, prefix=ctx.prefix)] if pages > 1 else [])])


@command("quiz remove")
def remove(ctx: ChatContext, number: int) -> str:
    """Remove a question by its number in the list: !quiz remove 2"""
    _check_role(ctx)
    questions = _questions(ctx)
    if not 1 <= number <= len(questions):
        raise CommandError(ctx.t("no_number", number=number, prefix=ctx.prefix))
    removed = questions.pop(number - 1)
    return ctx.t("removed", text=f"{removed['question']} = {' | '.join(removed['answers'])}")


@command("quiz scores", examples=[("!quiz scores", "Nobody has a point here yet. !quiz asks a question.")])
def scores(ctx: ChatContext) -> str:
    """Who has the most points here? !quiz scores"""
    people = ctx.lookup.members()
    if not people:
        raise CommandError(ctx.t("unknown"))
    points = [(_points(ctx, one.id), ctx.name_of(one)) for one in people]
    best = sorted((one for one in points if one[0]), key=lambda one: (-one[0], one[1]))[: ctx.settings.top]
    if not best:
        raise CommandError(ctx.t("no_points", prefix=ctx.prefix))
    return "\n".join(f"{place}. {name}: {count}" for place, (count, name) in enumerate(best, 1))


@command("quiz reset scores", role="admin", confirm=True)
def reset(ctx: ChatContext) -> str:
    """Have everybody begin anew, without points: !quiz reset scores"""
    last = scores(ctx)
    ctx.store.thread["season"] = _season(ctx) + 1
    return f"{ctx.t('reset')}\n{last}"


def time_up(ctx: ChatContext, ends_ms: int) -> str | None:
    """The job: tell the answer that nobody has given, unless it is another question by now."""
    kept = ctx.store.thread.get(_ROUND)
    if kept is None or kept["ends_ms"] != ends_ms:
        return None
    del ctx.store.thread[_ROUND]
    return ctx.t("time_up", answer=kept["answers"][0])


def _round(ctx: ChatContext) -> dict[str, Any] | None:
    """The question that is open; one whose end nobody heard, in a chat that was muted, is none."""
    kept: dict[str, Any] | None = ctx.store.thread.get(_ROUND)
    return kept if kept is not None and ctx.clock.time_ms() < kept["ends_ms"] else None


def _draw(ctx: ChatContext) -> dict[str, Any]:
    """One of the questions that were not asked yet; when all were, one of all but the last."""
    questions, asked = _questions(ctx), ctx.store.thread.get(_ASKED, [])
    left = [one for one in questions if one["id"] not in asked]
    if not left:
        asked = asked[-1:]
        left = [one for one in questions if one["id"] not in asked] or questions
    chosen: dict[str, Any] = ctx.random.choice(left)
    there = {one["id"] for one in questions}
    ctx.store.thread[_ASKED] = [*(number for number in asked if number in there), chosen["id"]]
    return chosen


def _read(ctx: ChatContext, line: str) -> tuple[str, list[str]]:
    """(question, its answers) of a line."""
    question, _, rest = line.rpartition(" = " if " = " in line else "=")
    question, answers = question.strip(), [one.strip() for one in rest.split("|") if one.strip()]
    if not _plain(question) or not answers or not all(map(_plain, answers)):
        raise CommandError(ctx.t("how", line=line.strip()[:_LONGEST], prefix=ctx.prefix))
    if max(len(question), len(rest)) > _LONGEST:
        raise CommandError(ctx.t("long", most=_LONGEST))
    return question, answers


def _questions(ctx: ChatContext) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = ctx.store.thread.get(_QUESTIONS, [])
    if not questions:
        raise CommandError(ctx.t("no_questions", prefix=ctx.prefix))
    return questions


def _next_number(ctx: ChatContext) -> int:
    ctx.store.thread["number"] = number = ctx.store.thread.get("number", 0) + 1
    return int(number)


def _check_role(ctx: ChatContext) -> None:
    is_group = isinstance(ctx.event, Message) and ctx.event.is_group
    if ctx.settings.add == "mods" and is_group and ctx.role == "member":
        raise CommandError(ctx.t("mods_only"))


def _season(ctx: ChatContext) -> int:
    return int(ctx.store.thread.get("season", 0))


def _points(ctx: ChatContext, user_id: str) -> int:
    """Points of before the last reset do not count."""
    kept = ctx.store.for_member(user_id).get("points", {})
    return int(kept["count"]) if kept and kept["season"] == _season(ctx) else 0


def _plain(text: str) -> str:
    """What is compared: letters, digits and symbols, without case, accents, and how a phone writes an emoji; and what
    makes a number another one, as in -5, 3.5, 1/2 and 10:30."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS).replace("\ufe0f", "")
    folded = _THOUSANDS.sub("", folded)
    of_numbers = {found.start() for found in _OF_NUMBERS.finditer(folded)}
    return "".join(c for place, c in enumerate(folded) if place in of_numbers or _is_plain(c)).replace(",", ".")


def _is_plain(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMNS" and not unicodedata.combining(sign)
