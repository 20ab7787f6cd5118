"""Cases: confidential concerns. Who may see what of them, the clocks they run by, and when the hotline may open.

The rules are in the safeguarding document; a comment names its number where code holds one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain import files, invites
from domain.concerns import Concern
from domain.messages import (
    Ask,
    KeptFile,
    Lane,
    Question,
    Say,
    Text,
    ToChannel,
    ToPerson,
    Words,
    button,
    lines,
    text,
    text_n,
)
from domain.requests import Community
from domain.requests import Part as File
from domain.roles import Role, Standing
from domain.times import maybe_time, maybe_us

NUMBER = 6  # letters of Crockford's base 32 in a case's number, and in a pseudonym
WORDS_MOST = 3_000  # characters of one answer: with its heading it must fit one message
SUMMARY_MOST = 1_500
PARTS_MOST = 200  # messages in an unfinished report
COPIES_STAY = timedelta(hours=24)
COPIES_DELETABLE = timedelta(hours=47)  # the messenger deletes nothing older than 48 hours
COPIES_RETRY = timedelta(hours=1)
ALARM_AGAIN = timedelta(minutes=1)  # two taps on an alarm within it call nobody twice


class Risk(StrEnum):
    """The most urgent first."""

    DANGER = "danger"
    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"


class State(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    CLOSED = "closed"


class Desk(StrEnum):
    """Who may take a case that waits."""

    WORKERS = "workers"
    SUPERVISORS = "supervisors"


class Side(StrEnum):
    REPORTER = "reporter"
    HELPER = "helper"


class Kind(StrEnum):
    WORDS = "words"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"


class Kept(StrEnum):
    """What became of the file of a part."""

    WANTED = "wanted"  # the messenger is asked for it
    KEPT = "kept"
    LOST = "lost"


class Reason(StrEnum):
    """Why a case is closed."""

    HELPED = "helped"
    INFORMED = "informed"
    HANDED_ON = "handed_on"
    UNFOUNDED = "unfounded"
    WITHDRAWN = "withdrawn"  # by whoever reported it


class Deed(StrEnum):
    """What the log of a case tells."""

    OPENED = "opened"
    ADDED = "added"
    CHANGED = "changed"
    PAGED = "paged"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    CLAIMED = "claimed"
    READ = "read"
    SHOWN = "shown"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    STEPPED_ASIDE = "stepped_aside"
    SORTED = "sorted"
    RAISED = "raised"
    LOWERED = "lowered"
    NOTED = "noted"
    JOINED = "joined"
    PARTED = "parted"
    ASKED_SECOND = "asked_second"
    AGREED = "agreed"
    DENIED = "denied"
    EXPIRED = "expired"
    BROKEN = "broken"  # the name was opened at once, in danger
    UNMASKED = "unmasked"
    RESUMED = "resumed"
    KEPT_OUT = "kept_out"
    LET_IN = "let_in"
    OFFERED = "offered"
    HANDED_OVER = "handed_over"
    SEALED = "sealed"
    CLOSED = "closed"
    REOPENED = "reopened"
    RATED = "rated"
    BLANKED = "blanked"
    KEPT = "kept"  # for the next shift
    PLANNED = "planned"  # a version of the plan was written or changed
    APPROVED = "approved"
    TICKED = "ticked"  # a step is done
    OVERDUE = "overdue"
    REFERRED = "referred"
    REFERRAL_AGREED = "referral_agreed"  # without the child's consent
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_SILENT = "referral_silent"
    REVOKED = "revoked"  # a referral, or a parent's way to the plan
    CONFERRED = "conferred"
    PARENT_ASKED = "parent_asked"
    PARENT_AGREED = "parent_agreed"
    PARENT_CODE = "parent_code"
    PARENT_READ = "parent_read"
    LISTED = "listed"  # somebody looked at the queue
    SEARCHED = "searched"  # somebody asked for a case by its number
    REFUSED = "refused"  # somebody came by a way that isn't hers, or not to this case
    EXPORTED = "exported"
    AUDITED = "audited"  # somebody looked at this log
    ASKED = "asked"  # who reported asked who has read it
    FOUND_FINE = "found_fine"  # a supervisor looked at an entry of the log
    FOUND_ODD = "found_odd"
    PIN_CHOSEN = "pin_chosen"
    PIN_REMOVED = "pin_removed"  # by somebody else
    LOCKED_OUT = "locked_out"  # too many wrong PINs
    PHONE_LOST = "phone_lost"  # somebody ended another's work, since her phone is lost
    MAIL_SAVED = "mail_saved"  # an address to be called at
    MAIL_REMOVED = "mail_removed"
    BEGAN = "began"  # the chain of the log
    PRUNED = "pruned"  # the log, of what is older than it is kept
    RESTORED = "restored"  # the database, from a backup: what the log said after this is gone
    CODE_GIVEN = "code_given"
    CAME_BACK = "came_back"  # with the code, from another account
    CONTACT_CHANGED = "contact_changed"
    WITHDRAWN = "withdrawn"
    ASKED_AFTER = "asked_after"  # whether anybody treated her badly since
    TREATED_BADLY = "treated_badly"
    NOT_TREATED_BADLY = "not_treated_badly"
    FOLLOW_UP = "follow_up"  # of danger, the day after: whoever works on it was asked for it


CLOCKS: Mapping[Risk, timedelta] = {
    Risk.DANGER: timedelta(minutes=5),
    Risk.CRITICAL: timedelta(minutes=15),
    Risk.HIGH: timedelta(hours=1),
    Risk.NORMAL: timedelta(hours=3),
}

# Who has taken a case and lets it lie so long without an answer has it no more.
ANSWER_CLOCKS: Mapping[Risk, timedelta] = {risk: 3 * clock for risk, clock in CLOCKS.items()}

RISKS: Mapping[Risk, Text] = {
    # NOTE: How urgent a report is; stands in "case 7F3K2M, danger, now". Somebody is in danger.
    Risk.DANGER: text("danger"),
    # NOTE: How urgent a report is; stands in "case 7F3K2M, critical, 12 minutes left". Very urgent.
    Risk.CRITICAL: text("critical"),
    # NOTE: How urgent a report is; stands in "case 7F3K2M, high, 12 minutes left". Urgent.
    Risk.HIGH: text("high"),
    # NOTE: How urgent a report is; stands in "case 7F3K2M, normal, 12 minutes left". Not so urgent.
    Risk.NORMAL: text("normal"),
}


# --- facts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reported. The identity is the one it was sent from; only the case's own code moves it to another. Nobody has
    reported what is a test, or begins with a plan: both are 0."""

    person_id: int
    identity_id: int
    pseudonym: str

    @property
    def name(self) -> Text:
        # NOTE: A name for somebody whose real name is not shown; the code stands for the person.
        return text("Pupil-%(code)s", code=Words(self.pseudonym))


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered besides the words; None: skipped, or never asked."""

    about: str = "me"  # me | pupil: somebody who works at a school is worried about a pupil
    adult: str | None = None  # is it about an adult at school: yes | no | unsure
    safe: str | None = None  # yes | unsure | no
    when: str | None = None  # when we may write: any | afternoon | evening | after_me
    line: str | None = None  # the harmless line that stands for every message: a name in domain.safe_contact.LINES
    by: str | None = None  # who wrote it, if no pupil did: parent | teacher | psychologist | adult


@dataclass(frozen=True, slots=True)
class Case:
    """A case as storage opens it for somebody who was checked. Its times are whole minutes."""

    id: int
    number: str
    state: State
    risk: Risk
    desk: Desk
    stage: int
    opened_at: datetime
    waiting_since: datetime
    community: Community  # whose team works on it: a school, or what lies above it
    reporter: Reporter
    answers: Answers
    key_id: int
    worker_id: int | None = None
    schools: tuple[int, ...] = ()  # whose pupil, parent or teacher reported it
    is_test: bool = False  # nobody reported it: see domain.canary
    kind: Concern | None = None  # None: nobody has said yet of what kind it is
    stopped: bool = False  # nothing is relayed until a supervisor has looked at it
    withdrawn_at: datetime | None = None
    alarmed_at: datetime | None = None  # when she last tapped an alarm
    offered_to: int | None = None  # whom her worker has asked to take it over
    ends_on: datetime | None = None  # of a closed one: the day when it is destroyed

    @property
    def has_reporter(self) -> bool:
        return self.reporter.identity_id != 0

    @property
    def due_at(self) -> datetime:
        """When somebody must have taken it."""
        return self.waiting_since + CLOCKS[self.risk]


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a case is closed, and the last words to whoever reported it. `ready` names a ready answer in their place."""

    reason: Reason
    summary: str
    ready: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a case. `file_id` is worth something to the bot account `bot` alone. `changes` is the part that
    this is a later version of; a `sealed` part is never shown again. The pictures of one `album` stand together, in the
    order of their `message`s. `ready` names the ready answer whose words these are."""

    side: Side
    kind: Kind
    words: str = ""
    file_id: str = ""
    bot: str = ""
    at: datetime | None = None
    changes: int | None = None
    id: int = 0
    sealed: bool = False
    album: str = ""
    message: int = 0
    ready: str = ""
    kept: Kept | None = None  # None: it has no file, or nobody asked for it yet

    @property
    def has_file(self) -> bool:
        return self.kind is not Kind.WORDS


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody of the staff wrote down for the others; never for whoever reported. `changes`: as of a part."""

    author_id: int
    words: str
    at: datetime
    changes: int | None = None
    id: int = 0


def kind_of(file: File) -> Kind | None:
    """What a file is to a case; None: of a kind that we can't show a helper safely."""
    if file.kind == "document":
        return Kind.PHOTO if file.mime in files.PICTURES else None
    return {"photo": Kind.PHOTO, "voice": Kind.VOICE, "video": Kind.VIDEO}.get(file.kind)


def is_too_big(file: File) -> bool:
    """Whether the messenger would never hand it out."""
    return file.size is not None and file.size > files.LARGEST


def media_of(part: Part) -> KeptFile:
    """What a helper is shown of it."""
    return KeptFile(part.kind.value, part.id, _CANT_SHOW)


_CANT_SHOW = text("This file is damaged or too large, and can't be shown.")


def asking(channel: str, part: Part) -> Ask:
    """The question for the bytes of a part's file; its answer comes back to the route that keeps them."""
    return Ask(Question.FILE, "cases.file", (str(part.id),), ToChannel(channel), part.file_id, Lane.CASE)


def number_of(typed: str) -> str | None:
    """A case's number from what somebody typed; None when it can't be one."""
    return invites.normalised(typed, (NUMBER,))


# --- who may what -----------------------------------------------------------------------------------------------------


class Section(StrEnum):
    FACTS = "facts"  # what was reported
    IDENTITY = "identity"  # asking who reported: it is opened by two people
    RELAY = "relay"  # writing to the reporter, closing
    TRIAGE = "triage"  # of what kind it is, and how urgent
    NOTES = "notes"
    PLAN = "plan"
    REFERRAL = "referral"
    LOG = "log"  # who did what, never what was written


class Scope(StrEnum):
    """How a person stands to a case, by a role that she holds in its community or above."""

    OWN = "own"  # she works on it
    TEAM = "team"  # it is one of her own community
    SCHOOL = "school"  # it is one of a community below hers
    AGENCY = "agency"  # it was referred to her agency, whatever lies between


_WORK = frozenset(Section) - {Section.LOG}
_WATCH = frozenset(Section) - {Section.RELAY, Section.IDENTITY}

# Rule 13: denied unless it stands here.
_RIGHTS: Mapping[tuple[Role, Scope], frozenset[Section]] = {
    (Role.WORKER, Scope.OWN): _WORK,
    (Role.WORKER, Scope.AGENCY): frozenset({Section.REFERRAL}),
    (Role.SUPERVISOR, Scope.OWN): _WORK | {Section.LOG},
    (Role.SUPERVISOR, Scope.TEAM): _WATCH,
    (Role.SUPERVISOR, Scope.SCHOOL): _WATCH,
    (Role.SUPERVISOR, Scope.AGENCY): frozenset({Section.REFERRAL}),
    (Role.CUSTODIAN, Scope.TEAM): frozenset({Section.IDENTITY}),  # only what was asked, and whether it may be opened
    (Role.CUSTODIAN, Scope.SCHOOL): frozenset({Section.IDENTITY}),
    (Role.PSYCHOLOGIST, Scope.OWN): frozenset({Section.FACTS, Section.NOTES, Section.PLAN, Section.REFERRAL}),
    (Role.AUDITOR, Scope.TEAM): frozenset({Section.LOG}),
    (Role.AUDITOR, Scope.SCHOOL): frozenset({Section.LOG}),
}


def rights(role: Role, scope: Scope) -> frozenset[Section]:
    return _RIGHTS.get((role, scope), frozenset())


def may(section: Section, case: Case, person_id: int, stands: Standing) -> bool:
    """Whether a person who stands so to the case's community has a right to a section of it. Storage has left out
    already who is excluded."""
    if case.worker_id == person_id:
        return any(section in rights(role, Scope.OWN) for role in stands.leads)
    in_team = any(section in rights(role, Scope.TEAM) for role in stands.here)
    return in_team or any(section in rights(role, Scope.SCHOOL) for role in stands.above)


def may_take(case: Case, roles: frozenset[Role]) -> bool:
    """Whether a case that waits is for a person with these roles to take."""
    wanted = {Role.SUPERVISOR} if case.desk is Desk.SUPERVISORS else {Role.WORKER, Role.SUPERVISOR}
    return bool(wanted & roles)


def kept(part: Part, message_id: int | None) -> dict[str, Any]:
    """A part as JSON values, for an unfinished report."""
    return {
        "kind": part.kind.value,
        "words": part.words,
        "file": part.file_id,
        "bot": part.bot,
        "at": maybe_us(part.at),
        "message": message_id,
        "album": part.album,
        **({"kept": part.kept.value} if part.kept else {}),
    }


def unkept(stored: Mapping[str, Any], changes: int | None = None) -> Part:
    """The part of kept()."""
    kind = Kind(stored["kind"])
    at = maybe_time(stored["at"])
    album, message = stored.get("album", ""), stored["message"] or 0
    part = Part(Side.REPORTER, kind, stored["words"], stored["file"], stored["bot"], at, changes)
    part = replace(part, album=album, message=message)
    return replace(part, kept=Kept(stored["kept"])) if "kept" in stored else part


# --- clocks -----------------------------------------------------------------------------------------------------------


class Stage(IntEnum):
    """How far a case that nobody takes has climbed; each further clock is one more, and everybody is called again.
    Who is called: domain.ladder."""

    UNCALLED = -2  # nobody could be called: the first who comes is, at once
    ASLEEP = -1  # nobody is on duty: it waits for who comes next, and its clock begins then
    PAGED = 0
    REMINDED = 1
    ESCALATED = 2
    OUTSIDE = 3
    EVERYBODY = 4


def risk_of(answers: Answers, *, heard: bool) -> Risk:
    """How urgent a report is, from what was answered; `heard`: its words hold a listed phrase, which only raises it."""
    by_answer = {"no": Risk.CRITICAL, "unsure": Risk.HIGH}.get(answers.safe or "", Risk.NORMAL)
    by_words = Risk.HIGH if heard else Risk.NORMAL
    return min(by_answer, by_words, key=list(Risk).index)


def due_stage(case: Case, now: datetime) -> int | None:
    """The rung that a waiting case must climb to now; None: it stands where it belongs. There is no last one: a child
    waits until somebody comes."""
    if case.stage == Stage.ASLEEP:
        return None
    waited, clock = now - case.waiting_since, CLOCKS[case.risk]
    reminded = waited >= clock / 2 and not (case.risk is Risk.DANGER and waited < clock)  # both were called at once
    due = int(Stage.REMINDED if reminded else Stage.PAGED) + max(waited // clock, 0)
    return due if due > case.stage else None


def lies_too_long(case: Case, asked: Deed, asked_at: datetime, now: datetime) -> bool:
    """Whether a taken case, unanswered since it was taken, since an alarm or since a reporter's later words, goes back
    to the queue."""
    clocks = CLOCKS if asked is Deed.PAGED else ANSWER_CLOCKS
    return now - asked_at >= clocks[case.risk]


def words_lie(case: Case, asked: Deed, asked_at: datetime, now: datetime) -> Stage | None:
    """Who is called about words of a reporter that wait since then in a taken case: its worker (REMINDED), then the
    supervisors (ESCALATED). None: nobody yet."""
    if asked in (Deed.CLAIMED, Deed.PAGED):
        return None
    waited, clock = now - asked_at, CLOCKS[case.risk]
    if waited < clock / 2:
        return None
    return Stage.ESCALATED if waited >= clock else Stage.REMINDED


# When somebody who reported may be written to without being asked, in hours of her own day.
_WRITING_HOURS: Mapping[str, tuple[int, int]] = {"afternoon": (14, 18), "evening": (18, 21)}
_DAYTIME = (9, 21)


def may_write_at(answers: Answers, zone: str, now: datetime) -> datetime | None:
    """The first moment from now on when we may write to the reporter of our own accord; None: only after she wrote."""
    if answers.when == "after_me":
        return None
    begins, ends = _WRITING_HOURS.get(answers.when or "", _DAYTIME)
    local = now.astimezone(ZoneInfo(zone))
    if begins <= local.hour < ends:
        return now
    day = local.date() + timedelta(days=1 if local.hour >= ends else 0)
    return datetime(day.year, day.month, day.day, begins, tzinfo=local.tzinfo).astimezone(UTC)


def at_least(risk: Risk, least: Risk) -> Risk:
    """The more urgent of the two."""
    return min(risk, least, key=list(Risk).index)


def notice(case: Case, now: datetime) -> Text:
    """All that a notice to staff says (rule 4)."""
    risk = RISKS[case.risk]
    left = -((now - case.due_at) // timedelta(minutes=1))
    if case.stage == Stage.ASLEEP:
        return text("case %(number)s, %(risk)s, for the next shift", number=Words(case.number), risk=risk)
    if case.risk is Risk.DANGER:
        return text("case %(number)s, %(risk)s, now", number=Words(case.number), risk=risk)
    if left > 0:
        return text_n(
            "case %(number)s, %(risk)s, %(n)s minute left",
            "case %(number)s, %(risk)s, %(n)s minutes left",
            left,
            number=Words(case.number),
            risk=risk,
        )
    return text("case %(number)s, %(risk)s, overdue", number=Words(case.number), risk=risk)


def stopped_page(case: Case, person_ids: Iterable[int]) -> list[Say]:
    """To the custodians, when writing is stopped and no supervisor is there to look at the case."""
    told = text(
        "case %(number)s: no supervisor is there. May a helper write to the reporter?", number=Words(case.number)
    )
    # NOTE: button. A supervisor lets a helper write to the child again.
    allow = button(text("Allow writing"), "cs.resume", case.id)
    card = about_card(case)
    return [Say(told, [[allow]], to=ToPerson(one), lane=Lane.CASE, card=card) for one in person_ids]


def page(
    case: Case, now: datetime, person_ids: Iterable[int], *, climbs: bool = False, why: Text | None = None
) -> list[Say]:
    """The notice to each of these, with a way to take the case, or to open it while somebody works on it. Danger, what
    is critical, and what climbs to the supervisors (`climbs`) goes by both routes: also by e-mail, to whoever gave an
    address. `why` it waits again stands below, and nothing of the case in it."""
    both = climbs or case.risk in (Risk.DANGER, Risk.CRITICAL) or case.desk is Desk.SUPERVISORS
    # NOTE: button. A helper takes a report to answer it.
    take = button(text("Take"), "cs.take", case.id)
    # NOTE: button. Opens a report for the helper who works on it.
    look = button(text("Open"), "cs", case.id)
    door, card = (take, page_card(case)) if case.state is State.NEW else (look, about_card(case))
    body = lines(notice(case, now), why)
    return [
        Say(body, [[door]], to=ToPerson(person_id), card=card, lane=Lane.CASE, by_mail=both) for person_id in person_ids
    ]


def page_card(case: Case) -> str:
    return f"page:{case.number}"


def about_card(case: Case) -> str:
    """What else stands about a case in the chat of its staff, so that it can be taken back."""
    return card_about(case.number)


def card_about(number: str) -> str:
    return f"about:{number}"


QUEUE_CARD = "queue"


def cards_of(case: Case) -> tuple[str, ...]:
    """Everything by which somebody of the staff could find the case in her chat; its content stands in copies."""
    return page_card(case), about_card(case), QUEUE_CARD
