"""What is called for a run of a job: the function with the marker, or the one that the call which made it has named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botkit.jobs import JobRun
from botkit.messenger.errors import PluginError
from botkit.runner.background import module_of
from botkit.runner.loader import Handler, HookTable


def handler_of(run: JobRun, table: HookTable) -> tuple[Handler, Mapping[str, Any]]:
    """The handler, and the arguments beside its ctx by the names under which it asks for them; raises PluginError when
    there is no such job or function any more."""
    plugin = next((one for one in table.plugins if one.name == run.plugin), None)
    if plugin is None:
        raise PluginError(f"there is no plugin {run.plugin} any more")
    if run.function is None:
        job = next((one for one in table.jobs if one.id == run.job), None)
        if job is None:
            raise PluginError(f"there is no job {run.job} any more")
        return Handler(_id(run), plugin, job.function, ("ctx",)), {}
    function = getattr(module_of(plugin), run.function, None)
    if not callable(function):
        raise PluginError(f"job {run.job}: plugin {plugin.name} has no function {run.function} any more")
    arguments = {f"argument {number}": value for number, value in enumerate(run.arguments)}
    return Handler(_id(run), plugin, function, ("ctx", *arguments)), arguments


def _id(run: JobRun) -> str:
    plugin, _, name = run.job.partition(":")
    return f"{plugin}:@{name}"
