"""The log of the cases as a chain of marks."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    pass
