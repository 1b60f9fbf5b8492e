"""What the parts of one logged-in client share."""

from __future__ import annotations

import random
import threading

from botkit.clock import Clock
from botkit.messenger._directory import Directory
from botkit.messenger._doors import HttpDoor, SocketDoor
from botkit.messenger._graphql import data_in, sequence_id_in, sequence_query
from botkit.messenger._link import Link
from botkit.messenger._page import Page
from botkit.messenger._web import Web
from botkit.messenger.errors import NotLoggedIn
from botkit.messenger.options import Options
from botkit.messenger.session import Session


class Client:
    """One session with its doors, its clock and its chance; any thread may use it."""

    def __init__(
        self,
        session: Session,
        options: Options,
        *,
        clock: Clock,
        chance: random.Random,
        http_door: HttpDoor,
        socket_door: SocketDoor,
    ) -> None:
        self.session = session
        self.options = options
        self.clock = clock
        self.chance = chance
        self.socket_door = socket_door
        self.web = Web(http_door, session, clock=clock, chance=chance)
        self.link = Link(lambda: session.page, clock)
        self.directory = Directory(self.web, session, clock)
        self._lock = threading.Lock()
        self._used_page: Page | None = None

    def sequence_id(self, *, newest: bool) -> int:
        """The number of the newest delta: once as each page has it, which is cheaper, else as the server says now.

        Raises NotLoggedIn when the server has none for this session.
        """
        page = self.session.page
        with self._lock:
            is_new, self._used_page = page is not self._used_page, page
        if is_new and not newest and page.sequence_id is not None:
            return page.sequence_id
        what = "look-up of the sequence id"
        found = sequence_id_in(data_in(self.web.batch(sequence_query(), what), what))
        if found is None:
            raise NotLoggedIn(f"{what}: the server has none for this session; log in again")
        return found
