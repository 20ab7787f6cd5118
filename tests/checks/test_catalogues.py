"""The catalogue checker finds each fault: five good catalogues, one of them spoilt in each test."""

import gettext
from pathlib import Path

import pytest

from locales import check, strings

CODE = """\
from domain.messages import text, text_n

# NOTE: button
GOING = text("✅ Going")
FULL = text("<b>%(title)s</b> is full.", title="Picnic")
# NOTE: how many pupils said yes
COMING = text_n("One pupil is coming.", "%(n)s pupils are coming.", 3)
"""
GOING, FULL = "✅ Going", "<b>%(title)s</b> is full."
ONE, MANY = "One pupil is coming.", "%(n)s pupils are coming."
GOOD: dict[str, dict[str, str | list[str]]] = {
    "az": {GOING: "✅ Gəlirəm", FULL: "<b>%(title)s</b> doludur.", ONE: ["Bir şagird gəlir.", "%(n)s şagird gəlir."]},
    "kk": {GOING: "✅ Барамын", FULL: "<b>%(title)s</b> толы.", ONE: ["Бір оқушы келеді.", "%(n)s оқушы келеді."]},
    "ru": {
        GOING: "✅ Приду",
        FULL: "<b>%(title)s</b>: мест нет.",
        ONE: ["Придёт %(n)s ученик.", "Придут %(n)s ученика.", "Придут %(n)s учеников."],
    },
    "uk": {
        GOING: "✅ Прийду",
        FULL: "<b>%(title)s</b>: місць немає.",
        ONE: ["Прийде %(n)s учень.", "Прийдуть %(n)s учні.", "Прийдуть %(n)s учнів."],
    },
}
PLAIN = {"az": "Məktəb", "kk": "Мектеп", "ru": "Школа", "uk": "Школа"}


class School:
    """A checkout with one handler and its catalogues."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "handlers").mkdir()
        self.code(CODE)
        self.update()
        for language, words in GOOD.items():
            for msgid, translation in words.items():
                self.translate(language, msgid, translation)

    def code(self, source: str) -> None:
        (self.root / "handlers" / "meetings.py").write_text(source, encoding="utf-8")

    def update(self) -> None:
        strings.update(self.root)

    def translate(self, language: str, msgid: str, translation: str | list[str]) -> None:
        path = strings.po_path(self.root, language)
        catalog = strings.load(path)
        message = catalog.get(msgid)
        assert message is not None
        message.string = tuple(translation) if isinstance(translation, list) else translation
        strings.save(path, catalog)

    def edit(self, language: str, old: str, new: str) -> None:
        path = strings.po_path(self.root, language)
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    def faults(self) -> list[str]:
        return [str(fault) for fault in check.check(self.root) if fault.fatal]

    def warnings(self) -> list[str]:
        return [str(fault) for fault in check.check(self.root) if not fault.fatal]

    def fault(self) -> str:
        faults = self.faults()
        assert len(faults) == 1, faults
        return faults[0]

    def say(self, language: str, english: str, translation: str, note: str = "") -> None:
        """A further sentence, good in every language but perhaps this one."""
        self.code(CODE + f"{f'# NOTE: {note}' if note else ''}\nMORE = text({english!r})\n")
        self.update()
        for each in GOOD:
            self.translate(each, english, translation if each == language else PLAIN[each])


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path)


def test_good_catalogues_have_no_faults(school: School) -> None:
    assert [str(fault) for fault in check.check(school.root)] == []


# --- completeness -----------------------------------------------------------------------------------------------------


def test_a_missing_catalogue(school: School) -> None:
    strings.po_path(school.root, "kk").unlink()
    assert "locales/kk/LC_MESSAGES/birge.po" in school.fault()


def test_a_file_that_is_no_catalogue(school: School) -> None:
    school.edit("kk", f'msgid "{GOING}"', f'<<<<<<< HEAD\nmsgid "{GOING}"')
    assert "this isn't a catalogue" in school.fault()


def test_a_sentence_not_yet_translated(school: School) -> None:
    school.translate("az", GOING, "")
    assert "isn't translated" in school.fault()


def test_a_plural_form_not_yet_translated(school: School) -> None:
    school.translate("ru", ONE, ["Придёт %(n)s ученик.", "", "Придут %(n)s учеников."])
    assert "isn't translated" in school.fault()


def test_a_fuzzy_translation(school: School) -> None:
    school.edit("uk", f'msgid "{GOING}"', f'#, fuzzy\nmsgid "{GOING}"')
    assert "is marked fuzzy" in school.fault()


def test_a_sentence_of_the_code_that_no_catalogue_has(school: School) -> None:
    school.code(CODE + 'NEW = text("Bring a hat.")\n')
    faults = school.faults()
    assert len(faults) == 6
    assert all("make strings" in fault for fault in faults)


def test_a_sentence_no_longer_in_the_code(school: School) -> None:
    school.edit("ru", f'msgid "{GOING}"', f'msgid "Old"\nmsgstr "Старое"\n\nmsgid "{GOING}"')
    assert "'Old': is no longer in the code" in school.fault()


def test_an_obsolete_sentence(school: School) -> None:
    school.edit("ru", f'msgid "{GOING}"', f'#~ msgid "Old"\n#~ msgstr "Старое"\n\nmsgid "{GOING}"')
    assert "'Old': is no longer in the code" in school.fault()


def test_a_sentence_that_stands_twice_after_a_merge(school: School) -> None:
    school.edit("ru", f'msgid "{GOING}"', f'msgid "{GOING}"\nmsgstr "✅ Буду"\n\nmsgid "{GOING}"')
    assert "stands here twice" in school.fault()


# --- plural forms -----------------------------------------------------------------------------------------------------


def test_plural_forms_of_another_language(school: School) -> None:
    school.edit("az", "plural=(n != 1)", "plural=(n > 1)")
    assert "'Plural-Forms': set it to" in school.fault()


def test_too_few_plural_forms_in_the_header(school: School) -> None:
    school.edit("uk", "nplurals=3", "nplurals=4")
    assert any("'Plural-Forms': set it to" in fault for fault in school.faults())


def test_a_changed_english_plural_makes_its_translations_doubtful(school: School) -> None:
    school.code(CODE.replace(MANY, "%(n)s children are coming."))
    school.update()
    assert [fault for fault in school.faults() if "fuzzy" not in fault] == []
    assert len(school.faults()) == 4


# --- placeholders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("<b>Piknik</b> doludur.", "%(title)s is missing"),
        ("<b>%(titel)s</b> doludur.", "%(titel)s in"),
        ("<b>%(title)s</b> 100% doludur.", "a percent sign"),
        ("<b>%(title)s</b> %(title) doludur.", "a percent sign"),
        ("<b>%(title)s</b> %(title)d doludur.", "a percent sign"),
        ("<b>%(title)s</b> %s doludur.", "a percent sign"),
    ],
)
def test_a_bad_placeholder_is_found_and_never_compiled(school: School, words: str, advice: str) -> None:
    school.translate("az", FULL, words)
    assert any(advice in fault for fault in school.faults())
    with pytest.raises(strings.CatalogueError, match=r"az/LC_MESSAGES/birge\.po:\d+: "):
        strings.compile_catalogues(school.root)
    assert not strings.po_path(school.root, "az").with_suffix(".mo").exists()


def test_a_doubled_percent_sign_is_a_percent_sign(school: School) -> None:
    school.translate("az", FULL, "<b>%(title)s</b> 100%% doludur.")
    assert school.faults() == []


def test_the_russian_form_for_1_and_21_keeps_its_number(school: School) -> None:
    school.translate("ru", ONE, ["Придёт один ученик.", "Придут %(n)s ученика.", "Придут %(n)s учеников."])
    assert "%(n)s is missing" in school.fault()


def test_the_azerbaijani_form_for_many_keeps_its_number(school: School) -> None:
    school.translate("az", ONE, ["Bir şagird gəlir.", "Şagirdlər gəlir."])
    assert "%(n)s is missing" in school.fault()


# --- form -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("%(title)s doludur.", "aren't those of the English"),
        ("<i>%(title)s</i> doludur.", "aren't those of the English"),
        ("<b>%(title)s<b> doludur.", "don't close in turn"),
        ("</b>%(title)s<b> doludur.", "don't close in turn"),
        ("<b>%(title)s</b> <ad> doludur.", "no messenger knows <ad>"),
    ],
)
def test_tags_that_differ_or_do_not_close(school: School, words: str, advice: str) -> None:
    school.translate("az", FULL, words)
    assert any(advice in fault for fault in school.faults())


@pytest.mark.parametrize("words", ["Gəlirəm", "❌ Gəlirəm"])
def test_another_leading_emoji(school: School, words: str) -> None:
    school.translate("az", GOING, words)
    assert "should begin with '✅" in school.fault()


@pytest.mark.parametrize("words", ["<b>%(title)s</b> doludur. ", " <b>%(title)s</b> doludur."])
def test_other_space_around_a_sentence(school: School, words: str) -> None:
    school.translate("az", FULL, words)
    assert "spaces or line breaks" in school.fault()


def test_a_button_of_25_characters_is_too_long(school: School) -> None:
    school.translate("az", GOING, "✅ " + "g" * 23)
    assert "25 characters" in school.fault()


def test_a_button_of_21_characters_is_doubtful(school: School) -> None:
    school.translate("az", GOING, "✅ " + "g" * 19)
    assert school.faults() == []
    assert "21 characters" in school.warnings()[0]


def test_a_long_sentence_that_is_no_button_is_fine(school: School) -> None:
    school.translate("az", FULL, "<b>%(title)s</b> " + "doludur " * 10 + "doludur.")
    assert school.faults() == []


def test_a_translation_left_in_english_is_doubtful(school: School) -> None:
    school.translate("az", GOING, GOING)
    assert "is the English" in school.warnings()[0]


# --- alphabets and address --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words", "advice"),
    [
        ("ru", "Шкoла", "mixes Latin and Cyrillic letters (Latin: o)"),
        ("kk", "Мəктеп", "mixes Latin and Cyrillic letters (Latin: ə)"),
        ("az", "Mәktəb", "mixes Latin and Cyrillic letters (Cyrillic: ә)"),
        ("az", "Школа", "is a Cyrillic letter"),
        ("uk", "Так i є", "is a Latin letter standing alone"),
        ("uk", "Мы прийшли", "'ы' in 'Мы прийшли' isn't a Ukrainian letter"),
        ("uk", "Об'єкт ё", "isn't a Ukrainian letter"),
        ("ru", "Школа і дім", "isn't a Russian letter"),
        ("kk", "Мектеп її", "isn't a Kazakh letter"),
        ("az", "Sənin sinfin", "'Sənin' is familiar"),
        ("ru", "Это твой класс", "'твой' is familiar"),
        ("uk", "Це твій клас", "'твій' is familiar"),
        ("kk", "Бұл сенің сыныбың", "'сенің' is familiar"),
    ],
)
def test_wrong_letters_and_familiar_address(school: School, language: str, words: str, advice: str) -> None:
    school.say(language, "The school", words)
    assert any(advice in fault for fault in school.faults()), school.faults()


@pytest.mark.parametrize(
    ("language", "words", "note"),
    [
        ("ru", "Бот в Telegram, QR-код и e-mail", ""),
        ("ru", "Пишите /help или на mail@school.az", ""),
        ("ru", "Это твой класс", "child"),
        ("az", "Русский", "any alphabet"),
        ("uk", "Клас у школі, п'ять", ""),
    ],
)
def test_right_letters_and_address(school: School, language: str, words: str, note: str) -> None:
    school.say(language, "The school", words, note)
    assert school.faults() == []


# --- the code ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", ['text(f"Hello {name}")', "text(name)", 'text_n("One", many, 3)', "messages.text(name)"]
)
def test_a_call_that_the_catalogues_cannot_read(school: School, call: str) -> None:
    school.code(CODE + f"HELLO = {call}\n")
    assert any("handlers/meetings.py:8: 'text(…)'" in fault for fault in school.faults())


@pytest.mark.parametrize(
    "lines", ['X = text("✅ Going")  # NOTE: behind', '# NOTE: too far\nX = [\n    text("✅ Going"),\n]']
)
def test_a_note_that_reaches_no_sentence(school: School, lines: str) -> None:
    school.code(CODE + lines + "\n")
    assert "reaches no sentence" in school.fault()


def test_a_fault_in_an_english_sentence_is_shown_in_the_code(school: School) -> None:
    school.code(CODE.replace("✅ Going", "✅ Going there with the whole class"))
    school.update()
    assert any(fault.startswith("handlers/meetings.py:4: ") for fault in school.faults())


# --- the strings tool -------------------------------------------------------------------------------------------------


def test_updating_again_changes_nothing(school: School) -> None:
    before = {path: path.read_bytes() for path in school.root.rglob("birge.po*")}
    school.code("\n\n\n" + CODE)
    school.update()
    assert {path: path.read_bytes() for path in before} == before


def test_updating_keeps_translations_and_drops_what_is_gone(school: School, capsys: pytest.CaptureFixture[str]) -> None:
    school.code(CODE.replace("is full.", "has no places left."))
    school.update()
    catalog = strings.load(strings.po_path(school.root, "ru"))
    message = catalog.get(GOING)
    assert message is not None
    assert message.string == "✅ Приду"
    assert FULL not in catalog
    assert "out: '<b>%(title)s</b> is full.'" in capsys.readouterr().out


def test_compiled_catalogues_translate(school: School) -> None:
    strings.compile_catalogues(school.root)
    russian = gettext.translation("birge", school.root / "locales", ["ru"])
    english = gettext.translation("birge", school.root / "locales", ["en"])
    assert russian.ngettext(ONE, MANY, 22) % {"n": 22} == "Придут 22 ученика."
    assert english.ngettext(ONE, MANY, 1) == ONE


def test_a_sentence_without_translation_stays_english_when_compiled(school: School) -> None:
    school.translate("ru", GOING, "")
    strings.compile_catalogues(school.root)
    assert gettext.translation("birge", school.root / "locales", ["ru"]).gettext(GOING) == GOING


def test_compiling_without_catalogues_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(strings.CatalogueError, match="run `make strings`"):
        strings.compile_catalogues(tmp_path)


def test_the_tool_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert strings.main(["wrong"]) == 2
    assert "python -m locales.strings update" in capsys.readouterr().err
