"""Cases by themselves: risk, clocks, notices, numbers, and when the hotline may open."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import cases
from domain.cases import Answers, Case, Desk, Part, Reporter, Risk, Side, Stage, State
from domain.messages import Text
from domain.requests import Community
from domain.requests import Part as File
from domain.roles import Role

NOW = datetime(2026, 12, 1, 5, tzinfo=UTC)
NETWORK = Community(1, None, "network", "Network", "/1/", "az", "Asia/Baku", "az")


def case(risk: Risk = Risk.HIGH, *, stage: int = Stage.PAGED, desk: Desk = Desk.WORKERS) -> Case:
    return Case(7, "7F3K2M", State.NEW, risk, desk, stage, NOW, NOW, NETWORK, Reporter(1, 2, "ABCDEF"), Answers(), 9)


@pytest.mark.parametrize(
    ("safe", "heard", "risk"),
    [
        (None, False, Risk.NORMAL),
        ("yes", False, Risk.NORMAL),
        ("yes", True, Risk.HIGH),
        ("unsure", False, Risk.HIGH),
        ("no", False, Risk.CRITICAL),
        ("no", True, Risk.CRITICAL),
    ],
)
def test_words_only_raise_what_was_answered(safe: str | None, heard: bool, risk: Risk) -> None:
    assert cases.risk_of(Answers(safe=safe), heard=heard) is risk


@pytest.mark.parametrize(("risk", "clock"), cases.CLOCKS.items())
def test_half_the_clock_reminds_and_the_whole_escalates(risk: Risk, clock: timedelta) -> None:
    assert cases.due_stage(case(risk), NOW) is None
    reminded = None if risk is Risk.DANGER else Stage.REMINDED  # the backup was called at once, with the worker
    assert cases.due_stage(case(risk), NOW + clock / 2) == reminded
    assert cases.due_stage(case(risk, stage=Stage.REMINDED), NOW + clock / 2) is None
    assert cases.due_stage(case(risk, stage=Stage.REMINDED), NOW + clock) == Stage.ESCALATED
    assert cases.due_stage(case(risk, stage=Stage.ESCALATED), NOW + clock * 1.9) is None
    assert cases.due_stage(case(risk, stage=Stage.ESCALATED), NOW + 2 * clock) == Stage.OUTSIDE
    assert cases.due_stage(case(risk, stage=Stage.OUTSIDE), NOW + 3 * clock) == Stage.EVERYBODY
    assert cases.due_stage(case(risk, stage=Stage.EVERYBODY + 6), NOW + 10 * clock) == Stage.EVERYBODY + 7
    assert cases.due_stage(case(risk), NOW - clock) is None  # a clock that was put back


@pytest.mark.parametrize(("risk", "clock"), cases.CLOCKS.items())
def test_an_alarm_waits_for_its_answer_less_long_than_a_case_that_was_taken(risk: Risk, clock: timedelta) -> None:
    assert not cases.lies_too_long(case(risk), cases.Deed.CLAIMED, NOW, NOW + 2.9 * clock)
    assert cases.lies_too_long(case(risk), cases.Deed.CLAIMED, NOW, NOW + 3 * clock)
    assert not cases.lies_too_long(case(risk), cases.Deed.PAGED, NOW, NOW + 0.9 * clock)
    assert cases.lies_too_long(case(risk), cases.Deed.PAGED, NOW, NOW + clock)


def test_a_notice_says_now_minutes_or_overdue() -> None:
    assert cases.notice(case(Risk.DANGER), NOW).msgid == "case %(number)s, %(risk)s, now"
    assert cases.notice(case(), NOW + timedelta(minutes=59, seconds=10)).n == 1
    assert cases.notice(case(), NOW + timedelta(hours=1)).msgid == "case %(number)s, %(risk)s, overdue"


def test_a_supervisors_case_is_for_supervisors() -> None:
    assert cases.may_take(case(), frozenset({Role.WORKER}))
    assert not cases.may_take(case(desk=Desk.SUPERVISORS), frozenset({Role.WORKER}))
    assert cases.may_take(case(desk=Desk.SUPERVISORS), frozenset({Role.SUPERVISOR}))
    assert not cases.may_take(case(), frozenset({Role.COORDINATOR}))


def test_a_number_is_read_as_people_type_it() -> None:
    assert cases.number_of("7f3-k2m") == "7F3K2M"
    assert cases.number_of("7F3K2") is None


def test_files_are_what_they_are() -> None:
    assert [cases.kind_of(File(kind, "x")) for kind in ("photo", "voice", "video")] == ["photo", "voice", "video"]
    assert [cases.kind_of(File(kind, "x")) for kind in ("document", "audio", "sticker", "other")] == [None] * 4
    for kind in ("photo", "voice", "video"):
        shown = cases.media_of(Part(Side.REPORTER, cases.Kind(kind), file_id="x", id=7))
        assert (shown.kind, shown.part_id) == (kind, 7)


def test_a_part_is_the_same_after_it_was_kept() -> None:
    part = Part(Side.REPORTER, cases.Kind.PHOTO, "look ə", "file", "100", NOW, album="9", message=17)
    assert cases.unkept(cases.kept(part, 17)) == part


def test_names_for_people_are_codes() -> None:
    assert isinstance(case().reporter.name, Text)
    assert case().due_at == NOW + timedelta(hours=1)
