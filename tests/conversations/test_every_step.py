"""Every input is hostile or mistaken, at every question that awaits words or a tap.

A walk brings somebody to a form and through all of its questions; at each question everything of tests.hostile is sent,
one after the other, and undone. The answer is one clear sentence in the reader's language, nothing is logged or lost,
and the form can still be finished.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers import forms, move, routes
from handlers.communities import find, which
from handlers.families import link
from handlers.meetings import attend
from tests import probing
from tests.conftest import Fresh, on_sqlite
from tests.hostile import all_wrong
from tests.probing import Bench
from tests.walks import Walk, Walker

_OF_SCHOOL = ("/meeting", "at {school}")
_CALLED = ("/meeting", "all")
_CALLED_WEEKLY = ("as head", "/meeting", "offer every", "all every=is week")
_ASKED = ("as head", "/meeting", "all kind=is dialogue", "as parent", "press q.ask:{meetings}")
_HELD = ("as head", "/meeting", "all", "as parent", "press mt.rsvp:{meetings}:yes", "after 9360")
_ASKED_HOW = ("job feedback.end_meetings", "after 1440", "job feedback.ask_how_it_was")
_DECIDED = (*_HELD, "as head", "press dn.new:{meetings}", "all")
_CAMPAIGN = {"first": "words 02.12.2026", "day": "is 2026-12-03"}
_POST = ("press cp.new:{school}", "all", "tap cp.add", "all", "tap cp.post")
WALKS = (
    # Who belongs.
    Walk("join.code", "newcomer", ("/join",)),
    Walk("join", "newcomer", ("/start {code}",)),
    Walk("found", "newcomer", ("/start {class_code}",)),
    Walk("name", "newcomer", ("/start {owner_code}",)),
    Walk(link.STEP, "parent", ("press fam.enter",)),
    Walk(move.STEP, "parent", ("press mv.have",)),
    Walk(find.STEP, "head", ("press m.find:{class}",)),
    Walk("community", "owner", ("press c.add:{network}",), {"kind": "is region", "country": "is ru"}),
    Walk("rename", "coordinator", ("press c.name:{class}",)),
    Walk("invite", "head", ("press i.new:{class}",)),
    Walk("roster", "coordinator", ("press rs.new:{school}",)),
    Walk("stage", "coordinator", ("press c.stage.new:{school}",)),
    Walk("offer", "coordinator", (*_OF_SCHOOL, "all capacity=is 20", "press of.to:{school}:m:{meetings}:0")),
    # What is told to many.
    Walk("announce", "head", ("/announce",)),
    Walk("announce", "head", ("/announce",), {"day": "is 2026-12-03", "content": "photo"}),
    Walk("announce_fix", "head", ("/announce", "all", "tap a.fix")),
    Walk("announce_time", "head", ("/announce", "offer day", "all", "tap a.time")),
    Walk("announce_time", "head", ("/announce", "offer day", "all", "tap a.time"), {"day": "is 2026-12-07"}),
    Walk("campaign", "coordinator", ("press cp.new:{school}",)),
    Walk("campaign_post", "coordinator", ("press cp.new:{school}", "all", "tap cp.add"), _CAMPAIGN),
    Walk("campaign_words", "coordinator", (*_POST, "tap cp.text"), _CAMPAIGN),
    Walk("campaign_time", "coordinator", (*_POST, "tap cp.time"), _CAMPAIGN),
    Walk(
        "newsletter",
        "coordinator",
        (*_OF_SCHOOL, "all", "after 20000", "press nl.new:{school}:this_month", "tap nl.open"),
    ),
    Walk("story", "parent", ("/story",)),
    Walk("story_no", "head", ("as parent", "/story", "all", "as head", "press st.no:{stories}")),
    # Meetings, polls and challenges.
    Walk("meeting", "head", ("/meeting",)),
    Walk("meeting", "head", ("/meeting",), {"kind": "is webinar", "people": "is parents", "day": "is 2026-12-07"}),
    Walk("meeting", "head", ("/meeting",), {"kind": "is visit", "every": "is week"}),
    Walk("meeting", "head", ("/meeting",), {"kind": "is consultation"}),
    Walk("meeting_move", "head", ("as head", *_CALLED, "press mt.move:{meetings}")),
    Walk("meeting_move", "head", (*_CALLED_WEEKLY, "press mt.move:{meetings}"), {"day": "is 2026-12-07"}),
    Walk(attend.STEP, "parent", ("press mt.here",)),
    Walk("heads", "head", (*_CALLED, "after 9360", "press mt.heads.all:{meetings}")),
    Walk("feedback", "parent", (*_HELD, *_ASKED_HOW, "press fb:{meetings}:2", "press fb.line:{meetings}")),
    Walk("minutes", "head", (*_HELD, "as head", "press mn.new:{meetings}")),
    Walk("decision", "head", (*_HELD, "as head", "press dn.new:{meetings}")),
    Walk("decision", "head", (*_HELD, "as head", "press dn.new:{meetings}"), {"who": "words Head"}),
    Walk("decision_owner", "head", (*_DECIDED, "press dn.give:{decisions}")),
    Walk("decision_owner", "head", (*_DECIDED, "press dn.give:{decisions}"), {"who": "words Head"}),
    Walk("task", "head", (*_DECIDED, "press tk.say:{decisions}:later")),
    Walk("question", "parent", _ASKED),
    Walk("question_answer", "head", (*_ASKED, "all kind=is proposal", "as head", "press q.answer:{questions}")),
    Walk("poll", "head", ("/poll",)),
    Walk("challenge", "head", ("/challenge",)),
    Walk(which.STEP, "owner", ("/announce",)),
)


# Steps and forms of the hotline are walked to in tests/safeguarding/test_every_step.py.
ELSEWHERE = {name for name, route in routes.STEPS.items() if route.confidential}
ELSEWHERE |= {name for name, form in routes.FORMS.items() if form.confidential}


def test_every_step_is_walked_to() -> None:
    assert {walk.name for walk in WALKS} | ELSEWHERE == {*routes.FORMS, *routes.STEPS, which.STEP}


# --- the walk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def bench(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> AsyncIterator[Bench]:
    async with probing.opened(fresh, tmp_path, monkeypatch, language) as made:
        made.codes["owner_code"] = fresh.owner_code
        yield made


FORMS = sorted({walk.name for walk in WALKS})


@on_sqlite
@pytest.mark.parametrize(("name", "language"), [(name, "azru"[2 * (at % 2) :][:2]) for at, name in enumerate(FORMS)])
async def test_nothing_that_is_sent_in_is_unanswered_or_ends_the_form(
    bench: Bench, name: str, log_lines: list[dict[str, Any]]
) -> None:
    seen, wrong = set[str](), list[str]()
    for walk in (one for one in WALKS if one.name == name):
        async with bench.undone():
            walker = Walker(bench, walk, walk.who, walk.answers)
            await walker.begin()
            goes_on = True
            while goes_on and (now := await walker.open_now()).step:
                if now.step not in seen:
                    seen.add(now.step)
                    wrong += await all_wrong(walker, now, log_lines)
                goes_on = await walker.go_on()
    assert wrong == []
    if name in routes.FORMS:
        fields = {field.name for field in routes.FORMS[name].fields}
        assert fields - {f"in_{bench.language}"} == {forms.form_of(step)[1] for step in seen} - {forms.REVIEW}
    else:
        assert name in seen
