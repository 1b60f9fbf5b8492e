"""The tables of sandbox.db, version by version: a file of an earlier version is brought up to date when opened."""

from __future__ import annotations

_FIRST = """
create table if not exists meta(key text primary key, value text not null) without rowid;
create table if not exists person(id text primary key, data text not null);
create table if not exists thread(key text primary key, data text not null);
create table if not exists friendship(one text not null, other text not null);
create table if not exists message(
    number integer primary key, id text not null unique, thread text not null, sender text not null, text text not null,
    time_ms integer not null, otid text not null, kind text not null, added text not null);
create index if not exists message_by_time on message(thread, time_ms);
create table if not exists send(
    sender text not null, key text not null, message text not null, primary key(sender, key)) without rowid;
create table if not exists delta(
    account text not null, number integer not null, body text not null, primary key(account, number)) without rowid;
create table if not exists sync_token(
    account text not null, token integer not null, primary key(account, token)) without rowid;
create table if not exists login(xs text primary key, account text not null, data text not null);
create table if not exists watermark(
    account text not null, thread text not null, time_ms integer not null, primary key(account, thread)) without rowid;
"""

# What a message is besides its text moves into one JSON column, and everybody gets a state of their own per thread.
_ADMINISTRATION = """
alter table message rename to message_1;
drop index message_by_time;
create table message(
    number integer primary key, id text not null unique, thread text not null, sender text not null, text text not null,
    time_ms integer not null, otid text not null, data text not null);
create index message_by_time on message(thread, time_ms);
insert into message
    select number, id, thread, sender, text, time_ms, otid, case kind when 'log'
        then '{"log": {"kind": "added", "people": ["' || replace(added, ',', '", "') || '"]}}' else '{}' end
    from message_1;
drop table message_1;
create table reaction(
    message text not null, person text not null, emoji text not null, time_ms integer not null,
    primary key(message, person)) without rowid;
create table poll(id text primary key, data text not null) without rowid;
create table mailbox(
    account text not null, thread text not null, data text not null, primary key(account, thread)) without rowid;
create table hidden(account text not null, message text not null, primary key(account, message)) without rowid;
create table delivered(
    account text not null, thread text not null, time_ms integer not null, primary key(account, thread)) without rowid;
create table block(account text not null, blocked text not null, primary key(account, blocked)) without rowid;
"""

_FILES = """
create table file(
    number integer primary key autoincrement, owner text not null, key text not null, kind text not null,
    name text not null, mime text not null, width integer not null, height integer not null, data blob not null);
create table attached(file integer not null, thread text not null, primary key(file, thread)) without rowid;
"""

_STEPS = (_FIRST, _ADMINISTRATION, _FILES)
# Kept in the file as `user_version`; the first botkit left that at 0.
VERSION = len(_STEPS)


def upgrade_script(version: int) -> str:
    """The SQL that takes a file of this version, 0 for a new one too, to the present one."""
    return f"begin immediate; {' '.join(_STEPS[version:])} pragma user_version = {max(version, VERSION)}; commit;"
