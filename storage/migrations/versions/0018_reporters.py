"""Codes to come back with, and how a reporter may be written to."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    pass
