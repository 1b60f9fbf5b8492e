"""Lets two clients that this project did not write use the sandbox: `make strangers`.

npm's facebook-chat-api 1.8.0 and PyPI's fbchat 1.9.7 log in as Bot with an app state, read chats, histories and people,
are refused what Messenger refuses, listen, answer Ann in a group and in a chat of two, come back after their socket was
cut, see what she changes, exchange pictures, replies and reactions with her, and log out; then they log in with e-mail
and password.
Nothing in them is changed but where their connections go: to a TLS end on loopback, with a certificate made for this
run, which passes them on to the sandbox. What Ann sees decides. A stranger that fails shows a fault of the sandbox
until shown otherwise.

It needs Node.js 20 or newer, and the package indexes the first time; the environments stay in .venv/strangers. Each
check is one line; the exit code is 1 when a check fails or a stranger cannot be installed.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import environments
from changes import Changes
from conversation import Conversation
from deeds import Deeds
from environments import NotInstalled
from letters import Letters
from processes import Driver, Failed, app_state, driver, sandbox
from reading import Reading
from refusals import Refusals, is_refused_login, is_told_of_end
from stage import BOT, WORLD, Check, Stage, begins, leaves, stage
from tls_end import TlsEnd, make_certificate

_HERE = Path(__file__).parent
_STRANGER_WITHIN_S = 55.0
# Bot's account in world.yaml.
_PASSWORD_LOGIN = {"email": "bot@sandbox.test", "password": "bot-sandbox"}


@dataclass(frozen=True)
class Stranger:
    """A client to try.

    `ca_variables` are the environment variables that name its CA file, `variables` all others; `lost` are the events
    that its own listener drops.
    """

    name: str
    prefix: str
    command: list[str]
    ca_variables: tuple[str, ...]
    variables: dict[str, str]
    lost: frozenset[str] = frozenset()


def installed() -> list[Stranger]:
    """Both strangers, installed; raises `NotInstalled`."""
    node_folder, node_path = _HERE / "node", environments.node_modules()
    return [
        Stranger(
            "facebook-chat-api 1.8.0",
            "node: ",
            [str(shutil.which("node")), "-r", str(node_folder / "preload.js"), str(node_folder / "echo.js")],
            ("NODE_EXTRA_CA_CERTS",),
            {"NODE_PATH": str(node_path)},
            # Its listener drops the first three (dossier 2, section 7, "Bug to avoid"), and does not know the fourth.
            frozenset({"nickname", "color", "emoji", "admin"}),
        ),
        Stranger(
            "fbchat 1.9.7",
            "python: ",
            [str(environments.python()), str(_HERE / "python" / "echo.py")],
            ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
            {},
        ),
    ]


async def meet(stranger: Stranger, folder: Path) -> list[bool]:
    """Try one stranger on a sandbox of its own; a line, and whether it passed, for each check."""
    ca = await make_certificate(environments.python(), folder)
    async with sandbox(folder, WORLD) as place, TlsEnd(folder, place.port) as tls:
        variables = {**stranger.variables, "STRANGERS_TLS_PORT": str(tls.port)}
        variables |= dict.fromkeys(stranger.ca_variables, str(ca))
        passed = []
        for credentials, checks in (
            ({"appState": await app_state(folder, BOT)}, partial(_checks, prefix=stranger.prefix, folder=folder)),
            (_PASSWORD_LOGIN, _password_checks),
            ({"appState": await app_state(folder, BOT)}, _ending_checks),
            ({**_PASSWORD_LOGIN, "password": "wrong"}, _refused_login_checks),
        ):
            async with (
                driver(stranger.command, variables, folder) as bot,
                stage(place, bot, stranger.lost) as scene,
            ):
                bot.give(credentials)
                passed += await _try_all(stranger.name, checks(scene), bot)
        return passed


def _checks(scene: Stage, prefix: str, folder: Path) -> list[tuple[str, Check]]:
    """Reading comes first, while the world is as its file says; what is made for it lies in `folder`."""
    talk = Conversation(scene, prefix)
    return [
        ("logs in with an app state and listens", lambda: begins(scene.driver)),
        *Reading(scene).checks(),
        *Refusals(scene, folder).checks(),
        *talk.checks(),
        *Deeds(scene).checks(),
        *Changes(scene).checks(),
        *Letters(scene, folder).checks(),
        *talk.last_checks(),
    ]


def _password_checks(scene: Stage) -> list[tuple[str, Check]]:
    return [
        ("logs in with e-mail and password and listens", lambda: begins(scene.driver)),
        ("logs out of that session, too", lambda: leaves(scene.driver)),
    ]


def _ending_checks(scene: Stage) -> list[tuple[str, Check]]:
    return [
        ("logs in once more", lambda: begins(scene.driver)),
        ("is told when its session has been ended", lambda: is_told_of_end(scene)),
    ]


def _refused_login_checks(scene: Stage) -> list[tuple[str, Check]]:
    return [("is refused a wrong password", lambda: is_refused_login(scene.driver))]


async def _try_all(stranger: str, checks: list[tuple[str, Check]], bot: Driver) -> list[bool]:
    """Try the checks in their order, which begins with the login: without it the others are lost."""
    passed = [await _try(stranger, *checks[0])]
    if passed[0]:
        passed += [await _try(stranger, name, check) for name, check in checks[1:]]
    else:
        passed += [False] * (len(checks) - 1)
        print(f"{stranger}: … FAILED: without it, {len(checks) - 1} more", flush=True)
    if not all(passed):
        print(bot.tail(), flush=True)
    return passed


async def _try(stranger: str, name: str, check: Check) -> bool:
    try:
        seen = await check()
    except Exception as error:
        reason = error if isinstance(error, Failed) else repr(error)
        print(f"{stranger}: {name} … FAILED: {reason}", flush=True)
        return False
    print(f"{stranger}: {name} … ok{f' ({seen})' if seen else ''}", flush=True)
    return True


async def meet_all(strangers: list[Stranger]) -> list[bool]:
    """Try one stranger after the other. A SIGTERM ends it as Ctrl+C does, and with it all that it started."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    results = []
    for stranger in strangers:
        with tempfile.TemporaryDirectory(prefix="strangers-") as folder:
            try:
                async with asyncio.timeout(_STRANGER_WITHIN_S):
                    results += await meet(stranger, Path(folder))
            except (Failed, TimeoutError) as error:
                reason = error if isinstance(error, Failed) else f"not done within {_STRANGER_WITHIN_S:g} s"
                print(f"{stranger.name}: … FAILED: {reason}", flush=True)
                results.append(False)
    return results


def main() -> int:
    """Install, try, count; the exit code."""
    try:
        results = asyncio.run(meet_all(installed()))
    except NotInstalled as problem:
        print(problem)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped")
        return 1
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
