"""A12: language, time zone and quiet hours, changed in place."""

import pytest

from tests.cast import World
from tests.scenes import school


@pytest.mark.row("A12")
async def test_the_language_changes_everything_at_once(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.says("/language")
    assert parent.labels == ["Azərbaycanca", "Қазақша", "Русский", "Українська", "English"]
    await parent.taps("Русский")
    assert "Русский" in parent.last.text
    rows = await world.rows("SELECT language, chose_language FROM persons WHERE chose_language = 1")
    assert [tuple(row) for row in rows] == [("ru", 1)]
    [menu] = [call for call in world.sandbox.calls_of("setMyCommands") if "chat_id" in str(call.params)]
    assert "community" in str(menu.params)


@pytest.mark.row("A12")
async def test_the_time_zone(world: World) -> None:
    aysel = world.person("Aysel")
    await aysel.says("/settings")
    await aysel.taps("Time zone")
    said = await aysel.taps("Kyiv")
    assert "Time zone: Kyiv, now 07:00" in said
    assert len(aysel.messages) == 1  # all in place


@pytest.mark.row("A12")
async def test_quiet_hours(world: World) -> None:
    aysel = world.person("Aysel")
    await aysel.says("/settings")
    await aysel.taps("Quiet hours")
    assert aysel.labels == ["21:00–7:00", "22:00–7:00", "23:00–8:00", "✓ None", "Back"]
    assert "Quiet hours: 22:00–7:00" in await aysel.taps("22:00")
    rows = await world.rows("SELECT quiet_from, quiet_until FROM persons")
    assert [tuple(row) for row in rows] == [(1320, 420)]
    await aysel.taps("Quiet hours")
    assert "✓ 22:00–7:00" in aysel.labels
    assert "Quiet hours: none" in await aysel.taps("None")
    await aysel.taps("Language")
    assert "Your settings" in await aysel.taps("Back")


@pytest.mark.row("ANY_bad_forged_data")
@pytest.mark.parametrize("data", ["lang.is", "lang.is:de:home", "zone.is:9", "zone.is", "quiet.is", "quiet.is:8"])
async def test_forged_settings_change_nothing(world: World, data: str) -> None:
    aysel = world.person("Aysel")
    await aysel.says("/settings")
    before = [tuple(row) for row in await world.rows("SELECT * FROM persons")]
    assert "can't do this here" in await aysel.forges(data)
    assert [tuple(row) for row in await world.rows("SELECT * FROM persons")] == before


@pytest.mark.row("A12")
@pytest.mark.parametrize(("language", "muted"), [("en", "Muted: \u20685A\u2069"), ("az", "\u20685A\u2069")])
async def test_the_settings_say_what_is_muted(world: World, language: str, muted: str) -> None:
    scene = await school(world, language=language)
    parent = scene.parents[0]
    assert muted not in await parent.says("/settings")
    await parent.forges(f"mute.is:{scene.class_a.id}:7")
    assert muted in await parent.forges("settings.back")
    await world.later(days=8)
    assert muted not in await parent.says("/settings")
    for community in (scene.network, scene.district, scene.school, scene.class_a):
        await parent.forges(f"mute.is:{community.id}:x")
    assert "\u20685A\u2069" in await parent.says("/settings")
    await scene.coordinator.says("/home")
    assert muted not in await scene.coordinator.says("/settings")
