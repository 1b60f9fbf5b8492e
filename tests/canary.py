"""Canaries: secrets that every test run uses for real, and the search for one that got out.

Passwords are those of accounts that tests log in; a cookie and a token are put into every session that a sandbox of the
test process begins. None of them may turn up in a log line, on stdout or stderr, in the error of a failed test, in a
repr of botkit's objects, in a file (but those that exist to keep secrets) or in a chat.
"""

from __future__ import annotations

import gc
import logging
import sqlite3
from contextlib import closing, suppress

from botkit import logs
from botkit.sandbox.logins import Logins

COOKIE = "canary-cookie-Zm9ybXVsYQ"
TOKEN = "canary-token-c2VudGVuY2U"
CANARIES = {
    "the bot's password": "bot-sandbox",
    "Ann's password": "ann-sandbox",
    "a cookie": COOKIE,
    "a token": TOKEN,
}

# They exist to keep secrets, and other tests look at their modes; YAML files are the worlds and bot files that tests
# write with passwords in them.
_KEEPERS = {"appstate.json", "control.json", "sandbox.json", "sandbox.db", "sandbox.db-wal", "accounts.json"}
_WRITTEN_BY_TESTS = {".yaml", ".py"}
_LARGEST = 50 * 2**20
_CHAT_COLUMNS = (("message", "text"), ("message", "data"), ("delta", "body"), ("thread", "data"), ("poll", "data"))


class Canary:
    """What was found so far, one line each; the canary itself is not in it."""

    def __init__(self):
        self.findings = []

    def plant(self, patch):
        """Have every session that begins in this process hold the cookie and the token."""
        make_token, make_cookies = Logins._new_dtsg, Logins.cookies
        patch.setattr(Logins, "_new_dtsg", lambda logins: f"NA{TOKEN}{make_token(logins)[2:]}")
        patch.setattr(Logins, "cookies", lambda logins, login: {**make_cookies(logins, login), "datr": COOKIE})

    def look(self, where, text):
        """Search a text that somebody could see."""
        for name, canary in CANARIES.items():
            if canary in text:
                self.findings.append(f"{where}: {name}")

    def look_in_report(self, report):
        """Search what a test has printed, and the error of one that failed."""
        for title, text in report.sections:
            if not title.startswith("Captured log"):
                # Those are records before they are masked; `handlers` see them as they are written.
                self.look(f"{report.nodeid}, {title}", text)
        if (crash := getattr(report.longrepr, "reprcrash", None)) is not None:
            # The lines of code around it may be a test's own, with a password in them.
            self.look(f"{report.nodeid}, its failure", crash.message)

    def look_in_files(self, folder):
        """Search every file but those that keep secrets; and what is written in the chats of a sandbox."""
        for path in folder.rglob("*"):
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
                continue
            if path.name == "sandbox.db":
                self.look(f"a chat in {path}", "\n".join(_chat_texts(path)))
            elif (
                path.name.removeprefix(".").removesuffix(".new") not in _KEEPERS
                and path.suffix not in _WRITTEN_BY_TESTS
            ):
                self.look(str(path), path.read_bytes().decode("latin-1"))

    def look_at_reprs(self):
        """Search the repr of each of botkit's objects that lives."""
        for one in gc.get_objects():
            if str(type(one).__module__).startswith("botkit"):
                # One that was never made whole has no repr.
                with suppress(Exception):
                    self.look(f"the repr of a {type(one).__qualname__}", repr(one))

    def handlers(self):
        """Log handlers that search each line as botkit would write it, as text and as JSON."""
        return [_Searching(self, logs._formatter(form, "%H:%M:%S")) for form in ("text", "json")]


class _Searching(logging.Handler):
    def __init__(self, canary, formatter):
        super().__init__()
        self._canary = canary
        self.setFormatter(formatter)

    def emit(self, record):
        try:
            if not record.exc_info and not _has_canary(record):
                # Most lines; to write and mask each of them twice was an eighth of what a test with a bot took.
                return
            line = self.format(record)
        except Exception:
            # A test of lines that cannot be written.
            return
        self._canary.look(f"a log line of {record.name}, line {record.lineno}", line)


def _has_canary(record):
    """Whether there is anything for the mask to hide in what the line is made of."""
    made_of = [record.getMessage(), *(str(getattr(record, name, "")) for name in logs._EXTRAS.values())]
    return any(canary in part for part in made_of for canary in CANARIES.values())


def _chat_texts(path):
    """Everything that people can read of a sandbox's chats."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
        for table, column in _CHAT_COLUMNS:
            try:
                yield from (str(text) for (text,) in connection.execute(f"select {column} from {table}"))
            except sqlite3.Error:
                # A file that is no sandbox's, an old one, or one in use, which the end of the run looks at.
                continue
