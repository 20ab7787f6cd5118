"""Helplines: a number without its source and date is shown to nobody."""

from datetime import date

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
    assert [line.number for line in countries.get("az").helplines] == ["116 111", "146-2"]
    assert countries.get("az").unchecked == ("112",)  # nobody has said where it is from, and when it was rung
    assert [line.number for line in countries.get("kz").helplines] == ["111"]


@pytest.mark.row("F2_bad_no_numbers")
@pytest.mark.parametrize("code", ["ua", "ru", "xx"])
def test_undated_numbers_do_not_load(code: str) -> None:
    assert countries.get(code).helplines == ()


@pytest.mark.parametrize(("source", "on"), [("", "2026-11-22"), ("press", ""), ("  ", "2026")])
def test_without_a_source_or_a_date_a_number_waits(source: str, on: str) -> None:
    read = countries.parse("az", entry(source, on))
    assert read.helplines == ()
    assert read.unchecked == ("116 111",)
    assert len(countries.complaints(read, TODAY)) == 2


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


def test_after_ninety_days_a_number_is_to_be_rung_again() -> None:
    fresh = countries.parse("az", entry(on="2026-11-22"))
    assert countries.complaints(fresh, TODAY) == []
    assert "116 111" in countries.complaints(fresh, date(2027, 3, 1))[0]
