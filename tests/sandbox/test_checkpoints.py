"""Logins with a second step, page accounts, consent screens, by raw requests (dossier 1, sections 4.1, 7, 8.2, 20)."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from botkit.sandbox.core import Core
from botkit.sandbox.wire import Request, Response

BOT, PAGE = "100000000000001", "100000000000009"
ANN = "100000000000002"
FRIENDS = "7000000000000001"
NEXT = "/checkpoint/?next=https%3A%2F%2Fwww.facebook.com%2Fhome.php"
WORLD = """
people:
  - {id: 100000000000001, name: Bot, bot: true, email: bot@sandbox.test, password: b}
  - {id: 100000000000002, name: Ann, email: ann@sandbox.test, password: a, two_factor: "123456"}
  - {id: 100000000000003, name: Ben, email: ben@sandbox.test, password: b, review_login: true}
  - {id: 100000000000004, name: Eva, email: eva@sandbox.test, password: e, review_login: true, two_factor: "00112233"}
  - {id: 100000000000005, name: Dan, email: dan@sandbox.test, password: d, checkpoint: true}
  - {id: 100000000000006, name: Fay, email: fay@sandbox.test, password: f, consent: true}
  - {id: 100000000000009, name: Bakery, page: true, email: page@sandbox.test, password: p}
groups:
  - {id: 7000000000000001, name: Friends, members: [Bot, Ann, Bakery]}
"""


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    path = tmp_path / "world.yaml"
    path.write_text(WORLD, encoding="utf-8")
    return path


class Browser:
    """Follows nothing by itself, and keeps its cookies."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.cookies: dict[str, str] = {}

    def get(self, path: str, host: str = "www.facebook.com") -> Response:
        return self._ask("GET", host, path, b"")

    def post(self, path: str, fields: dict[str, str], host: str = "www.facebook.com") -> Response:
        return self._ask("POST", host, path, urlencode(fields).encode())

    def log_in(self, email: str, password: str, host: str = "www.facebook.com") -> Response:
        path = "/login/device-based/regular/login/?login_attempt=1&lwv=110"
        return self.post(path, {"email": email, "pass": password}, host)

    def _ask(self, method: str, host: str, path: str, body: bytes) -> Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"cookie": cookie, "content-type": "application/x-www-form-urlencoded"}
        path, _, query = path.partition("?")
        response = self._core.handle(Request(method, host, path, query, headers, body))
        for name, value in response.headers:
            if name == "Set-Cookie":
                cookie_name, _, rest = value.partition("=")
                self.cookies[cookie_name] = rest.partition(";")[0]
                if "Max-Age=-1" in value:
                    del self.cookies[cookie_name]
        return response


def location(response: Response) -> str:
    return dict(response.headers).get("Location", "")


def inputs(response: Response) -> dict[str, str]:
    """The inputs with a value, as clients collect them."""
    return {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', text(response))}


def text(response: Response) -> str:
    return response.body.decode()


def test_two_factor(core: Core) -> None:
    """Password, code, remember the browser: then the session (dossier 1, sections 7.2 and 7.3)."""
    browser = Browser(core)
    response = browser.log_in("ann@sandbox.test", "a")
    assert (response.status, location(response)) == (302, f"https://www.facebook.com{NEXT}")
    assert "c_user" not in browser.cookies
    form = browser.get(NEXT)
    assert "checkpoint/?next" in text(form)
    assert 'name="approvals_code"' in text(form)
    assert 'data-xui-error=""' in text(form)
    hidden = inputs(form)
    assert {"fb_dtsg", "jazoest", "nh", "no_fido"} <= set(hidden)
    assert hidden["submit[Continue]"] == "Continue"
    saving = browser.post(NEXT, {**hidden, "approvals_code": "123456", "submit[Continue]": "Continue"})
    assert (saving.status, location(saving)) == (200, "")
    assert "name_action_selected" in text(saving)
    assert "Review Recent Login" not in text(saving)
    assert "c_user" not in browser.cookies
    del hidden["no_fido"]
    done = browser.post(NEXT, {**hidden, "name_action_selected": "save_device", "submit[Continue]": "Continue"})
    assert (done.status, location(done)) == (302, "https://www.facebook.com/home.php")
    assert browser.cookies["c_user"] == ANN
    assert "checkpoint" not in browser.cookies
    assert '"NAME":"Ann"' in text(browser.get("/"))


@pytest.mark.parametrize("wrong", ["654321", "", "12345", "1234567"])
def test_wrong_code(core: Core, wrong: str) -> None:
    """A wrong code is the form again with an error on the box's parent; the right one is still taken then."""
    browser = Browser(core)
    browser.log_in("ann@sandbox.test", "a")
    hidden = inputs(browser.get(NEXT))
    again = browser.post(NEXT, {**hidden, "approvals_code": wrong, "submit[Continue]": "Continue"})
    assert re.search(r'<span data-xui-error="[^"]+"><input type="text" id="approvals_code"', text(again))
    saving = browser.post(NEXT, {**inputs(again), "approvals_code": " 123456 "})
    assert "name_action_selected" in text(saving)
    assert location(browser.post(NEXT, {**hidden, "name_action_selected": "dont_save"}))


def test_code_of_the_mobile_client(core: Core) -> None:
    """The old mobile client's names for the same steps, on its host."""
    browser = Browser(core)
    response = browser.post("/login.php?login_attempt=1", {"email": ANN, "pass": "a"}, "m.facebook.com")
    assert location(response) == f"https://m.facebook.com{NEXT}"
    hidden = inputs(browser.get(NEXT, "m.facebook.com"))
    code = {"approvals_code": "123456", "codes_submitted": "0", "submit[Submit Code]": "Submit Code"}
    browser.post(NEXT, {**hidden, **code}, "m.facebook.com")
    done = browser.post(NEXT, {**hidden, "name_action_selected": "save_device"}, "m.facebook.com")
    assert location(done) == "https://m.facebook.com/home.php"


def test_code_without_its_form(core: Core) -> None:
    """A post that lacks the page's hidden fields, or another browser's, changes nothing."""
    browser = Browser(core)
    browser.log_in("ann@sandbox.test", "a")
    assert "approvals_code" in text(browser.post(NEXT, {"approvals_code": "123456"}))
    hidden = inputs(browser.get(NEXT))
    stranger = Browser(core)
    assert "verification_method" in text(stranger.post(NEXT, {**hidden, "approvals_code": "123456"}))
    assert "name_action_selected" not in text(browser.post(NEXT, {**hidden, "name_action_selected": "save_device"}))


@pytest.mark.parametrize("button", ["submit[This was me]", "submit[This Is Okay]"])
def test_review_of_a_login(core: Core, button: str) -> None:
    """The page says so, is no code form, and leads home when the owner confirms (dossier 1, section 7.4)."""
    browser = Browser(core)
    assert location(browser.log_in("ben@sandbox.test", "b")) == f"https://www.facebook.com{NEXT}"
    page = browser.get(NEXT)
    assert "Review Recent Login" in text(page)
    assert "checkpoint/?next" not in text(page)
    assert "approvals_code" not in text(page)
    hidden = {key: value for key, value in inputs(page).items() if not key.startswith("submit")}
    assert "Review Recent Login" in text(browser.post(NEXT, {**hidden, "name_action_selected": "save_device"}))
    saving = browser.post(NEXT, {**hidden, button: button[7:-1]})
    assert "name_action_selected" in text(saving)
    done = browser.post(NEXT, {**hidden, "name_action_selected": "save_device"})
    assert location(done) == "https://www.facebook.com/home.php"
    assert '"NAME":"Ben"' in text(browser.get("/"))


def test_code_and_review(core: Core) -> None:
    """After the code there may be more pages, in the order of dossier 1, section 7.3, step 5."""
    browser = Browser(core)
    browser.log_in("eva@sandbox.test", "e")
    hidden = inputs(browser.get(NEXT))
    browser.post(NEXT, {**hidden, "approvals_code": "00112233"})
    review = browser.post(NEXT, {**hidden, "name_action_selected": "save_device"})
    assert "Review Recent Login" in text(review)
    assert "Review Recent Login" in text(browser.post(NEXT, {**hidden, "submit[Continue]": "Continue"}))
    assert "name_action_selected" in text(browser.post(NEXT, {**hidden, "submit[This was me]": "This was me"}))
    assert location(browser.post(NEXT, {**hidden, "name_action_selected": "save_device"}))
    assert "c_user" in browser.cookies


def test_wrong_password_comes_first(core: Core) -> None:
    """Who does not know the password never sees a checkpoint."""
    browser = Browser(core)
    assert location(browser.log_in("ann@sandbox.test", "x")) == ""
    assert browser.cookies == {}


def test_lock_is_no_code_form(core: Core) -> None:
    """The page of a locked account cannot be mistaken for one that wants a code."""
    browser = Browser(core)
    browser.log_in("dan@sandbox.test", "d")
    page = text(browser.get(NEXT))
    assert 'name="verification_method"' in page
    assert "approvals_code" not in page
    assert "checkpoint/?next" not in page


def session(core: Core, who: str) -> dict[str, str]:
    """Cookies of a fresh session, by the people's API."""
    headers = {"host": "127.0.0.1:1", "x-botkit-token": core.token, "content-type": "application/json"}
    body = json.dumps({"as": who}).encode()
    answer = core.handle(Request("POST", "127.0.0.1", "/sandbox/api/app-state", "", headers, body))
    return {cookie["key"]: cookie["value"] for cookie in json.loads(answer.body)["app_state"]}


def test_consent(core: Core) -> None:
    """The pages of an account that has to consent lead to the consent screen, and its calls are not logged in."""
    browser = Browser(core)
    browser.cookies = session(core, "Fay")
    assert location(browser.get("/")).startswith("https://www.facebook.com/privacy/consent/")
    assert b'"error":1357001' in browser.post("/ajax/mercury/mark_seen.php", {}).body


def test_page_option(core: Core) -> None:
    """The page's inbox leads on by a script, for an account that may act as the page only (dossier 1, 4.1, step 4)."""
    browser = Browser(core)
    browser.cookies = session(core, "Bot")
    path = f"/{PAGE}/messages/?section=messages&subsection=inbox"
    url = re.search(r'window\.location\.replace\("([^"]+)"\)', text(browser.get(path)))
    assert url
    assert url[1].startswith("https:\\/\\/www.facebook.com\\/")
    onward = url[1].replace("\\/", "/").removeprefix("https://www.facebook.com")
    assert "DTSGInitialData" in text(browser.get(onward))
    assert browser.get(f"/{ANN}/messages/").status == 404
    browser.cookies = session(core, "Ann")
    assert browser.get(path).status == 404


def test_page_cookie(core: Core) -> None:
    """With `i_user` the session is the page's; a cookie for somebody who is no page changes nothing (8.2)."""
    browser = Browser(core)
    browser.cookies = {**session(core, "Bot"), "i_user": PAGE}
    home = text(browser.get("/"))
    assert f'"ACCOUNT_ID":"{BOT}","USER_ID":"{PAGE}","NAME":"Bakery"' in home
    browser.cookies["i_user"] = ANN
    assert f'"USER_ID":"{BOT}"' in text(browser.get("/"))


def send_form(author: str, dtsg: str, **more: str) -> dict[str, str]:
    return {
        "client": "mercury",
        "action_type": "ma-type:user-generated-message",
        "author": f"fbid:{author}",
        "timestamp": "1767225600000",
        "source": "source:chat:web",
        "body": "Fresh bread",
        "offline_threading_id": "7412281402983798101",
        "message_id": "7412281402983798101",
        "threading_id": "<1767225600000:436049368-3e8f0a1b@mail.projektitan.com>",
        "thread_fbid": FRIENDS,
        "fb_dtsg": dtsg,
        **more,
    }


def test_sending_as_a_page(core: Core) -> None:
    """The bot writes in the page's name; somebody else may not (dossier 1, section 10.4)."""
    for who, expected in (("Ann", b'"error":1545003'), ("Bot", b'"author":"fbid:100000000000009"')):
        browser = Browser(core)
        browser.cookies = session(core, who)
        dtsg = inputs(browser.get("/"))["fb_dtsg"]
        form = send_form(PAGE, dtsg, request_user_id=PAGE)
        assert expected in browser.post("/messaging/send/", form).body


def test_listening_as_a_page(bot: Any) -> None:
    """A queue for the page's id gives the page's deltas, beside the account's own (dossier 2, section 3.1)."""
    socket = bot.socket("/t_ms")
    for entity in (BOT, PAGE):
        queue = {"initial_titan_sequence_id": "1000", "entity_fbid": entity, "delta_batch_size": 500}
        socket.publish("/messenger_sync_create_queue", queue)
    socket.packets()
    bot.send("hello", thread_fbid=FRIENDS)
    assert sorted(str(batch["queueEntityId"]) for batch in socket.messages("/t_ms")) == [BOT, PAGE]


def test_page_cookie_on_the_socket(bot: Any) -> None:
    """With `i_user` the socket's user is the page, and nobody else."""
    cookie = f"{bot.cookie}; i_user={PAGE}"
    assert bot.open(cookie).connect(PAGE).packets() == [(0x20, b"\0\0")]
    assert bot.open(cookie).connect(BOT).packets() == [(0x20, b"\0\x05")]


def test_position_of_a_page(bot: Any) -> None:
    """A query in the page's name gives the page's sequence id (dossier 2, section 2.2)."""
    before = bot.position()
    bot.send("hello", thread_fbid=FRIENDS)
    bot.post("/ajax/mercury/change_read_status.php", {f"ids[{FRIENDS}]": "false"})
    params = {"limit": 0, "before": None, "tags": ["INBOX"], "includeSeqID": True}
    queries = json.dumps({"o0": {"doc_id": "1349387578499440", "query_params": params}})
    for actor, position in ((PAGE, before + 1), (BOT, bot.position())):
        body = bot.raw_post("/api/graphqlbatch/", {"queries": queries, "av": actor}).body
        threads = json.loads(body.split(b"\r\n")[0])["o0"]["data"]["viewer"]["message_threads"]
        assert threads["sync_sequence_id"] == str(position)


def test_queue_of_a_page_that_is_not_ones_own(core: Core, bot: Any) -> None:
    """Only who may act as the page gets its queue."""
    ann = type(bot)(core, ANN)
    socket = ann.socket("/t_ms")
    socket.publish("/messenger_sync_create_queue", {"initial_titan_sequence_id": "1000", "entity_fbid": PAGE})
    assert socket.messages("/t_ms") == [{"errorCode": "ERROR_QUEUE_NOT_FOUND"}]
