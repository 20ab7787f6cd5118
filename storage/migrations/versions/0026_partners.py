"""Partners and neighbours: offers from one community to another, what partners may see; stages, mutes, warned terms."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    _offers()
    _open_to_partners()
    _communities()
    _settings()


def _offers() -> None:
    op.create_table(
        "contact_codes",  # by which coordinators of other communities find this one
        ref("community_id", "communities"),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        ref("made_by", "persons"),
        sa.Column("made_at", US, nullable=False),
        sa.PrimaryKeyConstraint("community_id"),
    )
    op.create_table(
        "offers",  # a meeting, challenge or announcement of one community, offered to another
        key(),
        sa.Column("kind", sa.Text, nullable=False),  # meeting | challenge | announcement
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("title", sa.Text, nullable=False),  # its title, or first words, when it was offered
        sa.Column("places", sa.Integer),  # of a meeting with a limit: how many the other community gets
        ref("from_id", "communities"),
        ref("to_id", "communities"),
        ref("offered_by", "persons"),
        sa.Column("offered_at", US, nullable=False),
        sa.Column("lapses_at", US, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # offered | accepted | declined | lapsed
        ref("answered_by", "persons", nullable=True),
        sa.Column("answered_at", US),
        sa.Column("copy_id", ID),  # what the other community has of it once it accepted
    )
    standing = sa.text("state IN ('offered', 'accepted')")
    op.create_index(
        "one_offer_of_a_thing",
        "offers",
        ["kind", "subject_id", "to_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("offers_of_thing", "offers", ["kind", "subject_id"])
    op.create_index("offers_to", "offers", ["to_id", "state"])
    op.create_index("offers_from", "offers", ["from_id", "state"])
    waiting = sa.text("state = 'offered'")
    op.create_index("offers_waiting", "offers", ["lapses_at"], sqlite_where=waiting, postgresql_where=waiting)


def _open_to_partners() -> None:
    for table in ("meetings", "challenges", "announcements"):
        op.add_column(table, sa.Column("source", sa.Text))  # the name of the community that offered it
    for table in ("meetings", "announcements"):
        op.add_column(table, sa.Column("open", sa.Integer, nullable=False, server_default="0"))  # to partners
        shown = sa.text("open = 1")
        op.create_index(f"{table}_open", table, ["community_id"], sqlite_where=shown, postgresql_where=shown)


def _communities() -> None:
    op.create_table(
        "stages",  # a school's assessments of itself
        key(),
        ref("community_id", "communities"),
        sa.Column("stage", sa.Text, nullable=False),  # beginner | advanced | model
        sa.Column("answers", sa.Text, nullable=False),  # yes | partly | no for each statement, separated by commas
        ref("made_by", "persons"),
        sa.Column("made_at", US, nullable=False),
    )
    op.create_index("stages_of_community", "stages", ["community_id", "id"])
    op.add_column("chats", sa.Column("rights_told", sa.Integer, nullable=False, server_default="0"))
    # 1: she and whoever gave her the role were told that it will end
    op.add_column("memberships", sa.Column("warned", sa.Integer, nullable=False, server_default="0"))
    op.add_column("memberships", sa.Column("stepped_down_at", US))  # she left by herself, and may take it back


def _settings() -> None:
    op.create_table(
        "mutes",  # nothing of this community reaches this person's private chat until then, but what is urgent
        ref("person_id", "persons"),
        ref("community_id", "communities"),
        sa.Column("until", US),  # NULL: for good
        sa.PrimaryKeyConstraint("person_id", "community_id"),
    )
