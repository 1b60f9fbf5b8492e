"""What the parts of one logged-in client share."""

from __future__ import annotations

import random
import threading

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger._answers import reading
from botkit.messenger._directory import Directory
from botkit.messenger._doors import HttpDoor, SocketDoor
from botkit.messenger._graphql import data_in, sequence_id_in, sequence_query
from botkit.messenger._link import Link
from botkit.messenger._page import Page
from botkit.messenger._presence import PresenceTable
from botkit.messenger._tasks import Call, Task, refusal_in
from botkit.messenger._web import Web
from botkit.messenger.errors import NotLoggedIn
from botkit.messenger.options import LOG_LEVELS, Options
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
        self._options = options
        _set_level(options)
        self.clock = clock
        self.chance = chance
        self.socket_door = socket_door
        self.web = Web(http_door, session, clock=clock, chance=chance)
        self.link = Link(lambda: session.page, clock)
        self.directory = Directory(self.web, session, clock)
        self.presence = PresenceTable(clock)
        self._lock = threading.Lock()
        self._used_page: Page | None = None

    def ask(self, task: Task, what: str) -> tuple[Call, ...]:
        """Do a task on the open socket and give the calls of its answer; `what` names it in errors.

        Raises NetworkError when no socket is open or no answer comes in time, BadAnswer, TaskNotDone, and the server's
        no. Blocks: not for the socket's thread.
        """
        calls = self.link.ask(task)
        error = refusal_in(calls, what)
        if error is not None:
            raise error
        return calls

    @property
    def options(self) -> Options:
        return self._options

    @options.setter
    def options(self, options: Options) -> None:
        self._options = options
        _set_level(options)

    @property
    def acting_id(self) -> str:
        """Whose messages are the account's own: the page that it acts as, else itself."""
        return self._options.page_id or self.session.user_id

    def sequence_id(self, *, newest: bool) -> int:
        """The number of the newest delta: once as each page has it, which is cheaper, else as the server says now.

        Raises NotLoggedIn when the server has none for this session.
        """
        page, page_id = self.session.page, self._options.page_id
        with self._lock:
            is_new, self._used_page = page is not self._used_page, page
        # The number in the home page is the account's own, not that of a page it acts as.
        if is_new and not newest and page_id is None and page.sequence_id is not None:
            return page.sequence_id
        what = "look-up of the sequence id"
        with reading(what):
            found = sequence_id_in(data_in(self.web.batch(sequence_query(), what, actor_id=page_id), what))
        if found is None:
            raise NotLoggedIn(f"{what}: the server has none for this session; log in again")
        return found


def _set_level(options: Options) -> None:
    """Put the option `log_level` in force, for all sessions of the process."""
    if options.log_level is not None:
        get_logger("botkit.messenger").setLevel(LOG_LEVELS[options.log_level])
