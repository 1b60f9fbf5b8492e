"""Shows owners what is scheduled in a chat, and lets them pause and run it."""

from botkit import ChatContext, JobInfo, Rest, command


@command("jobs", role="owner")
def jobs(ctx: ChatContext) -> str:
    """What is scheduled here, and when does it come next? !jobs"""
    found = ctx.host.jobs()
    return "\n".join(_line(ctx, job) for job in found) if found else ctx.t("none")


@command("jobs pause", role="owner")
def pause(ctx: ChatContext, job: Rest) -> str:
    """Let a job rest; what falls due meanwhile is dropped: !jobs pause standup"""
    return ctx.t("paused", job=ctx.host.pause_job(job).id)


@command("jobs resume", role="owner")
def resume(ctx: ChatContext, job: Rest) -> str:
    """Let a job that rests run again: !jobs resume standup"""
    return ctx.t("resumed", job=ctx.host.resume_job(job).id)


@command("jobs run", role="owner")
def run(ctx: ChatContext, job: Rest) -> str:
    """Run a job now, beside its schedule: !jobs run standup"""
    return ctx.t("run", job=ctx.host.run_job(job).id)


def _line(ctx: ChatContext, job: JobInfo) -> str:
    rests = ctx.t("rests") if job.is_paused else ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in job.next_at)
    where = "" if job.thread_id is not None else f" ({ctx.t('no_chat')})"
    return f"{job.id}{where}: {job.when} – {rests}"
