"""What an announcement may have besides its text and its readers: other languages, a day and an hour, urgency."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.announcement_cards import CONFIRM, card
from domain.announcements import Content, Look, length, room_for
from domain.languages import LANGUAGES
from domain.messages import Body, Refused, Say, Text, Words, button, paragraphs, text, text_n
from domain.requests import Request
from domain.writing import clean
from handlers.forms import Answers, Choice, Field
from handlers.meetings import when
from storage.database import Connection

# --- the text ---------------------------------------------------------------------------------------------------------


def content_in(answers: Answers) -> Content:
    """What the author wrote; of a correction, what she has left as it was."""
    return Content(**(answers.get("content") or answers["was"]))


def check_length(content: Content, answers: Answers) -> None:
    """Raises Refused, with the limit, when it doesn't fit into one message."""
    most, written = room_for(content, answers["heading"], answers["called"]), length(content.words)
    if written > most:
        raise _too_long(content, most, written)


def _too_long(content: Content, most: int, written: int) -> Refused:
    if content.kind is None:
        return Refused(
            text(
                "This is too long: there is room for %(most)s characters, and your text has %(written)s."
                " Please shorten it and send it again.",
                most=most,
                written=written,
            )
        )
    return Refused(
        text(
            "This is too long: under a photo, video or file there is room for %(most)s characters, and your text has"
            " %(written)s. Please shorten it, or send the text without the file.",
            most=most,
            written=written,
        )
    )


# --- in other languages -----------------------------------------------------------------------------------------------


def versions_in(answers: Answers) -> Mapping[str, str]:
    """The author's own words by language, besides those first written."""
    found = {language: answers.get(f"in_{language}") for language in LANGUAGES if language != answers["written_in"]}
    return {language: words for language, words in found.items() if words}


def _version(language: str) -> Field:
    name = Words(LANGUAGES[language])

    def ask(_request: Request, answers: Answers) -> Body:
        has_file = content_in(answers).kind is not None
        return paragraphs(
            text("Please write the same in this language, in your own words: %(language)s", language=name),
            text("The photo, video or file stays as it is.") if has_file else None,
        )

    def read(request: Request, answers: Answers) -> str:
        content = replace(content_in(answers), words=clean(request.words))
        if not content.words:
            raise Refused(text("Please write the text in this language: %(language)s", language=name))
        check_length(content, answers)
        return content.words

    def offer(answers: Answers) -> Body | None:
        if not content_in(answers).words or language == answers["written_in"]:
            return None
        if answers.get(f"in_{language}"):
            return text("✓ %(language)s", language=name)
        return text("+ %(language)s", language=name) if answers["languages"].get(language) else None

    return Field(f"in_{language}", ask, read=read, offer=offer)


VERSIONS = tuple(_version(language) for language in LANGUAGES)


def _ask_written_in(_request: Request, _answers: Answers) -> Text:
    return text("In which language have you written it?")


async def _languages(_db: Connection, _request: Request, _answers: Answers) -> Sequence[Choice]:
    return [Choice(Words(name), language) for language, name in LANGUAGES.items()]


def _offer_written_in(answers: Answers) -> Body | None:
    is_read_in_several = len(answers["languages"].keys() | {answers["written_in"]}) > 1
    if not content_in(answers).words or not is_read_in_several:
        return None
    return _written_in(answers)


def _written_in(answers: Answers) -> Text:
    # NOTE: button. The language an announcement is written in.
    return text("Written: %(language)s", language=Words(LANGUAGES[answers["written_in"]]))


def languages_in_words(answers: Answers) -> Body | None:
    """Which readers get it in their own language, where they read in several."""
    if _offer_written_in(answers) is None:
        return None
    own = {answers["written_in"], *versions_in(answers)}
    others = sum(count for language, count in answers["languages"].items() if language not in own)
    return (
        text_n(
            "%(n)s person reads another language: add it below, or your words go as they are, with a note.",
            "%(n)s people read other languages: add them below, or your words go as they are, with a note.",
            others,
        )
        if others
        else text("Everybody gets it in their own language.")
    )


WRITTEN_IN = Field("written_in", _ask_written_in, choices=_languages, offer=_offer_written_in)


def previews(look: Look) -> list[Say]:
    """As it will look: in the language it was written in, and then in the others."""
    contents = [look.content, *(replace(look.content, words=words) for words in look.versions.values())]
    shown = [replace(look, content=content, written_in="") for content in contents]
    return [Say(card(one), [[button(CONFIRM, "a.try")]], media=one.content.media) for one in shown]


# --- later ------------------------------------------------------------------------------------------------------------


# NOTE: button. An announcement goes out later.
SCHEDULE = text("Schedule")


def _offer_day(answers: Answers) -> Text:
    # NOTE: button. An announcement goes out at another time than the one chosen.
    later = text("Another time")
    return later if is_planned(answers) else SCHEDULE


def is_planned(answers: Answers) -> bool:
    return answers.get("day") is not None


def _is_hour_missing(answers: Answers) -> bool:
    return isinstance(answers.get("day"), str)


_DAY, _HOUR = when.MOMENT
LATER = (
    # NOTE: button. An announcement goes out at once after all.
    replace(_DAY, offer=_offer_day, reopens=("hour",), skip=text("Send at once")),
    replace(_HOUR, when=_is_hour_missing),
)
