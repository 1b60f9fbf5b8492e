"""Plays rounds of questions that have four answers to choose from, on topics such as science and history."""

import functools
import re
import zlib
from pathlib import Path
from typing import Any, Literal

from botkit import ChatContext, CommandError, Cooldown, Duration, Field, Message, Rest, Settings, command, matches

_ROUND = "round"
_ASKED = "asked"
_END = "end"
_WITHIN = "5m"
_LETTERS = "ABCD"
_MOST_QUESTIONS = 20
# Who answers sooner has meant the question before.
_READING_MS = 2_000
_UNANSWERED = 2
_LANGUAGES = ("en", "es", "nl", "vi")
_WANTED = re.compile(r"(\d{0,9})\s*(.*)", re.ASCII | re.DOTALL)

_Question = list[str]
"""The question, the right answer and three wrong ones."""


class TriviaSettings(Settings):
    questions: int = Field(default=5, ge=1, le=_MOST_QUESTIONS)
    """How many questions a round has when nothing else is asked for."""
    time: Duration = Field(default=30, ge=10, le=600)
    """How long a question waits for the right answer."""
    top: int = Field(default=10, ge=3, le=50)
    """How many people `!trivia scores` lists."""


@command("trivia", cooldown=Cooldown(10, per="chat"))
def trivia(ctx: ChatContext, what: Rest = "") -> str:
    """Play a round of questions: !trivia
    With so many questions, or on one topic: !trivia 10 science
    Answer with the letter. The first right answer gets the point, and of each person only the first answer counts."""
    if _round(ctx) is not None:
        raise CommandError(ctx.t("open", prefix=ctx.prefix))
    questions = _draw(ctx, *_wanted(ctx, what))
    kept = {"left": questions, "of": len(questions), "by": ctx.sender_id, "points": {}, "unanswered": 0}
    ctx.store.thread[_ROUND] = kept
    begun = ctx.t("begun", count=len(questions), seconds=round(ctx.settings.time))
    return f"{begun}\n\n{_ask(ctx, ctx.store.thread[_ROUND])}"


@matches(r"\A\s*[a-d]\s?[.)!]?\s*\Z", re.IGNORECASE)
def hear(ctx: ChatContext, message: Message) -> str | None:
    """A message that is nothing but one of the letters."""
    kept, person = _round(ctx), message.sender_id
    if kept is None or message.timestamp_ms < kept["asked_ms"] + _READING_MS:
        return None
    if person in kept["answered"] or person == ctx.api.get_current_user_id():
        return None
    kept["answered"].append(person)
    kept["unanswered"] = 0
    if message.body.strip()[0].upper() != kept["letter"]:
        return None
    _give_point(ctx)
    kept["points"][person] = kept["points"].get(person, 0) + 1
    name = ctx.name_of(ctx.sender)
    return _go_on(ctx, kept, ctx.t("right", name=name, letter=kept["letter"], answer=kept["answer"]))


@command("trivia stop")
def stop(ctx: ChatContext) -> str:
    """End the round; for who has begun it, and for moderators: !trivia stop"""
    kept = _round(ctx)
    if kept is None:
        raise CommandError(ctx.t("none", prefix=ctx.prefix))
    if kept["by"] != ctx.sender_id and ctx.role == "member":
        raise CommandError(ctx.t("not_yours"))
    return _over(ctx, kept)


@command("trivia scores")
def scores(ctx: ChatContext, period: Literal["week", "all"] = "week") -> str:
    """Who has the most points this week, or since ever? !trivia scores all"""
    week, points, people = _week(ctx), {}, ctx.lookup.members()
    if not people:
        raise CommandError(ctx.t("unknown"))
    for person in people:
        kept = ctx.store.for_member(person.id).get("points", {"all": 0, "week": "", "of_week": 0})
        of_week = kept["of_week"] if kept["week"] == week else 0
        points[person.id] = kept["all"] if period == "all" else of_week
    table = _table(ctx, points)
    if not table:
        raise CommandError(ctx.t(f"no_points.{period}", prefix=ctx.prefix))
    return "\n".join([ctx.t(f"title.{period}"), *table])


def time_up(ctx: ChatContext, ends_ms: int) -> str | None:
    """The job: tell the answer and go on, unless it is another question by now or nobody plays any more."""
    kept = ctx.store.thread.get(_ROUND)
    if kept is None or kept["ends_ms"] != ends_ms:
        return None
    if not kept["answered"]:
        kept["unanswered"] += 1
    if kept["unanswered"] >= _UNANSWERED:
        kept["left"].clear()
    return _go_on(ctx, kept, ctx.t("time_up", letter=kept["letter"], answer=kept["answer"]))


def _round(ctx: ChatContext) -> dict[str, Any] | None:
    """The round that is on; one that nobody has heard going on, in a chat that was muted, is none."""
    kept: dict[str, Any] | None = ctx.store.thread.get(_ROUND)
    return kept if kept is not None and ctx.clock.time_ms() < kept["ends_ms"] else None


def _go_on(ctx: ChatContext, kept: dict[str, Any], told: str) -> str:
    """What is told and the next question, in one message."""
    return f"{told}\n\n{_ask(ctx, kept) if kept['left'] else _over(ctx, kept)}"


def _ask(ctx: ChatContext, kept: dict[str, Any]) -> str:
    question, right, *wrong = kept["left"].pop(0)
    ctx.store.thread.append(_ASKED, _mark(question))
    options = ctx.random.sample([right, *wrong], 1 + len(wrong))
    now_ms = ctx.clock.time_ms()
    ends_ms = now_ms + round(1000 * ctx.settings.time)
    letter = _LETTERS[options.index(right)]
    kept.update(letter=letter, answer=right, answered=[], asked_ms=now_ms, ends_ms=ends_ms)
    ctx.schedule.after(ctx.settings.time, time_up, ends_ms, name=_END, within=_WITHIN)
    number = kept["of"] - len(kept["left"])
    lines = [f"{letter}) {option}" for letter, option in zip(_LETTERS, options, strict=True)]
    return "\n".join([f"{number}/{kept['of']} {question}", *lines])


def _over(ctx: ChatContext, kept: dict[str, Any]) -> str:
    del ctx.store.thread[_ROUND]
    ctx.schedule.cancel(_END)
    return "\n".join([ctx.t("over"), *_table(ctx, kept["points"])])


def _wanted(ctx: ChatContext, what: str) -> tuple[list[_Question], int]:
    """(the questions of the topic, how many of them are to be asked) of what was typed."""
    found = _WANTED.fullmatch(what)
    number, topic = found.groups() if found else ("", "")
    count, topics = int(number or ctx.settings.questions), _topics(ctx.language)
    if not 1 <= count <= _MOST_QUESTIONS:
        raise CommandError(ctx.t("count", most=_MOST_QUESTIONS))
    if not topic:
        return [one for questions in topics.values() for one in questions], count
    if topic.casefold() not in topics:
        raise CommandError(ctx.t("topics", topics=", ".join(topics)))
    return topics[topic.casefold()], count


def _draw(ctx: ChatContext, questions: list[_Question], count: int) -> list[_Question]:
    """Questions that were not asked here yet; where these are too few, the others may come again."""
    asked = ctx.store.thread.get(_ASKED, [])
    fresh = [one for one in questions if _mark(one[0]) not in asked]
    others = [one for one in questions if one not in fresh]
    chosen = ctx.random.sample(fresh, min(count, len(fresh)))
    if len(chosen) < count:
        again = {_mark(one[0]) for one in others}
        ctx.store.thread[_ASKED] = [mark for mark in asked if mark not in again]
        chosen += ctx.random.sample(others, min(count - len(chosen), len(others)))
    return chosen


def _mark(question: str) -> int:
    """What is remembered of a question that was asked."""
    return zlib.crc32(question.encode())


def _topics(language: str) -> dict[str, list[_Question]]:
    language = language.partition("-")[0].lower()
    return _read(language if language in _LANGUAGES else _LANGUAGES[0])


@functools.cache
def _read(language: str) -> dict[str, list[_Question]]:
    """{topic: its questions}, from the file of a language."""
    topics: dict[str, list[_Question]] = {}
    topic = ""
    for line in Path(__file__).with_name(f"trivia.{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            topic = line.removeprefix("# ")
        elif line:
            question, _, answers = line.partition(" = ")
            topics.setdefault(topic, []).append([question, *answers.split(" | ")])
    return topics


def _give_point(ctx: ChatContext) -> None:
    week = _week(ctx)
    kept = ctx.store.member.setdefault("points", {"all": 0, "week": week, "of_week": 0})
    of_week = kept["of_week"] if kept["week"] == week else 0
    kept.update(all=kept["all"] + 1, week=week, of_week=of_week + 1)


def _week(ctx: ChatContext) -> str:
    """The week of the chat's calendar, as in 2026-W01."""
    return f"{ctx.lookup.now():%G-W%V}"


def _table(ctx: ChatContext, points: dict[str, int]) -> list[str]:
    """A line for each person of the chat who has points, most points first."""
    names = {one.id: ctx.name_of(one) for one in ctx.lookup.members()}
    best = sorted((-count, names[person]) for person, count in points.items() if count and person in names)
    return [f"{place}. {name}: {-count}" for place, (count, name) in enumerate(best[: ctx.settings.top], 1)]
