"""/figures: how many reports there were in a whole quarter or year. Supervisors of the network count and publish them;
its coordinators see what is published."""

import storage.cases
import storage.communities
import storage.figures
from domain.cases import Deed
from domain.figures import Period, as_file, in_words, offered, period_of
from domain.messages import Button, Outgoing, Refused, Say, Words, button, text
from domain.requests import Community, Request
from domain.roles import Role
from handlers.route import not_here
from storage.database import Connection


async def ask_period(db: Connection, request: Request) -> list[Outgoing]:
    network = await _network(db, request)
    if _counts(request, network):
        periods = [one.name for one in offered(network.zone, request.now)]
    else:
        periods = await storage.figures.published(db)
    if not periods:
        return [Say(text("No figures were published yet."))]
    rows = [[_of(name) for name in periods[at : at + 2]] for at in range(0, len(periods), 2)]
    return [Say(text("For which period?"), rows)]


def _of(name: str) -> Button:
    return button(Words(name), "fg", name)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The figures to read, and as a file. args: period."""
    network = await _network(db, request)
    period = await _asked(db, request, network)
    figures = await storage.figures.of_period(db, network, period, request.person.id, request.now)
    await _note(db, request, network)
    # NOTE: button. Lets the coordinators of the network see figures of the hotline.
    publish = button(text("Publish"), "fg.out", period.name)
    is_out = period.name in await storage.figures.published(db)
    # Of none there is nothing to publish, and too few show nothing.
    rows = [[publish]] if _counts(request, network) and not is_out and figures.total else []
    return [Say(in_words(figures), rows), Say(text("The same as a file:"), media=as_file(figures))]


async def publish(db: Connection, request: Request) -> list[Outgoing]:
    """args: period."""
    network = await _network(db, request)
    if not _counts(request, network):
        raise not_here()
    period = await _asked(db, request, network)
    await storage.figures.of_period(db, network, period, request.person.id, request.now)
    await storage.figures.publish(db, period, request.now)
    await _note(db, request, network)
    return [Say(text("✓ Published. The network's coordinators find it under /figures."))]


async def _network(db: Connection, request: Request) -> Community:
    """The network, for those who hold an office in it: a school's own figures are nobody's to ask for."""
    network = await storage.communities.network(db)
    if not request.standing(network.path).here & {Role.SUPERVISOR, Role.COORDINATOR}:
        raise not_here()
    return network


def _counts(request: Request, network: Community) -> bool:
    return Role.SUPERVISOR in request.standing(network.path).here


async def _asked(db: Connection, request: Request, network: Community) -> Period:
    period = period_of(request.args[0] if request.args else "")
    if period is None or not period.is_over(network.zone, request.now):
        raise not_here()
    if not _counts(request, network) and period.name not in await storage.figures.published(db):
        raise not_here()
    if await storage.figures.clashes(db, period):
        raise Refused(
            text(
                "This year's figures can be seen by year or by quarter, whichever was asked for first. Both together "
                "would show the small numbers that are hidden."
            )
        )
    return period


async def _note(db: Connection, request: Request, network: Community) -> None:
    role = Role.SUPERVISOR.value if _counts(request, network) else Role.COORDINATOR.value
    await storage.cases.log(db, None, role, Deed.EXPORTED, request.now, person_id=request.person.id)
