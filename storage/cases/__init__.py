"""Cases, sealed: every word, person and account under the case's own key, marks where SQL must look something up.

Nobody's id, address or chat is written here in clear, ids are random and times whole minutes, so that no row of a case
can be joined to the row of a person.
"""

from storage.cases.case import (
    get,
    is_answered,
    is_paged_since,
    left_alone,
    numbered,
    of_reporter,
    open_after,
    open_case,
    queue,
    seen_by,
    unanswered,
    waiting,
)
from storage.cases.content import add_part, add_version, by_source, part, parts, seal_part
from storage.cases.copying import (
    Copy,
    card_of,
    copies_of,
    copies_to_remove,
    note_asked,
    note_copy,
    save_copy,
    standing_copies,
)
from storage.cases.course import climb, close, put_back, raise_risk, save_closing, save_desk, save_face, take
from storage.cases.logbook import log
from storage.cases.sealing import once_for
from storage.cases.team import at_work, exclude, on_call, staff, without_excluded

__all__ = [
    "Copy",
    "add_part",
    "add_version",
    "at_work",
    "by_source",
    "card_of",
    "climb",
    "close",
    "copies_of",
    "copies_to_remove",
    "exclude",
    "get",
    "is_answered",
    "is_paged_since",
    "left_alone",
    "log",
    "note_asked",
    "note_copy",
    "numbered",
    "of_reporter",
    "on_call",
    "once_for",
    "open_after",
    "open_case",
    "part",
    "parts",
    "put_back",
    "queue",
    "raise_risk",
    "save_closing",
    "save_copy",
    "save_desk",
    "save_face",
    "seal_part",
    "seen_by",
    "staff",
    "standing_copies",
    "take",
    "unanswered",
    "waiting",
    "without_excluded",
]
