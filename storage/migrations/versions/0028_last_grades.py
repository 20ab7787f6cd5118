"""Schools whose classes leave after another year than the country's last one."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    # Of a school, as whoever began a school year there said: after which year its classes leave it.
    op.add_column("communities", sa.Column("last_grade", sa.Integer))
