"""What can be told of the jobs of a bot file without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from botkit.config import BotConfig
from botkit.jobs import Job, JobInfo
from botkit.runner import at_rest
from botkit.runner.at_rest import KeptJobs
from botkit.runner.job_desk import listed
from botkit.runner.job_rows import JobRow, declared
from botkit.runner.loader import HookTable
from botkit.schedule import to_ms


@dataclass(frozen=True)
class JobFacts:
    """One job in one chat. chat: its id; for a job that has run in no chat yet the names under `threads:`, "" without
    any; None where it is for none. next: its next runs as ISO times, at most three, none while it rests."""

    job: str
    chat: str | None
    when: str
    next: tuple[str, ...]
    is_paused: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """In one line."""
        told = f"{self.job} {self.when} (next {', '.join(self.shown)})"
        if self.chat != "":
            return told
        plugin = self.job.partition(":")[0]
        return f"{told}; in no chat yet: name some under threads: of {plugin}, or write !enable {plugin} in one"

    @property
    def shown(self) -> tuple[str, ...]:
        """The next runs for the eye."""
        return tuple(one[:16].replace("T", " ") for one in self.next)


def foreseen(settings: BotConfig, table: HookTable, now: datetime) -> list[JobFacts]:
    """The jobs with markers, as a bot that has never run would have them."""
    return _facts(settings, table, KeptJobs(), now)


def known(settings: BotConfig, table: HookTable, now: datetime) -> list[JobFacts]:
    """All jobs, in the chats in which the last bot had them. Raises StoreError when its database cannot be read."""
    path = at_rest.newest(settings.data, settings.file.network)
    return _facts(settings, table, at_rest.jobs(path) if path is not None else KeptJobs(), now)


def _facts(settings: BotConfig, table: HookTable, kept: KeptJobs, now: datetime) -> list[JobFacts]:
    def zone(thread_id: str | None) -> str:
        return kept.zones.get(thread_id or "", settings.file.timezone)

    chats = {job.id: ", ".join(_chats(job, table)) for job in table.jobs if job.is_each}
    rows = list(_rows(table, kept, to_ms(now)))
    resting = {row.key for row in rows if kept.rests(row)}
    return [_fact(info, chats, resting) for info in listed(rows, zone, now)]


def _chats(job: Job, table: HookTable) -> Sequence[str]:
    if job.chats is None:
        return table.plugin(job.plugin).threads
    return ["all groups"] if job.chats.all_groups else job.chats.names


def _rows(table: HookTable, kept: KeptJobs, now_ms: int) -> Iterator[JobRow]:
    """What a start of the bot would find and make."""
    plugins, jobs = {plugin.name for plugin in table.plugins}, {(job.plugin, job.name): job for job in table.jobs}
    yield from (row for row in kept.rows if row.function is not None and row.plugin in plugins)
    for key, job in jobs.items():
        mine = [row for row in kept.rows if row.key[:2] == key and row.function is None]
        yield from (_as_now(row, job, now_ms) for row in mine or [declared(job, "", now_ms)])


def _as_now(row: JobRow, job: Job, now_ms: int) -> JobRow:
    return row if row.when == job.when else declared(job, row.thread_id, now_ms)


def _fact(info: JobInfo, chats: Mapping[str, str], resting: set[tuple[str, str, str]]) -> JobFacts:
    is_paused = (info.plugin, info.name, info.thread_id or "") in resting
    runs = () if is_paused else tuple(one.isoformat(timespec="seconds") for one in info.next_at)
    return JobFacts(info.id, info.thread_id or chats.get(info.id), info.when, runs, is_paused)
