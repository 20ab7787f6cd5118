"""What somebody who waits for an answer hears when it does not come."""

from collections.abc import Mapping

from domain.cases import Case, Stage
from domain.messages import Text, text

BROKEN: Mapping[str, Text] = {
    # NOTE: child. The helpers were to read a report within some time, and nobody did.
    "me": text("Nobody has answered yet. I have called more helpers. Please don't wait for this: call."),
    # NOTE: without a form of address. Somebody who works at a school reported about a pupil.
    "pupil": text(
        "Nobody has answered yet. I have called more helpers. If the pupil needs help now, please don't wait for this: "
        "call."
    ),
}
NOBODY: Mapping[str, Text] = {
    # NOTE: child
    "me": text(
        "<b>Right now nobody is on duty.</b> Your report is kept, and the first helper who comes will read it. "
        "Please don't wait for that if you need help now: call."
    ),
    "pupil": text(
        "<b>Right now nobody is on duty.</b> The report is kept, and the first helper who comes will read it. "
        "If the pupil needs help now, please don't wait for that: call."
    ),
}


def is_broken(case: Case, stage: int) -> bool:
    """Whether whoever reported hears that a clock has passed when the case climbs to this rung: at the first two of a
    waiting. More of it would only be a torment."""
    return stage >= Stage.ESCALATED and case.stage < Stage.OUTSIDE
