"""Personal numbers of staff, and the addresses they are paged at."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    pass
