"""Whatever people do and whatever fails: a report is answered, or somebody who can take it sees it waiting, within its
clock; and no word of a child meets silence."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import storage.cases
import storage.communities
from domain.cases import Case, State, due_stage
from domain.roles import HOTLINE, Role
from sandbox import Fault
from tests import scenes
from tests.cast import Talker, World
from tests.conftest import Fresh

Worlds = Callable[[str], contextlib.AbstractAsyncContextManager[World]]

STAFF = ("worker", "other worker", "supervisor")
CHILDREN = (0, 1)
FAULTS = (
    Fault("sendMessage", drop="before"),
    Fault("sendMessage", drop="after"),
    Fault("sendMessage", status=500),
    Fault("sendMessage", status=429, retry_after=2),
    Fault("editMessageText", status=500),
    Fault("getUpdates", status=502),
)


@dataclass
class Life:
    """One run: a school with a hotline, and what was done in it."""

    world: World
    scene: scenes.Hotline
    children: list[Talker]
    staff: dict[str, Talker]
    blocked: set[str] = field(default_factory=set)
    told: int = 0  # reports that were sent

    async def presses(self, who: Talker, *labels: str) -> str:
        """Taps one after the other, as far as there is such a button."""
        said = ""
        for label in labels:
            if not any(label in one for message in who.messages for one in message.labels):
                break
            said = await who.taps(label)
        return said

    async def reports(self, child: Talker, safe: str) -> None:
        if "I can't take messages" in await child.says("/hotline"):  # nobody is there: these numbers are the truth
            assert "112" in child.last.text
            return
        await self.presses(child, "I have read it")
        await child.says("They hurt me.")
        await self.presses(child, "Next", "Skip", safe, "Skip")
        if any("Send" in label for label in child.labels):
            said = await child.taps("Send")
            assert "number" in said
            self.told += 1

    async def open_cases(self) -> list[Case]:
        async with self.world.birge.database.reading() as db:
            rows = await db.all("SELECT id FROM cases WHERE state <> 'closed'")
            found = [await storage.cases.get(db, row["id"]) for row in rows]
        return [case for case in found if case is not None]

    async def can_take(self, case: Case) -> list[int]:
        """Who could take it or works on it: has the role, may know of it, can be reached."""
        async with self.world.birge.database.reading() as db:
            return await storage.cases.on_call(db, case, HOTLINE, self.world.now)

    async def nobody_waits_in_vain(self) -> None:
        sent = (await self.world.rows("SELECT COUNT(*) AS n FROM cases"))[0]["n"]
        assert sent >= self.told, "a report was sent, and there is no case of it"
        for case in await self.open_cases():
            people = await self.can_take(case)
            if case.state is State.TAKEN:
                assert case.worker_id in people, f"case {case.number} belongs to somebody who is gone"
            elif people:
                assert due_stage(case, self.world.now) is None, f"case {case.number} did not climb in time"
                assert await self.is_seen(case, people), f"nobody who may take case {case.number} sees it"

    async def is_seen(self, case: Case, people: list[int]) -> bool:
        """Whether it stands before one of those who could take it: as a notice, or in the queue when she looks."""
        for name, talker in self.staff.items():
            if name in self.blocked or await scenes.person_id_of(self.world, talker) not in people:
                continue
            if any(case.number in message.text for message in talker.messages):
                return True
            if case.number in await talker.says("/queue"):
                return True
        return False


async def with_others_on_duty(scene: scenes.Hotline) -> dict[str, Talker]:
    """Two more helpers, who do nothing, so that the hotline stays open when one of the others goes."""
    world = scene.world
    more = [await scenes.add_member(world, scene.school.network, Role.WORKER, name) for name in ("Aytac", "Nigar")]
    for one in more:
        await scenes.accepts(world, one)
    first, backup = [await scenes.person_id_of(world, one) for one in (scene.worker, more[0])]
    await scenes.on_duty(world, first, backup)
    return dict(zip(("idle worker", "other idle worker"), more, strict=True))


def machine(runner: asyncio.Runner, worlds: Worlds) -> type[RuleBasedStateMachine]:
    names = (f"life {number}" for number in itertools.count())

    class Hotline(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stack = contextlib.AsyncExitStack()
            self.life: Any = None

        def run(self, act: Any) -> Any:
            return runner.run(act)

        @initialize()
        def begin(self) -> None:
            async def begun() -> Life:
                world = await self.stack.enter_async_context(worlds(next(names)))
                world.expects_errors = True
                scene = await scenes.hotline(world)
                other = await scenes.add_member(world, scene.school.class_a, Role.PUPIL, "Orxan")
                staff = dict(zip(STAFF, (scene.worker, scene.other_worker, scene.supervisor), strict=True))
                staff |= await with_others_on_duty(scene)
                return Life(world, scene, [scene.pupil, other], staff)

            self.life = self.run(begun())

        def teardown(self) -> None:
            self.run(self.stack.aclose())

        @rule(child=st.sampled_from(CHILDREN), safe=st.sampled_from(("Skip", "No", "I am not sure", "Yes")))
        def somebody_reports(self, child: int, safe: str) -> None:
            self.run(self.life.reports(self.life.children[child], safe))

        @rule(child=st.sampled_from(CHILDREN))
        def somebody_is_in_danger(self, child: int) -> None:
            async def calls() -> None:
                who = self.life.children[child]
                said = await who.says("/hotline")
                if "I can't take messages" in said:  # nobody is there who could: these numbers are the truth
                    assert "112" in said
                    return
                assert "call" in await who.taps("Danger now")
                assert await who.taps("Yes, fetch a helper")

            self.run(calls())

        @rule(child=st.sampled_from(CHILDREN))
        def somebody_writes_more(self, child: int) -> None:
            async def writes() -> None:
                assert await self.life.children[child].says("It happened again.")

            self.run(writes())

        @rule(who=st.sampled_from(STAFF))
        def somebody_takes_a_case(self, who: str) -> None:
            async def takes() -> None:
                if who not in self.life.blocked:
                    assert await self.life.staff[who].says("/queue")
                    await self.life.presses(self.life.staff[who], "Take ", "Bullying", "Keep: ")

            self.run(takes())

        @rule(who=st.sampled_from(STAFF))
        def somebody_answers(self, who: str) -> None:
            async def answers() -> None:
                if who not in self.life.blocked:
                    helper = self.life.staff[who]
                    await helper.says("/queue")
                    await self.life.presses(helper, "Open ")
                    if any("Answer" in label for label in helper.labels):
                        await helper.taps("Answer")
                        await helper.says("I believe you.")
                        await self.life.presses(helper, "Send")

            self.run(answers())

        @rule(who=st.sampled_from(STAFF))
        def somebody_closes(self, who: str) -> None:
            async def closes() -> None:
                if who not in self.life.blocked:
                    helper = self.life.staff[who]
                    await helper.says("/queue")
                    await self.life.presses(helper, "Open ")
                    if any("Close" in label for label in helper.labels):
                        await helper.taps("Close")
                        await self.life.presses(helper, "Helped")
                        await helper.says("We talked with the school.")
                        await self.life.presses(helper, "Send and close")

            self.run(closes())

        @rule(child=st.sampled_from(CHILDREN))
        def a_child_blocks_the_bot_for_a_while(self, child: int) -> None:
            async def blocks() -> None:
                world, who = self.life.world, self.life.children[child]
                world.sandbox.blocks(who.person)
                await world.later(minutes=30)
                await self.life.nobody_waits_in_vain()
                world.sandbox.unblocks(who.person)
                assert await who.starts()

            self.run(blocks())

        @rule(who=st.sampled_from(STAFF))
        def somebody_steps_aside(self, who: str) -> None:
            async def steps() -> None:
                if who not in self.life.blocked:
                    await self.life.staff[who].says("/queue")
                    await self.life.presses(self.life.staff[who], "Open ", "I know these people")

            self.run(steps())

        @rule(who=st.sampled_from(STAFF))
        def somebody_blocks_the_bot_or_comes_back(self, who: str) -> None:
            async def blocks() -> None:
                sandbox, person = self.life.world.sandbox, self.life.staff[who].person
                if who in self.life.blocked:
                    self.life.blocked.discard(who)
                    sandbox.unblocks(person)
                    await self.life.staff[who].starts()
                else:
                    self.life.blocked.add(who)
                    sandbox.blocks(person)
                    await self.life.world.settle()

            self.run(blocks())

        @rule()
        def a_worker_leaves(self) -> None:
            async def leaves() -> None:
                world = self.life.world
                person_id = await scenes.person_id_of(world, self.life.staff["worker"])
                async with world.birge.database.writing() as db:
                    await db.run(
                        "UPDATE memberships SET state = 'left' WHERE person_id = :id AND role = 'worker'", id=person_id
                    )

            self.run(leaves())

        @rule(minutes=st.sampled_from((1, 4, 6, 16, 61, 190, 700, 1_500)))
        def time_passes(self, minutes: int) -> None:
            self.run(self.life.world.later(minutes=minutes))

        @rule()
        def the_bot_restarts(self) -> None:
            self.run(self.life.world.restart())

        @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 3))
        def the_messenger_fails(self, fault: Fault, times: int) -> None:
            self.life.world.sandbox.faults.append(
                Fault(fault.method, status=fault.status, retry_after=fault.retry_after, drop=fault.drop, times=times)
            )

        @precondition(lambda self: self.life is not None)
        @invariant()
        def nobody_waits_in_vain(self) -> None:
            async def looks() -> None:
                self.life.world.sandbox.faults.clear()
                await self.life.world.later(seconds=40)
                await self.life.nobody_waits_in_vain()

            self.run(looks())

    return Hotline


@pytest.mark.timeout(600)  # a failure is made small before it is shown
@pytest.mark.rule(9)
@pytest.mark.rule(10)
def test_no_report_is_ever_left_alone(worlds: Worlds, fresh: Fresh) -> None:
    with asyncio.Runner() as runner:
        run_state_machine_as_test(
            machine(runner, worlds),
            settings=settings(
                max_examples=15 if fresh.template is None else 5,  # a server makes each world anew
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
