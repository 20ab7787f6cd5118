"""A few days of life in three communities, really lived: every word goes through the bot."""

from bot.demo.acting import Actor
from bot.setup import Codes
from sandbox import Sandbox


async def play(sandbox: Sandbox, codes: Codes) -> None:
    """Returns when the communities are as somebody who opens the page should find them."""
    owner = Actor(sandbox, sandbox.add_person("Kamran", "Əliyev", language_code="az"))
    owner.starts(codes.owner)
    await owner.answers("Kamran Əliyev")
