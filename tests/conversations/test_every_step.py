"""Every input is hostile or mistaken, at every question that awaits words or a tap.

A walk brings somebody to a form and through all of its questions; at each question everything of INPUTS is sent, one
after the other, and undone. The answer is one clear sentence in the reader's language, nothing is logged or lost, and
the form can still be finished.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from domain.messages import text
from domain.requests import Conversation, Incoming, Kind
from handlers import forms, move, routes
from handlers.communities import find, which
from handlers.families import link
from handlers.meetings import attend
from tests import probing
from tests.conftest import Fresh, on_sqlite
from tests.probing import Bench, Heard
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
    Walk("community", "owner", ("press c.add:{network}",), {"kind": "is region"}),
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


# Steps and forms of the hotline, which has walks of its own: tests/safeguarding/test_never_silent.py and beside it.
ELSEWHERE = {name for name, route in routes.STEPS.items() if route.confidential}
ELSEWHERE |= {name for name, form in routes.FORMS.items() if form.confidential}


def test_every_step_is_walked_to() -> None:
    assert {walk.name for walk in WALKS} | ELSEWHERE == {*routes.FORMS, *routes.STEPS, which.STEP}


# --- what is sent in --------------------------------------------------------------------------------------------------

HUGE = "9" * 30
OTHER_ALPHABET = {"az": "Салам, это родители", "ru": "Ə sinfi üçün görüş"}
DISTRESS = {"az": "ölmək istəyirəm", "ru": "я хочу умереть"}
WORDS = {
    "5,000 characters": "ö" * 5_000,
    "4,000 signs of every language": "%(x)s<b>&\\';--{}\n" * 250,
    "only spaces": "   \n\t ",
    "only what nobody sees": "\u200b\u2060\ufeff\u00ad",
    "only control characters": "\u202e\u0001\u0007\u2066",
    "only emoji": "🎉👩‍👩‍👧‍👦🇦🇿",
    "from right to left": "\u202eمرحبا بكم\u202c",
    "a number too large": HUGE,
    "a negative number": "-5",
    "nought": "0",
    "one and a half": "1.5",
    "Arabic-Indic digits": "٣٠",
    "superscript digits": "²³",
    "what a button carries": "f:1:is:x",
    "JSON": '{"answers": {}}',
    "one letter": "a",
    "only signs": "|||",
    "sixty lines": "a\n" * 60,
}
FILES = ("sticker", "voice", "photo", "document", "video", "audio")
ASIDE = ("/help", "/home", "/settings", "/nonsense")
ANOTHER = ("/join", "/announce", "/meeting 7")
# Of the form that is open, of the question before, of another form, and of nobody: %(token)s is the open question's.
FORGED = (
    "f:%(before)s:is:x", "f:%(after)s:is:x", "f:%(token)s", "f:%(token)s:is", "f:%(token)s:is:", "f:-%(token)s:done",
    f"f:%(token)s:is:{HUGE}", "f:%(token)s:is:-1", "f:%(token)s:is:²", "f:%(token)s:open", f"f:%(token)s:open:{HUGE}",
    f"f:%(token)s:turn:{HUGE}", "f:%(token)s:turn:9999-99", "f:%(token)s:no", "f:%(token)s:nonsense", "f",
    f"f:{HUGE}:done", "cancel:%(before)s", "cancel", f"cancel:{HUGE}", "at:%(before)s:1", f"at:%(token)s:{HUGE}",
    "at:%(token)s:-1", "into:%(token)s:²:1", "mt:-1", f"mt:{HUGE}", "mt.rsvp:1", "join.yes:0", "", ":", "nonsense:1",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    name: str
    incoming: Incoming
    stays: bool = False  # the question is open after it as it was
    ends: bool = False
    leaves: bool = False  # another question may be open instead


def _sent(bench: Bench, who: str, token: int) -> list[Sent]:
    numbers = {"token": token, "before": token - 1, "after": token + 1}
    words = WORDS | {"another alphabet": OTHER_ALPHABET[bench.language], _IN_DISTRESS: DISTRESS[bench.language]}
    return [
        *(Sent(name, bench.words(who, typed)) for name, typed in words.items()),
        Sent("a location or a contact", bench.words(who)),
        *(Sent(kind, bench.words(who, "", kind)) for kind in FILES),
        *(Sent(f"{kind} with words", bench.words(who, "5 + 7", kind)) for kind in FILES),
        *(Sent(typed, bench.command(who, typed), stays=True) for typed in ASIDE),
        *(Sent(typed, bench.command(who, typed), leaves=True) for typed in ANOTHER),
        *(Sent(press % numbers, bench.tap(who, press % numbers), stays=True) for press in FORGED),
        Sent("/cancel", bench.command(who, "/cancel"), ends=True),
        Sent("Cancel", bench.tap(who, f"cancel:{token}"), ends=True),
    ]


_IN_DISTRESS = "distress"


async def _wrong(walker: Walker, sent: Sent, before: Conversation, log: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the answer to it, and with what stands after it."""
    counts, mark = await walker.bench.counts(), len(log)
    heard, after = await walker.bench.hears(sent.incoming), await walker.open_now()
    same = (after.step, after.draft) == (before.step, before.draft)
    found = list(_wrong_answer(sent, heard, same=same))
    if (sent.stays and not same) or (sent.ends and after.step):
        found.append(f"then {after.step or 'nothing'} is open")
    found += [f"it {why}" for why in _lost(walker.bench, sent, before, heard, same=same)]
    lost = [table for table, rows in (await walker.bench.counts()).items() if rows < counts[table]]
    found += [f"rows of {lost} are lost"] if lost else []
    if not same and forms.form_of(after.step)[0] and not sent.leaves:
        try:
            await Walker(walker.bench, walker.walk, walker.who, walker.answers).finish()
        except AssertionError as error:
            found.append(f"the form can't be finished: {error}")
    found += [f"{line['event']}: {line.get('why')}" for line in log[mark:] if line["level"] not in _FINE]
    return [f"{before.step}, {sent.name}: {one}" for one in found]


_FINE = ("debug", "info")
_NOT_WAITING = text("I am not waiting for an answer right now. Tap the button to see what we can do.")


def _lost(bench: Bench, sent: Sent, before: Conversation, heard: Heard, *, same: bool) -> Iterator[str]:
    """What became of it that nobody would want."""
    form, name = forms.form_of(before.step)
    asked = routes.FORMS[form] if form else None
    if asked is not None and name != forms.REVIEW and not same:
        if sent.incoming.parts and not asked.field(name).files:
            yield "lost its file"
        if sent.name == _IN_DISTRESS and asked.is_for_everybody:
            yield "became an answer, though it is a cry for help"
    if before.step and bench.renderer.html(_NOT_WAITING, bench.language, "UTC") in heard.shown:
        yield "was not waited for, though a question is open"


def _wrong_answer(sent: Sent, heard: Heard, *, same: bool) -> Iterator[str]:
    if not heard.shown:
        yield "silence"
    if heard.foreign:
        yield f"in another language: {heard.foreign}"
    in_distress = sent.name == _IN_DISTRESS
    if in_distress and "112" not in heard.shown[0]:
        yield f"no numbers first: {heard.shown[0]}"
    # What goes on may come with what was made by it, and a review with a preview.
    is_one = len(heard.messages) <= (3 if in_distress else 1) or heard.messages[-1].asks is not None
    if same and not is_one:
        yield f"{len(heard.messages)} answers"


async def _wrong_again(walker: Walker, log: list[dict[str, Any]]) -> list[str]:
    """What is wrong when the right answer comes twice, when it is edited, and when a wrong one is edited to it."""
    bench, found = walker.bench, list[str]()
    given, before = (await walker.given())[:1], (await walker.open_now()).step
    for right in [await walker.incoming(one) for one in given]:
        async with bench.undone():
            await bench.hears(right)
            open_now = await walker.open_now()
            found += await _wrong(walker, Sent("the same twice", bench.again(right)), open_now, log)
        if right.kind is not Kind.WORDS:
            continue
        async with bench.undone():
            await bench.hears(right)
            open_now = await walker.open_now()
            if forms.form_of(open_now.step)[0] == forms.form_of(before)[0] != "":
                found += await _wrong(walker, Sent("an edit of it", bench.again(right, edited=True)), open_now, log)
        async with bench.undone():
            refused, open_now = replace(right, words="\u200b", parts=()), await walker.open_now()
            await bench.hears(refused)
            sent = Sent("an edit of what was refused", bench.again(right, edited=True))
            found += await _wrong(walker, sent, open_now, log)
            if (await walker.open_now()).token == open_now.token:
                found.append("what was refused can't be put right by an edit")
    return found


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
                    wrong += await _all_wrong(walker, now, log_lines)
                goes_on = await walker.go_on()
    assert wrong == []
    if name in routes.FORMS:
        fields = {field.name for field in routes.FORMS[name].fields}
        assert fields - {f"in_{bench.language}"} == {forms.form_of(step)[1] for step in seen} - {forms.REVIEW}
    else:
        assert name in seen


async def _all_wrong(walker: Walker, now: Conversation, log: list[dict[str, Any]]) -> list[str]:
    found = []
    for sent in _sent(walker.bench, walker.who, now.token):
        async with walker.bench.undone():
            found += await _wrong(walker, sent, now, log)
    return [*found, *await _wrong_again(walker, log)]
