"""What time triggers about cases: a case that nobody takes climbs, and what staff were shown leaves their chats."""

from datetime import datetime

import storage.cases
from domain.cases import COPIES_DELETABLE, COPIES_RETRY, COPIES_STAY, Case, Deed, Desk, Stage, due_stage, page
from domain.messages import Delete, Edit, Lane, Outgoing, Say, ToIdentity, ToPerson, Words, text
from domain.roles import Role
from storage.cases import Copy
from storage.database import Connection

_WORKERS, _SUPERVISORS = frozenset({Role.WORKER}), frozenset({Role.SUPERVISOR})


async def climb(db: Connection, now: datetime) -> list[Outgoing]:
    """Half of its clock: the workers are reminded. All of it: the supervisor is called, once."""
    said: list[Outgoing] = []
    for case in await storage.cases.waiting(db):
        stage = due_stage(case, now)
        if stage is not None and await storage.cases.climb(db, case, stage):
            said += await _call(db, case, stage, now)
    return said


async def _call(db: Connection, case: Case, stage: Stage, now: datetime) -> list[Say]:
    escalates = stage is Stage.ESCALATED
    deed = Deed.ESCALATED if escalates else Deed.REMINDED
    await storage.cases.log(db, case.id, "clock", deed, now)
    roles = _SUPERVISORS if escalates or case.desk is Desk.SUPERVISORS else _WORKERS
    return page(case, now, await storage.cases.on_call(db, case, roles, now))


async def remove_copies(db: Connection, now: datetime) -> list[Outgoing]:
    """After a day a copy is deleted, tried again each hour; what the messenger won't delete any more is blanked."""
    said: list[Outgoing] = []
    for copy in await storage.cases.copies_to_remove(db, now - COPIES_STAY, now - COPIES_RETRY):
        if now - copy.shown_at < COPIES_DELETABLE:
            await storage.cases.note_asked(db, copy.id, now)
            receipt = ("cases.removed", str(copy.id))
            said.append(Delete(copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE, receipt=receipt))
        else:
            said += await _blank(db, copy, now)
    return said


async def _blank(db: Connection, copy: Copy, now: datetime) -> list[Outgoing]:
    """Words are edited away; of a photo or a video the picture stays, and a person must see to it."""
    await storage.cases.save_copy(db, copy.id, "blanked")
    await storage.cases.log(db, copy.case_id, "clock", Deed.BLANKED, now, part_id=copy.part_id)
    blank = Edit(text("This message was removed."), card=copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE)
    case = await storage.cases.get(db, copy.case_id)
    if case is None:
        return [blank]
    told = (
        text(
            "case %(number)s: a copy could not be deleted from a chat in time, and was blanked",
            number=Words(case.number),
        )
        if copy.part_id is None
        else text(
            "case %(number)s: a file could not be deleted from a chat. Please see that its reader deletes it.",
            number=Words(case.number),
        )
    )
    supervisors = await storage.cases.on_call(db, case, _SUPERVISORS, now)
    return [blank, *(Say(told, to=ToPerson(person_id), lane=Lane.CASE) for person_id in supervisors)]
