"""What time triggers about communities: roles that end, drafts and events that nobody needs any more."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import storage.communities
import storage.conversations
import storage.expected
import storage.inbox
import storage.one_time_codes
import storage.persons
import storage.rosters
import storage.school_years
import storage.typed_codes
from domain.communities import ROLE_NAMES, Member, above, kind_and_name, missed, term_ends
from domain.messages import Body, Lane, Menu, Outgoing, Say, ToPerson, lines, text
from domain.requests import Community
from domain.roles import OFFICES, Role, granters, may_remove, standing
from domain.rosters import NAMES_LAST
from domain.school_year import UNDO_LASTS
from domain.typed_codes import PAUSE
from storage.database import Connection

_WARNED_AT_ONCE = 500
_DRAFTS_LAST = timedelta(hours=24)


async def end_expired_memberships(db: Connection, now: datetime) -> list[Outgoing]:
    """Tells the person, whoever gave her the role, and the level above where nobody leads any more."""
    said: list[Outgoing] = []
    for community_id, member in await storage.communities.end_expired(db, now):
        community = await storage.communities.get(db, community_id)
        if community is not None:
            said += [
                _tell_person(community, member),
                Menu(None, ToPerson(member.person_id)),
                *_told_of_end(_ended(community, member), await _granter(db, now, community, member)),
                *await _tell_level_above(db, now, community, member),
            ]
    return said


async def warn_of_ending_terms(db: Connection, now: datetime) -> list[Outgoing]:
    """A week before a role ends its holder hears so, and whoever gave it."""
    said: list[Outgoing] = []
    for community_id, member in await storage.communities.warn_of_ends(db, now, _WARNED_AT_ONCE):
        community = await storage.communities.get(db, community_id)
        if community is not None and member.until is not None:
            own = term_ends(community, member, member.until, by=False)
            said.append(Say(own, to=ToPerson(member.person_id), lane=Lane.REMINDER, silent=True))
            able = await _granter(db, now, community, member) or await _who_can_give(db, now, community, member)
            said += _told_of_end(term_ends(community, member, member.until, by=True), able)
    return said


async def _granter(db: Connection, now: datetime, community: Community, member: Member) -> list[int]:
    """Whoever gave it, as long as she could give it again."""
    giver, role = member.decided_by, Role(member.role)
    if giver is None or giver == member.person_id:
        return []
    stands = standing(await storage.persons.held_by(db, giver, now), community.path)
    return [giver] if may_remove(stands, role) else []


async def _who_can_give(db: Connection, now: datetime, community: Community, member: Member) -> list[int]:
    """Those nearest who can give it by now, where whoever gave it no longer can. Offices are given by two."""
    role = Role(member.role)
    path = above(community.path) if role is Role.COORDINATOR else community.path
    if path is None or member.decided_by is None or role in OFFICES:
        return []
    able = await storage.communities.nearest(db, path, now, granters(role), but=member.person_id)
    return [one.person_id for one in able]


def _told_of_end(told: Body, whom: Iterable[int]) -> list[Outgoing]:
    return [Say(told, to=ToPerson(one), lane=Lane.REMINDER, silent=True) for one in whom]


def _ended(community: Community, member: Member) -> Body:
    role = ROLE_NAMES[Role(member.role)]
    return lines(
        text("A role that you gave has ended."),
        text("%(role)s: %(name)s", role=role, name=member.called),
        kind_and_name(community),
    )


def _tell_person(community: Community, member: Member) -> Say:
    told = text(
        "Your time in this role is over: %(role)s, %(name)s. Thank you for what you did!",
        role=ROLE_NAMES[Role(member.role)],
        name=community.name,
    )
    return Say(told, to=ToPerson(member.person_id), lane=Lane.REMINDER, silent=True)  # a term ends at midnight


async def _tell_level_above(db: Connection, now: datetime, community: Community, gone: Member) -> list[Outgoing]:
    over = above(community.path)
    told = missed(community, gone, await storage.communities.staff(db, community.id, now))
    if over is None or told is None:
        return []
    return [
        Say(told, to=ToPerson(person_id), lane=Lane.REMINDER, silent=True)
        for person_id in await storage.communities.leaders(db, over, now)
    ]


async def drop_old_drafts(db: Connection, now: datetime) -> list[Outgoing]:
    """Rosters that nobody said yes to, too; and the keys: two days after a day began, the last draft of it has been
    dropped or sealed anew."""
    await storage.conversations.drop_drafts_before(db, now - _DRAFTS_LAST)
    await storage.rosters.end_before(db, now - _DRAFTS_LAST)
    await storage.conversations.destroy_draft_keys(db, (now - 2 * _DRAFTS_LAST).date())
    return []


async def forget_old_events(db: Connection, now: datetime) -> list[Outgoing]:
    """The inbox, wrong tries and codes, once they can't matter any more."""
    await storage.inbox.forget_before(db, now - storage.inbox.EVENTS_LAST)
    await storage.typed_codes.forget_before(db, now - PAUSE)
    await storage.one_time_codes.forget_before(db, now)
    return []


async def forget_last_year(db: Connection, now: datetime) -> list[Outgoing]:
    """What was kept to take a new school year back, whom the classes that left school expected, and old lists."""
    before = now - UNDO_LASTS
    await storage.school_years.forget_before(db, before)
    await storage.expected.forget_archived_before(db, before)
    await storage.expected.forget_listed_before(db, now - NAMES_LAST)
    return []
