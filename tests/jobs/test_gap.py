"""After 20 hours without contact everyone in a conversation with the hotline is asked: once, harmlessly, by day."""

from datetime import datetime, timedelta

import pytest

import jobs.cases
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
async def test_who_has_an_open_report_is_asked_and_nobody_else(scene: Hotline) -> None:
    world = scene.world
    await report(scene.pupil, "They take my money.")
    await gap(world)
    await world.tick()

    (told,) = asked(scene.pupil)
    assert told == f"{ASKED} If a message got no answer, it can simply be sent again."
    assert scene.pupil.last.labels == []
    others = [one for one in world.talkers.values() if one is not scene.pupil]
    assert [one.person.name for one in others if asked(one)] == []
    await world.tick()
    assert len(asked(scene.pupil)) == 1
    # No row of it can be joined to her: the case lane, a key that is a mark, no place.
    (row,) = await world.rows("SELECT lane, place, person_id, dedupe_key FROM deliveries WHERE dedupe_key IS NOT NULL")
    assert (row["lane"], row["place"], row["person_id"]) == (0, None, None)
    assert int(row["dedupe_key"], 16)


async def test_the_next_gap_asks_again(scene: Hotline) -> None:
    await report(scene.pupil, "They take my money.")
    await gap(scene.world)
    await scene.world.tick()
    await scene.world.later(hours=30)
    await gap(scene.world)
    await scene.world.tick()
    assert len(asked(scene.pupil)) == 2


async def test_who_has_begun_a_report_is_asked_and_one_with_both_only_once(scene: Hotline) -> None:
    world = scene.world
    for pupil in (scene.pupil, await add_member(world, scene.school.class_a, Role.PUPIL, "Second")):
        if pupil is scene.pupil:
            await report(pupil, "They take my money.")
        await pupil.says("/hotline")
        await pupil.taps("I have read it")
        await pupil.says("They wait for me")
    await gap(world)
    await world.tick()

    assert len(asked(scene.pupil)) == 1
    assert len(asked(world.talkers["Second"])) == 1


async def test_a_closed_report_is_over(scene: Hotline) -> None:
    await scenes.taken(scene)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET state = 'closed'")
    await gap(scene.world)
    await scene.world.tick()
    assert asked(scene.pupil) == []


async def test_she_who_chose_so_is_never_written_to_first(scene: Hotline) -> None:
    pupil = scene.pupil
    await pupil.says("/hotline")
    await pupil.taps("I have read it")
    for label in ("Skip", "Skip", "Skip", "Only after I write", "Send"):
        await pupil.taps(label)
    await report(pupil, "And another thing.")  # may be answered at any time: the stricter choice counts
    await gap(scene.world)
    await scene.world.tick()
    assert asked(pupil) == []


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
    monkeypatch.setattr(jobs.cases, "_ASKED_AT_ONCE", 2)
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
            said = await jobs.cases.ask_after_gap(db, world.now)
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
