"""Calling a challenge: what it is, when, for whom; then everybody is invited."""

import storage.challenges
from domain.announcements import AUDIENCES, EVERYBODY
from domain.challenge_cards import author_card, author_doors, described, invitation, join_doors
from domain.challenges import (
    DAYS_MOST,
    LASTS,
    Challenge,
    Plan,
    State,
    Totals,
    check_days,
    count_of_days,
    end_of,
    read_rules,
    read_title,
)
from domain.messages import (
    Body,
    Lane,
    Outgoing,
    Say,
    Subject,
    Text,
    ToAudience,
    ToPerson,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import LEADERS
from handlers import forms, spans
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from storage.database import Connection


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/challenge, /challenge Title, or /challenge Title | Rules."""
    title, _, rules = request.words.partition("|")
    answers = {"title": read_title(title)} if title.strip() else {}
    answers |= {"rules": read_rules(rules)} if rules.strip() else {}
    return await forms.start(db, request, FORM, answers)


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_title(_request: Request, _answers: Answers) -> Text:
    return text("What is the challenge called? For example: Read 20 minutes a day")


def _ask_rules(_request: Request, _answers: Answers) -> Text:
    return text("What is there to do each day? Please write the rules.")


def _ask_start(_request: Request, _answers: Answers) -> Text:
    return text("When does it start? Tap, or write a day. For example: 7 December")


def _read_start(request: Request, _answers: Answers) -> str:
    return spans.read_day(request).isoformat()


def _ask_length(_request: Request, _answers: Answers) -> Text:
    return text("How long does it last? Tap, or write a number of days, or the last day.")


def _read_length(request: Request, answers: Answers) -> str:
    """A number of days, or an ISO date."""
    days = count_of_days(request.words)
    last = spans.read_day(request).isoformat() if days is None else str(days)
    _check(request, {**answers, "last": last})
    return last


def _ask_whom(request: Request, _answers: Answers) -> Text:
    return text("Who is it for? Community: %(name)s", name=community_of(request).name)


# --- the review and the end -------------------------------------------------------------------------------------------


def _check(request: Request, answers: Answers) -> None:
    check_days(spans.first_of(answers), spans.last_of(answers), spans.today(request))


def _plan(answers: Answers) -> Plan:
    days, roles = (spans.first_of(answers), spans.last_of(answers)), AUDIENCES[answers["whom"]].roles
    return Plan(answers["title"], answers["rules"], *days, roles)


def _review(request: Request, answers: Answers) -> Body:
    community = community_of(request)
    shown = Challenge(0, community, request.person.id, _plan(answers), community.zone, State.RUNNING)
    return paragraphs(
        described(shown),
        lines(
            text("Community: %(name)s", name=community.name),
            text("For: %(whom)s", whom=AUDIENCES[answers["whom"]].label),
        ),
        text("Everybody it is for gets an invitation, and the group chats get a card with the totals."),
    )


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    _check(request, answers)
    _, said = await publish(db, request, _plan(answers))
    return said


async def publish(db: Connection, request: Request, plan: Plan) -> tuple[Challenge, list[Outgoing]]:
    """The challenge is called in the asker's community: everybody it is for is invited."""
    community = community_of(request)
    ends_at = end_of(plan.ends_on, community.zone)
    challenge_id = await storage.challenges.add(db, community, request.person.id, plan, ends_at)
    challenge = await storage.challenges.get_certain(db, challenge_id)
    shown = author_card(challenge, Totals(), request.now)
    return challenge, [
        Say(shown, author_doors(challenge), to=ToPerson(request.person.id), card=challenge.author_card),
        _invitation(challenge),
    ]


def _invitation(challenge: Challenge) -> Say:
    return Say(
        invitation(challenge),
        join_doors(challenge),
        to=ToAudience(challenge.community.id, challenge.plan.roles),
        card=challenge.card,
        lane=Lane.BROADCAST,
        subject=Subject("challenge", challenge.id),
        not_after=challenge.ends_at,
        dedupe_key=challenge.card,
    )


FORM = Form(
    "challenge",
    (
        Field("title", _ask_title, read=lambda request, _: read_title(request.words)),
        Field("rules", _ask_rules, read=lambda request, _: read_rules(request.words)),
        Field("first", _ask_start, read=_read_start, grid=spans.FIRST_DAYS),
        Field("last", _ask_length, read=_read_length, grid=spans.last_days(LASTS, DAYS_MOST)),
        Field(
            "whom",
            _ask_whom,
            choices=fixed(*(Choice(AUDIENCES[key].label, key) for key in (EVERYBODY, "pupils", "parents", "teachers"))),
        ),
    ),
    _finish,
    review=_review,
    # NOTE: button. Publishes a challenge.
    done=text("Call the challenge"),
    may=LEADERS,
)
