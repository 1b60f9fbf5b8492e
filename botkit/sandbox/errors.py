"""What can go wrong in the sandbox: a fault told to its owner, and a refusal told over the wire."""

from __future__ import annotations

# Codes of the response envelope (dossier 1, section 6.2; dossier 3, section 2.9). The order of the checks: dossier 1,
# section 20.
NOT_LOGGED_IN = 1357001
STALE_TOKEN = 1357004
BAD_PARAMETERS = 1357031
FORBIDDEN = 1545003
MESSAGES_UNAVAILABLE = 1545010
NOT_A_PARTICIPANT = 1545012
NOT_IN_THREAD = 1545014
ATTACHMENT_REFUSED = 1545026
THREAD_DISABLED = 1545116
BAD_VALUE = 1675012
QUERY_ERROR = 1675030
NOT_AN_ADMIN = 1976004

SUMMARIES = {
    NOT_LOGGED_IN: "Not logged in",
    STALE_TOKEN: "Sorry, something went wrong",
    BAD_PARAMETERS: "This content is no longer available",
    FORBIDDEN: "Invalid action",
    MESSAGES_UNAVAILABLE: "Messages Unavailable",
    NOT_A_PARTICIPANT: "Temporary Failure",
    NOT_IN_THREAD: "User not in thread",
    ATTACHMENT_REFUSED: "Unable to Attach File",
    THREAD_DISABLED: "Thread disabled",
    BAD_VALUE: "Your request couldn't be processed",
    QUERY_ERROR: "Query error",
    NOT_AN_ADMIN: "Not an admin",
}


# For codes that a fault was ordered with.
_UNKNOWN = "Sorry, something went wrong"


class SandboxError(Exception):
    """The sandbox cannot start or be reached; its text is one line for the person at the terminal."""


class DatabaseInUse(SandboxError):
    """Another sandbox holds the lock on the same sandbox.db."""


class Refusal(Exception):
    """A request that is answered with an error: `code` is of the response envelope, `description` for the client."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.summary = SUMMARIES.get(code, _UNKNOWN)
        self.description = description


class ControlError(Exception):
    """A refusal on the people's side, as an HTTP `status` and one line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
