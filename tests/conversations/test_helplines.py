"""Each child is shown the numbers of her own country, and the hotline opens only where there are some."""

import pytest

import storage.communities
from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import Talker, World
from tests.scenes import add_member, belong, school


async def pupil_in(world: World, country: str, zone: str) -> Talker:
    """A pupil of a club in a region of another country."""
    scene = await school(world, parents=0, pupils=0)
    async with world.birge.database.writing() as db:
        region = await storage.communities.add(db, scene.network, CommunityKind.REGION, "Region", "en", zone, country)
    return await add_member(world, region, Role.PUPIL, "Pupil")


async def test_a_pupil_in_kazakhstan_is_shown_the_number_of_kazakhstan(world: World) -> None:
    pupil = await pupil_in(world, "kz", "Asia/Almaty")
    notice = await pupil.says("/hotline")
    assert "111" in notice
    assert "146-2" not in notice


@pytest.mark.row("F2_bad_no_numbers")
async def test_without_checked_numbers_of_her_country_the_hotline_is_closed_for_her(world: World) -> None:
    pupil = await pupil_in(world, "ua", "Europe/Kyiv")
    said = await pupil.says("/hotline")
    assert "can't take messages" in said
    assert "adult you trust" in said
    assert "146-2" not in said
    assert "You can't do this here" in await pupil.forges("hl.go:me")
    assert "You can't do this here" in await pupil.forges("hl.alert")
    danger = await pupil.forges("hl.danger")
    assert "ask an adult near you" in danger
    assert await world.rows("SELECT id FROM cases") == []


async def test_somebody_of_two_countries_is_shown_both(world: World) -> None:
    pupil = await pupil_in(world, "kz", "Asia/Almaty")
    async with world.birge.database.reading() as db:
        root = await storage.communities.root(db)
    assert root is not None
    await belong(world, pupil, root, Role.PARENT)
    notice = await pupil.says("/hotline")
    assert "146-2" in notice
    assert "111" in notice.replace("116 111", "")
