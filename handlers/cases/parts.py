"""Messages as parts of a case: what is kept of them, and how they look to whoever may read them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.cases import RISKS, Case, Kept, Kind, Note, Part, Side, is_too_big, kind_of
from domain.concerns import CONCERNS
from domain.messages import Body, Moment, Text, Words, lines, paragraphs, text
from domain.ready_answers import READY_ANSWERS
from domain.requests import Request
from domain.writing import units

ONE_MESSAGE = 3_400  # characters of a case in one message: with the heading of the case it must stay under 4,096
_PIECE = 3_000
_AROUND = 120  # what stands around each part: whose it is, and when

CANT_KEEP = text("I can't pass on this kind of file or message. A photo, a video or a voice message works.")
KEPT_WORDS = text("The words with it are kept.")
# NOTE: read by pupils and by teachers: without a form of address
TOO_BIG = text("This file is too large for me: I can't keep it. A shorter video, or a photo, works.")


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
        album, message = incoming.album or "", incoming.message_id or 0
        part = Part(Side.REPORTER, kind, incoming.words, file.file_id, request.bot, request.now)
        part = replace(part, album=album, message=message)
        if is_too_big(file):  # whoever works on the case shall know that there was one
            return replace(part, kept=Kept.LOST), lines(TOO_BIG, KEPT_WORDS if incoming.words else None)
        return part, None
    problem = CANT_KEEP if file is not None or not incoming.words else None
    if not incoming.words:
        return None, problem
    kept = Part(Side.REPORTER, Kind.WORDS, incoming.words, at=request.now)
    return kept, lines(problem, KEPT_WORDS) if problem else None


@dataclass(frozen=True, slots=True)
class Written:
    """A note, and the name its author is known by among the staff."""

    note: Note
    author: str


def pages(
    case: Case, parts: Sequence[Part], notes: Sequence[Written] = (), more: Sequence[Body] = (), days: int = 0
) -> list[Body]:
    """A case for whoever works on it, in messages that fit: what was written in its order, then `more`. `days`: for how
    many it is kept once it is closed."""
    written = _in_order(case, in_albums(parts), notes, numbered(parts))
    return _fitted(_heading(case, days), [*written, *((one, ONE_MESSAGE) for one in more)])


def pages_of(case: Case, parts: Sequence[Part], heading: Body, new: Collection[int]) -> list[Body]:
    """Those parts of a case whose ids are among `new`, under a heading."""
    wanted = [part for part in in_albums(parts) if part.id in new]
    return _fitted(heading, _in_order(case, wanted, (), numbered(parts)))


def _fitted(heading: Body, pieces: Iterable[tuple[Body, int]]) -> list[Body]:
    """Pieces with their lengths, in messages that fit."""
    found: list[Body] = []
    page, room = [heading], ONE_MESSAGE
    for shown, length in pieces:
        if length + _AROUND > room:
            found.append(paragraphs(*page))
            page, room = [], ONE_MESSAGE
        page.append(shown)
        room -= length + _AROUND
    return [*found, paragraphs(*page)]


def numbered(parts: Sequence[Part]) -> dict[int, int]:
    """The number that each photo, voice message or video is called by."""
    return {part.id: number for number, part in enumerate(with_files(parts), 1)}


def with_files(parts: Sequence[Part]) -> list[Part]:
    return [part for part in in_albums(parts) if part.has_file]


def in_albums(parts: Sequence[Part]) -> list[Part]:
    """In their order; the pictures of an album stand together, as they were sent, where its first one came."""
    albums: dict[str, list[Part]] = {}
    for part in parts:
        if part.album and not part.changes:
            albums.setdefault(part.album, []).append(part)
    found: list[Part] = []
    for part in parts:
        if not part.album or part.changes:
            found.append(part)
        elif part is albums[part.album][0]:
            found += sorted(albums[part.album], key=lambda one: one.message)
    return found


def _in_order(
    case: Case, parts: Sequence[Part], notes: Sequence[Written], numbers: Mapping[int, int]
) -> Iterator[tuple[Body, int]]:
    """Every piece as it is shown, with its length; a note stands before the first message that is later."""
    ahead, before = list(notes), None
    for part in parts:
        while ahead and part.at is not None and ahead[0].note.at < part.at:
            yield _noted(ahead.pop(0))
        goes_on = before is not None and bool(part.album) and part.album == before.album and not part.changes
        for piece in _pieces(part):
            yield _shown(case, piece, numbers.get(part.id), goes_on=goes_on), units(piece.words)
        before = part
    yield from map(_noted, ahead)


def _noted(written: Written) -> tuple[Body, int]:
    note, who = written.note, Words(written.author)
    heading = (
        # NOTE: Before a note that somebody of the staff has changed.
        text("<b>Note by %(who)s</b>, %(at)s, changed:", who=who, at=Moment(note.at))
        if note.changes
        # NOTE: Before a note of somebody of the staff.
        else text("<b>Note by %(who)s</b>, %(at)s:", who=who, at=Moment(note.at))
    )
    return lines(heading, Words(note.words)), units(note.words)


def _pieces(part: Part) -> list[Part]:
    """A long message in pieces that fit beside its heading."""
    if units(part.words) <= _PIECE:
        return [part]
    half = len(part.words) // 2
    first, second = replace(part, words=part.words[:half]), replace(part, words=part.words[half:])
    return [*_pieces(first), *_pieces(second)]


def _heading(case: Case, days: int) -> Body:
    return lines(
        text("<b>Case %(number)s</b>", number=Words(case.number)),
        text("From: %(name)s", name=_writer(case)),
        _WITHDRAWN if case.withdrawn_at is not None else None,
        _WORRIED if case.answers.about == "pupil" else None,
        # NOTE: Of what kind a report is, and how urgent: "Bullying, high".
        text("%(kind)s, %(risk)s", kind=CONCERNS[case.kind], risk=RISKS[case.risk]) if case.kind else None,
        _ADULT.get(case.answers.adult or ""),
        _SAFE.get(case.answers.safe or ""),
        _WHEN.get(case.answers.when or ""),
        _ends(case, days),
    )


def _writer(case: Case) -> Text:
    """The pseudonym; of an adult with what she is, never who."""
    name = case.reporter.name
    match case.answers.by:
        case "parent":
            # NOTE: Who wrote a report; stands behind "From:" and above what was written: "a parent (Pupil-7F3K2M)".
            return text("a parent (%(name)s)", name=name)
        case "teacher":
            # NOTE: Who wrote a report, as above.
            return text("a teacher (%(name)s)", name=name)
        case "psychologist":
            # NOTE: Who wrote a report, as above.
            return text("a psychologist (%(name)s)", name=name)
        case "adult":
            # NOTE: Who wrote a report, as above.
            return text("an adult (%(name)s)", name=name)
        case _:
            return name


def _ends(case: Case, days: int) -> Body | None:
    if case.ends_on is None:
        return text("Kept while it is open, then %(n)s days.", n=days) if days else None
    return text("Closed. It is destroyed on: %(day)s", day=Moment(case.ends_on, show="day"))


def _shown(case: Case, part: Part, number: int | None, *, goes_on: bool) -> Body:
    # NOTE: Before what a helper wrote.
    who = text("Helper") if part.side is Side.HELPER else _writer(case)
    at = Moment(part.at) if part.at else Words("")
    if part.sealed:
        return lines(text("<b>%(who)s</b>, %(at)s", who=who, at=at), text("This is hidden for good."))
    heading = text("<b>%(who)s</b>, %(at)s:", who=who, at=at)
    if part.changes:
        heading = text("<b>%(who)s</b>, %(at)s, changed:", who=who, at=at)
    return lines(
        None if goes_on else heading,
        _file(part, number) if number else None,
        _words(part),
    )


def said(part: Part) -> Body:
    """The words of a part alone."""
    return _words(part) or Words("")


def _words(part: Part) -> Body | None:
    if part.ready in READY_ANSWERS:
        return READY_ANSWERS[part.ready].body
    return Words(part.words) if part.words else None


def _file(part: Part, number: int) -> Text:
    if part.kept is Kept.LOST:
        return text("[%(kind)s %(number)s: could not be fetched]", kind=KINDS[part.kind], number=number)
    return text("[%(kind)s %(number)s]", kind=KINDS[part.kind], number=number)


KINDS: dict[Kind, Text] = {
    # NOTE: One photo that somebody sent; stands in "Show: photo 2".
    Kind.PHOTO: text("photo"),
    # NOTE: One voice message that somebody sent; stands in "Show: voice message 2".
    Kind.VOICE: text("voice message"),
    # NOTE: One video that somebody sent; stands in "Show: video 2".
    Kind.VIDEO: text("video"),
}

_WITHDRAWN = text(
    "⚠️ Taken back by the reporter: nothing more is sent. If somebody is in danger, please act all the same."
)
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
