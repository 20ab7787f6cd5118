"""What every screen of the roster begins with: the network, its roster, and who may do what there."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import storage.communities
import storage.hotline
from domain.communities import CommunityKind
from domain.duty import HOURS, SWAPS_AHEAD, Post, Shift, Slot
from domain.hotline_checklist import Facts
from domain.messages import Moment, Text, Words, text
from domain.requests import Community, Request
from domain.roles import OFFICES, Role
from handlers.route import not_here
from storage.database import Connection
from storage.duty import Stored


@dataclass(frozen=True, slots=True)
class Office:
    """The hotline of the network as one of its people sees it."""

    network: Community
    facts: Facts
    stored: Stored | None
    roles: frozenset[Role]
    works: bool  # for the hotline, in any team
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.network.zone)).date()

    @property
    def supervises(self) -> bool:
        return Role.SUPERVISOR in self.roles

    @property
    def opens(self) -> bool:
        """Whether she sees what the hotline still needs: two of these give its roles together."""
        return self.supervises or Role.COORDINATOR in self.roles

    def name(self, person_id: int | None) -> Text | Words:
        found = next((one.called for one in self.facts.officers if one.person_id == person_id), None)
        # NOTE: Stands where a name should be: nobody.
        return text("nobody") if found is None else Words(found)

    def at(self, shift: Shift) -> Moment:
        return Moment(shift.begins, self.network.zone)

    def short(self, shift: Shift) -> Words:
        """When it begins, for a button: "01.12. 16:00"."""
        return Words(f"{shift.begins.astimezone(ZoneInfo(self.network.zone)):%d.%m. %H:%M}")

    def shift(self, day: str, number: int) -> Shift | None:
        """The shift of a day that a button names, if it is one of the next days."""
        ahead = self.stored.roster.ahead(self.now, days=SWAPS_AHEAD.days) if self.stored else ()
        return next((one for one in ahead if (one.on.isoformat(), one.slot.shift) == (day, number)), None)


async def enter(db: Connection, request: Request, role: Role | None = None) -> Office:
    """The office, for whoever holds this role in the network; without one for everybody of any team of the
    hotline's own (an agency's people learn nobody's name), and for the network's coordinators. Raises Refused."""
    network = await storage.communities.root(db)
    roles = request.standing(network.path).leads if network else frozenset()
    works = await _is_of_the_hotline(db, request)
    if network is None or not (works or Role.COORDINATOR in roles) or (role is not None and role not in roles):
        raise not_here()
    facts = await storage.hotline.facts(db, network, request.setup, request.now)
    stored = await storage.hotline.roster(db, network, request.now)
    return Office(network, facts, stored, roles, works, request.now)


async def _is_of_the_hotline(db: Connection, request: Request) -> bool:
    held = {one.community_id for one in request.memberships if one.role in OFFICES}
    return any(place.kind != CommunityKind.AGENCY for place in await storage.communities.several(db, sorted(held)))


DAY_NAMES = (
    text("Monday"),
    text("Tuesday"),
    text("Wednesday"),
    text("Thursday"),
    text("Friday"),
    text("Saturday"),
    text("Sunday"),
)
POSTS = {
    # NOTE: Who is on duty for the hotline first.
    Post.WORKER: text("helper"),
    # NOTE: Who is on duty for the hotline when the first doesn't come.
    Post.BACKUP: text("backup"),
}


def hours_of(hours: str, shift: int) -> Words:
    """A shift on the clock: "16:00–24:00"."""
    begins, ends = HOURS[hours][shift]
    return Words(f"{begins:02}:00–{ends:02}:00")


def slot_of(request: Request, hours: str, at: int = 0) -> Slot:
    """The slot that a button names. Raises Refused."""
    slot = Slot(_small(request, at), _small(request, at + 1))
    if slot.day >= len(DAY_NAMES) or slot.shift >= len(HOURS[hours]):
        raise not_here()
    return slot


def post_of(request: Request, at: int) -> Post:
    """The post that a button names. Raises Refused."""
    found = next((post for post in Post if request.args[at : at + 1] == (post.value,)), None)
    if found is None:
        raise not_here()
    return found


def _small(request: Request, at: int) -> int:
    given = request.args[at] if at < len(request.args) else ""
    if not (given.isascii() and given.isdigit() and len(given) == 1):
        raise not_here()
    return int(given)
