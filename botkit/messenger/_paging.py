"""Going back through one of the server's lists, newest first, page by page.

A page holds what is of a time or before it, so it begins with what the page before it has ended with (dossier 3,
sections 3.1 and 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from botkit.messenger.errors import BadAnswer

# So many entries a request are safe.
_PAGE = 100
_V = TypeVar("_V")


def newest_first(
    fetch: Callable[[int, int | None], list[_V]],
    *,
    id_of: Callable[[_V], str],
    time_of: Callable[[_V], int | None],
    count: int | None = None,
    before_ms: int | None = None,
) -> Iterator[_V]:
    """The entries one by one, each once, `count` at most; a page is asked for when its entries are.

    `fetch(limit, before_ms)` gives a page, the newest first. Raises what that raises, and BadAnswer when a page does
    not tell where the next one begins.
    """
    seen: set[str] = set()
    overlap = 0
    while count is None or len(seen) < count:
        # More than a page where more than half of it is of one instant, and comes again.
        limit = max(_PAGE, 2 * overlap)
        limit = limit if count is None else min(limit, count - len(seen) + overlap)
        page = fetch(limit, before_ms)
        is_new = False
        for entry in page:
            if (name := id_of(entry)) not in seen:
                is_new = True
                seen.add(name)
                yield entry
        if len(page) < limit or not is_new:
            return
        before_ms = time_of(page[-1])
        if before_ms is None:
            raise BadAnswer("the last entry of a page has no time")
        overlap = sum(time_of(entry) == before_ms for entry in page)
