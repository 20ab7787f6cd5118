"""Whose case it is: teams of schools, districts and the network."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    pass
