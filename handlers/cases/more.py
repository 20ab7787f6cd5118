"""*More*: what else can be done about a case, for whoever has a right to it."""

from domain.cases import Case, Section
from domain.messages import Outgoing, Say, Text, Words, button, text
from domain.requests import Request
from handlers.cases import claim
from handlers.route import not_here
from storage.database import Connection

# What stands on a case's second page: its button, its route, and the right it needs. Each route checks again.
DOORS: tuple[tuple[Text, str, Section], ...] = ()


async def show(_db: Connection, request: Request) -> list[Outgoing]:
    case: Case = request.subject
    rows = [[button(label, route, case.id)] for label, route, section in DOORS if claim.has(request, case, section)]
    if not rows:
        raise not_here()
    return [Say(text("case %(number)s: what would you like to do?", number=Words(case.number)), rows)]
