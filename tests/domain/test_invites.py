"""How codes are read, and how long they last."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.invites import ALPHABET, Expiry, expires_at, normalised, shown

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("4KTR8PXM", "4KTR8PXM"),
        ("4ktr-8pxm", "4KTR8PXM"),
        (" 4KTR – 8PXM\u200b", "4KTR8PXM"),
        ("oOiIlL00", "00111100"),
        ("АВСЕНКМР", "ABCEHKMP"),
        ("тхуо1234", "TXY01234"),
        ("ıİiI0000", "11110000"),
        ("BVMB-9QKB-BN1J-0J39", "BVMB9QKBBN1J0J39"),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert normalised(typed) == code


@pytest.mark.parametrize(
    "typed", ["", "4KTR8PX", "4KTR8PXMM", "4KTR8PXU", "' OR 1=1", "4KTR8PX😀", "ß" * 8, "ﬀKTR8PXM"]
)
def test_what_is_no_code(typed: str) -> None:
    assert normalised(typed) is None


def test_the_alphabet_has_no_look_alikes() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")


def test_a_code_is_shown_in_fours() -> None:
    assert shown("4KTR8PXM") == "4KTR-8PXM"


@pytest.mark.parametrize(
    ("expiry", "end"),
    [
        (Expiry.WEEK, NOW + timedelta(days=7)),
        (Expiry.MONTH, NOW + timedelta(days=30)),
        (Expiry.SCHOOL_YEAR, datetime(2027, 8, 31, 19, 59, 59, tzinfo=UTC)),
    ],
)
def test_how_long_an_invite_lasts(expiry: Expiry, end: datetime) -> None:
    assert expires_at(expiry, NOW, "Asia/Baku") == end
