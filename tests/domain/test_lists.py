"""Pages of lists that are longer than a screen."""

import pytest

from domain.lists import Page, page_of, turning


@pytest.mark.parametrize(
    ("given", "page"),
    [
        (0, Page([1, 2, 3], 0, more=True)),
        (1, Page([4, 5, 6], 1, more=True)),
        (2, Page([7], 2, more=False)),
        (99, Page([7], 2, more=False)),  # the list was longer when the button was made
    ],
)
def test_a_page_is_cut_from_what_there_is(given: int, page: Page[int]) -> None:
    assert page_of([1, 2, 3, 4, 5, 6, 7], given, 3) == page


def test_a_full_last_page_has_none_after_it_and_nothing_is_one_page() -> None:
    assert page_of([1, 2, 3], 0, 3) == Page([1, 2, 3], 0, more=False)
    assert page_of([], 5, 3) == Page([], 0, more=False)


def test_only_pages_that_are_there_can_be_turned_to() -> None:
    assert [one.press for one in turning("x", 7, page=0, more=False)] == []
    assert [one.press for one in turning("x", 7, page=0, more=True)] == ["x:7:1"]
    assert [one.press for one in turning("x", 7, page=2, more=True)] == ["x:7:1", "x:7:3"]
