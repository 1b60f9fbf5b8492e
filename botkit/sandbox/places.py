"""The extensible attachments that a place and an unsent message show as (dossier 2, sections 8.2 and 8.3). Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from botkit.sandbox.world import Place


def location(place: Place) -> dict[str, Any]:
    """A place: the link leads to a map, whose `where1` is what clients read."""
    where = f"{place.latitude}, {place.longitude}"
    map_url = f"https://www.bing.com/maps/default.aspx?v=2&pc=FACEBK&mid=8100&where1={quote(where)}&FORM=FBKPL1"
    url = f"https://l.facebook.com/l.php?u={quote(map_url, safe='')}&s=1"
    return _extensible(url, "Location", {"__typename": "MessageLocation"}, "message_location")


def tombstone() -> dict[str, Any]:
    """What stands where a message was unsent: no target, and a style of its own."""
    return _extensible(None, "", None, "globally_deleted_message_placeholder")


def _extensible(url: str | None, title: str, target: dict[str, str] | None, style: str) -> dict[str, Any]:
    return {
        "legacy_attachment_id": "0",
        "genie_attachment": {"genie_message": None},
        "story_attachment": {
            "url": url,
            "title_with_entities": {"text": title},
            "description": None,
            "source": None,
            "media": None,
            "target": target,
            "subattachments": [],
            "properties": [],
            "style_list": [style, "fallback"],
            "deduplication_key": url or style,
            "action_links": [],
        },
    }
