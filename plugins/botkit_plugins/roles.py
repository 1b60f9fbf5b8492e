"""Shows who may do what in a chat, and lets admins and owners give roles."""

from typing import Literal

from botkit import ChatContext, CommandError, Member, command

RANKS = ("owner", "admin", "mod")


@command("roles")
def roles(ctx: ChatContext) -> str:
    """Who may do more than others in this chat? !roles"""
    with_role = [(ctx.host.role_of(one.id), _name(one)) for one in ctx.lookup.members()]
    lines = [f"{name}: {rank}" for rank in RANKS for role, name in sorted(with_role) if role == rank]
    return "\n".join(lines) if lines else ctx.t("nobody")


@command("roles set", role="admin")
def set_(ctx: ChatContext, person: Member, role: Literal["admin", "mod"]) -> str:
    """Give somebody a role in this chat: !roles set Ben mod"""
    _check(ctx, person, role)
    ctx.host.set_role(person.id, role)
    return ctx.t("set", name=_name(person), role=role)


@command("roles reset", role="admin")
def reset(ctx: ChatContext, person: Member) -> str:
    """Take back the role that somebody was given: !roles reset Ben"""
    given = ctx.host.roles().get(person.id)
    if given is None:
        raise CommandError(ctx.t("none", name=_name(person)))
    _check(ctx, person, given)
    ctx.host.set_role(person.id, None)
    return ctx.t("reset", name=_name(person))


def _check(ctx: ChatContext, person: Member, role: str) -> None:
    """Only an owner makes and unmakes admins; otherwise admins could depose each other."""
    if ctx.role != "owner" and "admin" in (role, ctx.host.roles().get(person.id)):
        raise CommandError(ctx.t("owners_only"))


def _name(person: Member) -> str:
    return person.nickname or person.name or person.id
