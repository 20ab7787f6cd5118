"""Codes that turn a person into a member: how they are read, and how long they last."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.communities import CommunityKind, Term, end_of
from domain.messages import text
from domain.requests import Community
from domain.roles import Role

# Crockford's base 32: no I, L, O and U, which people take for other letters.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CLASS_CODE, FIRST_CODE = 8, 16  # letters in a class's code, and in the one that `birge init` prints
USES = (30, 100, 1)
# The same for a code that never was, is over, revoked or used up: nobody learns which schools there are.
NO_SUCH_CODE = text("I can't let you in with this code. Please check it, or ask whoever gave it to you for a new one.")

# What people type for a letter of the alphabet: first Latin letters, then Cyrillic ones that look the same.
_TYPED_FOR = {"0": "OО", "1": "IİLІ"} | dict(zip("ABCEHKMPTXY", "АВСЕНКМРТХУ", strict=True))
_SAME = str.maketrans({typed: letter for letter, typings in _TYPED_FOR.items() for typed in typings})
_BETWEEN = {"Pd", "Zs", "Cf", "Cc"}  # dashes, spaces and what nobody sees


class Expiry(StrEnum):
    """How long an invite is good for."""

    WEEK = "7"
    MONTH = "30"
    SCHOOL_YEAR = "school"


@dataclass(frozen=True, slots=True)
class Invite:
    """A code of a community. `role` None: the newcomer says what she is. `made_by` None: made by `birge init`."""

    id: int
    community: Community
    code: str
    role: Role | None
    made_by: int | None
    uses_left: int
    expires_at: datetime
    revoked: bool = False

    @property
    def is_immediate(self) -> bool:
        """Whether whoever sends it first holds the role, with nobody to ask."""
        return self.made_by is None and self.role is not None

    @property
    def opens_class(self) -> bool:
        """Whether it lets one head of class open her own class below its community."""
        return self.role is Role.HEAD_OF_CLASS and self.community.kind != CommunityKind.CLASS


def is_over(invite: Invite, now: datetime) -> bool:
    """Whether it works no more: revoked, used up, or past its end."""
    return invite.revoked or invite.uses_left < 1 or invite.expires_at <= now


def normalised(typed: str, lengths: Collection[int] = (CLASS_CODE, FIRST_CODE)) -> str | None:
    """A code as it is stored, from what a person typed: any case, with dashes and spaces, O for 0, I and L for 1,
    Cyrillic letters that look Latin. None when it can't be a code."""
    letters = "".join(letter for letter in typed if unicodedata.category(letter) not in _BETWEEN)
    if len(letters) not in lengths:
        return None
    code = letters.upper().translate(_SAME)
    return code if len(code) == len(letters) and set(code) <= set(ALPHABET) else None


def shown(code: str) -> str:
    """A code in groups of four, which are easier to copy from a board."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def expires_at(expiry: Expiry, now: datetime, zone: str) -> datetime:
    """When an invite made now ends."""
    if expiry is Expiry.SCHOOL_YEAR:
        end = end_of(Term.SCHOOL_YEAR, now, zone)
        if end is None:
            raise ValueError("a school year has an end")
        return end
    return now + timedelta(days=int(expiry.value))
