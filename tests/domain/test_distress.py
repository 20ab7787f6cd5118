"""Distress words: what is heard in five languages, what only looks alike, and how a list is written."""

import pytest

from domain import distress

HEARD = """
I want to die
i just wanna die
I don't want to live anymore
I’m going to kill myself
everyone would be better off without me
I cut my wrists last night
my stepdad hits me
She beat me, mum beats me too
he threatened to kill me
I'm scared to go home
he touches me under my shirt
he has my nudes
he is blackmailing me
Хочу умереть
я хочууууу УМЕРЕТЬ
не хочется больше жить
я порезала вены
думаю о самоубийстве
отчим бьёт меня
меня дома избивают
он угрожает меня убить
боюсь идти домой
меня изнасиловали
он лапает меня
меня шантажируют
у него мои голые фотки
Хочу померти
не хочу жити
я хочу вбити себе
мене б'ють вдома
мене б’ють вдома
вітчим бʼє мене
боюся йти додому
мене зґвалтували
мене шантажують
Ölmək istəyirəm
olmek isteyirem
ÖLMƏK İSTƏYİRƏM
daha yaşamaq istəmirəm
özümü öldürəcəm
atam məni döyür
evə getməyə qorxuram
mənə təcavüz etdilər
məni şantaj edirlər
Өлгім келеді
олгим келеди
өмір сүргім келмейді
өзімді өлтіремін
әкем мені ұрады
мені сабайды
үйге барудан қорқамын
мені зорлады
мені бопсалап жүр
""".strip().splitlines()

LOOK_ALIKE = """
I want to die laughing
dying of laughter here
this homework is killing me
we killed time in the park
she beats me at chess
it beats me how he did it
the therapist called, the grape juice is ready
suicide prevention lecture on Friday at 18:00
I cut myself a piece of cake
I hurt myself playing football
I don't want to live in a dormitory
it hits me that tomorrow is Monday
you cut yourself off from the group
killer whales live in the sea
Можно умереть со смеху
хочу умереть от смеха
убили время в парке
бьёт меня током
лекция о профилактике самоубийств
не хочу жить в общежитии
эта песня меня трогает
он избил рекорд
меня бьёт озноб
кот сбежал из дома
убью двух зайцев
я боюсь опоздать домой
хочу вымереть мамонтов
Можна померти зі сміху
хочу померти від сміху
вбити час
мене б'є струмом
не хочу жити в гуртожитку
лекція про профілактику самогубств
ця пісня чіпає мене
серце б'ється
боюся запізнитися додому
Həkim olmaq istəyirəm
Hekim olmaq isteyirem
gülməkdən öldüm
gülməkdən ölmək istəyirəm
ölkəmizin ölçüsü
vaxt öldürmək
yaşamaq istəyirəm
məni tok vurur
evdən qaçdım ki, dərsə gecikməyim
özümü aşağı hiss etmirəm
bu mahnı mənə toxundu
Болғым келеді
білгім келеді
күлкіден өлгім келеді
өлең айтқым келеді
өлкетану сабағы
мұғалім мені ұрысты
мені күн ұрды
уақыт өлтіру
мені ток ұрды
ұйықтап қалдым
""".strip().splitlines()


@pytest.mark.rule(8)
@pytest.mark.row("F2")
@pytest.mark.parametrize("words", HEARD)
def test_a_listed_phrase_is_heard(words: str) -> None:
    assert distress.is_heard(words)
    assert distress.is_heard(f"salam, {words}! nə edim?")


@pytest.mark.rule(8)
@pytest.mark.parametrize("words", LOOK_ALIKE)
def test_what_looks_alike_is_not(words: str) -> None:
    assert not distress.is_heard(words)


@pytest.mark.rule(8)
def test_there_are_at_least_as_many_look_alikes_as_hits() -> None:
    assert len(LOOK_ALIKE) >= len(HEARD)


@pytest.mark.rule(8)
def test_a_look_alike_hides_no_sign_beside_it() -> None:
    assert distress.is_heard("she beats me at chess and then I want to die")
    assert distress.is_heard("хочу умереть со смеху, а дома меня бьют")


@pytest.mark.rule(8)
def test_every_list_has_a_version_and_room_for_a_signature() -> None:
    assert set(distress.lists()) == {"az", "kk", "ru", "uk", "en"}
    for one in distress.lists().values():
        assert one.version >= 1
        assert one.reviewed_by == ""
        assert len(one.phrases) >= 20
        assert one.look_alikes


def test_letters_nobody_sees_and_other_keyboards_are_folded() -> None:
    assert distress.fold("Öl\u200bmək — İSTƏYİRƏM!!!") == " olmek isteyirem "
    assert distress.fold("б’ють") == distress.fold("бють")
    assert distress.fold("") == "  "


def test_a_message_as_long_as_it_gets_is_read_quickly() -> None:
    assert not distress.is_heard("не хочу мене меня мені məni " * 400)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "version: 1\nword",
        "version: one\nreviewed_by:\nword",
        "version: 1\nreviewed_by:\n~",
        "version: 1\nreviewed_by:\na|",
    ],
)
def test_a_list_that_breaks_its_rules_is_refused(source: str) -> None:
    with pytest.raises(distress.ListError):
        distress.parse(source)


def test_a_list_is_read() -> None:
    read = distress.parse("# about\nversion: 3\nreviewed_by: N. N.\n\nwant* ~ die  # a comment\n!die laughing\n")
    assert read == distress.WordList(3, "N. N.", ("want* ~ die",), ("die laughing",))
