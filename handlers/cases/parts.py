"""Messages as parts of a case: what is kept of them, and how they look to whoever may read them."""

from collections.abc import Sequence
from dataclasses import replace

from domain.cases import Case, Kind, Part, Side, kind_of
from domain.messages import Body, Moment, Text, Words, lines, paragraphs, text
from domain.requests import Request
from domain.writing import units

ONE_MESSAGE = 3_400  # characters of a case in one message: with the heading of the case it must stay under 4,096
_PIECE = 3_000
_AROUND = 120  # what stands around each part: whose it is, and when

CANT_KEEP = text("I can't pass on this kind of file or message. A photo, a video or a voice message works.")
KEPT_WORDS = text("The words with it are kept.")


def source(request: Request) -> str | None:
    """What names the message a part came as, so that its edit finds it."""
    message_id = request.incoming.message_id
    return None if message_id is None else f"{request.place}/{message_id}"


def read(request: Request) -> tuple[Part | None, Body | None]:
    """What is kept of a message, as typed, and what there is to say about the rest."""
    incoming = request.incoming
    file = incoming.parts[0] if incoming.parts else None
    kind = kind_of(file) if file else Kind.WORDS
    if file is not None and kind is not None:
        return Part(Side.REPORTER, kind, incoming.words, file.file_id, request.bot, request.now), None
    problem = CANT_KEEP if file is not None or not incoming.words else None
    if not incoming.words:
        return None, problem
    kept = Part(Side.REPORTER, Kind.WORDS, incoming.words, at=request.now)
    return kept, lines(problem, KEPT_WORDS) if problem else None


def pages(case: Case, parts: Sequence[Part]) -> list[Body]:
    """A case for whoever works on it, in messages that fit."""
    media = [part.id for part in parts if part.kind is not Kind.WORDS]
    numbers = {part_id: number for number, part_id in enumerate(media, 1)}
    found: list[Body] = []
    page, room = [_heading(case)], ONE_MESSAGE
    for part in parts:
        for piece in _pieces(part):
            needs = units(piece.words) + _AROUND
            if needs > room:
                found.append(paragraphs(*page))
                page, room = [], ONE_MESSAGE
            page.append(_shown(case, piece, numbers.get(part.id)))
            room -= needs
    if case.closing is not None:
        wanted = text("To be closed unanswered, with the words below. To: %(name)s", name=case.reporter.name)
        found.append(paragraphs(*page))
        page = [wanted, Words(case.closing.summary)]
    return [*found, paragraphs(*page)]


def _pieces(part: Part) -> list[Part]:
    """A long message in pieces that fit beside its heading."""
    if units(part.words) <= _PIECE:
        return [part]
    half = len(part.words) // 2
    first, second = replace(part, words=part.words[:half]), replace(part, words=part.words[half:])
    return [*_pieces(first), *_pieces(second)]


def _heading(case: Case) -> Body:
    return lines(
        text("<b>Case %(number)s</b>", number=Words(case.number)),
        text("From: %(name)s", name=case.reporter.name),
        _WORRIED if case.answers.about == "pupil" else None,
        _ADULT.get(case.answers.adult or ""),
        _SAFE.get(case.answers.safe or ""),
        _WHEN.get(case.answers.when or ""),
    )


def _shown(case: Case, part: Part, number: int | None) -> Body:
    # NOTE: Before what a helper wrote.
    who = text("Helper") if part.side is Side.HELPER else case.reporter.name
    at = Moment(part.at) if part.at else Words("")
    if part.sealed:
        return lines(text("<b>%(who)s</b>, %(at)s", who=who, at=at), text("This is hidden for good."))
    heading = text("<b>%(who)s</b>, %(at)s, changed:", who=who, at=at) if part.changes else None
    return lines(
        heading or text("<b>%(who)s</b>, %(at)s:", who=who, at=at),
        text("[%(kind)s %(number)s]", kind=KINDS[part.kind], number=number) if number else None,
        Words(part.words) if part.words else None,
    )


KINDS: dict[Kind, Text] = {
    # NOTE: One photo that somebody sent; stands in "Show: photo 2".
    Kind.PHOTO: text("photo"),
    # NOTE: One voice message that somebody sent; stands in "Show: voice message 2".
    Kind.VOICE: text("voice message"),
    # NOTE: One video that somebody sent; stands in "Show: video 2".
    Kind.VIDEO: text("video"),
}

_WORRIED = text("Written by somebody who works at a school, about a pupil.")
_ADULT = {
    "yes": text("⚠️ It is about an adult at school."),
    "unsure": text("It may be about an adult at school."),
}
_SAFE = {
    "yes": text("Safe right now: yes"),
    "unsure": text("Safe right now: not sure"),
    "no": text("⚠️ Safe right now: no"),
}
_WHEN = {
    "any": text("We may write at any time."),
    "afternoon": text("Please write in the afternoon only."),
    "evening": text("Please write in the evening only."),
    "after_me": text("Please write only after they have written again."),
}
