"""Short answers that are ready for those who only ask for information. Read by pupils of ten years and by teachers, so
without a form of address; whoever sends one sees it first."""

from dataclasses import dataclass

from domain.messages import Body, Text, paragraphs, text


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    label: Text
    body: Body


READY_ANSWERS: dict[str, ReadyAnswer] = {
    "call": ReadyAnswer(
        # NOTE: button. A ready answer: whom one can call.
        text("Whom to call"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("These are the numbers to call. Nobody has to say a name there."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("In danger the emergency number comes first. For a talk, the helpline for children is right."),
        ),
    ),
    "report": ReadyAnswer(
        # NOTE: button. A ready answer: what happens with a report.
        text("After a report"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("A helper reads the report, asks what is needed, and writes what comes next, step by step."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("If somebody is in serious danger, those who can protect must be told. A helper says so honestly."),
        ),
    ),
    "bullying": ReadyAnswer(
        # NOTE: button. A ready answer: what one can do about bullying.
        text("Bullying"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("Nobody deserves bullying, and whoever is bullied is never to blame."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("What helps: stay near others, keep messages and pictures, hit nobody, and tell an adult today."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("Whoever sees it helps, too: by standing beside the one it happens to, and by telling an adult."),
        ),
    ),
    "talk": ReadyAnswer(
        # NOTE: button. A ready answer: how to talk to an adult.
        text("To an adult"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("A good adult is one who listens: a parent, a teacher, a doctor, somebody's grandmother."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("A good beginning is: “Something happens to me, and I need help.” Writing it on paper works, too."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("If the first adult does not help, the next one may. It is right to go on asking."),
        ),
    ),
    "school": ReadyAnswer(
        # NOTE: button. A ready answer: what a school must do.
        text("School's duty"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("A school must protect every pupil: on its premises, on its trips and in its chats."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("When it hears of violence, it must act at once, write it down, and say what was done."),
        ),
    ),
    "online": ReadyAnswer(
        # NOTE: button. A ready answer: what one can do about trouble on the internet.
        text("Online safety"),
        paragraphs(
            # NOTE: read by pupils and by teachers: without a form of address
            text("What helps: send nothing more, keep the messages, block the account, and tell an adult."),
            # NOTE: read by pupils and by teachers: without a form of address
            text("Whoever threatens with a picture does wrong, whatever was sent before. Paying does not end it."),
        ),
    ),
}
