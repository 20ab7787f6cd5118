"""Draws docs/posters.png, in which each of the five languages stands: `python -m tests.posters`."""

from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageOps

from bot.render import Renderer
from domain.communities import Member
from domain.invites import Invite
from domain.requests import Community
from domain.roles import Role
from handlers.communities.poster import page
from tests.papers import pictures

PICTURE = Path(__file__).parents[1] / "docs" / "posters.png"
_SAMPLES = (
    (("az", "ru"), "Məktəb 12", "5A", "Sevinc Əliyeva"),
    (("kk", "ru"), "№ 7 мектеп", "6Ә", "Айгүл Сейітова"),
    (("uk", "en"), "Школа № 3", "4-Ґ", "Оксана Їжак"),
)
_GAP = 12


def sample(languages: tuple[str, str], school: str, name: str, head: str) -> Image.Image:
    """One poster as it comes out of a printer."""
    above = Community(2, 1, "school", school, "/1/2/", languages[0], "Asia/Baku", "az")
    community = Community(3, 2, "class", name, "/1/2/3/", languages[0], "Asia/Baku", "az")
    invite = Invite(1, community, "4KTR8PXM", None, 1, 100, datetime(2026, 12, 31, tzinfo=UTC))
    leaders = [Member(1, 1, head, Role.HEAD_OF_CLASS, "active")]
    renderer = Renderer(lambda link: f"https://t.me/birge_bot?start={link.payload}")
    media = renderer.media(page(invite, above, leaders, languages), languages[0], "UTC")
    if media is None:
        raise LookupError("a paper is a file")
    (drawn,) = pictures("poster", media, 56)
    return ImageOps.expand(drawn, border=1, fill=160)


def draw() -> None:
    posters = [sample(*one) for one in _SAMPLES]
    width, height = posters[0].size
    wall = Image.new("L", (len(posters) * (width + _GAP) + _GAP, height + 2 * _GAP), 235)
    for number, poster in enumerate(posters):
        wall.paste(poster, (_GAP + number * (width + _GAP), _GAP))
    wall.save(PICTURE, optimize=True)


if __name__ == "__main__":
    draw()
