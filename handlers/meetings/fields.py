"""The questions of the form that calls a meeting: only what its kind needs is asked, and most of it can be skipped."""

from collections.abc import Callable, Sequence

from domain.meetings import (
    AGENDA_MOST,
    AUDIENCE_NAMES,
    CAPACITY_MOST,
    MEETING_KINDS,
    PLACE_MOST,
    TITLE_MOST,
    MeetingKind,
    agenda_of,
    capacity_of,
    place_of,
    title_of,
)
from domain.messages import Body, Refused, Words, paragraphs, text
from domain.requests import Request
from domain.writing import shorten
from handlers.forms import Answers, Choice, Field, fixed
from handlers.meetings import consultation, offers, when
from handlers.meetings.offers import SKIP
from storage.database import Connection

_AS_TYPED = "="  # no title looks like this


def _of_kind(kind: MeetingKind) -> Callable[[Answers], bool]:
    return lambda answers: bool(answers["kind"] == kind)


# --- what every kind is asked -----------------------------------------------------------------------------------------


def _ask_kind(_request: Request, _answers: Answers) -> Body:
    return text("What kind of meeting is it?")


def _ask_title(_request: Request, answers: Answers) -> Body:
    wrong = text("The title is too long, or it has no letters.") if rest(answers) else None
    return paragraphs(wrong, text("What is its title? At most %(most)s characters.", most=TITLE_MOST))


def _read_title(request: Request, _answers: Answers) -> str:
    title = title_of(request.words)
    if title is None:
        raise Refused(
            text(
                "A title has letters or figures and at most %(most)s characters. For example: First joint meeting",
                most=TITLE_MOST,
            )
        )
    return title


async def _titles(_db: Connection, _request: Request, answers: Answers) -> Sequence[Choice]:
    """What was typed without a date is most likely the title."""
    title = title_of(answers.get("line", ""))
    offered = title is not None and not rest(answers)
    return [Choice(Words(shorten(title, 40)), _AS_TYPED)] if offered and title else []


def rest(answers: Answers) -> str:
    """What followed the date in one line."""
    day = answers.get("day")
    return str(day.get("rest", "")) if isinstance(day, dict) else ""


def wants_title(answers: Answers) -> bool:
    return title_of(rest(answers).partition("\n")[0]) is None


def _ask_place(_request: Request, _answers: Answers) -> Body:
    return text("Where is it? A room, an address or a link.")


def _read_place(request: Request, _answers: Answers) -> str:
    return _in_words(place_of(request.words), PLACE_MOST)


def _in_words(written: str | None, most: int) -> str:
    if written is None:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=most))
    return written


def _ask_agenda(_request: Request, answers: Answers) -> Body:
    if _IS_WEBINAR(answers):  # its speakers were asked for
        return text("What will it be about?")
    return text("What will it be about, and who will speak?")


def _read_agenda(request: Request, _answers: Answers) -> str:
    return _in_words(agenda_of(request.words), AGENDA_MOST)


def _ask_capacity(_request: Request, _answers: Answers) -> Body:
    return text("How many people can come? Whoever comes later goes on a waiting list.")


def _read_capacity(request: Request, _answers: Answers) -> int:
    capacity = capacity_of(request.words)
    if capacity is None:
        raise Refused(text("Please write a whole number from 1 to %(most)s. For example: 30", most=CAPACITY_MOST))
    return capacity


def _ask_people(_request: Request, _answers: Answers) -> Body:
    return text("Who is it for?")


def _ask_post(_request: Request, _answers: Answers) -> Body:
    return text("Shall the group chat see it too? Everybody in the group can read it there.")


def _may_post(answers: Answers) -> bool:
    """Whether the group must be asked about: there is one, and the meeting is not for everybody in it."""
    return bool(answers["groups"]) and answers["people"] != "all"


# --- what some kinds need ---------------------------------------------------------------------------------------------


def _ask_link(_request: Request, _answers: Answers) -> Body:
    return text("What is the link to it?")


def _ask_host(_request: Request, _answers: Answers) -> Body:
    return text("Whom do you visit? A school, a hub or a person.")


def _ask_speakers(_request: Request, _answers: Answers) -> Body:
    return text("Who will speak?")


_IS_WEBINAR = _of_kind(MeetingKind.WEBINAR)

FIELDS = (
    Field("kind", _ask_kind, choices=fixed(*(Choice(name, kind.value) for kind, name in MEETING_KINDS.items()))),
    *when.FIELDS,
    *consultation.FIELDS,
    Field("title", _ask_title, read=_read_title, choices=_titles, columns=1, when=wants_title),
    Field("host", _ask_host, read=_read_place, skip=SKIP, when=_of_kind(MeetingKind.VISIT)),
    Field("link", _ask_link, read=_read_place, skip=SKIP, when=_IS_WEBINAR),
    Field("place", _ask_place, read=_read_place, skip=SKIP, when=lambda answers: not _IS_WEBINAR(answers)),
    Field("speakers", _ask_speakers, read=_read_place, skip=SKIP, when=_IS_WEBINAR),
    Field("agenda", _ask_agenda, read=_read_agenda, skip=SKIP),
    Field(
        "capacity",
        _ask_capacity,
        read=_read_capacity,
        choices=fixed(*(Choice(Words(number), number) for number in ("10", "20", "30", "50"))),
        columns=4,
        # NOTE: button. As many people as like may come.
        skip=text("No limit"),
        when=consultation.is_none,
    ),
    Field("people", _ask_people, choices=fixed(*(Choice(name, key) for key, name in AUDIENCE_NAMES.items()))),
    Field(
        "post",
        _ask_post,
        # NOTE: button
        choices=fixed(Choice(text("Yes"), "yes"), Choice(text("No"), "no")),
        when=_may_post,
    ),
    *offers.FIELDS,
)


def title(answers: Answers) -> str:
    given = answers.get("title")
    typed = title_of(answers["line"]) if given == _AS_TYPED else given
    return typed or rest(answers).partition("\n")[0]
