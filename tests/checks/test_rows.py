"""Every row of the features and every item of its last column has a test, and no test names a row that isn't there."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent


def _wanted() -> set[str]:
    rows = tomllib.loads((TESTS / "rows.toml").read_text())
    plain = {name for name in rows if name != "ANY"}
    return plain | {f"{name}_bad_{item}" for name, row in rows.items() for item in row["bad"]}


def _named() -> Iterator[str]:
    """What the tests name in @pytest.mark.row(…) and in pytest.param(…, marks=pytest.mark.row(…))."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row":
                for one in node.args:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


def test_every_row_and_every_bad_input_has_a_test() -> None:
    assert sorted(_wanted() - set(_named())) == []


def test_no_test_names_a_row_that_is_not_there() -> None:
    assert sorted(set(_named()) - _wanted()) == []
