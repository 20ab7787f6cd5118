"""Rule 15 and F7: to whom a case is not there, nothing tells that it is.

For every route of the staff, found in the tables of handlers.routes: what somebody who is kept out gets with the case
there is byte for byte what she gets without it, by the same sequence of SQL statements. A new route needs a line in
SCENES.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import storage.cases
import storage.conversations
from domain.roles import Role
from handlers import routes
from handlers.route import Route
from storage.database import Connection
from storage.postgres import PostgresConnection
from storage.sqlite import SqliteConnection
from tests import scenes
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.scenes import Hotline, add_member, person_id_of, report, take

NOT_HERE = "You can't do this here. /home shows what you can do."
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
SECRET = "They take my money behind the gym"
UNKNOWN = "000000"


@dataclass(frozen=True)
class Target:
    """What a forged button names: the case, or (without it) what there isn't."""

    case: int = 424_242_424_242
    number: str = UNKNOWN
    part: int = 434_343_434_343
    ask: int = 444_444_444_444  # what a second person is asked
    person: int = 1  # of the reporter
    other: int = 2  # of a colleague


Scene = Callable[["Watcher", Target], Awaitable[Any]]


def says(words: str) -> Scene:
    async def act(watcher: "Watcher", target: Target) -> None:
        await watcher.talker.says(words.format(**vars(target)))

    return act


def taps(data: str) -> Scene:
    async def act(watcher: "Watcher", target: Target) -> None:
        await watcher.talker.forges(data.format(**vars(target)))

    return act


def in_step(step: str, act: str, **draft: Any) -> Scene:
    """While the bot waits for her words about the case: `act` is what she says, or taps (with the token)."""

    async def go(watcher: "Watcher", target: Target) -> None:
        token = await watcher.expect(step, {"case": target.case, **draft})
        if act.startswith("tap "):
            await watcher.talker.forges(f"{act[4:]}:{token}")
        else:
            await watcher.talker.says(act)

    return go


ANSWER, CLOSE = "cs.say", "cs.close"

# What is done by whoever must not know of the case, for each route of the staff. {case}, {number}, {part}, {person} and
# {other} name what is in the case, or what isn't there.
SCENES: dict[str, tuple[Scene, ...]] = {
    "command queue": (says("/queue"),),
    "button queue": (taps("queue"), taps("queue:{case}")),
    "command case": (says("/case {number}"), says("/case"), says("/case {number} please")),
    "button cs": (taps("cs:{case}"),),
    "button cs.more": (taps("cs.more:{case}"),),
    "button cs.take": (taps("cs.take:{case}"),),
    "button cs.show": (taps("cs.show:{case}:{part}"), taps("cs.show:{case}")),
    "button cs.sex": (taps("cs.sex:{case}:{part}"),),
    "button cs.aside": (taps("cs.aside:{case}"),),
    "button cs.off": (taps("cs.off:{case}"),),
    "button cs.out": (taps("cs.out:{case}"),),
    "button cs.out.is": (taps("cs.out.is:{case}:{other}"),),
    "button cs.out.undo": (taps("cs.out.undo:{case}:{other}"),),
    "button cs.hand": (taps("cs.hand:{case}"),),
    "button cs.hand.to": (taps("cs.hand.to:{case}:{other}"),),
    "button cs.hand.take": (taps("cs.hand.take:{case}"),),
    "button cs.say": (taps("cs.say:{case}"),),
    "button cs.send": (in_step(ANSWER, "tap cs.send", words="Hello"),),
    "button cs.no": (in_step(ANSWER, "tap cs.no"),),
    "button cs.close": (taps("cs.close:{case}"),),
    "button cs.why": (taps("cs.why:{case}:helped"),),
    "button cs.shut": (in_step(CLOSE, "tap cs.shut", words="Done", reason="helped"),),
    "button cs.second": (taps("cs.second:{case}:{ask}"),),
    "button cs.agree": (taps("cs.agree:{case}:{ask}"),),
    "button cs.keep": (taps("cs.keep:{case}:{ask}"),),
    "button cs.queue": (taps("cs.queue:0"), taps("cs.queue:1")),
    "button cs.resume": (taps("cs.resume:{case}"),),
    "button cs.sort": (taps("cs.sort:{case}"),),
    "button cs.kind": (taps("cs.kind:{case}:bullying"),),
    "button cs.risk": (taps("cs.risk:{case}:bullying:high"),),
    "button cs.low": (taps("cs.low:{case}:bullying:normal:calm"),),
    "button cs.ready": (taps("cs.ready:{case}:helplines"),),
    "button cs.notes": (taps("cs.notes:{case}"),),
    "button cs.note": (taps("cs.note:{case}"), taps("cs.note:{case}:{part}")),
    "button cs.event": (taps("cs.event:{case}"),),
    "button cs.join": (taps("cs.join:{case}:{case}"), taps("cs.join:424242:{case}")),
    "button cs.apart": (taps("cs.apart:{case}:{case}"),),
    "button cs.who": (taps("cs.who:{case}"),),
    "button cs.name": (taps("cs.name:{case}:{ask}"),),
    "button cs.break": (taps("cs.break:{case}:go"),),
    "button cf": (taps("cf:{case}"), taps("cf:{case}:{part}")),
    "button cf.new": (taps("cf.new:{case}"), taps("cf.new:{case}:{part}")),
    "button cf.when": (taps("cf.when:{case}"), taps("cf.when:{case}:{part}")),
    "button cf.who": (taps("cf.who:{case}"), taps("cf.who:{case}:{part}")),
    "button pl": (taps("pl:{case}"), taps("pl:{case}:{part}")),
    "button pl.ask": (taps("pl.ask:{case}"), taps("pl.ask:{case}:{part}")),
    "button pl.back": (taps("pl.back:{case}"), taps("pl.back:{case}:{part}")),
    "button pl.change": (taps("pl.change:{case}"), taps("pl.change:{case}:{part}")),
    "button pl.drop": (taps("pl.drop:{case}"), taps("pl.drop:{case}:{part}")),
    "button pl.new": (taps("pl.new:{case}"), taps("pl.new:{case}:{part}")),
    "button pl.ok": (taps("pl.ok:{case}"), taps("pl.ok:{case}:{part}")),
    "button pl.old": (taps("pl.old:{case}"), taps("pl.old:{case}:{part}")),
    "button pl.step": (taps("pl.step:{case}"), taps("pl.step:{case}:{part}")),
    "button pl.tick": (taps("pl.tick:{case}"), taps("pl.tick:{case}:{part}")),
    "button pp": (taps("pp:{case}"), taps("pp:{case}:{part}")),
    "button pp.ask": (taps("pp.ask:{case}"), taps("pp.ask:{case}:{part}")),
    "button pp.code": (taps("pp.code:{case}"), taps("pp.code:{case}:{part}")),
    "button pp.stop": (taps("pp.stop:{case}"), taps("pp.stop:{case}:{part}")),
    "button pp.yes": (taps("pp.yes:{case}"), taps("pp.yes:{case}:{part}")),
    "button rf": (taps("rf:{case}"), taps("rf:{case}:{part}")),
    "button rf.new": (taps("rf.new:{case}"), taps("rf.new:{case}:{part}")),
    "button rf.no": (taps("rf.no:{case}"), taps("rf.no:{case}:{part}")),
    "button rf.stop": (taps("rf.stop:{case}"), taps("rf.stop:{case}:{part}")),
    "button rf.tell": (taps("rf.tell:{case}"), taps("rf.tell:{case}:{part}")),
    "button rf.yes": (taps("rf.yes:{case}"), taps("rf.yes:{case}:{part}")),
    "button ag": (taps("ag:{part}"), taps("ag:{case}")),
    "button ag.say": (taps("ag.say:{part}"), taps("ag.say:{case}")),
    "button ag.yes": (taps("ag.yes:{part}"), taps("ag.yes:{case}")),
    "button au": (taps("au"), taps("au:{case}")),
    "button au.check": (taps("au.check"), taps("au.check:{case}")),
    "button au.log": (taps("au.log"), taps("au.log:{case}")),
    "button au.now": (taps("au.now"), taps("au.now:{case}")),
    "button hl.plan": (taps("hl.plan"), taps("hl.plan:{case}")),
    "button pl.mine": (taps("pl.mine"), taps("pl.mine:{case}")),
    "button fg.all": (taps("fg.all"), taps("fg.all:{case}")),
    "button fg": (taps("fg"), taps("fg:{case}")),
    "button fg.out": (taps("fg.out"), taps("fg.out:{case}")),
    "button lg.fine": (taps("lg.fine"), taps("lg.fine:{case}")),
    "button lg.odd": (taps("lg.odd"), taps("lg.odd:{case}")),
    "button m.pin": (taps("m.pin:{part}"),),
    "command audit": (says("/audit"), says("/audit {number}")),
    "command figures": (says("/figures"), says("/figures {number}")),
    "button pg": (taps("pg"),),
    "button pg.ask": (taps("pg.ask"),),
    "button pg.code": (taps("pg.code"),),
    "button pg.out": (taps("pg.out"),),
    "step pg.mail": (in_step("pg.mail", "nothing"),),
    "step cs.note": (in_step("cs.note", "She was here before", changes=None),),
    "step cs.who": (in_step("cs.who", "I must send help"),),
    "step cs.say": (in_step(ANSWER, "Hello"),),
    "step cs.close": (in_step(CLOSE, "Done", reason="helped"),),
}

# What is no route of the staff, but might tell of a case.
MORE: tuple[Scene, ...] = (
    says("/home"),
    says("/help"),
    says("/mycases"),
    says("Hello?"),
    taps("my:{case}"),
    taps("my.say:{case}"),
    taps("my.unsafe:{case}"),
    taps("my.face:{case}:1"),
)


def staffs_routes() -> dict[str, Route]:
    """Every way in to something of cases that isn't everybody's."""
    tables: dict[str, dict[str, Route]] = {
        "command": routes.COMMANDS,
        "start": routes.STARTS,
        "button": routes.BUTTONS,
        "step": routes.STEPS,
        "event": routes.EVENTS,
    }
    return {
        f"{table} {name}": route
        for table, named in tables.items()
        for name, route in named.items()
        if not route.may.anyone and route.confidential
    }


def test_every_route_of_the_staff_has_a_scene() -> None:
    assert set(SCENES) == set(staffs_routes())
    assert len(SCENES) > 20


# --- what is recorded -------------------------------------------------------------------------------------------------

_recorder: ContextVar[list[str] | None] = ContextVar("recorder", default=None)


@pytest.fixture(autouse=True)
def _recording(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement of an update's transaction goes to the recorder: not those of the sender and of jobs."""
    work = world.birge.pipeline._work

    async def recorded(db: Connection, *more: Any) -> Any:
        token = _recorder.set(STATEMENTS)
        try:
            return await work(db, *more)
        finally:
            _recorder.reset(token)

    monkeypatch.setattr(world.birge.pipeline, "_work", recorded)
    for connection in (SqliteConnection, PostgresConnection):
        _record(connection, monkeypatch)


STATEMENTS: list[str] = []


def _record(connection: type[Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    all_rows, many = connection.all, connection.many

    async def recording_all(self: Connection, sql: str, **values: Any) -> Any:
        if (found := _recorder.get()) is not None:
            found.append(f"{sql} {sorted(values)}")
        return await all_rows(self, sql, **values)

    async def recording_many(self: Connection, sql: str, rows: Any) -> None:
        given = list(rows)
        if (found := _recorder.get()) is not None:
            found.append(f"{sql} × {len(given)}")
        await many(self, sql, given)

    monkeypatch.setattr(connection, "all", recording_all)
    monkeypatch.setattr(connection, "many", recording_many)


@dataclass
class Watcher:
    """Somebody who must not know of the case, and all that she gets."""

    world: World
    talker: Talker
    identity_id: int = 0
    got: list[Any] = field(default_factory=list)

    async def expect(self, step: str, draft: dict[str, Any]) -> int:
        person_id = await person_id_of(self.world, self.talker)
        async with self.world.birge.database.writing() as db:
            [(identity_id, before)] = (await storage.conversations.of_person(db, person_id)).items()
            return await storage.conversations.expect(db, identity_id, before, step, draft, self.world.now)

    async def gets(self, act: Scene, target: Target) -> tuple[list[Any], list[str]]:
        """The calls of the messenger that an act makes, and its statements."""
        self.world.sandbox.clock.set(self.world.now + timedelta(seconds=10))  # nobody taps faster
        self.world.birge.clock.set_offset(self.world.sandbox.clock.offset)
        async with self.world.birge.database.writing() as db:  # every act begins with the same token
            await db.run("DELETE FROM conversations")
        STATEMENTS.clear()
        before = len(self.world.sandbox.calls)
        await act(self, target)
        calls = [
            (call.method, {name: value for name, value in call.params.items() if name not in _PASSING})
            for call in self.world.sandbox.calls[before:]
            if call.method not in ("getUpdates", "answerCallbackQuery")
        ]
        return calls, list(STATEMENTS)

    async def plays(self, target: Target) -> Iterator[tuple[str, Any]]:
        await self.talker.says("/queue")  # she has entered her PIN
        found = []
        for name, acts in (*SCENES.items(), ("more", MORE)):
            for number, act in enumerate(acts):
                found.append((f"{name} {number}", await self.gets(act, target)))
        return iter(found)


_PASSING = {"message_id", "callback_query_id"}


# --- who must not know of it ------------------------------------------------------------------------------------------


@dataclass
class Kept:
    """Somebody who is to be kept out, and what makes it so: it returns the case's number."""

    talker: Talker
    happens: Callable[[], Awaitable[str]]


async def worker_kept_out(scene: Hotline) -> Kept:
    async def happens() -> str:
        number = await report(scene.pupil, SECRET)
        await takes(scene.other_worker, number)
        await keep_out(scene.other_worker, "Leyla")
        return number

    return Kept(scene.worker, happens)


async def waiting_worker_kept_out(scene: Hotline) -> Kept:
    async def happens() -> str:
        number = await report(scene.pupil, SECRET)
        await scene.supervisor.says(f"/case {number}")
        await keep_out(scene.supervisor, "Leyla")
        return number

    return Kept(scene.worker, happens)


async def supervisor_kept_out(scene: Hotline) -> Kept:
    async def happens() -> str:
        number = await report(scene.pupil, SECRET)
        await scene.world.later(hours=3, minutes=1)  # she was called, too
        await take(scene.worker)
        await scene.worker.taps("More")
        await scene.worker.taps("Keep out")
        await scene.worker.taps("Rauf")
        await scene.other_worker.taps("Open")
        assert "Kept out from now on" in await scene.other_worker.taps("Keep out")
        return number

    return Kept(scene.supervisor, happens)


async def schools_worker(scene: Hotline, role: Role = Role.WORKER) -> Kept:
    talker = await add_member(scene.world, scene.school.school, role, "Lala")

    async def happens() -> str:
        number = await report(scene.pupil, SECRET, adult="Yes")
        await take(scene.worker)
        return number

    return Kept(talker, happens)


async def schools_supervisor(scene: Hotline) -> Kept:
    return await schools_worker(scene, Role.SUPERVISOR)


async def networks_worker_who_teaches_there(scene: Hotline) -> Kept:
    await scenes.belong(scene.world, scene.worker, scene.school.class_b, Role.TEACHER)

    async def happens() -> str:
        number = await report(scene.pupil, SECRET, adult="I am not sure")
        await takes(scene.other_worker, number)
        return number

    return Kept(scene.worker, happens)


async def who_stepped_aside(scene: Hotline) -> Kept:
    async def happens() -> str:
        number = await report(scene.pupil, SECRET)
        await scene.world.later(hours=2)  # called twice
        await take(scene.worker)
        await scene.worker.taps("Answer")
        await scene.worker.taps("I know these people")
        return number

    return Kept(scene.worker, happens)


async def takes(talker: Talker, number: str) -> None:
    """She takes a case that she was perhaps not called for."""
    await talker.says(f"/case {number}")
    await take(talker)


async def keep_out(talker: Talker, name: str) -> None:
    await talker.taps("More")
    await talker.taps("Keep out")
    assert "Kept out from now on" in await talker.taps(name)


KINDS = [
    worker_kept_out,
    waiting_worker_kept_out,
    supervisor_kept_out,
    schools_worker,
    schools_supervisor,
    networks_worker_who_teaches_there,
    who_stepped_aside,
]


async def target_of(scene: Hotline, number: str) -> Target:
    case = (await scene.world.rows("SELECT id FROM cases WHERE number = :number", number=number))[0]["id"]
    part = (await scene.world.rows("SELECT id FROM case_parts WHERE case_id = :id", id=case))[0]["id"]
    people = [await person_id_of(scene.world, one) for one in (scene.pupil, scene.other_worker)]
    return Target(case, number, part, 444_444_444_444, *people)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


@on_sqlite
@pytest.mark.rule(15)
@pytest.mark.row("F7")
@pytest.mark.parametrize("how", KINDS, ids=lambda one: one.__name__)
async def test_nothing_tells_that_the_case_is_there(scene: Hotline, how: Callable[[Hotline], Awaitable[Kept]]) -> None:
    await nothing_tells(scene, how)


@pytest.mark.rule(15)
async def test_nor_does_it_on_either_database(scene: Hotline) -> None:
    await nothing_tells(scene, worker_kept_out)


async def nothing_tells(scene: Hotline, how: Callable[[Hotline], Awaitable[Kept]]) -> None:
    kept = await how(scene)
    watcher = Watcher(scene.world, kept.talker)
    nothing = Target(person=await person_id_of(scene.world, scene.pupil))
    await watcher.plays(nothing)  # what is done once only is done
    without = dict(await watcher.plays(nothing))
    number = await kept.happens()
    target = await target_of(scene, number)
    assert all(number not in message.text for message in kept.talker.messages), "a notice was left"
    assert all(SECRET not in message.text for message in kept.talker.messages), "a copy was left"
    with_it = dict(await watcher.plays(target))
    for name, (calls, statements) in without.items():
        assert with_it[name][0] == calls, name
        assert with_it[name][1] == statements, name
    assert await watcher.gets(says("/case {number}"), target) == await watcher.gets(says("/case {number}"), nothing)
    before = len(kept.talker.messages)
    await scene.world.later(hours=30)
    assert all(number not in message.text for message in kept.talker.messages)
    assert len(kept.talker.messages) <= before


async def test_the_method_finds_somebody_who_may_know(scene: Hotline) -> None:
    """The same comparison fails for whoever isn't kept out."""
    watcher = Watcher(scene.world, scene.worker)
    await watcher.plays(Target())
    without = dict(await watcher.plays(Target()))
    number = await report(scene.pupil, SECRET)
    with_it = dict(await watcher.plays(await target_of(scene, number)))
    differing = {name for name in without if without[name] != with_it[name]}
    assert {"command queue 0", "command case 0", "button cs.take 0"} <= differing


# --- keeping somebody out ---------------------------------------------------------------------------------------------


async def state(world: World) -> tuple[str, Any]:
    row = (await world.rows("SELECT state, worker FROM cases"))[0]
    return row["state"], row["worker"]


@pytest.mark.rule(15)
async def test_a_supervisor_takes_the_case_from_a_worker_who_must_not_know(scene: Hotline) -> None:
    number = await report(scene.pupil, SECRET)
    await take(scene.worker)
    await scene.supervisor.says(f"/case {number}")
    await keep_out(scene.supervisor, "Leyla")
    assert await state(scene.world) == ("new", None)
    assert scene.other_worker.last.text.startswith(f"case {number}")
    assert all(number not in message.text for message in scene.worker.messages)
    deeds = [row["deed"] for row in await scene.world.rows("SELECT deed FROM case_log ORDER BY id")]
    assert "kept_out" in deeds


@pytest.mark.rule(15)
async def test_only_a_supervisor_lets_somebody_in_again(scene: Hotline) -> None:
    number = await report(scene.pupil, SECRET)
    case = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    await takes(scene.other_worker, number)
    await keep_out(scene.other_worker, "Leyla")
    worker = await person_id_of(scene.world, scene.worker)
    assert NOT_HERE in await scene.other_worker.forges(f"cs.out.undo:{case}:{worker}")
    assert NOT_HERE in await scene.other_worker.forges(f"cs.out.is:{case}:{worker}")  # she is out already
    assert not any("Leyla" in label for label in scene.other_worker.find("Rauf").labels)
    await scene.supervisor.says(f"/case {number}")
    await scene.supervisor.taps("More")
    await scene.supervisor.taps("Keep out")
    assert "May know of it again" in await scene.supervisor.taps("↩ ")
    assert await scene.worker.says(f"/case {number}") != NO_SUCH


@pytest.mark.rule(15)
async def test_who_may_not_keep_anybody_out(scene: Hotline) -> None:
    await report(scene.pupil, SECRET)
    case = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    await take(scene.worker)
    supervisor = await person_id_of(scene.world, scene.supervisor)
    for talker in (scene.other_worker, scene.school.owner, scene.school.coordinator, scene.pupil):
        for data in (f"cs.out:{case}", f"cs.out.is:{case}:{supervisor}", f"cs.out.undo:{case}:{supervisor}"):
            assert NOT_HERE in await talker.forges(data)
    pupil = await person_id_of(scene.world, scene.pupil)
    own = await person_id_of(scene.world, scene.worker)
    for person_id in (pupil, own, 0, 999_999):
        assert NOT_HERE in await scene.worker.forges(f"cs.out.is:{case}:{person_id}")


@pytest.mark.rule(15)
async def test_a_reporter_of_the_staff_is_not_told_apart(scene: Hotline) -> None:
    """She stands in the list like everybody else; keeping her out and letting her in again changes nothing for her."""
    number = await report(scene.worker, SECRET)
    await takes(scene.other_worker, number)
    await keep_out(scene.other_worker, "Leyla")
    await scene.supervisor.says(f"/case {number}")
    await scene.supervisor.taps("More")
    await scene.supervisor.taps("Keep out")
    await scene.supervisor.taps("↩ ")
    assert any("Leyla" in label for label in scene.supervisor.find("Leyla").labels)
    case = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    assert NOT_HERE in await scene.worker.forges(f"cs:{case}")
    assert await scene.worker.says("/queue") == "Nothing waits."
    worker = await person_id_of(scene.world, scene.worker)
    async with scene.world.birge.database.reading() as db:
        assert await storage.cases.seen_by(db, case, worker) is None


@pytest.mark.rule(15)
@pytest.mark.row("F7_bad_everyone_excluded")
async def test_with_everybody_kept_out_the_supervisor_outside_is_called(scene: Hotline) -> None:
    local = await add_member(scene.world, scene.school.school, Role.SUPERVISOR, "Samir")
    number = await report(scene.pupil, SECRET)
    await local.says(f"/case {number}")
    for name in ("Leyla", "Murad"):
        await local.taps("More")
        await local.taps("Keep out")
        await local.taps(name)
    assert local.last.text.startswith(f"case {number}") or any(number in one.text for one in local.messages)
    await local.taps("Take", message=local.find("Take"))
    await local.taps("I know these people")
    assert scene.supervisor.last.text.startswith(f"case {number}")
    assert SECRET in await scene.supervisor.taps("Take")


@pytest.mark.rule(15)
@pytest.mark.row("F7_bad_everyone_excluded")
async def test_with_nobody_left_the_child_hears_the_truth_and_the_case_waits(scene: Hotline) -> None:
    number = await report(scene.pupil, SECRET)
    for talker in (scene.worker, scene.other_worker, scene.supervisor):
        await talker.says(f"/case {number}")
        await talker.taps("Take")
        await talker.taps("I know these people")
    assert "The helpers here can't take your report. Those who run the hotline are told." in scene.pupil.last.text
    assert "116 111" in scene.pupil.last.text
    assert await state(scene.world) == ("new", None)
    async with scene.world.birge.database.reading() as db:
        assert await storage.cases.has_nobody(db, scene.world.now)
    newcomer = await add_member(scene.world, scene.school.network, Role.WORKER, "Nurlan")
    assert number in await newcomer.says("/queue")
    async with scene.world.birge.database.reading() as db:
        assert not await storage.cases.has_nobody(db, scene.world.now)
    await newcomer.taps("Take")
    assert any(SECRET in message.text for message in newcomer.messages)


# --- handing over -----------------------------------------------------------------------------------------------------


async def offered(scene: Hotline) -> str:
    number = await report(scene.pupil, SECRET)
    await take(scene.worker)
    await scene.worker.taps("More")
    await scene.worker.taps("Hand over")
    assert "stays yours" in await scene.worker.taps("Murad")
    return number


async def test_a_case_stays_hers_until_the_other_takes_it_over(scene: Hotline) -> None:
    number = await offered(scene)
    worker = await person_id_of(scene.world, scene.worker)
    case_id = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    async with scene.world.birge.database.reading() as db:
        case = await storage.cases.get(db, case_id)
    assert case is not None
    assert (case.worker_id, case.state.value) == (worker, "taken")
    assert f"case {number}" in scene.other_worker.last.text
    assert SECRET in await scene.other_worker.taps("Take over")
    assert all(SECRET not in message.text for message in scene.worker.messages)
    assert "taken over" in "".join(message.text for message in scene.worker.messages)
    assert NOT_HERE in await scene.worker.forges(f"cs.say:{case_id}")
    assert "Please write your answer" in await scene.other_worker.taps("Answer")
    deeds = [row["deed"] for row in await scene.world.rows("SELECT deed FROM case_log ORDER BY id")]
    assert deeds.index("offered") < deeds.index("handed_over") < len(deeds)


async def test_only_who_was_asked_takes_it_over(scene: Hotline) -> None:
    await offered(scene)
    case_id = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    for talker in (scene.worker, scene.supervisor, scene.school.owner, scene.pupil):
        assert NOT_HERE in await talker.forges(f"cs.hand.take:{case_id}")
    other = await person_id_of(scene.world, scene.other_worker)
    for talker in (scene.supervisor, scene.other_worker, scene.school.owner):
        assert NOT_HERE in await talker.forges(f"cs.hand.to:{case_id}:{other}")
        assert NOT_HERE in await talker.forges(f"cs.hand:{case_id}")
    assert NOT_HERE in await scene.worker.forges(f"cs.hand.to:{case_id}:{await person_id_of(scene.world, scene.pupil)}")
    await scene.worker.taps("I know these people")  # it waits again: the offer is over
    assert NOT_HERE in await scene.other_worker.forges(f"cs.hand.take:{case_id}")


async def test_a_supervisors_case_is_handed_to_supervisors_only(scene: Hotline) -> None:
    await add_member(scene.world, scene.school.network, Role.SUPERVISOR, "Sabina")
    number = await report(scene.pupil, SECRET)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET desk = 'supervisors'")
    await takes(scene.supervisor, number)
    await scene.supervisor.forges(f"cs.hand:{(await target_of(scene, number)).case}")
    assert scene.supervisor.labels == ["Sabina – Hotline supervisor"]


async def test_with_nobody_else_there_it_stays(scene: Hotline) -> None:
    await report(scene.pupil, SECRET)
    await take(scene.worker)
    for talker in (scene.other_worker, scene.supervisor):
        scene.world.sandbox.blocks(talker.person)
    await scene.world.settle()
    await scene.worker.taps("More")
    await scene.worker.taps("Hand over")
    for name in ("Murad", "Rauf"):
        assert "can't take this on right now" in await scene.worker.taps(name, message=scene.worker.find(name))
    assert (await state(scene.world))[0] == "taken"
    assert await scene.world.rows("SELECT 1 FROM cases WHERE offered IS NOT NULL") == []
