"""Families and teachers join, each with the code of the class; whoever leads it answers them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import product

from bot.demo.acting import Actor
from bot.demo.cast import Facts, Joining, Place
from bot.demo.company import Company
from sandbox import Chat

_ONE_AFTER_THE_OTHER = 0.05  # seconds: not all of them press START at the same moment


async def join(company: Company, place: Place) -> None:
    coming: dict[str, list[Joining]] = {}
    for one in place.joining():
        coming.setdefault(one.person["name"], []).append(one)
    wished = Counter(one.community for ones in coming.values() for one in ones)
    for key in wished:
        company.codes[place["key"], key] = await _code_of(company, place, key)
    accepting: Counter[str] = Counter()
    for key, count in wished.items():
        accepting[place.leader_of(key)] += count
    await asyncio.gather(
        *(_come(company, place, ones, number) for number, ones in enumerate(coming.values())),
        *(_accept(company.actor(name), count) for name, count in accepting.items()),
    )
    await _turn_away(company, place)


async def _code_of(company: Company, place: Place, key: str) -> str:
    leader = company.actor(place.leader_of(key))
    await leader.orders("/invite", company.community(place, key))
    return await leader.copied()


async def _come(company: Company, place: Place, ones: Sequence[Joining], number: int) -> None:
    await asyncio.sleep(number * _ONE_AFTER_THE_OTHER)
    for one in ones:
        actor = company.actor(one.person)
        await _ask_in(actor, company.codes[place["key"], one.community], one.role)
        await actor.finds(f"c:{company.community(place, one.community)}")
        company.members.setdefault((place["key"], one.community), []).append((actor, one.role))


async def _ask_in(actor: Actor, code: str, role: str) -> None:
    actor.starts(code)
    await actor.chooses(role)
    await actor.answers(actor.name)


async def _accept(leader: Actor, count: int) -> None:
    for _ in range(count):
        await leader.presses("join.yes")


async def link_families(company: Company, place: Place) -> None:
    """In some families each parent enters each child's code."""
    for family in place["families"]:
        if family.get("linked"):
            for parent, child in product(family["parents"], family["children"]):
                await _link(company.actor(parent), company.actor(child))


async def _link(parent: Actor, child: Actor) -> None:
    child.says("/settings")
    await child.presses("fam", fresh=True)
    await child.presses("fam.code", fresh=True)
    code = await child.copied()
    parent.says("/settings")
    await parent.presses("fam", fresh=True)
    await parent.presses("fam.enter", fresh=True)
    await parent.answers(code)
    await child.presses("fam.yes")
    await parent.presses("pa.yes", about=child.name)


async def _turn_away(company: Company, place: Place) -> None:
    """A man nobody knows is declined; a father blocks the bot."""
    if stranger := place.get("declined"):
        await _knock(company, place, stranger)
        await company.actor(place.leader_of(stranger["in"])).presses("join.no", about=stranger["name"])
    if place.get("blocks"):
        company.sandbox.blocks(company.actor(place["blocks"]).person)


async def wait_at_the_door(company: Company, place: Place) -> None:
    """Somebody asks to join and is not answered yet."""
    if newcomer := place.get("waiting"):
        await _knock(company, place, newcomer)


async def _knock(company: Company, place: Place, facts: Facts) -> None:
    await _ask_in(company.actor(facts), company.codes[place["key"], facts["in"]], facts["role"])


async def bind_group(company: Company, place: Place) -> None:
    """Whoever leads adds the bot to the group chat and says whose it is."""
    facts = place["group"]
    head, community = company.actor(facts["by"]), company.community(place, facts["in"])
    people = [one.person for one in company.audience(place, facts["in"])]
    group = company.sandbox.add_group(facts["title"], creator=head.person, members=people)
    company.groups[place["key"]] = group
    company.sandbox.adds_bot(head.person, group)
    head.starts(await head.hears(lambda: _start_of(group)))
    if len(place.below(facts["in"])) > 1:
        await head.presses(f"bind.in:{community}")
    await head.presses(f"bind:{community}")
    await head.hears(lambda: not _start_of(group))


def _start_of(chat: Chat) -> str | None:
    """The code of a link to the bot under a message in a group."""
    urls = (button.url for message in chat.visible for button in message.buttons if button.url)
    return next((url.partition("start=")[2] for url in urls), None)
