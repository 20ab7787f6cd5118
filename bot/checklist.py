"""What the configuration says of the hotline: the part of its checklist that no row of the database knows."""

from bot.config import Settings
from bot.render import Renderer
from domain.hotline_checklist import Setup
from handlers.cases.notice import NOTICE


def setup_of(settings: Settings, renderer: Renderer) -> Setup:
    return Setup(settings.has_second_route, renderer.without(NOTICE), settings.can_mail)
