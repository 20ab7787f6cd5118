"""A parent's way to a support plan: recorded by two people, opened by a code of which only a mark is kept."""

from datetime import datetime

from domain.cases import Case
from domain.plans import INVITATION_LASTS, Invitation, Plan, Showing
from domain.times import maybe_time, to_us
from storage.cases import case as cases
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.cases.team import open_to
from storage.database import Connection, Row

_TABLE = "plan_invitations"


async def ask(db: Connection, case: Case, plan: Plan, author: int) -> Invitation:
    """The first of two people has recorded that it is safe, and that the pupil was asked."""
    invitation_id = new_id()
    await db.run(
        """INSERT INTO plan_invitations (id, case_id, plan_id, state, content)
           VALUES (:id, :case_id, :plan_id, 'asked', :content)""",
        id=invitation_id,
        case_id=case.id,
        plan_id=plan.id,
        content=_content(db, case, invitation_id, author, None),
    )
    return Invitation(invitation_id, case.id, plan.id, Showing.ASKED, author, None)


def _content(db: Connection, case: Case, invitation_id: int, author: int, identity_id: int | None) -> bytes:
    content = {"author": author, "identity": identity_id}
    return seal(db, case.key_id, _TABLE, "content", invitation_id, content)


async def agree(db: Connection, invitation: Invitation) -> bool:
    """The second person has recorded it, too; False when it was too late."""
    found = await db.value(
        "UPDATE plan_invitations SET state = 'agreed' WHERE id = :id AND state = 'asked' RETURNING id",
        id=invitation.id,
    )
    return found is not None


async def make_code(db: Connection, invitation: Invitation, now: datetime) -> str | None:
    """A code for a parent; the one before it works no more. It is kept nowhere. None: a parent has opened it, or it is
    over."""
    code = str(new_id())
    found = await db.value(
        """UPDATE plan_invitations SET code_mark = :mark, expires_at = :expires_at
           WHERE id = :id AND state = 'agreed'
           RETURNING id""",
        mark=_mark(db, code),
        expires_at=to_us(now + INVITATION_LASTS),
        id=invitation.id,
    )
    return None if found is None else code


def _mark(db: Connection, code: str) -> bytes:
    return db.vault.mark("plan invitation", code)


async def end(db: Connection, invitation: Invitation) -> bool:
    """False when it was over before."""
    found = await db.value(
        """UPDATE plan_invitations SET state = 'ended', code_mark = NULL
           WHERE id = :id AND state <> 'ended'
           RETURNING id""",
        id=invitation.id,
    )
    return found is not None


async def by_code(db: Connection, code: str, person_id: int, now: datetime) -> tuple[Case, Invitation] | None:
    """What a code opens; nothing for somebody who must not know of the case."""
    unkept = await open_to(db, person_id)
    row = await db.one(
        f"""SELECT plan_invitations.* FROM plan_invitations
            JOIN cases ON cases.id = plan_invitations.case_id
            WHERE plan_invitations.code_mark = :mark AND plan_invitations.expires_at > :now AND {unkept.sql}""",  # noqa: S608
        mark=_mark(db, code),
        now=to_us(now),
        **unkept.values,
    )
    case = await cases.get(db, row["case_id"]) if row else None
    return None if row is None or case is None else (case, await _invitation(db, row))


async def open_by(db: Connection, case: Case, invitation: Invitation, identity_id: int, now: datetime) -> bool:
    """The account that uses the code first has it, and no other; whether this one may see the plan."""
    if invitation.state is Showing.OPENED:
        return invitation.identity_id == identity_id
    found = await db.value(
        """UPDATE plan_invitations SET state = 'opened', content = :content, opened_at = :now
           WHERE id = :id AND state = 'agreed'
           RETURNING id""",
        content=_content(db, case, invitation.id, invitation.author, identity_id),
        now=minute(now),
        id=invitation.id,
    )
    return found is not None


async def of_case(db: Connection, case: Case) -> list[Invitation]:
    """Those that aren't over, the newest first."""
    rows = await db.all(
        "SELECT * FROM plan_invitations WHERE case_id = :id AND state <> 'ended' ORDER BY plan_id, id", id=case.id
    )
    return [await _invitation(db, row) for row in rows]


async def _invitation(db: Connection, row: Row) -> Invitation:
    content = await unseal(db, row["content"], _TABLE, "content", row["id"])
    return Invitation(
        row["id"],
        row["case_id"],
        row["plan_id"],
        Showing(row["state"]),
        content["author"],
        maybe_time(row["expires_at"]),
        content["identity"],
        maybe_time(row["opened_at"]),
    )
