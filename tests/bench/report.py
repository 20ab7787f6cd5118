"""What was measured: a name and its numbers, their medians, the ratios between them, a table and a flat JSON file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Aim:
    """What a number must reach: at least, or at most, this."""

    least: float | None = None
    most: float | None = None
    unit: str = "×"

    def is_reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}" if self.most is not None else ""


# name → (above, below): from the medians of one run.
RATIOS: dict[str, tuple[str, str]] = {
    "command_vs_ptb_echo": ("command", "ptb_echo"),
    "command_vs_aiogram_echo": ("command", "aiogram_echo"),
    "command_vs_grammy_echo": ("command", "grammy_echo"),
    "rsvp_vs_ptb_echo": ("rsvp", "ptb_echo"),
    "slow_api_command_vs_ptb_echo": ("slow_api_command", "slow_api_ptb_echo"),
    "reply_p99_vs_ptb_echo": ("command_p99_ms_at_100", "ptb_echo_p99_ms_at_100"),
    "growth_rsvp": ("rsvp_cpu_ms_at_many_persons", "rsvp_cpu_ms_at_few_persons"),
    "growth_rsvp_wall": ("rsvp_ms_at_many_persons", "rsvp_ms_at_few_persons"),
    "growth_reminder_tick": ("reminder_tick_ms_at_many", "reminder_tick_ms_at_few"),
    "reply_p99_during_broadcast_vs_idle": ("reply_p99_ms_during_broadcast", "reply_p99_ms_idle"),
}
AIMS: dict[str, Aim] = {
    "stand_in_calls": Aim(least=5_000),
    "command_vs_ptb_echo": Aim(least=2.0),
    "command_vs_aiogram_echo": Aim(least=1.5),
    "rsvp_vs_ptb_echo": Aim(least=1.2),
    "slow_api_command_vs_ptb_echo": Aim(least=10),
    "reply_p99_vs_ptb_echo": Aim(most=1.5),
    "broadcast_of_limit": Aim(least=0.99),
    "broadcast_early": Aim(most=0),
    "broadcast_lost": Aim(most=0),
    "broadcast_doubled": Aim(most=0),
    "reply_p99_during_broadcast_vs_idle": Aim(most=2),
    "danger_p99_ms": Aim(most=2_000),
    "danger_broadcasts_refused_p99_ms": Aim(most=2_000),
    "danger_button_broadcasts_refused_p99_ms": Aim(most=2_000),
    "danger_calls_refused_p99_ms": Aim(most=2_000),
    "danger_button_calls_refused_p99_ms": Aim(most=2_000),
    "growth_rsvp": Aim(most=1.2),
    "growth_reminder_tick": Aim(most=1.2),
    "audience_preview_ms": Aim(most=1_000),
    "start_up_seconds": Aim(most=2),
    "resident_mb": Aim(most=120),
    "postgresql_command": Aim(least=300),
}


class Report:
    """Gathers numbers while bars show how far it is."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._measured: dict[str, list[float]] = {}
        self._said: dict[str, float | str] = {}
        self._notes: list[str] = []
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
        )
        self._task: TaskID | None = None

    @contextmanager
    def part(self, name: str, steps: int) -> Iterator[None]:
        """A part of the run with so many steps."""
        with self._progress:
            self._task = self._progress.add_task(name, total=steps)
            try:
                yield
            finally:
                self._progress.remove_task(self._task)
                self._task = None

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """One step."""
        if self._task is not None:
            self._progress.update(self._task, description=what)
        yield
        if self._task is not None:
            self._progress.advance(self._task)

    def add(self, name: str, value: float) -> None:
        """One of several measurements: the median counts."""
        self._measured.setdefault(name, []).append(value)

    def say(self, name: str, value: float | str) -> None:
        """A number, or a setting, that is what it is."""
        self._said[name] = value

    def note(self, sentence: str) -> None:
        """Why something was left out."""
        self._notes.append(sentence)

    def numbers(self) -> dict[str, float | str]:
        found: dict[str, float | str] = dict(self._said)
        for name, values in self._measured.items():
            found[name] = median(values)
            if len(values) > 1:
                found[f"{name}_least"], found[f"{name}_most"] = min(values), max(values)
        for name, (above, below) in RATIOS.items():
            one, other = found.get(above), found.get(below)
            if isinstance(one, int | float) and isinstance(other, int | float) and other > 0:
                found[name] = one / other
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.numbers(), indent=1, sort_keys=True) + "\n")

    def show(self) -> list[str]:
        """Prints the table; returns the names of the aims that were not reached."""
        numbers, missed = self.numbers(), []
        table = Table(show_edge=False)
        for heading in ("", "median", "least", "most", "aim", ""):
            table.add_column(heading, justify="left" if not heading else "right")
        for name in (*self._said, *self._measured, *(name for name in RATIOS if name in numbers)):
            value, aim, mark = numbers[name], AIMS.get(name), ""
            if aim is not None and isinstance(value, int | float):
                mark = "✓" if aim.is_reached(value) else "✗"
                if mark == "✗":
                    missed.append(name)
            spread = [shown(numbers.get(f"{name}{end}", "")) for end in ("_least", "_most")]
            table.add_row(name, shown(value), *spread, str(aim or ""), mark)
        self._console.print(table)
        for sentence in self._notes:
            self._console.print(sentence, highlight=False)
        return missed


def shown(value: float | str) -> str:
    """As many digits as it deserves."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
