"""What is said to a person whose date or time can't be taken: why, and an example."""

from domain.messages import Refused, Text, text
from domain.when import NotUnderstood

_WHY: dict[NotUnderstood, Text] = {
    NotUnderstood.NO_DATE: text("I could not find a day in this. Please write it like this: 7 December 18:00"),
    NotUnderstood.NO_TIME: text("Which time of that day? Please write it like this: 7 December 18:00"),
    NotUnderstood.AMBIGUOUS: text(
        "I am not sure which day or time you mean. Please write it like this: 7 December 18:00"
    ),
    NotUnderstood.DISAGREE: text("The weekday and the date don't belong together. Please look into the calendar."),
    NotUnderstood.PAST: text("This time is over already. Please write one that lies ahead."),
    NotUnderstood.TOO_FAR: text("This is too far away. Please choose a day within the next two years."),
    NotUnderstood.NO_SUCH_TIME: text("There is no such day or time. Please look into the calendar."),
    NotUnderstood.END_BEFORE_START: text("The end lies before the start. Please write both again."),
    NotUnderstood.REPEATS: text("I need one single day, not one that repeats. For example: 7 December 18:00"),
    NotUnderstood.OTHER_ZONE: text("Please write the time by your own clock; I show it to others by theirs."),
}


def ask_again(why: NotUnderstood) -> Refused:
    return Refused(_WHY[why])
