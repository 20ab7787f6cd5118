"""What a second person is asked to agree to, in words, and the buttons under it."""

from domain.cases import RISKS, Case, Kind, Part, Reason, Risk, Side
from domain.messages import Body, Button, Text, Words, button, lines, text
from domain.second_person import Ask, Matter
from domain.triage import LOWER_REASONS, LowerReason
from handlers.cases import parts

REASONS: dict[Reason, Text] = {
    # NOTE: button. Why a report is closed.
    Reason.HELPED: text("Helped"),
    # NOTE: button. Why a report is closed: only information was asked for.
    Reason.INFORMED: text("Information given"),
    # NOTE: button. Why a report is closed: another agency goes on with it.
    Reason.HANDED_ON: text("Handed on"),
    # NOTE: button. Why a report is closed.
    Reason.UNFOUNDED: text("Unfounded"),
}


def wanted(case: Case, ask: Ask) -> Body:
    """Case text: for a protected copy alone."""
    content = ask.content
    match ask.matter:
        case Matter.CLOSING if content["reason"] == Reason.WITHDRAWN:
            return text("case %(number)s: taken back by the reporter, to be closed.", number=Words(case.number))
        case Matter.CLOSING:
            told = text(
                "To be closed with the words below. Nobody has answered since it was taken. To: %(name)s",
                name=case.reporter.name,
            )
            summary = Part(Side.HELPER, Kind.WORDS, content["summary"], ready=content.get("ready", ""))
            return lines(told, REASONS[Reason(content["reason"])], parts.said(summary))
        case Matter.LOWERING:
            return lines(
                text("Somebody asks for a lower risk: %(risk)s", risk=RISKS[Risk(content["risk"])]),
                text("Reason: %(reason)s", reason=LOWER_REASONS[LowerReason(content["reason"])]),
            )
        case Matter.KEEPING_OUT:
            number, name = Words(case.number), Words(content["name"])
            return text("case %(number)s: must no longer know of it: %(name)s", number=number, name=name)
        case Matter.UNMASKING:
            return _with_reason(text("case %(number)s: somebody asks for the name.", number=Words(case.number)), ask)
        case Matter.BREAKING:
            opened = text("case %(number)s: somebody has opened the name in danger.", number=Words(case.number))
            return _with_reason(opened, ask)


def _with_reason(told: Text, ask: Ask) -> Body:
    return lines(told, text("Reason: %(reason)s", reason=reason_of(ask)))


def reason_of(ask: Ask) -> Text | Words:
    """Why somebody asks for the name: one of our reasons, or her own words."""
    return BREAK_REASONS.get(ask.content["reason"]) or Words(ask.content["reason"])


BREAK_REASONS: dict[str, Text] = {
    # NOTE: button. Why the name of a child is needed at once: somebody must go there.
    "go": text("Send help"),
    # NOTE: button. Why the name of a child is needed at once: the police or an ambulance asks for it.
    "112": text("For 112"),
    # NOTE: button. Why the name of a child is needed at once: the child answers no more.
    "silent": text("No answer"),
}


def doors(case: Case, ask: Ask) -> list[Button]:
    yes, no = _DOORS[ask.matter]
    return [button(yes, "cs.agree", case.id, ask.id), button(no, "cs.keep", case.id, ask.id)]


_DOORS: dict[Matter, tuple[Text, Text]] = {
    # NOTE: two buttons. A second person agrees that a report is closed; or wants it to stay open.
    Matter.CLOSING: (text("Close it"), text("Keep it open")),
    # NOTE: two buttons. A second person agrees that a report is less urgent; or it stays as urgent as it is.
    Matter.LOWERING: (text("Lower it"), text("Keep the risk")),
    # NOTE: two buttons. A second person lets somebody see the name of whoever reported; or doesn't.
    Matter.UNMASKING: (text("Show it"), text("Don't show it")),
    # NOTE: two buttons. A second person agrees that somebody must not know of a report; or doesn't.
    Matter.KEEPING_OUT: (text("Keep out"), text("Let her stay")),
    # NOTE: two buttons. A second person judges whether it was right to open the name of whoever reported.
    Matter.BREAKING: (text("Justified"), text("Not justified")),
}
