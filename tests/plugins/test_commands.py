"""The command router."""

from __future__ import annotations

import pytest

from botkit import ChatContext, Member, Rest, command


@command("birthday add", aliases=["bday"])
def birthday_add(ctx: ChatContext, who: Member, day: Rest) -> str:
    return f"{who.name}: {day}"


@command("birthday drop", role="mod")
def birthday_drop(ctx: ChatContext, who: Member) -> str:
    return f"no more {who.name}"


@command("party", role="owner")
def party(ctx: ChatContext, guests: int) -> str:
    return f"{guests} guests"


@command("wipe", confirm=True)
def wipe(ctx: ChatContext, what: str) -> str:
    return f"{what} is gone"


@pytest.fixture
def group(bot):
    """Ann is the group's admin, Ben is nobody, Eve owns the bot."""
    bot.load(birthday_add, birthday_drop, party, wipe)
    bot.owner("Eve")
    return bot.group("Friends", "Ann Lee", "Ben", "Eve")


def test_a_mistyped_command_is_answered_with_the_nearest(group):
    """Unless it looks like nothing that there is."""
    group.ben.says("!xyzzy").silent()
    group.ben.says("!birthdy").replies("There is no !birthdy. Did you mean !birthday?")
    group.ben.says("!birthday ad Ann").replies("There is no !birthday ad. Did you mean !birthday add?")


def test_what_one_may_not_use_is_not_suggested(group):
    """Nor is it listed."""
    group.ben.says("!partey 3").silent()
    group.ben.says("!birthday dropp Ann").replies(
        "There is no !birthday dropp. You can type:\n!birthday add <who> <day…>"
    )
    group.eve.says("!partey 3").replies("There is no !partey. Did you mean !party?")
    group["Ann Lee"].says("!birthday dropp Ann").replies("There is no !birthday dropp. Did you mean !birthday drop?")


def test_a_late_mistake_is_not_answered(bot, group):
    """As a late command is not run."""
    group.ben.says("!birthday").replies()
    bot.stop()
    group.ben.says("!birthdy")
    bot.clock.advance(hours=2)
    bot.start()
    group.silent()


def test_it_can_be_silent(bot, group):
    """`suggest: false`, for chats with several bots."""
    bot.settings(commands={"suggest": False})
    group.ben.says("!birthdy").silent()
    group.ben.says("!birthday ad Ann").silent()


def test_the_beginning_of_subcommands_is_answered_with_them(group):
    """As far as one may use them."""
    group.ben.says("!Birthday").replies("What about !Birthday? You can type:\n!birthday add <who> <day…>")
    group["Ann Lee"].says("!birthday").replies(
        "What about !birthday? You can type:\n!birthday add <who> <day…>\n!birthday drop <who>"
    )


def test_people_are_found_by_name_and_by_mention(group):
    """Of several words too; an alias stands for the whole name."""
    group.ben.says("!birthday add Ann Lee 3 May").replies("Ann Lee: 3 May")
    group.ben.says("!bday @Ann Lee 3 May", mentions="Ann Lee").replies("Ann Lee: 3 May")


def test_a_wrong_argument_is_answered_with_the_usage(group):
    """What was wrong, and how it goes."""
    group.ben.says("!bday Zed 3 May").replies(
        "who must be somebody in this chat, not 'Zed'. Usage: !birthday add <who> <day…>"
    )
    group.eve.says("!party many").replies("guests must be a whole number, not 'many'. Usage: !party <guests>")


def test_the_usage_is_not_told_to_who_may_not_use_it(group):
    """The gate answers instead."""
    group.ben.says("!party many").replies("Only an owner of this bot may do that.")


def test_a_plugin_that_is_off_tells_no_usage(bot, group):
    """Nor is it suggested."""
    bot.load(switch_off, name="switch")
    group.eve.says("!off").replies("done")
    group.ben.says("!bday").silent()
    group.ben.says("!birthdy").silent()


@command("off")
def switch_off(ctx: ChatContext) -> str:
    ctx.host.disable("test")
    return "done"


def test_what_was_asked_about_is_done_after_a_yes(group):
    """With the arguments that it was typed with; once, and only for who was asked."""
    group.ben.says("!wipe all").replies(lambda text: "!yes" in text)
    group.eve.says("!yes").silent()
    group.ben.says("!YES").replies("all is gone")
    group.ben.says("!yes").silent()


def test_what_was_asked_about_is_not_done_after_a_no(group):
    """And nothing else is suggested in its place."""
    group.ben.says("!wipe all").replies(lambda text: "!yes" in text)
    group.ben.says("!no").replies("All right, !wipe all is not done.")
    group.ben.says("!yes").silent()
    group.ben.says("!no").silent()


def test_it_speaks_the_language_of_the_chat(bot, group):
    """Its own sentences, and those about arguments."""
    bot.load(speak_dutch, name="dutch")
    group.eve.says("!dutch").replies("done")
    group.ben.says("!birthdy").replies("!birthdy bestaat niet. Bedoel je !birthday?")
    group.ben.says("!wipe").replies("what ontbreekt. Zo gaat het: !wipe <what>")


@command("dutch")
def speak_dutch(ctx: ChatContext) -> str:
    ctx.host.set_language("nl")
    return "done"


@pytest.mark.parametrize("place", ["last", "first"])
def test_its_place_among_the_plugins_is_that_of_its_line(start_bot, ann, tmp_path, place):
    """Commands come last unless `commands` is named earlier; a command ends the walk."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "nosy.py").write_text(
        "from botkit import hookimpl\n@hookimpl\ndef on_message(ctx, message):\n    return 'I saw ' + message.body\n"
    )
    order = "{nosy: , echo: }" if place == "last" else "{commands: , nosy: , echo: }"
    start_bot(f"plugin_dirs: [mine]\nplugins: {order}")
    ann.says("Friends", "!echo hi")
    assert ann.hears()[1] == ("I saw !echo hi" if place == "last" else "hi")
