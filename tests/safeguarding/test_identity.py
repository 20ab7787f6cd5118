"""Rules 6, 7, 12, 13, 14 and 15 where staff sort cases, ask for names, and need a second person."""

import ast
import re
from pathlib import Path

import pytest

import storage.cases
from domain.cases import Section, may
from domain.roles import Role, Standing
from tests import scenes
from tests.cast import Talker, World
from tests.conversations.test_identity import NAME, Vault, asked, asks, heard, in_danger, one, vault
from tests.pictures import jpeg
from tests.scenes import Hotline, report, take, taken

ROOT = Path(__file__).parents[2]
NOT_HERE = "You can't do this here. /home shows what you can do."
NO_SUCH = "I can't show you a case with this number. Yours: /queue"
PAGE = re.compile(r"case [0-9A-HJKMNP-TV-Z]{6}, (danger, now|(critical|high|normal), (\d+ minutes? left|overdue))")


@pytest.fixture
async def scene(world: World) -> Vault:
    return await vault(world)


def staff(scene: Vault) -> list[Talker]:
    line = scene.line
    return [line.worker, line.other_worker, line.supervisor, scene.custodian, scene.auditor]


def said_to(scene: Vault, talker: Talker) -> str:
    """All that the bot ever sent to her, also what was edited or taken back since."""
    sent = [call.params for call in scene.world.sandbox.calls if str(call.params.get("chat_id")) == str(talker.chat.id)]
    return "\n".join(str(params.get("text") or params.get("caption") or "") for params in sent)


# --- the name ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule(13)
@pytest.mark.rule(14)
async def test_no_way_but_the_granted_one_shows_a_name_to_staff(scene: Vault) -> None:
    """A whole run, with every screen that staff have: the name comes once, to one person, after another has agreed."""
    line = scene.line
    number = await report(scene.child, "They take my money.")
    await take(line.worker)
    case = await one(scene)
    for talker in staff(scene):
        for route in ("cs", "cs.more", "cs.sort", "cs.notes", "cs.event", "cs.who", "cs.name", "cs.break", "cs.second"):
            await talker.forges(f"{route}:{case}")
            await talker.forges(f"{route}:{case}:{case}")
        for command in ("/queue", f"/case {number}", "/home", "/help"):
            await talker.says(command)
    await line.worker.taps("Answer", message=line.worker.find("Answer"))
    await line.worker.says("Hello")
    await line.worker.taps("Send")
    await scene.child.taps("Answer")
    await scene.child.says("Hello, too")
    await line.worker.forges(f"cs.who:{case}")
    await line.worker.says("The doctor must know")
    await scene.custodian.taps("Open")
    assert [talker for talker in staff(scene) if NAME.split()[0] in said_to(scene, talker)] == []
    await scene.custodian.taps("Show it")
    assert [talker for talker in staff(scene) if NAME.split()[0] in said_to(scene, talker)] == []
    assert NAME in await line.worker.taps("Show the name")
    assert [talker for talker in staff(scene) if NAME.split()[0] in said_to(scene, talker)] == [line.worker]


@pytest.mark.rule(13)
async def test_the_one_function_demands_what_was_granted(scene: Vault) -> None:
    await asks(scene)
    number, ask_id = await asked(scene)
    me = await scenes.person_id_of(scene.world, scene.line.worker)
    other = await scenes.person_id_of(scene.world, scene.line.supervisor)

    async def found(person_id: int, of: int = ask_id) -> object:
        async with scene.world.birge.database.reading() as db:
            case = await storage.cases.get(db, number)
            assert case is not None
            return await storage.cases.identity(db, case, of, person_id, scene.world.now)

    assert await found(me) is None
    async with scene.world.birge.database.writing() as db:  # agreed, but by nobody
        await db.run("UPDATE case_asks SET state = 'agreed', decided_at = asked_at")
    assert await found(me) is None
    async with scene.world.birge.database.writing() as db:  # agreed by herself
        await db.run("UPDATE case_asks SET decider_mark = asker_mark")
    assert await found(me) is None
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE case_asks SET decider_mark = :mark", mark=b"somebody else")
    assert await found(me) is not None
    assert await found(other) is None
    assert await found(me, of=1) is None


@pytest.mark.rule(13)
def test_the_names_of_reporters_are_read_in_one_place() -> None:
    """No handler or job of the hotline asks for the name, or the account, of the person who reported."""
    files = [*ROOT.glob("handlers/cases/*.py"), *ROOT.glob("storage/cases/*.py"), ROOT / "jobs/cases.py"]
    asking = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = " ".join(ast.unparse(argument) for argument in node.args)
                if node.func.attr in ("known_as", "called", "memberships_of") and "reporter" in given:
                    asking.append(path.name)
    assert asking == []
    readers = [path.name for path in files if "memberships.called" in path.read_text()]
    assert readers == ["identity.py"]


@pytest.mark.rule(14)
async def test_granting_a_name_takes_two_different_people(scene: Vault) -> None:
    """A worker who is the custodian, too, does not agree with herself."""
    await scenes.belong(scene.world, scene.line.worker, scene.line.school.network, Role.CUSTODIAN)
    await asks(scene)
    case, ask = await asked(scene)
    for route in ("cs.second", "cs.agree", "cs.keep"):
        assert await scene.line.worker.forges(f"{route}:{case}:{ask}") == NOT_HERE
    assert await scene.line.worker.forges(f"cs.name:{case}:{ask}") == NOT_HERE
    assert "somebody asks" not in heard(scene.line.worker)
    assert (await scene.world.rows("SELECT state FROM case_asks"))[0]["state"] == "asked"


@pytest.mark.rule(13)
async def test_a_custodian_has_no_right_but_to_judge_the_asking(scene: Vault) -> None:
    await asks(scene)
    number = await one(scene)
    async with scene.world.birge.database.reading() as db:
        case = await storage.cases.get(db, number)
    assert case is not None
    stands = Standing(frozenset(), frozenset({Role.CUSTODIAN}), frozenset())
    held = {section for section in Section if may(section, case, 0, stands)}
    assert held == {Section.IDENTITY}
    for route in ("cs", "cs.take", "cs.say", "cs.close", "cs.more", "cs.notes", "cs.kind", "cs.who", "cs.event"):
        assert await scene.custodian.forges(f"{route}:{number}") == NOT_HERE
    assert await scene.custodian.says("/queue") == NOT_HERE


@pytest.mark.rule(13)
async def test_who_decides_nothing_hears_nothing_of_it(scene: Vault) -> None:
    await asks(scene)
    case, ask = await asked(scene)
    others = [scene.line.other_worker, scene.auditor, scene.line.school.owner, scene.line.school.head, scene.child]
    for talker in others:
        for route in ("cs.second", "cs.agree", "cs.keep", "cs.name"):
            assert await talker.forges(f"{route}:{case}:{ask}") == NOT_HERE
            assert await talker.forges(f"{route}:424242:{ask}") == NOT_HERE
    assert (await scene.world.rows("SELECT state FROM case_asks"))[0]["state"] == "asked"


@pytest.mark.rule(15)
async def test_a_custodian_who_may_not_know_of_the_case_is_not_asked(scene: Vault) -> None:
    await report(scene.custodian, "About my own child.")
    await take(scene.line.worker)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.says("The doctor must know")
    case, ask = await asked(scene)
    assert "somebody asks" not in heard(scene.custodian)
    assert "somebody asks" in heard(scene.line.supervisor)
    assert await scene.custodian.forges(f"cs.second:{case}:{ask}") == NOT_HERE
    assert await scene.custodian.forges(f"cs.second:424242:{ask}") == NOT_HERE


@pytest.mark.rule(4)
async def test_what_is_asked_of_a_second_person_names_the_number_only(scene: Vault) -> None:
    await in_danger(scene)
    await scene.line.worker.taps("More")
    await scene.line.worker.taps("Who is it?")
    await scene.line.worker.says("She stands on a roof")
    await scene.world.later(hours=25)
    for talker in (scene.custodian, scene.auditor, scene.line.supervisor):
        assert "roof" not in said_to(scene, talker)
        assert NAME.split()[0] not in said_to(scene, talker)


@pytest.mark.rule(20)
async def test_the_rows_of_what_is_asked_name_nobody(scene: Vault) -> None:
    await asks(scene, "The doctor must know")
    row = dict((await scene.world.rows("SELECT * FROM case_asks"))[0])
    assert b"doctor" not in bytes(row["asked"])
    me = await scenes.person_id_of(scene.world, scene.line.worker)
    assert me not in [value for value in row.values() if isinstance(value, int)]


# --- relay ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule(6)
async def test_no_staff_route_writes_to_a_child_without_answer_and_preview(scene: Vault) -> None:
    line = scene.line
    await report(scene.child, "They take my money.")
    await take(line.worker)
    case, before = await one(scene), heard(scene.child)
    for talker in staff(scene):
        for route in ("cs.send", "cs.shut"):
            for token in range(5):
                await talker.forges(f"{route}:{token}")
    await line.worker.taps("Answer", message=line.worker.find("Answer"))
    question = (await scene.world.rows("SELECT MAX(token) AS t FROM conversations"))[0]["t"]
    assert "over already" in await line.worker.forges(f"cs.send:{question}")  # nothing was previewed
    await line.worker.says("Come to my house")
    for talker in (line.other_worker, line.supervisor, scene.custodian):
        await talker.forges(f"cs.send:{question + 1}")
    assert heard(scene.child) == before
    await line.worker.forges(f"cs.notes:{case}")
    await line.worker.taps("New note")
    await line.worker.says("a note is no answer")
    assert heard(scene.child) == before


# --- sexual material --------------------------------------------------------------------------------------------------


async def with_a_photo(line: Hotline) -> None:
    await line.pupil.says("/hotline")
    await line.pupil.taps("I have read it")
    await line.pupil.says(photo=("one.jpg", jpeg(), "image/jpeg"))
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await line.pupil.taps(label)
    await take(line.worker)


@pytest.mark.rule(7)
async def test_sexual_material_stops_an_answer_that_is_half_written(scene: Vault) -> None:
    line = scene.line
    await with_a_photo(line)
    await line.worker.taps("Show")
    await line.worker.taps("Answer", message=line.worker.find("Answer"))
    await line.worker.says("Send me more")
    preview = line.worker.last
    await line.worker.taps("Sexual material")
    before = heard(line.pupil)
    assert preview.deleted
    assert heard(line.pupil) == before
    row = (await scene.world.rows("SELECT state, desk, risk, stopped FROM cases"))[0]
    assert tuple(row) == ("new", "supervisors", "critical", 1)
    assert PAGE.fullmatch(line.supervisor.last.text)
    assert await line.worker.forges(f"cs.take:{await one(scene)}") == NOT_HERE


@pytest.mark.rule(7)
async def test_a_supervisor_who_takes_it_over_may_write(scene: Vault) -> None:
    await with_a_photo(scene.line)
    await scene.line.worker.taps("Show")
    await scene.line.worker.taps("Sexual material")
    await scene.line.supervisor.taps("Take")
    await scene.line.supervisor.taps("Answer")
    await scene.line.supervisor.says("You did right.")
    await scene.line.supervisor.taps("Send")
    assert "You did right." in scene.line.pupil.last.text


@pytest.mark.rule(7)
async def test_where_no_supervisor_is_reached_no_worker_takes_it_or_writes(scene: Vault) -> None:
    line = scene.line
    await with_a_photo(line)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'supervisor'")
    await line.worker.taps("Show")
    await line.worker.taps("Sexual material")
    case = await one(scene)
    for route in ("cs.take", "cs.say", "cs.close", "cs.resume"):
        assert await line.other_worker.forges(f"{route}:{case}") == NOT_HERE
    async with scene.world.birge.database.reading() as db:
        assert await storage.cases.has_nobody(db, scene.world.now)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'active' WHERE role = 'supervisor'")
    await line.supervisor.forges(f"cs:{case}")
    assert "goes on" in await line.supervisor.taps("Allow writing")
    assert await line.supervisor.forges(f"cs.resume:{case}") == NOT_HERE
    await line.supervisor.forges(f"cs.take:{case}")
    assert "Please write your answer" in await line.supervisor.forges(f"cs.say:{case}")


# --- one event --------------------------------------------------------------------------------------------------------


async def two(scene: Vault) -> tuple[str, str, dict[str, int]]:
    """Two reports of one event, both with the worker; their numbers and ids."""
    line = scene.line
    first = await report(line.pupil, "They pushed her")
    await take(line.worker)
    other = await report(scene.child, "They pushed me")
    await take(line.worker)
    rows = await scene.world.rows("SELECT id, number FROM cases")
    return first, other, {row["number"]: int(row["id"]) for row in rows}


async def join(scene: Vault, one: str, other: str) -> str:
    worker = scene.line.worker
    await worker.says(f"/case {one}")
    await worker.taps("More")
    await worker.taps("Same event")
    return await worker.taps(other)


@pytest.mark.rule(12)
@pytest.mark.row("F8")
async def test_two_reports_of_one_event_are_joined_for_the_staff_and_stay_apart_for_the_reporters(scene: Vault) -> None:
    line = scene.line
    first, other, ids = await two(scene)
    reporters = (line.pupil, scene.child)
    before = {talker: said_to(scene, talker) for talker in reporters}
    assert f"Cases {first} and {other} are of one event" in await join(scene, first, other)
    assert f"Same event: {other}" in await line.worker.says(f"/case {first}")
    assert f"Same event: {first}" in await line.worker.says(f"/case {other}")
    assert {talker: said_to(scene, talker) for talker in reporters} == before
    await line.worker.taps("Answer")
    await line.worker.says("Thank you.")
    await line.worker.taps("Send")
    for talker, own, foreign in ((line.pupil, first, other), (scene.child, other, first)):
        seen = "".join([await talker.says("/mycases"), await talker.forges(f"my:{ids[own]}")])
        assert own in seen
        assert foreign not in said_to(scene, talker)
        assert await talker.forges(f"my:{ids[foreign]}") == NOT_HERE
        assert "pushed" not in seen


@pytest.mark.rule(12)
async def test_joined_cases_are_parted_again(scene: Vault) -> None:
    first, other, ids = await two(scene)
    await join(scene, first, other)
    await scene.line.worker.forges(f"cs.event:{ids[first]}")
    assert "different events again" in await scene.line.worker.taps(f"Not {other}")
    for number in (first, other):
        assert "Same event" not in await scene.line.worker.says(f"/case {number}")
    assert await scene.line.worker.forges(f"cs.apart:{ids[first]}:{ids[other]}") == NOT_HERE
    assert await scene.line.worker.forges(f"cs.join:{ids[first]}:{ids[first]}") == NOT_HERE
    assert await scene.line.worker.forges(f"cs.join:{ids[first]}:424242") == NOT_HERE
    for talker in (scene.line.other_worker, scene.line.school.owner, scene.child):
        assert await talker.forges(f"cs.join:{ids[first]}:{ids[other]}") == NOT_HERE


@pytest.mark.rule(15)
async def test_who_is_kept_out_of_one_report_is_kept_out_of_the_other_once_they_are_joined(scene: Vault) -> None:
    """Whoever the second report is about may be the one who works on the first."""
    line = scene.line
    first = await report(line.pupil, "Somebody pushed her")
    await take(line.worker)
    other = await report(scene.child, "It was the helper")
    ids = {row["number"]: int(row["id"]) for row in await scene.world.rows("SELECT id, number FROM cases")}
    async with scene.world.birge.database.writing() as db:
        await storage.cases.exclude(db, ids[other], await scenes.person_id_of(scene.world, line.worker))
    assert "of one event" in await line.supervisor.forges(f"cs.join:{ids[first]}:{ids[other]}")
    await scene.world.later(seconds=30)
    assert await line.worker.says(f"/case {first}") == NO_SUCH
    assert "pushed her" not in heard(line.worker)
    state = await scene.world.rows("SELECT state FROM cases WHERE number = :number", number=first)
    assert state[0]["state"] == "new"


async def statements(scene: Vault, act: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """What the worker hears of an act, and the statements about cases behind it."""
    from storage.postgres import PostgresConnection
    from storage.sqlite import SqliteConnection

    run: list[str] = []
    with monkeypatch.context() as patched:
        for kind in (SqliteConnection, PostgresConnection):
            real = kind.all

            async def recording(self, sql, *, _real=real, **values):  # type: ignore[no-untyped-def]
                if "case_links" in sql or "case_excluded" in sql:
                    run.append(sql)
                return await _real(self, sql, **values)

            patched.setattr(kind, "all", recording)
        said = await scene.line.worker.forges(act)
    return said, run


@pytest.mark.rule(15)
async def test_who_is_excluded_from_one_of_them_learns_nothing_through_the_other(
    scene: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = scene.line
    first, other, ids = await two(scene)
    async with scene.world.birge.database.writing() as db:
        await storage.cases.exclude(db, ids[other], await scenes.person_id_of(scene.world, line.worker))
    acts = (f"cs:{ids[first]}", f"cs.event:{ids[first]}", f"cs.apart:{ids[first]}:{ids[other]}")
    before = [await statements(scene, act, monkeypatch) for act in acts]
    async with scene.world.birge.database.writing() as db:
        await storage.cases.join(db, ids[first], ids[other])
    after = [await statements(scene, act, monkeypatch) for act in acts]
    assert after == before
    assert all(run for _, run in before)
    assert all(other not in said for said, _ in after)
    assert await line.worker.forges(f"cs.join:{ids[first]}:{ids[other]}") == NOT_HERE
    assert f"Same event: {other}" in await line.supervisor.forges(f"cs:{ids[first]}")


@pytest.mark.rule(15)
async def test_a_case_at_the_supervisors_desk_is_no_choice_for_a_worker(scene: Vault) -> None:
    await taken(scene.line)
    case = await one(scene)
    hidden = await report(scene.child, "Something else")
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE cases SET desk = 'supervisors' WHERE number = :number", number=hidden)
    assert hidden not in await scene.line.worker.forges(f"cs.event:{case}")
    row = (await scene.world.rows("SELECT id FROM cases WHERE number = :number", number=hidden))[0]
    assert await scene.line.worker.forges(f"cs.join:{case}:{row['id']}") == NOT_HERE
