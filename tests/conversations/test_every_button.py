"""Every button of what is over: it was taken back, is past or given up, or whoever taps belongs no more.

A situation is a scene that changed after its buttons were shown. Each way in that is about such a thing is tapped by
everybody: there is one clear answer, nothing is logged, and nothing in the database is changed by it.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import storage.decisions
import storage.meetings
import storage.offers
import storage.partners
import storage.questions
from handlers import routes
from handlers.announcements import chase, read
from handlers.campaigns import show as campaigns
from handlers.challenges import take_part
from handlers.communities import invite, members, roster, school_year, tree
from handlers.families import link
from handlers.meetings import decide, feedback
from handlers.newsletters import draft
from handlers.partners import guest
from handlers.polls import vote
from handlers.stories import decide as stories
from tests import probing
from tests.conftest import Fresh, on_sqlite
from tests.probing import Bench, Heard
from tests.walks import Walk, Walker

# What each loader is given the number of.
TABLES: Mapping[Any, str] = {
    chase.load: "announcements", read.load: "announcements", storage.partners.announcement: "announcements",
    guest.load_announcement: "announcements", storage.meetings.seen_by: "meetings", feedback.load: "meetings",
    storage.partners.meeting: "meetings", guest.load_meeting: "meetings", decide.load: "decisions",
    storage.decisions.own: "decisions", storage.questions.seen_by: "questions", members.load: "memberships",
    tree.load: "communities", invite.load: "invites", roster.load: "rosters", school_year.load: "school_years",
    link.load: "families", vote.load: "polls", take_part.load: "challenges", stories.load: "stories",
    draft.load: "newsletters", campaigns.load: "campaigns", campaigns.load_post: "campaign_posts",
    storage.offers.get: "offers",
}  # fmt: skip
# What a button carries besides; more than one are tapped each.
MORE: Mapping[str, Sequence[str]] = {
    "mt.rsvp": ("yes", "no", "maybe"), "mt.guests": ("1",), "mt.remind.is": ("day",), "mt.slot": ("0",),
    "m.role": ("parent", "head_of_class"), "c.lang.is": ("ru",), "fb": ("2",), "tk.say": ("done",),
    "mute.is": ("week",), "q.up": ("on:0", "off:0"), "q.merge": ("1",), "a.remind": ("1", "2"), "nl.drop": ("0:1",),
    "nl.new": ("this_month",), "of.what": ("m:1",), "of.to": ("m:1:0",), "yr.go": ("1",), "c.move.to": ("3",),
    "c.move.yes": ("3",), "poll.change": ("1",), "ch.did": ("1",), "mt.off.all": ("",),
}  # fmt: skip
ALL = tuple(sorted(set(TABLES.values())))
EVERYBODY = ("head", "coordinator", "parent", "pupil", "neighbour", "newcomer")
# What a tap may leave behind: that it came, what was said to it, and what is awaited now.
TRACES = {"inbox", "conversations", "deliveries", "wrong_tries", "sealing_keys", "persons", "identities"}


@dataclass(frozen=True)
class Situation:
    name: str
    acts: Sequence[str]
    tables: Sequence[str]
    still: frozenset[str] = frozenset()  # what may be done all the same
    who: Sequence[str] = EVERYBODY
    then: str = ""


_SENT = ("as head", "/announce", "all", "job announcements.expand_outgoings")
_TOLD = ("as parent", "/story", "all")
_OF_SCHOOL = ("as coordinator", "/meeting", "at {school}")
_CAMPAIGN = (
    "as coordinator",
    "press cp.new:{school}",
    "all first=words 02.12.2026",
    "tap cp.add",
    "all day=is 2026-12-03",
)
_OFFERED = (*_OF_SCHOOL, "all", "press of.to:{school}:m:{meetings}:0", "all")
_DECIDED = ("as head", "/meeting", "all", "after 9360", "press dn.new:{meetings}", "all")
_ASKED = ("as head", "/meeting", "all kind=is dialogue", "as parent", "press q.ask:{meetings}", "all")
_JOINED = ("as newcomer", "/start {code}", "all", "as head")
_EVERYTHING = (
    "as head", "/announce", "all", "/poll", "all", "/challenge", "all", *_ASKED, *_TOLD, "as newcomer", "/start {code}",
    "all", "as head", "/meeting", "all", "after 9360", "press dn.new:{meetings}", "all",
)  # fmt: skip
_CALLED = ("as head", "/meeting", "all", "as parent", "press mt.rsvp:{meetings}:yes")
SITUATIONS = (
    Situation("recalled", (*_SENT, "press a.back.yes:{announcements}"), ("announcements",)),
    Situation(
        "called off",
        ("as head", "/announce", "offer day", "all", "press a.off.yes:{announcements}"),
        ("announcements",),
    ),
    Situation("meeting over", (*_CALLED, "after 60000"), ("meetings",)),
    Situation("meeting cancelled", (*_CALLED, "as head", "press mt.off.yes:{meetings}"), ("meetings",)),
    Situation("story withdrawn", (*_TOLD, "press st.back.yes:{stories}"), ("stories",)),
    Situation(
        "published story withdrawn",
        (*_TOLD, "as head", "press st.yes:{stories}", "as parent", "press st.back.yes:{stories}"),
        ("stories", "announcements"),
    ),
    Situation("story declined", (*_TOLD, "as head", "press st.no:{stories}", "all"), ("stories",)),
    Situation(
        "newsletter sent",
        (*_OF_SCHOOL, "all", "after 20000", "press nl.new:{school}:this_month", "press nl.send.yes:{newsletters}"),
        ("newsletters",),
    ),
    Situation("campaign cancelled", (*_CAMPAIGN, "press cp.off.yes:{campaigns}"), ("campaigns", "campaign_posts")),
    Situation(
        "campaign over", (*_CAMPAIGN, "job campaigns.send_posts", "after 100000"), ("campaigns", "campaign_posts")
    ),
    Situation("poll closed", ("as head", "/poll", "all", "press poll.close:{polls}"), ("polls",)),
    Situation(
        "challenge over",
        ("as head", "/challenge", "all", "as pupil", "press ch.join:{challenges}", "after 100000"),
        ("challenges",),
    ),
    Situation("offer accepted", (*_OFFERED, "as neighbour", "press of.take:{offers}"), ("offers",)),
    Situation("offer declined", (*_OFFERED, "as neighbour", "press of.no:{offers}"), ("offers",)),
    Situation("offer lapsed", (*_OFFERED, "after 30000"), ("offers",)),
    Situation(
        "what was offered is cancelled",
        (*_OFFERED, "press mt.off.yes:{meetings}"),
        ("offers",),
        still=frozenset({"of.no"}),
    ),
    Situation("decision done", (*_DECIDED, "press dn.done:{decisions}"), ("decisions",)),
    Situation("decision taken off", (*_DECIDED, "press dn.out:{decisions}"), ("decisions",)),
    Situation(
        "question off the list",
        (*_ASKED, "as head", "press q.hide:{questions}"),
        ("questions",),
        still=frozenset({"q.show"}),
    ),
    Situation("questions of a meeting over", (*_ASKED, "after 60000"), ("questions",), still=frozenset({"q.hide"})),
    Situation(
        "year taken back",
        ("as coordinator", "press yr.go:{school}:2", "press yr.undo:{school_years}"),
        ("school_years",),
    ),
    Situation("year begun long ago", ("as coordinator", "press yr.go:{school}:2", "after 20000"), ("school_years",)),
    Situation("invite revoked", ("as head", "press i.stop:{invites}"), ("invites",)),
    Situation(
        "accepted already",
        (*_JOINED, "press join.yes:{memberships}", "after 20000"),
        ("memberships",),
        still=frozenset({"join.undo", "fh.code", "m.role", "m.out.yes"}),
    ),
    Situation(
        "declined already",
        (*_JOINED, "press join.no:{memberships}", "after 20000"),
        ("memberships",),
        still=frozenset({"join.undo"}),
    ),
    Situation(
        "removed already", (*_JOINED, "press join.yes:{memberships}", "press m.out.yes:{memberships}"), ("memberships",)
    ),
    Situation(
        "class archived",
        _EVERYTHING,
        ALL,
        then="archived",
        still=frozenset({"a.back.yes", "dn.done", "dn.out", "poll.close", "q.hide", "st.back.yes"}),
        who=("head", "coordinator", "parent", "pupil", "newcomer"),
    ),
    Situation(
        "they all left",
        _EVERYTHING,
        ALL,
        then="left",
        who=("head", "parent", "pupil"),
        still=frozenset({"st.back.yes"}),
    ),
    Situation(
        "they are forgotten",
        (*_EVERYTHING, "as parent", "press bye", "as pupil", "press bye"),
        ALL,
        who=("parent", "pupil"),
    ),
)


async def _changes(bench: Bench, how: str) -> None:
    """What happens by itself: a class leaves school and whoever belonged there belongs no more, or only the latter."""
    left = bench.places["class"].id
    if how == "archived":
        await bench.db.run("UPDATE communities SET archived_at = 1 WHERE id = :id", id=left)
    if how:
        await bench.db.run("UPDATE memberships SET state = 'left' WHERE community_id = :id", id=left)


async def _shape(bench: Bench) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: [tuple(row) for row in await bench.db.all(f"SELECT * FROM {table}")]  # noqa: S608 - ours
        for table in bench.tables
        if table not in TRACES
    }


def _presses(tables: Sequence[str], numbers: Mapping[str, int]) -> list[tuple[str, str]]:
    found = []
    for name, route in routes.BUTTONS.items():
        table = TABLES.get(route.subject, "")
        if table in tables and not route.confidential:
            for more in MORE.get(name, ("",)):
                found.append((name, ":".join([name, str(numbers[table]), *([more] if more else [])])))
    return found


@pytest.fixture
async def bench(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with probing.opened(fresh, tmp_path, monkeypatch, "ru") as made:
        yield made


@on_sqlite
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
async def test_what_is_over_is_changed_by_no_button(
    bench: Bench, situation: Situation, log_lines: list[dict[str, Any]]
) -> None:
    walker = Walker(bench, Walk("", "head", tuple(situation.acts)), "head", {})
    await walker.begin()
    await _changes(bench, situation.then)
    log_lines.clear()
    numbers = {table: await bench.newest(table) for table in situation.tables}
    before, wrong = await _shape(bench), list[str]()
    for name, press in _presses(situation.tables, numbers):
        for who in situation.who:
            async with bench.undone():
                heard = await bench.hears(bench.tap(who, press))
                found = list(_wrong_answer(heard, most=2 if name == "cp.post" else 1))
                if name not in situation.still:
                    found += [
                        f"{table} is changed" for table, rows in (await _shape(bench)).items() if rows != before[table]
                    ]
                wrong += [f"{press} by {who}: {one}: {heard}" for one in found]
    assert [*wrong, *_logged(log_lines)] == []


@on_sqlite
@pytest.mark.parametrize(
    ("name", "number", "who", "one", "other"),
    [
        ("recalled", "announcements", "head", "a.back.no", "a.back"),
        ("meeting cancelled", "meetings", "head", "mt.off.no", "mt.off"),
        ("meeting over", "meetings", "parent", "fb.line", "fb"),
    ],
)
async def test_nothing_is_said_that_is_true_no_more(
    bench: Bench, name: str, number: str, who: str, one: str, other: str
) -> None:
    """That it stays as it is, or that words are awaited for it."""
    situation = next(found for found in SITUATIONS if found.name == name)
    await Walker(bench, Walk("", "head", tuple(situation.acts)), "head", {}).begin()
    subject = await bench.newest(number)
    first, second = [await bench.hears(bench.tap(who, f"{press}:{subject}:2")) for press in (one, other)]
    assert first.shown == second.shown


def _wrong_answer(heard: Heard, *, most: int) -> Iterator[str]:
    if not heard.shown:
        yield "silence"
    if len(heard.messages) > most:
        yield f"{len(heard.messages)} answers"
    if heard.foreign:
        yield "in another language"


def _logged(log: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{line['event']}: {line.get('why')}" for line in log if line["level"] not in ("debug", "info")]


# --- a form is open meanwhile -----------------------------------------------------------------------------------------

# Who answers which form, how it is come by, and what happens to its subject before it is done.
MEANWHILE: Sequence[tuple[str, Sequence[str], Sequence[str], str]] = (
    ("head", (*_SENT, "press a.fix:{announcements}"), ("as coordinator", "press a.back.yes:{announcements}"), ""),
    (
        "head",
        ("as head", "/announce", "offer day", "all", "press a.time:{announcements}"),
        ("as coordinator", "press a.off.yes:{announcements}"),
        "",
    ),
    (
        "coordinator",
        ("as coordinator", "press cp.new:{school}", "all first=words 02.12.2026", "tap cp.add"),
        ("as owner", "press cp.off.yes:{campaigns}"),
        "",
    ),
    ("coordinator", (*_CAMPAIGN, "press cp.text:{campaign_posts}"), ("as owner", "press cp.off.yes:{campaigns}"), ""),
    ("coordinator", (*_CAMPAIGN, "press cp.time:{campaign_posts}"), ("as owner", "press cp.drop:{campaign_posts}"), ""),
    (
        "coordinator",
        (*_OF_SCHOOL, "all", "after 20000", "press nl.new:{school}:this_month", "press nl.open:{newsletters}"),
        ("as owner", "press nl.send.yes:{newsletters}"),
        "",
    ),
    ("head", (*_TOLD, "as head", "press st.no:{stories}"), ("as parent", "press st.back.yes:{stories}"), ""),
    ("parent", ("as parent", "/story"), (), "archived"),
    ("parent", ("as parent", "/story"), (), "left"),
    ("head", (*_CALLED, "as head", "press mt.move:{meetings}"), ("as coordinator", "press mt.off.yes:{meetings}"), ""),
    ("head", (*_CALLED, "as head", "press mt.move:{meetings}"), ("after 20000",), ""),
    ("head", (*_DECIDED, "press dn.give:{decisions}"), ("as coordinator", "press dn.done:{decisions}"), ""),
    ("head", (*_DECIDED, "press dn.give:{decisions}"), ("as coordinator", "press dn.out:{decisions}"), ""),
    ("head", (*_DECIDED, "press tk.say:{decisions}:done"), ("as coordinator", "press dn.out:{decisions}"), ""),
    ("head", (*_DECIDED, "press tk.say:{decisions}:no"), ("as coordinator", "press dn.done:{decisions}"), ""),
    ("parent", (*_ASKED[:-1],), ("as head", "press mt.off.yes:{meetings}"), ""),
    ("parent", (*_ASKED[:-1],), ("after 20000",), ""),
    ("coordinator", (*_OFFERED[:-1],), ("as coordinator", "press mt.off.yes:{meetings}"), ""),
    ("newcomer", ("as newcomer", "/start {code}"), ("as head", "press i.stop:{invites}"), ""),
    ("newcomer", ("as newcomer", "/start {code}"), (), "archived"),
    ("newcomer", ("as newcomer", "/start {class_code}"), ("as coordinator", "press i.stop:3"), ""),
    *(
        ("head", ("as head", command), (), how)
        for command in ("/announce", "/meeting", "/poll", "/challenge")
        for how in ("archived", "left")
    ),
    ("coordinator", ("as coordinator", "press c.name:{class}"), (), "archived"),
    ("head", ("as head", "press i.new:{class}"), (), "left"),
)


@on_sqlite
@pytest.mark.parametrize(("who", "acts", "then", "how"), MEANWHILE)
async def test_a_form_whose_subject_is_over_ends_with_one_sentence(
    bench: Bench, who: str, acts: Sequence[str], then: Sequence[str], how: str, log_lines: list[dict[str, Any]]
) -> None:
    walker = Walker(bench, Walk("", who, tuple(acts)), who, {})
    await walker.begin()
    log_lines.clear()
    assert (await walker.open_now()).step
    wrong = []
    while (now := await walker.open_now()).step:
        async with bench.undone():
            await Walker(bench, Walk("", who, tuple(then)), who, {}).begin()
            await _changes(bench, how)
            before = await _shape(bench)
            said = await _answered_to_the_end(walker)
            changed = [table for table, rows in (await _shape(bench)).items() if rows != before[table]]
            if changed:
                wrong.append(f"{now.step} changes {changed}: {said}")
        if not await walker.answer():
            break
    assert [*wrong, *_logged(log_lines)] == []


async def _answered_to_the_end(walker: Walker) -> str:
    """The last thing that is said: in answer to the last question, or to the first one that goes not on."""
    said = ""
    for _ in range(40):
        before = await walker.open_now()
        if not before.step:
            break
        for one in await walker.given():
            said = str(await walker.bench.hears(await walker.incoming(one)))
        if (await walker.open_now()).token == before.token:
            break
    return said
