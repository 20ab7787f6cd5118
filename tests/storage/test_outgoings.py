from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import storage.communities
import storage.outbox
import storage.outgoings
import storage.persons
from domain.messages import ASKER, Lane, Say, Subject, ToAudience, text
from domain.roles import Role
from storage.database import Database
from storage.outgoings import Reach
from tests.storage.conftest import NOW
from tests.storage.people import person, school


def body(language: str, zone: str) -> Mapping[str, Any]:
    return {"html": f"{language} {zone}", "buttons": []}


def to_many(community_id: int, *roles: Role, subtree: bool = True, **more: Any) -> Say:
    to = ToAudience(community_id, tuple(roles), subtree)
    return Say(text("Hello"), to=to, lane=Lane.BROADCAST, card="announcement:17", **more)


async def expand_all(database: Database, most: int = 2) -> list[int]:
    """How many deliveries each step wrote."""
    steps = []
    for _ in range(20):
        async with database.writing() as db:
            for outgoing in await storage.outgoings.expanding(db):
                steps.append(await storage.outgoings.expand(db, outgoing, NOW, most))
    return steps


async def deliveries(database: Database) -> list[tuple[int, str, str | None]]:
    async with database.reading() as db:
        rows = await db.all("SELECT person_id, state, reason FROM deliveries ORDER BY id")
    return [(row["person_id"], row["state"], row["reason"]) for row in rows]


async def test_reach_counts_each_person_once(database: Database) -> None:
    async with database.writing() as db:
        twelve, first, second = await school(db)
        await person(db, "1", (first, Role.PARENT), (second, Role.PARENT))
        await person(db, "2", (first, Role.PUPIL))
        await person(db, "3", (twelve, Role.TEACHER))
        await person(db, "4", (first, Role.PARENT), (twelve, Role.WORKER))
        for address, why in (("2", "never_started"), ("3", "blocked")):
            await storage.persons.mark_unreachable(db, "telegram", address, why)

        async def reach(*roles: Role, where: int = twelve.id, subtree: bool = True) -> Reach:
            return await storage.outgoings.reach(db, ToAudience(where, roles, subtree), NOW)

        assert await reach() == Reach(4, 1, 1)
        assert (await reach()).now == 2
        assert await reach(Role.PARENT) == Reach(2, 0, 0)
        assert await reach(Role.PARENT, Role.PUPIL) == Reach(3, 0, 1)
        assert await reach(subtree=False) == Reach(1, 1, 0)
        assert await reach(Role.WORKER) == Reach(0, 0, 0)
        assert await reach(where=second.id) == Reach(1, 0, 0)
        assert await reach(where=99) == Reach(0, 0, 0)
        assert await storage.outgoings.audience_ids(db, ToAudience(twelve.id), NOW) == [1, 2, 3, 4]
        assert await storage.outgoings.audience_ids(db, ToAudience(twelve.id), NOW, after=1, most=2) == [2, 3]


async def test_whoever_left_or_whose_role_ended_is_not_reached(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        await person(db, "2", (first, Role.PARENT))
        one, two = await storage.communities.members(db, first.id)
        await storage.communities.save_until(db, one.membership_id, NOW + timedelta(days=1))
        await storage.communities.end(db, two.membership_id)

        to = ToAudience(first.id)
        assert (await storage.outgoings.reach(db, to, NOW)).persons == 1
        assert (await storage.outgoings.reach(db, to, NOW + timedelta(days=2))).persons == 0


async def test_every_person_gets_one_delivery_however_it_is_cut(database: Database) -> None:
    async with database.writing() as db:
        twelve, first, second = await school(db)
        for number in range(1, 6):
            await person(db, str(number), (first, Role.PARENT), (second, Role.PARENT))
        await storage.persons.mark_unreachable(db, "telegram", "4", "blocked")
        await storage.outgoings.save(db, to_many(twelve.id), body, NOW)

    assert await expand_all(database) == [2, 2, 1]
    assert await deliveries(database) == [
        (1, "waiting", None),
        (2, "waiting", None),
        (3, "waiting", None),
        (4, "failed", "blocked"),
        (5, "waiting", None),
    ]


async def test_a_chunk_that_is_written_twice_doubles_nothing(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        await person(db, "2", (first, Role.PARENT))
        await storage.outgoings.save(db, to_many(first.id), body, NOW)
        (outgoing,) = await storage.outgoings.expanding(db)
        await storage.outgoings.expand(db, outgoing, NOW, 10)
        await storage.outgoings.expand(db, outgoing, NOW, 10)

    assert [number for number, *_ in await deliveries(database)] == [1, 2]


async def test_somebody_without_an_identity_does_not_cut_the_others_off(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        for number in range(1, 4):
            await person(db, str(number), (first, Role.PARENT))
        await db.run("DELETE FROM identities WHERE person_id = 1")
        await storage.outgoings.save(db, to_many(first.id), body, NOW)

    await expand_all(database)
    assert [number for number, *_ in await deliveries(database)] == [2, 3]


async def test_the_reachable_identity_is_preferred(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        number = await person(db, "old", (first, Role.PARENT))
        await db.run(
            "INSERT INTO identities (person_id, channel, address) VALUES (:number, 'telegram', 'new')", number=number
        )
        await storage.persons.mark_unreachable(db, "telegram", "old", "deactivated")
        await storage.outgoings.save(db, to_many(first.id), body, NOW)
        assert (await storage.outgoings.reach(db, ToAudience(first.id), NOW)).now == 1

    await expand_all(database)
    async with database.reading() as db:
        (one,) = await storage.outbox.waiting(db, Lane.BROADCAST, NOW, [], 10)
    assert one.place == "telegram:new"


async def test_everybody_reads_it_in_her_language_and_zone(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        await person(db, "2", (first, Role.PARENT), language="kk", zone="Asia/Almaty")
        await person(db, "3", (first, Role.PARENT))
        await storage.outgoings.save(db, to_many(first.id), body, NOW)
        assert await db.value("SELECT COUNT(*) FROM outgoing_bodies") == 2
        # After it was said: one moves to another zone, one changes to a language nobody had, one is new.
        await storage.persons.save_zone(db, 2, "Europe/Kyiv")
        await storage.persons.save_language(db, 3, "uk")
        await person(db, "4", (first, Role.PARENT), language="kk", zone="Asia/Almaty")

    await expand_all(database)
    async with database.reading() as db:
        said = await storage.outbox.waiting(db, Lane.BROADCAST, NOW, [], 10)
    assert [(one.place, one.body["html"]) for one in said] == [
        ("telegram:1", "az Asia/Baku"),
        ("telegram:2", "kk Asia/Almaty"),
        ("telegram:3", "az Asia/Baku"),
        ("telegram:4", "kk Asia/Almaty"),
    ]


async def test_the_first_to_join_an_empty_audience_gets_no_empty_message(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await storage.outgoings.save(db, to_many(first.id), body, NOW)
        await person(db, "1", (first, Role.PARENT))

    await expand_all(database)
    assert await deliveries(database) == [(1, "failed", "no_words")]


async def test_an_edit_reaches_the_copy_that_waits(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        await person(db, "2", (first, Role.PARENT))
        await storage.outgoings.save(db, to_many(first.id), body, NOW)
    await expand_all(database)

    edit = storage.outbox.Draft("edit", "telegram:1", {"html": "corrected"}, Lane.BROADCAST, "announcement:17")
    async with database.writing() as db:
        await storage.outbox.enqueue(db, [edit], NOW)
        said = await storage.outbox.waiting(db, Lane.BROADCAST, NOW, [], 10)
    assert [one.body["html"] for one in said] == ["corrected", "az Asia/Baku"]


async def test_the_same_announcement_is_said_once(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        say = to_many(first.id, dedupe_key="announcement:17", subject=Subject("announcement", 17, 1))
        await storage.outgoings.save(db, say, body, NOW)
        await storage.outgoings.save(db, say, body, NOW)
        (outgoing,) = await storage.outgoings.expanding(db)
        assert (outgoing["subject_kind"], outgoing["subject_id"]) == ("announcement", 17)
        with pytest.raises(TypeError, match="needs an audience"):
            await storage.outgoings.save(db, replace(say, to=ASKER), body, NOW)


async def test_a_moved_meeting_moves_what_waits_about_it(database: Database) -> None:
    later = NOW + timedelta(days=1)
    async with database.writing() as db:
        _, first, _ = await school(db)
        await person(db, "1", (first, Role.PARENT))
        for number in (17, 18):
            say = to_many(first.id, subject=Subject("meeting", number), not_after=NOW)
            await storage.outgoings.save(db, replace(say, card=f"meeting:{number}"), body, NOW)
    await expand_all(database)
    async with database.writing() as db:
        await storage.outgoings.save_not_after(db, Subject("meeting", 17), later)
        said = await storage.outbox.waiting(db, Lane.BROADCAST, NOW, [], 10)
    assert [one.not_after for one in said] == [later, NOW]
