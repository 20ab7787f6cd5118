"""Taking part: join with a tap, then a tap or /did on every day one did it; the challenges open for a person."""

from collections.abc import Sequence

import storage.challenges
import storage.outbox
from domain.challenge_cards import begins, checked_in, join_doors, over, own_card, own_doors
from domain.challenges import Challenge, Phase, counts_for
from domain.lists import page_of
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import COMMUNITY_ROLES, is_in
from domain.writing import shorten
from handlers.families import consent
from storage.database import Connection

_PAGE = 8
_LABEL_MOST = 32
_MOST = 100


async def load(db: Connection, challenge_id: int, _person_id: int) -> Challenge | None:
    return await storage.challenges.get(db, challenge_id)


async def join(db: Connection, request: Request) -> list[Outgoing]:
    challenge: Challenge = request.subject
    if challenge.phase(request.now) is Phase.OVER:
        return await _shown(db, request, over())
    community_id = counts_for(challenge, request.memberships)
    if community_id is None:
        raise Refused(text("Only those it is for can take part. You can see the totals: /challenges"))
    await consent.check_pupil(db, request, community_id)
    joined = await storage.challenges.join(db, challenge.id, request.person.id, community_id, request.now)
    return await _shown(db, request, text("✓ You take part.") if joined else text("You take part already."))


async def check_in(db: Connection, request: Request) -> list[Outgoing]:
    """The person did it today, by the challenge's own calendar."""
    challenge: Challenge = request.subject
    phase = challenge.phase(request.now)
    if phase is Phase.OVER:
        return await _shown(db, request, over())
    if await storage.challenges.taking(db, challenge.id, request.person.id) is None:
        raise Refused(text("Please tap “Join” first; then every day counts."), buttons=join_doors(challenge))
    if phase is Phase.BEFORE:
        return await _shown(db, request, begins(challenge))
    counted = await storage.challenges.check_in(db, challenge.id, request.person.id, challenge.today(request.now))
    return await _shown(db, request, text("✓ You did it today. Well done!") if counted else _AGAIN)


_AGAIN = text("Today is counted already. See you tomorrow!")


async def check_in_by_command(db: Connection, request: Request) -> list[Outgoing]:
    """/did: she did it today, in the one challenge she takes part in; of several she chooses by a button."""
    taken = [one for one in await _taken_by(db, request) if one.phase(request.now) is not Phase.OVER]
    if not taken:
        raise Refused(text("You don't take part in a challenge right now. Those you can join: /challenges"))
    if len(taken) > 1:
        rows = [[_did_it_in(challenge)] for challenge in taken[:_PAGE]]
        return [Say(text("Which challenge did you do today?"), rows)]
    [challenge] = taken
    if challenge.phase(request.now) is Phase.BEFORE:
        return [Say(begins(challenge))]
    counted = await storage.challenges.check_in(db, challenge.id, request.person.id, challenge.today(request.now))
    return [Say(_AGAIN if counted is None else checked_in(challenge, counted, request.now))]


async def _taken_by(db: Connection, request: Request) -> list[Challenge]:
    taken = await storage.challenges.taken_in(db, request.person.id, _own_communities(request), _MOST)
    return [one for one in taken if is_in(one.audience, request.memberships)]


def _did_it_in(challenge: Challenge) -> Button:
    return button(Words(shorten(challenge.plan.title, _LABEL_MOST)), "ch.did", challenge.id)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The person's card once more, at the end of her chat."""
    body, doors = await _own_card(db, request)
    return [Say(body, doors, card=request.subject.card, to=ToPerson(request.person.id))]


async def _shown(db: Connection, request: Request, told: Text) -> list[Outgoing]:
    """The person's own card as it stands now. After a tap in a group it comes to her private chat."""
    body, doors = await _own_card(db, request)
    if request.incoming.is_private:
        return [Edit(body, doors), Toast(told)]
    card, to = request.subject.card, ToPerson(request.person.id)
    if await storage.outbox.is_sent(db, Lane.REPLY, request.identity.place, card):
        return [Edit(body, doors, card=card, to=to), Toast(told)]
    return [Say(body, doors, card=card, to=to), Toast(told)]


async def _own_card(db: Connection, request: Request) -> tuple[Body, Keyboard]:
    challenge: Challenge = request.subject
    taking = await storage.challenges.taking(db, challenge.id, request.person.id)
    return own_card(challenge, taking, request.now), own_doors(challenge, taking, request.now)


# --- /challenges ------------------------------------------------------------------------------------------------------


async def show_open(db: Connection, request: Request) -> list[Outgoing]:
    """/challenges"""
    return [Say(*await _listed(db, request, 0))]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the page."""
    return [Edit(*await _listed(db, request, request.number(0)))]


async def _listed(db: Connection, request: Request, given: int) -> tuple[Body, Keyboard]:
    page = page_of(await _open_for(db, request), given, _PAGE)
    if not page.shown:
        return text("No challenge is open for you right now."), ()
    rows: list[Sequence[Button]] = [[_door(request, challenge)] for challenge in page.shown]
    if page.more:
        rows.append([button(text("More"), "ch.all", page.number + 1)])
    entries = [await _entry(db, request, challenge) for challenge in page.shown]
    return paragraphs(text("<b>Challenges</b>"), lines(*entries)), rows


async def _open_for(db: Connection, request: Request) -> list[Challenge]:
    running = await storage.challenges.running_in(db, request.person.id, _own_communities(request), _MOST)
    return [one for one in running if one.author_id == request.person.id or is_in(one.audience, request.memberships)]


def _own_communities(request: Request) -> list[int]:
    """Hers, and all above them."""
    own = {
        int(part)
        for membership in request.memberships
        if membership.role in COMMUNITY_ROLES
        for part in membership.path.strip("/").split("/")
    }
    return sorted(own)


async def _entry(db: Connection, request: Request, challenge: Challenge) -> Text:
    title = challenge.plan.title
    if await storage.challenges.taking(db, challenge.id, request.person.id) is not None:
        return text("✓ %(title)s (you take part)", title=title)
    if is_in(challenge.audience, request.memberships):
        return text("○ %(title)s (you can join)", title=title)
    return text("○ %(title)s (you organise it)", title=title)


def _door(request: Request, challenge: Challenge) -> Button:
    """To one's own card, under which the totals stand; for an organiser whom it is not for, to these."""
    title = Words(shorten(challenge.plan.title, _LABEL_MOST))
    if is_in(challenge.audience, request.memberships):
        return button(title, "ch", challenge.id)
    return button(title, "ch.sum", challenge.id, challenge.community.id)
