"""Of what kind a case is, notes, and what needs a second person."""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    pass
