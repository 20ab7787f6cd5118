"""Posters to print: how many are in one file, and what stands together in it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

IN_A_FILE = 60
MOST = 600  # at once: ten files
_Poster = TypeVar("_Poster")


def packed(schools: Iterable[Sequence[_Poster]], most: int = IN_A_FILE) -> list[list[_Poster]]:
    """The posters of each school in files of at most `most`, in their order: a school is torn only where no file could
    hold it."""
    files: list[list[_Poster]] = []
    for own in schools:
        if files and len(files[-1]) + len(own) <= most:
            files[-1] += own
        else:
            files += [list(own[at : at + most]) for at in range(0, len(own), most)]
    return files
