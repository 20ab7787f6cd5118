"""Of what kind a report is. The words are those that helplines for children use, so that figures can be compared."""

from enum import StrEnum

from domain.messages import Text, text


class Concern(StrEnum):
    BULLYING = "bullying"
    HOME = "home"
    SCHOOL_ADULT = "school_adult"
    SEXUAL = "sexual"
    SELF_HARM = "self_harm"
    NEGLECT = "neglect"
    ONLINE = "online"
    DISCRIMINATION = "discrimination"
    INFORMATION = "information"
    OTHER = "other"


CONCERNS: dict[Concern, Text] = {
    # NOTE: button. Of what kind a report is.
    Concern.BULLYING: text("Bullying"),
    # NOTE: button. Of what kind a report is: violence at home.
    Concern.HOME: text("Home violence"),
    # NOTE: button. Of what kind a report is: violence by an adult who works at a school.
    Concern.SCHOOL_ADULT: text("School adult"),
    # NOTE: button. Of what kind a report is: sexual abuse or harassment.
    Concern.SEXUAL: text("Sexual abuse"),
    # NOTE: button. Of what kind a report is: a child hurts herself, or thinks of suicide.
    Concern.SELF_HARM: text("Self-harm"),
    # NOTE: button. Of what kind a report is: nobody cares for a child.
    Concern.NEGLECT: text("Neglect"),
    # NOTE: button. Of what kind a report is: it happens on the internet.
    Concern.ONLINE: text("Online"),
    # NOTE: button. Of what kind a report is: somebody is treated worse for who she is.
    Concern.DISCRIMINATION: text("Discrimination"),
    # NOTE: button. Of what kind a report is: somebody only asks for information.
    Concern.INFORMATION: text("Information"),
    # NOTE: button. Of what kind a report is: none of the others.
    Concern.OTHER: text("Other"),
}
