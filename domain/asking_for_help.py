"""Words that ask for help and say nothing else: a child who types them is shown the way to the hotline.

They are no sign of danger: nobody is offered more than what /hotline offers. Only a whole message counts, so that "Help
me with the homework, please" is none of them.
"""

from functools import cache

from domain.distress import fold
from domain.messages import Button, button, text

PHRASES: dict[str, tuple[str, ...]] = {
    "az": (
        "kömək",
        "kömək et",
        "kömək edin",
        "mənə kömək",
        "mənə kömək et",
        "mənə kömək edin",
        "mənə kömək lazımdır",
        "kömək lazımdır",
        "köməyə ehtiyacım var",
        "imdad",
    ),
    "kk": (
        "көмек",
        "көмек керек",
        "маған көмек керек",
        "көмектес",
        "көмектесші",
        "көмектесіңіз",
        "көмектесіңізші",
        "маған көмектес",
        "маған көмектесші",
        "маған көмектесіңіз",
        "маған көмектесіңізші",
    ),
    "ru": (
        "помощь",
        "нужна помощь",
        "мне нужна помощь",
        "помоги",
        "помогите",
        "помоги мне",
        "помогите мне",
        "мне помогите",
        "на помощь",
        "спасите",
        "сос",
    ),
    "uk": (
        "допомога",
        "потрібна допомога",
        "мені потрібна допомога",
        "допоможи",
        "допоможіть",
        "допоможи мені",
        "допоможіть мені",
        "на допомогу",
        "рятуйте",
    ),
    "en": ("help", "help me", "please help", "please help me", "help me please", "i need help", "sos"),
}


def is_asked(words: str) -> bool:
    return fold(words) in _folded()


@cache
def _folded() -> frozenset[str]:
    return frozenset(fold(phrase) for phrases in PHRASES.values() for phrase in phrases)


def danger_button() -> Button:
    """Stands on every screen of the hotline."""
    # NOTE: button. Somebody is in danger this very moment.
    return button(text("🆘 Danger now"), "hl.danger")
