"""How a challenge looks: to all, to one who takes part, in groups, to its organiser, and when it is over."""

from collections.abc import Sequence
from datetime import datetime

from domain.challenges import Cell, Challenge, Phase, Taking, Totals
from domain.messages import Body, Button, Keyboard, Moment, Text, button, lines, paragraphs, text, text_n


def described(challenge: Challenge) -> Body:
    plan = challenge.plan
    return paragraphs(
        lines(
            text("<b>%(title)s</b>", title=plan.title),
            text("From: %(name)s", name=plan.source) if plan.source else None,
        ),
        text("%(rules)s", rules=plan.rules),
        lines(
            text("First day: %(day)s", day=_day(challenge, first=True)),
            text("Last day: %(day)s", day=_day(challenge, first=False)),
        ),
    )


def whose(challenge: Challenge) -> Text:
    """Of which class or school it is, for whoever has children in several."""
    return text("Community: %(name)s", name=challenge.community.name)


def _day(challenge: Challenge, *, first: bool) -> Moment:
    day = challenge.plan.starts_on if first else challenge.plan.ends_on
    return Moment(challenge.noon(day), challenge.zone, show="day")


# --- private ----------------------------------------------------------------------------------------------------------


def invitation(challenge: Challenge) -> Body:
    """For everybody it is for: nothing in it belongs to one person."""
    return paragraphs(
        lines(text("<b>A new challenge</b>"), whose(challenge)),
        described(challenge),
        text("Would you like to take part? Tap “Join”. Then tap “I did it today” on each day you do it."),
    )


def join_doors(challenge: Challenge) -> Keyboard:
    # NOTE: button. Take part in a challenge.
    return [[button(text("Join"), "ch.join", challenge.id)]]


def own_card(challenge: Challenge, taking: Taking | None, now: datetime) -> Body:
    """For one person: whether she takes part, and how it goes."""
    return paragraphs(described(challenge), whose(challenge), lines(*_own_lines(challenge, taking, now)))


def checked_in(challenge: Challenge, taking: Taking, now: datetime) -> Body:
    """The short answer to a line she typed: how it goes, without the rules."""
    return paragraphs(text("<b>%(title)s</b>", title=challenge.plan.title), lines(*_own_lines(challenge, taking, now)))


def own_doors(challenge: Challenge, taking: Taking | None, now: datetime) -> Keyboard:
    if challenge.phase(now) is Phase.OVER:
        return [[totals_door(challenge)]]
    own = did_it_door(challenge) if taking else join_doors(challenge)[0][0]
    return [[own], [totals_door(challenge)]]


def did_it_door(challenge: Challenge) -> Button:
    # NOTE: button. A daily tick: today I did what the challenge asks for.
    return button(text("I did it today"), "ch.did", challenge.id)


def totals_door(challenge: Challenge) -> Button:
    # NOTE: button. How many take part in a challenge, by community.
    return button(text("Totals"), "ch.sum", challenge.id, challenge.community.id)


def _own_lines(challenge: Challenge, taking: Taking | None, now: datetime) -> list[Text]:
    phase, today = challenge.phase(now), challenge.today(now)
    if taking is None:
        return [over() if phase is Phase.OVER else text("You can join at any time while it runs.")]
    if phase is Phase.BEFORE:
        return [text("✓ You take part."), begins(challenge)]
    done = [text("✓ You did it today. Well done!")] if taking.did_it(today) else []
    first = [over()] if phase is Phase.OVER else done or [text("Did you do it today? Then tap the button.")]
    return [*first, *_days_of(taking), *_in_a_row(taking.in_a_row(today))]


def _days_of(taking: Taking) -> list[Text]:
    if not taking.days:
        return []
    return [text_n("You did it on %(n)s day so far.", "You did it on %(n)s days so far.", taking.days)]


def _in_a_row(streak: int) -> list[Text]:
    if streak < 2:
        return []
    return [text_n("🔥 %(n)s day in a row – keep going!", "🔥 %(n)s days in a row – keep going!", streak)]


def begins(challenge: Challenge) -> Text:
    return text(
        "It begins: %(day)s. From then on, tap “I did it today” on each day you do it.", day=_day(challenge, first=True)
    )


def over() -> Text:
    return text("This challenge is over. Thank you!")


# --- groups and the organiser -----------------------------------------------------------------------------------------


def group_card(challenge: Challenge, all_of_it: Totals, here: Totals | None, now: datetime) -> Body:
    """`here`: the part of the group's own community, when that is only a part."""
    return paragraphs(
        described(challenge),
        lines(
            counted(all_of_it),
            text("Of these, in this group's community:") if here else None,
            counted(here) if here else None,
        ),
        over() if challenge.phase(now) is Phase.OVER else None,
    )


def group_doors(challenge: Challenge, now: datetime) -> Keyboard:
    if challenge.phase(now) is Phase.OVER:
        return ()
    return [[join_doors(challenge)[0][0], did_it_door(challenge)]]


def author_card(challenge: Challenge, totals: Totals, now: datetime) -> Body:
    state = over() if challenge.phase(now) is Phase.OVER else None
    return paragraphs(text("<b>Your challenge</b>"), described(challenge), counted(totals), state)


def author_doors(challenge: Challenge) -> Keyboard:
    return [[totals_door(challenge)]]


def counted(totals: Totals) -> Body:
    return lines(
        text("Taking part: %(people)s", people=totals.people),
        text("All days done, added up: %(days)s", days=totals.days),
    )


# --- the end ----------------------------------------------------------------------------------------------------------


def thanks(challenge: Challenge, totals: Totals) -> Body:
    """For a group and for the organiser."""
    return paragraphs(
        text("<b>The challenge is over. Thank you, everybody!</b>"),
        lines(text("%(title)s", title=challenge.plan.title), whose(challenge)),
        counted(totals),
    )


def own_thanks(challenge: Challenge, taking: Taking, totals: Totals) -> Body:
    """For one who took part."""
    return paragraphs(
        text("<b>The challenge is over. Thank you for taking part!</b>"),
        lines(text("%(title)s", title=challenge.plan.title), whose(challenge)),
        text_n("You did it on %(n)s day.", "You did it on %(n)s days.", taking.days) if taking.days else None,
        lines(text("All together:"), counted(totals)),
    )


# --- totals by community ----------------------------------------------------------------------------------------------


def table(name: str, totals: Totals, cells: Sequence[Cell]) -> Body:
    """The totals of a community and of those below it, by name: nobody is ranked."""
    why = text("Numbers below 5 stay hidden, and so do numbers that would give them away.")
    return paragraphs(
        lines(text("<b>Totals: %(name)s</b>", name=name), counted(totals)),
        lines(*map(_cell, cells)) if cells else None,
        why if any(cell.hidden for cell in cells) else None,
    )


def _cell(cell: Cell) -> Text:
    name = cell.community.name if cell.community else text("Others")
    if cell.hidden:
        return text("%(name)s: not shown", name=name)
    return text(
        "%(name)s: taking part %(people)s, days %(days)s",
        name=name,
        people=cell.totals.people,
        days=cell.totals.days,
    )
