"""The account's contacts: from the profiles, or from the page of friends, to `Friend` values. Pure.

Facts: dossier 3, section 3.7.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from botkit.messenger._graphql import profile_url
from botkit.messenger._wire import Wire, id_of, items, mapping
from botkit.messenger.models import Friend

SECTION_QUERY = ("ProfileCometTopAppSectionQuery", "24492266383698794")
"""Name and id of the query for the page of friends, which has the first of them only."""
_SECTION = "2356318349"
_GENDERS = (
    "unknown",
    "female_singular",
    "male_singular",
    "female_singular_guess",
    "male_singular_guess",
    "mixed",
    "neuter_singular",
    "unknown_singular",
    "female_plural",
    "male_plural",
    "neuter_plural",
    "unknown_plural",
)


def friends_in(payload: Any) -> list[Friend]:
    """The people of an answer's profiles, which may stand one level deeper. Raises one of `STRANGE`.

    Pages, and ids that are nobody's, are left out; people who are no friends are not.
    """
    if payload == []:
        return []
    if not isinstance(payload, Mapping):
        raise ValueError("no profiles")
    profiles = payload["profiles"] if isinstance(payload.get("profiles"), Mapping) else payload
    return [
        _friend(wire)
        for wire in profiles.values()
        if str(mapping(wire).get("id", "0")) != "0" and wire.get("type") in ("user", "friend")
    ]


def section_variables(own_id: str) -> dict[str, Any]:
    """The variables of the query for the page of friends."""
    token = base64.b64encode(f"app_section:{own_id}:{_SECTION}".encode()).decode()
    return {"collectionToken": None, "scale": 2, "sectionToken": token, "useDefaultActor": False, "userID": own_id}


def friends_in_section(data: Wire) -> list[Friend]:
    """The friends on that page; it tells neither gender nor vanity. Raises one of `STRANGE`."""
    collection = data["node"]["all_collections"]["nodes"][0]["style_renderer"]["collection"]
    return [_friend_from_section(edge["node"]) for edge in items(collection["pageItems"]["edges"])]


def _friend(wire: Wire) -> Friend:
    number = int(wire.get("gender") or 0)
    return Friend(
        user_id=id_of(wire["id"]).removeprefix("fbid:"),
        full_name=str(wire.get("name") or ""),
        first_name=str(wire.get("firstName") or ""),
        gender=_GENDERS[number] if 0 <= number < len(_GENDERS) else _GENDERS[0],
        type=str(wire.get("type") or ""),
        is_friend=bool(wire.get("is_friend")),
        is_birthday=bool(wire.get("is_birthday")),
        vanity=str(wire.get("vanity") or ""),
        profile_url=str(wire.get("uri") or ""),
        profile_picture=str(wire.get("thumbSrc") or ""),
        alternate_name=str(wire.get("alternateName") or ""),
    )


def _friend_from_section(node: Wire) -> Friend:
    # Where the id of the item is that of its place on the page, the person's stands one level deeper.
    user_id = id_of(mapping(node.get("node")).get("id") or node["id"])
    name = str(mapping(node.get("title")).get("text") or "")
    return Friend(
        user_id=user_id,
        full_name=name,
        first_name=name.partition(" ")[0],
        gender=_GENDERS[0],
        type="friend",
        is_friend=True,
        is_birthday=False,
        vanity="",
        profile_url=str(node.get("url") or profile_url(user_id)),
        profile_picture=str(mapping(node.get("image")).get("uri") or ""),
        alternate_name="",
    )
