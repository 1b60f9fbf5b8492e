"""`botkit call` works for every function of the API."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit import logs
from botkit.cli.call import _NOT_HERE, call
from botkit.messenger import FUNCTION_CLASSES, login
from botkit.sandbox import client
from botkit.sandbox.server import Server

ANN, BEN = "100000000000002", "100000000000003"
FRIENDS = "7000000000000001"
# A GIF of one point: header, size, no colours, end.
GIF = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b";"

CALLS = {
    "add_user_to_group": ["100000000000005", "{group}"],
    "change_admin_status": ["{group}", ANN, "true"],
    "change_archived_status": ["{group}", "true"],
    "change_group_image": ["{picture}", "{group}"],
    "change_thread_color": ["#0084ff", "{group}"],
    "change_thread_emoji": ["🦊", "{group}"],
    "change_thread_user_nickname": ["Benny", "{group}", BEN],
    "create_group": [f'["{ANN}", "{BEN}"]', "title=From a shell"],
    "create_poll": ["Where?", "{group}", '["here", "there"]'],
    "delete_message": ["{message}"],
    "delete_thread": ["{group}"],
    "edit_message": ["better", "{own}"],
    "forward_attachment": ["{photo}", FRIENDS],
    "forward_message": ["{message}", ANN],
    "get_app_state": [],
    "get_current_user_id": [],
    "get_friends_list": [],
    "get_online_users": [],
    "get_thread_history": [FRIENDS, "0", "5"],
    "get_thread_info": [FRIENDS],
    "get_thread_list": [],
    "get_user_id": ["Ann"],
    "get_user_info": [ANN],
    "handle_message_request": ["{stranger}", "true"],
    "mark_as_delivered": ["{group}", "{message}"],
    "mark_as_read": ["{group}"],
    "mark_as_read_all": [],
    "mute_thread": ["{group}", "60"],
    "remove_user_from_group": [BEN, "{group}"],
    "resolve_photo_url": ["{photo}"],
    "search_for_thread": ["Friends"],
    "send_message": ['{{"body": "with a file", "attachment": "{picture}"}}', "{group}"],
    "send_typing_indicator": ["{group}"],
    "set_message_reaction": [":love:", "{message}", "{group}"],
    "set_options": ["self_listen=true"],
    "set_title": ["New", "{group}"],
    "unsend_message": ["{own}"],
    "logout": [],
}
"""Function → its words; `listen`, which runs on, has a test of its own below."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A sandbox, a bot file for it, and ids to call functions with."""
    folder = tmp_path_factory.mktemp("call")
    server = Server(folder / "sandbox", world_file=Path(__file__).parent / "world.yaml", port=0)
    server.start()
    (folder / "bot.yaml").write_text(f"sandbox: {{url: {server.url}}}\n")
    (folder / "a.gif").write_bytes(GIF)
    yield folder, server
    server.stop()


@pytest.fixture
def things(place):
    """A fresh group with a message of Ann's and one of the bot's, a photo, and a request of a stranger's."""
    folder, server = place

    def account(name):
        return login(client.app_state(server.url, server.token, name), {"network": server.url})

    bot, ann, stranger = account("Bot"), account("Ann"), account("Stranger")
    group = bot.create_group([ANN, BEN])
    stranger.send_message("may I?", "100000000000001")
    bot.send_message({"body": "look", "attachment": (folder / "a.gif")}, group)
    found = {
        "group": group,
        "message": ann.send_message("hello", group).message_id,
        "own": bot.send_message("mine", group).message_id,
        "photo": bot.get_thread_history(group, 0, 9)[-3].attachments[0].id,
        "stranger": "100000000000005",
        "picture": str(folder / "a.gif"),
    }
    for api in (bot, ann, stranger):
        api.close()
    return found


@pytest.fixture
def run(place):
    """Calls a function as the shell would; gives what came."""
    folder, _ = place

    def invoke(function, *words):
        ran = CliRunner().invoke(call, [function, *words, "--yes", "--json", "--config", str(folder / "bot.yaml")])
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    yield invoke
    logs.tear_down(logs.set_up())


def test_every_function_is_called_here():
    """But those that a shell cannot call, and `listen`."""
    assert set(CALLS) == set(FUNCTION_CLASSES) - _NOT_HERE - {"listen"}


@pytest.mark.parametrize("function", CALLS)
def test_a_function_works_from_the_shell(run, things, function):
    """With words, as JSON out; the second line of defence is the exit code."""
    run(function, *(word.format(**things) for word in CALLS[function]))
