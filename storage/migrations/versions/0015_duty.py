"""Who is on duty when, and test reports."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    pass
