"""Stories: what members lived through together, in their words and photos, shown once somebody who leads agrees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.announcements import Content
from domain.messages import Body, Keyboard, Text, Words, button, lines, paragraphs, text, text_n
from domain.requests import Community
from domain.roles import COMMUNITY_ROLES, Audience, Membership, Role
from domain.writing import shorten
from domain.written import kept, kept_buttons

WORDS_MOST = 700  # with a photo, and what is ours, it must fit under a picture
PHOTOS_MOST = 5
WAITS = timedelta(days=60)  # a story that nobody decides on is forgotten then


class State(StrEnum):
    WAITING = "waiting"
    PUBLISHED = "published"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Consent(StrEnum):
    """Of the parents, that a child is shown."""

    NOT_NEEDED = "not_needed"
    ASKED = "asked"  # of a parent of the pupil who wrote it: nobody else has seen it yet
    NEEDED = "needed"  # a pupil without a linked parent wrote it: whoever publishes it must know
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells, before it is a story. `left_out`: photos that did not fit."""

    words: str
    photos: tuple[str, ...] = ()  # file ids
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """`role` is what its writer is in the community: readers see that, and no name of a child."""

    id: int
    community: Community
    person_id: int
    called: str
    role: Role
    told: Told
    channel: str
    consent: Consent
    state: State
    told_at: datetime
    announcement_id: int | None = None

    @property
    def audience(self) -> Audience:
        return Audience(self.community.id, self.community.path)

    @property
    def card(self) -> str:
        """What those who lead decide on."""
        return f"story:{self.id}"

    @property
    def writers_card(self) -> str:
        return f"{self.card}:writer"

    @property
    def parents_card(self) -> str:
        return f"{self.card}:parent"

    @property
    def photos_card(self) -> str:
        return f"{self.card}:photos"

    @property
    def content(self) -> Content:
        """What the announcement says that it becomes: the first photo with it, the others for whoever asks."""
        photo = self.told.photos[0] if self.told.photos else None
        kind, channel = ("photo", self.channel) if photo else (None, None)
        told_by = kept(signature(self.role))
        ours = {"body": told_by, "line": told_by, "buttons": kept_buttons(_doors(self))}
        return Content(self.told.words, kind, photo, channel, ours)


def told(parts: Sequence[Mapping[str, Any]]) -> Told:
    """What was sent one after the other: {"words", "photo", "left_out"}."""
    words = "\n".join(part["words"] for part in parts if part.get("words"))
    photos = tuple(part["photo"] for part in parts if part.get("photo"))
    return Told(words, photos, sum(1 for part in parts if part.get("left_out")))


def role_of(memberships: Iterable[Membership], path: str) -> Role:
    """What a writer is in a community: a pupil where she is one in any way, else her role nearest to it."""
    near = [one for one in memberships if one.role in COMMUNITY_ROLES and _touches(one.path, path)]
    if any(one.role is Role.PUPIL for one in near):
        return Role.PUPIL
    return max(near, key=lambda one: len(one.path)).role


def _touches(own: str, path: str) -> bool:
    return own.startswith(path) or path.startswith(own)


def consent_of(role: Role, *, shows_child: bool, has_parents: bool) -> Consent:
    """An adult says herself that the parents agree; of a pupil a linked parent is asked, else whoever publishes it. A
    writer's age is known to nobody, so every pupil counts as below the age of consent."""
    if not shows_child:
        return Consent.NOT_NEEDED
    if role is not Role.PUPIL:
        return Consent.GIVEN
    return Consent.ASKED if has_parents else Consent.NEEDED


# --- how it looks -----------------------------------------------------------------------------------------------------

# Who tells it, without a name: it may be a child's.
_TOLD_BY: Mapping[Role, Text] = {
    Role.PUPIL: text("📖 <b>A story</b>, told by a pupil"),
    Role.PARENT: text("📖 <b>A story</b>, told by a parent"),
    Role.TEACHER: text("📖 <b>A story</b>, told by a teacher"),
    Role.HEAD_OF_CLASS: text("📖 <b>A story</b>, told by a teacher"),
}


def signature(role: Role) -> Text:
    return _TOLD_BY.get(role, text("📖 <b>A story</b> from our community"))


def _doors(story: Story) -> Keyboard:
    if len(story.told.photos) < 2:
        return ()
    # NOTE: button. Shows all photos of a story.
    return [[button(text("All photos"), "st.pics", story.id)]]


def shown(one: Told, role: Role) -> Body:
    """As its readers will see it."""
    return paragraphs(
        signature(role),
        Words(one.words),
        text_n("%(n)s photo", "%(n)s photos", len(one.photos)) if one.photos else None,
        text("At most %(most)s photos fit: the others were left out.", most=PHOTOS_MOST) if one.left_out else None,
    )


def to_decide(story: Story) -> Body:
    """For those who lead: who tells it, and what there is to mind."""
    return paragraphs(
        text("<b>A story for %(community)s</b>", community=story.community.name),
        shown(story.told, story.role),
        lines(text("Told by: %(name)s", name=story.called), _consent_in_words(story)),
        text("Readers see no name of the writer. Please look whether the words or photos say too much about a child."),
    )


def _consent_in_words(story: Story) -> Text | None:
    match story.consent:
        case Consent.NEEDED:
            return text("It shows a child. Please publish it only if that child's parents have agreed.")
        case Consent.GIVEN if story.role is Role.PUPIL:
            return text("It shows a child. A parent of the writer has agreed.")
        case Consent.GIVEN:
            return text("It shows a child. The parents have agreed.")
        case _:
            return None


def deciding(story: Story) -> Keyboard:
    # NOTE: button. A story is shown to everybody.
    publish = text("Publish")
    # NOTE: button. The parents agree that a story shows their child: it is published.
    agreed = text("Parents agree: show")
    return [
        [button(agreed if story.consent is Consent.NEEDED else publish, "st.yes", story.id)],
        # NOTE: button. A story is not shown.
        [button(text("Decline"), "st.no", story.id)],
    ]


def to_parent(story: Story) -> Body:
    return paragraphs(
        text("<b>Your child tells a story for %(community)s</b>", community=story.community.name),
        shown(story.told, story.role),
        text("A child is to be seen in it. May it be shown? Readers see no name of the writer."),
    )


def agreeing(story: Story) -> Keyboard:
    return [
        # NOTE: button. A parent lets her child's story be shown.
        [button(text("Yes, show it"), "st.agree", story.id)],
        # NOTE: button. A parent does not want her child's story shown.
        [button(text("No, don't show it"), "st.refuse", story.id)],
    ]


def decided(story: Story, by: str) -> Body:
    """What those who lead see once it is decided; nothing of it once it is gone."""
    match story.state:
        case State.PUBLISHED:
            return paragraphs(shown(story.told, story.role), text("✓ Published by: %(name)s", name=by))
        case State.DECLINED:
            return text("This story was declined by: %(name)s", name=by)
        case _:
            return text("This story was withdrawn by its writer.")


def to_writer(story: Story) -> Body:
    first = _first_words(story)
    if story.state is State.PUBLISHED:
        # NOTE: read by pupils and by adults: without a form of address
        return lines(text("✓ Your story is published. Thank you!"), first)
    # NOTE: read by pupils and by adults: without a form of address
    return lines(text("✓ Thank you! Your story waits for a yes."), first)


def _first_words(story: Story) -> Words:
    return Words(shorten(" ".join(story.told.words.split()), 60))


def of_writer(story: Story) -> Keyboard:
    # NOTE: button. The writer takes her story back.
    return [[button(text("Withdraw it"), "st.back", story.id)]]
