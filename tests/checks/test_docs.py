"""What the documents say is what the program does."""

import re
from pathlib import Path

from bot.config import Settings
from handlers import routes

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()


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
