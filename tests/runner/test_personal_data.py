"""What is kept about one person: handed over, or erased to the last byte."""

from __future__ import annotations

import json

import pytest

from botkit import ChatContext, command, hookimpl
from botkit.messenger.errors import BadArgument, StoreError
from botkit.runner.personal_data import databases, erase, export
from botkit.store import Database

ANN, BEN, BOT = "100000000000002", "100000000000003", "100000000000001"
FRIENDS = "7000000000000001"


class Diary:
    """Keeps something of everybody, in every scope."""

    @command("note")
    def note(self, ctx: ChatContext, word: str) -> str:
        ctx.store.user["word"] = word
        ctx.store.member["word"] = word
        ctx.store.thread["last"] = {"by": ctx.sender_id}
        ctx.store.append("authors", ctx.sender_id)
        return f"noted {word}"

    @hookimpl
    def on_message(self, ctx: ChatContext) -> None:
        ctx.store.member.increment("messages")


@pytest.fixture
def kept(stage, tmp_path):
    """The database of a bot that has heard Ann and Ben; the bot is stopped."""
    folder = tmp_path / f"sandbox-w-{BOT}"
    bot = stage.start_bot("", {"diary": Diary()}, folder=folder)
    for name, word in [("Ann", "zebrafish"), ("Ben", "walrus")]:
        stage.person(name).says("Friends", f"!note {word}")
    stage.settle()
    bot.stop()
    return folder / "bot.db"


@pytest.fixture
def add(kept):
    """Writes into the database as the bot would."""

    def run(sql, *parameters):
        opened = Database(kept)
        opened.write(lambda c: c.execute(sql, parameters))
        opened.close()

    return run


def values(path):
    opened = Database(path)
    found = opened.read("SELECT scope, key, value FROM store WHERE plugin = 'diary' ORDER BY scope, key")
    opened.close()
    return found


def test_what_is_theirs_is_handed_over(kept):
    """Their messages, the answers to them, and what plugins keep for them; nothing of Ben's."""
    found = export(kept, ANN)
    assert [row["payload"]["body"] for row in found["journal"]] == ["!note zebrafish", "noted zebrafish"]
    assert [row["body"] for row in found["outbox"]] == ["noted zebrafish"]
    assert {(row["scope"], row["key"], row["value"]) for row in found["store"] if row["plugin"] == "diary"} == {
        (f"user:{ANN}", "word", '"zebrafish"'),
        (f"member:{FRIENDS}:{ANN}", "word", '"zebrafish"'),
        (f"member:{FRIENDS}:{ANN}", "messages", "1"),
    }
    assert "walrus" not in json.dumps(found)
    assert "store: diary  authors" in found["mentioned"]


def test_nothing_that_is_theirs_is_left_in_the_file(kept):
    """Neither in a page that is free nor beside it; what is Ben's is still there."""
    before = {path.name: path.read_bytes() for path in kept.parent.iterdir()}
    assert any(b"zebrafish" in data for data in before.values())
    erased = erase(kept, ANN)
    assert erased.rows["journal"] >= 1
    assert erased.rows["outbox"] == 1
    assert set(erased.left) == {"store: diary  authors"}
    for path in kept.parent.iterdir():
        data = path.read_bytes()
        assert b"zebrafish" not in data, path
        # What the plugin keeps for all is the one place that is left.
        assert data.count(ANN.encode()) == (1 if path == kept else 0), path
    assert {key for scope, key, _ in values(kept) if scope == f"user:{BEN}"} == {"word"}
    assert b"walrus" in kept.read_bytes()
    found = export(kept, ANN)
    assert list(found) == ["mentioned"]


def test_what_others_wrote_stays_without_the_id(kept, add):
    """The members of a group stand in each of its messages; such a row can still be handled."""
    add("UPDATE journal SET state = 'open'")
    opened = Database(kept)
    of_ben = opened.read("SELECT payload FROM journal WHERE payload LIKE '%!note walrus%'")
    opened.close()
    erased = erase(kept, ANN)
    opened = Database(kept)
    ((payload,),) = opened.read("SELECT payload FROM journal WHERE payload LIKE '%!note walrus%'")
    opened.close()
    assert ANN in of_ben[0][0]
    assert json.loads(payload) == json.loads(of_ben[0][0].replace(ANN, "0"))
    # The other one is the bot's answer, as it came back.
    assert erased.masked == 2


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO journal (key, thread_id, topic, kind, payload, received_ms, state)"
        f" VALUES ('reaction:mid.1:{ANN}:x', '70', '/t_ms', 'message_reaction', '', 5, 'done')",
        "INSERT INTO journal (thread_id, topic, kind, payload, received_ms, state)"
        f" VALUES ('70', 'background', 'work', '{{\"person_id\": \"{ANN}\", \"arguments\": []}}', 5, 'open')",
        "INSERT INTO journal (thread_id, topic, kind, payload, received_ms, state)"
        f" VALUES ('{ANN}', '/t_ms', 'message', '', 5, 'done')",
        "INSERT INTO outbox (thread_id, plugin, body, created_ms, state, extras)"
        f" VALUES ('70', 'p', '@Ann', 5, 'sent', '{{\"mentions\": [{{\"id\": \"{ANN}\"}}]}}')",
        "INSERT INTO effects (call, number, digest, function, kind, begun_ms, result)"
        f" VALUES ('control:x', 1, 'd', 'get_user_info', 'read', 5, '{{\"{ANN}\": {{}}}}')",
        f"INSERT INTO store VALUES ('botkit', 'member:{FRIENDS}:{ANN}', 'role', '\"mod\"', 1)",
        f"INSERT INTO conversations VALUES ('70', '{ANN}', 'p', 'feedback', 'd', '[]', 5, 1)",
        f"INSERT INTO turns VALUES ('70', '{ANN}', 1, '{{}}', '', '[]', 'How many stars?')",
        "INSERT INTO jobs (plugin, name, thread_id, kind, text, missed, within_s, since_ms, last_ms, person_id)"
        f" VALUES ('p', 'remind', '70', 'at', 'x', 'run', 5, 5, 5, '{ANN}')",
        f"INSERT INTO store VALUES ('diary', 'thread:{ANN}', 'k', '1', 1)",
        f"INSERT INTO store VALUES ('diary', 'member:{ANN}:{BOT}', 'k', '1', 1)",
        f"CREATE TABLE told (user_id TEXT, body TEXT) -- {ANN}".partition(" --")[0],
    ],
)
def test_every_kind_of_row_goes(kept, add, sql):
    """Reactions, slow work, a chat of two, mentions, results, roles, conversations, reminders; and what a later botkit
    may keep."""
    add(sql)
    if "told" in sql:
        add("INSERT INTO told VALUES (?, 'x')", ANN)
    erase(kept, ANN)
    assert list(export(kept, ANN)) == ["mentioned"]
    assert kept.read_bytes().count(ANN.encode()) == 1


def test_a_longer_id_is_somebody_else(kept, add):
    """It holds the other as a part."""
    add(f"INSERT INTO store VALUES ('diary', 'user:{ANN}7', 'k', '\"{ANN}7\"', 1)")
    erase(kept, ANN)
    assert (f"user:{ANN}7", "k", f'"{ANN}7"') in values(kept)


def test_the_bot_itself_is_no_person_to_erase(kept):
    """Its id is in everything."""
    for act in (export, erase):
        with pytest.raises(BadArgument, match=f"{BOT} is the bot's own account"):
            act(kept, BOT)


def test_a_file_that_is_no_database_is_told(tmp_path):
    """With its path."""
    path = tmp_path / "bot.db"
    path.write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"bot\.db"):
        export(path, ANN)


def test_all_bots_of_a_data_folder_are_looked_through(kept, tmp_path):
    """Also the memory of a bot in shadow."""
    shadow = kept.parent / "shadow" / "bot.db"
    shadow.parent.mkdir()
    Database(shadow).close()
    assert databases(tmp_path) == [kept, shadow]
    with pytest.raises(BadArgument):
        export(shadow, BOT)
