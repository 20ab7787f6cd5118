"""Nothing yet."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    return None
