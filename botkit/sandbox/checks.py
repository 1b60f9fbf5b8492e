"""What a client names, looked up or refused with the documented code (dossier 1, section 20; dossier 3, 6.8). Pure."""

from __future__ import annotations

from botkit.sandbox.errors import BAD_PARAMETERS, NOT_A_PARTICIPANT, THREAD_DISABLED, Refusal
from botkit.sandbox.world import Thread, World

_MOST_OTID_DIGITS = 20


def checked_thread(world: World, viewer: str, thread_id: str) -> Thread:
    """The viewer's thread of this id, for a client that speaks the protocol.

    Raises:
        Refusal: there is none, the viewer is not in it, or it is encrypted (dossier 1, section 20).
    """
    thread = world.thread(viewer, thread_id)
    if thread is None:
        raise Refusal(NOT_A_PARTICIPANT, "You are not part of this conversation.")
    if thread.encrypted:
        raise Refusal(THREAD_DISABLED, "Couldn't send: this chat is end-to-end encrypted.")
    return thread


def changed_thread(world: World, viewer: str, thread_id: str) -> Thread:
    """The viewer's thread of this id, for a change that the others see (dossier 3, section 6.8).

    Raises:
        Refusal: there is none (which differs from a send's), the viewer is not in it, or it is encrypted.
    """
    known_thread(world, viewer, thread_id)
    return checked_thread(world, viewer, thread_id)


def known_thread(world: World, viewer: str, thread_id: str) -> Thread:
    """The viewer's thread of this id, for what is only their own: also one they have left, also an encrypted one.

    Raises:
        Refusal: there is none, or the viewer was never in it.
    """
    thread = world.readable(viewer, thread_id)
    if thread is None and thread_id not in world.threads:
        raise Refusal(BAD_PARAMETERS, "There is no such conversation.")
    if thread is None:
        raise Refusal(NOT_A_PARTICIPANT, "You are not part of this conversation.")
    return thread


def checked_otid(text: str) -> str:
    """The same text if it is an offline threading id: a whole number of at most 20 digits; else a `Refusal`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_OTID_DIGITS:
        raise Refusal(BAD_PARAMETERS, "The offline threading id is not a number.")
    return text
