"""Questions and changes about the tree, its members and its invites, on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import storage.communities
import storage.inbox
import storage.invites
import storage.persons
import storage.roles
import storage.typed_codes
from domain.communities import CommunityKind
from domain.hotline_roles import State
from domain.invites import ALPHABET
from domain.messages import Say, ToPerson, WrongTry
from domain.requests import Community
from domain.roles import Role
from jobs import communities as jobs
from storage.database import Connection, Database
from storage.vault import Vault, make_key_ring

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
async def db(url: str, tmp_path: Path) -> AsyncIterator[Connection]:
    database = await Database.open(url, Vault(make_key_ring(tmp_path / "keys", NOW)))
    async with database.writing() as connection:
        yield connection
    await database.close()


@pytest.fixture
async def network(db: Connection) -> Community:
    return await storage.communities.add(db, None, CommunityKind.NETWORK, "Bakı", "az", "Asia/Baku", "az")


@pytest.fixture
async def school(db: Connection, network: Community) -> Community:
    return await storage.communities.add(db, network, CommunityKind.SCHOOL, "12", "az", "Asia/Baku", "az")


async def person(db: Connection, address: str) -> int:
    return (await storage.persons.meet(db, "telegram", address, "az", "Asia/Baku")).person.id


async def test_the_path_leads_from_the_root(db: Connection, network: Community, school: Community) -> None:
    assert school.path == f"/{network.id}/{school.id}/"
    assert [one.name for one in await storage.communities.ancestors(db, school.path)] == ["Bakı", "12"]


async def test_leaders_are_the_nearest_and_none_is_left_out(
    db: Connection, network: Community, school: Community
) -> None:
    owner, head, chair = [await person(db, address) for address in "123"]
    await storage.communities.add_member(db, owner, network.id, Role.COORDINATOR, "Owner", NOW)
    assert await storage.communities.leaders(db, school.path, NOW) == [owner]
    await storage.communities.add_member(db, head, school.id, Role.COORDINATOR, "Head", NOW)
    await storage.communities.add_member(db, chair, school.id, Role.CHAIR, "Chair", NOW)
    await storage.communities.add_member(db, head, school.id, Role.PARENT, "Head", NOW)
    assert await storage.communities.leaders(db, school.path, NOW) == [head, chair]
    nearest = await storage.communities.nearest(db, school.path, NOW, frozenset({Role.CHAIR}), but=chair)
    assert nearest == []
    above = await storage.communities.nearest(db, school.path, NOW, frozenset({Role.COORDINATOR}), but=head)
    assert [one.person_id for one in above] == [owner]


async def test_an_expired_leader_leads_no_more(db: Connection, network: Community) -> None:
    owner = await person(db, "1")
    await storage.communities.add_member(
        db, owner, network.id, Role.COORDINATOR, "Owner", NOW, until=NOW + timedelta(hours=1)
    )
    assert await storage.communities.leaders(db, network.path, NOW + timedelta(hours=2)) == []


@pytest.mark.row("A2_bad_two_chairs")
async def test_the_database_holds_one_chair(db: Connection, school: Community) -> None:
    first, second = await person(db, "1"), await person(db, "2")
    assert await storage.communities.add_member(db, first, school.id, Role.CHAIR, "One", NOW) is not None
    assert await storage.communities.add_member(db, second, school.id, Role.CHAIR, "Two", NOW) is None
    waiting = await storage.communities.ask_to_join(db, second, school.id, Role.CHAIR, "Two", NOW)
    assert waiting is not None
    assert not await storage.communities.decide(db, waiting, "waiting", "active", first, NOW)


async def test_a_decision_is_made_once(db: Connection, school: Community) -> None:
    newcomer, leader = await person(db, "1"), await person(db, "2")
    waiting = await storage.communities.ask_to_join(db, newcomer, school.id, Role.PUPIL, "Aysel", NOW)
    assert waiting is not None
    assert await storage.communities.ask_to_join(db, newcomer, school.id, Role.PUPIL, "Aysel", NOW) is None
    assert await storage.communities.decide(db, waiting, "waiting", "declined", leader, NOW)
    assert not await storage.communities.decide(db, waiting, "waiting", "active", leader, NOW)
    again = await storage.communities.ask_to_join(db, newcomer, school.id, Role.PUPIL, "Aysel", NOW)
    assert again is not None
    assert not await storage.communities.decide(db, waiting, "declined", "waiting", leader, NOW)


async def test_a_name_is_known_in_the_nearest_community(db: Connection, network: Community, school: Community) -> None:
    someone = await person(db, "1")
    await storage.communities.add_member(db, someone, network.id, Role.COORDINATOR, "Rəna Q.", NOW)
    assert await storage.communities.known_as(db, someone, school.path) == "Rəna Q."
    member = await storage.communities.add_member(db, someone, school.id, Role.PARENT, "Rəna", NOW)
    assert await storage.communities.known_as(db, someone, school.path) == "Rəna"
    assert member is not None
    await storage.communities.save_called(db, member, someone + 1, "Another")
    assert await storage.communities.known_as(db, someone, school.path) == "Rəna"
    assert await storage.communities.known_as(db, 999, school.path) is None


# --- invites ----------------------------------------------------------------------------------------------------------


async def test_codes_are_of_the_alphabet_and_differ(db: Connection, school: Community) -> None:
    made = [(await storage.invites.make(db, school, None, None, 1, NOW + timedelta(days=1))).code for _ in range(50)]
    assert len(set(made)) == 50
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in made)
    assert len(await storage.invites.make_first(db, school.id, Role.COORDINATOR, NOW + timedelta(days=1))) == 16


@pytest.mark.row("A5_bad_over_limit")
@pytest.mark.row("A5_bad_revoked")
async def test_a_use_is_taken_only_while_the_invite_works(db: Connection, school: Community) -> None:
    maker = await person(db, "1")
    invite = await storage.invites.make(db, school, Role.TEACHER, maker, 2, NOW + timedelta(days=1))
    assert await storage.invites.take_use(db, invite.id, NOW)
    assert not await storage.invites.take_use(db, invite.id, NOW + timedelta(days=2))
    assert await storage.invites.take_use(db, invite.id, NOW)
    assert not await storage.invites.take_use(db, invite.id, NOW)
    assert await storage.invites.find_valid(db, invite.code, NOW) is None

    other = await storage.invites.make(db, school, None, maker, 2, NOW + timedelta(days=1))
    assert await storage.invites.valid_of(db, school.id, NOW) == [other]
    assert await storage.invites.revoke(db, other.id, NOW)
    assert not await storage.invites.revoke(db, other.id, NOW)
    assert not await storage.invites.take_use(db, other.id, NOW)
    assert await storage.invites.valid_of(db, school.id, NOW) == []


async def test_wrong_tries_count_for_an_hour_and_are_forgotten(db: Connection) -> None:
    someone = await person(db, "1")
    await storage.typed_codes.save_wrong_try(db, WrongTry("invite"), someone, NOW)
    assert await storage.typed_codes.wrong_tries(db, someone, "invite", NOW + timedelta(minutes=59)) == [NOW]
    assert await storage.typed_codes.wrong_tries(db, someone, "case", NOW) == []
    assert await storage.typed_codes.wrong_tries(db, someone, "invite", NOW + timedelta(minutes=61)) == []
    await jobs.forget_old_events(db, NOW + timedelta(hours=2))
    assert await db.value("SELECT COUNT(*) FROM wrong_tries") == 0


# --- hotline roles ----------------------------------------------------------------------------------------------------


async def test_a_proposal_is_open_once_and_decided_once(db: Connection, network: Community) -> None:
    one, two, three = [await person(db, address) for address in "123"]
    first = await storage.roles.propose(db, network.id, three, "Nigar", Role.WORKER, one, Role.SUPERVISOR, NOW)
    assert first is not None
    again = await storage.roles.propose(db, network.id, three, "Nigar", Role.WORKER, two, Role.COORDINATOR, NOW)
    assert again is None
    assert not await storage.roles.answer(db, first, State.ACTIVE, NOW)
    assert await storage.roles.decide(db, first, State.CONFIRMED, two, NOW)
    assert not await storage.roles.decide(db, first, State.REFUSED, two, NOW)
    assert await storage.roles.answer(db, first, State.ACTIVE, NOW)
    assert not await storage.roles.has_accepted_conduct(db, three, "1")
    assert await storage.roles.save_conduct(db, three, "1", NOW)
    assert not await storage.roles.save_conduct(db, three, "1", NOW)
    assert await storage.roles.has_accepted_conduct(db, three, "1")


# --- jobs -------------------------------------------------------------------------------------------------------------


async def test_expired_memberships_end_once_and_the_level_above_hears(
    db: Connection, network: Community, school: Community
) -> None:
    owner, chair, parent = [await person(db, address) for address in "123"]
    end = NOW + timedelta(hours=1)
    await storage.communities.add_member(db, owner, network.id, Role.COORDINATOR, "Owner", NOW)
    await storage.communities.add_member(db, chair, school.id, Role.CHAIR, "Chair", NOW, until=end)
    await storage.communities.add_member(db, parent, school.id, Role.PARENT, "Parent", NOW, until=end)
    assert await jobs.end_expired_memberships(db, NOW) == []
    said = await jobs.end_expired_memberships(db, end)
    assert [one.to for one in said if isinstance(one, Say)] == [ToPerson(chair), ToPerson(owner), ToPerson(parent)]
    assert await jobs.end_expired_memberships(db, end) == []


async def test_old_events_are_forgotten(db: Connection) -> None:
    await storage.inbox.save_outcomes(db, "telegram", {"1": "done"}, NOW)
    await jobs.forget_old_events(db, NOW + timedelta(days=7))
    assert await storage.inbox.seen(db, "telegram", ["1"]) == {"1": "done"}
    await jobs.forget_old_events(db, NOW + timedelta(days=9))
    assert await storage.inbox.seen(db, "telegram", ["1"]) == {}


async def test_drafts_are_dropped_after_a_day(db: Connection) -> None:
    known = await storage.persons.meet(db, "telegram", "1", "az", "Asia/Baku")
    await db.run(
        "INSERT INTO conversations (identity_id, token, state, touched_on) VALUES (:id, 1, :state, :at)",
        id=known.identity.id,
        state=b"sealed",
        at=int(NOW.timestamp()) * 1_000_000,
    )
    await jobs.drop_old_drafts(db, NOW + timedelta(hours=23))
    assert await db.value("SELECT state FROM conversations") == b"sealed"
    await jobs.drop_old_drafts(db, NOW + timedelta(hours=25))
    assert await db.value("SELECT state FROM conversations") is None
