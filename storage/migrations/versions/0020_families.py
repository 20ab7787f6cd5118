"""Codes that are used once, children's parents, and what parents said; the account that a person chose last."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US, key, ref

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    # Her messages go to the account she moved to last, while it can be reached.
    op.add_column("identities", sa.Column("chosen_at", US, nullable=False, server_default="0"))
    op.create_table(
        "one_time_codes",
        key(),
        sa.Column("purpose", sa.Text, nullable=False),  # move | family
        sa.Column("mark", sa.LargeBinary, nullable=False, unique=True),
        ref("person_id", "persons"),
        ref("made_by", "persons"),
        sa.Column("expires_at", US, nullable=False),
        sa.UniqueConstraint("person_id", "purpose"),
    )
    op.create_index("one_time_codes_by_end", "one_time_codes", ["expires_at"])
    op.create_table(
        "families",
        key(),
        ref("child_id", "persons"),
        ref("parent_id", "persons"),
        sa.Column("called", sa.Text, nullable=False),  # the parent's name, as she gave it
        sa.Column("state", sa.Text, nullable=False),  # waiting | linked | refused | ended
        sa.Column("head_only", sa.Integer, nullable=False),  # a third adult: the child alone can't confirm her
        sa.Column("asked_at", US, nullable=False),
        ref("decided_by", "persons", nullable=True),
    )
    alive = sa.text("state IN ('waiting', 'linked')")
    op.create_index(
        "one_link_of_a_parent",
        "families",
        ["child_id", "parent_id"],
        unique=True,
        sqlite_where=alive,
        postgresql_where=alive,
    )
    op.create_index("families_of_parent", "families", ["parent_id", "state"])
    op.create_table(
        "parents_answers",  # whether a parent agrees that her child belongs to a community
        ref("child_id", "persons"),
        ref("community_id", "communities"),
        ref("parent_id", "persons"),
        sa.Column("agrees", sa.Integer, nullable=False),
        sa.Column("at", US, nullable=False),
        sa.PrimaryKeyConstraint("child_id", "community_id", "parent_id"),
    )
