"""The network, its regions and everything below them are made, and those who lead are invited."""

from bot.demo.acting import Actor
from bot.demo.cast import Place
from bot.demo.company import Company
from bot.setup import Codes


async def take_offices(company: Company, codes: Codes) -> None:
    """The owner and the supervisor come with the codes of `birge init`."""
    supervisor = company.actor(company.cast["supervisor"])
    await _take_office(company.actor(company.cast["owner"]), codes.owner)
    await _take_office(supervisor, codes.supervisor)
    await supervisor.presses("conduct.own")
    company.actor(company.cast["outsider"]).starts()


async def _take_office(actor: Actor, code: str) -> None:
    actor.starts(code)
    await actor.answers(actor.name)
    await actor.finds("home")


async def add_regions(company: Company) -> None:
    """One for each place, with its own country; whoever runs it is invited."""
    owner = company.actor(company.cast["owner"])
    owner.says("/community")
    root = int((await owner.finds("c.add"))[0])
    for place in company.cast.places:
        region = await add(owner, root, "region", place["region"], place["country"])
        company.ids[place["key"], "region"] = region
        await _invite(owner, region, "coordinator", company.actor(place["lead"]), first=True)


async def add_communities(company: Company, place: Place) -> None:
    """Everything below a region, and the staff of it."""
    lead, key = company.actor(place["lead"]), place["key"]
    lead.says("/community")
    await lead.finds("c.add")
    opened = {"region"}
    for community in place.communities:
        over = company.community(place, community["under"])
        if community["under"] not in opened:
            await lead.presses(f"c:{over}")
            opened.add(community["under"])
        company.ids[key, community["key"]] = await add(lead, over, community["kind"], community["name"])
    invited: set[str] = set()
    for member in place["staff"]:
        for one in member["in"]:
            community_id, first = company.community(place, one), one not in invited
            await _invite(lead, community_id, member["office"], company.actor(member), first=first)
            invited.add(one)


async def add(by: Actor, over: int, kind: str, name: str, *more: str) -> int:
    """A community below another; returns its number, which the buttons after it carry."""
    await by.presses(f"c.add:{over}")
    for choice in (kind, *more):
        await by.chooses(choice)
    await by.answers(name)
    return int((await by.finds("i"))[0])


async def _invite(by: Actor, community: int, office: str, actor: Actor, *, first: bool) -> None:
    """Somebody comes to an office by an invitation of her own, and is accepted."""
    if first:
        await by.presses(f"i:{community}")
        await by.copied()
    await by.presses(f"i.new:{community}")
    for choice in (office, "7", "1"):
        await by.chooses(choice)
    actor.starts(await by.copied())
    await actor.answers(actor.name)
    await by.presses("join.yes", about=actor.name)
    await actor.finds(f"c:{community}")
