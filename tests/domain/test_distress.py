"""Distress words: what is heard in five languages, what only looks alike, and how a list is written."""

from typing import Any

import pytest

from domain import distress
from domain.languages import LANGUAGES

HEARD: dict[str, list[str]] = {
    "az": """
Ölmək istəyirəm
olmek isteyirem
ÖLMƏK İSTƏYİRƏM
daha yaşamaq istəmirəm
özümü öldürəcəm
atam məni döyür
evə getməyə qorxuram
mənə təcavüz etdilər
məni şantaj edirlər
""".strip().splitlines(),
    "kk": """
Өлгім келеді
олгим келеди
өмір сүргім келмейді
өзімді өлтіремін
әкем мені ұрады
мені сабайды
үйге барудан қорқамын
мені зорлады
мені бопсалап жүр
""".strip().splitlines(),
    "ru": """
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
""".strip().splitlines(),
    "uk": """
Хочу померти
не хочу жити
я хочу вбити себе
мене б'ють вдома
мене б’ють вдома
вітчим бʼє мене
боюся йти додому
мене зґвалтували
мене шантажують
""".strip().splitlines(),
    "en": """
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
""".strip().splitlines(),
}

# As it is typed in a hurry: without the letters of its own, in capitals, stretched, with other marks between the words.
TYPED: dict[str, list[str]] = {
    "az": """
OLMEK ISTEYIREM
ölməəək istəyirəm
Ölmək, istəyirəm...
özumu oldurecem
atam meni doyur
evə getmeye qorxuram
YAŞAMAQ istəmirəm!!!
meni santaj edirler
""".strip().splitlines(),
    "kk": """
ОЛГИМ КЕЛЕДИ
өлгіііім келеді
Өлгім... келеді
озимди олтиремин
акем мени урады
уйге барудан коркамын
мени зорлады
""".strip().splitlines(),
    "ru": """
ХОЧУ УМЕРЕТЬ
хочу умереееть
хочу, умереть!!
отчим бьет меня
думаю о самоубийстве...
не хочуууу жить
""".strip().splitlines(),
    "uk": """
ХОЧУ ПОМЕРТИ
хочу помееерти
мене бють вдома
вітчим бє мене
боюсь йти додому
мене згвалтували
хочу, померти...
""".strip().splitlines(),
    "en": """
I WANT TO DIE
i want to dieeee
i   want,  to die
i dont want to live anymore
im going to kill myself
my stepdad hiiits me
""".strip().splitlines(),
}

LOOK_ALIKE: dict[str, list[str]] = {
    "az": """
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
ölkə istəyirəm
ölçmək istəyirəm
bölmək istəyirəm
gülmək istəyirəm
özümü öyrədirəm
məni öyür
evə getməyə tələsirəm
güldən ölmək olar
yaşamaq istəyirik
döyüş filmi
bilmək istəyirəm
məni dəvət etdilər
""".strip().splitlines(),
    "kk": """
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
өлшегім келеді
күлгім келеді
көргім келеді
келгім келеді
өсімдік өсіремін
мені ұстаз мақтады
үйге барғым келеді
мені шақырды
доп ұрды
бөлгім келеді
""".strip().splitlines(),
    "ru": """
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
хочу умерить пыл
хочу уметь
хочу поумнеть
бьют часы на башне
бьют рекорды
боюсь контрольной
меня выбрали старостой
он бьёт по мячу
""".strip().splitlines(),
    "uk": """
Можна померти зі сміху
хочу померти від сміху
вбити час
мене б'є струмом
не хочу жити в гуртожитку
лекція про профілактику самогубств
ця пісня чіпає мене
серце б'ється
боюся запізнитися додому
хочу помити руки
хочу помітити
хочу вміти
б'ють дзвони
мене обрали старостою
боюсь контрольної
він б'є по м'ячу
не хочу спати
хочу пометри новий
""".strip().splitlines(),
    "en": """
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
i want to dye my hair
i want to diet
hits on the radio
my stepdad hits the ball
i was beaten at chess
kill the lights
""".strip().splitlines(),
}


def every(words: dict[str, list[str]]) -> list[Any]:
    return [
        pytest.param(one, id=f"{language}-{number}") for language in words for number, one in enumerate(words[language])
    ]


@pytest.mark.rule(8)
@pytest.mark.row("F2")
@pytest.mark.parametrize("words", [*every(HEARD), *every(TYPED)])
def test_a_listed_phrase_is_heard(words: str) -> None:
    assert distress.is_heard(words)
    assert distress.is_heard(f"salam, {words}! nə edim?")


@pytest.mark.rule(8)
@pytest.mark.parametrize("words", every(LOOK_ALIKE))
def test_what_looks_alike_is_not(words: str) -> None:
    assert not distress.is_heard(words)


@pytest.mark.rule(8)
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_each_language_there_are_at_least_as_many_look_alikes_as_hits(language: str) -> None:
    hits, look_alikes = {*HEARD[language], *TYPED[language]}, set(LOOK_ALIKE[language])
    assert len(HEARD[language]) >= 9
    assert len(TYPED[language]) >= 6
    assert len(look_alikes) >= len(hits)


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
