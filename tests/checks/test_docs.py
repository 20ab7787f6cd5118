"""What the documents say is what the program does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Settings
from bot.doctor import About
from bot.metrics import Metrics, Seen
from bot.watching import CHECKS
from handlers import routes
from storage.operation import OPEN_LANES, Backlog

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
ALERTS = (ROOT / "docs" / "alerts.yml").read_text()


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    named = set(re.findall(r"^\| `(BIRGE_[A-Z_]+)`", README, re.MULTILINE))
    assert named == {f"BIRGE_{name.upper()}" for name in Settings.model_fields}


def test_every_command_says_what_it_does() -> None:
    silent = [name for name, route in routes.COMMANDS.items() if route.help is None]
    assert silent == ["start"]  # the messenger sends it by itself


def test_the_first_screen_of_the_readme_shows_a_picture_and_the_two_commands() -> None:
    first = "\n".join(README.splitlines()[:24])
    picture = re.search(r"!\[.+\]\((.+\.png)\)", first)
    assert picture is not None
    assert (ROOT / picture[1]).stat().st_size > 10_000
    assert "make demo" in first
    assert "make test" in first


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (ROOT / target).exists(), f"{path.name} links to {target}"


def test_the_eight_steps_stand_in_contributing() -> None:
    steps = re.findall(r"^\| (\d) \| (\w+) \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert [name for _, name in steps] == "receive translate open identify route handle commit send".split()


# --- operating.md ---------------------------------------------------------------------------------------------------


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As the pages that show Markdown name its headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(text)}


def series() -> dict[str, str]:
    """The name of each metric as it is told, and its kind, when everything can be told."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    seen = Seen(dict.fromkeys(CHECKS, True), dict.fromkeys(OPEN_LANES, Backlog(1, 1)), 1, now, now, now)
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", Metrics().told(seen).decode(), re.MULTILINE))


def test_each_metric_has_its_runbook_and_no_other() -> None:
    named = {heading for heading in headings(OPERATING) if heading.startswith(("birge_", "process_"))}
    told = set(series())
    assert named - told == set()
    assert {name for name in told - named if not name.startswith("process_")} == set()
    assert [name for name in told if f"{name}" not in OPERATING] == []


def test_each_finding_of_the_doctor_has_its_runbook_and_no_other() -> None:
    named = re.findall(r"^### doctor: (\S+)$", OPERATING, re.MULTILINE)
    assert sorted(named) == sorted(About)


def test_each_check_of_readiness_has_its_line() -> None:
    assert re.findall(r"^- `(\w+)`: ", OPERATING, re.MULTILINE) == list(CHECKS)


def test_each_alert_asks_for_metrics_that_are_told_and_names_its_runbook() -> None:
    told = set(series())
    told |= {f"{name}_bucket" for name, kind in series().items() if kind == "histogram"}
    rules = re.split(r"^ +- alert: ", ALERTS, flags=re.MULTILINE)[1:]
    assert len(rules) > 10
    for rule in rules:
        expression = re.search(r"expr: (.+)", rule)
        runbook = re.search(r'runbook: "operating\.md#(\S+)"', rule)
        assert expression is not None
        assert runbook is not None
        assert set(re.findall(r"(?:birge|process)_\w+", expression[1])) <= told, rule
        assert runbook[1] in anchors(OPERATING), rule


def test_the_alerts_that_matter_most_are_there() -> None:
    asked = "\n".join(re.findall(r"expr: (.+)", ALERTS))
    for name in ("birge_ready", 'birge_job_lag_seconds{job="hotline"}', "birge_backup_age_seconds", "birge_outbox"):
        assert name in asked


@pytest.mark.parametrize("name", ["operating.md", "safeguarding.md", "glossary.md"])
def test_every_link_of_the_documents_beside_it_leads_somewhere(name: str) -> None:
    path = ROOT / "docs" / name
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", path.read_text()):
        there = path.parent / target if target else path
        assert there.exists(), f"{name} links to {target}"
        assert not anchor or anchor in anchors(there.read_text()), f"{name} links to {target}#{anchor}"


def test_the_unit_gives_birge_the_time_it_needs_to_stop() -> None:
    from bot.stopping import WITHIN

    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", OPERATING, re.MULTILINE)
    (timeout,) = re.findall(r"--stop-timeout (\d+)", OPERATING)
    assert int(seconds) > WITHIN < int(timeout)
    assert WITHIN < 10
