"""A5: the invitation as a page for the classroom door."""

from pathlib import Path
from typing import Any

import pytest

from bot.papers import Papers
from domain.communities import CommunityKind
from domain.languages import LANGUAGES
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.communities.codes import code
from tests.papers import decoded, ink_at_the_edges, page_count, pictures
from tests.scenes import add_member, community, school


def pdf(talker: Talker) -> bytes:
    media = talker.last.media
    assert media is not None
    assert (media.name or "").startswith("poster")
    return bytes(media.data)


@pytest.mark.row("A5")
@pytest.mark.parametrize("language", ["az", "ru"])
async def test_a_poster_with_the_code_that_opens_the_door(
    world: World, posters: list[dict[str, Any]], language: str
) -> None:
    scene = await school(world, language=language)
    await scene.head.says("/invite")
    invite = (await world.rows("SELECT * FROM invites WHERE made_by IS NOT NULL"))[0]
    said = await scene.head.taps("🖨")
    assert LANGUAGES[language] in said
    assert page_count(pdf(scene.head)) == 1
    (page,) = pictures("poster", posters[0], 100)
    assert decoded(page) == [f"https://t.me/birge_bot?start={invite['code']}"]
    assert not ink_at_the_edges(page, 30)

    aysel = world.person("Aysel")
    world.sandbox.follows(aysel.person, decoded(page)[0])
    await world.settle()
    assert "5A" in aysel.last.text
    assert posters[0]["data"]["pages"][0]["blocks"][0]["language"] == language


@pytest.mark.row("A5")
async def test_its_second_language_is_that_of_its_people_or_chosen(world: World, posters: list[dict[str, Any]]) -> None:
    scene = await school(world, parents=0, language="az")
    for number in range(2):
        await add_member(world, scene.class_a, Role.PARENT, f"Kazakh{number}", "kk")
    await scene.head.says("/invite")
    invite = await code(world, scene.class_a, scene.head)
    await scene.head.forges(f"i.poster:{invite.id}")
    await scene.head.taps("Українська")
    await scene.head.forges(f"i.poster:{invite.id}:az")  # no second one
    await scene.head.forges(f"i.poster:{invite.id}:xx")
    shown = [[block["language"] for block in one["data"]["pages"][0]["blocks"]] for one in posters]
    assert shown == [["az", "kk"], ["az", "uk"], ["az", "kk"], ["az", "kk"]]
    first, second = posters[0]["data"]["pages"][0]["blocks"]
    assert first["whom"] != second["whom"]
    assert "Sevinc" in first["ask"][0]


@pytest.mark.row("A5_bad_revoked")
@pytest.mark.row("A5_bad_over_limit")
async def test_a_code_that_opens_nothing_is_not_printed(world: World, posters: list[dict[str, Any]]) -> None:
    scene = await school(world)
    revoked, used = await code(world, scene.class_a, scene.head), await code(world, scene.class_a, scene.head, uses=0)
    over = await code(world, scene.class_a, scene.head, days=1)
    await scene.head.says("/home")
    await scene.head.forges(f"i.stop:{revoked.id}")
    await world.later(days=2)
    for one in (revoked, used, over):
        said = await scene.head.forges(f"i.poster:{one.id}")
        assert f"The code {one.code[:4]}-{one.code[4:]} no longer works." in said
    assert posters == []


@pytest.mark.row("A5")
async def test_a_poster_that_cannot_be_drawn_loses_no_words(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene = await school(world)
    await scene.head.says("/invite")
    monkeypatch.setattr(world.birge.sender, "_papers", Papers(tmp_path))
    world.expects_errors = True
    said = await scene.head.taps("🖨")
    assert "A poster to print" in said
    assert "The file could not be made. We have been told of it." in said
    assert scene.head.last.media is None
    assert "Українська" in scene.head.labels


@pytest.mark.row("A5")
@pytest.mark.row("ANY_bad_other_school")
async def test_a_poster_is_its_leaders_business(world: World, posters: list[dict[str, Any]]) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    stranger = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Stranger")
    for one in (stranger, scene.parents[0], scene.outsider):
        await one.says("/home")
        assert "can't do this here" in await one.forges(f"i.poster:{invite.id}")
    assert posters == []


@pytest.mark.row("A5")
async def test_posters_of_all_classes_of_a_school_in_one_file(
    world: World, posters: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await school(world, language="ru")
    known = await code(world, scene.class_a, scene.head)
    await code(world, scene.class_a, scene.head, Role.PARENT)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"i:{scene.school.id}")
    said = await scene.coordinator.forges(f"i.posters:{scene.school.id}")
    assert "классов: 2" in said
    assert page_count(pdf(scene.coordinator)) == 2
    made = await world.rows(
        "SELECT code FROM invites WHERE community_id = :id AND made_by IS NOT NULL", id=scene.class_b.id
    )
    drawn = pictures("poster", posters[0])
    links = [f"https://t.me/birge_bot?start={one}" for one in (known.code, made[0]["code"])]
    assert [decoded(page) for page in drawn] == [[link] for link in links]
    first, second = posters[0]["data"]["pages"]
    assert "Sevinc" in first["blocks"][0]["ask"][0]
    assert "Kamran" in second["blocks"][0]["ask"][0]  # nobody leads 5B: the coordinator above it
    await scene.coordinator.forges(f"rs.codes:{scene.school.id}")
    await scene.coordinator.taps("🖨")
    assert len(posters) == 2
    assert len(await world.rows("SELECT 1 FROM invites WHERE community_id = :id", id=scene.class_b.id)) == 1

    await scene.head.says("/home")
    assert "/home" in await scene.head.forges(f"i.posters:{scene.school.id}")  # she leads one class
    await scene.owner.says("/home")
    empty = await community(world, scene.district, CommunityKind.SCHOOL, "Məktəb 99")
    assert "Здесь пока нет классов" in await scene.owner.forges(f"i.posters:{empty.id}")
    assert "can't" not in await scene.owner.forges(f"i.posters:{scene.class_a.id}")
    assert len(posters) == 2
    said = await scene.owner.forges(f"i.posters:{scene.district.id}")
    assert "Məktəb 7\u2069 – \u2068Məktəb 12" in said
    assert [page["name"] for page in posters[2]["data"]["pages"]] == ["7C", "5A", "5B"]  # 7 comes before 12
    monkeypatch.setattr("handlers.communities.poster.MOST", 2)
    assert "2" in await scene.owner.forges(f"i.posters:{scene.district.id}")  # so many at most
    assert len(posters) == 3
