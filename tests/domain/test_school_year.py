"""A9: what a class is called next year."""

from datetime import UTC, datetime

import pytest

from domain.school_year import SchoolClass, Standing, ends_at, in_the_way, moved, plan, year_of


def of(name: str, school: int = 1) -> SchoolClass:
    return SchoolClass(abs(hash((name, school))), school, f"School {school}", name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("5A", "6A"),
        ("5 «Б»", "6 «Б»"),
        ("09Ə", "10Ə"),
        ("10", "11"),
        ("0A", "1A"),
        ("1-в", "2-в"),
        ("11A", None),
        ("12 Б", None),
    ],
)
def test_a_class_moves_up_by_a_year(before: str, after: str | None) -> None:
    move = moved(of(before))
    assert move is not None
    assert move.after == after


@pytest.mark.parametrize("name", ["Hazırlıq", "A5", "145", "2026", "XI A", "13A"])
def test_a_name_without_a_year_stays(name: str) -> None:
    assert moved(of(name)) is None


def test_all_at_once_nothing_collides_that_did_not_before() -> None:
    found = plan([of(f"{year}A") for year in range(1, 12)], {})
    assert (len(found.moves), found.leaving, found.clashes) == (11, 1, ())


def test_a_clash_keeps_its_school_and_no_other() -> None:
    found = plan([of("5A"), of("5 А"), of("7B"), of("5A", 2), of("Club", 2)], {})
    assert [(one.school, set(one.names)) for one in found.clashes] == [("School 1", {"5A", "5 А"})]
    assert [move.of_class.school_id for move in found.moves] == [2]
    assert [one.name for one in found.staying] == ["Club"]


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        ([("6A", "5A"), ("6B", "5B")], []),
        ([("6A", "5A"), ("5 а", None)], ["5 а"]),  # a new one, in Cyrillic letters
        ([("5A", None), ("5A", None)], []),  # no undo of this move makes it so
        ([("6A", "5A"), ("6A", "5A")], ["6A", "6A"]),  # two schools became one
    ],
)
def test_who_stands_in_the_way_of_an_undo_is_named(classes: list[tuple[str, str | None]], names: list[str]) -> None:
    assert in_the_way([Standing(1, name, back) for name, back in classes]) == names
    assert in_the_way([Standing(number, *one) for number, one in enumerate(classes)]) == []  # each in its own school


@pytest.mark.parametrize("highest", [4, 9])
def test_a_school_that_may_end_is_asked_about_until_somebody_said_so(highest: int) -> None:
    classes = [of("1A"), of(f"{highest}A"), of("11A", 2), of("10A", 3)]
    asked = plan(classes, {})
    assert [(one.school_id, one.grade) for one in asked.unclear] == [(1, highest)]
    leaves, goes_on = plan(classes, {1: highest}), plan(classes, {1: 11})
    assert (leaves.unclear, leaves.said, goes_on.unclear, goes_on.said) == ((), (1,), (), (1,))
    assert [move.of_class.name for move in leaves.moves if move.after is None] == [f"{highest}A", "11A"]
    assert [move.of_class.name for move in goes_on.moves if move.after is None] == ["11A"]


def test_what_was_said_of_a_school_is_over_once_it_has_older_classes() -> None:
    found = plan([of("9A"), of("10A"), of("11A")], {1: 9})
    assert [move.after for move in found.moves] == ["10A", "11A", None]
    assert (found.unclear, found.said) == ((), ())


@pytest.mark.parametrize(("month", "year"), [(1, 2026), (4, 2026), (5, 2027), (8, 2027), (9, 2027), (12, 2027)])
def test_from_may_on_the_year_ahead_is_meant(month: int, year: int) -> None:
    now = datetime(2027, month, 15, tzinfo=UTC)
    assert year_of(now, "Asia/Baku") == year
    assert ends_at(year, "Asia/Baku") > now
