"""Who is named in a text, and by which part of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botkit.messenger._wire import STRANGE, Wire, id_of, int_of, items, json_in, mapping

# The id of who is named, and the place: offset and length in UTF-16 units.
Range = tuple[str, int, int]


def mentions_in(delta: Wire, body: str) -> dict[str, str]:
    """Who is named in the body of a delta, and by which text (dossier 2, section 5.1)."""
    try:
        ranges = list(_ranges(delta))
        return named(ranges, body) if ranges else {}
    except STRANGE:
        # A message without its mentions is better than none.
        return {}


def named(ranges: Iterable[Range], body: str) -> dict[str, str]:
    """The text of each range by the id that it stands for; offsets count UTF-16 units."""
    units = body.encode("utf-16-le", "surrogatepass")
    return {
        user_id: units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
        for user_id, offset, length in ranges
    }


def ranges_of(entries: Any) -> list[Range]:
    """The ranges of a `ranges` list, as GraphQL and some deltas have it."""
    return [(id_of((r.get("entity") or r)["id"]), int_of(r["offset"]), int_of(r["length"])) for r in items(entries)]


def _ranges(delta: Wire) -> Iterable[Range]:
    """The first of the four forms that the delta has."""
    data = mapping(delta.get("data"))
    if data.get("prng"):
        return [(id_of(m["i"]), int_of(m["o"]), int_of(m["l"])) for m in json_in(data["prng"])]
    for holder in (data, delta):
        if holder.get("mention_ids"):
            columns = [str(holder[f"mention_{name}"]).split(",") for name in ("ids", "offsets", "lengths")]
            return [(i.strip(), int_of(o), int_of(n)) for i, o, n in zip(*columns, strict=False)]
    if ranges := delta.get("ranges") or delta.get("profileRanges"):
        return ranges_of(ranges)
    return list(_mapped_ranges(delta))


def _mapped_ranges(delta: Wire) -> Iterable[Range]:
    value: Any = delta["messageMetadata"]
    for key in ("data", "data", "Gb", "asMap", "data"):
        value = mapping(value).get(key)
    for entry in mapping(value).values():
        mention = entry["asMap"]["data"]
        yield id_of(_only(mention["id"])), int_of(_only(mention["offset"])), int_of(_only(mention["length"]))


def _only(value: Mapping[str, Any]) -> Any:
    return next(iter(value.values()))
