"""`botkit completion`: prints what makes a shell complete the commands of botkit."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")
_HOW_TO = """\b
Have your shell read it at its start:
  bash  write to ~/.bashrc:  eval "$(botkit completion bash)"
  zsh   write to ~/.zshrc:   eval "$(botkit completion zsh)"
  fish  run once:            botkit completion fish > ~/.config/fish/completions/botkit.fish
"""


@click.command(epilog=_HOW_TO)
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands, options, bot files and names of plugins."""
    from botkit.cli import main

    kind = get_completion_class(shell)
    assert kind is not None, f"click completes {shell}"
    click.echo(kind(main, {}, "botkit", "_BOTKIT_COMPLETE").source())
