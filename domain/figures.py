"""The figures of the hotline for a ministry: how many reports in a whole quarter or year, of what kind, how urgent, how
soon answered, in which district. Never by school or class, and no number that tells of one child (rule 22)."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.cases import RISKS, Risk
from domain.concerns import CONCERNS
from domain.messages import Body, NewFile, Text, Words, lines, paragraphs, text
from domain.suppression import shown

ELSEWHERE = "elsewhere"  # where a district would be a single school, and where there is none
NOT_SORTED = "not_sorted"


@dataclass(frozen=True, slots=True)
class Period:
    """A whole year, or one of its quarters (1 to 4)."""

    year: int
    quarter: int | None = None

    @property
    def name(self) -> str:
        return f"{self.year}" if self.quarter is None else f"{self.year}-Q{self.quarter}"

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """From when on, and until before when, in the zone of the network."""
        first, months = (1, 12) if self.quarter is None else (3 * self.quarter - 2, 3)
        behind = (self.year + 1, 1) if first + months > 12 else (self.year, first + months)
        local = ZoneInfo(zone)
        return (
            datetime(self.year, first, 1, tzinfo=local).astimezone(UTC),
            datetime(*behind, 1, tzinfo=local).astimezone(UTC),
        )

    def is_over(self, zone: str, now: datetime) -> bool:
        return self.bounds(zone)[1] <= now


def period_of(name: str) -> Period | None:
    """The period of this name; None: it is none."""
    found = re.fullmatch(r"(20[0-9]{2})(?:-Q([1-4]))?", name)
    return Period(int(found[1]), int(found[2]) if found[2] else None) if found else None


def offered(zone: str, now: datetime) -> list[Period]:
    """The last quarters and years that are over, the newest first."""
    year = now.astimezone(ZoneInfo(zone)).year
    quarters = [Period(one, quarter) for one in (year, year - 1) for quarter in (4, 3, 2, 1)]
    over = [one for one in quarters if one.is_over(zone, now)]
    return [*over[:4], Period(year - 1), Period(year - 2)]


# --- counted ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """What a dull row tells of one report. `district` is a name, or ELSEWHERE."""

    kind: str | None
    risk: str
    opened_at: datetime
    answered_at: datetime | None
    district: str


_BANDS: tuple[tuple[str, timedelta], ...] = (
    ("15_minutes", timedelta(minutes=15)),
    ("1_hour", timedelta(hours=1)),
    ("3_hours", timedelta(hours=3)),
    ("1_day", timedelta(days=1)),
)
_LATER, _NEVER = "later", "not_answered"


def band_of(report: Report) -> str:
    """How soon it was answered."""
    if report.answered_at is None:
        return _NEVER
    waited = report.answered_at - report.opened_at
    return next((name for name, most in _BANDS if waited <= most), _LATER)


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be shown of a period: a total, and tables of rows with their numbers. None: hidden. Nothing else is ever
    kept of them: what is hidden can't be asked for later."""

    period: str
    total: int | None
    tables: Mapping[str, Sequence[tuple[str, int | None]]]

    @property
    def is_empty(self) -> bool:
        return self.total == 0


def count(period: Period, reports: Sequence[Report], districts: Sequence[str]) -> Figures:
    """The figures of these reports. Every row there can be stands in its table, so that none tells by being there."""
    columns: dict[str, tuple[list[str], list[str]]] = {
        "kind": ([*KINDS, NOT_SORTED], [one.kind if one.kind and one.kind in KINDS else NOT_SORTED for one in reports]),
        "risk": ([risk.value for risk in Risk], [one.risk for one in reports]),
        "answer": ([*(name for name, _ in _BANDS), _LATER, _NEVER], [band_of(one) for one in reports]),
        "district": ([*districts, ELSEWHERE], [one.district for one in reports]),
    }
    tables = {name: _table(rows, values) for name, (rows, values) in columns.items()}
    return Figures(period.name, shown([len(reports)]).total, tables)


def _table(rows: Sequence[str], values: Sequence[str]) -> list[tuple[str, int | None]]:
    return list(zip(rows, shown([values.count(row) for row in rows]).numbers, strict=True))


def as_json(figures: Figures) -> dict[str, Any]:
    return {"period": figures.period, "total": figures.total, "tables": figures.tables}


def from_json(kept: Mapping[str, Any]) -> Figures:
    tables = {name: [(row, number) for row, number in rows] for name, rows in kept["tables"].items()}
    return Figures(kept["period"], kept["total"], tables)


# --- in words ---------------------------------------------------------------------------------------------------------

KINDS: Mapping[str, Text] = {concern.value: words for concern, words in CONCERNS.items()}
_ROWS: Mapping[str, Text] = {
    **KINDS,
    **{risk.value: words for risk, words in RISKS.items()},
    # NOTE: A row of figures: reports that nobody has given a kind.
    NOT_SORTED: text("Not sorted"),
    # NOTE: A row of figures: the first answer to a report came in this time.
    "15_minutes": text("Within 15 minutes"),
    # NOTE: A row of figures: the first answer to a report came in this time.
    "1_hour": text("Within an hour"),
    # NOTE: A row of figures: the first answer to a report came in this time.
    "3_hours": text("Within 3 hours"),
    # NOTE: A row of figures: the first answer to a report came in this time.
    "1_day": text("Within a day"),
    # NOTE: A row of figures: the first answer to a report came later than after a day.
    _LATER: text("Later"),
    # NOTE: A row of figures: reports that were not answered.
    _NEVER: text("Not answered"),
    # NOTE: A row of figures: reports from no district, or from districts too small to be named.
    ELSEWHERE: text("Elsewhere"),
}
_TITLES: Mapping[str, Text] = {
    "kind": text("<b>By kind</b>"),
    "risk": text("<b>By urgency</b>"),
    "answer": text("<b>By time to the first answer</b>"),
    "district": text("<b>By district</b>"),
}


def in_words(figures: Figures) -> Body:
    """All of it, to read in a chat."""
    heading = text("<b>Reports to the hotline, %(period)s</b>", period=Words(figures.period))
    if figures.is_empty:
        return paragraphs(heading, text("No data."))
    if figures.total is None:
        return paragraphs(heading, text("Fewer than 5 reports: too few for figures."))
    tables = [lines(_TITLES[name], *(_line(*row) for row in rows)) for name, rows in figures.tables.items()]
    why = text("“–”: hidden, since it is below 5 or would give such a number away.")
    return paragraphs(heading, text("Together: %(number)s", number=figures.total), *tables, why)


def _line(row: str, number: int | None) -> Text:
    # NOTE: A row of figures: "Bullying: 12".
    return text("%(row)s: %(number)s", row=_ROWS.get(row, Words(row)), number=Words("–") if number is None else number)


def as_file(figures: Figures) -> NewFile:
    """The same for a spreadsheet, in words that don't depend on a language. What is hidden is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["period", "table", "row", "reports"])
    writer.writerow([figures.period, "all", "all", _cell(figures.total)])
    for name, rows in figures.tables.items() if figures.total else ():
        writer.writerows([figures.period, name, _harmless(row), _cell(number)] for row, number in rows)
    return NewFile(f"hotline-{figures.period}.csv", file.getvalue().encode("utf-8-sig"), "text/csv")


def _cell(number: int | None) -> str:
    return "" if number is None else str(number)


def _harmless(name: str) -> str:
    """A name that a spreadsheet would take for a formula."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t") else name
