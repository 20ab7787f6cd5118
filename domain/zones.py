"""What the time zones are called that people live in."""

from domain.messages import Text, text

ZONE_NAMES: dict[str, Text] = {
    # NOTE: button. The time zone of this city.
    "Asia/Baku": text("Baku"),
    # NOTE: button. The time zone of this city.
    "Asia/Almaty": text("Almaty"),
    # NOTE: button. The time zone of this city.
    "Asia/Krasnoyarsk": text("Krasnoyarsk"),
    # NOTE: button. The time zone of this city.
    "Europe/Moscow": text("Moscow"),
    # NOTE: button. The time zone of this city.
    "Europe/Kyiv": text("Kyiv"),
}
ASK_ZONE = text("Which city's time do people there live by? Meetings there are called in it.")
