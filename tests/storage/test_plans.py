"""No hot question reads a whole table that grows, on either database.

The statements are those that the hot flows really run: every one is recorded, then explained. SQLite plans the same
whatever its tables hold. PostgreSQL reads a small table whole whatever its indexes, and filling a big one takes long:
there sequential scans and the joins that read whole tables are forbidden, so that one that is left has no index
to go by.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

import jobs.outbox
import jobs.retention
import jobs.spent
import storage.outgoings
from domain.messages import ToAudience
from domain.roles import Role
from jobs.schedule import TICKS
from storage.database import Connection, is_postgres, looking
from storage.postgres import PostgresConnection
from storage.sqlite import SqliteConnection
from tests.cast import World
from tests.conversations.communities.codes import code
from tests.conversations.test_announcements import sent
from tests.conversations.test_attendance import ON_TIME
from tests.conversations.test_attendance import door as code_of_door
from tests.conversations.test_campaigns import planned, with_post
from tests.conversations.test_challenges import DID_IT, a_challenge
from tests.conversations.test_meetings import called, meeting_id
from tests.conversations.test_minutes import decides
from tests.conversations.test_newsletters import drafted
from tests.conversations.test_polls import a_poll, poll_in
from tests.conversations.test_questions import asks, dialogue
from tests.conversations.test_reporters import answers, chooses, code_of, comes_back
from tests.conversations.test_stories import told
from tests.scenes import Hotline, School, group, hotline, report, school, take

# These hold a few rows for ever, or one for each who works for the hotline; votes are kept for minutes, destroyed keys
# until they are on the list beside the ring.
SMALL = {
    "notes_of_operation",
    "alembic_version",
    "pauses",
    "kept_votes",
    "destroyed_keys",
    "pins",
    "page_addresses",
}
# Once in ten minutes they look through all that was said to many, and for cases whose key a restore left out; once an
# hour through announcements, offers and mutes, of which there are thousands: an index would cost more at each write.
RARE = {jobs.outbox.clear_spent, jobs.retention.destroy_what_is_due, jobs.spent.forget}
# What the scenes ask themselves.
OF_TESTS = {"SELECT MAX(id) AS id FROM challenges", "SELECT person_id FROM identities WHERE address = :address"}
Recorded = dict[str, Mapping[str, Any]]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Every statement that was run, with values it was run with."""
    found: Recorded = {}
    for connection in (SqliteConnection, PostgresConnection):
        _record(connection, found, monkeypatch)
    return found


def _record(connection: type[Connection], found: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    all_rows, many = connection.all, connection.many

    async def recording_all(self: Connection, sql: str, **values: Any) -> Any:
        found[sql] = values
        return await all_rows(self, sql, **values)

    async def recording_many(self: Connection, sql: str, rows: Any) -> None:
        given = list(rows)
        if given:
            found[sql] = given[0]
        await many(self, sql, given)

    monkeypatch.setattr(connection, "all", recording_all)
    monkeypatch.setattr(connection, "many", recording_many)


async def live_a_day(world: World) -> None:
    """What thousands do, and the jobs that answer it."""
    staff = await hotline(world)
    scene = staff.school
    parent, pupil = scene.parents[0], scene.pupils[0]
    chat = await group(scene, scene.class_a)
    await parent.starts()
    await parent.says("/home")
    newcomer = world.person("Newcomer")
    await newcomer.starts((await code(world, scene.class_a, scene.head)).code)
    await newcomer.taps("Pupil")
    await newcomer.says("Aysel Əliyeva")
    await scene.head.taps("Accept")
    await a_challenge(scene)
    await pupil.taps("Join")
    await pupil.taps(DID_IT)
    await called(scene)
    await parent.taps("Going")
    await a_poll(scene)
    await parent.votes(poll_in(chat), 0)
    await sent(scene)
    await parent.taps("I have read it")
    await parent.says("hello", chat)
    await scene.coordinator.says("/home")
    for door in ("Məktəb 12", "Who is missing", "5B: parents", "🖨 Poster"):
        await scene.coordinator.taps(door)
    await scene.coordinator.forges(f"i.posters:{scene.school.id}")
    await planned(scene.coordinator)
    await with_post(scene.coordinator)
    await told(parent)
    await scene.head.taps("Publish")
    await drafted(scene.coordinator, "This month")
    await report(staff.pupil, "They take my money.")
    await take(staff.worker)
    await staff.worker.taps("More")
    for door in ("Same event", "Notes"):
        await staff.worker.taps(door, message=staff.worker.find("Who is it?"))
    await staff.worker.taps("Who is it?")
    await staff.worker.says("The doctor must know")
    await staff.worker.says("/queue")
    await staff.supervisor.says("/queue")
    await answered_comes_back_and_erases(staff)
    for hours in (1, 24, 24 * 5):
        await world.later(hours=hours)
    await before_and_after_a_meeting(world, scene)


async def before_and_after_a_meeting(world: World, scene: School) -> None:
    await dialogue(scene)
    await asks(scene.pupils[0], "Why is there no library?")
    await asks(scene.parents[0], "Is there a library?")
    await scene.parents[0].taps("👍")
    for data in ("q:1", "q.same:1", "q.merge:1:2", "q.answer:2"):
        await scene.head.forges(data)
    await scene.head.says("In May")
    await world.at(ON_TIME)
    await scene.parents[0].says(await code_of_door(scene))
    await scene.head.taps("+1 Pupils")
    await decides(scene, "Buy the tickets", "Parent0")
    await scene.head.forges(f"mn.new:{await meeting_id(world)}")
    await scene.head.says("We talked about the trip.")
    await scene.parents[0].says("/meetings")
    for label in ("Minutes", "My tasks", "Buy the tickets", "✓ Done", "Skip"):
        await scene.parents[0].taps(label)
    await world.later(hours=17)
    await scene.parents[0].taps("🙂")
    await world.later(days=8)


async def answered_comes_back_and_erases(staff: Hotline) -> None:
    await chooses(staff.pupil, "Only after I write", "Line: book")
    await answers(staff.worker)
    await staff.pupil.says("/mycases")
    await staff.pupil.taps("Read")
    await comes_back(staff.pupil, "1234 5678 1234 5678")
    await comes_back(staff.pupil, code_of(staff.pupil))
    await staff.pupil.taps("New code")
    await staff.pupil.taps("I wrote it down")
    await staff.pupil.taps("Erase here")
    await staff.pupil.taps("Yes, erase")


async def test_no_hot_statement_scans_a_table_that_grows(
    world: World, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduler.TICKS", [tick for tick in TICKS if tick.job not in RARE])
    await live_a_day(world)
    statements = {sql: values for sql, values in recorded.items() if _is_question(sql)}
    assert len(statements) > 100
    bad = []
    async with _asking(world.url) as db:
        partial = await _partial_indexes(db, world.url)
        for sql, values in statements.items():
            scans = await _scans(db, sql, values, partial, on_server=is_postgres(world.url))
            bad += [f"{scan}: {' '.join(sql.split())}" for scan in scans]
    assert not bad, "\n".join(bad)


async def test_all_parents_of_the_district_are_found_by_one_indexed_question(world: World, recorded: Recorded) -> None:
    scene = await school(world)
    parents = ToAudience(scene.district.id, (Role.PARENT.value,))
    async with world.birge.database.writing() as db:
        recorded.clear()
        found = await storage.outgoings.audience_ids(db, parents, world.now)
        [(sql, values)] = recorded.items()
    async with _asking(world.url) as db:
        assert await _scans(db, sql, values, set(), on_server=is_postgres(world.url)) == []
    assert len(found) == len(scene.parents) + 1  # and one of another school


@contextlib.asynccontextmanager
async def _asking(url: str) -> AsyncIterator[Connection]:
    """A connection beside the bot, which goes on with its work: a long transaction would be in its way. Without the
    ways in which a server reads small tables whole, the indexes show."""
    async with looking(url) as db:
        if is_postgres(url):
            for way in ("seqscan", "hashjoin", "mergejoin"):
                await db.run(f"SET enable_{way} = off")
        yield db


def _is_question(sql: str) -> bool:
    first = sql.lstrip().split(None, 1)[0].upper()
    return first in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} and sql not in OF_TESTS


async def _partial_indexes(db: Connection, url: str) -> set[str]:
    """They hold only what waits, however large their tables are."""
    if is_postgres(url):
        rows = await db.all("SELECT indexname::text AS name FROM pg_indexes WHERE indexdef LIKE '% WHERE %'")
    else:
        rows = await db.all("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'")
    return {row["name"] for row in rows}


async def _scans(
    db: Connection, sql: str, values: Mapping[str, Any], partial: set[str], *, on_server: bool
) -> list[str]:
    if on_server:
        plan = (await db.value(f"EXPLAIN (FORMAT JSON, COSTS OFF) {sql}", **values))[0]["Plan"]
        return list(_server_scans(plan, partial))
    aliases = {alias: table for table, alias in re.findall(r"(\w+)\s+AS\s+(\w+)", sql)}
    rows = await db.all(f"EXPLAIN QUERY PLAN {sql}", **values)
    # Tables that a statement doesn't name are looked through for a foreign key, and only if one is broken already.
    there = {row["name"] for row in await db.all("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    tables = there & set(re.findall(r"\w+", sql)) - SMALL
    return list(_file_scans([row["detail"] for row in rows], aliases, tables, partial))


def _file_scans(details: list[str], aliases: Mapping[str, str], tables: set[str], partial: set[str]) -> Iterator[str]:
    for detail in details:
        found = re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", detail)
        if found and aliases.get(found[1], found[1]) in tables and found[2] not in partial:
            yield detail


def _server_scans(plan: Mapping[str, Any], partial: set[str], *, is_few: bool = False) -> Iterator[str]:
    table = plan.get("Relation Name")
    # The first few along an index are no scan: MAX(id) is asked so.
    few = {id(below) for below in plan.get("Plans", ()) if plan["Node Type"] == "Limit"}
    whole = plan["Node Type"] == "Seq Scan" or (
        plan["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
        and "Index Cond" not in plan
        and plan["Index Name"] not in partial
        and not is_few
    )
    if whole and table not in SMALL:
        yield f"{plan['Node Type']} of {table or plan.get('Index Name')}"
    for below in plan.get("Plans", ()):
        yield from _server_scans(below, partial, is_few=id(below) in few)
