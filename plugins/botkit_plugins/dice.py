"""Rolls dice and flips coins."""

import re

from botkit import ChatContext, CommandError, Field, Rest, Settings, command

_NOTATION = re.compile(
    r"(?:(?P<count>\d{0,9})\s*d)?\s*(?P<sides>\d{1,9})"
    r"\s*(?:k(?P<end>[hl])\s*(?P<keep>\d{0,9}))?\s*(?P<more>[+-]\s*\d{1,6})?",
    re.ASCII | re.IGNORECASE,
)


class DiceSettings(Settings):
    most_dice: int = Field(default=20, ge=1, le=100)
    """The most dice of one roll."""
    most_sides: int = Field(default=1_000, ge=6, le=1_000_000)
    """The most sides that a die may have."""


@command("roll", aliases=["dice"], examples=[("!roll 2d1+3", "🎲 Ann: 1 + 1 + 3 = 5")])
def roll(ctx: ChatContext, dice: Rest = "6") -> str:
    """Roll a die: !roll 20
    Several: !roll 2d6+1, of four the highest three: !roll 4d6kh3, or of two the lowest: !roll 2d20kl"""
    found = _NOTATION.fullmatch(dice)
    if found is None:
        raise CommandError(ctx.t("how", prefix=ctx.prefix))
    count, sides = int(found["count"] or 1), int(found["sides"])
    keep = int(found["keep"] or 1) if found["end"] else count
    if not 1 <= keep <= count or sides < 1:
        raise CommandError(ctx.t("how", prefix=ctx.prefix))
    if count > ctx.settings.most_dice or sides > ctx.settings.most_sides:
        raise CommandError(ctx.t("many", dice=ctx.settings.most_dice, sides=ctx.settings.most_sides))
    thrown = [ctx.random.randint(1, sides) for _ in range(count)]
    lowest_first = (found["end"] or "").lower() == "l"
    # As they fell, unless only some count.
    ordered = sorted(thrown, reverse=not lowest_first) if found["end"] else thrown
    more = int("".join((found["more"] or "0").split()))
    return f"🎲 {ctx.name_of(ctx.sender)}: {_reckoned(ctx, ordered[:keep], ordered[keep:], more)}"


@command("flip", aliases=["coin"])
def flip(ctx: ChatContext) -> str:
    """Flip a coin: !flip"""
    return f"🪙 {ctx.name_of(ctx.sender)}: {ctx.t(ctx.random.choice(['heads', 'tails']))}"


def _reckoned(ctx: ChatContext, counted: list[int], dropped: list[int], more: int) -> str:
    """Each die, what is added, and the sum if there is anything to add up."""
    parts = " + ".join(map(str, counted))
    if more:
        parts += f" {'+' if more > 0 else '-'} {abs(more)}"
    told = f"{parts} = {sum(counted) + more}" if more or len(counted) > 1 else parts
    return f"{told} {ctx.t('dropped', dice=', '.join(map(str, dropped)))}" if dropped else told
