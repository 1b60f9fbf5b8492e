"""Commands that are made instead of written: a greeting for each word of a list."""

from collections.abc import Callable

from botkit import ChatContext, command, hookimpl

GREETINGS = {"hello": "Hello!", "goedendag": "Goedendag!", "buenas": "¡Buenas!"}


def greeting(word: str, answer: str) -> Callable[[ChatContext], str]:
    @command(word)
    def greet(ctx: ChatContext) -> str:
        """Greets back."""
        return answer

    return greet


@hookimpl
def register_commands() -> list[Callable[[ChatContext], str]]:
    return [greeting(word, answer) for word, answer in GREETINGS.items()]
