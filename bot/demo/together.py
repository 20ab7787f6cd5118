"""What they do together: announcements, meetings, polls, challenges. `facts` are one table of cast.toml."""

import asyncio
from datetime import date, timedelta

from babel.dates import format_date

from bot.demo.cast import Facts, Place
from bot.demo.company import Company


async def announce(company: Company, place: Place, facts: Facts) -> None:
    """Some of those who get it confirm it."""
    author = company.actor(facts["by"])
    await author.orders(f"/announce {facts['text']}", company.community(place, facts["in"]))
    await author.chooses("done")
    readers = company.audience(place, facts["in"])
    reading = readers[: round(len(readers) * facts["confirmed"])]
    await asyncio.gather(*(reader.presses("a.ok") for reader in reading))


async def meet(company: Company, place: Place, facts: Facts, today: date) -> None:
    """A meeting some days from today, its time in words as it is said there: all in one line, or question by question
    where a kind and a place belong to it."""
    author, community = company.actor(facts["by"]), company.community(place, facts["in"])
    on = format_date(today + timedelta(days=facts["ahead"]), "d MMMM", locale=author.language)
    when = facts["when"].format(date=on)
    if "kind" in facts:
        await author.orders("/meeting", community)
        await author.chooses(facts["kind"])
        for words in (when, facts["title"], facts["place"]):
            await author.answers(words)
        for choice in ("skip", "skip", "all"):  # what it is about, how many can come, for whom
            await author.chooses(choice)
    else:
        await author.orders(f"/meeting {when} {facts['title']}", community)
    await author.chooses("done")
    meeting = (await author.finds("mt.who"))[0]
    answers = zip(company.audience(place, facts["in"]), facts["answers"].split(), strict=False)
    await asyncio.gather(*(one.presses(f"mt.rsvp:{meeting}:{answer}") for one, answer in answers))
    if "guests" in facts:
        await company.actor(facts["guests"]).presses(f"mt.guests:{meeting}:1")


async def poll(company: Company, place: Place, facts: Facts) -> None:
    """In the group chat, where everybody votes."""
    author, group = company.actor(facts["by"]), company.groups[place["key"]]
    await author.orders(f"/poll {facts['words']}", company.community(place, facts["in"]))
    await author.chooses("done")
    votes = zip(company.audience(place, facts["in"]), facts["votes"], strict=False)
    await asyncio.gather(*(voter.votes(option, group) for voter, option in votes))


async def challenge(company: Company, place: Place, facts: Facts) -> None:
    """Called, and joined by as many as did it on the first day."""
    author = company.actor(facts["by"])
    await author.orders(f"/challenge {facts['words']}", company.community(place, facts["in"]))
    for choice in ("*", facts["days"], facts["whom"], "done"):  # the first day offered is today
        await author.chooses(choice)
    number = (await author.finds("ch.sum"))[0]
    company.challenges[place["key"], facts["words"]] = number
    taking = company.audience(place, facts["in"], facts["whom"])[: facts["taking"]]
    await asyncio.gather(*(one.presses(f"ch.join:{number}") for one in taking))


async def check_in(company: Company, place: Place, facts: Facts, day: int) -> None:
    """In the evening, those who did it tap; some have no time every second day."""
    number = company.challenges[place["key"], facts["words"]]
    taking = company.audience(place, facts["in"], facts["whom"])[: facts["taking"]]
    doing = [one for at, one in enumerate(taking) if (at + day) % 3 or not at]
    await asyncio.gather(*(one.presses(f"ch.did:{number}", again=True) for one in doing))
