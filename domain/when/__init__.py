"""Dates and times as people type them, in five languages, read for a given moment and zone.

Each phrase is understood rightly or asked again, never silently wrong: whatever is left over must not be a word about
time, and where two readings make sense the answer is AMBIGUOUS.

The grammar is our own and strict. dateparser is not behind it: it guesses ("завтра 18.00" loses its hour), and none of
its answers beyond this grammar could be proved right from the words.
"""

from domain.when.phrases import NotUnderstood
from domain.when.reading import When, read_date, read_leading, read_time, read_when, when_on
from domain.when.settle import Clock, last_day

__all__ = [
    "Clock",
    "NotUnderstood",
    "When",
    "last_day",
    "read_date",
    "read_leading",
    "read_time",
    "read_when",
    "when_on",
]
