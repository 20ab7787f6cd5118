"""Rosters: who is expected in a class before anybody joins; and new school years, with what each of them changed."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("communities", sa.Column("archived_at", US))  # NULL: it is alive
    archived = sa.text("archived_at IS NOT NULL")
    op.create_index(
        "communities_archived", "communities", ["archived_at"], sqlite_where=archived, postgresql_where=archived
    )
    _rosters()
    _school_years()


def _rosters() -> None:
    op.create_table(
        "rosters",  # a file that was read and waits for a yes
        key(),
        ref("community_id", "communities"),
        ref("person_id", "persons"),
        sa.Column("content", sa.LargeBinary),  # sealed by the key of the day's drafts; NULL: it is over
        sa.Column("made_at", US, nullable=False),
    )
    waiting = sa.text("content IS NOT NULL")
    op.create_index("rosters_waiting", "rosters", ["made_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "expected_names",
        key(),
        ref("community_id", "communities"),  # the class
        sa.Column("role", sa.Text, nullable=False),  # pupil | parent | teacher
        sa.Column("called", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),  # see domain.rosters.fold
        sa.Column("membership_id", ID),  # who asked to join under this name
        sa.Column("listed_at", US, nullable=False),  # when a roster last named her
        sa.UniqueConstraint("community_id", "role", "folded"),
    )
    op.create_index("expected_names_by_time", "expected_names", ["listed_at"])
    op.create_index("expected_names_joined", "expected_names", ["membership_id"])


def _school_years() -> None:
    op.create_table(
        "school_years",  # one move of all classes below a community
        key(),
        ref("community_id", "communities"),
        ref("person_id", "persons"),
        sa.Column("year", sa.Integer, nullable=False),  # in which it begins
        sa.Column("done_at", US, nullable=False),
        sa.Column("undone_at", US),
    )
    op.create_index("school_years_of_community", "school_years", ["community_id", "year"])
    op.create_index("school_years_by_time", "school_years", ["done_at"])
    op.create_table(
        "moved_classes",
        ref("school_year_id", "school_years"),
        ref("community_id", "communities"),
        ref("school_id", "communities"),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text),  # NULL: it left school
        sa.PrimaryKeyConstraint("school_year_id", "community_id"),
    )
    op.create_index("moved_classes_of_school", "moved_classes", ["school_id", "school_year_id"])
    # What an undo puts back; they go after a week. No references: who is forgotten meanwhile is forgotten.
    op.create_table(
        "ended_memberships",
        ref("school_year_id", "school_years"),
        sa.Column("membership_id", ID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # before
        sa.Column("until", US),
        sa.PrimaryKeyConstraint("school_year_id", "membership_id"),
    )
    op.create_table(
        "renewed_invites",
        ref("school_year_id", "school_years"),
        sa.Column("invite_id", ID, nullable=False),
        sa.Column("is_new", sa.Integer, nullable=False),  # 0: it was revoked; 1: it was made, and goes with an undo
        sa.PrimaryKeyConstraint("school_year_id", "invite_id"),
    )
