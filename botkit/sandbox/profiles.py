"""People as profiles and contacts: what the calls about users tell of them (dossier 3, sections 3.6, 3.7 and 6.4)."""

from __future__ import annotations

from typing import Any

from botkit.sandbox.attachments import SITE
from botkit.sandbox.engine import Engine
from botkit.sandbox.world import Person

Json = dict[str, Any]

# The numbers of dossier 3, section 3.7.
_GENDERS = {"unknown": 0, "female": 1, "male": 2}
_CONTACT, _FRIEND = 2, 3
_USER = 1


def profile(engine: Engine, viewer: str, person: Person) -> Json:
    """A profile as dossier 3, section 3.6 shows it."""
    friend = engine.world.are_friends(viewer, person.id)
    return {
        "id": person.id,
        "name": person.name,
        "firstName": person.first_name,
        "vanity": person.vanity,
        "thumbSrc": picture_url(person),
        "uri": profile_url(person),
        "gender": _GENDERS[person.gender],
        "i18nGender": 2,
        "type": kind(engine, viewer, person),
        "is_friend": friend,
        "is_birthday": engine.has_birthday(person),
        "mThumbSrcSmall": None,
        "mThumbSrcLarge": None,
        "dir": None,
        "searchTokens": person.name.split(),
        "alternateName": "",
        "is_nonfriend_messenger_contact": not friend,
        "is_blocked": engine.storage.mailboxes.is_blocked(viewer, person.id),
    }


def contact_row(engine: Engine, viewer: str, person: Person) -> dict[int, Any]:
    """The arguments of `deleteThenInsertContact` by position (dossier 3, section 6.4)."""
    picture = picture_url(person)
    return {
        0: int(person.id),
        2: picture,
        3: picture,
        5: picture,
        9: person.name,
        10: person.name.lower(),
        11: True,
        12: False,
        14: int(engine.storage.mailboxes.is_blocked(viewer, person.id)),
        18: person.first_name,
        19: _USER,
        26: True,
        39: _FRIEND if engine.world.are_friends(viewer, person.id) else _CONTACT,
        40: _GENDERS[person.gender],
        43: person.vanity,
    }


def friends_section(engine: Engine, viewer: str) -> Json:
    """The friends on a profile's page, as a query tells them (dossier 3, section 3.7)."""
    friends = [engine.world.people[friend] for friend in engine.world.friends_of(viewer)]
    edges = [
        {
            "node": {
                "id": friend.id,
                "title": {"text": friend.name},
                "image": {"uri": picture_url(friend)},
                "subtitle_text": {"text": ""},
                "url": profile_url(friend),
            }
        }
        for friend in friends
    ]
    collection = {"pageItems": {"edges": edges, "page_info": {"has_next_page": False, "end_cursor": None}}}
    return {"node": {"all_collections": {"nodes": [{"style_renderer": {"collection": collection}}]}}}


def kind(engine: Engine, viewer: str, person: Person) -> str:
    """What a person is to the viewer: `page`, `friend` or `user`."""
    if person.page:
        return "page"
    return "friend" if engine.world.are_friends(viewer, person.id) else "user"


def profile_url(person: Person) -> str:
    """The address of a person's page."""
    return f"{SITE}/{person.vanity or person.id}"


def picture_url(person: Person) -> str:
    """The address of a person's picture."""
    return f"{SITE}/sandbox/picture/{person.id}"
