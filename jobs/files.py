"""What time triggers about files of cases: the messenger is asked again for what it did not give."""

from datetime import datetime

import storage.files
from domain.cases import asking
from domain.messages import Outgoing
from storage.database import Connection

_AT_ONCE = 20


async def fetch(db: Connection, now: datetime) -> list[Outgoing]:
    return [asking(one.channel, one.part) for one in await storage.files.due(db, now, _AT_ONCE)]
