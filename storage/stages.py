"""How far schools say they have come."""

from domain.stages import Assessment, Said, Stage
from domain.times import from_us, to_us
from storage.database import Connection


async def save(db: Connection, community_id: int, found: Assessment, made_by: int) -> None:
    await db.run(
        """INSERT INTO stages (community_id, stage, answers, made_by, made_at)
           VALUES (:community_id, :stage, :answers, :made_by, :at)""",
        community_id=community_id,
        stage=found.stage.value,
        answers=",".join(found.said),
        made_by=made_by,
        at=to_us(found.at),
    )


async def last_of(db: Connection, community_id: int) -> Assessment | None:
    """The newest one; the older ones stay, for whoever asks how it went on."""
    row = await db.one(
        """SELECT stage, answers, made_at FROM stages
           WHERE community_id = :community_id
           ORDER BY id DESC
           LIMIT 1""",
        community_id=community_id,
    )
    if row is None:
        return None
    return Assessment(
        Stage(row["stage"]), tuple(Said(one) for one in row["answers"].split(",")), from_us(row["made_at"])
    )
