"""What the configuration says of the hotline: the part of its checklist that no row of the database knows."""

from bot.config import Settings
from bot.render import Renderer
from domain.hotline_checklist import Setup
from handlers.cases.notice import NOTICE


def setup_of(settings: Settings, renderer: Renderer) -> Setup:
    """A messenger that is a stand-in calls nobody: it needs no second route."""
    has_mail = bool(settings.smtp.get_secret_value())
    return Setup(has_mail or settings.is_stand_in, renderer.without(NOTICE))
