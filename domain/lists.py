"""Lists that are longer than a screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.messages import Button, button, text

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Page(Generic[One]):
    """What fits on a screen: the page's number, from 0, and whether others follow."""

    shown: Sequence[One]
    number: int
    more: bool


def page_of(found: Sequence[One], given: int, most: int) -> Page[One]:
    """`most` of them on each page; the last page there is where the one that was asked for is no more."""
    number = min(given, max(0, len(found) - 1) // most)
    return Page(found[number * most : (number + 1) * most], number, more=len(found) > (number + 1) * most)


def turning(route: str, *args: int | str, page: int, more: bool) -> list[Button]:
    """The buttons to the page before this one and to the next, as far as there are any; the page comes last in them."""
    # NOTE: button. To the page before this one.
    earlier = [button(text("Earlier"), route, *args, page - 1)] if page > 0 else []
    # NOTE: button. To the next page.
    later = [button(text("Later"), route, *args, page + 1)] if more else []
    return [*earlier, *later]
