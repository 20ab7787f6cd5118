from hypothesis import given
from hypothesis import strategies as st

from domain.posters import packed


@given(st.lists(st.integers(1, 150)), st.integers(1, 60))
def test_files_hold_every_poster_in_order_and_tear_no_school_that_fits_into_one(sizes: list[int], most: int) -> None:
    schools = [[(school, number) for number in range(size)] for school, size in enumerate(sizes)]
    files = packed(schools, most)
    assert [one for file in files for one in file] == [one for own in schools for one in own]
    assert all(1 <= len(file) <= most for file in files)
    for school, own in enumerate(schools):
        holding = [file for file in files if any(one[0] == school for one in file)]
        assert len(holding) == -(-len(own) // most) or len(own) > most


def test_a_pilot_of_54_schools_comes_in_three_files() -> None:
    files = packed([["5A", "5B", "5C"]] * 54)
    assert [len(file) for file in files] == [60, 60, 42]
