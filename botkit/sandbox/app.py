"""The server without sockets: one request in, one response out, told apart by Host. Event-loop thread only."""

from __future__ import annotations

import re

from botkit.logs import get_logger
from botkit.sandbox import ids, pages, wire
from botkit.sandbox.control import Control
from botkit.sandbox.endpoints import Endpoints
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import NOT_LOGGED_IN, STALE_TOKEN, Refusal
from botkit.sandbox.logins import Logins
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

MESSENGER_HOSTS = frozenset(
    [f"{name}.facebook.com" for name in ("www", "m", "upload", "edge-chat", "gateway")]
    + [f"{name}.messenger.com" for name in ("www", "upload", "edge-chat")]
)
LOOPBACK_HOSTS = frozenset(["127.0.0.1", "localhost", "[::1]"])

_CHECKPOINT_PATH = "https://www.facebook.com/checkpoint/1000000000000/"
_HOME_PATHS = frozenset(["", "/home.php", "/messages", "/profile.php"])
_LOGIN_PATHS = frozenset(["/login.php", "/login/device-based/regular/login"])
# The unencrypted variant of a password field (dossier 1, section 7.1).
_PLAIN_ENCPASS = re.compile(r"#PWD_BROWSER:0:\d+:(.*)", re.DOTALL)

_log = get_logger(__name__)


class App:
    """Answers every HTTP request."""

    def __init__(self, engine: Engine, logins: Logins, endpoints: Endpoints, control: Control) -> None:
        self._engine = engine
        self._logins = logins
        self._endpoints = endpoints
        self._control = control

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.host in MESSENGER_HOSTS:
            return self._messenger(request)
        if request.host in LOOPBACK_HOSTS:
            return self._control.handle(request)
        return wire.page("This server answers for Messenger's names and for loopback only.", status=421)

    def _messenger(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        login = self.living_login(request)
        if request.method in ("GET", "HEAD"):
            return self._get(request, path, login)
        if request.method == "POST" and path in _LOGIN_PATHS:
            return self._log_in(request)
        call = self._endpoints.posts.get(path) if request.method == "POST" else None
        if call is None:
            return wire.page("Page not found", status=404)
        try:
            if login is None:
                raise Refusal(NOT_LOGGED_IN, "Please log in to continue.")
            if not _has_token(request, login):
                raise Refusal(STALE_TOKEN, "Please try closing and re-opening your browser window.")
            return call(request, login)
        except Refusal as refusal:
            _log.debug("refused %s: %d %s", path, refusal.code, refusal.summary)
            return wire.refused(refusal, self._endpoints.lid())

    def living_login(self, request: Request) -> Login | None:
        """The session of the request's cookies, unless its account is locked."""
        login = self._logins.find(request.cookies)
        return None if login is None or self._engine.world.people[login.account].checkpoint else login

    def _get(self, request: Request, path: str, login: Login | None) -> Response:
        if path in _HOME_PATHS or re.fullmatch(r"(/messages)?/t/\d+", path):
            return self._home(request, login)
        if path in _LOGIN_PATHS:
            return wire.redirect(f"https://{request.host}/home.php") if login else self._home(request, None)
        if re.fullmatch(r"/checkpoint(/\d+)?", path):
            return wire.page(pages.checkpoint())
        if picture := re.fullmatch(r"/sandbox/picture/(\d+)", path):
            return self._picture(picture[1])
        if path == "/logout.php" and login and request.fields.get("h") == login.logout_h:
            return self._endpoints.log_out(request, login)
        if call := self._endpoints.gets.get(path):
            refusal = Refusal(NOT_LOGGED_IN, "Please log in to continue.")
            return call(request, login) if login else wire.refused(refusal, self._endpoints.lid())
        return wire.page("Page not found", status=404)

    def _home(self, request: Request, login: Login | None) -> Response:
        now_s = self._engine.clock.time_ms() // 1000
        if login is None and self._logins.find(request.cookies):
            return wire.redirect(_CHECKPOINT_PATH)
        if login is None:
            return wire.page(pages.login_form(request.host, ids.random_name(self._engine.chance, 96), now_s))
        sequence = self._engine.storage.last_sequence(login.account)
        return wire.page(pages.home(self._engine.world.people[login.account], login, sequence, now_s))

    def _log_in(self, request: Request) -> Response:
        """A login form: 200 when it is wrong, else a redirect (dossier 1, section 7.1)."""
        password = request.fields.get("pass", "")
        if encpass := _PLAIN_ENCPASS.fullmatch(request.fields.get("encpass", "")):
            password = encpass[1]
        person = self._logins.by_password(request.fields.get("email", ""), password)
        if person is None:
            return self._home(Request("GET", request.host, "/"), None)
        if person.checkpoint:
            return wire.redirect(pages.CHECKPOINT)
        login = self._logins.begin(person.id)
        home = "home.php" if request.host.startswith("m.") else ""
        return wire.redirect(f"https://{request.host}/{home}", self._logins.set_cookies(login))

    def _picture(self, person_id: str) -> Response:
        person = self._engine.world.people.get(person_id)
        if person is None:
            return wire.page("Page not found", status=404)
        return Response(200, pages.picture(person).encode(), (("Content-Type", "image/svg+xml"),))


def _has_token(request: Request, login: Login) -> bool:
    """Whether the form token is the session's; some clients send the one for GETs instead (dossier 1, section 5.1)."""
    token, async_token = request.fields.get("fb_dtsg"), request.fields.get("fb_dtsg_ag")
    return token == login.dtsg or (token is None and async_token == login.async_dtsg)
