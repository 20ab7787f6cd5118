"""Sealed files, and when a case ends."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    pass
