"""Jobs that are made instead of written: the hour is called in each chat, for each hour of a list."""

from collections.abc import Callable

from botkit import ChatContext, cron, hookimpl

HOURS = (9, 12, 17)


def call(hour: int) -> Callable[[ChatContext], str]:
    @cron(f"0 {hour} * * *", name=f"call at {hour}", each="thread")
    def call_hour(ctx: ChatContext) -> str:
        return f"It is {hour}:00."

    return call_hour


@hookimpl
def register_jobs() -> list[Callable[[ChatContext], str]]:
    return [call(hour) for hour in HOURS]
