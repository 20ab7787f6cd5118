"""A6: a coordinator sends a file of classes and names."""

import io
import json
import re
from typing import Any

import pytest
import xlsxwriter

from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import Talker, World
from tests.conftest import on_sqlite
from tests.conversations.communities.codes import code
from tests.conversations.test_move import moves
from tests.papers import decoded, pictures
from tests.scenes import School, add_member, community, school

_CODE = re.compile(r"(\S{4}-\S{4})\u2069? – \u2068(.+?)\u2069")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(*lines: str, encoding: str = "utf-8") -> tuple[str, bytes, str]:
    return "list.csv", "\n".join(lines).encode(encoding), "text/csv"


def xlsx(*rows: tuple[object, ...], name: str = "list.xlsx") -> tuple[str, bytes, str]:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return name, made.getvalue(), _XLSX


async def sends(coordinator: Talker, community_id: int, file: tuple[str, bytes, str]) -> str:
    await coordinator.forges(f"rs.new:{community_id}")
    return await coordinator.says(document=file)


async def names_of(world: World, name: str) -> list[str]:
    rows = await world.rows(
        """SELECT expected_names.called FROM expected_names
           JOIN communities ON communities.id = expected_names.community_id
           WHERE communities.name = :name ORDER BY expected_names.id""",
        name=name,
    )
    return [row["called"] for row in rows]


async def my_data_of(talker: Talker, part: str) -> str:
    """What /mydata says of her there."""
    await talker.says("/mydata")
    found = [one.media.data for one in talker.messages if one.media is not None]
    return str(json.loads(next(data for data in reversed(found) if data.startswith(b"{")))[part])


async def file_said(talker: Talker) -> str:
    media = next(one.media for one in reversed(talker.messages) if one.media is not None)
    return media.data.decode("utf-8-sig")


@pytest.fixture
async def scene(world: World) -> School:
    return await school(world, parents=0, pupils=0)


@pytest.mark.row("A6")
async def test_a_list_becomes_classes_names_and_codes_and_the_head_sees_who_is_on_it(
    world: World, scene: School, posters: list[dict[str, Any]]
) -> None:
    kamran = scene.coordinator
    await kamran.says("/home")
    await kamran.taps("Məktəb 12")
    assert "each class gets its code" in await kamran.taps("Class lists")
    assert "XLSX or CSV" in await kamran.taps("Send a list")
    said = await kamran.says(
        document=xlsx(
            ("Class", "Surname", "Name", "Role"),
            ("5 «А»", "Əliyeva", "Aysel", "pupil"),  # the school's 5A, with a Cyrillic А
            ("6A", "Həsənov", "Murad", "pupil"),
            ("6A", "Həsənova", "Rəna", "parent"),
        )
    )
    assert "New classes: 1 (\u20686A\u2069)" in said
    assert "New pupils: 2\nNew parents: 1" in said
    assert await world.rows("SELECT id FROM communities WHERE name = '6A'") == []  # nothing before the yes

    said = await kamran.taps("Add them")
    assert "New classes: 1\nNew names: 3" in said
    codes = dict(reversed(found) for found in _CODE.findall(kamran.last.text))
    assert list(codes) == ["5A", "6A"]
    code, pages = codes["6A"], [decoded(page) for page in pictures("poster", posters[0])]
    assert pages == [[f"https://t.me/birge_bot?start={one.replace('-', '')}"] for one in codes.values()]
    assert await names_of(world, "5A") == ["Əliyeva Aysel"]

    head = await add_member(world, scene.school, Role.CHAIR, "Chair")
    newcomer = world.person("Алия", language="ru")
    await newcomer.starts(code.replace("-", ""))
    await newcomer.taps("Ученик")
    await newcomer.says("Мурад Гасанов")
    assert "✓ On the list" in head.last.text
    stranger = world.person("Stranger")
    await stranger.starts(code)
    await stranger.taps("Pupil")
    await stranger.says("Murad Hasanov")  # the name is taken by who asked first
    assert "Murad Hasanov" in head.last.text
    assert "On the list" not in head.last.text
    await head.taps("Accept", message=head.messages[-2])
    await kamran.forges(f"rs:{scene.school.id}")
    assert "Pupils: 2 expected, 1 joined\nParents: 1 expected, 0 joined" in kamran.last.text


@pytest.mark.row("A6")
async def test_a_district_sends_one_list_in_russian_for_several_schools(world: World) -> None:
    scene = await school(world, parents=0, pupils=0, language="ru")
    rows = ["Школа;Класс;ФИО;Роль", "Школа 41;5А;Иванова Мария Петровна;ученица", "Школа 40;1Б;Пётр Сидоров;родитель"]
    said = await sends(scene.owner, scene.district.id, csv(*rows, encoding="cp1251"))
    assert "Школа 40" in said
    await scene.owner.taps("Добавить")
    schools = await world.rows("SELECT parent_id, path FROM communities WHERE name = 'Школа 40'")
    assert schools[0]["parent_id"] == scene.district.id
    made = await world.rows("SELECT * FROM communities WHERE name = '1Б'")
    assert made[0]["path"].startswith(schools[0]["path"])
    assert (made[0]["kind"], made[0]["language"], made[0]["archived_at"]) == ("class", "ru", None)
    assert await names_of(world, "5А") == ["Иванова Мария Петровна"]
    assert "Школа 40, 1Б" in scene.owner.last.text.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.row("A5")
@pytest.mark.row("A6")
@on_sqlite
async def test_posters_of_a_district_come_in_files_and_again_only_for_what_is_new(
    world: World, posters: list[dict[str, Any]]
) -> None:
    scene = await school(world, parents=0, pupils=0, language="az")
    classes = [f"{year}{letter}" for year in range(1, 11) for letter in "ABCD"]
    rows = [f"{name};Aysel Əliyeva;;Məktəb {number}" for number in (21, 3) for name in classes]
    await sends(scene.owner, scene.district.id, csv(*rows))
    await scene.owner.taps("Əlavə")
    pages = [one["data"]["pages"] for one in posters]
    assert [{page["place"] for page in one} for one in pages] == [{"Məktəb 3"}, {"Məktəb 21"}]
    assert [[page["name"] for page in one] for one in pages] == [classes, classes]  # 2A before 10A
    files = [one.media.name for one in scene.owner.messages if one.media is not None]
    assert files == ["posters-1.pdf", "posters-2.pdf", "codes.txt"]
    listed = (await file_said(scene.owner)).splitlines()
    assert [line.split(" – ")[1] for line in listed[2:4]] == ["Məktəb 3, 1A", "Məktəb 3, 1B"]
    assert len(listed) == 2 + 80

    await sends(scene.owner, scene.district.id, csv("1A;Murad Əliyev;;Məktəb 3", "11A;Murad Əliyev;;Məktəb 3"))
    await scene.owner.taps("Əlavə")
    assert [page["name"] for page in posters[2]["data"]["pages"]] == ["11A"]


@pytest.mark.row("A6_bad_line")
@pytest.mark.row("A6_bad_twice")
async def test_one_bad_line_of_500_leaves_499_and_the_same_file_again_adds_nobody(world: World, scene: School) -> None:
    rows = ["class;name;role", *(f"7A;Aysel {chr(97 + n // 26)}{chr(97 + n % 26)}ova;pupil" for n in range(499))]
    file = csv(*rows[:250], f"7A;{'x' * 200};pupil", *rows[250:])
    said = await sends(scene.coordinator, scene.school.id, file)
    assert "New pupils: 499" in said
    assert "I left out 1 line:\nLine \u2068251\u2069: a name has 2 to 60 letters" in said
    await scene.coordinator.taps("Add them")
    number = (await world.rows("SELECT id FROM rosters"))[0]["id"]
    assert "done already" in await scene.coordinator.forges(f"rs.yes:{number}")
    said = await sends(scene.coordinator, scene.school.id, file)
    assert "on the list already" in said
    assert "Line \u2068251" in said
    assert len(await names_of(world, "7A")) == 499
    assert len(await world.rows("SELECT id FROM communities WHERE name = '7A'")) == 1


@pytest.mark.row("A6_bad_formula")
@pytest.mark.row("A6_bad_large")
async def test_what_is_no_list_is_refused_with_one_sentence(world: World, scene: School) -> None:
    kamran = scene.coordinator
    for file, why in {
        csv("5A;=HYPERLINK(1);pupil"): "formula in line \u20681\u2069",
        xlsx(("5A", "=1+1", "pupil")): "There are formulas in this file",
        ("list.csv", b"x" * (50 * 1024 * 1024), "text/csv"): "at most 2 MB",
        ("list.csv", b"\xef\xbb\xbf\n", "text/csv"): "nothing in this file",
        ("list.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "text/csv"): "I can't read this file",
        csv("5A|Aysel|pupil"): "only one column",
        csv("class;role", "5A;pupil"): "these headings",
    }.items():
        assert why in await sends(kamran, scene.school.id, file)
    await kamran.taps("Send another")
    assert "not a picture" in await kamran.says(photo=b"\xff\xd8\xff\xe0" + bytes(100))
    assert "not a picture" in await kamran.says("5A; Aysel; pupil")
    assert await world.rows("SELECT id FROM rosters") == []
    assert await world.rows("SELECT id FROM expected_names") == []


@pytest.mark.row("A6")
async def test_a_school_whose_name_another_district_has_is_not_guessed(world: World, scene: School) -> None:
    other = await community(world, scene.network, CommunityKind.DISTRICT, "Yasamal")
    await community(world, other, CommunityKind.SCHOOL, "Məktəb-12")
    file = csv("5A;Aysel Aliyeva;;Məktəb 12")
    assert "each district alone" in await sends(scene.owner, scene.network.id, file)
    assert "New pupils: 1" in await sends(scene.owner, scene.district.id, file)


@pytest.mark.row("A6")
async def test_a_list_is_its_senders_alone_and_is_forgotten_with_the_day(world: World, scene: School) -> None:
    await sends(scene.coordinator, scene.school.id, csv("9A;Aysel Aliyeva"))
    number = (await world.rows("SELECT id FROM rosters"))[0]["id"]
    for somebody in (scene.owner, scene.head, scene.outsider):
        assert "can't do this here" in await somebody.forges(f"rs.yes:{number}", message=somebody.last)
    for forged in (f"rs.new:{scene.school.id}", f"rs.codes:{scene.school.id}", f"rs.drop.yes:{scene.school.id}"):
        assert "can't do this here" in await scene.head.forges(forged)
    assert "can't do this here" in await scene.coordinator.forges(f"rs.new:{scene.class_a.id}")
    await world.later(hours=25)
    assert "done already" in await scene.coordinator.taps("Add them")
    assert (await world.rows("SELECT content FROM rosters"))[0]["content"] is None


@pytest.mark.row("A6")
async def test_a_tap_too_late_does_not_say_that_nothing_was_changed(world: World, scene: School) -> None:
    await sends(scene.coordinator, scene.school.id, csv("9A;Aysel Aliyeva"))
    [waiting] = await world.rows("SELECT id FROM rosters")
    await scene.coordinator.taps("Add them")
    card = scene.coordinator.find("Show")
    said = await scene.coordinator.forges(f"rs.no:{waiting['id']}", message=card)
    assert "done already" in said
    assert "✓ Your list is kept" in card.text


@pytest.mark.row("A6")
async def test_expected_names_can_be_deleted(world: World, scene: School) -> None:
    kamran = scene.coordinator
    await sends(kamran, scene.school.id, csv("5A;Aysel Aliyeva"))
    await kamran.taps("Add them")
    await kamran.forges(f"rs:{scene.school.id}")
    await kamran.taps("Delete the names")
    assert "deleted" in await kamran.taps("Yes, delete")
    assert await names_of(world, "5A") == []


@pytest.mark.row("A6")
async def test_who_joined_before_the_list_counts_and_whoever_is_forgotten_is_expected_no_more(
    world: World, scene: School
) -> None:
    kamran = scene.coordinator
    parent = await add_member(world, scene.class_a, Role.PARENT, "Rəna", last_name="Həsənova")
    await sends(kamran, scene.school.id, csv("5A;Həsənova Rəna;ana", "5A;Murad Həsənov"))
    await kamran.taps("Add them")
    await kamran.forges(f"rs:{scene.school.id}")
    assert "Pupils: 1 expected, 0 joined\nParents: 1 expected, 1 joined" in kamran.last.text
    await scene.head.says("/members")
    assert "1 person has not joined yet" in await scene.head.taps("Not joined yet")
    assert "5A: Murad Həsənov – Pupil" in await file_said(scene.head)
    assert "can't do this here" in await parent.forges(f"rs.wait:{scene.class_a.id}")
    assert "Həsənova Rəna" in await my_data_of(parent, "class_lists")
    assert "Məktəb 12" in await my_data_of(kamran, "class_lists_sent")
    await parent.says("/forget")
    await parent.taps("Yes, forget me")
    assert await names_of(world, "5A") == ["Murad Həsənov"]


@pytest.mark.row("A6")
@pytest.mark.row("A10")
@pytest.mark.parametrize("first", ["waiting", "active"])
async def test_who_joined_on_two_accounts_that_became_one_has_joined(world: World, scene: School, first: str) -> None:
    """The list knew the account that came second, whose place in the class goes with it."""
    kamran = scene.coordinator
    await sends(kamran, scene.school.id, csv("5A;Murad Həsənov;ata"))
    await kamran.taps("Add them")
    invite = await code(world, scene.class_a, scene.head)
    accounts = [world.person("Old"), world.person("New")]
    for account, called in zip(accounts, ("Papa", "Murad Həsənov"), strict=True):
        await account.starts(invite.code)
        await account.taps("Parent")
        await account.says(called)
        if account is accounts[1] or first == "active":
            await scene.head.taps("Accept")
    await moves(*accounts)
    await kamran.forges(f"rs:{scene.school.id}")
    assert "Parents: 1 expected, 1 joined" in kamran.last.text
    await scene.head.says("/members")
    assert "Not joined yet" not in scene.head.labels
    assert [label for label in scene.head.labels if "Parent" in label and "⏳" in label] == []


@pytest.mark.row("A6")
async def test_a_list_is_for_one_school_year(world: World, scene: School) -> None:
    await sends(scene.coordinator, scene.school.id, csv("5A;Aysel Aliyeva", "5A;Murad Aliyev"))
    await scene.coordinator.taps("Add them")
    await world.later(days=300)
    await sends(scene.coordinator, scene.school.id, csv("5A;Aysel Aliyeva"))
    await world.later(days=101)
    assert await names_of(world, "5A") == ["Aysel Aliyeva"]
