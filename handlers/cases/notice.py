"""What a child reads before the first word, and where she can turn outside this chat (SAFEGUARDING 1 to 3, 7, 10, 11).

Nothing here promises that nobody will ever know: that would not be true.
"""

from collections.abc import Iterable

import storage.communities
from domain import countries
from domain.messages import Body, Button, Keyboard, Outgoing, Say, Words, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import LEADING, Role
from storage.database import Connection

# Who works with children may report a concern about one of them.
WORKS_AT_A_SCHOOL = LEADING | {Role.TEACHER, Role.PSYCHOLOGIST}


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """/hotline and "I need help": the notice, and the way on after a tap."""
    if not request.hotline_open:
        return [Say(await _closed(db))]
    return [Say(await _notice(db), [*_ways_on(request), [danger_button()]])]


async def show_again(db: Connection, request: Request) -> list[Outgoing]:
    """The notice once more, in the middle of whatever goes on."""
    if not request.hotline_open:
        return [Say(await _closed(db))]
    return [Say(await _notice(db), [[danger_button()]])]


def _ways_on(request: Request) -> Keyboard:
    if request.roles & WORKS_AT_A_SCHOOL:
        return [
            # NOTE: button
            [button(text("It is about me"), "hl.go", "me")],
            # NOTE: button. A teacher reports that she is worried about a pupil.
            [button(text("About a pupil"), "hl.go", "pupil")],
        ]
    # NOTE: button
    return [[button(text("I have read it"), "hl.go", "me")]]


async def _notice(db: Connection) -> Body:
    return paragraphs(
        # NOTE: child
        text("<b>You can tell us here what is wrong.</b> Please read these six lines first:"),
        lines(
            # NOTE: child
            text("1. Who reads it: the helpers of the hotline, and the head of the helpers."),
            # NOTE: child
            text(
                "2. It is confidential: I show it only to them. "
                "But this messenger tells me your account and the name in it."
            ),
            # NOTE: child
            text("3. The messenger itself, and whoever holds your phone, may see what stands in this chat."),
            # NOTE: child
            text("4. If somebody is in serious danger, we must tell those who can protect them."),
            # NOTE: child
            text("5. You decide how much you write. One word is enough, and you need not name anybody."),
            # NOTE: child
            text("6. You can also call, or go to an adult you trust, instead of writing:"),
        ),
        await helplines(db),
    )


async def _closed(db: Connection) -> Body:
    """Where no message is taken, nobody is left waiting for an answer."""
    numbers = await helplines(db)
    return paragraphs(
        # NOTE: child
        text("<b>I can't take messages for the hotline here.</b> Nobody would read what you write to me about it."),
        # NOTE: child
        text("But there are people who listen. You can call them:") if numbers else None,
        numbers,
        # NOTE: child
        text("You can also go to an adult you trust: at home, at school, or a doctor."),
    )


# --- what other screens show, too -------------------------------------------------------------------------------------


async def helplines(db: Connection) -> Body | None:
    """The numbers of the network's country that were checked; None: there are none."""
    root = await storage.communities.root(db)
    return numbers_of(countries.get(root.country)) if root else None


def numbers_of(country: countries.Country) -> Body | None:
    shown = [
        text("📞 %(what)s: <b>%(number)s</b>", what=countries.WHAT[line.what], number=Words(line.number))
        for line in country.helplines
    ]
    return lines(*shown) if shown else None


def danger_button() -> Button:
    # NOTE: button. Somebody is in danger this very moment.
    return button(text("🆘 Danger now"), "hl.danger")


def notice_button() -> Button:
    # NOTE: button. Shows again who reads what is written here.
    return button(text("Who reads this?"), "hl.read")


def with_doors(rows: Iterable[Iterable[Button]]) -> Keyboard:
    """A screen of the hotline: its own buttons, then the ones that stand on all of them, each in a row of its own: two
    side by side are cut off on a phone in most languages."""
    return [*[list(row) for row in rows], [danger_button()], [notice_button()]]
