"""The server without sockets: one request in, one response out, told apart by Host. Event-loop thread only."""

from __future__ import annotations

import re
import string
from functools import partial
from urllib.parse import quote

from botkit.logs import get_logger
from botkit.sandbox import http_faults, ids, pages, wire
from botkit.sandbox.calls import Call
from botkit.sandbox.checkpoints import Checkpoints
from botkit.sandbox.control import Control
from botkit.sandbox.endpoints import Endpoints
from botkit.sandbox.engine import Engine
from botkit.sandbox.errors import NOT_LOGGED_IN, STALE_TOKEN, Refusal
from botkit.sandbox.logins import Logins
from botkit.sandbox.serving import serve
from botkit.sandbox.storage import Login
from botkit.sandbox.wire import Request, Response

MESSENGER_HOSTS = frozenset(
    [f"{name}.facebook.com" for name in ("www", "m", "l", "upload", "edge-chat", "gateway")]
    + [f"{name}.messenger.com" for name in ("www", "upload", "edge-chat")]
)
LOOPBACK_HOSTS = frozenset(["127.0.0.1", "localhost", "[::1]"])

_CHECKPOINT = re.compile(r"/checkpoint(/\d+)?")
_CHECKPOINT_PATH = "https://www.facebook.com/checkpoint/1000000000000/"
_HOME_PATHS = frozenset(["", "/home.php", "/messages", "/profile.php"])
# Without white space, so that it cannot end the header it stands in.
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
_LOGIN_PATHS = frozenset(["/login.php", "/login/device-based/regular/login"])
# The unencrypted variant of a password field (dossier 1, section 7.1).
_PLAIN_ENCPASS = re.compile(r"#PWD_BROWSER:0:\d+:(.*)", re.DOTALL)

_log = get_logger(__name__)


class App:
    """Answers every HTTP request."""

    def __init__(self, engine: Engine, logins: Logins, endpoints: Endpoints, control: Control) -> None:
        self._engine = engine
        self._logins = logins
        self._checkpoints = Checkpoints(logins, engine.chance)
        self._faults = engine.faults
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
        login = self.living_login(request)
        answer = self._answer(request, request.path.rstrip("/"), login)
        return http_faults.late(self._faults, login.account, request, answer) if login else answer

    def refused_upgrade(self, request: Request) -> Response | None:
        """What the opening of a socket on /chat gets in place of the socket; None: it is welcome."""
        login = self.living_login(request)
        return http_faults.refused_upgrade(self._faults, login.account) if login else None

    def _answer(self, request: Request, path: str, login: Login | None) -> Response:
        if request.method in ("GET", "HEAD"):
            return self._get(request, path, login)
        if request.method == "POST" and path in _LOGIN_PATHS:
            return self._log_in(request)
        if request.method == "POST" and _CHECKPOINT.fullmatch(path):
            return self._checkpoints.post(request)
        call = self._endpoints.posts.get(path) if request.method == "POST" else None
        return self._call(request, login, call) if call else wire.page("Page not found", status=404)

    def living_login(self, request: Request) -> Login | None:
        """The session of the request's cookies, unless a screen stands before its account."""
        login = self._logins.find(request.cookies)
        return None if login is None or self._screen(request) else login

    def _screen(self, request: Request) -> str | None:
        """Where the pages of a locked account lead, or of one that has to consent to something."""
        person = self._engine.world.people[request.cookies["c_user"]]
        if person.checkpoint:
            return _CHECKPOINT_PATH
        return pages.CONSENT if person.consent else None

    def _call(self, request: Request, login: Login | None, call: Call) -> Response:
        """Answer an AJAX call, with the checks in the order of dossier 1, section 20, and the faults that are due."""
        account = login.account if login else ""
        if instead := http_faults.instead(self._faults, account, request):
            return instead
        try:
            if login is None:
                raise Refusal(NOT_LOGGED_IN, "Please log in to continue.")
            if request.method == "POST" and not _has_token(request, login):
                raise Refusal(STALE_TOKEN, "Please try closing and re-opening your browser window.")
            http_faults.refuse(self._faults, account, request)
            answer = call(request, self._acting(request, login))
        except Refusal as refusal:
            _log.debug("refused %s: %d %s", request.path, refusal.code, refusal.summary)
            return wire.refused(refusal, self._endpoints.lid())
        rotate = partial(self._logins.rotate, login)
        return http_faults.spoiled(self._faults, account, request, answer, rotate)

    def _acting(self, request: Request, login: Login) -> Login:
        """The session in the name of the page that a form speaks for (dossier 1, sections 10.4 and 15)."""
        for field in ("request_user_id", "author", "av"):
            login = self._logins.acting(login, request.fields.get(field, "").removeprefix("fbid:"))
        return login

    def _get(self, request: Request, path: str, login: Login | None) -> Response:
        if path in _HOME_PATHS or re.fullmatch(r"(/messages)?/t/\d+", path):
            return self._home(request, login)
        if path in _LOGIN_PATHS:
            return wire.redirect(f"https://{request.host}/home.php") if login else self._home(request, None)
        if _CHECKPOINT.fullmatch(path):
            return self._checkpoints.page(request)
        if path == "/l.php" and _WEB_ADDRESS.fullmatch(url := request.fields.get("u", "")):
            return wire.redirect(quote(url, safe=string.punctuation))
        if (found := serve(self._engine, request)) is not None:
            return found
        if login and (page := re.fullmatch(r"/(\d+)/messages", path)) and self._may_act_as(request, page[1]):
            return wire.page(pages.inbox_of_page(self._engine.world.people[page[1]]))
        if path == "/logout.php" and login and request.fields.get("h") == login.logout_h:
            return self._endpoints.log_out(request, login)
        call = self._endpoints.gets.get(path)
        return self._call(request, login, call) if call else wire.page("Page not found", status=404)

    def _may_act_as(self, request: Request, page: str) -> bool:
        return self._engine.world.may_act_as(request.cookies["c_user"], page)

    def _home(self, request: Request, login: Login | None) -> Response:
        now_s = self._engine.clock.time_ms() // 1000
        if login is None and self._logins.find(request.cookies) and (screen := self._screen(request)):
            return wire.redirect(screen)
        if login and (instead := http_faults.instead_of_page(self._faults, login.account, request)):
            return instead
        if login is None:
            return wire.page(pages.login_form(request.host, ids.random_name(self._engine.chance, 96), now_s))
        sequence = self._engine.storage.last_sequence(login.account)
        person, account = self._engine.world.people[login.account], request.cookies["c_user"]
        return wire.page(pages.home(person, login, sequence, now_s, account))

    def _log_in(self, request: Request) -> Response:
        """A login form: 200 when it is wrong, else a redirect (dossier 1, section 7.1)."""
        password = request.fields.get("pass", "")
        if encpass := _PLAIN_ENCPASS.fullmatch(request.fields.get("encpass", "")):
            password = encpass[1]
        person = self._logins.by_password(request.fields.get("email", ""), password)
        if person is None:
            return self._home(Request("GET", request.host, "/"), None)
        if person.checkpoint:
            return wire.redirect(pages.checkpoint_url("www.facebook.com"))
        if person.two_factor or person.review_login:
            return self._checkpoints.begin(request.host, person)
        login = self._logins.begin(person.id)
        home = "home.php" if request.host.startswith("m.") else ""
        return wire.redirect(f"https://{request.host}/{home}", self._logins.set_cookies(login))


def _has_token(request: Request, login: Login) -> bool:
    """Whether the form token is the session's; some clients send the one for GETs instead (dossier 1, section 5.1)."""
    token, async_token = request.fields.get("fb_dtsg"), request.fields.get("fb_dtsg_ag")
    return token == login.dtsg or (token is None and async_token == login.async_dtsg)
