"""Settings: a community is muted for a day, a week or for good. What is urgent still comes."""

from datetime import datetime

import storage.communities
import storage.mutes
from domain.communities import kind_and_name
from domain.lists import page_of
from domain.messages import (
    Body,
    Button,
    Edit,
    Lines,
    Moment,
    Outgoing,
    Text,
    Toast,
    Words,
    button,
    lines,
    text,
)
from domain.mutes import MUTES, Mute, ends
from domain.requests import Community, Request
from domain.roles import COMMUNITY_ROLES, ids_above
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

_PAGE = 8
_NAMED = 4  # of what is muted, in the settings


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the page. All that writes to her: her communities, and those above them."""
    return [await _list(db, request, request.number(0))]


async def _list(db: Connection, request: Request, given: int) -> Edit:
    found = await _who_writes(db, request)
    muted = await storage.mutes.of_person(db, request.person.id, request.now)
    page = page_of(found[::-1], given, _PAGE)
    rows = [[_one(one, is_muted=one.id in muted)] for one in page.shown]
    if page.more:
        rows.append([button(text("More"), "mute", page.number + 1)])
    asked = (
        text("Whom shall I mute? Nothing of theirs comes to this chat then; only what is urgent. 🔕 is muted now.")
        if found
        else text("You belong to no community yet.")
    )
    return Edit(asked, [*rows, [button(text("Back"), "settings.back")]])


async def _who_writes(db: Connection, request: Request) -> list[Community]:
    """Her communities, and those above them."""
    held = [one for one in request.memberships if one.role in COMMUNITY_ROLES]
    return await storage.communities.several(db, sorted(ids_above(held)))


async def line(db: Connection, request: Request) -> Text | None:
    """What she has muted, for her settings; None: nothing."""
    until = await storage.mutes.of_person(db, request.person.id, request.now)
    muted = [one for one in await _who_writes(db, request) if one.id in until] if until else []
    if not muted:
        return None
    names = [text("%(name)s", name=one.name) for one in muted[-_NAMED:]]
    more = [Words("…")] if len(muted) > _NAMED else []
    return text("Muted: %(names)s", names=Lines((*names, *more), ", "))


def _one(community: Community, *, is_muted: bool) -> Button:
    return button(Words(f"🔕 {community.name}" if is_muted else community.name), "mute.of", community.id)


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    community = community_of(request)
    muted = await storage.mutes.of_person(db, request.person.id, request.now)
    rows = [[button(label, "mute.is", community.id, mute.value)] for mute, label in MUTES.items()]
    if community.id in muted:
        # NOTE: button. Messages of a class or school come again.
        rows.append([button(text("Unmute"), "mute.is", community.id, Mute.OFF.value)])
    stands = _stands(muted[community.id]) if community.id in muted else None
    asked = text("For how long shall I send you nothing of it? What is urgent still comes.")
    return [Edit(lines(kind_and_name(community), stands, asked), [*rows, [button(text("Back"), "mute", 0)]])]


def _stands(until: datetime | None) -> Body:
    if until is None:
        return text("🔕 Muted for good.")
    return text("🔕 Muted until: %(time)s", time=Moment(until))


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, for how long."""
    community, given = community_of(request), request.args[1] if len(request.args) > 1 else ""
    mute = next((one for one in Mute if one.value == given), None)
    if mute is None:
        raise not_here()
    if mute is Mute.OFF:
        await storage.mutes.end(db, request.person.id, community.id)
    else:
        await storage.mutes.save(db, request.person.id, community.id, ends(mute, request.now))
    return [await _list(db, request, 0), Toast(text("Saved."))]
