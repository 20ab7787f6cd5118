"""The column types that SQLite and PostgreSQL share."""

import sqlalchemy as sa

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
US = sa.BigInteger()  # microseconds since 1970, UTC


def key(name: str = "id") -> sa.Column[int]:
    """A table's own number."""
    return sa.Column(name, ID, primary_key=True)


def ref(name: str, table: str, *, nullable: bool = False, column: str = "id") -> sa.Column[int]:
    """A reference to another table's row."""
    return sa.Column(name, ID, sa.ForeignKey(f"{table}.{column}"), nullable=nullable)
