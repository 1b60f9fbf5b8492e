"""Requests of a session over the HTTP door: headers, cookies, redirects, repeats and tokens."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from botkit.clock import Clock
from botkit.logs import get_logger
from botkit.messenger._answers import (
    PLEASE_REFRESH,
    changes_in,
    error_from_graphql,
    error_in,
    objects_in,
    reading,
)
from botkit.messenger._doors import HttpDoor, HttpRequest, HttpResponse
from botkit.messenger._files import File
from botkit.messenger._forms import encoded
from botkit.messenger._ids import random_hex
from botkit.messenger._multipart import multipart
from botkit.messenger._page import Sign, read_page, refresh_url, sign_in_page, sign_in_url
from botkit.messenger.errors import (
    BadAnswer,
    Checkpoint,
    MessengerError,
    NetworkError,
    NotLoggedIn,
    RateLimited,
    Refused,
    ServerError,
)
from botkit.messenger.session import Session

_log = get_logger(__name__)
HOME = "https://www.facebook.com/"
_ORIGIN = HOME.rstrip("/")
_MOST_REDIRECTS = 5
_FIRST_PAUSE_S = 1.0
# A server that asks for more is not waited for: who asked may have something better to do.
_LONGEST_PAUSE_S = 30.0
_SHORTEST_WAIT_S = 0.1
_TOO_MANY = 429
# dossier 1, section 5.2.
_ASBD_ID = "359341"
_LANGUAGE = "en-US,en;q=0.9"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Patience:
    """How long to try: `tries` in all, each wait `timeout_s` at most, and whether to load the page anew when asked.

    `deadline_s`, on the clock's `monotonic`, ends waits and tries in any case.
    """

    tries: int = 4
    timeout_s: float = 60.0
    reload: bool = True
    deadline_s: float | None = None


NORMAL = Patience()
_FOR_PAGE = Patience(timeout_s=30.0)
# For what must not be done twice. A refusal that asks for a new page is safe to repeat: nothing was done.
ONCE = Patience(tries=1)


def quick(timeout_s: float) -> Patience:
    """For a look-up that is not worth waiting for."""
    return Patience(tries=1, timeout_s=timeout_s, reload=False)


class Web:
    """One session's requests; any thread may call it."""

    def __init__(self, door: HttpDoor, session: Session, *, clock: Clock, chance: random.Random) -> None:
        self._door = door
        self._session = session
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        # Set at the end of the loading of the page that is under way.
        self._loading: threading.Event | None = None
        self._closing = threading.Event()
        self._dead: NotLoggedIn | Checkpoint | None = None
        self._bells: set[threading.Event] = set()

    def close(self) -> None:
        """Give up all connections and every pause."""
        self._closing.set()
        self._door.close()

    def give_up(self, error: NotLoggedIn | Checkpoint) -> None:
        """The session is dead: from now on every request is answered with `error`, and none leaves."""
        with self._lock:
            self._dead = self._dead or error
            bells = tuple(self._bells)
        for bell in bells:
            bell.set()

    @property
    def dead(self) -> NotLoggedIn | Checkpoint | None:
        """Why the session is dead; None as long as it lives, for all that is known."""
        return self._dead

    @contextmanager
    def ringing(self, bell: threading.Event) -> Iterator[None]:
        """Have `bell` set when the session turns out to be dead, or is already."""
        with self._lock:
            self._bells.add(bell)
            if self._dead is not None:
                bell.set()
        try:
            yield
        finally:
            with self._lock:
                self._bells.discard(bell)

    def open_page(self, url: str) -> HttpResponse:
        """A page, after at most five redirects. Raises NotLoggedIn or Checkpoint when one of them says so."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer, lost_secret = self._page(url)
            target = urljoin(url, answer.location) if answer.location else refresh_url(url, answer.text)
            if lost_secret:
                raise NotLoggedIn("the server has ended the session; log in again")
            if target is None:
                self._raise_for_status(answer)
                return answer
            _raise_for_sign(sign_in_url(target))
            url = target
        raise BadAnswer(f"more than {_MOST_REDIRECTS} redirects, the last to {urlsplit(url).path}")

    def look_at(self, url: str) -> HttpResponse:
        """One page as it comes, whatever it means; redirects are not followed. Raises ServerError for a bad status."""
        answer, _ = self._page(url)
        if answer.status >= 400:
            raise self._status_error(answer)
        return answer

    def submit(self, url: str, fields: Mapping[str, str]) -> HttpResponse:
        """Post a form of a page, once; the answer is not followed."""
        with self._session.changes_told():
            return self._exchange(self._page_request(url, encoded(fields)), ONCE)[0]

    def fetch(self, url: str, limit_bytes: int) -> HttpResponse:
        """A file as bytes; redirects are not followed.

        Raises BadAnswer when it is longer than `limit_bytes`, ServerError for a bad status, and NotLoggedIn or
        Checkpoint when it says so.
        """
        headers = self._headers(url) | {"Accept": "*/*", "Referer": HOME}
        request = HttpRequest("GET", url, headers, limit_bytes=limit_bytes, binary=True)
        with self._session.changes_told():
            answer, _ = self._exchange(request, NORMAL)
        if answer.location:
            _raise_for_sign(sign_in_url(urljoin(url, answer.location)))
        else:
            self._raise_for_status(answer)
        return answer

    def load_tokens(self) -> None:
        """Load the home page and use its tokens.

        Raises NotLoggedIn, Checkpoint, or BadAnswer when the page lacks a token.
        """
        try:
            self._load_tokens()
        except (NotLoggedIn, Checkpoint) as error:
            self.give_up(error)
            raise

    def _load_tokens(self) -> None:
        answer = self.open_page(HOME)
        _raise_for_sign(sign_in_page(answer.url, answer.text))
        if not self._session.has_account:
            raise NotLoggedIn("the server has taken the session's cookies back; log in again")
        with reading("home page"):
            page = read_page(answer.text)
        if page.user_id and page.user_id != self._session.user_id:
            _log.warning("session: the page is of account %s, the cookies of another", page.user_id)
        self._session.adopt_page(page)

    def post(
        self, path: str, fields: Mapping[str, str], what: str, patience: Patience = NORMAL
    ) -> list[dict[str, Any]]:
        """Post a form to an AJAX address and give the answer's objects, the first without an error.

        `what` names the request in errors. Raises Refused, NotLoggedIn, RateLimited, ServerError, NetworkError or
        BadAnswer.
        """
        return self._with_tokens(lambda: self._post(path, fields, what, patience), patience)

    def get(self, path: str, fields: Mapping[str, str], what: str, patience: Patience = NORMAL) -> list[dict[str, Any]]:
        """Ask an AJAX address with a query string, as `post` does with a form."""
        return self._with_tokens(lambda: self._get(path, fields, what, patience), patience)

    def batch(
        self, queries: Mapping[str, Any], what: str, patience: Patience = NORMAL, *, actor_id: str | None = None
    ) -> list[dict[str, Any]]:
        """Ask a GraphQL batch (dossier 3, section 2.4), for a page if its id is given."""
        fields = {"queries": json.dumps(queries, separators=(",", ":"))} | ({"av": actor_id} if actor_id else {})
        return self.post("/api/graphqlbatch/", fields, what, patience)

    def graphql(
        self, name: str, doc_id: str, variables: Mapping[str, Any], what: str, patience: Patience = NORMAL
    ) -> dict[str, Any]:
        """Ask one GraphQL document by its name and id, and give its data (dossier 3, section 2.5)."""
        fields = {
            "fb_api_caller_class": "RelayModern",
            "fb_api_req_friendly_name": name,
            "variables": json.dumps(variables, separators=(",", ":")),
            "server_timestamps": "true",
            "doc_id": doc_id,
        }
        (answer, *_) = self.post("/api/graphql/", fields, what, patience)
        if errors := answer.get("errors"):
            raise error_from_graphql(errors[0] if isinstance(errors[0], Mapping) else {}, what)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise BadAnswer(f"{what}: the answer holds no data")
        return data

    def post_file(self, path: str, part: str, file: File, what: str, patience: Patience) -> list[dict[str, Any]]:
        """Post a file as the one part of a form, with the common fields in the query (dossier 1, section 11.1)."""
        return self._with_tokens(lambda: self._post_file(path, part, file, what, patience), patience)

    def _with_tokens(self, ask: Callable[[], list[dict[str, Any]]], patience: Patience) -> list[dict[str, Any]]:
        """Ask, and once more with fresh tokens when the server says that these are stale."""
        token = self._session.token
        try:
            return ask()
        except Refused as error:
            if error.code != PLEASE_REFRESH or not patience.reload:
                raise
        self._renew(token)
        return ask()

    def _post(self, path: str, fields: Mapping[str, str], what: str, patience: Patience) -> list[dict[str, Any]]:
        url = _address(path)
        body = encoded({**self._session.common_fields(), **fields})
        name = fields.get("fb_api_req_friendly_name")
        headers = self._ajax_headers(url) | ({"X-FB-Friendly-Name": name} if name else {})
        return self._answer_to(HttpRequest("POST", url, headers, body), what, patience)

    def _post_file(self, path: str, part: str, file: File, what: str, patience: Patience) -> list[dict[str, Any]]:
        url = f"{_address(path)}?{encoded(self._session.common_fields()).decode()}"
        boundary = f"----WebKitFormBoundary{random_hex(self._chance)}{random_hex(self._chance)}"
        headers = self._ajax_headers(url) | {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._answer_to(HttpRequest("POST", url, headers, multipart(part, file, boundary)), what, patience)

    def _get(self, path: str, fields: Mapping[str, str], what: str, patience: Patience) -> list[dict[str, Any]]:
        query = encoded({**fields, **self._session.common_fields()}).decode()
        url = f"{_address(path)}?{query}"
        return self._answer_to(HttpRequest("GET", url, self._ajax_headers(url)), what, patience)

    def _answer_to(self, request: HttpRequest, what: str, patience: Patience) -> list[dict[str, Any]]:
        try:
            with self._session.changes_told():
                return self._objects_of(request, what, patience)
        except (NotLoggedIn, Checkpoint) as error:
            self.give_up(error)
            raise

    def _objects_of(self, request: HttpRequest, what: str, patience: Patience) -> list[dict[str, Any]]:
        answer, _ = self._exchange(request, patience)
        if answer.location:
            _raise_for_sign(sign_in_url(urljoin(request.url, answer.location)))
        self._raise_for_status(answer)
        objects = objects_in(answer.text)
        for value in objects:
            changes = changes_in(value)
            if changes.dtsg:
                self._session.adopt_token(changes.dtsg)
            for name, cookie, cookie_path in changes.cookies:
                self._session.keep(name, cookie, cookie_path)
        for name in ("redirect", "redirectTo"):
            if isinstance(target := objects[0].get(name), str):
                _raise_for_sign(sign_in_url(urljoin(request.url, target)))
        error = error_in(objects[0], what)
        if error is not None:
            raise error
        return objects

    def _renew(self, token: str) -> None:
        """Load the page again, unless another thread has just done so or does it now."""
        while self._session.token == token:
            with self._lock:
                others = self._loading
                if others is None:
                    self._loading = threading.Event()
            if others is None:
                self._load_for_all()
                return
            self._clock.wait(others)

    def _load_for_all(self) -> None:
        try:
            self.load_tokens()
        finally:
            with self._lock:
                loading, self._loading = self._loading, None
            assert loading is not None, "only who loads ends the loading"
            loading.set()

    def _page(self, url: str) -> tuple[HttpResponse, bool]:
        with self._session.changes_told():
            return self._exchange(self._page_request(url), _FOR_PAGE)

    def _exchange(self, request: HttpRequest, patience: Patience) -> tuple[HttpResponse, bool]:
        """Send, again after a broken connection, a 5xx or a 429, with growing pauses; keep the cookies that come.

        Also says whether the answer deleted the session's secret.
        """
        for attempt in range(1, patience.tries + 1):
            if self._dead is not None:
                raise self._dead.with_traceback(None)
            try:
                answer = self._door.request(request, timeout_s=self._longest_wait_s(patience))
            except NetworkError as error:
                self._pause_or_raise(error, attempt, patience)
                continue
            lost_secret = self._session.store(answer.cookies, answer.url)
            if answer.status != _TOO_MANY and answer.status < 500:
                return answer, lost_secret
            self._pause_or_raise(self._status_error(answer), attempt, patience)
        raise AssertionError("unreachable: the last try returns or raises")

    def _longest_wait_s(self, patience: Patience) -> float:
        if patience.deadline_s is None:
            return patience.timeout_s
        return max(_SHORTEST_WAIT_S, min(patience.timeout_s, patience.deadline_s - self._clock.monotonic()))

    def _pause_or_raise(self, error: MessengerError, attempt: int, patience: Patience) -> None:
        pause_s = self._pause_s(error, attempt)
        too_late = patience.deadline_s is not None and self._clock.monotonic() + pause_s >= patience.deadline_s
        if attempt == patience.tries or too_late or pause_s > _LONGEST_PAUSE_S or self._closing.is_set():
            raise error
        _log.info("http: %s; next try in %.1f s", error, pause_s)
        if self._clock.wait(self._closing, pause_s):
            raise error

    def _pause_s(self, error: MessengerError, attempt: int) -> float:
        """1, 3, 9 s and a little more; twice that, or as long as it says, when the server asks for less haste."""
        pause_s = _FIRST_PAUSE_S * 3.0 ** (attempt - 1) * self._chance.uniform(1.0, 1.3)
        if isinstance(error, RateLimited):
            return max(2 * pause_s, error.retry_after_s or 0.0)
        return pause_s

    def _status_error(self, answer: HttpResponse) -> MessengerError:
        path = urlsplit(answer.url).path
        if answer.status == _TOO_MANY:
            after_s = _seconds_until(answer.retry_after, self._clock.now())
            return RateLimited(f"{path}: the server asks for less haste (429)", after_s)
        return ServerError(f"{path}: the server answered with status {answer.status}", answer.status)

    def _raise_for_status(self, answer: HttpResponse) -> None:
        if answer.status != 200:
            raise self._status_error(answer)

    def _page_request(self, url: str, body: bytes | None = None) -> HttpRequest:
        headers = self._headers(url) | {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Sec-Fetch-Site": "none" if body is None else "same-origin",
        }
        if body is None:
            return HttpRequest("GET", url, headers)
        return HttpRequest("POST", url, headers | {"Content-Type": _FORM, "Origin": _ORIGIN, "Referer": HOME}, body)

    def _ajax_headers(self, url: str) -> dict[str, str]:
        return self._headers(url) | {
            "Accept": "*/*",
            "Content-Type": _FORM,
            "Origin": _ORIGIN,
            "Referer": HOME,
            "Sec-Fetch-Site": "same-origin",
            "X-FB-LSD": self._session.page.lsd,
            "X-ASBD-ID": _ASBD_ID,
        }

    def _headers(self, url: str) -> dict[str, str]:
        headers = {"User-Agent": self._session.user_agent, "Accept-Language": _LANGUAGE}
        cookies = self._session.cookie_header(urlsplit(url).hostname or "")
        return headers | ({"Cookie": cookies} if cookies else {})


def _address(path: str) -> str:
    """The address of a path, or of what is one already."""
    return _ORIGIN + path if path.startswith("/") else path


def _seconds_until(retry_after: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for, in seconds or as a date; None for none that can be read."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _raise_for_sign(sign: Sign | None) -> None:
    """Turn a sign into its error (dossier 1, section 4.3): reported, never worked around."""
    if sign is None:
        return
    if sign.kind == "not-logged-in":
        raise NotLoggedIn("the session is dead; log in again")
    raise Checkpoint(f"the account needs its holder, in a browser ({sign.kind}): {sign.url}", sign.url)
