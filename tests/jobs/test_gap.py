"""After 20 hours without contact everybody is asked: once, harmlessly, by day, whether there is a report or not."""

from datetime import datetime, timedelta

import pytest

import jobs.gap
import storage.operation
from domain.cases import Answers, may_write_at
from domain.roles import Role
from tests import scenes
from tests.cast import START, Talker, World
from tests.scenes import Hotline, add_member, report

ASKED = "I could not be reached for a while."
ZONE = "Asia/Baku"


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


async def gap(world: World) -> None:
    """The messenger is heard again after 21 hours."""
    async with world.birge.database.writing() as db:
        now = world.now
        await storage.operation.note_contact(db, now - timedelta(hours=21))
        assert await storage.operation.note_contact(db, now) == timedelta(hours=21)


def asked(talker: Talker) -> list[str]:
    return [one.text for one in talker.messages if ASKED in one.text]


@pytest.mark.rule(11)
@pytest.mark.rule(20)
async def test_two_phones_side_by_side_tell_nothing(scene: Hotline) -> None:
    """Who has a report, who has begun one, who wants to be written to later or never, and who has none."""
    world, school = scene.world, scene.school
    await report(scene.pupil, "They take my money.")
    begun, shy, none = [await add_member(world, school.class_a, Role.PUPIL, name) for name in ("A", "B", "C")]
    await begun.says("/hotline")
    await begun.taps("I have read it")
    await begun.says("They wait for me")
    await shy.says("/hotline")
    await shy.taps("I have read it")
    for label in ("Skip", "Skip", "Skip", "Only after I write", "Send"):
        await shy.taps(label)
    await gap(world)
    await world.tick()

    phones = [asked(one) for one in (scene.pupil, begun, shy, none, school.parents[0])]
    assert phones == [[f"{ASKED} If a message got no answer, it can simply be sent again."]] * 5
    assert scene.pupil.last.labels == []
    await world.tick()
    assert [len(asked(one)) for one in world.talkers.values()] == [1] * len(world.talkers)
    # No row of it can be joined to anybody: the case lane, a key that is a mark, no place.
    rows = await world.rows("SELECT lane, place, person_id, dedupe_key FROM deliveries WHERE dedupe_key IS NOT NULL")
    assert len(rows) == len(world.talkers)
    assert {(row["lane"], row["place"], row["person_id"]) for row in rows} == {(0, None, None)}
    assert all(int(row["dedupe_key"], 16) for row in rows)


async def test_the_next_gap_asks_again(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    await gap(scene.world)
    await scene.world.tick()
    await scene.world.later(hours=30)
    await gap(scene.world)
    await scene.world.tick()
    assert len(asked(scene.pupil)) == 2


async def test_who_can_not_be_reached_is_left_out(scene: Hotline) -> None:
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE identities SET unreachable = 'blocked' WHERE address = :a", a=str(scene.pupil.person.id))
    await gap(scene.world)
    await scene.world.tick()
    assert asked(scene.pupil) == []
    assert len(asked(scene.worker)) == 1


async def test_in_her_quiet_hours_she_is_asked_later(scene: Hotline) -> None:
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE persons SET quiet_from = 480, quiet_until = 660")  # 8:00 to 11:00
    await gap(scene.world)  # at 9:00
    await scene.world.tick()
    assert asked(scene.pupil) == []
    await scene.world.at(START.replace(hour=7))
    assert len(asked(scene.pupil)) == 1


async def test_at_night_it_waits_for_the_day(scene: Hotline) -> None:
    world = scene.world
    await report(scene.pupil, "They take my money.")
    await world.at(START.replace(hour=19))  # 23:00 in Baku
    await gap(world)
    await world.tick()
    assert asked(scene.pupil) == []
    await world.at(START.replace(day=2, hour=5))
    assert len(asked(scene.pupil)) == 1


async def test_a_crash_in_the_middle_asks_nobody_twice_and_forgets_nobody(
    scene: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scene.world
    monkeypatch.setattr(jobs.gap, "_ASKED_AT_ONCE", 4)
    pupils = [await add_member(world, scene.school.class_a, Role.PUPIL, f"Child{n}") for n in range(5)]
    for pupil in pupils:
        await report(pupil, "They take my money.")
    await gap(world)
    steps = 0
    while await said_by_one_look(world, crash=True):
        assert await said_by_one_look(world, crash=False)
        steps += 1
        assert steps < 10
    await world.settle()
    assert [len(asked(pupil)) for pupil in pupils] == [1] * 5


async def said_by_one_look(world: World, *, crash: bool) -> bool:
    """One look of the job; whether there was anything to do. A crash comes before the commit."""
    from bot import outgoing

    class Killed(Exception):  # noqa: N818
        pass

    async with world.birge.database.reading() as db:
        before = await storage.operation.asking(db)
    try:
        async with world.birge.database.writing() as db:
            said = await jobs.gap.ask_after_gap(db, world.now)
            await outgoing.store(db, world.birge.renderer, said, None, world.now)
            if crash:
                raise Killed
    except Killed:
        pass
    world.birge.sender.wake()
    return before is not None


@pytest.mark.parametrize(
    ("when", "at", "may"),
    [
        (None, "2026-12-01 10:00", "2026-12-01 10:00"),
        ("any", "2026-12-01 21:00", "2026-12-02 09:00"),
        ("any", "2026-12-01 03:00", "2026-12-01 09:00"),
        ("afternoon", "2026-12-01 10:00", "2026-12-01 14:00"),
        ("afternoon", "2026-12-01 17:59", "2026-12-01 17:59"),
        ("evening", "2026-12-31 21:30", "2027-01-01 18:00"),
        ("after_me", "2026-12-01 10:00", None),
    ],
)
def test_when_we_may_write_of_our_own_accord(when: str | None, at: str, may: str | None) -> None:
    def moment(local: str) -> datetime:
        return datetime.fromisoformat(f"{local}+04:00")

    found = may_write_at(Answers(when=when), ZONE, moment(at))
    assert found == (None if may is None else moment(may))
