"""The hotline's own questions, to children and to staff: every input of tests.hostile at each of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers import forms, paging, routes
from handlers.cases import answer, close, code, identity, mine, notes, notice
from handlers.cases import open as report
from tests import probing
from tests.conftest import Fresh, on_sqlite
from tests.hostile import DISTRESS, all_wrong
from tests.probing import Bench
from tests.walks import Walk, Walker

_BEGUN = ("as pupil", "/hotline", "tap hl.go")
_SENT = (*_BEGUN, "words 12 H", "cs.o next", "cs.o skip", "cs.o skip", "cs.o skip", "cs.o send")
_TAKEN = (*_SENT, "as worker", "press cs.take:{cases}", "press cs.kind:{cases}:bullying", "tap cs.risk")
_PLANNED = (*_TAKEN, "press pl.new:{cases}", "all")
_REFERRED = (*_TAKEN, "press rf.new:{cases}", "all")
WALKS = (
    Walk(report.STEP, "pupil", _BEGUN, {report.STEP: "words 12 H"}),
    *(
        Walk(
            report.STEP, "pupil", (*_BEGUN, "words 12 H", "cs.o next", *["cs.o skip"] * more), {report.STEP: "words 12"}
        )
        for more in range(4)
    ),
    Walk(notice.HEARD, "pupil", ("as pupil", "words {distress}"), {notice.HEARD: "words 12 I"}),
    Walk(mine.STEP, "pupil", (*_SENT, "tap my.say"), {mine.STEP: "words 12 J"}),
    Walk(mine.OFFER, "pupil", (*_TAKEN, "as pupil", "words 12 K"), {mine.OFFER: "words 12 L"}),
    Walk(code.STEP, "pupil", ("as pupil", "press my.code")),
    Walk(answer.STEP, "worker", (*_TAKEN, "press cs.say:{cases}"), {answer.STEP: "words 12 M"}),
    Walk(close.STEP, "worker", (*_TAKEN, "press cs.close:{cases}", "tap cs.why"), {close.STEP: "words 12 N"}),
    Walk(notes.STEP, "worker", (*_TAKEN, "press cs.note:{cases}"), {notes.STEP: "words 12 O"}),
    Walk(identity.STEP, "worker", (*_TAKEN, "press cs.who:{cases}"), {identity.STEP: "words 12 P"}),
    Walk(paging.STEP, "worker", ("as worker", "press pg.ask"), {paging.STEP: "words a@example.org"}),
    Walk("cs_plan", "worker", (*_TAKEN, "press pl.new:{cases}")),
    Walk("cs_step", "worker", (*_PLANNED, "press pl.step:{cases}")),
    Walk("cs_referral", "worker", (*_TAKEN, "press rf.new:{cases}")),
    Walk("cs_agency", "agent", (*_REFERRED, "as agent", "press ag.say:{referrals}:question")),
    Walk("cs_conference", "worker", (*_TAKEN, "press cf.new:{cases}", "tap cf.who", "tap cf.when")),
    Walk(
        "cs_told",
        "worker",
        (
            *_REFERRED,
            "as agent",
            "press ag.say:{referrals}:question",
            "all",
            "as worker",
            "press rf.tell:{cases}:{referrals}",
        ),
    ),
    Walk("cs_direct", "psychologist", ("as psychologist", "press hl.plan")),
)


def test_every_step_of_the_hotline_is_walked_to() -> None:
    steps = {name for name, route in routes.STEPS.items() if route.confidential}
    assert {walk.name for walk in WALKS} == steps | {name for name, form in routes.FORMS.items() if form.confidential}


@pytest.fixture
async def bench(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> AsyncIterator[Bench]:
    async with probing.opened(fresh, tmp_path, monkeypatch, language) as made:
        await probing.open_hotline(made)
        made.codes["distress"] = DISTRESS[language]
        yield made


@on_sqlite
@pytest.mark.parametrize(("walk", "language"), [(walk, ("az", "ru")[at % 2]) for at, walk in enumerate(WALKS)])
async def test_nothing_that_is_sent_in_is_unanswered_or_ends_the_question(
    bench: Bench, walk: Walk, log_lines: list[dict[str, Any]]
) -> None:
    walker = Walker(bench, walk, walk.who, walk.answers)
    await walker.begin()
    now, seen, wrong = await walker.open_now(), set[str](), list[str]()
    assert walk.name in (now.step, forms.form_of(now.step)[0]), now.step
    goes_on = True
    while goes_on and (now := await walker.open_now()).step:
        if now.step not in seen:
            seen.add(now.step)
            wrong += await all_wrong(walker, now, log_lines)
        goes_on = await walker.go_on()
    assert wrong == []
