"""Names are found across alphabets, and sorted as their reader's alphabet has it."""

import pytest

from domain.names import find, in_order, lowered

SAME = (
    ("Шабнам", "Şəbnəm"),
    ("Şəbnəm", "Шабнам"),
    ("Ильгар", "İlqar"),
    ("ILQAR", "Ильгар"),
    ("Алиев", "Əliyev"),
    ("Əliyev", "Алиев"),
    ("Aliyev", "Əliyev"),
    ("Kuanysh", "Қуаныш"),
    ("Qwanış", "Қуаныш"),
    ("Қуаныш", "Kuanysh"),
    ("Гейдар", "Heydər"),
    ("Həsən", "Гасан"),
    ("Hüseynov", "Гусейнов"),
    ("Джавад", "Cavad"),
    ("Sevinj", "Sevinc"),
    ("elcin", "Elçin"),
    ("Хадиджа", "Xədicə"),
    ("Khadija", "Xədicə"),
    ("Гюльнар", "Gülnar"),
    ("Gulnar", "Гюльнар"),
    ("Мамедов", "Məmmədov"),
    ("Исмаил", "İsmayıl"),
    ("Агаев", "Ağayev"),
    ("Zhanar", "Жанар"),
    ("Janar", "Жанар"),
    ("Айгуль", "Айгүл"),
    ("Галым", "Ғалым"),
    ("Halyna", "Галина"),
    ("Галина", "Halyna"),
    ("Galagan", "Ґалаґан"),
    ("Григорий", "Григорій"),
    ("Hryhorii", "Григорій"),
    ("Yevhen", "Євген"),
    ("Евген", "Євген"),
    ("Юлия", "Юлія"),
    ("Yuliia", "Юлия"),
    ("Щербак", "Shcherbak"),
    ("Maryana", "Мар'яна"),
    ("Мар’яна", "Марьяна"),
    ("Alexander", "Александер"),
    ("Əli", "Алиев"),  # how it begins
    ("али", "Əliyev"),
    ("Алиев Ил", "İlqar Əliyev"),
    ("Məmmədovva", "Мамедова"),
    ("Mamedvo", "Məmmədov"),  # one slip
)
OTHER = (
    ("Шабнам", "Sevinc"),
    ("Ильгар", "Elgün"),
    ("Алиев", "Vəliyev"),
    ("Aliyev", "Salimov"),
    ("Қуаныш", "Қайрат"),
    ("Гейдар", "Həsən"),
    ("Həsən", "Hüseyn"),
    ("Джавад", "Cəmilə"),
    ("Хадиджа", "Fatimə"),
    ("Лейла", "Lalə"),
    ("Kamran", "Kamal"),
    ("Nərgiz", "Nəriman"),
    ("Галина", "Олена"),
    ("Halyna", "Alina"),
    ("Юлія", "Olha"),
    ("Ismayıl", "Samir"),
    ("Orxan", "Turxan"),
    ("Айгүл", "Айнұр"),
    ("Əliyev Ilqar", "Əliyev Rəşad"),
    ("Гюнель", "Günay"),
    ("Aydın", "Aysel"),
    ("Murad", "Amirə"),
    ("Əliyeva", "Əli"),
)


@pytest.mark.parametrize(("typed", "name"), SAME)
def test_a_name_is_found_however_it_is_typed(typed: str, name: str) -> None:
    assert find(typed, [(1, "Kamran Quliyev"), (2, name)], "en") == [2]


@pytest.mark.parametrize(("typed", "name"), OTHER)
def test_another_name_is_not_found(typed: str, name: str) -> None:
    assert find(typed, [(1, name)], "en") == []


@pytest.mark.parametrize("typed", ["", " ", "-", "🙂", "ь"])
def test_what_is_no_name_finds_nobody(typed: str) -> None:
    assert find(typed, [(1, "Şəbnəm"), (2, "-"), (3, "")], "az") == []


def test_the_likeliest_comes_first_then_the_readers_alphabet() -> None:
    named = [(1, "Алимова Şəbnəm"), (2, "Çinarə Əli"), (3, "Aydan Əli"), (4, "Cəmil Əli"), (5, "Vəli")]
    assert find("Али", named, "az") == [3, 4, 2, 1]


def is_sorted(names: str, language: str) -> bool:
    listed = names.split()
    backwards = listed.copy()
    backwards.reverse()
    return sorted(backwards, key=in_order(language)) == listed


def test_names_stand_in_the_order_of_the_readers_alphabet() -> None:
    assert is_sorted("Aydan Cavid Çingiz Emin Əli Fərid Ğulam Xəyal Işıq İlqar Jalə Oqtay Ömər Sara Şəbnəm Ülkər", "az")
    assert is_sorted("Айгүл Әлия Болат Ғалым Дана Қайрат Нұрлан Оразбек Өмір Ұлан Үміт Ырыс Ілияс", "kk")
    assert is_sorted("Ганна Ґалаґан Дарина Емма Єва Зоя Іван Їжак Йосип", "uk")
    assert is_sorted("Елена Ёлкин Жанна Юлия Яна", "ru")
    assert is_sorted("Anna Cem Çınar Dora Şahin Sule Zoe", "en")


def test_what_is_in_another_alphabet_stands_behind() -> None:
    assert is_sorted("Aydan Zaur Айгүл Яна", "az")
    assert is_sorted("Айгүл Яна Aydan Zaur", "kk")


def test_classes_stand_by_their_numbers() -> None:
    assert is_sorted("5A 5B 10A 11A", "az")
    assert is_sorted("5А 5Ә 5Б 10А", "kk")


def test_the_dotless_i_is_a_letter_of_its_own() -> None:
    assert lowered("IŞIQ İLQAR", "az") == "ışıq ilqar"
    assert lowered("IVAN", "en") == "ivan"
    assert lowered("İlqar", "ru") == "ilqar"
    assert find("ışıq", [(1, "IŞIQ"), (2, "Aydan")], "az") == [1]
