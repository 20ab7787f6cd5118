"""Since when a chat is on pause: a clock that was set back since must not make the pause longer."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("pauses", sa.Column("since", sa.BigInteger, nullable=False, server_default="0"))
