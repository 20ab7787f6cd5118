"""Helplines: a number without its source and date is shown to nobody."""

from datetime import date, timedelta

import pytest

from domain import countries

TODAY = date(2026, 12, 1)
ENTRY = '[[numbers]]\nwhat = "children"\nnumber = "116 111"\nsource = "{source}"\nchecked_on = "{on}"\n'


def entry(source: str = "the operator rang it", on: str = "2026-11-22") -> str:
    return ENTRY.format(source=source, on=on)


@pytest.mark.parametrize("code", countries.CODES)
def test_every_file_loads_and_every_number_shown_has_source_and_date(code: str) -> None:
    for line in countries.get(code).helplines:
        assert line.source
        assert line.checked_on <= TODAY


def test_the_numbers_of_the_two_dated_countries() -> None:
    assert [line.number for line in countries.get("az").helplines] == ["112", "116 111", "146-2"]
    assert [line.number for line in countries.get("kz").helplines] == ["112", "111"]
    assert countries.get("az").has_what_a_child_needs
    assert countries.get("kz").has_what_a_child_needs


@pytest.mark.row("F2_bad_no_numbers")
@pytest.mark.parametrize("code", ["ua", "ru", "xx"])
def test_undated_numbers_do_not_load(code: str) -> None:
    assert countries.get(code).helplines == ()


@pytest.mark.parametrize(("source", "on"), [("", "2026-11-22"), ("press", ""), ("  ", "2026")])
def test_without_a_source_or_a_date_a_number_waits(source: str, on: str) -> None:
    read = countries.parse("az", entry(source, on))
    assert read.helplines == ()
    assert read.unchecked == ("116 111",)
    assert len(countries.complaints(read, TODAY)) == 3  # nothing checked, this one to be rung, and no rule


@pytest.mark.parametrize(("on", "day"), [("2026", date(2026, 1, 1)), ("2026-03", date(2026, 3, 1))])
def test_a_month_or_a_year_counts_from_its_first_day(on: str, day: date) -> None:
    assert countries.parse("az", entry(on=on)).helplines[0].checked_on == day


@pytest.mark.parametrize(
    "source",
    [
        "numbers = [",
        entry(on="22.11.2026"),
        entry(on="2026-13-01"),
        '[[numbers]]\nwhat = "pizza"\nnumber = "112"\n',
        '[[numbers]]\nwhat = "children"\nnumber = "call me"\n',
    ],
)
def test_what_can_not_be_right_is_refused(source: str) -> None:
    with pytest.raises(countries.CountryError):
        countries.parse("az", source)


CHECKED = date(2026, 11, 22)
LAST_GOOD_DAY = date(2027, 2, 20)  # the 90th after it
A_RULE = '[rules]\n{name} = {{ {unit} = {amount}, source = "{source}", checked_on = "2026-11-22" }}\n'


def a_rule(name: str = "closed", amount: object = 90, unit: str = "days", source: str = "Law 1") -> str:
    return A_RULE.format(name=name, unit=unit, amount=amount, source=source)


@pytest.mark.rule(10)
def test_a_number_is_good_for_ninety_days_and_not_one_more() -> None:
    number = countries.parse("az", entry(on="2026-11-22"))
    rung_again = "ring them again: 116 111"
    assert timedelta(days=90) == LAST_GOOD_DAY - CHECKED
    assert not any(rung_again in one for one in countries.complaints(number, CHECKED))
    assert not any(rung_again in one for one in countries.complaints(number, LAST_GOOD_DAY))
    assert any(rung_again in one for one in countries.complaints(number, LAST_GOOD_DAY + timedelta(days=1)))


@pytest.mark.rule(10)
def test_a_number_that_is_due_is_still_shown() -> None:
    old = countries.parse("az", entry(on="2019")).helplines
    assert [line.number for line in old] == ["116 111"]
    assert old[0].is_due(TODAY)


@pytest.mark.rule(10)
def test_a_rule_of_the_law_is_good_for_ninety_days_and_not_one_more() -> None:
    read = countries.parse("az", a_rule())
    again = "over 90 days ago: closed"
    assert not any(again in one for one in countries.complaints(read, LAST_GOOD_DAY))
    assert any(again in one for one in countries.complaints(read, LAST_GOOD_DAY + timedelta(days=1)))


@pytest.mark.rule(21)
@pytest.mark.parametrize("code", [*countries.CODES, "xx"])
def test_every_country_says_how_long_what_is_kept_stays(code: str) -> None:
    kept = countries.get(code).retention
    assert (kept.draft, kept.information, kept.closed) == (timedelta(hours=24), timedelta(days=30), timedelta(days=90))
    assert (kept.audit, kept.ledger) == (timedelta(days=5 * 365), timedelta(days=365))
    assert kept.plan >= kept.closed
    assert kept.referral >= kept.closed


@pytest.mark.rule(21)
def test_what_a_countrys_file_says_counts() -> None:
    read = countries.parse("az", a_rule("plan", 1_000) + a_rule("consent_age", 16, "years").replace("[rules]\n", ""))
    assert read.retention.plan == timedelta(days=1_000)
    assert read.retention.closed == timedelta(days=90)
    assert read.consent_age == 16
    assert countries.get("xx").consent_age == countries.CONSENT_AGE


@pytest.mark.rule(21)
@pytest.mark.parametrize("code", countries.CODES)
def test_rules_that_nobody_has_checked_are_named(code: str) -> None:
    assert any("consent_age" in one and "closed" in one for one in countries.complaints(countries.get(code), TODAY))
    unsigned = countries.parse(code, a_rule(source=" "))
    assert unsigned.rules[0].checked_on is None


@pytest.mark.parametrize(
    "rule",
    [
        a_rule("pizza"),
        a_rule(amount=0),
        a_rule(amount='"90"'),
        a_rule(unit="years"),
        a_rule("draft"),
        a_rule(amount="true"),
    ],
)
def test_a_rule_that_can_not_be_right_is_refused(rule: str) -> None:
    with pytest.raises(countries.CountryError):
        countries.parse("az", rule)
